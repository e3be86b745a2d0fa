//! The condition keys of one request. Names are compared without regard to case, tag keys included; values are strings and get
//! their type from the operator that reads them. Start reading at [`Context`].

use std::borrow::Cow;

/// What a condition key has as its value. A multivalued key stays one even if it holds a single value or none:
/// policy variables may only name single-valued keys.
#[derive(Debug, Clone, PartialEq)]
pub enum Values {
    Single(Cow<'static, str>),
    Multi(Vec<Cow<'static, str>>),
}

impl Values {
    /// All values, one or many.
    pub fn as_slice(&self) -> &[Cow<'static, str>] {
        match self {
            Self::Single(value) => std::slice::from_ref(value),
            Self::Multi(values) => values,
        }
    }
}

/// The condition keys of a request with their values. A few dozen entries, so a list searched from the start is the fastest form.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Context {
    entries: Vec<(Cow<'static, str>, Values)>,
    simulated: bool,
}

impl Context {
    /// A context without keys.
    pub fn new() -> Self {
        Self::default()
    }

    /// A context of keys of which no two are the same, whatever their case: nothing is looked for, so many take no longer each than few.
    pub fn of_different_keys(entries: impl IntoIterator<Item = (Cow<'static, str>, Values)>) -> Self {
        Self { entries: entries.into_iter().collect(), simulated: false }
    }

    /// The same keys for a simulation. AWS's simulator compares numbers and addresses that are none otherwise than its services do (recorded in September
    /// 2026; see [`Condition::met`](crate::Condition::met)).
    pub fn simulated(self) -> Self {
        Self { simulated: true, ..self }
    }

    /// Whether this is a simulation.
    pub fn is_simulated(&self) -> bool {
        self.simulated
    }

    /// Sets a single-valued key, in place of what it had before.
    pub fn push(&mut self, key: impl Into<Cow<'static, str>>, value: impl Into<Cow<'static, str>>) {
        self.set(key.into(), Values::Single(value.into()));
    }

    /// Sets a multivalued key (as `aws:TagKeys`), in place of what it had before. Without values it counts as absent.
    pub fn push_many<V: Into<Cow<'static, str>>>(
        &mut self,
        key: impl Into<Cow<'static, str>>,
        values: impl IntoIterator<Item = V>,
    ) {
        self.set(key.into(), Values::Multi(values.into_iter().map(Into::into).collect()));
    }

    fn set(&mut self, key: Cow<'static, str>, values: Values) {
        match self.entries.iter_mut().find(|(known, _)| known.eq_ignore_ascii_case(&key)) {
            Some(entry) => entry.1 = values,
            None => self.entries.push((key, values)),
        }
    }

    /// Takes a key away.
    pub fn remove(&mut self, key: &str) {
        self.entries.retain(|(known, _)| !known.eq_ignore_ascii_case(key));
    }

    /// The values of a key, whatever the case of its name.
    pub fn get(&self, key: &str) -> Option<&Values> {
        self.entries.iter().find(|(known, _)| known.eq_ignore_ascii_case(key)).map(|(_, values)| values)
    }

    /// The value that a policy variable of this name stands for: that of a single-valued key.
    pub fn variable(&self, key: &str) -> Option<&str> {
        match self.get(key)? {
            Values::Single(value) => Some(value),
            Values::Multi(_) => None,
        }
    }

    /// All keys as they were set, in that order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Values)> {
        self.entries.iter().map(|(key, values)| (key.as_ref(), values))
    }
}
