//! What of a RunInstances request is refused before anyone is asked for permission: counts, parameters that exclude each other, user data, and an
//! instance type that does not fit the image (seen at AWS to come before UnauthorizedOperation).

use service::prelude::*;

use super::input::{InterfaceSpecification, RunInstances};
use super::{cpus, devices, image, instance_type, user_data};
use crate::instance::metadata_options;
use crate::launch_template::launch::{self, Asked};
use crate::network::interface::assign;

/// The first refusal, in this order. A template that is not there is told of after authorisation.
pub fn check(cx: &Cx, world: &World, request: &RunInstances) -> Result<(), ApiError> {
    counts(request)?;
    devices::must_be_named_once(&request.block_device_mappings)?;
    if let Some(wanted) = &request.launch_template {
        launch::named(wanted).must_be_one()?;
    }
    let asked = launch::asked(cx, world, request).unwrap_or_else(|_| Asked::alone(request));
    let input = &*asked.wish;
    user_data::check(input.user_data.as_deref())?;
    if let Some(wish) = &input.metadata_options {
        metadata_options::combination(wish)?;
    }
    network(input)?;
    for interface in &input.network_interfaces {
        one_interface(input, interface)?;
    }
    device_indexes(input)?;
    monitoring(input)?;
    machine(input)?;
    crate::spot::launch::check(input)?;
    crate::capacity::launch::check_market(input)?;
    crate::host::launch::check(input.placement.as_ref())?;
    fitting(cx, world, input)
}

fn combination(message: impl Into<String>) -> Result<(), ApiError> {
    Err(ApiError::new("InvalidParameterCombination", message))
}

fn value(message: impl Into<String>) -> Result<(), ApiError> {
    Err(ApiError::new("InvalidParameterValue", message))
}

fn counts(input: &RunInstances) -> Result<(), ApiError> {
    let RunInstances { min_count, max_count, .. } = input;
    if *min_count < 1 {
        return value("Minimum instance count must be greater than zero");
    }
    if *max_count < 1 {
        return value("Maximum instance count must be greater than zero");
    }
    if max_count < min_count {
        return value("Maximum instance count must not be smaller than minimum instance count");
    }
    Ok(())
}

fn network(input: &RunInstances) -> Result<(), ApiError> {
    if !input.network_interfaces.is_empty() {
        let excluded = [
            (input.subnet_id.is_some(), "subnet ID"),
            (!input.security_group_ids.is_empty() || !input.security_groups.is_empty(), "security groups"),
            (input.private_ip_address.is_some(), "private IP address"),
            (!input.ipv6_addresses.is_empty() || input.ipv6_address_count.is_some(), "IPv6 addresses"),
        ];
        if let Some((_, what)) = excluded.iter().find(|(present, _)| *present) {
            // AWS's grammar, as it is.
            return combination(format!(
                "Network interfaces and an instance-level {what} may not be specified on the same request"
            ));
        }
    }
    if input.subnet_id.is_some() && !input.security_groups.is_empty() {
        return combination("The parameter groupName cannot be used with the parameter subnet");
    }
    if !input.ipv6_addresses.is_empty() && input.ipv6_address_count.is_some() {
        return combination("IPv6 addresses and IPv6 address count may not be specified on the same request");
    }
    if !input.ipv6_addresses.is_empty() && input.max_count > 1 {
        return combination("The parameter ipv6Addresses cannot be used when more than one instance is launched");
    }
    if input.private_ip_address.is_some() && input.max_count > 1 {
        return combination("The parameter privateIpAddress cannot be used when more than one instance is launched");
    }
    Ok(())
}

/// "To specify metric categories, you must also enable detailed monitoring." The words of the refusal are not recorded.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RunInstancesMonitoringEnabled.html>
fn monitoring(input: &RunInstances) -> Result<(), ApiError> {
    match &input.monitoring {
        Some(wish) if !wish.enabled && !wish.categories().is_empty() => {
            combination("Metric categories can be specified only if detailed monitoring is enabled.")
        }
        _ => Ok(()),
    }
}

fn one_interface(input: &RunInstances, interface: &InterfaceSpecification) -> Result<(), ApiError> {
    if interface.device_index.is_none() {
        return value("Each network interface requires a device index.");
    }
    let addresses = interface.private_ip_addresses.len();
    let ipv6 = !interface.ipv6_addresses.is_empty();
    let certain = interface.private_ip_address.is_some() || addresses > 0 || ipv6;
    let fixed = certain || interface.network_interface_id.is_some();
    if fixed && input.max_count > 1 {
        return combination(
            "A network interface ID or a private IP address may not be specified when more than one instance is launched",
        );
    }
    let primaries = interface.private_ip_addresses.iter().filter(|it| it.primary == Some(true)).count();
    if primaries + usize::from(interface.private_ip_address.is_some()) > 1 {
        return combination("Only one primary private IP address can be specified.");
    }
    let described = interface.subnet_id.is_some() || !interface.groups.is_empty() || certain;
    if interface.network_interface_id.is_some() && (described || addresses > 0) {
        return combination(
            "A network interface may not specify both a network interface ID and a subnet, groups or private IP addresses",
        );
    }
    if !interface.ipv6_addresses.is_empty() && interface.ipv6_address_count.is_some() {
        return combination("IPv6 addresses and IPv6 address count may not be specified on the same request");
    }
    if interface.secondary_private_ip_address_count.is_some() && addresses > 0 {
        return combination(
            "secondaryPrivateIpAddressCount and privateIpAddresses may not be specified for the same network interface",
        );
    }
    assign::how_many(interface.secondary_private_ip_address_count, "secondaryPrivateIpAddressCount")?;
    let public = interface.associate_public_ip_address == Some(true);
    if public && input.network_interfaces.len() > 1 {
        return combination(
            "The associatePublicIPAddress parameter cannot be specified when launching with multiple network interfaces.",
        );
    }
    if interface.associate_public_ip_address.is_some() && interface.network_interface_id.is_some() {
        return combination(
            "The associatePublicIPAddress parameter cannot be specified for a network interface with an ID.",
        );
    }
    Ok(())
}

fn device_indexes(input: &RunInstances) -> Result<(), ApiError> {
    let place =
        |interface: &InterfaceSpecification| (interface.network_card_index.unwrap_or(0), interface.device_index);
    let mut places: Vec<_> = input.network_interfaces.iter().map(place).collect();
    places.sort_unstable();
    if places.windows(2).any(|pair| matches!(pair, [a, b] if a == b)) {
        return value("Each network interface requires a unique device index.");
    }
    if !places.is_empty() && !places.contains(&(0, Some(0))) {
        return value("When specifying network interfaces, you must include a device at index 0.");
    }
    Ok(())
}

/// Options of the machine that exclude each other.
fn machine(input: &RunInstances) -> Result<(), ApiError> {
    if let Some(word) = input.credit_specification.as_ref().map(|wish| wish.cpu_credits.as_str())
        && !["standard", "unlimited"].contains(&word)
    {
        return value(format!(
            "Value ({word}) for parameter cpuCredits is invalid. Valid values are standard and unlimited."
        ));
    }
    input.cpu_options.as_ref().map_or(Ok(()), cpus::check)?;
    let hibernates = input.hibernation_options.as_ref().is_some_and(|wish| wish.configured == Some(true));
    if hibernates && input.wants_enclave() {
        return combination("An instance can't be enabled for both hibernation and AWS Nitro Enclaves.");
    }
    Ok(())
}

fn fitting(cx: &Cx, world: &World, input: &RunInstances) -> Result<(), ApiError> {
    let found = input.image_id.as_deref().and_then(|id| image::look_up(cx, world, id));
    match (found, instance_type::get(instance_type::name(input))) {
        (Some(image), Some(kind)) => instance_type::must_fit(kind, &image.architecture),
        _ => Ok(()),
    }
}
