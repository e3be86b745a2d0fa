//! Exclusive XML canonicalisation without comments, of an element with all inside it, but for one element that may be left out.
//! See <https://www.w3.org/TR/xml-exc-c14n/>. Comments are gone since the document was read.

use std::cmp::Ordering;

use crate::xml::{Attribute, Element, Node};

/// The canonical text of an element, without `left_out` (an enveloped signature). `inclusive` are prefixes whose declarations are kept
/// wherever they are in force, as an `InclusiveNamespaces` list says; `#default` stands for the default namespace.
pub fn canonical(element: &Element, left_out: Option<&Element>, inclusive: &[&str]) -> String {
    let mut writer = Writer { text: String::new(), rendered: Vec::new(), left_out, inclusive };
    writer.element(element, None);
    writer.text
}

struct Writer<'a> {
    text: String,
    /// Declarations written by the elements around, outermost first.
    rendered: Vec<(&'a str, &'a str)>,
    left_out: Option<&'a Element>,
    inclusive: &'a [&'a str],
}

impl<'a> Writer<'a> {
    fn element(&mut self, element: &'a Element, parent: Option<&'a Element>) {
        if self.left_out.is_some_and(|left_out| left_out.is_same(element)) {
            return;
        }
        let around = self.rendered.len();
        self.text.push('<');
        self.name(&element.prefix, &element.local);
        for (prefix, namespace) in self.declarations(element, parent) {
            self.rendered.push((prefix, namespace));
            self.text.push_str(if prefix.is_empty() { " xmlns" } else { " xmlns:" });
            self.text.push_str(prefix);
            self.value(namespace);
        }
        let mut attributes: Vec<&Attribute> = element.attributes.iter().collect();
        attributes.sort_by(|a, b| in_order(a, b));
        for attribute in attributes {
            self.text.push(' ');
            self.name(&attribute.prefix, &attribute.local);
            self.value(&attribute.value);
        }
        self.text.push('>');
        for node in &element.children {
            match node {
                Node::Element(inner) => self.element(inner, Some(element)),
                Node::Text(text) => self.escaped(text, |character| {
                    Some(match character {
                        '&' => "&amp;",
                        '<' => "&lt;",
                        '>' => "&gt;",
                        '\r' => "&#xD;",
                        _ => return None,
                    })
                }),
            }
        }
        self.text.push_str("</");
        self.name(&element.prefix, &element.local);
        self.text.push('>');
        self.rendered.truncate(around);
    }

    /// The declarations this element needs that no element around it has written, by prefix. Where nothing is declared the parent has written
    /// what the list asks for; to look again in each element would let a stranger make much work with a small document.
    fn declarations(&self, element: &'a Element, parent: Option<&Element>) -> Vec<(&'a str, &'a str)> {
        let mut wanted: Vec<(&str, &str)> = vec![(&element.prefix, &element.namespace)];
        wanted.extend(element.attributes.iter().map(|it| (&*it.prefix, &*it.namespace)).filter(|it| !it.0.is_empty()));
        let is_settled = parent.is_some_and(|parent| element.has_scope_of(parent));
        for prefix in self.inclusive.iter().filter(|_| !is_settled) {
            let prefix = if *prefix == "#default" { "" } else { prefix };
            wanted.extend(element.namespace_of(prefix).map(|namespace| (prefix, namespace)));
        }
        wanted.sort_unstable();
        wanted.dedup();
        wanted.retain(|(prefix, namespace)| *prefix != "xml" && self.in_force(prefix) != *namespace);
        wanted
    }

    /// What a prefix stands for by what is written so far; empty for nothing.
    fn in_force(&self, prefix: &str) -> &str {
        self.rendered.iter().rev().find(|(held, _)| *held == prefix).map_or("", |(_, namespace)| namespace)
    }

    fn name(&mut self, prefix: &str, local: &str) {
        if !prefix.is_empty() {
            self.text.push_str(prefix);
            self.text.push(':');
        }
        self.text.push_str(local);
    }

    fn value(&mut self, value: &str) {
        self.text.push_str("=\"");
        self.escaped(value, |character| {
            Some(match character {
                '&' => "&amp;",
                '<' => "&lt;",
                '"' => "&quot;",
                '\t' => "&#x9;",
                '\n' => "&#xA;",
                '\r' => "&#xD;",
                _ => return None,
            })
        });
        self.text.push('"');
    }

    fn escaped(&mut self, text: &str, escape: impl Fn(char) -> Option<&'static str>) {
        for character in text.chars() {
            match escape(character) {
                Some(escaped) => self.text.push_str(escaped),
                None => self.text.push(character),
            }
        }
    }
}

/// By namespace, then by name; those without a namespace come first.
fn in_order(a: &Attribute, b: &Attribute) -> Ordering {
    (&*a.namespace, &*a.local).cmp(&(&*b.namespace, &*b.local))
}
