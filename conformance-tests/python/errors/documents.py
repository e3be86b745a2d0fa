"""Policy documents as they are saved: what AWS finds wrong in identity, trust and session policies, in its order and words.

The rules are held to many more documents by crates/policy/tests/cases/validation.json; here it is that each kind of policy meets them on its way.
"""

import json

from conftest import allow, make_user, trust

BAD_ACTION = "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."
ONE_COLON = "Actions/Condition can contain only one colon."
LEGACY = "The policy failed legacy parsing"
SYNTAX = "Syntax errors in policy."
UNIQUE = "Statement IDs (SID) in a single policy must be unique."
NO_ACTIONS = "Policy statement must contain actions."
NO_RESOURCES = "Policy statement must contain resources."
VENDOR = "Resource vendor must be fully qualified and cannot contain regexes."
PRINCIPAL = "Policy document should not specify a principal."
VERSION = "Policy document must be version 2012-10-17 or greater."
PATHS = ('IAM resource path must either be "*", root, or start with user/, federated-user/, role/, group/, instance-profile/, mfa/, server-certificate/, '
         "policy/, sms-mfa/, saml-provider/, oidc-provider/, report/, access-report/.")


def before(server):
    iam = server.client("iam")
    iam.create_user(UserName="u")
    iam.create_user(UserName="gone")
    for name in ("r", "open"):
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust("000000000000"))
    key = make_user(iam, "caller", allow("sts:AssumeRole"))
    iam.delete_user(UserName="gone")
    return {"caller": key}


def document(*statements, **more):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements), **more})


def statement(**more):
    """A good statement with other elements; what is None is left out."""
    elements = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", **more}
    return {name: value for name, value in elements.items() if value is not None}


#: Text of an identity policy, message.
IDENTITY = [
    ("", "1 validation error detected: Value at 'policyDocument' failed to satisfy constraint: Member must have length greater than or equal to 1"),
    ("no JSON", SYNTAX),
    ("[]", SYNTAX),
    ("{}", SYNTAX),
    (document(), SYNTAX),
    (document(statement(), Comment="x"), SYNTAX),
    (document(statement(Effect="Permit")), SYNTAX),
    (document(statement(NotAction="s3:*")), SYNTAX),
    (document(statement(Condition={"StringIs": {"aws:username": "u"}})), SYNTAX),
    (document(statement(Condition="x")), SYNTAX),
    (document(statement(Sid=1)), SYNTAX),
    (document(statement(), Version="2012-10-18"), SYNTAX),
    (document(statement(), Version="2008-10-17"), VERSION),
    (json.dumps({"Statement": statement()}), VERSION),
    (document(statement(Principal="*")), PRINCIPAL),
    (document(statement(Resource=None, Principal={"Service": "ec2.amazonaws.com"})), PRINCIPAL),
    (document(statement(Effect="allow")), LEGACY),
    (document(statement(Condition={"DateLessThan": {"aws:CurrentTime": "tomorrow"}})), LEGACY),
    (document(statement(Resource="arn:aws:s3::bucket")), LEGACY),
    (document(statement(Sid="a"), statement(Sid="a")), UNIQUE),
    (document(statement(Sid="a b")), "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*"),
    (document(statement(Action=None)), NO_ACTIONS),
    (document(statement(Action=[])), NO_ACTIONS),
    (document(statement(Resource="bucket")), 'Resource bucket must be in ARN format or "*".'),
    (document(statement(Resource="arn:amazon:s3:::b")), 'Partition "amazon" is not valid for resource "arn:amazon:s3:::b".'),
    (document(statement(Resource="arn:aws:*:::b")), VENDOR),
    (document(statement(Resource="arn:aws:iam:us-east-1:000000000000:user/u")),
     "IAM resource arn:aws:iam:us-east-1:000000000000:user/u cannot contain region information."),
    (document(statement(Resource="arn:aws:s3:us-east-1::b")), "Resource arn:aws:s3:us-east-1::b can not contain region information."),
    (document(statement(Resource="arn:aws:iam::000000000000:u")), PATHS),
    (document(statement(Action="GetObject")), BAD_ACTION),
    (document(statement(Action="s3:Get:Object")), ONE_COLON),
    (document(statement(Action="s_3:GetObject")), "Vendor s_3 is not valid"),
    (document(statement(Resource=None)), NO_RESOURCES),
    (document(statement(Resource=[])), NO_RESOURCES),
    # Of several faults, the one that AWS looks for first.
    (document(statement(Sid="a", Action=None), statement(Sid="a", Resource="b")), UNIQUE),
    (document(statement(Action="GetObject", Resource="b")), 'Resource b must be in ARN format or "*".'),
    (document(statement(Action="GetObject", Resource=None)), BAD_ACTION),
    (document(statement(Effect="allow", Sid="a"), statement(Sid="a"), Version="2008-10-17"), VERSION),
]


def trusted(**more):
    elements = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole", **more}
    return {name: value for name, value in elements.items() if value is not None}


def web_trusted(provider, condition):
    return trusted(Principal={"Federated": provider}, Action="sts:AssumeRoleWithWebIdentity", Condition=condition)


ACTIONS = "token.actions.githubusercontent.com"
GITHUB = f"arn:aws:iam::000000000000:oidc-provider/{ACTIONS}"

#: Text of a trust policy, message.
TRUST = [
    ("{", "This policy contains invalid Json"),
    ("[]", "This policy contains invalid Json"),
    (document(trusted(), Version="2013-10-17"), "The policy must contain a valid version string"),
    (document(), "Could not parse the policy: Statement is empty!"),
    (document(trusted(Principal=None)), "Missing required field Principal"),
    (document(trusted(Principal={})), "Missing required field Principal cannot be empty!"),
    (document(trusted(Action=None)), "Missing required field Action"),
    (document(trusted(Effect=None)), "Missing required field Effect"),
    (document(trusted(Effect="allow")), "Invalid effect: allow"),
    (document(trusted(Resource="*")), "Has prohibited field Resource"),
    (document(trusted(Action="s3:GetObject")), "AssumeRole policy may only specify STS AssumeRole actions."),
    (document(trusted(Sid="a"), trusted(Sid="a")), "The Statement Ids in the policy are not unique"),
    (document(trusted(Principal={"Service": "ec2"})), 'Invalid principal in policy: "SERVICE":"ec2"'),
    (document(trusted(Principal={"Service": "amazonaws.com"})), 'Invalid principal in policy: "SERVICE":"amazonaws.com"'),
    (document(trusted(Principal={"AWS": "arn:aws:iam::000000000000:user/gone"})),
     'Invalid principal in policy: "AWS":"arn:aws:iam::000000000000:user/gone"'),
    (document(trusted(Principal={"AWS": "arn:aws:iam::000000000000:role/R"})), 'Invalid principal in policy: "AWS":"arn:aws:iam::000000000000:role/R"'),
    (document(trusted(Principal={"AWS": "arn:aws:iam::000000000000:group/g"})), 'Invalid principal in policy: "AWS":"arn:aws:iam::000000000000:group/g"'),
    (document(trusted(Principal={"AWS": ["000000000000", "u"]})), 'Invalid principal in policy: "AWS":"u"'),
    (document(trusted(Principal={"AWS": "AIDAQAAAAAAAAAAAAAAAA"})), 'Invalid principal in policy: "AWS":"AIDAQAAAAAAAAAAAAAAAA"'),
    (document(trusted(NotPrincipal={"AWS": "000000000000"}, Principal=None)), "Allow with NotPrincipal is not allowed."),
    (document(web_trusted(GITHUB, {"StringLike": {f"{ACTIONS}:sub": "*"}})),
     f"Trust policy with trusted principal {GITHUB} must evaluate, using StringEquals, StringLike or StringEqualsIgnoreCase, "
     f"{ACTIONS}:sub or {ACTIONS}:job_workflow_ref which is not scoped to all."),
    (document(web_trusted("accounts.google.com", {"Bool": {"aws:SecureTransport": "true"}})),
     "Policy trusting accounts.google.com requires a StringEquals condition on an application id"),
]

ASSUME = {"RoleArn": "arn:aws:iam::000000000000:role/open", "RoleSessionName": "session"}
MALFORMED = (400, "MalformedPolicyDocument")
PRINTABLE = "The specified value for policyDocument is invalid. It must contain only printable ASCII characters."


def code(text):
    return (400, "MalformedPolicyDocument") if text else (400, "ValidationError")


CASES = [
    *(("iam", "PutUserPolicy", {"UserName": "u", "PolicyName": "p", "PolicyDocument": text}, *code(text), message) for text, message in IDENTITY),
    *(("iam", "CreatePolicy", {"PolicyName": "p", "PolicyDocument": text}, *code(text), message) for text, message in IDENTITY[::4]),
    *(("iam", "PutRolePolicy", {"RoleName": "r", "PolicyName": "p", "PolicyDocument": text}, *code(text), message) for text, message in IDENTITY[1::6]),
    *(("iam", "CreateRole", {"RoleName": "new", "AssumeRolePolicyDocument": text}, *MALFORMED, message) for text, message in TRUST),
    *(("iam", "UpdateAssumeRolePolicy", {"RoleName": "r", "PolicyDocument": text}, *MALFORMED, message) for text, message in TRUST[::4]),
    *(("sts", "AssumeRole", {**ASSUME, "Policy": text}, *MALFORMED, message, "caller") for text, message in IDENTITY[1::5]),
    ("iam", "PutUserPolicy", {"UserName": "u", "PolicyName": "p", "PolicyDocument": document(statement(Resource="arn:aws:s3:::b")).replace("b\"", "日\"")},
     400, "ValidationError", PRINTABLE),
]
