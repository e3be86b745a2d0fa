//! A request's parameters: the query string and the form body together.

use std::collections::BTreeMap;

/// Name and value pairs in the order received; of a name given twice the first counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Params {
    pairs: Vec<(String, String)>,
}

/// The query string or the body is no form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormError(String);

impl std::fmt::Display for FormError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl Params {
    /// Reads query string and body. What a signature added to a presigned URL (`X-Amz-…`) is no parameter.
    pub fn parse(query: Option<&str>, body: &[u8]) -> Result<Params, FormError> {
        let query = query.unwrap_or_default().as_bytes();
        check_escapes(query)?;
        check_escapes(body)?;
        let pairs = form_urlencoded::parse(query)
            .filter(|(name, _)| !name.get(..6).is_some_and(|start| start.eq_ignore_ascii_case("X-Amz-")))
            .chain(form_urlencoded::parse(body))
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect();
        Ok(Params { pairs })
    }

    /// Parameters from pairs.
    pub fn from_pairs(pairs: impl IntoIterator<Item = (String, String)>) -> Params {
        Params { pairs: pairs.into_iter().collect() }
    }

    /// The first value of that name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str())
    }

    /// The parameters as a tree of their dotted names.
    pub(crate) fn tree(&self) -> Node<'_> {
        let mut root = Node::default();
        for (name, value) in &self.pairs {
            root.insert(name, value);
        }
        root
    }
}

/// Every `%` begins an escape of two hexadecimal digits; the texts are AWS's.
fn check_escapes(text: &[u8]) -> Result<(), FormError> {
    let mut rest = text;
    while let Some(position) = rest.iter().position(|byte| *byte == b'%') {
        let after = rest.get(position + 1..).unwrap_or_default();
        match after.get(..2) {
            Some(digits) if digits.iter().all(u8::is_ascii_hexdigit) => {}
            Some(digits) => {
                let shown = String::from_utf8_lossy(digits);
                return Err(FormError(format!("Illegal hex character in escape % pattern: %{shown}")));
            }
            None => return Err(FormError("Incomplete trailing escape % sequence".into())),
        }
        rest = after;
    }
    Ok(())
}

/// Deeper names than any model has; a bound for hostile input.
const DEEPEST: usize = 24;

/// One step of the dotted names.
#[derive(Debug, Default)]
pub(crate) struct Node<'a> {
    pub value: Option<&'a str>,
    pub children: BTreeMap<&'a str, Node<'a>>,
    /// A name that goes deeper than any model.
    pub too_deep: Option<&'a str>,
}

impl<'a> Node<'a> {
    fn insert(&mut self, name: &'a str, value: &'a str) {
        if name.split('.').count() > DEEPEST {
            self.too_deep = Some(name);
            return;
        }
        let mut node = self;
        for step in name.split('.') {
            node = node.children.entry(step).or_default();
        }
        node.value.get_or_insert(value);
    }

    /// The numbered children in order; gaps do not matter.
    pub fn numbered(&self) -> Vec<(u64, &Node<'a>)> {
        let mut numbered: Vec<(u64, &Node<'a>)> = self
            .children
            .iter()
            .filter_map(|(name, node)| Some((name.parse().ok().filter(|number| *number > 0)?, node)))
            .collect();
        numbered.sort_by_key(|(number, _)| *number);
        numbered
    }
}
