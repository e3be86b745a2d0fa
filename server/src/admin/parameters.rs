//! The parameters of a call to the admin API, which stand in its query.

use jiff::Timestamp;

use super::{Refusal, bad};
use crate::clock;

/// A call's parameters, each at most once.
pub(super) struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// Those of a request's query.
    pub(super) fn parse(query: &str) -> Parameters {
        Parameters(form_urlencoded::parse(query.as_bytes()).into_owned().collect())
    }

    /// Its value, which is then taken account of.
    pub(super) fn take(&mut self, name: &str) -> Option<String> {
        let at = self.0.iter().position(|(key, _)| key == name)?;
        Some(self.0.swap_remove(at).1)
    }

    /// A number.
    pub(super) fn number(&mut self, name: &str) -> Result<Option<u64>, Refusal> {
        let Some(text) = self.take(name) else { return Ok(None) };
        text.parse().map(Some).map_err(|_| bad(format!("`{name}` is not a number")))
    }

    /// A time, or how long ago.
    pub(super) fn time(&mut self, name: &str, now: Timestamp) -> Result<Option<Timestamp>, Refusal> {
        let Some(text) = self.take(name) else { return Ok(None) };
        let ago = || clock::duration(&text).and_then(|ago| now.checked_sub(ago).ok());
        let time = text.parse().ok().or_else(ago);
        time.map(Some).ok_or_else(|| {
            bad(format!("`{text}` is neither a time such as 2030-01-01T00:00:00Z nor a duration such as 1h"))
        })
    }

    /// A parameter nobody knows is a mistake that would otherwise widen the answer.
    pub(super) fn end(self) -> Result<(), Refusal> {
        match self.0.first() {
            Some((name, _)) => Err(bad(format!("`{name}` is no parameter of this call, or is there twice"))),
            None => Ok(()),
        }
    }
}
