//! An instance's metadata service as a function: [`respond`] takes the state and a request and gives the answer. No socket, no clock.
//!
//! Whether a token is needed, whether the service is on and what it shows follow the instance's options as they are now. The tree is built
//! from the World on demand ([`tree`]), one renderer lists it. Behaviour follows the EC2 user guide's chapter on instance metadata and what
//! real instances were seen to answer.

mod credentials;
mod events;
mod identity;
mod identity_keys;
mod meta_data;
mod network;
mod page;
mod signed_data;
mod subject;
mod token;
mod tree;

#[cfg(test)]
mod tests;

use ec2::instance::{Instance, Tokens, state_at};
use service::{Cx, World};

pub use identity_keys::IdentityKeys;

use subject::Subject;
use tree::Node;

/// What the service reads of a request.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    pub method: &'a str,
    /// Without the query.
    pub path: &'a str,
    pub headers: &'a [(&'a str, &'a str)],
    /// Network hops between the service and who asks; 1 is the instance itself.
    pub hops: i64,
}

impl<'a> Request<'a> {
    /// The first header of that name, ignoring case.
    fn header(&self, name: &str) -> Option<&'a str> {
        self.headers.iter().find(|(given, _)| given.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }
}

/// What the service answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
}

const TOKEN_PATH: &str = "/latest/api/token";

/// Answers one request to an instance's metadata service. `None`: the answer would never arrive, because its hop limit is used up on the way.
pub fn respond(cx: &Cx, world: &World, instance: &Instance, request: &Request<'_>) -> Option<Response> {
    if !is_up(cx, instance) {
        return Some(page::not_found());
    }
    if !instance.metadata.http_endpoint {
        return Some(page::empty(403));
    }
    let path = request.path.trim_end_matches('/');
    match (request.method, path) {
        ("PUT", TOKEN_PATH) => token::answer(cx, world, instance, request),
        (_, TOKEN_PATH) => Some(page::token_only_by_put(request.method)),
        _ => Some(read(cx, world, instance, request)),
    }
}

/// Whether answering takes the keys that documents are signed with, which are drawn outside of all this.
pub fn wants_identity_keys(path: &str) -> bool {
    let path = tree::decoded(path);
    let mut steps = tree::steps(&path).skip(1);
    let is_identity = steps.next() == Some("dynamic") && steps.next() == Some("instance-identity");
    is_identity && steps.next().is_some_and(|form| identity::SIGNATURES.contains(&form))
}

/// The service runs as long as the instance does.
fn is_up(cx: &Cx, instance: &Instance) -> bool {
    !matches!(state_at(instance, cx.now, cx.settings.states).name(), "stopped" | "terminated")
}

fn read(cx: &Cx, world: &World, instance: &Instance, request: &Request<'_>) -> Response {
    let shown = match request.header(token::HEADER) {
        // A wrong token is refused even where none is needed.
        Some(text) => match token::open(cx, world, instance, text) {
            Some(remaining) => Some(remaining),
            None => return page::empty(401),
        },
        None if instance.metadata.http_tokens == Tokens::Required => return page::empty(401),
        None => None,
    };
    let subject = Subject::new(cx, world, instance, if shown.is_some() { "2.0" } else { "1.0" });
    let mut response = match request.method {
        "GET" | "HEAD" => match tree::find(&subject, request.path) {
            Some(node) => found(cx, &subject, node),
            None => page::not_found(),
        },
        "OPTIONS" => page::options(),
        // Refused after the token was looked at, a token's path under a version too (recorded of AWS, September 2026).
        _ => page::empty(403),
    };
    if let Some(remaining) = shown {
        response.headers.push((token::TTL_HEADER, remaining.to_string()));
    }
    response
}

fn found(cx: &Cx, subject: &Subject<'_>, node: Node) -> Response {
    match node {
        Node::Text(text) => page::text(cx, text.into_bytes()),
        Node::Bytes(bytes) => page::bytes(cx, bytes),
        Node::Made(make) => match make(subject) {
            Some(text) => page::text(cx, text.into_bytes()),
            None => page::empty(500),
        },
        Node::Dir(_) | Node::Names(_) => page::text(cx, tree::listing(subject, &node).into_bytes()),
    }
}
