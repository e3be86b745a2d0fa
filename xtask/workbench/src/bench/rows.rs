//! What is measured: the operations of the table, with state prepared through the API and requests signed beforehand.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use sigv4::{PathRule, Secret, Signer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::load::Requests;
use super::process::Running;

/// One line of the table.
pub struct Row {
    pub name: &'static str,
    /// The least ratio to the bare server.
    pub bound: f64,
    pub address: SocketAddr,
    pub requests: Requests,
}

/// A key: id, secret, and a token for temporary ones.
#[derive(Clone)]
pub struct Key(pub String, pub String, pub Option<String>);

impl Key {
    /// The root key that a fresh server knows.
    pub fn root() -> Key {
        Key("test".into(), "test".into(), None)
    }
}

pub const IAM: &str = "2010-05-08";
pub const STS: &str = "2011-06-15";
pub const EC2: &str = "2016-11-15";
/// Enough for the longest measurement of a write.
const CREATES: usize = 150_000;

/// Prepares our server and signs the requests.
pub async fn prepare(server: &Running, large: bool) -> Result<Vec<Row>> {
    let root = Key::root();
    let user = user(server, &root).await?;
    let to = |name, bound, requests| Row { name, bound, address: server.address, requests };
    let mut rows = vec![
        to("GetCallerIdentity", 0.50, same(server, &user, "sts", &[("Action", "GetCallerIdentity"), ("Version", STS)])),
        to(
            "GetRole",
            0.35,
            same(server, &user, "iam", &[("Action", "GetRole"), ("Version", IAM), ("RoleName", "target")]),
        ),
        to("CreateRole", 0.12, creates(server, &user)),
        to("AssumeRole", 0.25, same(server, &user, "sts", &assume())),
    ];
    let instance = launch(server, &root, 100, Some("app")).await?;
    rows.push(to("DescribeInstances of one among 100", 0.25, same(server, &user, "ec2", &describe(&instance))));
    rows.push(metadata(server, &instance).await?);
    if large {
        for line in super::large::fill(server).await? {
            println!("  {line}");
        }
        rows.push(to(
            "DescribeInstances of one among 100,000",
            0.125,
            same(server, &user, "ec2", &describe(&instance)),
        ));
    }
    Ok(rows)
}

/// The same for the peer, as far as it has the operations; it checks no keys.
pub async fn prepare_peer(server: &Running) -> Result<Vec<Row>> {
    let root = Key::root();
    // Its services load when they are first asked; sixteen first requests at once would measure that.
    call(server, &root, "sts", &[("Action", "GetCallerIdentity"), ("Version", STS)]).await?;
    call(server, &root, "iam", &create_role("target")).await?;
    let to = |name, requests| Row { name, bound: 0.0, address: server.address, requests };
    let image = "ami-12c6146b";
    let launched =
        [("Action", "RunInstances"), ("Version", EC2), ("ImageId", image), ("MinCount", "100"), ("MaxCount", "100")];
    let instance = element(&call(server, &root, "ec2", &launched).await?, "instanceId")?;
    Ok(vec![
        to("GetCallerIdentity", same(server, &root, "sts", &[("Action", "GetCallerIdentity"), ("Version", STS)])),
        to("GetRole", same(server, &root, "iam", &[("Action", "GetRole"), ("Version", IAM), ("RoleName", "target")])),
        to("CreateRole", creates(server, &root)),
        to("AssumeRole", same(server, &root, "sts", &assume())),
        to("DescribeInstances of one among 100", same(server, &root, "ec2", &describe(&instance))),
    ])
}

pub const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::000000000000:root"},"Action":"sts:AssumeRole"}]}"#;
pub const EC2_TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
pub const POLICY: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iam:*","sts:*","ec2:Describe*"],"Resource":"*"}]}"#;

pub fn create_role(name: &str) -> [(&'static str, &str); 4] {
    [("Action", "CreateRole"), ("Version", IAM), ("RoleName", name), ("AssumeRolePolicyDocument", TRUST)]
}

fn assume() -> [(&'static str, &'static str); 4] {
    let arn = "arn:aws:iam::000000000000:role/target";
    [("Action", "AssumeRole"), ("Version", STS), ("RoleArn", arn), ("RoleSessionName", "bench")]
}

fn describe(instance: &str) -> [(&'static str, &str); 3] {
    [("Action", "DescribeInstances"), ("Version", EC2), ("InstanceId.1", instance)]
}

/// A user with ordinary permissions, the role it assumes, and an instance profile.
async fn user(server: &Running, root: &Key) -> Result<Key> {
    let calls: &[&[(&str, &str)]] = &[
        &create_role("target"),
        &[("Action", "CreateUser"), ("Version", IAM), ("UserName", "bench")],
        &[
            ("Action", "PutUserPolicy"),
            ("Version", IAM),
            ("UserName", "bench"),
            ("PolicyName", "p"),
            ("PolicyDocument", POLICY),
        ],
        &[("Action", "CreateRole"), ("Version", IAM), ("RoleName", "app"), ("AssumeRolePolicyDocument", EC2_TRUST)],
        &[("Action", "CreateInstanceProfile"), ("Version", IAM), ("InstanceProfileName", "app")],
        &[
            ("Action", "AddRoleToInstanceProfile"),
            ("Version", IAM),
            ("InstanceProfileName", "app"),
            ("RoleName", "app"),
        ],
    ];
    for parameters in calls {
        call(server, root, "iam", parameters).await?;
    }
    let made =
        call(server, root, "iam", &[("Action", "CreateAccessKey"), ("Version", IAM), ("UserName", "bench")]).await?;
    Ok(Key(element(&made, "AccessKeyId")?, element(&made, "SecretAccessKey")?, None))
}

/// Launches instances, with the profile if one is named; the id of one.
pub async fn launch(server: &Running, root: &Key, count: usize, profile: Option<&str>) -> Result<String> {
    let filters = [("Filter.1.Name", "name"), ("Filter.1.Value.1", "al2023-ami-2023.*-x86_64"), ("Owner.1", "amazon")];
    let images =
        call(server, root, "ec2", &[&[("Action", "DescribeImages"), ("Version", EC2)][..], &filters].concat()).await?;
    let (image, count) = (element(&images, "imageId")?, count.to_string());
    let mut parameters = vec![
        ("Action", "RunInstances"),
        ("Version", EC2),
        ("ImageId", image.as_str()),
        ("InstanceType", "t3.micro"),
        ("MinCount", &count),
        ("MaxCount", &count),
        ("TagSpecification.1.ResourceType", "instance"),
        ("TagSpecification.1.Tag.1.Key", "team"),
        ("TagSpecification.1.Tag.1.Value", "red"),
    ];
    parameters.extend(profile.map(|name| ("IamInstanceProfile.Name", name)));
    element(&call(server, root, "ec2", &parameters).await?, "instanceId")
}

/// Role credentials out of an instance's metadata, with a token.
async fn metadata(server: &Running, instance: &str) -> Result<Row> {
    let found =
        plain(server.address, &format!("GET /_rolecall/instances/{instance} HTTP/1.1\r\nhost: localhost\r\n\r\n"))
            .await?;
    let (_, rest) = found.split_once("\"metadata\":\"http://").context("no metadata address")?;
    let address: SocketAddr = rest.split('"').next().context("no metadata address")?.parse()?;
    let put = "PUT /latest/api/token HTTP/1.1\r\nhost: m\r\nx-aws-ec2-metadata-token-ttl-seconds: 21600\r\ncontent-length: 0\r\n\r\n";
    let answer = plain(address, put).await?;
    let token = answer.split("\r\n\r\n").nth(1).context("no token")?;
    let get = format!(
        "GET /latest/meta-data/iam/security-credentials/app HTTP/1.1\r\nhost: m\r\nx-aws-ec2-metadata-token: {token}\r\n\r\n"
    );
    Ok(Row {
        name: "IMDS role credentials",
        bound: 0.40,
        address,
        requests: Requests::Same(Arc::new(get.into_bytes())),
    })
}

fn same(server: &Running, key: &Key, service: &str, parameters: &[(&str, &str)]) -> Requests {
    Requests::Same(Arc::new(signed(server.address, key, service, parameters)))
}

fn creates(server: &Running, key: &Key) -> Requests {
    let each = (0..CREATES).map(|number| signed(server.address, key, "iam", &create_role(&format!("role-{number}"))));
    Requests::Each(Arc::new(each.collect()))
}

#[expect(clippy::disallowed_methods, reason = "requests are signed by the real time")]
fn now() -> jiff::Timestamp {
    jiff::Timestamp::now()
}

/// A whole signed HTTP request.
pub fn signed(server: SocketAddr, key: &Key, service: &str, parameters: &[(&str, &str)]) -> Vec<u8> {
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
    let host = server.to_string();
    let headers = [("host", host.as_str()), ("content-type", "application/x-www-form-urlencoded; charset=utf-8")];
    let secret = Secret::new(key.1.as_str());
    let signer = Signer {
        access_key_id: &key.0,
        secret: &secret,
        session_token: key.2.as_deref(),
        region: "us-east-1",
        service,
        at: now(),
        path: PathRule::Normalised,
    };
    let request = sigv4::Request { method: "POST", path: "/", query: None, headers: &headers, body: body.as_bytes() };
    let mut text = String::from("POST / HTTP/1.1\r\n");
    let added = sigv4::sign(&request, &signer);
    let all = headers.iter().map(|(name, value)| (*name, (*value).to_owned())).chain(added);
    for (name, value) in all {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text.push_str(&format!("content-length: {}\r\n\r\n{body}", body.len()));
    text.into_bytes()
}

/// One call as root, for measuring a start.
pub async fn ask(server: &Running, service: &str, parameters: &[(&str, &str)]) -> Result<String> {
    call(server, &Key::root(), service, parameters).await
}

/// One call that must succeed, on a connection of its own; the whole answer.
pub async fn call(server: &Running, key: &Key, service: &str, parameters: &[(&str, &str)]) -> Result<String> {
    let request = signed(server.address, key, service, parameters);
    let answer = plain(server.address, &String::from_utf8(request)?).await?;
    if !answer.starts_with("HTTP/1.1 200") {
        bail!("{parameters:?}: {answer}");
    }
    Ok(answer)
}

/// Sends a request on a connection of its own and reads until the server closes it.
async fn plain(address: SocketAddr, request: &str) -> Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    let (line, rest) = request.split_once("\r\n").context("no request line")?;
    stream.write_all(format!("{line}\r\nconnection: close\r\n{rest}").as_bytes()).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

/// The text of the first such element.
pub fn element(xml: &str, name: &str) -> Result<String> {
    let (_, rest) = xml.split_once(&format!("<{name}>")).with_context(|| format!("no <{name}> in {xml}"))?;
    Ok(rest.split('<').next().unwrap_or_default().to_owned())
}
