//! The AWS SDK for Rust's own metadata client and providers on instances: tokens required and optional, tokens that expire, the service switched
//! off, keys that rotate with the clock, roles that go and come, and outages that end. This SDK speaks the second version of the service alone.
//! What the Python tests show by requests of their own is not repeated here.
#![cfg(test)] // clippy.toml lets tests unwrap where it sees this

mod between;
mod server;

use std::error::Error;
use std::iter::successors;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use aws_config::imds::client::error::ImdsError;
use aws_config::imds::credentials::ImdsCredentialsProvider;
use aws_config::imds::region::ImdsRegionProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::retry::RetryConfig;
use aws_config::{BehaviorVersion, Region, imds};
use aws_credential_types::Credentials;
use aws_credential_types::provider::ProvideCredentials;
use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};
use aws_sdk_sts::config::SharedHttpClient;
use aws_sdk_sts::error::ProvideErrorMetadata;
use aws_smithy_async::time::{SystemTimeSource, TimeSource};

use between::{Between, Rules};
use server::{Instance, REGION, ROLE, Server, element, trust};

const ID: &str = "/latest/meta-data/instance-id";
const NOT_ENABLED: &str = "the credential provider was not enabled";
const FAILED: &str = "an error occurred while loading credentials";
const LOST: &str = "HTTP read timeout occurred after 1s: timed out";
const REFUSED: &str = "failed to load IMDS session token: service error: request forbidden: \
    IMDS is disabled or the caller has insufficient permissions.";

/// A program on an instance: it knows where its metadata service is, and has a clock of its own.
struct Program {
    metadata: String,
    clock: Clock,
}

/// Real time, and the seconds by which it was moved.
#[derive(Debug, Clone, Default)]
struct Clock(Arc<AtomicU64>);

impl TimeSource for Clock {
    fn now(&self) -> SystemTime {
        SystemTimeSource::new().now() + Duration::from_secs(self.0.load(Ordering::Relaxed))
    }
}

impl Program {
    fn at(metadata: &str) -> Self {
        Self { metadata: metadata.to_owned(), clock: Clock::default() }
    }

    fn settings(&self) -> ProviderConfig {
        ProviderConfig::without_region().with_http_client(http()).with_time_source(self.clock.clone())
    }

    fn client(&self) -> imds::client::Builder {
        imds::Client::builder().configure(&self.settings()).endpoint(&self.metadata).unwrap()
    }

    fn provider(&self) -> ImdsCredentialsProvider {
        ImdsCredentialsProvider::builder().configure(&self.settings()).imds_client(self.client().build()).build()
    }

    async fn keys(&self) -> Credentials {
        self.provider().provide_credentials().await.unwrap()
    }

    async fn region(&self) -> Option<String> {
        let provider = ImdsRegionProvider::builder().configure(&self.settings()).imds_client(self.client().build());
        provider.build().region().await.map(|region| region.to_string())
    }

    /// A client that finds region and keys by the default chains, which end at the metadata service.
    async fn sts(&self, server: &Server) -> aws_sdk_sts::Client {
        let profile = format!("[default]\nec2_metadata_service_endpoint = {}", self.metadata);
        let files = EnvConfigFiles::builder().with_contents(EnvConfigFileKind::Config, profile).build();
        let found = aws_config::defaults(BehaviorVersion::latest())
            .profile_files(files)
            .endpoint_url(&server.url)
            .http_client(http())
            .time_source(self.clock.clone())
            .retry_config(RetryConfig::disabled());
        aws_sdk_sts::Client::new(&found.load().await)
    }

    /// Lets that many seconds pass, for the server as for the program.
    fn pass(&self, server: &Server, seconds: u64) {
        self.clock.0.fetch_add(seconds, Ordering::Relaxed);
        server.run(&["clock", "advance", &format!("{seconds}s"), "--clients", "moved"]);
    }
}

fn http() -> SharedHttpClient {
    aws_smithy_http_client::Builder::new().build_http()
}

/// An error and what is behind it, in the SDK's words; an answer of the metadata service by its status.
fn told(error: &(dyn Error + 'static)) -> String {
    let all = successors(Some(error), |&error| error.source()).map(|error| match error.downcast_ref() {
        Some(ImdsError::ErrorResponse(answer)) => format!("status {}", answer.response().status().as_u16()),
        _ => error.to_string(),
    });
    all.collect::<Vec<_>>().join(": ")
}

/// Why there are no keys.
async fn refusal(provider: &ImdsCredentialsProvider) -> String {
    told(&provider.provide_credentials().await.unwrap_err())
}

/// What the metadata service says, or why it does not.
async fn get(client: &imds::Client, path: &str) -> Result<String, String> {
    client.get(path).await.map(String::from).map_err(|error| told(&error))
}

/// Who a client is, or the code of the refusal.
async fn who(sts: &aws_sdk_sts::Client) -> Result<String, String> {
    match sts.get_caller_identity().send().await {
        Ok(caller) => Ok(caller.arn.unwrap()),
        Err(error) => Err(error.code().map_or_else(|| told(&error), str::to_owned)),
    }
}

/// Who calls with those keys, or the code of the refusal.
async fn caller(server: &Server, keys: &Credentials) -> Result<String, String> {
    let settings = aws_sdk_sts::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(REGION))
        .endpoint_url(&server.url)
        .credentials_provider(keys.clone())
        .http_client(http())
        .retry_config(RetryConfig::disabled());
    who(&aws_sdk_sts::Client::from_conf(settings.build())).await
}

/// The keys are the instance's, and came by the second version of the service: the first gives none that may list roles.
async fn check(server: &Server, instance: &Instance, keys: &Credentials) {
    assert_eq!(caller(server, keys).await, Ok(instance.arn(ROLE)));
    server.call(keys, "iam", "ListRoles", &[]).unwrap();
}

#[tokio::test]
async fn a_token_is_taken_whether_required_or_optional() {
    let server = Server::start("tokens");
    for tokens in ["required", "optional"] {
        let instance = server.launch(tokens);
        let between = Between::new(&instance.url);
        let program = Program::at(&between.url);
        check(&server, &instance, &program.keys().await).await;
        let role = "/latest/meta-data/iam/security-credentials/";
        let token = "PUT /latest/api/token -> 200".to_owned();
        let expected =
            [token.clone(), format!("GET {role} with token 1 -> 200"), format!("GET {role}{ROLE} with token 1 -> 200")];
        assert_eq!(between.passed(), expected);
        assert_eq!(program.region().await.as_deref(), Some(REGION));
        let region = "GET /latest/meta-data/placement/region with token 2 -> 200".to_owned();
        assert_eq!(between.passed(), [token, region]);
        assert_eq!(who(&program.sts(&server).await).await, Ok(instance.arn(ROLE)));
    }
}

#[tokio::test]
async fn tokens_become_required_and_optional_again_under_a_client() {
    let server = Server::start("changed");
    let instance = server.launch("optional");
    let between = Between::new(&instance.url);
    let program = Program::at(&between.url);
    let running = program.client().build();
    for (tokens, first_version) in [("optional", 200), ("required", 401), ("optional", 200)] {
        server.change(&instance, "HttpTokens", tokens);
        assert_eq!(instance.status(ID, None), first_version);
        assert_eq!(get(&running, ID).await.as_ref(), Ok(&instance.id));
        check(&server, &instance, &program.keys().await).await;
        between.passed();
        // Behind a proxy there are no tokens, and too many hops away their answers are lost: the SDK never goes on without one.
        between.rule(Rules { adds: Some("x-forwarded-for: 10.0.0.1"), ..Rules::default() });
        assert_eq!(refusal(&program.provider()).await, format!("{FAILED}: {REFUSED}"));
        assert_eq!(between.passed(), ["PUT /latest/api/token -> 403"]);
        between.rule(Rules { loses: Some("PUT"), ..Rules::default() });
        let lost = format!("{NOT_ENABLED}: could not communicate with IMDS: dispatch failure: timeout: {LOST}");
        assert_eq!(refusal(&program.provider()).await, lost);
        assert_eq!(between.passed(), [""; 0]);
        between.rule(Rules::default());
    }
}

#[tokio::test]
async fn another_token_is_drawn_two_minutes_before_the_end() {
    let server = Server::start("drawn");
    let instance = server.launch("required");
    let between = Between::new(&instance.url);
    let program = Program::at(&between.url);
    let client = program.client().token_ttl(Duration::from_secs(300)).build();
    assert_eq!(get(&client, ID).await.as_ref(), Ok(&instance.id));
    program.pass(&server, 170);
    assert_eq!(get(&client, ID).await.as_ref(), Ok(&instance.id));
    let (token, first) = ("PUT /latest/api/token -> 200", format!("GET {ID} with token 1 -> 200"));
    assert_eq!(between.passed(), [token, &first, &first]);
    program.pass(&server, 15);
    assert_eq!(get(&client, ID).await.as_ref(), Ok(&instance.id));
    assert_eq!(between.passed(), [token, &format!("GET {ID} with token 2 -> 200")]);
    assert_eq!(instance.status(ID, Some(&between.token(1))), 200);
    program.pass(&server, 120);
    assert_eq!(instance.status(ID, Some(&between.token(1))), 401);
    assert_eq!(instance.status(ID, Some(&between.token(2))), 200);
}

#[tokio::test]
async fn a_token_that_ends_before_its_time() {
    let server = Server::start("ends");
    let instance = server.launch("required");
    let between = Between::new(&instance.url);
    let program = Program::at(&between.url);
    let client = program.client().max_attempts(2).build();
    assert_eq!(get(&client, ID).await.as_ref(), Ok(&instance.id));
    between.passed();
    // The SDK tries again, but it draws another token by its own clock alone.
    let (good, refused) = (format!("GET {ID} with token 1 -> 200"), format!("GET {ID} with token 1 -> 401"));
    between.rule(Rules { turns_away: 1, ..Rules::default() });
    assert_eq!(get(&client, ID).await.as_ref(), Ok(&instance.id));
    assert_eq!(between.passed(), [&refused[..], &good]);
    server.advance("6h1m");
    assert_eq!(get(&client, ID).await, Err("status 401".to_owned()));
    assert_eq!(between.passed(), [&refused[..], &refused]);
    check(&server, &instance, &program.keys().await).await;
    between.passed();
    program.clock.0.fetch_add(6 * 3600, Ordering::Relaxed);
    assert_eq!(get(&client, ID).await.as_ref(), Ok(&instance.id));
    assert_eq!(between.passed(), ["PUT /latest/api/token -> 200", &format!("GET {ID} with token 3 -> 200")]);
}

#[tokio::test]
async fn switched_off_and_on_again() {
    let server = Server::start("switched");
    let instance = server.launch("required");
    let program = Program::at(&instance.url);
    let (running, provider) = (program.client().build(), program.provider());
    let held = provider.provide_credentials().await.unwrap();
    assert_eq!(get(&running, ID).await.as_ref(), Ok(&instance.id));

    server.change(&instance, "HttpEndpoint", "disabled");
    // Who has a token is refused the data, and who has none the token.
    assert_eq!(get(&running, ID).await, Err("status 403".to_owned()));
    assert_eq!(get(&program.client().build(), ID).await, Err(REFUSED.to_owned()));
    assert_eq!(refusal(&program.provider()).await, format!("{FAILED}: {REFUSED}"));
    assert_eq!(program.region().await, None);
    let without = who(&program.sts(&server).await).await.unwrap_err();
    assert!(without.ends_with(REFUSED), "{without}");
    // What a provider was given it gives further.
    assert_eq!(provider.provide_credentials().await.unwrap(), held);
    check(&server, &instance, &held).await;

    server.change(&instance, "HttpEndpoint", "enabled");
    assert_eq!(get(&running, ID).await.as_ref(), Ok(&instance.id));
    check(&server, &instance, &program.keys().await).await;
    assert_eq!(program.region().await.as_deref(), Some(REGION));
}

#[tokio::test]
async fn keys_rotate_with_the_clock_and_last_six_hours() {
    let server = Server::start("rotate");
    server.advance(&format!("{}s", Server::until_ten_past()));
    let instance = server.launch("required");
    let program = Program::at(&instance.url);
    let mut sets = vec![program.keys().await];
    for _ in 0..4 {
        server.advance("1h");
        let new = program.keys().await;
        assert!(sets.iter().all(|old| old.access_key_id() != new.access_key_id()));
        sets.push(new);
    }
    for set in &sets {
        check(&server, &instance, set).await;
    }
    server.advance("2h1m");
    let (expired, good) = sets.split_at(1);
    assert_eq!(caller(&server, &expired[0]).await, Err("ExpiredToken".to_owned()));
    for set in good {
        check(&server, &instance, set).await;
    }
    check(&server, &instance, &program.keys().await).await;
}

#[tokio::test]
async fn a_client_renews_its_keys_all_day() {
    let server = Server::start("day");
    let instance = server.launch("required");
    let between = Between::new(&instance.url);
    let program = Program::at(&between.url);
    program.pass(&server, Server::until_ten_past());
    let sts = program.sts(&server).await;
    let mut renewed = Vec::new();
    for hour in 0..=24 {
        assert_eq!(who(&sts).await, Ok(instance.arn(ROLE)), "after {hour} hours");
        if between.passed().iter().any(|request| request.contains(&format!("/security-credentials/{ROLE} "))) {
            renewed.push(hour);
        }
        program.pass(&server, 3600);
    }
    assert_eq!(renewed, [0, 6, 12, 18, 24]);
}

#[tokio::test]
async fn a_role_that_is_lost_replaced_and_comes_back() {
    let server = Server::start("role");
    let instance = server.launch("required");
    let program = Program::at(&instance.url);
    let provider = program.provider();
    let held = provider.provide_credentials().await.unwrap();
    let membership = [("InstanceProfileName", ROLE), ("RoleName", ROLE)];

    server.iam("UpdateAssumeRolePolicy", &[("RoleName", ROLE), ("PolicyDocument", &trust("lambda"))]);
    let distrusted = refusal(&program.provider()).await;
    let code = "the credentials provider was not properly configured: Incorrect IMDS/IAM configuration: [AssumeRoleUnauthorizedAccess]";
    assert!(distrusted.starts_with(&format!("{code} EC2 cannot assume the role {ROLE}. ")), "{distrusted}");
    server.iam("UpdateAssumeRolePolicy", &[("RoleName", ROLE), ("PolicyDocument", &trust("ec2"))]);
    check(&server, &instance, &program.keys().await).await;

    server.iam("RemoveRoleFromInstanceProfile", &membership);
    assert_eq!(refusal(&program.provider()).await, format!("{NOT_ENABLED}: received 404 from IMDS"));
    assert_eq!(provider.provide_credentials().await.unwrap(), held);
    check(&server, &instance, &held).await;
    server.iam("AddRoleToInstanceProfile", &membership);
    check(&server, &instance, &provider.provide_credentials().await.unwrap()).await;

    server.make_profile("Other");
    let described = server.ec2("DescribeIamInstanceProfileAssociations", &[]);
    let association = ("AssociationId", element(&described, "associationId"));
    server.ec2("ReplaceIamInstanceProfileAssociation", &[association, ("IamInstanceProfile.Name", "Other")]);
    for other in [program.keys().await, provider.provide_credentials().await.unwrap()] {
        assert_eq!(caller(&server, &other).await, Ok(instance.arn("Other")));
    }
    assert_eq!(caller(&server, &held).await, Ok(instance.arn(ROLE)));
}

#[tokio::test]
async fn an_outage_of_the_metadata_service_alone() {
    let server = Server::start("outage");
    let instance = server.launch("required");
    let between = Between::new(&instance.url);
    let program = Program::at(&between.url);
    let (sts, provider) = (program.sts(&server).await, program.provider());
    let held = provider.provide_credentials().await.unwrap();
    assert_eq!(who(&sts).await, Ok(instance.arn(ROLE)));

    between.rule(Rules { loses: Some("GET"), ..Rules::default() });
    let lost = format!("an unexpected error occurred communicating with IMDS: {LOST}");
    assert_eq!(get(&program.client().build(), ID).await.as_ref(), Err(&lost));
    assert_eq!(refusal(&program.provider()).await, format!("{FAILED}: {lost}"));
    assert_eq!(program.region().await, None);
    // A running program goes on with the keys that it holds, and beyond their end.
    assert_eq!(who(&sts).await, Ok(instance.arn(ROLE)));
    program.pass(&server, 6 * 3600 + 60);
    assert_eq!(provider.provide_credentials().await.unwrap(), held);
    assert_eq!(who(&sts).await, Err("ExpiredToken".to_owned()));

    between.rule(Rules::default());
    assert_ne!(provider.provide_credentials().await.unwrap(), held);
    assert_eq!(who(&sts).await, Ok(instance.arn(ROLE)));
}

#[tokio::test]
async fn an_outage_of_the_whole_server() {
    let mut server = Server::start("killed");
    let instance = server.launch("required");
    let program = Program::at(&instance.url);
    let (sts, provider) = (program.sts(&server).await, program.provider());
    let held = provider.provide_credentials().await.unwrap();
    assert_eq!(who(&sts).await, Ok(instance.arn(ROLE)));

    server.kill();
    let none = refusal(&program.provider()).await;
    assert!(none.starts_with(&format!("{NOT_ENABLED}: could not communicate with IMDS: ")), "{none}");
    assert!(none.ends_with("Connection refused (os error 111)"), "{none}");
    assert_eq!(program.region().await, None);
    assert_eq!(provider.provide_credentials().await.unwrap(), held);
    let down = who(&sts).await.unwrap_err();
    assert!(down.ends_with("Connection refused (os error 111)"), "{down}");

    server.start_again();
    assert_eq!(who(&sts).await, Ok(instance.arn(ROLE)));
    check(&server, &instance, &held).await;
    check(&server, &instance, &program.keys().await).await;
    assert_eq!(program.region().await.as_deref(), Some(REGION));
}
