//! `rolecall env`: the lines a shell needs. With `--user` it makes that user, if missing, through the ordinary IAM API.

use std::process::ExitCode;

use bytes::Bytes;
use http_body_util::Full;
use hyper::Request;
use serde_json::Value;
use sigv4::{PathRule, Secret, Signer};

use super::{Address, Outcome, admin, imds, print, text};
use crate::{cli, clock};

/// Runs the command.
pub async fn run(env: &cli::Env) -> Outcome {
    let address = Address::of(&env.endpoint)?;
    if service::regions::region(&env.region).is_none() {
        return Err(format!("`{}` is no region", env.region));
    }
    let info = admin(&env.endpoint, "GET", "info", None).await?;
    let mut lines = Vec::new();
    match (&env.instance, &env.user) {
        (Some(instance), _) => {
            let instance = imds::instance(&env.endpoint, instance).await?;
            lines.push(("AWS_EC2_METADATA_SERVICE_ENDPOINT", text(&instance, "metadata")?.to_owned()));
            push_region(&mut lines, text(&instance, "region")?);
        }
        (None, Some(user)) => {
            let root = root(&info, &env.endpoint)?;
            let (id, secret) = Iam { address: &address, root, region: &env.region }.key_of(user).await?;
            push_keys(&mut lines, id, secret);
            push_region(&mut lines, &env.region);
        }
        (None, None) => {
            let (id, secret) = root(&info, &env.endpoint)?;
            push_keys(&mut lines, id, secret);
            push_region(&mut lines, &env.region);
        }
    }
    let endpoints: &[&str] = match env.only {
        true => &["AWS_ENDPOINT_URL_IAM", "AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL_EC2", "AWS_ENDPOINT_URL_SSM"],
        false => &["AWS_ENDPOINT_URL"],
    };
    lines.extend(endpoints.iter().map(|name| (*name, address.url())));
    if env.only {
        // Our own commands find the server by it.
        lines.push(("ROLECALL_ENDPOINT", address.url()));
    }
    let unset = SET.iter().filter(|name| !lines.iter().any(|(set, _)| set == *name));
    let mut text = format!("unset {}\n", unset.copied().collect::<Vec<_>>().join(" "));
    for (name, value) in &lines {
        text.push_str(&format!("export {name}={}\n", quoted(value)));
    }
    print(&text)?;
    Ok(ExitCode::SUCCESS)
}

/// What one form of the command sets and the next may not: left over, it would lead clients elsewhere or speak for somebody else.
const SET: &[&str] = &[
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_EC2_METADATA_SERVICE_ENDPOINT",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_IAM",
    "AWS_ENDPOINT_URL_STS",
    "AWS_ENDPOINT_URL_EC2",
    "AWS_ENDPOINT_URL_SSM",
];

fn push_keys(lines: &mut Vec<(&'static str, String)>, id: String, secret: String) {
    lines.push(("AWS_ACCESS_KEY_ID", id));
    lines.push(("AWS_SECRET_ACCESS_KEY", secret));
}

/// Some clients read one, some the other.
fn push_region(lines: &mut Vec<(&'static str, String)>, region: &str) {
    lines.push(("AWS_REGION", region.to_owned()));
    lines.push(("AWS_DEFAULT_REGION", region.to_owned()));
}

/// A word for the shell; quoted where it needs to be.
fn quoted(value: &str) -> String {
    let plain = |character: char| character.is_ascii_alphanumeric() || "_-+./:@%".contains(character);
    match !value.is_empty() && value.chars().all(plain) {
        true => value.to_owned(),
        false => format!("'{}'", value.replace('\'', r"'\''")),
    }
}

/// The root key's id and secret. The server tells the secret only when it is the well-known one.
fn root(info: &Value, endpoint: &cli::Endpoint) -> Result<(String, String), String> {
    let id = text(info, "rootKey")?.to_owned();
    let known = info.get("rootSecret").and_then(Value::as_str).map(str::to_owned);
    let secret = endpoint
        .root_secret
        .clone()
        .or(known)
        .ok_or("the server has a root secret of its own: say --root-secret or ROLECALL_ROOT_SECRET")?;
    Ok((id, secret))
}

/// Calls IAM as root.
struct Iam<'a> {
    address: &'a Address,
    root: (String, String),
    region: &'a str,
}

const ADMINISTRATOR: &str = "arn:aws:iam::aws:policy/AdministratorAccess";

impl Iam<'_> {
    /// A fresh key of that user. A user may have two keys; the older of two goes.
    async fn key_of(&self, user: &str) -> Result<(String, String), String> {
        if self.call("GetUser", &[("UserName", user)]).await.is_err() {
            self.call("CreateUser", &[("UserName", user)]).await?;
            self.call("AttachUserPolicy", &[("UserName", user), ("PolicyArn", ADMINISTRATOR)]).await?;
        }
        let keys = self.call("ListAccessKeys", &[("UserName", user)]).await?;
        let held: Vec<&str> = elements(&keys, "AccessKeyId").collect();
        if let [oldest, _, ..] = held.as_slice() {
            self.call("DeleteAccessKey", &[("UserName", user), ("AccessKeyId", oldest)]).await?;
        }
        let made = self.call("CreateAccessKey", &[("UserName", user)]).await?;
        let find = |name| elements(&made, name).next().map(str::to_owned).ok_or("CreateAccessKey answered no key");
        Ok((find("AccessKeyId")?, find("SecretAccessKey")?))
    }

    async fn call(&self, action: &str, parameters: &[(&str, &str)]) -> Result<String, String> {
        let body = form_urlencoded::Serializer::new(String::new())
            .append_pair("Action", action)
            .append_pair("Version", wire::model(service::Service::Iam).api_version.as_str())
            .extend_pairs(parameters)
            .finish();
        let secret = Secret::new(self.root.1.as_str());
        let signer = Signer {
            access_key_id: &self.root.0,
            secret: &secret,
            session_token: None,
            region: self.region,
            service: "iam",
            at: clock::wall(),
            path: PathRule::Normalised,
        };
        let content_type = ("content-type", "application/x-www-form-urlencoded; charset=utf-8");
        let headers = [("host", self.address.authority()), content_type];
        let request =
            sigv4::Request { method: "POST", path: "/", query: None, headers: &headers, body: body.as_bytes() };
        let mut builder = Request::builder().method("POST").uri("/");
        for (name, value) in headers {
            builder = builder.header(name, value);
        }
        for (name, value) in sigv4::sign(&request, &signer) {
            builder = builder.header(name, value);
        }
        let request = builder.body(Full::new(Bytes::from(body))).map_err(|error| error.to_string())?;
        let (status, answer) = self.address.send(request).await?;
        let answer = String::from_utf8_lossy(&answer).into_owned();
        if status.is_success() {
            return Ok(answer);
        }
        Err(format!("{action}: {}", elements(&answer, "Message").next().unwrap_or("refused")))
    }
}

/// The texts of all elements of that name. Enough for ids and secrets, which hold nothing that XML escapes.
fn elements<'a>(xml: &'a str, name: &str) -> impl Iterator<Item = &'a str> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    let mut rest = xml;
    std::iter::from_fn(move || {
        let (_, after) = rest.split_once(&open)?;
        let (text, after) = after.split_once(&close)?;
        rest = after;
        Some(text)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_for_the_shell() {
        for (value, expected) in
            [("abc/1+2", "abc/1+2"), ("", "''"), ("a b", "'a b'"), ("it's", r"'it'\''s'"), ("$(x)", "'$(x)'")]
        {
            assert_eq!(quoted(value), expected);
        }
    }

    #[test]
    fn elements_by_name() {
        let xml = "<a><Id>1</Id><b><Id>2</Id></b></a>";
        assert_eq!(elements(xml, "Id").collect::<Vec<_>>(), ["1", "2"]);
        assert_eq!(elements(xml, "Nothing").count(), 0);
    }
}
