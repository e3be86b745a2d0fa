//! Who sent this? Verifies the signature and gives the `Caller` behind it, or AWS's refusal.
//!
//! Long-term keys come from the state and from the command line (root keys); temporary ones from opening their session token. The order of
//! checks is AWS's: what is wrong with the header, the dates, the scope, the token, the key, and last the signature.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use iam::record::KeyStatus;
use service::cx::ClientClock;
use service::keys::InstallationKeys;
use service::regions::{self, Region};
use service::{AccountId, ApiError, Caller, Principal, Service, World};
use sigv4::{Claim, Clock, Expectations, PathRule, Refusal, Secret, SigningKey};

use crate::cli::AuthMode;
use crate::clock::Moment;
use crate::request::Raw;

/// The keys of root users that the command line gives.
#[derive(Debug)]
pub struct RootKeys {
    /// Id -> secret and account.
    pub named: HashMap<String, (Secret, AccountId)>,
    /// The secret that goes with every 12-digit account number as key id.
    pub shared: Secret,
}

impl RootKeys {
    fn find(&self, id: &str) -> Option<(&Secret, AccountId)> {
        if let Some((secret, account)) = self.named.get(id) {
            return Some((secret, *account));
        }
        Some((&self.shared, id.parse().ok()?))
    }
}

/// A verified sender.
#[derive(Debug)]
pub struct Authenticated {
    pub caller: Arc<Caller>,
    pub region: &'static Region,
    pub client_clock: ClientClock,
    /// Signed for no region but for the service as a whole.
    pub global: bool,
}

/// Verifies requests. It keeps derived signing keys, which spares four of the five MACs for a key that comes again the same day.
pub struct Authenticator {
    pub mode: AuthMode,
    pub roots: RootKeys,
    default_account: AccountId,
    derived: Mutex<HashMap<DerivedFor, Arc<SigningKey>>>,
}

/// What a signing key is derived from, the secret aside (an id's secret never changes).
#[derive(PartialEq, Eq, Hash)]
struct DerivedFor {
    key_id: String,
    date: String,
    region: String,
    service: &'static str,
}

/// The cache is dropped whole when it has this many keys; they are cheap to derive again.
const MOST_DERIVED: usize = 4_096;

impl Authenticator {
    /// An authenticator with those root keys; where every key is believed, one that names no account is of the default one.
    pub fn new(mode: AuthMode, roots: RootKeys, default_account: AccountId) -> Authenticator {
        Authenticator { mode, roots, default_account, derived: Mutex::default() }
    }

    /// Forgets derived keys; after a reset an id may come with another secret.
    pub fn forget(&self) {
        self.derived.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// The caller of a signed request.
    pub fn authenticate(
        &self,
        world: &World,
        raw: &Raw,
        headers: &[(&str, &str)],
        service: Service,
        moment: Moment,
    ) -> Result<Authenticated, ApiError> {
        let request = raw.signed(headers);
        let expectations =
            Expectations { service: service.as_str(), wall: moment.wall, now: moment.now, path: PathRule::Normalised };
        let claim = match sigv4::claim(&request, &expectations) {
            Ok(claim) => claim,
            Err(refusal) => return Err(refused(service, &refusal)),
        };
        if service.protocol() == wire::Protocol::Json && self.mode != AuthMode::Off {
            let signed = claim.signed_headers.split(';').any(|name| name.eq_ignore_ascii_case("x-amz-target"));
            if !signed {
                return Err(front_door(service, "SignatureDoesNotMatch", TARGET_NOT_SIGNED));
            }
        }
        let region = self.region_of(&claim, service)?;
        let caller = self.caller(world, &claim, region, service, moment)?;
        if self.mode != AuthMode::Off {
            let verified = self.verify(world, &claim, &request, service);
            verified.map_err(|refusal| refused(service, &refusal))?;
        }
        let client_clock = match claim.near {
            Clock::Wall => ClientClock::Wall,
            Clock::Now => ClientClock::Moved,
        };
        Ok(Authenticated { caller: Arc::new(caller), region, client_clock, global: claim.region == GLOBAL })
    }

    /// The region of the scope. IAM and STS take any, and `aws-global` and made-up names count as us-east-1; a service that keeps its regions apart
    /// must not take a misspelt one for another. On AWS such a name leads to no host; the refusal is the one for a region that the key is not good for.
    fn region_of(&self, claim: &Claim<'_>, service: Service) -> Result<&'static Region, ApiError> {
        let known = regions::region(&claim.region);
        let is_regional = matches!(service, Service::Ec2 | Service::Ssm) && claim.region != GLOBAL;
        if known.is_none() && is_regional && self.mode != AuthMode::Off {
            let text = format!("Credential should be scoped to a valid region, not '{}'.", claim.region);
            return Err(front_door(service, "SignatureDoesNotMatch", &text));
        }
        Ok(known.unwrap_or_else(regions::fallback))
    }

    /// Whose key it is, by what the state, the token or the command line says; nothing is verified yet.
    fn caller(
        &self,
        world: &World,
        claim: &Claim<'_>,
        region: &'static Region,
        service: Service,
        moment: Moment,
    ) -> Result<Caller, ApiError> {
        let id = claim.access_key_id.as_ref();
        let partition = region.partition.as_str();
        if let Some(token) = &claim.session_token {
            return sts::token::open_in(world, id, token, moment.now, region)
                .map_err(|refused| token_refused(service, refused));
        }
        let is_believed = |status| self.mode == AuthMode::Off || status == KeyStatus::Active;
        if let Some(key) = iam::access_key(world, id).filter(|key| is_believed(key.status))
            && let Some(caller) = iam::caller_of(world, &key, partition)
        {
            return Ok(caller);
        }
        let root = |account| Caller {
            account,
            partition,
            principal: Principal::Root,
            access_key_id: id.to_owned(),
            session: None,
        };
        match self.roots.find(id) {
            Some((_, account)) => Ok(root(account)),
            None if self.mode == AuthMode::Off => {
                Ok(root(service::ids::account_of(id).unwrap_or(self.default_account)))
            }
            None => Err(unknown_key(service, id)),
        }
    }

    fn verify(
        &self,
        world: &World,
        claim: &Claim<'_>,
        request: &sigv4::Request<'_>,
        service: Service,
    ) -> Result<(), Refusal> {
        if let Some(token) = &claim.session_token {
            // INVARIANT: the token was opened above, so the installation's keys are there.
            let secret = InstallationKeys::of(world).map(|keys| sts::token::secret(&keys, token)).unwrap_or_default();
            return claim.verify(request, &Secret::new(secret));
        }
        claim.verify_with_key(request, &self.signing_key(world, claim, service))
    }

    fn signing_key(&self, world: &World, claim: &Claim<'_>, service: Service) -> Arc<SigningKey> {
        let wanted = DerivedFor {
            key_id: claim.access_key_id.to_string(),
            date: claim.scope_date.to_string(),
            region: claim.region.to_string(),
            service: service.as_str(),
        };
        let mut derived = self.derived.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(key) = derived.get(&wanted) {
            return key.clone();
        }
        let secret = self.long_term_secret(world, &claim.access_key_id);
        let key = Arc::new(sigv4::signing_key(&secret, &claim.scope_date, &claim.region, service.as_str()));
        if derived.len() >= MOST_DERIVED {
            derived.clear();
        }
        derived.insert(wanted, key.clone());
        key
    }

    fn long_term_secret(&self, world: &World, id: &str) -> Secret {
        if let Some(key) = iam::access_key(world, id) {
            return Secret::new(key.secret.as_str());
        }
        self.roots.find(id).map_or_else(|| Secret::new(""), |(secret, _)| secret.clone())
    }
}

/// The operation of a JSON service stands in that header alone. The words are those for the host.
const TARGET_NOT_SIGNED: &str = "'X-Amz-Target' must be a 'SignedHeader' in the AWS Authorization.";

/// What clients sign for that name no region.
const GLOBAL: &str = "aws-global";

fn unknown_key(service: Service, id: &str) -> ApiError {
    let hint = format!(
        "access key `{id}` is unknown; accepted are keys made with CreateAccessKey, `test` and 12-digit account numbers with the root secret, and --root-key"
    );
    front_door(service, "InvalidClientTokenId", "The security token included in the request is invalid.").because(hint)
}

fn token_refused(service: Service, refused: sts::token::Refused) -> ApiError {
    match refused {
        sts::token::Refused::Invalid => {
            front_door(service, "InvalidClientTokenId", "The security token included in the request is invalid")
        }
        sts::token::Refused::Expired => {
            front_door(service, "ExpiredToken", "The security token included in the request is expired")
        }
    }
}

fn refused(service: Service, refusal: &Refusal) -> ApiError {
    let error = match (service, refusal) {
        (Service::Ec2, Refusal::OutsideTimeWindow(_)) => ApiError::new("RequestExpired", "Request has expired."),
        _ => front_door(service, refusal.code(), &refusal.message(false)),
    };
    error.because(without_tokens(&refusal.message(true)))
}

/// A canonical request holds the session token, which is for nobody's log.
fn without_tokens(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((at, length)) = token_name(rest) {
        let (before, after) = rest.split_at(at + length);
        shown.push_str(before);
        shown.push('…');
        rest = after.trim_start_matches(|character: char| !character.is_whitespace() && character != '&');
    }
    shown.push_str(rest);
    shown
}

/// Where a token's name begins, as header or parameter, and how long it is with what stands behind it.
fn token_name(text: &str) -> Option<(usize, usize)> {
    const NAME: &str = "x-amz-security-token";
    let lower = text.to_ascii_lowercase();
    let at = [":", "="].iter().filter_map(|end| lower.find(&format!("{NAME}{end}"))).min()?;
    Some((at, NAME.len() + 1))
}

/// EC2 tells little: nearly everything is AuthFailure, an expired session RequestExpired.
fn front_door(service: Service, code: &'static str, message: &str) -> ApiError {
    match (service, code) {
        (Service::Ec2, "ExpiredToken") => ApiError::new("RequestExpired", "Request has expired."),
        (Service::Ec2, "MissingAuthenticationToken") => {
            ApiError::new("MissingParameter", "The request must contain the parameter AWSAccessKeyId")
        }
        (Service::Ec2, _) => ApiError::bad_credentials().because(message),
        _ => ApiError::new(code, message),
    }
}

#[cfg(test)]
mod tests {
    use super::without_tokens;

    #[test]
    fn tokens_stay_out_of_causes() {
        let cases = [
            ("host:x\nx-amz-security-token:IQoJ+/=\n\nhost", "host:x\nx-amz-security-token:…\n\nhost"),
            ("a=1&X-Amz-Security-Token=IQoJ%2F&b=2", "a=1&X-Amz-Security-Token=…&b=2"),
            ("nothing here", "nothing here"),
        ];
        for (text, shown) in cases {
            assert_eq!(without_tokens(text), shown);
        }
    }
}
