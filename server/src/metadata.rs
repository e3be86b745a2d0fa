//! The metadata listener: one socket for all instances. It finds out which instance is meant and hands the request to the imds crate.
//!
//! On Linux the whole of 127.0.0.0/8 is this machine, so every instance has an address of its own there and the destination address tells
//! instances apart. The socket is bound to the loopback device; when the API listens beyond loopback, it takes other devices too, but
//! answers there only source addresses that were registered for an instance.

use std::convert::Infallible;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::header::{HeaderName, HeaderValue};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use serde::{Deserialize, Serialize};
use service::cx::{ClientClock, Cx, Origin, Prepared, Settings};
use service::ids::Ids;
use service::{AccountId, Caller, World, regions};
use socket2::{Domain, Protocol, Socket, Type};
use storage::{Key, Record, TableDef, Tx};
use tokio::net::{TcpListener, TcpStream};

use crate::clock::Moment;
use crate::http::{self, Stop};
use crate::identity_keys;
use crate::server::{Server, StartError};
use crate::workers::Workers;

/// Where metadata is served.
#[derive(Debug, Default)]
pub struct Addresses {
    port: AtomicU16,
}

impl Addresses {
    /// The base URL of an instance's metadata service, without a slash at the end.
    pub fn url(&self, address: Ipv4Addr) -> String {
        format!("http://{address}:{}", self.port.load(Ordering::Relaxed))
    }
}

/// A source address that stands for an instance: a container, seen from outside.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Source {
    pub address: String,
    pub account: AccountId,
    pub region: String,
    pub instance_id: String,
    /// Network hops from the metadata service; compared with the instance's hop limit for token answers.
    pub hops: i64,
}

impl Record for Source {
    const TABLE: TableDef = TableDef::own("metadata_source", &["address"], &[]);

    fn key(&self) -> Key {
        Key::new(&[&self.address])
    }
}

/// The bound socket.
pub struct Listener {
    socket: TcpListener,
    port: u16,
    beyond_loopback: bool,
}

impl fmt::Display for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "port {}, an address of 127.0.0.0/8 for each instance", self.port)?;
        if self.beyond_loopback {
            f.write_str("; beyond loopback for registered addresses")?;
        }
        Ok(())
    }
}

/// Binds the metadata port.
pub async fn listen(server: &Server) -> Result<Listener, StartError> {
    let wanted = server.serve.imds_port;
    let beyond_loopback = !server.serve.listen.ip().is_loopback();
    let failed = |error: std::io::Error| StartError(format!("cannot listen on the metadata port {wanted}: {error}"));
    let socket = bind(wanted, beyond_loopback).map_err(failed)?;
    let port = socket.local_addr().map_err(failed)?.port();
    server.metadata.port.store(port, Ordering::Relaxed);
    Ok(Listener { socket, port, beyond_loopback })
}

fn bind(port: u16, beyond_loopback: bool) -> std::io::Result<TcpListener> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::TCP))?;
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    #[cfg(target_os = "linux")]
    if !beyond_loopback {
        // Before bind, so that nothing from outside ever gets in.
        socket.bind_device(Some(b"lo"))?;
    }
    socket.bind(&SocketAddr::from((Ipv4Addr::UNSPECIFIED, port)).into())?;
    socket.listen(1024)?;
    TcpListener::from_std(socket.into())
}

/// Answers metadata requests until told to stop.
pub async fn serve(server: Arc<Server>, listener: Listener, workers: &Workers, mut stop: Stop) {
    loop {
        let accepted = tokio::select! {
            accepted = listener.socket.accept() => accepted,
            () = stop.wait() => return,
        };
        let Ok((stream, peer)) = accepted else {
            tokio::time::sleep(http::AFTER_FAILED_ACCEPT).await;
            continue;
        };
        // What was sent to another address than 127.x.y.z is for containers, which there are only beyond loopback.
        let to = addressed(&stream, peer).filter(|to| matches!(to, Addressed::To(_)) || listener.beyond_loopback);
        if let Some(to) = to {
            let (server, stop) = (server.clone(), stop.clone());
            workers.take(stream, move |stream| async move {
                let handler = service_fn(move |request| answer(server.clone(), to, request));
                http::connection(stream, handler, stop).await;
            });
        }
    }
}

/// By what the instance is told: the address it was sent to, or who sent it.
#[derive(Debug, Clone, Copy)]
enum Addressed {
    To(Ipv4Addr),
    From(IpAddr),
}

fn addressed(stream: &TcpStream, peer: SocketAddr) -> Option<Addressed> {
    let IpAddr::V4(to) = stream.local_addr().ok()?.ip() else { return None };
    Some(if to.is_loopback() { Addressed::To(to) } else { Addressed::From(peer.ip()) })
}

async fn answer(
    server: Arc<Server>,
    addressed: Addressed,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (parts, body) = request.into_parts();
    // The body of a token request is read and ignored, as the real service does.
    if Limited::new(body, 64 * 1024).collect().await.is_err() {
        return Ok(http::bare(StatusCode::PAYLOAD_TOO_LARGE));
    }
    let moment = server.clock.read();
    let world = server.store.snapshot(moment.now).await;
    let Some(mut found) = instance(&world, addressed) else {
        return Ok(http::bare(StatusCode::NOT_FOUND));
    };
    if imds::wants_identity_keys(parts.uri.path()) && identity_keys::ready(&server).await.is_none() {
        return Ok(http::bare(StatusCode::INTERNAL_SERVER_ERROR));
    }
    if ec2::instance::notice::is_due(&world, found.0.account, &found.0.region) {
        carry_out(&server, found.0.account, &found.0.region, moment).await;
        // What was due may have ended it.
        let Some(now) = instance(&server.store.snapshot(moment.now).await, addressed) else {
            return Ok(http::bare(StatusCode::NOT_FOUND));
        };
        found = now;
    }
    let (instance, hops) = found;
    let world = server.arrived(&instance.id, moment.now).await;
    let cx = context(&server, instance.account, &instance.region, moment);
    let headers: Vec<(&str, &str)> =
        parts.headers.iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap_or_default())).collect();
    let request = imds::Request { method: parts.method.as_str(), path: parts.uri.path(), headers: &headers, hops };
    match imds::respond(&cx, &world, &instance, &request) {
        Some(response) => {
            let response = written(response);
            http::together().await;
            Ok(response)
        }
        // The token's answer has used up its hops on the way: on a real network it never arrives.
        None => std::future::pending().await,
    }
}

fn instance(world: &World, addressed: Addressed) -> Option<(Arc<ec2::instance::Instance>, i64)> {
    match addressed {
        Addressed::To(address) => Some((ec2::instance::by_metadata_address(world, address)?, 1)),
        Addressed::From(address) => {
            let source = world.get::<Source>(&[&address.to_string()])?;
            let key = [source.account.as_str(), source.region.as_str(), source.instance_id.as_str()];
            Some((world.get::<ec2::instance::Instance>(&key)?.clone(), source.hops))
        }
    }
}

/// Does what was announced to instances of an account in a region and is due now.
pub async fn carry_out(server: &Server, account: AccountId, region: &str, moment: Moment) {
    let cx = context(server, account, region, moment);
    let written = server.store.write(moment.now, move |tx: &mut Tx| ec2::instance::notice::carry_out(&cx.again(), tx));
    if let Err(error) = written.await {
        tracing::error!("what is due for instances was not done: {error}");
    }
}

/// A context in which EC2 itself acts.
pub fn context(server: &Server, account: AccountId, region: &str, moment: Moment) -> Cx {
    let region = regions::region(region).unwrap_or_else(regions::fallback);
    let client_clock = if moment.clients_moved { ClientClock::Moved } else { ClientClock::Wall };
    Cx {
        now: moment.now,
        wall: moment.wall,
        client_clock,
        request_id: "".into(),
        caller: Arc::new(Caller::service(account, &region.partition, "ec2.amazonaws.com")),
        region,
        ids: Ids::new(rand::random()),
        from: Arc::new(Origin {
            source_ip: None,
            user_agent: None,
            referer: None,
            secure_transport: false,
            global_endpoint: false,
        }),
        settings: match moment.clients_moved {
            true => Arc::new(Settings { clients_moved: true, ..Settings::clone(&server.settings) }),
            false => server.settings.clone(),
        },
        arrived: None,
        prepared: Prepared::default(),
    }
}

fn written(answer: imds::Response) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(answer.body)));
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::NOT_FOUND);
    for (name, value) in answer.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(&value)) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}
