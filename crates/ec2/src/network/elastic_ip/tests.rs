//! Elastic addresses through their handlers, before instances and interfaces of the default network.

use service::prelude::*;

use super::associate::{AssociateAddress, DisassociateAddress, associate, disassociate};
use super::describe::{AddressOut, DescribeAddresses, describe};
use super::*;
use crate::instance::lifecycle::{
    StartInstances, StopInstances, TerminateInstances, start as start_all, stop, terminate,
};
use crate::instance::tests::{described, one};
use crate::tests::{knows_filters, later, list, refusal, refused, start, with_quotas};

fn allocated(cx: &Cx, tx: &mut Tx) -> Allocated {
    allocate(cx, tx, &AllocateAddress::default()).unwrap()
}

fn seen(cx: &Cx, tx: &Tx, id: &str) -> AddressOut {
    let input = DescribeAddresses { allocation_ids: list(&[id]), ..Default::default() };
    describe(cx, tx, &input).unwrap().addresses.remove(0)
}

fn address_of(cx: &Cx, tx: &mut Tx) -> Arc<Address> {
    let id = allocated(cx, tx).allocation_id;
    resource::get::<Address>(tx, cx, &id).unwrap()
}

fn before_instance(cx: &Cx, tx: &mut Tx, id: &str, instance: &str) -> Result<String, ApiError> {
    let input =
        AssociateAddress { allocation_id: Some(id.into()), instance_id: Some(instance.into()), ..Default::default() };
    associate(cx, tx, &input).map(|it| it.association_id)
}

/// A running instance with its own public address, and an address to put before it.
fn pair() -> (Cx, Tx, String, Allocated) {
    let (cx, mut tx) = start();
    let instance = one(&cx, &mut tx);
    let cx = later(&cx, 60);
    let address = allocated(&cx, &mut tx);
    (later(&cx, 1), tx, instance, address)
}

#[test]
fn an_address_takes_the_place_of_amazons_and_survives_a_stop() {
    let (cx, mut tx, instance, address) = pair();
    let own = described(&cx, &tx, &instance).public_ip_address.unwrap();
    let association = before_instance(&cx, &mut tx, &address.allocation_id, &instance).unwrap();
    let out = described(&cx, &tx, &instance);
    assert_eq!(out.public_ip_address.as_deref(), address.public_ip.as_deref());
    assert_eq!(out.network_interfaces[0].association.as_ref().unwrap().ip_owner_id, cx.account().to_string());
    let found = seen(&cx, &tx, &address.allocation_id);
    assert_eq!((found.instance_id, found.association_id), (Some(instance.clone()), Some(association.clone())));
    assert_eq!(before_instance(&cx, &mut tx, &address.allocation_id, &instance).unwrap(), association);

    let ids = vec![instance.clone()];
    stop(&cx, &mut tx, &StopInstances { instance_ids: ids.clone(), ..Default::default() }).unwrap();
    let cx = later(&cx, 60);
    assert_eq!(described(&cx, &tx, &instance).public_ip_address.as_deref(), address.public_ip.as_deref());
    start_all(&cx, &mut tx, &StartInstances { instance_ids: ids, dry_run: None }).unwrap();
    let cx = later(&cx, 60);
    assert_eq!(described(&cx, &tx, &instance).public_ip_address.as_deref(), address.public_ip.as_deref());

    let input = DisassociateAddress { association_id: Some(association), ..Default::default() };
    disassociate(&cx, &mut tx, &input).unwrap();
    let renewed = described(&cx, &tx, &instance).public_ip_address.unwrap();
    assert!(Some(&renewed) != address.public_ip.as_ref() && renewed != own);
    assert_eq!(seen(&cx, &tx, &address.allocation_id).instance_id, None);
}

#[test]
fn an_address_is_free_when_its_instance_ends() {
    let (cx, mut tx, instance, address) = pair();
    before_instance(&cx, &mut tx, &address.allocation_id, &instance).unwrap();
    let input = ReleaseAddress { allocation_id: Some(address.allocation_id.clone()), ..Default::default() };
    assert_eq!(
        refusal(release(&cx, &mut tx, &input)),
        refused("InvalidIPAddress.InUse", &format!("Address {} is in use.", address.public_ip.unwrap()))
    );
    terminate(&cx, &mut tx, &TerminateInstances { instance_ids: vec![instance], ..Default::default() }).unwrap();
    assert_eq!(refusal(release(&cx, &mut tx, &input)).0, "InvalidIPAddress.InUse", "it is shutting down");
    let cx = later(&cx, 2);
    assert_eq!(seen(&cx, &tx, &address.allocation_id).association_id, None);
    release(&cx, &mut tx, &input).unwrap();
    assert_eq!(describe(&cx, &tx, &DescribeAddresses::default()).unwrap().addresses.len(), 0);
}

#[test]
fn an_account_has_back_what_it_released() {
    let (cx, mut tx) = start();
    let first = allocated(&cx, &mut tx);
    let give = |cx: &Cx, tx: &mut Tx, id: &str| {
        release(cx, tx, &ReleaseAddress { allocation_id: Some(id.to_owned()), ..Default::default() }).unwrap();
    };
    let ask = |cx: &Cx, tx: &mut Tx| {
        allocate(cx, tx, &AllocateAddress { address: first.public_ip.clone(), ..Default::default() })
    };
    let gone =
        refused("InvalidAddress.NotFound", &format!("Address '{}' not found.", first.public_ip.as_deref().unwrap()));
    assert_eq!(refusal(ask(&cx, &mut tx)), gone, "it has it");
    give(&cx, &mut tx, &first.allocation_id);
    let caller = service::Caller { account: "210987654321".parse().unwrap(), ..(*cx.caller).clone() };
    let other = Cx { caller: caller.into(), ..later(&cx, 1) };
    assert_eq!(refusal(ask(&other, &mut tx)), gone);
    assert_eq!(refusal(ask(&crate::tests::in_region(&cx, "eu-west-1"), &mut tx)), gone);
    let again = ask(&later(&cx, 2), &mut tx).unwrap();
    assert_eq!((&again.public_ip, again.public_ipv4_pool.as_deref()), (&first.public_ip, Some("amazon")));
    assert_ne!(again.allocation_id, first.allocation_id);
    give(&cx, &mut tx, &again.allocation_id);
    // Another account had it since.
    let public_ip = first.public_ip.as_deref().unwrap().parse().unwrap();
    let theirs = Address { account: other.account(), public_ip, ..(*address_of(&other, &mut tx)).clone() };
    let id = theirs.id.clone();
    tx.put(theirs);
    assert_eq!(refusal(ask(&later(&cx, 3), &mut tx)), gone);
    give(&other, &mut tx, &id);
    assert_eq!(refusal(ask(&later(&cx, 3), &mut tx)), gone);
    ask(&later(&other, 4), &mut tx).unwrap();
}

#[test]
fn an_address_moves_unless_that_is_forbidden() {
    let (cx, mut tx, first, address) = pair();
    let second = one(&cx, &mut tx);
    let cx = later(&cx, 60);
    let association = before_instance(&cx, &mut tx, &address.allocation_id, &first).unwrap();
    let input = AssociateAddress {
        allocation_id: Some(address.allocation_id.clone()),
        instance_id: Some(second.clone()),
        allow_reassociation: Some(false),
        ..Default::default()
    };
    let text = format!("resource {} is already associated with associate-id {association}", address.allocation_id);
    assert_eq!(refusal(associate(&cx, &mut tx, &input)), refused("Resource.AlreadyAssociated", &text));
    let moved = before_instance(&later(&cx, 1), &mut tx, &address.allocation_id, &second).unwrap();
    assert_ne!(moved, association);
    assert_eq!(seen(&cx, &tx, &address.allocation_id).instance_id, Some(second));
    assert_ne!(described(&cx, &tx, &first).public_ip_address.as_deref(), address.public_ip.as_deref());
}

#[test]
fn quotas_and_filters() {
    let (cx, mut tx) = start();
    let strict = with_quotas(&cx);
    for seconds in 0..5 {
        allocated(&later(&strict, seconds), &mut tx);
    }
    assert_eq!(
        refusal(allocate(&later(&strict, 9), &mut tx, &AllocateAddress::default())),
        refused("AddressLimitExceeded", "The maximum number of addresses has been reached.")
    );
    knows_filters("DescribeAddresses", |filters| {
        describe(&cx, &tx, &DescribeAddresses { filters, ..Default::default() }).map(|it| it.addresses.len())
    });
}
