//! `rolecall reset`: back to the first start.

use std::process::ExitCode;

use super::{Outcome, admin};
use crate::cli::Reset;

/// Runs the command.
pub async fn run(reset: &Reset) -> Outcome {
    admin(&reset.endpoint, "POST", "reset", None).await?;
    println!("all accounts and regions are as on the first start; every session has ended");
    Ok(ExitCode::SUCCESS)
}
