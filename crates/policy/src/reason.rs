//! Why a request was allowed or denied, and the clause that AWS's messages give for it. The rest of the message, who and on what,
//! belongs to the service that answers. Start reading at [`Reason::clause`].

/// A kind of policy, as AWS names them in messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Layer {
    ResourceControl,
    ServiceControl,
    Resource,
    Trust,
    Identity,
    Boundary,
    Session,
    /// A policy of GetScopedCredentials. AWS's messages call it a session policy, too.
    ScopeDown,
}

impl Layer {
    /// As in "because no … allows".
    pub fn name(self) -> &'static str {
        match self {
            Self::ResourceControl => "resource control policy",
            Self::ServiceControl => "service control policy",
            Self::Resource => "resource-based policy",
            Self::Trust => "role trust policy",
            Self::Identity => "identity-based policy",
            Self::Boundary => "permissions boundary",
            Self::Session | Self::ScopeDown => "session policy",
        }
    }

    fn article(self) -> &'static str {
        match self {
            Self::Trust => "the",
            Self::Identity => "an",
            _ => "a",
        }
    }
}

/// Why a decision came out as it did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// `by` is the policy that gave the permission; None for the root user, who needs none.
    Allowed { by: Option<Layer> },
    /// `policy_arn` is that of the managed policy that denies, if one does.
    ExplicitDeny { layer: Layer, policy_arn: Option<String> },
    /// The first kind of policy that would have had to allow and did not.
    ImplicitDeny { layer: Layer },
}

impl Reason {
    /// The clause of a denial for an action (`service:Name`), as AWS words it; empty if allowed.
    /// See <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html>.
    pub fn clause(&self, action: &str) -> String {
        match self {
            Self::Allowed { .. } => String::new(),
            Self::ImplicitDeny { layer } => format!("because no {} allows the {action} action", layer.name()),
            Self::ExplicitDeny { layer, policy_arn } => {
                let policy = format!("with an explicit deny in {} {}", layer.article(), layer.name());
                match policy_arn {
                    Some(arn) => format!("{policy}: {arn}"),
                    None => policy,
                }
            }
        }
    }
}
