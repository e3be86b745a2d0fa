//! The commands that talk to a running server: how they find it and speak to it.

use std::io::Write;
use std::process::ExitCode;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

use crate::cli;

pub mod clock;
pub mod decisions;
pub mod env;
pub mod exec;
pub mod imds;
pub mod instance;
pub mod isolate;
pub mod organization;
pub mod policy;
pub mod reset;
pub mod why;

/// What a command answers: an exit code, or one line of what went wrong.
pub type Outcome = Result<ExitCode, String>;

/// Runs a command's future on a small runtime.
pub fn on_runtime(command: impl Future<Output = Outcome>) -> Outcome {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| error.to_string())?;
    runtime.block_on(command)
}

/// A server's address: `host:port` of an `http://` URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address(String);

impl Address {
    /// From `--endpoint`, else AWS_ENDPOINT_URL, else the default.
    pub fn of(endpoint: &cli::Endpoint) -> Result<Address, String> {
        let given = endpoint.endpoint.clone().or_else(|| std::env::var("AWS_ENDPOINT_URL").ok());
        let url = given.unwrap_or_else(|| "http://127.0.0.1:4566".to_owned());
        let rest = url.strip_prefix("http://").ok_or_else(|| format!("`{url}` is not an http:// address"))?;
        let authority = rest.split('/').next().unwrap_or_default();
        let has_port = authority.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
        Ok(Address(if has_port { authority.to_owned() } else { format!("{authority}:80") }))
    }

    /// `http://host:port`.
    pub fn url(&self) -> String {
        format!("http://{}", self.0)
    }

    /// `host:port`.
    pub fn authority(&self) -> &str {
        &self.0
    }

    /// Whether the host is this machine by its loopback address.
    pub fn is_loopback(&self) -> bool {
        let host = self.0.rsplit_once(':').map_or(self.0.as_str(), |(host, _)| host);
        let address = host.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>();
        host == "localhost" || address.is_ok_and(|address| address.is_loopback())
    }

    /// Sends one request and reads the whole answer.
    pub async fn send(&self, request: Request<Full<Bytes>>) -> Result<(StatusCode, Bytes), String> {
        let unreachable = |error: &dyn std::fmt::Display| format!("no server answers at {}: {error}", self.url());
        let stream = TcpStream::connect(&self.0).await.map_err(|error| unreachable(&error))?;
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(|error| unreachable(&error))?;
        tokio::spawn(connection);
        let answer = sender.send_request(request).await.map_err(|error| unreachable(&error))?;
        let status = answer.status();
        let body = answer.into_body().collect().await.map_err(|error| unreachable(&error))?;
        Ok((status, body.to_bytes()))
    }
}

/// Calls the admin API and reads its JSON. `path` comes after `/_rolecall/`.
pub async fn admin(endpoint: &cli::Endpoint, method: &str, path: &str, body: Option<Value>) -> Result<Value, String> {
    let address = Address::of(endpoint)?;
    let mut request = Request::builder()
        .method(method)
        .uri(format!("/_rolecall/{path}"))
        .header("host", address.authority())
        .header("content-type", "application/json");
    // Beyond loopback the server asks for its root secret, also where that is the well-known one.
    let secret = endpoint.root_secret.as_deref().unwrap_or("test");
    request = request.header("authorization", format!("Bearer {secret}"));
    let body = body.map(|body| body.to_string()).unwrap_or_default();
    let request = request.body(Full::new(Bytes::from(body))).map_err(|error| error.to_string())?;
    let (status, body) = address.send(request).await?;
    let answer: Value =
        serde_json::from_slice(&body).map_err(|_| format!("{} is not a rolecall server", address.url()))?;
    if status.is_success() {
        return Ok(answer);
    }
    Err(answer.get("error").and_then(Value::as_str).unwrap_or("the server refused").to_owned())
}

/// Prints to standard output. Whoever reads it may have read enough, as `head` has: then the command is done.
pub fn print(text: &str) -> Result<(), String> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => std::process::exit(0),
        done => done.map_err(|error| error.to_string()),
    }
}

/// The text under a key of an answer.
pub fn text<'a>(answer: &'a Value, key: &str) -> Result<&'a str, String> {
    answer.get(key).and_then(Value::as_str).ok_or_else(|| format!("the server's answer has no `{key}`"))
}
