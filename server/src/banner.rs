//! What the server says when it is up: where, in which mode, with which state, and the lines a shell needs.

use std::net::SocketAddr;

use clap::ValueEnum;

use crate::cli::{Quotas, States};
use crate::metadata::Listener;
use crate::server::{self, Server};

/// Prints it to standard output.
pub fn print(server: &Server, api: SocketAddr, metadata: &Listener) {
    let serve = &server.serve;
    let (key, secret, account) = server::root_key(serve);
    let secret = if serve.root_secret.is_some() { "…".to_owned() } else { secret };
    println!("rolecall {}", env!("CARGO_PKG_VERSION"));
    println!("  address      http://{api}");
    println!("  enforcement  {}", serve.auth.as_str());
    println!("  state        {}", serve.state);
    println!("  account      {account}, root key {key} with secret {secret}");
    println!("  metadata     {metadata}");
    for key in &serve.root_key {
        println!("  root key     {}", key.id);
    }
    if serve.states != States::Quick {
        println!("  states       {}", named(serve.states));
    }
    if serve.quotas != Quotas::None {
        println!("  quotas       {}", named(serve.quotas));
    }
    for quota in &serve.quota {
        println!("  quota        {quota}");
    }
    if let Some(longest) = serve.iam_propagation {
        println!("  propagation  changes in IAM arrive within {longest:#}");
    }
    for relaxation in server::relaxations(serve) {
        println!("  relaxed      {relaxation}");
    }
    println!();
    println!("export AWS_ENDPOINT_URL=http://{api}");
    println!("export AWS_ACCESS_KEY_ID={key}");
    println!("export AWS_SECRET_ACCESS_KEY={secret}");
    println!("export AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1");
}

/// A choice as it is written on the command line.
fn named(choice: impl ValueEnum) -> String {
    choice.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
}
