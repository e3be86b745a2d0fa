//! One connection that writes and notes what was answered. Each writer has names of its own, so that what it expects depends on nobody else;
//! a write that was under way when the server died may be there or not, but whole.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use anyhow::{Context, Result, bail};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::answer::{self, Element};
use crate::bench::rows::{self, EC2, EC2_TRUST, IAM, Key, POLICY, STS};

/// Something that is there: `user w1-5`, `member w1-7 w1-6`, `volume w1-9 0`. The second word begins with its writer's name.
pub type Fact = String;

/// A request and what is true after it.
pub struct Write {
    service: &'static str,
    parameters: Vec<(&'static str, String)>,
    pub adds: Vec<Fact>,
    pub removes: Vec<Fact>,
    gives: Gives,
}

/// What is kept of the answer.
enum Gives {
    Nothing,
    /// Ids of instances with that client token.
    Instances(String),
    Credentials,
}

/// A writer: what it expects, across crashes.
pub struct Writer {
    name: String,
    random: Random,
    made: usize,
    image: String,
    pub facts: BTreeSet<Fact>,
    /// Ids by client token and launch index.
    pub instances: BTreeMap<String, String>,
    /// Users that may have keys: they stay.
    keyed: BTreeSet<String>,
    /// Keys and sessions that were issued.
    pub credentials: Vec<Key>,
    pub answered: usize,
    /// What was under way when the server died.
    pub pending: Option<Write>,
}

/// As many living instances as one writer keeps.
const INSTANCES: usize = 40;

impl Writer {
    /// A writer on a fresh server. `assumer` is who takes sessions (root may not).
    pub fn new(number: usize, seed: u64, image: &str) -> Writer {
        Writer {
            name: format!("w{number}"),
            random: Random(seed),
            made: 0,
            image: image.to_owned(),
            facts: BTreeSet::new(),
            instances: BTreeMap::new(),
            keyed: BTreeSet::new(),
            credentials: Vec::new(),
            answered: 0,
            pending: None,
        }
    }

    /// Whether a fact is this writer's.
    pub fn owns(&self, fact: &str) -> bool {
        let name = fact.split(' ').nth(1).unwrap_or_default();
        name.split('-').next() == Some(self.name.as_str())
    }

    /// Writes until the server dies. A refusal is an error: all that is written is legal.
    pub async fn run(mut self, server: SocketAddr, assumer: Key) -> Result<Writer> {
        let Ok(mut stream) = TcpStream::connect(server).await else { return Ok(self) };
        stream.set_nodelay(true)?;
        loop {
            let write = self.choose();
            let by = if write.service == "sts" { &assumer } else { &Key::root() };
            let parameters: Vec<(&str, &str)> =
                write.parameters.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let request = rows::signed(server, by, write.service, &parameters);
            let Some(answer) = exchange(&mut stream, &request).await else {
                self.pending = Some(write);
                return Ok(self);
            };
            if !answer.starts_with("HTTP/1.1 200") {
                bail!("{parameters:?}: {answer}");
            }
            self.acknowledge(write, &answer)?;
        }
    }

    fn acknowledge(&mut self, write: Write, answer: &str) -> Result<()> {
        self.answered += 1;
        match &write.gives {
            Gives::Nothing => {}
            Gives::Instances(token) => {
                for instance in &answer::parse(answer)?.at("instancesSet").children {
                    let name = format!("{token} {}", instance.text("amiLaunchIndex"));
                    self.instances.insert(name, instance.text("instanceId").to_owned());
                }
            }
            Gives::Credentials => self.credentials.push(credentials(&answer::parse(answer)?)?),
        }
        self.facts.retain(|fact| !write.removes.contains(fact));
        self.facts.extend(write.adds);
        Ok(())
    }

    fn choose(&mut self) -> Write {
        let found = match self.random.below(100) {
            0..18 => None,
            18..25 => self.delete_user(),
            25..38 => Some(self.create("role")),
            38..50 => self.put_policy(),
            50..56 => self.delete_policy(),
            56..63 => Some(self.create("profile")),
            63..71 => self.add_member(),
            71..74 => self.remove_member(),
            74..82 => self.launch(),
            82..88 => self.tag(),
            88..93 => self.terminate(),
            93..96 => self.create_key(),
            _ => Some(assume()),
        };
        found.unwrap_or_else(|| self.create("user"))
    }

    fn fresh(&mut self) -> String {
        self.made += 1;
        format!("{}-{}", self.name, self.made)
    }

    /// The words after the kind, of one fact of it that will do.
    fn any(&mut self, kind: &str, will_do: impl Fn(&Writer, &str) -> bool) -> Option<String> {
        let start = format!("{kind} ");
        let from = self.facts.range(start.clone()..);
        let names = from.map_while(|fact| fact.strip_prefix(start.as_str()));
        let names: Vec<String> = names.filter(|name| will_do(self, name)).map(str::to_owned).collect();
        let chosen = self.random.below(names.len().max(1) as u64) as usize;
        names.into_iter().nth(chosen)
    }

    fn create(&mut self, kind: &str) -> Write {
        let name = self.fresh();
        let adds = vec![format!("{kind} {name}")];
        match kind {
            "role" => {
                let parameters = [("RoleName", name), ("AssumeRolePolicyDocument", EC2_TRUST.to_owned())];
                iam("CreateRole", parameters, adds, vec![])
            }
            "profile" => iam("CreateInstanceProfile", [("InstanceProfileName", name)], adds, vec![]),
            _ => iam("CreateUser", [("UserName", name)], adds, vec![]),
        }
    }

    fn delete_user(&mut self) -> Option<Write> {
        let name = self.any("user", |writer, name| !writer.keyed.contains(name))?;
        Some(iam("DeleteUser", [("UserName", name.clone())], vec![], vec![format!("user {name}")]))
    }

    fn put_policy(&mut self) -> Option<Write> {
        let role = self.any("role", |_, _| true)?;
        let policy = format!("p{}", self.random.below(3));
        let adds = vec![format!("policy {role} {policy}")];
        let parameters = [("RoleName", role), ("PolicyName", policy), ("PolicyDocument", POLICY.to_owned())];
        Some(iam("PutRolePolicy", parameters, adds, vec![]))
    }

    fn delete_policy(&mut self) -> Option<Write> {
        let fact = self.any("policy", |_, _| true)?;
        let (role, policy) = fact.split_once(' ')?;
        let parameters = [("RoleName", role.to_owned()), ("PolicyName", policy.to_owned())];
        Some(iam("DeleteRolePolicy", parameters, vec![], vec![format!("policy {fact}")]))
    }

    fn add_member(&mut self) -> Option<Write> {
        let profile = self.any("profile", |writer, name| {
            let start = format!("member {name} ");
            writer.facts.range(start.clone()..).next().is_none_or(|fact| !fact.starts_with(&start))
        })?;
        let role = self.any("role", |_, _| true)?;
        let adds = vec![format!("member {profile} {role}")];
        Some(iam("AddRoleToInstanceProfile", [("InstanceProfileName", profile), ("RoleName", role)], adds, vec![]))
    }

    fn remove_member(&mut self) -> Option<Write> {
        let fact = self.any("member", |_, _| true)?;
        let (profile, role) = fact.split_once(' ')?;
        let parameters = [("InstanceProfileName", profile.to_owned()), ("RoleName", role.to_owned())];
        Some(iam("RemoveRoleFromInstanceProfile", parameters, vec![], vec![format!("member {fact}")]))
    }

    fn create_key(&mut self) -> Option<Write> {
        let user = self.any("user", |writer, name| !writer.keyed.contains(name))?;
        self.keyed.insert(user.clone());
        let mut write = iam("CreateAccessKey", [("UserName", user)], vec![], vec![]);
        write.gives = Gives::Credentials;
        Some(write)
    }

    fn launch(&mut self) -> Option<Write> {
        if self.instances.len() >= INSTANCES {
            return self.terminate();
        }
        let profile = self.any("member", |_, _| true).and_then(|member| Some(member.split_once(' ')?.0.to_owned()));
        let (token, count) = (self.fresh(), 1 + self.random.below(3));
        let mut adds = Vec::new();
        for index in 0..count {
            let name = format!("{token} {index}");
            adds.extend(["instance", "volume", "interface"].map(|kind| format!("{kind} {name}")));
            adds.push(format!("tag {name} Name={token}"));
            adds.extend(profile.iter().map(|profile| format!("runs-as {name} {profile}")));
        }
        let mut parameters = vec![
            ("ImageId", self.image.clone()),
            ("InstanceType", "t3.micro".to_owned()),
            ("MinCount", count.to_string()),
            ("MaxCount", count.to_string()),
            ("ClientToken", token.clone()),
            ("TagSpecification.1.ResourceType", "instance".to_owned()),
            ("TagSpecification.1.Tag.1.Key", "Name".to_owned()),
            ("TagSpecification.1.Tag.1.Value", token.clone()),
            ("TagSpecification.2.ResourceType", "volume".to_owned()),
            ("TagSpecification.2.Tag.1.Key", "Name".to_owned()),
            ("TagSpecification.2.Tag.1.Value", token.clone()),
        ];
        parameters.extend(profile.map(|profile| ("IamInstanceProfile.Name", profile)));
        let mut write = ec2("RunInstances", parameters, adds, vec![]);
        write.gives = Gives::Instances(token);
        Some(write)
    }

    fn instance(&mut self) -> Option<(String, String)> {
        let chosen = self.random.below(self.instances.len().max(1) as u64) as usize;
        self.instances.iter().nth(chosen).map(|(name, id)| (name.clone(), id.clone()))
    }

    /// One tag for two instances at once.
    fn tag(&mut self) -> Option<Write> {
        let (one, two) = (self.instance()?, self.instance()?);
        let note = format!("n{}", self.random.below(5));
        let value = self.fresh();
        let (mut adds, mut removes) = (Vec::new(), Vec::new());
        for (name, _) in [&one, &two] {
            let start = format!("tag {name} {note}=");
            removes.extend(self.facts.iter().filter(|fact| fact.starts_with(&start)).cloned());
            adds.push(format!("{start}{value}"));
        }
        let mut parameters = vec![("ResourceId.1", one.1.clone()), ("Tag.1.Key", note), ("Tag.1.Value", value)];
        if one.1 != two.1 {
            parameters.push(("ResourceId.2", two.1));
        }
        Some(ec2("CreateTags", parameters, adds, removes))
    }

    fn terminate(&mut self) -> Option<Write> {
        let (one, two) = (self.instance()?, self.instance()?);
        let mut parameters = vec![("InstanceId.1", one.1.clone())];
        if one.1 != two.1 {
            parameters.push(("InstanceId.2", two.1));
        }
        self.instances.remove(&one.0);
        self.instances.remove(&two.0);
        // `instance w1-9 0` and all that goes with it.
        let goes = |fact: &&Fact| {
            let words = fact.split_once(' ').map_or("", |(_, words)| words);
            [&one.0, &two.0].iter().any(|name| {
                words.strip_prefix(name.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
            })
        };
        let removes = self.facts.iter().filter(goes).filter(|fact| !fact.starts_with("member ")).cloned().collect();
        Some(ec2("TerminateInstances", parameters, vec![], removes))
    }
}

fn iam<const N: usize>(
    action: &str,
    parameters: [(&'static str, String); N],
    adds: Vec<Fact>,
    removes: Vec<Fact>,
) -> Write {
    request("iam", IAM, action, parameters.into(), adds, removes)
}

fn ec2(action: &str, parameters: Vec<(&'static str, String)>, adds: Vec<Fact>, removes: Vec<Fact>) -> Write {
    request("ec2", EC2, action, parameters, adds, removes)
}

fn request(
    service: &'static str,
    version: &str,
    action: &str,
    parameters: Vec<(&'static str, String)>,
    adds: Vec<Fact>,
    removes: Vec<Fact>,
) -> Write {
    let mut all = vec![("Action", action.to_owned()), ("Version", version.to_owned())];
    all.extend(parameters);
    Write { service, parameters: all, adds, removes, gives: Gives::Nothing }
}

/// A session of the role that a fresh server is given at first.
fn assume() -> Write {
    let arn = "arn:aws:iam::000000000000:role/target".to_owned();
    let parameters = vec![("RoleArn", arn), ("RoleSessionName", "soak".to_owned())];
    let mut write = request("sts", STS, "AssumeRole", parameters, vec![], vec![]);
    write.gives = Gives::Credentials;
    write
}

/// The key in the answer of CreateAccessKey or AssumeRole.
fn credentials(answer: &Element) -> Result<Key> {
    let result = answer.children.first().context("no result")?;
    let key = ["AccessKey", "Credentials"].map(|name| result.at(name)).into_iter().find(|key| !key.children.is_empty());
    let key = key.context("no credentials in the answer")?;
    let token = Some(key.text("SessionToken").to_owned()).filter(|token| !token.is_empty());
    Ok(Key(key.text("AccessKeyId").to_owned(), key.text("SecretAccessKey").to_owned(), token))
}

#[cfg(test)]
impl Write {
    /// A write that was under way, for tests of the comparison.
    pub fn of(adds: Vec<Fact>, removes: Vec<Fact>) -> Write {
        request("iam", IAM, "Test", Vec::new(), adds, removes)
    }
}

/// Sends a request and reads its answer whole; `None` if the server died before.
pub async fn exchange(stream: &mut TcpStream, request: &[u8]) -> Option<String> {
    stream.write_all(request).await.ok()?;
    let mut answer = Vec::new();
    loop {
        if let Some(whole) = whole(&answer) {
            return Some(whole);
        }
        if stream.read_buf(&mut answer).await.ok()? == 0 {
            return None;
        }
    }
}

fn whole(answer: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(answer).ok()?;
    let (head, body) = text.split_once("\r\n\r\n")?;
    let lengths = head.lines().filter_map(|line| line.split_once(':'));
    let mut length =
        lengths.filter(|(name, _)| name.eq_ignore_ascii_case("content-length")).map(|(_, value)| value.trim());
    (length.next()?.parse() == Ok(body.len())).then(|| text.to_owned())
}

/// SplitMix64: a seed gives the same run of choices again.
pub struct Random(pub u64);

impl Random {
    /// A number below the bound, which is above 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }
}
