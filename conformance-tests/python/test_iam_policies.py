"""Managed policies: the account's own with their versions, and AWS's with all versions that are known."""

import json

import pytest

from conftest import allow, error_of, make_user, policy

AWS = "arn:aws:iam::aws:policy/"
READ_ONLY = AWS + "ReadOnlyAccess"
DOCUMENT = policy(allow("s3:GetObject"))


@pytest.fixture(scope="module")
def iam(server):
    return server.client("iam")


def names(iam, **arguments):
    found = []
    for page in iam.get_paginator("list_policies").paginate(**arguments):
        found += [one["PolicyName"] for one in page["Policies"]]
    return found


def test_a_policy_and_its_versions(server, iam):
    key = make_user(iam, "versions")
    user = server.client("iam", key)
    made = iam.create_policy(PolicyName="P", Path="/apps/", PolicyDocument=policy(allow("iam:ListUsers")), Description="d",
                             Tags=[{"Key": "k", "Value": "v"}])["Policy"]
    arn = made["Arn"]
    assert (arn, made["DefaultVersionId"], made["AttachmentCount"]) == ("arn:aws:iam::000000000000:policy/apps/P", "v1", 0)
    got = iam.get_policy(PolicyArn=arn)["Policy"]
    assert (got["PolicyId"], got["Description"], got["Tags"], got["IsAttachable"]) == (made["PolicyId"], "d", [{"Key": "k", "Value": "v"}], True)
    iam.attach_user_policy(UserName="versions", PolicyArn=arn)
    assert user.list_users()["Users"]
    second = iam.create_policy_version(PolicyArn=arn, PolicyDocument=DOCUMENT)["PolicyVersion"]
    assert (second["VersionId"], second["IsDefaultVersion"], "Document" in second) == ("v2", False, False)
    assert user.list_users()["Users"], "a version that is not the default changes nothing"
    iam.set_default_policy_version(PolicyArn=arn, VersionId="v2")
    assert error_of(user.list_users)[0] == "AccessDenied"
    listed = iam.list_policy_versions(PolicyArn=arn)["Versions"]
    assert [(one["VersionId"], one["IsDefaultVersion"]) for one in listed] == [("v2", True), ("v1", False)]
    assert iam.get_policy_version(PolicyArn=arn, VersionId="v1")["PolicyVersion"]["Document"] == json.loads(policy(allow("iam:ListUsers")))
    iam.delete_policy_version(PolicyArn=arn, VersionId="v1")
    assert iam.create_policy_version(PolicyArn=arn, PolicyDocument=DOCUMENT, SetAsDefault=True)["PolicyVersion"]["VersionId"] == "v3"
    assert iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"] == "v3"
    iam.detach_user_policy(UserName="versions", PolicyArn=arn)
    iam.delete_policy_version(PolicyArn=arn, VersionId="v2")
    iam.delete_policy(PolicyArn=arn)
    assert error_of(iam.get_policy, PolicyArn=arn)[0] == "NoSuchEntity"


def test_markers_of_long_paths(iam):
    """A marker has 320 characters at most, a path may have 512."""
    path = "/" + "p" * 509 + "/"
    arns = [iam.create_policy(PolicyName=name, Path=path, PolicyDocument=DOCUMENT)["Policy"]["Arn"] for name in ("a", "b", "c")]
    iam.create_user(UserName="long")
    for arn in arns:
        iam.attach_user_policy(UserName="long", PolicyArn=arn)
    pages = iam.get_paginator("list_attached_user_policies").paginate(UserName="long", PaginationConfig={"PageSize": 1})
    assert [policy["PolicyArn"] for page in pages for policy in page["AttachedPolicies"]] == arns
    details = iam.get_paginator("get_account_authorization_details")
    pages = details.paginate(Filter=["LocalManagedPolicy"], PaginationConfig={"PageSize": 1})
    listed = [policy["Arn"] for page in pages for policy in page["Policies"]]
    assert [arn for arn in listed if arn in arns] == arns
    first = iam.list_attached_user_policies(UserName="long", MaxItems=1)
    iam.detach_user_policy(UserName="long", PolicyArn=arns[0])
    rest = iam.list_attached_user_policies(UserName="long", Marker=first["Marker"])
    assert [policy["PolicyArn"] for policy in rest["AttachedPolicies"]] == arns[1:]
    for arn in arns[1:]:
        iam.detach_user_policy(UserName="long", PolicyArn=arn)


def test_tags_of_a_policy(iam):
    arn = iam.create_policy(PolicyName="tags", PolicyDocument=DOCUMENT)["Policy"]["Arn"]
    iam.tag_policy(PolicyArn=arn, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
    assert iam.list_policy_tags(PolicyArn=arn)["Tags"] == [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]
    iam.untag_policy(PolicyArn=arn, TagKeys=["a"])
    assert iam.list_policy_tags(PolicyArn=arn)["Tags"] == [{"Key": "b", "Value": "2"}]


def test_lists_by_scope_path_attachment_and_usage(iam):
    own = iam.create_policy(PolicyName="listed", Path="/lists/", PolicyDocument=DOCUMENT)["Policy"]["Arn"]
    iam.create_user(UserName="uses", PermissionsBoundary=AWS + "job-function/ViewOnlyAccess")
    iam.attach_user_policy(UserName="uses", PolicyArn=own)
    iam.attach_user_policy(UserName="uses", PolicyArn=READ_ONLY)
    assert "listed" in names(iam, Scope="Local") and "ReadOnlyAccess" not in names(iam, Scope="Local")
    of_aws = names(iam, Scope="AWS")
    assert len(of_aws) == len(set(of_aws)) == 1_594
    assert len(names(iam)) == 1_594 + len(names(iam, Scope="Local"))
    assert set(names(iam, OnlyAttached=True)) == {"listed", "ReadOnlyAccess", "ViewOnlyAccess"}
    assert set(names(iam, PolicyUsageFilter="PermissionsBoundary", OnlyAttached=True)) == {"ViewOnlyAccess"}
    assert len(names(iam, PolicyUsageFilter="PermissionsBoundary")) == len(names(iam))
    assert set(names(iam, PolicyUsageFilter="PermissionsPolicy", OnlyAttached=True)) == {"listed", "ReadOnlyAccess"}
    assert names(iam, PathPrefix="/lists/") == ["listed"]
    assert "Billing" in names(iam, PathPrefix="/job-function/", Scope="AWS") and len(names(iam, PathPrefix="/aws-service-role/")) > 100
    [boundary] = iam.list_policies(PolicyUsageFilter="PermissionsBoundary", OnlyAttached=True)["Policies"]
    assert (boundary["AttachmentCount"], boundary["PermissionsBoundaryUsageCount"]) == (0, 1)
    entities = iam.list_entities_for_policy(PolicyArn=READ_ONLY, EntityFilter="User", PolicyUsageFilter="PermissionsPolicy")
    assert [user["UserName"] for user in entities["PolicyUsers"]] == ["uses"]
    assert iam.list_entities_for_policy(PolicyArn=READ_ONLY, PolicyUsageFilter="PermissionsBoundary")["PolicyUsers"] == []


@pytest.mark.parametrize("name, first", [("ReadOnlyAccess", "v1"), ("PowerUserAccess", "v1"), ("AmazonEC2FullAccess", "v1"), ("job-function/Billing", "v1"),
                                         ("service-role/AmazonEC2RoleforSSM", "v1"), ("aws-service-role/AutoScalingServiceRolePolicy", "v1")])
def test_awss_policies_have_their_versions(iam, name, first):
    arn = AWS + name
    held = iam.get_policy(PolicyArn=arn)["Policy"]
    assert held["Arn"] == arn and held["PolicyId"].startswith("ANPA") and held["IsAttachable"]
    versions = iam.list_policy_versions(PolicyArn=arn, MaxItems=1_000)["Versions"]
    assert versions[0]["VersionId"] == held["DefaultVersionId"] and versions[0]["IsDefaultVersion"] and versions[-1]["VersionId"] == first
    assert (versions[0]["CreateDate"], versions[-1]["CreateDate"]) == (held["UpdateDate"], held["CreateDate"])
    # Of some versions between them nobody knows the date.
    dates = [one["CreateDate"] for one in versions if "CreateDate" in one]
    assert dates == sorted(dates, reverse=True)
    texts = set()
    for one in versions[:5] + versions[-3:]:
        got = iam.get_policy_version(PolicyArn=arn, VersionId=one["VersionId"])["PolicyVersion"]
        assert (got["IsDefaultVersion"], got.get("CreateDate")) == (one["IsDefaultVersion"], one.get("CreateDate"))
        assert got["Document"]["Statement"]
        texts.add((one["VersionId"], json.dumps(got["Document"])))
    assert len({text for _, text in texts}) > 1 or len(versions) == 1, "versions differ"


def test_a_policy_of_awss_decides(server, iam):
    key = make_user(iam, "reader")
    user = server.client("iam", key)
    assert error_of(user.list_users)[0] == "AccessDenied"
    iam.attach_user_policy(UserName="reader", PolicyArn=AWS + "IAMReadOnlyAccess")
    assert user.list_users()["Users"]
    assert error_of(user.create_user, UserName="x")[0] == "AccessDenied"


def test_the_account_behind_awss_policies(server, iam):
    """As it was recorded in September 2026: neither the caller's account nor the `aws` of the ARN."""
    for account, is_allowed in [("639982225848", True), ("aws", False), ("000000000000", False)]:
        statement = {"Effect": "Allow", "Action": "iam:Get*", "Resource": "*", "Condition": {"StringEquals": {"aws:ResourceAccount": account}}}
        reader = server.client("iam", make_user(iam, f"reader-{account}", statement))
        if is_allowed:
            assert reader.get_policy(PolicyArn=READ_ONLY)["Policy"]["PolicyName"] == "ReadOnlyAccess"
        else:
            assert error_of(reader.get_policy, PolicyArn=READ_ONLY)[0] == "AccessDenied"
    assert iam.list_policy_tags(PolicyArn=READ_ONLY)["Tags"] == []
