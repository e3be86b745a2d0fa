//! The EC2 control plane: instances, their images, volumes and metadata facts, and the networks they live in.
//!
//! [`kind`] is the one table of resource kinds and [`resource`] what all records have in common; [`network`] lays out the default VPC and holds
//! addresses; [`instance`] launches; [`family`] tells regular kinds as data. Everything is kept per account and region. Start with [`kind`], then [`instance`].

pub mod capacity;
pub mod catalogue;
pub mod conversion;
pub mod declarative_report;
pub mod enclave_certificate;
pub mod export;
pub mod family;
pub mod fleet;
pub mod fpga;
pub mod host;
pub mod image;
pub mod import;
pub mod instance;
pub mod key_pair;
pub mod kind;
pub mod launch_template;
pub mod network;
pub mod placement_group;
pub mod recycle_bin;
mod refused;
pub mod region;
pub mod reserved;
pub mod resource;
pub mod s3_file;
pub mod scheduled;
pub mod setting;
pub mod share;
pub mod snapshot;
pub mod spot;
pub mod spot_fleet;
pub mod tags;
#[cfg(test)]
mod tests;
pub mod volume;

use service::{AccountId, ApiError, Cx, Operation, Tx, World};
use storage::Schema;

/// The schema with all of EC2's records.
pub fn schema(schema: Schema) -> Schema {
    schema
        .with::<network::Settled>()
        .with::<network::vpc::Vpc>()
        .with::<network::performance::Subscription>()
        .with::<network::block_public_access::Options>()
        .with::<network::block_public_access::Exclusion>()
        .with::<network::encryption_control::EncryptionControl>()
        .with::<network::subnet::Subnet>()
        .with::<network::subnet::reservation::Reservation>()
        .with::<network::route_table::RouteTable>()
        .with::<network::network_acl::NetworkAcl>()
        .with::<network::internet_gateway::InternetGateway>()
        .with::<network::dhcp_options::DhcpOptions>()
        .with::<network::interface::NetworkInterface>()
        .with::<network::interface::permission::InterfacePermission>()
        .with::<network::elastic_ip::Address>()
        .with::<network::elastic_ip::released::Released>()
        .with::<network::elastic_ip::transfer::Transfer>()
        .with::<network::elastic_ip::pool::PublicIpv4Pool>()
        .with::<network::byoip::ByoipCidr>()
        .with::<network::byoip::asn::Byoasn>()
        .with::<network::security_group::SecurityGroup>()
        .with::<network::security_group::SecurityGroupRule>()
        .with::<network::security_group::association::VpcAssociation>()
        .with::<key_pair::KeyPair>()
        .with::<volume::Volume>()
        .with::<snapshot::Snapshot>()
        .with::<image::AccountImage>()
        .with::<image::DeregisteredImage>()
        .with::<image::StoredImage>()
        .with::<image::FastLaunch>()
        .with::<image::ImageFindings>()
        .with::<image::ImageUsageReport>()
        .with::<conversion::ConversionTask>()
        .with::<export::ExportImageTask>()
        .with::<export::ExportInstanceTask>()
        .with::<fpga::FpgaImage>()
        .with::<import::ImportImageTask>()
        .with::<import::ImportSnapshotTask>()
        .with::<recycle_bin::RetentionRule>()
        .with::<recycle_bin::Recycled>()
        .with::<setting::Setting>()
        .with::<snapshot::FastRestore>()
        .with::<volume::ReplaceRootVolumeTask>()
        .with::<launch_template::LaunchTemplate>()
        .with::<launch_template::LaunchTemplateVersion>()
        .with::<placement_group::PlacementGroup>()
        .with::<spot::SpotRequest>()
        .with::<spot::Datafeed>()
        .with::<fleet::Fleet>()
        .with::<spot_fleet::SpotFleet>()
        .with::<capacity::CapacityReservation>()
        .with::<capacity::CapacityFleet>()
        .with::<capacity::BillingRequest>()
        .with::<capacity::CapacityBlock>()
        .with::<capacity::block::Extension>()
        .with::<capacity::quote::CancellationQuote>()
        .with::<capacity::quote::DateChangeQuote>()
        .with::<host::Host>()
        .with::<host::reservation::HostReservation>()
        .with::<instance::Instance>()
        .with::<instance::ProfileAssociation>()
        .with::<instance::ClientToken>()
        .with::<family::Item>()
        .with::<family::ipam::history::Held>()
        .with::<family::ipam::rpki::books::RegistryBooks>()
        .with::<share::ResourceShare>()
        .with::<instance::notice::Notice>()
        .with::<instance::notice::InstanceEvent>()
        .with::<instance::event_window::EventWindow>()
        .with::<instance::event_notification::EventNotification>()
        .with::<instance::connect_endpoint::ConnectEndpoint>()
        .with::<reserved::ReservedInstances>()
        .with::<reserved::ReservedModification>()
        .with::<reserved::ReservedListing>()
        .with::<capacity::manager::usage::CapacityUse>()
        .with::<capacity::manager::usage::CapacityHeld>()
        .with::<capacity::manager::export::CapacityDataExport>()
        .with::<declarative_report::DeclarativeReport>()
        .with::<enclave_certificate::EnclaveCertificateRole>()
        .with::<s3_file::S3File>()
}

/// EC2's operations that are built.
pub fn operations() -> Vec<Operation> {
    let modules = [
        instance::operations(),
        instance::bundle::operations(),
        instance::connect_endpoint::operations(),
        instance::console::operations(),
        instance::event_notification::operations(),
        instance::event_window::operations(),
        instance::firmware::operations(),
        instance::screenshot::operations(),
        instance::sql_ha::operations(),
        instance::image_metadata::operations(),
        instance::options::operations(),
        instance::product::operations(),
        instance::requirements::operations(),
        instance::topology::operations(),
        volume::operations(),
        snapshot::operations(),
        image::operations(),
        conversion::operations(),
        export::operations(),
        fpga::operations(),
        import::operations(),
        recycle_bin::operations(),
        setting::operations(),
        network::operations(),
        network::byoip::operations(),
        network::byoip::asn::operations(),
        network::byoip::ipv6_pool::operations(),
        network::elastic_ip::operations(),
        network::interface::operations(),
        network::performance::operations(),
        network::security_group::operations(),
        key_pair::operations(),
        launch_template::operations(),
        placement_group::operations(),
        spot::operations(),
        fleet::operations(),
        spot_fleet::operations(),
        capacity::operations(),
        capacity::block::operations(),
        capacity::manager::operations(),
        host::operations(),
        host::reservation::operations(),
        instance::placement::operations(),
        reserved::operations(),
        scheduled::operations(),
        declarative_report::operations(),
        enclave_certificate::operations(),
        tags::operations(),
        region::operations(),
        family::operations(),
    ];
    modules.into_iter().flatten().collect()
}

/// Whether an account's default network is laid out in a region, and everything done there whose time has come.
pub fn is_settled(world: &World, account: AccountId, region: &str) -> bool {
    network::is_settled(world, account, region)
        && !instance::notice::is_due(world, account, region)
        && !family::ipam::resolver::is_due(world, account, region)
        && !family::ipam::history::is_due(world, account)
}

/// Lays out the default network of the caller's account in its region, as AWS does for every new account, and does what is due there.
pub fn settle(cx: &Cx, tx: &mut Tx) -> Result<(), ApiError> {
    if !network::is_settled(tx, cx.account(), cx.region_name()) {
        network::settle(cx, tx);
    }
    instance::notice::carry_out(cx, tx)?;
    family::ipam::resolver::follow(cx, tx);
    family::ipam::history::follow(cx, tx);
    Ok(())
}
