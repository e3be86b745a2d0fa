//! Whether the account lets anyone at the serial consoles of its instances.
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configure-access-to-serial-console.html>
//!
//! Instances have no console here; the switch is there for those who set it.

use service::prelude::*;

use super::encryption::requests;
use super::{MANAGED_BY, Value, get as setting, of, set};

/// Whether the consoles may be used.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
struct Access(bool);

impl Value for Access {
    const NAME: &'static str = "serial-console-access";
}

requests! {
    /// `EnableSerialConsoleAccessRequest`.
    EnableSerialConsoleAccess;
    /// `DisableSerialConsoleAccessRequest`.
    DisableSerialConsoleAccess;
    /// `GetSerialConsoleAccessStatusRequest`.
    GetSerialConsoleAccessStatus;
}

/// `EnableSerialConsoleAccessResult`, and that of Disable.
#[derive(Debug, Serialize, Shaped)]
pub struct Switched {
    pub serial_console_access_enabled: bool,
}

/// `GetSerialConsoleAccessStatusResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Status {
    pub serial_console_access_enabled: bool,
    pub managed_by: &'static str,
}

/// Opens the consoles.
pub fn enable(cx: &Cx, tx: &mut Tx, _: &EnableSerialConsoleAccess) -> Result<Switched, ApiError> {
    put(cx, tx, true)
}

/// Closes them.
pub fn disable(cx: &Cx, tx: &mut Tx, _: &DisableSerialConsoleAccess) -> Result<Switched, ApiError> {
    put(cx, tx, false)
}

fn put(cx: &Cx, tx: &mut Tx, on: bool) -> Result<Switched, ApiError> {
    set(cx, tx, &Access(on))?;
    Ok(Switched { serial_console_access_enabled: on })
}

/// The same of any account, in a word.
pub fn told(world: &World, account: AccountId, region: &str) -> String {
    let Access(on) = of(world, account, region);
    let word = if on { "enabled" } else { "disabled" };
    word.to_owned()
}

/// Whether they are open.
pub fn get(cx: &Cx, world: &World, _: &GetSerialConsoleAccessStatus) -> Result<Status, ApiError> {
    let Access(on) = setting(cx, world);
    Ok(Status { serial_console_access_enabled: on, managed_by: MANAGED_BY })
}
