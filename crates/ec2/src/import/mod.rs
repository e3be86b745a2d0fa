//! VM Import: images of disks, which are files in buckets, become snapshots, or together an image. What is in a disk is not looked at, but for how large it is.
//! <https://docs.aws.amazon.com/vm-import/latest/userguide/what-is-vmimport.html>
//!
//! [`disk`] finds the file, [`role`] asks whether the service may read it, [`run`] says how a task stands at a time; [`snapshot`] has the tasks of
//! ImportSnapshot, [`image`] those of ImportImage. What a task makes is made when its time has come (`crate::instance::notice`).

use service::operations;

use crate::resource::any;

pub mod cancel;
pub(crate) mod disk;
pub mod image;
pub(crate) mod role;
pub(crate) mod run;
pub mod snapshot;
#[cfg(test)]
mod tests;

pub use image::ImportImageTask;
pub use run::Run;
pub use snapshot::ImportSnapshotTask;

operations! { Ec2;
    CancelImportTask => write(cancel::cancel) authorize(cancel::to_cancel),
    DescribeImportImageTasks => read(image::describe) authorize(any),
    DescribeImportSnapshotTasks => read(snapshot::describe) authorize(any),
    ImportImage => write(image::import) authorize(image::to_import),
    ImportSnapshot => write(snapshot::import) authorize(snapshot::to_import),
}
