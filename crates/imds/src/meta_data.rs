//! `meta-data/` and the top of the tree. What is not on this list is answered 404, as for an instance that does not have it.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::subject::Subject;
use crate::tree::{Entry, Named, Node};
use crate::{credentials, events, identity, network};

/// What stands under a version.
pub const TOP: &[Entry] = &[
    Entry { name: "dynamic", since: "2009-04-04", make: |_| Some(Node::Dir(identity::DYNAMIC)) },
    Entry { name: "meta-data", since: "1.0", make: |_| Some(Node::Dir(META_DATA)) },
    Entry { name: "user-data", since: "1.0", make: user_data },
];

const META_DATA: &[Entry] = &[
    Entry { name: "ami-id", since: "1.0", make: |subject| text(&subject.instance.image.id) },
    Entry { name: "ami-launch-index", since: "1.0", make: |subject| text(&subject.instance.launch_index.to_string()) },
    // What every image on EBS says here.
    Entry { name: "ami-manifest-path", since: "1.0", make: |_| text("(unknown)") },
    Entry { name: "autoscaling", since: "2021-07-15", make: events::autoscaling },
    Entry { name: "block-device-mapping", since: "2007-12-15", make: block_devices },
    Entry { name: "events", since: "2018-08-17", make: |_| Some(Node::Dir(events::EVENTS)) },
    Entry {
        name: "hostname",
        since: "1.0",
        make: |subject| network::private_name(subject).and_then(|name| text(&name)),
    },
    Entry { name: "iam", since: "2012-01-12", make: |subject| subject.profile().map(|_| Node::Dir(credentials::IAM)) },
    Entry { name: "identity-credentials", since: "2018-03-28", make: |_| Some(Node::Dir(credentials::IDENTITY)) },
    Entry { name: "instance-action", since: "2008-09-01", make: |_| text("none") },
    Entry { name: "instance-id", since: "1.0", make: |subject| text(&subject.instance.id) },
    Entry { name: "instance-life-cycle", since: "2019-10-01", make: |subject| text(subject.instance.market()) },
    Entry { name: "instance-type", since: "2007-08-29", make: |subject| text(&subject.instance.instance_type) },
    Entry {
        name: "ipv6",
        since: "2021-01-03",
        make: |subject| text(&subject.primary()?.ipv6_addresses.first()?.to_string()),
    },
    Entry {
        name: "local-hostname",
        since: "2007-01-19",
        make: |subject| network::private_name(subject).and_then(|name| text(&name)),
    },
    Entry { name: "local-ipv4", since: "1.0", make: |subject| text(&subject.primary()?.private_ip.to_string()) },
    Entry { name: "mac", since: "2011-01-01", make: |subject| text(&subject.primary()?.mac_address) },
    Entry { name: "metrics", since: "2011-05-01", make: |_| Some(Node::Dir(METRICS)) },
    Entry { name: "network", since: "2011-01-01", make: |_| Some(Node::Dir(network::NETWORK)) },
    Entry { name: "placement", since: "2008-02-01", make: |_| Some(Node::Dir(PLACEMENT)) },
    Entry { name: "product-codes", since: "2007-03-01", make: |subject| text(&product_codes(subject)) },
    Entry { name: "profile", since: "2007-12-15", make: |_| text("default-hvm") },
    Entry {
        name: "public-hostname",
        since: "2007-01-19",
        make: |subject| text(&network::public_name(subject, subject.primary()?)?),
    },
    Entry {
        name: "public-ipv4",
        since: "2007-01-19",
        make: |subject| text(&network::public_address(subject.primary()?)?),
    },
    Entry { name: "public-keys", since: "1.0", make: public_keys },
    Entry { name: "reservation-id", since: "1.0", make: |subject| text(&subject.instance.reservation_id) },
    Entry {
        name: "security-groups",
        since: "1.0",
        make: |subject| text(&network::group_names(subject, subject.primary()?)),
    },
    Entry { name: "services", since: "2014-02-25", make: |_| Some(Node::Dir(SERVICES)) },
    Entry { name: "spot", since: "2014-11-05", make: events::spot },
    Entry { name: "system", since: "2022-09-24", make: |subject| text(system(subject)) },
    Entry { name: "tag-sets", since: "2025-10-04", make: tag_sets },
    Entry { name: "tags", since: "2021-03-23", make: tags },
];

/// What is "no longer available", but still there, without anything in it.
/// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-categories.html>
const METRICS: &[Entry] =
    &[Entry { name: "vhostmd", since: "2011-05-01", make: |_| text("<?xml version=\"1.0\" encoding=\"UTF-8\"?>") }];

const PLACEMENT: &[Entry] = &[
    Entry { name: "availability-zone", since: "2008-02-01", make: |subject| text(&subject.instance.placement.zone) },
    Entry {
        name: "availability-zone-id",
        since: "2019-10-01",
        make: |subject| text(&subject.instance.placement.zone_id),
    },
    Entry {
        name: "group-name",
        since: "2020-08-24",
        make: |subject| text(subject.instance.placement.group_name.as_deref()?),
    },
    Entry { name: "host-id", since: "2020-08-24", make: |subject| text(subject.instance.host_id()?) },
    Entry {
        name: "partition-number",
        since: "2020-08-24",
        make: |subject| text(&subject.instance.placement.partition?.to_string()),
    },
    Entry { name: "region", since: "2019-10-01", make: |subject| text(&subject.instance.region) },
];

const SERVICES: &[Entry] = &[
    Entry { name: "domain", since: "2014-02-25", make: |subject| text(&subject.cx.region.dns_suffix) },
    Entry { name: "partition", since: "2015-10-20", make: |subject| text(subject.cx.partition()) },
];

/// A value, unless it is empty.
fn text(text: &str) -> Option<Node> {
    (!text.is_empty()).then(|| Node::Text(text.to_owned()))
}

/// One a line.
fn product_codes(subject: &Subject<'_>) -> String {
    let codes = subject.instance.image.product_codes.iter().map(|(id, _)| id.as_str());
    codes.collect::<Vec<_>>().join("\n")
}

/// `nitro` or `xen`, by the type: DescribeInstances says `xen` of both.
fn system(subject: &Subject<'_>) -> &'static str {
    let kind = ec2::catalogue::instance_types::get(&subject.instance.instance_type);
    if kind.is_some_and(ec2::catalogue::instance_types::is_nitro) { "nitro" } else { "xen" }
}

/// The bytes that were sent at launch, out of their base64; gzip stays gzip.
fn user_data(subject: &Subject<'_>) -> Option<Node> {
    let sent = subject.instance.user_data.as_deref()?;
    STANDARD.decode(sent).ok().filter(|bytes| !bytes.is_empty()).map(Node::Bytes)
}

/// `ami` and `root`, then `ebs1`… for further volumes. All but `root` without `/dev/` (recorded of AWS, September 2026).
fn block_devices(subject: &Subject<'_>) -> Option<Node> {
    let instance = subject.instance;
    let root = instance.image.root_device_name.clone()?;
    let mut names = vec![Named::text("ami", root.trim_start_matches("/dev/"))];
    let volumes = ec2::volume::of_instance(subject.world, instance.account, &instance.region, &instance.id);
    let devices =
        volumes.iter().filter_map(|volume| volume.attachment.as_ref()).map(|attachment| attachment.device.as_str());
    let others = devices.filter(|device| *device != root);
    names.extend(
        others
            .enumerate()
            .map(|(number, device)| Named::text(format!("ebs{}", number + 1), device.trim_start_matches("/dev/"))),
    );
    names.push(Named::text("root", root));
    Some(Node::Names(names))
}

fn public_keys(subject: &Subject<'_>) -> Option<Node> {
    let instance = subject.instance;
    let name = instance.key_name.as_deref()?;
    let key = ec2::key_pair::by_name(subject.world, instance.account, &instance.region, name)?;
    let inside = Node::Names(vec![Named::text("openssh-key", format!("{}\n", key.public_key.trim_end()))]);
    Some(Node::Names(vec![Named { name: "0".to_owned(), shown: format!("0={name}"), node: inside }]))
}

/// The tags as one document, only when the instance's options say so. The path is told by no documentation, but recorded of AWS (September 2026).
fn tag_sets(subject: &Subject<'_>) -> Option<Node> {
    if !subject.instance.metadata.instance_metadata_tags {
        return None;
    }
    let tags: BTreeMap<&str, &str> =
        subject.instance.tags.iter().map(|tag| (tag.key.as_str(), tag.value.as_str())).collect();
    Some(Node::Names(vec![Named::text("instance", serde_json::to_string(&tags).ok()?)]))
}

/// Only when the instance's options say so.
fn tags(subject: &Subject<'_>) -> Option<Node> {
    if !subject.instance.metadata.instance_metadata_tags {
        return None;
    }
    let mut tags: Vec<Named> =
        subject.instance.tags.iter().map(|tag| Named::text(tag.key.clone(), tag.value.clone())).collect();
    tags.sort_by(|a, b| a.name.cmp(&b.name));
    let instance = Named { name: "instance".into(), shown: "instance".into(), node: Node::Names(tags) };
    Some(Node::Names(vec![instance]))
}
