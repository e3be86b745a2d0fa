"""Last accessed information and last uses, from the requests that really were made."""

import datetime

import pytest

from conftest import allow, error_of, make_user, policy, trust

ACCOUNT = "arn:aws:iam::000000000000"


@pytest.fixture
def iam(server):
    return server.client("iam")


def job(server, iam, arn, **more):
    started = iam.generate_service_last_accessed_details(Arn=arn, **more)["JobId"]
    server.advance("2s")
    return started


def report(server, iam, arn, **more):
    """The services of a finished report, by namespace."""
    started, found, marker = job(server, iam, arn, **more), {}, {}
    while marker is not None:
        page = iam.get_service_last_accessed_details(JobId=started, **marker)
        assert page["JobStatus"] == "COMPLETED" and page["JobCompletionDate"] >= page["JobCreationDate"]
        found.update({service["ServiceNamespace"]: service for service in page["ServicesLastAccessed"]})
        marker = {"Marker": page["Marker"]} if page["IsTruncated"] else None
    return found


def test_a_user_by_service_and_by_action(server, iam):
    key = make_user(iam, "ann", allow(["iam:Get*", "ec2:DescribeVpcs", "ec2:RunInstances", "lambda:*"]))
    server.client("iam", key).get_user()
    server.client("ec2", key, region="eu-west-1").describe_vpcs()
    assert error_of(server.client("iam", key).get_role, RoleName="lost")[0] == "NoSuchEntity"
    assert error_of(server.client("iam", key).list_users)[0] == "AccessDenied"
    services = report(server, iam, f"{ACCOUNT}:user/ann")
    assert list(services) == ["ec2", "iam", "lambda"]
    assert "LastAuthenticated" not in services["lambda"] and services["lambda"]["TotalAuthenticatedEntities"] == 0
    assert services["lambda"]["ServiceName"] == "AWS Lambda"
    assert services["ec2"]["LastAuthenticatedRegion"] == "eu-west-1"
    assert services["ec2"]["LastAuthenticatedEntity"] == f"{ACCOUNT}:user/ann" and services["ec2"]["TotalAuthenticatedEntities"] == 1
    assert all("TrackedActionsLastAccessed" not in service for service in services.values())

    services = report(server, iam, f"{ACCOUNT}:user/ann", Granularity="ACTION_LEVEL")
    actions = {action["ActionName"]: action for action in services["ec2"]["TrackedActionsLastAccessed"]}
    assert list(actions) == ["DescribeVpcs", "RunInstances"]
    assert actions["DescribeVpcs"]["LastAccessedRegion"] == "eu-west-1" and "LastAccessedTime" not in actions["RunInstances"]
    actions = {action["ActionName"]: action for action in services["iam"]["TrackedActionsLastAccessed"]}
    assert "LastAccessedTime" in actions["GetRole"], "an attempt counts, whatever came of it"
    assert "ListUsers" not in actions and "TrackedActionsLastAccessed" not in services["lambda"]


def test_a_report_is_ready_by_the_clock(server, iam):
    make_user(iam, "clock", allow("s3:*"))
    started = iam.generate_service_last_accessed_details(Arn=f"{ACCOUNT}:user/clock")["JobId"]
    early = iam.get_service_last_accessed_details(JobId=started)
    assert early["JobStatus"] == "IN_PROGRESS" and not {"ServicesLastAccessed", "JobType", "JobCompletionDate"} & set(early)
    entities = iam.get_service_last_accessed_details_with_entities(JobId=started, ServiceNamespace="s3")
    assert (entities["JobStatus"], entities["EntityDetailsList"]) == ("IN_PROGRESS", [])
    server.advance("1s")
    done = iam.get_service_last_accessed_details(JobId=started)
    assert done["JobStatus"] == "COMPLETED" and done["JobCompletionDate"] - done["JobCreationDate"] == datetime.timedelta(seconds=1)
    other = server.client("iam", make_user(iam, "other", allow("iam:*")))
    assert error_of(other.get_service_last_accessed_details, JobId=started)[:2] == ("NoSuchEntity", f"Job {started} does not exist.")


def test_groups_and_policies_by_entity(server, iam):
    iam.create_group(GroupName="devs")
    arn = iam.create_policy(PolicyName="networks", PolicyDocument=policy(allow("ec2:DescribeVpcs")))["Policy"]["Arn"]
    iam.attach_group_policy(GroupName="devs", PolicyArn=arn)
    keys = {}
    for name in ("bob", "eve"):
        keys[name] = make_user(iam, name)
        iam.add_user_to_group(GroupName="devs", UserName=name)
    role = iam.create_role(RoleName="vpcs", AssumeRolePolicyDocument=trust("000000000000"))["Role"]["Arn"]
    iam.attach_role_policy(RoleName="vpcs", PolicyArn=arn)
    iam.put_user_policy(UserName="bob", PolicyName="assume", PolicyDocument=policy(allow("sts:AssumeRole")))
    server.client("ec2", keys["bob"]).describe_vpcs()
    server.advance("1m")
    session = server.client("sts", keys["bob"]).assume_role(RoleArn=role, RoleSessionName="work")["Credentials"]
    server.client("ec2", (session["AccessKeyId"], session["SecretAccessKey"], session["SessionToken"])).describe_vpcs()

    [(namespace, service)] = report(server, iam, arn).items()
    assert (namespace, service["LastAuthenticatedEntity"], service["TotalAuthenticatedEntities"]) == ("ec2", role, 2)
    started = job(server, iam, arn)
    seen, marker = [], {}
    while marker is not None:
        page = iam.get_service_last_accessed_details_with_entities(JobId=started, ServiceNamespace="ec2", MaxItems=1, **marker)
        seen += [(one["EntityInfo"]["Name"], one["EntityInfo"]["Type"], "LastAuthenticated" in one) for one in page["EntityDetailsList"]]
        marker = {"Marker": page["Marker"]} if page["IsTruncated"] else None
    assert seen == [("vpcs", "ROLE", True), ("bob", "USER", True), ("eve", "USER", False)]
    group = report(server, iam, f"{ACCOUNT}:group/devs")
    assert (group["ec2"]["LastAuthenticatedEntity"], group["ec2"]["TotalAuthenticatedEntities"]) == (f"{ACCOUNT}:user/bob", 1)
    of_role = report(server, iam, role, Granularity="ACTION_LEVEL")["ec2"]
    assert of_role["TrackedActionsLastAccessed"][0]["LastAccessedEntity"] == role
    assert error_of(iam.get_service_last_accessed_details_with_entities, JobId=started, ServiceNamespace="nothing")[:2] == (
        "InvalidInput", "Service namepace nothing is either invalid or unsupported.")


def test_which_policies_grant_access(server, iam):
    iam.create_group(GroupName="admins")
    iam.attach_group_policy(GroupName="admins", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    make_user(iam, "zoe", allow("s3:GetObject"))
    iam.add_user_to_group(GroupName="admins", UserName="zoe")
    listed = iam.list_policies_granting_service_access(Arn=f"{ACCOUNT}:user/zoe", ServiceNamespaces=["s3", "ec2"])
    assert not listed["IsTruncated"]
    by_service = {entry["ServiceNamespace"]: entry["Policies"] for entry in listed["PoliciesGrantingServiceAccess"]}
    admin = {"PolicyName": "AdministratorAccess", "PolicyType": "MANAGED", "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}
    own = {"PolicyName": "permissions", "PolicyType": "INLINE", "EntityType": "USER", "EntityName": "zoe"}
    assert by_service == {"ec2": [admin], "s3": [own, admin]} and list(by_service) == ["s3", "ec2"], "in the order of the question"
    elsewhere = iam.list_policies_granting_service_access(Arn=f"{ACCOUNT}:user/some/where/zoe", ServiceNamespaces=["ec2"])
    assert elsewhere["PoliciesGrantingServiceAccess"][0]["Policies"] == [admin], "whatever path is written"
    of_group = iam.list_policies_granting_service_access(Arn=f"{ACCOUNT}:group/admins", ServiceNamespaces=["sns"])
    assert of_group["PoliciesGrantingServiceAccess"][0]["Policies"] == [admin]


def test_who_is_in_a_report_and_who_may_read_it(server, iam):
    arn = iam.create_policy(PolicyName="shared", PolicyDocument=policy(allow("s3:GetObject")))["Policy"]["Arn"]
    reader = policy(allow(["iam:GenerateServiceLastAccessedDetails", "iam:GetServiceLastAccessedDetails*"]))
    iam.create_role(RoleName="aaa", AssumeRolePolicyDocument=trust("000000000000"))
    iam.put_role_policy(RoleName="aaa", PolicyName="reader", PolicyDocument=reader)
    iam.attach_role_policy(RoleName="aaa", PolicyArn=arn)
    for name in ("una", "ugo"):
        iam.create_user(UserName=name)
        iam.attach_user_policy(UserName=name, PolicyArn=arn)
    made = job(server, iam, arn)
    names = lambda: [one["EntityInfo"]["Name"] for one in iam.get_service_last_accessed_details_with_entities(
        JobId=made, ServiceNamespace="s3")["EntityDetailsList"]]
    assert names() == ["ugo", "una", "aaa"], "users before roles"
    iam.update_user(UserName="una", NewUserName="uma", NewPath="/new/")
    iam.detach_user_policy(UserName="ugo", PolicyArn=arn)
    assert names() == ["uma", "ugo", "aaa"], "by the names of today; who has the policy was settled before"
    iam.delete_user(UserName="ugo")
    assert names() == ["uma", "aaa"]

    sts = server.client("sts", make_user(iam, "both", allow("sts:AssumeRole")))
    one, other = (
        server.client("iam", (held["AccessKeyId"], held["SecretAccessKey"], held["SessionToken"]))
        for held in (sts.assume_role(RoleArn=f"{ACCOUNT}:role/aaa", RoleSessionName=name)["Credentials"] for name in ("one", "other")))
    of_one = job(server, one, arn)
    assert one.get_service_last_accessed_details(JobId=of_one)["JobStatus"] == "COMPLETED"
    assert error_of(other.get_service_last_accessed_details, JobId=of_one)[0] == "NoSuchEntity", "another session of the role"

    many = iam.create_policy(PolicyName="many", PolicyDocument=policy(allow("*")))["Policy"]["Arn"]
    long = job(server, iam, many)
    page = iam.get_service_last_accessed_details(JobId=long)
    assert (len(page["ServicesLastAccessed"]), page["IsTruncated"]) == (200, True)
    assert error_of(iam.get_service_last_accessed_details, JobId=made, Marker=page["Marker"])[:2] == (
        "InvalidInput", "The marker passed in the request was invalid.")


def test_keys_and_roles(server, iam):
    key = make_user(iam, "used", allow("sts:AssumeRole"))
    unused = iam.get_access_key_last_used(AccessKeyId=key[0])
    assert unused["UserName"] == "used" and unused["AccessKeyLastUsed"] == {"ServiceName": "N/A", "Region": "N/A"}
    arn = iam.create_role(RoleName="worn", AssumeRolePolicyDocument=trust("000000000000"))["Role"]["Arn"]
    assert iam.get_role(RoleName="worn")["Role"]["RoleLastUsed"] == {}
    sts = server.client("sts", key, region="eu-west-1")
    session = sts.assume_role(RoleArn=arn, RoleSessionName="work")["Credentials"]
    server.advance("1s")
    used = iam.get_access_key_last_used(AccessKeyId=key[0])["AccessKeyLastUsed"]
    assert (used["ServiceName"], used["Region"]) == ("sts", "eu-west-1")
    assert iam.get_role(RoleName="worn")["Role"]["RoleLastUsed"] == {}, "that it was assumed is no use of it"
    token = (session["AccessKeyId"], session["SecretAccessKey"], session["SessionToken"])
    server.client("sts", token, region="eu-west-1").get_caller_identity()
    server.advance("1s")
    first = iam.get_role(RoleName="worn")["Role"]["RoleLastUsed"]
    assert first["Region"] == "eu-west-1"
    server.client("sts", token, region="eu-west-1").get_caller_identity()
    server.advance("1s")
    assert iam.get_role(RoleName="worn")["Role"]["RoleLastUsed"] == first, "a quarter of an hour is how exact it is"
    assert "PasswordLastUsed" not in iam.get_user(UserName="used")["User"]


def test_what_was_accessed_survives_a_restart(make_server):
    server = make_server()
    iam = server.client("iam")
    key = make_user(iam, "ann", allow("ec2:*"))
    server.client("ec2", key).describe_vpcs()
    server.stop()
    server.start()
    iam = server.client("iam")
    assert report(server, iam, f"{ACCOUNT}:user/ann")["ec2"]["TotalAuthenticatedEntities"] == 1
    assert iam.get_access_key_last_used(AccessKeyId=key[0])["AccessKeyLastUsed"]["ServiceName"] == "ec2"
