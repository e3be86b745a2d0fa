//! Transfers and names of addresses, groups in further VPCs, and blocked public access.

use service::prelude::*;

use crate::network::block_public_access::exclusion::{
    self, CreateExclusion, DeleteExclusion, DescribeExclusions, ModifyExclusion,
};
use crate::network::block_public_access::{self, ModifyOptions};
use crate::network::elastic_ip::attribute::{ModifyAddressAttribute, modify};
use crate::network::elastic_ip::transfer::*;
use crate::network::elastic_ip::{AllocateAddress, ReleaseAddress, allocate, release};
use crate::network::security_group::association;
use crate::network::*;
use crate::tests::{knows_filters, later, list, refusal, refused, start};

fn as_account(cx: &Cx, account: &str) -> Cx {
    let caller = service::Caller { account: account.parse().unwrap(), ..(*cx.caller).clone() };
    Cx { caller: caller.into(), ..cx.clone() }
}

#[test]
fn an_address_goes_to_another_account() {
    let (cx, mut tx) = start();
    let other = as_account(&later(&cx, 60), "210987654321");
    let made = allocate(&cx, &mut tx, &AllocateAddress::default()).unwrap();
    let offer = EnableAddressTransfer {
        allocation_id: made.allocation_id.clone(),
        transfer_account_id: "210987654321".into(),
        dry_run: None,
    };
    let accept_it = AcceptAddressTransfer { address: made.public_ip.clone().unwrap(), ..Default::default() };
    let unknown = refused("InvalidAddress.NotFound", &format!("Address '{}' not found.", made.public_ip.unwrap()));
    assert_eq!(refusal(accept(&other, &mut tx, &accept_it)), unknown);
    enable(&cx, &mut tx, &offer).unwrap();
    let late = later(&other, 8 * 24 * 3600);
    let mut too_late = Tx::on(tx.at(late.now));
    assert_eq!(refusal(accept(&late, &mut too_late, &accept_it)), unknown);
    let named = ModifyAddressAttribute {
        allocation_id: made.allocation_id.clone(),
        domain_name: Some("mail.example.com".into()),
        dry_run: None,
    };
    let mut aside = Tx::on(World::clone(&tx));
    let shown = modify(&cx, &mut aside, &named).unwrap().address;
    assert_eq!(shown.ptr_record_update.unwrap().value, "mail.example.com.");
    assert_eq!(accept(&other, &mut tx, &accept_it).unwrap().address_transfer.address_transfer_status, "accepted");
    let gone = ReleaseAddress { allocation_id: Some(made.allocation_id.clone()), ..Default::default() };
    assert_eq!(refusal(release(&cx, &mut tx, &gone)).0, "InvalidAllocationID.NotFound");
    let seen = describe(&cx, &tx, &DescribeAddressTransfers::default()).unwrap().address_transfers;
    assert_eq!(seen[0].address_transfer_status, "accepted");
    assert!(release(&other, &mut tx, &gone).is_ok());
}

#[test]
fn a_group_is_used_in_another_vpc() {
    let (cx, mut tx) = start();
    let vpc = |tx: &mut Tx, seconds: i64, cidr: &str| {
        let input = vpc::create::CreateVpc { cidr_block: Some(cidr.into()), ..Default::default() };
        vpc::create::create(&later(&cx, seconds), tx, &input).unwrap().vpc.vpc_id
    };
    let (one, other) = (vpc(&mut tx, 1, "10.1.0.0/16"), vpc(&mut tx, 2, "10.2.0.0/16"));
    let input = security_group::create::CreateSecurityGroup {
        group_name: "shared".into(),
        description: "d".into(),
        vpc_id: Some(one.clone()),
        ..Default::default()
    };
    let group_id = security_group::create::create(&cx, &mut tx, &input).unwrap().group_id;
    let change =
        |vpc_id: &str| association::Change { group_id: group_id.clone(), vpc_id: vpc_id.into(), dry_run: None };
    let default = vpc::default_of(&tx, cx.account(), cx.region_name()).unwrap().id.clone();
    assert_eq!(refusal(association::associate(&cx, &mut tx, &change(&default))).0, "InvalidParameterValue");
    assert_eq!(association::associate(&cx, &mut tx, &change(&other)).unwrap().state, "associating");
    let names = |tx: &Tx| {
        let input = association::GetGroups { vpc_id: other.clone(), ..Default::default() };
        let groups = association::get_groups(&cx, tx, &input).unwrap().security_group_for_vpcs;
        groups.into_iter().map(|group| group.group_name).collect::<std::collections::BTreeSet<_>>()
    };
    assert!(names(&tx).contains("shared"));
    let default_group = security_group::default_of_vpc(&tx, &cx, &other).unwrap();
    let permission = security_group::permission::IpPermission {
        ip_protocol: Some("-1".into()),
        user_id_group_pairs: vec![security_group::permission::GroupPair {
            group_id: Some(group_id.clone()),
            ..Default::default()
        }],
        ..Default::default()
    };
    let allow = security_group::change::AuthorizeIngress {
        group_id: Some(default_group.id.clone()),
        ip_permissions: vec![permission],
        ..Default::default()
    };
    security_group::change::authorize_ingress(&cx, &mut tx, &allow).unwrap();
    let stale = |tx: &Tx| {
        let input = association::DescribeStale { vpc_id: other.clone(), ..Default::default() };
        association::describe_stale(&cx, tx, &input).unwrap().stale_security_group_set
    };
    assert!(stale(&tx).is_empty());
    association::disassociate(&cx, &mut tx, &change(&other)).unwrap();
    let found = stale(&tx);
    assert_eq!(found[0].stale_ip_permissions[0].user_id_group_pairs[0].group_id.as_ref(), Some(&group_id));
    assert!(!names(&tx).contains("shared"));
    knows_filters("DescribeSecurityGroupVpcAssociations", |filters| {
        let input = association::DescribeAssociations { filters, ..Default::default() };
        association::describe(&cx, &tx, &input).map(|it| it.security_group_vpc_associations.len())
    });
}

#[test]
fn blocked_access_and_what_is_exempt() {
    let (cx, mut tx) = start();
    let vpc_id = vpc::default_of(&tx, cx.account(), cx.region_name()).unwrap().id.clone();
    let mode = |tx: &Tx| {
        let input = vpc::DescribeVpcs { vpc_ids: list(&[&vpc_id]), ..Default::default() };
        vpc::describe(&cx, tx, &input).unwrap().vpcs[0]
            .block_public_access_states
            .clone()
            .unwrap()
            .internet_gateway_block_mode
    };
    assert_eq!(mode(&tx), "off");
    let block = |mode: &str| ModifyOptions { internet_gateway_block_mode: mode.into(), dry_run: None };
    block_public_access::modify(&cx, &mut tx, &block("block-bidirectional")).unwrap();
    assert_eq!(mode(&tx), "block-bidirectional");
    let wanted = CreateExclusion {
        vpc_id: Some(vpc_id.clone()),
        internet_gateway_exclusion_mode: "allow-egress".into(),
        ..Default::default()
    };
    let made = exclusion::create(&cx, &mut tx, &wanted).unwrap().vpc_block_public_access_exclusion;
    assert_eq!((made.state, mode(&tx)), ("create-in-progress", "block-ingress"));
    let change = ModifyExclusion {
        exclusion_id: made.exclusion_id.clone(),
        internet_gateway_exclusion_mode: "allow-bidirectional".into(),
        dry_run: None,
    };
    exclusion::modify(&cx, &mut tx, &change).unwrap();
    assert_eq!(mode(&tx), "off");
    let gone = DeleteExclusion { exclusion_id: made.exclusion_id.clone(), dry_run: None };
    exclusion::delete(&cx, &mut tx, &gone).unwrap();
    assert_eq!(mode(&tx), "block-bidirectional");
    let cx = later(&cx, 600);
    let text = format!("The exclusion '{}' is in delete-complete state and cannot be deleted", made.exclusion_id);
    assert_eq!(refusal(exclusion::delete(&cx, &mut tx, &gone)), refused("InvalidParameterValue", &text));
    knows_filters("DescribeVpcBlockPublicAccessExclusions", |filters| {
        let input = DescribeExclusions { filters, ..Default::default() };
        exclusion::describe(&cx, &tx, &input).map(|it| it.vpc_block_public_access_exclusions.len())
    });
}
