//! What DescribeInstances can be asked for: every filter its documentation names, and where an instance has it.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstances.html>
//!
//! Filters on the record come cheap; the rest read the answer as it would be sent. Things that no instance here can have (outposts, carrier
//! addresses) are known names without values.

use service::filters::{Field, Fields, Values};

use super::describe::time;
use super::out::{AddressOut, InterfaceAssociationOut, InterfaceOut};
use super::record::enabled_word;
use super::view::Seen;
use crate::network::interface::NetworkInterface;

pub(super) static FIELDS: Fields<Seen> = Fields { fields: TABLE, tags: Some(|seen| &seen.instance.tags) };

fn nothing(_: &Seen, _: &mut Values) {}

/// Applies `push` to every interface's record: much cheaper than the answer, and filters by address are common.
fn records(seen: &Seen, values: &mut Values, push: fn(&NetworkInterface, &mut Values)) {
    seen.interfaces().iter().for_each(|interface| push(interface, values));
}

/// Applies `push` to every interface of the answer.
fn interfaces(seen: &Seen, values: &mut Values, push: fn(&InterfaceOut, &mut Values)) {
    seen.out().network_interfaces.iter().for_each(|interface| push(interface, values));
}

fn addresses(seen: &Seen, values: &mut Values, push: fn(&AddressOut, &mut Values)) {
    seen.out()
        .network_interfaces
        .iter()
        .flat_map(|it| &it.private_ip_addresses)
        .for_each(|address| push(address, values));
}

fn interface_associations(seen: &Seen, values: &mut Values, push: fn(&InterfaceAssociationOut, &mut Values)) {
    seen.out().network_interfaces.iter().filter_map(|it| it.association.as_ref()).for_each(|it| push(it, values));
}

fn address_associations(seen: &Seen, values: &mut Values, push: fn(&InterfaceAssociationOut, &mut Values)) {
    let addresses = seen.out().network_interfaces.iter().flat_map(|it| &it.private_ip_addresses);
    addresses.filter_map(|it| it.association.as_ref()).for_each(|it| push(it, values));
}

const TABLE: &[Field<Seen>] = &[
    ("affinity", |it, values| values.push_if(it.instance.placement.affinity.as_deref())),
    ("architecture", |it, values| values.push(it.instance.image.architecture.as_str())),
    ("availability-zone", |it, values| values.push(it.instance.placement.zone.as_str())),
    ("availability-zone-id", |it, values| values.push(it.instance.placement.zone_id.as_str())),
    ("block-device-mapping.attach-time", |it, values| {
        it.out().block_device_mappings.iter().for_each(|device| values.push(time(device.ebs.attach_time)));
    }),
    ("block-device-mapping.delete-on-termination", |it, values| {
        it.out().block_device_mappings.iter().for_each(|device| values.push_bool(device.ebs.delete_on_termination));
    }),
    ("block-device-mapping.device-name", |it, values| {
        it.out().block_device_mappings.iter().for_each(|device| values.push(device.device_name.as_str()));
    }),
    ("block-device-mapping.status", |it, values| {
        it.out().block_device_mappings.iter().for_each(|device| values.push(device.ebs.status));
    }),
    ("block-device-mapping.volume-id", |it, values| {
        it.out().block_device_mappings.iter().for_each(|device| values.push(device.ebs.volume_id.as_str()));
    }),
    ("boot-mode", |it, values| values.push_if(it.instance.image.boot_mode.as_deref())),
    ("capacity-reservation-id", |it, values| values.push_if(it.out().capacity_reservation_id.as_deref())),
    ("capacity-reservation-specification.capacity-reservation-preference", |it, values| {
        let attributes = &it.instance.attributes;
        let preference = attributes.capacity_reservation_preference.as_str();
        values.push_if(attributes.capacity_target.is_none().then_some(preference));
    }),
    ("capacity-reservation-specification.capacity-reservation-target.capacity-reservation-id", |it, values| {
        values.push_if(it.instance.attributes.capacity_target.as_deref());
    }),
    ("capacity-reservation-specification.capacity-reservation-target.capacity-reservation-resource-group-arn", nothing),
    ("client-token", |it, values| values.push_if(it.instance.client_token.as_deref())),
    ("current-instance-boot-mode", |it, values| values.push_if(it.out().current_instance_boot_mode.as_deref())),
    ("dns-name", |it, values| values.push(it.out().public_dns_name.as_str())),
    ("ebs-optimized", |it, values| values.push_bool(it.instance.attributes.ebs_optimized)),
    ("ena-support", |it, values| values.push_bool(it.instance.attributes.ena_support)),
    ("enclave-options.enabled", |it, values| values.push_bool(it.instance.attributes.enclave)),
    ("hibernation-options.configured", |it, values| values.push_bool(it.instance.attributes.hibernation)),
    ("host-id", |it, values| values.push_if(it.instance.host_id())),
    ("hypervisor", |it, values| values.push(it.instance.image.hypervisor.as_str())),
    ("iam-instance-profile.arn", |it, values| {
        values.push_if(it.out().iam_instance_profile.as_ref().map(|profile| profile.arn.as_str()));
    }),
    ("iam-instance-profile.id", |it, values| {
        values.push_if(it.out().iam_instance_profile.as_ref().map(|profile| profile.id.as_str()));
    }),
    ("image-id", |it, values| values.push(it.instance.image.id.as_str())),
    ("instance-id", |it, values| values.push(it.instance.id.as_str())),
    ("instance-lifecycle", |it, values| values.push_if(it.out().instance_lifecycle)),
    ("instance-state-code", |it, values| values.push(it.state.code().to_string())),
    ("instance-state-name", |it, values| values.push(it.state.name())),
    ("instance-type", |it, values| values.push(it.instance.instance_type.as_str())),
    ("instance.group-id", |it, values| {
        it.interfaces().iter().take(1).flat_map(|one| &one.groups).for_each(|id| values.push(id.as_str()))
    }),
    ("instance.group-name", |it, values| {
        it.out().security_groups.iter().for_each(|group| values.push(group.group_name.as_str()));
    }),
    ("ip-address", |it, values| {
        it.interfaces().iter().take(1).for_each(|one| values.push_if(one.public_ip.map(|address| address.to_string())));
    }),
    ("ipv6-address", |it, values| {
        let interfaces = it.interfaces();
        let primary = interfaces.first().and_then(|one| one.ipv6_addresses.first());
        values.push_if(primary.map(ToString::to_string));
    }),
    ("kernel-id", nothing),
    ("key-name", |it, values| values.push_if(it.instance.key_name.as_deref())),
    ("launch-index", |it, values| values.push(it.instance.launch_index.to_string())),
    ("launch-time", |it, values| values.push(time(it.instance.started_at))),
    ("maintenance-options.auto-recovery", |it, values| values.push(it.instance.attributes.auto_recovery.as_str())),
    ("metadata-options.http-endpoint", |it, values| values.push(enabled_word(it.instance.metadata.http_endpoint))),
    ("metadata-options.http-protocol-ipv4", |it, values| values.push(enabled_word(it.instance.metadata.http_endpoint))),
    ("metadata-options.http-protocol-ipv6", |it, values| {
        values.push(enabled_word(it.instance.metadata.http_protocol_ipv6))
    }),
    ("metadata-options.http-put-response-hop-limit", |it, values| {
        values.push(it.instance.metadata.hop_limit.to_string())
    }),
    ("metadata-options.http-tokens", |it, values| values.push(it.instance.metadata.http_tokens.word())),
    ("metadata-options.instance-metadata-tags", |it, values| {
        values.push(enabled_word(it.instance.metadata.instance_metadata_tags));
    }),
    ("metadata-options.state", |it, values| {
        values.push_if(it.out().metadata_options.as_ref().map(|options| options.state))
    }),
    ("monitoring-state", |it, values| values.push(it.out().monitoring.state)),
    ("network-interface.addresses.association.allocation-id", nothing),
    ("network-interface.addresses.association.association-id", nothing),
    ("network-interface.addresses.association.carrier-ip", nothing),
    ("network-interface.addresses.association.customer-owned-ip", nothing),
    ("network-interface.addresses.association.ip-owner-id", |it, values| {
        address_associations(it, values, |association, values| values.push(association.ip_owner_id.as_str()));
    }),
    ("network-interface.addresses.association.public-dns-name", |it, values| {
        address_associations(it, values, |association, values| values.push(association.public_dns_name.as_str()));
    }),
    ("network-interface.addresses.association.public-ip", |it, values| {
        address_associations(it, values, |association, values| values.push(association.public_ip.as_str()));
    }),
    ("network-interface.addresses.primary", |it, values| {
        addresses(it, values, |address, values| values.push_bool(address.primary))
    }),
    ("network-interface.addresses.private-dns-name", |it, values| {
        addresses(it, values, |address, values| values.push_if(address.private_dns_name.as_deref()));
    }),
    ("network-interface.addresses.private-ip-address", |it, values| {
        addresses(it, values, |address, values| values.push(address.private_ip_address.as_str()));
    }),
    ("network-interface.association.allocation-id", nothing),
    ("network-interface.association.association-id", nothing),
    ("network-interface.association.carrier-ip", nothing),
    ("network-interface.association.customer-owned-ip", nothing),
    ("network-interface.association.ip-owner-id", |it, values| {
        interface_associations(it, values, |association, values| values.push(association.ip_owner_id.as_str()));
    }),
    ("network-interface.association.public-dns-name", |it, values| {
        interface_associations(it, values, |association, values| values.push(association.public_dns_name.as_str()));
    }),
    ("network-interface.association.public-ip", |it, values| {
        interface_associations(it, values, |association, values| values.push(association.public_ip.as_str()));
    }),
    ("network-interface.attachment.attach-time", |it, values| {
        interfaces(it, values, |one, values| {
            values.push_if(one.attachment.as_ref().map(|held| time(held.attach_time)))
        });
    }),
    ("network-interface.attachment.attachment-id", |it, values| {
        interfaces(it, values, |one, values| {
            values.push_if(one.attachment.as_ref().map(|held| held.attachment_id.as_str()))
        });
    }),
    ("network-interface.attachment.delete-on-termination", |it, values| {
        interfaces(it, values, |one, values| {
            values.push_if(one.attachment.as_ref().map(|held| held.delete_on_termination.to_string()))
        });
    }),
    ("network-interface.attachment.device-index", |it, values| {
        interfaces(it, values, |one, values| {
            values.push_if(one.attachment.as_ref().map(|held| held.device_index.to_string()))
        });
    }),
    ("network-interface.attachment.instance-id", |it, values| values.push(it.instance.id.as_str())),
    ("network-interface.attachment.instance-owner-id", |it, values| values.push(it.instance.account.as_str())),
    ("network-interface.attachment.network-card-index", |it, values| {
        interfaces(it, values, |one, values| {
            values.push_if(one.attachment.as_ref().map(|held| held.network_card_index.to_string()))
        });
    }),
    ("network-interface.attachment.status", |it, values| {
        interfaces(it, values, |one, values| values.push_if(one.attachment.as_ref().map(|held| held.status)));
    }),
    ("network-interface.availability-zone", |it, values| values.push(it.instance.placement.zone.as_str())),
    ("network-interface.deny-all-igw-traffic", nothing),
    ("network-interface.description", |it, values| {
        interfaces(it, values, |one, values| values.push(one.description.as_str()))
    }),
    ("network-interface.group-id", |it, values| {
        records(it, values, |one, values| one.groups.iter().for_each(|id| values.push(id.as_str())));
    }),
    ("network-interface.group-name", |it, values| {
        interfaces(it, values, |one, values| {
            one.groups.iter().for_each(|group| values.push(group.group_name.as_str()))
        });
    }),
    ("network-interface.ipv4-prefixes.ipv4-prefix", |it, values| {
        records(it, values, |one, values| one.ipv4_prefixes.iter().for_each(|held| values.push(held.to_string())));
    }),
    ("network-interface.ipv6-address", |it, values| {
        records(it, values, |one, values| values.push_if(one.ipv6_addresses.first().map(ToString::to_string)));
    }),
    ("network-interface.ipv6-addresses.ipv6-address", |it, values| {
        records(it, values, |one, values| one.ipv6_addresses.iter().for_each(|held| values.push(held.to_string())));
    }),
    ("network-interface.ipv6-addresses.is-primary-ipv6", |it, values| {
        interfaces(it, values, |one, values| {
            one.ipv6_addresses.iter().for_each(|held| values.push_bool(held.is_primary_ipv6))
        });
    }),
    ("network-interface.ipv6-native", |it, values| interfaces(it, values, |_, values| values.push_bool(false))),
    ("network-interface.ipv6-prefixes.ipv6-prefix", |it, values| {
        records(it, values, |one, values| one.ipv6_prefixes.iter().for_each(|held| values.push(held.to_string())));
    }),
    ("network-interface.mac-address", |it, values| {
        records(it, values, |one, values| values.push(one.mac_address.as_str()))
    }),
    ("network-interface.network-interface-id", |it, values| {
        records(it, values, |one, values| values.push(one.id.as_str()));
    }),
    ("network-interface.operator.managed", |it, values| {
        interfaces(it, values, |one, values| values.push_bool(one.operator.is_some_and(|it| it.managed)))
    }),
    ("network-interface.operator.principal", nothing),
    ("network-interface.outpost-arn", nothing),
    ("network-interface.owner-id", |it, values| {
        interfaces(it, values, |one, values| values.push(one.owner_id.as_str()))
    }),
    ("network-interface.private-dns-name", |it, values| {
        interfaces(it, values, |one, values| values.push_if(one.private_dns_name.as_deref()));
    }),
    ("network-interface.private-ip-address", |it, values| {
        records(it, values, |one, values| values.push(one.private_ip.to_string()));
    }),
    ("network-interface.public-dns-name", |it, values| {
        interface_associations(it, values, |association, values| values.push(association.public_dns_name.as_str()));
    }),
    ("network-interface.requester-id", nothing),
    ("network-interface.requester-managed", |it, values| interfaces(it, values, |_, values| values.push_bool(false))),
    ("network-interface.status", |it, values| interfaces(it, values, |one, values| values.push(one.status))),
    ("network-interface.source-dest-check", |it, values| {
        interfaces(it, values, |one, values| values.push_bool(one.source_dest_check));
    }),
    ("network-interface.subnet-id", |it, values| {
        records(it, values, |one, values| values.push(one.subnet_id.as_str()))
    }),
    ("network-interface.tag-key", |it, values| {
        it.interfaces().iter().flat_map(|one| &one.tags).for_each(|tag| values.push(tag.key.as_str()));
    }),
    ("network-interface.tag-value", |it, values| {
        it.interfaces().iter().flat_map(|one| &one.tags).for_each(|tag| values.push(tag.value.as_str()));
    }),
    ("network-interface.vpc-id", |it, values| records(it, values, |one, values| values.push(one.vpc_id.as_str()))),
    ("network-performance-options.bandwidth-weighting", |it, values| {
        values.push(it.instance.attributes.bandwidth_weighting.as_str());
    }),
    ("operator.managed", |_, values| values.push_bool(false)),
    ("operator.principal", nothing),
    ("outpost-arn", nothing),
    ("owner-id", |it, values| values.push(it.instance.account.as_str())),
    ("placement-group-name", |it, values| values.push_if(it.instance.placement.group_name.as_deref())),
    ("placement-partition-number", |it, values| {
        values.push_if(it.instance.placement.partition.map(|number| number.to_string()));
    }),
    ("platform", |it, values| values.push_if(it.instance.image.platform.as_deref())),
    ("platform-details", |it, values| values.push_if(it.instance.image.platform_details.as_deref())),
    ("private-dns-name", |it, values| values.push(it.out().private_dns_name.as_str())),
    ("private-dns-name-options.enable-resource-name-dns-a-record", |it, values| {
        values.push_bool(it.instance.attributes.dns_a_record);
    }),
    ("private-dns-name-options.enable-resource-name-dns-aaaa-record", |it, values| {
        values.push_bool(it.instance.attributes.dns_aaaa_record);
    }),
    ("private-dns-name-options.hostname-type", |it, values| values.push(it.instance.attributes.hostname_type.as_str())),
    ("private-ip-address", |it, values| {
        it.interfaces().iter().take(1).for_each(|one| values.push(one.private_ip.to_string()));
    }),
    ("product-code", |it, values| it.instance.image.product_codes.iter().for_each(|(id, _)| values.push(id.as_str()))),
    ("product-code.type", |it, values| {
        it.instance.image.product_codes.iter().for_each(|(_, kind)| values.push(kind.as_str()))
    }),
    ("ramdisk-id", nothing),
    ("reason", |it, values| values.push(it.out().state_transition_reason.as_str())),
    ("requester-id", nothing),
    ("reservation-id", |it, values| values.push(it.instance.reservation_id.as_str())),
    ("root-device-name", |it, values| values.push_if(it.instance.image.root_device_name.as_deref())),
    ("root-device-type", |it, values| values.push(it.instance.image.root_device_type.as_str())),
    ("source-dest-check", |it, values| values.push_if(it.out().source_dest_check.map(|on| on.to_string()))),
    ("spot-instance-request-id", |it, values| values.push_if(it.instance.spot_request_id.as_deref())),
    ("state-reason-code", |it, values| values.push_if(it.out().state_reason.as_ref().map(|reason| reason.code))),
    ("state-reason-message", |it, values| values.push_if(it.out().state_reason.as_ref().map(|reason| reason.message))),
    ("subnet-id", |it, values| values.push_if(it.subnet_id())),
    ("tenancy", |it, values| values.push(it.instance.placement.tenancy.as_str())),
    ("tpm-support", |it, values| values.push_if(it.instance.image.tpm_support.as_deref())),
    ("usage-operation", |it, values| values.push_if(it.instance.image.usage_operation.as_deref())),
    ("usage-operation-update-time", |it, values| values.push(time(it.instance.created_at))),
    ("virtualization-type", |it, values| values.push(it.instance.image.virtualization_type.as_str())),
    ("vpc-id", |it, values| values.push_if(it.vpc_id())),
];
