"""Identity providers of our own: OpenID Connect issuers whose tokens PyJWT signs, SAML providers whose responses signxml signs.

Neither library has anything in common with the program, so what it takes is taken for what other people's providers send.
"""

import base64
import contextlib
import copy
import datetime
import functools
import hashlib
import http.server
import ipaddress
import json
import os
import ssl
import tempfile
import threading
import time
import uuid

import jwt
from botocore import UNSIGNED
from botocore.config import Config
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.x509.oid import NameOID
from lxml import etree
from signxml import XMLSigner, methods

from conftest import CONFIG

CURVES = {"ES256": ec.SECP256R1, "ES384": ec.SECP384R1, "ES512": ec.SECP521R1}


@functools.cache
def private_key(algorithm, name=""):
    """A key for that algorithm, the same for the same name."""
    if algorithm in CURVES:
        return ec.generate_private_key(CURVES[algorithm]())
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Issuer:
    """An OpenID Connect provider."""

    def __init__(self, url, algorithm="ES256", key_id="k1"):
        self.url, self.algorithm, self.key_id = url, algorithm, key_id
        self.key = private_key(algorithm, url)

    @property
    def name(self):
        return self.url.partition("://")[2]

    def key_set(self):
        key = json.loads(jwt.get_algorithm_by_name(self.algorithm).to_jwk(self.key.public_key()))
        return {"keys": [{**key, "kid": self.key_id, "alg": self.algorithm, "use": "sig"}]}

    def register(self, server):
        """The server knows the keys from now on, without asking."""
        server.admin("PUT", "oidc-keys", {"issuer": self.url, "keys": self.key_set()})

    def claims(self, **more):
        now = int(time.time())
        claims = {"iss": self.url, "sub": "somebody", "aud": "app", "iat": now, "exp": now + 3600, **more}
        return {name: value for name, value in claims.items() if value is not None}

    def token(self, key=None, algorithm=None, headers=None, **more):
        headers = {"kid": self.key_id, **(headers or {})}
        headers = {name: value for name, value in headers.items() if value is not None}
        return jwt.encode(self.claims(**more), key or self.key, algorithm=algorithm or self.algorithm, headers=headers)


def public_pem(key):
    return key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def private_pem(key):
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    return key.private_bytes(encoding, form, serialization.NoEncryption()).decode()


def encoded(value):
    """A part of a token."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers as an issuer does, or as its `answers` say: path to (status, headers, body, seconds to wait)."""

    def do_GET(self):
        self.server.asked.append(self.path)
        status, headers, body, wait = self.server.answers.get(self.path, (404, {}, b"", 0))
        time.sleep(wait)
        with contextlib.suppress(OSError):
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def listening(algorithm="ES256", certificate=None):
    """An issuer that listens on this machine; with a certificate by TLS."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.asked, server.answers = [], {}
    scheme = "http"
    if certificate:
        scheme = "https"
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with tempfile.NamedTemporaryFile("w") as file:
            file.write(certificate)
            file.flush()
            context.load_cert_chain(file.name)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    issuer = Issuer(f"{scheme}://127.0.0.1:{server.server_port}", algorithm)
    issuer.server = server
    discovery = {"issuer": issuer.url, "jwks_uri": f"{issuer.url}/keys"}
    server.answers["/.well-known/openid-configuration"] = (200, {}, json.dumps(discovery).encode(), 0)
    server.answers["/keys"] = (200, {}, json.dumps(issuer.key_set()).encode(), 0)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield issuer
    server.shutdown()
    server.server_close()


def self_signed(key, name, days=3650):
    """A certificate for 127.0.0.1."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.timezone.utc)
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(days=1))
    builder = builder.not_valid_after(now + datetime.timedelta(days=days)).add_extension(address, critical=False)
    return builder.sign(key, hashes.SHA256())


def pem(certificate):
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def thumbprint(certificate):
    return hashlib.sha1(certificate.public_bytes(serialization.Encoding.DER)).hexdigest()


SAML = "urn:oasis:names:tc:SAML:2.0:assertion"
SAMLP = "urn:oasis:names:tc:SAML:2.0:protocol"
AWS = "https://aws.amazon.com/SAML/Attributes/"
SIGN_IN = "https://signin.aws.amazon.com/saml"
PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success"
XENC, XENC_11 = "http://www.w3.org/2001/04/xmlenc#", "http://www.w3.org/2009/xmlenc11#"
OAEP = {
    "rsa-oaep-mgf1p": (f"{XENC}rsa-oaep-mgf1p", hashes.SHA1, hashes.SHA1),
    "rsa-oaep-mgf1p-sha256": (f"{XENC}rsa-oaep-mgf1p", hashes.SHA256, hashes.SHA1),
    "rsa-oaep-sha256": (f"{XENC_11}rsa-oaep", hashes.SHA256, hashes.SHA256),
    "rsa-1_5": (f"{XENC}rsa-1_5", hashes.SHA1, hashes.SHA1),
}
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"


def instant(seconds=0):
    at = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


class Saml:
    """A SAML identity provider."""

    def __init__(self, entity="https://idp.example.com/saml", algorithm="RS256"):
        self.entity = entity
        self.key = private_key(algorithm, entity)
        self.certificate = self_signed(self.key, "idp.example.com")
        self.method = {"RS256": "rsa-sha256", "ES256": "ecdsa-sha256", "ES384": "ecdsa-sha384"}[algorithm]

    def metadata(self, valid_until=None, certificate=None, use="signing"):
        text = certificate if certificate is not None else "".join(pem(self.certificate).splitlines()[1:-1])
        until = f' validUntil="{valid_until}"' if valid_until else ""
        document = f"""<?xml version="1.0" encoding="UTF-8"?>
<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="{self.entity}"{until}>
  <md:IDPSSODescriptor WantAuthnRequestsSigned="false" protocolSupportEnumeration="{SAMLP}">
    <md:KeyDescriptor use="{use}">
      <ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#">
        <ds:X509Data><ds:X509Certificate>{text}</ds:X509Certificate></ds:X509Data>
      </ds:KeyInfo>
    </md:KeyDescriptor>
    <md:NameIDFormat>{PERSISTENT}</md:NameIDFormat>
    <md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="{self.entity}/sso"/>
  </md:IDPSSODescriptor>
</md:EntityDescriptor>"""
        return document + "\n" * max(0, 1000 - len(document))

    def assertion(self, attributes, issuer=None, subject="somebody", audience=SIGN_IN, recipient=SIGN_IN, issued=0, expires=300, session=None):
        """An unsigned assertion; attributes are names with lists of values, AWS's own without what their names begin with."""
        root = etree.Element(f"{{{SAML}}}Assertion", nsmap={"saml": SAML}, ID=f"_{uuid.uuid4()}", Version="2.0", IssueInstant=instant(issued))
        etree.SubElement(root, f"{{{SAML}}}Issuer").text = issuer or self.entity
        who = etree.SubElement(root, f"{{{SAML}}}Subject")
        etree.SubElement(who, f"{{{SAML}}}NameID", Format=PERSISTENT).text = subject
        confirmation = etree.SubElement(who, f"{{{SAML}}}SubjectConfirmation", Method="urn:oasis:names:tc:SAML:2.0:cm:bearer")
        etree.SubElement(confirmation, f"{{{SAML}}}SubjectConfirmationData", Recipient=recipient, NotOnOrAfter=instant(expires))
        conditions = etree.SubElement(root, f"{{{SAML}}}Conditions", NotBefore=instant(issued - 60), NotOnOrAfter=instant(expires))
        restriction = etree.SubElement(conditions, f"{{{SAML}}}AudienceRestriction")
        etree.SubElement(restriction, f"{{{SAML}}}Audience").text = audience
        more = {"SessionNotOnOrAfter": instant(session)} if session else {}
        etree.SubElement(root, f"{{{SAML}}}AuthnStatement", AuthnInstant=instant(issued), **more)
        statement = etree.SubElement(root, f"{{{SAML}}}AttributeStatement")
        for name, values in attributes.items():
            attribute = etree.SubElement(statement, f"{{{SAML}}}Attribute", Name=name if ":" in name and name.startswith("urn") else AWS + name)
            for value in values:
                etree.SubElement(attribute, f"{{{SAML}}}AttributeValue").text = value
        return root

    def signed(self, element, key=None, **more):
        """The element with its signature, where SAML's schema has it."""
        signer = XMLSigner(method=methods.enveloped, signature_algorithm=self.method, digest_algorithm=more.get("digest", "sha256"),
                           c14n_algorithm=more.get("c14n", EXCLUSIVE))
        done = signer.sign(element, key=key or self.key, cert=[self.certificate], reference_uri=element.get("ID"))
        signature = done.find("{http://www.w3.org/2000/09/xmldsig#}Signature")
        done.remove(signature)
        done.insert(1, signature)
        return done

    def response(self, *assertions, status=SUCCESS, issuer=None):
        root = etree.Element(f"{{{SAMLP}}}Response", nsmap={"samlp": SAMLP}, ID=f"_{uuid.uuid4()}", Version="2.0", IssueInstant=instant(), Destination=SIGN_IN)
        etree.SubElement(root, f"{{{SAML}}}Issuer", nsmap={"saml": SAML}).text = issuer or self.entity
        states = etree.SubElement(root, f"{{{SAMLP}}}Status")
        etree.SubElement(states, f"{{{SAMLP}}}StatusCode", Value=status)
        root.extend(copy.deepcopy(assertion) for assertion in assertions)
        return root

    def answer(self, attributes, **more):
        """What a provider sends: a response with one signed assertion, in base 64."""
        return text(self.response(self.signed(self.assertion(attributes, **more))))


def encrypted(assertion, key, cipher="aes256-gcm", wrap="rsa-oaep-mgf1p"):
    """An assertion encrypted for that public key, as XML encryption has it; written from the recommendation."""
    secret = os.urandom(16 if "128" in cipher else 32)
    plain = etree.tostring(assertion)
    if cipher.endswith("gcm"):
        namespace, nonce = XENC_11, os.urandom(12)
        data = nonce + AESGCM(secret).encrypt(nonce, plain, None)
    else:
        namespace, vector = XENC, os.urandom(16)
        count = 16 - len(plain) % 16
        encryptor = Cipher(algorithms.AES(secret), modes.CBC(vector)).encryptor()
        data = vector + encryptor.update(plain + os.urandom(count - 1) + bytes([count])) + encryptor.finalize()
    method, digest, mask = OAEP[wrap]
    scheme = padding.OAEP(padding.MGF1(mask()), digest(), None) if wrap != "rsa-1_5" else padding.PKCS1v15()
    wrapped = key.encrypt(secret, scheme)
    encoded_64 = lambda value: base64.encodebytes(value).decode()
    more = '<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>' if digest is hashes.SHA256 else ""
    more += f'<x:MGF xmlns:x="{XENC_11}" Algorithm="{XENC_11}mgf1sha256"/>' if mask is hashes.SHA256 else ""
    return etree.fromstring(f"""<saml:EncryptedAssertion xmlns:saml="{SAML}" xmlns:xenc="{XENC}" xmlns:ds="http://www.w3.org/2000/09/xmldsig#">
<xenc:EncryptedData Type="{XENC}Element"><xenc:EncryptionMethod Algorithm="{namespace}{cipher}"/><ds:KeyInfo><xenc:EncryptedKey>
<xenc:EncryptionMethod Algorithm="{method}">{more}</xenc:EncryptionMethod>
<xenc:CipherData><xenc:CipherValue>{encoded_64(wrapped)}</xenc:CipherValue></xenc:CipherData></xenc:EncryptedKey></ds:KeyInfo>
<xenc:CipherData><xenc:CipherValue>{encoded_64(data)}</xenc:CipherValue></xenc:CipherData></xenc:EncryptedData></saml:EncryptedAssertion>""")


def text(element):
    data = element if isinstance(element, bytes) else etree.tostring(element)
    return base64.b64encode(data).decode()


def trusting(provider, actions, condition=None):
    return json.dumps({"Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Principal": {"Federated": provider}, "Action": actions, "Condition": condition or {}}})


def nobody(server):
    """STS for somebody without any AWS credentials."""
    return server.client("sts", config=CONFIG.merge(Config(signature_version=UNSIGNED)))


def keys_of(answer):
    credentials = answer["Credentials"]
    return credentials["AccessKeyId"], credentials["SecretAccessKey"], credentials["SessionToken"]
