//! A small XML reader for signed documents: elements, attributes and text with their namespaces, as canonicalisation needs them.
//!
//! It takes less than XML allows. Document type declarations, entities beyond the five predefined ones and processing instructions inside the
//! document are refused, because signed messages have no use for them and attacks do. Comments are dropped and the text around them joined,
//! which is what a signature over canonical XML covers: a comment cannot hide a part of a value. Depth, elements, declarations and attributes are
//! limited.

use std::sync::Arc;

use quick_xml::Reader;
use quick_xml::events::{BytesRef, BytesStart, Event};

/// How deeply elements may be nested.
const DEEPEST: usize = 64;
/// Elements of a document; a large federation's metadata has some ten thousands.
const MOST_ELEMENTS: usize = 100_000;
/// Namespace declarations in force at one place.
const MOST_DECLARATIONS: usize = 64;
/// Attributes of one element, declarations included.
const MOST_ATTRIBUTES: usize = 128;

const XML_NAMESPACE: &str = "http://www.w3.org/XML/1998/namespace";
const XMLNS_NAMESPACE: &str = "http://www.w3.org/2000/xmlns/";

/// Why a text is not read, for the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Malformed(pub String);

impl std::fmt::Display for Malformed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

fn refuse<T>(why: impl Into<String>) -> Result<T, Malformed> {
    Err(Malformed(why.into()))
}

/// An element with all inside it.
#[derive(Debug, Clone)]
pub struct Element {
    /// The prefix as written, empty for none.
    pub prefix: Box<str>,
    pub local: Box<str>,
    /// The namespace the prefix stands for here, empty for none.
    pub namespace: Arc<str>,
    /// Without namespace declarations.
    pub attributes: Vec<Attribute>,
    pub children: Vec<Node>,
    scope: Scope,
}

/// An attribute with its value as read: references resolved, white space normalised.
#[derive(Debug, Clone)]
pub struct Attribute {
    pub prefix: Box<str>,
    pub local: Box<str>,
    /// Empty for an attribute without prefix.
    pub namespace: Arc<str>,
    pub value: Box<str>,
}

/// What stands inside an element. Neighbouring texts are one.
#[derive(Debug, Clone)]
pub enum Node {
    Element(Element),
    Text(String),
}

/// The namespace declarations in force: the innermost, and those around it.
#[derive(Debug, Clone, Default)]
struct Scope(Option<Arc<Declaration>>);

#[derive(Debug)]
struct Declaration {
    prefix: Box<str>,
    namespace: Arc<str>,
    outer: Scope,
    /// How many there are with this one.
    count: usize,
}

impl Scope {
    fn find(&self, prefix: &str) -> Option<&Arc<str>> {
        let mut at = self.0.as_deref();
        while let Some(declaration) = at {
            if &*declaration.prefix == prefix {
                return Some(&declaration.namespace);
            }
            at = declaration.outer.0.as_deref();
        }
        None
    }

    fn with(self, prefix: &str, namespace: &str) -> Result<Scope, Malformed> {
        let count = self.0.as_ref().map_or(0, |declaration| declaration.count) + 1;
        if count > MOST_DECLARATIONS {
            return refuse("too many namespaces are declared");
        }
        let declaration = Declaration { prefix: prefix.into(), namespace: namespace.into(), outer: self, count };
        Ok(Scope(Some(Arc::new(declaration))))
    }
}

impl Element {
    /// Whether exactly the same declarations are in force here as there, because neither declares anything that the other does not see.
    pub fn has_scope_of(&self, other: &Element) -> bool {
        match (&self.scope.0, &other.scope.0) {
            (Some(own), Some(others)) => Arc::ptr_eq(own, others),
            (own, others) => own.is_none() && others.is_none(),
        }
    }

    /// Whether it is that element of that namespace.
    pub fn is(&self, namespace: &str, local: &str) -> bool {
        &*self.namespace == namespace && &*self.local == local
    }

    /// The elements directly inside, in order.
    pub fn elements(&self) -> impl Iterator<Item = &Element> {
        self.children.iter().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        })
    }

    /// The elements of that name directly inside.
    pub fn all<'e>(&'e self, namespace: &'e str, local: &'e str) -> impl Iterator<Item = &'e Element> {
        self.elements().filter(move |element| element.is(namespace, local))
    }

    /// The one element of that name directly inside; nothing if there is none or more than one.
    pub fn only<'e>(&'e self, namespace: &'e str, local: &'e str) -> Option<&'e Element> {
        let mut found = self.all(namespace, local);
        let first = found.next()?;
        found.next().is_none().then_some(first)
    }

    /// The value of an attribute without prefix.
    pub fn attribute(&self, local: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|it| it.namespace.is_empty() && &*it.local == local)?;
        Some(&found.value)
    }

    /// The text inside without white space around it; nothing if there are elements inside.
    pub fn text(&self) -> Option<&str> {
        match self.children.as_slice() {
            [] => Some(""),
            [Node::Text(text)] => Some(text.trim()),
            _ => None,
        }
    }

    /// The namespace that a prefix (empty for none) stands for here.
    pub fn namespace_of(&self, prefix: &str) -> Option<&str> {
        if prefix == "xml" {
            return Some(XML_NAMESPACE);
        }
        self.scope.find(prefix).map(|namespace| &**namespace)
    }

    /// The element and all inside it, in document order.
    pub fn descendants(&self) -> Vec<&Element> {
        let mut found = vec![self];
        let mut next = 0;
        while let Some(element) = found.get(next).copied() {
            found.extend(element.elements());
            next += 1;
        }
        found
    }

    /// Whether it is that very element, not one that looks the same.
    pub fn is_same(&self, other: &Element) -> bool {
        std::ptr::eq(self, other)
    }
}

/// Reads a document's root element.
pub fn parse(text: &str) -> Result<Element, Malformed> {
    let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}'));
    let mut open: Vec<Element> = Vec::new();
    let mut root: Option<Element> = None;
    let (mut is_first, mut elements) = (true, 0);
    loop {
        let event = reader.read_event().map_err(|error| Malformed(error.to_string()))?;
        if matches!(event, Event::Start(_) | Event::Empty(_)) {
            elements += 1;
            if elements > MOST_ELEMENTS {
                return refuse("the document has too many elements");
            }
        }
        match event {
            Event::Start(start) => {
                let element = started(&start, &open, root.is_some())?;
                open.push(element);
            }
            Event::Empty(start) => {
                let element = started(&start, &open, root.is_some())?;
                close(element, &mut open, &mut root);
            }
            Event::End(_) => match open.pop() {
                Some(element) => close(element, &mut open, &mut root),
                None => return refuse("an element ends that did not begin"),
            },
            Event::Text(text) => add_text(&text.xml10_content(), &mut open)?,
            Event::CData(text) => add_text(&text.xml10_content(), &mut open)?,
            Event::GeneralRef(reference) => {
                let character = resolved(&reference)?;
                add_text(character.encode_utf8(&mut [0; 4]), &mut open)?;
            }
            Event::Decl(_) if !is_first => return refuse("an XML declaration stands elsewhere than at the beginning"),
            Event::Decl(declaration) => {
                let encoding = declaration.encoding().and_then(Result::ok);
                if encoding.is_some_and(|encoding| !encoding.eq_ignore_ascii_case("utf-8")) {
                    return refuse("the document is not in UTF-8");
                }
            }
            Event::Comment(_) => {}
            Event::PI(_) if open.is_empty() => {}
            Event::PI(_) => return refuse("a processing instruction stands inside the document"),
            Event::DocType(_) => return refuse("document type declarations are not taken"),
            Event::Eof => break,
        }
        is_first = false;
    }
    match root {
        Some(root) if open.is_empty() => Ok(root),
        _ => refuse("the document has no complete element"),
    }
}

fn close(element: Element, open: &mut [Element], root: &mut Option<Element>) {
    match open.last_mut() {
        Some(parent) => parent.children.push(Node::Element(element)),
        None => *root = Some(element),
    }
}

fn add_text(text: &str, open: &mut [Element]) -> Result<(), Malformed> {
    if let Some(bad) = text.chars().find(|character| !is_allowed(*character)) {
        return refuse(format!("U+{:04X} is no character of XML", u32::from(bad)));
    }
    match open.last_mut() {
        Some(parent) => match parent.children.last_mut() {
            Some(Node::Text(held)) => held.push_str(text),
            _ if text.is_empty() => {}
            _ => parent.children.push(Node::Text(text.to_owned())),
        },
        None if text.trim().is_empty() => {}
        None => return refuse("text stands outside the document's element"),
    }
    Ok(())
}

/// The characters XML 1.0 has.
fn is_allowed(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

fn resolved(reference: &BytesRef<'_>) -> Result<char, Malformed> {
    let character = match reference.resolve_char_ref() {
        Ok(Some(character)) => Some(character),
        Ok(None) => predefined(reference),
        Err(_) => None,
    };
    match character.filter(|character| is_allowed(*character)) {
        Some(character) => Ok(character),
        None => refuse("a reference stands for nothing"),
    }
}

fn predefined(name: &str) -> Option<char> {
    Some(match name {
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "quot" => '"',
        "apos" => '\'',
        _ => return None,
    })
}

fn started(start: &BytesStart<'_>, open: &[Element], has_root: bool) -> Result<Element, Malformed> {
    if open.len() >= DEEPEST {
        return refuse("elements are nested too deeply");
    }
    if open.is_empty() && has_root {
        return refuse("a second element stands beside the document's");
    }
    let mut scope = open.last().map(|parent| parent.scope.clone()).unwrap_or_default();
    let mut plain: Vec<(String, String)> = Vec::new();
    let mut declared: Vec<String> = Vec::new();
    for attribute in start.attributes().with_checks(false) {
        let attribute = attribute.map_err(|error| Malformed(error.to_string()))?;
        let (name, value) = (attribute.key.as_ref().to_owned(), attribute_value(&attribute.value)?);
        if plain.len() + declared.len() >= MOST_ATTRIBUTES {
            return refuse("an element has too many attributes");
        }
        match declared_prefix(&name) {
            Some(prefix) => {
                check_declaration(prefix, &value)?;
                if declared.iter().any(|earlier| earlier == prefix) {
                    return refuse("a prefix is declared twice");
                }
                declared.push(prefix.to_owned());
                scope = scope.with(prefix, &value)?;
            }
            None => plain.push((name, value)),
        }
    }
    let name = start.name();
    let (prefix, local) = split(name.as_ref())?;
    let namespace = match resolve(&scope, prefix) {
        Some(namespace) => namespace,
        None => return refuse(format!("the prefix `{prefix}` is not declared")),
    };
    let element = Element {
        prefix: prefix.into(),
        local: local.into(),
        namespace,
        attributes: attributes(&scope, plain)?,
        children: Vec::new(),
        scope,
    };
    Ok(element)
}

/// The prefix that an attribute of that name declares.
fn declared_prefix(name: &str) -> Option<&str> {
    if name == "xmlns" { Some("") } else { name.strip_prefix("xmlns:") }
}

fn check_declaration(prefix: &str, namespace: &str) -> Result<(), Malformed> {
    let reserved = matches!(prefix, "xml" | "xmlns") || matches!(namespace, XML_NAMESPACE | XMLNS_NAMESPACE);
    if reserved || prefix.contains(':') || (!prefix.is_empty() && namespace.is_empty()) {
        return refuse("a namespace is declared that cannot be");
    }
    Ok(())
}

fn attributes(scope: &Scope, plain: Vec<(String, String)>) -> Result<Vec<Attribute>, Malformed> {
    let mut attributes: Vec<Attribute> = Vec::new();
    for (name, value) in plain {
        let (prefix, local) = split(&name)?;
        let namespace = match prefix {
            "" => Some(Arc::from("")),
            _ => resolve(scope, prefix),
        };
        let Some(namespace) = namespace else { return refuse(format!("the prefix `{prefix}` is not declared")) };
        if attributes.iter().any(|earlier| earlier.namespace == namespace && &*earlier.local == local) {
            return refuse("an element has an attribute twice");
        }
        attributes.push(Attribute { prefix: prefix.into(), local: local.into(), namespace, value: value.into() });
    }
    Ok(attributes)
}

fn resolve(scope: &Scope, prefix: &str) -> Option<Arc<str>> {
    match (prefix, scope.find(prefix)) {
        ("xml", _) => Some(XML_NAMESPACE.into()),
        (_, Some(namespace)) => Some(namespace.clone()),
        ("", None) => Some("".into()),
        (_, None) => None,
    }
}

/// Prefix and local part of a name.
fn split(name: &str) -> Result<(&str, &str), Malformed> {
    let (prefix, local) = name.split_once(':').unwrap_or(("", name));
    let begins = |character: char| character.is_alphabetic() || character == '_';
    let within = |character: char| character.is_alphanumeric() || matches!(character, '_' | '-' | '.' | '\u{b7}');
    let is_name = |part: &str| part.starts_with(begins) && part.chars().all(within);
    let has_prefix = name.contains(':');
    if is_name(local) && (!has_prefix || is_name(prefix)) { Ok((prefix, local)) } else { refuse("a name is malformed") }
}

/// An attribute's value: line ends and tabs become spaces unless written as references.
fn attribute_value(raw: &str) -> Result<String, Malformed> {
    let mut value = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find(['&', '<', '\t', '\n', '\r']) {
        let (before, from) = rest.split_at(at);
        value.push_str(before);
        if let Some(after) = from.strip_prefix('&') {
            let Some((name, after)) = after.split_once(';') else { return refuse("a reference does not end") };
            value.push(resolved(&BytesRef::new(name))?);
            rest = after;
        } else if from.starts_with('<') {
            return refuse("`<` stands in a value");
        } else {
            value.push(' ');
            // A carriage return with a line feed is one line end.
            rest = from.strip_prefix("\r\n").or_else(|| from.get(1..)).unwrap_or_default();
        }
    }
    value.push_str(rest);
    match value.chars().find(|character| !is_allowed(*character)) {
        Some(bad) => refuse(format!("U+{:04X} is no character of XML", u32::from(bad))),
        None => Ok(value),
    }
}
