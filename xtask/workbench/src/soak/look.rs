//! What a server holds, read through its API after a start: facts as the writers note them, and what is half there.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use anyhow::Result;

use super::answer::{self, Element};
use super::writer::Fact;
use crate::bench::process::Running;

/// Everything found.
#[derive(Default)]
pub struct Found {
    pub facts: BTreeSet<Fact>,
    /// Instance ids by client token and launch index, the living ones.
    pub instances: BTreeMap<String, String>,
    /// What contradicts itself, as sentences.
    pub half_done: Vec<String>,
}

/// Reads it all.
pub async fn look(server: &Running) -> Result<Found> {
    let mut found = Found::default();
    identities(server, &mut found).await?;
    compute(server, &mut found).await?;
    Ok(found)
}

async fn identities(server: &Running, found: &mut Found) -> Result<()> {
    for user in answer::iam(server, "ListUsers", "Users", &[]).await? {
        found.facts.insert(format!("user {}", user.text("UserName")));
    }
    let mut roles = HashSet::new();
    for role in answer::iam(server, "ListRoles", "Roles", &[]).await? {
        let name = role.text("RoleName").to_owned();
        found.facts.insert(format!("role {name}"));
        for policy in answer::iam(server, "ListRolePolicies", "PolicyNames", &[("RoleName", &name)]).await? {
            found.facts.insert(format!("policy {name} {}", policy.own_text()));
        }
        roles.insert(name);
    }
    for profile in answer::iam(server, "ListInstanceProfiles", "InstanceProfiles", &[]).await? {
        let name = profile.text("InstanceProfileName");
        found.facts.insert(format!("profile {name}"));
        for role in &profile.at("Roles").children {
            let role = role.text("RoleName");
            found.facts.insert(format!("member {name} {role}"));
            if !roles.contains(role) {
                found.half_done.push(format!("the profile {name} holds the role {role}, which is not there"));
            }
        }
    }
    Ok(())
}

/// Whether an instance has (or may have, on its way down) volumes and interfaces.
#[derive(Clone, Copy, PartialEq)]
enum Life {
    Living,
    Leaving,
    Gone,
}

fn life(state: &str) -> Life {
    match state {
        "terminated" => Life::Gone,
        "shutting-down" => Life::Leaving,
        _ => Life::Living,
    }
}

async fn compute(server: &Running, found: &mut Found) -> Result<()> {
    // Instances first: what one that is gone by now still has, it kept.
    let reservations = answer::ec2(server, "DescribeInstances", "reservationSet").await?;
    let instances: Vec<&Element> =
        reservations.iter().flat_map(|reservation| &reservation.at("instancesSet").children).collect();
    let lives: HashMap<&str, Life> = instances
        .iter()
        .map(|instance| (instance.text("instanceId"), life(instance.at("instanceState").text("name"))))
        .collect();
    let volumes = answer::ec2(server, "DescribeVolumes", "volumeSet").await?;
    let interfaces = answer::ec2(server, "DescribeNetworkInterfaces", "networkInterfaceSet").await?;
    let volume_of = |volume: &Element| {
        volume.at("attachmentSet").children.first().map(|attachment| attachment.text("instanceId").to_owned())
    };
    let held = |found: &mut Found, kind: &str, id: &str, holder: Option<String>| {
        let holder = holder.unwrap_or_default();
        match lives.get(holder.as_str()) {
            Some(Life::Living | Life::Leaving) => {}
            Some(Life::Gone) => found.half_done.push(format!("the {kind} {id} outlived its instance {holder}")),
            None => found.half_done.push(format!("the {kind} {id} belongs to no instance (`{holder}`)")),
        }
    };
    let mut volume_ids = HashMap::new();
    for volume in &volumes {
        held(found, "volume", volume.text("volumeId"), volume_of(volume));
        volume_ids.insert(volume.text("volumeId"), tags(volume));
    }
    let mut interface_ids = HashSet::new();
    for interface in &interfaces {
        let id = interface.text("networkInterfaceId");
        held(found, "interface", id, Some(interface.at("attachment").text("instanceId").to_owned()));
        interface_ids.insert(id);
    }
    for instance in instances.iter().filter(|instance| lives.get(instance.text("instanceId")) == Some(&Life::Living)) {
        living(instance, &volume_ids, &interface_ids, found);
    }
    Ok(())
}

fn tags(element: &Element) -> BTreeMap<String, String> {
    let tags = element.at("tagSet").children.iter();
    tags.map(|tag| (tag.text("key").to_owned(), tag.text("value").to_owned())).collect()
}

/// The facts of one instance, and whether what it names is there.
fn living(
    instance: &Element,
    volumes: &HashMap<&str, BTreeMap<String, String>>,
    interfaces: &HashSet<&str>,
    found: &mut Found,
) {
    let id = instance.text("instanceId");
    let (token, index) = (instance.text("clientToken"), instance.text("amiLaunchIndex"));
    let name = format!("{token} {index}");
    found.facts.insert(format!("instance {name}"));
    found.instances.insert(name.clone(), id.to_owned());
    for (key, value) in tags(instance) {
        found.facts.insert(format!("tag {name} {key}={value}"));
    }
    let profile = instance.at("iamInstanceProfile").text("arn").rsplit('/').next().unwrap_or_default();
    if !profile.is_empty() {
        found.facts.insert(format!("runs-as {name} {profile}"));
        if !found.facts.contains(&format!("profile {profile}")) {
            found.half_done.push(format!("the instance {id} runs as {profile}, which is not there"));
        }
    }
    let mappings = &instance.at("blockDeviceMapping").children;
    let attached = &instance.at("networkInterfaceSet").children;
    if mappings.is_empty() || attached.is_empty() {
        found.half_done.push(format!(
            "the instance {id} has {} volumes, {} interfaces",
            mappings.len(),
            attached.len()
        ));
    }
    for mapping in mappings {
        let volume = mapping.at("ebs").text("volumeId");
        match volumes.get(volume) {
            Some(tags) if tags.get("Name").is_some_and(|value| value == token) => {
                found.facts.insert(format!("volume {name}"));
            }
            Some(_) => found.half_done.push(format!("the volume {volume} of the instance {id} lacks its tag")),
            None => found.half_done.push(format!("the volume {volume} of the instance {id} is not there")),
        }
    }
    for interface in attached {
        let interface = interface.text("networkInterfaceId");
        if interfaces.contains(interface) {
            found.facts.insert(format!("interface {name}"));
        } else {
            found.half_done.push(format!("the interface {interface} of the instance {id} is not there"));
        }
    }
}
