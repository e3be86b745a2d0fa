"""Groups: create, get, list, update, delete, and who is in them."""

from conftest import make_user


def before(server):
    iam = server.client("iam")
    key = make_user(iam, "nobody")
    iam.create_group(GroupName="readers")
    iam.create_group(GroupName="full")
    iam.add_user_to_group(GroupName="full", UserName="nobody")
    return {"nobody": key}


NOT_FOUND = "The group with name lost cannot be found."
CASES = [
    ("iam", "CreateGroup", {"GroupName": "READERS"}, 409, "EntityAlreadyExists", "Group with name READERS already exists."),
    ("iam", "GetGroup", {"GroupName": "lost"}, 404, "NoSuchEntity", NOT_FOUND),
    ("iam", "UpdateGroup", {"GroupName": "lost", "NewPath": "/a/"}, 404, "NoSuchEntity", NOT_FOUND),
    ("iam", "UpdateGroup", {"GroupName": "readers", "NewGroupName": "full"}, 409, "EntityAlreadyExists", "Group with name full already exists."),
    ("iam", "DeleteGroup", {"GroupName": "lost"}, 404, "NoSuchEntity", NOT_FOUND),
    ("iam", "DeleteGroup", {"GroupName": "full"}, 409, "DeleteConflict", "Cannot delete entity, must remove users from group first."),
    ("iam", "CreateGroup", {"GroupName": "mine"}, 403, "AccessDenied",
     "User: arn:aws:iam::000000000000:user/nobody is not authorized to perform: iam:CreateGroup on resource: "
     "arn:aws:iam::000000000000:group/mine because no identity-based policy allows the iam:CreateGroup action", "nobody"),
]
