//! How much of its allotted space a session's policies and tags take, once packed.
//!
//! AWS does not publish its packing. Ours deflates the same parts; the space is chosen so that the limits AWS does publish (2,048 plain
//! characters of policies, fifty tags) are reached before the packed limit in ordinary cases.

use std::io::Write;

use flate2::Compression;
use flate2::write::DeflateEncoder;
use service::caller::SessionPolicies;
use service::prelude::*;

/// Packed bytes that make one hundred per cent.
const SPACE: usize = 2_048;

/// The percentage taken (rounded up), or `None` when there is nothing to pack: then the answer has no PackedPolicySize.
pub fn percent(policies: &SessionPolicies, tags: &[Tag]) -> Option<i64> {
    if policies.inline.is_none() && policies.managed.is_empty() && tags.is_empty() {
        return None;
    }
    let mut deflate = DeflateEncoder::new(Vec::new(), Compression::best());
    let mut pack = |text: &str| deflate.write_all(text.as_bytes()).and_then(|()| deflate.write_all(&[0])).is_ok();
    pack(policies.inline.as_deref().unwrap_or_default());
    policies.managed.iter().for_each(|arn| _ = pack(arn));
    tags.iter().for_each(|tag| _ = pack(&tag.key) && pack(&tag.value));
    let bytes = deflate.finish().map_or(0, |packed| packed.len());
    i64::try_from((bytes * 100).div_ceil(SPACE)).ok()
}
