"""Managed policies, the account's and AWS's: create, get, list, delete, versions, tags, who has them."""

from conftest import allow, make_user, policy

ME = "arn:aws:iam::000000000000:user/nobody"
MAKER = "arn:aws:iam::000000000000:user/maker"
OURS = "arn:aws:iam::000000000000:policy/apps/Ours"
FIVE = "arn:aws:iam::000000000000:policy/five"
LOST = "arn:aws:iam::000000000000:policy/lost"
AWS = "arn:aws:iam::aws:policy/ReadOnlyAccess"
NO_POLICY = "arn:aws:iam::000000000000:user/nobody"
DOCUMENT = policy(allow("s3:GetObject"))
LONG = policy(allow("s3:GetObject", "arn:aws:s3:::" + "b" * 6_144))


def before(server):
    iam = server.client("iam")
    key = make_user(iam, "nobody")
    maker = make_user(iam, "maker", allow("iam:CreatePolicy"))
    iam.create_policy(PolicyName="Ours", Path="/apps/", PolicyDocument=DOCUMENT)
    for name in ("five", "attached", "bound", "tagged"):
        iam.create_policy(PolicyName=name, PolicyDocument=DOCUMENT)
    for _ in range(4):
        iam.create_policy_version(PolicyArn=FIVE, PolicyDocument=DOCUMENT)
    iam.attach_user_policy(UserName="nobody", PolicyArn="arn:aws:iam::000000000000:policy/attached")
    iam.create_user(UserName="bounded", PermissionsBoundary="arn:aws:iam::000000000000:policy/bound")
    iam.tag_policy(PolicyArn="arn:aws:iam::000000000000:policy/tagged", Tags=[{"Key": f"k{number}", "Value": ""} for number in range(50)])
    return {"nobody": key, "maker": maker}


NOT_FOUND = (404, "NoSuchEntity", f"Policy {LOST} was not found.")
NOT_VALID = (400, "InvalidInput", f"ARN {NO_POLICY} is not valid.")
NO_ARN = (400, "ValidationError", "Invalid ARN:  Could not be parsed!")
NO_TAGS = (400, "InvalidInput", "Tags not supported for policies in this domain")
# Nobody is allowed anything on another account's policy, root neither.
THEIRS = (403, "AccessDenied", "User: arn:aws:iam::000000000000:root is not authorized to perform: iam:GetPolicy on resource: policy "
          "arn:aws:iam::111111111111:policy/theirs because no resource-based policy allows the iam:GetPolicy action")
VERSION_LOST = (404, "NoSuchEntity", f"Policy {OURS} version v9 does not exist or is not attachable.")
DUPLICATE = "Duplicate tag keys found. Please note that Tag keys are case insensitive."
TAG = {"Tags": [{"Key": "k", "Value": "v"}]}


def on(arn, **more):
    return {"PolicyArn": arn, **more}


def outside(act):
    return 403, "AccessDenied", f"Cannot {act} outside your own account."


CASES = [
    ("iam", "CreatePolicy", {"PolicyName": "OURS", "PolicyDocument": DOCUMENT}, 409, "EntityAlreadyExists",
     "A policy called OURS already exists. Duplicate names are not allowed."),
    ("iam", "CreatePolicy", {"PolicyName": "a b", "PolicyDocument": DOCUMENT}, 400, "ValidationError",
     "The specified value for policyName is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-"),
    ("iam", "CreatePolicy", {"PolicyName": "x", "Path": "/a b/", "PolicyDocument": DOCUMENT}, 400, "ValidationError",
     "The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters."),
    ("iam", "CreatePolicy", {"PolicyName": "x", "PolicyDocument": "{}"}, 400, "MalformedPolicyDocument", "Syntax errors in policy."),
    ("iam", "CreatePolicy", {"PolicyName": "x", "PolicyDocument": ""}, 400, "ValidationError",
     "1 validation error detected: Value at 'policyDocument' failed to satisfy constraint: Member must have length greater than or equal to 1"),
    ("iam", "CreatePolicy", {"PolicyName": "x", "PolicyDocument": DOCUMENT, "Description": "d" * 1_001}, 400, "ValidationError",
     "1 validation error detected: Value at 'description' failed to satisfy constraint: Member must have length less than or equal to 1000"),
    ("iam", "CreatePolicy", {"PolicyName": "x", "PolicyDocument": LONG}, 409, "LimitExceeded", "Cannot exceed quota for PolicySize: 6144"),
    ("iam", "CreatePolicy", {"PolicyName": "x", "PolicyDocument": DOCUMENT, "Tags": [{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}]}, 400,
     "InvalidInput", DUPLICATE),
    ("iam", "CreatePolicy", {"PolicyName": "x", "PolicyDocument": DOCUMENT}, 403, "AccessDenied",
     f"User: {ME} is not authorized to perform: iam:CreatePolicy on resource: policy x because no identity-based policy allows the "
     "iam:CreatePolicy action", "nobody"),
    ("iam", "CreatePolicy", {"PolicyName": "x", "PolicyDocument": DOCUMENT, "Tags": [{"Key": "a", "Value": "1"}]}, 403, "AccessDenied",
     f"User: {MAKER} is not authorized to perform: iam:TagPolicy on resource: policy x because no identity-based policy allows the "
     "iam:TagPolicy action", "maker"),
    ("iam", "GetPolicy", on(LOST), *NOT_FOUND),
    ("iam", "GetPolicy", on(NO_POLICY), *NOT_VALID),
    ("iam", "GetPolicy", on("arn:aws-cn:iam::aws:policy/AdministratorAccess"), 400, "ValidationError", "Invalid ARN partition"),
    ("iam", "GetPolicy", on("a text of twenty letters"), *NO_ARN),
    ("iam", "GetPolicy", on("arn:aws:iam::111111111111:policy/theirs"), *THEIRS),
    ("iam", "GetPolicy", on(AWS), 403, "AccessDenied",
     f"User: {ME} is not authorized to perform: iam:GetPolicy on resource: policy {AWS} because no identity-based policy allows the "
     "iam:GetPolicy action", "nobody"),
    ("iam", "ListPolicies", {"Scope": "Mine"}, 400, "ValidationError",
     "1 validation error detected: Value at 'scope' failed to satisfy constraint: Member must satisfy enum value set: [All, AWS, Local]"),
    ("iam", "ListPolicies", {"PathPrefix": "foo"}, 400, "ValidationError",
     "The specified value for pathPrefix is invalid. It must begin with the / character and contain only alphanumeric characters and/or / characters."),
    ("iam", "ListPolicies", {"Marker": "zz"}, 400, "ValidationError", "Invalid Marker."),
    ("iam", "ListPolicies", {}, 403, "AccessDenied",
     f"User: {ME} is not authorized to perform: iam:ListPolicies on resource: policy path / because no identity-based policy allows the "
     "iam:ListPolicies action", "nobody"),
    ("iam", "DeletePolicy", on(LOST), *NOT_FOUND),
    ("iam", "DeletePolicy", on(NO_POLICY), *NOT_VALID),
    ("iam", "DeletePolicy", on(AWS), *outside("delete policies")),
    ("iam", "DeletePolicy", on("arn:aws:iam::000000000000:policy/attached"), 409, "DeleteConflict", "Cannot delete a policy attached to entities."),
    ("iam", "DeletePolicy", on("arn:aws:iam::000000000000:policy/bound"), 409, "DeleteConflict", "Cannot delete a policy attached to entities."),
    ("iam", "DeletePolicy", on(FIVE), 409, "DeleteConflict",
     "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the "
     "policy."),
    ("iam", "CreatePolicyVersion", on(LOST, PolicyDocument=DOCUMENT), *NOT_FOUND),
    ("iam", "CreatePolicyVersion", on(NO_POLICY, PolicyDocument=DOCUMENT), *NOT_VALID),
    ("iam", "CreatePolicyVersion", on(AWS, PolicyDocument=DOCUMENT), *outside("create versions for policies")),
    ("iam", "CreatePolicyVersion", on(OURS, PolicyDocument="[]"), 400, "MalformedPolicyDocument", "Syntax errors in policy."),
    ("iam", "CreatePolicyVersion", on(OURS, PolicyDocument=LONG), 409, "LimitExceeded", "Cannot exceed quota for PolicySize: 6144"),
    ("iam", "CreatePolicyVersion", on(FIVE, PolicyDocument=DOCUMENT), 409, "LimitExceeded",
     "A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version."),
    ("iam", "GetPolicyVersion", on(LOST, VersionId="v1"), *NOT_FOUND),
    ("iam", "GetPolicyVersion", on(OURS, VersionId="v9"), *VERSION_LOST),
    ("iam", "GetPolicyVersion", on(NO_POLICY, VersionId="v1"), *NOT_VALID),
    ("iam", "GetPolicyVersion", on(OURS, VersionId="1"), 400, "ValidationError",
     "1 validation error detected: Value at 'versionId' failed to satisfy constraint: "
     r"Member must satisfy regular expression pattern: v[1-9][0-9]*(\.[A-Za-z0-9-]*)?"),
    # A version that AWS made and nobody published.
    ("iam", "GetPolicyVersion", on(AWS, VersionId="v141"), 404, "NoSuchEntity", f"Policy {AWS} version v141 does not exist or is not attachable."),
    ("iam", "ListPolicyVersions", on(LOST), *NOT_FOUND),
    ("iam", "ListPolicyVersions", on(NO_POLICY), *NOT_VALID),
    ("iam", "ListPolicyVersions", on(OURS, Marker="x"), 400, "ValidationError", "Invalid Marker."),
    ("iam", "SetDefaultPolicyVersion", on(LOST, VersionId="v1"), *NOT_FOUND),
    ("iam", "SetDefaultPolicyVersion", on(OURS, VersionId="v9"), *VERSION_LOST),
    ("iam", "SetDefaultPolicyVersion", on(NO_POLICY, VersionId="v1"), *NOT_VALID),
    ("iam", "SetDefaultPolicyVersion", on(AWS, VersionId="v1"), *outside("update policies")),
    ("iam", "DeletePolicyVersion", on(LOST, VersionId="v1"), *NOT_FOUND),
    ("iam", "DeletePolicyVersion", on(OURS, VersionId="v9"), *VERSION_LOST),
    ("iam", "DeletePolicyVersion", on(OURS, VersionId="v1"), 409, "DeleteConflict", "Cannot delete the default version of a policy."),
    ("iam", "DeletePolicyVersion", on(NO_POLICY, VersionId="v1"), *NOT_VALID),
    ("iam", "DeletePolicyVersion", on(AWS, VersionId="v1"), *outside("delete policy versions for policies")),
    ("iam", "TagPolicy", on(LOST, **TAG), *NOT_FOUND),
    ("iam", "TagPolicy", on(NO_POLICY, **TAG), *NOT_VALID),
    ("iam", "TagPolicy", on(AWS, **TAG), *NO_TAGS),
    ("iam", "TagPolicy", on("arn:aws:iam::000000000000:policy/tagged", **TAG), 409, "LimitExceeded", "The number of tags has reached the maximum limit."),
    ("iam", "UntagPolicy", on(LOST, TagKeys=["k"]), *NOT_FOUND),
    ("iam", "UntagPolicy", on(NO_POLICY, TagKeys=["k"]), *NOT_VALID),
    ("iam", "UntagPolicy", on(AWS, TagKeys=["k"]), *NO_TAGS),
    ("iam", "ListPolicyTags", on(LOST), *NOT_FOUND),
    ("iam", "ListPolicyTags", on(NO_POLICY), *NOT_VALID),
    ("iam", "ListEntitiesForPolicy", on(LOST), *NOT_FOUND),
    ("iam", "ListEntitiesForPolicy", on(NO_POLICY), *NOT_VALID),
    ("iam", "ListEntitiesForPolicy", on(OURS, EntityFilter="Robot"), 400, "ValidationError",
     "1 validation error detected: Value at 'entityFilter' failed to satisfy constraint: Member must satisfy enum value set: "
     "[LocalManagedPolicy, User, AWSManagedPolicy, Role, Group]"),
    ("iam", "ListAttachedUserPolicies", {"UserName": "nobody", "PathPrefix": "apps"}, 400, "ValidationError",
     "The specified value for pathPrefix is invalid. It must begin with the / character and contain only alphanumeric characters and/or / characters."),
]
