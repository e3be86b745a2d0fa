"""Users: create, get, list, update, delete; their tags, boundaries, inline and attached policies."""

from conftest import allow, make_user, policy

ME = "arn:aws:iam::000000000000:user/nobody"
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
SERVICE_ROLES_ONLY = "arn:aws:iam::aws:policy/aws-service-role/AutoScalingServiceRolePolicy"
DOCUMENT = policy(allow("s3:GetObject"))
#: Two of these fit into a user's quota of 2,048 characters, three don't.
HALF = policy(allow("s3:GetObject", "arn:aws:s3:::" + "b" * 900))


def before(server):
    iam = server.client("iam")
    key = make_user(iam, "nobody")
    iam.create_user(UserName="Zoe", Path="/staff/", Tags=[{"Key": "team", "Value": "a"}])
    for name in ("with-key", "with-policy", "with-attached", "in-group", "full", "tagged"):
        iam.create_user(UserName=name)
    iam.create_access_key(UserName="with-key")
    iam.put_user_policy(UserName="with-policy", PolicyName="p", PolicyDocument=DOCUMENT)
    iam.attach_user_policy(UserName="with-attached", PolicyArn=READ_ONLY)
    iam.create_group(GroupName="g")
    iam.add_user_to_group(GroupName="g", UserName="in-group")
    for name in ("a", "b"):
        iam.put_user_policy(UserName="full", PolicyName=name, PolicyDocument=HALF)
    iam.tag_user(UserName="tagged", Tags=[{"Key": f"k{number}", "Value": ""} for number in range(50)])
    return {"nobody": key}


LOST = "The user with name lost cannot be found."
NAMES = "It must contain only alphanumeric characters and/or the following: +=,.@_-"
PATHS = "It must begin and end with / and contain only alphanumeric characters and/or / characters."
DUPLICATE = "Duplicate tag keys found. Please note that Tag keys are case insensitive."


def denied(action, resource):
    return (403, "AccessDenied", f"User: {ME} is not authorized to perform: iam:{action} on resource: {resource} because no identity-based policy allows "
                                 f"the iam:{action} action", "nobody")


CASES = [
    ("iam", "CreateUser", {"UserName": "Zoe"}, 409, "EntityAlreadyExists", "User with name Zoe already exists."),
    ("iam", "CreateUser", {"UserName": "ZOE", "Path": "/other/"}, 409, "EntityAlreadyExists", "User with name ZOE already exists."),
    ("iam", "CreateUser", {"UserName": "a b"}, 400, "ValidationError", f"The specified value for userName is invalid. {NAMES}"),
    ("iam", "CreateUser", {"UserName": "x", "Path": "staff/"}, 400, "ValidationError", f"The specified value for path is invalid. {PATHS}"),
    ("iam", "CreateUser", {"UserName": "x", "Path": "/staff"}, 400, "ValidationError", f"The specified value for path is invalid. {PATHS}"),
    ("iam", "CreateUser", {"UserName": "x" * 65}, 400, "ValidationError",
     "1 validation error detected: Value at 'userName' failed to satisfy constraint: Member must have length less than or equal to 64"),
    ("iam", "CreateUser", {}, 400, "ValidationError",
     "1 validation error detected: Value at 'userName' failed to satisfy constraint: Member must not be null"),
    ("iam", "CreateUser", {"UserName": "", "Path": ""}, 400, "ValidationError",
     "2 validation errors detected: Value at 'path' failed to satisfy constraint: Member must have length greater than or equal to 1; "
     "Value at 'userName' failed to satisfy constraint: Member must have length greater than or equal to 1"),
    ("iam", "CreateUser", {"UserName": "x", "PermissionsBoundary": "arn:aws:iam::aws:policy/Lost"}, 404, "NoSuchEntity",
     "Scope ARN: arn:aws:iam::aws:policy/Lost does not exist or is not attachable."),
    ("iam", "CreateUser", {"UserName": "x", "Tags": [{"Key": "a", "Value": "1"}, {"Key": "A", "Value": "2"}]}, 400, "InvalidInput", DUPLICATE),
    ("iam", "CreateUser", {"UserName": "x", "Tags": [{"Key": "aws:a", "Value": "1"}]}, 400, "InvalidInput",
     "Tag keys beginning with aws: are reserved for system use."),
    ("iam", "CreateUser", {"UserName": "x", "Tags": [{"Key": f"k{n}", "Value": ""} for n in range(51)]}, 400, "ValidationError",
     "1 validation error detected: Value at 'tags' failed to satisfy constraint: Member must have length less than or equal to 50"),
    ("iam", "CreateUser", {"UserName": "x", "Tags": [{"Key": "k" * 129, "Value": ""}]}, 400, "ValidationError",
     "1 validation error detected: Value at 'tags.1.member.key' failed to satisfy constraint: Member must have length less than or equal to 128"),
    ("iam", "CreateUser", {"UserName": "x", "Tags": [{"Key": "k", "Value": "v" * 257}]}, 400, "ValidationError",
     "1 validation error detected: Value at 'tags.1.member.value' failed to satisfy constraint: Member must have length less than or equal to 256"),
    ("iam", "CreateUser", {"UserName": "x"}, *denied("CreateUser", "arn:aws:iam::000000000000:user/x")),
    ("iam", "GetUser", {"UserName": "lost"}, 404, "NoSuchEntity", LOST),
    ("iam", "GetUser", {"UserName": "lost"}, *denied("GetUser", "user lost")),
    ("iam", "GetUser", {}, *denied("GetUser", "user nobody")),
    ("iam", "GetUser", {"UserName": "zoe"}, *denied("GetUser", "user zoe")),
    ("iam", "ListAttachedUserPolicies", {"UserName": "Zoe"}, *denied("ListAttachedUserPolicies", "user Zoe")),
    # The denials of setting a boundary show the ARN.
    ("iam", "PutUserPermissionsBoundary", {"UserName": "Zoe", "PermissionsBoundary": READ_ONLY},
     *denied("PutUserPermissionsBoundary", "arn:aws:iam::000000000000:user/staff/Zoe")),
    ("iam", "ListUsers", {"Marker": "no-marker"}, 400, "ValidationError", "Invalid Marker."),
    ("iam", "ListUsers", {"PathPrefix": "staff"}, 400, "ValidationError",
     "The specified value for pathPrefix is invalid. It must begin with the / character and contain only alphanumeric characters and/or / characters."),
    ("iam", "ListUsers", {"MaxItems": 0}, 400, "ValidationError",
     "1 validation error detected: Value at 'maxItems' failed to satisfy constraint: Member must have value greater than or equal to 1"),
    ("iam", "ListUsers", {"MaxItems": 1001}, 400, "ValidationError",
     "1 validation error detected: Value at 'maxItems' failed to satisfy constraint: Member must have value less than or equal to 1000"),
    ("iam", "ListUsers", {"PathPrefix": "/staff/"}, *denied("ListUsers", "arn:aws:iam::000000000000:user/staff/")),
    ("iam", "UpdateUser", {"UserName": "lost", "NewPath": "/a/"}, 404, "NoSuchEntity", LOST),
    ("iam", "UpdateUser", {"UserName": "Zoe", "NewUserName": "FULL"}, 409, "EntityAlreadyExists", "User with name FULL already exists."),
    ("iam", "UpdateUser", {"UserName": "Zoe", "NewUserName": "a/b"}, 400, "ValidationError",
     f"The specified value for newUserName is invalid. {NAMES}"),
    ("iam", "DeleteUser", {"UserName": "lost"}, 404, "NoSuchEntity", LOST),
    ("iam", "DeleteUser", {"UserName": "with-key"}, 409, "DeleteConflict", "Cannot delete entity, must delete access keys first."),
    ("iam", "DeleteUser", {"UserName": "with-policy"}, 409, "DeleteConflict", "Cannot delete entity, must delete policies first."),
    ("iam", "DeleteUser", {"UserName": "with-attached"}, 409, "DeleteConflict", "Cannot delete entity, must detach all policies first."),
    ("iam", "DeleteUser", {"UserName": "in-group"}, 409, "DeleteConflict", "Cannot delete entity, must remove users from group first."),
    ("iam", "TagUser", {"UserName": "lost", "Tags": [{"Key": "k", "Value": "v"}]}, 404, "NoSuchEntity", LOST),
    ("iam", "TagUser", {"UserName": "Zoe", "Tags": []}, 400, "InvalidInput", "Error occurred while validating input. "),
    ("iam", "TagUser", {"UserName": "tagged", "Tags": [{"Key": "one-more", "Value": ""}]}, 409, "LimitExceeded",
     "The number of tags has reached the maximum limit."),
    ("iam", "TagUser", {"UserName": "Zoe", "Tags": [{"Key": "k", "Value": "1"}, {"Key": "K", "Value": "2"}]}, 400, "InvalidInput", DUPLICATE),
    ("iam", "UntagUser", {"UserName": "lost", "TagKeys": ["k"]}, 404, "NoSuchEntity", LOST),
    ("iam", "ListUserTags", {"UserName": "lost"}, 404, "NoSuchEntity", LOST),
    ("iam", "PutUserPermissionsBoundary", {"UserName": "lost", "PermissionsBoundary": READ_ONLY}, 404, "NoSuchEntity", LOST),
    ("iam", "PutUserPermissionsBoundary", {"UserName": "Zoe", "PermissionsBoundary": "arn:aws:iam::000000000000:policy/lost"}, 404, "NoSuchEntity",
     "Scope ARN: arn:aws:iam::000000000000:policy/lost does not exist or is not attachable."),
    ("iam", "PutUserPermissionsBoundary", {"UserName": "Zoe", "PermissionsBoundary": SERVICE_ROLES_ONLY}, 400, "PolicyNotAttachable",
     "Cannot attach AWS reserved policy to an IAM user."),
    ("iam", "PutUserPermissionsBoundary", {"UserName": "Zoe", "PermissionsBoundary": "arn:aws:iam::000000000000:role/x"}, 400, "InvalidInput",
     "ARN arn:aws:iam::000000000000:role/x is not valid."),
    ("iam", "DeleteUserPermissionsBoundary", {"UserName": "lost"}, 404, "NoSuchEntity", LOST),
    ("iam", "PutUserPolicy", {"UserName": "lost", "PolicyName": "p", "PolicyDocument": DOCUMENT}, 404, "NoSuchEntity", LOST),
    ("iam", "PutUserPolicy", {"UserName": "Zoe", "PolicyName": "p q", "PolicyDocument": DOCUMENT}, 400, "ValidationError",
     f"The specified value for policyName is invalid. {NAMES}"),
    ("iam", "PutUserPolicy", {"UserName": "Zoe", "PolicyName": "p", "PolicyDocument": "{}"}, 400, "MalformedPolicyDocument", "Syntax errors in policy."),
    ("iam", "PutUserPolicy", {"UserName": "full", "PolicyName": "c", "PolicyDocument": HALF}, 409, "LimitExceeded",
     "Maximum policy size of 2048 bytes exceeded for user full"),
    ("iam", "GetUserPolicy", {"UserName": "lost", "PolicyName": "p"}, 404, "NoSuchEntity", LOST),
    ("iam", "GetUserPolicy", {"UserName": "Zoe", "PolicyName": "p"}, 404, "NoSuchEntity", "The user policy with name p cannot be found."),
    ("iam", "DeleteUserPolicy", {"UserName": "lost", "PolicyName": "p"}, 404, "NoSuchEntity", LOST),
    ("iam", "DeleteUserPolicy", {"UserName": "Zoe", "PolicyName": "p"}, 404, "NoSuchEntity", "The user policy with name p cannot be found."),
    ("iam", "ListUserPolicies", {"UserName": "lost"}, 404, "NoSuchEntity", LOST),
    ("iam", "AttachUserPolicy", {"UserName": "lost", "PolicyArn": READ_ONLY}, 404, "NoSuchEntity", LOST),
    ("iam", "AttachUserPolicy", {"UserName": "Zoe", "PolicyArn": "arn:aws:iam::aws:policy/Lost"}, 404, "NoSuchEntity",
     "Policy arn:aws:iam::aws:policy/Lost does not exist or is not attachable."),
    ("iam", "AttachUserPolicy", {"UserName": "Zoe", "PolicyArn": SERVICE_ROLES_ONLY}, 400, "PolicyNotAttachable",
     "Cannot attach AWS reserved policy to an IAM user."),
    ("iam", "AttachUserPolicy", {"UserName": "Zoe", "PolicyArn": "arn:aws:s3:::a-bucket-of-mine"}, 400, "InvalidInput",
     "ARN arn:aws:s3:::a-bucket-of-mine is not valid."),
    ("iam", "DetachUserPolicy", {"UserName": "lost", "PolicyArn": READ_ONLY}, 404, "NoSuchEntity", LOST),
    ("iam", "DetachUserPolicy", {"UserName": "Zoe", "PolicyArn": READ_ONLY}, 404, "NoSuchEntity", f"Policy {READ_ONLY} was not found."),
    ("iam", "DetachUserPolicy", {"UserName": "Zoe", "PolicyArn": f"{READ_ONLY} "}, 400, "InvalidInput", f"ARN {READ_ONLY}  is not valid."),
    ("iam", "ListAttachedUserPolicies", {"UserName": "lost"}, 404, "NoSuchEntity", LOST),
    ("iam", "ListGroupsForUser", {"UserName": "lost"}, 404, "NoSuchEntity", LOST),
]
