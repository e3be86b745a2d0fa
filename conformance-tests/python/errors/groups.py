"""Groups: create, get, list, update, delete, who is in them, and their policies."""

from conftest import allow, make_user, policy

READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
SERVICE_ROLES_ONLY = "arn:aws:iam::aws:policy/aws-service-role/AutoScalingServiceRolePolicy"
DOCUMENT = policy(allow("s3:GetObject"))


def before(server):
    iam = server.client("iam")
    key = make_user(iam, "nobody")
    for name in ("readers", "full", "with-policy", "with-attached"):
        iam.create_group(GroupName=name)
    iam.add_user_to_group(GroupName="full", UserName="nobody")
    iam.put_group_policy(GroupName="with-policy", PolicyName="p", PolicyDocument=DOCUMENT)
    iam.attach_group_policy(GroupName="with-attached", PolicyArn=READ_ONLY)
    iam.create_user(UserName="everywhere")
    for number in range(10):
        iam.create_group(GroupName=f"g{number}")
        iam.add_user_to_group(GroupName=f"g{number}", UserName="everywhere")
    return {"nobody": key}


NOT_FOUND = "The group with name lost cannot be found."
LONG = policy(allow("s3:GetObject", "arn:aws:s3:::" + "b" * 5_200))
CASES = [
    ("iam", "CreateGroup", {"GroupName": "READERS"}, 409, "EntityAlreadyExists", "Group with name READERS already exists."),
    ("iam", "CreateGroup", {"GroupName": "a:b"}, 400, "ValidationError",
     "The specified value for groupName is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-"),
    ("iam", "GetGroup", {"GroupName": "lost"}, 404, "NoSuchEntity", NOT_FOUND),
    ("iam", "ListGroups", {"Marker": "bm8"}, 400, "ValidationError", "Invalid Marker."),
    ("iam", "UpdateGroup", {"GroupName": "lost", "NewPath": "/a/"}, 404, "NoSuchEntity", NOT_FOUND),
    ("iam", "UpdateGroup", {"GroupName": "readers", "NewGroupName": "full"}, 409, "EntityAlreadyExists", "Group with name full already exists."),
    ("iam", "DeleteGroup", {"GroupName": "lost"}, 404, "NoSuchEntity", NOT_FOUND),
    ("iam", "DeleteGroup", {"GroupName": "full"}, 409, "DeleteConflict", "Cannot delete entity, must remove users from group first."),
    ("iam", "DeleteGroup", {"GroupName": "with-policy"}, 409, "DeleteConflict", "Cannot delete entity, must delete policies first."),
    ("iam", "DeleteGroup", {"GroupName": "with-attached"}, 409, "DeleteConflict", "Cannot delete entity, must detach all policies first."),
    ("iam", "CreateGroup", {"GroupName": "mine"}, 403, "AccessDenied",
     "User: arn:aws:iam::000000000000:user/nobody is not authorized to perform: iam:CreateGroup on resource: "
     "arn:aws:iam::000000000000:group/mine because no identity-based policy allows the iam:CreateGroup action", "nobody"),
    ("iam", "AddUserToGroup", {"GroupName": "lost", "UserName": "nobody"}, 404, "NoSuchEntity", NOT_FOUND),
    ("iam", "AddUserToGroup", {"GroupName": "readers", "UserName": "lost"}, 404, "NoSuchEntity", "The user with name lost cannot be found."),
    ("iam", "AddUserToGroup", {"GroupName": "readers", "UserName": "everywhere"}, 409, "LimitExceeded", "Cannot exceed quota for GroupsPerUser: 10"),
    ("iam", "RemoveUserFromGroup", {"GroupName": "lost", "UserName": "nobody"}, 404, "NoSuchEntity", NOT_FOUND),
    ("iam", "RemoveUserFromGroup", {"GroupName": "readers", "UserName": "lost"}, 404, "NoSuchEntity", "The user with name lost cannot be found."),
    ("iam", "PutGroupPolicy", {"GroupName": "lost", "PolicyName": "p", "PolicyDocument": DOCUMENT}, 404, "NoSuchEntity", NOT_FOUND),
    ("iam", "PutGroupPolicy", {"GroupName": "readers", "PolicyName": "p", "PolicyDocument": "no"}, 400, "MalformedPolicyDocument", "Syntax errors in policy."),
    ("iam", "PutGroupPolicy", {"GroupName": "readers", "PolicyName": "p", "PolicyDocument": LONG}, 409, "LimitExceeded",
     "Maximum policy size of 5120 bytes exceeded for group readers"),
    ("iam", "GetGroupPolicy", {"GroupName": "lost", "PolicyName": "p"}, 404, "NoSuchEntity", NOT_FOUND),
    ("iam", "GetGroupPolicy", {"GroupName": "readers", "PolicyName": "p"}, 404, "NoSuchEntity", "The group policy with name p cannot be found."),
    ("iam", "DeleteGroupPolicy", {"GroupName": "lost", "PolicyName": "p"}, 404, "NoSuchEntity", NOT_FOUND),
    ("iam", "DeleteGroupPolicy", {"GroupName": "readers", "PolicyName": "p"}, 404, "NoSuchEntity", "The group policy with name p cannot be found."),
    ("iam", "ListGroupPolicies", {"GroupName": "lost"}, 404, "NoSuchEntity", NOT_FOUND),
    ("iam", "AttachGroupPolicy", {"GroupName": "lost", "PolicyArn": READ_ONLY}, 404, "NoSuchEntity", NOT_FOUND),
    ("iam", "AttachGroupPolicy", {"GroupName": "readers", "PolicyArn": "arn:aws:iam::000000000000:policy/lost"}, 404, "NoSuchEntity",
     "Policy arn:aws:iam::000000000000:policy/lost does not exist or is not attachable."),
    ("iam", "AttachGroupPolicy", {"GroupName": "readers", "PolicyArn": SERVICE_ROLES_ONLY}, 400, "PolicyNotAttachable",
     "Cannot attach AWS reserved policy to an IAM group."),
    ("iam", "AttachGroupPolicy", {"GroupName": "readers", "PolicyArn": "arn:aws:iam::aws:group/readers"}, 400, "InvalidInput",
     "ARN arn:aws:iam::aws:group/readers is not valid."),
    ("iam", "DetachGroupPolicy", {"GroupName": "lost", "PolicyArn": READ_ONLY}, 404, "NoSuchEntity", NOT_FOUND),
    ("iam", "DetachGroupPolicy", {"GroupName": "readers", "PolicyArn": READ_ONLY}, 404, "NoSuchEntity", f"Policy {READ_ONLY} was not found."),
    ("iam", "DetachGroupPolicy", {"GroupName": "readers", "PolicyArn": "arn:aws-cn:iam::aws:policy/ReadOnlyAccess"}, 400, "ValidationError",
     "Invalid ARN partition"),
    ("iam", "DetachGroupPolicy", {"GroupName": "readers", "PolicyArn": "arn:aws:iam::aws:group/readers"}, 400, "InvalidInput",
     "ARN arn:aws:iam::aws:group/readers is not valid."),
    ("iam", "ListAttachedGroupPolicies", {"GroupName": "lost"}, 404, "NoSuchEntity", NOT_FOUND),
]
