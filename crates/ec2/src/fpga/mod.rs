//! Images of FPGAs: designs that are built of a checkpoint in a bucket, and that F instances load. Nothing is built; what a design is called by stands in its
//! manifest, which [`design`] reads.
//! <https://github.com/aws/aws-fpga/blob/f2/hdk/docs/AWS_CLI_FPGA_Commands.md>
//!
//! [`record`] says what is stored and how an image stands at a time, [`create`] makes, copies and deletes, [`attribute`] shares. An image has an id in its region
//! and one that is the same wherever it is copied to.

use service::operations;
use service::prelude::*;

use crate::image::Grantee;
use crate::kind;
use crate::resource::{self, any, resource};

pub mod attribute;
pub mod create;
pub mod describe;
mod design;
mod record;

pub use record::FpgaImage;

operations! { Ec2;
    CopyFpgaImage => write(create::copy) authorize(create::to_copy),
    CreateFpgaImage => write(create::create) authorize(create::to_create),
    DeleteFpgaImage => write(create::delete) authorize(create::to_delete),
    DescribeFpgaImageAttribute => read(attribute::describe) authorize(attribute::to_describe),
    DescribeFpgaImages => read(describe::describe) authorize(any),
    ModifyFpgaImageAttribute => write(attribute::modify) authorize(attribute::to_modify),
    ResetFpgaImageAttribute => write(attribute::reset) authorize(attribute::to_reset),
}

resource!(FpgaImage, kind::FPGA_IMAGE, {
    fn keys(&self, _cx: &Cx, _world: &World, check: Check) -> Check {
        check.key("ec2:Owner", self.account.as_str()).key("ec2:Public", self.is_public().to_string())
    }
});

/// The image of the request's region with that id, if the caller's account may load it.
fn find<'w>(cx: &Cx, world: &'w World, id: &str) -> Option<&'w std::sync::Arc<FpgaImage>> {
    let held = world.one::<FpgaImage>(FpgaImage::BY_ID, &[cx.region_name(), id]);
    held.filter(|image| image.account == cx.account() || may_load(cx, image))
}

fn may_load(cx: &Cx, image: &FpgaImage) -> bool {
    image.permissions.iter().any(|grantee| *grantee == Grantee::All || grantee.key() == cx.account().as_str())
}

/// The operation's own action on that image.
fn check_on(cx: &Cx, world: &World, id: &str) -> Check {
    match find(cx, world, id).filter(|image| image.account != cx.account()) {
        Some(shared) => {
            let check = Check::on(kind::FPGA_IMAGE.arn(cx, id)).shared_by(shared.account);
            resource::Resource::keys(&**shared, cx, world, check)
        }
        None => resource::check_on::<FpgaImage>(cx, world, id),
    }
}

/// An image of the caller's own. How AWS refuses one that is shared with it is not recorded.
fn own(cx: &Cx, world: &World, id: &str) -> Result<std::sync::Arc<FpgaImage>, ApiError> {
    kind::FPGA_IMAGE.well_formed(id)?;
    match find(cx, world, id) {
        Some(image) if image.account == cx.account() => Ok(image.clone()),
        Some(_) => Err(ApiError::new("AuthFailure", format!("Not authorized for image:{id}"))),
        None => Err(kind::FPGA_IMAGE.not_found(&[id])),
    }
}
