//! Instance types by what they are to have instead of by name: GetInstanceTypesFromInstanceRequirements.
//!
//! The structure of requirements is the same for fleets and launch templates; [`matching`] says which types meet them.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceRequirements.html>

use service::paging;
use service::prelude::*;

use crate::catalogue::instance_types;
use crate::resource::any;

mod matching;

pub use matching::meets;

service::operations! { Ec2;
    GetInstanceTypesFromInstanceRequirements => read(get) authorize(any) scan(),
}

/// `GetInstanceTypesFromInstanceRequirementsRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct GetInstanceTypesFromInstanceRequirements {
    pub architecture_types: Vec<String>,
    pub virtualization_types: Vec<String>,
    pub instance_requirements: Requirements,
    pub max_results: Option<i64>,
    pub next_token: Option<String>,
    pub dry_run: Option<bool>,
}

/// `GetInstanceTypesFromInstanceRequirementsResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Types {
    pub instance_types: Vec<TypeOut>,
    pub next_token: Option<String>,
}

/// `InstanceTypeInfoFromInstanceRequirements`.
#[derive(Debug, Serialize, Shaped)]
pub struct TypeOut {
    pub instance_type: &'static str,
}

/// `InstanceRequirementsRequest`, without the prices: those play a part in fleets alone (`crate::fleet::requirements`).
#[derive(Debug, Clone, Default, Serialize, Deserialize, Shaped)]
pub struct Requirements {
    pub v_cpu_count: Option<Whole>,
    pub memory_mib: Option<Whole>,
    pub cpu_manufacturers: Option<Vec<String>>,
    pub memory_gib_per_v_cpu: Option<Fraction>,
    pub excluded_instance_types: Option<Vec<String>>,
    pub instance_generations: Option<Vec<String>>,
    pub bare_metal: Option<String>,
    pub burstable_performance: Option<String>,
    pub require_hibernate_support: Option<bool>,
    pub network_interface_count: Option<Whole>,
    pub local_storage: Option<String>,
    pub local_storage_types: Option<Vec<String>>,
    pub total_local_storage_gb: Option<Fraction>,
    pub baseline_ebs_bandwidth_mbps: Option<Whole>,
    pub accelerator_types: Option<Vec<String>>,
    pub accelerator_count: Option<Whole>,
    pub accelerator_manufacturers: Option<Vec<String>>,
    pub accelerator_names: Option<Vec<String>>,
    pub accelerator_total_memory_mib: Option<Whole>,
    pub network_bandwidth_gbps: Option<Fraction>,
    pub allowed_instance_types: Option<Vec<String>>,
    pub require_encryption_in_transit: Option<bool>,
}

/// A range of whole numbers: `VCpuCountRangeRequest` and others.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, Shaped)]
pub struct Whole {
    pub min: Option<i64>,
    pub max: Option<i64>,
}

/// A range of numbers: `MemoryGiBPerVCpuRequest` and others.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, Shaped)]
pub struct Fraction {
    pub min: Option<f64>,
    pub max: Option<f64>,
}

/// The types of the region that meet the requirements, by name.
pub fn get(cx: &Cx, _: &World, input: &GetInstanceTypesFromInstanceRequirements) -> Result<Types, ApiError> {
    check(&input.instance_requirements)?;
    let offered = instance_types::names().iter().filter(|name| instance_types::offered_in(cx.region_name(), name));
    let found = offered.filter_map(|name| instance_types::get(name)).filter(|kind| {
        let virtual_as = kind.supported_virtualization_types.as_deref().unwrap_or_default();
        input.architecture_types.iter().any(|wanted| instance_types::architectures(kind).contains(wanted))
            && input.virtualization_types.iter().any(|wanted| virtual_as.contains(wanted))
            && meets(kind, &input.instance_requirements)
    });
    let outs = found.map(|kind| TypeOut { instance_type: &kind.instance_type });
    let scope = format!("instance-requirements {:?}", input.instance_requirements);
    let page =
        paging::ec2(&scope, input.next_token.as_deref(), input.max_results, outs, |it| it.instance_type.to_owned())?;
    Ok(Types { instance_types: page.items, next_token: page.next })
}

/// What excludes each other, and ranges that are none. The wording is not recorded.
pub fn check(wanted: &Requirements) -> Result<(), ApiError> {
    if wanted.allowed_instance_types.is_some() && wanted.excluded_instance_types.is_some() {
        return Err(ApiError::new(
            "InvalidParameterCombination",
            "AllowedInstanceTypes and ExcludedInstanceTypes cannot be specified in the same request.",
        ));
    }
    let ranges = [
        ("VCpuCount", wanted.v_cpu_count),
        ("MemoryMiB", wanted.memory_mib),
        ("NetworkInterfaceCount", wanted.network_interface_count),
        ("AcceleratorCount", wanted.accelerator_count),
    ];
    for (name, range) in ranges {
        if let Some(Whole { min: Some(min), max: Some(max) }) = range
            && min > max
        {
            let message =
                format!("The minimum value ({min}) of {name} cannot be greater than its maximum value ({max}).");
            return Err(ApiError::new("InvalidParameterValue", message));
        }
    }
    Ok(())
}
