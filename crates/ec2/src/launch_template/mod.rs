//! Launch templates: a launch's parameters, kept under a name, in numbered versions.
//!
//! A version holds its parameters as they came ([`data::Data`]); they are looked at when something is launched ([`launch`]). [`record`] says what is
//! stored, [`named`] how requests name templates and versions. <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-launch-templates.html>

use service::operations;

use crate::resource::any;

pub mod change;
pub mod create;
pub mod data;
pub mod describe;
pub mod launch;
pub mod named;
pub mod of_instance;
mod record;
#[cfg(test)]
mod tests;
pub mod versions;

pub use record::{LaunchTemplate, LaunchTemplateVersion};

operations! { Ec2;
    CreateLaunchTemplate => write(create::create) authorize(create::to_create) check(create::check),
    CreateLaunchTemplateVersion => write(create::create_version) authorize(create::to_create_version) check(create::check_version),
    DeleteLaunchTemplate => write(change::delete) authorize(change::to_delete),
    DeleteLaunchTemplateVersions => write(change::delete_versions) authorize(change::to_delete_versions),
    DescribeLaunchTemplateVersions => read(versions::describe) authorize(versions::to_describe),
    DescribeLaunchTemplates => read(describe::describe) authorize(any),
    GetLaunchTemplateData => read(of_instance::get) authorize(of_instance::to_get),
    ModifyLaunchTemplate => write(change::modify) authorize(change::to_modify),
}
