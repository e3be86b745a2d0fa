"""Last accessed: reports, who may fetch them, and which policies grant access to a service.

AWS's text is known for an ARN that nothing has; those for jobs, other ARNs and namespaces are worded after it.
"""

from conftest import allow, make_user

ACCOUNT = "arn:aws:iam::000000000000"
NOBODY = f"{ACCOUNT}:user/nobody"
JOB = "3f8d1a52-0000-4000-8000-00000000cafe"
NO_JOB = "0123456789012345678901234567890123ab"
POLICY = f"{ACCOUNT}:policy/held"


def before(server):
    iam = server.client("iam")
    key = make_user(iam, "nobody")
    reader = make_user(iam, "reader", allow(["iam:GetServiceLastAccessedDetails*", "iam:GetAccessKeyLastUsed"]))
    iam.create_user(UserName="ann", Path="/team/")
    iam.create_group(GroupName="readers", Path="/team/")
    iam.create_policy(PolicyName="held", PolicyDocument='{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}')
    return {"nobody": key, "reader": reader}


def denied(action, resource="*", who=NOBODY):
    return f"User: {who} is not authorized to perform: {action} on resource: {resource} because no identity-based policy allows the {action} action"


def gone(arn):
    return f"ARN {arn} does not exist."


def invalid(arn):
    return f"ARN {arn} is not valid."


def unsupported(arn):
    return f"Invalid Entity Arn: {arn} is not supported."


def unfit(member, rule):
    return f"1 validation error detected: Value at '{member}' failed to satisfy constraint: {rule}"


def missing(member):
    return f"1 validation error detected: Value at '{member}' failed to satisfy constraint: Member must not be null"


GENERATE, DETAILS, ENTITIES = ("GenerateServiceLastAccessedDetails", "GetServiceLastAccessedDetails", "GetServiceLastAccessedDetailsWithEntities")
GRANTING = "ListPoliciesGrantingServiceAccess"
#: ARNs that nothing has: names of no one, policies of AWS that are none.
LOST = [f"{ACCOUNT}:user/lost", f"{ACCOUNT}:group/lost", f"{ACCOUNT}:role/lost", f"{ACCOUNT}:role/team/ann"]
LOST_POLICIES = [f"{ACCOUNT}:policy/lost", "arn:aws:iam::aws:policy/NoSuchPolicy"]
#: ARNs of what cannot be reported on.
OTHER = [
    (f"{ACCOUNT}:instance-profile/readers", 400, "InvalidInput", unsupported(f"{ACCOUNT}:instance-profile/readers")),
    ("arn:aws:sts::000000000000:assumed-role/readers/session", 400, "ValidationError", "Invalid service in ARN"),
    ("arn:aws:ec2:us-east-1:000000000000:instance/i-1", 400, "ValidationError", "Invalid service in ARN"),
    ("arn:aws-cn:iam::000000000000:user/team/ann", 400, "ValidationError", "Invalid ARN partition"),
    ("arn:aws:iam::999999999999:user/ann", 403, "AccessDenied",
     f"User: {ACCOUNT}:root is not authorized to perform the operation on arn:aws:iam::999999999999:user/ann"),
    ("these words are no ARN", 400, "InvalidInput", invalid("these words are no ARN")),
]

CASES = [
    *[("iam", GENERATE, {"Arn": arn}, 404, "NoSuchEntity", gone(arn)) for arn in LOST + LOST_POLICIES],
    *[("iam", GENERATE, {"Arn": arn}, *refusal) for arn, *refusal in OTHER],
    ("iam", GENERATE, {"Arn": f"{ACCOUNT}:root"}, 400, "InvalidInput", unsupported(f"{ACCOUNT}:root")),
    ("iam", GENERATE, {}, 400, "ValidationError", missing("arn")),
    ("iam", GENERATE, {"Arn": "arn:aws:iam::1"}, 400, "ValidationError",
     unfit("arn", "Member must have length greater than or equal to 20")),
    ("iam", GENERATE, {"Arn": f"{ACCOUNT}:user/team/ann", "Granularity": "DAILY"}, 400, "ValidationError",
     unfit("granularity", "Member must satisfy enum value set: [SERVICE_LEVEL, ACTION_LEVEL]")),
    ("iam", GENERATE, {"Arn": f"{ACCOUNT}:user/team/ann"}, 403, "AccessDenied", denied(f"iam:{GENERATE}", f"{ACCOUNT}:user/team/ann"), "nobody"),
    ("iam", GENERATE, {"Arn": f"{ACCOUNT}:group/team/readers"}, 403, "AccessDenied",
     denied(f"iam:{GENERATE}", f"{ACCOUNT}:group/team/readers"), "nobody"),
    ("iam", GENERATE, {"Arn": f"{ACCOUNT}:role/lost"}, 403, "AccessDenied", denied(f"iam:{GENERATE}", f"{ACCOUNT}:role/lost"), "nobody"),
    ("iam", GENERATE, {"Arn": POLICY}, 403, "AccessDenied", denied(f"iam:{GENERATE}", f"policy {POLICY}"), "nobody"),
    ("iam", DETAILS, {"JobId": JOB}, 404, "NoSuchEntity", f"Job {JOB} does not exist."),
    ("iam", DETAILS, {"JobId": JOB}, 404, "NoSuchEntity", f"Job {JOB} does not exist.", "reader"),
    ("iam", DETAILS, {"JobId": JOB}, 403, "AccessDenied", denied(f"iam:{DETAILS}"), "nobody"),
    ("iam", DETAILS, {"JobId": NO_JOB}, 404, "NoSuchEntity", f"Job {NO_JOB} does not exist."),
    ("iam", DETAILS, {}, 400, "ValidationError", missing("jobId")),
    ("iam", DETAILS, {"JobId": JOB[:-1]}, 400, "ValidationError",
     unfit("jobId", "Member must have length greater than or equal to 36")),
    ("iam", DETAILS, {"JobId": JOB + "0"}, 400, "ValidationError",
     unfit("jobId", "Member must have length less than or equal to 36")),
    ("iam", DETAILS, {"JobId": JOB, "MaxItems": 0}, 400, "ValidationError",
     unfit("maxItems", "Member must have value greater than or equal to 1")),
    ("iam", DETAILS, {"JobId": JOB, "MaxItems": 1001}, 400, "ValidationError",
     unfit("maxItems", "Member must have value less than or equal to 1000")),
    ("iam", ENTITIES, {"JobId": JOB, "ServiceNamespace": "s3"}, 404, "NoSuchEntity", f"Job {JOB} does not exist."),
    ("iam", ENTITIES, {"JobId": JOB, "ServiceNamespace": "s3"}, 403, "AccessDenied", denied(f"iam:{ENTITIES}"), "nobody"),
    ("iam", ENTITIES, {"JobId": NO_JOB, "ServiceNamespace": "s3"}, 404, "NoSuchEntity", f"Job {NO_JOB} does not exist."),
    ("iam", ENTITIES, {"JobId": JOB}, 400, "ValidationError", missing("serviceNamespace")),
    ("iam", ENTITIES, {"ServiceNamespace": "s3"}, 400, "ValidationError", missing("jobId")),
    ("iam", ENTITIES, {"JobId": JOB, "ServiceNamespace": "s" * 65}, 400, "ValidationError",
     unfit("serviceNamespace", "Member must have length less than or equal to 64")),
    *[("iam", GRANTING, {"Arn": arn, "ServiceNamespaces": ["s3"]}, 404, "NoSuchEntity", gone(arn)) for arn in LOST],
    *[("iam", GRANTING, {"Arn": arn, "ServiceNamespaces": ["s3"]}, *refusal) for arn, *refusal in OTHER],
    ("iam", GRANTING, {"Arn": POLICY, "ServiceNamespaces": ["s3"]}, 400, "InvalidInput", unsupported(POLICY)),
    ("iam", GRANTING, {"Arn": f"{ACCOUNT}:root", "ServiceNamespaces": ["s3"]}, 400, "InvalidInput",
     f"Could not extract entity from ARN : {ACCOUNT}:root"),
    ("iam", GRANTING, {"Arn": f"{ACCOUNT}:user/team/ann", "ServiceNamespaces": ["S3", "s3", "nothing"]}, 400, "InvalidInput",
     "Invalid service namespace: [S3, nothing]"),
    ("iam", DETAILS, {"JobId": JOB, "Marker": ""}, 400, "ValidationError",
     "The specified value for marker is invalid. It must contain only printable ASCII characters."),
    ("iam", GRANTING, {"Arn": f"{ACCOUNT}:user/team/ann"}, 400, "ValidationError", missing("serviceNamespaces")),
    ("iam", GRANTING, {"Arn": f"{ACCOUNT}:user/team/ann", "ServiceNamespaces": ["s3"], "Marker": "elsewhere"}, 400, "ValidationError",
     "Invalid Marker."),
    ("iam", GRANTING, {"Arn": f"{ACCOUNT}:user/team/ann", "ServiceNamespaces": ["s3"]}, 403, "AccessDenied",
     denied(f"iam:{GRANTING}", f"{ACCOUNT}:user/team/ann"), "nobody"),
    ("iam", GRANTING, {"Arn": f"{ACCOUNT}:group/team/readers", "ServiceNamespaces": ["s3"]}, 403, "AccessDenied",
     denied(f"iam:{GRANTING}", f"{ACCOUNT}:group/team/readers"), "nobody"),
    ("iam", "GetAccessKeyLastUsed", {"AccessKeyId": "AKIA" + "0" * 16}, 404, "NoSuchEntity",
     "The Access Key with id AKIA0000000000000000 cannot be found."),
]
