//! Credentials for containers: what `rolecall exec --task-role` starts a command with, in the place of the ECS agent.
//!
//! `POST /_rolecall/tasks` makes up a task with a role and gives its authorization token; `GET /_rolecall/task-credentials/TASK` hands out the role's
//! credentials to whoever shows that token, in the form SDKs expect of AWS_CONTAINER_CREDENTIALS_FULL_URI. No task is stored.
//! <https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html>

use hyper::{Method, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use service::ids::Ids;
use service::{AccountId, Cx, World, arn::Arn, regions};
use sts::task::{self, Task};

use crate::admin::{Refusal, Reply, bad};
use crate::clock::{self, Moment};
use crate::home;
use crate::metadata;
use crate::request::Raw;
use crate::server::Server;

/// Where a task's credentials are.
const PATH: &str = "/_rolecall/task-credentials/";

/// What a task is to be.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewTask {
    /// The role's name in the default account, or its ARN.
    role: String,
}

/// Makes up a task with that role.
pub async fn start(server: &Server, body: &[u8]) -> Reply {
    let wanted: NewTask = serde_json::from_slice(body).map_err(|error| bad(error.to_string()))?;
    let (account, name) = named(server, &wanted.role);
    let moment = server.clock.read();
    let world = server.store.snapshot(moment.now).await;
    let Some(role) = iam::entity::find_role(&world, account, &name) else {
        return Err(Refusal(StatusCode::NOT_FOUND, format!("there is no role `{name}` in the account {account}")));
    };
    let partition = home::of(&world, account).unwrap_or_else(|| "aws".to_owned());
    let id = Ids::new(server.random_32()).bytes().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    let task =
        Task { account, partition, id, role_id: role.id.clone(), role_name: role.name.clone(), started_at: moment.now };
    let cx = context(server, &task, moment);
    if !matches!(task::credentials(&cx, &world, &task), Some(Ok(_))) {
        let text = format!("the role `{name}` does not let {} assume it", task::PRINCIPAL);
        return Err(Refusal(StatusCode::CONFLICT, text));
    }
    let token = task.token(&world).ok_or_else(|| bad("no token could be made"))?;
    Ok(json!({"taskId": task.id, "path": format!("{PATH}{}", task.id), "token": token}))
}

/// The account and name of a role.
fn named(server: &Server, role: &str) -> (AccountId, String) {
    let parsed = Arn::parse(role).and_then(|arn| {
        let name = arn.resource.strip_prefix("role/")?.rsplit('/').next()?;
        Some((arn.account.parse().ok()?, name.to_owned()))
    });
    parsed.unwrap_or_else(|| (server.settings.default_account, role.to_owned()))
}

/// In the main region of the task's partition: credentials know no region.
fn context(server: &Server, task: &Task, moment: Moment) -> Cx {
    metadata::context(server, task.account, regions::global_region(&task.partition), moment)
}

/// Answers a request for a task's credentials; `None` for any other path.
pub async fn answer(server: &Server, raw: &Raw) -> Option<(StatusCode, Value)> {
    let id = raw.parts.uri.path().strip_prefix(PATH)?;
    let moment = server.clock.read();
    let world = server.arrived(id, moment.now).await;
    Some(match document(server, &world, moment, raw, id) {
        Ok(document) => (StatusCode::OK, document),
        Err((status, code, message)) => (status, json!({"code": code, "message": message})),
    })
}

type Failed = (StatusCode, &'static str, String);

fn document(server: &Server, world: &World, moment: Moment, raw: &Raw, id: &str) -> Result<Value, Failed> {
    if raw.parts.method != Method::GET {
        return Err((StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed", "credentials are read with GET".into()));
    }
    let Some(token) = raw.header("authorization") else {
        return Err((
            StatusCode::UNAUTHORIZED,
            "NoAuthorizationToken",
            "the request has no authorization token".into(),
        ));
    };
    let task = Task::of(world, token).filter(|task| task.id == id);
    let Some(task) = task else {
        return Err((
            StatusCode::FORBIDDEN,
            "InvalidAuthorizationToken",
            "the authorization token is not of this task".into(),
        ));
    };
    match task::credentials(&context(server, &task, moment), world, &task) {
        Some(Ok((issued, role_arn))) => {
            let keys = issued.credentials;
            Ok(json!({
                "RoleArn": role_arn,
                "AccessKeyId": keys.access_key_id,
                "SecretAccessKey": keys.secret_access_key,
                "Token": keys.session_token,
                "Expiration": clock::seconds(keys.expiration),
            }))
        }
        Some(Err(_)) => Err((
            StatusCode::FORBIDDEN,
            "AssumeRoleUnauthorizedAccess",
            format!("ECS cannot assume the role {}", task.role_name),
        )),
        None => Err((StatusCode::NOT_FOUND, "NoSuchRole", format!("the role {} is gone", task.role_name))),
    }
}
