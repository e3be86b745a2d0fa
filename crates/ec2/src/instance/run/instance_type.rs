//! The instance type of a launch: whether there is such a type, whether it fits the image and the zone, and what follows from it.

use service::prelude::*;

use super::input::RunInstances;
use crate::catalogue::instance_types::{self, InstanceType};

/// What EC2 launches when no type is named: its documentation still says so.
const DEFAULT: &str = "m1.small";

/// The name of the type to launch.
pub fn name(input: &RunInstances) -> &str {
    input.instance_type.as_deref().unwrap_or(DEFAULT)
}

/// The type with that name, if there is one.
pub fn get(name: &str) -> Option<&'static InstanceType> {
    instance_types::get(name)
}

/// The type, or InvalidParameterValue.
pub fn known(name: &str) -> Result<&'static InstanceType, ApiError> {
    get(name).ok_or_else(|| ApiError::new("InvalidParameterValue", format!("Invalid value '{name}' for InstanceType.")))
}

/// The type must have the image's architecture.
pub fn must_fit(kind: &InstanceType, architecture: &str) -> Result<(), ApiError> {
    let known = instance_types::architectures(kind);
    if known.iter().any(|it| it == architecture) {
        return Ok(());
    }
    Err(ApiError::new(
        "InvalidParameterValue",
        format!(
            "The architecture '{}' of the specified instance type does not match the architecture '{architecture}' of the specified AMI. \
             Specify an instance type and an AMI that have matching architectures, and try again. You can use 'describe-instance-types' or \
             'describe-images' to discover the architecture of the instance type or AMI.",
            known.join(",")
        ),
    ))
}

/// Families of Xen's first days, whose hardware virtualisation is for Windows alone.
const PARAVIRTUAL: [&str; 4] = ["t1", "m1", "m2", "c1"];

/// The type must run what the image is virtualised for. Both sentences are AWS's, quoted in many issues of clients.
pub fn must_virtualize(kind: &InstanceType, virtualization: &str, platform: Option<&str>) -> Result<(), ApiError> {
    let family = crate::host::family_of(&kind.instance_type);
    let known = kind.supported_virtualization_types.as_deref().unwrap_or_default();
    let message = match virtualization {
        "hvm" if platform.is_none() && PARAVIRTUAL.contains(&family) => {
            "Non-Windows instances with a virtualization type of 'hvm' are currently not supported for this instance type."
                .to_owned()
        }
        "paravirtual" if !known.iter().any(|it| it == "paravirtual") => {
            format!("Virtualization type 'hvm' is required for instances of type '{}'.", kind.instance_type)
        }
        _ => return Ok(()),
    };
    Err(ApiError::new("InvalidParameterCombination", message))
}

/// Some types have no other network than an Elastic Network Adapter, which the image must know. AWS's sentence, met by many:
/// <https://github.com/hashicorp/terraform-provider-aws/issues/19712>.
pub fn must_have_adapter(kind: &InstanceType, ena_support: bool) -> Result<(), ApiError> {
    let network = kind.network_info.as_ref().and_then(|network| network.ena_support.as_deref());
    if ena_support || network != Some("required") {
        return Ok(());
    }
    let message = format!(
        "Enhanced networking with the Elastic Network Adapter (ENA) is required for the '{}' instance type. Ensure that you are using an AMI \
         that is enabled for ENA.",
        kind.instance_type
    );
    Err(ApiError::new("InvalidParameterCombination", message))
}

/// The zones of the region that offer the type, by name.
pub fn zones(cx: &Cx, name: &str) -> Vec<&'static str> {
    let offered =
        |zone: &&'static service::regions::Zone| instance_types::offered_in_zone(cx.region_name(), &zone.name, name);
    cx.region.zones.iter().filter(offered).map(|zone| zone.name.as_str()).collect()
}

/// The type must be offered in that zone.
pub fn must_be_offered(cx: &Cx, name: &str, zone: &str) -> Result<(), ApiError> {
    let zones = zones(cx, name);
    if zones.contains(&zone) {
        return Ok(());
    }
    if zones.is_empty() {
        return Err(unsupported());
    }
    let hint = format!(
        "Your requested instance type ({name}) is not supported in your requested Availability Zone ({zone}). Please retry your request by \
         not specifying an Availability Zone or choosing {}.",
        zones.join(", ")
    );
    Err(ApiError::new("Unsupported", hint))
}

/// AWS's sentence on whatever the type is not to be had with.
pub fn unsupported() -> ApiError {
    let message = "The requested configuration is currently not supported. Please check the documentation for supported configurations.";
    ApiError::new("Unsupported", message)
}

/// Traffic to volumes is optimised where the type can do it. Quoted for starts in <https://github.com/seek-oss/aec/pull/228>, for launches in
/// <https://github.com/eksctl-io/eksctl/issues/2547>.
pub fn may_be_optimized(kind: &InstanceType, wanted: bool) -> Result<(), ApiError> {
    if wanted && instance_types::is_never_ebs_optimized(kind) { Err(unsupported()) } else { Ok(()) }
}

/// An enclave needs a type that supports it. How AWS words this is not known: this is its sentence on what a type is not to be had with.
pub fn may_have_enclave(kind: &InstanceType, wanted: bool) -> Result<(), ApiError> {
    let is_supported = kind.nitro_enclaves_support.as_deref() == Some("supported");
    if wanted && !is_supported { Err(unsupported()) } else { Ok(()) }
}

/// Cores and threads per core, where the type has a default.
pub fn cores(kind: &InstanceType) -> (Option<i64>, Option<i64>) {
    let cpus = kind.v_cpu_info.as_ref();
    (cpus.and_then(|cpus| cpus.default_cores), cpus.and_then(|cpus| cpus.default_threads_per_core))
}

/// How a burstable type pays for CPU unless told otherwise; nothing for others.
pub fn default_credits(kind: &InstanceType) -> Option<String> {
    if !instance_types::is_burstable(kind) {
        return None;
    }
    Some(credits_of_family(family(&kind.instance_type)).to_owned())
}

/// `t3` of `t3.micro`.
pub fn family(name: &str) -> &str {
    name.split_once('.').map_or(name, |(family, _)| family)
}

/// How a burstable family pays for CPU unless told otherwise.
pub fn credits_of_family(family: &str) -> &'static str {
    if family == "t2" { "standard" } else { "unlimited" }
}
