//! Tokens with which an account shows that it holds a public range: it writes one into the range's DNS and names it in ProvisionIpamPoolCidr. A token is
//! good for three days.
//! <https://docs.aws.amazon.com/vpc/latest/ipam/tutorials-byoip-ipam-domain-verification-methods.html>

use jiff::SignedDuration;
use serde_json::json;
use service::prelude::*;

use super::super::item::{self, Item};
use super::super::{Family, Life};
use super::{LIFE, pool};
use crate::kind;

/// How long a token is good.
const GOOD: SignedDuration = SignedDuration::from_hours(72);

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpamExternalResourceVerificationToken.html>
pub static TOKENS: Family = Family {
    arn: Some("IpamExternalResourceVerificationTokenArn"),
    life: Some(Life { seconds: 5, ..LIFE }),
    within: &[("IpamId", &kind::IPAM)],
    filters: &[
        "ipam-arn",
        "ipam-external-resource-verification-token-arn",
        "ipam-external-resource-verification-token-id",
        "ipam-id",
        "ipam-region",
        "state",
        "status",
        "token-name",
        "token-value",
    ],
    fill: |cx, _, input, item| {
        let ipam = input.text("IpamId").unwrap_or_default();
        let not_after = cx.now.checked_add(GOOD).unwrap_or(cx.now);
        item.document.merge(&Document::from(json!({
            "IpamArn": kind::IPAM.arn(cx, ipam),
            "IpamRegion": cx.region_name(),
            "TokenName": cx.ids.uuid(),
            "TokenValue": cx.ids.uuid().replace('-', ""),
            "NotAfter": not_after,
        })));
        Ok(())
    },
    see: |cx, _, item, shown| shown.set("Status", if is_good(cx, item) { "valid" } else { "expired" }),
    ..Family::of(&kind::IPAM_EXTERNAL_RESOURCE_VERIFICATION_TOKEN, "IpamExternalResourceVerificationTokenId")
};

/// The operations.
pub fn operations() -> Vec<Operation> {
    vec![
        TOKENS.create("CreateIpamExternalResourceVerificationToken", &[]),
        TOKENS.describe("DescribeIpamExternalResourceVerificationTokens"),
        TOKENS.delete("DeleteIpamExternalResourceVerificationToken"),
    ]
}

fn is_good(cx: &Cx, token: &Item) -> bool {
    cx.now.duration_since(token.created_at) < GOOD
}

/// Whether a token is one of the pool's address manager and still good.
pub fn is_valid(cx: &Cx, world: &World, pool: &Item, id: &str) -> Result<bool, ApiError> {
    let token = item::alive(world, cx, TOKENS.kind, id)?;
    Ok(is_good(cx, &token) && token.document.text("IpamId").is_some_and(|ipam| pool::is_of(pool, ipam)))
}
