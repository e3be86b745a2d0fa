//! The load: sixteen connections that write prepared requests and read the answers, as fast as they come.

#![expect(
    clippy::indexing_slicing,
    reason = "buffer lengths are checked by the loops; a slip ends the benchmark, nothing else"
)]

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const CONNECTIONS: usize = 16;
/// A server that does not answer in this time has failed.
const PATIENCE: Duration = Duration::from_secs(20);

/// Requests as bytes, ready to be written.
#[derive(Clone)]
pub enum Requests {
    /// The same one again and again.
    Same(Arc<Vec<u8>>),
    /// Each once; the run ends when they are used up.
    Each(Arc<Vec<Vec<u8>>>),
}

/// How fast it went.
#[derive(Debug, Clone, Copy)]
pub struct Rate {
    pub per_second: f64,
}

/// Runs the load; with `strict` every answer must be a 200.
pub async fn run(address: SocketAddr, requests: &Requests, time: Duration, strict: bool) -> Result<Rate> {
    let next = Arc::new(AtomicUsize::new(0));
    let begun = Instant::now();
    let mut tasks = Vec::new();
    for _ in 0..CONNECTIONS {
        tasks.push(tokio::spawn(connection(address, requests.clone(), next.clone(), begun + time, strict)));
    }
    let mut answered = 0;
    for task in tasks {
        answered += task.await??;
    }
    Ok(Rate { per_second: answered as f64 / begun.elapsed().as_secs_f64() })
}

async fn connection(
    address: SocketAddr,
    requests: Requests,
    next: Arc<AtomicUsize>,
    end: Instant,
    strict: bool,
) -> Result<usize> {
    let mut stream = connect(address).await?;
    let (mut buffer, mut answered) = (vec![0; 64 * 1024], 0);
    while Instant::now() < end {
        let request = match &requests {
            Requests::Same(request) => request.as_slice(),
            Requests::Each(all) => match all.get(next.fetch_add(1, Ordering::Relaxed)) {
                Some(request) => request.as_slice(),
                None => break,
            },
        };
        stream.write_all(request).await?;
        let answered_in_time = tokio::time::timeout(PATIENCE, answer(&mut stream, &mut buffer));
        let (status, closes) = answered_in_time.await.context("an answer takes too long")??;
        if strict && status != 200 {
            bail!(
                "answered {status}: {}",
                String::from_utf8_lossy(&buffer[..buffer.len().min(1_500)]).trim_end_matches('\0')
            );
        }
        answered += 1;
        if closes {
            // The peer wants a connection for each request, and pays for it.
            stream = connect(address).await?;
        }
    }
    Ok(answered)
}

async fn connect(address: SocketAddr) -> Result<TcpStream> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// Reads one answer whole; its status, and whether the server closes the connection after it.
async fn answer(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Result<(u16, bool)> {
    let mut filled = 0;
    loop {
        if filled == buffer.len() {
            buffer.resize(buffer.len() * 2, 0);
        }
        let read = stream.read(&mut buffer[filled..]).await?;
        if read == 0 {
            bail!("the server closed the connection");
        }
        filled += read;
        if let Some(head) = find(&buffer[..filled], b"\r\n\r\n") {
            let text = std::str::from_utf8(&buffer[..head])?;
            let length = length(text)?;
            let status = text.get(9..12).context("no status")?.parse().context("no status")?;
            let closes = header(text, "connection").is_some_and(|value| value.eq_ignore_ascii_case("close"));
            while filled < head + 4 + length {
                if filled == buffer.len() {
                    buffer.resize(head + 4 + length, 0);
                }
                filled += stream.read(&mut buffer[filled..]).await?;
            }
            return Ok((status, closes));
        }
    }
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|window| window == wanted)
}

fn header<'a>(head: &'a str, wanted: &str) -> Option<&'a str> {
    let lines = head.lines().filter_map(|line| line.split_once(':'));
    lines.into_iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value.trim())
}

fn length(head: &str) -> Result<usize> {
    Ok(header(head, "content-length").context("an answer without a length")?.parse()?)
}
