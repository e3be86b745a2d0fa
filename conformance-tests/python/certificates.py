"""Keys and certificates for tests, made as they are needed."""

import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

PEM = serialization.Encoding.PEM
PKCS8 = serialization.PrivateFormat.PKCS8
TRADITIONAL = serialization.PrivateFormat.TraditionalOpenSSL


def curve_key():
    """Quickly drawn, where the kind of key does not matter."""
    return ec.generate_private_key(ec.SECP256R1())


def rsa_key(bits=2048):
    return rsa.generate_private_key(65537, bits)


def private(key, form=TRADITIONAL):
    return key.private_bytes(PEM, form, serialization.NoEncryption()).decode()


def public_line(key):
    """As OpenSSH writes it."""
    return key.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH).decode()


def public_pem(key):
    return key.public_key().public_bytes(PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()


def certificate(name, key, issuer=None, issuer_key=None, since=None):
    """A certificate of that key for three years, signed by the issuer or by itself."""
    def named(text):
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

    since = since or datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=1)
    builder = x509.CertificateBuilder(
        subject_name=named(name), issuer_name=named(issuer or name), public_key=key.public_key(), serial_number=x509.random_serial_number(),
        not_valid_before=since, not_valid_after=since + datetime.timedelta(days=3 * 365))
    return builder.sign(issuer_key or key, hashes.SHA256()).public_bytes(PEM).decode()


def expiry(body):
    return x509.load_pem_x509_certificate(body.encode()).not_valid_after_utc
