//! The servers that are measured, each a process of its own.

#![expect(clippy::indexing_slicing, reason = "five times are taken; a slip ends the benchmark, nothing else")]

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs};

use anyhow::{Context, Result, bail};
use tokio::net::TcpStream;

use super::rows;
use xtask::{environment, succeed, target};

/// A running server; it ends with this value.
pub struct Running {
    child: Child,
    pub address: SocketAddr,
}

impl Drop for Running {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

/// Our binary: the one `ROLECALL_BIN` names, else the release one.
fn binary() -> PathBuf {
    env::var_os("ROLECALL_BIN").map_or_else(|| target().join("release/rolecall"), PathBuf::from)
}

/// Builds what is measured, unless a binary is given.
pub fn build(packages: &[&str]) -> Result<()> {
    if env::var_os("ROLECALL_BIN").is_some() {
        return Ok(());
    }
    let mut command = xtask::cargo();
    command.args(["build", "--quiet", "--release"]);
    packages.iter().for_each(|package| _ = command.args(["--package", package]));
    succeed(&mut command)
}

/// The state file of the server that is measured.
pub fn state() -> String {
    target().join("bench/state.db").display().to_string()
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

impl Running {
    /// The bare hyper server: this program's hidden command.
    pub async fn bare() -> Result<Running> {
        let port = free_port()?;
        let mut command = Command::new(target().join("release/workbench"));
        command.arg("bench-bare").arg(port.to_string());
        Running::start(command, port).await
    }

    /// Rolecall with its state on disk, fresh.
    pub async fn ours() -> Result<Running> {
        let folder = target().join("bench");
        _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder)?;
        Running::ours_on(&state()).await
    }

    /// Rolecall on that state.
    pub async fn ours_on(state: &str) -> Result<Running> {
        Running::ours_with(state, &[]).await
    }

    /// Rolecall on that state, with further options.
    pub async fn ours_with(state: &str, options: &[&str]) -> Result<Running> {
        let (port, metadata_port) = (free_port()?, free_port()?);
        let mut command = Command::new(binary());
        command
            .args([
                "serve",
                "--state",
                state,
                "--listen",
                &format!("127.0.0.1:{port}"),
                "--imds-port",
                &metadata_port.to_string(),
            ])
            .args(options)
            .env("ROLECALL_LOG_LEVEL", "warn");
        Running::start(command, port).await
    }

    /// The peer: moto's server.
    pub async fn moto() -> Result<Running> {
        let port = free_port()?;
        let mut command = Command::new(environment("moto")?.join("bin/moto_server"));
        command.args(["-p", &port.to_string()]);
        Running::start(command, port).await
    }

    async fn start(mut command: Command, port: u16) -> Result<Running> {
        let child =
            command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().with_context(|| format!("{command:?}"))?;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let mut running = Running { child, address };
        let begun = Instant::now();
        while TcpStream::connect(address).await.is_err() {
            if let Some(status) = running.child.try_wait()? {
                bail!("{command:?} ended: {status}");
            }
            if begun.elapsed() > Duration::from_secs(60) {
                bail!("{command:?} does not listen");
            }
            tokio::time::sleep(Duration::from_micros(200)).await;
        }
        Ok(running)
    }

    /// Resident memory in megabytes.
    pub fn memory(&self) -> Result<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find(|line| line.starts_with("VmRSS")).context("no VmRSS")?;
        let kilobytes: f64 = line.split_whitespace().nth(1).context("no VmRSS")?.parse()?;
        Ok(kilobytes / 1024.0)
    }
}

/// How long from the start of the process to the first signed answer, and what it holds then.
pub async fn start_and_memory() -> Result<Vec<String>> {
    let mut lines = Vec::new();
    let mut times = Vec::new();
    for round in 0..5 {
        let state = target().join(format!("bench-start-{round}.db"));
        for suffix in ["", "-wal", "-shm", ".lock", ".decisions", ".decisions-wal", ".decisions-shm"] {
            _ = fs::remove_file(format!("{}{suffix}", state.display()));
        }
        let begun = Instant::now();
        let running = Running::ours_on(&state.display().to_string()).await?;
        rows::ask(&running, "sts", &[("Action", "GetCallerIdentity"), ("Version", "2011-06-15")]).await?;
        times.push(begun.elapsed().as_secs_f64() * 1000.0);
        if round == 4 {
            lines.push(format!("resident memory, idle: {:.1} MB (bound 25)", running.memory()?));
        }
    }
    times.sort_by(f64::total_cmp);
    lines.insert(0, format!("start to first signed answer, empty state: {:.1} ms median of 5 (bound 30)", times[2]));
    let size = fs::metadata(binary())?.len() as f64 / 1e6;
    lines.push(format!("binary, stripped: {size:.1} MB (bound 20)"));
    Ok(lines)
}
