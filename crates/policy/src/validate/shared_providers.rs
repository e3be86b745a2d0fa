//! The conditions that AWS insists on where a trust policy trusts an identity provider that many customers share: one that says nothing
//! about the customer lets in everybody's tokens. Checked when the policy is saved, never when it decides.
//! See <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html>.

use super::refuse;
use crate::condition::{Condition, Family, Operator, Quantifier};
use crate::document::{Document, Effect, Statement};
use crate::parse::Malformed;

const ACTION: &str = "sts:AssumeRoleWithWebIdentity";

/// What tells one customer of a provider from another.
enum Claims {
    /// Claims of its tokens.
    Own(&'static [&'static str]),
    /// A condition key of STS.
    Key(&'static str),
}

const SUBJECT: Claims = Claims::Own(&["sub"]);
const AUDIENCE: Claims = Claims::Own(&["aud"]);

/// The shared providers by their issuer's address, without its scheme.
const SHARED: &[(&str, Claims)] = &[
    ("token.actions.githubusercontent.com", Claims::Own(&["sub", "job_workflow_ref"])),
    ("vstoken.actions.githubusercontent.com", SUBJECT),
    ("oidc-configuration.audit-log.githubusercontent.com", SUBJECT),
    ("gitlab.com", SUBJECT),
    ("agent.buildkite.com", SUBJECT),
    ("app.terraform.io", SUBJECT),
    ("oidc.codefresh.io", SUBJECT),
    ("studio.datachain.ai/api", SUBJECT),
    ("scalr.io", SUBJECT),
    ("tokens.cloud.shisho.dev", SUBJECT),
    ("proidc.upbound.io", SUBJECT),
    ("api.pulumi.com/oidc", AUDIENCE),
    ("sandboxes.cloud", AUDIENCE),
    ("oidc.vercel.com", AUDIENCE),
    ("cognito-identity.amazonaws.com", AUDIENCE),
    ("sts.windows.net/33e01921-4d64-4f8c-a055-5bdaffd5e33d", Claims::Key("sts:RoleSessionName")),
    ("rh-oidc.s3.us-east-1.amazonaws.com/22ejnvnnturfmt6km08idd0nt4hekbn7", SUBJECT),
    ("rh-oidc.s3.us-east-1.amazonaws.com/23e3sd27sju1hoou6ohfs68vbno607tr", SUBJECT),
    ("rh-oidc.s3.us-east-1.amazonaws.com/23ne21h005qjl3n33d8dui5dlrmv2tmg", SUBJECT),
    ("rh-oidc.s3.us-east-1.amazonaws.com/24jrf12m5dj7ljlfb4ta2frhrcoadm26", SUBJECT),
    ("oidc.op1.openshiftapps.com/2f785sojlpb85i7402pk3qogugim5nfb", SUBJECT),
    ("oidc.op1.openshiftapps.com/2c51blsaqa9gkjt0o9rt11mle8mmropu", SUBJECT),
];

/// The providers that IAM knows without being told, with the claims that name an application. They have a rule and a text of their own.
const BUILT_IN: &[(&str, &[&str])] = &[
    ("accounts.google.com", &["aud", "oaud", "sub"]),
    ("www.amazon.com", &["app_id", "user_id"]),
    ("graph.facebook.com", &["app_id", "id"]),
];

pub(super) fn check(document: &Document) -> Result<(), Malformed> {
    for statement in document.statements.iter().filter(|statement| is_concerned(statement)) {
        for (_, value) in statement.principal.iter().flat_map(|p| p.entries()).filter(|(key, _)| *key == "Federated") {
            check_provider(statement, value)?;
        }
    }
    Ok(())
}

fn is_concerned(statement: &Statement) -> bool {
    statement.effect == Effect::Allow && statement.actions.as_ref().is_some_and(|actions| actions.covers(ACTION))
}

fn check_provider(statement: &Statement, principal: &str) -> Result<(), Malformed> {
    let place = || format!("statement {}", statement.index);
    let issuer = principal.split_once(":oidc-provider/").map_or(principal, |(_, issuer)| issuer);
    if let Some((_, claims)) = BUILT_IN.iter().find(|(name, _)| *name == issuer) {
        let names_application = |condition: &Condition| {
            let family = condition.operator().family;
            is_plain(condition.operator()) && family != Family::StringLike && is_about(condition, &of(issuer, claims))
        };
        if !statement.conditions.iter().any(names_application) {
            let text = format!("Policy trusting {issuer} requires a StringEquals condition on an application id");
            return refuse(text, place());
        }
    }
    let Some((_, claims)) = SHARED.iter().find(|(name, _)| *name == issuer) else { return Ok(()) };
    let keys = match claims {
        Claims::Own(claims) => of(issuer, claims),
        Claims::Key(key) => vec![(*key).to_owned()],
    };
    let scopes = |condition: &Condition| {
        is_plain(condition.operator()) && is_about(condition, &keys) && condition.values().any(|value| value != "*")
    };
    if statement.conditions.iter().any(scopes) {
        return Ok(());
    }
    let operators = "StringEquals, StringLike or StringEqualsIgnoreCase";
    let keys = keys.join(" or ");
    let text = format!(
        "Trust policy with trusted principal {principal} must evaluate, using {operators}, {keys} which is not scoped to all."
    );
    refuse(text, place())
}

/// The condition keys of an issuer's claims.
fn of(issuer: &str, claims: &[&str]) -> Vec<String> {
    claims.iter().map(|claim| format!("{issuer}:{claim}")).collect()
}

fn is_about(condition: &Condition, keys: &[String]) -> bool {
    keys.iter().any(|key| key.eq_ignore_ascii_case(condition.key()))
}

/// An operator on text that holds for nothing but what it names.
fn is_plain(operator: Operator) -> bool {
    let on_text = matches!(operator.family, Family::StringEquals | Family::StringEqualsIgnoreCase | Family::StringLike);
    on_text && !operator.negated && !operator.if_exists && operator.quantifier == Quantifier::None
}
