//! `cargo xtask soak --model SEQUENCES`: plays random sequences of network and instance operations against the server and against a naive model
//! of the rules ([`rules`], [`effects`]). Each answer must be the model's, success or one of the codes it expects, and after the sequence all
//! that the account shows ([`seen`]) must be what the model holds. Every sequence is played twice: as it is, and with the server killed and
//! started again on its state in the middle.

mod effects;
mod rules;
mod seen;
mod step;

use std::collections::BTreeSet;
use std::fs;

use anyhow::{Context, Result, bail};
use tokio::net::TcpStream;

use self::effects::Furniture;
use self::rules::Rules;
use self::step::{Id, Step};
use super::answer::{self, Element};
use super::writer::{Random, exchange};
use crate::bench::process::Running;
use crate::bench::rows::{self, EC2, Key};
use xtask::target;

/// Steps of one sequence.
const STEPS: usize = 80;
/// Sequences on one state file, each in an account of its own.
const BATCH: u64 = 100;
/// So many differences are told.
const TOLD: usize = 5;
/// The steps that are told before a difference.
const TRAIL: usize = 25;

/// Plays so many sequences twice; fails at a difference.
pub async fn run(sequences: u64, seed: u64) -> Result<()> {
    for with_restart in [false, true] {
        let (mut begun, mut steps, mut refused) = (0, 0, 0);
        while begun < sequences {
            let batch = BATCH.min(sequences - begun);
            let played = batch_of(seed, begun..begun + batch, with_restart).await?;
            begun += batch;
            steps += played.iter().map(|player| player.steps).sum::<usize>();
            refused += played.iter().map(|player| player.refused).sum::<usize>();
        }
        let how = if with_restart { "with the server killed in the middle" } else { "as they are" };
        println!("{begun} sequences {how}: {steps} steps, {refused} of them refused, no difference");
    }
    Ok(())
}

/// Some sequences at once on a fresh state file.
async fn batch_of(seed: u64, numbers: std::ops::Range<u64>, with_restart: bool) -> Result<Vec<Player>> {
    let folder = target().join("soak");
    _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder)?;
    let state = folder.join("model.db").display().to_string();
    let mut server = Running::ours_with(&state, &["--states", "instant"]).await?;
    let image = super::image(&server).await?;
    let mut players: Vec<Player> = numbers.map(|number| Player::new(seed, number, &image)).collect();
    for half in 0..2 {
        if half == 1 && with_restart {
            drop(server);
            server = Running::ours_with(&state, &["--states", "instant"]).await.context("the start after a kill")?;
        }
        let playing: Vec<_> = players.drain(..).map(|player| tokio::spawn(player.play(server.address))).collect();
        let mut faults = Vec::new();
        for player in playing {
            let player = player.await??;
            faults.extend(player.fault.clone());
            players.push(player);
        }
        if !faults.is_empty() {
            faults.iter().take(TOLD).for_each(|fault| println!("{fault}\n"));
            bail!("{} sequences of this batch differ from the model", faults.len());
        }
    }
    Ok(players)
}

/// Plays one sequence in an account of its own.
struct Player {
    number: u64,
    key: Key,
    image: String,
    random: Random,
    rules: Rules,
    trail: Vec<String>,
    steps: usize,
    refused: usize,
    fault: Option<String>,
}

impl Player {
    fn new(seed: u64, number: u64, image: &str) -> Player {
        let account = format!("{:012}", 300_000_000_000 + number);
        Player {
            number,
            key: Key(account, "test".into(), None),
            image: image.to_owned(),
            random: Random(seed.wrapping_mul(1_000_003).wrapping_add(number)),
            rules: Rules::default(),
            trail: Vec::new(),
            steps: 0,
            refused: 0,
            fault: None,
        }
    }

    /// Plays half of the steps and looks at everything.
    async fn play(mut self, server: std::net::SocketAddr) -> Result<Player> {
        let mut line = Line { stream: TcpStream::connect(server).await?, key: self.key.clone() };
        line.stream.set_nodelay(true)?;
        for _ in 0..STEPS / 2 {
            let step = self.draw();
            if let Err(fault) = self.take(&mut line, &step).await {
                return Ok(self.failed(&fault));
            }
        }
        let (held, shown) = (self.rules.facts(), line.facts().await?);
        if held == shown {
            return Ok(self);
        }
        let not_shown: Vec<&String> = held.difference(&shown).collect();
        let not_held: Vec<&String> = shown.difference(&held).collect();
        let fault = anyhow::anyhow!("the model has {not_shown:#?}\nand the server shows {not_held:#?}");
        Ok(self.failed(&fault))
    }

    /// Mostly a step that the rules allow, so that much comes to be.
    fn draw(&mut self) -> Step {
        let tries = if self.random.below(4) == 0 { 1 } else { 6 };
        let mut step = Step::draw(&mut self.random, &self.rules);
        for _ in 1..tries {
            if self.rules.refusals(&step).is_empty() {
                break;
            }
            step = Step::draw(&mut self.random, &self.rules);
        }
        step
    }

    fn failed(mut self, fault: &anyhow::Error) -> Player {
        let from = self.trail.len().saturating_sub(TRAIL);
        let trail = self.trail.get(from..).unwrap_or_default().join("\n  ");
        self.fault = Some(format!("sequence {}:\n  {trail}\n{fault:#}", self.number));
        self
    }

    async fn take(&mut self, line: &mut Line, step: &Step) -> Result<()> {
        self.trail.push(format!("{step:?}"));
        self.steps += 1;
        let expected = self.rules.refusals(step);
        let (action, parameters) = step.parameters(&self.image);
        match line.ask(action, &parameters).await? {
            Ok(answer) if expected.is_empty() => {
                if let Step::CreateVpc = step {
                    let vpc = answer.at("vpc").text("vpcId").to_owned();
                    let furniture = line.furniture(&vpc).await?;
                    self.rules.furnish(&vpc, furniture);
                }
                self.rules.apply(step, &answer)
            }
            Err(code) if expected.contains(code.as_str()) => {
                self.refused += 1;
                Ok(())
            }
            Ok(_) => bail!("it succeeded, where the model refuses with {expected:?}"),
            Err(code) => bail!("it was refused with {code}, where the model expects {expected:?}"),
        }
    }
}

/// A connection of one account.
struct Line {
    stream: TcpStream,
    key: Key,
}

impl Line {
    /// The answer, or the code of the refusal.
    async fn ask(&mut self, action: &str, parameters: &[(&str, String)]) -> Result<Result<Element, String>> {
        let mut all = vec![("Action", action), ("Version", EC2)];
        all.extend(parameters.iter().map(|(name, value)| (*name, value.as_str())));
        let request = rows::signed(self.stream.peer_addr()?, &self.key, "ec2", &all);
        let answer = exchange(&mut self.stream, &request).await.context("the server hung up")?;
        let told = answer::parse(&answer)?;
        if answer.starts_with("HTTP/1.1 200") {
            return Ok(Ok(told));
        }
        Ok(Err(told.at("Errors").at("Error").text("Code").to_owned()))
    }

    async fn list(&mut self, action: &str, list: &str, parameters: &[(&str, String)]) -> Result<Vec<Element>> {
        match self.ask(action, parameters).await? {
            Ok(mut answer) => Ok(answer.take(list)),
            Err(code) => bail!("{action} is refused with {code}"),
        }
    }

    async fn furniture(&mut self, vpc: &Id) -> Result<Furniture> {
        let of_vpc = [("Filter.1.Name", "vpc-id".to_owned()), ("Filter.1.Value.1", vpc.clone())];
        let tables = self.list("DescribeRouteTables", "routeTableSet", &of_vpc).await?;
        let groups = self.list("DescribeSecurityGroups", "securityGroupInfo", &of_vpc).await?;
        let ([table], [group]) = (tables.as_slice(), groups.as_slice()) else { bail!("{vpc} has no furniture") };
        Ok(Furniture { table: table.text("routeTableId").to_owned(), group: group.text("groupId").to_owned() })
    }

    async fn facts(&mut self) -> Result<BTreeSet<String>> {
        let vpcs = self.list("DescribeVpcs", "vpcSet", &[]).await?;
        let default = vpcs.iter().find(|vpc| vpc.text("isDefault") == "true").map(|vpc| vpc.text("vpcId").to_owned());
        let default = default.unwrap_or_else(|| "none".to_owned());
        let mut facts = BTreeSet::new();
        for (action, list) in seen::READ {
            facts.append(&mut seen::facts(action, &self.list(action, list, &[]).await?, &default));
        }
        Ok(facts)
    }
}
