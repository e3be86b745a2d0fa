"""The policy simulator. The texts are those AWS answered with when asked the same (in September 2026); the few that nobody recorded are marked."""

import json

from conftest import allow, make_user, policy, trust

ACCOUNT = "000000000000"
IAM = f"arn:aws:iam::{ACCOUNT}:"
ANN = IAM + "user/ann"
OBJECT = "arn:aws:s3:::bucket/key"
ALLOW = policy(allow("s3:GetObject"))
ALL = policy(allow("*"))


def before(server):
    iam = server.client("iam")
    make_user(iam, "ann", allow("s3:GetObject"))
    iam.create_group(GroupName="readers")
    iam.create_role(RoleName="worker", AssumeRolePolicyDocument=trust("ec2.amazonaws.com"))
    return {"nobody": make_user(iam, "nobody"),
            "bounded": bounded(iam)}


def bounded(iam):
    key = make_user(iam, "bounded", allow("*"))
    boundary = iam.create_policy(PolicyName="boundary", PolicyDocument=policy(allow("s3:*")))["Policy"]["Arn"]
    iam.put_user_permissions_boundary(UserName="bounded", PermissionsBoundary=boundary)
    return key


def custom(expected, status=400, code="InvalidInput", caller=None, **parameters):
    """A case of SimulateCustomPolicy."""
    asked = {"PolicyInputList": [ALLOW], "ActionNames": ["s3:GetObject"], **parameters}
    return ("iam", "SimulateCustomPolicy", asked, status, code, expected, *([caller] if caller else []))


def principal(expected, status=400, code="InvalidInput", caller=None, **parameters):
    """A case of SimulatePrincipalPolicy."""
    asked = {"PolicySourceArn": ANN, "ActionNames": ["s3:GetObject"], **parameters}
    return ("iam", "SimulatePrincipalPolicy", asked, status, code, expected, *([caller] if caller else []))


def entry(kind, *values, name="some:key"):
    return {"ContextEntries": [{"ContextKeyName": name, "ContextKeyType": kind, "ContextKeyValues": list(values)}]}


def bad_value(expected):
    return f"Invalid context value for key some:key: expected {expected}."


def excluded(**identifier):
    return {"PolicyExclusionList": [identifier]}


def documentation(operation):
    return ("Please refer to the documentation for more details: "
            f"https://docs.aws.amazon.com/IAM/latest/APIReference/API_{operation}.html")


RESOURCE_POLICY = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::bucket/*", "Principal": {"AWS": "*"}}]})
ANY_RESOURCE = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", "Principal": {"AWS": "*"}}]})
TRUST = trust("ec2.amazonaws.com")
NO_CALLER = "Invalid caller - Caller cannot be null or empty."
NOT_A_CALLER = "Invalid caller - Caller must be an IAM user, role or group in this context."
GONE = "Unable to retrieve specified IAM entity."
FOREIGN = f"Invalid Policy Source Arn: caller's account {ACCOUNT} does not have access to policies in account 999999999999."
UNION = "A policy identifier must specify exactly one of PolicyType, PolicyArn, or InlinePolicyIdentifier."


def not_an_arn(text):
    return f"ResourceNames are not in a valid ARN format: {text}."


def denied(user, action, resource, why):
    return f"User: {IAM}user/{user} is not authorized to perform: iam:{action} on resource: {resource} because no {why} allows the iam:{action} action"


CASES = [
    # Actions and resources.
    custom("The action is invalid since it is missing names", ActionNames=["GetObject"]),
    custom(not_an_arn("not-an-arn"), ResourceArns=["not-an-arn"]),
    custom(not_an_arn("arn:aws:s3"), ResourceArns=["arn:aws:s3"]),
    custom(not_an_arn("*"), ResourceArns=["*", OBJECT]),
    custom("Invalid Input Actions: [iam:GetUser] and [iam:MadeUp] require different authorization information. "
           + documentation("SimulateCustomPolicy"), ActionNames=["iam:GetUser", "iam:MadeUp"], ResourceArns=[ANN]),
    custom("Invalid input resource handling options. Action does not support resource handling options: s3:GetObject. "
           + documentation("SimulateCustomPolicy"), ResourceArns=[OBJECT], ResourceHandlingOption="EC2-VPC-EBS"),
    # Context entries.
    custom("ContextKeyName cannot be null or empty.", ContextEntries=[{"ContextKeyType": "string", "ContextKeyValues": ["a"]}]),
    custom("Context key some:key has invalid type null.", ContextEntries=[{"ContextKeyName": "some:key", "ContextKeyValues": ["a"]}]),
    custom("Context values for context key some:key cannot be null or empty.",
           ContextEntries=[{"ContextKeyName": "some:key", "ContextKeyType": "string"}]),
    custom("Context values for context key some:key cannot be null or empty.", **entry("stringList")),
    custom("Context key string expected a single value, but received 2.", **entry("string", "a", "b")),
    custom("Context key numeric expected a single value, but received 3.", **entry("numeric", "1", "2", "3")),
    custom(bad_value("numeric format"), **entry("numeric", "abc")),
    custom(bad_value("numeric format"), **entry("numeric", "0x10")),
    custom(bad_value("numeric format"), **entry("numericList", "1", "NaN")),
    custom(bad_value("DateTime format"), **entry("date", "tomorrow")),
    custom(bad_value("DateTime format"), **entry("dateList", "tomorrow")),
    custom(bad_value("IP address"), **entry("ip", "999.0.0.1")),
    custom(bad_value("IP address"), **entry("ipList", "host")),
    custom(bad_value("base-64 encoded binary format"), **entry("binary", "!base64")),
    custom(bad_value("base-64 encoded binary format"), **entry("binaryList", "YQ==", "!")),
    custom("Duplicate context key: some:key.", ContextEntries=entry("string", "a")["ContextEntries"] * 2),
    custom("Duplicate context key: SOME:KEY.",
           ContextEntries=entry("string", "a")["ContextEntries"] + entry("string", "b", name="SOME:KEY")["ContextEntries"]),
    # Policies.
    custom("Policy input list item 1 has invalid content", PolicyInputList=["{"]),
    custom("Policy input list item 2 has invalid content", PolicyInputList=[ALLOW, '{"Version":"2099-01-01","Statement":[]}']),
    custom("Policy input list item 1 has invalid content", PolicyInputList=[TRUST]),
    custom("The list of Permissions Boundary policies cannot exceed 1 items.", PermissionsBoundaryPolicyInputList=[ALLOW, ALLOW]),
    custom("Organization policy at index 2 must contain at least one service control policy",
           OrderedOrganizationPolicyInputList=[{"ServiceControlPolicyInputList": [ALL]}, {"ServiceControlPolicyInputList": []}]),
    # Not recorded: which policy is broken is told, in words after those of the first list.
    custom("Permissions Boundary policy input list item 1 has invalid content", PermissionsBoundaryPolicyInputList=["{"]),
    custom("Organization policy at index 1 has invalid content", OrderedOrganizationPolicyInputList=[{"ServiceControlPolicyInputList": ["{"]}]),
    custom("Resource policy has invalid content", ResourcePolicy="{", CallerArn=ANN, ResourceArns=[OBJECT]),
    # Resource policies, callers and owners.
    custom(NO_CALLER, ResourcePolicy=RESOURCE_POLICY, ResourceArns=[OBJECT]),
    custom(NOT_A_CALLER, CallerArn=IAM + "root"),
    custom(NOT_A_CALLER, CallerArn=f"arn:aws:sts::{ACCOUNT}:assumed-role/worker/session"),
    custom(NOT_A_CALLER, CallerArn="ec2.amazonaws.com"),
    custom("Invalid Entity Arn: * does not clearly define entity type and name.", ResourcePolicy=RESOURCE_POLICY, CallerArn=ANN),
    custom(not_an_arn("*"), ResourcePolicy=ANY_RESOURCE, CallerArn=ANN, ResourceArns=[OBJECT]),
    custom("'not-an-arn' is not a valid as a Resource Owner.", ResourceOwner="not-an-arn"),
    custom("'123456789012' is not a valid as a Resource Owner.", ResourceOwner="123456789012"),
    # Pages.
    custom("Invalid marker for pagination.", Marker="not-a-simulation-marker"),
    # The source.
    principal(GONE, 404, "NoSuchEntity", PolicySourceArn=IAM + "user/lost"),
    principal(GONE, 404, "NoSuchEntity", PolicySourceArn=IAM + "group/lost"),
    principal(GONE, 404, "NoSuchEntity", PolicySourceArn=IAM + "role/lost"),
    principal(FOREIGN, PolicySourceArn="arn:aws:iam::999999999999:user/ann"),
    principal(f"Invalid ARN provided in the request: {IAM}root", PolicySourceArn=IAM + "root"),
    principal(f"Invalid ARN provided in the request: arn:aws:sts::{ACCOUNT}:assumed-role/worker/session",
              PolicySourceArn=f"arn:aws:sts::{ACCOUNT}:assumed-role/worker/session"),
    principal("Invalid ARN provided in the request: not-an-arn-but-long-enough", PolicySourceArn="not-an-arn-but-long-enough"),
    principal("Invalid input resource handling options. Action does not support resource handling options: s3:GetObject. "
              + documentation("SimulatePrincipalPolicy"), ResourceArns=[OBJECT], ResourceHandlingOption="fictional"),
    principal("Policy input list item 1 has invalid content", PolicyInputList=["[]"]),
    principal(NOT_A_CALLER, CallerArn=IAM + "root"),
    # Exclusions; what they are told is not recorded but for the pattern.
    principal(UNION, **excluded(PolicyType="inline", PolicyArn=IAM + "policy/boundary")),
    principal(f"Invalid ARN provided in the request: {ANN}", **excluded(PolicyArn=ANN)),
    principal(f"Invalid ARN provided in the request: {IAM}policy/*a*", **excluded(PolicyArn=IAM + "policy/*a*")),
    principal("1 validation error detected: Value at 'policyExclusionList.1.member.inlinePolicyIdentifier.attachmentName' failed to satisfy "
              r"constraint: Member must satisfy regular expression pattern: .*[\w+=,.@-]+.*", 400, "ValidationError",
              **excluded(InlinePolicyIdentifier={"PolicyName": "permissions", "AttachmentType": "user", "AttachmentName": "*"})),
    # Keys.
    ("iam", "GetContextKeysForCustomPolicy", {"PolicyInputList": [ALLOW, "{"]}, 400, "InvalidInput",
     "Policy input list item 2 has invalid content"),
    ("iam", "GetContextKeysForPrincipalPolicy", {"PolicySourceArn": ANN, "PolicyInputList": ["{"]}, 400, "InvalidInput",
     "Policy input list item 1 has invalid content"),
    ("iam", "GetContextKeysForPrincipalPolicy", {"PolicySourceArn": IAM + "role/lost"}, 404, "NoSuchEntity", GONE),
    ("iam", "GetContextKeysForPrincipalPolicy", {"PolicySourceArn": "arn:aws:iam::999999999999:user/ann"}, 400, "InvalidInput", FOREIGN),
    # Permissions.
    custom(denied("nobody", "SimulateCustomPolicy", "*", "identity-based policy"), 403, "AccessDenied", "nobody"),
    principal(denied("nobody", "SimulatePrincipalPolicy", ANN, "identity-based policy"), 403, "AccessDenied", "nobody"),
    principal(denied("bounded", "SimulatePrincipalPolicy", ANN, "permissions boundary"), 403, "AccessDenied", "bounded"),
    ("iam", "GetContextKeysForCustomPolicy", {"PolicyInputList": [ALLOW]}, 403, "AccessDenied",
     denied("nobody", "GetContextKeysForCustomPolicy", "*", "identity-based policy"), "nobody"),
    ("iam", "GetContextKeysForPrincipalPolicy", {"PolicySourceArn": IAM + "group/readers"}, 403, "AccessDenied",
     denied("nobody", "GetContextKeysForPrincipalPolicy", IAM + "group/readers", "identity-based policy"), "nobody"),
]
