"""Organisations: denials by their policies, the features for root users, AssumeRoot; federation tokens and web identity tokens.

Management account 111111111111; 222222222222 administers IAM for it; 333333333333 is a member whose unit limits it; 444444444444 is none.
The default account 000000000000 is in no organisation. Texts of AssumeRoot, of outbound federation and of trusted access were recorded on AWS.
"""

import json

from conftest import allow, make_user, policy

MANAGEMENT, DELEGATED, MEMBER, OUTSIDE = "111111111111", "222222222222", "333333333333", "444444444444"
HERE = "000000000000"
ID = "o-a1b2c3d4e5"
POLICY = f"arn:aws:organizations::{MANAGEMENT}:policy/{ID}/"
TASK = "arn:aws:iam::aws:policy/root-task/"
AUDIT = {"arn": TASK + "IAMAuditRootUserCredentials"}


def control(name, kind, *statements):
    return {"id": "p-" + name.lower(), "name": name, "type": kind, "document": json.loads(policy(*statements))}


ORGANIZATION = {
    "id": ID, "managementAccount": MANAGEMENT, "trustedServices": ["iam.amazonaws.com"],
    "delegatedAdministrators": {"iam.amazonaws.com": [DELEGATED]},
    "policies": [
        control("NoGroupsAtAll", "SERVICE_CONTROL_POLICY", {"Effect": "Deny", "Action": ["iam:CreateGroup", "sts:GetFederationToken"], "Resource": "*"}),
        control("OnlySomeServices", "SERVICE_CONTROL_POLICY", allow(["iam:*Group", "iam:*User", "sts:*"])),
        control("Perimeter", "RESOURCE_CONTROL_POLICY", {
            "Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole", "Resource": "*",
            "Condition": {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": ID}}}),
    ],
    "root": {
        "id": "r-ab12", "policies": ["Perimeter"], "accounts": [{"id": MANAGEMENT}, {"id": DELEGATED}],
        "organizationalUnits": [{"id": "ou-ab12-11111111", "policies": ["NoGroupsAtAll", "OnlySomeServices"], "fullAwsAccess": False,
                                 "accounts": [{"id": MEMBER}]}],
    },
}


def before(server):
    def iam(account):
        return server.client("iam", server.account(account))

    anybody = policy({"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"})
    iam(MEMBER).create_role(RoleName="open", AssumeRolePolicyDocument=anybody)
    keys = {
        "member": make_user(iam(MEMBER), "ann", allow("*")),
        "boss": make_user(iam(MANAGEMENT), "boss", allow(["sts:*", "iam:*"])),
        "clerk": make_user(iam(MANAGEMENT), "clerk", allow("sts:AssumeRoot", f"arn:aws:iam::{DELEGATED}:root")),
        "nobody": make_user(iam(MANAGEMENT), "nobody"),
        "stranger": make_user(iam(OUTSIDE), "stranger", allow(["sts:*", "iam:*"])),
        "ben": make_user(iam(HERE), "ben", allow(["sts:GetWebIdentityToken", "sts:GetFederationToken"])),
        "cat": make_user(iam(HERE), "cat"),
        "management": server.account(MANAGEMENT), "delegated": server.account(DELEGATED),
        "member_root": server.account(MEMBER), "outside": server.account(OUTSIDE), "enabled": server.account("555555555555"),
    }
    sts = server.client("sts", keys["ben"])
    keys["session"] = of(sts.get_session_token())
    keys["federated"] = of(sts.get_federation_token(Name="bob", Policy=policy(allow("*"))))
    iam("555555555555").enable_outbound_web_identity_federation()
    server.admin("PUT", "organization", ORGANIZATION)
    iam(MANAGEMENT).enable_organizations_root_sessions()
    return keys


def of(answer):
    credentials = answer["Credentials"]
    return credentials["AccessKeyId"], credentials["SecretAccessKey"], credentials["SessionToken"]


def not_authorized(who, action, on="", why=""):
    return f"User: {who} is not authorized to perform: {action}" + (f" on resource: {on}" if on else "") + (f" {why}" if why else "")


def no_identity(action):
    return f"because no identity-based policy allows the {action} action"


def arn(account, rest):
    return f"arn:aws:iam::{account}:{rest}"


JOB = "00000000-0000-4000-8000-000000000000"
NOT_FOUND = "The request was rejected because no organization is associated with your account."
NOT_MANAGEMENT = f"Caller account {DELEGATED} is not management account of the organization and cannot enable IAM features."
FEATURES = ["EnableOrganizationsRootCredentialsManagement", "DisableOrganizationsRootCredentialsManagement", "EnableOrganizationsRootSessions",
            "DisableOrganizationsRootSessions", "ListOrganizationsFeatures"]
TARGET = "Request must contain a valid target principal"
UNSUPPORTED = "Requested SigningAlgorithm is not supported. See the GetWebIdentityToken documentation for supported algorithms"
NO_TOKENS = "OutboundWebIdentityFederation is disabled."
DUPLICATE = "Duplicate tag keys found. Please note that Tag keys are case insensitive."
TOKEN = {"Audience": ["https://api.example.com"], "SigningAlgorithm": "RS256"}
ITSELF = f"arn:aws:sts::{HERE}:self"
BOB = f"arn:aws:sts::{HERE}:federated-user/bob"


def wrong(value, member, constraint):
    return f"1 validation error detected: Value {value} at '{member}' failed to satisfy constraint: Member must {constraint}"


def unfit(member, constraint):
    """IAM's wording, which leaves out the value."""
    return f"1 validation error detected: Value at '{member}' failed to satisfy constraint: Member must {constraint}"


CASES = [
    # Policies of the organisation.
    ("iam", "CreateGroup", {"GroupName": "g"}, 403, "AccessDenied",
     not_authorized(arn(MEMBER, "user/ann"), "iam:CreateGroup", arn(MEMBER, "group/g"),
                    f"with an explicit deny in a service control policy: {POLICY}service_control_policy/p-nogroupsatall"), "member"),
    ("iam", "CreateRole", {"RoleName": "r", "AssumeRolePolicyDocument": "{}"}, 403, "AccessDenied",
     not_authorized(arn(MEMBER, "user/ann"), "iam:CreateRole", arn(MEMBER, "role/r"),
                    "because no service control policy allows the iam:CreateRole action"), "member"),
    ("iam", "CreateGroup", {"GroupName": "g"}, 403, "AccessDenied",
     not_authorized(arn(MEMBER, "root"), "iam:CreateGroup", arn(MEMBER, "group/g"),
                    f"with an explicit deny in a service control policy: {POLICY}service_control_policy/p-nogroupsatall"), "member_root"),
    ("sts", "GetFederationToken", {"Name": "bob"}, 403, "AccessDenied",
     not_authorized(arn(MEMBER, "user/ann"), "sts:GetFederationToken", f"arn:aws:sts::{MEMBER}:federated-user/bob",
                    f"with an explicit deny in a service control policy: {POLICY}service_control_policy/p-nogroupsatall"), "member"),
    ("sts", "AssumeRole", {"RoleArn": arn(MEMBER, "role/open"), "RoleSessionName": "s1"}, 403, "AccessDenied",
     not_authorized(arn(OUTSIDE, "user/stranger"), "sts:AssumeRole", arn(MEMBER, "role/open"),
                    f"with an explicit deny in a resource control policy: {POLICY}resource_control_policy/p-perimeter"), "stranger"),

    # The features for root users.
    *[("iam", operation, {}, 400, "OrganizationNotFoundException", NOT_FOUND) for operation in FEATURES],
    *[("iam", operation, {}, 400, "OrganizationNotFoundException", NOT_FOUND, "outside") for operation in FEATURES],
    *[("iam", operation, {}, 403, "AccessDenied",
       not_authorized(arn(MANAGEMENT, "user/nobody"), f"iam:{operation}", "*", no_identity(f"iam:{operation}")), "nobody") for operation in FEATURES],
    *[("iam", operation, {}, 403, "AccessDenied",
       not_authorized(arn(MEMBER, "root"), f"iam:{operation}", "*", f"because no service control policy allows the iam:{operation} action"), "member_root")
      for operation in FEATURES],
    ("iam", "EnableOrganizationsRootSessions", {}, 400, "CallerIsNotManagementAccountException", NOT_MANAGEMENT, "delegated"),
    ("iam", "EnableOrganizationsRootCredentialsManagement", {}, 400, "CallerIsNotManagementAccountException", NOT_MANAGEMENT, "delegated"),

    # Reports of what accounts last accessed. That another organisation's path is refused was recorded on AWS.
    ("iam", "GenerateOrganizationsAccessReport", {"EntityPath": "o-zzzzzzzzzz/r-ab12"}, 403, "AccessDenied",
     "The organization ID in the specified entity path is different than your organization ID.", "management"),
    ("iam", "GenerateOrganizationsAccessReport", {"EntityPath": f"{ID}/r-ab12"}, 403, "AccessDenied",
     not_authorized(arn(MANAGEMENT, "user/nobody"), "iam:GenerateOrganizationsAccessReport", arn(MANAGEMENT, f"access-report/{ID}/r-ab12"),
                    no_identity("iam:GenerateOrganizationsAccessReport")), "nobody"),
    ("iam", "GetOrganizationsAccessReport", {"JobId": JOB}, 403, "AccessDenied",
     not_authorized(arn(MANAGEMENT, "user/nobody"), "iam:GetOrganizationsAccessReport", "*", no_identity("iam:GetOrganizationsAccessReport")), "nobody"),
    ("iam", "GetOrganizationsAccessReport", {"JobId": JOB}, 404, "NoSuchEntity", f"Job {JOB} does not exist.", "management"),
    *[("iam", operation, parameters, 403, "AccessDenied",
       "You must use the management account of an organization to perform this operation.", caller)
      for operation, parameters in (("GenerateOrganizationsAccessReport", {"EntityPath": f"{ID}/r-ab12"}), ("GetOrganizationsAccessReport", {"JobId": JOB}))
      for caller in ("delegated", "outside")],
    ("iam", "GenerateOrganizationsAccessReport", {"EntityPath": f"{ID}/r-ab12", "OrganizationsPolicyId": "p-1"}, 400, "ValidationError",
     unfit("organizationsPolicyId", "satisfy regular expression pattern: ^p-[0-9a-zA-Z_]{8,128}$"), "management"),
    ("iam", "GetOrganizationsAccessReport", {"JobId": "1"}, 400, "ValidationError",
     unfit("jobId", "have length greater than or equal to 36"), "management"),
    ("iam", "GetOrganizationsAccessReport", {"JobId": JOB, "SortKey": "NAME"}, 400, "ValidationError",
     unfit("sortKey", "satisfy enum value set: [SERVICE_NAMESPACE_ASCENDING, SERVICE_NAMESPACE_DESCENDING, LAST_AUTHENTICATED_TIME_ASCENDING, "
           "LAST_AUTHENTICATED_TIME_DESCENDING]"), "management"),

    # AssumeRoot.
    ("sts", "AssumeRoot", {"TargetPrincipal": MEMBER, "TaskPolicyArn": AUDIT}, 403, "AccessDenied",
     not_authorized(arn(MANAGEMENT, "user/nobody"), "sts:AssumeRoot", arn(MEMBER, "root")), "nobody"),
    ("sts", "AssumeRoot", {"TargetPrincipal": MEMBER, "TaskPolicyArn": AUDIT}, 403, "AccessDenied",
     not_authorized(arn(MANAGEMENT, "user/clerk"), "sts:AssumeRoot", arn(MEMBER, "root")), "clerk"),
    ("sts", "AssumeRoot", {"TargetPrincipal": MANAGEMENT, "TaskPolicyArn": AUDIT}, 403, "AccessDenied",
     not_authorized(arn(MANAGEMENT, "user/boss"), "sts:AssumeRoot", arn(MANAGEMENT, "root")), "boss"),
    ("sts", "AssumeRoot", {"TargetPrincipal": arn(OUTSIDE, "root"), "TaskPolicyArn": AUDIT}, 403, "AccessDenied",
     not_authorized(arn(MANAGEMENT, "user/boss"), "sts:AssumeRoot", arn(OUTSIDE, "root")), "boss"),
    ("sts", "AssumeRoot", {"TargetPrincipal": MEMBER, "TaskPolicyArn": AUDIT}, 403, "AccessDenied",
     "Root credentials management feature is not enabled for your AWS Organization.", "boss"),
    ("sts", "AssumeRoot", {"TargetPrincipal": MEMBER, "TaskPolicyArn": {"arn": TASK + "S3UnlockBucketPolicy"}}, 403, "AccessDenied",
     not_authorized(arn(MANAGEMENT, "root"), "sts:AssumeRoot", arn(MEMBER, "root")), "management"),
    ("sts", "AssumeRoot", {"TargetPrincipal": MEMBER, "TaskPolicyArn": AUDIT}, 403, "AccessDenied",
     not_authorized(arn(OUTSIDE, "user/stranger"), "sts:AssumeRoot", arn(MEMBER, "root")), "stranger"),
    ("sts", "AssumeRoot", {"TargetPrincipal": arn(MEMBER, "user/ann"), "TaskPolicyArn": AUDIT}, 400, "ValidationError", TARGET, "boss"),
    ("sts", "AssumeRoot", {"TargetPrincipal": "not an account", "TaskPolicyArn": AUDIT}, 400, "ValidationError", TARGET, "boss"),
    ("sts", "AssumeRoot", {"TargetPrincipal": MEMBER, "TaskPolicyArn": {"arn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}}, 400, "ValidationError",
     "Request must contain valid AWS managed task policy ARN", "boss"),
    ("sts", "AssumeRoot", {"TargetPrincipal": MEMBER, "TaskPolicyArn": {}}, 400, "ValidationError",
     wrong("null", "taskPolicyArn", "not be null"), "boss"),
    ("sts", "AssumeRoot", {"TargetPrincipal": MEMBER, "TaskPolicyArn": AUDIT, "DurationSeconds": 901}, 400, "ValidationError",
     wrong("'901'", "durationSeconds", "have value less than or equal to 900"), "boss"),

    # GetFederationToken, and what its sessions may call.
    ("sts", "GetFederationToken", {"Name": "bob"}, 403, "AccessDenied", "Cannot call GetFederationToken with session credentials", "session"),
    ("sts", "GetFederationToken", {"Name": "bob"}, 403, "AccessDenied", "Cannot call GetFederationToken with session credentials", "federated"),
    ("sts", "GetSessionToken", {}, 403, "AccessDenied", "Cannot call GetSessionToken with session credentials", "federated"),
    ("iam", "ListUsers", {}, 403, "InvalidClientTokenId", "The security token included in the request is invalid", "federated"),
    ("iam", "ListUsers", {}, 403, "InvalidClientTokenId", "The security token included in the request is invalid", "session"),
    ("sts", "GetFederationToken", {"Name": "bob"}, 403, "AccessDenied",
     not_authorized(arn(HERE, "user/cat"), "sts:GetFederationToken", BOB, no_identity("sts:GetFederationToken")), "cat"),
    ("sts", "GetFederationToken", {"Name": "bob", "Tags": [{"Key": "a", "Value": "1"}]}, 403, "AccessDenied",
     not_authorized(arn(HERE, "user/ben"), "sts:TagSession", BOB, no_identity("sts:TagSession")), "ben"),
    ("sts", "GetFederationToken", {"Name": "bob", "Tags": [{"Key": "a", "Value": "1"}, {"Key": "A", "Value": "2"}]}, 400, "InvalidParameterValue",
     DUPLICATE),
    ("sts", "GetFederationToken", {"Name": "b"}, 400, "ValidationError", wrong("'b'", "name", "have length greater than or equal to 2")),
    ("sts", "GetFederationToken", {"Name": "b" * 33}, 400, "ValidationError",
     wrong(f"'{'b' * 33}'", "name", "have length less than or equal to 32")),
    ("sts", "GetFederationToken", {"Name": "bob", "DurationSeconds": 899}, 400, "ValidationError",
     wrong("'899'", "durationSeconds", "have value greater than or equal to 900")),
    ("sts", "GetFederationToken", {"Name": "bob", "DurationSeconds": 129601}, 400, "ValidationError",
     wrong("'129601'", "durationSeconds", "have value less than or equal to 129600")),
    ("sts", "GetFederationToken", {"Name": "bob", "PolicyArns": [{"arn": "arn:aws:iam::000000000000:policy/lost"}]}, 400, "MalformedPolicyDocument",
     "Policy ARN was not found: arn:aws:iam::000000000000:policy/lost"),

    # Outbound web identity federation.
    ("iam", "GetOutboundWebIdentityFederationInfo", {}, 404, "FeatureDisabled", f"Outbound identity federation is disabled for account {HERE}"),
    ("iam", "DisableOutboundWebIdentityFederation", {}, 404, "FeatureDisabled", f"Outbound identity federation is already disabled for account {HERE}"),
    ("iam", "EnableOutboundWebIdentityFederation", {}, 409, "FeatureEnabled",
     "Outbound identity federation is already enabled for account 555555555555", "enabled"),
    *[("iam", operation, {}, 403, "AccessDenied",
       not_authorized(arn(HERE, "user/cat"), f"iam:{operation}", "*", no_identity(f"iam:{operation}")), "cat")
      for operation in ("EnableOutboundWebIdentityFederation", "DisableOutboundWebIdentityFederation", "GetOutboundWebIdentityFederationInfo")],

    # GetWebIdentityToken.
    ("sts", "GetWebIdentityToken", TOKEN, 403, "OutboundWebIdentityFederationDisabledException", NO_TOKENS),
    ("sts", "GetWebIdentityToken", {**TOKEN, "Audience": [" "]}, 403, "OutboundWebIdentityFederationDisabledException", NO_TOKENS),
    ("sts", "GetWebIdentityToken", TOKEN, 403, "OutboundWebIdentityFederationDisabledException", NO_TOKENS, "session"),
    ("sts", "GetWebIdentityToken", {**TOKEN, "Tags": [{"Key": "aws:team", "Value": "1"}]}, 403, "OutboundWebIdentityFederationDisabledException", NO_TOKENS),
    ("sts", "GetWebIdentityToken", TOKEN, 403, "AccessDenied", "GetWebIdentityToken does not support federated user sessions", "federated"),
    ("sts", "GetWebIdentityToken", TOKEN, 403, "AccessDenied",
     not_authorized(arn(HERE, "user/cat"), "sts:GetWebIdentityToken", ITSELF, no_identity("sts:GetWebIdentityToken")), "cat"),
    ("sts", "GetWebIdentityToken", {**TOKEN, "Tags": [{"Key": "team", "Value": "1"}]}, 403, "AccessDenied",
     not_authorized(arn(HERE, "user/ben"), "sts:TagGetWebIdentityToken", ITSELF, no_identity("sts:TagGetWebIdentityToken")), "ben"),
    *[("sts", "GetWebIdentityToken", {**TOKEN, "SigningAlgorithm": algorithm}, 400, "ValidationError", UNSUPPORTED)
      for algorithm in ("RS384", "ES256", "HS256", "rs256")],
    ("sts", "GetWebIdentityToken", {**TOKEN, "SigningAlgorithm": "none"}, 400, "ValidationError",
     wrong("'none'", "signingAlgorithm", "have length greater than or equal to 5")),
    ("sts", "GetWebIdentityToken", {**TOKEN, "SigningAlgorithm": "RS256x"}, 400, "ValidationError",
     wrong("'RS256x'", "signingAlgorithm", "have length less than or equal to 5")),
    ("sts", "GetWebIdentityToken", {"Audience": ["a"]}, 400, "ValidationError", wrong("null", "signingAlgorithm", "not be null")),
    ("sts", "GetWebIdentityToken", {"SigningAlgorithm": "RS256"}, 400, "ValidationError", wrong("null", "audience", "not be null")),
    ("sts", "GetWebIdentityToken", {**TOKEN, "DurationSeconds": 59}, 400, "ValidationError",
     wrong("'59'", "durationSeconds", "have value greater than or equal to 60")),
    ("sts", "GetWebIdentityToken", {**TOKEN, "DurationSeconds": 3601}, 400, "ValidationError",
     wrong("'3601'", "durationSeconds", "have value less than or equal to 3600")),
    ("sts", "GetWebIdentityToken", {**TOKEN, "Tags": [{"Key": "team", "Value": "1"}, {"Key": "Team", "Value": "2"}]}, 400, "InvalidParameterValue",
     DUPLICATE),
    ("sts", "GetWebIdentityToken", {**TOKEN, "Tags": [{"Key": "<team>", "Value": "1"}]}, 400, "ValidationError",
     wrong("'<team>'", "tags.1.member.key", r"satisfy regular expression pattern: [\p{L}\p{Z}\p{N}_.:/=+\-@]+")),
]
