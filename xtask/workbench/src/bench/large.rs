//! Single times that no ratio tells: lists, filters and resets, and with `--large` all of it among 100,000 instances.

use std::net::SocketAddr;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::process::Running;
use super::rows::{self, EC2, IAM, Key, STS, call, element};

const ROLES: usize = 1_000;
const PAGE: usize = 100;
/// A default VPC has room for 20,000 instances, so they live in five accounts.
const ACCOUNTS: usize = 5;
const LAUNCHES: usize = 20;
const AT_A_LAUNCH: usize = 1_000;

/// What decisions cost, from the service crate's own measurement.
pub fn decisions() -> Result<String> {
    let run = ["run", "--quiet", "--release", "--package", "rolecall-service", "--example", "decide"];
    let output = xtask::cargo().args(run).stderr(Stdio::inherit()).output()?;
    ensure!(output.status.success(), "the measurement of decisions failed");
    Ok(String::from_utf8(output.stdout)?)
}

/// A thousand roles, listed page by page; then a reset that takes them away.
pub async fn roles() -> Result<Vec<String>> {
    let (server, root) = (Running::ours().await?, Key::root());
    for number in 0..ROLES {
        call(&server, &root, "iam", &rows::create_role(&format!("listed-{number:04}"))).await?;
    }
    let (begun, mut marker, mut pages, mut listed) = (Instant::now(), None, 0, 0);
    loop {
        let size = PAGE.to_string();
        let mut parameters = vec![("Action", "ListRoles"), ("Version", IAM), ("MaxItems", size.as_str())];
        parameters.extend(marker.as_deref().map(|marker| ("Marker", marker)));
        let page = call(&server, &root, "iam", &parameters).await?;
        pages += 1;
        listed += page.matches("<RoleName>").count();
        match page.contains("<IsTruncated>true") {
            true => marker = Some(element(&page, "Marker")?),
            false => break,
        }
    }
    let time = millis(begun);
    ensure!(listed == ROLES, "{listed} roles were listed");
    let reset = reset(&server).await?;
    Ok(vec![
        format!("{ROLES} roles listed in {pages} pages: {time:.1} ms, {:.2} ms a page", time / f64::from(pages)),
        format!("reset of {ROLES} records: {reset:.1} ms (bound 5)"),
    ])
}

/// Launches the instances, into a fresh server that is measured on the way.
pub async fn fill(server: &Running) -> Result<Vec<String>> {
    let mut lines = Vec::new();
    let begun = Instant::now();
    for account in 1..=ACCOUNTS {
        let root = root_of(account);
        for launch in 1..=LAUNCHES {
            rows::launch(server, &root, AT_A_LAUNCH, None).await?;
            if account == 1 && launch == 10 {
                lines.push(format!("resident memory with 10,000 instances: {:.0} MB (bound 120)", server.memory()?));
            }
        }
    }
    let memory = server.memory()?;
    lines.push(format!("100,000 instances launched in {:.1} s", begun.elapsed().as_secs_f64()));
    lines.push(format!("resident memory with 100,000 instances: {memory:.0} MB (bound 900)"));
    Ok(lines)
}

/// First pages by filter, a start, and a reset, among 100,000.
pub async fn among_many(server: Running, state: &str) -> Result<Vec<String>> {
    let mut lines = Vec::new();
    let root = root_of(1);
    let vpcs = call(&server, &root, "ec2", &[("Action", "DescribeVpcs"), ("Version", EC2)]).await?;
    let vpc = element(&vpcs, "vpcId")?;
    let page = PAGE.to_string();
    for (name, value) in [("vpc-id", vpc.as_str()), ("tag:team", "red"), ("instance-state-name", "running")] {
        let parameters = [
            ("Action", "DescribeInstances"),
            ("Version", EC2),
            ("MaxResults", page.as_str()),
            ("Filter.1.Name", name),
            ("Filter.1.Value.1", value),
        ];
        let mut times = Vec::new();
        for _ in 0..9 {
            let begun = Instant::now();
            call(&server, &root, "ec2", &parameters).await?;
            times.push(millis(begun));
        }
        lines.push(format!("first page of {PAGE} by {name}: {:.1} ms (bound 10)", median(times)?));
    }
    drop(server);
    let begun = Instant::now();
    let server = Running::ours_on(state).await?;
    rows::ask(&server, "sts", &[("Action", "GetCallerIdentity"), ("Version", STS)]).await?;
    lines.push(format!("start to first signed answer: {:.2} s (bound 2.5)", millis(begun) / 1_000.0));
    lines.push(format!("resident memory after that start: {:.0} MB", server.memory()?));
    lines.push(format!("reset: {:.1} ms (bound 100)", reset(&server).await?));
    Ok(lines)
}

fn root_of(account: usize) -> Key {
    Key(format!("{account:012}"), Key::root().1, None)
}

async fn reset(server: &Running) -> Result<f64> {
    let begun = Instant::now();
    post(server.address, "/_rolecall/reset").await?;
    Ok(millis(begun))
}

async fn post(address: SocketAddr, path: &str) -> Result<()> {
    let mut stream = TcpStream::connect(address).await?;
    let request = format!("POST {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    tokio::time::timeout(Duration::from_secs(30), stream.read_to_string(&mut answer)).await??;
    ensure!(answer.starts_with("HTTP/1.1 200"), "{path}: {answer}");
    Ok(())
}

fn millis(begun: Instant) -> f64 {
    begun.elapsed().as_secs_f64() * 1_000.0
}

fn median(mut times: Vec<f64>) -> Result<f64> {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().context("nothing was measured")
}
