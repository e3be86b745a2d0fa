//! Credentials for an instance, as its metadata service hands them out.
//!
//! No request asks for them: the service principal ec2.amazonaws.com assumes the role, and only the role's trust policy decides, at every
//! issue. The role's MaxSessionDuration does not apply, and the session is no link of a role chain. A set is a function of its facts and the
//! hour, so the same set comes until its hour is over, and any change of association, role or profile starts another at once.

use iam::record::Role;
use jiff::SignedDuration;
use service::caller::{InstanceFacts, SessionKind};
use service::ids::Ids;
use service::keys::InstallationKeys;
use service::prelude::*;

use crate::credentials::{Credentials, issue_with};
use crate::recent;
use crate::token::{Contents, Holder};

/// A new set begins every hour…
const ROTATION_SECONDS: i64 = 3_600;
/// …and lives six.
pub(crate) const LIFE: SignedDuration = SignedDuration::from_hours(6);

/// What an instance's set of credentials depends on.
#[derive(Debug, Clone)]
pub struct Wanted<'a> {
    pub instance_id: &'a str,
    pub association_id: &'a str,
    pub associated_at: Timestamp,
    pub profile_id: &'a str,
    pub role: &'a Role,
    pub facts: InstanceFacts,
}

/// A set with the time it was issued.
#[derive(Debug, Clone)]
pub struct Issued {
    pub credentials: Credentials,
    pub issued_at: Timestamp,
}

/// The trust policy does not let EC2 assume the role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotTrusted;

/// The current set. `cx` is a context of the instance's account and region; the caller in it is not asked for.
pub fn credentials(cx: &Cx, world: &World, wanted: &Wanted<'_>) -> Result<Result<Issued, NotTrusted>, ApiError> {
    let principal = if cx.partition() == "aws-cn" { "ec2.amazonaws.com.cn" } else { "ec2.amazonaws.com" };
    if !iam::role::lets_in(cx, world, wanted.role, principal, wanted.instance_id, None) {
        return Ok(Err(NotTrusted));
    }
    let issued_at = begin_since(cx, wanted.associated_at);
    let told_apart_by = [wanted.association_id, &wanted.role.id, wanted.profile_id, &wanted.facts.delivery];
    issued(cx, world, &contents(cx.account(), wanted, issued_at), &told_apart_by).map(Ok)
}

/// The hour that a set is for.
fn hour(cx: &Cx) -> i64 {
    cx.now.as_second().div_euclid(ROTATION_SECONDS)
}

/// When the sets of this hour begin.
fn begin(cx: &Cx) -> Timestamp {
    Timestamp::from_second(hour(cx) * ROTATION_SECONDS).unwrap_or(cx.now)
}

/// When this hour's set begins for whom there are sets since that time: not before it.
pub(crate) fn begin_since(cx: &Cx, since: Timestamp) -> Timestamp {
    let begin = begin(cx);
    let since = Timestamp::from_second(since.as_second()).unwrap_or(begin);
    // With a clock that was moved back it may lie ahead; nothing is issued in the future.
    if since > cx.now { begin } else { begin.max(since) }
}

/// The set of this hour with these contents: the same whenever it is asked for, and another one where what tells it apart is another.
pub(crate) fn issued(cx: &Cx, world: &World, contents: &Contents, told_apart_by: &[&str]) -> Result<Issued, ApiError> {
    let keys = InstallationKeys::of(world).ok_or_else(|| ApiError::internal("the installation has no keys"))?;
    let hour = hour(cx);
    let make = || {
        let hour = hour.to_be_bytes();
        let mut facts: Vec<&[u8]> = vec![keys.token.bytes()];
        facts.extend(told_apart_by.iter().map(|fact| fact.as_bytes()));
        facts.push(&hour);
        issue_with(&Ids::derived(&facts), world, contents)
    };
    let mut credentials = recent::or_make(&keys, contents, told_apart_by, hour, make)?;
    credentials.expiration = cx.expiry_for_client(contents.expires_at);
    Ok(Issued { credentials, issued_at: contents.issued_at })
}

fn contents(account: AccountId, wanted: &Wanted<'_>, issued_at: Timestamp) -> Contents {
    let holder = Holder::Role { id: wanted.role.id.clone(), session_name: wanted.instance_id.to_owned() };
    Contents {
        instance: Some(wanted.facts.clone()),
        ..Contents::new(account, holder, SessionKind::InstanceProfile, issued_at, LIFE)
    }
}

/// The instance's own set, which every instance has: it proves which instance it is and may do nothing.
pub fn identity(cx: &Cx, world: &World, instance_id: &str, facts: &InstanceFacts) -> Result<Issued, ApiError> {
    let issued_at = begin(cx);
    let holder = Holder::Instance { instance_id: instance_id.to_owned() };
    let contents = Contents {
        instance: Some(facts.clone()),
        ..Contents::new(cx.account(), holder, SessionKind::InstanceIdentity, issued_at, LIFE)
    };
    issued(cx, world, &contents, &["instance identity", instance_id, &facts.delivery])
}
