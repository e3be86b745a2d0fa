//! Answers as trees of elements, and lists read page by page. Only names and plain texts are of interest here.

use anyhow::{Context, Result, bail};
use quick_xml::events::Event;

use crate::bench::process::Running;
use crate::bench::rows::{self, EC2, IAM, Key};

/// An element of an answer.
#[derive(Debug, Default)]
pub struct Element {
    name: String,
    text: String,
    pub children: Vec<Element>,
}

impl Element {
    /// The child of that name, or an empty element.
    pub fn at(&self, name: &str) -> &Element {
        static NOTHING: Element = Element { name: String::new(), text: String::new(), children: Vec::new() };
        self.children.iter().find(|child| child.name == name).unwrap_or(&NOTHING)
    }

    /// The text of the child of that name; empty if there is none.
    pub fn text(&self, name: &str) -> &str {
        &self.at(name).text
    }

    /// The items of the list of that name.
    pub fn take(&mut self, list: &str) -> Vec<Element> {
        let mut items = Vec::new();
        take(self, list, &mut items);
        items
    }

    /// The text of the element itself.
    pub fn own_text(&self) -> &str {
        &self.text
    }
}

/// The root element of an HTTP answer's body.
pub fn parse(answer: &str) -> Result<Element> {
    let (_, body) = answer.split_once("\r\n\r\n").context("an answer without a body")?;
    let mut reader = quick_xml::Reader::from_str(body);
    let mut open = vec![Element::default()];
    loop {
        match reader.read_event()? {
            Event::Start(tag) => open.push(named(tag.local_name().as_ref())),
            Event::Empty(tag) => adopt(&mut open, named(tag.local_name().as_ref()))?,
            Event::Text(text) => open.last_mut().context("text outside")?.text.push_str(&text),
            Event::End(_) => {
                let done = open.pop().context("an end without a start")?;
                adopt(&mut open, done)?;
            }
            Event::Eof => break,
            _ => {}
        }
    }
    open.pop().and_then(|mut whole| whole.children.pop()).context("an answer without an element")
}

fn named(name: &str) -> Element {
    Element { name: name.to_owned(), ..Element::default() }
}

fn adopt(open: &mut [Element], child: Element) -> Result<()> {
    open.last_mut().context("an element outside")?.children.push(child);
    Ok(())
}

/// All items of an IAM listing: the list's element and further parameters.
pub async fn iam(server: &Running, action: &str, list: &str, parameters: &[(&str, &str)]) -> Result<Vec<Element>> {
    let mut items = Vec::new();
    let mut marker = String::new();
    loop {
        let mut all = vec![("Action", action), ("Version", IAM), ("MaxItems", "1000")];
        all.extend(parameters);
        if !marker.is_empty() {
            all.push(("Marker", &marker));
        }
        let mut answer = parse(&rows::call(server, &Key::root(), "iam", &all).await?)?;
        let Some(mut result) = (!answer.children.is_empty()).then(|| answer.children.swap_remove(0)) else {
            bail!("{action} answered nothing");
        };
        marker = result.text("Marker").to_owned();
        take(&mut result, list, &mut items);
        if marker.is_empty() {
            return Ok(items);
        }
    }
}

/// All items of an EC2 listing.
pub async fn ec2(server: &Running, action: &str, list: &str) -> Result<Vec<Element>> {
    let mut items = Vec::new();
    let mut token = String::new();
    loop {
        let mut all = vec![("Action", action), ("Version", EC2), ("MaxResults", "1000")];
        if !token.is_empty() {
            all.push(("NextToken", &token));
        }
        let mut answer = parse(&rows::call(server, &Key::root(), "ec2", &all).await?)?;
        token = answer.text("nextToken").to_owned();
        take(&mut answer, list, &mut items);
        if token.is_empty() {
            return Ok(items);
        }
    }
}

fn take(answer: &mut Element, list: &str, items: &mut Vec<Element>) {
    for child in answer.children.iter_mut().filter(|child| child.name == list) {
        items.append(&mut child.children);
    }
}
