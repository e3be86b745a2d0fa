//! Whether an instance type meets requirements. What a requirement does not say is as AWS documents its default: bare metal and burstable types are
//! left out, everything else is in.

use service::filters::glob;

use super::{Fraction, Requirements, Whole};
use crate::catalogue::instance_types::{self, InstanceType};

/// Whether the type meets all of them.
pub fn meets(kind: &InstanceType, wanted: &Requirements) -> bool {
    named(kind, wanted)
        && size(kind, wanted)
        && machine(kind, wanted)
        && storage(kind, wanted)
        && accelerated(kind, wanted)
}

fn within(range: Option<Whole>, value: i64) -> bool {
    let range = range.unwrap_or_default();
    range.min.is_none_or(|min| value >= min) && range.max.is_none_or(|max| value <= max)
}

#[expect(clippy::cast_precision_loss, reason = "sizes are far below where it begins")]
fn within_fraction(range: Option<Fraction>, value: i64, per: f64) -> bool {
    let (range, value) = (range.unwrap_or_default(), value as f64 / per);
    range.min.is_none_or(|min| value >= min) && range.max.is_none_or(|max| value <= max)
}

/// `included`, `required` or `excluded`.
fn allowed(word: Option<&String>, default: &str, is_so: bool) -> bool {
    match word.map_or(default, String::as_str) {
        "required" => is_so,
        "excluded" => !is_so,
        _ => true,
    }
}

fn any_of(wanted: Option<&Vec<String>>, have: &[String]) -> bool {
    wanted.filter(|wanted| !wanted.is_empty()).is_none_or(|wanted| have.iter().any(|one| wanted.contains(one)))
}

fn named(kind: &InstanceType, wanted: &Requirements) -> bool {
    let is_one = |patterns: &Vec<String>| patterns.iter().any(|pattern| glob(pattern, &kind.instance_type));
    let generation = if kind.current_generation.unwrap_or(false) { "current" } else { "previous" };
    wanted.allowed_instance_types.as_ref().is_none_or(is_one)
        && !wanted.excluded_instance_types.as_ref().is_some_and(is_one)
        && any_of(wanted.instance_generations.as_ref(), &[generation.to_owned()])
}

fn size(kind: &InstanceType, wanted: &Requirements) -> bool {
    let (vcpus, memory) = (instance_types::vcpus(kind), instance_types::memory_mib(kind));
    let ebs = kind.ebs_info.as_ref().and_then(|ebs| ebs.ebs_optimized_info.as_ref());
    let ebs = ebs.and_then(|ebs| ebs.baseline_bandwidth_in_mbps).unwrap_or(0);
    within(wanted.v_cpu_count, vcpus)
        && within(wanted.memory_mib, memory)
        && within_fraction(wanted.memory_gib_per_v_cpu, memory, 1024.0 * f64::from(i32::try_from(vcpus).unwrap_or(1)))
        && within(wanted.network_interface_count, instance_types::most_interfaces(kind))
        && within(wanted.baseline_ebs_bandwidth_mbps, ebs)
        && bandwidth(kind, wanted.network_bandwidth_gbps)
}

fn bandwidth(kind: &InstanceType, range: Option<Fraction>) -> bool {
    let Some(range) = range else { return true };
    let cards = kind.network_info.as_ref().and_then(|network| network.network_cards.as_ref());
    let total: f64 = cards.into_iter().flatten().filter_map(|card| card.baseline_bandwidth_in_gbps).sum();
    range.min.is_none_or(|min| total >= min) && range.max.is_none_or(|max| total <= max)
}

fn machine(kind: &InstanceType, wanted: &Requirements) -> bool {
    let encrypts = kind.network_info.as_ref().and_then(|network| network.encryption_in_transit_supported);
    allowed(wanted.bare_metal.as_ref(), "excluded", kind.bare_metal.unwrap_or(false))
        && allowed(wanted.burstable_performance.as_ref(), "excluded", instance_types::is_burstable(kind))
        && (wanted.require_hibernate_support != Some(true) || kind.hibernation_supported == Some(true))
        && (wanted.require_encryption_in_transit != Some(true) || encrypts == Some(true))
        && any_of(wanted.cpu_manufacturers.as_ref(), &[maker(kind).to_owned()])
}

/// The maker as the requirement spells it.
fn maker(kind: &InstanceType) -> &'static str {
    let maker = kind.processor_info.as_ref().and_then(|processor| processor.manufacturer.as_deref());
    match maker {
        Some("Intel") => "intel",
        Some("AMD") => "amd",
        Some("AWS") => "amazon-web-services",
        Some("Apple") => "apple",
        _ => "",
    }
}

fn storage(kind: &InstanceType, wanted: &Requirements) -> bool {
    let held = kind.instance_storage_info.as_ref();
    let disks = held.and_then(|held| held.disks.as_ref()).into_iter().flatten();
    let disks: Vec<String> = disks.filter_map(|disk| disk.r#type.clone()).collect();
    let total = held.and_then(|held| held.total_size_in_gb).unwrap_or(0);
    allowed(wanted.local_storage.as_ref(), "included", kind.instance_storage_supported.unwrap_or(false))
        // Types without a disk have no disk of the wrong kind.
        && (disks.is_empty() || any_of(wanted.local_storage_types.as_ref(), &disks))
        && within_fraction(wanted.total_local_storage_gb, total, 1.0)
}

/// The accelerators of a type: of what kind, made by whom, called what, how many, with how much memory.
struct Accelerator {
    kind: &'static str,
    maker: String,
    name: String,
    count: i64,
}

fn accelerated(kind: &InstanceType, wanted: &Requirements) -> bool {
    let (all, memory) = accelerators(kind);
    let texts = |text: fn(&Accelerator) -> String| all.iter().map(text).collect::<Vec<_>>();
    within(wanted.accelerator_count, all.iter().map(|one| one.count).sum())
        && within(wanted.accelerator_total_memory_mib, memory)
        && any_of(wanted.accelerator_types.as_ref(), &texts(|one| one.kind.to_owned()))
        && any_of(wanted.accelerator_manufacturers.as_ref(), &texts(|one| spelled(&one.maker)))
        && any_of(wanted.accelerator_names.as_ref(), &texts(|one| spelled(&one.name)))
}

/// `NVIDIA` is `nvidia`, `AWS` is `amazon-web-services`, `A10G` is `a10g`.
fn spelled(text: &str) -> String {
    match text {
        "AWS" | "Amazon AWS" | "Annapurna" => "amazon-web-services".to_owned(),
        other => other.to_lowercase().replace(' ', "-"),
    }
}

fn accelerators(kind: &InstanceType) -> (Vec<Accelerator>, i64) {
    let mut all = Vec::new();
    let mut memory = 0;
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    if let Some(info) = &kind.gpu_info {
        memory += info.total_gpu_memory_in_mib.unwrap_or(0);
        all.extend(info.gpus.iter().flatten().map(|one| Accelerator {
            kind: "gpu",
            maker: text(&one.manufacturer),
            name: text(&one.name),
            count: one.count.unwrap_or(0),
        }));
    }
    if let Some(info) = &kind.fpga_info {
        memory += info.total_fpga_memory_in_mib.unwrap_or(0);
        all.extend(info.fpgas.iter().flatten().map(|one| Accelerator {
            kind: "fpga",
            maker: text(&one.manufacturer),
            name: text(&one.name),
            count: one.count.unwrap_or(0),
        }));
    }
    if let Some(info) = &kind.inference_accelerator_info {
        memory += info.total_inference_memory_in_mib.unwrap_or(0);
        all.extend(info.accelerators.iter().flatten().map(|one| Accelerator {
            kind: "inference",
            maker: text(&one.manufacturer),
            name: text(&one.name),
            count: one.count.unwrap_or(0),
        }));
    }
    if let Some(info) = &kind.media_accelerator_info {
        memory += info.total_media_memory_in_mib.unwrap_or(0);
        all.extend(info.accelerators.iter().flatten().map(|one| Accelerator {
            kind: "media",
            maker: text(&one.manufacturer),
            name: text(&one.name),
            count: one.count.unwrap_or(0),
        }));
    }
    (all, memory)
}
