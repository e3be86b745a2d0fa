//! What CreateFleet and ModifyFleet take, as far as it is honoured.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateFleet.html>

use service::prelude::*;

use crate::instance::run::input::SpotWish;
use crate::launch_template::data::Data;
use crate::tags::TagSpecification;

/// `CreateFleetRequest`.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct CreateFleet {
    pub client_token: Option<String>,
    pub spot_options: Option<SpotOptions>,
    pub on_demand_options: Option<OnDemandOptions>,
    pub excess_capacity_termination_policy: Option<String>,
    pub launch_template_configs: Vec<Config>,
    pub target_capacity_specification: TargetWish,
    pub terminate_instances_with_expiration: Option<bool>,
    pub r#type: Option<String>,
    pub valid_until: Option<Timestamp>,
    pub replace_unhealthy_instances: Option<bool>,
    pub tag_specifications: Option<Vec<TagSpecification>>,
    pub context: Option<String>,
    pub dry_run: Option<bool>,
}

/// `FleetLaunchTemplateConfigRequest` and `FleetLaunchTemplateConfig`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Shaped)]
pub struct Config {
    pub launch_template_specification: Option<Template>,
    /// `FleetLaunchTemplateOverridesRequest`, with the names of a template's data.
    #[serde(default)]
    pub overrides: Vec<Data>,
}

/// `FleetLaunchTemplateSpecificationRequest` and `FleetLaunchTemplateSpecification`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Shaped)]
pub struct Template {
    pub launch_template_id: Option<String>,
    pub launch_template_name: Option<String>,
    pub version: Option<String>,
}

/// `TargetCapacitySpecificationRequest`.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct TargetWish {
    pub total_target_capacity: i64,
    pub on_demand_target_capacity: Option<i64>,
    pub spot_target_capacity: Option<i64>,
    pub default_target_capacity_type: Option<String>,
    pub target_capacity_unit_type: Option<String>,
}

/// `SpotOptionsRequest` and `SpotOptions`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Shaped)]
pub struct SpotOptions {
    pub allocation_strategy: Option<String>,
    pub instance_interruption_behavior: Option<String>,
    pub instance_pools_to_use_count: Option<i64>,
}

impl SpotOptions {
    /// What its launches on the Spot market say.
    pub fn wish(&self) -> SpotWish {
        let behavior = self.instance_interruption_behavior.as_deref();
        SpotWish {
            instance_interruption_behavior: self.instance_interruption_behavior.clone(),
            // A request that a stop does not end has to persist.
            spot_instance_type: behavior.filter(|it| *it != "terminate").map(|_| "persistent".to_owned()),
            ..SpotWish::default()
        }
    }
}

/// `OnDemandOptionsRequest` and `OnDemandOptions`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Shaped)]
pub struct OnDemandOptions {
    pub allocation_strategy: Option<String>,
}

/// `ModifyFleetRequest`.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct ModifyFleet {
    pub fleet_id: String,
    pub excess_capacity_termination_policy: Option<String>,
    pub launch_template_configs: Option<Vec<Config>>,
    pub target_capacity_specification: Option<TargetWish>,
    pub context: Option<String>,
    pub dry_run: Option<bool>,
}
