//! Ranges by the clock, and who may bring which.

use super::change::{Context, Named, Provision, deprovision, provision};
use super::*;
use service::Caller;

use crate::tests::{later, refusal, start};

fn brought(cx: &Cx, tx: &mut Tx, block: &str, account: &str) -> Result<ByoipCidrOut, ApiError> {
    let message = format!("1|aws|{account}|{block}|20300101|SHA256|RSAPSS");
    let context = Some(Context { message, signature: "signed".into() });
    let input = Provision { cidr: block.into(), cidr_authorization_context: context, ..Provision::default() };
    provision(&cx.apart(), tx, &input).map(|changed| changed.byoip_cidr)
}

#[test]
fn a_range_is_somebodys() {
    let (cx, mut tx) = start();
    let own = cx.account().to_string();
    assert_eq!(brought(&cx, &mut tx, "203.0.112.0/23", &own).unwrap().state, "pending-provision");
    for taken_or_large in ["203.0.113.0/24", "32.0.0.0/7"] {
        assert_eq!(refusal(brought(&cx, &mut tx, taken_or_large, &own)).0, "InvalidParameterValue");
    }
    assert_eq!(brought(&cx, &mut tx, "198.51.100.0/24", "210987654321").unwrap().state, "pending-provision");
    let stranger =
        Cx { caller: Caller { account: "210987654321".parse().unwrap(), ..(*cx.caller).clone() }.into(), ..cx.apart() };
    let taken = brought(&stranger, &mut tx, "198.51.100.0/24", "210987654321").unwrap();
    assert_eq!(taken.state, "pending-provision", "what the first could not prove is not in the way");
    let done = later(&cx, 7_200);
    let page = describe(&done, &tx, &DescribeByoipCidrs { max_results: 10, ..Default::default() }).unwrap();
    let states: Vec<_> = page.byoip_cidrs.iter().map(|it| (it.cidr.as_str(), it.state.as_str())).collect();
    assert_eq!(states, [("198.51.100.0/24", "failed-provision"), ("203.0.112.0/23", "provisioned")]);
    let pool = page.byoip_cidrs[1].pool_id.clone().unwrap();
    assert_eq!(pool::take(&done, &tx, &pool, None).unwrap().to_string(), "203.0.112.0");
    assert_eq!(pool::take(&done, &tx, &pool, Some("203.0.113.9")).unwrap().to_string(), "203.0.113.9");
    assert_eq!(refusal(pool::take(&done, &tx, &pool, Some("203.0.114.9"))).0, "InvalidAddress.NotFound");
    let named = Named { cidr: "203.0.112.0/23".into(), ..Named::default() };
    deprovision(&done, &mut tx, &named).unwrap();
    assert_eq!(refusal(pool::take(&done, &tx, &pool, None)).0, "InvalidPublicIpv4PoolID.NotFound");
}
