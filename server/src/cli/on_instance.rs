//! The commands that are about one instance or one task.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::Endpoint;

#[derive(Debug, Args)]
pub struct Exec {
    /// The instance
    #[arg(required_unless_present = "task_role")]
    pub instance: Option<String>,
    /// Not on an instance, but as a container of a task with that role: its name or ARN
    #[arg(long, conflicts_with = "instance")]
    pub task_role: Option<String>,
    /// In a network of its own where 169.254.169.254 is the instance's metadata service (Linux)
    #[arg(long)]
    pub isolate: bool,
    /// A port of this machine that stays reachable from that network; may be repeated
    #[arg(long, value_name = "PORT", requires = "isolate", value_delimiter = ',')]
    pub forward: Vec<u16>,
    /// Keep the config and credentials files
    #[arg(long)]
    pub keep_config: bool,
    #[command(flatten)]
    pub endpoint: Endpoint,
    /// The command and its arguments
    #[arg(last = true, required = true)]
    pub command: Vec<String>,
}

#[derive(Debug, Args)]
pub struct Isolated {
    /// Unix socket of the outer half
    #[arg(long)]
    pub socket: PathBuf,
    /// The API's address, to be found inside too
    #[arg(long)]
    pub api: String,
    /// Whether there is a metadata service
    #[arg(long)]
    pub metadata: bool,
    /// Ports to be found inside too
    #[arg(long)]
    pub forward: Vec<u16>,
    #[arg(last = true, required = true)]
    pub command: Vec<String>,
}

#[derive(Debug, Args)]
pub struct Imds {
    /// The instance
    pub instance: String,
    #[command(flatten)]
    pub endpoint: Endpoint,
}

#[derive(Debug, Args)]
pub struct Instance {
    #[command(subcommand)]
    pub action: InstanceAction,
    #[command(flatten)]
    pub endpoint: Endpoint,
}

#[derive(Debug, Clone, Subcommand)]
pub enum InstanceAction {
    /// Announce a spot interruption, which happens when its time has come
    Interrupt {
        instance: String,
        /// terminate (the default), stop or hibernate
        #[arg(long)]
        action: Option<String>,
        /// How long from now; two minutes, or at once for a hibernation
        #[arg(long)]
        r#in: Option<String>,
    },
    /// Recommend to replace the instance
    Rebalance {
        instance: String,
        /// Take the recommendation back
        #[arg(long)]
        off: bool,
    },
    /// Schedule maintenance
    Maintain {
        instance: String,
        /// system-reboot (the default), instance-reboot, system-maintenance, instance-retirement or instance-stop
        #[arg(long)]
        code: Option<String>,
        /// How long from now; a week
        #[arg(long)]
        r#in: Option<String>,
        /// How long it may take; two hours
        #[arg(long)]
        lasting: Option<String>,
        /// By how much its start may be put off; a week
        #[arg(long)]
        deadline: Option<String>,
        #[arg(long)]
        description: Option<String>,
    },
    /// Cancel scheduled maintenance
    Cancel { instance: String, event: String },
    /// Tell where an Auto Scaling group is taking the instance: InService, Standby, Terminated, …; without a state it belongs to no group
    Lifecycle { instance: String, state: Option<String> },
    /// Print what is announced and scheduled
    Events { instance: String },
    /// Print the certificate that verifies instance identity documents
    Certificate {
        /// The form of signature: rsa2048, pkcs7 or signature
        #[arg(long, default_value = "rsa2048", value_parser = ["rsa2048", "pkcs7", "signature"])]
        form: String,
    },
}
