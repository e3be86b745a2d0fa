//! IAM's quotas. The hard ones always hold; those AWS raises on request only with `--quotas aws`.

use service::cx::Quotas;
use service::prelude::*;

/// Versions of a managed policy.
pub const VERSIONS: usize = 5;
/// Access keys of a user, or of root.
pub const ACCESS_KEYS: usize = 2;
/// Groups a user is in.
pub const GROUPS_PER_USER: usize = 10;
/// Characters of a managed policy, white space aside.
pub const MANAGED_POLICY: usize = 6_144;
/// Characters of a trust policy, white space aside.
pub const TRUST_POLICY: usize = 2_048;

/// `LimitExceeded` for a quota of that name.
pub fn exceeded(name: &str, most: usize) -> ApiError {
    ApiError::new("LimitExceeded", format!("Cannot exceed quota for {name}: {most}"))
}

/// A quota that always holds: `count` is what there is already.
pub fn hard(name: &str, most: usize, count: usize) -> Result<(), ApiError> {
    if count < most { Ok(()) } else { Err(exceeded(name, most)) }
}

/// A quota that AWS raises on request.
pub fn adjustable(cx: &Cx, name: &str, most: usize, count: impl FnOnce() -> usize) -> Result<(), ApiError> {
    match cx.settings.quotas {
        Quotas::None => Ok(()),
        Quotas::Aws => hard(name, most, count()),
    }
}
