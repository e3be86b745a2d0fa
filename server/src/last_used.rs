//! "Last used" facts: gathered in memory on the way of each request, written to the state lazily. They may lose a second in a crash.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

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
    /// Id -> when, by which service and in which region it was last noted.
    noted: HashMap<String, (Timestamp, Service, &'static str)>,
    fresh: Vec<(AccountId, LastUsed)>,
}

impl LastUses {
    /// A verified caller asked a service for something.
    pub fn note(&self, caller: &Caller, service: Service, region: &'static Region, now: Timestamp) {
        let id = match &caller.principal {
            Principal::Role { id, .. } => id,
            Principal::User { .. } | Principal::Root if caller.session.is_none() => &caller.access_key_id,
            _ => return,
        };
        let mut uses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_news = uses.noted.get(id).is_none_or(|(at, by, within)| {
            now.duration_since(*at).abs() >= GRANULARITY || (*by, *within) != (service, region.name.as_str())
        });
        if !is_news {
            return;
        }
        if uses.noted.len() >= MOST_NOTED {
            uses.noted.clear();
        }
        uses.noted.insert(id.clone(), (now, service, region.name.as_str()));
        let at = Timestamp::from_second(now.as_second()).unwrap_or(now);
        let used =
            LastUsed { id: id.clone(), at, service: service.as_str().to_owned(), region: region.name.to_string() };
        uses.fresh.push((caller.account, used));
    }

    /// Forgets everything, for a reset.
    pub fn clear(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Uses::default();
    }

    /// Writes what is fresh until told to stop, and once more then.
    pub async fn persist(&self, store: &Store, mut stop: Stop) {
        let mut stopped = false;
        while !stopped {
            stopped = tokio::time::timeout(WRITE_EVERY, stop.wait()).await.is_ok();
            let fresh = std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner).fresh);
            let Some(now) = fresh.iter().map(|(_, used)| used.at).max() else { continue };
            let written = store.write(now, move |tx: &mut Tx| {
                for (account, used) in &fresh {
                    iam::access_key::note_use(tx, *account, used.clone());
                }
                Ok::<(), Infallible>(())
            });
            if let Err(error) = written.await {
                tracing::warn!(?error, "last uses could not be written");
            }
        }
    }
}
