//! The API's listener: connections, limits on what is read, and where a request goes. HTTP is known here and in `metadata`, nowhere below.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::header::{self, HeaderName, HeaderValue};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};

use crate::pipeline;
use crate::request::Raw;
use crate::response::{AWS_JSON, Answer};
use crate::server::{Server, StartError};
use crate::workers::Workers;
use crate::{admin, clock};

/// Session tags make long tokens.
const MOST_HEADER_BYTES: usize = 64 * 1024;
/// What AWS takes.
const MOST_BODY_BYTES: usize = 10_000_000;
const MOST_CONNECTIONS: usize = 10_000;
const HEADER_TIMEOUT: Duration = Duration::from_secs(10);
const BODY_TIMEOUT: Duration = Duration::from_secs(60);
/// Out of file descriptors, say: wait for some to come back.
pub const AFTER_FAILED_ACCEPT: Duration = Duration::from_millis(50);

/// Tells all listeners to stop.
#[derive(Clone)]
pub struct Stop(watch::Receiver<bool>);

impl Stop {
    /// Stops on Ctrl-C or SIGTERM. Both are caught from here on, so that nothing that is printed later comes too early for them.
    pub fn on_signal() -> std::io::Result<Stop> {
        use tokio::signal::unix::{SignalKind, signal};
        let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
        let (tell, stop) = watch::channel(false);
        tokio::spawn(async move {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            _ = tell.send(true);
        });
        Ok(Stop(stop))
    }

    /// Returns once the server is to stop.
    pub async fn wait(&mut self) {
        _ = self.0.wait_for(|stop| *stop).await;
    }
}

/// Binds the API's address.
pub async fn bind(address: SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(address).await.map_err(|error| StartError(format!("cannot listen on {address}: {error}")))
}

/// Accepts connections until told to stop, then lets running requests finish.
pub async fn serve(server: Arc<Server>, listener: TcpListener, workers: &Workers, stop: Stop) {
    let places = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    let take = |(stream, peer): (TcpStream, SocketAddr)| {
        let Ok(place) = places.clone().try_acquire_owned() else { return };
        let (server, stop) = (server.clone(), stop.clone());
        workers.take(stream, move |stream| async move {
            let handler = service_fn(move |request| answer(server.clone(), peer, request));
            connection(stream, handler, stop).await;
            drop(place);
        });
    };
    let mut stopping = stop.clone();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok(accepted) => take(accepted),
                Err(_) => tokio::time::sleep(AFTER_FAILED_ACCEPT).await,
            },
            () = stopping.wait() => break,
        }
    }
    // Who has connected before the end was told is still answered.
    while let Ok(Ok(accepted)) = tokio::time::timeout(Duration::from_millis(1), listener.accept()).await {
        take(accepted);
    }
    // All places free again means that no connection is left.
    let all = u32::try_from(MOST_CONNECTIONS).unwrap_or(u32::MAX);
    _ = tokio::time::timeout(Duration::from_secs(30), places.acquire_many(all)).await;
}

/// Serves one HTTP/1.1 connection; on stop the running request is finished first.
pub async fn connection<S>(stream: TcpStream, handler: S, mut stop: Stop)
where
    S: hyper::service::Service<Request<Incoming>, Response = Response<Full<Bytes>>, Error = Infallible>,
{
    _ = stream.set_nodelay(true);
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .max_buf_size(MOST_HEADER_BYTES)
        .serve_connection(TokioIo::new(stream), handler);
    let mut connection = std::pin::pin!(connection);
    tokio::select! {
        done = connection.as_mut() => drop(done),
        () = stop.wait() => {
            connection.as_mut().graceful_shutdown();
            _ = connection.await;
        }
    }
}

async fn answer(
    server: Arc<Server>,
    peer: SocketAddr,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (parts, body) = request.into_parts();
    if header_bytes(&parts) > MOST_HEADER_BYTES {
        return Ok(bare(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE));
    }
    let Ok(body) = tokio::time::timeout(BODY_TIMEOUT, Limited::new(body, MOST_BODY_BYTES).collect()).await else {
        return Ok(bare(StatusCode::REQUEST_TIMEOUT));
    };
    let body = match body {
        Ok(body) => body.to_bytes(),
        Err(error) if error.is::<LengthLimitError>() => return Ok(bare(StatusCode::PAYLOAD_TOO_LARGE)),
        Err(_) => return Ok(bare(StatusCode::BAD_REQUEST)),
    };
    let raw = Raw { parts, body, peer };
    if raw.parts.uri.path().starts_with("/_rolecall/") {
        // In a task of its own: who hangs up must not leave a reset or a move of the clock half done.
        let done = tokio::spawn(async move { admin::answer(&server, &raw).await }).await;
        return Ok(done.unwrap_or_else(|_| bare(StatusCode::INTERNAL_SERVER_ERROR)));
    }
    if !matches!(raw.parts.method.as_str(), "GET" | "POST") {
        return Ok(bare(StatusCode::METHOD_NOT_ALLOWED));
    }
    if admin::is_foreign_page(&server, &raw) {
        return Ok(bare(StatusCode::FORBIDDEN));
    }
    let answer = pipeline::answer(&server, raw).await;
    let response = written(&server, answer);
    together().await;
    Ok(response)
}

/// Lets the other requests that came by now be answered first, so that their answers leave one right after the other: each would otherwise wake whoever
/// waits for it, to let him sleep again until the next.
pub async fn together() {
    tokio::task::yield_now().await;
}

/// hyper's own limit lets a head pass that arrives in one piece.
fn header_bytes(parts: &hyper::http::request::Parts) -> usize {
    parts.headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum()
}

/// An answer without a body, for what never became a request.
pub fn bare(status: StatusCode) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = status;
    response
}

fn written(server: &Server, answer: Answer) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(answer.body)));
    *response.status_mut() = answer.status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(answer.content_type));
    if let Ok(id) = HeaderValue::from_str(&answer.request_id) {
        headers.insert(HeaderName::from_static("x-amzn-requestid"), id);
    }
    if let Some(error) = answer.error.as_ref().filter(|_| answer.content_type == AWS_JSON)
        && let Ok(code) = HeaderValue::from_str(&error.code)
    {
        headers.insert(HeaderName::from_static("x-amzn-errortype"), code);
    }
    if let Some(location) = answer.location.and_then(|location| HeaderValue::from_str(&location).ok()) {
        headers.insert(header::LOCATION, location);
    }
    headers.insert(HeaderName::from_static("x-rolecall-auth"), HeaderValue::from_static(server.serve.auth.as_str()));
    if let Some(time) = answer.time.and_then(|time| HeaderValue::from_str(&clock::seconds(time)).ok()) {
        headers.insert(HeaderName::from_static("x-rolecall-time"), time);
    }
    // `Date` is the real time, which hyper sets; where clients' clocks move along, theirs is the right one (the JavaScript SDK corrects its
    // own clock by every answer's date).
    if let Some(time) = answer.time.filter(|_| server.clock.offset().clients_moved)
        && let Ok(date) = HeaderValue::from_str(&time.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string())
    {
        headers.insert(header::DATE, date);
    }
    response
}
