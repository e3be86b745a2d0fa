//! Sets of credentials that this thread has issued to instances lately. An instance asks for its set again and again, and a set is a function of its facts, so
//! it makes no difference who remembers it: sealing one anew costs as much as all the rest of the request.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::sync::Arc;

use service::error::ApiError;
use service::keys::InstallationKeys;

use crate::credentials::Credentials;
use crate::token::Contents;

/// Some for each of the instances that run on a developer's machine.
const MOST: usize = 32;

thread_local! {
    static RECENT: RefCell<VecDeque<Set>> = const { RefCell::new(VecDeque::new()) };
}

/// All that a set is a function of, and the set.
struct Set {
    keys: Arc<InstallationKeys>,
    contents: Contents,
    told_apart_by: Vec<String>,
    hour: i64,
    credentials: Credentials,
}

/// The set with these facts, made only if it is not among the last ones.
pub fn or_make(
    keys: &Arc<InstallationKeys>,
    contents: &Contents,
    told_apart_by: &[&str],
    hour: i64,
    make: impl FnOnce() -> Result<Credentials, ApiError>,
) -> Result<Credentials, ApiError> {
    let is_it = |set: &&Set| {
        // The keys are the same record as long as the installation is the same.
        Arc::ptr_eq(&set.keys, keys)
            && set.hour == hour
            && set.told_apart_by == told_apart_by
            && set.contents == *contents
    };
    let found = RECENT.with_borrow(|recent| recent.iter().find(is_it).map(|set| set.credentials.clone()));
    if let Some(found) = found {
        return Ok(found);
    }
    let credentials = make()?;
    let set = Set {
        keys: keys.clone(),
        contents: contents.clone(),
        told_apart_by: told_apart_by.iter().map(|fact| (*fact).to_owned()).collect(),
        hour,
        credentials: credentials.clone(),
    };
    RECENT.with_borrow_mut(|recent| {
        recent.truncate(MOST - 1);
        recent.push_front(set);
    });
    Ok(credentials)
}
