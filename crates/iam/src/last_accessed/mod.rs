//! Last accessed: who called which action of which service when, and the reports that AWS makes of it.
//!
//! The server tells of every request of a verified caller with [`note`], lazily and at most every quarter of an hour for the same action in the
//! same region. One record ([`LastAccessed`]) is kept for each entity and action: a user or role by its unique id, the root user by the
//! account's number. Records vanish after AWS's 400 days, and with their entity.
//!
//! To read them: [`of_entity`] gives all of one entity, [`of_account`] all of an account, and [`by_service`] sums either up by service: who
//! was last, when and where, and how many entities there were. [`arn_of`] names the entity of a record. An operation that must see what
//! happened a moment ago has `fresh_uses()` in its row: the server then writes down what it still holds before the operation runs.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::SignedDuration;
use service::prelude::*;

use crate::entity;
pub use crate::record::LastAccessed;
use crate::record::{Role, User};

pub(crate) mod granted;
mod granting;
mod report;
mod subject;

/// The operations of last accessed information.
pub fn operations() -> Vec<service::Operation> {
    report::operations().into_iter().chain(granting::operations()).collect()
}

/// How exact the time of an access, or of the use of a key, is kept, as AWS documents it; one sooner after the noted one, in the same region, is not worth a write.
pub const GRANULARITY: SignedDuration = SignedDuration::from_mins(15);

/// Whether an access adds to what is noted of the same: it is much later, or later and in another place.
pub fn is_news<P: PartialEq>(noted: (Timestamp, P), at: Timestamp, place: P) -> bool {
    let later = at.duration_since(noted.0);
    later >= GRANULARITY || (noted.1 != place && later.is_positive())
}

/// Notes an access, if its entity is still there. Says whether anything was written.
pub fn note(tx: &mut Tx, access: &LastAccessed) -> bool {
    let key = [access.account.as_str(), access.entity.as_str(), access.action.as_str()];
    let known = tx.get::<LastAccessed>(&key);
    let news = known.is_none_or(|known| is_news((known.at, known.region.as_str()), access.at, &access.region));
    let wanted = news && exists(tx, access.account, &access.entity);
    if wanted {
        tx.put(access.clone());
    }
    wanted
}

fn exists(world: &World, account: AccountId, entity: &str) -> bool {
    let key = [account.as_str(), entity];
    entity == account.as_str() || world.get::<User>(&key).is_some() || is_role(world, account, entity)
}

/// Whether that is a role that stays: what one that is being deleted does is not noted any more.
pub(crate) fn is_role(world: &World, account: AccountId, id: &str) -> bool {
    world.get::<Role>(&[account.as_str(), id]).is_some_and(|role| role.gone_at.is_none())
}

/// Forgets the accesses of a user or role that is deleted.
pub fn forget(tx: &mut Tx, account: AccountId, entity: &str) {
    let actions: Vec<String> = of_entity(tx, account, entity).map(|access| access.action.clone()).collect();
    for action in actions {
        tx.remove::<LastAccessed>(&[account.as_str(), entity, &action]);
    }
}

/// The last accesses of one entity, by action.
pub fn of_entity<'w>(
    world: &'w World,
    account: AccountId,
    entity: &str,
) -> impl Iterator<Item = &'w Arc<LastAccessed>> + use<'w> {
    world.scan(&[account.as_str(), entity])
}

/// The last accesses of all entities of an account, by entity and action.
pub fn of_account<'w>(world: &'w World, account: AccountId) -> impl Iterator<Item = &'w Arc<LastAccessed>> + use<'w> {
    world.scan(&[account.as_str()])
}

/// The ARN of the user, role or root user of a record; `None` if it is gone.
pub fn arn_of(world: &World, partition: &str, account: AccountId, id: &str) -> Option<String> {
    let key = [account.as_str(), id];
    if id == account.as_str() {
        return Some(service::arn::root(partition, account));
    }
    let user = world.get::<User>(&key).map(|user| entity::user_arn(partition, user));
    user.or_else(|| world.get::<Role>(&key).map(|role| entity::role_arn(partition, role)))
}

/// What a number of accesses comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary<'a> {
    /// The most recent one.
    pub last: &'a LastAccessed,
    /// The unique ids of all who did it.
    pub entities: BTreeSet<&'a str>,
    /// The accounts of all who did it.
    pub accounts: BTreeSet<AccountId>,
}

/// Sums up accesses by the namespace of the service.
pub fn by_service<'a>(accesses: impl IntoIterator<Item = &'a LastAccessed>) -> BTreeMap<&'a str, Summary<'a>> {
    summed_up(accesses, LastAccessed::service)
}

/// Sums up accesses by what `key` gives; of two at the same time the later one in the list counts.
fn summed_up<'a>(
    accesses: impl IntoIterator<Item = &'a LastAccessed>,
    key: impl Fn(&'a LastAccessed) -> &'a str,
) -> BTreeMap<&'a str, Summary<'a>> {
    let mut sums: BTreeMap<&str, Summary<'_>> = BTreeMap::new();
    for access in accesses {
        let sum = sums.entry(key(access)).or_insert_with(|| Summary {
            last: access,
            entities: BTreeSet::new(),
            accounts: BTreeSet::new(),
        });
        sum.entities.insert(&access.entity);
        sum.accounts.insert(access.account);
        if access.at >= sum.last.at {
            sum.last = access;
        }
    }
    sums
}

#[cfg(test)]
mod tests;
