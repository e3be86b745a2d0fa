"""Identity providers, and sessions by what they sign. Where a text is not from a recording of AWS, the code that makes it says so."""

import identity_providers as idp
from conftest import make_user

ACCOUNT = "000000000000"
OIDC = f"arn:aws:iam::{ACCOUNT}:oidc-provider/login.example.com"
SAML = f"arn:aws:iam::{ACCOUNT}:saml-provider/corp"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/federated"
NO_OIDC = f"arn:aws:iam::{ACCOUNT}:oidc-provider/lost.example.com"
NO_SAML = f"arn:aws:iam::{ACCOUNT}:saml-provider/lost"
STRANGE = f"arn:aws:iam::{ACCOUNT}:user/nobody"
TAG = [{"Key": "team", "Value": "red"}]
TWICE = [*TAG, {"Key": "team", "Value": "blue"}]

issuer = idp.Issuer("https://login.example.com")
saml = idp.Saml("https://corp.example.com/saml")


def before(server):
    iam = server.client("iam")
    issuer.register(server)
    iam.create_open_id_connect_provider(Url=issuer.url, ClientIDList=["app"])
    iam.create_saml_provider(Name="corp", SAMLMetadataDocument=saml.metadata())
    trust = ('{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":["%s","%s"]},"Action":["sts:AssumeRoleWithWebIdentity",'
             '"sts:AssumeRoleWithSAML"]}]}' % (OIDC, SAML))
    iam.create_role(RoleName="federated", AssumeRolePolicyDocument=trust)
    # A response holds for five minutes from when it is made.
    CASES.extend(responses())
    return {"nobody": make_user(iam, "nobody")}


def denied(operation, resource):
    return (f"User: arn:aws:iam::{ACCOUNT}:user/nobody is not authorized to perform: iam:{operation} on resource: {resource} "
            f"because no identity-based policy allows the iam:{operation} action")


def invalid(constraint, member, value=None):
    shown = f"Value '{value}' at" if value else "Value at"
    return f"1 validation error detected: {shown} '{member}' failed to satisfy constraint: {constraint}"


def web(token, **more):
    return {"RoleArn": ROLE, "RoleSessionName": "session", "WebIdentityToken": token, **more}


def by_saml(response, **more):
    return {"RoleArn": ROLE, "PrincipalArn": SAML, "SAMLAssertion": response, **more}


def url(text):
    return {"Url": text}


BAD_URL = "Invalid Open ID Connect Provider URL."
DUPLICATE = "Duplicate tag keys found. Please note that Tag keys are case insensitive."
NO_JWT = "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)"
NOT_VALIDATED = ("The web identity token provided could not be validated. See the AssumeRoleWithWebIdentity documentation for requirements.")
TOO_LONG = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
ONE_OF = "Unable to add and remove private keys in the same request. Set a value for only one of the two parameters."
REQUIRED = "Unable to set assertion encryption mode to Required because no private key is provided."
FILLER = " " * 1000

#: Operations on a provider, by the kind.
ON_OIDC = {
    "GetOpenIDConnectProvider": {}, "AddClientIDToOpenIDConnectProvider": {"ClientID": "app"}, "RemoveClientIDFromOpenIDConnectProvider": {"ClientID": "app"},
    "UpdateOpenIDConnectProviderThumbprint": {"ThumbprintList": ["a" * 40]}, "TagOpenIDConnectProvider": {"Tags": TAG},
    "UntagOpenIDConnectProvider": {"TagKeys": ["team"]}, "ListOpenIDConnectProviderTags": {},
}
ON_SAML = {
    "GetSAMLProvider": {}, "UpdateSAMLProvider": {"SAMLMetadataDocument": saml.metadata()}, "DeleteSAMLProvider": {}, "TagSAMLProvider": {"Tags": TAG},
    "UntagSAMLProvider": {"TagKeys": ["team"]}, "ListSAMLProviderTags": {},
}

CASES = [
    ("iam", "CreateOpenIDConnectProvider", url("login.example.org"), 400, "ValidationError", "Invalid Open ID Connect Provider URL"),
    ("iam", "CreateOpenIDConnectProvider", url("https://"), 400, "ValidationError", "Invalid Open ID Connect Provider URL"),
    ("iam", "CreateOpenIDConnectProvider", url("http://login.example.org"), 400, "InvalidInput", f"{BAD_URL} The URL must begin with https://."),
    ("iam", "CreateOpenIDConnectProvider", url("ftp://login.example.org"), 400, "InvalidInput", f"{BAD_URL} The URL must begin with https://."),
    ("iam", "CreateOpenIDConnectProvider", url("https://login.example.org:8443"), 400, "InvalidInput", BAD_URL),
    ("iam", "CreateOpenIDConnectProvider", url("https://login.example.org/?a=b"), 400, "InvalidInput", "Unknown"),
    ("iam", "CreateOpenIDConnectProvider", url("https://login.example.org#a"), 400, "InvalidInput", "Unknown"),
    ("iam", "CreateOpenIDConnectProvider", url("https://ann:secret@login.example.org"), 400, "InvalidInput", BAD_URL),
    ("iam", "CreateOpenIDConnectProvider", url("https://login_example.org"), 400, "InvalidInput", BAD_URL),
    ("iam", "CreateOpenIDConnectProvider", url(issuer.url), 409, "EntityAlreadyExists", "Provider with url https://login.example.com already exists."),
    ("iam", "CreateOpenIDConnectProvider", {**url("https://a.example.org"), "ThumbprintList": [str(n) * 40 for n in range(6)]}, 400, "InvalidInput",
     "Thumbprint list must contain fewer than 5 entries."),
    ("iam", "CreateOpenIDConnectProvider", {**url("https://a.example.org"), "ClientIDList": [f"c{n}" for n in range(101)]}, 409, "LimitExceeded",
     "Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: 100"),
    ("iam", "CreateOpenIDConnectProvider", {**url("https://a.example.org"), "Tags": TWICE}, 400, "InvalidInput", DUPLICATE),
    ("iam", "CreateOpenIDConnectProvider", url("https://b.example.org"), 403, "AccessDenied",
     denied("CreateOpenIDConnectProvider", f"arn:aws:iam::{ACCOUNT}:oidc-provider/b.example.org"), "nobody"),
    ("iam", "UpdateOpenIDConnectProviderThumbprint", {"OpenIDConnectProviderArn": OIDC, "ThumbprintList": [str(n) * 40 for n in range(6)]}, 400,
     "InvalidInput", "Thumbprint list must contain fewer than 5 entries."),
    ("iam", "TagOpenIDConnectProvider", {"OpenIDConnectProviderArn": OIDC, "Tags": TWICE}, 400, "InvalidInput", DUPLICATE),
    ("iam", "DeleteOpenIDConnectProvider", {"OpenIDConnectProviderArn": STRANGE}, 400, "InvalidInput", f"Invalid ARN: {STRANGE}"),
    ("iam", "ListOpenIDConnectProviders", {}, 403, "AccessDenied",
     denied("ListOpenIDConnectProviders", f"arn:aws:iam::{ACCOUNT}:oidc-provider/*"), "nobody"),
    ("iam", "ListSAMLProviders", {}, 403, "AccessDenied", denied("ListSAMLProviders", f"arn:aws:iam::{ACCOUNT}:saml-provider/*"), "nobody"),
    ("iam", "GetOpenIDConnectProvider", {"OpenIDConnectProviderArn": OIDC}, 403, "AccessDenied", denied("GetOpenIDConnectProvider", OIDC), "nobody"),
    ("iam", "ListOpenIDConnectProviderTags", {"OpenIDConnectProviderArn": OIDC, "Marker": "x"}, 400, "ValidationError", "Invalid Marker."),
    *(("iam", operation, {"OpenIDConnectProviderArn": NO_OIDC, **more}, 404, "NoSuchEntity", f"OpenIDConnect Provider not found for arn {NO_OIDC}")
      for operation, more in ON_OIDC.items()),
    *(("iam", operation, {"OpenIDConnectProviderArn": STRANGE, **more}, 400, "InvalidInput", f"Invalid ARN: {STRANGE}")
      for operation, more in ON_OIDC.items()),
    ("iam", "CreateSAMLProvider", {"Name": "CORP", "SAMLMetadataDocument": saml.metadata()}, 409, "EntityAlreadyExists",
     "Provider with name CORP already exists."),
    ("iam", "CreateSAMLProvider", {"Name": "new", "SAMLMetadataDocument": FILLER}, 400, "InvalidInput", "Could not parse metadata"),
    ("iam", "CreateSAMLProvider", {"Name": "new", "SAMLMetadataDocument": "<a/>" + FILLER}, 400, "InvalidInput", "Could not parse metadata"),
    ("iam", "CreateSAMLProvider", {"Name": "new", "SAMLMetadataDocument": saml.metadata(certificate="bm9uZQ==") + FILLER}, 400, "InvalidInput",
     "Could not parse metadata"),
    ("iam", "CreateSAMLProvider", {"Name": "new", "SAMLMetadataDocument": saml.metadata(valid_until="tomorrow")}, 400, "InvalidInput",
     "Could not parse metadata"),
    ("iam", "CreateSAMLProvider", {"Name": "new", "SAMLMetadataDocument": saml.metadata().replace("IDPSSODescriptor", "SPSSODescriptor")}, 400,
     "InvalidInput", "SAML Providers must reference at least one SAML assertion issuer."),
    ("iam", "CreateSAMLProvider", {"Name": "new", "SAMLMetadataDocument": saml.metadata(), "AddPrivateKey": "none"}, 400, "InvalidInput",
     "Invalid private key."),
    ("iam", "CreateSAMLProvider", {"Name": "new", "SAMLMetadataDocument": saml.metadata(), "AssertionEncryptionMode": "Required"}, 400, "ValidationError",
     REQUIRED),
    ("iam", "CreateSAMLProvider", {"Name": "new", "SAMLMetadataDocument": saml.metadata(), "Tags": TWICE}, 400, "InvalidInput", DUPLICATE),
    ("iam", "CreateSAMLProvider", {"Name": "new", "SAMLMetadataDocument": saml.metadata()}, 403, "AccessDenied",
     denied("CreateSAMLProvider", f"arn:aws:iam::{ACCOUNT}:saml-provider/new"), "nobody"),
    ("iam", "UpdateSAMLProvider", {"SAMLProviderArn": SAML}, 400, "ValidationError",
     "Unable to update identity provider. No updates are defined for metadata or encryption assertion."),
    ("iam", "UpdateSAMLProvider", {"SAMLProviderArn": SAML, "SAMLMetadataDocument": FILLER}, 400, "InvalidInput", "Could not parse metadata"),
    ("iam", "UpdateSAMLProvider", {"SAMLProviderArn": SAML, "AddPrivateKey": "a", "RemovePrivateKey": "A" * 22}, 400, "ValidationError", ONE_OF),
    ("iam", "UpdateSAMLProvider", {"SAMLProviderArn": SAML, "AddPrivateKey": "a"}, 400, "InvalidInput", "Invalid private key."),
    ("iam", "UpdateSAMLProvider", {"SAMLProviderArn": SAML, "RemovePrivateKey": "A" * 22}, 400, "InvalidInput",
     "Failed to remove private key because the Key ID does not match a private key."),
    ("iam", "UpdateSAMLProvider", {"SAMLProviderArn": SAML, "AssertionEncryptionMode": "Required"}, 400, "InvalidInput",
     "Failed to set assertion encryption mode to Required because no private key is present."),
    ("iam", "UntagSAMLProvider", {"SAMLProviderArn": SAML, "TagKeys": []}, 400, "InvalidInput", "The provided tag keys must not be null/empty."),
    ("iam", "TagSAMLProvider", {"SAMLProviderArn": SAML, "Tags": TWICE}, 400, "InvalidInput", DUPLICATE),
    ("iam", "GetSAMLProvider", {"SAMLProviderArn": SAML}, 403, "AccessDenied", denied("GetSAMLProvider", SAML), "nobody"),
    *(("iam", operation, {"SAMLProviderArn": NO_SAML, **more}, 404, "NoSuchEntity", f"Manifest not found for arn {NO_SAML}")
      for operation, more in ON_SAML.items()),
    *(("iam", operation, {"SAMLProviderArn": STRANGE, **more}, 400, "InvalidInput", f"Invalid ARN: {STRANGE}") for operation, more in ON_SAML.items()),
    ("sts", "AssumeRoleWithWebIdentity", web("not a token"), 400, "InvalidIdentityToken", NO_JWT),
    ("sts", "AssumeRoleWithWebIdentity", web(issuer.token(), RoleArn="no-arn-but-long-enough"), 400, "ValidationError", "no-arn-but-long-enough is invalid"),
    ("sts", "AssumeRoleWithWebIdentity", web(issuer.token(), RoleArn=f"arn:aws:iam::{ACCOUNT}:role/lost"), 403, "AccessDenied",
     "Not authorized to perform sts:AssumeRoleWithWebIdentity"),
    ("sts", "AssumeRoleWithWebIdentity", web(issuer.token(), RoleArn=f"arn:aws:iam::{ACCOUNT}:user/ann-longer"), 403, "AccessDenied",
     "Not authorized to perform sts:AssumeRoleWithWebIdentity"),
    ("sts", "AssumeRoleWithWebIdentity", web(idp.Issuer("https://a.example.com").token()), 400, "InvalidIdentityToken",
     "No OpenIDConnect provider found in your account for https://a.example.com"),
    ("sts", "AssumeRoleWithWebIdentity", web(issuer.token(aud="other")), 400, "InvalidIdentityToken", "Incorrect token audience"),
    ("sts", "AssumeRoleWithWebIdentity", web(issuer.token(sub=None)), 400, "InvalidIdentityToken", "Missing a required claim: sub"),
    ("sts", "AssumeRoleWithWebIdentity", web(issuer.token(key=idp.private_key("ES256", "a stranger's"))), 400, "InvalidIdentityToken", NOT_VALIDATED),
    ("sts", "AssumeRoleWithWebIdentity", web(issuer.token(), DurationSeconds=3601), 400, "ValidationError", TOO_LONG),
    ("sts", "AssumeRoleWithWebIdentity", web(issuer.token(), DurationSeconds=899), 400, "ValidationError",
     invalid("Member must have value greater than or equal to 900", "durationSeconds", 899)),
    ("sts", "AssumeRoleWithWebIdentity", web(issuer.token(), ProviderId="login.example.com"), 403, "AccessDenied",
     "Unrecognized OAuth provider. Do not include a provider parameter when submitting OpenIDConnect ID tokens"),
    ("sts", "AssumeRoleWithWebIdentity", web(issuer.token(**{"https://aws.amazon.com/roles": [ROLE + "-not"]})), 400, "InvalidIdentityToken",
     "The target role ARN is not present in the roles claim of the identity token"),
    ("sts", "AssumeRoleWithWebIdentity", web(issuer.token(**{"https://aws.amazon.com/roles": ""})), 400, "InvalidIdentityToken",
     "The roles claim contains no valid role ARNs"),
    ("sts", "AssumeRoleWithWebIdentity", web(issuer.token(), ProviderId="graph.facebook.com"), 400, "IDPCommunicationError",
     "The identity provider that was asked to verify the token could not be reached"),
]


def responses():
    attributes = {"Role": [f"{ROLE},{SAML}"], "RoleSessionName": ["ann"]}
    answer = lambda **more: saml.answer({**attributes, **more})
    forged = idp.text(saml.response(saml.signed(saml.assertion(attributes), key=idp.private_key("RS256", "a stranger's"))))
    return [
        ("sts", "AssumeRoleWithSAML", by_saml(forged), 400, "InvalidIdentityToken", "Response signature invalid"),
        ("sts", "AssumeRoleWithSAML", by_saml(answer(), RoleArn="no-arn-but-long-enough"), 400, "ValidationError", "no-arn-but-long-enough is invalid"),
        ("sts", "AssumeRoleWithSAML", by_saml(answer(), PrincipalArn="no-arn-but-long-enough"), 400, "ValidationError", "no-arn-but-long-enough is invalid"),
        ("sts", "AssumeRoleWithSAML", by_saml(answer(), RoleArn=f"arn:aws:iam::{ACCOUNT}:role/lost"), 400, "InvalidIdentityToken",
         "SAML Assertion doesn't contain the requested Role and Metadata in the attributes"),
        ("sts", "AssumeRoleWithSAML", by_saml(answer(Role=[f"arn:aws:iam::{ACCOUNT}:role/lost,{SAML}"]), RoleArn=f"arn:aws:iam::{ACCOUNT}:role/lost"), 403,
         "AccessDenied", "Not authorized to perform sts:AssumeRoleWithSAML"),
        ("sts", "AssumeRoleWithSAML", by_saml(answer(RoleSessionName=["a b"])), 400, "InvalidIdentityToken",
         "RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}"),
        ("sts", "AssumeRoleWithSAML", by_saml(answer(**{"PrincipalTag:team": ["red"]})), 403, "AccessDenied", "Not authorized to perform sts:TagSession"),
        ("sts", "AssumeRoleWithSAML", by_saml(answer(), DurationSeconds=3601), 400, "ValidationError", TOO_LONG),
        ("sts", "AssumeRoleWithSAML", by_saml(saml.answer(attributes, audience="https://example.com")), 400, "InvalidIdentityToken",
         "Response does not contain the required audience."),
        ("sts", "AssumeRoleWithSAML", by_saml(saml.answer(attributes, expires=-1)), 400, "ExpiredTokenException", "Response has expired"),
        ("sts", "AssumeRoleWithSAML", by_saml(saml.answer(attributes, issued=-400)), 400, "ExpiredTokenException",
         "Token must be redeemed within 5 minutes of issuance"),
    ]
