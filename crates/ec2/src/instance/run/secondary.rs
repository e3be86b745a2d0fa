//! Interfaces of a launch in secondary subnets. They need an instance type that supports them, and of the types that AWS lists publicly none does
//! (`SecondaryNetworkSupported` in DescribeInstanceTypes): "available for select instance types and through capacity reservations with long term
//! commitments". So every launch with one is refused, after all that it names was looked up.
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/secondary-networks.html>

use service::prelude::*;

use super::input::{RunInstances, SecondarySpecification};
use crate::catalogue::instance_types::InstanceType;
use crate::family::secondary::subnet::SUBNETS;
use crate::instance::authorize::arn;
use crate::refused::missing;

/// RunInstances on each secondary subnet, and on each interface to come.
pub fn checks(cx: &Cx, world: &World, input: &RunInstances, tags: &[Tag]) -> Vec<Check> {
    let subnet = |wanted: &SecondarySpecification| {
        wanted.secondary_subnet_id.as_deref().map(|id| SUBNETS.check_on(cx, world, id))
    };
    let interface = |wanted: &SecondarySpecification| {
        let subnet = wanted.secondary_subnet_id.as_deref().and_then(|id| SUBNETS.look_up(cx, world, id));
        let text = |member: &str| subnet.as_ref().and_then(|held| held.document.text(member));
        Check::on(arn(cx, "secondary-interface", "*"))
            .not_created()
            .request_tags(tags)
            .key_if("ec2:AvailabilityZone", text("AvailabilityZone"))
            .key_if("ec2:AvailabilityZoneId", text("AvailabilityZoneId"))
    };
    input.secondary_interfaces.iter().flat_map(|wanted| subnet(wanted).into_iter().chain([interface(wanted)])).collect()
}

/// The subnets must be there, and the type has to support such interfaces. The wording is not recorded.
pub fn must_be_supported(cx: &Cx, world: &World, input: &RunInstances, kind: &InstanceType) -> Result<(), ApiError> {
    for wanted in &input.secondary_interfaces {
        let id = wanted.secondary_subnet_id.as_deref().ok_or_else(|| missing("secondarySubnetId"))?;
        SUBNETS.alive(cx, world, id)?;
    }
    if input.secondary_interfaces.is_empty() {
        return Ok(());
    }
    let message = format!("The instance type '{}' does not support secondary interfaces.", kind.instance_type);
    Err(ApiError::new("UnsupportedOperation", message))
}

#[cfg(test)]
mod tests {
    use crate::catalogue::instance_types;

    /// If one does, it is time to build them.
    #[test]
    fn no_type_supports_them() {
        let network = |kind: &instance_types::InstanceType| kind.network_info.as_ref()?.secondary_network_supported;
        assert!(instance_types::all().iter().all(|kind| network(kind) != Some(true)));
    }
}
