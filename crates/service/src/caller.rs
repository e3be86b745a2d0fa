//! Who calls: the principal behind a verified signature, and for temporary credentials the facts of its session.
//!
//! A `Caller` is made by the pipeline after the signature was verified (and for sessions by the sts crate from the opened token); nothing
//! here verifies anything.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::tags::Tag;
use crate::{AccountId, arn};

/// The verified sender of a request.
#[derive(Debug, Clone)]
pub struct Caller {
    pub account: AccountId,
    pub partition: &'static str,
    pub principal: Principal,
    /// The key that signed; empty for an anonymous caller or a service.
    pub access_key_id: String,
    /// Present for temporary credentials.
    pub session: Option<Box<Session>>,
}

/// What kind of identity it is, with the names its ARN is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Principal {
    /// The account's root user.
    Root,
    /// A user; its ARN has the path.
    User { id: String, name: String, path: String },
    /// A session of a role; `path` belongs to the role and is not part of the session's ARN.
    Role { id: String, name: String, path: String, session_name: String },
    /// A session of GetFederationToken; `user_id` and `user_arn` are of the user behind it, if one is.
    Federated { name: String, user: Option<FederatingUser> },
    /// The instance's own identity (not its role): `identity-credentials/ec2`.
    Instance { instance_id: String },
    /// An AWS service acting for itself, such as `ec2.amazonaws.com` for an instance's credentials.
    Service { name: &'static str },
    /// Nobody: an unsigned request to an operation that takes one.
    Anonymous,
}

/// The user that asked for a federation token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FederatingUser {
    pub id: String,
    pub name: String,
    pub path: String,
}

/// The facts of temporary credentials, as sealed into their token.
#[derive(Debug, Clone)]
pub struct Session {
    pub issued_at: Timestamp,
    pub expires_at: Timestamp,
    /// Which operation gave the credentials.
    pub kind: SessionKind,
    /// Layers of session policies: each layer is the union of its policies, and every layer must allow.
    pub policies: Vec<SessionPolicies>,
    /// What GetScopedCredentials narrowed the session to, policy by policy: each must allow.
    pub scope_down: Vec<String>,
    pub tags: Vec<Tag>,
    /// Keys of the tags above that stay on through role chaining.
    pub transitive_tag_keys: Vec<String>,
    pub source_identity: Option<String>,
    /// When the second factor was shown, if it was.
    pub mfa_at: Option<Timestamp>,
    /// How many AssumeRole calls lie between the long-term credentials and this session; an instance's own session is 0.
    pub chain_depth: u8,
    /// Set for credentials out of an instance's metadata.
    pub instance: Option<InstanceFacts>,
    /// Set for the session of somebody an identity provider vouched for.
    pub federation: Option<Federation>,
    /// For whom the session acts, as a trusted source said: condition keys by their names. They stay on through role chaining, and no caller can
    /// set them.
    pub trusted_context: Vec<(String, String)>,
}

/// What the session of somebody from outside keeps of the identity provider's word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Federation {
    /// `aws:FederatedProvider`: the provider's ARN, or its name.
    pub provider: String,
    /// Condition keys that stay with the session, such as `saml:sub`.
    pub keys: Vec<(String, Vec<String>)>,
}

/// How temporary credentials came about; some may not be used everywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum SessionKind {
    AssumeRole,
    InstanceProfile,
    InstanceIdentity,
    SessionToken,
    Federation,
    /// GetDelegatedAccessToken.
    Delegation,
    /// Of a member account's root user, for a task.
    AssumeRoot,
}

/// One layer of session policies.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionPolicies {
    /// The inline session policy, as given.
    pub inline: Option<String>,
    /// ARNs of managed session policies.
    pub managed: Vec<String>,
}

/// What credentials out of an instance's metadata say of where they were handed out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstanceFacts {
    pub instance_arn: String,
    pub vpc_id: Option<String>,
    pub private_ipv4: Option<String>,
    /// `1.0` for IMDSv1, `2.0` for IMDSv2: the condition key ec2:RoleDelivery.
    pub delivery: String,
}

impl Caller {
    /// The caller's ARN as messages, GetCallerIdentity and Principal elements name it.
    pub fn arn(&self) -> String {
        let (partition, account) = (self.partition, self.account);
        match &self.principal {
            Principal::Root => arn::root(partition, account),
            Principal::User { name, path, .. } => arn::iam(partition, account, "user", path, name),
            Principal::Role { name, session_name, .. } => arn::assumed_role(partition, account, name, session_name),
            Principal::Federated { name, .. } => format!("arn:{partition}:sts::{account}:federated-user/{name}"),
            Principal::Instance { instance_id } => {
                arn::assumed_role(partition, account, "aws:ec2-instance", instance_id)
            }
            Principal::Service { name } => (*name).to_owned(),
            Principal::Anonymous => "anonymous".to_owned(),
        }
    }

    /// `aws:userid`, also GetCallerIdentity's UserId.
    pub fn user_id(&self) -> String {
        match &self.principal {
            Principal::Root => self.account.to_string(),
            Principal::User { id, .. } => id.clone(),
            Principal::Role { id, session_name, .. } => format!("{id}:{session_name}"),
            Principal::Federated { name, .. } => format!("{}:{name}", self.account),
            Principal::Instance { instance_id } => format!("{}:aws:ec2-instance:{instance_id}", self.account),
            Principal::Service { name } => (*name).to_owned(),
            Principal::Anonymous => "anonymous".to_owned(),
        }
    }

    /// `aws:PrincipalArn`: for a role session the role with its path, else the caller's ARN.
    pub fn principal_arn(&self) -> String {
        match &self.principal {
            Principal::Role { name, path, .. } => arn::iam(self.partition, self.account, "role", path, name),
            _ => self.arn(),
        }
    }

    /// `aws:PrincipalType`.
    pub fn principal_type(&self) -> &'static str {
        match &self.principal {
            Principal::Root => "Account",
            Principal::User { .. } => "User",
            Principal::Role { .. } | Principal::Instance { .. } => "AssumedRole",
            Principal::Federated { .. } => "FederatedUser",
            Principal::Service { .. } => "Service",
            Principal::Anonymous => "Anonymous",
        }
    }

    /// The user's name, for users only (`aws:username`; operations that default to the caller).
    pub fn user_name(&self) -> Option<&str> {
        match &self.principal {
            Principal::User { name, .. } => Some(name),
            _ => None,
        }
    }

    /// Whether the caller is an account's root user.
    pub fn is_root(&self) -> bool {
        self.principal == Principal::Root
    }

    /// A caller that is an AWS service, such as EC2 fetching an instance's credentials.
    pub fn service(account: AccountId, partition: &'static str, name: &'static str) -> Caller {
        Caller {
            account,
            partition,
            principal: Principal::Service { name },
            access_key_id: String::new(),
            session: None,
        }
    }
}
