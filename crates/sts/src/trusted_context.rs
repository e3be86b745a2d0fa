//! Trusted identity propagation in answers: for whom a federated session acts, as its condition keys have it.
//! See <https://docs.aws.amazon.com/STS/latest/APIReference/API_TrustedIdentityPropagationContext.html>.

use std::collections::BTreeMap;

use service::prelude::*;

const ORIGIN: &str = "aws:OriginIdentity/";
const TRANSACTION: &str = "aws:TransactionContext/IdentityProvider/";

/// TrustedIdentityPropagationContext. It is about a person, and does not show.
#[derive(Serialize, Shaped)]
pub struct TrustedContext {
    origin_identity: OriginIdentity,
    transaction_context: Option<TransactionContext>,
}

impl std::fmt::Debug for TrustedContext {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TrustedContext").finish_non_exhaustive()
    }
}

/// Whose request it is from the beginning.
#[derive(Serialize, Shaped)]
pub struct OriginIdentity {
    subject: Option<String>,
    subject_type: Option<String>,
    issuer: Option<String>,
    federated_provider_arn: Option<String>,
}

/// What else the identity provider said.
#[derive(Serialize, Shaped)]
pub struct TransactionContext {
    identity_provider: BTreeMap<String, String>,
}

/// The answer's part; nothing if the session has no such keys.
pub fn shown(context: &[(String, String)]) -> Option<TrustedContext> {
    let origin = |name| of_origin(context, name).map(str::to_owned);
    let pairs =
        context.iter().filter_map(|(key, value)| Some((key.strip_prefix(TRANSACTION)?.to_owned(), value.clone())));
    let identity_provider: BTreeMap<String, String> = pairs.collect();
    (!context.is_empty()).then(|| TrustedContext {
        origin_identity: OriginIdentity {
            subject: origin("Subject"),
            subject_type: origin("SubjectType"),
            issuer: origin("Issuer"),
            federated_provider_arn: origin("FederatedProviderArn"),
        },
        transaction_context: (!identity_provider.is_empty()).then_some(TransactionContext { identity_provider }),
    })
}

/// The value of `aws:OriginIdentity/NAME`.
pub fn of_origin<'c>(context: &'c [(String, String)], name: &str) -> Option<&'c str> {
    let found = context.iter().find(|(key, _)| key.strip_prefix(ORIGIN) == Some(name));
    found.map(|(_, value)| value.as_str())
}
