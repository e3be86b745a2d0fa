"""Service-linked roles, delegation requests and role templates."""

import json

from conftest import allow, make_user, policy

ACCOUNT = "000000000000"
NAME = "AWSServiceRoleForAutoScaling"
PROTECTED = f"Cannot perform the operation on the protected role '{NAME}' - this role is only modifiable by AWS"
SERVICE = f"arn:aws:iam::aws:policy/aws-service-role/AutoScalingServiceRolePolicy"
TRUST = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]})


def before(server):
    iam = server.client("iam")
    iam.create_service_linked_role(AWSServiceName="autoscaling.amazonaws.com")
    iam.create_role(RoleName="mine", AssumeRolePolicyDocument=TRUST)
    iam.create_instance_profile(InstanceProfileName="profile")
    return {
        "nobody": make_user(iam, "nobody"),
        "linker": make_user(iam, "linker", allow("iam:CreateServiceLinkedRole", Condition={
            "StringEquals": {"iam:AWSServiceName": "autoscaling.amazonaws.com"}})),
    }


def taken(name):
    return f"Service role name {name} has been taken in this account, please try a different suffix."


def denied(user, action, resource):
    return (f"User: arn:aws:iam::{ACCOUNT}:user/{user} is not authorized to perform: iam:{action} on resource: {resource} "
            f"because no identity-based policy allows the iam:{action} action")


def linked(service, name):
    return f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/{service}/{name}"


TASK = f"task/aws-service-role/autoscaling.amazonaws.com/{NAME}/01234567-89ab-4def-8123-456789abcdef"
DOCUMENT = policy(allow("s3:*"))
NO_SUFFIX = ["acm", "backup", "batch", "config", "ecs", "eks", "elasticache", "rds", "redshift", "ssm"]
CASES = [
    *[("iam", "CreateServiceLinkedRole", {"AWSServiceName": f"{service}.amazonaws.com", "CustomSuffix": "x"}, 400, "InvalidInput",
       f"Custom suffix is not allowed for {service}.amazonaws.com") for service in NO_SUFFIX],
    ("iam", "CreateServiceLinkedRole", {"AWSServiceName": "autoscaling.amazonaws.com"}, 400, "InvalidInput", taken(NAME)),
    ("iam", "CreateServiceLinkedRole", {"AWSServiceName": "AutoScaling.amazonaws.com"}, 404, "NoSuchEntity",
     "Service-linked role for service AutoScaling.amazonaws.com cannot be found."),
    ("iam", "CreateServiceLinkedRole", {"AWSServiceName": "autoscaling"}, 404, "NoSuchEntity",
     "Service-linked role for service autoscaling cannot be found."),
    ("iam", "CreateServiceLinkedRole", {"AWSServiceName": "ecs.amazonaws.com"}, 403, "AccessDenied",
     denied("nobody", "CreateServiceLinkedRole", linked("ecs.amazonaws.com", "AWSServiceRoleForECS")), "nobody"),
    ("iam", "CreateServiceLinkedRole", {"AWSServiceName": "ecs.amazonaws.com"}, 403, "AccessDenied",
     denied("linker", "CreateServiceLinkedRole", linked("ecs.amazonaws.com", "AWSServiceRoleForECS")), "linker"),
    ("iam", "CreateServiceLinkedRole", {"AWSServiceName": "autoscaling.amazonaws.com"}, 400, "InvalidInput", taken(NAME), "linker"),
    ("iam", "DeleteServiceLinkedRole", {"RoleName": "lost"}, 404, "NoSuchEntity", "The role with name lost cannot be found."),
    ("iam", "DeleteServiceLinkedRole", {"RoleName": "mine"}, 404, "NoSuchEntity",
     "The service-linked role with name mine cannot be found."),
    ("iam", "DeleteServiceLinkedRole", {"RoleName": NAME}, 403, "AccessDenied",
     denied("nobody", "DeleteServiceLinkedRole", linked("autoscaling.amazonaws.com", NAME)), "nobody"),
    ("iam", "GetServiceLinkedRoleDeletionStatus", {"DeletionTaskId": "nonsense"}, 400, "InvalidInput",
     "DeletionTaskId nonsense is invalid."),
    ("iam", "GetServiceLinkedRoleDeletionStatus", {"DeletionTaskId": TASK}, 404, "NoSuchEntity",
     f"The deletion task with id {TASK} cannot be found."),
    ("iam", "GetServiceLinkedRoleDeletionStatus", {"DeletionTaskId": TASK}, 403, "AccessDenied",
     denied("nobody", "GetServiceLinkedRoleDeletionStatus", linked("autoscaling.amazonaws.com", NAME)), "nobody"),
    ("iam", "AttachRolePolicy", {"RoleName": NAME, "PolicyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}, 400, "UnmodifiableEntity", PROTECTED),
    ("iam", "DetachRolePolicy", {"RoleName": NAME, "PolicyArn": SERVICE}, 400, "UnmodifiableEntity", PROTECTED),
    ("iam", "PutRolePolicy", {"RoleName": NAME, "PolicyName": "p", "PolicyDocument": DOCUMENT}, 400, "UnmodifiableEntity", PROTECTED),
    ("iam", "DeleteRolePolicy", {"RoleName": NAME, "PolicyName": "p"}, 400, "UnmodifiableEntity", PROTECTED),
    ("iam", "PutRolePermissionsBoundary", {"RoleName": NAME, "PermissionsBoundary": "arn:aws:iam::aws:policy/ReadOnlyAccess"}, 400,
     "UnmodifiableEntity", PROTECTED),
    ("iam", "DeleteRolePermissionsBoundary", {"RoleName": NAME}, 400, "UnmodifiableEntity", PROTECTED),
    ("iam", "UpdateAssumeRolePolicy", {"RoleName": NAME, "PolicyDocument": TRUST}, 400, "UnmodifiableEntity", PROTECTED),
    ("iam", "UpdateRole", {"RoleName": NAME, "MaxSessionDuration": 7200}, 400, "UnmodifiableEntity", PROTECTED),
    ("iam", "DeleteRole", {"RoleName": NAME}, 400, "UnmodifiableEntity", PROTECTED),
    ("iam", "AddRoleToInstanceProfile", {"RoleName": NAME, "InstanceProfileName": "profile"}, 400, "UnmodifiableEntity", PROTECTED),
    ("iam", "RemoveRoleFromInstanceProfile", {"RoleName": NAME, "InstanceProfileName": "profile"}, 400, "UnmodifiableEntity", PROTECTED),
    *[("iam", operation, {key: value, "PolicyArn": SERVICE}, 400, "PolicyNotAttachable",
       "Cannot attach a Service Role Policy to a Customer Role.")
      for operation, key, value in [("AttachRolePolicy", "RoleName", "mine"), ("AttachUserPolicy", "UserName", "nobody")]],
    ("iam", "PutUserPermissionsBoundary", {"UserName": "nobody", "PermissionsBoundary": SERVICE}, 404, "NoSuchEntity",
     f"Scope ARN: {SERVICE} does not exist or is not attachable."),
]
