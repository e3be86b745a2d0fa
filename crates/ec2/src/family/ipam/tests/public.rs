//! Public pools: ranges that are brought or Amazon's, elastic addresses and public IPv4 pools out of them, and policies.

use serde_json::{Value, json};
use service::prelude::*;

use crate::family::tests::{ask, element};
use crate::network::byoip::change::{Advertise, Context, Named, Provision, advertise, deprovision, provision};
use crate::network::elastic_ip::pool::{CreatePool, DeletePool, DescribePools, create, delete, describe};
use crate::network::elastic_ip::{AllocateAddress, ReleaseAddress, allocate, release};
use crate::share::{self, ResourceShare};
use crate::tests::{later, refusal, start};

/// An address manager, and a public pool of it with the range 203.0.112.0/24.
fn brought(cx: &Cx, tx: &mut Tx) -> (Cx, String, String) {
    let ipam = ask(cx, tx, "CreateIpam", json!({})).unwrap();
    let pool = pool(cx, tx, element(&ipam, "publicDefaultScopeId"), json!({}));
    let message = format!("1|aws|{}|203.0.112.0/24|20300101|SHA256|RSAPSS", cx.account());
    let context = json!({"Message": message, "Signature": "signed"});
    let input = json!({"IpamPoolId": pool, "Cidr": "203.0.112.0/24", "CidrAuthorizationContext": context});
    let made = ask(cx, tx, "ProvisionIpamPoolCidr", input.clone()).unwrap();
    assert_eq!(element(&made, "state"), "pending-provision");
    let cx = later(cx, 600);
    assert_eq!(refusal(ask(&cx, tx, "ProvisionIpamPoolCidr", input)).0, "InvalidParameterValue", "it is somebody's");
    (cx, element(&ipam, "ipamId").to_owned(), pool)
}

fn pool(cx: &Cx, tx: &mut Tx, scope: &str, more: Value) -> String {
    let mut input = Document::from(json!({"IpamScopeId": scope, "AddressFamily": "ipv4", "Locale": "us-east-1"}));
    input.merge(&Document::from(more));
    element(&ask(cx, tx, "CreateIpamPool", Value::Object(input.0)).unwrap(), "ipamPoolId").to_owned()
}

fn allocations(cx: &Cx, tx: &mut Tx, pool: &str) -> String {
    ask(cx, tx, "GetIpamPoolAllocations", json!({"IpamPoolId": pool})).unwrap()
}

#[test]
fn addresses_one_by_one() {
    let (cx, mut tx) = start();
    let (cx, _, pool) = brought(&cx, &mut tx);
    let wish = |address: Option<&str>| AllocateAddress {
        ipam_pool_id: Some(pool.clone()),
        address: address.map(str::to_owned),
        ..Default::default()
    };
    let first = allocate(&cx, &mut tx, &wish(None)).unwrap();
    assert_eq!(
        (first.public_ip.as_deref(), first.public_ipv4_pool.as_deref()),
        (Some("203.0.112.0"), Some(pool.as_str()))
    );
    assert_eq!(allocate(&cx, &mut tx, &wish(Some("203.0.112.9"))).unwrap().public_ip.as_deref(), Some("203.0.112.9"));
    assert_eq!(refusal(allocate(&cx, &mut tx, &wish(Some("203.0.112.9")))).0, "InsufficientCidrBlocks");
    assert_eq!(allocate(&cx, &mut tx, &wish(None)).unwrap().public_ip.as_deref(), Some("203.0.112.1"));
    assert!(allocations(&cx, &mut tx, &pool).contains("<resourceType>eip</resourceType>"));
    let cascade = json!({"IpamPoolId": pool, "Cascade": true});
    assert_eq!(refusal(ask(&cx, &mut tx, "DeleteIpamPool", cascade)).0, "OperationNotPermitted");
    let input = ReleaseAddress { allocation_id: Some(first.allocation_id), ..Default::default() };
    release(&cx, &mut tx, &input).unwrap();
    assert_eq!(allocate(&cx, &mut tx, &wish(None)).unwrap().public_ip.as_deref(), Some("203.0.112.0"));
}

#[test]
fn blocks_for_public_ipv4_pools() {
    let (cx, mut tx) = start();
    let (cx, _, from) = brought(&cx, &mut tx);
    let to = create(&cx, &mut tx, &CreatePool::default()).unwrap().pool_id;
    let provision = |length: i64| json!({"IpamPoolId": from, "PoolId": to, "NetmaskLength": length});
    assert_eq!(refusal(ask(&cx, &mut tx, "ProvisionPublicIpv4PoolCidr", provision(23))).0, "InvalidParameterValue");
    let made = ask(&cx, &mut tx, "ProvisionPublicIpv4PoolCidr", provision(30)).unwrap();
    assert_eq!((element(&made, "firstAddress"), element(&made, "lastAddress")), ("203.0.112.0", "203.0.112.3"));
    let wish = AllocateAddress { public_ipv4_pool: Some(to.clone()), ..Default::default() };
    let address = allocate(&cx, &mut tx, &wish).unwrap();
    assert_eq!(address.public_ip.as_deref(), Some("203.0.112.0"));
    let shown = describe(&cx, &tx, &DescribePools::default()).unwrap().public_ipv4_pools;
    assert_eq!((shown[0].total_address_count, shown[0].total_available_address_count), (4, 3));
    let give_back = json!({"PoolId": to, "Cidr": "203.0.112.0/30"});
    assert_eq!(refusal(ask(&cx, &mut tx, "DeprovisionPublicIpv4PoolCidr", give_back.clone())).0, "IncorrectState");
    let gone = DeletePool { pool_id: to.clone(), ..Default::default() };
    assert_eq!(refusal(delete(&cx, &mut tx, &gone)).0, "IncorrectState");
    let input = ReleaseAddress { allocation_id: Some(address.allocation_id), ..Default::default() };
    release(&cx, &mut tx, &input).unwrap();
    let given = ask(&cx, &mut tx, "DeprovisionPublicIpv4PoolCidr", give_back).unwrap();
    assert_eq!(given.matches("203.0.112.").count(), 4);
    assert!(!allocations(&cx, &mut tx, &from).contains("203.0.112."));
    delete(&cx, &mut tx, &gone).unwrap();
    let back = json!({"IpamPoolId": from, "Cidr": "203.0.112.0/24"});
    let range = Advertise { cidr: "203.0.112.0/24".into(), ..Default::default() };
    advertise(&cx, &mut tx, &range).unwrap();
    assert_eq!(refusal(ask(&cx, &mut tx, "DeprovisionIpamPoolCidr", back)).0, "IncorrectState");
    let named = Named { cidr: "203.0.112.0/24".into(), ..Default::default() };
    assert_eq!(refusal(deprovision(&cx, &mut tx, &named)).0, "IncorrectState", "it is the pool's");
}

#[test]
fn a_range_moves_to_a_pool() {
    let (cx, mut tx) = start();
    let message = format!("1|aws|{}|198.51.100.0/24|20300101|SHA256|RSAPSS", cx.account());
    let context = Some(Context { message, signature: "signed".into() });
    let input = Provision { cidr: "198.51.100.0/24".into(), cidr_authorization_context: context, ..Default::default() };
    provision(&cx, &mut tx, &input).unwrap();
    let cx = later(&cx, 7_200);
    let old = describe(&cx, &tx, &DescribePools::default()).unwrap().public_ipv4_pools[0].pool_id.clone();
    let wish = AllocateAddress { public_ipv4_pool: Some(old.clone()), ..Default::default() };
    let first = allocate(&cx, &mut tx, &wish).unwrap();
    let ipam = ask(&cx, &mut tx, "CreateIpam", json!({})).unwrap();
    let scope = element(&ipam, "publicDefaultScopeId").to_owned();
    let top = pool(&cx, &mut tx, &scope, json!({"Locale": "None"}));
    let inner = pool(&cx, &mut tx, &scope, json!({"SourceIpamPoolId": top}));
    let owner = cx.account();
    let input = json!({"Cidr": "198.51.100.0/24", "IpamPoolId": inner, "IpamPoolOwner": owner});
    let moved = ask(&cx, &mut tx, "MoveByoipCidrToIpam", input.clone()).unwrap();
    assert_eq!((element(&moved, "state"), element(&moved, "ipamPoolId")), ("provisioned", inner.as_str()));
    assert_eq!(refusal(ask(&cx, &mut tx, "MoveByoipCidrToIpam", input)).0, "InvalidParameterValue");
    let cx = later(&cx, 60);
    for (pool, holder) in [(&top, &inner), (&inner, &old)] {
        let held = allocations(&cx, &mut tx, pool);
        assert_eq!((element(&held, "resourceId"), element(&held, "cidr")), (holder.as_str(), "198.51.100.0/24"));
        let cidrs = ask(&cx, &mut tx, "GetIpamPoolCidrs", json!({"IpamPoolId": pool})).unwrap();
        assert_eq!(element(&cidrs, "state"), "provisioned");
    }
    let kept = allocate(&cx, &mut tx, &wish).unwrap();
    assert_eq!(kept.public_ip.as_deref(), Some("198.51.100.1"), "no impact on existing allocations");
    for id in [first.allocation_id, kept.allocation_id] {
        release(&cx, &mut tx, &ReleaseAddress { allocation_id: Some(id), ..Default::default() }).unwrap();
    }
    let block = json!({"PoolId": old, "Cidr": "198.51.100.0/24"});
    ask(&cx, &mut tx, "DeprovisionPublicIpv4PoolCidr", block).unwrap();
    let theirs = share::cx_of(&cx, "210987654321".parse().unwrap());
    let message = format!("1|aws|{}|198.51.100.0/24|20300101|SHA256|RSAPSS", theirs.account());
    let context = Some(Context { message, signature: "signed".into() });
    let wanted =
        Provision { cidr: "198.51.100.0/24".into(), cidr_authorization_context: context, ..Default::default() };
    for pool in [&inner, &top] {
        let held = refusal(provision(&theirs, &mut tx, &wanted));
        assert_eq!(held.0, "InvalidParameterValue", "while a pool has it, it is somebody's");
        let input = json!({"IpamPoolId": pool, "Cidr": "198.51.100.0/24"});
        ask(&cx, &mut tx, "DeprovisionIpamPoolCidr", input).unwrap();
    }
    provision(&theirs, &mut tx, &wanted).unwrap();
}

#[test]
fn amazons_own_blocks() {
    let (cx, mut tx) = start();
    let ipam = ask(&cx, &mut tx, "CreateIpam", json!({})).unwrap();
    let scope = element(&ipam, "publicDefaultScopeId").to_owned();
    let more = json!({"PublicIpSource": "amazon", "AwsService": "ec2"});
    let blocks: Vec<String> = (0..2)
        .map(|_| {
            let id = pool(&cx, &mut tx, &scope, more.clone());
            let large = json!({"IpamPoolId": id, "NetmaskLength": 20});
            assert_eq!(refusal(ask(&cx, &mut tx, "ProvisionIpamPoolCidr", large)).0, "InvalidParameterValue");
            let made =
                ask(&cx, &mut tx, "ProvisionIpamPoolCidr", json!({"IpamPoolId": id, "NetmaskLength": 29})).unwrap();
            element(&made, "cidr").to_owned()
        })
        .collect();
    assert_eq!(blocks, ["18.97.0.0/29", "18.97.0.8/29"]);
    let id = pool(&cx, &mut tx, &scope, more);
    let third = json!({"IpamPoolId": id, "NetmaskLength": 29});
    let limited = crate::tests::with_quotas(&cx);
    assert_eq!(refusal(ask(&limited, &mut tx, "ProvisionIpamPoolCidr", third)).0, "ResourceLimitExceeded");
}

#[test]
fn policies_say_where_addresses_come_from() {
    let (cx, mut tx) = start();
    let (cx, ipam, pool) = brought(&cx, &mut tx);
    let made = ask(&cx, &mut tx, "CreateIpamPolicy", json!({"IpamId": ipam})).unwrap();
    let id = element(&made, "ipamPolicyId").to_owned();
    let rules = |pools: Value| json!({"IpamPolicyId": id, "Locale": "us-east-1", "ResourceType": "eip", "AllocationRules": pools});
    let named = json!({"IpamPolicyId": id});
    let twice = rules(json!([{"SourceIpamPoolId": pool}, {"SourceIpamPoolId": pool}]));
    assert_eq!(refusal(ask(&cx, &mut tx, "ModifyIpamPolicyAllocationRules", twice)).0, "InvalidParameterValue");
    ask(&cx, &mut tx, "ModifyIpamPolicyAllocationRules", rules(json!([{"SourceIpamPoolId": pool}]))).unwrap();
    let address = |tx: &mut Tx| allocate(&cx.apart(), tx, &AllocateAddress::default()).unwrap();
    assert_eq!(address(&mut tx).public_ipv4_pool.as_deref(), Some("amazon"), "it is not enabled");
    let enabled = ask(&cx, &mut tx, "GetEnabledIpamPolicy", json!({})).unwrap();
    assert_eq!(element(&enabled, "ipamPolicyEnabled"), "false");
    ask(&cx, &mut tx, "EnableIpamPolicy", named.clone()).unwrap();
    let enabled = ask(&cx, &mut tx, "GetEnabledIpamPolicy", json!({})).unwrap();
    assert_eq!((element(&enabled, "ipamPolicyId"), element(&enabled, "managedBy")), (id.as_str(), "account"));
    assert_eq!(address(&mut tx).public_ipv4_pool, Some(pool));
    assert_eq!(refusal(ask(&cx, &mut tx, "DeleteIpamPolicy", named.clone())).0, "DependencyViolation");
    ask(&cx, &mut tx, "ModifyIpamPolicyAllocationRules", rules(json!([]))).unwrap();
    let shown = ask(&cx, &mut tx, "GetIpamPolicyAllocationRules", named.clone()).unwrap();
    assert!(!shown.contains("sourceIpamPoolId"));
    assert_eq!(address(&mut tx).public_ipv4_pool.as_deref(), Some("amazon"));
    let unsupported = json!({"IpamPolicyId": id, "Locale": "us-east-1", "ResourceType": "alb"});
    assert_eq!(refusal(ask(&cx, &mut tx, "ModifyIpamPolicyAllocationRules", unsupported)).0, "UnsupportedOperation");
    ask(&cx, &mut tx, "DisableIpamPolicy", named.clone()).unwrap();
    ask(&cx, &mut tx, "DeleteIpamPolicy", named).unwrap();
}

#[test]
fn pools_are_shared() {
    let (cx, mut tx) = start();
    let (cx, _, pool) = brought(&cx, &mut tx);
    let other: AccountId = "210987654321".parse().unwrap();
    let theirs = share::cx_of(&cx, other);
    crate::network::settle(&theirs, &mut tx);
    let wish = AllocateAddress { ipam_pool_id: Some(pool.clone()), ..Default::default() };
    assert_eq!(refusal(allocate(&theirs, &mut tx, &wish)).0, "InvalidIpamPoolId.NotFound");
    let arn = format!("arn:aws:ec2::{}:ipam-pool/{pool}", cx.account());
    tx.put(ResourceShare::new(cx.account(), "pool".into(), vec![arn], vec![other.to_string()]).unwrap());
    let shown = ask(&theirs, &mut tx, "DescribeIpamPools", json!({})).unwrap();
    assert_eq!((element(&shown, "ipamPoolId"), element(&shown, "ownerId")), (pool.as_str(), cx.account().as_str()));
    let address = allocate(&theirs, &mut tx, &wish).unwrap();
    assert_eq!(address.public_ip.as_deref(), Some("203.0.112.0"));
    let held = allocations(&cx, &mut tx, &pool);
    assert_eq!(
        (element(&held, "resourceId"), element(&held, "resourceOwner")),
        (address.allocation_id.as_str(), other.as_str())
    );
    let change = json!({"IpamPoolId": pool, "Description": "mine"});
    assert_eq!(refusal(ask(&theirs, &mut tx, "ModifyIpamPool", change)).0, "InvalidIpamPoolId.NotFound");
    let input = ReleaseAddress { allocation_id: Some(address.allocation_id), ..Default::default() };
    release(&theirs, &mut tx, &input).unwrap();
    assert!(!allocations(&cx, &mut tx, &pool).contains("203.0.112."));
}
