//! What DescribeSpotInstanceRequests can be asked for: every filter its documentation names.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSpotInstanceRequests.html>

use serde_json::Value as Json;
use service::filters::{Field, Fields, Values};

use super::describe::SpotRequestOut;
use crate::instance::describe::time;

pub(super) static FIELDS: Fields<SpotRequestOut> = Fields { fields: TABLE, tags: Some(|it| &it.tags) };

fn nothing(_: &SpotRequestOut, _: &mut Values) {}

/// What the launch specification has at the end of a path; each entry of a list on the way counts.
fn launch(it: &SpotRequestOut, values: &mut Values, path: &[&str]) {
    if let Some((first, rest)) = path.split_first()
        && let Some(held) = it.launch_specification.0.get(*first)
    {
        push(held, rest, values);
    }
}

fn push(held: &Json, path: &[&str], values: &mut Values) {
    match (held, path.split_first()) {
        (Json::Array(items), _) => items.iter().for_each(|item| push(item, path, values)),
        (Json::Object(members), Some((first, rest))) => {
            members.get(*first).into_iter().for_each(|held| push(held, rest, values));
        }
        (Json::String(text), None) => values.push(text.as_str()),
        (Json::Bool(_) | Json::Number(_), None) => values.push(held.to_string()),
        _ => {}
    }
}

const TABLE: &[Field<SpotRequestOut>] = &[
    ("availability-zone-group", |it, values| values.push_if(it.availability_zone_group.as_deref())),
    ("create-time", |it, values| values.push(time(it.create_time))),
    ("fault-code", nothing),
    ("fault-message", nothing),
    ("instance-id", |it, values| values.push_if(it.instance_id.as_deref())),
    ("launch-group", |it, values| values.push_if(it.launch_group.as_deref())),
    ("launch.block-device-mapping.delete-on-termination", |it, values| {
        launch(it, values, &["block_device_mappings", "ebs", "delete_on_termination"]);
    }),
    ("launch.block-device-mapping.device-name", |it, values| {
        launch(it, values, &["block_device_mappings", "device_name"])
    }),
    ("launch.block-device-mapping.snapshot-id", |it, values| {
        launch(it, values, &["block_device_mappings", "ebs", "snapshot_id"]);
    }),
    ("launch.block-device-mapping.volume-size", |it, values| {
        launch(it, values, &["block_device_mappings", "ebs", "volume_size"]);
    }),
    ("launch.block-device-mapping.volume-type", |it, values| {
        launch(it, values, &["block_device_mappings", "ebs", "volume_type"]);
    }),
    ("launch.group-id", |it, values| launch(it, values, &["security_groups", "group_id"])),
    ("launch.group-name", |it, values| launch(it, values, &["security_groups", "group_name"])),
    ("launch.image-id", |it, values| launch(it, values, &["image_id"])),
    ("launch.instance-type", |it, values| launch(it, values, &["instance_type"])),
    ("launch.kernel-id", nothing),
    ("launch.key-name", |it, values| launch(it, values, &["key_name"])),
    ("launch.monitoring-enabled", |it, values| launch(it, values, &["monitoring", "enabled"])),
    ("launch.ramdisk-id", nothing),
    ("launched-availability-zone", |it, values| values.push_if(it.launched_availability_zone.as_deref())),
    ("launched-availability-zone-id", |it, values| values.push_if(it.launched_availability_zone_id.as_deref())),
    ("network-interface.addresses.primary", |it, values| {
        launch(it, values, &["network_interfaces", "private_ip_addresses", "primary"]);
    }),
    ("network-interface.delete-on-termination", |it, values| {
        launch(it, values, &["network_interfaces", "delete_on_termination"]);
    }),
    ("network-interface.description", |it, values| launch(it, values, &["network_interfaces", "description"])),
    ("network-interface.device-index", |it, values| launch(it, values, &["network_interfaces", "device_index"])),
    ("network-interface.group-id", |it, values| launch(it, values, &["network_interfaces", "groups"])),
    ("network-interface.network-interface-id", |it, values| {
        launch(it, values, &["network_interfaces", "network_interface_id"]);
    }),
    ("network-interface.private-ip-address", |it, values| {
        launch(it, values, &["network_interfaces", "private_ip_address"]);
    }),
    ("network-interface.subnet-id", |it, values| launch(it, values, &["network_interfaces", "subnet_id"])),
    ("product-description", |it, values| values.push(it.product_description.as_str())),
    ("spot-instance-request-id", |it, values| values.push(it.spot_instance_request_id.as_str())),
    ("spot-price", |it, values| values.push(it.spot_price.as_str())),
    ("state", |it, values| values.push(it.state)),
    ("status-code", |it, values| values.push(it.status.code)),
    ("status-message", |it, values| values.push(it.status.message.as_str())),
    ("type", |it, values| values.push(it.r#type)),
    ("valid-from", nothing),
    ("valid-until", |it, values| values.push_if(it.valid_until.map(time))),
];
