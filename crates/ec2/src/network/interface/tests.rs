//! Interfaces and their addresses.

use std::collections::BTreeSet;

use service::prelude::*;

use super::describe::{DescribeNetworkInterfaces, InterfaceOut};
use super::*;
use crate::tests::{filters, later, list, refusal, refused, start};

fn a_subnet(cx: &Cx, world: &World) -> Arc<Subnet> {
    subnet::default_for(world, cx.account(), cx.region_name(), Some("us-east-1a")).unwrap()
}

/// A subnet with eleven addresses to give.
fn a_small_subnet(cx: &Cx, tx: &mut Tx) -> Arc<Subnet> {
    let large = a_subnet(cx, tx);
    let small =
        Subnet { id: "subnet-00000000000000001".into(), cidr: "172.31.240.0/28".parse().unwrap(), ..(*large).clone() };
    tx.put(small.clone());
    Arc::new(small)
}

fn wish(subnet: &Arc<Subnet>) -> NewInterface {
    NewInterface {
        subnet: subnet.clone(),
        groups: Vec::new(),
        address: None,
        secondary: Vec::new(),
        secondary_count: 0,
        description: String::new(),
        attachment: None,
        public_address: false,
        tags: Vec::new(),
    }
}

fn attachment(instance_id: &str, device_index: i64) -> NewAttachment {
    NewAttachment { instance_id: instance_id.into(), device_index, network_card_index: 0, delete_on_termination: true }
}

fn described(cx: &Cx, world: &World, wanted: &[(&str, &[&str])]) -> Vec<InterfaceOut> {
    let input = DescribeNetworkInterfaces { filters: filters(wanted), ..Default::default() };
    describe::describe(cx, world, &input).unwrap().network_interfaces
}

#[test]
fn a_new_interface() {
    let (cx, mut tx) = start();
    let subnet = a_subnet(&cx, &tx);
    let group = super::super::security_group::default_of_vpc(&tx, &cx, &subnet.vpc_id).unwrap();
    let new = NewInterface {
        groups: vec![group.id.clone()],
        secondary_count: 2,
        description: "eth0".into(),
        attachment: Some(attachment("i-1", 0)),
        public_address: true,
        ..wish(&subnet)
    };
    let made = create(&cx, &mut tx, new).unwrap();
    assert!(subnet.cidr.contains(&made.private_ip));
    assert_eq!(made.secondary_ips.len(), 2);
    assert_eq!(subnet::available_addresses(&tx, &subnet), 4091 - 3);

    let seen = &described(&cx, &tx, &[])[0];
    assert_eq!(
        (seen.status, seen.groups[0].group_name.as_str(), seen.description.as_str()),
        ("in-use", "default", "eth0")
    );
    assert_eq!(seen.attachment.as_ref().unwrap().status, "attaching");
    assert_eq!(seen.private_ip_addresses.iter().map(|one| one.primary).collect::<Vec<_>>(), [true, false, false]);
    let public = seen.association.as_ref().unwrap();
    let name = format!("ec2-{}.compute-1.amazonaws.com", public.public_ip.replace('.', "-"));
    assert_eq!((public.ip_owner_id.as_str(), &public.public_dns_name), ("amazon", &name));
    assert_eq!(seen.private_dns_name.as_deref(), Some(&*private_dns_name("us-east-1", made.private_ip)));
    assert!(seen.mac_address.starts_with("02:") && seen.mac_address.len() == 17);
    assert_eq!(described(&later(&cx, 60), &tx, &[])[0].attachment.as_ref().unwrap().status, "attached");
}

#[test]
fn attached_and_set_free() {
    let (cx, mut tx) = start();
    let subnet = a_subnet(&cx, &tx);
    let made = create(&cx, &mut tx, NewInterface { public_address: true, ..wish(&subnet) }).unwrap();
    assert_eq!(described(&cx, &tx, &[])[0].status, "available");
    attach(&cx, &mut tx, &made.id, attachment("i-1", 1)).unwrap();
    let second = NewInterface { attachment: Some(attachment("i-1", 0)), ..wish(&subnet) };
    let second = create(&later(&cx, 1), &mut tx, second).unwrap();
    let order: Vec<_> =
        of_instance(&tx, cx.account(), cx.region_name(), "i-1").iter().map(|it| it.id.clone()).collect();
    assert_eq!(order, [second.id.clone(), made.id.clone()]);
    detach_at(&cx, &mut tx, &made.id, cx.now).unwrap();
    let free = look_up(&tx, &cx, &made.id).unwrap();
    assert_eq!((&free.attachment, free.public_ip, free.private_ip), (&None, None, made.private_ip));
    delete(&cx, &mut tx, &made.id).unwrap();
    assert_eq!(
        refusal(delete(&cx, &mut tx, &made.id)),
        refused("InvalidNetworkInterfaceID.NotFound", &format!("The networkInterface ID '{}' does not exist", made.id))
    );
    assert_eq!(subnet::available_addresses(&tx, &subnet), 4090);
}

#[test]
fn addresses_that_may_not_be_had() {
    let (cx, mut tx) = start();
    let subnet = a_small_subnet(&cx, &mut tx);
    let mut ask = |address: &str| {
        let new = NewInterface { address: Some(address.parse().unwrap()), ..wish(&subnet) };
        create(&later(&cx, 1), &mut tx, new).map(|made| made.private_ip.to_string())
    };
    assert_eq!(ask("172.31.240.4"), Ok("172.31.240.4".into()));
    assert_eq!(refusal(ask("172.31.240.4")), refused("InvalidIPAddress.InUse", "Address 172.31.240.4 is in use."));
    for kept in ["172.31.240.0", "172.31.240.1", "172.31.240.2", "172.31.240.3", "172.31.240.15"] {
        assert_eq!(
            refusal(ask(kept)),
            refused("InvalidParameterValue", "Address is in subnet's reserved address range"),
            "{kept}"
        );
    }
    let outside = refused("InvalidParameterValue", "Address does not fall within the subnet's address range");
    assert_eq!(refusal(ask("10.0.0.1")), outside);
}

#[test]
fn a_subnet_gives_all_its_addresses_and_no_more() {
    let (cx, mut tx) = start();
    let subnet = a_small_subnet(&cx, &mut tx);
    let mut given = BTreeSet::new();
    for second in 0..11 {
        given.insert(create(&later(&cx, second), &mut tx, wish(&subnet)).unwrap().private_ip);
    }
    assert_eq!(given.len(), 11);
    assert_eq!(subnet::available_addresses(&tx, &subnet), 0);
    let full = format!(
        "There are not enough free addresses in subnet '{}' to satisfy the requested number of instances.",
        subnet.id
    );
    let one_more = create(&later(&cx, 12), &mut tx, wish(&subnet));
    assert_eq!(refusal(one_more), refused("InsufficientFreeAddressesInSubnet", &full));
}

/// The count in the subnet is what the index holds, whatever was done.
#[test]
fn counted_addresses_are_those_in_use() {
    let (mut cx, mut tx) = start();
    let subnet = a_small_subnet(&cx, &mut tx);
    let mut held: Vec<String> = Vec::new();
    for _ in 0..300 {
        cx = later(&cx, 1);
        match cx.ids.below(3) {
            0 if !held.is_empty() => {
                let position = usize::try_from(cx.ids.below(held.len() as u64)).unwrap();
                delete(&cx, &mut tx, &held.swap_remove(position)).unwrap();
            }
            secondary_count => {
                let new = NewInterface { secondary_count: usize::try_from(secondary_count).unwrap(), ..wish(&subnet) };
                // As in the store, what a refused request did is dropped.
                let mut attempt = Tx::on(tx.at(cx.now));
                if let Ok(made) = create(&cx, &mut attempt, new) {
                    held.push(made.id);
                    tx = attempt;
                }
            }
        }
        let in_use = addresses_in(&tx, &subnet).count();
        assert_eq!(subnet::available_addresses(&tx, &subnet), 11 - in_use);
    }
    assert!(!held.is_empty());
}

#[test]
fn public_addresses_are_given_back() {
    let (cx, mut tx) = start();
    let subnet = a_subnet(&cx, &tx);
    let made = create(&cx, &mut tx, wish(&subnet)).unwrap();
    draw_public_address(&cx, &mut tx, &made).unwrap();
    let with = look_up(&tx, &cx, &made.id).unwrap();
    assert_eq!(with.public_ip.unwrap().octets()[0], 3);
    draw_public_address(&cx, &mut tx, &with).unwrap();
    assert_eq!(look_up(&tx, &cx, &made.id).unwrap().public_ip, with.public_ip, "one is enough");
    release_public_address(&cx, &mut tx, &with).unwrap();
    assert_eq!(look_up(&tx, &cx, &made.id).unwrap().public_ip, None);
}

#[test]
fn names_need_a_vpc_with_host_names() {
    let (cx, mut tx) = start();
    let subnet = a_subnet(&cx, &tx);
    let made = create(&cx, &mut tx, NewInterface { public_address: true, ..wish(&subnet) }).unwrap();
    assert!(public_dns_name(&tx, &made).is_some());
    resource::update::<vpc::Vpc>(&mut tx, &cx, &subnet.vpc_id, |vpc| vpc.dns_hostnames = false);
    assert_eq!(public_dns_name(&tx, &made), None);
    assert_eq!(described(&cx, &tx, &[])[0].private_dns_name, None);
}

#[test]
fn indexes_find_what_filters_find() {
    let (cx, mut tx) = start();
    let subnet = a_subnet(&cx, &tx);
    let new = NewInterface { groups: vec!["sg-1".into()], attachment: Some(attachment("i-1", 0)), ..wish(&subnet) };
    let made = create(&cx, &mut tx, NewInterface { secondary_count: 1, ..new }).unwrap();
    let other = a_small_subnet(&cx, &mut tx);
    create(&later(&cx, 1), &mut tx, wish(&other)).unwrap();
    let found = |name: &str, value: &str| -> Vec<String> {
        described(&cx, &tx, &[(name, &[value])]).into_iter().map(|it| it.network_interface_id).collect()
    };
    for (name, value) in [
        ("subnet-id", subnet.id.as_str()),
        ("group-id", "sg-1"),
        ("attachment.instance-id", "i-1"),
        ("private-ip-address", &made.private_ip.to_string()),
        ("addresses.private-ip-address", &made.secondary_ips[0].to_string()),
        ("mac-address", &made.mac_address),
        ("attachment.device-index", "0"),
    ] {
        assert_eq!(found(name, value), std::slice::from_ref(&made.id), "{name}");
        assert_eq!(found(name, &format!("{value}*")), std::slice::from_ref(&made.id), "{name} with a wildcard");
    }
    assert_eq!(found("vpc-id", &subnet.vpc_id).len(), 2);
}

#[test]
fn ids_and_a_page_size_exclude_each_other() {
    let (cx, tx) = start();
    let input = DescribeNetworkInterfaces {
        network_interface_ids: list(&["eni-1"]),
        max_results: Some(5),
        ..Default::default()
    };
    let text = "The parameter NetworkInterfaceIds cannot be used with the parameter MaxResults";
    assert_eq!(refusal(describe::check(&cx, &tx, &input)), refused("InvalidParameterCombination", text));
}

#[test]
fn checks_carry_the_documented_keys() {
    let (cx, mut tx) = start();
    let subnet = a_subnet(&cx, &tx);
    let made = create(&cx, &mut tx, NewInterface { tags: vec![Tag::new("env", "test")], ..wish(&subnet) }).unwrap();
    let check = check_on(&cx, &tx, &made.id);
    let names: BTreeSet<_> = check.keys.iter().map(|(name, _)| name.as_str()).collect();
    let expected =
        ["ec2:AvailabilityZone", "ec2:AvailabilityZoneId", "ec2:NetworkInterfaceID", "ec2:Subnet", "ec2:Vpc"];
    assert_eq!(names, BTreeSet::from(expected));
    assert_eq!(check.resource, format!("arn:aws:ec2:us-east-1:123456789012:network-interface/{}", made.id));
    assert_eq!(check.tags, service::check::ResourceTags::Known(vec![Tag::new("env", "test")]));
    let unknown = check_on(&cx, &tx, "eni-0123456789abcdef0");
    assert_eq!(unknown.tags, service::check::ResourceTags::Unknown);
}

/// A running instance, and an interface of its zone that is attached to nothing.
fn pair() -> (Cx, Tx, String, String) {
    let (cx, mut tx) = start();
    let instance = crate::instance::tests::one(&cx, &mut tx);
    let subnet_id = crate::instance::find(&cx, &tx, &instance).unwrap().subnet_id.clone().unwrap();
    let input = change::CreateNetworkInterface { subnet_id, ..Default::default() };
    let made = change::create(&later(&cx, 1), &mut tx, &input).unwrap().network_interface;
    assert_eq!((made.status, made.groups.len()), ("pending", 1));
    (later(&cx, 60), tx, instance, made.network_interface_id)
}

fn attached(cx: &Cx, tx: &mut Tx, instance: &str, id: &str, device_index: i64) -> Result<String, ApiError> {
    let input = attach::AttachNetworkInterface {
        network_interface_id: id.into(),
        instance_id: instance.into(),
        device_index,
        ..Default::default()
    };
    attach::attach(cx, tx, &input).map(|it| it.attachment_id)
}

fn status(cx: &Cx, world: &World, id: &str) -> (&'static str, Option<&'static str>) {
    let found = described(cx, world, &[("network-interface-id", &[id])]).remove(0);
    (found.status, found.attachment.map(|held| held.status))
}

#[test]
fn an_interface_is_attached_and_detached() {
    let (cx, mut tx, instance, id) = pair();
    let attachment_id = attached(&cx, &mut tx, &instance, &id, 1).unwrap();
    assert_eq!(status(&cx, &tx, &id), ("in-use", Some("attaching")));
    let cx = later(&cx, 10);
    assert_eq!(status(&cx, &tx, &id), ("in-use", Some("attached")));
    let delete = change::DeleteNetworkInterface { network_interface_id: id.clone(), dry_run: None };
    assert_eq!(
        refusal(change::delete(&cx, &mut tx, &delete)),
        refused("InvalidParameterValue", &format!("Network interface '{id}' is currently in use."))
    );
    let detach = attach::DetachNetworkInterface { attachment_id, ..Default::default() };
    attach::detach(&cx, &mut tx, &detach).unwrap();
    assert_eq!(status(&cx, &tx, &id), ("in-use", Some("detaching")));
    let cx = later(&cx, 10);
    assert_eq!(status(&cx, &tx, &id), ("available", None));
    change::delete(&cx, &mut tx, &delete).unwrap();
    assert!(look_up(&tx, &cx, &id).is_none());
}

#[test]
fn attachments_that_are_refused() {
    let (cx, mut tx, instance, id) = pair();
    let taken = format!("Instance '{instance}' already has an interface attached at device index '0'.");
    assert_eq!(refusal(attached(&cx, &mut tx, &instance, &id, 0)), refused("InvalidParameterValue", &taken));
    let primary = of_instance(&tx, cx.account(), cx.region_name(), &instance)[0].clone();
    let input =
        attach::DetachNetworkInterface { attachment_id: primary.attachment.clone().unwrap().id, ..Default::default() };
    let text = "The network interface at device index 0 and networkCard index 0 cannot be detached.";
    assert_eq!(refusal(attach::detach(&cx, &mut tx, &input)), refused("OperationNotPermitted", text));
    assert_eq!(refusal(attached(&cx, &mut tx, &instance, &primary.id, 1)).0, "InvalidNetworkInterface.InUse");
    let other = subnet::default_for(&tx, cx.account(), cx.region_name(), Some("us-east-1f")).unwrap();
    let elsewhere = create(&cx, &mut tx, wish(&other)).unwrap();
    assert_eq!(
        refusal(attached(&cx, &mut tx, &instance, &elsewhere.id, 1)).1,
        "You may not attach a network interface to an instance if they are not in the same availability zone"
    );
    attached(&cx, &mut tx, &instance, &id, 1).unwrap();
    let subnet = subnet::get(&tx, &cx, &primary.subnet_id).unwrap();
    let third = create(&later(&cx, 2), &mut tx, wish(&subnet)).unwrap();
    assert_eq!(
        refusal(attached(&cx, &mut tx, &instance, &third.id, 2)),
        refused("AttachmentLimitExceeded", "Interface count 3 exceeds the limit for t3.micro")
    );
}

#[test]
fn attributes_one_at_a_time() {
    use crate::instance::attribute::describe::{Flag, Text};
    use attribute::*;
    let (cx, mut tx, _, id) = pair();
    let on = || ModifyNetworkInterfaceAttribute { network_interface_id: id.clone(), ..Default::default() };
    let description = Some(Text { value: Some("mine".into()) });
    modify(&cx, &mut tx, &ModifyNetworkInterfaceAttribute { description: description.clone(), ..on() }).unwrap();
    let source_dest_check = Some(Flag { value: Some(false) });
    modify(&cx, &mut tx, &ModifyNetworkInterfaceAttribute { source_dest_check, ..on() }).unwrap();
    let ask = |attribute: &str| {
        let input = DescribeNetworkInterfaceAttribute {
            network_interface_id: id.clone(),
            attribute: Some(attribute.into()),
            dry_run: None,
        };
        attribute::describe(&cx, &tx, &input).unwrap()
    };
    assert_eq!(ask("description").description, description);
    assert_eq!(ask("sourceDestCheck").source_dest_check, source_dest_check);
    assert_eq!(ask("groupSet").groups.unwrap().len(), 1);
    let both = ModifyNetworkInterfaceAttribute { description, source_dest_check, ..on() };
    assert_eq!(refusal(modify(&cx, &mut tx, &both)).0, "InvalidParameterCombination");
}

fn of_account(cx: &Cx, account: &str) -> Cx {
    let caller = service::Caller { account: account.parse().unwrap(), ..(*cx.caller).clone() };
    Cx { caller: caller.into(), ..later(cx, 1) }
}

#[test]
fn an_interface_is_lent() {
    use super::attach::AttachNetworkInterface;
    use super::permission::{
        CreateNetworkInterfacePermission, DeleteNetworkInterfacePermission, DescribeNetworkInterfacePermissions,
    };
    use crate::instance::tests::{launch, wish as launch_wish};

    let (cx, mut tx) = start();
    let other = of_account(&cx, "222222222222");
    crate::network::settle(&other, &mut tx);
    let subnet = a_subnet(&cx, &tx);
    let id = super::create(&cx, &mut tx, wish(&subnet)).unwrap().id;
    let mut launched = launch_wish(&other);
    launched.subnet_id = Some(a_subnet(&other, &tx).id.clone());
    let instance_id = launch(&other, &mut tx, &launched).instances[0].instance_id.clone();
    let other = later(&other, 60);
    let wanted =
        AttachNetworkInterface { network_interface_id: id.clone(), instance_id, device_index: 1, ..Default::default() };
    assert_eq!(refusal(attach::attach(&other, &mut tx, &wanted)).0, "InvalidNetworkInterfaceID.NotFound");
    let asked = CreateNetworkInterfacePermission {
        network_interface_id: id.clone(),
        aws_account_id: Some("222222222222".into()),
        permission: "INSTANCE-ATTACH".into(),
        ..Default::default()
    };
    let granted = permission::create(&cx, &mut tx, &asked).unwrap().interface_permission;
    let check = permission::check_on(&other, &tx, &id);
    assert_eq!((check.owner, check.shared), (Some(cx.account()), true));
    assert!(check.resource.contains(":123456789012:network-interface/"), "{}", check.resource);
    attach::attach(&other, &mut tx, &wanted).unwrap();
    let held = of_instance(&tx, other.account(), "us-east-1", &wanted.instance_id);
    assert!(held.iter().any(|it| it.id == id && it.account == cx.account()));
    let delete = DeleteNetworkInterfacePermission {
        network_interface_permission_id: granted.network_interface_permission_id,
        ..Default::default()
    };
    assert_eq!(refusal(permission::delete(&cx, &mut tx, &delete)).0, "OperationNotPermitted");
    let end = crate::instance::lifecycle::TerminateInstances {
        instance_ids: vec![wanted.instance_id.clone()],
        ..Default::default()
    };
    crate::instance::lifecycle::terminate(&other, &mut tx, &end).unwrap();
    assert_eq!(look_up(&tx, &cx, &id).unwrap().attachment, None, "it is its account's again");
    permission::delete(&cx, &mut tx, &delete).unwrap();
    assert_eq!(refusal(attach::attach(&other, &mut tx, &wanted)).0, "InvalidNetworkInterfaceID.NotFound");
    let field = |filters| DescribeNetworkInterfacePermissions { filters, ..Default::default() };
    crate::tests::knows_filters("DescribeNetworkInterfacePermissions", |filters| {
        permission::describe(&cx, &tx, &field(filters)).map(|it| it.network_interface_permissions.len())
    });
}

#[test]
fn branches_on_a_trunk() {
    let (cx, mut tx, instance, plain) = pair();
    let subnet_id = get(&tx, &cx, &plain).unwrap().subnet_id.clone();
    let new = |tx: &mut Tx, interface_type: &str| {
        let interface_type = Some(interface_type.to_owned());
        let input =
            change::CreateNetworkInterface { subnet_id: subnet_id.clone(), interface_type, ..Default::default() };
        let made = change::create(&cx, tx, &input).unwrap().network_interface;
        (made.network_interface_id, made.interface_type)
    };
    let (branch, shown) = new(&mut tx, "branch");
    let (other, (trunk, _)) = (new(&mut tx, "branch").0, new(&mut tx, "trunk"));
    assert_eq!(shown, "branch");
    let wanted = |branch: &str, trunk: &str, vlan_id: Option<i64>| trunk::AssociateTrunkInterface {
        branch_interface_id: branch.into(),
        trunk_interface_id: trunk.into(),
        vlan_id,
        ..Default::default()
    };
    let message = format!("The network interface '{plain}' is not of type branch.");
    let wrong = refusal(trunk::associate(&cx, &mut tx, &wanted(&plain, &trunk, Some(1))));
    assert_eq!(wrong, refused("InvalidParameterValue", &message));
    assert_eq!(refusal(trunk::associate(&cx, &mut tx, &wanted(&branch, &trunk, None))).0, "MissingParameter");
    let wrong = refusal(trunk::associate(&cx, &mut tx, &wanted(&branch, &trunk, Some(4_095))));
    assert_eq!(wrong, refused("InvalidParameterValue", "Value (4095) for parameter VlanId is invalid."));
    let once = trunk::AssociateTrunkInterface { client_token: Some("once".into()), ..wanted(&branch, &trunk, Some(7)) };
    let made = trunk::associate(&cx, &mut tx, &once).unwrap().interface_association;
    assert_eq!(trunk::associate(&cx, &mut tx, &once).unwrap().interface_association, made);
    assert_eq!((made.interface_protocol, made.vlan_id, made.gre_key), ("VLAN", Some(7), None));
    assert_eq!(
        refusal(trunk::associate(&cx, &mut tx, &wanted(&branch, &trunk, Some(8)))).0,
        "Resource.AlreadyAssociated"
    );
    assert_eq!(refusal(trunk::associate(&cx, &mut tx, &wanted(&other, &trunk, Some(7)))).0, "InvalidParameterValue");
    let keyed = trunk::AssociateTrunkInterface { gre_key: Some(9), ..wanted(&other, &trunk, None) };
    trunk::associate(&cx, &mut tx, &keyed).unwrap();

    assert_eq!(status(&cx, &tx, &branch).0, "in-use");
    assert_eq!(refusal(attached(&cx, &mut tx, &instance, &branch, 1)).0, "InvalidNetworkInterface.InUse");
    for id in [&branch, &trunk] {
        let delete = change::DeleteNetworkInterface { network_interface_id: id.clone(), dry_run: None };
        let message = format!("Network interface '{id}' is currently in use.");
        assert_eq!(refusal(change::delete(&cx, &mut tx, &delete)), refused("InvalidParameterValue", &message));
    }
    let listed = |tx: &Tx, protocol: &str| {
        let filters = filters(&[("interface-protocol", &[protocol])]);
        let input = trunk::DescribeTrunkInterfaceAssociations { filters, ..Default::default() };
        let found = trunk::describe(&cx, tx, &input).unwrap().interface_associations;
        found.into_iter().map(|it| it.branch_interface_id).collect::<Vec<_>>()
    };
    assert_eq!((listed(&tx, "VLAN"), listed(&tx, "GRE")), (vec![branch.clone()], vec![other.clone()]));
    let end = trunk::DisassociateTrunkInterface { association_id: made.association_id.clone(), ..Default::default() };
    assert!(trunk::disassociate(&cx, &mut tx, &end).unwrap().r#return);
    let message = format!("The association ID '{}' does not exist", made.association_id);
    let again = refusal(trunk::disassociate(&cx, &mut tx, &end));
    assert_eq!(again, refused("InvalidAssociationID.NotFound", &message));
    assert_eq!(status(&cx, &tx, &branch).0, "available");
    // One that is attached cannot be a branch, nor one of another zone.
    attached(&cx, &mut tx, &instance, &branch, 1).unwrap();
    let taken = refusal(trunk::associate(&cx, &mut tx, &wanted(&branch, &trunk, Some(8))));
    assert_eq!(taken, refused("InvalidNetworkInterface.InUse", &format!("Interface: [{branch}] in use.")));
    let elsewhere = subnet::default_for(&tx, cx.account(), cx.region_name(), Some("us-east-1f")).unwrap();
    let elsewhere = create(&cx, &mut tx, wish(&elsewhere)).unwrap().id;
    update(&cx, &mut tx, &elsewhere, |it| it.interface_type = Some("branch".into())).unwrap();
    let apart = refusal(trunk::associate(&cx, &mut tx, &wanted(&elsewhere, &trunk, Some(8))));
    assert_eq!(apart.0, "InvalidParameterCombination");
    let usual = new(&mut tx, "interface");
    assert_eq!((usual.1, get(&tx, &cx, &usual.0).unwrap().interface_type.clone()), ("interface".into(), None));
    // A trunk that goes with its instance sets its branches free.
    delete(&cx, &mut tx, &trunk).unwrap();
    assert_eq!(status(&cx, &tx, &other).0, "available");
}
