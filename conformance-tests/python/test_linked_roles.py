"""Service-linked roles: made as AWS makes them, protected from change, deleted by a task that takes its time or fails."""

import json

import pytest

from conftest import allow, error_of, make_user, policy, trust

ACCOUNT = "000000000000"
PROTECTED = "Cannot perform the operation on the protected role '{}' - this role is only modifiable by AWS"


@pytest.fixture
def iam(server):
    return server.client("iam")


@pytest.fixture
def make(server, iam):
    """Makes a service-linked role, and removes it in the end."""
    made = []

    def create(service, **more):
        made.append(iam.create_service_linked_role(AWSServiceName=service, **more)["Role"])
        return made[-1]

    yield create
    for role in made:
        try:
            iam.delete_service_linked_role(RoleName=role["RoleName"])
        except iam.exceptions.NoSuchEntityException:
            pass
    server.advance("1m")


@pytest.mark.parametrize("service, name, attached, suffix", [
    ("autoscaling.amazonaws.com", "AWSServiceRoleForAutoScaling", "AutoScalingServiceRolePolicy", True),
    ("connect.amazonaws.com", "AWSServiceRoleForAmazonConnect", "AmazonConnectServiceLinkedRolePolicy", True),
    ("lexv2.amazonaws.com", "AWSServiceRoleForLexV2Bots", "AmazonLexV2BotPolicy", True),
    ("ecs.amazonaws.com", "AWSServiceRoleForECS", "AmazonECSServiceRolePolicy", False),
    ("spot.amazonaws.com", "AWSServiceRoleForEC2Spot", "AWSEC2SpotServiceRolePolicy", False),
])
def test_made_as_its_service_wants_it(iam, make, service, name, attached, suffix):
    made = make(service, Description="for a test")
    arn = f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/{service}/{name}"
    assert (made["RoleName"], made["Path"], made["Arn"]) == (name, f"/aws-service-role/{service}/", arn)
    got = iam.get_role(RoleName=name)["Role"]
    assert got["Arn"] == arn and got["RoleId"] == made["RoleId"] and got["RoleId"].startswith("AROA")
    assert (got["Description"], got["MaxSessionDuration"]) == ("for a test", 3600)
    assert got["AssumeRolePolicyDocument"] == {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}]}
    policies = iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
    assert policies == [{"PolicyName": attached, "PolicyArn": f"arn:aws:iam::aws:policy/aws-service-role/{attached}"}]
    entities = iam.list_entities_for_policy(PolicyArn=policies[0]["PolicyArn"])["PolicyRoles"]
    assert [entity["RoleName"] for entity in entities] == [name]
    listed = iam.list_roles(PathPrefix=f"/aws-service-role/{service}/")["Roles"]
    assert [role["RoleName"] for role in listed] == [name]
    if suffix:
        assert make(service, CustomSuffix="two")["RoleName"] == f"{name}_two"
    else:
        assert error_of(iam.create_service_linked_role, AWSServiceName=service, CustomSuffix="two") == (
            "InvalidInput", f"Custom suffix is not allowed for {service}", 400)
    assert error_of(iam.create_service_linked_role, AWSServiceName=service) == (
        "InvalidInput", f"Service role name {name} has been taken in this account, please try a different suffix.", 400)


def test_a_service_without_one(iam):
    code, _, status = error_of(iam.create_service_linked_role, AWSServiceName="nothing.amazonaws.com")
    assert (code, status) == ("NoSuchEntity", 404)


def test_protected(iam, make):
    name = make("batch.amazonaws.com")["RoleName"]
    document = policy(allow("s3:*"))
    iam.create_instance_profile(InstanceProfileName="holder")
    for call, parameters in [
        (iam.attach_role_policy, {"PolicyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}),
        (iam.detach_role_policy, {"PolicyArn": "arn:aws:iam::aws:policy/aws-service-role/BatchServiceRolePolicy"}),
        (iam.put_role_policy, {"PolicyName": "p", "PolicyDocument": document}),
        (iam.delete_role_policy, {"PolicyName": "p"}),
        (iam.put_role_permissions_boundary, {"PermissionsBoundary": "arn:aws:iam::aws:policy/ReadOnlyAccess"}),
        (iam.delete_role_permissions_boundary, {}),
        (iam.update_assume_role_policy, {"PolicyDocument": trust("ec2.amazonaws.com")}),
        (iam.delete_role, {}),
        (iam.add_role_to_instance_profile, {"InstanceProfileName": "holder"}),
    ]:
        assert error_of(call, RoleName=name, **parameters) == ("UnmodifiableEntity", PROTECTED.format(name), 400)
    assert error_of(iam.attach_user_policy, UserName=make_user(iam, "reader") and "reader",
                    PolicyArn="arn:aws:iam::aws:policy/aws-service-role/BatchServiceRolePolicy")[0] == "PolicyNotAttachable"
    assert error_of(iam.update_role, RoleName=name, MaxSessionDuration=7200)[:2] == (
        "UnmodifiableEntity", f"{name} is an AWS service linked role, max session duration cannot be changed.")
    iam.update_role(RoleName=name, Description="one")
    assert iam.get_role(RoleName=name)["Role"]["Description"] == "one"
    assert iam.update_role_description(RoleName=name, Description="two")["Role"]["Description"] == "two"
    iam.tag_role(RoleName=name, Tags=[{"Key": "team", "Value": "red"}])
    assert iam.list_role_tags(RoleName=name)["Tags"] == [{"Key": "team", "Value": "red"}]
    iam.untag_role(RoleName=name, TagKeys=["team"])
    iam.delete_instance_profile(InstanceProfileName="holder")


def test_nobody_makes_a_role_at_their_paths(iam):
    for path in ("/aws-service-role/x.amazonaws.com/", "/aws-reserved/sso.amazonaws.com/"):
        code, _, status = error_of(iam.create_role, RoleName="mine", Path=path, AssumeRolePolicyDocument=trust("ec2.amazonaws.com"))
        assert (code, status) == ("InvalidInput", 400)


def test_only_the_service_assumes_it(server, iam, make):
    arn = make("rds.amazonaws.com")["Arn"]
    key = make_user(iam, "assumer", allow("sts:AssumeRole"))
    assert error_of(server.client("sts", key).assume_role, RoleArn=arn, RoleSessionName="session")[0] == "AccessDenied"


def status(iam, task):
    answer = iam.get_service_linked_role_deletion_status(DeletionTaskId=task)
    return answer["Status"], answer.get("Reason")


def test_a_deletion_takes_its_time(server, iam):
    name = iam.create_service_linked_role(AWSServiceName="redshift.amazonaws.com")["Role"]["RoleName"]
    task = iam.delete_service_linked_role(RoleName=name)["DeletionTaskId"]
    assert task.startswith(f"task/aws-service-role/redshift.amazonaws.com/{name}/") and len(task.rpartition("/")[2]) == 36
    assert status(iam, task)[0] in ("NOT_STARTED", "IN_PROGRESS")
    assert iam.delete_service_linked_role(RoleName=name)["DeletionTaskId"] == task
    server.advance("1m")
    assert status(iam, task) == ("SUCCEEDED", None)
    assert error_of(iam.get_role, RoleName=name) == ("NoSuchEntity", f"The role with name {name} cannot be found.", 404)
    assert error_of(iam.delete_service_linked_role, RoleName=name)[0] == "NoSuchEntity"
    assert name not in [role["RoleName"] for role in iam.list_roles()["Roles"]]
    again = iam.create_service_linked_role(AWSServiceName="redshift.amazonaws.com")["Role"]
    assert again["RoleName"] == name
    assert iam.delete_service_linked_role(RoleName=name)["DeletionTaskId"] != task


def test_a_role_in_use_stays(server, iam, make):
    name = make("elasticache.amazonaws.com")["RoleName"]
    resource = f"arn:aws:elasticache:eu-west-1:{ACCOUNT}:cluster:one"
    use = {"roleName": name, "region": "eu-west-1", "resource": resource}
    server.admin("PUT", "service-linked-role-uses", use)
    task = iam.delete_service_linked_role(RoleName=name)["DeletionTaskId"]
    server.advance("1m")
    state, reason = status(iam, task)
    assert state == "FAILED" and reason["Reason"]
    assert reason["RoleUsageList"] == [{"Region": "eu-west-1", "Resources": [resource]}]
    assert iam.get_role(RoleName=name)["Role"]["RoleName"] == name
    server.admin("DELETE", "service-linked-role-uses", use)
    task = iam.delete_service_linked_role(RoleName=name)["DeletionTaskId"]
    server.advance("1m")
    assert status(iam, task) == ("SUCCEEDED", None)


def test_what_the_admin_api_is_told_is_checked(server):
    """Nothing is stored that could mean nothing, and nothing removed that is not there."""
    use = {"roleName": "r", "region": "eu-west-1", "resource": "x"}
    version = {"minorVersion": 2, "roleNamePattern": "x", "assumeRolePolicyDocumentTemplate": "{}", "createdAt": "2026-01-01T00:00:00Z",
               "updatedAt": "2026-01-01T00:00:00Z"}
    template = {"arn": "arn:aws:iam::aws:role-template/x/y:1", "name": "y", "majorVersion": 1, "defaultMinorVersion": 1, "managedBy": "x.amazonaws.com"}
    share = {"name": "s", "resourceArns": [f"arn:aws:ec2:us-east-1:{ACCOUNT}:transit-gateway/tgw-1"], "principals": ["222222222222"]}
    rule = {"region": "us-east-1", "identifier": "gone", "resourceType": "EC2_IMAGE", "retentionDays": 7}
    for method, path, body, expected in (
            ("PUT", "service-linked-role-uses", {**use, "region": "mars"}, "`mars` is no region"),
            ("DELETE", "service-linked-role-uses", use, "is not there"),
            ("DELETE", "recycle-bin-rules", rule, "is not there"),
            ("PUT", "policy-templates", {"arn": "nonsense", "requestorName": "p", "document": {}}, "`nonsense` is no ARN"),
            ("PUT", "policy-templates", {"arn": template["arn"], "requestorName": "p", "document": 5}, "a JSON object"),
            ("PUT", "role-templates", {**template, "versions": []}, "none of the `versions`"),
            ("PUT", "role-templates", {**template, "versions": [version]}, "none of the `versions`"),
            ("PUT", "resource-shares", {**share, "principals": []}, "resources and principals"),
            ("PUT", "resource-shares", {**share, "resourceArns": []}, "resources and principals")):
        status, told = server.refused(method, path, body)
        assert status == (404 if method == "DELETE" else 400) and expected in told, (path, told)


def test_tasks_that_are_none(server, iam):
    call = iam.get_service_linked_role_deletion_status
    assert error_of(call, DeletionTaskId="task/aws-service-role/batch.amazonaws.com/AWSServiceRoleForBatch/lost")[0] == "NoSuchEntity"
    assert error_of(call, DeletionTaskId="nonsense")[0] == "InvalidInput"


def test_permission_by_service(server, iam):
    """As AWS's guide tells administrators to grant it."""
    key = make_user(iam, "linker", {
        "Effect": "Allow", "Action": ["iam:CreateServiceLinkedRole", "iam:DeleteServiceLinkedRole", "iam:GetServiceLinkedRoleDeletionStatus"],
        "Resource": "arn:aws:iam::*:role/aws-service-role/kafka.amazonaws.com/AWSServiceRoleForKafka*"},
        {"Effect": "Deny", "Action": "iam:CreateServiceLinkedRole", "Resource": "*",
         "Condition": {"StringNotEquals": {"iam:AWSServiceName": ["kafka.amazonaws.com"]}}})
    mine = server.client("iam", key)
    name = mine.create_service_linked_role(AWSServiceName="kafka.amazonaws.com")["Role"]["RoleName"]
    code, text, _ = error_of(mine.create_service_linked_role, AWSServiceName="mq.amazonaws.com")
    assert (code, "explicit deny in an identity-based policy" in text) == ("AccessDenied", True)
    task = mine.delete_service_linked_role(RoleName=name)["DeletionTaskId"]
    assert status(mine, task)[0] in ("NOT_STARTED", "IN_PROGRESS")
    other = task.replace("kafka.amazonaws.com", "mq.amazonaws.com")
    assert error_of(mine.get_service_linked_role_deletion_status, DeletionTaskId=other)[0] == "AccessDenied"


def test_a_deletion_survives_a_kill(make_server):
    server = make_server()
    iam = server.client("iam")
    name = iam.create_service_linked_role(AWSServiceName="dms.amazonaws.com")["Role"]["RoleName"]
    task = iam.delete_service_linked_role(RoleName=name)["DeletionTaskId"]
    server.kill()
    server.start()
    iam = server.client("iam")
    server.advance("1m")
    assert status(iam, task) == ("SUCCEEDED", None)
    assert json.dumps([role["RoleName"] for role in iam.list_roles()["Roles"]]) == "[]"
