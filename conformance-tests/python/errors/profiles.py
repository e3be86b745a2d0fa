"""Instance profiles: create, get, list, delete, the role inside, tags."""

from conftest import allow, make_user, trust

ME = "arn:aws:iam::000000000000:user/maker"
PROFILE = "arn:aws:iam::000000000000:instance-profile/Empty"


def before(server):
    iam = server.client("iam")
    key = make_user(iam, "maker", allow("iam:AddRoleToInstanceProfile"))
    for name in ("Inside", "Free"):
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust("ec2.amazonaws.com"))
    for name in ("Full", "Empty", "tagged"):
        iam.create_instance_profile(InstanceProfileName=name)
    iam.add_role_to_instance_profile(InstanceProfileName="Full", RoleName="Inside")
    iam.tag_instance_profile(InstanceProfileName="tagged", Tags=[{"Key": f"k{number}", "Value": ""} for number in range(50)])
    return {"maker": key}


LOST = (404, "NoSuchEntity", "Instance Profile lost cannot be found.")
NO_ROLE = (404, "NoSuchEntity", "The role with name lost cannot be found.")
TAG = [{"Key": "k", "Value": "v"}]
DUPLICATE = [{"Key": "k", "Value": "v"}, {"Key": "k", "Value": "w"}]
TWICE = "Duplicate tag keys found. Please note that Tag keys are case insensitive."


def on(profile, **more):
    return {"InstanceProfileName": profile, **more}


CASES = [
    ("iam", "CreateInstanceProfile", on("full"), 409, "EntityAlreadyExists", "Instance Profile full already exists."),
    ("iam", "CreateInstanceProfile", on("a b"), 400, "ValidationError",
     "The specified value for instanceProfileName is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-"),
    ("iam", "CreateInstanceProfile", on("x" * 129), 400, "ValidationError",
     "1 validation error detected: Value at 'instanceProfileName' failed to satisfy constraint: Member must have length less than or equal to 128"),
    ("iam", "CreateInstanceProfile", on("x", Tags=DUPLICATE), 400, "InvalidInput", TWICE),
    ("iam", "CreateInstanceProfile", on("x"), 403, "AccessDenied",
     f"User: {ME} is not authorized to perform: iam:CreateInstanceProfile on resource: arn:aws:iam::000000000000:instance-profile/x because no "
     "identity-based policy allows the iam:CreateInstanceProfile action", "maker"),
    ("iam", "GetInstanceProfile", on("lost"), *LOST),
    ("iam", "GetInstanceProfile", on("lost"), 403, "AccessDenied",
     f"User: {ME} is not authorized to perform: iam:GetInstanceProfile on resource: instance profile lost because no identity-based policy allows "
     "the iam:GetInstanceProfile action", "maker"),
    ("iam", "GetInstanceProfile", on("Full"), 403, "AccessDenied",
     f"User: {ME} is not authorized to perform: iam:GetInstanceProfile on resource: instance profile Full because no identity-based policy allows "
     "the iam:GetInstanceProfile action", "maker"),
    ("iam", "ListInstanceProfiles", {"Marker": "x"}, 400, "ValidationError", "Invalid Marker."),
    ("iam", "ListInstanceProfilesForRole", {"RoleName": "lost"}, *NO_ROLE),
    ("iam", "DeleteInstanceProfile", on("lost"), *LOST),
    ("iam", "DeleteInstanceProfile", on("Full"), 409, "DeleteConflict", "Cannot delete entity, must remove roles from instance profile first."),
    ("iam", "AddRoleToInstanceProfile", on("lost", RoleName="Free"), *LOST),
    ("iam", "AddRoleToInstanceProfile", on("Empty", RoleName="lost"), *NO_ROLE),
    ("iam", "AddRoleToInstanceProfile", on("Full", RoleName="Free"), 409, "LimitExceeded",
     "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1"),
    ("iam", "AddRoleToInstanceProfile", on("Full", RoleName="Inside"), 409, "LimitExceeded",
     "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1"),
    ("iam", "AddRoleToInstanceProfile", on("Empty", RoleName="Free"), 403, "AccessDenied",
     f"User: {ME} is not authorized to perform: iam:PassRole on resource: arn:aws:iam::000000000000:role/Free because no identity-based policy allows "
     "the iam:PassRole action", "maker"),
    ("iam", "RemoveRoleFromInstanceProfile", on("lost", RoleName="Free"), *LOST),
    ("iam", "RemoveRoleFromInstanceProfile", on("Empty", RoleName="lost"), *NO_ROLE),
    # The code is documented, the text is ours.
    ("iam", "RemoveRoleFromInstanceProfile", on("Full", RoleName="Free"), 404, "NoSuchEntity", "Role Free in Instance Profile Full cannot be found."),
    ("iam", "TagInstanceProfile", on("lost", Tags=TAG), *LOST),
    ("iam", "TagInstanceProfile", on("Empty", Tags=DUPLICATE), 400, "InvalidInput", TWICE),
    ("iam", "TagInstanceProfile", on("tagged", Tags=TAG), 409, "LimitExceeded", "The number of tags has reached the maximum limit."),
    ("iam", "UntagInstanceProfile", on("lost", TagKeys=["k"]), *LOST),
    ("iam", "UntagInstanceProfile", on("tagged", TagKeys=[]), 400, "InvalidInput", "The provided tag keys must not be null/empty."),
    ("iam", "ListInstanceProfileTags", on("lost"), *LOST),
]
