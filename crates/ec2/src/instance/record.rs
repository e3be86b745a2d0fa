//! What is stored of an instance. Its interfaces, volumes and profile association are records of their own that name it.
//!
//! Facts of the image are copied at launch, because an instance outlives its image.

use std::net::Ipv4Addr;
use std::sync::Arc;

use service::prelude::*;

use super::sql_ha::Registration;
use super::state::{Phase, VISIBLE_AFTER_TERMINATION};
use crate::family::status_check::suppression::Suppression;

/// A virtual machine that was launched and is not yet forgotten.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Instance {
    pub account: AccountId,
    pub region: String,
    /// `i-…`
    pub id: String,
    /// `r-…`, shared by all instances of one launch.
    pub reservation_id: String,
    /// Position within the launch, from 0.
    pub launch_index: i64,
    pub client_token: Option<String>,
    /// Shared by all instances of one launch, as is what follows in an [`Arc`].
    pub image: Arc<LaunchedImage>,
    pub instance_type: String,
    pub key_name: Option<String>,
    pub placement: Arc<InstancePlacement>,
    /// `None` once terminated.
    pub vpc_id: Option<String>,
    pub subnet_id: Option<String>,
    pub phase: Phase,
    /// When it was launched first; `launchTime` is the last start.
    pub created_at: Timestamp,
    pub started_at: Timestamp,
    /// Why it stopped or ended.
    #[serde(default)]
    pub reason: Option<Reason>,
    /// The last reboot that was asked for in this run.
    #[serde(default)]
    pub rebooted_at: Option<Timestamp>,
    /// The last diagnostic interrupt of this run.
    #[serde(default)]
    pub interrupted_at: Option<Timestamp>,
    /// As it was sent: base64.
    #[serde(default)]
    pub user_data: Option<String>,
    pub metadata: MetadataOptions,
    /// Where the instance's own metadata service listens: 127.x.y.z, unique over all accounts.
    pub metadata_address: Ipv4Addr,
    /// Whether the primary interface gets a public address at every start.
    pub auto_public_address: bool,
    #[serde(default)]
    pub credits: Option<String>,
    pub attributes: Arc<Attributes>,
    /// The capacity reservation that it runs in, `cr-…`.
    #[serde(default)]
    pub capacity_reservation_id: Option<String>,
    /// The Spot request that it fulfils, `sir-…`.
    #[serde(default)]
    pub spot_request_id: Option<String>,
    /// The market that it was launched on, if its capacity is reserved and ends.
    #[serde(default)]
    pub market: Option<Market>,
    /// When it was enabled for the detection of standby SQL Servers, one time after the other.
    #[serde(default)]
    pub sql_ha: Vec<Registration>,
    /// When its application status checks do not count.
    #[serde(default)]
    pub suppression: Option<Suppression>,
    #[serde(default)]
    pub tags: Vec<Tag>,
}

/// What of the image stays with the instance.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LaunchedImage {
    pub id: String,
    pub architecture: String,
    pub hypervisor: String,
    pub virtualization_type: String,
    pub root_device_name: Option<String>,
    pub root_device_type: String,
    /// `windows`, or nothing.
    pub platform: Option<String>,
    pub platform_details: Option<String>,
    pub usage_operation: Option<String>,
    pub boot_mode: Option<String>,
    pub tpm_support: Option<String>,
    /// The UEFI variables the image was registered with, base64.
    #[serde(default)]
    pub uefi_data: Option<String>,
    pub ena_support: bool,
    #[serde(default)]
    pub product_codes: Vec<(String, String)>,
}

/// Where it runs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstancePlacement {
    pub zone: String,
    pub zone_id: String,
    pub tenancy: String,
    /// The placement group it was launched into.
    #[serde(default)]
    pub group_id: Option<String>,
    #[serde(default)]
    pub group_name: Option<String>,
    /// Of a partition placement group, from 1.
    #[serde(default)]
    pub partition: Option<i64>,
    /// The dedicated host it is on or, while it is stopped, was on last.
    #[serde(default)]
    pub host_id: Option<String>,
    /// `host` or `default`, on a dedicated host.
    #[serde(default)]
    pub affinity: Option<String>,
}

impl InstancePlacement {
    /// Whether it stays with its dedicated host over stops.
    pub fn is_bound(&self) -> bool {
        self.host_id.is_some() && self.affinity.as_deref() == Some("host")
    }

    /// The ARN of its placement group.
    pub fn group_arn(&self, cx: &Cx) -> Option<String> {
        self.group_name.as_ref().map(|name| crate::kind::PLACEMENT_GROUP.arn(cx, name))
    }
}

/// Who or what ended a run, as `stateReason` and `reason` tell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    pub kind: ReasonKind,
    pub at: Timestamp,
}

/// The kinds of reasons that can arise here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ReasonKind {
    UserInitiated,
    UserInitiatedHibernate,
    SpotTermination,
    SpotShutdown,
    ScheduledStop,
    CapacityEnded,
}

impl ReasonKind {
    /// The code on the wire.
    pub fn code(self) -> &'static str {
        match self {
            ReasonKind::UserInitiated => "Client.UserInitiatedShutdown",
            ReasonKind::UserInitiatedHibernate => "Client.UserInitiatedHibernate",
            ReasonKind::SpotTermination => "Server.SpotInstanceTermination",
            ReasonKind::SpotShutdown => "Server.SpotInstanceShutdown",
            ReasonKind::ScheduledStop => "Server.ScheduledStop",
            // After Spot's; how AWS calls the end of reserved capacity is not recorded.
            ReasonKind::CapacityEnded => "Server.CapacityReservationTermination",
        }
    }

    /// The code with what it means.
    pub fn message(self) -> &'static str {
        match self {
            ReasonKind::UserInitiated => "Client.UserInitiatedShutdown: User initiated shutdown",
            ReasonKind::UserInitiatedHibernate => "Client.UserInitiatedHibernate: User initiated hibernate",
            ReasonKind::SpotTermination => "Server.SpotInstanceTermination: Spot instance termination",
            ReasonKind::SpotShutdown => "Server.SpotInstanceShutdown: Spot instance shutdown",
            ReasonKind::ScheduledStop => "Server.ScheduledStop: Stopped due to scheduled retirement",
            ReasonKind::CapacityEnded => {
                "Server.CapacityReservationTermination: Capacity Reservation instance termination"
            }
        }
    }
}

/// A market of reserved capacity that ends, and with it the instances.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Market {
    CapacityBlock,
    InterruptibleCapacityReservation,
}

impl Market {
    /// The word on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Market::CapacityBlock => "capacity-block",
            Market::InterruptibleCapacityReservation => "interruptible-capacity-reservation",
        }
    }

    /// The market of that name, if it is one of these.
    pub fn of(word: &str) -> Option<Market> {
        [Market::CapacityBlock, Market::InterruptibleCapacityReservation].into_iter().find(|it| it.word() == word)
    }
}

/// How the instance's metadata service behaves.
/// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-options.html>
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MetadataOptions {
    pub http_tokens: Tokens,
    /// 1 to 64.
    pub hop_limit: i64,
    pub http_endpoint: bool,
    pub http_protocol_ipv6: bool,
    pub instance_metadata_tags: bool,
    /// The last change; it is `pending` for a moment.
    pub changed_at: Timestamp,
}

/// Whether a metadata request needs a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Tokens {
    Optional,
    Required,
}

impl Tokens {
    /// The word on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Tokens::Optional => "optional",
            Tokens::Required => "required",
        }
    }

    /// The meaning of the word; the model admits no other.
    pub fn of(word: &str) -> Tokens {
        if word == "required" { Tokens::Required } else { Tokens::Optional }
    }
}

/// `enabled` or `disabled`.
pub fn enabled_word(on: bool) -> &'static str {
    if on { "enabled" } else { "disabled" }
}

/// What ModifyInstanceAttribute and its relatives change, and other options of the launch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attributes {
    pub disable_api_termination: bool,
    pub disable_api_stop: bool,
    /// `stop` or `terminate`.
    pub shutdown_behavior: String,
    pub ebs_optimized: bool,
    pub ena_support: bool,
    #[serde(default)]
    pub sriov_net_support: Option<String>,
    pub monitoring: bool,
    #[serde(default)]
    pub monitoring_changed_at: Option<Timestamp>,
    /// Ids of metric categories.
    #[serde(default)]
    pub metric_categories: Vec<String>,
    pub hibernation: bool,
    pub enclave: bool,
    pub core_count: Option<i64>,
    pub threads_per_core: Option<i64>,
    #[serde(default)]
    pub amd_sev_snp: Option<String>,
    pub auto_recovery: String,
    /// Whether a user's reboot takes the instance to other hardware when a reboot of the system is scheduled; `None` as by default.
    #[serde(default)]
    pub reboot_migration: Option<bool>,
    pub hostname_type: String,
    pub dns_a_record: bool,
    pub dns_aaaa_record: bool,
    pub capacity_reservation_preference: String,
    /// The capacity reservation that it is meant for.
    #[serde(default)]
    pub capacity_target: Option<String>,
    pub bandwidth_weighting: String,
}

impl Instance {
    /// Its attributes, for changing: its own from then on.
    pub fn attributes_mut(&mut self) -> &mut Attributes {
        Arc::make_mut(&mut self.attributes)
    }

    /// `spot`, `on-demand` or a market of reserved capacity.
    pub fn market(&self) -> &'static str {
        match self.market {
            Some(market) => market.word(),
            None if self.spot_request_id.is_some() => "spot",
            None => "on-demand",
        }
    }

    /// Unique over all accounts: the metadata address.
    pub const BY_ADDRESS: usize = 0;
    /// (account, region, VPC).
    pub const BY_VPC: usize = 1;
    /// (account, region, subnet).
    pub const BY_SUBNET: usize = 2;
    /// (account, region, key, value) of every tag.
    pub const BY_TAG: usize = 3;
    /// (account, region, phase): which instances may show a state.
    pub const BY_PHASE: usize = 4;
    /// (account, region, reservation).
    pub const BY_RESERVATION: usize = 5;
    /// (account, region, placement group) of those not terminated.
    pub const BY_PLACEMENT_GROUP: usize = 6;
    /// (account, region, capacity reservation) of those that are up.
    pub const BY_CAPACITY_RESERVATION: usize = 7;
    /// (account, region, dedicated host) of those that are up.
    pub const BY_HOST: usize = 8;

    /// The dedicated host that it is on, or bound to.
    pub fn host_id(&self) -> Option<&str> {
        let shown = matches!(self.phase, Phase::Up { .. }) || self.placement.is_bound();
        self.placement.host_id.as_deref().filter(|_| shown && self.terminated_at().is_none())
    }

    /// `arn:aws:ec2:REGION:ACCOUNT:instance/ID`.
    pub fn arn(&self, partition: &str) -> String {
        service::arn::ec2(partition, &self.region, self.account.as_str(), "instance", &self.id)
    }

    /// The moment of termination.
    pub fn terminated_at(&self) -> Option<Timestamp> {
        match self.phase {
            Phase::Terminated { since, .. } => Some(since),
            Phase::Up { .. } | Phase::Stopped { .. } => None,
        }
    }
}

impl Record for Instance {
    const TABLE: TableDef = TableDef::own("ec2_instance", &["account", "region", "id"], &["subnet_id"]);
    const INDEXES: &'static [IndexDef] = &[
        IndexDef { name: "by_address", unique: true },
        IndexDef { name: "by_vpc", unique: false },
        IndexDef { name: "by_subnet", unique: false },
        IndexDef { name: "by_tag", unique: false },
        IndexDef { name: "by_phase", unique: false },
        IndexDef { name: "by_reservation", unique: false },
        IndexDef { name: "by_placement_group", unique: false },
        IndexDef { name: "by_capacity_reservation", unique: false },
        IndexDef { name: "by_host", unique: false },
    ];

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str(), &self.region, &self.id])
    }

    fn columns(&self) -> Vec<Option<String>> {
        vec![self.subnet_id.clone()]
    }

    fn index(&self, entries: &mut IndexEntries) {
        let (account, region) = (self.account.as_str(), self.region.as_str());
        entries.add(Self::BY_ADDRESS, &[&self.metadata_address.to_string()]);
        if let Some(vpc) = &self.vpc_id {
            entries.add(Self::BY_VPC, &[account, region, vpc]);
        }
        if let Some(subnet) = &self.subnet_id {
            entries.add(Self::BY_SUBNET, &[account, region, subnet]);
        }
        for tag in &self.tags {
            entries.add(Self::BY_TAG, &[account, region, &tag.key, &tag.value]);
        }
        entries.add(Self::BY_PHASE, &[account, region, self.phase.word()]);
        entries.add(Self::BY_RESERVATION, &[account, region, &self.reservation_id]);
        if let Some(group) = self.placement.group_id.as_ref().filter(|_| self.terminated_at().is_none()) {
            entries.add(Self::BY_PLACEMENT_GROUP, &[account, region, group]);
        }
        if let (Some(host), Phase::Up { .. }) = (&self.placement.host_id, self.phase) {
            entries.add(Self::BY_HOST, &[account, region, host]);
        }
        if let (Some(held), Phase::Up { .. }) = (&self.capacity_reservation_id, self.phase) {
            entries.add(Self::BY_CAPACITY_RESERVATION, &[account, region, held]);
        }
    }

    fn gone_at(&self) -> Option<Timestamp> {
        self.terminated_at().map(|at| at.saturating_add(VISIBLE_AFTER_TERMINATION).unwrap_or(at))
    }
}
