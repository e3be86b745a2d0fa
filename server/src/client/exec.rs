//! `rolecall exec i-… -- CMD`: runs a command as if on the instance.
//!
//! The command finds the instance's metadata service and nothing that would come before it: keys, profiles and roles of the environment are
//! taken away, the config and credentials files replaced by an empty one. Otherwise a client would find root's keys first.

use std::os::unix::process::CommandExt;
use std::process::Command;

use serde_json::Value;

use super::{Address, Outcome, imds, isolate, on_runtime, text};
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
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    "ROLECALL_ROOT_SECRET",
    "ROLECALL_ROOT_KEY",
];

/// The address of the metadata service on a real instance.
pub const LINK_LOCAL: &str = "169.254.169.254";

/// Runs the command in this process's place; it returns only if that fails.
pub fn run(exec: &Exec) -> Outcome {
    let address = Address::of(&exec.endpoint)?;
    let instance = on_instance(exec)?;
    let command = command(exec, &address, &instance)?;
    if exec.isolate {
        return isolate::run(command, &address, text(&instance, "metadata")?);
    }
    replace(command)
}

/// Replaces this process by the command.
pub fn replace(mut command: Command) -> Outcome {
    let program = command.get_program().to_string_lossy().into_owned();
    Err(format!("cannot run `{program}`: {}", command.exec()))
}

fn on_instance(exec: &Exec) -> Result<Value, String> {
    let mut found = Value::Null;
    on_runtime(async {
        found = imds::instance(&exec.endpoint, &exec.instance).await?;
        Ok(std::process::ExitCode::SUCCESS)
    })?;
    Ok(found)
}

fn command(exec: &Exec, address: &Address, instance: &Value) -> Result<Command, String> {
    let (program, arguments) = exec.command.split_first().ok_or("no command was given")?;
    let mut command = Command::new(program);
    command.args(arguments);
    for name in REMOVED {
        command.env_remove(name);
    }
    if !exec.keep_config {
        command.env("AWS_CONFIG_FILE", "/dev/null").env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null");
    }
    let region = text(instance, "region")?;
    command.env("AWS_REGION", region).env("AWS_DEFAULT_REGION", region).env("AWS_ENDPOINT_URL", address.url());
    let host = if exec.isolate {
        LINK_LOCAL.to_owned()
    } else {
        let metadata = text(instance, "metadata")?;
        command.env("AWS_EC2_METADATA_SERVICE_ENDPOINT", metadata.trim_end_matches('/'));
        metadata.trim_start_matches("http://").split(':').next().unwrap_or_default().to_owned()
    };
    for name in ["NO_PROXY", "no_proxy"] {
        let held = std::env::var(name).unwrap_or_default();
        let list = if held.is_empty() { host.clone() } else { format!("{held},{host}") };
        command.env(name, list);
    }
    Ok(command)
}
