"""Organisations: how one comes about, its policies in force at every level, the features for member accounts' root users, and sessions as them;
reports of what the accounts last accessed.

Management account 111111111111; 222222222222 administers IAM for it; 333333333333 is a plain member under two units; 444444444444 is none.
"""

import copy
import json

import pytest

from conftest import allow, error_of, make_user, policy

MANAGEMENT, DELEGATED, MEMBER, OUTSIDE = "111111111111", "222222222222", "333333333333", "444444444444"
ID = "o-a1b2c3d4e5"
TASK = "arn:aws:iam::aws:policy/root-task/"


def scp(name, *statements, kind="SERVICE_CONTROL_POLICY"):
    return {"id": "p-" + name.lower(), "name": name, "type": kind, "document": json.loads(policy(*statements))}


def deny(action, **more):
    return {"Effect": "Deny", "Action": action, "Resource": "*", **more}


ORGANIZATION = {
    "id": ID,
    "managementAccount": MANAGEMENT,
    "trustedServices": ["iam.amazonaws.com"],
    "delegatedAdministrators": {"iam.amazonaws.com": [DELEGATED]},
    "policies": [
        scp("NoGroupsAtAll", deny("iam:CreateGroup")),
        scp("OnlySomeServices", allow(["iam:*", "sts:*", "ec2:Describe*"])),
        scp("Perimeter", deny("sts:AssumeRole", Principal="*", Condition={
            "StringNotEqualsIfExists": {"aws:PrincipalOrgID": ID}, "BoolIfExists": {"aws:PrincipalIsAWSService": "false"}}),
            kind="RESOURCE_CONTROL_POLICY"),
    ],
    "root": {
        "id": "r-ab12",
        "policies": ["Perimeter"],
        "accounts": [{"id": MANAGEMENT, "name": "management"}, {"id": DELEGATED, "name": "security"}],
        "organizationalUnits": [{
            "id": "ou-ab12-11111111", "name": "work", "policies": ["NoGroupsAtAll"],
            "organizationalUnits": [{
                "id": "ou-ab12-22222222", "name": "tests", "policies": ["OnlySomeServices"], "fullAwsAccess": False,
                "accounts": [{"id": MEMBER, "name": "member", "tags": {"team": "red"}}],
            }],
        }],
    },
}


@pytest.fixture
def organized(server):
    server.admin("PUT", "organization", ORGANIZATION)
    yield server
    server.admin("POST", "reset")


def refused(server, method, body=None):
    return server.refused(method, "organization", body)


def changed(**more):
    return {**copy.deepcopy(ORGANIZATION), **more}


def test_admin_calls(server):
    assert refused(server, "GET") == (404, "no account is in an organization")
    assert refused(server, "DELETE") == (404, "no account is in an organization")
    put = server.admin("PUT", "organization", ORGANIZATION)
    assert server.admin("GET", "organization") == put
    assert server.admin("PUT", "organization", put) == put, "what is shown can be put"
    assert refused(server, "PUT", changed(managementAccount=OUTSIDE)) == (400, f"the management account `{OUTSIDE}` is not in the tree")
    broken = changed(policies=[scp("Broken", {"Effect": "Allow", "Action": "*"})])
    status, text = refused(server, "PUT", broken)
    assert status == 400
    assert text == ("the policy `p-broken` (Broken): The provided policy document does not meet the requirements of the specified policy type. "
                    "(no resources)") or text.startswith("`p-broken` is not a policy's id")
    assert server.admin("GET", "organization") == put, "a refused one changes nothing"
    shown = server.run("organization", "show").stdout
    assert f"    {MANAGEMENT} management (management account): FullAWSAccess" in shown, shown
    assert "      ou-ab12-22222222 tests: p-onlysomeservices" in shown, shown
    assert server.run("organization", "delete").returncode == 0
    assert refused(server, "GET") == (404, "no account is in an organization")


def test_a_file_at_the_start_and_after_it(make_server, tmp_path):
    file = tmp_path / "organization.json"
    file.write_text(json.dumps(ORGANIZATION))
    server = make_server("--organization", str(file))
    assert server.admin("GET", "organization")["id"] == ID
    server.admin("POST", "reset")
    assert server.admin("GET", "organization")["id"] == ID, "a reset goes back to the start, and that had a file"
    server.kill()
    server.arguments = ()
    server.start()
    assert server.admin("GET", "organization")["id"] == ID, "it is stored"
    iam = server.client("iam", server.account(MANAGEMENT))
    assert iam.enable_organizations_root_sessions()["EnabledFeatures"] == ["RootSessions"]
    server.kill()
    server.start()
    iam = server.client("iam", server.account(MANAGEMENT))
    assert iam.list_organizations_features()["EnabledFeatures"] == ["RootSessions"]


def test_every_level_of_service_control_policies(organized):
    iam = organized.client("iam", organized.account(MEMBER))
    key = make_user(iam, "ann", allow("*"))
    iam = organized.client("iam", key)
    code, text, status = error_of(iam.create_group, GroupName="g")
    assert (code, status) == ("AccessDenied", 403)
    assert text == (f"User: arn:aws:iam::{MEMBER}:user/ann is not authorized to perform: iam:CreateGroup on resource: "
                    f"arn:aws:iam::{MEMBER}:group/g with an explicit deny in a service control policy: "
                    f"arn:aws:organizations::{MANAGEMENT}:policy/{ID}/service_control_policy/p-nogroupsatall")
    ec2 = organized.client("ec2", key)
    assert ec2.describe_vpcs()["Vpcs"]
    code, text, _ = error_of(ec2.create_key_pair, KeyName="k", KeyType="ed25519")
    assert code == "UnauthorizedOperation"
    assert "because no service control policy allows the ec2:CreateKeyPair action" in text

    def why(action):
        [denied] = organized.admin("GET", f"decisions?verdict=denied&action={action}&limit=1")["decisions"]
        return organized.run("why", denied["requestId"]).stdout

    assert "p-nogroupsatall` (attached to the unit `work` (ou-ab12-11111111))." in why("iam:CreateGroup")
    assert "What is missing is missing at the unit `tests` (ou-ab12-22222222)." in why("ec2:CreateKeyPair")
    # The member's root user is limited, the management account is not, nor is an account outside.
    assert error_of(organized.client("iam", organized.account(MEMBER)).create_group, GroupName="g")[0] == "AccessDenied"
    for account in (MANAGEMENT, OUTSIDE):
        organized.client("iam", organized.account(account)).create_group(GroupName="g")


def test_resource_control_policies_are_of_the_resources_account(organized):
    roles = {}
    for account in (MANAGEMENT, MEMBER):
        iam = organized.client("iam", organized.account(account))
        anybody = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]})
        roles[account] = iam.create_role(RoleName="open", AssumeRolePolicyDocument=anybody)["Role"]["Arn"]
    stranger = make_user(organized.client("iam", organized.account(OUTSIDE)), "stranger", allow("sts:*"))
    friend = make_user(organized.client("iam", organized.account(DELEGATED)), "friend", allow("sts:*"))
    assume = organized.client("sts", stranger).assume_role
    code, text, _ = error_of(assume, RoleArn=roles[MEMBER], RoleSessionName="s1")
    assert code == "AccessDenied"
    assert text == (f"User: arn:aws:iam::{OUTSIDE}:user/stranger is not authorized to perform: sts:AssumeRole on resource: {roles[MEMBER]} "
                    f"with an explicit deny in a resource control policy: "
                    f"arn:aws:organizations::{MANAGEMENT}:policy/{ID}/resource_control_policy/p-perimeter")
    assume(RoleArn=roles[MANAGEMENT], RoleSessionName="s1")
    organized.client("sts", friend).assume_role(RoleArn=roles[MEMBER], RoleSessionName="s1")


def test_condition_keys(organized):
    iam = organized.client("iam", organized.account(DELEGATED))
    path = f"{ID}/r-ab12/"
    key = make_user(iam, "ann", allow("iam:ListUsers", Condition={
        "StringEquals": {"aws:PrincipalOrgID": ID, "aws:ResourceOrgID": ID},
        "ForAnyValue:StringEquals": {"aws:PrincipalOrgPaths": path, "aws:ResourceOrgPaths": path}}))
    assert organized.client("iam", key).list_users()["Users"]
    organized.admin("DELETE", "organization")
    assert error_of(organized.client("iam", key).list_users)[0] == "AccessDenied"


FEATURES = {
    "enable_organizations_root_credentials_management": ["RootCredentialsManagement"],
    "disable_organizations_root_credentials_management": [],
    "enable_organizations_root_sessions": ["RootSessions"],
    "disable_organizations_root_sessions": [],
}


def test_features(organized):
    management = organized.client("iam", organized.account(MANAGEMENT))
    delegated = organized.client("iam", organized.account(DELEGATED))
    for operation, features in FEATURES.items():
        answer = getattr(management, operation)()
        assert (answer["OrganizationId"], answer["EnabledFeatures"]) == (ID, features)
        assert delegated.list_organizations_features()["EnabledFeatures"] == features
    for operation in ("enable_organizations_root_credentials_management", "enable_organizations_root_sessions"):
        assert error_of(getattr(delegated, operation))[0] == "CallerIsNotManagementAccountException"
    management.enable_organizations_root_sessions()
    assert delegated.disable_organizations_root_sessions()["EnabledFeatures"] == []


@pytest.mark.parametrize("operation", [*FEATURES, "list_organizations_features"])
def test_features_are_refused(organized, operation):
    def code(account):
        return error_of(getattr(organized.client("iam", organized.account(account)), operation))[0]

    assert code(OUTSIDE) == "OrganizationNotFoundException"
    organized.admin("PUT", "organization", changed(policies=[], root={"id": "r-ab12", "accounts": [{"id": MANAGEMENT}, {"id": DELEGATED}, {"id": MEMBER}]}))
    assert code(MEMBER) == "AccountNotManagementOrDelegatedAdministratorException"
    small = {"id": ID, "managementAccount": MANAGEMENT, "root": {"id": "r-ab12", "accounts": [{"id": MANAGEMENT}]}}
    organized.admin("PUT", "organization", small)
    assert code(MANAGEMENT) == "ServiceAccessNotEnabledException"
    organized.admin("PUT", "organization", {**small, "featureSet": "CONSOLIDATED_BILLING"})
    assert code(MANAGEMENT) == "OrganizationNotInAllFeaturesModeException"


ROOT = f"{ID}/r-ab12"
TESTS = f"{ROOT}/ou-ab12-11111111/ou-ab12-22222222"


def access_report(server, iam, path, **more):
    """The details of a finished report, by namespace in their order, and its last page."""
    job = iam.generate_organizations_access_report(EntityPath=path, **more)["JobId"]
    server.advance("1s")
    found, marker = {}, {}
    while marker is not None:
        page = iam.get_organizations_access_report(JobId=job, **marker)
        assert page["JobCompletionDate"] >= page["JobCreationDate"]
        found.update({detail["ServiceNamespace"]: detail for detail in page.get("AccessDetails", [])})
        marker = {"Marker": page["Marker"]} if page["IsTruncated"] else None
    return found, page


def test_reports_of_what_accounts_accessed(organized):
    member = organized.client("iam", organized.account(MEMBER))
    organized.client("ec2", make_user(member, "ann", allow("*")), region="eu-west-1").describe_vpcs()
    management = organized.client("iam", organized.account(MANAGEMENT))
    details, page = access_report(organized, management, TESTS)
    assert page["JobStatus"] == "COMPLETED" and list(details) == ["ec2", "iam", "sts"], "what the unit's policy allows"
    assert (page["NumberOfServicesAccessible"], page["NumberOfServicesNotAccessed"]) == (3, 1)
    assert (details["ec2"]["Region"], details["ec2"]["EntityPath"]) == ("eu-west-1", f"{TESTS}/{MEMBER}")
    assert details["ec2"]["TotalAuthenticatedEntities"] == 1 and "LastAuthenticatedTime" in details["ec2"]
    assert details["sts"] == {"ServiceName": "AWS Security Token Service", "ServiceNamespace": "sts", "TotalAuthenticatedEntities": 0}
    details, page = access_report(organized, management, ROOT)
    assert len(details) == page["NumberOfServicesAccessible"] > 300 and list(details) == sorted(details), "all pages"
    assert details["ec2"]["EntityPath"] == f"{TESTS}/{MEMBER}"
    details, _ = access_report(organized, management, ROOT, OrganizationsPolicyId="p-onlysomeservices")
    assert list(details) == ["ec2", "iam", "sts"]
    details, _ = access_report(organized, management, f"{ROOT}/{MANAGEMENT}")
    assert "EntityPath" not in details["ec2"] and details["iam"]["EntityPath"] == f"{ROOT}/{MANAGEMENT}"


def test_reports_sorted(organized):
    management = organized.client("iam", organized.account(MANAGEMENT))
    organized.client("ec2", organized.account(MEMBER)).describe_vpcs()
    job = management.generate_organizations_access_report(EntityPath=TESTS)["JobId"]
    organized.advance("1s")
    for key, names in {"SERVICE_NAMESPACE_ASCENDING": ["ec2", "iam", "sts"], "SERVICE_NAMESPACE_DESCENDING": ["sts", "iam", "ec2"],
                       "LAST_AUTHENTICATED_TIME_ASCENDING": ["iam", "sts", "ec2"], "LAST_AUTHENTICATED_TIME_DESCENDING": ["ec2", "iam", "sts"]}.items():
        details = management.get_organizations_access_report(JobId=job, SortKey=key)["AccessDetails"]
        assert [detail["ServiceNamespace"] for detail in details] == names, key


def test_jobs_of_reports(organized):
    management = organized.client("iam", organized.account(MANAGEMENT))
    job = management.generate_organizations_access_report(EntityPath=ROOT)["JobId"]
    assert management.generate_organizations_access_report(EntityPath=ROOT)["JobId"] == job, "asked again"
    early = management.get_organizations_access_report(JobId=job)
    assert early["JobStatus"] == "IN_PROGRESS" and "AccessDetails" not in early and "JobCompletionDate" not in early
    assert error_of(management.generate_organizations_access_report, EntityPath=TESTS) == (
        "ReportGenerationLimitExceeded", "Maximum number of concurrent jobs exceeded", 409)
    organized.advance("1s")
    assert management.get_organizations_access_report(JobId=job)["JobStatus"] == "COMPLETED"
    _, page = access_report(organized, management, f"{ROOT}/ou-ab12-99999999")
    assert (page["JobStatus"], page["ErrorDetails"]) == ("FAILED", {
        "Code": "INVALID_ORGANIZATIONS_ENTITY_PATH", "Message": "The entity with the specified path does not exist in your organization."})
    _, page = access_report(organized, management, ROOT, OrganizationsPolicyId="p-nosuchpolicy")
    assert (page["JobStatus"], page["ErrorDetails"]) == ("FAILED", {
        "Code": "INVALID_ORGANIZATIONS_POLICY", "Message": "The policy with the specified ID does not exist in your organization."})
    lost = "00000000-0000-4000-8000-000000000000"
    assert error_of(management.get_organizations_access_report, JobId=lost) == ("NoSuchEntity", f"Job {lost} does not exist.", 404)


def test_assume_root(organized):
    iam = organized.client("iam", organized.account(MANAGEMENT))
    iam.enable_organizations_root_credentials_management()
    key = make_user(iam, "ann", allow("sts:AssumeRoot"))
    answer = organized.client("sts", key).assume_root(TargetPrincipal=MEMBER, TaskPolicyArn={"arn": TASK + "IAMAuditRootUserCredentials"})
    credentials = answer["Credentials"]
    root = (credentials["AccessKeyId"], credentials["SecretAccessKey"], credentials["SessionToken"])
    identity = organized.client("sts", root).get_caller_identity()
    assert (identity["Arn"], identity["UserId"], identity["Account"]) == (f"arn:aws:iam::{MEMBER}:root", MEMBER, MEMBER)
    member = organized.client("iam", root)
    assert member.list_access_keys()["AccessKeyMetadata"] == []
    code, text, _ = error_of(member.create_user, UserName="eve")
    assert text.endswith(f"with an explicit deny in a session policy: {TASK}IAMAuditRootUserCredentials"), text
    organized.advance("15m1s")
    assert error_of(member.list_access_keys)[0] == "ExpiredToken"


def test_service_control_policies_see_that_root_was_assumed(organized):
    rules = scp("NoRootByItself", deny("iam:ListAccessKeys", Condition={
        "ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:root"}, "Null": {"aws:AssumedRoot": "true"}}))
    organized.admin("PUT", "organization", changed(policies=[rules], root={
        "id": "r-ab12", "policies": [rules["name"]], "accounts": [{"id": account} for account in (MANAGEMENT, DELEGATED, MEMBER)]}))
    assert error_of(organized.client("iam", organized.account(MEMBER)).list_access_keys)[0] == "AccessDenied"
    iam = organized.client("iam", organized.account(MANAGEMENT))
    iam.enable_organizations_root_credentials_management()
    key = make_user(iam, "ann", allow("sts:AssumeRoot"))
    credentials = organized.client("sts", key).assume_root(
        TargetPrincipal=f"arn:aws:iam::{MEMBER}:root", TaskPolicyArn={"arn": TASK + "IAMAuditRootUserCredentials"}, DurationSeconds=300)["Credentials"]
    root = (credentials["AccessKeyId"], credentials["SecretAccessKey"], credentials["SessionToken"])
    organized.client("iam", root).list_access_keys()


def test_federation_token(organized):
    iam = organized.client("iam", organized.account(DELEGATED))
    key = make_user(iam, "proxy", allow(["sts:GetFederationToken", "sts:TagSession", "ec2:Describe*"]))
    sts = organized.client("sts", key)
    answer = sts.get_federation_token(Name="bob", Policy=policy(allow("ec2:DescribeVpcs")), Tags=[{"Key": "team", "Value": "red"}])
    assert answer["FederatedUser"] == {"FederatedUserId": f"{DELEGATED}:bob", "Arn": f"arn:aws:sts::{DELEGATED}:federated-user/bob"}
    assert 0 < answer["PackedPolicySize"] <= 100

    def session(answer):
        credentials = answer["Credentials"]
        return credentials["AccessKeyId"], credentials["SecretAccessKey"], credentials["SessionToken"]

    bob = session(answer)
    assert organized.client("sts", bob).get_caller_identity()["Arn"] == f"arn:aws:sts::{DELEGATED}:federated-user/bob"
    ec2 = organized.client("ec2", bob)
    assert ec2.describe_vpcs()["Vpcs"]
    assert error_of(ec2.describe_subnets)[0] == "UnauthorizedOperation", "the session policy does not allow it"
    assert error_of(organized.client("iam", bob).list_users)[0] == "InvalidClientTokenId"
    nobody = session(sts.get_federation_token(Name="nobody"))
    assert error_of(organized.client("ec2", nobody).describe_vpcs)[0] == "UnauthorizedOperation", "no policy, no permission"
    assert error_of(sts.get_federation_token, Name="bob", Policy="{}")[0] == "MalformedPolicyDocument"
    tags = [{"Key": f"k{number}", "Value": "v" * 250} for number in range(9)]
    assert error_of(sts.get_federation_token, Name="bob", Tags=tags)[0] == "PackedPolicyTooLarge"
