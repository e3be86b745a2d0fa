//! Parameters of EC2 whose empty text is no value. There is no rule for all: EC2 refuses most empty texts (`Invalid value '' for keyPairNames. It
//! should not be blank`), and others mean something (a tag's value, a description, a group that an instance leaves). But the Terraform provider always
//! sends these, empty where nothing was configured, and its acceptance tests pass against AWS. A parameter that is not here keeps its empty text.

use crate::model::Operation;

/// Operation and parameter, with where the provider sends it.
const ABSENT: [(&str, &str); 6] = [
    // internal/service/ec2/transitgateway_route.go: a black hole.
    ("CreateTransitGatewayRoute", "TransitGatewayAttachmentId"),
    // internal/service/ec2/vpnsite_gateway.go
    ("CreateVpnGateway", "AvailabilityZone"),
    // internal/service/ec2/ec2_spot_instance_request.go: at most the On-Demand price.
    ("RequestSpotInstances", "SpotPrice"),
    // internal/service/ec2/ec2_instance.go: a launch template's zone counts then.
    ("RequestSpotInstances", "LaunchSpecification.Placement.AvailabilityZone"),
    ("RunInstances", "Placement.AvailabilityZone"),
    // Recorded of AWS in September 2026: the request must contain it.
    ("RunInstances", "ImageId"),
];

/// Whether that parameter of the operation, empty, counts as not given.
pub(super) fn is_absent(operation: &Operation, name: &str) -> bool {
    ABSENT.iter().any(|(known, parameter)| *known == operation.name && *parameter == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Service;
    use crate::decode::known::known;

    #[test]
    fn each_is_a_parameter_of_its_operation() {
        let model = crate::model(Service::Ec2);
        for (operation, name) in ABSENT {
            let input = model.operation(operation).and_then(|operation| model.structure(operation.input?));
            assert!(known(model, input.unwrap(), name), "{operation} {name}");
        }
    }
}
