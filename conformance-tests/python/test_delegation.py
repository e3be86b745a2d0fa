"""Temporary delegation between two accounts, and roles acquired from templates."""

import itertools
import json
import secrets

import pytest

from conftest import allow, error_of, make_user, policy, trust

OWNER, PARTNER = "000000000000", "999999999999"
TOPIC = f"arn:aws:sns:us-east-1:{PARTNER}:requests"
TEMPLATE = "arn:aws:iam:::delegation-template/partner/setup"
ROLE_TEMPLATE = "arn:aws:iam::aws:role-template/lambda.amazonaws.com/Reader:1"
FLOWS = itertools.count()


@pytest.fixture(scope="module")
def partner(server):
    server.admin("PUT", "policy-templates", {"arn": TEMPLATE, "account": PARTNER, "requestorName": "Partner", "document": {
        "Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "iam:GetUser", "Resource": f"arn:aws:iam::{OWNER}:user/@{{userNames}}"},
            {"Effect": "Allow", "Action": "iam:CreateRole", "Resource": "*",
             "Condition": {"StringEquals": {"iam:PermissionsBoundary": "arn:aws:iam::aws:policy/@{boundary}"}}}]}})
    return server.client("iam", server.account(PARTNER))


@pytest.fixture(scope="module")
def root(server):
    return server.client("iam")


@pytest.fixture(scope="module")
def ann(server, root):
    """The owner: may do all that is needed for delegations, and a little more."""
    key = make_user(root, "ann", allow(["iam:*DelegationRequest*", "iam:SendDelegationToken", "iam:GetUser"]))
    return server.client("iam", key)


def values(users=("ann", "bob"), boundary="PowerUserAccess"):
    return [{"Name": "userNames", "Type": "stringList", "Values": list(users)}, {"Name": "boundary", "Type": "string", "Values": [boundary]}]


def ask(iam, **more):
    asked = {"Description": "Sets things up.", "Permissions": {"PolicyTemplateArn": TEMPLATE, "Parameters": values()},
             "RequestorWorkflowId": f"flow-{next(FLOWS)}", "NotificationChannel": TOPIC, "SessionDuration": 3600}
    return iam.create_delegation_request(**{**asked, **more})


def refused(iam, **more):
    asked = {"Description": "Sets things up.", "Permissions": {"PolicyTemplateArn": TEMPLATE, "Parameters": values()},
             "RequestorWorkflowId": f"flow-{next(FLOWS)}", "NotificationChannel": TOPIC, "SessionDuration": 3600}
    return error_of(iam.create_delegation_request, **{**asked, **more})


def state(iam, request):
    return iam.get_delegation_request(DelegationRequestId=request)["DelegationRequest"]["State"]


def released(server, partner, ann, **more):
    """A request that ann accepted and released, and its token."""
    request = ask(partner, **more)["DelegationRequestId"]
    for step in (ann.associate_delegation_request, ann.accept_delegation_request, ann.send_delegation_token):
        step(DelegationRequestId=request)
    return request, server.admin("GET", f"delegation-requests/{request}")["exchangeToken"]


def trade(server, token, account=PARTNER):
    sts = server.client("sts", server.account(account))
    answer = sts.get_delegated_access_token(TradeInToken=token)
    made = answer["Credentials"]
    return answer, (made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"])


def test_the_whole_way(server, partner, root, ann):
    made = ask(partner, RequestMessage="for Ann", RedirectUrl="https://partner.example/done", OnlySendByOwner=True)
    request = made["DelegationRequestId"]
    assert request in made["ConsoleDeepLink"]
    got = ann.get_delegation_request(DelegationRequestId=request)["DelegationRequest"]
    assert (got["State"], got["RequestorId"], got["RequestorName"]) == ("UNASSIGNED", PARTNER, "Partner")
    assert (got["Description"], got["RequestMessage"]) == ("Sets things up.", "for Ann")
    assert (got["SessionDuration"], got["OnlySendByOwner"]) == (3600, True)
    assert got["RedirectUrl"] == "https://partner.example/done"
    assert got["Permissions"] == {"PolicyTemplateArn": TEMPLATE, "Parameters": values()}
    rendered = json.loads(got["PermissionPolicy"])["Statement"]
    assert rendered[0]["Resource"] == [f"arn:aws:iam::{OWNER}:user/ann", f"arn:aws:iam::{OWNER}:user/bob"]
    assert got["RolePermissionRestrictionArns"] == ["arn:aws:iam::aws:policy/PowerUserAccess"]
    assert (got["ExpirationTime"] - got["CreateDate"]).total_seconds() == 24 * 3600
    assert "OwnerId" not in got and request not in listed(ann)

    ann.associate_delegation_request(DelegationRequestId=request)
    got = ann.get_delegation_request(DelegationRequestId=request)["DelegationRequest"]
    assert (got["State"], got["OwnerAccountId"], got["OwnerId"]) == ("ASSIGNED", OWNER, f"arn:aws:iam::{OWNER}:user/ann")
    assert request in listed(ann) and request in listed(ann, OwnerId=got["OwnerId"])
    assert error_of(partner.get_delegation_request, DelegationRequestId=request)[0] == "NoSuchEntity"

    ann.update_delegation_request(DelegationRequestId=request, Notes="boss, please look")
    got = root.get_delegation_request(DelegationRequestId=request)["DelegationRequest"]
    assert (got["State"], got["Notes"]) == ("PENDING_APPROVAL", "boss, please look")
    root.accept_delegation_request(DelegationRequestId=request)
    got = ann.get_delegation_request(DelegationRequestId=request)["DelegationRequest"]
    assert (got["State"], got["ApproverId"]) == ("ACCEPTED", f"arn:aws:iam::{OWNER}:root")
    assert server.admin("GET", f"delegation-requests/{request}")["exchangeToken"] is None
    assert error_of(root.send_delegation_token, DelegationRequestId=request)[0] == "AccessDenied"
    ann.send_delegation_token(DelegationRequestId=request)
    assert state(ann, request) == "FINALIZED"
    told = server.admin("GET", f"delegation-requests/{request}")
    assert (told["state"], told["notificationChannel"]) == ("FINALIZED", TOPIC)

    answer, key = trade(server, told["exchangeToken"])
    assert answer["AssumedPrincipal"] == f"arn:aws:iam::{OWNER}:root" and "PackedPolicySize" not in answer
    delegated = server.client("iam", key)
    assert delegated.get_user(UserName="ann")["User"]["UserName"] == "ann"
    code, text, _ = error_of(delegated.list_users)
    assert code == "AccessDenied" and "no session policy allows" in text
    unbounded = error_of(delegated.create_role, RoleName="unbounded", AssumeRolePolicyDocument=trust(PARTNER))
    assert unbounded[0] == "AccessDenied"
    delegated.create_role(RoleName="bounded", AssumeRolePolicyDocument=trust(PARTNER),
                          PermissionsBoundary="arn:aws:iam::aws:policy/PowerUserAccess")
    assert root.get_role(RoleName="bounded")["Role"]["Arn"] == f"arn:aws:iam::{OWNER}:role/bounded"


def listed(iam, **more):
    pages = iam.get_paginator("list_delegation_requests") if iam.can_paginate("list_delegation_requests") else None
    answers = pages.paginate(**more) if pages else [iam.list_delegation_requests(**more)]
    return [request["DelegationRequestId"] for answer in answers for request in answer["DelegationRequests"]]


def test_a_session_is_the_approvers_and_limited(server, partner, root, ann):
    make_user(root, "bob")
    _, token = released(server, partner, ann)
    answer, key = trade(server, token)
    assert answer["AssumedPrincipal"] == f"arn:aws:iam::{OWNER}:user/ann"
    assert server.client("sts", key).get_caller_identity()["Arn"] == f"arn:aws:iam::{OWNER}:user/ann"
    delegated = server.client("iam", key)
    delegated.get_user(UserName="bob")
    # The template would allow it, ann's own permissions do not.
    refusal = error_of(delegated.create_role, RoleName="mine", AssumeRolePolicyDocument=trust(PARTNER),
                       PermissionsBoundary="arn:aws:iam::aws:policy/PowerUserAccess")
    assert refusal[0] == "AccessDenied" and "no identity-based policy allows" in refusal[1]
    root.put_user_policy(UserName="ann", PolicyName="deny", PolicyDocument=policy(
        {"Effect": "Deny", "Action": "iam:GetUser", "Resource": "*"}))
    assert error_of(delegated.get_user, UserName="bob")[0] == "AccessDenied"
    root.delete_user_policy(UserName="ann", PolicyName="deny")


def test_the_token_ends_with_the_session(make_server):
    server = make_server()
    server.admin("PUT", "policy-templates", {"arn": TEMPLATE, "account": PARTNER, "requestorName": "Partner",
                                             "document": {"Version": "2012-10-17", "Statement": allow("iam:GetUser")}})
    partner = server.client("iam", server.account(PARTNER))
    ann = server.client("iam", make_user(server.client("iam"), "ann", allow("iam:*")))
    permissions = {"PolicyTemplateArn": TEMPLATE}
    _, token = released(server, partner, ann, Permissions=permissions, SessionDuration=900)
    server.kill()
    server.start()
    _, key = trade(server, token)
    server.client("iam", key).get_user()
    sts = server.client("sts", server.account(PARTNER))
    assert error_of(server.client("sts").get_delegated_access_token, TradeInToken=token)[0] == "ValidationError"
    assert error_of(sts.get_delegated_access_token, TradeInToken="nonsense")[0] == "ValidationError"
    server.advance("15m")
    code, _, status = error_of(sts.get_delegated_access_token, TradeInToken=token)
    assert (code, status) == ("ExpiredTradeInTokenException", 400)
    assert error_of(server.client("iam", key).get_user)[0] == "ExpiredToken"


def test_a_policy_that_does_not_pack(server, partner, ann):
    names = [secrets.token_hex(20) for _ in range(20)]
    arn = "arn:aws:iam:::delegation-template/partner/names"
    server.admin("PUT", "policy-templates", {"arn": arn, "account": PARTNER, "requestorName": "Partner", "document": {
        "Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::@{names}"}}})
    parameters = [{"Name": "names", "Type": "stringList", "Values": names}]
    _, token = released(server, partner, ann, Permissions={"PolicyTemplateArn": arn, "Parameters": parameters})
    sts = server.client("sts", server.account(PARTNER))
    assert error_of(sts.get_delegated_access_token, TradeInToken=token)[0] == "PackedPolicyTooLarge"


def test_rejected(partner, ann):
    request = ask(partner)["DelegationRequestId"]
    ann.associate_delegation_request(DelegationRequestId=request)
    ann.accept_delegation_request(DelegationRequestId=request)
    ann.reject_delegation_request(DelegationRequestId=request, Notes="not today")
    got = ann.get_delegation_request(DelegationRequestId=request)["DelegationRequest"]
    assert (got["State"], got["RejectionReason"]) == ("REJECTED", "not today")
    for step in (ann.associate_delegation_request, ann.update_delegation_request, ann.reject_delegation_request,
                 ann.accept_delegation_request, ann.send_delegation_token):
        code, text, status = error_of(step, DelegationRequestId=request)
        assert (code, status) == ("InvalidInput", 400) and "is in state REJECTED" in text


def test_requests_expire(make_server):
    server = make_server()
    server.admin("PUT", "policy-templates", {"arn": TEMPLATE, "account": PARTNER, "requestorName": "Partner",
                                             "document": {"Version": "2012-10-17", "Statement": allow("iam:GetUser")}})
    root = server.client("iam")
    partner = server.client("iam", server.account(PARTNER))
    request, other = (ask(partner, Permissions={"PolicyTemplateArn": TEMPLATE})["DelegationRequestId"] for _ in range(2))
    root.associate_delegation_request(DelegationRequestId=other)
    server.advance("25h")
    assert (state(root, request), state(root, other)) == ("EXPIRED", "ASSIGNED")
    assert error_of(root.associate_delegation_request, DelegationRequestId=request)[0] == "InvalidInput"
    server.advance("144h")
    assert state(root, other) == "EXPIRED"
    assert error_of(root.accept_delegation_request, DelegationRequestId=other)[0] == "InvalidInput"
    server.advance("800h")
    assert error_of(root.get_delegation_request, DelegationRequestId=request)[0] == "NoSuchEntity"


def test_what_cannot_be_asked_for(partner, root):
    ask(partner, RequestorWorkflowId="taken")
    assert refused(partner, RequestorWorkflowId="taken")[0::2] == ("EntityAlreadyExists", 409)
    assert refused(partner, NotificationChannel="here")[0::2] == ("InvalidInput", 400)
    assert refused(root)[0] == "InvalidInput"
    many = [f"user-{number:04}" for number in range(100)]
    assert refused(partner, Permissions={"PolicyTemplateArn": TEMPLATE, "Parameters": values(many)})[0::2] == ("LimitExceeded", 409)


def test_lost(partner, root):
    lost = "01234567-89ab-4def-8123-456789abcdef"
    for call in (root.associate_delegation_request, root.get_delegation_request, root.update_delegation_request,
                 root.accept_delegation_request, root.reject_delegation_request, root.send_delegation_token):
        code, text, status = error_of(call, DelegationRequestId=lost)
        assert (code, text, status) == ("NoSuchEntity", f"The delegation request with id {lost} cannot be found.", 404)
    arn = f"arn:aws:iam::{OWNER}:delegation-request/{lost}"
    assert error_of(root.get_human_readable_summary, EntityArn=arn)[0] == "NoSuchEntity"
    assert error_of(root.get_human_readable_summary, EntityArn=f"arn:aws:iam::{OWNER}:user/ann")[0] == "InvalidInput"
    assert error_of(root.list_delegation_requests, OwnerId=f"arn:aws:iam::{OWNER}:user/lost")[0] == "NoSuchEntity"
    assert error_of(root.list_delegation_requests, OwnerId=f"arn:aws:iam::{PARTNER}:user/lost")[0] == "InvalidInput"


def test_permission_check_and_summary(partner, root, ann):
    request = ask(partner, Description="Looks at Ann.")["DelegationRequestId"]
    check = {"DelegationRequestId": request, "DelegationPermissionCheck": True}
    assert "PermissionCheckStatus" not in root.get_delegation_request(DelegationRequestId=request)
    for client, result in ((root, "ALLOWED"), (ann, "DENIED")):
        got = client.get_delegation_request(**check)
        assert (got["PermissionCheckStatus"], got["PermissionCheckResult"]) == ("COMPLETE", result)
    arn = f"arn:aws:iam::{OWNER}:delegation-request/{request}"
    got = root.get_human_readable_summary(EntityArn=arn, Locale="en")
    assert (got["SummaryState"], got["Locale"]) == ("AVAILABLE", "en")
    assert "Looks at Ann." in got["SummaryContent"] and "iam:GetUser" in got["SummaryContent"]
    assert root.get_human_readable_summary(EntityArn=arn, Locale="ja")["SummaryState"] == "NOT_SUPPORTED"


def test_the_owner_needs_no_policy(server, partner, root):
    key = make_user(root, "owner", allow("iam:AssociateDelegationRequest"))
    owner = server.client("iam", key)
    request = ask(partner, OwnerAccountId=OWNER)["DelegationRequestId"]
    assert error_of(owner.get_delegation_request, DelegationRequestId=request)[0] == "AccessDenied"
    owner.associate_delegation_request(DelegationRequestId=request)
    owner.get_delegation_request(DelegationRequestId=request)
    owner.update_delegation_request(DelegationRequestId=request, Notes="please")
    for call in (owner.accept_delegation_request, owner.reject_delegation_request, owner.send_delegation_token):
        assert error_of(call, DelegationRequestId=request)[0] == "AccessDenied"
    other = ask(partner, OwnerAccountId="111111111111")["DelegationRequestId"]
    assert error_of(owner.associate_delegation_request, DelegationRequestId=other)[0] == "NoSuchEntity"


def role_template(**more):
    version = {
        "minorVersion": 2, "roleNamePattern": "Reader-@{Name}", "rolePathPattern": "/readers/",
        "roleDescriptionPattern": "Reads for @{Name}", "assumeRolePolicyDocumentTemplate": trust("lambda.amazonaws.com"),
        "inlinePolicyTemplates": [{"policyName": "read", "policyDocument": policy(allow("s3:GetObject", "arn:aws:s3:::@{Buckets}/*"))}],
        "managedPolicyArns": ["arn:aws:iam::aws:policy/ReadOnlyAccess"],
        "parameters": [{"name": "Name", "type": "String", "isRequired": True}, {"name": "Buckets", "type": "StringList", "isRequired": True}],
        "tags": [{"key": "for", "value": "@{Name}"}], "maxSessionDuration": 7200,
        "createdAt": "2026-01-01T00:00:00Z", "updatedAt": "2026-01-01T00:00:00Z", **more}
    return {"arn": ROLE_TEMPLATE, "name": "Reader", "description": "Reads buckets", "majorVersion": 1, "defaultMinorVersion": 2,
            "managedBy": "lambda.amazonaws.com", "versions": [version, {**version, "minorVersion": 3, "enabled": False}]}


def acquire(iam, name, **more):
    values = {"Name": {"Values": [name]}, "Buckets": {"Values": ["a", "b"]}}
    return iam.acquire_role(**{"TemplateArn": ROLE_TEMPLATE, "ReplacementValues": values, **more})["Role"]


def test_acquired_roles(server, root):
    server.admin("PUT", "role-templates", role_template())
    got = root.get_role_template_version(TemplateArn=ROLE_TEMPLATE)["RoleTemplateVersion"]
    assert (got["TemplateName"], got["MajorVersion"], got["MinorVersion"], got["DefaultMinorVersion"]) == ("Reader", 1, 2, 2)
    assert (got["ManagedByType"], got["ManagedByValue"]) == ("Service", "lambda.amazonaws.com")
    assert got["ParametersDefinition"][1] == {"Name": "Buckets", "Type": "StringList", "IsRequired": True, "Immutable": False}
    assert got["RoleTagsTemplate"] == [{"Key": "for", "Value": "@{Name}"}]
    assert not root.get_role_template_version(TemplateArn=ROLE_TEMPLATE, MinorVersion=3)["RoleTemplateVersion"]["VersionEnabled"]
    made = acquire(root, "one")
    assert made["Arn"] == f"arn:aws:iam::{OWNER}:role/readers/Reader-one"
    role = root.get_role(RoleName="Reader-one")["Role"]
    assert "Description" not in made and role["SourceRoleTemplate"] == made["SourceRoleTemplate"] == {"TemplateArn": ROLE_TEMPLATE, "TemplateMinorVersion": 2}
    assert (role["Description"], role["MaxSessionDuration"], role["Tags"]) == ("Reads for one", 7200, [{"Key": "for", "Value": "one"}])
    inline = root.get_role_policy(RoleName="Reader-one", PolicyName="read")["PolicyDocument"]
    assert inline["Statement"][0]["Resource"] == ["arn:aws:s3:::a/*", "arn:aws:s3:::b/*"]
    attached = root.list_attached_role_policies(RoleName="Reader-one")["AttachedPolicies"]
    assert [policy["PolicyName"] for policy in attached] == ["ReadOnlyAccess"]

    # Seen of AWS, September 2026: it is given again as long as nobody changes it.
    assert acquire(root, "one")["RoleId"] == made["RoleId"]
    root.detach_role_policy(RoleName="Reader-one", PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
    assert error_of(acquire, iam=root, name="one") == (
        "RoleModified", "Role Reader-one has been modified since it was created and is no longer managed.", 409)
    root.create_role(RoleName="Reader-mine", AssumeRolePolicyDocument=trust("ec2.amazonaws.com"))
    assert error_of(acquire, iam=root, name="mine")[0::2] == ("NameConflict", 409)
    assert error_of(acquire, iam=root, name="two", TemplateMinorVersion=3)[0::2] == ("RoleTemplateDisabled", 400)
    assert error_of(acquire, iam=root, name="two", TemplateMinorVersion=9)[0::2] == ("NoSuchEntity", 404)
    assert error_of(acquire, iam=root, name="two", ReplacementValues={})[0::2] == ("InvalidInput", 400)
    lost = ROLE_TEMPLATE.replace("Reader", "Lost")
    assert error_of(root.get_role_template_version, TemplateArn=lost)[0::2] == ("NoSuchEntity", 404)
    assert error_of(root.get_role_template_version, TemplateArn=ROLE_TEMPLATE, MinorVersion=-1)[0::2] == ("NoSuchEntity", 404)
    server.admin("PUT", "role-templates", role_template(assumeRolePolicyDocumentTemplate="{}"))
    assert error_of(acquire, iam=root, name="two")[0::2] == ("MalformedPolicyDocument", 400)
    long = policy(allow("s3:GetObject", [f"arn:aws:s3:::{number}-{'x' * 1000}" for number in range(11)]))
    server.admin("PUT", "role-templates", role_template(inlinePolicyTemplates=[{"policyName": "read", "policyDocument": long}], parameters=[]))
    server.admin("PUT", "role-templates", role_template(
        inlinePolicyTemplates=[{"policyName": "read", "policyDocument": long}]))
    assert error_of(acquire, iam=root, name="two")[0::2] == ("LimitExceeded", 409)


def test_acquiring_is_creating(server, root):
    server.admin("PUT", "role-templates", role_template())
    actions = ["iam:CreateRole", "iam:TagRole", "iam:AttachRolePolicy", "iam:PutRolePolicy"]
    key = make_user(root, "acquirer", allow(actions, f"arn:aws:iam::{OWNER}:role/readers/*",
                                            Condition={"ArnEquals": {"iam:RoleTemplateARN": ROLE_TEMPLATE}}))
    mine = server.client("iam", key)
    reading = f"perform: iam:GetRoleTemplateVersion on resource: role template {ROLE_TEMPLATE} because no identity-based policy allows"
    assert reading in error_of(acquire, iam=mine, name="three")[1]
    root.put_user_policy(UserName="acquirer", PolicyName="read", PolicyDocument=policy(allow("iam:GetRoleTemplateVersion", ROLE_TEMPLATE)))
    assert acquire(mine, "three")["RoleName"] == "Reader-three"
    refusal = error_of(mine.create_role, RoleName="other", Path="/readers/", AssumeRolePolicyDocument=trust("ec2.amazonaws.com"))
    assert refusal[0] == "AccessDenied"
