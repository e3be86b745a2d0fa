//! Reads documents from outside for operations that asked for them (`service::outside`): one GET each, within its limits, no redirects,
//! and not again for some seconds.
//!
//! With TLS a server is believed whom the system's certificate authorities vouch for, else one whose chain holds a certificate of a thumbprint
//! that was asked for, as AWS does with OpenID Connect providers. Without TLS only this machine is asked. Start with [`follow`].

mod memory;

use std::any::Any;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::{BodyExt, Empty, Limited};
use hyper::header::{ACCEPT, HOST, USER_AGENT};
use hyper::{Request, StatusCode, Uri};
use hyper_util::rt::TokioIo;
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use service::outside::{Failure, Next, Reading};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::task::JoinSet;

use self::memory::{Memory, Source};

/// Documents that one request may cause to be read.
const MOST_DOCUMENTS: usize = 3;

/// Requests that read from outside at one time; they need no signature, so they must not exhaust the server's sockets.
const MOST_AT_ONCE: usize = 32;

static READER: Reader = Reader::new();

/// Reads a document and what follows from it, down to the result.
pub async fn follow(first: Reading) -> Option<Arc<dyn Any + Send + Sync>> {
    READER.follow(first).await
}

/// Forgets what was read.
pub fn forget() {
    READER.memory().forget();
}

/// Who reads: so many at one time, and nothing twice within some seconds.
struct Reader {
    at_once: Semaphore,
    memory: Mutex<Memory>,
}

impl Reader {
    const fn new() -> Reader {
        Reader { at_once: Semaphore::const_new(MOST_AT_ONCE), memory: Mutex::new(Memory::new()) }
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn follow(&self, first: Reading) -> Option<Arc<dyn Any + Send + Sync>> {
        let mut turn = None;
        let mut sources = Vec::new();
        let mut reading = first;
        for _ in 0..MOST_DOCUMENTS {
            let Reading { url, most_bytes, longest, thumbprints, then } = reading;
            let source = Source { url, most_bytes, thumbprints };
            let read = self.document(&source, longest, &mut turn).await;
            sources.push(source);
            match then(read) {
                Next::Read(next) => reading = next,
                Next::Done(done) => return Some(done),
                Next::Failed(done) => {
                    self.memory().doubt(&sources, Instant::now());
                    return Some(done);
                }
            }
        }
        None
    }

    /// What is remembered of a document, else what is there now. The turn is taken with the first document that has to be read, and kept.
    async fn document<'a>(
        &'a self,
        source: &Source,
        longest: Duration,
        turn: &mut Option<SemaphorePermit<'a>>,
    ) -> Result<Vec<u8>, Failure> {
        if let Some(known) = self.memory().recall(source, Instant::now()) {
            return known;
        }
        if turn.is_none() {
            match tokio::time::timeout(longest, self.at_once.acquire()).await {
                Ok(Ok(permit)) => *turn = Some(permit),
                _ => return Err(unreachable_because("too many others are read, and none was done in time")),
            }
            // Whoever had the turn before may have read the same.
            if let Some(known) = self.memory().recall(source, Instant::now()) {
                return known;
            }
        }
        let read = tokio::time::timeout(longest, read(&source.url, source.most_bytes, &source.thumbprints)).await;
        let read = read.unwrap_or_else(|_| Err(unreachable_because("no whole answer in time")));
        self.memory().keep(source.clone(), read.clone(), Instant::now());
        read
    }
}

fn unreachable_because(why: impl ToString) -> Failure {
    Failure::Unreachable(why.to_string())
}

async fn read(url: &str, most_bytes: usize, thumbprints: &[String]) -> Result<Vec<u8>, Failure> {
    let url: Uri = url.parse().map_err(unreachable_because)?;
    let host = url.host().ok_or_else(|| unreachable_because("the URL has no host"))?;
    let name = host.trim_start_matches('[').trim_end_matches(']');
    let connect = |port| TcpStream::connect((name, url.port_u16().unwrap_or(port)));
    match url.scheme_str() {
        Some("https") => {
            let stream = connect(443).await.map_err(unreachable_because)?;
            let stream = with_tls(stream, name, thumbprints).await?;
            get(stream, &url, host, most_bytes).await
        }
        Some("http") if is_this_machine(name) => {
            let stream = connect(80).await.map_err(unreachable_because)?;
            get(stream, &url, host, most_bytes).await
        }
        _ => Err(unreachable_because("only https is read, and http from this machine")),
    }
}

fn is_this_machine(name: &str) -> bool {
    name == "localhost" || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

async fn get(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    url: &Uri,
    host: &str,
    most_bytes: usize,
) -> Result<Vec<u8>, Failure> {
    let handshake = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await;
    let (mut sender, connection) = handshake.map_err(unreachable_because)?;
    // Dropped with the set, the connection ends however this function does.
    let mut tasks = JoinSet::new();
    tasks.spawn(connection);
    let authority = url.port_u16().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    let request = Request::get(url.path_and_query().map_or("/", |path| path.as_str()))
        .header(HOST, authority)
        .header(USER_AGENT, "rolecall")
        .header(ACCEPT, "application/json")
        .body(Empty::<Bytes>::new())
        .map_err(unreachable_because)?;
    let answer = sender.send_request(request).await.map_err(unreachable_because)?;
    if answer.status() != StatusCode::OK {
        return Err(unreachable_because(format!("the answer was {}", answer.status())));
    }
    let body = Limited::new(answer.into_body(), most_bytes).collect().await;
    Ok(body.map_err(unreachable_because)?.to_bytes().to_vec())
}

async fn with_tls(
    stream: TcpStream,
    name: &str,
    thumbprints: &[String],
) -> Result<tokio_rustls::client::TlsStream<TcpStream>, Failure> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = Verifier { provider: provider.clone(), thumbprints: thumbprints.to_vec() };
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(unreachable_because)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    let server = ServerName::try_from(name.to_owned()).map_err(unreachable_because)?;
    tokio_rustls::TlsConnector::from(Arc::new(config)).connect(server, stream).await.map_err(|error| {
        let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
        match inner {
            Some(rustls::Error::InvalidCertificate(_)) => Failure::Certificate,
            _ => unreachable_because(error),
        }
    })
}

/// The system's certificate authorities, read once.
fn public_roots() -> &'static Arc<RootCertStore> {
    static ROOTS: OnceLock<Arc<RootCertStore>> = OnceLock::new();
    ROOTS.get_or_init(|| {
        let mut roots = RootCertStore::empty();
        let found = rustls_native_certs::load_native_certs();
        let (taken, _) = roots.add_parsable_certificates(found.certs);
        if taken == 0 {
            tracing::warn!("the system has no certificate authorities: issuers are known by their thumbprints only");
        }
        Arc::new(roots)
    })
}

/// Believes public authorities, else thumbprints.
#[derive(Debug)]
struct Verifier {
    provider: Arc<CryptoProvider>,
    thumbprints: Vec<String>,
}

impl Verifier {
    /// Whether a chain leads from the server's certificate to one of those roots.
    fn leads_to(
        &self,
        roots: Arc<RootCertStore>,
        certificate: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let unknown = |_| rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer);
        let verifier = WebPkiServerVerifier::builder_with_provider(roots, self.provider.clone()).build();
        verifier.map_err(unknown)?.verify_server_cert(certificate, chain, name, &[], now)
    }

    fn is_pinned(&self, certificate: &CertificateDer<'_>) -> bool {
        let digest = digest(&SHA1_FOR_LEGACY_USE_ONLY, certificate);
        let thumbprint: String = digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        self.thumbprints.contains(&thumbprint)
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        _: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let public = self.leads_to(public_roots().clone(), certificate, chain, name, now);
        if public.is_ok() {
            return public;
        }
        if self.is_pinned(certificate) {
            rustls::client::verify_server_name(&ParsedCertificate::try_from(certificate)?, name)?;
            return Ok(ServerCertVerified::assertion());
        }
        // That the certificate is in the chain is not enough: the server's own has to lead to it.
        let mut pinned = RootCertStore::empty();
        for authority in chain.iter().filter(|it| self.is_pinned(it)) {
            pinned.add(authority.clone().into_owned())?;
        }
        if pinned.is_empty() { public } else { self.leads_to(Arc::new(pinned), certificate, chain, name, now) }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(longest: Duration) -> Reading {
        let then = Box::new(|read: Result<Vec<u8>, Failure>| Next::Done(Arc::new(read)));
        Reading { url: "http://127.0.0.1:1/".into(), most_bytes: 10, longest, thumbprints: Vec::new(), then }
    }

    #[tokio::test]
    async fn nobody_waits_for_ever() {
        let reader = Reader::new();
        let _all = reader.at_once.acquire_many(u32::try_from(MOST_AT_ONCE).unwrap()).await.unwrap();
        let done = tokio::time::timeout(Duration::from_secs(30), reader.follow(reading(Duration::from_millis(20))));
        let done = done.await.unwrap().unwrap();
        let why = "too many others are read, and none was done in time";
        assert_eq!(done.downcast_ref(), Some(&Err::<Vec<u8>, _>(unreachable_because(why))));
    }

    #[tokio::test]
    async fn what_is_remembered_needs_no_turn() {
        let reader = Reader::new();
        let _all = reader.at_once.acquire_many(u32::try_from(MOST_AT_ONCE).unwrap()).await.unwrap();
        let Reading { url, most_bytes, thumbprints, .. } = reading(Duration::ZERO);
        let source = Source { url, most_bytes, thumbprints };
        reader.memory().keep(source, Ok(vec![7]), Instant::now());
        let done = reader.follow(reading(Duration::from_millis(20))).await.unwrap();
        assert_eq!(done.downcast_ref(), Some(&Ok::<_, Failure>(vec![7u8])));
    }
}
