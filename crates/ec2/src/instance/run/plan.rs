//! The plan of a launch: everything the request names or leaves to defaults, looked up once. Authorisation lists its checks from it, and the handler
//! launches by it. Making it cannot fail; the handler asks [`Plan::require`] for the first thing that is missing.

use std::sync::Arc;

use service::cx::Quotas;
use service::prelude::*;

use super::devices::{self, Device};
use super::input::{RunInstances, SpotWish};
use super::network::{self, Interfaces};
use super::{cpus, image, instance_type, secondary};
use crate::capacity;
use crate::capacity::launch::{Likeness, Meant};
use crate::catalogue::images::Image;
use crate::catalogue::instance_types::{self, InstanceType};
use crate::family::metric_category;
use crate::host;
use crate::image::{Found, watermark};
use crate::instance::profile::{self, Choice, Named};
use crate::instance::{Instance, MetadataOptions, metadata_options};
use crate::key_pair::{self, KeyPair};
use crate::launch_template::launch::Asked;
use crate::network::encryption_control::enforce;
use crate::network::interface;
use crate::network::subnet::{self, Subnet};
use crate::network::vpc;
use crate::placement_group;
use crate::setting::metadata_defaults;
use crate::spot;
use crate::tags::{self, Specified};

/// What a launch will do.
pub struct Plan<'a> {
    pub input: &'a RunInstances,
    pub image: Option<Found>,
    pub type_name: &'a str,
    pub key_pair: Option<Arc<KeyPair>>,
    pub group: placement_group::launch::Chosen,
    pub capacity: Meant,
    pub host: host::launch::Wanted,
    pub interfaces: Interfaces,
    /// Whether the VPC has dedicated instances unless they are wanted otherwise.
    pub dedicated_network: bool,
    pub devices: Vec<Device>,
    pub profile: Option<Choice<'a>>,
    pub metadata: MetadataOptions,
    pub tags: Specified,
    /// Tags of AWS's own that the instances get besides.
    pub origin: Vec<Tag>,
}

/// A plan in which everything was found.
pub struct Sound<'p, 'a> {
    pub plan: &'p Plan<'a>,
    pub image: &'p Image,
    pub kind: &'static InstanceType,
    pub subnet: Arc<Subnet>,
    /// How many instances it will be.
    pub count: i64,
}

/// Resource types that RunInstances can tag.
pub const TAGGABLE: &[&str] =
    &["instance", "volume", "network-interface", "secondary-interface", "spot-instances-request"];

/// Looks everything up.
pub fn plan<'a>(cx: &Cx, world: &World, asked: &'a Asked<'_>) -> Plan<'a> {
    let image = asked.wish.image_id.as_deref().and_then(|id| image::look_up(cx, world, id));
    of_image(cx, world, asked, image)
}

/// The same of an image that was looked up, or that no account has.
pub fn of_image<'a>(cx: &Cx, world: &World, asked: &'a Asked<'_>, image: Option<Found>) -> Plan<'a> {
    let input = &*asked.wish;
    let type_name = instance_type::name(input);
    let group = placement_group::launch::choose(cx, world, input.placement.as_ref());
    let host = host::launch::wanted(input.placement.as_ref());
    let zone = group.zone(world).or_else(|| host.zone(cx, world, type_name));
    let interfaces = network::plan(cx, world, input, zone.as_deref());
    let vpc = interfaces.subnet().and_then(|it| vpc::in_place(world, it.account, &it.region, &it.vpc_id));
    let asks_for_tokens = image.as_deref().is_some_and(image::asks_for_tokens);
    let mappings = &input.block_device_mappings;
    let devices = devices::plan(image.as_deref(), mappings, |id| crate::snapshot::size(world, cx, id));
    Plan {
        input,
        image,
        type_name,
        key_pair: input
            .key_name
            .as_deref()
            .and_then(|name| key_pair::by_name(world, cx.account(), cx.region_name(), name)),
        dedicated_network: vpc.is_some_and(|vpc| vpc.tenancy == "dedicated"),
        interfaces,
        group,
        host,
        capacity: capacity::launch::meant(input),
        devices: devices::encrypted(cx, world, devices),
        profile: input.iam_instance_profile.as_ref().map(|wanted| profile::choose(cx, world, Named::once(wanted))),
        metadata: metadata_options::for_launch(cx, world, input.metadata_options.as_ref(), asks_for_tokens),
        tags: tags::specified(&input.tag_specifications),
        origin: asked.origin(),
    }
}

impl<'a> Plan<'a> {
    /// Whether the instance may come with EBS-optimised traffic.
    pub fn ebs_optimized(&self) -> bool {
        self.input.ebs_optimized.unwrap_or(false)
    }

    /// `default`, `dedicated` or `host`.
    pub fn tenancy(&self) -> &str {
        let wanted = self.input.placement.as_ref().and_then(|placement| placement.tenancy.as_deref());
        match wanted {
            Some(tenancy) => tenancy,
            None if self.host.hosted() => "host",
            None if self.dedicated_network => "dedicated",
            None => "default",
        }
    }

    /// The options of a launch on the Spot market.
    pub fn spot(&self) -> Option<SpotWish> {
        spot::launch::options(self.input.instance_market_options.as_ref())
    }

    /// Everything must be there, in the order in which EC2 looks.
    pub fn require<'p>(&'p self, cx: &Cx, world: &World) -> Result<Sound<'p, 'a>, ApiError> {
        let image = image::require(cx, world, self.input.image_id.as_deref(), self.image.as_deref())?;
        let kind = instance_type::known(self.type_name)?;
        instance_type::must_fit(kind, &image.architecture)?;
        instance_type::must_virtualize(kind, &image.virtualization_type, image.platform.as_deref())?;
        instance_type::must_have_adapter(kind, image.ena_support != Some(false))?;
        watermark::must_be_for(image, self.type_name)?;
        metadata_defaults::may_launch(cx, world, &self.metadata)?;
        self.must_be_taggable()?;
        self.key_must_exist()?;
        metric_category::must_exist(cx, world, self.input.monitoring.as_ref().map_or(&[], |wish| wish.categories()))?;
        self.group.must_be_known()?;
        let subnet = self.interfaces.require(cx, world, self.input)?.clone();
        instance_type::must_be_offered(cx, self.type_name, &subnet.zone)?;
        self.networks_must_allow_type(cx, world)?;
        secondary::must_be_supported(cx, world, self.input, kind)?;
        self.group.require(world, self.type_name, kind, &subnet.zone)?;
        capacity::launch::find(cx, world, &self.capacity, self.likeness(image, &subnet), self.input.min_count)?;
        devices::check(&self.devices, &self.input.block_device_mappings, image.root_device_name.as_deref())?;
        devices::snapshots_must_be_usable(cx, world, &self.devices)?;
        if let Some(choice) = &self.profile {
            choice.require(cx)?;
        }
        self.options_must_fit(kind)?;
        self.memory_must_be_safe(image)?;
        let count = self.count(cx, world, kind, &subnet)?;
        Ok(Sound { plan: self, image, kind, subnet, count })
    }

    /// What a capacity reservation for the launch is like.
    pub fn likeness<'s>(&'s self, image: &'s Image, subnet: &'s Subnet) -> Likeness<'s> {
        Likeness {
            instance_type: self.type_name,
            platform: image.platform_details.as_deref().unwrap_or_default(),
            zone: &subnet.zone,
            tenancy: self.tenancy(),
        }
    }

    fn must_be_taggable(&self) -> Result<(), ApiError> {
        tags::check_specifications(&self.input.tag_specifications, TAGGABLE)?;
        self.tagged_must_come()?;
        metadata_options::tags_must_fit(&self.metadata, self.tags.of("instance"))
    }

    /// Tags are for what the launch makes. The sentences are AWS's (kubernetes-sigs/cluster-api-provider-aws issue 5594,
    /// github-aws-runners/terraform-aws-github-runner issue 4561).
    fn tagged_must_come(&self) -> Result<(), ApiError> {
        let interfaces = self.interfaces.list.iter().any(|it| it.existing.is_none());
        let come = [
            ("network-interface", "network interfaces", interfaces),
            ("spot-instances-request", "Spot instances requests", self.spot().is_some()),
        ];
        match come.iter().find(|(resource_type, _, comes)| !comes && !self.tags.of(resource_type).is_empty()) {
            None => Ok(()),
            Some((_, what, _)) => Err(ApiError::new(
                "InvalidParameterValue",
                format!("You cannot specify tags for {what} if there are no {what} being created by the request."),
            )),
        }
    }

    fn key_must_exist(&self) -> Result<(), ApiError> {
        match (&self.input.key_name, &self.key_pair) {
            (Some(name), None) => {
                Err(ApiError::new("InvalidKeyPair.NotFound", format!("The key pair '{name}' does not exist")))
            }
            _ => Ok(()),
        }
    }

    /// Interfaces of one instance may be in several VPCs.
    fn networks_must_allow_type(&self, cx: &Cx, world: &World) -> Result<(), ApiError> {
        let mut subnets = self.interfaces.list.iter().filter_map(|planned| planned.subnet.as_ref());
        subnets.try_for_each(|subnet| enforce::may_run(cx, world, &subnet.vpc_id, self.type_name))
    }

    fn options_must_fit(&self, kind: &InstanceType) -> Result<(), ApiError> {
        let name = self.type_name;
        instance_type::may_be_optimized(kind, self.ebs_optimized())?;
        instance_type::may_have_enclave(kind, self.input.wants_enclave())?;
        if let Some(cpus) = &self.input.cpu_options {
            cpus::must_fit(name, cpus.core_count, cpus.threads_per_core)?;
        }
        if self.input.credit_specification.is_some() && instance_type::default_credits(kind).is_none() {
            return Err(ApiError::new(
                "InvalidParameterCombination",
                format!("The {name} instance type does not support a credit specification."),
            ));
        }
        let most = usize::try_from(instance_types::most_interfaces(kind)).unwrap_or(1);
        if self.interfaces.list.len() > most {
            return Err(ApiError::new(
                "AttachmentLimitExceeded",
                format!("Interface count {} exceeds the limit for {name}", self.interfaces.list.len()),
            ));
        }
        let mut made = self.interfaces.list.iter().filter(|it| it.existing.is_none());
        made.try_for_each(|it| interface::assign::must_fit(kind, it.places()))
    }

    /// A hibernating instance writes its memory to its root volume. Quoted in <https://github.com/apache/airflow/pull/35790>, and for Spot instances
    /// that hibernate when they are interrupted elsewhere.
    fn memory_must_be_safe(&self, image: &Image) -> Result<(), ApiError> {
        let configured = self.input.hibernation_options.as_ref().and_then(|wish| wish.configured) == Some(true);
        let interrupted = self.spot().and_then(|options| options.instance_interruption_behavior);
        let root = self.devices.iter().find(|device| Some(&device.name) == image.root_device_name.as_ref());
        let hibernates = configured || interrupted.as_deref() == Some("hibernate");
        if !hibernates || root.is_some_and(|root| root.encrypted) {
            return Ok(());
        }
        let message = "For hibernation, the root device volume must be encrypted.";
        Err(ApiError::new("UnsupportedHibernationConfiguration", message))
    }

    /// As many as fit, but not fewer than the least asked for.
    fn count(&self, cx: &Cx, world: &World, kind: &InstanceType, subnet: &Subnet) -> Result<i64, ApiError> {
        vcpus_must_suffice(cx, world, kind, self.input.max_count)?;
        let least = self.input.min_count;
        let room = self.group.room(world, &subnet.zone, least)?;
        let room = room.min(self.host.room(cx, world, kind, &subnet.zone, least)?);
        let here = self.interfaces.list.iter().filter(|it| it.existing.is_none());
        let in_prefixes = |it: &network::Planned| it.more.as_ref().map_or(0, |more| more.ipv4_prefixes.addresses());
        let each: usize = here.map(|it| 1 + it.secondary.len() + it.secondary_count + in_prefixes(it)).sum();
        let free = subnet::available_addresses(world, subnet);
        let fitting = free.checked_div(each).map_or(i64::MAX, |count| i64::try_from(count).unwrap_or(i64::MAX));
        if fitting < self.input.min_count {
            return Err(ApiError::new(
                "InsufficientFreeAddressesInSubnet",
                format!(
                    "There are not enough free addresses in subnet '{}' to satisfy the requested number of instances.",
                    subnet.id
                ),
            ));
        }
        Ok(self.input.max_count.min(fitting).min(room))
    }
}

/// The quota of on-demand standard instances in a new account (L-1216C47A), in vCPUs.
const STANDARD_VCPUS: i64 = 5;

/// The adjustable quota, which is enforced on request only. Running and starting instances count.
fn vcpus_must_suffice(cx: &Cx, world: &World, kind: &InstanceType, wanted: i64) -> Result<(), ApiError> {
    if cx.settings.quotas == Quotas::None {
        return Ok(());
    }
    let up = world.by::<Instance>(Instance::BY_PHASE, &[cx.account().as_str(), cx.region_name(), "up"]);
    let used: i64 = up.filter_map(|held| instance_type::get(&held.instance_type)).map(instance_types::vcpus).sum();
    if used + instance_types::vcpus(kind) * wanted <= STANDARD_VCPUS {
        return Ok(());
    }
    Err(ApiError::new(
        "VcpuLimitExceeded",
        format!(
            "You have requested more vCPU capacity than your current vCPU limit of {STANDARD_VCPUS} allows for the instance bucket that the \
             specified instance type belongs to. Please visit http://aws.amazon.com/contact-us/ec2-request to request an adjustment to this \
             limit."
        ),
    ))
}
