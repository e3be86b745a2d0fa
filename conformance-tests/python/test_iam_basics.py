"""IAM's users, groups and access keys: each operation's success, seen through another operation.

What each refuses, with whole texts, is in `errors/`; roles and instance profiles are in `test_iam_roles.py`, policies in `test_iam_policies.py`.
"""

import re
import urllib.parse

import pytest
from botocore.exceptions import ClientError

from conftest import allow, error_of, make_user, policy

READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
DOCUMENT = policy(allow("s3:GetObject"))


@pytest.fixture(scope="module")
def iam(server):
    return server.client("iam")


def pages(call, key, size, **arguments):
    """All items, walking by markers; every page but the last is full."""
    items, marker = [], {}
    while True:
        page = call(MaxItems=size, **arguments, **marker)
        items += page[key]
        if not page["IsTruncated"]:
            return items
        assert len(page[key]) == size
        marker = {"Marker": page["Marker"]}


def test_a_user_is_created_found_renamed_and_deleted(iam):
    made = iam.create_user(UserName="Ann", Path="/staff/", PermissionsBoundary=READ_ONLY, Tags=[{"Key": "Team", "Value": "a"}])["User"]
    assert re.fullmatch("AIDA[A-Z2-7]{17}", made["UserId"]) and made["Arn"] == "arn:aws:iam::000000000000:user/staff/Ann"
    assert made["PermissionsBoundary"] == {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": READ_ONLY}
    assert iam.get_user(UserName="Ann")["User"] == made
    assert iam.get_user(UserName="aNN")["User"] == made, "names are found in any case"
    [listed] = iam.list_users(PathPrefix="/staff/")["Users"]
    assert listed == {name: value for name, value in made.items() if name not in ("PermissionsBoundary", "Tags")}
    iam.update_user(UserName="Ann", NewUserName="Anna", NewPath="/board/")
    moved = iam.get_user(UserName="Anna")["User"]
    assert (moved["UserId"], moved["Arn"]) == (made["UserId"], "arn:aws:iam::000000000000:user/board/Anna")
    assert error_of(iam.get_user, UserName="Ann")[0] == "NoSuchEntity"
    iam.update_user(UserName="Anna", NewUserName="ANNA")
    assert iam.get_user(UserName="anna")["User"]["UserName"] == "ANNA", "a name may change its case alone"
    iam.delete_user(UserName="ANNA")
    assert error_of(iam.get_user, UserName="ANNA")[0] == "NoSuchEntity"
    again = iam.create_user(UserName="Ann")["User"]
    assert again["UserId"] != made["UserId"] and "Tags" not in again and again["Path"] == "/"
    iam.delete_user(UserName="Ann")


def test_without_a_name_it_is_the_caller(server, iam):
    key = make_user(iam, "self", allow("iam:*"))
    own = server.client("iam", key)
    assert own.get_user()["User"]["UserName"] == "self"
    assert [one["AccessKeyId"] for one in own.list_access_keys()["AccessKeyMetadata"]] == [key[0]]
    second = own.create_access_key()["AccessKey"]
    assert second["UserName"] == "self"
    own.delete_access_key(AccessKeyId=second["AccessKeyId"])
    root = iam.get_user()["User"]
    assert (root["UserId"], root["Arn"], "UserName" in root) == ("000000000000", "arn:aws:iam::000000000000:root", False)


def test_lists_go_on_by_markers_while_they_change(iam):
    for number in range(12):
        iam.create_user(UserName=f"page{number:02}", Path="/pages/")
    names = [user["UserName"] for user in pages(iam.list_users, "Users", 5, PathPrefix="/pages/")]
    assert names == [f"page{number:02}" for number in range(12)]
    first = iam.list_users(PathPrefix="/pages/", MaxItems=6)
    iam.delete_user(UserName=first["Users"][-1]["UserName"])
    iam.create_user(UserName="page00-b", Path="/pages/")
    rest = iam.list_users(PathPrefix="/pages/", MaxItems=100, Marker=first["Marker"])
    assert [user["UserName"] for user in rest["Users"]] == names[6:], "what was seen does not come again, what was not is not lost"
    assert error_of(iam.list_users, Marker=first["Marker"])[1] == "Invalid Marker.", "a marker belongs to its list"


def test_tags_of_a_user(iam):
    iam.create_user(UserName="tags")
    iam.tag_user(UserName="tags", Tags=[{"Key": "Team", "Value": "a"}, {"Key": "stage", "Value": ""}])
    iam.tag_user(UserName="tags", Tags=[{"Key": "TEAM", "Value": "b"}])
    tags = {tag["Key"]: tag["Value"] for tag in iam.list_user_tags(UserName="tags")["Tags"]}
    assert {key.lower(): value for key, value in tags.items()} == {"team": "b", "stage": ""}, "keys are one in any case"
    assert len(pages(iam.list_user_tags, "Tags", 1, UserName="tags")) == 2
    iam.untag_user(UserName="tags", TagKeys=["sTaGe", "unknown"])
    assert [tag["Value"] for tag in iam.list_user_tags(UserName="tags")["Tags"]] == ["b"]


def test_a_users_boundary(iam):
    iam.create_user(UserName="bounded")
    iam.put_user_permissions_boundary(UserName="bounded", PermissionsBoundary=READ_ONLY)
    assert iam.get_user(UserName="bounded")["User"]["PermissionsBoundary"]["PermissionsBoundaryArn"] == READ_ONLY
    assert iam.get_policy(PolicyArn=READ_ONLY)["Policy"]["PermissionsBoundaryUsageCount"] == 1
    iam.delete_user_permissions_boundary(UserName="bounded")
    assert "PermissionsBoundary" not in iam.get_user(UserName="bounded")["User"]
    assert error_of(iam.delete_user_permissions_boundary, UserName="bounded")[0] == "NoSuchEntity"


#: Each kind of holder: what creates one, and the word in the names of its operations.
HOLDERS = {
    "user": lambda iam, name: iam.create_user(UserName=name),
    "group": lambda iam, name: iam.create_group(GroupName=name),
    "role": lambda iam, name: iam.create_role(RoleName=name, AssumeRolePolicyDocument=policy(
        {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"})),
}


@pytest.mark.parametrize("kind", HOLDERS)
def test_inline_policies(iam, kind):
    HOLDERS[kind](iam, f"inline-{kind}")
    who = {f"{kind.title()}Name": f"inline-{kind}"}
    call = {verb: getattr(iam, f"{verb}_{kind}_{'policies' if verb == 'list' else 'policy'}") for verb in ("put", "get", "delete", "list")}
    call["put"](**who, PolicyName="b", PolicyDocument=DOCUMENT)
    call["put"](**who, PolicyName="a", PolicyDocument="  " + DOCUMENT + "\n")
    assert pages(call["list"], "PolicyNames", 1, **who) == ["a", "b"]
    got = call["get"](**who, PolicyName="a")
    assert (got["PolicyName"], got[f"{kind.title()}Name"]) == ("a", f"inline-{kind}")
    other = policy(allow("s3:PutObject"))
    call["put"](**who, PolicyName="b", PolicyDocument=other)
    assert call["get"](**who, PolicyName="b")["PolicyDocument"]["Statement"][0]["Action"] == "s3:PutObject"
    call["delete"](**who, PolicyName="a")
    assert call["list"](**who)["PolicyNames"] == ["b"]


@pytest.mark.parametrize("kind", HOLDERS)
def test_attached_policies(iam, kind):
    HOLDERS[kind](iam, f"attached-{kind}")
    who = {f"{kind.title()}Name": f"attached-{kind}"}
    own = iam.create_policy(PolicyName=f"for-{kind}", Path="/apps/", PolicyDocument=DOCUMENT)["Policy"]["Arn"]
    attach, detach = getattr(iam, f"attach_{kind}_policy"), getattr(iam, f"detach_{kind}_policy")
    listed = getattr(iam, f"list_attached_{kind}_policies")
    for arn in (READ_ONLY, own, own):
        attach(**who, PolicyArn=arn)
    assert {one["PolicyArn"] for one in pages(listed, "AttachedPolicies", 1, **who)} == {READ_ONLY, own}
    assert listed(**who, PathPrefix="/apps/")["AttachedPolicies"] == [{"PolicyName": f"for-{kind}", "PolicyArn": own}]
    assert iam.get_policy(PolicyArn=own)["Policy"]["AttachmentCount"] == 1
    entities = iam.list_entities_for_policy(PolicyArn=own)
    assert [len(entities[f"Policy{name}s"]) for name in ("User", "Group", "Role")] == [int(kind == name) for name in ("user", "group", "role")]
    [entity] = entities[f"Policy{kind.title()}s"]
    assert entity[f"{kind.title()}Name"] == f"attached-{kind}"
    detach(**who, PolicyArn=own)
    assert [one["PolicyArn"] for one in listed(**who)["AttachedPolicies"]] == [READ_ONLY]
    iam.delete_policy(PolicyArn=own)


def test_a_group_and_who_is_in_it(iam):
    made = iam.create_group(GroupName="Readers", Path="/teams/")["Group"]
    assert re.fullmatch("AGPA[A-Z2-7]{17}", made["GroupId"]) and made["Arn"] == "arn:aws:iam::000000000000:group/teams/Readers"
    assert iam.list_groups(PathPrefix="/teams/")["Groups"] == [made]
    for number in range(3):
        iam.create_user(UserName=f"member{number}")
        iam.add_user_to_group(GroupName="readers", UserName=f"member{number}")
    iam.add_user_to_group(GroupName="Readers", UserName="member0")
    got = iam.get_group(GroupName="Readers")
    assert (got["Group"], [user["UserName"] for user in got["Users"]]) == (made, ["member0", "member1", "member2"])
    assert iam.list_groups_for_user(UserName="member1")["Groups"] == [made]
    iam.update_group(GroupName="Readers", NewGroupName="Writers", NewPath="/")
    assert [group["Arn"] for group in iam.list_groups_for_user(UserName="member1")["Groups"]] == ["arn:aws:iam::000000000000:group/Writers"]
    for number in range(3):
        iam.remove_user_from_group(GroupName="Writers", UserName=f"member{number}")
    iam.remove_user_from_group(GroupName="Writers", UserName="member0")
    assert iam.list_groups_for_user(UserName="member1")["Groups"] == []
    iam.delete_group(GroupName="Writers")
    assert "Writers" not in [group["GroupName"] for group in iam.list_groups()["Groups"]]


def test_a_groups_policies_count_for_its_members(server, iam):
    key = make_user(iam, "member")
    iam.create_group(GroupName="allowed")
    iam.put_group_policy(GroupName="allowed", PolicyName="p", PolicyDocument=policy(allow("iam:ListGroups")))
    member = server.client("iam", key)
    assert error_of(member.list_groups)[0] == "AccessDenied"
    iam.add_user_to_group(GroupName="allowed", UserName="member")
    assert member.list_groups()["Groups"]
    iam.remove_user_from_group(GroupName="allowed", UserName="member")
    assert error_of(member.list_groups)[0] == "AccessDenied"


def test_an_access_key_lives_and_ends(server, iam):
    iam.create_user(UserName="keys")
    first = iam.create_access_key(UserName="keys")["AccessKey"]
    assert re.fullmatch("AKIA[A-Z2-7]{16}", first["AccessKeyId"]) and len(first["SecretAccessKey"]) == 40 and first["Status"] == "Active"
    second = iam.create_access_key(UserName="keys")["AccessKey"]
    assert {key["AccessKeyId"] for key in pages(iam.list_access_keys, "AccessKeyMetadata", 1, UserName="keys")} == {
        first["AccessKeyId"], second["AccessKeyId"]}
    never = iam.get_access_key_last_used(AccessKeyId=first["AccessKeyId"])
    assert never["UserName"] == "keys" and never["AccessKeyLastUsed"] == {"ServiceName": "N/A", "Region": "N/A"}
    sts = server.client("sts", (first["AccessKeyId"], first["SecretAccessKey"]))
    assert sts.get_caller_identity()["Arn"] == "arn:aws:iam::000000000000:user/keys"
    iam.update_access_key(UserName="keys", AccessKeyId=first["AccessKeyId"], Status="Inactive")
    assert error_of(sts.get_caller_identity)[0] == "InvalidClientTokenId"
    statuses = {key["AccessKeyId"]: key["Status"] for key in iam.list_access_keys(UserName="keys")["AccessKeyMetadata"]}
    assert statuses == {first["AccessKeyId"]: "Inactive", second["AccessKeyId"]: "Active"}
    iam.update_access_key(UserName="keys", AccessKeyId=first["AccessKeyId"], Status="Active")
    assert sts.get_caller_identity()["UserId"].startswith("AIDA")
    # `Expired` is in the model, but it is AWS's to set.
    assert error_of(iam.update_access_key, UserName="keys", AccessKeyId=first["AccessKeyId"], Status="Expired")[0] == "InvalidInput"
    iam.delete_access_key(UserName="keys", AccessKeyId=first["AccessKeyId"])
    assert error_of(sts.get_caller_identity)[0] == "InvalidClientTokenId"
    assert [key["AccessKeyId"] for key in iam.list_access_keys(UserName="keys")["AccessKeyMetadata"]] == [second["AccessKeyId"]]


def test_sts_tells_who_one_is(server, iam):
    key = make_user(iam, "who", allow("sts:*"))
    sts = server.client("sts", key)
    assert sts.get_access_key_info(AccessKeyId=key[0])["Account"] == "000000000000"
    token = sts.get_session_token(DurationSeconds=900)["Credentials"]
    session = server.client("sts", (token["AccessKeyId"], token["SecretAccessKey"], token["SessionToken"]))
    assert token["AccessKeyId"].startswith("ASIA") and session.get_caller_identity()["Arn"] == "arn:aws:iam::000000000000:user/who"
    iam.create_role(RoleName="who", Path="/p/", AssumeRolePolicyDocument=policy(
        {"Effect": "Allow", "Principal": {"AWS": "000000000000"}, "Action": "sts:AssumeRole"}))
    got = sts.assume_role(RoleArn="arn:aws:iam::000000000000:role/p/who", RoleSessionName="session")
    assert got["AssumedRoleUser"]["Arn"] == "arn:aws:sts::000000000000:assumed-role/who/session"
    keys = got["Credentials"]
    role = server.client("sts", (keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"]))
    assert role.get_caller_identity()["UserId"] == got["AssumedRoleUser"]["AssumedRoleId"]
    # What an encoded message says is what decided.
    with pytest.raises(ClientError) as refused:
        server.client("ec2", key).stop_instances(InstanceIds=["i-0123456789abcdef0"])
    message = refused.value.response["Error"]["Message"].split("message: ")[1]
    assert '"allowed":false' in sts.decode_authorization_message(EncodedMessage=message)["DecodedMessage"]


def test_the_text_of_a_document_is_kept(server, iam):
    """White space, escapes and characters that have a meaning in URLs come back as they were."""
    iam.create_user(UserName="text")
    text = '{ "Version" : "2012-10-17",\n\t"Statement": {"Effect":"Allow","Action":"s3:Get*","Resource":"arn:aws:s3:::b/%3A+a b~é\\u0041"} }\r\n'
    iam.put_user_policy(UserName="text", PolicyName="p", PolicyDocument=text)
    seen = []
    iam.meta.events.register_first("after-call.iam.GetUserPolicy", lambda http_response, **_: seen.append(http_response.text))
    iam.get_user_policy(UserName="text", PolicyName="p")
    encoded = re.search("<PolicyDocument>(.*)</PolicyDocument>", seen[0]).group(1)
    assert urllib.parse.unquote(encoded) == text
    assert encoded == urllib.parse.quote(text, safe="~"), "RFC 3986: everything but letters, digits and -_.~ is encoded"
