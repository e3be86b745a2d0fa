//! Replacing a large file by a new one. To empty a table SQLite reads every page of it, which for hundreds of thousands of records takes longer than
//! all the rest of a reset. The new file is made beside the old one and takes its name in one step: at any moment there is the one or the other.

use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::thread;

use tokio::sync::Mutex;

use super::{Sqlite, connect_options, failure, migrate};
use crate::error::StoreError;
use crate::journal::{Changes, Journal};

/// Pages of 4 KB from which on a new file is made in less time.
pub(super) const MANY_PAGES: i64 = 16_384;

impl Sqlite {
    pub(super) fn is_large(&mut self) -> Result<bool, StoreError> {
        let connection = &mut *self.connection()?;
        let pages = sqlx::query_scalar::<_, i64>("PRAGMA page_count").fetch_one(connection);
        let pages = self.runtime.block_on(pages).map_err(|error| failure(&error))?;
        Ok(pages >= self.many_pages)
    }

    /// [`Journal::replace`] by a new file. `false`: the old one could not be replaced, and is as it was.
    pub(super) fn replace_file(&mut self, changes: &Changes<'_>) -> Result<bool, StoreError> {
        let next = next(&self.path);
        remove(&next);
        let done = self.make(&next, changes).and_then(|()| self.put_in_place(&next));
        remove(&next);
        done
    }

    fn make(&self, next: &Path, changes: &Changes<'_>) -> Result<(), StoreError> {
        let made = Sqlite::open_with(next, self.durability, &changes.after.schema, self.migrations);
        let mut made = made.map_err(|error| disk(&error))?;
        let commit = made.commit(changes);
        made.runtime.block_on(commit)?;
        made.close()
    }

    fn put_in_place(&mut self, next: &Path) -> Result<bool, StoreError> {
        let replaced = self.close().and_then(|()| self.rename(next));
        // Whatever came of it, the file of that name is the state.
        let options = connect_options(&self.path, self.durability);
        let connected = self.runtime.block_on(migrate::connect(&self.path, &options));
        self.connection = Rc::new(Mutex::new(Some(connected.map_err(|error| disk(&error))?)));
        replaced
    }

    fn rename(&self, next: &Path) -> Result<bool, StoreError> {
        // SQLite removes it when the last connection is closed: somebody else has the old file open, and would read what belongs to the new one.
        if with_ending(&self.path, "-wal").exists() {
            return Ok(false);
        }
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let (old, folder) = (File::open(&self.path), File::open(folder));
        let (old, folder) = (old.map_err(|error| disk(&error))?, folder.map_err(|error| disk(&error))?);
        File::open(next).and_then(|next| next.sync_all()).map_err(|error| disk(&error))?;
        fs::rename(next, &self.path).map_err(|error| disk(&error))?;
        if let Err(error) = folder.sync_all() {
            tracing::error!(%error, "the new state file is in place, but may be the old one again after a loss of power");
        }
        // The system frees what the old one took when nobody holds it any more, which takes a while.
        drop(thread::Builder::new().name("old state".to_owned()).spawn(move || drop(old)));
        Ok(true)
    }
}

/// The file that is to replace this one. What bears this name is removed, so it is one that nobody gives a file of his own.
pub(super) fn next(path: &Path) -> PathBuf {
    with_ending(path, ".rolecall-next")
}

/// Removes what an end in the middle may have left.
pub(super) fn remove(next: &Path) {
    for ending in ["", "-wal", "-shm", ".lock"] {
        drop(fs::remove_file(with_ending(next, ending)));
    }
}

pub(super) fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name: OsString = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

fn disk(error: &dyn std::fmt::Display) -> StoreError {
    StoreError::Disk(error.to_string().into())
}
