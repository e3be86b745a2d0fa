"""Service-linked roles, delegation requests and role templates."""

import json

from conftest import allow, make_user, policy

ACCOUNT = "000000000000"
NAME = "AWSServiceRoleForAutoScaling"
PROTECTED = f"Cannot perform the operation on the protected role '{NAME}' - this role is only modifiable by AWS"
SERVICE = f"arn:aws:iam::aws:policy/aws-service-role/AutoScalingServiceRolePolicy"
TRUST = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]})


TEMPLATE = "arn:aws:iam:::delegation-template/partner/buckets"
ROLES = "arn:aws:iam::aws:role-template/lambda.amazonaws.com/Reader:1"
LOST = "01234567-89ab-4def-8123-456789abcdef"


def parameters(**values):
    return [{"Name": name, "Type": "stringList" if isinstance(value, list) else "string", "Values": value if isinstance(value, list) else [value]}
            for name, value in values.items()]


def asked(given=None, **more):
    permissions = {"PolicyTemplateArn": TEMPLATE, "Parameters": given or parameters(bucket="pics", folders=["a", "b"])}
    return {"Description": "d", "Permissions": permissions, "RequestorWorkflowId": "flow-1", "SessionDuration": 900,
            "NotificationChannel": f"arn:aws:sns:us-east-1:{ACCOUNT}:topic", **more}


def acquiring(**values):
    return {"TemplateArn": ROLES, "ReplacementValues": {name: {"Values": value} for name, value in values.items()}}


def before(server):
    iam = server.client("iam")
    iam.create_service_linked_role(AWSServiceName="autoscaling.amazonaws.com")
    iam.create_role(RoleName="mine", AssumeRolePolicyDocument=TRUST)
    iam.create_instance_profile(InstanceProfileName="profile")
    server.admin("PUT", "policy-templates", {"arn": TEMPLATE, "requestorName": "Partner", "document": {
        "Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::@{bucket}/@{folders}"}}})
    iam.create_delegation_request(**asked(RequestorWorkflowId="taken"))
    server.admin("PUT", "role-templates", {
        "arn": ROLES, "name": "Reader", "majorVersion": 1, "defaultMinorVersion": 1, "managedBy": "lambda.amazonaws.com", "versions": [
            {"minorVersion": 1, "roleNamePattern": "@{Name}", "rolePathPattern": "/@{Path}/", "assumeRolePolicyDocumentTemplate": TRUST,
             "parameters": [{"name": "Name", "type": "String", "isRequired": True}, {"name": "Path", "type": "String", "defaultValue": "a"},
                            {"name": "Size", "type": "Number"}],
             "createdAt": "2026-01-01T00:00:00Z", "updatedAt": "2026-01-01T00:00:00Z"},
            {"minorVersion": 2, "enabled": False, "roleNamePattern": "two", "assumeRolePolicyDocumentTemplate": TRUST,
             "createdAt": "2026-01-01T00:00:00Z", "updatedAt": "2026-01-01T00:00:00Z"}]})
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
     "mine exists but is not a service role."),
    ("iam", "DeleteServiceLinkedRole", {"RoleName": NAME}, 403, "AccessDenied",
     denied("nobody", "DeleteServiceLinkedRole", linked("autoscaling.amazonaws.com", NAME)), "nobody"),
    ("iam", "GetServiceLinkedRoleDeletionStatus", {"DeletionTaskId": "nonsense"}, 400, "InvalidInput",
     "Invalid task id"),
    ("iam", "GetServiceLinkedRoleDeletionStatus", {"DeletionTaskId": TASK}, 404, "NoSuchEntity",
     "Cannot find deletion status for given id."),
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
    ("iam", "UpdateRole", {"RoleName": NAME, "MaxSessionDuration": 7200}, 400, "UnmodifiableEntity",
     f"{NAME} is an AWS service linked role, max session duration cannot be changed."),
    ("iam", "DeleteRole", {"RoleName": NAME}, 400, "UnmodifiableEntity", PROTECTED),
    ("iam", "AddRoleToInstanceProfile", {"RoleName": NAME, "InstanceProfileName": "profile"}, 400, "UnmodifiableEntity", PROTECTED),
    ("iam", "RemoveRoleFromInstanceProfile", {"RoleName": NAME, "InstanceProfileName": "profile"}, 400, "UnmodifiableEntity", PROTECTED),
    ("iam", "AttachRolePolicy", {"RoleName": "mine", "PolicyArn": SERVICE}, 400, "PolicyNotAttachable",
     "Cannot attach a Service Role Policy to a Customer Role."),
    *[("iam", "AttachUserPolicy", {"UserName": "nobody", "PolicyArn": arn}, 400, "PolicyNotAttachable",
       "Cannot attach AWS reserved policy to an IAM user.")
      for arn in (SERVICE, "arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials")],
    ("iam", "PutUserPermissionsBoundary", {"UserName": "nobody", "PermissionsBoundary": SERVICE}, 400, "PolicyNotAttachable",
     "Cannot attach AWS reserved policy to an IAM user."),
    *[("iam", "CreateDelegationRequest", asked(**more), status, code, text) for more, status, code, text in [
        ({"RequestorWorkflowId": "taken"}, 409, "EntityAlreadyExists", "A delegation request with workflow id taken already exists."),
        ({"NotificationChannel": "here"}, 400, "InvalidInput", "Notification channel here is not the ARN of an SNS topic."),
        ({"NotificationChannel": f"arn:aws:sqs:us-east-1:{ACCOUNT}:q"}, 400, "InvalidInput",
         f"Notification channel arn:aws:sqs:us-east-1:{ACCOUNT}:q is not the ARN of an SNS topic."),
        ({"NotificationChannel": f"arn:aws:sns:af-south-1:{ACCOUNT}:t"}, 400, "InvalidInput",
         f"Notification channel arn:aws:sns:af-south-1:{ACCOUNT}:t is in a region that has to be opted into."),
        ({"Permissions": {"PolicyTemplateArn": TEMPLATE + "2"}}, 400, "InvalidInput",
         f"Policy template {TEMPLATE}2 is not registered for this account."),
        ({"given": parameters(bucket="pics")}, 400, "InvalidInput", "The policy template needs a value for parameter folders."),
        ({"given": parameters(bucket="pics", folders=["a"], other="x")}, 400, "InvalidInput", "The policy template has no parameter other."),
        ({"given": parameters(bucket="x" * 2048, folders=["a"])}, 409, "LimitExceeded",
         "Cannot exceed quota for DelegationPolicySize: 2048"),
        ({"SessionDuration": 299}, 400, "ValidationError", "1 validation error detected: Value at 'sessionDuration' failed to satisfy "
         "constraint: Member must have value greater than or equal to 300"),
    ]],
    *[("iam", operation, {"DelegationRequestId": LOST}, 404, "NoSuchEntity", f"The delegation request with id {LOST} cannot be found.")
      for operation in ["AssociateDelegationRequest", "GetDelegationRequest", "UpdateDelegationRequest", "AcceptDelegationRequest",
                        "RejectDelegationRequest", "SendDelegationToken"]],
    *[("iam", operation, {"DelegationRequestId": LOST}, 403, "AccessDenied",
       denied("nobody", operation, f"arn:aws:iam::{ACCOUNT}:delegation-request/{LOST}"), "nobody")
      for operation in ["AssociateDelegationRequest", "GetDelegationRequest", "UpdateDelegationRequest", "AcceptDelegationRequest",
                        "RejectDelegationRequest", "SendDelegationToken"]],
    ("iam", "GetHumanReadableSummary", {"EntityArn": f"arn:aws:iam::{ACCOUNT}:user/nobody"}, 400, "InvalidInput",
     f"arn:aws:iam::{ACCOUNT}:user/nobody is not the ARN of a delegation request."),
    ("iam", "ListDelegationRequests", {"OwnerId": f"arn:aws:iam::{ACCOUNT}:user/lost"}, 404, "NoSuchEntity",
     f"The owner with id arn:aws:iam::{ACCOUNT}:user/lost cannot be found."),
    ("sts", "GetDelegatedAccessToken", {"TradeInToken": "nonsense"}, 400, "ValidationError", "The trade-in token is invalid."),
    ("iam", "GetRoleTemplateVersion", {"TemplateArn": ROLES, "MinorVersion": 3}, 404, "NoSuchEntity",
     f"Role template not found in repository: {ROLES}"),
    ("iam", "AcquireRole", acquiring(), 400, "InvalidInput", "Failed to render template: Parameter 'Name' not found."),
    ("iam", "AcquireRole", acquiring(Name=["mine"]), 409, "NameConflict", "A role with this name already exists in the account but was not created from this template. Choose a different role name, or remove the existing role if it is no longer needed."),
    ("iam", "AcquireRole", acquiring(Name=["a", "b"]), 400, "ValidationError", "Name replacement value must contain exactly one value, got 2"),
    ("iam", "AcquireRole", acquiring(Name=["a"], Size=["big"]), 400, "InvalidInput", "The values of parameter Size are not of type Number."),
    ("iam", "AcquireRole", acquiring(Name=["a"], Path=["aws-service-role"]), 400, "InvalidInput", "The role path /aws-service-role/ is invalid."),
    ("iam", "AcquireRole", {"TemplateArn": ROLES, "TemplateMinorVersion": 2}, 400, "RoleTemplateDisabled",
     f"The role template with ARN {ROLES} is disabled."),
]
