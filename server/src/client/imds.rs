//! `rolecall imds`: where an instance's metadata service answers.

use std::process::ExitCode;

use serde_json::Value;

use super::{Outcome, admin, text};
use crate::cli;

/// Runs the command.
pub async fn run(imds: &cli::Imds) -> Outcome {
    println!("{}", text(&instance(&imds.endpoint, &imds.instance).await?, "metadata")?);
    Ok(ExitCode::SUCCESS)
}

/// What the server says of an instance.
pub async fn instance(endpoint: &cli::Endpoint, id: &str) -> Result<Value, String> {
    must_be_id(id)?;
    admin(endpoint, "GET", &format!("instances/{id}"), None).await
}

/// The text can stand in a path.
pub fn must_be_id(id: &str) -> Result<(), String> {
    if id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
        return Ok(());
    }
    Err(format!("`{id}` is not an id"))
}
