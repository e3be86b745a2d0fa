//! Who uses which device: enabling, resynchronising and deactivating it for a user or for root, and a user's own list.
//!
//! The root user has no name. AWS lets its devices be managed in the console alone; here the root user itself may do it and is called `root`
//! where a name is required, if no user has that name.

use std::sync::Arc;

use service::paging;
use service::prelude::*;

use super::{device, verify};
use crate::entity::{self, exists, missing};
use crate::quota;
use crate::record::{Enabled, MfaDevice, MfaOwner};
use crate::user::{self, NamesUser};

service::operations! { Iam;
    EnableMFADevice => write(enable) authorize(on_named),
    ResyncMFADevice => write(resync) authorize(on_named),
    DeactivateMFADevice => write(deactivate) authorize(on_named_or_self) check(user::must_name),
    ListMFADevices => read(list) authorize(on_named_or_self) check(user::must_name),
    GetMFADevice => read(get) authorize(on_named_or_self) check(user::must_name),
}

/// What stands for the root user where a name is required.
const ROOT: &str = "root";

/// EnableMFADevice's and ResyncMFADevice's input.
#[derive(Deserialize, Shaped)]
pub struct WithCodes {
    user_name: String,
    serial_number: String,
    authentication_code1: String,
    authentication_code2: String,
}

/// Codes never show.
impl std::fmt::Debug for WithCodes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WithCodes").field("serial_number", &self.serial_number).finish_non_exhaustive()
    }
}

/// A device, of a user or the caller.
#[derive(Debug, Deserialize, Shaped)]
pub struct OneOf {
    user_name: Option<String>,
    serial_number: String,
}

/// ListMFADevices' input.
#[derive(Debug, Deserialize, Shaped)]
pub struct List {
    user_name: Option<String>,
    marker: Option<String>,
    max_items: Option<i64>,
}

/// A page of devices.
#[derive(Debug, Serialize, Shaped)]
pub struct Listed {
    mfa_devices: Vec<Assigned>,
    is_truncated: bool,
    marker: Option<String>,
}

/// A device that somebody uses; root has no name.
#[derive(Debug, Serialize, Shaped)]
pub struct Assigned {
    user_name: Option<String>,
    serial_number: String,
    enable_date: Timestamp,
}

/// GetMFADevice's answer.
#[derive(Debug, Serialize, Shaped)]
pub struct Got {
    user_name: Option<String>,
    serial_number: String,
    enable_date: Option<Timestamp>,
}

/// Whose devices a request is about.
struct Subject {
    owner: MfaOwner,
    name: Option<String>,
}

impl Subject {
    /// The user of that name; for the root user also itself.
    fn named(cx: &Cx, world: &World, name: &str) -> Result<Subject, ApiError> {
        match entity::user(cx, world, name) {
            Ok(user) => Ok(Subject { owner: MfaOwner::User(user.id.clone()), name: Some(user.name.clone()) }),
            Err(_) if is_root(cx, name) => Ok(Subject { owner: MfaOwner::Root, name: None }),
            Err(error) => Err(error),
        }
    }

    fn named_or_self(cx: &Cx, world: &World, name: Option<&str>) -> Result<Subject, ApiError> {
        match name.or(cx.caller.user_name()) {
            Some(name) => Subject::named(cx, world, name),
            None if cx.caller.is_root() => Ok(Subject { owner: MfaOwner::Root, name: None }),
            None => Err(user::must_be_named()),
        }
    }

    fn is_caller(&self, cx: &Cx) -> bool {
        matches!(&cx.caller.principal, Principal::User { id, .. } if self.owner.id() == id)
    }
}

fn is_root(cx: &Cx, name: &str) -> bool {
    cx.caller.is_root() && name == ROOT
}

/// The devices of a user, or of root, by serial number.
pub fn of_owner<'w>(
    world: &'w World,
    account: AccountId,
    owner: &MfaOwner,
) -> impl Iterator<Item = &'w Arc<MfaDevice>> + use<'w> {
    world.by::<MfaDevice>(MfaDevice::BY_OWNER, &[account.as_str(), owner.id()])
}

/// Users with a device change their own devices only in a session that they have got with one, whatever policies say. See
/// <https://aws.amazon.com/security/security-bulletins/AWS-2023-001/>.
fn may_manage(cx: &Cx, world: &World, subject: &Subject) -> Result<(), ApiError> {
    let with_factor = cx.caller.session.as_ref().is_some_and(|session| session.mfa_at.is_some());
    if with_factor || !subject.is_caller(cx) || of_owner(world, cx.account(), &subject.owner).next().is_none() {
        return Ok(());
    }
    let text = "To complete this action, please ensure that you are authenticated with an MFA device that is enabled for this user.";
    Err(ApiError::new("AccessDenied", text))
}

/// The device, if it is the subject's.
fn own(cx: &Cx, world: &World, subject: &Subject, serial: &str) -> Result<MfaDevice, ApiError> {
    let device = device(cx, world, serial)?;
    match &device.enabled {
        Some(enabled) if enabled.owner == subject.owner => Ok(MfaDevice::clone(&device)),
        _ => Err(invalid_for_user()),
    }
}

fn invalid_for_user() -> ApiError {
    missing("MFA Device invalid for user.".to_owned())
}

fn wrong_codes() -> ApiError {
    ApiError::new("InvalidAuthenticationCode", "Authentication code for device is not valid.")
}

fn enable(cx: &Cx, tx: &mut Tx, input: &WithCodes) -> Result<Done, ApiError> {
    let subject = Subject::named(cx, tx, &input.user_name)?;
    may_manage(cx, tx, &subject)?;
    let mut device = MfaDevice::clone(&*device(cx, tx, &input.serial_number)?);
    match &device.enabled {
        Some(enabled) if enabled.owner == subject.owner => {
            return Err(exists(format!("MFA Device for user {} already exists.", input.user_name)));
        }
        Some(_) => return Err(exists("MFA Device is already in use.".to_owned())),
        None => {}
    }
    quota::MFA_DEVICES.check(cx, || of_owner(tx, cx.account(), &subject.owner).count())?;
    if !verify::synchronise(cx, &mut device, &input.authentication_code1, &input.authentication_code2) {
        return Err(wrong_codes());
    }
    device.enabled = Some(Enabled { owner: subject.owner, at: cx.now_seconds() });
    tx.put(device);
    Ok(Done {})
}

fn resync(cx: &Cx, tx: &mut Tx, input: &WithCodes) -> Result<Done, ApiError> {
    let subject = Subject::named(cx, tx, &input.user_name)?;
    let mut device = own(cx, tx, &subject, &input.serial_number)?;
    if !verify::synchronise(cx, &mut device, &input.authentication_code1, &input.authentication_code2) {
        return Err(wrong_codes());
    }
    tx.put(device);
    Ok(Done {})
}

/// The device stays, with its seed and with what is known of its clock and its codes.
fn deactivate(cx: &Cx, tx: &mut Tx, input: &OneOf) -> Result<Done, ApiError> {
    let subject = Subject::named_or_self(cx, tx, input.user_name.as_deref())?;
    may_manage(cx, tx, &subject)?;
    let device = own(cx, tx, &subject, &input.serial_number)?;
    tx.put(MfaDevice { enabled: None, ..device });
    Ok(Done {})
}

fn list(cx: &Cx, world: &World, input: &List) -> Result<Listed, ApiError> {
    let Subject { owner, name } = Subject::named_or_self(cx, world, input.user_name.as_deref())?;
    let devices = of_owner(world, cx.account(), &owner).filter_map(|device| {
        let enable_date = device.enabled.as_ref()?.at;
        Some(Assigned { user_name: name.clone(), serial_number: device.serial.clone(), enable_date })
    });
    let scope = format!("MFA devices of {} {}", cx.account(), owner.id());
    let page =
        paging::iam(&scope, input.marker.as_deref(), input.max_items, devices, |device| device.serial_number.clone())?;
    Ok(Listed { is_truncated: page.is_truncated(), marker: page.next, mfa_devices: page.items })
}

/// It knows FIDO security keys alone (their ARNs say `u2f/`), and nobody has one here: AWS registers them in its console.
fn get(cx: &Cx, world: &World, input: &OneOf) -> Result<Got, ApiError> {
    let is_key = |arn: service::arn::Arn<'_>| arn.service == "iam" && arn.resource.starts_with("u2f/");
    if !service::arn::Arn::parse(&input.serial_number).is_some_and(is_key) {
        return Err(ApiError::validation(
            "The MFA device serial number sent in the request is invalid or not supported by this API. Currently, only hardware FIDO \
             security keys are supported. Please use the compatible device or API.",
        ));
    }
    Subject::named_or_self(cx, world, input.user_name.as_deref())?;
    Err(invalid_for_user())
}

impl NamesUser for OneOf {
    fn user_name(&self) -> Option<&str> {
        self.user_name.as_deref()
    }
}

impl NamesUser for List {
    fn user_name(&self) -> Option<&str> {
        self.user_name.as_deref()
    }
}

fn on_named(cx: &Cx, world: &World, input: &WithCodes) -> Vec<Check> {
    vec![check(cx, world, &input.user_name)]
}

fn on_named_or_self(cx: &Cx, world: &World, input: &impl NamesUser) -> Vec<Check> {
    match input.user_name() {
        Some(name) => vec![check(cx, world, name)],
        None => user::named_or_self(cx, world, input),
    }
}

fn check(cx: &Cx, world: &World, name: &str) -> Check {
    if is_root(cx, name) && entity::find_user(world, cx.account(), name).is_none() {
        return Check::on(cx.caller.principal_arn());
    }
    entity::check_user(cx, world, name)
}
