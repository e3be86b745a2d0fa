//! What instance identity documents are signed with: an RSA key and the certificate it signed itself, kept in the store and gone with a reset.
//!
//! Drawing takes long, so the server does it outside the store when the first signature is asked for ([`IdentityKeys::draw`]). AWS has other keys in
//! each region and for each form of signature, of 1,024 bits or DSA for the older ones; here one of 2,048 bits serves all.
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/verify-signature.html>

use std::str::FromStr;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rsa::pkcs1v15::{Signature, SigningKey};
use rsa::pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _};
use rsa::signature::{Keypair as _, SignatureEncoding as _, Signer as _};
use serde::{Deserialize, Serialize};
use service::World;
use service::ids::Ids;
use sha2::Sha256;
use storage::{Key, Record, TableDef};
use x509_cert::builder::profile::BuilderProfile;
use x509_cert::builder::{self, Builder as _, CertificateBuilder};
use x509_cert::der::asn1::GeneralizedTime;
use x509_cert::der::{DecodePem as _, EncodePem as _};
use x509_cert::ext::Extension;
use x509_cert::name::Name;
use x509_cert::serial_number::SerialNumber;
use x509_cert::spki::{SubjectPublicKeyInfo, SubjectPublicKeyInfoRef};
use x509_cert::time::{Time, Validity};
use x509_cert::{Certificate, TbsCertificate};

/// The key and its certificate. There is at most one such record.
#[derive(Clone, Serialize, Deserialize)]
pub struct IdentityKeys {
    /// PKCS #8 in base64.
    private: String,
    certificate: String,
}

const ONLY: &str = "identity";

impl Record for IdentityKeys {
    const TABLE: TableDef = TableDef::own("identity_keys", &["id"], &[]);

    fn key(&self) -> Key {
        Key::new(&[ONLY])
    }
}

impl std::fmt::Debug for IdentityKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IdentityKeys").field("certificate", &self.certificate).finish_non_exhaustive()
    }
}

impl IdentityKeys {
    /// The keys of this installation, once they were drawn.
    pub fn of(world: &World) -> Option<std::sync::Arc<IdentityKeys>> {
        world.get::<IdentityKeys>(&[ONLY]).cloned()
    }

    /// Draws a key and signs its certificate; the same bytes give the same. It may take a second. `None` only if a library refuses its own key.
    pub fn draw(random: [u8; 32]) -> Option<IdentityKeys> {
        let key = service::rsa_key::draw(random)?;
        let private = STANDARD.encode(key.to_pkcs8_der().ok()?.as_bytes());
        let serial = Ids::derived(&[b"identity certificate", &random]).bytes();
        let certificate = certificate(&SigningKey::new(key), serial)?;
        Some(IdentityKeys { private, certificate: certificate.to_pem(rsa::pkcs8::LineEnding::LF).ok()? })
    }

    /// The certificate as PEM, for everyone who verifies.
    pub fn certificate(&self) -> &str {
        &self.certificate
    }

    pub(crate) fn parsed_certificate(&self) -> Option<Certificate> {
        Certificate::from_pem(&self.certificate).ok()
    }

    /// The signature of those bytes: PKCS #1 version 1.5 with SHA-256.
    pub(crate) fn sign(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        let key = rsa::PrivateKey::from_pkcs8_der(&STANDARD.decode(&self.private).ok()?).ok()?;
        let signature: Signature = SigningKey::<Sha256>::new(key).try_sign(bytes).ok()?;
        Some(signature.to_vec())
    }
}

/// Who signs and who is certified are the same.
struct SelfSigned(Name);

impl BuilderProfile for SelfSigned {
    fn get_issuer(&self, subject: &Name) -> Name {
        subject.clone()
    }

    fn get_subject(&self) -> Name {
        self.0.clone()
    }

    fn build_extensions(
        &self,
        _: SubjectPublicKeyInfoRef<'_>,
        _: SubjectPublicKeyInfoRef<'_>,
        _: &TbsCertificate,
    ) -> builder::Result<Vec<Extension>> {
        Ok(Vec::new())
    }
}

fn certificate(signer: &SigningKey<Sha256>, serial: [u8; 32]) -> Option<Certificate> {
    let subject = Name::from_str("CN=instance identity,O=Rolecall").ok()?;
    let [first, rest @ ..] = *serial.first_chunk::<8>()?;
    // A serial number is positive, and its first byte not zero.
    let serial = SerialNumber::new(&[[first & 0x3f | 0x40].as_slice(), &rest].concat()).ok()?;
    let key = SubjectPublicKeyInfo::from_key(&signer.verifying_key()).ok()?;
    let made = CertificateBuilder::new(SelfSigned(subject), serial, validity()?, key).ok()?;
    made.build::<_, Signature>(signer).ok()
}

/// However the modelled clock is moved within reason, an instance is launched while the certificate is valid.
fn validity() -> Option<Validity> {
    const FIRST_OF_1980: u64 = 315_532_800;
    const FIRST_OF_2200: u64 = 7_258_118_400;
    let at = |seconds| GeneralizedTime::from_unix_duration(Duration::from_secs(seconds)).ok().map(Time::from);
    Some(Validity::new(at(FIRST_OF_1980)?, at(FIRST_OF_2200)?))
}
