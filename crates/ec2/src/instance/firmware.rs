//! What an instance's firmware keeps: its UEFI variables, and the endorsement key of its NitroTPM.
//!
//! No firmware runs here, so the variables are those that the image was registered with and stay so, and the keys are drawn of the installation's own key and
//! the instance's id: they are the same whenever they are asked for, and no two instances have the same.
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/uefi-secure-boot.html>,
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/retrieve-ekpub.html>

use std::any::Any;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rsa::pkcs8::EncodePublicKey as _;
use rsa::traits::PublicKeyParts as _;
use service::ids::Ids;
use service::keys::InstallationKeys;
use service::operation::Preparation;
use service::prelude::*;
use service::rsa_key;

use super::view::current_boot_mode;
use super::{Instance, authorize, find};

service::operations! { Ec2;
    GetInstanceTpmEkPub => read(endorsement_key) authorize(to_get_key) prepare(prepare),
    GetInstanceUefiData => read(uefi_data) authorize(to_get_data),
}

/// `GetInstanceUefiDataRequest`.
#[derive(Debug, Deserialize, Shaped)]
pub struct GetInstanceUefiData {
    pub instance_id: String,
    pub dry_run: Option<bool>,
}

/// `GetInstanceUefiDataResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct UefiDataOut {
    pub instance_id: String,
    pub uefi_data: String,
}

/// `GetInstanceTpmEkPubRequest`.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct GetInstanceTpmEkPub {
    pub instance_id: String,
    pub key_type: String,
    pub key_format: String,
    pub dry_run: Option<bool>,
}

/// `GetInstanceTpmEkPubResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct KeyOut {
    pub instance_id: String,
    pub key_type: String,
    pub key_format: String,
    /// Base64.
    pub key_value: String,
}

/// GetInstanceUefiData on the instance.
pub fn to_get_data(cx: &Cx, world: &World, input: &GetInstanceUefiData) -> Vec<Check> {
    vec![authorize::on_instance(cx, world, &input.instance_id)]
}

/// GetInstanceTpmEkPub on the instance.
pub fn to_get_key(cx: &Cx, world: &World, input: &GetInstanceTpmEkPub) -> Vec<Check> {
    vec![authorize::on_instance(cx, world, &input.instance_id)]
}

/// A variable store without a variable, in the form that EC2 has: `AMZNUEFI`, a checksum (CRC-32C), version 0, and a deflated list of no entries.
/// Described by <https://github.com/awslabs/python-uefivars>.
const NO_VARIABLES: &str = "QU1aTlVFRkmumD5/AAAAAHjaY2CAAAAACAAB";

/// The variables of an instance that boots by UEFI.
pub fn uefi_data(cx: &Cx, world: &World, input: &GetInstanceUefiData) -> Result<UefiDataOut, ApiError> {
    let instance = find(cx, world, &input.instance_id)?;
    if current_boot_mode(&instance.image).as_deref() != Some("uefi") {
        let message = format!("The instance '{}' does not boot in the UEFI boot mode.", instance.id);
        return Err(ApiError::new("UnsupportedOperation", message));
    }
    let uefi_data = instance.image.uefi_data.clone().unwrap_or_else(|| NO_VARIABLES.to_owned());
    Ok(UefiDataOut { instance_id: instance.id.clone(), uefi_data })
}

/// The public half of an endorsement key.
#[derive(Debug, Clone, PartialEq, Eq)]
enum EndorsementKey {
    Rsa(Box<rsa::PublicKey>),
    /// A point of the curve P-384, uncompressed: 4, x, y.
    P384(Vec<u8>),
}

/// The key is drawn outside the store: an RSA key takes long.
pub fn prepare(cx: &Cx, world: &World, input: &GetInstanceTpmEkPub) -> Option<Preparation> {
    let instance = with_tpm(cx, world, &input.instance_id).ok()?;
    let seed = seed(world, instance, &input.key_type)?;
    let key_type = input.key_type.clone();
    Some(Box::new(move |_| Arc::new(draw(&key_type, seed)) as Arc<dyn Any + Send + Sync>))
}

fn seed(world: &World, instance: &Instance, key_type: &str) -> Option<[u8; 32]> {
    let keys = InstallationKeys::of(world)?;
    let facts: [&[u8]; 4] = [keys.token.bytes(), b"endorsement key", instance.id.as_bytes(), key_type.as_bytes()];
    Some(Ids::derived(&facts).bytes())
}

fn draw(key_type: &str, seed: [u8; 32]) -> Option<EndorsementKey> {
    if key_type == "rsa-2048" {
        let key = rsa_key::draw(seed)?;
        return Some(EndorsementKey::Rsa(Box::new(key.to_public_key())));
    }
    let ids = Ids::new(seed);
    // A text of 48 bytes that is no key comes about once in 2^190.
    let secret = [ids.bytes().as_slice(), ids.bytes().get(..16)?].concat();
    let key = p384::SecretKey::from_slice(&secret).ok()?;
    Some(EndorsementKey::P384(key.public_key().to_sec1_bytes().into_vec()))
}

fn with_tpm<'w>(cx: &Cx, world: &'w World, id: &str) -> Result<&'w Arc<Instance>, ApiError> {
    let instance = find(cx, world, id)?;
    match instance.image.tpm_support.as_deref() {
        Some(_) => Ok(instance),
        None => {
            let message = format!("The instance '{id}' is not enabled for NitroTPM.");
            Err(ApiError::new("UnsupportedOperation", message))
        }
    }
}

/// The key in the form that is asked for.
pub fn endorsement_key(cx: &Cx, world: &World, input: &GetInstanceTpmEkPub) -> Result<KeyOut, ApiError> {
    let instance = with_tpm(cx, world, &input.instance_id)?;
    let drawn = match cx.prepared::<Option<EndorsementKey>>() {
        Some(drawn) => drawn.clone(),
        None => seed(world, instance, &input.key_type).and_then(|seed| draw(&input.key_type, seed)),
    };
    let key = drawn.ok_or_else(|| ApiError::internal("no endorsement key was drawn"))?;
    let bytes = if input.key_format == "der" { der(&key) } else { Some(tpmt(&key)) };
    let bytes = bytes.ok_or_else(|| ApiError::internal("the endorsement key cannot be written"))?;
    Ok(KeyOut {
        instance_id: instance.id.clone(),
        key_type: input.key_type.clone(),
        key_format: input.key_format.clone(),
        key_value: STANDARD.encode(bytes),
    })
}

/// Before the point in a `SubjectPublicKeyInfo` of a key on the curve P-384 (RFC 5480).
const P384_HEAD: [u8; 23] = [
    0x30, 0x76, 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00,
    0x22, 0x03, 0x62, 0x00,
];

fn der(key: &EndorsementKey) -> Option<Vec<u8>> {
    match key {
        EndorsementKey::Rsa(key) => Some(key.to_public_key_der().ok()?.into_vec()),
        EndorsementKey::P384(point) => Some([P384_HEAD.as_slice(), point].concat()),
    }
}

/// Policies of endorsement keys, by which their authorisation is that of the endorsement hierarchy: PolicyA, with SHA-256, and PolicyB, with SHA-384.
const POLICY_A: [u8; 32] = [
    0x83, 0x71, 0x97, 0x67, 0x44, 0x84, 0xb3, 0xf8, 0x1a, 0x90, 0xcc, 0x8d, 0x46, 0xa5, 0xd7, 0x24, 0xfd, 0x52, 0xd7,
    0x6e, 0x06, 0x52, 0x0b, 0x64, 0xf2, 0xa1, 0xda, 0x1b, 0x33, 0x14, 0x69, 0xaa,
];
const POLICY_B: [u8; 48] = [
    0xb2, 0x6e, 0x7d, 0x28, 0xd1, 0x1a, 0x50, 0xbc, 0x53, 0xd8, 0x82, 0xbc, 0xf5, 0xfd, 0x3a, 0x1a, 0x07, 0x41, 0x48,
    0xbb, 0x35, 0xd3, 0xb4, 0xe4, 0xcb, 0x1c, 0x0a, 0xd9, 0xbd, 0xe4, 0x19, 0xca, 0xcb, 0x47, 0xba, 0x09, 0x69, 0x96,
    0x46, 0x15, 0x0f, 0x9f, 0xc0, 0x00, 0xf3, 0xf8, 0x0e, 0x12,
];

/// `TPMT_PUBLIC` by the templates L-1 (RSA 2048) and H-3 (P-384) of the TCG's profile of endorsement keys. Numbers are TPM 2.0's: algorithms RSA 0x0001,
/// AES 0x0006, SHA-256 0x000b, SHA-384 0x000c, none 0x0010, ECC 0x0023, CFB 0x0043; the curve P-384 is 0x0004.
/// <https://trustedcomputinggroup.org/resource/tcg-ek-credential-profile-for-tpm-family-2-0/>
fn tpmt(key: &EndorsementKey) -> Vec<u8> {
    let number = |number: u16| number.to_be_bytes().to_vec();
    let sized = |bytes: &[u8]| [number(u16::try_from(bytes.len()).unwrap_or(0)), bytes.to_vec()].concat();
    match key {
        EndorsementKey::Rsa(key) => [
            [number(0x0001), number(0x000b), 0x0003_00b2_u32.to_be_bytes().to_vec(), sized(&POLICY_A)].concat(),
            // AES 128 CFB, no scheme, 2048 bits, the usual exponent.
            [number(0x0006), number(128), number(0x0043), number(0x0010), number(2048), vec![0; 4]].concat(),
            sized(&key.n_bytes()),
        ]
        .concat(),
        EndorsementKey::P384(point) => {
            let (x, y) = point.get(1..).unwrap_or_default().split_at_checked(48).unwrap_or_default();
            [
                [number(0x0023), number(0x000c), 0x0003_00f2_u32.to_be_bytes().to_vec(), sized(&POLICY_B)].concat(),
                // AES 256 CFB, no scheme, the curve, no derivation.
                [number(0x0006), number(256), number(0x0043), number(0x0010), number(0x0004), number(0x0010)].concat(),
                [sized(x), sized(y)].concat(),
            ]
            .concat()
        }
    }
}
