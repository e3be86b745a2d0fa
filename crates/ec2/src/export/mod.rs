//! VM Export: images and instances become images of disks, which are files in buckets. The files only stand for the bytes they would have.
//! <https://docs.aws.amazon.com/vm-import/latest/userguide/vmexport.html>
//!
//! [`image`] has the tasks of ExportImage, [`instance`] those of CreateInstanceExportTask. How a task stands at a time is what [`crate::import::Run`] says
//! of imports, too; the file is left when its time has come (`crate::instance::notice`).

use service::operations;
use service::prelude::*;

use crate::resource::any;
use crate::s3_file::{self, S3File};

pub mod cancel;
pub mod image;
pub mod instance;

pub use image::ExportImageTask;
pub use instance::ExportInstanceTask;

operations! { Ec2;
    CancelExportTask => write(cancel::cancel) authorize(cancel::to_cancel),
    CreateInstanceExportTask => write(instance::create) authorize(instance::to_create),
    DescribeExportImageTasks => read(image::describe) authorize(any),
    DescribeExportTasks => read(instance::describe) authorize(any),
    ExportImage => write(image::export) authorize(image::to_export),
}

/// Formats of the images of disks that are exported.
const FORMATS: &[&str] = &["RAW", "VHD", "VMDK"];

/// What holds software whose licence comes from AWS cannot leave it.
/// <https://docs.aws.amazon.com/vm-import/latest/userguide/vmexport-limits.html>
const OWN_LICENCES: &[&str] = &["RunInstances", "RunInstances:0800"];

/// Where a file is to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    pub bucket: String,
    pub prefix: Option<String>,
}

impl Place {
    /// The key of the file with that name.
    fn key(&self, name: &str) -> String {
        format!("{}{name}", self.prefix.as_deref().unwrap_or_default())
    }

    /// The place that a request names.
    fn of(bucket: &str, prefix: Option<String>) -> Result<Place, ApiError> {
        s3_file::must_be_a_bucket(bucket)?;
        Ok(Place { bucket: bucket.to_owned(), prefix })
    }
}

/// What cannot be exported, and why.
fn not_exportable(message: String) -> ApiError {
    ApiError::new("NotExportable", message)
}

/// Whether it holds software whose licence comes from AWS.
fn is_licensed(usage_operation: Option<&str>) -> bool {
    usage_operation.is_some_and(|usage| !OWN_LICENCES.contains(&usage))
}

/// Leaves the image of a disk of so many GiB.
fn leave(cx: &Cx, tx: &mut Tx, place: &Place, name: &str, gibibytes: i64) {
    tx.put(S3File::disk(cx, &place.bucket, place.key(name), gibibytes));
}
