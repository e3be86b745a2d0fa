//! `rolecall exec i-… -- CMD`: runs a command as if on the instance; with `--task-role` as if in a container of a task.
//!
//! The command finds the instance's metadata service, or the task's credentials, and nothing that would come before: keys, profiles and roles of
//! the environment are taken away, the config and credentials files replaced by an empty one. Otherwise a client would find root's keys first.

use std::os::unix::process::CommandExt;
use std::process::Command;

use serde_json::{Value, json};

use super::{Address, Outcome, admin, imds, isolate, on_runtime, text};
use crate::cli::Exec;

/// What a client would look at before the metadata service.
const REMOVED: &[&str] = &[
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN",
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_ROLE_ARN",
    "AWS_ROLE_SESSION_NAME",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    "AWS_EC2_METADATA_DISABLED",
    "AWS_EC2_METADATA_SERVICE_ENDPOINT",
    "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
    "AWS_ENDPOINT_URL_IAM",
    "AWS_ENDPOINT_URL_STS",
    "AWS_ENDPOINT_URL_EC2",
    "AWS_ENDPOINT_URL_SSM",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    "ROLECALL_ROOT_SECRET",
    "ROLECALL_ROOT_KEY",
];

/// The address of the metadata service on a real instance.
pub const LINK_LOCAL: &str = "169.254.169.254";

/// Runs the command in this process's place; it returns only if that fails.
pub fn run(exec: &Exec) -> Outcome {
    let address = Address::of(&exec.endpoint)?;
    let place = place(exec, &address)?;
    let command = command(exec, &address, &place)?;
    if exec.isolate {
        let onward = isolate::Onward {
            metadata: place.metadata().map(str::to_owned),
            api: address,
            forward: exec.forward.clone(),
        };
        return isolate::run(command, onward);
    }
    replace(command)
}

/// Where the command is to believe it runs.
enum Place {
    /// On an instance, as the server describes it.
    Instance { region: String, metadata: String },
    /// In a container of a task.
    Task { credentials: String, token: String },
}

impl Place {
    fn metadata(&self) -> Option<&str> {
        match self {
            Place::Instance { metadata, .. } => Some(metadata),
            Place::Task { .. } => None,
        }
    }
}

fn place(exec: &Exec, address: &Address) -> Result<Place, String> {
    let mut found = Value::Null;
    on_runtime(async {
        found = match (&exec.instance, &exec.task_role) {
            (Some(instance), _) => imds::instance(&exec.endpoint, instance).await?,
            (None, role) => admin(&exec.endpoint, "POST", "tasks", Some(json!({"role": role}))).await?,
        };
        Ok(std::process::ExitCode::SUCCESS)
    })?;
    if exec.instance.is_some() {
        let metadata = text(&found, "metadata")?.trim_end_matches('/').to_owned();
        return Ok(Place::Instance { region: text(&found, "region")?.to_owned(), metadata });
    }
    if !address.is_loopback() {
        return Err("SDKs take container credentials over http from a loopback address only: the server has to be reached by one".into());
    }
    let credentials = format!("{}{}", address.url(), text(&found, "path")?);
    Ok(Place::Task { credentials, token: text(&found, "token")?.to_owned() })
}

/// Replaces this process by the command.
pub fn replace(mut command: Command) -> Outcome {
    let program = command.get_program().to_string_lossy().into_owned();
    Err(format!("cannot run `{program}`: {}", command.exec()))
}

fn command(exec: &Exec, address: &Address, place: &Place) -> Result<Command, String> {
    let (program, arguments) = exec.command.split_first().ok_or("no command was given")?;
    let mut command = Command::new(program);
    command.args(arguments);
    for name in REMOVED {
        command.env_remove(name);
    }
    if !exec.keep_config {
        command.env("AWS_CONFIG_FILE", "/dev/null").env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null");
    }
    command.env("AWS_ENDPOINT_URL", address.url());
    let host = match place {
        Place::Instance { region, metadata } => {
            set_region(&mut command, region);
            if exec.isolate {
                LINK_LOCAL.to_owned()
            } else {
                command.env("AWS_EC2_METADATA_SERVICE_ENDPOINT", metadata);
                host_of(metadata)
            }
        }
        Place::Task { credentials, token } => {
            let given = ["AWS_REGION", "AWS_DEFAULT_REGION"].iter().find_map(|name| std::env::var(name).ok());
            set_region(&mut command, given.as_deref().unwrap_or("us-east-1"));
            command.env("AWS_CONTAINER_CREDENTIALS_FULL_URI", credentials);
            command.env("AWS_CONTAINER_AUTHORIZATION_TOKEN", token);
            // A task without an instance's metadata is what Fargate has.
            command.env("AWS_EC2_METADATA_DISABLED", "true");
            host_of(credentials)
        }
    };
    for name in ["NO_PROXY", "no_proxy"] {
        let held = std::env::var(name).unwrap_or_default();
        let list = if held.is_empty() { host.clone() } else { format!("{held},{host}") };
        command.env(name, list);
    }
    Ok(command)
}

fn set_region(command: &mut Command, region: &str) {
    command.env("AWS_REGION", region).env("AWS_DEFAULT_REGION", region);
}

/// The host of an `http://` URL.
fn host_of(url: &str) -> String {
    url.trim_start_matches("http://").split([':', '/']).next().unwrap_or_default().to_owned()
}
