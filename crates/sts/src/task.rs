//! Credentials for a container of an ECS task, as the agent's credentials endpoint hands them out.
//!
//! There is no ECS here and no task is stored: the token that a client shows is sealed and says which role and task it is for. As with
//! instances, a service principal assumes the role, its trust policy decides at every issue, and a set is a function of its facts and the hour.
//! <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html>

use service::caller::SessionKind;
use service::keys::InstallationKeys;
use service::prelude::*;
use service::seal;

use crate::instance::{self, Issued, LIFE, NotTrusted};
use crate::token::{Contents, Holder};

/// A task that runs with a role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    pub account: AccountId,
    pub partition: String,
    /// 32 hexadecimal digits: the session's name.
    pub id: String,
    /// The role's unique id and name.
    pub role_id: String,
    pub role_name: String,
    /// No set is dated before it.
    pub started_at: Timestamp,
}

/// Who assumes the roles of tasks, in every partition.
pub const PRINCIPAL: &str = "ecs-tasks.amazonaws.com";

/// What the token is bound to.
const BINDING: &[u8] = b"task credentials";

impl Task {
    /// The authorization token of this task's containers.
    pub fn token(&self, world: &World) -> Option<String> {
        let keys = InstallationKeys::of(world)?;
        seal::seal_url_safe(&keys, &keys.metadata, BINDING, self)
    }

    /// The task of a token that was made here.
    pub fn of(world: &World, token: &str) -> Option<Task> {
        seal::open_url_safe(&InstallationKeys::of(world)?.metadata, BINDING, token)
    }
}

/// The current set with the role's ARN; `None` once the role is gone. `cx` is a context of the task's account.
pub fn credentials(cx: &Cx, world: &World, task: &Task) -> Option<Result<(Issued, String), NotTrusted>> {
    let role = iam::entity::find_role(world, task.account, &task.role_name).filter(|role| role.id == task.role_id)?;
    if !iam::role::lets_in(cx, world, &role, PRINCIPAL, &task.id, None) {
        return Some(Err(NotTrusted));
    }
    let holder = Holder::Role { id: role.id.clone(), session_name: task.id.clone() };
    let contents =
        Contents::new(task.account, holder, SessionKind::AssumeRole, instance::begin_since(cx, task.started_at), LIFE);
    let issued = instance::issued(cx, world, &contents, &["task", &task.id, &role.id]).ok()?;
    Some(Ok((issued, iam::role::arn(cx.partition(), &role))))
}
