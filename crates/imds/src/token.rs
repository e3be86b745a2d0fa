//! IMDSv2's session tokens: sealed, bound to one instance and one run of it, gone after their time. Nothing is stored.

use ec2::instance::Instance;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use service::keys::InstallationKeys;
use service::{Cx, World, seal};

use crate::{Request, Response, page};

/// Carries the token.
pub const HEADER: &str = "X-aws-ec2-metadata-token";
/// Asks for a lifetime, and tells the remaining one.
pub const TTL_HEADER: &str = "X-Aws-Ec2-Metadata-Token-Ttl-Seconds";
const MOST_SECONDS: i64 = 21_600;

#[derive(Serialize, Deserialize)]
struct Contents {
    expires_at: Timestamp,
    /// Makes two tokens of one moment differ.
    nonce: u64,
}

/// Answers `PUT /latest/api/token`.
pub fn answer(cx: &Cx, world: &World, instance: &Instance, request: &Request<'_>) -> Option<Response> {
    // A proxy in front of the application adds this header: who comes through it gets no token.
    if request.header("X-Forwarded-For").is_some() {
        return Some(page::empty(403));
    }
    let Some(seconds) = request.header(TTL_HEADER).and_then(lifetime) else {
        return Some(page::empty(400));
    };
    if request.hops > instance.metadata.hop_limit {
        return None;
    }
    let contents = Contents {
        expires_at: cx.now.saturating_add(SignedDuration::from_secs(seconds)).unwrap_or(cx.now),
        nonce: cx.ids.below(u64::MAX),
    };
    let sealed =
        InstallationKeys::of(world).and_then(|keys| seal::seal(&keys, &keys.metadata, &binding(instance), &contents));
    let Some(token) = sealed else { return Some(page::empty(500)) };
    let mut response = page::text(cx, token.into_bytes());
    response.headers.push((TTL_HEADER, seconds.to_string()));
    Some(response)
}

/// A whole number up to 21,600. AWS gives a token for none too, which is good for nothing (recorded in September 2026).
fn lifetime(text: &str) -> Option<i64> {
    let seconds = text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<i64>().ok())??;
    (0..=MOST_SECONDS).contains(&seconds).then_some(seconds)
}

/// The seconds a token of this instance still has, a begun one counted as whole; `None` for one that is not good.
pub fn open(cx: &Cx, world: &World, instance: &Instance, text: &str) -> Option<i64> {
    let keys = InstallationKeys::of(world)?;
    let contents: Contents = seal::open(&keys.metadata, &binding(instance), text)?;
    (contents.expires_at > cx.now).then(|| contents.expires_at.as_second().saturating_sub(cx.now.as_second()))
}

/// The instance, and its run: a stop and start makes older tokens worthless.
fn binding(instance: &Instance) -> Vec<u8> {
    format!("{}/{}/{}", instance.account, instance.id, instance.started_at).into_bytes()
}
