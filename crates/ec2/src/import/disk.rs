//! The image of a disk, which is a file in a bucket: where it is, and how large the disk is.

use std::sync::Arc;

use percent_encoding::percent_decode_str;
use service::prelude::*;

use super::run::Run;
use crate::refused::{invalid_value, missing};
use crate::s3_file::S3File;

/// `UserBucket` and `UserBucketDetails`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Shaped)]
pub struct UserBucket {
    pub s3bucket: Option<String>,
    pub s3key: Option<String>,
}

/// The image, as it was named, and its size in bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disk {
    pub description: Option<String>,
    pub format: Option<String>,
    pub url: Option<String>,
    pub bucket: Option<UserBucket>,
    pub bytes: u64,
}

impl Disk {
    /// AWS tells the image's size in bytes, though its reference says GiB, and none until it has begun to read.
    pub fn bytes_shown(&self, run: &Run, now: Timestamp) -> f64 {
        if run.is_pending(now) {
            return 0.0;
        }
        let halves = [self.bytes >> 32, self.bytes & u64::from(u32::MAX)];
        let [high, low] = halves.map(|half| u32::try_from(half).unwrap_or(u32::MAX));
        f64::from(high).mul_add(4_294_967_296.0, f64::from(low))
    }
}

/// Formats of the images of disks, and those of machines. <https://docs.aws.amazon.com/vm-import/latest/userguide/prerequisites.html>
pub const FORMATS: &[&str] = &["RAW", "VHD", "VHDX", "VMDK"];
pub const OF_MACHINES: &[&str] = &["OVA", "RAW", "VHD", "VHDX", "VMDK"];

/// The format in AWS's spelling; clients write it as they like.
pub fn format(given: Option<&str>, known: &[&str]) -> Result<Option<String>, ApiError> {
    let Some(given) = given else { return Ok(None) };
    let found = known.iter().find(|known| known.eq_ignore_ascii_case(given));
    found.map(|known| Some((*known).to_owned())).ok_or_else(|| invalid_value(given, "Format"))
}

/// AWS's code for what is wrong with where a file is.
fn wrong(message: impl Into<String>) -> ApiError {
    ApiError::new("InvalidParameter", message.into())
}

/// The bucket and the key that a request names in either way, but not in both.
pub fn place(url: Option<&str>, bucket: Option<&UserBucket>) -> Result<(String, String), ApiError> {
    match (url, bucket) {
        (Some(_), Some(_)) => Err(ApiError::new(
            "InvalidParameterCombination",
            "The parameter Url cannot be used with the parameter UserBucket",
        )),
        (Some(url), None) => of_url(url).ok_or_else(|| wrong("Invalid S3 source location")),
        (None, Some(UserBucket { s3bucket, s3key })) => {
            let bucket = s3bucket.clone().ok_or_else(|| missing("DiskContainer.UserBucket.S3Bucket"))?;
            let key = s3key.clone().ok_or_else(|| missing("DiskContainer.UserBucket.S3Key"))?;
            Ok((bucket, key))
        }
        (None, None) => Err(missing("DiskContainer.UserBucket")),
    }
}

/// `s3://BUCKET/KEY`, `https://BUCKET.s3.REGION.amazonaws.com/KEY` or `https://s3.REGION.amazonaws.com/BUCKET/KEY`; what signs it is not looked at.
fn of_url(url: &str) -> Option<(String, String)> {
    let (scheme, rest) = url.split_once("://")?;
    let rest = rest.split('?').next()?;
    let (host, path) = rest.split_once('/')?;
    let (bucket, key) = match scheme {
        "s3" => (host, path),
        // A bucket's own name may hold `.s3.`, too.
        "https" => match host.rsplit_once(".s3.").or_else(|| host.rsplit_once(".s3-")) {
            Some((bucket, _)) => (bucket, path),
            None if host.starts_with("s3.") || host.starts_with("s3-") => path.split_once('/')?,
            None => return None,
        },
        _ => return None,
    };
    let key = if scheme == "s3" { key.into() } else { percent_decode_str(key).decode_utf8().ok()? };
    (!bucket.is_empty() && !key.is_empty()).then(|| (bucket.to_owned(), key.into_owned()))
}

/// The file, which must be in a bucket of the request's region. How AWS refuses one that is not there is not recorded.
pub fn find(cx: &Cx, world: &World, (bucket, key): (&str, &str)) -> Result<Arc<S3File>, ApiError> {
    // What another account's bucket lets whom read is not known, so nobody reads it.
    let Some(file) = world.get::<S3File>(&[bucket, key]).filter(|file| file.account == cx.account()) else {
        return Err(wrong(format!("The given S3 object {bucket}/{key} does not exist.")));
    };
    if file.region != cx.region_name() {
        let message = format!(
            "The given S3 object is not local to the region. The object must be located in {}.",
            cx.region_name()
        );
        return Err(wrong(message));
    }
    Ok(file.clone())
}

const GIB: u64 = 1 << 30;
const SECTOR: u64 = 512;

/// The largest disk, which is the largest volume: 64 TiB. What a header says beyond it is no size.
const MOST_BYTES: u64 = 65_536 * GIB;

/// The GiB of the disk whose image the file is: what the image's own header says, else the file's size; at least one.
pub fn gibibytes(file: &S3File) -> i64 {
    let told = file.stands_for.map_or_else(|| told_by(&file.body), |_| None).filter(|bytes| *bytes <= MOST_BYTES);
    let bytes = told.unwrap_or_else(|| file.size());
    i64::try_from(bytes.div_ceil(GIB)).unwrap_or(i64::MAX).max(1)
}

/// How large the disk is of which a VMDK or a VHD is the image.
/// <https://www.vmware.com/app/vmdk/?src=vmdk> and <https://download.microsoft.com/download/f/f/e/ffef50a5-07dd-4cf8-aaa3-442c0673a029/Virtual%20Hard%20Disk%20Format%20Spec_10_18_06.doc>
fn told_by(body: &[u8]) -> Option<u64> {
    if body.starts_with(b"KDMV") {
        let sectors: [u8; 8] = body.get(12..20)?.try_into().ok()?;
        return u64::from_le_bytes(sectors).checked_mul(SECTOR);
    }
    let footer = body.last_chunk::<512>().filter(|footer| footer.starts_with(b"conectix"))?;
    let size: [u8; 8] = footer.get(48..56)?.try_into().ok()?;
    Some(u64::from_be_bytes(size))
}
