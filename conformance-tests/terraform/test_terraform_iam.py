"""Every `aws_iam_*` resource and data source of the real provider: apply, plan without drift, change, apply, destroy, nothing left.

`iam/` is one configuration. Files of it whose operations the server does not have are left out, and what they would show is not asked for.
"""

import shutil
import subprocess

import pytest

from clients import error_of
from test_terraform import ACCOUNT, initialised, outputs, plan_is_clean

#: Files of the configuration, with an operation that they stand and fall with.
PARTS = {
    "account": ("list_account_aliases", {}),
    "credentials": ("list_server_certificates", {}),
    "federation": ("list_saml_providers", {}),
    "mfa": ("list_virtual_mfa_devices", {}),
    "organization": ("list_organizations_features", {}),
    "simulation": ("get_context_keys_for_custom_policy", {"PolicyInputList": ["{}"]}),
}
#: An organization of the account alone.
ORGANIZATION = {"id": "o-a1b2c3d4e5", "managementAccount": ACCOUNT, "trustedServices": ["iam.amazonaws.com"],
                "root": {"id": "r-ab12", "accounts": [{"id": ACCOUNT, "name": "management"}]}}
METADATA = """<?xml version="1.0"?>
<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://idp.example.com/{name}">
  <IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol" WantAuthnRequestsSigned="false">
    <KeyDescriptor use="signing">
      <KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>{certificate}</X509Certificate></X509Data></KeyInfo>
    </KeyDescriptor>
    <NameIDFormat>urn:oasis:names:tc:SAML:2.0:nameid-format:persistent</NameIDFormat>
    <SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://idp.example.com/{name}/sso"/>
  </IDPSSODescriptor>
</EntityDescriptor>
"""


def certificate(folder, name):
    """A certificate that signs itself, and its key, as PEM."""
    key, body = folder / f"{name}.key", folder / f"{name}.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "3650", "-subj", f"/CN={name}.example.com",
                    "-keyout", key, "-out", body], check=True, capture_output=True)
    return {"body": body.read_text(), "key": key.read_text()}


def ssh_key(folder):
    subprocess.run(["ssh-keygen", "-q", "-t", "rsa", "-b", "2048", "-N", "", "-C", "ann", "-f", folder / "ssh"], check=True)
    return (folder / "ssh.pub").read_text().strip()


def is_built(iam, operation, parameters):
    try:
        getattr(iam, operation)(**parameters)
    except iam.exceptions.ClientError as error:
        return error.response["Error"]["Code"] != "NotImplemented"
    return True


@pytest.fixture(scope="module")
def built(server):
    iam = server.client("iam")
    return {part for part, (operation, parameters) in PARTS.items() if is_built(iam, operation, parameters)}


@pytest.fixture(scope="module")
def terraform(server, built, tmp_path_factory):
    folder = tmp_path_factory.mktemp("terraform")
    for program in ("openssl", "ssh-keygen"):
        if not shutil.which(program):
            pytest.skip(f"{program} is not on the PATH")
    certificates = {name: certificate(folder, name) for name in ("user", "site")}
    encoded = "".join(certificates["user"]["body"].split("-----")[2].split())
    metadata = {name: METADATA.format(name=name, certificate=encoded) for name in ("one", "two")}
    variables = {"certificates": certificates, "ssh_key": ssh_key(folder), "saml_metadata": metadata,
                 "force_destroy": {"credentials", "mfa"} <= built}
    if "organization" in built:
        server.admin("PUT", "organization", ORGANIZATION)
    return initialised(server, folder, "iam", variables, without=[f"{part}.tf" for part in PARTS if part not in built])


def test_everything_of_iam(server, built, terraform):
    iam = server.client("iam")
    changed = ("-var", "team=green")

    terraform("apply", "-no-color", "-auto-approve")
    shown = outputs(terraform)
    told = shown["told"]
    assert told["user"] == f"arn:aws:iam::{ACCOUNT}:user/people/ann"
    assert (told["people"], told["readers"], told["roles"]) == (["ann"], ["bob"], ["app"])
    assert (told["role"], told["profile"], told["profiles"]) == ("For the blue app", "app", ["app"])
    assert told["policy"] == f"arn:aws:iam::{ACCOUNT}:policy/iam/read"
    assert told["issuer"] == f"arn:aws:iam::{ACCOUNT}:role/iam/app"
    assert told["linked"].endswith("/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling_tf")
    assert told["keys"] == ["Active"]
    assert tags_of(iam.list_user_tags(UserName="ann")) == {"team": "blue", "story": "pics"}
    expected = {
        "account": {"alias": "rolecall-one"},
        "credentials": {"certificate": "/cloudfront/", "ssh_key": "Active"},
        "federation": {"clients": ["sts.amazonaws.com"], "by_url": f"arn:aws:iam::{ACCOUNT}:oidc-provider/ci.example.com", "saml": "corp"},
        "simulation": {"s3:GetObject": "allowed", "s3:PutObject": "implicitDeny"},
    }
    assert {part: value for part, value in shown.items() if part != "told"} == {
        part: value for part, value in expected.items() if part in built}
    plan_is_clean(terraform)

    terraform("apply", "-no-color", "-auto-approve", *changed)
    plan_is_clean(terraform, *changed)
    shown = outputs(terraform)
    told = shown["told"]
    assert told["user"] == f"arn:aws:iam::{ACCOUNT}:user/people/moved/ann"
    assert sorted(told["readers"]) == ["cat", "robert"]
    assert (told["role"], told["keys"]) == ("For the green app", ["Inactive"])
    assert tags_of(iam.list_policy_tags(PolicyArn=told["policy"])) == {"team": "green", "story": "pics"}
    assert len(iam.list_policy_versions(PolicyArn=told["policy"])["Versions"]) == 2
    assert iam.get_role(RoleName="AWSServiceRoleForAutoScaling_tf")["Role"]["Description"] == "For green groups"
    if "federation" in built:
        assert sorted(shown["federation"]["clients"]) == ["other", "sts.amazonaws.com"]
    if "account" in built:
        assert shown["account"]["alias"] == "rolecall-two"
        assert iam.get_account_password_policy()["PasswordPolicy"]["MinimumPasswordLength"] == 14

    terraform("destroy", "-no-color", "-auto-approve", *changed)
    assert [user["UserName"] for user in iam.list_users()["Users"]] == ["terraform"]
    for left in (iam.list_roles()["Roles"], iam.list_groups()["Groups"], iam.list_instance_profiles()["InstanceProfiles"],
                 iam.list_policies(Scope="Local")["Policies"]):
        assert left == []
    for part, operation, kept in (
            ("account", "list_account_aliases", "AccountAliases"), ("federation", "list_saml_providers", "SAMLProviderList"),
            ("federation", "list_open_id_connect_providers", "OpenIDConnectProviderList"),
            ("credentials", "list_server_certificates", "ServerCertificateMetadataList"),
            ("mfa", "list_virtual_mfa_devices", "VirtualMFADevices")):
        if part in built:
            assert getattr(iam, operation)()[kept] == [], operation
    if "account" in built:
        assert error_of(iam.get_account_password_policy)[0] == "NoSuchEntity"


def tags_of(answer):
    return {tag["Key"]: tag["Value"] for tag in answer["Tags"]}
