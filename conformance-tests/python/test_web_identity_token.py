"""Outbound web identity: tokens of GetWebIdentityToken are verified by a published library against the keys this server publishes."""

import json
import urllib.error
import urllib.request

import jwt
import pytest
from jwt import PyJWKClient

from conftest import Metadata, allow, error_of, launch, make_profile, make_user, trust

AUDIENCE = "https://api.example.com"
NAMESPACE = "https://sts.amazonaws.com/"
PERMISSIONS = allow(["sts:GetWebIdentityToken", "sts:TagGetWebIdentityToken"])


@pytest.fixture
def issuer(server):
    iam = server.client("iam")
    yield iam.enable_outbound_web_identity_federation()["IssuerIdentifier"]
    server.admin("POST", "reset")


def fetch(url):
    with urllib.request.urlopen(url) as answer:
        return json.load(answer)


def verified(issuer, token, **more):
    discovery = fetch(issuer + "/.well-known/openid-configuration")
    assert discovery["issuer"] == issuer
    key = PyJWKClient(discovery["jwks_uri"]).get_signing_key_from_jwt(token)
    algorithms = discovery["id_token_signing_alg_values_supported"]
    return jwt.decode(token, key, algorithms=algorithms, issuer=issuer, **{"audience": AUDIENCE, **more})


@pytest.mark.parametrize(("algorithm", "key_id"), [("RS256", "RSA_0"), ("ES384", "EC384_0")])
def test_tokens_verify(server, issuer, algorithm, key_id):
    iam = server.client("iam")
    key = make_user(iam, "ann", PERMISSIONS)
    iam.tag_user(UserName="ann", Tags=[{"Key": "Team", "Value": "red"}])
    sts = server.client("sts", key, region="eu-west-1")
    answer = sts.get_web_identity_token(Audience=[AUDIENCE], SigningAlgorithm=algorithm, DurationSeconds=60,
                                        Tags=[{"Key": "job", "Value": "7"}])
    token = answer["WebIdentityToken"]
    assert jwt.get_unverified_header(token) == {"kid": key_id, "typ": "JWT", "alg": algorithm}
    claims = verified(issuer, token)
    arn = "arn:aws:iam::000000000000:user/ann"
    assert (claims["sub"], claims["aud"], claims["exp"] - claims["iat"]) == (arn, AUDIENCE, 60)
    assert claims[NAMESPACE] == {"aws_account": "000000000000", "request_tags": {"job": "7"}, "source_region": "eu-west-1",
                                 "principal_id": arn, "principal_tags": {"Team": "red"}}
    assert int(answer["Expiration"].timestamp()) == claims["exp"]
    forged = token[:-4] + ("AAAA" if not token.endswith("AAAA") else "BBBB")
    with pytest.raises(jwt.InvalidSignatureError):
        verified(issuer, forged)
    with pytest.raises(jwt.InvalidAudienceError):
        verified(issuer, token, audience="https://other.example.com")


def test_an_instance_says_where_it_is(server, issuer):
    iam, ec2 = server.client("iam"), server.client("ec2")
    role = make_profile(iam, "web", PERMISSIONS)
    instance = launch(ec2, IamInstanceProfile={"Name": "web"})
    key = Metadata(server.metadata_url(instance)).credentials("web")
    token = server.client("sts", key).get_web_identity_token(Audience=[AUDIENCE, "b"], SigningAlgorithm="ES384")["WebIdentityToken"]
    claims = verified(issuer, token)
    assert (claims["sub"], claims["aud"]) == (role, [AUDIENCE, "b"])
    own = claims[NAMESPACE]
    assert own["ec2_source_instance_arn"].endswith(f":instance/{instance}")
    assert own["ec2_role_delivery"] == "2.0" and own["ec2_instance_source_vpc"].startswith("vpc-")


def test_the_feature(server):
    iam = server.client("iam")
    assert error_of(iam.get_outbound_web_identity_federation_info)[0] == "FeatureDisabled"
    assert error_of(iam.disable_outbound_web_identity_federation)[0] == "FeatureDisabled"
    token = server.client("sts").get_web_identity_token
    wanted = {"Audience": [AUDIENCE], "SigningAlgorithm": "RS256"}
    assert error_of(token, **wanted)[0] == "OutboundWebIdentityFederationDisabledException"
    issuer = iam.enable_outbound_web_identity_federation()["IssuerIdentifier"]
    info = iam.get_outbound_web_identity_federation_info()
    assert (info["IssuerIdentifier"], info["JwtVendingEnabled"]) == (issuer, True)
    assert error_of(iam.enable_outbound_web_identity_federation)[0] == "FeatureEnabled"
    earlier = token(**wanted)["WebIdentityToken"]
    iam.disable_outbound_web_identity_federation()
    assert error_of(token, **wanted)[0] == "OutboundWebIdentityFederationDisabledException"
    verified(issuer, earlier)
    server.kill()
    server.start()
    assert server.client("iam").enable_outbound_web_identity_federation()["IssuerIdentifier"] == issuer, "the issuer stays"
    verified(issuer, earlier)
    other = server.client("iam", server.account("222222222222")).enable_outbound_web_identity_federation()["IssuerIdentifier"]
    assert other != issuer
    with pytest.raises(jwt.PyJWTError):
        verified(other, earlier)
    server.admin("POST", "reset")
    with pytest.raises(urllib.error.HTTPError):
        fetch(issuer + "/.well-known/jwks.json")


def test_a_token_ends_with_its_session(server, issuer):
    iam = server.client("iam")
    arn = iam.create_role(RoleName="short", AssumeRolePolicyDocument=trust("arn:aws:iam::000000000000:root"))["Role"]["Arn"]
    iam.put_role_policy(RoleName="short", PolicyName="p", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [PERMISSIONS]}))
    key = make_user(iam, "ann", allow("sts:*"))
    credentials = server.client("sts", key).assume_role(RoleArn=arn, RoleSessionName="s1", DurationSeconds=900)["Credentials"]
    sts = server.client("sts", (credentials["AccessKeyId"], credentials["SecretAccessKey"], credentials["SessionToken"]))
    wanted = {"Audience": [AUDIENCE], "SigningAlgorithm": "ES384"}
    claims = verified(issuer, sts.get_web_identity_token(**wanted)["WebIdentityToken"])
    assert claims[NAMESPACE]["original_session_exp"].endswith("Z")
    assert error_of(sts.get_web_identity_token, **wanted, DurationSeconds=3600) == (
        "SessionDurationEscalationException", "Requested token expiry time must be before the original session's expiry time.", 403)


def test_a_payload_has_its_limit(server, issuer):
    sts = server.client("sts")
    wanted = {"Audience": ["a" * 1000] * 10, "SigningAlgorithm": "RS256", "Tags": [{"Key": f"k{number}", "Value": "v" * 250} for number in range(20)]}
    assert error_of(sts.get_web_identity_token, **wanted)[0] == "JWTPayloadSizeExceededException"


def test_a_name_for_the_outside(make_server):
    server = make_server("--public-url", "http://rolecall.test:4566/")
    issuer = server.client("iam").enable_outbound_web_identity_federation()["IssuerIdentifier"]
    assert issuer.startswith("http://rolecall.test:4566/_rolecall/oidc/")
    # Whoever verifies comes under that name; the admin API does not know it.
    request = urllib.request.Request(server.url + issuer.removeprefix("http://rolecall.test:4566") + "/.well-known/openid-configuration",
                                     headers={"Host": "rolecall.test:4566"})
    with urllib.request.urlopen(request) as answer:
        assert json.load(answer)["issuer"] == issuer
