"""Roles: create, get, list, update, delete; their trust, tags, boundaries, inline and attached policies."""

from conftest import allow, make_user, policy, trust

ME = "arn:aws:iam::000000000000:user/nobody"
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
SERVICE_ROLES_ONLY = "arn:aws:iam::aws:policy/aws-service-role/AutoScalingServiceRolePolicy"
EC2 = trust("ec2.amazonaws.com")
DOCUMENT = policy(allow("s3:GetObject"))
LONG = policy(allow("s3:GetObject", "arn:aws:s3:::" + "b" * 10_200))
LONG_TRUST = trust("ec2.amazonaws.com", Condition={"StringEquals": {"aws:PrincipalTag/t": "v" * 2_048}})


def before(server):
    iam = server.client("iam")
    key = make_user(iam, "nobody")
    for name in ("App", "with-policy", "with-attached", "in-profile", "tagged"):
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=EC2)
    iam.put_role_policy(RoleName="with-policy", PolicyName="p", PolicyDocument=DOCUMENT)
    iam.attach_role_policy(RoleName="with-attached", PolicyArn=READ_ONLY)
    iam.create_instance_profile(InstanceProfileName="profile")
    iam.add_role_to_instance_profile(InstanceProfileName="profile", RoleName="in-profile")
    iam.tag_role(RoleName="tagged", Tags=[{"Key": f"k{number}", "Value": ""} for number in range(50)])
    return {"nobody": key}


LOST = "The role with name lost cannot be found."
NAMES = "It must contain only alphanumeric characters and/or the following: +=,.@_-"
DUPLICATE = "Duplicate tag keys found. Please note that Tag keys are case insensitive."


def create(name="x", document=EC2, **more):
    return ("iam", "CreateRole", {"RoleName": name, "AssumeRolePolicyDocument": document, **more})


def denied(action, resource):
    return (403, "AccessDenied", f"User: {ME} is not authorized to perform: iam:{action} on resource: {resource} because no identity-based policy allows "
                                 f"the iam:{action} action", "nobody")


CASES = [
    (*create("app"), 409, "EntityAlreadyExists", "Role with name app already exists."),
    (*create("a b"), 400, "ValidationError", f"The specified value for roleName is invalid. {NAMES}"),
    (*create("x" * 65), 400, "ValidationError",
     "1 validation error detected: Value at 'roleName' failed to satisfy constraint: Member must have length less than or equal to 64"),
    (*create(Path="app"), 400, "ValidationError",
     "The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters."),
    (*create(Description="x" * 1_001), 400, "ValidationError",
     "1 validation error detected: Value at 'description' failed to satisfy constraint: Member must have length less than or equal to 1000"),
    (*create(MaxSessionDuration=3_599), 400, "ValidationError",
     "1 validation error detected: Value at 'maxSessionDuration' failed to satisfy constraint: Member must have value greater than or equal to 3600"),
    (*create(MaxSessionDuration=43_201), 400, "ValidationError",
     "1 validation error detected: Value at 'maxSessionDuration' failed to satisfy constraint: Member must have value less than or equal to 43200"),
    (*create(Tags=[{"Key": "a", "Value": "1"}, {"Key": "A", "Value": "2"}]), 400, "InvalidInput", DUPLICATE),
    (*create(document="{"), 400, "MalformedPolicyDocument", "This policy contains invalid Json"),
    (*create(document=LONG_TRUST), 409, "LimitExceeded", "Cannot exceed quota for ACLSizePerRole: 2048"),
    (*create(PermissionsBoundary="arn:aws:iam::000000000000:policy/lost"), 404, "NoSuchEntity",
     "Scope ARN: arn:aws:iam::000000000000:policy/lost does not exist or is not attachable."),
    (*create("mine"), *denied("CreateRole", "arn:aws:iam::000000000000:role/mine")),
    ("iam", "GetRole", {"RoleName": "lost"}, 404, "NoSuchEntity", LOST),
    ("iam", "GetRole", {"RoleName": "lost"}, *denied("GetRole", "role lost")),
    ("iam", "GetRole", {"RoleName": "App"}, *denied("GetRole", "role App")),
    ("iam", "AttachRolePolicy", {"RoleName": "App", "PolicyArn": READ_ONLY}, *denied("AttachRolePolicy", "role App")),
    ("iam", "UntagRole", {"RoleName": "App", "TagKeys": ["k"]}, *denied("UntagRole", "role App")),
    ("iam", "ListRoles", {"Marker": "x"}, 400, "ValidationError", "Invalid Marker."),
    ("iam", "ListRoles", {}, *denied("ListRoles", "arn:aws:iam::000000000000:role/")),
    ("iam", "UpdateRole", {"RoleName": "lost"}, 404, "NoSuchEntity", LOST),
    ("iam", "UpdateRoleDescription", {"RoleName": "lost", "Description": "d"}, 404, "NoSuchEntity", LOST),
    ("iam", "UpdateAssumeRolePolicy", {"RoleName": "lost", "PolicyDocument": EC2}, 404, "NoSuchEntity", LOST),
    ("iam", "UpdateAssumeRolePolicy", {"RoleName": "App", "PolicyDocument": DOCUMENT}, 400, "MalformedPolicyDocument",
     "Missing required field Principal"),
    ("iam", "UpdateAssumeRolePolicy", {"RoleName": "App", "PolicyDocument": LONG_TRUST}, 409, "LimitExceeded",
     "Cannot exceed quota for ACLSizePerRole: 2048"),
    ("iam", "UpdateAssumeRolePolicy", {"RoleName": "App", "PolicyDocument": trust("arn:aws:iam::000000000000:user/lost")}, 400,
     "MalformedPolicyDocument", 'Invalid principal in policy: "AWS":"arn:aws:iam::000000000000:user/lost"'),
    ("iam", "DeleteRole", {"RoleName": "lost"}, 404, "NoSuchEntity", LOST),
    ("iam", "DeleteRole", {"RoleName": "with-policy"}, 409, "DeleteConflict", "Cannot delete entity, must delete policies first."),
    ("iam", "DeleteRole", {"RoleName": "with-attached"}, 409, "DeleteConflict", "Cannot delete entity, must detach all policies first."),
    ("iam", "DeleteRole", {"RoleName": "in-profile"}, 409, "DeleteConflict",
     "Cannot delete entity, must remove roles from instance profile first."),
    ("iam", "TagRole", {"RoleName": "lost", "Tags": [{"Key": "k", "Value": "v"}]}, 404, "NoSuchEntity", LOST),
    ("iam", "TagRole", {"RoleName": "tagged", "Tags": [{"Key": "one-more", "Value": ""}]}, 409, "LimitExceeded",
     "The number of tags has reached the maximum limit."),
    ("iam", "TagRole", {"RoleName": "App", "Tags": [{"Key": "k", "Value": "1"}, {"Key": "K", "Value": "2"}]}, 400, "InvalidInput", DUPLICATE),
    ("iam", "TagRole", {"RoleName": "App", "Tags": [{"Key": "AWS:k", "Value": "1"}]}, 400, "InvalidInput",
     "Tag keys beginning with aws: are reserved for system use."),
    ("iam", "TagRole", {"RoleName": "App", "Tags": [{"Key": "k!", "Value": "1"}]}, 400, "ValidationError",
     "1 validation error detected: Value at 'tags.1.member.key' failed to satisfy constraint: "
     r"Member must satisfy regular expression pattern: [\p{L}\p{Z}\p{N}_.:/=+\-@]+"),
    ("iam", "UntagRole", {"RoleName": "lost", "TagKeys": ["k"]}, 404, "NoSuchEntity", LOST),
    ("iam", "ListRoleTags", {"RoleName": "lost"}, 404, "NoSuchEntity", LOST),
    ("iam", "PutRolePermissionsBoundary", {"RoleName": "lost", "PermissionsBoundary": READ_ONLY}, 404, "NoSuchEntity", LOST),
    ("iam", "PutRolePermissionsBoundary", {"RoleName": "App", "PermissionsBoundary": "arn:aws:iam::aws:policy/Lost"}, 404, "NoSuchEntity",
     "Scope ARN: arn:aws:iam::aws:policy/Lost does not exist or is not attachable."),
    ("iam", "PutRolePermissionsBoundary", {"RoleName": "App", "PermissionsBoundary": SERVICE_ROLES_ONLY}, 400, "PolicyNotAttachable",
     "Cannot attach a Service Role Policy to a Customer Role."),
    ("iam", "PutRolePermissionsBoundary", {"RoleName": "App", "PermissionsBoundary": "arn:aws:iam:eu-west-1:aws:policy/ReadOnlyAccess"}, 400,
     "InvalidInput", "ARN arn:aws:iam:eu-west-1:aws:policy/ReadOnlyAccess is not valid."),
    ("iam", "DeleteRolePermissionsBoundary", {"RoleName": "lost"}, 404, "NoSuchEntity", LOST),
    ("iam", "PutRolePolicy", {"RoleName": "lost", "PolicyName": "p", "PolicyDocument": DOCUMENT}, 404, "NoSuchEntity", LOST),
    ("iam", "PutRolePolicy", {"RoleName": "App", "PolicyName": "p", "PolicyDocument": EC2}, 400, "MalformedPolicyDocument",
     "Policy document should not specify a principal."),
    ("iam", "PutRolePolicy", {"RoleName": "App", "PolicyName": "p", "PolicyDocument": LONG}, 409, "LimitExceeded",
     "Maximum policy size of 10240 bytes exceeded for role App"),
    ("iam", "GetRolePolicy", {"RoleName": "lost", "PolicyName": "p"}, 404, "NoSuchEntity", LOST),
    ("iam", "GetRolePolicy", {"RoleName": "App", "PolicyName": "p"}, 404, "NoSuchEntity", "The role policy with name p cannot be found."),
    ("iam", "DeleteRolePolicy", {"RoleName": "lost", "PolicyName": "p"}, 404, "NoSuchEntity", LOST),
    ("iam", "DeleteRolePolicy", {"RoleName": "App", "PolicyName": "p"}, 404, "NoSuchEntity", "The role policy with name p cannot be found."),
    ("iam", "ListRolePolicies", {"RoleName": "lost"}, 404, "NoSuchEntity", LOST),
    ("iam", "AttachRolePolicy", {"RoleName": "lost", "PolicyArn": READ_ONLY}, 404, "NoSuchEntity", LOST),
    ("iam", "AttachRolePolicy", {"RoleName": "App", "PolicyArn": "arn:aws:iam::aws:policy/Lost"}, 404, "NoSuchEntity",
     "Policy arn:aws:iam::aws:policy/Lost does not exist or is not attachable."),
    ("iam", "AttachRolePolicy", {"RoleName": "App", "PolicyArn": SERVICE_ROLES_ONLY}, 400, "PolicyNotAttachable",
     "Cannot attach a Service Role Policy to a Customer Role."),
    ("iam", "AttachRolePolicy", {"RoleName": "App", "PolicyArn": "AmazonS3ReadOnlyAccess"}, 400, "ValidationError", "Invalid ARN:  Could not be parsed!"),
    ("iam", "AttachRolePolicy", {"RoleName": "App", "PolicyArn": "ReadOnlyAccess"}, 400, "ValidationError",
     "1 validation error detected: Value at 'policyArn' failed to satisfy constraint: Member must have length greater than or equal to 20"),
    ("iam", "AttachRolePolicy", {"RoleName": "App", "PolicyArn": "arn:aws:sts::aws:policy/ReadOnlyAccess"}, 400, "InvalidInput",
     "ARN arn:aws:sts::aws:policy/ReadOnlyAccess is not valid."),
    ("iam", "DetachRolePolicy", {"RoleName": "lost", "PolicyArn": READ_ONLY}, 404, "NoSuchEntity", LOST),
    ("iam", "DetachRolePolicy", {"RoleName": "App", "PolicyArn": READ_ONLY}, 404, "NoSuchEntity", f"Policy {READ_ONLY} was not found."),
    ("iam", "DetachRolePolicy", {"RoleName": "App", "PolicyArn": "arn:aws:iam::aws:user/ReadOnlyAccess"}, 400, "InvalidInput",
     "ARN arn:aws:iam::aws:user/ReadOnlyAccess is not valid."),
    ("iam", "ListAttachedRolePolicies", {"RoleName": "lost"}, 404, "NoSuchEntity", LOST),
    ("iam", "ListInstanceProfilesForRole", {"RoleName": "lost"}, 404, "NoSuchEntity", LOST),
]
