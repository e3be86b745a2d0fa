"""SAML providers, and roles' sessions by SAML. Every response is signed, and some are encrypted, and all are verified for real."""

import base64
import copy
import hashlib
import time

import pytest
from lxml import etree

import identity_providers as idp
from conftest import allow, error_of, policy
from identity_providers import Saml, instant, keys_of, nobody, text, trusting

ACCOUNT = "000000000000"
OTHER = "222222222222"
BY_SAML = "sts:AssumeRoleWithSAML"
DENIED_SAML = ("AccessDenied", f"Not authorized to perform {BY_SAML}", 403)
BAD_SIGNATURE = ("InvalidIdentityToken", "Response signature invalid", 400)


@pytest.fixture(scope="module")
def iam(server):
    return server.client("iam")


def test_a_saml_provider_and_its_verbs(iam):
    saml = Saml()
    made = iam.create_saml_provider(Name="verbs", SAMLMetadataDocument=saml.metadata(), Tags=[{"Key": "a", "Value": "1"}])
    arn = made["SAMLProviderArn"]
    assert arn == f"arn:aws:iam::{ACCOUNT}:saml-provider/verbs" and made["Tags"] == [{"Key": "a", "Value": "1"}]
    held = iam.get_saml_provider(SAMLProviderArn=arn)
    assert held["SAMLMetadataDocument"] == saml.metadata() and held["SAMLProviderUUID"].startswith("SAMLSP")
    assert (held["AssertionEncryptionMode"], held["PrivateKeyList"]) == ("Allowed", [])
    assert held["ValidUntil"].year - held["CreateDate"].year == 100
    entry = next(one for one in iam.list_saml_providers()["SAMLProviderList"] if one["Arn"] == arn)
    assert entry == {"Arn": arn, "ValidUntil": held["ValidUntil"], "CreateDate": held["CreateDate"],
                     "IsTrustedIdentityPropagationEnabled": False}
    until = "2099-01-02T03:04:05Z"
    assert iam.update_saml_provider(SAMLProviderArn=arn, SAMLMetadataDocument=saml.metadata(valid_until=until))["SAMLProviderArn"] == arn
    # Seen of AWS, September 2026: the document's own date does not show, and it needs no certificate to sign with.
    assert iam.get_saml_provider(SAMLProviderArn=arn)["ValidUntil"].year > 2099
    iam.update_saml_provider(SAMLProviderArn=arn, SAMLMetadataDocument=saml.metadata(use="encryption"))
    iam.tag_saml_provider(SAMLProviderArn=arn, Tags=[{"Key": "b", "Value": "2"}])
    iam.untag_saml_provider(SAMLProviderArn=arn, TagKeys=["a"])
    assert iam.list_saml_provider_tags(SAMLProviderArn=arn)["Tags"] == [{"Key": "b", "Value": "2"}]
    iam.tag_saml_provider(SAMLProviderArn=arn, Tags=[{"Key": f"k{number}", "Value": ""} for number in range(49)])
    assert error_of(iam.tag_saml_provider, SAMLProviderArn=arn, Tags=[{"Key": "one", "Value": "more"}])[0] == "LimitExceeded"
    iam.delete_saml_provider(SAMLProviderArn=arn)
    assert error_of(iam.get_saml_provider, SAMLProviderArn=arn) == ("NoSuchEntity", f"Manifest not found for arn {arn}", 404)


def test_private_keys_of_a_saml_provider(iam):
    saml = Saml()
    one, two, three = (idp.private_pem(idp.private_key("RS256", name)) for name in ("one", "two", "three"))
    arn = iam.create_saml_provider(Name="keys", SAMLMetadataDocument=saml.metadata(), AddPrivateKey=one, AssertionEncryptionMode="Required")["SAMLProviderArn"]
    iam.update_saml_provider(SAMLProviderArn=arn, AddPrivateKey=two)
    held = iam.get_saml_provider(SAMLProviderArn=arn)
    assert held["AssertionEncryptionMode"] == "Required" and len(held["PrivateKeyList"]) == 2
    assert all(set(key) == {"KeyId", "Timestamp"} for key in held["PrivateKeyList"])
    assert error_of(iam.update_saml_provider, SAMLProviderArn=arn, AddPrivateKey=three) == ("LimitExceeded", "Private key limit of 2 is reached.", 409)
    first, second = (key["KeyId"] for key in held["PrivateKeyList"])
    iam.update_saml_provider(SAMLProviderArn=arn, RemovePrivateKey=first)
    assert [key["KeyId"] for key in iam.get_saml_provider(SAMLProviderArn=arn)["PrivateKeyList"]] == [second]
    assert error_of(iam.update_saml_provider, SAMLProviderArn=arn, RemovePrivateKey=second)[0] == "InvalidInput"
    iam.update_saml_provider(SAMLProviderArn=arn, RemovePrivateKey=second, AssertionEncryptionMode="Allowed")
    assert iam.get_saml_provider(SAMLProviderArn=arn)["PrivateKeyList"] == []


class Home:
    """A SAML provider in the account and a role that trusts it."""

    def __init__(self, iam, saml, name, condition=None, tags=False, **more):
        self.saml = saml
        self.provider = iam.create_saml_provider(Name=name, SAMLMetadataDocument=saml.metadata())["SAMLProviderArn"]
        actions = [BY_SAML, "sts:TagSession", "sts:SetSourceIdentity"] if tags else [BY_SAML]
        trust = trusting(self.provider, actions, condition)
        self.role = iam.create_role(RoleName=f"saml-{name}", AssumeRolePolicyDocument=trust, **more)["Role"]["Arn"]

    def attributes(self, **more):
        return {"Role": [f"{self.role},{self.provider}"], "RoleSessionName": ["ann"], **more}

    def assertion(self, **more):
        return self.saml.assertion(self.attributes(), **more)

    def assume(self, server, response, **more):
        return nobody(server).assume_role_with_saml(**{"RoleArn": self.role, "PrincipalArn": self.provider, "SAMLAssertion": response, **more})

    def refused(self, server, response, **more):
        return error_of(self.assume, server=server, response=response, **more)


@pytest.fixture(scope="module")
def home(iam):
    return Home(iam, Saml(), "home")


def behind(answer, message, code):
    """The line about the service behind STS that some refusals end with."""
    assert (answer[0], answer[2]) == ("InvalidIdentityToken", 400)
    start = f"{message} (Service: AWSOpenIdDiscoveryService; Status Code: 400; Error Code: {code}; Request ID: "
    assert answer[1].startswith(start) and answer[1].endswith("; Proxy: null)"), answer


def unsigned(answer):
    text = "Response (with optional signature) must contain an assertion with a mandatory signature"
    behind(answer, text, "AuthSamlInvalidSamlResponseException")


def test_the_session_of_a_saml_response(server, home):
    answer = home.assume(server, home.saml.answer(home.attributes()))
    assert answer["AssumedRoleUser"]["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/saml-home/ann"
    assert (answer["Subject"], answer["SubjectType"]) == ("somebody", "persistent")
    assert (answer["Issuer"], answer["Audience"]) == (home.saml.entity, idp.SIGN_IN)
    digest = hashlib.sha1(f"{home.saml.entity}{ACCOUNT}/home".encode()).digest()
    assert answer["NameQualifier"] == base64.b64encode(digest).decode()
    assert server.client("sts", keys_of(answer)).get_caller_identity()["Arn"] == answer["AssumedRoleUser"]["Arn"]
    reversed_pair = {**home.attributes(), "Role": [f"{home.provider},{home.role}"]}
    home.assume(server, home.saml.answer(reversed_pair))
    home.assume(server, home.saml.answer(home.attributes(), audience="urn:amazon:webservices", recipient="https://eu-west-1.signin.aws.amazon.com/saml"))


def test_signatures_in_all_places_and_of_all_kinds(server, iam, home):
    saml = home.saml
    # Seen of AWS, September 2026: the response's own signature does not stand for the assertion's.
    unsigned(home.refused(server, text(saml.signed(saml.response(home.assertion())))))
    both = saml.signed(saml.response(saml.signed(home.assertion())))
    home.assume(server, text(both))
    for digest in ("sha384", "sha512"):
        home.assume(server, text(saml.response(saml.signed(home.assertion(), digest=digest))))
    for algorithm in ("ES256", "ES384"):
        other = Home(iam, Saml(f"https://{algorithm.lower()}.example.com", algorithm), algorithm)
        other.assume(server, other.saml.answer(other.attributes()))
        assert other.refused(server, text(other.saml.response(home.saml.signed(other.assertion())))) == BAD_SIGNATURE
    # As other providers write it: line ends, indented, with a declaration and further namespaces.
    pretty = etree.fromstring(etree.tostring(saml.response(home.assertion()), pretty_print=True))
    assertion = pretty.find(f"{{{idp.SAML}}}Assertion")
    value = assertion.find(f".//{{{idp.SAML}}}AttributeValue")
    value.set("{http://www.w3.org/2001/XMLSchema-instance}type", "xs:string")
    signed = saml.signed(copy.deepcopy(assertion))
    pretty.replace(assertion, signed)
    home.assume(server, text(etree.tostring(pretty, xml_declaration=True, encoding="UTF-8").replace(b"\n", b"\r\n", 1)))
    # Comments are not part of what is signed, and do not cut values short.
    commented = saml.response(saml.signed(home.assertion(subject="ann@example.com")))
    name = commented.find(f".//{{{idp.SAML}}}NameID")
    name.text = "ann@exam"
    name.append(etree.Comment("x"))
    name[0].tail = "ple.com"
    assert home.assume(server, text(commented))["Subject"] == "ann@example.com"


def wrapped(home):
    """The classic ways to show one assertion and have another verified."""
    saml, ds = home.saml, "{http://www.w3.org/2000/09/xmldsig#}"
    genuine = lambda: saml.signed(saml.assertion({**home.attributes(), "RoleSessionName": ["guest"]}))
    forged = home.assertion

    yield "forged first", saml.response(forged(), genuine())
    yield "forged last", saml.response(genuine(), forged())

    evil, good = forged(), genuine()
    evil.append(good)
    yield "genuine inside the forged", saml.response(evil)

    evil, good = forged(), genuine()
    signature = good.find(f"{ds}Signature")
    good.remove(signature)
    evil.insert(1, signature)
    etree.SubElement(signature, f"{ds}Object").append(good)
    yield "genuine in an object of the signature", saml.response(evil)

    evil, good = forged(), genuine()
    evil.set("ID", good.get("ID"))
    evil.insert(1, copy.deepcopy(good.find(f"{ds}Signature")))
    response = saml.response(evil)
    extensions = etree.Element(f"{{{idp.SAMLP}}}Extensions")
    extensions.append(good)
    response.insert(1, extensions)
    yield "the same id twice", response

    good = genuine()
    good.append(copy.deepcopy(home.assertion().find(f"{{{idp.SAML}}}AttributeStatement")))
    yield "a statement added", saml.response(good)

    whole = saml.signed(saml.response(genuine()))
    whole.append(forged())
    yield "an assertion added to a signed response", whole

    good = genuine()
    evil = forged()
    evil.insert(1, good.find(f"{ds}Signature"))
    yield "the signature of another assertion", saml.response(evil)

    whole = saml.signed(saml.response(genuine()))
    outer = saml.response(forged())
    outer.insert(1, whole)
    yield "the signed response inside another", outer


def test_wrapped_signatures(server, home):
    for what, response in wrapped(home):
        code, message, _ = home.refused(server, text(response))
        assert code == "InvalidIdentityToken", (what, code, message)


def test_forged_responses(server, home):
    saml = home.saml
    stranger = idp.private_key("RS256", "a stranger's")
    unsigned(home.refused(server, text(saml.response(home.assertion()))))
    assert home.refused(server, text(saml.response(saml.signed(home.assertion(), key=stranger)))) == BAD_SIGNATURE
    changed = saml.response(saml.signed(home.assertion()))
    changed.find(f".//{{{idp.SAML}}}NameID").text = "root"
    assert home.refused(server, text(changed)) == BAD_SIGNATURE
    for c14n in ("http://www.w3.org/TR/2001/REC-xml-c14n-20010315", "http://www.w3.org/2001/10/xml-exc-c14n#WithComments"):
        assert home.refused(server, text(saml.response(saml.signed(home.assertion(), c14n=c14n)))) == BAD_SIGNATURE
    # Transforms that can leave out anything.
    strange = saml.response(saml.signed(home.assertion()))
    transform = strange.find(".//{http://www.w3.org/2000/09/xmldsig#}Transform")
    transform.set("Algorithm", "http://www.w3.org/TR/1999/REC-xpath-19991116")
    assert home.refused(server, text(strange)) == BAD_SIGNATURE
    code = "AuthSamlInvalidSamlResponseException"
    plain = base64.b64decode(saml.answer(home.attributes()))
    entity = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd"><!ENTITY a "aaaaaaaa">]>'
    laughs = b"<!DOCTYPE x [" + b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10 if n else b"lol") for n in range(10)) + b"]>"
    for bad in (entity + plain, laughs + plain, plain.replace(b"somebody", b"&e;"), b"\xff\xfe<a/>", plain[:-5], b"<a>" * 20_000, b"", b"no xml"):
        behind(home.refused(server, base64.b64encode(bad).decode() or "===="), "Invalid base64 SAMLResponse", code)
    behind(home.refused(server, "%%%%"), "Invalid base64 SAMLResponse", code)
    behind(home.refused(server, Saml("https://another.example.com").answer(home.attributes())), "Issuer not present in specified provider", code)
    missing = home.provider + "-not"
    behind(home.refused(server, saml.answer(home.attributes()), PrincipalArn=missing), "Specified provider doesn't exist", "AuthSamlManifestNotFoundException")


def test_conditions_of_a_saml_response(server, home):
    saml = home.saml
    late = ("ExpiredTokenException", "Token must be redeemed within 5 minutes of issuance", 400)
    answer = lambda **more: saml.answer(home.attributes(), **more)
    assert home.refused(server, answer(issued=-320, expires=600)) == late
    expired = ("ExpiredTokenException", "Response has expired", 400)
    assert home.refused(server, answer(issued=-60, expires=-1)) == expired
    assert home.refused(server, answer(session=-10)) == expired
    assert home.refused(server, answer(issued=3600, expires=7200))[0] == "InvalidIdentityToken"
    assert home.refused(server, answer(audience="https://example.com")) == ("InvalidIdentityToken", "Response does not contain the required audience.", 400)
    # Seen of AWS, September 2026: it does not ask who issued the response around the assertion.
    home.assume(server, text(saml.response(saml.signed(home.assertion()), issuer="https://other.example.com")))
    status = saml.signed(saml.response(status="urn:oasis:names:tc:SAML:2.0:status:Responder"))
    assert home.refused(server, text(status))[0] == "IDPRejectedClaim"
    attributes = lambda **more: saml.answer({name: values for name, values in home.attributes(**more).items() if values})
    invalid = lambda message: ("InvalidIdentityToken", message, 400)
    assert home.refused(server, attributes(RoleSessionName=None)) == invalid("RoleSessionName is required in AuthnResponse")
    assert home.refused(server, attributes(RoleSessionName=["a b"])) == invalid("RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}")
    assert home.refused(server, attributes(SourceIdentity=["a b"])) == invalid(
        'Source Identity must match [a-zA-Z_0-9+=,.@-]{2,256} and not begin with "aws:"')
    no_role = invalid("SAML Assertion doesn't contain the requested Role and Metadata in the attributes")
    assert home.refused(server, attributes(Role=[f"{home.role}-not,{home.provider}"])) == no_role
    assert home.refused(server, attributes(Role=None)) == no_role
    lost = f"{home.role}-not"
    assert home.refused(server, attributes(Role=[f"{lost},{home.provider}"]), RoleArn=lost) == DENIED_SAML


def test_the_recipient_is_for_the_trust_policy(server, iam):
    saml, local = Saml("https://recipients.example.com"), "http://localhost:8443/saml/acs"
    home = Home(iam, saml, "recipients")
    answer = saml.answer(home.attributes(), recipient=local)
    assert home.assume(server, answer)["Audience"] == local
    strict = trusting(home.provider, BY_SAML, {"StringEquals": {"SAML:aud": idp.SIGN_IN}})
    iam.update_assume_role_policy(RoleName="saml-recipients", PolicyDocument=strict)
    assert home.refused(server, answer) == DENIED_SAML
    assert home.assume(server, saml.answer(home.attributes()))["Audience"] == idp.SIGN_IN


def test_what_an_assertion_has_to_have(server, home):
    """Seen of AWS, September 2026, for every part."""
    part = lambda name: f".//{{{idp.SAML}}}{name}"

    def without(name, attribute=None):
        def change(assertion):
            element = assertion.find(part(name))
            if attribute:
                del element.attrib[attribute]
            else:
                element.getparent().remove(element)
        return change

    def with_value(name, attribute, value):
        return lambda assertion: assertion.find(part(name)).set(attribute, value)

    def twice(assertion):
        confirmation = assertion.find(part("SubjectConfirmation"))
        confirmation.addnext(copy.deepcopy(confirmation))

    def answer(change):
        assertion = home.assertion()
        change(assertion)
        return text(home.saml.response(home.saml.signed(assertion)))

    data = "SubjectConfirmationData"
    for change in (without("Conditions"), without("NameID", "Format"), without(data, "Recipient"), without(data, "NotOnOrAfter"), without("AuthnStatement"),
                   without("SubjectConfirmation"), twice, with_value("Conditions", "NotBefore", "soon")):
        behind(home.refused(server, answer(change)), "Invalid base64 SAMLResponse", "AuthSamlInvalidSamlResponseException")
    expired = ("ExpiredTokenException", "Response has expired", 400)
    for name in ("Conditions", data):
        assert home.refused(server, answer(with_value(name, "NotOnOrAfter", instant(-10)))) == expired
    for change in (without("AudienceRestriction"), without("Conditions", "NotOnOrAfter"), with_value("Conditions", "NotBefore", instant(86_400)),
                   with_value(data, "NotBefore", instant(3600))):
        home.assume(server, answer(change))
    assert home.assume(server, answer(with_value("NameID", "Format", "custom-format")))["SubjectType"] == "custom-format"
    assert home.assume(server, answer(with_value(data, "Recipient", "not-a-url")))["Audience"] == "not-a-url"


def test_whom_a_trust_policy_sees_in_a_saml_response(server, iam):
    """Seen of AWS, September 2026."""
    saml = Saml("https://whom.example.com")
    home = Home(iam, saml, "whom")
    answer = saml.answer(home.attributes())

    def trusts(condition):
        iam.update_assume_role_policy(RoleName="saml-whom", PolicyDocument=trusting(home.provider, BY_SAML, condition))

    for operator, key, value in (("StringEquals", "aws:PrincipalAccount", ACCOUNT), ("StringEquals", "aws:PrincipalType", "User"),
                                 ("StringEquals", "aws:userid", home.provider), ("Null", "aws:PrincipalArn", "true")):
        trusts({operator: {key: value}})
        home.assume(server, answer)
    for key, value in (("aws:PrincipalType", "Federated"), ("aws:userid", "somebody"), ("aws:PrincipalArn", home.provider)):
        trusts({"StringEquals": {key: value}})
        assert home.refused(server, answer) == DENIED_SAML
    everybody = trusting(home.provider, BY_SAML).replace('"Federated": "' + home.provider, '"AWS": "*')
    iam.update_assume_role_policy(RoleName="saml-whom", PolicyDocument=everybody)
    assert home.refused(server, answer) == DENIED_SAML
    [last] = server.admin("GET", "decisions?action=sts:AssumeRoleWithSAML&limit=1")["decisions"]
    assert (last["verdict"], last["details"]) == ("denied", None), "nobody signed it: there is no account that may read of it"


def test_a_saml_response_names_one_subject(server, home):
    def named(*names):
        assertion = home.assertion()
        subject = assertion.find(f"{{{idp.SAML}}}Subject")
        subject.remove(subject.find(f"{{{idp.SAML}}}NameID"))
        for name, inside in reversed(names):
            element = etree.Element(f"{{{idp.SAML}}}{name}")
            element.text = inside
            if name == "NameID":
                element.set("Format", idp.PERSISTENT)
            subject.insert(0, element)
        return text(home.saml.response(home.saml.signed(assertion)))

    assert home.assume(server, named(("NameID", "ann")))["Subject"] == "ann"
    for names in ([], [("NameID", "")], [("NameID", "ann"), ("NameID", "bob")], [("EncryptedID", "")], [("NameID", "ann"), ("EncryptedID", "")]):
        behind(home.refused(server, named(*names)), "Invalid base64 SAMLResponse", "AuthSamlInvalidSamlResponseException")


def test_names_with_commas_in_a_saml_response(server, iam):
    saml = Saml("https://commas.example.com")
    home = Home(iam, saml, "commas")
    home.role = iam.create_role(RoleName="com,mas", AssumeRolePolicyDocument=trusting(home.provider, BY_SAML))["Role"]["Arn"]
    home.assume(server, saml.answer(home.attributes()))
    home.assume(server, saml.answer({**home.attributes(), "Role": [f"{home.provider}, {home.role}"]}))


def test_a_saml_provider_of_another_account_does_not_count(server, iam, home):
    theirs = server.client("iam", server.account(OTHER)).create_saml_provider(Name="theirs", SAMLMetadataDocument=home.saml.metadata())["SAMLProviderArn"]
    role = iam.create_role(RoleName="theirs", AssumeRolePolicyDocument=trusting(theirs, BY_SAML))["Role"]["Arn"]
    response = home.saml.answer({"Role": [f"{role},{theirs}"], "RoleSessionName": ["ann"]})
    assert home.refused(server, response, RoleArn=role, PrincipalArn=theirs) == DENIED_SAML
    # A role that trusts another provider of the account.
    other = Home(iam, Saml("https://second.example.com"), "second")
    response = home.saml.answer({"Role": [f"{other.role},{home.provider}"], "RoleSessionName": ["ann"]})
    assert home.refused(server, response, RoleArn=other.role) == DENIED_SAML


def test_what_the_trust_policy_asks_of_a_saml_response(server, iam):
    saml = Saml("https://asked.example.com")
    condition = {"StringEquals": {"SAML:aud": idp.SIGN_IN, "SAML:iss": saml.entity, "saml:doc": f"{ACCOUNT}/asked", "saml:sub_type": "persistent"},
                 "StringLike": {"saml:sub": "some*"}, "ForAnyValue:StringEquals": {"saml:edupersonaffiliation": "staff"}}
    home = Home(iam, saml, "asked", condition)
    affiliation = {"urn:oid:1.3.6.1.4.1.5923.1.1.1.1": ["member", "staff"]}
    home.assume(server, saml.answer(home.attributes(**affiliation)))
    assert home.refused(server, saml.answer(home.attributes())) == DENIED_SAML
    assert home.refused(server, saml.answer(home.attributes(**affiliation), subject="another")) == DENIED_SAML


def test_session_tags_source_identity_and_duration_of_a_saml_response(server, iam):
    saml = Saml("https://tags.example.com")
    home = Home(iam, saml, "tags", tags=True, MaxSessionDuration=7200)
    plain = Home(iam, saml, "plain")
    iam.put_role_policy(RoleName="saml-tags", PolicyName="p", PolicyDocument=policy(
        allow("iam:ListRoles", Condition={"StringEquals": {"aws:PrincipalTag/team": "red", "aws:SourceIdentity": "ann", "saml:sub": "somebody",
                                                           "aws:FederatedProvider": home.provider}})))
    more = {"PrincipalTag:team": ["red"], "TransitiveTagKeys": ["team"], "SourceIdentity": ["ann"]}
    answer = home.assume(server, saml.answer(home.attributes(**more)))
    assert answer["SourceIdentity"] == "ann"
    server.client("iam", keys_of(answer)).list_roles()
    tags = {"PrincipalTag:team": ["red"]}
    assert plain.refused(server, saml.answer(plain.attributes(**tags))) == ("AccessDenied", "Not authorized to perform sts:TagSession", 403)
    invalid = ("InvalidIdentityToken", "The session tags in AuthnResponse are invalid", 400)
    for values in ([], ["red", "blue"]):
        assert home.refused(server, saml.answer(home.attributes(**{"PrincipalTag:team": values}))) == invalid
    many = lambda count: {f"PrincipalTag:k{number}": ["x"] for number in range(count)}
    home.assume(server, saml.answer(home.attributes(**many(50))))
    assert home.refused(server, saml.answer(home.attributes(**many(51)))) == invalid
    assert home.refused(server, saml.answer(home.attributes(**tags, TransitiveTagKeys=["team"] * 51))) == invalid
    large = {f"PrincipalTag:key{number}": ["x" * 200] for number in range(9)}
    assert home.refused(server, saml.answer(home.attributes(**large)))[0] == "PackedPolicyTooLarge"

    def lasts(response, **more):
        return home.assume(server, response, **more)["Credentials"]["Expiration"].timestamp() - time.time()

    assert 3500 < lasts(saml.answer(home.attributes())) <= 3600
    assert 7100 < lasts(saml.answer(home.attributes()), DurationSeconds=7200) <= 7200
    assert 1700 < lasts(saml.answer(home.attributes(SessionDuration=["1800"]))) <= 1800
    assert 3500 < lasts(saml.answer(home.attributes(SessionDuration=["7200"]))) <= 3600
    assert 1100 < lasts(saml.answer(home.attributes(), session=1200), DurationSeconds=7200) <= 1200
    assert home.refused(server, saml.answer(home.attributes()), DurationSeconds=7201) == (
        "ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.", 400)
    assert home.refused(server, saml.answer(home.attributes()), Policy="{}")[0] == "MalformedPolicyDocument"


def test_expired_metadata(server, iam):
    saml = Saml("https://old.example.com")
    home = Home(iam, saml, "old")
    iam.update_saml_provider(SAMLProviderArn=home.provider, SAMLMetadataDocument=saml.metadata(valid_until=instant(-60)))
    assert home.refused(server, saml.answer(home.attributes()))[0] == "InvalidIdentityToken"


def test_encrypted_assertions(server, iam):
    saml = Saml("https://sealed.example.com")
    home = Home(iam, saml, "sealed")
    key, other = idp.private_key("RS256", "sealed"), idp.private_key("RS256", "another")
    seal = lambda key=key, **more: text(saml.response(idp.encrypted(saml.signed(home.assertion()), key.public_key(), **more)))
    # There is no key yet.
    assert home.refused(server, seal())[0] == "InvalidIdentityToken"
    iam.update_saml_provider(SAMLProviderArn=home.provider, AddPrivateKey=idp.private_pem(key))
    for cipher in ("aes128-gcm", "aes256-gcm", "aes128-cbc", "aes256-cbc"):
        assert home.assume(server, seal(cipher=cipher))["Subject"] == "somebody"
    for wrap in ("rsa-oaep-mgf1p-sha256", "rsa-oaep-sha256"):
        home.assume(server, seal(wrap=wrap))
    assert home.refused(server, seal(wrap="rsa-1_5"))[0] == "InvalidIdentityToken"
    assert home.refused(server, seal(key=other))[0] == "InvalidIdentityToken"
    # Encrypted is not signed: everybody has the public key.
    unopened = home.refused(server, seal(key=idp.private_key("RS256", "a third")))
    assert unopened[1] == "The assertion could not be decrypted with a private key of the specified provider"
    # Nothing tells what came out: who could tell would have cipher texts decrypted.
    stranger = saml.signed(home.assertion(), key=idp.private_key("RS256", "a stranger's"))
    others = Saml("https://another.example.com")
    timeless = home.assertion()
    timeless.set("IssueInstant", "soon")
    for inside in (home.assertion(), stranger, others.signed(others.assertion(home.attributes())), saml.signed(timeless)):
        assert home.refused(server, text(saml.response(idp.encrypted(inside, key.public_key())))) == unopened
    # What the provider signed as a whole is told as ever.
    assert home.refused(server, text(saml.signed(saml.response(idp.encrypted(stranger, key.public_key()))))) == BAD_SIGNATURE
    unsigned(home.refused(server, text(saml.signed(saml.response(idp.encrypted(home.assertion(), key.public_key()))))))
    # After a rotation the new key opens too, and without need plain ones stay allowed.
    iam.update_saml_provider(SAMLProviderArn=home.provider, AddPrivateKey=idp.private_pem(other))
    home.assume(server, seal(key=other))
    home.assume(server, saml.answer(home.attributes()))
    iam.update_saml_provider(SAMLProviderArn=home.provider, AssertionEncryptionMode="Required")
    behind(home.refused(server, saml.answer(home.attributes())), "Invalid base64 SAMLResponse", "AuthSamlInvalidSamlResponseException")
    home.assume(server, seal())
    both = saml.response(idp.encrypted(saml.signed(home.assertion()), key.public_key()), saml.signed(home.assertion()))
    behind(home.refused(server, text(both)), "Invalid base64 SAMLResponse", "AuthSamlInvalidSamlResponseException")
