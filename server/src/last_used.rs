//! "Last used" facts of keys and roles, and "last accessed" facts of actions: gathered in memory on the way of each request, written to the
//! state lazily. They may lose a second in a crash. Only an operation that reports them has them written before it runs ([`LastUses::flush`]).

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use iam::last_accessed::{self, LastAccessed};
use iam::record::LastUsed;
use jiff::{SignedDuration, Timestamp};
use service::regions::Region;
use service::{AccountId, Caller, Principal, Service};
use storage::{Store, Tx};

use crate::http::Stop;

const WRITE_EVERY: Duration = Duration::from_secs(1);
/// AWS keeps the time of use this exactly; a later use in the same place is noted again only after it.
const GRANULARITY: SignedDuration = SignedDuration::from_mins(15);
/// The memory of what was noted is dropped whole at this size.
const MOST_NOTED: usize = 100_000;

/// Uses that were seen.
#[derive(Default)]
pub struct LastUses(Mutex<Uses>);

#[derive(Default)]
struct Uses {
    /// Id of a key or role -> when, by which service and in which region it was last noted.
    noted: HashMap<String, (Timestamp, Service, &'static str)>,
    /// Unique id of an entity -> action -> when and in which region it was last noted.
    accessed: HashMap<String, HashMap<Action, (Timestamp, &'static str)>>,
    fresh: Fresh,
}

type Action = (Service, &'static str);

/// What is not yet written.
#[derive(Default)]
struct Fresh {
    used: Vec<(AccountId, LastUsed)>,
    accessed: HashMap<(AccountId, String, Action), (Timestamp, &'static str)>,
}

impl LastUses {
    /// A verified caller asked a service for something.
    pub fn note(&self, caller: &Caller, action: Action, region: &'static Region, now: Timestamp) {
        let mut uses = self.lock();
        if let Some(id) = key_or_role(caller) {
            uses.note_use(id, caller.account, action.0, region.name.as_str(), now);
        }
        match &caller.principal {
            Principal::User { id, .. } | Principal::Role { id, .. } => {
                uses.note_access(id, caller.account, action, region.name.as_str(), now);
            }
            Principal::Federated { user: Some(user), .. } => {
                uses.note_access(&user.id, caller.account, action, region.name.as_str(), now);
            }
            Principal::Root | Principal::Federated { user: None, .. } => {
                uses.note_access(caller.account.as_str(), caller.account, action, region.name.as_str(), now);
            }
            Principal::Instance { .. } | Principal::Service { .. } | Principal::Anonymous => {}
        }
    }

    /// Forgets everything, for a reset.
    pub fn clear(&self) {
        *self.lock() = Uses::default();
    }

    /// Writes what is fresh until told to stop, and once more then.
    pub async fn persist(&self, store: &Store, mut stop: Stop) {
        let mut stopped = false;
        while !stopped {
            stopped = tokio::time::timeout(WRITE_EVERY, stop.wait()).await.is_ok();
            self.flush(store).await;
        }
    }

    /// Writes what is fresh.
    pub async fn flush(&self, store: &Store) {
        let fresh = std::mem::take(&mut self.lock().fresh);
        let (used, accessed) = (fresh.used, accesses(fresh.accessed));
        let latest = used.iter().map(|(_, used)| used.at).chain(accessed.iter().map(|access| access.at)).max();
        let Some(now) = latest else { return };
        let written = store.write(now, move |tx: &mut Tx| {
            for (account, used) in &used {
                iam::access_key::note_use(tx, *account, used.clone());
            }
            for access in &accessed {
                last_accessed::note(tx, access);
            }
            Ok::<(), Infallible>(())
        });
        if let Err(error) = written.await {
            tracing::warn!(?error, "last uses could not be written");
        }
    }

    fn lock(&self) -> MutexGuard<'_, Uses> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A role is used by its sessions, a key by whoever signs with it.
fn key_or_role(caller: &Caller) -> Option<&str> {
    match &caller.principal {
        Principal::Role { id, .. } => Some(id),
        Principal::User { .. } | Principal::Root if caller.session.is_none() => Some(&caller.access_key_id),
        _ => None,
    }
}

fn accesses(fresh: HashMap<(AccountId, String, Action), (Timestamp, &'static str)>) -> Vec<LastAccessed> {
    let access = |((account, entity, (service, name)), (at, region)): ((_, _, Action), (_, &str))| LastAccessed {
        account,
        entity,
        action: format!("{}:{name}", service.as_str()),
        at,
        region: region.to_owned(),
    };
    fresh.into_iter().map(access).collect()
}

impl Uses {
    fn note_use(&mut self, id: &str, account: AccountId, service: Service, region: &'static str, now: Timestamp) {
        let is_news = self.noted.get(id).is_none_or(|(at, by, within)| {
            now.duration_since(*at).abs() >= GRANULARITY || (*by, *within) != (service, region)
        });
        if !is_news {
            return;
        }
        if self.noted.len() >= MOST_NOTED {
            self.noted.clear();
        }
        self.noted.insert(id.to_owned(), (now, service, region));
        let used = LastUsed {
            id: id.to_owned(),
            at: whole_second(now),
            service: service.as_str().to_owned(),
            region: region.to_owned(),
        };
        self.fresh.used.push((account, used));
    }

    fn note_access(&mut self, id: &str, account: AccountId, action: Action, region: &'static str, now: Timestamp) {
        let noted = self.accessed.get(id).and_then(|actions| actions.get(&action));
        let is_news = noted.is_none_or(|(at, within)| {
            now.duration_since(*at).abs() >= last_accessed::GRANULARITY || *within != region
        });
        if !is_news {
            return;
        }
        if self.accessed.len() >= MOST_NOTED {
            self.accessed.clear();
        }
        self.accessed.entry(id.to_owned()).or_default().insert(action, (now, region));
        self.fresh.accessed.insert((account, id.to_owned(), action), (whole_second(now), region));
    }
}

fn whole_second(time: Timestamp) -> Timestamp {
    Timestamp::from_second(time.as_second()).unwrap_or(time)
}

#[cfg(test)]
mod tests {
    use service::caller::FederatingUser;
    use service::cx::testing;
    use service::regions;

    use super::*;

    const NOW: Timestamp = Timestamp::constant(1_790_000_000, 0);

    fn caller(principal: Principal) -> Caller {
        Caller { principal, ..(*testing::root_cx().caller).clone() }
    }

    #[test]
    fn whose_access_it_is() {
        let user = || FederatingUser { id: "AIDAX".into(), name: "x".into(), path: "/".into() };
        let federated = |user| Principal::Federated { name: "f".into(), user };
        for (principal, entity) in [
            (Principal::Root, Some("123456789012")),
            (Principal::User { id: "AIDAX".into(), name: "x".into(), path: "/".into() }, Some("AIDAX")),
            (
                Principal::Role { id: "AROAX".into(), name: "r".into(), path: "/".into(), session_name: "s".into() },
                Some("AROAX"),
            ),
            (federated(Some(user())), Some("AIDAX")),
            (federated(None), Some("123456789012")),
            (Principal::Anonymous, None),
        ] {
            let uses = LastUses::default();
            uses.note(&caller(principal), (Service::Ec2, "RunInstances"), regions::fallback(), NOW);
            let noted = accesses(std::mem::take(&mut uses.lock().fresh.accessed));
            assert_eq!(noted.first().map(|access| access.entity.as_str()), entity);
            assert!(noted.iter().all(|access| access.action == "ec2:RunInstances" && access.region == "us-east-1"));
        }
    }

    #[test]
    fn many_calls_are_few_notes() {
        let uses = LastUses::default();
        let root = caller(Principal::Root);
        let europe = regions::region("eu-west-1").unwrap();
        let fresh = |uses: &LastUses| accesses(std::mem::take(&mut uses.lock().fresh.accessed)).len();
        for second in 0..1_000 {
            let now = NOW + Duration::from_secs(second);
            for name in ["RunInstances", "StopInstances"] {
                for region in [regions::fallback(), europe] {
                    uses.note(&root, (Service::Ec2, name), region, now);
                }
            }
        }
        assert_eq!(fresh(&uses), 2, "the latest of each action");
        let now = NOW + Duration::from_secs(1_000);
        uses.note(&root, (Service::Ec2, "RunInstances"), europe, now);
        assert_eq!(fresh(&uses), 0);
        uses.note(&root, (Service::Ec2, "RunInstances"), europe, now + Duration::from_secs(900));
        assert_eq!(fresh(&uses), 1);
    }
}
