//! The QR code that hands a seed to an authenticator: the URI in it, and its picture.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use qrcodegen::{QrCode, QrCodeEcc};
use service::prelude::*;

use crate::record::Seed;

/// Pixels of a module's side, and modules of white around all, as the standard asks.
const SCALE: i32 = 4;
const BORDER: i32 = 4;

/// In a label `@` stands between the device and the account.
const IN_LABEL: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b'@');
const ISSUER: &str = "Amazon Web Services";

/// What the code says, as in codes that AWS made: the issuer, the device's name and the account's alias, or its number if it has none.
pub fn uri(name: &str, account: &str, seed: &Seed) -> String {
    let label = format!("{name}@{account}");
    let (issuer, label) = (utf8_percent_encode(ISSUER, IN_LABEL), utf8_percent_encode(&label, IN_LABEL));
    format!("otpauth://totp/{issuer}:{label}?secret={}&issuer={issuer}", seed.base32())
}

/// The picture, as PNG.
pub fn png(text: &str) -> Result<Vec<u8>, ApiError> {
    let failed = |error: &dyn std::fmt::Display| ApiError::internal(format!("no QR code was drawn: {error}"));
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).map_err(|error| failed(&error))?;
    let side = (code.size() + 2 * BORDER) * SCALE;
    let pixel = |x: i32, y: i32| if code.get_module(x / SCALE - BORDER, y / SCALE - BORDER) { 0 } else { u8::MAX };
    let pixels: Vec<u8> = (0..side).flat_map(|y| (0..side).map(move |x| (x, y))).map(|(x, y)| pixel(x, y)).collect();
    let mut picture = Vec::new();
    let side = u32::try_from(side).unwrap_or_default();
    let mut encoder = png::Encoder::new(&mut picture, side, side);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header().map_err(|error| failed(&error))?;
    writer.write_image_data(&pixels).map_err(|error| failed(&error))?;
    writer.finish().map_err(|error| failed(&error))?;
    Ok(picture)
}
