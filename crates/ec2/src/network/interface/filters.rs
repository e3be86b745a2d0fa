//! What DescribeNetworkInterfaces can be asked for. Things no interface here can have yet are known names without values.

use service::filters::{Fields, Values};

use super::describe::{AddressOut, AssociationOut, AttachmentOut, InterfaceOut};
use crate::instance::describe::time;

pub(super) static FIELDS: Fields<InterfaceOut> = Fields {
    fields: &[
        ("addresses.association.allocation-id", |it, values| {
            addresses(it, values, |one, values| allocation(one.association.as_ref(), values))
        }),
        ("addresses.association.association-id", |it, values| {
            addresses(it, values, |one, values| association(one.association.as_ref(), values))
        }),
        ("addresses.association.ip-owner-id", |it, values| {
            addresses(it, values, |one, values| owner(one.association.as_ref(), values))
        }),
        ("addresses.association.owner-id", |it, values| {
            addresses(it, values, |one, values| owner(one.association.as_ref(), values))
        }),
        ("addresses.association.public-dns-name", |it, values| {
            addresses(it, values, |one, values| {
                values.push_if(one.association.as_ref().map(|held| held.public_dns_name.as_str()))
            });
        }),
        ("addresses.association.public-ip", |it, values| {
            addresses(it, values, |one, values| {
                values.push_if(one.association.as_ref().map(|held| held.public_ip.as_str()))
            });
        }),
        ("addresses.primary", |it, values| addresses(it, values, |one, values| values.push_bool(one.primary))),
        ("addresses.private-dns-name", |it, values| {
            addresses(it, values, |one, values| values.push_if(one.private_dns_name.as_deref()));
        }),
        ("addresses.private-ip-address", |it, values| {
            addresses(it, values, |one, values| values.push(one.private_ip_address.as_str()));
        }),
        ("association.allocation-id", |it, values| allocation(it.association.as_ref(), values)),
        ("association.association-id", |it, values| association(it.association.as_ref(), values)),
        ("association.ip-owner-id", |it, values| owner(it.association.as_ref(), values)),
        ("association.public-dns-name", |it, values| {
            values.push_if(it.association.as_ref().map(|held| held.public_dns_name.as_str()));
        }),
        ("association.public-ip", |it, values| {
            values.push_if(it.association.as_ref().map(|held| held.public_ip.as_str()))
        }),
        ("attachment.attach-time", |it, values| {
            attachment(it, values, |held, values| values.push(time(held.attach_time)))
        }),
        ("attachment.attachment-id", |it, values| {
            attachment(it, values, |held, values| values.push(held.attachment_id.as_str()));
        }),
        ("attachment.delete-on-termination", |it, values| {
            attachment(it, values, |held, values| values.push_bool(held.delete_on_termination));
        }),
        ("attachment.device-index", |it, values| {
            attachment(it, values, |held, values| values.push(held.device_index.to_string()));
        }),
        ("attachment.instance-id", |it, values| {
            attachment(it, values, |held, values| values.push_if(held.instance_id.as_deref()))
        }),
        ("attachment.instance-owner-id", |it, values| {
            attachment(it, values, |held, values| values.push(held.instance_owner_id.as_str()));
        }),
        ("attachment.status", |it, values| attachment(it, values, |held, values| values.push(held.status))),
        ("availability-zone", |it, values| values.push(it.availability_zone.as_str())),
        ("availability-zone-id", |it, values| values.push_if(it.availability_zone_id.as_deref())),
        ("description", |it, values| values.push(it.description.as_str())),
        ("group-id", |it, values| it.groups.iter().for_each(|one| values.push(one.group_id.as_str()))),
        // No longer documented, still understood.
        ("group-name", |it, values| it.groups.iter().for_each(|one| values.push(one.group_name.as_str()))),
        ("interface-type", |it, values| values.push(it.interface_type.as_str())),
        ("ipv6-addresses.ipv6-address", |it, values| {
            it.ipv6_addresses.iter().for_each(|one| values.push(one.ipv6_address.as_str()));
        }),
        ("mac-address", |it, values| values.push(it.mac_address.as_str())),
        ("network-interface-id", |it, values| values.push(it.network_interface_id.as_str())),
        ("operator.managed", |it, values| values.push_bool(it.operator.managed)),
        ("operator.principal", nothing),
        ("owner-id", |it, values| values.push(it.owner_id.as_str())),
        ("private-dns-name", |it, values| values.push_if(it.private_dns_name.as_deref())),
        ("private-ip-address", |it, values| values.push(it.private_ip_address.as_str())),
        ("requester-id", |it, values| values.push_if(it.requester_id.as_deref())),
        ("requester-managed", |it, values| values.push_bool(it.requester_managed)),
        ("source-dest-check", |it, values| values.push_bool(it.source_dest_check)),
        ("status", |it, values| values.push(it.status)),
        ("subnet-id", |it, values| values.push(it.subnet_id.as_str())),
        ("vpc-id", |it, values| values.push(it.vpc_id.as_str())),
    ],
    tags: Some(|it| &it.tag_set),
};

fn nothing(_: &InterfaceOut, _: &mut Values) {}

fn addresses(interface: &InterfaceOut, values: &mut Values, push: fn(&AddressOut, &mut Values)) {
    interface.private_ip_addresses.iter().for_each(|one| push(one, values));
}

fn attachment(interface: &InterfaceOut, values: &mut Values, push: fn(&AttachmentOut, &mut Values)) {
    interface.attachment.iter().for_each(|held| push(held, values));
}

fn owner(association: Option<&AssociationOut>, values: &mut Values) {
    values.push_if(association.map(|held| held.ip_owner_id.as_str()));
}

fn allocation(association: Option<&AssociationOut>, values: &mut Values) {
    values.push_if(association.and_then(|held| held.allocation_id.as_deref()));
}

fn association(association: Option<&AssociationOut>, values: &mut Values) {
    values.push_if(association.and_then(|held| held.association_id.as_deref()));
}
