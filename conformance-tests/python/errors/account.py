"""An account as a whole: summary, authorization details, credential report, settings."""

from conftest import make_user

def before(server):
    return {"nobody": make_user(server.client("iam"), "nobody")}

def denied(action):
    return (403, "AccessDenied", f"User: arn:aws:iam::000000000000:user/nobody is not authorized to perform: iam:{action} "
            f"on resource: * because no identity-based policy allows the iam:{action} action", "nobody")

def properties(**given):
    return {"Properties": {name.replace("__", "/"): value for name, value in given.items()}}

BOOLEAN = (400, "InvalidInput", "Enabled must be 'true' or 'false'")
INCOMPLETE = (400, "InvalidInput", "RoleManager namespace requires Enabled property")

CASES = [
    ("iam", "GetAccountSummary", {}, *denied("GetAccountSummary")),
    ("iam", "GetAccountAuthorizationDetails", {}, *denied("GetAccountAuthorizationDetails")),
    ("iam", "GetAccountAuthorizationDetails", {"Filter": ["User"], "Marker": "not-an-aws-marker"}, 400, "ValidationError",
     "Marker and Filter do not match"),
    ("iam", "GetAccountAuthorizationDetails", {"MaxItems": 1001}, 400, "ValidationError",
     "1 validation error detected: Value at 'maxItems' failed to satisfy constraint: Member must have value less than or equal to 1000"),
    # These have no text.
    ("iam", "GetCredentialReport", {}, 410, "ReportNotPresent", None),
    ("iam", "GetCredentialReport", {}, *denied("GetCredentialReport")),
    ("iam", "GenerateCredentialReport", {}, *denied("GenerateCredentialReport")),
    ("iam", "GetAccountProperties", {}, *denied("GetAccountProperties")),
    ("iam", "PutAccountProperties", properties(RoleManager__Enabled="false"), *denied("PutAccountProperties")),
    ("iam", "PutAccountProperties", properties(RoleManager="true"), 400, "InvalidInput",
     "Property key must be in format Namespace/PropertyName: RoleManager"),
    ("iam", "PutAccountProperties", properties(RoleManager__Enabled__more="true"), *INCOMPLETE),
    ("iam", "PutAccountProperties", properties(RoleManager__Other="true"), *INCOMPLETE),
    ("iam", "PutAccountProperties", properties(Other__Enabled="true"), 400, "InvalidInput", "Unsupported namespace: Other"),
    ("iam", "PutAccountProperties", properties(RoleManager__Enabled="true", Other__Enabled="true"), 400, "InvalidInput",
     "All properties must belong to the same namespace"),
    ("iam", "PutAccountProperties", properties(RoleManager__Enabled="False"), *BOOLEAN),
    ("iam", "PutAccountProperties", properties(RoleManager__Enabled=" false"), *BOOLEAN),
    ("iam", "PutAccountProperties", properties(RoleManager__Enabled="0"), *BOOLEAN),
    ("iam", "SetSecurityTokenServicePreferences", {"GlobalEndpointTokenVersion": "v2Token"}, *denied("SetSecurityTokenServicePreferences")),
]
