//! A running server, and what the tests do to it: its own commands, and operations of IAM and EC2, which are signed here. The binary is the one
//! ROLECALL_BIN names.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::UNIX_EPOCH;
use std::{env, fs};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use aws_smithy_async::time::{SystemTimeSource, TimeSource};

pub const REGION: &str = "us-east-1";

/// A role in an instance profile of the same name. It may list roles with keys that came by the second version of the metadata service.
pub const ROLE: &str = "On-instance";

const IMAGE: &str = "resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64";

/// It ends with its owner.
pub struct Server {
    process: Child,
    folder: PathBuf,
    pub url: String,
    metadata_port: String,
}

pub struct Instance {
    pub id: String,
    /// The address of its metadata service.
    pub url: String,
}

impl Server {
    /// A server in which there is nothing but the role; its state is in a folder of that name.
    pub fn start(name: &str) -> Self {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        if folder.exists() {
            fs::remove_dir_all(&folder).unwrap();
        }
        fs::create_dir_all(&folder).unwrap();
        let (url, metadata_port) = ("http://127.0.0.1:0".to_owned(), "0".to_owned());
        let mut server = Self { process: serve(&folder, &url, &metadata_port), folder, url, metadata_port };
        server.read_addresses();
        server.make_profile(ROLE);
        let delivered = r#""Condition": {"NumericGreaterThanEquals": {"ec2:RoleDelivery": "2.0"}}"#;
        let statement = format!(r#"{{"Effect": "Allow", "Action": "iam:ListRoles", "Resource": "*", {delivered}}}"#);
        let policy = format!(r#"{{"Version": "2012-10-17", "Statement": [{statement}]}}"#);
        server.iam("PutRolePolicy", &[("RoleName", ROLE), ("PolicyName", "permissions"), ("PolicyDocument", &policy)]);
        server
    }

    /// Starts it again after `kill`, at the same addresses and with the same state.
    pub fn start_again(&mut self) {
        self.process = serve(&self.folder, &self.url, &self.metadata_port);
        self.read_addresses();
    }

    pub fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// From the lines that are printed when it is up.
    fn read_addresses(&mut self) {
        for line in BufReader::new(self.process.stdout.as_mut().unwrap()).lines() {
            let line = line.unwrap();
            match line.split_whitespace().collect::<Vec<_>>()[..] {
                ["address", url] => self.url = url.to_owned(),
                ["metadata", "port", port, ..] => self.metadata_port = port.trim_end_matches(',').to_owned(),
                ["export", "AWS_REGION=us-east-1", ..] => return,
                _ => {}
            }
        }
        panic!("the server ended before it was up");
    }

    /// Runs one of our own commands against it; what that prints.
    pub fn run(&self, arguments: &[&str]) -> String {
        let mut command = Command::new(binary());
        let output = command.args(arguments).env_clear().env("AWS_ENDPOINT_URL", &self.url).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// How many seconds it is until ten minutes past an hour: an instance's keys change with the hour, so a test that counts hours begins away from
    /// an hour's ends.
    pub fn until_ten_past() -> u64 {
        const HOUR: u64 = 3600;
        let now = SystemTimeSource::new().now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        600 + HOUR - now % HOUR
    }

    /// Moves its clock, not the clients'.
    pub fn advance(&self, by: &str) {
        self.run(&["clock", "advance", by]);
    }

    pub fn iam(&self, action: &str, parameters: &[(&str, &str)]) -> String {
        self.succeed("iam", action, parameters)
    }

    pub fn ec2(&self, action: &str, parameters: &[(&str, &str)]) -> String {
        self.succeed("ec2", action, parameters)
    }

    fn succeed(&self, service: &str, action: &str, parameters: &[(&str, &str)]) -> String {
        let root = Credentials::new("test", "test", None, None, "root");
        self.call(&root, service, action, parameters).unwrap_or_else(|refusal| panic!("{action}: {refusal}"))
    }

    /// Calls an operation with those keys: the answer, or what refuses it.
    pub fn call(
        &self,
        keys: &Credentials,
        service: &str,
        action: &str,
        parameters: &[(&str, &str)],
    ) -> Result<String, String> {
        let mut form = form_urlencoded::Serializer::new(String::new());
        let version = if service == "iam" { "2010-05-08" } else { "2016-11-15" };
        let named = [("Action", action), ("Version", version)];
        let body = form.extend_pairs(named).extend_pairs(parameters).finish();
        let host = self.url.trim_start_matches("http://");
        let headers = [("host", host), ("content-type", "application/x-www-form-urlencoded")];
        let identity = keys.clone().into();
        let signed_by = v4::SigningParams::builder()
            .identity(&identity)
            .region(REGION)
            .name(service)
            .time(SystemTimeSource::new().now())
            .settings(SigningSettings::default())
            .build()
            .unwrap()
            .into();
        let content = SignableBody::Bytes(body.as_bytes());
        let request = SignableRequest::new("POST", "/", headers.into_iter(), content).unwrap();
        let (signature, _) = sign(request, &signed_by).unwrap().into_parts();
        let mut head = format!("POST / HTTP/1.1\r\nconnection: close\r\ncontent-length: {}\r\n", body.len());
        for (name, value) in headers.into_iter().chain(signature.headers()) {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        let answer = exchange(host, &format!("{head}\r\n{body}"));
        if status(&answer) == 200 { Ok(answer) } else { Err(answer) }
    }

    /// A role that EC2 may assume, in an instance profile of the same name.
    pub fn make_profile(&self, role: &str) {
        self.iam("CreateRole", &[("RoleName", role), ("AssumeRolePolicyDocument", &trust("ec2"))]);
        self.iam("CreateInstanceProfile", &[("InstanceProfileName", role)]);
        self.iam("AddRoleToInstanceProfile", &[("InstanceProfileName", role), ("RoleName", role)]);
    }

    /// An instance with the role, which requires tokens or leaves them optional.
    pub fn launch(&self, tokens: &str) -> Instance {
        let answer = self.ec2(
            "RunInstances",
            &[
                ("ImageId", IMAGE),
                ("InstanceType", "t3.micro"),
                ("MinCount", "1"),
                ("MaxCount", "1"),
                ("IamInstanceProfile.Name", ROLE),
                ("MetadataOptions.HttpTokens", tokens),
            ],
        );
        let id = element(&answer, "instanceId").to_owned();
        let url = self.run(&["imds", &id]);
        Instance { id, url }
    }

    /// Changes one of an instance's metadata options.
    pub fn change(&self, instance: &Instance, option: &str, value: &str) {
        self.ec2("ModifyInstanceMetadataOptions", &[("InstanceId", &instance.id), (option, value)]);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

impl Instance {
    /// Who a program on it is.
    pub fn arn(&self, role: &str) -> String {
        format!("arn:aws:sts::000000000000:assumed-role/{role}/{}", self.id)
    }

    /// The status with which its metadata service answers a request without any SDK, with that token or as the first version.
    pub fn status(&self, path: &str, token: Option<&str>) -> u16 {
        let host = self.url.trim_start_matches("http://");
        let token = token.map(|token| format!("x-aws-ec2-metadata-token: {token}\r\n")).unwrap_or_default();
        status(&exchange(host, &format!("GET {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n{token}\r\n")))
    }
}

fn binary() -> String {
    env::var("ROLECALL_BIN").expect("ROLECALL_BIN names the binary")
}

/// In an empty environment, so that nothing steers it.
fn serve(folder: &Path, url: &str, metadata_port: &str) -> Child {
    Command::new(binary())
        .args(["serve", "--listen", url.trim_start_matches("http://"), "--imds-port", metadata_port, "--state"])
        .arg(folder.join("state.db"))
        .env_clear()
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// A policy by which that service may assume a role.
pub fn trust(service: &str) -> String {
    let principal = format!(r#"{{"Service": "{service}.amazonaws.com"}}"#);
    let statement = format!(r#"{{"Effect": "Allow", "Principal": {principal}, "Action": "sts:AssumeRole"}}"#);
    format!(r#"{{"Version": "2012-10-17", "Statement": [{statement}]}}"#)
}

/// Sends a request that asks for the connection to be closed; the answer.
pub fn exchange(host: &str, request: &str) -> String {
    let mut stream = TcpStream::connect(host).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// The status of an answer.
pub fn status(answer: &str) -> u16 {
    answer.split(' ').nth(1).unwrap().parse().unwrap()
}

/// The text of an answer's first element of that name.
pub fn element<'a>(answer: &'a str, name: &str) -> &'a str {
    let (_, rest) = answer.split_once(&format!("<{name}>")).unwrap();
    rest.split_once("</").unwrap().0
}
