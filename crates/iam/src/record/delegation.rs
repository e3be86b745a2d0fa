//! Requests of other accounts for temporary permissions, and the policy templates they are made from.

use service::caller::SessionPolicies;

use super::*;

/// A request for temporary permissions. That it has expired is not stored, it follows from the clock.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DelegationRequest {
    /// A UUID, unique over all accounts.
    pub id: String,
    /// The account that asks.
    pub requestor: AccountId,
    pub requestor_name: String,
    /// The requestor's own name for it, unique among its requests.
    pub workflow_id: String,
    pub description: String,
    pub template_arn: String,
    pub parameters: Vec<PolicyParameter>,
    /// The template with its parameters filled in.
    pub policy: PolicyText,
    pub message: Option<String>,
    pub redirect_url: Option<String>,
    pub notification_channel: String,
    /// Seconds, 300 to 43200.
    pub session_duration: i64,
    pub only_send_by_owner: bool,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// When it came into its present state.
    pub entered_at: Timestamp,
    pub state: DelegationState,
    /// The account it is meant for, once that is known.
    pub owner_account: Option<AccountId>,
    /// ARN of the identity that it was associated with.
    pub owner: Option<String>,
    /// The owner's `aws:userid`: somebody else may have the ARN later. Requests from before this was kept have none.
    #[serde(default)]
    pub owner_user_id: Option<String>,
    pub notes: Option<String>,
    pub rejection_reason: Option<String>,
    pub approver: Option<Approver>,
    pub gone_at: Timestamp,
}

/// Where a request stands. See
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/temporary-delegation-building-integration.html>.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum DelegationState {
    Unassigned,
    Assigned,
    PendingApproval,
    Accepted,
    Finalized,
    Rejected,
}

/// A value of a template's parameter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyParameter {
    pub name: String,
    pub values: Vec<String>,
    /// `string` or `stringList`
    pub kind: String,
}

/// Who accepted a request, as it was then: the delegated session is this identity's.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Approver {
    pub arn: String,
    pub identity: ApproverIdentity,
    /// The policies of the session in which it was accepted.
    #[serde(default)]
    pub policies: Vec<SessionPolicies>,
    /// What that session had been narrowed to.
    #[serde(default)]
    pub scope_down: Vec<String>,
    #[serde(default)]
    pub tags: Vec<Tag>,
    #[serde(default)]
    pub source_identity: Option<String>,
    #[serde(default)]
    pub mfa_at: Option<Timestamp>,
}

/// An identity by its unique id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ApproverIdentity {
    Root,
    User { id: String },
    Role { id: String, session_name: String },
}

impl DelegationRequest {
    /// Unique: (requestor, workflow id).
    pub const BY_WORKFLOW: usize = 0;
    /// (owner account)
    pub const BY_OWNER: usize = 1;
}

impl Record for DelegationRequest {
    const TABLE: TableDef = TableDef::own("iam_delegation_request", &["id"], &["requestor", "owner_account"]);
    const INDEXES: &'static [IndexDef] =
        &[IndexDef { name: "by_workflow", unique: true }, IndexDef { name: "by_owner", unique: false }];

    fn key(&self) -> Key {
        Key::new(&[&self.id])
    }

    fn columns(&self) -> Vec<Option<String>> {
        vec![Some(self.requestor.to_string()), self.owner_account.map(|account| account.to_string())]
    }

    fn index(&self, entries: &mut IndexEntries) {
        entries.add(Self::BY_WORKFLOW, &[self.requestor.as_str(), &self.workflow_id]);
        if let Some(account) = &self.owner_account {
            entries.add(Self::BY_OWNER, &[account.as_str()]);
        }
    }

    fn gone_at(&self) -> Option<Timestamp> {
        Some(self.gone_at)
    }
}

/// A policy with parameters that an account registered with AWS.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PolicyTemplate {
    pub arn: String,
    pub requestor: AccountId,
    /// How requests name the requestor, up to 30 characters.
    pub requestor_name: String,
    /// A policy in which `@{name}` stands for a parameter.
    pub document: String,
}

impl Record for PolicyTemplate {
    const TABLE: TableDef = TableDef::own("iam_policy_template", &["arn"], &["requestor"]);

    fn key(&self) -> Key {
        Key::new(&[&self.arn])
    }

    fn columns(&self) -> Vec<Option<String>> {
        vec![Some(self.requestor.to_string())]
    }
}
