//! When a code is good. Two codes in a row bring a device's clock in line with ours; one code is a second factor, once.
//!
//! Codes count by real time or by the moved clock, whichever the device lives by. The numbers here were observed on AWS, which documents
//! none of them: how far off a device's clock may be, how late a code may come, and that the two kinds of use don't know of each other (a code
//! that was compared may still be spent).

use std::sync::Arc;

use service::prelude::*;

use super::totp::{Codes, step};
use crate::record::{MfaDevice, MfaOwner};

/// How many steps behind and ahead of its known time a device may be when two of its codes are compared.
const BEHIND: i64 = 998;
const AHEAD: i64 = 1_000;
/// How many steps a code may be early or late.
const TOLERANCE: i64 = 2;
/// How many spent codes are remembered. At most ten are good at any moment, so older ones are out of time.
const REMEMBERED: usize = 32;

/// Why a code is no second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// The caller has no such device.
    NoDevice,
    /// The code is wrong, out of time, or was used before.
    WrongCode,
}

/// The present step on both clocks; once if they agree.
fn present(cx: &Cx) -> impl Iterator<Item = i64> {
    let (wall, now) = (step(cx.wall), step(cx.now));
    std::iter::once(wall).chain((now != wall).then_some(now))
}

/// Takes two codes in a row and sets the device's clock by them. `false` if they are not that, or not newer than those before.
pub fn synchronise(cx: &Cx, device: &mut MfaDevice, first: &str, second: &str) -> bool {
    let Some(codes) = Codes::of(&device.seed) else { return false };
    let known = device.drift;
    let mut candidates = (0..=AHEAD).flat_map(|distance| {
        present(cx).flat_map(move |present| {
            let behind = (1..=BEHIND).contains(&distance).then_some(-distance);
            std::iter::once(distance).chain(behind).map(move |off| (present, present + known + off))
        })
    });
    let is_pair = |at: i64| codes.is(at, second) && codes.is(at - 1, first);
    let Some((present, at)) = candidates.find(|(_, at)| is_pair(*at)) else { return false };
    if device.compared.is_some_and(|last| is_old(at, last, present + known)) {
        return false;
    }
    device.drift = at - present;
    device.compared = Some(at);
    true
}

/// Both codes must be newer than the last that were compared. Those can only lie ahead of the device's own time if a clock was moved back or
/// the device changed clocks; then just they themselves don't count again.
fn is_old(second: i64, last: i64, present: i64) -> bool {
    let overlaps = (second - last).abs() <= 1;
    overlaps || (second <= last && last <= present)
}

/// A device and the step whose code it gave.
struct Match {
    device: Arc<MfaDevice>,
    step: i64,
}

fn find(cx: &Cx, world: &World, serial: &str, code: &str) -> Result<Match, Refused> {
    let owner = owner(&cx.caller).ok_or(Refused::NoDevice)?;
    let device = world.get::<MfaDevice>(&[cx.account().as_str(), serial]).ok_or(Refused::NoDevice)?;
    if device.enabled.as_ref().is_none_or(|enabled| enabled.owner != owner) {
        return Err(Refused::NoDevice);
    }
    let codes = Codes::of(&device.seed).ok_or(Refused::NoDevice)?;
    let times = present(cx).flat_map(|present| (-TOLERANCE..=TOLERANCE).map(move |off| present + device.drift + off));
    let unspent = times.filter(|at| codes.is(*at, code)).find(|at| !device.spent.contains(at));
    let step = unspent.ok_or(Refused::WrongCode)?;
    Ok(Match { device: device.clone(), step })
}

/// Whose second factor the caller's codes are. Sessions of roles and the like have none.
fn owner(caller: &Caller) -> Option<MfaOwner> {
    match &caller.principal {
        Principal::Root => Some(MfaOwner::Root),
        Principal::User { id, .. } => Some(MfaOwner::User(id.clone())),
        _ => None,
    }
}

/// Whether that code of that device is the caller's second factor now.
pub fn check(cx: &Cx, world: &World, serial: &str, code: &str) -> Result<(), Refused> {
    find(cx, world, serial, code).map(|_| ())
}

/// The same, and the code is not good again.
pub fn spend(cx: &Cx, tx: &mut Tx, serial: &str, code: &str) -> Result<(), Refused> {
    let Match { device, step } = find(cx, tx, serial, code)?;
    let mut device = MfaDevice::clone(&device);
    device.spent.push(step);
    let surplus = device.spent.len().saturating_sub(REMEMBERED);
    device.spent.drain(..surplus);
    tx.put(device);
    Ok(())
}
