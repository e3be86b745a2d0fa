//! Who asks, and the Principal element that names who is meant. What matters beside "does it match" is by what: AWS treats a policy that
//! names the session itself differently from one that names its role or its account. This module doesn't know which principals exist;
//! a resolver given to the parser may put unique ids in place of names. Start reading at [`PrincipalElement::matched_by`].

/// What kind of caller a request has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrincipalKind {
    /// The root user of an account.
    Root,
    User,
    /// A role's session.
    AssumedRole,
    /// A session of GetFederationToken.
    FederatedUser,
    /// Somebody an identity provider vouches for, before a role is assumed (web identity, SAML).
    Federated,
    /// An AWS service acting for itself.
    Service,
    Anonymous,
}

/// A user or role by both its names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entity<'a> {
    pub arn: &'a str,
    /// The unique id, `AIDA…` or `AROA…`; empty when there is none.
    pub id: &'a str,
}

/// The caller of one request: every name that a Principal element could know it by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Principal<'a> {
    pub kind: PrincipalKind,
    /// The 12 digits of the caller's account; empty for services, federated and anonymous callers.
    pub account: &'a str,
    /// The caller itself: the ARN of the user, of root, of the session (`arn:aws:sts::…:assumed-role/R/S`), of the federated user.
    /// Its id is the user's unique id; a session's is not needed.
    pub itself: Entity<'a>,
    /// The role behind a role session, or the user behind a federated user.
    pub behind: Option<Entity<'a>>,
    /// The provider that vouches for a federated caller: its ARN, or its name (`accounts.google.com`).
    pub provider: Option<&'a str>,
    /// The names of a service (`ec2.amazonaws.com`).
    pub services: &'a [&'a str],
    /// The canonical user id of the account, which S3 knows.
    pub canonical_user: Option<&'a str>,
    /// Whether a permissions boundary is set: a statement with NotPrincipal then always applies.
    pub has_boundary: bool,
}

impl<'a> Principal<'a> {
    const NOBODY: Self = Self {
        kind: PrincipalKind::Anonymous,
        account: "",
        itself: Entity { arn: "", id: "" },
        behind: None,
        provider: None,
        services: &[],
        canonical_user: None,
        has_boundary: false,
    };

    /// The root user of an account, by its 12 digits and its ARN.
    pub fn root(account: &'a str, arn: &'a str) -> Self {
        Self { kind: PrincipalKind::Root, account, itself: Entity { arn, id: account }, ..Self::NOBODY }
    }

    /// An IAM user by ARN and unique id (`AIDA…`).
    pub fn user(account: &'a str, arn: &'a str, id: &'a str) -> Self {
        Self { kind: PrincipalKind::User, account, itself: Entity { arn, id }, ..Self::NOBODY }
    }

    /// A role's session: the session's ARN, the role's ARN and unique id (`AROA…`).
    pub fn assumed_role(account: &'a str, session_arn: &'a str, role_arn: &'a str, role_id: &'a str) -> Self {
        Self {
            kind: PrincipalKind::AssumedRole,
            account,
            itself: Entity { arn: session_arn, id: "" },
            behind: Some(Entity { arn: role_arn, id: role_id }),
            ..Self::NOBODY
        }
    }

    /// A federated user's ARN, and the ARN and unique id of the user who asked for the session.
    pub fn federated_user(account: &'a str, arn: &'a str, user_arn: &'a str, user_id: &'a str) -> Self {
        Self {
            kind: PrincipalKind::FederatedUser,
            account,
            itself: Entity { arn, id: "" },
            behind: Some(Entity { arn: user_arn, id: user_id }),
            ..Self::NOBODY
        }
    }

    /// Somebody with a web identity token or SAML assertion of this provider, who is no AWS principal yet.
    pub fn federated(provider: &'a str) -> Self {
        Self { kind: PrincipalKind::Federated, provider: Some(provider), ..Self::NOBODY }
    }

    /// A service under the names it goes by.
    pub fn service(names: &'a [&'a str]) -> Self {
        Self { kind: PrincipalKind::Service, services: names, ..Self::NOBODY }
    }

    /// A caller without a signature.
    pub fn anonymous() -> Self {
        Self::NOBODY
    }

    /// Whether no AWS account stands behind the caller, so that only a resource or trust policy can allow anything.
    pub fn is_outside_iam(&self) -> bool {
        matches!(self.kind, PrincipalKind::Federated | PrincipalKind::Service | PrincipalKind::Anonymous)
    }
}

/// By what a Principal element matched the caller, weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PrincipalMatch {
    /// The caller's account or its root: this delegates to the account's own policies.
    Account,
    /// The role behind a session, the user behind a federated user: boundary and session policies still limit it.
    Behind,
    /// `*`, or a NotPrincipal that does not list the caller.
    Everyone,
    Service,
    Federated,
    /// The caller itself: the user's ARN or id, the session's ARN, the federated user's ARN.
    Itself,
}

/// One entry of a Principal element.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Named {
    Everyone,
    Account(Box<str>),
    /// A user, role, session or federated user by ARN.
    Arn(Box<str>),
    /// A unique id, written so or put there by the resolver.
    Id(Box<str>),
    Service(Box<str>),
    Federated(Box<str>),
    CanonicalUser(Box<str>),
}

impl Named {
    /// Reads an entry under its key (`AWS`, `Service`, `Federated`, `CanonicalUser`). None for any other key.
    pub(crate) fn parse(key: &str, value: &str) -> Option<Self> {
        Some(match key {
            "AWS" if value == "*" => Self::Everyone,
            "AWS" => match (account_named(value), value.starts_with("arn:")) {
                (Some(account), _) => Self::Account(account.into()),
                (None, true) => Self::Arn(value.into()),
                (None, false) => Self::Id(value.into()),
            },
            "Service" => Self::Service(value.into()),
            "Federated" => Self::Federated(value.into()),
            "CanonicalUser" => Self::CanonicalUser(value.into()),
            _ => return None,
        })
    }

    fn matched_by(&self, caller: &Principal<'_>) -> Option<PrincipalMatch> {
        let is = |given: &str, wanted: &str| !given.is_empty() && given == wanted;
        let (found, how) = match self {
            Self::Everyone => (true, PrincipalMatch::Everyone),
            Self::Account(account) => (is(caller.account, account), PrincipalMatch::Account),
            Self::Arn(arn) if is(caller.itself.arn, arn) => (true, PrincipalMatch::Itself),
            Self::Arn(arn) => (caller.behind.is_some_and(|entity| is(entity.arn, arn)), PrincipalMatch::Behind),
            Self::Id(id) if is(caller.itself.id, id) => (true, PrincipalMatch::Itself),
            Self::Id(id) => (caller.behind.is_some_and(|entity| is(entity.id, id)), PrincipalMatch::Behind),
            Self::Service(name) => {
                let found = caller.services.iter().any(|service| **name == **service);
                (found || (&**name == "*" && !caller.services.is_empty()), PrincipalMatch::Service)
            }
            Self::Federated(name) => {
                let found = caller.provider.is_some_and(|provider| &**name == "*" || is(provider, name));
                (found, PrincipalMatch::Federated)
            }
            Self::CanonicalUser(id) => {
                (caller.canonical_user.is_some_and(|user| is(user, id)), PrincipalMatch::Account)
            }
        };
        found.then_some(how)
    }
}

/// The account that an entry names: 12 digits, or the ARN of the account's root.
pub(crate) fn account_named(value: &str) -> Option<&str> {
    let digits = match value.strip_prefix("arn:") {
        Some(rest) => rest.split_once(":iam::")?.1.strip_suffix(":root")?,
        None => value,
    };
    (digits.len() == 12 && digits.bytes().all(|byte| byte.is_ascii_digit())).then_some(digits)
}

/// A Principal or NotPrincipal element.
#[derive(Debug, Clone, PartialEq)]
pub struct PrincipalElement {
    pub(crate) negated: bool,
    pub(crate) named: Vec<Named>,
    /// Key and value as written, in order; `*` alone has the key `AWS`.
    pub(crate) texts: Vec<(Box<str>, Box<str>)>,
}

impl PrincipalElement {
    /// Whether this is NotPrincipal.
    pub fn is_negated(&self) -> bool {
        self.negated
    }

    /// Key and value of each entry as written: `("AWS", "arn:aws:iam::…")`, `("Service", "ec2.amazonaws.com")`.
    pub fn entries(&self) -> impl Iterator<Item = (&str, &str)> {
        self.texts.iter().map(|(key, value)| (key.as_ref(), value.as_ref()))
    }

    /// By what this element matches the caller, the strongest way if there are several; None if it does not.
    ///
    /// A NotPrincipal spares a caller only if it lists all of its names (itself, the role or user behind, the account), and
    /// never one with a permissions boundary.
    /// See <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html>.
    pub fn matched_by(&self, caller: &Principal<'_>) -> Option<PrincipalMatch> {
        if self.negated {
            let spared = self.spares(caller) && !caller.has_boundary;
            return (!spared).then_some(PrincipalMatch::Everyone);
        }
        self.named.iter().filter_map(|named| named.matched_by(caller)).max()
    }

    fn spares(&self, caller: &Principal<'_>) -> bool {
        let listed = |how| self.named.iter().any(|named| named.matched_by(caller) == Some(how));
        if listed(PrincipalMatch::Everyone) || listed(PrincipalMatch::Service) || listed(PrincipalMatch::Federated) {
            return true;
        }
        let itself = caller.kind == PrincipalKind::Root || listed(PrincipalMatch::Itself);
        let behind = caller.behind.is_none() || listed(PrincipalMatch::Behind);
        listed(PrincipalMatch::Account) && itself && behind
    }
}
