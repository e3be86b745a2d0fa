//! The archive of a design: a tar file with a checkpoint and a manifest, whose lines are `key=value`.
//! <https://github.com/aws/aws-fpga/blob/f2/hdk/docs/AFI_Manifest.md>

use ring::digest;
use service::prelude::*;

use crate::s3_file::S3File;

/// What a manifest says a design is known by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Design {
    /// `0x10212415`
    pub shell_version: String,
    pub vendor: String,
    pub device: String,
    pub subsystem: String,
    pub subsystem_vendor: String,
}

impl Design {
    /// That of a file that only stands for its bytes: what the first of AWS's examples says.
    fn usual() -> Design {
        Design {
            shell_version: "0x10212415".to_owned(),
            vendor: "0x1d0f".to_owned(),
            device: "0xf000".to_owned(),
            subsystem: "0x1d51".to_owned(),
            subsystem_vendor: "0xfedd".to_owned(),
        }
    }
}

// Why a design cannot be built; these are the codes of CreateFpgaImage with their sentences.
const HELP: &str =
    "See AWS FPGA HDK documentation for valid input format. We recommend using the scripts provided with AWS FPGA HDK";
const INACCESSIBLE: &str = "INACCESSIBLE_INPUT: Error accessing resource in S3. Check permissions, naming, and ensure the bucket is within the same region as the API endpoint.";

/// The design that a file holds, or why there is none; `None` stands for a file that cannot be read.
pub fn of(file: Option<&S3File>) -> Result<Design, String> {
    let Some(file) = file else { return Err(INACCESSIBLE.to_owned()) };
    if file.stands_for.is_some() {
        return Ok(Design::usual());
    }
    if file.body.is_empty() {
        return Err("INPUT_SIZE_ILLEGAL: Input file size is not valid".to_owned());
    }
    let entries =
        entries(&file.body).ok_or_else(|| "CORRUPT_ARCHIVE: Failed to parse the input tarball archive".to_owned())?;
    let manifest = entries.iter().find(|(name, _)| is_manifest(name));
    let (_, manifest) = manifest.ok_or_else(|| format!("MANIFEST_NOT_FOUND: No manifest file was found. {HELP}"))?;
    read(manifest, &entries)
}

/// Whether a file of an archive is its manifest: AWS's scripts put the time before it.
fn is_manifest(name: &str) -> bool {
    last(name).ends_with("manifest.txt")
}

fn last(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

/// What a manifest must hold besides what is read of it.
const MANDATORY: &[&str] = &["manifest_format_version", "tool_version", "clock_recipe_a"];

fn read(manifest: &[u8], entries: &[(String, &[u8])]) -> Result<Design, String> {
    let failed = || {
        "MANIFEST_PARSE_FAILED: Parsing the manifest file failed. We recommend using the scripts provided with AWS FPGA HDK".to_owned()
    };
    let text = std::str::from_utf8(manifest).map_err(|_| failed())?;
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let pairs = lines.map(|line| line.split_once('=')).collect::<Option<Vec<_>>>().ok_or_else(failed)?;
    let value = |wanted: &str| pairs.iter().find(|(key, _)| key.trim() == wanted).map(|(_, value)| value.trim());
    let needed = |wanted: &str| value(wanted).filter(|value| !value.is_empty()).ok_or_else(failed);
    for key in MANDATORY {
        needed(key)?;
    }
    let checkpoint = needed("dcp_file_name")?;
    let checkpoint = entries
        .iter()
        .find(|(name, _)| last(name) == last(checkpoint))
        .ok_or_else(|| format!("DCP_NOT_FOUND: No DCP file was found with the supplied filename. {HELP}"))?;
    let hash = digest::digest(&digest::SHA256, checkpoint.1);
    let hash: String = hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    if !needed("dcp_hash")?.eq_ignore_ascii_case(&hash) {
        return Err(
            "DCP_INTEGRITY_UNVERIFIED: The DCP integrity SHA-256 hash does not match the provided DCP".to_owned()
        );
    }
    Ok(Design {
        shell_version: needed("shell_version")?.to_ascii_lowercase(),
        vendor: pci(value("pci_vendor_id"))?,
        device: pci(value("pci_device_id"))?,
        subsystem: pci(value("pci_subsystem_id"))?,
        subsystem_vendor: pci(value("pci_subsystem_vendor_id"))?,
    })
}

/// A number from 1 to 65535, decimal or with `0x`, as `0xf000`.
fn pci(given: Option<&str>) -> Result<String, String> {
    let number = given.and_then(|text| {
        let hexadecimal = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
        hexadecimal.map_or_else(|| text.parse::<u16>().ok(), |digits| u16::from_str_radix(digits, 16).ok())
    });
    number.filter(|number| *number > 0).map(|number| format!("0x{number:04x}")).ok_or_else(|| {
        "PCIID_SYNTAX_INVALID: PCI ID is not provided, wrongly formatted, or value is out of range valid range 1-65535 or 0x0001-0xFFFF".to_owned()
    })
}

const BLOCK: usize = 512;

/// The plain files of a tar archive by their names. <https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html#tag_20_92_13_06>
fn entries(mut archive: &[u8]) -> Option<Vec<(String, &[u8])>> {
    let mut found = Vec::new();
    while archive.first().is_some_and(|byte| *byte != 0) {
        let (header, rest) = archive.split_at_checked(BLOCK)?;
        if header.get(257..262)? != b"ustar" {
            return None;
        }
        let name = field(header, 0, 100)?;
        let size = usize::from_str_radix(field(header, 124, 12)?.trim(), 8).ok()?;
        let body = rest.get(..size)?;
        if matches!(header.get(156)?, 0 | b'0') {
            found.push((name.to_owned(), body));
        }
        archive = rest.get(size.checked_next_multiple_of(BLOCK)?.min(rest.len())..)?;
    }
    (!found.is_empty()).then_some(found)
}

/// The text of a header's field, which a zero ends.
fn field(header: &[u8], start: usize, length: usize) -> Option<&str> {
    let field = header.get(start..start.checked_add(length)?)?;
    let end = field.iter().position(|byte| *byte == 0).unwrap_or(field.len());
    std::str::from_utf8(field.get(..end)?).ok()
}
