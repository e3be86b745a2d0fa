//! `exec --isolate`: the command in a network of its own, in which 169.254.169.254 is the instance's metadata service (Linux, no root needed).
//!
//! Three processes: the parent stays in the host's network and connects onward; the child, this program again, enters a user and a network
//! namespace before any thread starts, gives the loopback device the well-known addresses and listens there; the command runs below the child.
//! Connections go from child to parent over a Unix socket, which namespaces do not cut.

use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};

use super::{Address, Outcome, on_runtime};
use crate::cli::Isolated;

/// Where the metadata service is on a real instance.
const METADATA: [&str; 2] = ["169.254.169.254", "fd00:ec2::254"];
/// Where forwarded ports are found.
const LOOPBACK: [&str; 2] = ["127.0.0.1", "::1"];
/// The first byte on a connection to the parent says where it is to go.
const TO_METADATA: u8 = b'm';
const TO_API: u8 = b'a';
/// To a port of this machine, whose number follows.
const TO_PORT: u8 = b'p';

/// Where connections out of the isolated network go.
#[derive(Debug, Clone)]
pub struct Onward {
    /// The base URL of an instance's metadata service.
    pub metadata: Option<String>,
    pub api: Address,
    /// Ports of this machine.
    pub forward: Vec<u16>,
}

impl Onward {
    /// Where a connection is to go that begins so.
    fn target(&self, to: Target) -> Option<String> {
        match to {
            Target::Metadata => self.metadata.as_deref().map(|url| url.trim_start_matches("http://").to_owned()),
            Target::Api => Some(self.api.authority().to_owned()),
            Target::Port(port) => self.forward.contains(&port).then(|| format!("localhost:{port}")),
        }
    }
}

/// What a connection was made to inside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Target {
    Metadata,
    Api,
    Port(u16),
}

impl Target {
    async fn read(stream: &mut UnixStream) -> std::io::Result<Option<Target>> {
        Ok(match stream.read_u8().await? {
            TO_METADATA => Some(Target::Metadata),
            TO_API => Some(Target::Api),
            TO_PORT => Some(Target::Port(stream.read_u16().await?)),
            _ => None,
        })
    }

    async fn write(self, stream: &mut UnixStream) -> std::io::Result<()> {
        match self {
            Target::Metadata => stream.write_u8(TO_METADATA).await,
            Target::Api => stream.write_u8(TO_API).await,
            Target::Port(port) => {
                stream.write_u8(TO_PORT).await?;
                stream.write_u16(port).await
            }
        }
    }
}

/// The parent: starts the child and connects onward for it until the command is over.
pub fn run(command: Command, onward: Onward) -> Outcome {
    let room = Room::new()?;
    let mut child = child_command(&room, &onward, command)?;
    on_runtime(async {
        let listener =
            UnixListener::bind(room.socket()).map_err(|error| format!("{}: {error}", room.socket().display()))?;
        let onward = tokio::spawn(connect_onward(listener, onward.into()));
        let status = tokio::task::spawn_blocking(move || child.status()).await.map_err(|error| error.to_string())?;
        onward.abort();
        let status = status.map_err(|error| format!("cannot run this program again: {error}"))?;
        Ok(exit_code(status))
    })
}

fn exit_code(status: std::process::ExitStatus) -> ExitCode {
    use std::os::unix::process::ExitStatusExt;
    // A shell's way: 128 and the signal's number.
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal)).unwrap_or(1);
    ExitCode::from(u8::try_from(code).unwrap_or(1))
}

/// The same program with the hidden command, in the environment that was made for the real one.
fn child_command(room: &Room, onward: &Onward, command: Command) -> Result<Command, String> {
    let myself = std::env::current_exe().map_err(|error| error.to_string())?;
    let mut child = Command::new(myself);
    child.arg("isolated").arg("--socket").arg(room.socket()).arg("--api").arg(onward.api.authority());
    if onward.metadata.is_some() {
        child.arg("--metadata");
    }
    for port in &onward.forward {
        child.arg("--forward").arg(port.to_string());
    }
    child.arg("--").arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => child.env(name, value),
            None => child.env_remove(name),
        };
    }
    Ok(child)
}

/// A private folder for the socket, gone with its owner.
struct Room(PathBuf);

impl Room {
    fn new() -> Result<Room, String> {
        let path = std::env::temp_dir().join(format!("rolecall-{}", std::process::id()));
        fs::DirBuilder::new().mode(0o700).create(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(Room(path))
    }

    fn socket(&self) -> PathBuf {
        self.0.join("onward")
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        _ = fs::remove_dir_all(&self.0);
    }
}

async fn connect_onward(listener: UnixListener, onward: Arc<Onward>) {
    while let Ok((mut inner, _)) = listener.accept().await {
        let onward = onward.clone();
        tokio::spawn(async move {
            let Ok(Some(to)) = Target::read(&mut inner).await else { return };
            let Some(address) = onward.target(to) else { return };
            if let Ok(mut outer) = TcpStream::connect(&address).await {
                _ = copy_bidirectional(&mut inner, &mut outer).await;
            }
        });
    }
}

/// The child: enters its namespaces, lays out the network, listens, and runs the command.
pub fn run_inside(isolated: &Isolated) -> Outcome {
    enter_namespaces()?;
    on_runtime(async {
        lay_out().await.map_err(|error| not_allowed(&error))?;
        for address in METADATA.iter().filter(|_| isolated.metadata) {
            listen(address, 80, Target::Metadata, &isolated.socket).await?;
        }
        let (host, port) = isolated.api.rsplit_once(':').ok_or("the API's address has no port")?;
        let host = if host == "localhost" { "127.0.0.1" } else { host };
        let port: u16 = port.parse().map_err(|_| "the API's port is no number")?;
        listen(host, port, Target::Api, &isolated.socket).await?;
        for forwarded in &isolated.forward {
            // The server's own port leads there anyway.
            for address in LOOPBACK.iter().filter(|address| (**address, *forwarded) != (host, port)) {
                listen(address, *forwarded, Target::Port(*forwarded), &isolated.socket).await?;
            }
        }
        let (program, arguments) = isolated.command.split_first().ok_or("no command was given")?;
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::inherit());
        let shown = program.clone();
        let status = tokio::task::spawn_blocking(move || command.status()).await.map_err(|error| error.to_string())?;
        status.map(exit_code).map_err(|error| format!("cannot run `{shown}`: {error}"))
    })
}

/// Whatever step it was that the system refused: the reason is one of a few.
fn not_allowed(error: &dyn std::fmt::Display) -> String {
    format!(
        "this system does not let the program make a network of its own ({error}). Unprivileged user namespaces may be switched off \
         (user.max_user_namespaces, kernel.unprivileged_userns_clone, kernel.apparmor_restrict_unprivileged_userns), or a container may lack the \
         right to make them; without --isolate the command runs in the network of this machine"
    )
}

fn enter_namespaces() -> Result<(), String> {
    use nix::sched::{CloneFlags, unshare};
    let (user, group) = (nix::unistd::getuid(), nix::unistd::getgid());
    if unshare(CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWNET).is_err() {
        // With enough rights the user namespace is not needed.
        return unshare(CloneFlags::CLONE_NEWNET).map_err(|error| not_allowed(&error));
    }
    // The command runs as the same user inside as outside. Some systems give the namespace and then refuse this.
    let map = |file: &str, text: String| fs::write(file, text).map_err(|error| not_allowed(&error));
    map("/proc/self/setgroups", "deny".into())?;
    map("/proc/self/uid_map", format!("{user} {user} 1"))?;
    map("/proc/self/gid_map", format!("{group} {group} 1"))
}

/// Brings the loopback device up with the metadata service's addresses.
async fn lay_out() -> Result<(), rtnetlink::Error> {
    use rtnetlink::{LinkMessageBuilder, LinkUnspec};
    /// The loopback device is the first of every network namespace.
    const DEVICE: u32 = 1;
    let (connection, netlink, _) =
        rtnetlink::new_connection().map_err(|error| rtnetlink::Error::NamespaceError(error.to_string()))?;
    tokio::spawn(connection);
    netlink.link().change(LinkMessageBuilder::<LinkUnspec>::new().index(DEVICE).up().build()).execute().await?;
    for address in METADATA {
        let Ok(address) = address.parse::<std::net::IpAddr>() else { continue };
        let length = if address.is_ipv4() { 32 } else { 128 };
        netlink.address().add(DEVICE, address, length).execute().await?;
    }
    Ok(())
}

async fn listen(host: &str, port: u16, target: Target, socket: &Path) -> Result<(), String> {
    let address = SocketAddr::new(host.parse().map_err(|_| format!("`{host}` is not an IP address"))?, port);
    let listener = match TcpListener::bind(address).await {
        Ok(listener) => listener,
        // Without IPv6 on this machine the second address can't be.
        Err(_) if address.is_ipv6() => return Ok(()),
        Err(error) => return Err(format!("cannot listen on {address}: {error}")),
    };
    let socket = socket.to_owned();
    tokio::spawn(async move {
        while let Ok((mut inner, _)) = listener.accept().await {
            let socket = socket.clone();
            tokio::spawn(async move {
                let Ok(mut outer) = UnixStream::connect(&socket).await else { return };
                if target.write(&mut outer).await.is_ok() {
                    _ = copy_bidirectional(&mut inner, &mut outer).await;
                }
            });
        }
    });
    Ok(())
}
