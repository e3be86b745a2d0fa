"""Trusted identity propagation: what an identity provider says of a person stays with the session as keys that no caller sets."""

import json

import jwt
import pytest

from conftest import allow, error_of, make_user, policy
from identity_providers import Issuer, Saml, keys_of, nobody, trusting

ACCOUNT = "000000000000"
WEB, BY_SAML = "sts:AssumeRoleWithWebIdentity", "sts:AssumeRoleWithSAML"
INSTANCE = "arn:aws:sso:::instance/ssoins-1234567890abcdef"
STORE = f"arn:aws:identitystore::{ACCOUNT}:identitystore/d-1234567890"
CONTEXT = {"SubjectSourceKey": "email", "SubjectTypeValue": "user",
           "KeyDefinitionList": [{"SourceKey": "department", "TargetKey": "dept"}, {"SourceKey": "ticket"}]}
MAY = allow(["iam:ListRoles", "sts:AssumeRole", "sts:GetWebIdentityToken", "sts:SetWebIdentityTokenScope", "sts:GetScopedCredentials"])


@pytest.fixture
def clean(server):
    yield server
    server.admin("POST", "reset")


@pytest.fixture
def issuer(clean):
    made = Issuer("https://issuer.example.com/tenant")
    made.register(clean)
    return made


def provider(iam, issuer, **more):
    return iam.create_open_id_connect_provider(Url=issuer.url, ClientIDList=["app"], **more)["OpenIDConnectProviderArn"]


def role_for(iam, name, arn, action, condition=None, statement=MAY):
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trusting(arn, [action], condition))["Role"]["Arn"]
    iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=policy(statement))
    return role


def by_web(server, role, token):
    return nobody(server).assume_role_with_web_identity(RoleArn=role, RoleSessionName="s1", WebIdentityToken=token)


def test_the_configuration_of_an_oidc_provider(clean, issuer):
    iam = clean.client("iam")
    arn = provider(iam, issuer, ContextProvider=CONTEXT)
    clean.admin("PUT", "identity-center-instances", {"instanceArn": INSTANCE, "identityStoreId": "d-1234567890"})

    def held():
        answer = iam.get_open_id_connect_provider(OpenIDConnectProviderArn=arn)
        return answer.get("ContextProvider"), answer.get("IdentityCenterInstanceArn"), answer.get("IdentityStoreArn")

    def update(**wanted):
        return iam.update_open_id_connect_provider(OpenIDConnectProviderArn=arn, **wanted)

    def enabled():
        return [one["IsTrustedIdentityPropagationEnabled"] for one in iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]]

    assert held() == (CONTEXT, None, None) and enabled() == [False]
    update(IdentityCenterInstanceArn=INSTANCE)
    assert held() == (CONTEXT, INSTANCE, STORE) and enabled() == [True]
    clean.kill()
    clean.start()
    assert held() == (CONTEXT, INSTANCE, STORE)
    other = {"SubjectSourceKey": "sub", "SubjectTypeSourceKey": "kind", "KeyDefinitionList": []}
    update(ContextProvider=other)
    assert held()[0]["SubjectTypeSourceKey"] == "kind"
    for wanted in (
        {},
        {"ContextProvider": other, "RemoveContextProvider": True},
        {"IdentityCenterInstanceArn": INSTANCE, "RemoveIdentityCenterInstance": True},
        {"ContextProvider": other, "IdentityCenterInstanceArn": INSTANCE},
        {"RemoveContextProvider": True},
        {"IdentityCenterInstanceArn": "arn:aws:sso:::instance/ssoins-0000000000000000"},
        {"ContextProvider": {"SubjectSourceKey": " sub"}},
        {"ContextProvider": {"SubjectSourceKey": "a  b"}},
        {"ContextProvider": {"SubjectSourceKey": "ä"}},
        {"ContextProvider": {"SubjectSourceKey": "sub", "SubjectTypeValue": "user", "SubjectTypeSourceKey": "kind"}},
        {"ContextProvider": {"SubjectSourceKey": "sub", "KeyDefinitionList": [{"SourceKey": "a"}, {"SourceKey": "b", "TargetKey": "A"}]}},
    ):
        before = held()
        assert error_of(update, **wanted)[::2] == ("InvalidInput", 400), wanted
        assert held() == before, wanted
    update(RemoveIdentityCenterInstance=True)
    update(RemoveContextProvider=True)
    assert held() == (None, None, None)
    assert error_of(update, IdentityCenterInstanceArn=INSTANCE)[0] == "InvalidInput"
    assert error_of(provider, iam=iam, issuer=Issuer("https://other.example.com"), IdentityCenterInstanceArn=INSTANCE)[0] == "InvalidInput"
    missing = f"arn:aws:iam::{ACCOUNT}:oidc-provider/nobody.example.com"
    assert error_of(iam.update_open_id_connect_provider, OpenIDConnectProviderArn=missing, RemoveContextProvider=True)[0] == "NoSuchEntity"


def test_who_may_configure_it(clean, issuer):
    root, arn = clean.client("iam"), provider(clean.client("iam"), issuer)
    wanted = {"OpenIDConnectProviderArn": arn, "ContextProvider": CONTEXT}
    nothing = clean.client("iam", make_user(root, "nil", allow("ec2:*")))
    assert error_of(nothing.update_open_id_connect_provider, **wanted)[::2] == ("AccessDenied", 403)
    only_clients = allow("iam:*", Condition={"BoolIfExists": {"iam:EnableIdentityPropagation": "false"}})
    careful = clean.client("iam", make_user(root, "ann", only_clients))
    careful.add_client_id_to_open_id_connect_provider(OpenIDConnectProviderArn=arn, ClientID="more")
    assert error_of(careful.update_open_id_connect_provider, **wanted)[::2] == ("AccessDenied", 403)
    this = allow("iam:UpdateOpenIDConnectProvider", Condition={"ForAllValues:StringEquals": {"iam:ResourceIdentityProviderIssuers": [issuer.url]},
                                                              "Null": {"iam:ResourceIdentityProviderIssuers": "false"}})
    owner = clean.client("iam", make_user(root, "eve", this))
    owner.update_open_id_connect_provider(**wanted)
    second = provider(root, Issuer("https://second.example.com"))
    assert error_of(owner.update_open_id_connect_provider, OpenIDConnectProviderArn=second, ContextProvider=CONTEXT)[0] == "AccessDenied"


def test_a_session_acts_for_a_person(clean, issuer):
    iam = clean.client("iam")
    clean.admin("PUT", "identity-center-instances", {"instanceArn": INSTANCE, "identityStoreId": "d-1234567890"})
    arn = provider(iam, issuer, ContextProvider=CONTEXT, IdentityCenterInstanceArn=INSTANCE)
    needs = {"aws:OriginIdentity/Subject": "ann@example.com", "aws:OriginIdentity/SubjectType": "user",
             "aws:OriginIdentity/Issuer": issuer.name, "aws:OriginIdentity/FederatedProviderArn": arn,
             "aws:TransactionContext/IdentityProvider/dept": "red", "aws:TransactionContext/IdentityProvider/ticket": "7",
             "aws:IdentityCenterInstanceArn": INSTANCE, "aws:IdentityStoreArn": STORE}
    statement = {**MAY, "Condition": {"StringEquals": needs}}
    role = role_for(iam, "people", arn, WEB, {"StringEquals": {"aws:OriginIdentity/Subject": "ann@example.com"}}, statement)
    ann = {"email": "ann@example.com", "department": "red", "ticket": 7}
    answer = by_web(clean, role, issuer.token(**ann))
    origin = {"Subject": "ann@example.com", "SubjectType": "user", "Issuer": issuer.name, "FederatedProviderArn": arn}
    assert answer["TrustedIdentityPropagationContext"] == {
        "OriginIdentity": origin, "TransactionContext": {"IdentityProvider": {"dept": "red", "ticket": "7"}}}
    keys = keys_of(answer)
    clean.client("iam", keys).list_roles()
    # Another person, another department, a claim too few: the trust policy, the role's policy and STS say no.
    assert error_of(by_web, server=clean, role=role, token=issuer.token(**{**ann, "email": "bob@example.com"}))[0] == "AccessDenied"
    blue = keys_of(by_web(clean, role, issuer.token(**{**ann, "department": "blue"})))
    assert error_of(clean.client("iam", blue).list_roles)[0] == "AccessDenied"
    assert error_of(by_web, server=clean, role=role, token=issuer.token(department="red")) == (
        "InvalidIdentityToken", "Missing a required claim: email", 400)
    assert error_of(by_web, server=clean, role=role, token=issuer.token(**{**ann, "ticket": "x" * 129}))[0] == "InvalidIdentityToken"
    # It stays with narrowed credentials, and through the switch to another role, whoever asks.
    scoped = keys_of(clean.client("sts", keys).get_scoped_credentials(DurationSeconds=600))
    clean.client("iam", scoped).list_roles()
    chained = {"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"aws:OriginIdentity/Subject": "ann@example.com"}}}]}
    next_role = iam.create_role(RoleName="next", AssumeRolePolicyDocument=json.dumps(chained))["Role"]["Arn"]
    iam.put_role_policy(RoleName="next", PolicyName="p", PolicyDocument=policy(statement))
    further = keys_of(clean.client("sts", keys).assume_role(RoleArn=next_role, RoleSessionName="s2"))
    clean.client("iam", further).list_roles()
    other = clean.client("sts", make_user(iam, "carl", allow("sts:*")))
    assert error_of(other.assume_role, RoleArn=next_role, RoleSessionName="s2")[0] == "AccessDenied"


def test_without_a_context_provider_there_is_no_context(clean, issuer):
    iam = clean.client("iam")
    arn = provider(iam, issuer)
    role = role_for(iam, "people", arn, WEB)
    assert "TrustedIdentityPropagationContext" not in by_web(clean, role, issuer.token(email="ann@example.com"))


def test_a_saml_provider(clean):
    iam, saml = clean.client("iam"), Saml()
    clean.admin("PUT", "identity-center-instances", {"instanceArn": INSTANCE, "identityStoreId": "d-1234567890"})
    wanted = {"SubjectSourceKey": "Subject/NameID", "KeyDefinitionList": [{"SourceKey": "https://example.com/team", "TargetKey": "team"}]}
    made = iam.create_saml_provider(Name="p", SAMLMetadataDocument=saml.metadata(), ContextProvider=wanted)["SAMLProviderArn"]
    held = iam.get_saml_provider(SAMLProviderArn=made)
    assert held["ContextProvider"] == wanted
    [entry] = held["SAMLKeyHashes"]
    assert entry["IssuerURL"] == "https://idp.example.com/saml" and len(entry["KeyHashes"]) == 1
    role = role_for(iam, "people", made, BY_SAML)
    attributes = {"Role": [f"{role},{made}"], "RoleSessionName": ["ann"]}

    def assume(**more):
        answer = saml.answer({**attributes, **more})
        return nobody(clean).assume_role_with_saml(RoleArn=role, PrincipalArn=made, SAMLAssertion=answer)

    assert assume()["TrustedIdentityPropagationContext"] == {
        "OriginIdentity": {"Subject": "somebody", "Issuer": entry["KeyHashes"][0], "FederatedProviderArn": made}}
    update = iam.update_saml_provider
    for wrong in (
        {"ContextProvider": wanted, "SAMLMetadataDocument": saml.metadata()},
        {"ContextProvider": wanted, "IdentityCenterInstanceArn": INSTANCE},
        {"ContextProvider": wanted, "RemoveContextProvider": True},
    ):
        assert error_of(update, SAMLProviderArn=made, **wrong)[::2] == ("InvalidInput", 400), wrong
    update(SAMLProviderArn=made, IdentityCenterInstanceArn=INSTANCE)
    held = iam.get_saml_provider(SAMLProviderArn=made)
    assert (held["IdentityCenterInstanceArn"], held["IdentityStoreArn"]) == (INSTANCE, STORE)
    assert [one["IsTrustedIdentityPropagationEnabled"] for one in iam.list_saml_providers()["SAMLProviderList"]] == [True]
    assert error_of(update, SAMLProviderArn=made, RemoveContextProvider=True)[0] == "InvalidInput"
    update(SAMLProviderArn=made, RemoveIdentityCenterInstance=True)
    update(SAMLProviderArn=made, RemoveContextProvider=True)
    assert "ContextProvider" not in iam.get_saml_provider(SAMLProviderArn=made)
    assert "TrustedIdentityPropagationContext" not in assume()


def test_a_token_in_the_name_of_a_person(clean, issuer):
    """GetWebIdentityToken with SubjectMode OriginIdentity, and its scopes."""
    iam = clean.client("iam")
    iam.enable_outbound_web_identity_federation()
    arn = provider(iam, issuer, ContextProvider={"SubjectSourceKey": "email"})
    role = role_for(iam, "people", arn, WEB)

    def ask(email, **more):
        keys = keys_of(by_web(clean, role, issuer.token(email=email)))
        wanted = {"Audience": ["https://api.example.com"], "SigningAlgorithm": "ES384", "SubjectMode": "OriginIdentity", **more}
        return clean.client("sts", keys).get_web_identity_token(**wanted)["WebIdentityToken"]

    claims = jwt.decode(ask("ann@example.com", Scope="read write:all"), options={"verify_signature": False})
    own = claims["https://sts.amazonaws.com/"]
    assert (claims["sub"], claims["scope"], own["subject_mode"], own["principal_id"]) == ("ann@example.com", "read write:all", "OriginIdentity", role)
    claims = jwt.decode(ask("ann@example.com", SubjectMode="AWSIdentity"), options={"verify_signature": False})
    assert claims["sub"] == role and "scope" not in claims and "subject_mode" not in claims["https://sts.amazonaws.com/"]
    for wrong in ({"Scope": "a a"}, {"Scope": "a", "Audience": ["a", "b"]}, {"Scope": "a", "SubjectMode": "AWSIdentity"}, {"Scope": "a,b"}):
        assert error_of(ask, email="ann@example.com", **wrong)[::2] == ("ValidationError", 400), wrong
    for email in ("ARN:aws:iam::1:user/x", "ann ", "a\u200bnn", "a\nb"):
        assert error_of(ask, email=email)[::2] == ("AccessDenied", 403), email
    user = clean.client("sts", make_user(iam, "ann", allow("sts:*")))
    plain = {"Audience": ["a"], "SigningAlgorithm": "ES384", "SubjectMode": "OriginIdentity"}
    assert error_of(user.get_web_identity_token, **plain)[0] == "ValidationError"
    # The scope is asked for by an action and a key of its own.
    some = {"StringEquals": {"sts:SubjectMode": "OriginIdentity"}, "ForAllValues:StringEquals": {"sts:IdentityTokenScope": ["read"]}}
    iam.put_role_policy(RoleName="people", PolicyName="p", PolicyDocument=policy(
        {"Effect": "Allow", "Action": ["sts:GetWebIdentityToken", "sts:SetWebIdentityTokenScope"], "Resource": "*", "Condition": some}))
    ask("ann@example.com", Scope="read")
    assert error_of(ask, email="ann@example.com", Scope="write")[0] == "AccessDenied"
    iam.put_role_policy(RoleName="people", PolicyName="p", PolicyDocument=policy(allow("sts:GetWebIdentityToken")))
    ask("ann@example.com")
    assert error_of(ask, email="ann@example.com", Scope="read")[0] == "AccessDenied"
