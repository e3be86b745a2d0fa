//! What can be asked of the log. The same question is put to memory, here, and to the file, in SQL.

use jiff::Timestamp;
use service::filters::glob;

use super::{Decision, Verdict};

/// Which decisions are wanted. Texts may hold `*` and `?`, but for service, account and verdict.
#[derive(Debug, Clone, Default)]
pub struct Query {
    /// The ARN of the caller, or of the user or role behind it.
    pub principal: Option<String>,
    /// The operation, or an action it needed besides: `iam:PassRole`. In any case.
    pub action: Option<String>,
    pub resource: Option<String>,
    pub service: Option<String>,
    pub account: Option<String>,
    pub verdict: Option<Verdict>,
    /// From this moment of the modelled world on.
    pub since: Option<Timestamp>,
    /// Up to, and without, this one.
    pub until: Option<Timestamp>,
    pub limit: usize,
    /// Only decisions before that number: a further page.
    pub before: Option<u64>,
}

impl Query {
    /// Whether a decision is one of those.
    pub fn wants(&self, decision: &Decision) -> bool {
        self.since.is_none_or(|since| decision.at >= since)
            && self.until.is_none_or(|until| decision.at < until)
            && self.verdict.is_none_or(|verdict| decision.verdict() == verdict)
            && self.service.as_deref().is_none_or(|service| decision.service.as_str() == service)
            && self.account.as_deref().is_none_or(|account| decision.account() == account)
            && self.principal.as_deref().is_none_or(|wanted| is_by(decision, wanted))
            && self.action.as_deref().is_none_or(|wanted| has_action(decision, wanted))
            && self.resource.as_deref().is_none_or(|wanted| has_resource(decision, wanted))
    }
}

fn is_by(decision: &Decision, wanted: &str) -> bool {
    fits(wanted, &decision.principal()) || fits(wanted, &decision.identity())
}

fn has_action(decision: &Decision, wanted: &str) -> bool {
    let wanted = wanted.to_ascii_lowercase();
    let fits = |action: &str| fits(&wanted, &action.to_ascii_lowercase());
    fits(&decision.action()) || decision.checks().any(|check| fits(&check.action))
}

fn has_resource(decision: &Decision, wanted: &str) -> bool {
    decision.checks().any(|check| fits(wanted, &check.resource))
}

/// A backslash is one here, as it is for SQLite.
fn fits(wanted: &str, text: &str) -> bool {
    glob(&wanted.replace('\\', "\\\\"), text)
}
