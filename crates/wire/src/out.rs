//! The bytes of an answer as they are written: elements, texts with what XML escapes, and what stands before and behind an operation's members.

use quick_xml::escape::escape;

use crate::model::{Model, Operation, Protocol, ShapeId};

pub(crate) const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

/// The element around the members of a Query answer; empty where there are none.
fn wrapper(operation: &Operation) -> &str {
    operation.result_wrapper.as_deref().filter(|_| operation.output.is_some()).unwrap_or_default()
}

/// Neither escaped nor replaced, whatever stands beside it. U+FFFE and U+FFFF begin with 0xEF, as do others that need nothing.
///
/// All bytes are looked at, whatever the first ones are, so that the compiler looks at many at once.
fn stands_as_it_is(text: &str) -> bool {
    let odd = |byte: u8| {
        let escaped = (byte == b'<') | (byte == b'>') | (byte == b'&') | (byte == b'\'') | (byte == b'"');
        escaped | (byte == 0xef) | ((byte < b' ') & (byte != b'\n') & (byte != b'\t'))
    };
    !text.bytes().fold(false, |found, byte| found | odd(byte))
}

/// The bytes written so far.
pub(crate) struct Out(pub Vec<u8>);

impl Out {
    pub fn raw(&mut self, text: &str) {
        self.0.extend_from_slice(text.as_bytes());
    }

    /// What stands before an answer's members, and their shape, if it has any.
    pub fn begin(model: &Model, operation: &Operation, request_id: &str) -> (Out, Option<ShapeId>) {
        // Most answers fit, and few grow more than once.
        let mut out = Out(Vec::with_capacity(2048));
        match model.protocol {
            Protocol::Ec2 => {
                out.raw(DECLARATION);
                out.open_response(operation, model);
                out.element("requestId", request_id);
                (out, operation.output)
            }
            Protocol::Query => {
                out.open_response(operation, model);
                out.open(wrapper(operation));
                (out, operation.output.filter(|_| !wrapper(operation).is_empty()))
            }
            Protocol::Json => {
                out.open_response(operation, model);
                (out, operation.output)
            }
        }
    }

    /// What stands behind them: the whole answer.
    pub fn end(mut self, model: &Model, operation: &Operation, request_id: &str) -> Vec<u8> {
        match model.protocol {
            // What EC2 answers where its model has no output.
            Protocol::Ec2 if operation.output.is_none() => self.element("return", "true"),
            Protocol::Ec2 | Protocol::Json => {}
            Protocol::Query => {
                self.close(wrapper(operation));
                self.open("ResponseMetadata");
                self.element("RequestId", request_id);
                self.close("ResponseMetadata");
            }
        }
        self.raw("</");
        self.raw(&operation.name);
        self.raw("Response>");
        self.0
    }

    fn open_response(&mut self, operation: &Operation, model: &Model) {
        self.raw("<");
        self.raw(&operation.name);
        self.raw("Response xmlns=\"");
        self.raw(&model.xmlns);
        self.raw("\">");
    }

    /// The members of a whole answer have no element of their own: their tag is empty.
    pub fn open(&mut self, tag: &str) {
        if !tag.is_empty() {
            self.raw("<");
            self.raw(tag);
            self.raw(">");
        }
    }

    pub fn close(&mut self, tag: &str) {
        if !tag.is_empty() {
            self.raw("</");
            self.raw(tag);
            self.raw(">");
        }
    }

    pub fn empty(&mut self, tag: &str) {
        if !tag.is_empty() {
            self.raw("<");
            self.raw(tag);
            self.raw("/>");
        }
    }

    pub fn element(&mut self, tag: &str, text: &str) {
        self.0.reserve(2 * tag.len() + text.len() + "<></>".len());
        self.open(tag);
        self.text(text);
        self.close(tag);
    }

    /// Characters XML has no form for become U+FFFD; a carriage return is escaped, or a parser would make a line feed of it.
    fn text(&mut self, text: &str) {
        if stands_as_it_is(text) {
            return self.raw(text);
        }
        let escaped = escape(text);
        let odd = |character: char| {
            character == '\r'
                || (character < ' ' && !matches!(character, '\n' | '\t'))
                || matches!(character, '\u{fffe}' | '\u{ffff}')
        };
        if !escaped.contains(odd) {
            return self.raw(&escaped);
        }
        for character in escaped.chars() {
            match character {
                '\r' => self.raw("&#13;"),
                character if odd(character) => self.raw("\u{fffd}"),
                character => self.raw(character.encode_utf8(&mut [0; 4])),
            }
        }
    }
}
