"""Passwords, aliases, certificates, SSH keys and service-specific credentials, through boto3: what each operation does as another one shows it."""

import base64
import datetime
import hashlib

import pytest
from certificates import PKCS8, TRADITIONAL, certificate, curve_key, expiry, private, public_line, public_pem, rsa_key
from conftest import allow, error_of, make_user


@pytest.fixture(scope="module")
def iam(server):
    return server.client("iam")


@pytest.fixture
def user(iam, request):
    name = request.node.name[:64].replace("[", ".").replace("]", "")
    iam.create_user(UserName=name)
    return name


def test_login_profile(iam, user):
    profile = iam.create_login_profile(UserName=user, Password="Correct-1", PasswordResetRequired=True)["LoginProfile"]
    assert (profile["UserName"], profile["PasswordResetRequired"]) == (user, True)
    assert iam.get_login_profile(UserName=user)["LoginProfile"] == profile
    iam.update_login_profile(UserName=user, PasswordResetRequired=False)
    assert not iam.get_login_profile(UserName=user)["LoginProfile"]["PasswordResetRequired"]
    assert error_of(iam.delete_user, UserName=user) == ("DeleteConflict", "Cannot delete entity, must delete login profile first.", 409)
    iam.delete_login_profile(UserName=user)
    assert error_of(iam.get_login_profile, UserName=user)[0] == "NoSuchEntity"
    iam.delete_user(UserName=user)


def test_change_password(server, iam):
    mine = server.client("iam", make_user(iam, "changer", allow("iam:ChangePassword", "arn:aws:iam::*:user/${aws:username}")))
    iam.create_login_profile(UserName="changer", Password="Correct-1")
    mine.change_password(OldPassword="Correct-1", NewPassword="Better-22")
    assert error_of(mine.change_password, OldPassword="Correct-1", NewPassword="Other-333") == (
        "AccessDenied", "The old password was incorrect.", 403)
    mine.change_password(OldPassword="Better-22", NewPassword="Other-333")


def test_password_policy(make_server):
    server = make_server()
    iam = server.client("iam")
    assert error_of(iam.get_account_password_policy)[0] == "NoSuchEntity"
    iam.update_account_password_policy(MinimumPasswordLength=10, PasswordReusePrevention=1, MaxPasswordAge=90, AllowUsersToChangePassword=True)
    policy = iam.get_account_password_policy()["PasswordPolicy"]
    assert policy == {
        "MinimumPasswordLength": 10, "RequireSymbols": False, "RequireNumbers": False, "RequireUppercaseCharacters": False,
        "RequireLowercaseCharacters": False, "AllowUsersToChangePassword": True, "ExpirePasswords": True, "MaxPasswordAge": 90,
        "PasswordReusePrevention": 1}
    mine = server.client("iam", make_user(iam, "changer"))
    iam.create_login_profile(UserName="changer", Password="0123456789")
    assert error_of(mine.change_password, OldPassword="0123456789", NewPassword="0123456789")[0] == "PasswordPolicyViolation"
    mine.change_password(OldPassword="0123456789", NewPassword="9876543210")
    assert mine.get_account_password_policy()["PasswordPolicy"] == policy
    iam.update_account_password_policy()
    assert error_of(mine.change_password, OldPassword="9876543210", NewPassword="0123456789")[0] == "AccessDenied"
    assert iam.get_account_password_policy()["PasswordPolicy"]["MinimumPasswordLength"] == 6
    iam.delete_account_password_policy()
    assert error_of(iam.get_account_password_policy)[0] == "NoSuchEntity"


def test_passwords_are_neither_stored_nor_logged(make_server):
    server = make_server()
    iam = server.client("iam")
    iam.create_user(UserName="bob")
    iam.create_login_profile(UserName="bob", Password="Never-shown-1")
    iam.update_login_profile(UserName="bob", Password="Never-shown-2")
    server.stop()
    for path in server.folder.iterdir():
        assert b"Never-shown" not in path.read_bytes(), path
    server.start()
    assert server.client("iam").get_login_profile(UserName="bob")["LoginProfile"]["UserName"] == "bob"


def test_account_alias(server, iam):
    iam.create_account_alias(AccountAlias="first")
    iam.create_account_alias(AccountAlias="second")
    assert iam.list_account_aliases()["AccountAliases"] == ["second"]
    other = server.client("iam", server.account("111111111111"))
    assert error_of(other.create_account_alias, AccountAlias="second")[0] == "EntityAlreadyExists"
    other.create_account_alias(AccountAlias="first")
    iam.delete_account_alias(AccountAlias="second")
    assert iam.list_account_aliases()["AccountAliases"] == []
    assert other.list_account_aliases()["AccountAliases"] == ["first"]


def test_signing_certificates(iam, user):
    bodies = [certificate("one", curve_key()), certificate("two", curve_key())]
    first = iam.upload_signing_certificate(UserName=user, CertificateBody=bodies[0])["Certificate"]
    assert (first["UserName"], first["Status"], first["CertificateBody"]) == (user, "Active", bodies[0])
    iam.update_signing_certificate(UserName=user, CertificateId=first["CertificateId"], Status="Inactive")
    assert error_of(iam.update_signing_certificate, UserName=user, CertificateId=first["CertificateId"], Status="Expired")[0] == "InvalidInput"
    listed = iam.list_signing_certificates(UserName=user)["Certificates"]
    assert listed == [{**first, "Status": "Inactive"}]
    iam.upload_signing_certificate(UserName=user, CertificateBody=bodies[1])
    assert error_of(iam.upload_signing_certificate, UserName=user, CertificateBody=certificate("three", curve_key())) == (
        "LimitExceeded", "Cannot exceed quota for CertificatesPerUser: 2", 409)
    assert error_of(iam.delete_user, UserName=user)[1] == "Cannot delete entity, must delete certificates first."
    iam.delete_signing_certificate(UserName=user, CertificateId=first["CertificateId"])
    assert [one["CertificateBody"] for one in iam.list_signing_certificates(UserName=user)["Certificates"]] == bodies[1:]
    # Also on another user's, and a second time.
    iam.create_user(UserName=user + "2")
    again = iam.upload_signing_certificate(UserName=user, CertificateBody=bodies[1])["Certificate"]
    assert [one["CertificateId"] for one in iam.list_signing_certificates(UserName=user)["Certificates"]] == [again["CertificateId"]]
    assert error_of(iam.upload_signing_certificate, UserName=user + "2", CertificateBody=bodies[1])[0] == "DuplicateCertificate"
    old = certificate("old", curve_key(), since=datetime.datetime(2001, 1, 1))
    assert error_of(iam.upload_signing_certificate, UserName=user + "2", CertificateBody=old)[0] == "MalformedCertificate"


def test_root_has_signing_certificates(iam):
    uploaded = iam.upload_signing_certificate(CertificateBody=certificate("root's", curve_key()))["Certificate"]
    assert "UserName" not in uploaded
    assert [one["CertificateId"] for one in iam.list_signing_certificates()["Certificates"]] == [uploaded["CertificateId"]]
    iam.delete_signing_certificate(CertificateId=uploaded["CertificateId"])
    assert iam.list_signing_certificates()["Certificates"] == []


@pytest.mark.parametrize("kind", ["rsa", "rsa-pkcs8", "curve", "curve-pkcs8"])
def test_server_certificate(iam, kind):
    authority, key = curve_key(), rsa_key() if kind.startswith("rsa") else curve_key()
    form = PKCS8 if kind.endswith("pkcs8") else TRADITIONAL
    body, chain = certificate(kind, key, "authority", authority), certificate("authority", authority)
    uploaded = iam.upload_server_certificate(
        ServerCertificateName=kind, Path="/web/", CertificateBody=body, PrivateKey=private(key, form), CertificateChain=chain,
        Tags=[{"Key": "team", "Value": "red"}])
    metadata = uploaded["ServerCertificateMetadata"]
    assert metadata["Arn"] == f"arn:aws:iam::000000000000:server-certificate/web/{kind}"
    assert metadata["Expiration"] == expiry(body)
    found = iam.get_server_certificate(ServerCertificateName=kind)["ServerCertificate"]
    assert found == {"ServerCertificateMetadata": metadata, "CertificateBody": body.strip(), "CertificateChain": chain.strip(), "Tags": uploaded["Tags"]}
    assert metadata in iam.list_server_certificates(PathPrefix="/web/")["ServerCertificateMetadataList"]
    assert error_of(iam.upload_server_certificate, ServerCertificateName=kind + "x", CertificateBody=body, PrivateKey=private(curve_key()))[0] \
        == "KeyPairMismatch"
    iam.delete_server_certificate(ServerCertificateName=kind)
    assert error_of(iam.get_server_certificate, ServerCertificateName=kind)[0] == "NoSuchEntity"


def test_server_certificate_changes(iam):
    key = curve_key()
    iam.upload_server_certificate(ServerCertificateName="before", CertificateBody=certificate("site", key), PrivateKey=private(key))
    iam.update_server_certificate(ServerCertificateName="before", NewServerCertificateName="after", NewPath="/moved/")
    metadata = iam.get_server_certificate(ServerCertificateName="after")["ServerCertificate"]["ServerCertificateMetadata"]
    assert (metadata["ServerCertificateName"], metadata["Path"]) == ("after", "/moved/")
    iam.tag_server_certificate(ServerCertificateName="after", Tags=[{"Key": "b", "Value": "2"}, {"Key": "a", "Value": "1"}])
    assert iam.list_server_certificate_tags(ServerCertificateName="after")["Tags"] == [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]
    iam.untag_server_certificate(ServerCertificateName="after", TagKeys=["a"])
    assert iam.get_server_certificate(ServerCertificateName="after")["ServerCertificate"]["Tags"] == [{"Key": "b", "Value": "2"}]
    tags = [{"Key": f"k{number}", "Value": ""} for number in range(50)]
    assert error_of(iam.tag_server_certificate, ServerCertificateName="after", Tags=tags)[0] == "LimitExceeded"
    key = curve_key()
    broken = {"CertificateBody": certificate("x", key), "PrivateKey": private(key), "CertificateChain": certificate("y", curve_key())}
    assert error_of(iam.upload_server_certificate, ServerCertificateName="x", **broken)[0] == "MalformedCertificate"
    assert iam.list_server_certificates(PathPrefix="/moved/")["ServerCertificateMetadataList"] == [metadata]


def test_server_certificates_per_account(make_server):
    iam = make_server("--quotas", "aws").client("iam")
    key = curve_key()
    arguments = {"CertificateBody": certificate("site", key), "PrivateKey": private(key)}
    for number in range(20):
        iam.upload_server_certificate(ServerCertificateName=f"site-{number}", **arguments)
    assert error_of(iam.upload_server_certificate, ServerCertificateName="one-more", **arguments) == (
        "LimitExceeded", "Cannot exceed quota for ServerCertificatesPerAccount: 20", 409)


def test_ssh_public_keys(iam, user):
    key = rsa_key()
    pem = public_pem(key)
    uploaded = iam.upload_ssh_public_key(UserName=user, SSHPublicKeyBody=public_line(key))["SSHPublicKey"]
    key_id = uploaded["SSHPublicKeyId"]
    blob = base64.b64decode(public_line(key).split()[1])
    assert uploaded["Fingerprint"].replace(":", "") == hashlib.md5(blob).hexdigest()
    assert iam.get_ssh_public_key(UserName=user, SSHPublicKeyId=key_id, Encoding="SSH")["SSHPublicKey"] == uploaded
    assert iam.get_ssh_public_key(UserName=user, SSHPublicKeyId=key_id, Encoding="PEM")["SSHPublicKey"]["SSHPublicKeyBody"] == pem
    assert error_of(iam.upload_ssh_public_key, UserName=user, SSHPublicKeyBody=pem)[0] == "DuplicateSSHPublicKey"
    iam.update_ssh_public_key(UserName=user, SSHPublicKeyId=key_id, Status="Inactive")
    assert error_of(iam.update_ssh_public_key, UserName=user, SSHPublicKeyId=key_id, Status="Expired")[0] == "InvalidInput"
    listed = iam.list_ssh_public_keys(UserName=user)["SSHPublicKeys"]
    assert [(one["SSHPublicKeyId"], one["Status"]) for one in listed] == [(key_id, "Inactive")]
    assert error_of(iam.delete_user, UserName=user)[1] == "Cannot delete entity, must remove referenced objects first."
    for _ in range(4):
        iam.upload_ssh_public_key(UserName=user, SSHPublicKeyBody=public_line(rsa_key()))
    assert error_of(iam.upload_ssh_public_key, UserName=user, SSHPublicKeyBody=public_line(rsa_key())) == (
        "LimitExceeded", "Cannot exceed quota for SSHPublicKeysPerUser: 5", 409)
    iam.delete_ssh_public_key(UserName=user, SSHPublicKeyId=key_id)
    assert len(iam.list_ssh_public_keys(UserName=user)["SSHPublicKeys"]) == 4
    assert error_of(iam.upload_ssh_public_key, UserName=user, SSHPublicKeyBody=public_line(rsa_key(1024)))[0] == "InvalidPublicKey"


def test_service_specific_credentials(server, iam, user):
    def listed(**more):
        return iam.list_service_specific_credentials(**more)["ServiceSpecificCredentials"]

    made = iam.create_service_specific_credential(UserName=user, ServiceName="codecommit.amazonaws.com")["ServiceSpecificCredential"]
    password, credential_id = made.pop("ServicePassword"), made["ServiceSpecificCredentialId"]
    assert (made["ServiceUserName"], made["Status"]) == (f"{user}-at-000000000000", "Active")
    assert listed(UserName=user) == [made]
    reset = iam.reset_service_specific_credential(UserName=user, ServiceSpecificCredentialId=credential_id)["ServiceSpecificCredential"]
    assert reset.pop("ServicePassword") != password and reset == made
    iam.update_service_specific_credential(UserName=user, ServiceSpecificCredentialId=credential_id, Status="Inactive")
    assert listed(UserName=user)[0]["Status"] == "Inactive"
    key = iam.create_service_specific_credential(UserName=user, ServiceName="bedrock.amazonaws.com", CredentialAgeDays=7)
    key = key["ServiceSpecificCredential"]
    assert key["ExpirationDate"] - key["CreateDate"] == datetime.timedelta(days=7)
    assert "ServicePassword" not in key and key["ServiceCredentialSecret"].startswith("ABSK")
    server.advance("192h")
    assert [one["Status"] for one in listed(UserName=user, ServiceName="bedrock.amazonaws.com")] == ["Expired"]
    iam.create_user(UserName=user + "2")
    iam.create_service_specific_credential(UserName=user + "2", ServiceName="codecommit.amazonaws.com")
    everybody = listed(AllUsers=True, ServiceName="codecommit.amazonaws.com")
    assert [one["UserName"] for one in everybody] == [user, user + "2"]
    page = iam.list_service_specific_credentials(AllUsers=True, MaxItems=1)
    assert page["IsTruncated"] and listed(AllUsers=True, Marker=page["Marker"], MaxItems=2) == listed(AllUsers=True)[1:]
    iam.create_service_specific_credential(UserName=user, ServiceName="codecommit.amazonaws.com")
    assert error_of(iam.create_service_specific_credential, UserName=user, ServiceName="codecommit.amazonaws.com") == (
        "LimitExceeded", "Cannot exceed quota for ContextSpecificCredentialsPerUserPerContext: 2", 409)
    iam.delete_service_specific_credential(UserName=user, ServiceSpecificCredentialId=credential_id)
    assert credential_id not in [one["ServiceSpecificCredentialId"] for one in listed(UserName=user)]


def test_root_keys(server):
    """Without a name, root acts on its own access keys."""
    root = server.client("iam", server.account("222222222222"))
    root.create_user(UserName="bob")
    theirs = root.create_access_key(UserName="bob")["AccessKey"]["AccessKeyId"]
    made = root.create_access_key()["AccessKey"]
    assert "UserName" not in made
    assert [key["AccessKeyId"] for key in root.list_access_keys()["AccessKeyMetadata"]] == [made["AccessKeyId"]]
    key = (made["AccessKeyId"], made["SecretAccessKey"])
    assert server.client("sts", key).get_caller_identity()["Arn"] == "arn:aws:iam::222222222222:root"
    assert error_of(root.delete_access_key, AccessKeyId=theirs)[0] == "NoSuchEntity"
    root.update_access_key(AccessKeyId=key[0], Status="Inactive")
    assert [key["Status"] for key in root.list_access_keys()["AccessKeyMetadata"]] == ["Inactive"]
    assert error_of(server.client("sts", key).get_caller_identity)[0] == "InvalidClientTokenId"
    root.delete_access_key(AccessKeyId=key[0])
    assert root.list_access_keys()["AccessKeyMetadata"] == []
