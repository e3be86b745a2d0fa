//! `rolecall clock`: shows and moves the clock of the modelled world.

use std::process::ExitCode;

use serde_json::{Map, Value, json};

use super::{Outcome, admin, text};
use crate::cli::{Clients, Clock, ClockAction};

/// Runs the command.
pub async fn run(clock: &Clock) -> Outcome {
    let mut change = Map::new();
    match &clock.action {
        None | Some(ClockAction::Show) => {}
        Some(ClockAction::Advance { by }) => _ = change.insert("advance".into(), json!(by)),
        Some(ClockAction::Set { to }) => _ = change.insert("set".into(), json!(to)),
        Some(ClockAction::Reset) => _ = change.insert("reset".into(), json!(true)),
    }
    if let Some(clients) = clock.clients {
        change.insert("clientsMoved".into(), json!(clients == Clients::Moved));
    }
    let answer = match change.is_empty() {
        true => admin(&clock.endpoint, "GET", "clock", None).await?,
        false => admin(&clock.endpoint, "POST", "clock", Some(Value::Object(change))).await?,
    };
    println!("now   {}", text(&answer, "now")?);
    println!("wall  {}", text(&answer, "wall")?);
    if answer.get("clientsMoved") == Some(&json!(true)) {
        println!("clients' clocks move along");
    }
    Ok(ExitCode::SUCCESS)
}
