//! RequestSpotFleet. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RequestSpotFleet.html>

use std::sync::Arc;

use iam::instance_profile::pass_role_check;
use iam::record::Role;
use serde_json::{Value as Json, json};
use service::prelude::*;

use super::SpotFleet;
use crate::fleet::Fleet;
use crate::fleet::create::{
    MOST_CAPACITY, check_template, must_be_few, must_find_types, on_launches, templates_must_exist,
};
use crate::fleet::input::{Config, OnDemandOptions, SpotOptions, Template};
use crate::fleet::record::Target;
use crate::fleet::{fill, offer, requirements};
use crate::instance::client_token;
use crate::instance::run::checks;
use crate::kind;
use crate::launch_template::data::Data;
use crate::refused::missing;
use crate::resource;
use crate::tags::{self, TagSpecification};

/// `RequestSpotFleetRequest`.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct RequestSpotFleet {
    /// `SpotFleetRequestConfigData`.
    pub spot_fleet_request_config: Data,
    pub dry_run: Option<bool>,
}

/// `RequestSpotFleetResponse`.
#[derive(Debug, Serialize, Shaped)]
pub struct Requested {
    pub spot_fleet_request_id: String,
}

/// RequestSpotFleet on a request to come, on what its launches use, the tags, and the role that is passed to the fleet.
pub fn to_request(cx: &Cx, world: &World, input: &RequestSpotFleet) -> Vec<Check> {
    let config = &input.spot_fleet_request_config;
    // AWS asks the fleet's role whether it may pass the role of an instance profile; here the caller must be allowed that, too.
    let Fleet { configs, target, spot, .. } = fleet(cx, "", config);
    // [`check`] has told what is wrong with them.
    let offers = offer::of_target(cx, world, &configs, &target, &spot).unwrap_or_default();
    let uses = on_launches(cx, world, &offers, |cx, world, asked| checks::to_use(cx, world, &asked.wish));
    let mut checks =
        resource::checks_on_new(cx, &kind::SPOT_FLEET, Some(&specifications(config)), "RequestSpotFleet", uses);
    let passed = role(cx, world, config);
    checks.extend(passed.map(|role| pass_role_check(cx, &role, SERVICE, &kind::SPOT_FLEET.arn_of_new(cx))));
    checks
}

/// Before `.amazonaws.com`: who a Spot fleet is to the roles that it acts with.
const SERVICE: &str = "spotfleet";

/// The fleet's role, if it is one of the account.
fn role(cx: &Cx, world: &World, config: &Data) -> Option<Arc<Role>> {
    let role = iam::role::by_arn(cx.partition(), cx.arrived(world), config.text(&["IamFleetRole"])?);
    role.filter(|role| role.account == cx.account())
}

/// The role must be there and trust Spot fleets.
fn role_must_serve(cx: &Cx, world: &World, config: &Data) -> Result<(), ApiError> {
    let service = cx.service_principal(SERVICE);
    let trusts = |role: &Arc<Role>| {
        let document = iam::role::trust_document(role);
        document.is_some_and(|it| it.principals().any(|(_, kind, name)| kind == "Service" && name == service))
    };
    role(cx, world, config).filter(trusts).map(drop).ok_or_else(|| invalid("IamFleetRole"))
}

/// A member of the configuration that cannot be; recorded at AWS for the role.
pub fn invalid(member: &str) -> ApiError {
    let message = format!("Parameter: SpotFleetRequestConfig.{member} is invalid.");
    ApiError::new("InvalidSpotFleetRequestConfig", message)
}

/// What is refused before permission is asked for.
pub fn check(cx: &Cx, world: &World, input: &RequestSpotFleet) -> Result<(), ApiError> {
    let config = &input.spot_fleet_request_config;
    let (plain, templates) = (config.list("LaunchSpecifications"), config.list("LaunchTemplateConfigs"));
    if plain.is_empty() && templates.is_empty() {
        return Err(missing("SpotFleetRequestConfig.LaunchSpecifications"));
    }
    if !plain.is_empty() && !templates.is_empty() {
        return Err(invalid("LaunchTemplateConfigs"));
    }
    must_be_small(config)?;
    let kind = config.text(&["Type"]).unwrap_or("maintain");
    let Fleet { configs, target, spot, valid_until: until, waits_until, .. } = fleet(cx, "", config);
    let lowest = config.text(&["AllocationStrategy"]).is_none_or(|it| it == "lowestPrice");
    let price = |it: &Data| crate::spot::launch::check_price(it.text(&["SpotPrice"])).is_err();
    let wrong = [
        ("Type", kind == "instant"),
        ("TargetCapacity", target.total > MOST_CAPACITY || target.total < i64::from(kind == "request")),
        // On-Demand capacity is launched of templates alone.
        ("OnDemandTargetCapacity", !(0..=target.total).contains(&target.on_demand)),
        ("OnDemandTargetCapacity", target.on_demand > 0 && templates.is_empty()),
        ("InstancePoolsToUseCount", !lowest && config.get(&["InstancePoolsToUseCount"]).is_some()),
        ("SpotPrice", price(config)),
        ("ValidUntil", until.is_some_and(|until| until <= cx.now)),
        ("ValidFrom", waits_until.zip(until).is_some_and(|(from, until)| from >= until)),
    ];
    if let Some((member, _)) = wrong.into_iter().find(|(_, wrong)| *wrong) {
        return Err(invalid(member));
    }
    for held in &configs {
        if !templates.is_empty() {
            check_template(held)?;
        }
    }
    must_be_few(&configs)?;
    requirements::check(&configs, config.text(&["TargetCapacityUnitType"]))?;
    // Those of a fleet that waits are read now, and not only at its moment.
    offer::of_target(cx, world, &configs, &target, &spot).map(drop)
}

/// What a configuration may become, in bytes, when each subnet or zone is a launch of its own: as much as a request.
const MOST_EXPANDED: usize = 10_000_000;

/// Asked before subnets and zones are told apart.
pub(super) fn must_be_small(config: &Data) -> Result<(), ApiError> {
    if expanded_size(config) <= MOST_EXPANDED {
        return Ok(());
    }
    let from_templates = config.list("LaunchSpecifications").is_empty();
    Err(invalid(if from_templates { "LaunchTemplateConfigs" } else { "LaunchSpecifications" }))
}

fn expanded_size(config: &Data) -> usize {
    let own = |it: &Json| it.get("Overrides").and_then(Json::as_array).cloned().unwrap_or_default();
    let plain = config.list("LaunchSpecifications").to_vec();
    let all = plain.into_iter().chain(config.list("LaunchTemplateConfigs").iter().flat_map(own));
    let size = |one: Json| {
        let parts = one.pointer("/SubnetId").or_else(|| one.pointer("/AvailabilityZone"));
        let parts = parts.or_else(|| one.pointer("/Placement/AvailabilityZone")).and_then(Json::as_str);
        let count = 1 + parts.unwrap_or_default().bytes().filter(|byte| *byte == b',').count();
        one.to_string().len().saturating_mul(count)
    };
    all.map(size).fold(0, usize::saturating_add)
}

/// The tags for the request itself.
pub fn specifications(config: &Data) -> Vec<TagSpecification> {
    let entry = |it: &Json| TagSpecification {
        resource_type: it.get("ResourceType").and_then(Json::as_str).map(str::to_owned),
        tags: tags_of(it),
    };
    config.list("TagSpecifications").iter().map(entry).collect()
}

fn tags_of(specification: &Json) -> Vec<Tag> {
    let text = |tag: &Json, name: &str| tag.get(name).and_then(Json::as_str).unwrap_or_default().to_owned();
    let tags = specification.get("Tags").and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
    tags.iter().map(|tag| Tag::new(text(tag, "Key"), text(tag, "Value"))).collect()
}

/// How much, of which kind: the total is Spot but for what is said to be On-Demand.
fn target(config: &Data) -> Target {
    let number = |name: &str| config.get(&[name]).and_then(Json::as_i64);
    let total = number("TargetCapacity").unwrap_or(0);
    let on_demand = number("OnDemandTargetCapacity").unwrap_or(0);
    let unit = config.text(&["TargetCapacityUnitType"]).map(str::to_owned);
    Target { total, on_demand, spot: total - on_demand, default: "spot".to_owned(), unit }
}

/// The launches as a fleet's configuration. Launch specifications are overrides of nothing.
pub fn configs(config: &Data) -> Vec<Config> {
    let price = config.get(&["SpotPrice"]);
    let overrides = |list: &[Json]| list.iter().flat_map(|it| expanded(it, price)).collect::<Vec<Data>>();
    let plain = config.list("LaunchSpecifications");
    if !plain.is_empty() {
        return vec![Config { launch_template_specification: None, overrides: overrides(plain) }];
    }
    let of_template = |it: &Json| {
        let named = |name: &str| {
            it.pointer(&format!("/LaunchTemplateSpecification/{name}")).and_then(Json::as_str).map(str::to_owned)
        };
        let own = it.get("Overrides").and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
        let own = if own.is_empty() { vec![json!({})] } else { own.to_vec() };
        Config {
            launch_template_specification: Some(Template {
                launch_template_id: named("LaunchTemplateId"),
                launch_template_name: named("LaunchTemplateName"),
                version: named("Version"),
            }),
            overrides: overrides(own.as_slice()),
        }
    };
    config.list("LaunchTemplateConfigs").iter().map(of_template).collect()
}

/// A launch for each subnet or zone that one names (several are separated by commas), with the names of a template's data.
fn expanded(one: &Json, price: Option<&Json>) -> Vec<Data> {
    let Some(members) = one.as_object() else { return Vec::new() };
    let mut plain = Data(members.clone());
    if let Some(groups) = plain.0.shift_remove("SecurityGroups") {
        let ids = groups.as_array().into_iter().flatten().filter_map(|group| group.get("GroupId").cloned());
        plain.0.insert("SecurityGroupIds".to_owned(), ids.collect());
    }
    let own = plain.0.shift_remove("SpotPrice");
    if let Some(price) = own.or_else(|| price.cloned()) {
        plain.0.insert("MaxPrice".to_owned(), price);
    }
    let several = |text: &str| text.split(',').map(|part| part.trim().to_owned()).collect::<Vec<_>>();
    let spread = |name: &str, texts: Vec<String>| {
        let mut others = plain.clone();
        others.0.shift_remove(name);
        let with = |text: String| {
            let mut data = others.clone();
            data.0.insert(name.to_owned(), text.into());
            data
        };
        texts.into_iter().map(with).collect::<Vec<_>>()
    };
    if let Some(subnets) = plain.text(&["SubnetId"]) {
        return spread("SubnetId", several(subnets));
    }
    let zone = plain.text(&["AvailabilityZone"]).or_else(|| plain.text(&["Placement", "AvailabilityZone"]));
    match zone {
        Some(zones) => spread("AvailabilityZone", several(zones)),
        None => vec![plain],
    }
}

/// Makes a request and launches its instances, or answers again what the same client token made.
pub fn request(cx: &Cx, tx: &mut Tx, input: &RequestSpotFleet) -> Result<Requested, ApiError> {
    let config = &input.spot_fleet_request_config;
    let token = config.text(&["ClientToken"]);
    let digest = client_token::digest(config);
    if let Some(made) = client_token::seen(cx, tx, "RequestSpotFleet", token, &digest)? {
        return Ok(Requested { spot_fleet_request_id: made.into_iter().next().unwrap_or_default() });
    }
    let specifications = specifications(config);
    tags::check_specifications(&specifications, &[kind::SPOT_FLEET.resource_type])?;
    role_must_serve(cx, tx, config)?;
    templates_must_exist(cx, tx, &configs(config))?;
    let id = format!("sfr-{}", cx.ids.uuid());
    let mut fleet = fleet(cx, &id, config);
    must_find_types(cx, tx, &fleet)?;
    fleet.note(cx.now, "fleet-change", "submitted", None, None);
    if fleet.waits_until.is_none() {
        fleet.note(cx.now, "fleet-change", "active", None, None);
        fill::fill(cx, tx, &mut fleet)?;
    }
    client_token::remember(cx, tx, "RequestSpotFleet", token, digest, vec![id.clone()]);
    tx.put(SpotFleet {
        account: cx.account(),
        region: cx.region_name().to_owned(),
        id: id.clone(),
        config: config.clone(),
        fleet,
        tags: tags::requested(Some(&specifications), kind::SPOT_FLEET.resource_type),
    });
    Ok(Requested { spot_fleet_request_id: id })
}

/// The fleet that does what the request asks for.
fn fleet(cx: &Cx, id: &str, config: &Data) -> Fleet {
    let text = |name: &str| config.text(&[name]).map(str::to_owned);
    let time = |name: &str| config.text(&[name]).and_then(|time| time.parse::<Timestamp>().ok());
    let is = |name: &str| config.get(&[name]).and_then(Json::as_bool);
    Fleet {
        account: cx.account(),
        region: cx.region_name().to_owned(),
        id: id.to_owned(),
        kind: text("Type").unwrap_or_else(|| "maintain".to_owned()),
        client_token: text("ClientToken"),
        created_at: cx.now_seconds(),
        valid_until: time("ValidUntil"),
        waits_until: time("ValidFrom").filter(|from| *from > cx.now),
        configs: configs(config),
        target: target(config),
        spot: SpotOptions {
            allocation_strategy: text("AllocationStrategy"),
            instance_interruption_behavior: text("InstanceInterruptionBehavior"),
            instance_pools_to_use_count: config.get(&["InstancePoolsToUseCount"]).and_then(Json::as_i64),
        },
        on_demand: OnDemandOptions { allocation_strategy: text("OnDemandAllocationStrategy") },
        ends_excess: !text("ExcessCapacityTerminationPolicy")
            .is_some_and(|it| it.eq_ignore_ascii_case("noTermination")),
        replaces_unhealthy: is("ReplaceUnhealthyInstances") == Some(true),
        ends_with_expiration: is("TerminateInstancesWithExpiration") == Some(true),
        context: text("Context"),
        deleted: None,
        members: Vec::new(),
        failures: Vec::new(),
        events: Vec::new(),
        launch_tags: Vec::new(),
        tags: Vec::new(),
    }
}
