"""OpenID Connect providers, and roles' sessions by web identity. Every token is signed and verified for real."""

import base64
import hashlib
import hmac
import json
import time
import uuid

import jwt
import pytest

import identity_providers as idp
from conftest import allow, error_of, policy
from identity_providers import Issuer, Saml, encoded, keys_of, listening, nobody, trusting

ACCOUNT = "000000000000"
OTHER = "222222222222"
WEB = "sts:AssumeRoleWithWebIdentity"
DENIED_WEB = ("AccessDenied", f"Not authorized to perform {WEB}", 403)
NOT_VALIDATED = ("InvalidIdentityToken", "The web identity token provided could not be validated. See the AssumeRoleWithWebIdentity documentation "
                 "for requirements.", 400)
NO_KEY = ("InvalidIdentityToken", "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity "
          "documentation for requirements", 400)
NO_JWT = ("InvalidIdentityToken", "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)", 400)


def web_role(iam, issuer, name=None, clients=("app",), condition=None, tags=False, **more):
    """A provider for the issuer, and a role that trusts it: the role's ARN."""
    name = name or f"r-{uuid.uuid4()}"
    arn = f"arn:aws:iam::{ACCOUNT}:oidc-provider/{issuer.name}"
    if arn not in [one["Arn"] for one in iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]]:
        iam.create_open_id_connect_provider(Url=issuer.url, ClientIDList=list(clients), ThumbprintList=more.pop("thumbprints", []))
    actions = [WEB, "sts:TagSession", "sts:SetSourceIdentity"] if tags else [WEB]
    return iam.create_role(RoleName=name, AssumeRolePolicyDocument=trusting(arn, actions, condition), **more)["Role"]["Arn"]


def assume_web(server, role, token, **more):
    return nobody(server).assume_role_with_web_identity(RoleArn=role, RoleSessionName="session", WebIdentityToken=token, **more)


def refused_web(server, role, token, **more):
    return error_of(assume_web, server=server, role=role, token=token, **more)


@pytest.fixture(scope="module")
def iam(server):
    return server.client("iam")


@pytest.fixture(scope="module")
def issuer(server):
    made = Issuer("https://issuer.example.com/tenant")
    made.register(server)
    return made


@pytest.fixture(scope="module")
def web(iam, issuer):
    return web_role(iam, issuer, "web")


# --- OpenID Connect providers ---------------------------------------------------------------------------------------------------------------


def test_an_oidc_provider_and_its_verbs(iam):
    made = iam.create_open_id_connect_provider(Url="https://login.example.org/path", ClientIDList=["one"], ThumbprintList=["A" * 40],
                                               Tags=[{"Key": "b", "Value": "2"}, {"Key": "a", "Value": "1"}])
    arn = made["OpenIDConnectProviderArn"]
    assert arn == f"arn:aws:iam::{ACCOUNT}:oidc-provider/login.example.org/path"
    assert made["Tags"] == [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]
    assert {"Arn": arn, "IsTrustedIdentityPropagationEnabled": False} in iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]
    for client in ("two", "two", "one"):
        iam.add_client_id_to_open_id_connect_provider(OpenIDConnectProviderArn=arn, ClientID=client)
    for client in ("one", "one"):
        iam.remove_client_id_from_open_id_connect_provider(OpenIDConnectProviderArn=arn, ClientID=client)
    held = iam.get_open_id_connect_provider(OpenIDConnectProviderArn=arn)
    assert (held["Url"], held["ClientIDList"], held["ThumbprintList"]) == ("login.example.org/path", ["two"], ["a" * 40])
    iam.update_open_id_connect_provider_thumbprint(OpenIDConnectProviderArn=arn, ThumbprintList=["b" * 40, "c" * 40])
    assert iam.get_open_id_connect_provider(OpenIDConnectProviderArn=arn)["ThumbprintList"] == ["b" * 40, "c" * 40]
    iam.tag_open_id_connect_provider(OpenIDConnectProviderArn=arn, Tags=[{"Key": "c", "Value": "3"}])
    iam.untag_open_id_connect_provider(OpenIDConnectProviderArn=arn, TagKeys=["a"])
    assert iam.list_open_id_connect_provider_tags(OpenIDConnectProviderArn=arn)["Tags"] == [{"Key": "b", "Value": "2"}, {"Key": "c", "Value": "3"}]
    page = iam.list_open_id_connect_provider_tags(OpenIDConnectProviderArn=arn, MaxItems=1)
    assert page["IsTruncated"] and page["Tags"] == [{"Key": "b", "Value": "2"}]
    rest = iam.list_open_id_connect_provider_tags(OpenIDConnectProviderArn=arn, MaxItems=1, Marker=page["Marker"])
    assert not rest["IsTruncated"] and rest["Tags"] == [{"Key": "c", "Value": "3"}]
    iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=arn)
    # Documented to be idempotent, and seen not to be.
    assert error_of(iam.delete_open_id_connect_provider, OpenIDConnectProviderArn=arn)[:2] == (
        "NoSuchEntity", f"OpenId connect Provider {arn} cannot be found.")
    assert error_of(iam.get_open_id_connect_provider, OpenIDConnectProviderArn=arn)[0] == "NoSuchEntity"


def test_quotas_of_oidc_providers(iam):
    many = [f"client-{number}" for number in range(101)]
    too_many = ("LimitExceeded", "Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: 100", 409)
    assert error_of(iam.create_open_id_connect_provider, Url="https://many.example.org", ClientIDList=many) == too_many
    arn = iam.create_open_id_connect_provider(Url="https://many.example.org", ClientIDList=many[:100])["OpenIDConnectProviderArn"]
    assert error_of(iam.add_client_id_to_open_id_connect_provider, OpenIDConnectProviderArn=arn, ClientID="more") == too_many
    iam.add_client_id_to_open_id_connect_provider(OpenIDConnectProviderArn=arn, ClientID="client-0")
    iam.tag_open_id_connect_provider(OpenIDConnectProviderArn=arn, Tags=[{"Key": f"k{number}", "Value": ""} for number in range(50)])
    full = ("LimitExceeded", "The number of tags has reached the maximum limit.", 409)
    assert error_of(iam.tag_open_id_connect_provider, OpenIDConnectProviderArn=arn, Tags=[{"Key": "one", "Value": "more"}]) == full


def test_a_hundred_providers_of_a_kind(make_server):
    iam = make_server("--quotas", "aws").client("iam")
    metadata = Saml().metadata()
    for number in range(100):
        iam.create_open_id_connect_provider(Url=f"https://i{number}.example.org")
        iam.create_saml_provider(Name=f"p{number}", SAMLMetadataDocument=metadata)
    assert error_of(iam.create_open_id_connect_provider, Url="https://more.example.org")[0] == "LimitExceeded"
    assert error_of(iam.create_saml_provider, Name="more", SAMLMetadataDocument=metadata)[0] == "LimitExceeded"
    assert len(iam.list_saml_providers()["SAMLProviderList"]) == 100
    assert len(iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]) == 100


# --- AssumeRoleWithWebIdentity --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("algorithm", ["RS256", "RS384", "RS512", "ES256", "ES384", "ES512"])
def test_a_token_of_every_algorithm(server, iam, algorithm):
    issuer = Issuer(f"https://{algorithm.lower()}.example.com", algorithm)
    issuer.register(server)
    role = web_role(iam, issuer)
    answer = assume_web(server, role, issuer.token())
    name = role.rpartition("/")[2]
    assert answer["AssumedRoleUser"]["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}/session"
    assert answer["SubjectFromWebIdentityToken"] == "somebody" and answer["Audience"] == "app"
    assert answer["Provider"] == f"arn:aws:iam::{ACCOUNT}:oidc-provider/{issuer.name}"
    identity = server.client("sts", keys_of(answer)).get_caller_identity()
    assert identity["Arn"] == answer["AssumedRoleUser"]["Arn"] and identity["UserId"] == answer["AssumedRoleUser"]["AssumedRoleId"]
    # A changed signature is none.
    head, _, signature = issuer.token().rpartition(".")
    changed = "A" if signature[10] != "A" else "B"
    assert refused_web(server, role, f"{head}.{signature[:10]}{changed}{signature[11:]}") == NOT_VALIDATED


def test_forged_tokens(server, web, issuer):
    now = int(time.time())
    claims = issuer.claims()
    plain = jwt.encode(claims, None, algorithm="none", headers={"kid": issuer.key_id})
    # The public key as a shared secret; PyJWT itself refuses to sign with one.
    signed = f"{encoded({'alg': 'HS256', 'kid': issuer.key_id})}.{encoded(claims)}"
    mac = hmac.new(idp.public_pem(issuer.key), signed.encode(), hashlib.sha256).digest()
    shared = f"{signed}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"
    head, _, rest = issuer.token().partition(".")
    changed = f"{head}.{encoded(issuer.claims(sub='root'))}.{rest.partition('.')[2]}"
    stranger = idp.private_key("ES256", "a stranger's")
    cases = [
        (plain, NO_JWT),
        (shared, NO_JWT),
        ("not.a.token", NO_JWT),
        ("opaque-access-token", NO_JWT),
        (issuer.token(headers={"crit": ["b64"], "b64": True}), NO_JWT),
        (changed, NOT_VALIDATED),
        (issuer.token(key=stranger), NOT_VALIDATED),
        # The keys that a header brings along are nobody's.
        (issuer.token(key=stranger, headers={"jwk": Issuer("https://x").key_set()["keys"][0]}), NOT_VALIDATED),
        (issuer.token(headers={"kid": "another"}), NO_KEY),
        (issuer.token(key=idp.private_key("RS256"), algorithm="RS256"), NO_KEY),
        (issuer.token(exp=now - 310), ("ExpiredTokenException", None, 400)),
        (issuer.token(nbf=now + 3600), ("InvalidIdentityToken", None, 400)),
        (issuer.token(iat=now + 3600), ("InvalidIdentityToken", f"Token issued in the future: {now + 3600}", 400)),
        (issuer.token(exp=now + 60.5), NOT_VALIDATED),
        (issuer.token(aud="another"), ("InvalidIdentityToken", "Incorrect token audience", 400)),
        (issuer.token(azp="another"), NOT_VALIDATED),
        (issuer.token(azp=""), NOT_VALIDATED),
        (issuer.token(aud=["app", "another"]), ("InvalidIdentityToken", "Token audience contains more than one audience while authorized party is not "
                                                "present", 400)),
        (Issuer("https://unknown.example.com").token(), ("InvalidIdentityToken", "No OpenIDConnect provider found in your account for "
                                                         "https://unknown.example.com", 400)),
        *((issuer.token(**{claim: None}), ("InvalidIdentityToken", f"Missing a required claim: {claim}", 400))
          for claim in ("iss", "aud", "sub", "exp", "iat")),
    ]
    wrong = []
    for number, (token, expected) in enumerate(cases):
        code, message, status = refused_web(server, web, token)
        if (code, expected[1] and message, status) != expected:
            wrong.append((number, (code, message, status), expected))
    assert not wrong
    expired = refused_web(server, web, issuer.token(exp=1000))[1]
    assert expired.startswith("Token expired: current date/time ") and expired.endswith(" must be before the expiration date/time 1000")
    early = refused_web(server, web, issuer.token(nbf=now + 3600))[1]
    assert early.startswith("Token not yet valid: current date/time ")
    assert early.endswith(f" must be after or equal to the not-before date/time {now + 3600}")
    # Clocks may differ by five minutes.
    assert assume_web(server, web, issuer.token(exp=now - 60))["Audience"] == "app"
    # An authorised party that is registered stands for all audiences.
    assert assume_web(server, web, issuer.token(aud=["x", "y"], azp="app"))["Audience"] == "app"


def test_a_provider_of_another_account_does_not_count(server, iam):
    issuer = Issuer("https://elsewhere.example.com")
    issuer.register(server)
    theirs = server.client("iam", server.account(OTHER)).create_open_id_connect_provider(Url=issuer.url, ClientIDList=["app"])["OpenIDConnectProviderArn"]
    role = iam.create_role(RoleName="elsewhere", AssumeRolePolicyDocument=trusting(theirs, WEB))["Role"]["Arn"]
    assert refused_web(server, role, issuer.token()) == ("InvalidIdentityToken", f"No OpenIDConnect provider found in your account for {issuer.url}", 400)
    # Nor is it enough that the account has one of its own: the trust policy names the other.
    web_role(iam, issuer)
    assert refused_web(server, role, issuer.token()) == DENIED_WEB


def test_what_the_trust_policy_asks_of_a_token(server, iam, issuer):
    name = issuer.name
    role = web_role(iam, issuer, condition={"StringEquals": {f"{name}:aud": "app"}, "StringLike": {f"{name}:sub": "repo:mine/*"}})
    assert refused_web(server, role, issuer.token()) == DENIED_WEB
    answer = assume_web(server, role, issuer.token(sub="repo:mine/web:ref:main"))
    assert answer["SubjectFromWebIdentityToken"] == "repo:mine/web:ref:main"
    assert refused_web(server, role.replace("/r-", "/missing-"), issuer.token()) == DENIED_WEB
    # Claims of well-known issuers that AWS's reference lists.
    github = Issuer("https://token.actions.githubusercontent.com")
    github.register(server)
    role = web_role(iam, github, condition={"StringEquals": {f"{github.name}:repository": "mine/web", f"{github.name}:actor": "ann"},
                                            "StringLike": {f"{github.name}:sub": "some*"}})
    assert refused_web(server, role, github.token(repository="mine/other", actor="ann")) == DENIED_WEB
    assume_web(server, role, github.token(repository="mine/web", actor="ann"))


def test_providers_that_aws_has_built_in(server, iam):
    google = Issuer("https://accounts.google.com")
    google.register(server)
    condition = {"StringEquals": {"accounts.google.com:aud": "web-client", "accounts.google.com:oaud": "api", "accounts.google.com:sub": "1234"}}
    role = iam.create_role(RoleName="google", AssumeRolePolicyDocument=trusting("accounts.google.com", WEB, condition))["Role"]["Arn"]
    answer = assume_web(server, role, google.token(aud="api", azp="web-client", sub="1234"))
    assert (answer["Provider"], answer["Audience"]) == ("accounts.google.com", "web-client")
    assert refused_web(server, role, google.token(aud="api", azp="web-client", sub="5678")) == DENIED_WEB
    cognito = Issuer("https://cognito-identity.amazonaws.com")
    cognito.register(server)
    condition = {"StringEquals": {"cognito-identity.amazonaws.com:aud": "us-east-1:pool"},
                 "ForAnyValue:StringLike": {"cognito-identity.amazonaws.com:amr": "authenticated"}}
    role = iam.create_role(RoleName="cognito", AssumeRolePolicyDocument=trusting("cognito-identity.amazonaws.com", WEB, condition))["Role"]["Arn"]
    assert refused_web(server, role, cognito.token(aud="us-east-1:pool", amr=["unauthenticated"])) == DENIED_WEB
    assume_web(server, role, cognito.token(aud="us-east-1:pool", amr=["authenticated", "graph.facebook.com"]))
    # Providers of access tokens are named by the request.
    condition = {"StringEquals": {"www.amazon.com:app_id": "app", "www.amazon.com:user_id": "amzn1.account.ann"}}
    role = iam.create_role(RoleName="amazon", AssumeRolePolicyDocument=trusting("www.amazon.com", WEB, condition))["Role"]["Arn"]
    amazon = Issuer("www.amazon.com")
    token = amazon.token(sub="amzn1.account.ann")
    assert refused_web(server, role, token, ProviderId="www.amazon.com")[0] == "IDPCommunicationError"
    amazon.register(server)
    assert assume_web(server, role, token, ProviderId="www.amazon.com")["Provider"] == "www.amazon.com"
    assert refused_web(server, role, amazon.token(sub="amzn1.account.bob"), ProviderId="www.amazon.com") == DENIED_WEB
    assert refused_web(server, role, token, ProviderId="login.example.com")[0] == "AccessDenied"


def test_the_roles_that_a_token_is_for(server, iam, issuer):
    """Seen of AWS, September 2026."""
    roles = "https://aws.amazon.com/roles"
    named = web_role(iam, issuer, condition={"Bool": {"sts:RoleAuthorizedByIdp": "true"}})
    other = web_role(iam, issuer, condition={"Bool": {"sts:RoleAuthorizedByIdp": "false"}})
    for claim in ([named], ["nonsense", 1, f" {named} "], f"{other}; {named}"):
        assume_web(server, named, issuer.token(**{roles: claim}))
    assert refused_web(server, named, issuer.token()) == DENIED_WEB
    assume_web(server, other, issuer.token())
    assert refused_web(server, other, issuer.token(**{roles: [other]})) == DENIED_WEB
    absent = ("InvalidIdentityToken", "The target role ARN is not present in the roles claim of the identity token", 400)
    assert refused_web(server, other, issuer.token(**{roles: [named]})) == absent
    none = ("InvalidIdentityToken", "The roles claim contains no valid role ARNs", 400)
    for claim in ([], "", ["nonsense"]):
        assert refused_web(server, named, issuer.token(**{roles: claim})) == none


def test_whom_a_trust_policy_sees_in_a_token(server, iam, issuer):
    """Seen of AWS, September 2026."""
    arn = f"arn:aws:iam::{ACCOUNT}:oidc-provider/{issuer.name}"
    who = {"StringEquals": {"aws:PrincipalAccount": ACCOUNT, "aws:PrincipalType": "User", "aws:userid": arn}, "Null": {"aws:PrincipalArn": "true"}}
    role = web_role(iam, issuer, condition=who)
    assume_web(server, role, issuer.token())
    everybody = json.loads(trusting(arn, "sts:AssumeRoleWithWebIdentity"))
    everybody["Statement"]["Principal"] = {"AWS": "*"}
    iam.update_assume_role_policy(RoleName=role.rpartition("/")[2], PolicyDocument=json.dumps(everybody))
    assert refused_web(server, role, issuer.token()) == DENIED_WEB


def test_session_tags_and_source_identity_of_a_token(server, iam, issuer):
    tags = {"https://aws.amazon.com/tags": {"principal_tags": {"team": ["red"], "cost": ["1"]}, "transitive_tag_keys": ["team"]}}
    source = {"https://aws.amazon.com/source_identity": "ann"}
    without = web_role(iam, issuer)
    assert refused_web(server, without, issuer.token(**tags)) == ("AccessDenied", "Not authorized to perform sts:TagSession", 403)
    assert refused_web(server, without, issuer.token(**source)) == ("AccessDenied", "Not authorized to perform sts:SetSourceIdentity", 403)
    role = web_role(iam, issuer, tags=True, condition={"StringEqualsIfExists": {"aws:RequestTag/team": "red", "sts:SourceIdentity": "ann"}})
    iam.put_role_policy(RoleName=role.rpartition("/")[2], PolicyName="p", PolicyDocument=policy(
        allow("iam:ListRoles", Condition={"StringEquals": {"aws:PrincipalTag/team": "red", "aws:SourceIdentity": "ann", f"{issuer.name}:sub": "somebody",
                                                           "aws:FederatedProvider": f"arn:aws:iam::{ACCOUNT}:oidc-provider/{issuer.name}"}})))
    answer = assume_web(server, role, issuer.token(**tags, **source))
    assert answer["SourceIdentity"] == "ann" and answer["PackedPolicySize"] > 0
    server.client("iam", keys_of(answer)).list_roles()
    answer = assume_web(server, role, issuer.token(**tags))
    assert error_of(server.client("iam", keys_of(answer)).list_roles)[0] == "AccessDenied"
    flat = {"https://aws.amazon.com/tags/principal_tags/team": ["red"], "https://aws.amazon.com/tags/transitive_tag_keys": ["team"]}
    answer = assume_web(server, role, issuer.token(**flat, **source))
    server.client("iam", keys_of(answer)).list_roles()
    wrong = {"https://aws.amazon.com/tags": {"principal_tags": {"team": ["blue"]}}}
    assert refused_web(server, role, issuer.token(**wrong)) == DENIED_WEB
    assert refused_web(server, role, issuer.token(**{"https://aws.amazon.com/tags": {"principal_tags": {"team": {"a": 1}}}})) == NOT_VALIDATED
    assert refused_web(server, role, issuer.token(**{"https://aws.amazon.com/source_identity": "a b"})) == NOT_VALIDATED
    large = {"https://aws.amazon.com/tags": {"principal_tags": {f"key{number}": ["x" * 200] for number in range(9)}}}
    role = web_role(iam, issuer, tags=True)
    assert refused_web(server, role, issuer.token(**large))[0] == "PackedPolicyTooLarge"


def test_the_session_of_a_token(server, iam, issuer):
    role = web_role(iam, issuer, MaxSessionDuration=7200)
    iam.put_role_policy(RoleName=role.rpartition("/")[2], PolicyName="p", PolicyDocument=policy(allow("iam:*")))
    answer = assume_web(server, role, issuer.token(), DurationSeconds=7200, Policy=policy(allow("iam:ListUsers")))
    assert 7100 < answer["Credentials"]["Expiration"].timestamp() - time.time() <= 7200
    session = server.client("iam", keys_of(answer))
    session.list_users()
    assert error_of(session.list_roles)[0] == "AccessDenied"
    too_long = ("ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.", 400)
    assert refused_web(server, role, issuer.token(), DurationSeconds=7201) == too_long
    assert refused_web(server, role, issuer.token(), Policy="{}")[0] == "MalformedPolicyDocument"
    assert refused_web(server, role, issuer.token(), PolicyArns=[{"arn": "arn:aws:iam::aws:policy/None"}])[0] == "MalformedPolicyDocument"
    sized = assume_web(server, role, issuer.token(), MinimumSessionTokenSize=2048) if "MinimumSessionTokenSize" in str(
        server.client("sts").meta.service_model.operation_model("AssumeRoleWithWebIdentity").input_shape.members) else None
    assert sized is None or len(sized["Credentials"]["SessionToken"]) >= 2048
    # A signature of somebody else changes nothing.
    signed = server.client("sts")._make_api_call("AssumeRoleWithWebIdentity", {"RoleArn": role, "RoleSessionName": "signed", "WebIdentityToken": issuer.token()})
    assert signed["SubjectFromWebIdentityToken"] == "somebody"


def test_who_has_no_signature_is_in_the_partition_of_the_role(make_server):
    server = make_server()
    iam, issuer = server.client("iam", region="cn-north-1"), Issuer("https://china.example.com")
    issuer.register(server)
    provider = iam.create_open_id_connect_provider(Url=issuer.url, ClientIDList=["app"])["OpenIDConnectProviderArn"]
    role = iam.create_role(RoleName="r", AssumeRolePolicyDocument=trusting(provider, WEB))["Role"]["Arn"]
    assert role == f"arn:aws-cn:iam::{ACCOUNT}:role/r"
    answer = assume_web(server, role, issuer.token())
    assert answer["AssumedRoleUser"]["Arn"] == f"arn:aws-cn:sts::{ACCOUNT}:assumed-role/r/session"
    # The account is nowhere else.
    for partition in ("aws", "aws-us-gov", "aws-moon"):
        assert refused_web(server, role.replace("aws-cn", partition), issuer.token()) == DENIED_WEB
    # Another account is where its role says.
    other = role.replace(ACCOUNT, OTHER).replace("aws-cn", "aws")
    assert refused_web(server, other, issuer.token())[1].startswith("No OpenIDConnect provider found in your account for ")


def test_keys_are_read_from_the_issuer(server, iam):
    with listening() as issuer:
        role = web_role(iam, issuer)
        assert assume_web(server, role, issuer.token())["Provider"].endswith(f"oidc-provider/{issuer.name}")
        assert issuer.server.asked == ["/.well-known/openid-configuration", "/keys"]
        # Nobody is asked for a token that could not be taken anyway.
        refused_web(server, role, issuer.token(aud="another"))
        refused_web(server, role, "opaque-access-token")
        assert len(issuer.server.asked) == 2
        assert refused_web(server, role, issuer.token(key=idp.private_key("ES256", "a stranger's"))) == NOT_VALIDATED
        # What was read is good for some seconds: whoever sends tokens does not decide how often the issuer is asked.
        assume_web(server, role, issuer.token())
        assert len(issuer.server.asked) == 2
    assume_web(server, role, issuer.token())
    with listening() as gone:
        role = web_role(iam, gone)
    assert refused_web(server, role, gone.token()) == NO_KEY


def test_issuers_that_are_not_registered_are_not_asked(server, web):
    with listening() as issuer:
        assert refused_web(server, web, issuer.token())[1].startswith("No OpenIDConnect provider found in your account for ")
        assert issuer.server.asked == []


def bad_answers(issuer):
    """Answers by path, each in place of a good one."""
    keys = json.dumps(issuer.key_set()).encode()
    discovery = "/.well-known/openid-configuration"
    said = lambda **document: (200, {}, json.dumps(document).encode(), 0)
    return [
        {"/keys": (200, {}, keys + b" " * 1_100_000, 0)},
        {"/keys": (500, {}, keys, 0)},
        {"/keys": (302, {"Location": f"{issuer.url}/moved"}, b"", 0), "/moved": (200, {}, keys, 0)},
        {"/keys": (200, {}, b"{}", 0)},
        {"/keys": (200, {}, b'{"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}', 0)},
        {discovery: (200, {}, b"[" * 100_000, 0)},
        {discovery: said(issuer="https://another.example.com", jwks_uri=f"{issuer.url}/keys")},
        {discovery: said(issuer=issuer.url, jwks_uri="file:///etc/passwd")},
        {discovery: (404, {}, b"", 0)},
        {"/keys": (200, {}, keys, 8)},
    ]


@pytest.mark.parametrize("which", range(10))
def test_an_issuer_that_answers_badly(server, iam, which):
    with listening() as issuer:
        role, answers = web_role(iam, issuer), issuer.server.answers
        good, bad = dict(answers), bad_answers(issuer)[which]
        answers.update(bad)
        begun = time.monotonic()
        assert refused_web(server, role, issuer.token()) == NO_KEY
        took = time.monotonic() - begun
        assert 4 < took < 7.5 if which == 9 else took < 2
        assert "/moved" not in issuer.server.asked
        # A failure is remembered a second, so that it is soon over.
        asked = len(issuer.server.asked)
        assert refused_web(server, role, issuer.token()) == NO_KEY
        assert len(issuer.server.asked) == asked
        answers.update(good)
        time.sleep(1.1)
        assume_web(server, role, issuer.token())


def test_an_issuer_with_tls_is_known_by_its_thumbprint(server, iam):
    key = idp.private_key("ES256", "tls")
    certificate = idp.self_signed(key, "127.0.0.1")
    with listening(certificate=idp.pem(certificate) + idp.private_pem(key)) as issuer:
        role = web_role(iam, issuer, thumbprints=[idp.thumbprint(certificate)])
        assume_web(server, role, issuer.token())
        arn = f"arn:aws:iam::{ACCOUNT}:oidc-provider/{issuer.name}"
        iam.update_open_id_connect_provider_thumbprint(OpenIDConnectProviderArn=arn, ThumbprintList=["0" * 40])
        assert refused_web(server, role, issuer.token()) == (
            "InvalidIdentityToken", "OpenIDConnect provider's HTTPS certificate doesn't match configured thumbprint", 400)


def test_registered_keys_outlive_a_restart_and_can_be_forgotten(make_server):
    server = make_server()
    iam, issuer = server.client("iam"), Issuer("https://kept.example.com")
    issuer.register(server)
    role = web_role(iam, issuer)
    server.kill()
    server.start()
    assume_web(server, role, issuer.token())
    assert server.admin("GET", "oidc-keys") == {"issuers": [issuer.url]}
    server.admin("DELETE", "oidc-keys", {"issuer": issuer.url})
    assert server.admin("GET", "oidc-keys") == {"issuers": []}
