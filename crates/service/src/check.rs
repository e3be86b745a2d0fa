//! What a request must be allowed to do: one `Check` for each action on each resource.
//!
//! An operation's `authorize` function lists them; every one must pass, the first that fails in that order is reported. Listing cannot
//! fail: an id that does not exist is checked by its ARN with unknown tags, so only an allowed caller learns that it is not there.

use std::sync::Arc;

use crate::AccountId;
use crate::tags::Tag;

/// One action on one resource, with the condition keys only this check has.
#[derive(Debug, Clone)]
pub struct Check {
    /// `iam:PassRole`; empty for the operation's own action.
    pub action: String,
    /// The ARN that policies are matched against, or `*` for actions that know no resources.
    pub resource: String,
    /// How a denial names the resource, where that differs (IAM says `user NAME` for one that does not exist).
    pub shown_as: Option<String>,
    /// The account the resource belongs to; `None` is the caller's own.
    pub owner: Option<AccountId>,
    /// The owner lets others use the resource by means of its own, such as an image's launch permissions: no policy of its is asked for.
    pub shared: bool,
    pub tags: ResourceTags,
    /// A policy attached to the resource itself, such as a role's trust policy.
    pub resource_policy: Option<ResourcePolicy>,
    /// The identity provider that vouches for who asks, who is no principal of AWS: its ARN, or its name (`accounts.google.com`). The caller
    /// takes no part then.
    pub vouched_by: Option<String>,
    /// Keys of this check beyond the global ones, e.g. `iam:PassedToService`.
    pub keys: Vec<(String, Vec<String>)>,
    pub why: Why,
}

/// What is known of the tags on the resource (`aws:ResourceTag/…`).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum ResourceTags {
    Known(Vec<Tag>),
    /// The resource does not exist or belongs to somebody else.
    #[default]
    Unknown,
    /// It is about to be created: only `aws:RequestTag/…` exist.
    NotCreated,
}

/// A policy that hangs on the resource.
#[derive(Debug, Clone)]
pub struct ResourcePolicy {
    pub document: Arc<policy::Document>,
    /// Trust policies must allow explicitly; others add to what identity policies allow.
    pub is_trust: bool,
}

/// Why the check is made; it decides how a denial is worded and which test covers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    Primary,
    /// `ec2:CreateTags` for tags given at creation.
    TagOnCreate,
    /// An action of its own that the operation needs besides, such as `iam:PassRole`.
    Dependent,
}

impl Check {
    /// The operation's own action on that ARN.
    pub fn on(resource: impl Into<String>) -> Check {
        Check {
            action: String::new(),
            resource: resource.into(),
            shown_as: None,
            owner: None,
            shared: false,
            tags: ResourceTags::Unknown,
            resource_policy: None,
            vouched_by: None,
            keys: Vec::new(),
            why: Why::Primary,
        }
    }

    /// The operation's own action, which knows no resources.
    pub fn any() -> Check {
        Check::on("*")
    }

    /// Another action that the operation needs besides its own, `iam:PassRole`.
    pub fn dependent(action: impl Into<String>, resource: impl Into<String>) -> Check {
        Check { action: action.into(), why: Why::Dependent, ..Check::on(resource) }
    }

    /// The resource exists and carries these tags.
    pub fn tagged(mut self, tags: &[Tag]) -> Check {
        self.tags = ResourceTags::Known(tags.to_vec());
        self
    }

    /// The resource does not exist yet.
    pub fn not_created(mut self) -> Check {
        self.tags = ResourceTags::NotCreated;
        self
    }

    /// How a denial names the resource.
    pub fn shown_as(mut self, text: impl Into<String>) -> Check {
        self.shown_as = Some(text.into());
        self
    }

    /// The account that owns the resource, where it may not be the caller's.
    pub fn owned_by(mut self, account: AccountId) -> Check {
        self.owner = Some(account);
        self
    }

    /// The account that owns the resource and lets others use it, by other means than a policy.
    pub fn shared_by(mut self, account: AccountId) -> Check {
        self.shared = true;
        self.owned_by(account)
    }

    /// One more condition key with one value.
    pub fn key(mut self, name: impl Into<String>, value: impl Into<String>) -> Check {
        self.keys.push((name.into(), vec![value.into()]));
        self
    }

    /// One more condition key, when there is a value.
    pub fn key_if(self, name: &str, value: Option<impl Into<String>>) -> Check {
        match value {
            Some(value) => self.key(name, value),
            None => self,
        }
    }

    /// One more condition key with several values.
    pub fn keys(mut self, name: impl Into<String>, values: Vec<String>) -> Check {
        self.keys.push((name.into(), values));
        self
    }

    /// The tags a request wants to set: `aws:RequestTag/KEY` each and `aws:TagKeys`. Nothing when there are none.
    pub fn request_tags(mut self, tags: &[Tag]) -> Check {
        for tag in tags {
            self.keys.push((format!("aws:RequestTag/{}", tag.key), vec![tag.value.clone()]));
        }
        if !tags.is_empty() {
            self.keys.push(("aws:TagKeys".into(), tags.iter().map(|tag| tag.key.clone()).collect()));
        }
        self
    }

    /// The tag keys a request wants to remove: `aws:TagKeys`.
    pub fn tag_keys(mut self, keys: &[String]) -> Check {
        if !keys.is_empty() {
            self.keys.push(("aws:TagKeys".into(), keys.to_vec()));
        }
        self
    }

    /// An identity provider vouches for who asks.
    pub fn vouched_by(mut self, provider: impl Into<String>) -> Check {
        self.vouched_by = Some(provider.into());
        self
    }

    /// The resource's own policy takes part in the decision.
    pub fn resource_policy(mut self, policy: ResourcePolicy) -> Check {
        self.resource_policy = Some(policy);
        self
    }
}
