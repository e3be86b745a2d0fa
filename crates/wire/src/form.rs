//! A request's parameters: the query string and the form body together.

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

    /// The names in the order received.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.pairs.iter().map(|(name, _)| name.as_str())
    }

    /// The parameters as a tree of their dotted names, without those that count as not given.
    pub(crate) fn tree(&self, is_absent: impl Fn(&str, &str) -> bool) -> Node<'_> {
        let mut root = Node::default();
        for (name, value) in self.pairs.iter().filter(|(name, value)| !is_absent(name, value)) {
            root.insert(name, value);
        }
        root.settle();
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

/// Numbers that IAM and STS let a list leave out in one place.
const MOST_SKIPPED: u64 = 10;

/// Deeper names than any model has; a bound for hostile input.
const DEEPEST: usize = 24;

/// One step of the dotted names.
#[derive(Debug, Default)]
pub(crate) struct Node<'a> {
    pub name: &'a str,
    pub value: Option<&'a str>,
    /// Sorted by name, each once, when the tree is settled.
    children: Vec<Node<'a>>,
}

impl<'a> Node<'a> {
    /// Appends only: names of one list come one after the other, so most steps are where the last name went. What comes apart is brought together
    /// by `settle`, which keeps a form of a million names from taking a million searches. Names that are too deep are left out.
    fn insert(&mut self, name: &'a str, value: &'a str) {
        if name.split('.').count() > DEEPEST {
            return;
        }
        let mut node = self;
        for step in name.split('.').map(without_zeros) {
            if node.children.last().is_none_or(|last| last.name != step) {
                node.children.push(Node { name: step, ..Node::default() });
            }
            let Some(last) = node.children.last_mut() else { return };
            node = last;
        }
        node.value.get_or_insert(value);
    }

    fn settle(&mut self) {
        if !self.children.is_sorted_by(|one, next| one.name < next.name) {
            // Stable: of two values for one name the first stays.
            self.children.sort_by_key(|child| child.name);
            self.children.dedup_by(|later, kept| {
                let same = later.name == kept.name;
                if same {
                    kept.value = kept.value.or(later.value);
                    kept.children.append(&mut later.children);
                }
                same
            });
        }
        self.children.iter_mut().for_each(Node::settle);
    }

    /// Whether names go on below this one.
    pub fn is_branch(&self) -> bool {
        !self.children.is_empty()
    }

    /// The node one step below.
    pub fn child(&self, name: &str) -> Option<&Node<'a>> {
        let position = self.children.binary_search_by(|child| child.name.cmp(name)).ok()?;
        self.children.get(position)
    }

    /// What IAM and STS say to children that are no items of a list, or leave out too many (September 2026). Children without a number are, where
    /// there are no others, one structure with nothing in it.
    pub fn misnumbered(&self, of_structures: bool) -> Option<String> {
        let is_numbered = |node: &Node<'_>| item_number(node.name).is_some();
        for child in &self.children {
            let name = child.name;
            match item_number(name) {
                Some(0) => return Some(format!("{name} is not a valid index")),
                Some(_) if child.children.iter().any(is_numbered) => {
                    return Some("Two index elements may not occur back to back".to_owned());
                }
                Some(_) => {}
                None if name.starts_with('-') => return Some(format!("Key {name} may not have a leading '-'")),
                None if of_structures && !self.children.iter().any(is_numbered) => {}
                None => return Some("Start of list found where not expected".to_owned()),
            }
        }
        let numbers = self.numbered().into_iter().map(|(number, _)| number);
        let skipped = numbers.scan(1, |before, number| {
            let skipped = number.saturating_sub(*before);
            *before = number;
            Some(skipped)
        });
        let many = skipped.into_iter().find(|skipped| *skipped > MOST_SKIPPED)?;
        Some(format!("Excessively sparse input would skip {many} list elements"))
    }

    /// The numbered children in order; gaps do not matter.
    pub fn numbered(&self) -> Vec<(u64, &Node<'a>)> {
        let numbers = self.children.iter().filter_map(|node| Some((item_number(node.name)?, node)));
        let mut numbered: Vec<_> = numbers.collect();
        numbered.sort_by_key(|(number, _)| *number);
        numbered
    }
}

/// A number means the same with zeros before it.
fn without_zeros(step: &str) -> &str {
    match step.trim_start_matches('0') {
        rest if rest.len() == step.len() || item_number(step).is_none() => step,
        "" => "0",
        rest => rest,
    }
}

/// The number of a list's item: from 1, but EC2 takes a 0, too (seen of AWS, September 2026).
pub(crate) fn item_number(step: &str) -> Option<u64> {
    let digits = step.bytes().all(|byte| byte.is_ascii_digit());
    step.parse().ok().filter(|_| digits)
}
