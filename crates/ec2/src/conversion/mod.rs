//! Conversions: ImportVolume, ImportInstance, DescribeConversionTasks and CancelConversionTask. The image of a disk, which a manifest in a bucket leads to,
//! becomes a volume, or an instance with that volume as its root device. The parts of the image that a manifest names are taken as uploaded.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ImportVolume.html>

use service::operations;

use crate::resource::any;

pub mod instance;
pub mod task;
pub mod volume;

pub use task::ConversionTask;

operations! { Ec2;
    CancelConversionTask => write(task::cancel) authorize(any),
    DescribeConversionTasks => read(task::describe) authorize(any),
    ImportInstance => write(instance::import) authorize(instance::to_import) check(instance::check),
    ImportVolume => write(volume::import) authorize(volume::to_import),
}
