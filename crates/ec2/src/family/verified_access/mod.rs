//! Verified Access: instances, the trust providers attached to them, groups and endpoints with their policies, and where an instance's access logs go. Nobody
//! comes through an endpoint here; what is kept is what was set up, and what can't be deleted while something is in it.
//!
//! [`endpoint`] has the endpoints, [`policy`] the policies of both groups and endpoints, [`trust`] the providers, [`logging`] the logs, [`client`] what the
//! connectivity client is told. Policies are written in
//! Cedar and kept as they come. <https://docs.aws.amazon.com/verified-access/latest/ug/what-is-verified-access.html>

use service::prelude::*;

use super::Family;
use super::item::Item;
use crate::kind;
use crate::tags::registry;

mod client;
mod endpoint;
mod logging;
mod policy;
#[cfg(test)]
mod tests;
mod trust;

pub use endpoint::ENDPOINTS;
pub use trust::PROVIDERS;

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VerifiedAccessInstance.html>
pub static INSTANCES: Family = Family {
    filters: &[],
    fill: |cx, _, input, item| {
        item.document.set("FipsEnabled", input.truth("FIPSEnabled").unwrap_or(false));
        stamp_new(cx, item);
        Ok(())
    },
    see: trust::show_in_instance,
    ..Family::of(&kind::VERIFIED_ACCESS_INSTANCE, "VerifiedAccessInstanceId")
};

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VerifiedAccessGroup.html>
pub static GROUPS: Family = Family {
    owner: Some("Owner"),
    arn: Some("VerifiedAccessGroupArn"),
    within: &[("VerifiedAccessInstanceId", &kind::VERIFIED_ACCESS_INSTANCE)],
    filters: &[],
    fill: |cx, _, input, item| {
        policy::take(input, item);
        stamp_new(cx, item);
        Ok(())
    },
    ..Family::of(&kind::VERIFIED_ACCESS_GROUP, "VerifiedAccessGroupId")
};

/// The operations of Verified Access.
pub fn operations() -> Vec<Operation> {
    let mut operations = vec![
        INSTANCES.create("CreateVerifiedAccessInstance", &["FIPSEnabled"]),
        INSTANCES.describe("DescribeVerifiedAccessInstances"),
        INSTANCES.modify("ModifyVerifiedAccessInstance", &[], |cx, _, _, item| {
            stamp_change(cx, item);
            Ok(())
        }),
        INSTANCES.delete("DeleteVerifiedAccessInstance"),
        GROUPS.create("CreateVerifiedAccessGroup", &["PolicyDocument"]),
        GROUPS.describe("DescribeVerifiedAccessGroups"),
        GROUPS.modify("ModifyVerifiedAccessGroup", &[], move_group),
        GROUPS.delete("DeleteVerifiedAccessGroup"),
    ];
    operations.extend(client::operations());
    operations.extend(endpoint::operations());
    operations.extend(logging::operations());
    operations.extend(policy::operations());
    operations.extend(trust::operations());
    operations
}

/// A group may be moved to another instance.
fn move_group(cx: &Cx, tx: &mut Tx, _: &Document, item: &mut Item) -> Result<(), ApiError> {
    let instance = item.document.text("VerifiedAccessInstanceId").unwrap_or_default().to_owned();
    registry::must_exist(cx, tx, &kind::VERIFIED_ACCESS_INSTANCE, &instance)?;
    item.within = vec![instance];
    stamp_change(cx, item);
    Ok(())
}

/// Times are texts here, without a zone: `2023-08-25T18:27:56`.
fn stamp(cx: &Cx) -> String {
    cx.now.strftime("%Y-%m-%dT%H:%M:%S").to_string()
}

fn stamp_new(cx: &Cx, item: &mut Item) {
    item.document.set("CreationTime", stamp(cx));
    stamp_change(cx, item);
}

fn stamp_change(cx: &Cx, item: &mut Item) {
    item.document.set("LastUpdatedTime", stamp(cx));
}
