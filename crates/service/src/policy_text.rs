//! A policy document as stored: the exact text, with its parsed form beside it.
//!
//! Records keep the text (it is what clients get back, byte for byte); the parsed form is made on first use and lives as long as the record
//! does, so a decision never parses.

use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The text of a policy and, once asked for, what it says.
#[derive(Clone)]
pub struct PolicyText {
    text: Arc<str>,
    parsed: Arc<OnceLock<Option<Arc<policy::Document>>>>,
}

impl PolicyText {
    /// A text that was validated before.
    pub fn new(text: impl Into<Arc<str>>) -> PolicyText {
        PolicyText { text: text.into(), parsed: Arc::default() }
    }

    /// A text together with the document that validating it gave.
    pub fn parsed(text: impl Into<Arc<str>>, document: policy::Document) -> PolicyText {
        PolicyText { text: text.into(), parsed: Arc::new(OnceLock::from(Some(Arc::new(document)))) }
    }

    /// The exact text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The parsed document; `None` when the text is no policy, which validation before storing rules out.
    pub fn document(&self) -> Option<&Arc<policy::Document>> {
        self.parsed.get_or_init(|| policy::Document::parse(&self.text).ok().map(Arc::new)).as_ref()
    }
}

impl PartialEq for PolicyText {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for PolicyText {}

impl std::fmt::Debug for PolicyText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.text.fmt(f)
    }
}

impl Serialize for PolicyText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for PolicyText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(PolicyText::new)
    }
}
