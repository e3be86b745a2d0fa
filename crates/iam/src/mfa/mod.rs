//! Virtual MFA devices: making, deleting, listing and tagging them. Who uses a device is [`assign`]'s business, when its codes are good
//! [`verify`]'s.
//!
//! A seed is told once, in the answer that makes it. Hardware and FIDO devices can't be registered through the API, so there are none.

mod assign;
mod qr;
pub mod totp;
pub mod verify;

use std::sync::Arc;

use service::arn::{self, Arn};
use service::paging;
use service::prelude::*;
use service::tags::same_key;

use crate::entity::{self, conflict, exists, missing};
use crate::record::{MfaDevice, MfaOwner, Seed, User};
use crate::tagging::Tagged;
use crate::user::{self, Shown};
use crate::{account_alias, quota, tagging};

pub use assign::of_owner;

/// The operations on MFA devices.
pub fn operations() -> Vec<Operation> {
    let mut all = devices::operations();
    all.extend(assign::operations());
    all
}

mod devices {
    use super::*;

    service::operations! { Iam;
        CreateVirtualMFADevice => write(create) authorize(to_create) check(must_fit),
        DeleteVirtualMFADevice => write(delete) authorize(on_device),
        ListVirtualMFADevices => read(list) authorize(to_list),
    }
}

/// Bytes of a seed; AWS's have 64 characters in base 32.
const SEED_BYTES: usize = 40;
/// Characters of a serial number, by the model of the operations that take one.
const LONGEST_SERIAL: usize = 256;

/// CreateVirtualMFADevice's input.
#[derive(Debug, Deserialize, Shaped)]
pub struct CreateDevice {
    path: Option<String>,
    virtual_mfa_device_name: String,
    #[serde(default)]
    tags: Vec<Tag>,
}

/// A device's serial number.
#[derive(Debug, Deserialize, Shaped)]
pub struct BySerial {
    serial_number: String,
}

/// ListVirtualMFADevices' input.
#[derive(Debug, Deserialize, Shaped)]
pub struct ListDevices {
    assignment_status: Option<String>,
    marker: Option<String>,
    max_items: Option<i64>,
}

/// One device.
#[derive(Debug, Serialize, Shaped)]
pub struct OneDevice {
    virtual_mfa_device: DeviceOut,
}

/// A page of devices.
#[derive(Debug, Serialize, Shaped)]
pub struct Devices {
    virtual_mfa_devices: Vec<DeviceOut>,
    is_truncated: bool,
    marker: Option<String>,
}

/// A device. Its seed, as text and as picture, is in the answer that made it and nowhere else.
#[derive(Serialize, Shaped)]
pub struct DeviceOut {
    serial_number: String,
    base32_string_seed: Option<String>,
    qr_code_png: Option<Vec<u8>>,
    user: Option<Shown>,
    enable_date: Option<Timestamp>,
    tags: Option<Vec<Tag>>,
}

impl std::fmt::Debug for DeviceOut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DeviceOut").field("serial_number", &self.serial_number).finish_non_exhaustive()
    }
}

fn serial(cx: &Cx, path: Option<&str>, name: &str) -> String {
    arn::iam(cx.partition(), cx.account(), "mfa", path.unwrap_or("/"), name)
}

/// The device with that serial number.
pub(crate) fn device(cx: &Cx, world: &World, serial: &str) -> Result<Arc<MfaDevice>, ApiError> {
    find(cx, world, serial)
        .ok_or_else(|| missing(format!("VirtualMFADevice with serial number {serial} doesn't exist.")))
}

fn find(cx: &Cx, world: &World, serial: &str) -> Option<Arc<MfaDevice>> {
    world.get::<MfaDevice>(&[cx.account().as_str(), serial]).cloned()
}

/// The model limits a serial number, which is the ARN, but not the name in it.
fn must_fit(cx: &Cx, _: &World, input: &CreateDevice) -> Result<(), ApiError> {
    let serial = serial(cx, input.path.as_deref(), &input.virtual_mfa_device_name);
    if serial.len() <= LONGEST_SERIAL {
        return Ok(());
    }
    let most = LONGEST_SERIAL.saturating_sub(serial.len() - input.virtual_mfa_device_name.len());
    Err(ApiError::validation(format!(
        "1 validation error detected: Value at 'virtualMFADeviceName' failed to satisfy constraint: Member must have length less than or equal to {most}"
    )))
}

fn create(cx: &Cx, tx: &mut Tx, input: &CreateDevice) -> Result<OneDevice, ApiError> {
    let (account, name) = (cx.account(), &input.virtual_mfa_device_name);
    let tags = tagging::tags_for_create::<MfaDevice>(&input.tags)?;
    let serial = serial(cx, input.path.as_deref(), name);
    if find(cx, tx, &serial).is_some() {
        return Err(exists("MFA device already exists.".to_owned()));
    }
    quota::VIRTUAL_MFA_DEVICES.check(cx, || tx.count::<MfaDevice>(&[account.as_str()]))?;
    let random = [cx.ids.bytes(), cx.ids.bytes()].concat();
    let seed = Seed::new(random.get(..SEED_BYTES).unwrap_or_default());
    let answer = DeviceOut {
        serial_number: serial.clone(),
        base32_string_seed: Some(seed.base32().to_owned()),
        qr_code_png: Some(qr::png(&qr::uri(name, account_alias::of(tx, account).unwrap_or(account.as_str()), &seed))?),
        user: None,
        enable_date: None,
        tags: (!tags.is_empty()).then(|| tags.clone()),
    };
    tx.put(MfaDevice { account, serial, seed, enabled: None, drift: 0, compared: None, spent: Vec::new(), tags });
    Ok(OneDevice { virtual_mfa_device: answer })
}

fn delete(cx: &Cx, tx: &mut Tx, input: &BySerial) -> Result<Done, ApiError> {
    let device = device(cx, tx, &input.serial_number)?;
    if device.enabled.is_some() {
        return Err(conflict("MFA VirtualDevice in use. Must deactivate first."));
    }
    tx.remove::<MfaDevice>(&[device.account.as_str(), &device.serial]);
    Ok(Done {})
}

/// Lists leave the tags out.
fn list(cx: &Cx, world: &World, input: &ListDevices) -> Result<Devices, ApiError> {
    let status = input.assignment_status.as_deref().unwrap_or("Any");
    let devices = world.scan::<MfaDevice>(&[cx.account().as_str()]).filter(|device| match status {
        "Assigned" => device.enabled.is_some(),
        "Unassigned" => device.enabled.is_none(),
        _ => true,
    });
    let scope = format!("virtual MFA devices of {} {status}", cx.account());
    let page = paging::iam(&scope, input.marker.as_deref(), input.max_items, devices, |device| device.serial.clone())?;
    Ok(Devices {
        is_truncated: page.is_truncated(),
        virtual_mfa_devices: page.items.into_iter().map(|device| listed(cx, world, device)).collect(),
        marker: page.next,
    })
}

fn listed(cx: &Cx, world: &World, device: &MfaDevice) -> DeviceOut {
    DeviceOut {
        serial_number: device.serial.clone(),
        base32_string_seed: None,
        qr_code_png: None,
        user: device.enabled.as_ref().and_then(|enabled| shown_owner(cx, world, &enabled.owner)),
        enable_date: device.enabled.as_ref().map(|enabled| enabled.at),
        tags: None,
    }
}

fn shown_owner(cx: &Cx, world: &World, owner: &MfaOwner) -> Option<Shown> {
    Some(match owner {
        MfaOwner::Root => user::root(cx, world),
        MfaOwner::User(id) => user::shown(cx, world.get::<User>(&[cx.account().as_str(), id])?).brief(),
    })
}

impl Tagged for MfaDevice {
    const SAME_KEY: fn(&str, &str) -> bool = same_key;

    /// Only a virtual device has an ARN and can carry tags; that another serial number is refused so is no recording, but the code is the
    /// model's.
    fn find(cx: &Cx, world: &World, serial: &str) -> Result<Arc<Self>, ApiError> {
        match Arn::parse(serial) {
            Some(arn) if arn.service == "iam" && arn.resource.starts_with("mfa/") => device(cx, world, serial),
            _ => Err(ApiError::new("InvalidInput", format!("ARN {serial} is not valid."))),
        }
    }

    fn check(cx: &Cx, world: &World, serial: &str) -> Check {
        check(cx, world, serial)
    }

    fn tags(&self) -> &Vec<Tag> {
        &self.tags
    }

    fn tags_mut(&mut self) -> &mut Vec<Tag> {
        &mut self.tags
    }
}

/// The check of an operation on a device, by its serial number.
fn check(cx: &Cx, world: &World, serial: &str) -> Check {
    match find(cx, world, serial) {
        Some(device) => Check::on(serial).tagged(&device.tags),
        None => Check::on(serial),
    }
}

fn to_create(cx: &Cx, _: &World, input: &CreateDevice) -> Vec<Check> {
    let check = entity::check_new(cx, "mfa", input.path.as_deref(), &input.virtual_mfa_device_name, &input.tags);
    entity::and_tags(check, "iam:TagMFADevice", &input.tags)
}

fn on_device(cx: &Cx, world: &World, input: &BySerial) -> Vec<Check> {
    vec![check(cx, world, &input.serial_number)]
}

/// AWS evaluates this list on all devices of the account.
fn to_list(cx: &Cx, _: &World, _: &ListDevices) -> Vec<Check> {
    vec![entity::check_list(cx, "mfa", None)]
}

#[cfg(test)]
mod tests;
