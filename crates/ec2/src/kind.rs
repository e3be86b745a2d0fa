//! What EC2 says of each kind of resource: how its ids begin, what its ARNs and tags call it, and which errors name it. One table feeds ids, errors, ARNs,
//! tags and authorisation alike: the rows here with those of `local_gateway` and `transit`, which [`all`] puts together.
//!
//! Nothing is stored here; how a record belongs to its kind is said in `crate::resource`.

use service::prelude::*;

pub use local_gateway::*;
pub use number::is_long_number;
use number::{is_instance_number, is_uuid};
pub use transit::*;

use crate::refused::{invalid, invalid_value};

/// A kind of resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    /// Before the dash of an id: `vpc`.
    pub prefix: &'static str,
    /// Its resource type, in ARNs and in tag specifications: `route-table`.
    pub resource_type: &'static str,
    /// The model's structure that describes it.
    pub shape: &'static str,
    not_found: NotFound,
    malformed: Option<Malformed>,
}

/// The error for ids that do not exist; `{}` stands for the ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct NotFound {
    code: &'static str,
    one: &'static str,
    many: &'static str,
}

/// The error for texts that cannot be an id; `{}` stands for the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Malformed {
    code: &'static str,
    text: &'static str,
    /// What the parameter is called by which one is usually given, if that is told.
    parameter: Option<&'static str>,
}

const fn not_found(code: &'static str, one: &'static str, many: &'static str) -> NotFound {
    NotFound { code, one, many }
}

const fn malformed(code: &'static str, text: &'static str) -> Option<Malformed> {
    Some(Malformed { code, text, parameter: None })
}

/// The same where a text that does not even begin as the ids do is a bad value of a parameter:
/// <https://github.com/colinbjohnson/aws-missing-tools/issues/59>.
const fn malformed_but_named(parameter: &'static str, code: &'static str, text: &'static str) -> Option<Malformed> {
    Some(Malformed { code, text, parameter: Some(parameter) })
}

macro_rules! kinds {
    ($( $(#[$doc:meta])* $name:ident = $prefix:literal $resource_type:literal $shape:literal $not_found:expr, $malformed:expr; )*) => {
        $( $(#[$doc])* pub static $name: Kind = Kind {
            prefix: $prefix,
            resource_type: $resource_type,
            shape: $shape,
            not_found: $not_found,
            malformed: $malformed,
        }; )*

        /// The kinds of this part of the table.
        pub(super) static KINDS: &[&Kind] = &[$( &$name ),*];
    };
}

// Kinds of the VPC family answer NotFound to whatever text is no id (seen in many reports: "The subnet ID 'example' does not exist"); the others tell
// malformed ids apart. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html>
kinds! {
    CAPACITY_BLOCK = "cb" "capacity-block" "CapacityBlock"
        not_found("InvalidCapacityBlockId.NotFound", "The Capacity Block ID '{}' does not exist", "The Capacity Block IDs '{}' do not exist"),
        malformed("InvalidCapacityBlockId.Malformed", "Invalid id: \"{}\" (expecting \"cb-...\")");
    APPLICATION_STATUS_CHECK = "asc" "application-status-check" "ApplicationStatusCheckResponseObject"
        not_found("InvalidApplicationStatusCheckId.NotFound", "The applicationStatusCheck ID '{}' does not exist", "The applicationStatusCheck IDs '{}' do not exist"), None;
    CAPACITY_RESERVATION = "cr" "capacity-reservation" "CapacityReservation"
        not_found("InvalidCapacityReservationId.NotFound", "The Capacity Reservation ID '{}' does not exist", "The Capacity Reservation IDs '{}' do not exist"),
        malformed("InvalidCapacityReservationId.Malformed", "Invalid id: \"{}\" (expecting \"cr-...\")");
    CAPACITY_RESERVATION_CANCELLATION_QUOTE = "crcq" "capacity-reservation-cancellation-quote" "CapacityReservationCancellationQuote"
        not_found("InvalidCapacityReservationCancellationQuoteId.NotFound", "The Capacity Reservation cancellation quote ID '{}' does not exist", "The Capacity Reservation cancellation quote IDs '{}' do not exist"),
        malformed("InvalidCapacityReservationCancellationQuoteId.Malformed", "Invalid id: \"{}\" (expecting \"crcq-...\")");
    CAPACITY_RESERVATION_FLEET = "crf" "capacity-reservation-fleet" "CapacityReservationFleet"
        not_found("InvalidCapacityReservationFleetId.NotFound", "The Capacity Reservation Fleet ID '{}' does not exist", "The Capacity Reservation Fleet IDs '{}' do not exist"),
        malformed("InvalidCapacityReservationFleetId.Malformed", "Invalid id: \"{}\" (expecting \"crf-...\")");
    CAPACITY_RESERVATION_MODIFICATION_QUOTE = "crmq" "capacity-reservation-modification-quote" "CapacityReservationModificationQuote"
        not_found("InvalidCapacityReservationModificationQuoteId.NotFound", "The Capacity Reservation modification quote ID '{}' does not exist", "The Capacity Reservation modification quote IDs '{}' do not exist"),
        malformed("InvalidCapacityReservationModificationQuoteId.Malformed", "Invalid id: \"{}\" (expecting \"crmq-...\")");
    CARRIER_GATEWAY = "cagw" "carrier-gateway" "CarrierGateway"
        not_found("InvalidCarrierGatewayID.NotFound", "The carrierGateway ID '{}' does not exist", "The carrierGateway IDs '{}' do not exist"), None;
    CLIENT_VPN_ENDPOINT = "cvpn-endpoint" "client-vpn-endpoint" "ClientVpnEndpoint"
        not_found("InvalidClientVpnEndpointId.NotFound", "Endpoint {} does not exist", "Endpoints {} do not exist"), None;
    CUSTOMER_GATEWAY = "cgw" "customer-gateway" "CustomerGateway"
        not_found("InvalidCustomerGatewayID.NotFound", "The customerGateway ID '{}' does not exist", "The customerGateway IDs '{}' do not exist"), None;
    DEDICATED_HOST = "h" "dedicated-host" "Host"
        not_found("InvalidHostID.NotFound", "The host ID '{}' does not exist", "The host IDs '{}' do not exist"),
        malformed("InvalidHostID.Malformed", "The host ID '{}' is malformed");
    DHCP_OPTIONS = "dopt" "dhcp-options" "DhcpOptions"
        not_found("InvalidDhcpOptionID.NotFound", "The dhcpOption ID '{}' does not exist", "The dhcpOption IDs '{}' do not exist"),
        malformed("InvalidDhcpOptionsId.Malformed", "Invalid id: \"{}\" (expecting \"dopt-...\")");
    EGRESS_ONLY_INTERNET_GATEWAY = "eigw" "egress-only-internet-gateway" "EgressOnlyInternetGateway"
        not_found("InvalidGatewayID.NotFound", "The egressOnlyInternetGateway ID '{}' does not exist", "The egressOnlyInternetGateway IDs '{}' do not exist"), None;
    /// Of these there are none since Elastic Graphics ended.
    ELASTIC_GPU = "egpu" "elastic-gpu" "ElasticGpus"
        not_found("InvalidElasticGpuID.NotFound", "The elasticGpu ID '{}' does not exist", "The elasticGpu IDs '{}' do not exist"),
        malformed("InvalidElasticGpuID.Malformed", "Invalid id: \"{}\" (expecting \"egpu-...\")");
    ELASTIC_IP = "eipalloc" "elastic-ip" "Address"
        not_found("InvalidAllocationID.NotFound", "The allocation ID '{}' does not exist", "The allocation IDs '{}' do not exist"), None;
    EXPORT_IMAGE_TASK = "export-ami" "export-image-task" "ExportImageTask"
        not_found("InvalidExportTaskID.NotFound", "The export task ID '{}' does not exist", "The export task IDs '{}' do not exist"), None;
    EXPORT_INSTANCE_TASK = "export-i" "export-instance-task" "ExportTask"
        not_found("InvalidExportTaskID.NotFound", "The export task ID '{}' does not exist", "The export task IDs '{}' do not exist"), None;
    FCA_POLICY = "fcap" "fca-policy" "FlexCostAllocationPolicyDescription"
        not_found("InvalidFcaPolicyId.NotFound", "The fca-policy ID '{}' does not exist", "The fca-policy IDs '{}' do not exist"), None;
    FLOW_LOG = "fl" "vpc-flow-log" "FlowLog"
        not_found(
            "InvalidFlowLogId.NotFound",
            "These flow log ids in the input list are not found: [TotalCount: 1] {}",
            "These flow log ids in the input list are not found: {}"
        ), None;
    /// `fleet-` and a UUID.
    FLEET = "fleet" "fleet" "FleetData"
        not_found("InvalidFleetId.NotFound", "The fleet ID '{}' does not exist", "The fleet IDs '{}' do not exist"),
        malformed("InvalidFleetId.Malformed", "The fleet ID '{}' is malformed");
    FPGA_IMAGE = "afi" "fpga-image" "FpgaImage"
        not_found("InvalidFpgaImageID.NotFound", "Image ID '{}' not found", "Image IDs '{}' not found"),
        malformed("InvalidFpgaImageID.Malformed", "Image ID '{}' is invalid");
    HOST_RESERVATION = "hr" "host-reservation" "HostReservation"
        not_found("InvalidHostReservationId.NotFound", "The host reservation ID '{}' does not exist", "The host reservation IDs '{}' do not exist"),
        malformed("InvalidHostReservationId.Malformed", "The host reservation ID '{}' is malformed");
    IMAGE = "ami" "image" "Image"
        not_found("InvalidAMIID.NotFound", "The image id '[{}]' does not exist", "The image ids '[{}]' do not exist"),
        malformed("InvalidAMIID.Malformed", "Invalid id: \"{}\" (expecting \"ami-...\")");
    IMAGE_USAGE_REPORT = "amiur" "image-usage-report" "ImageUsageReport"
        not_found("ImageUsageReportNotFound", "The image usage report '{}' does not exist", "The image usage reports '{}' do not exist"), None;
    /// How its ids begin, and its error, were not seen.
    /// How its ids begin AWS documents nowhere.
    CAPACITY_MANAGER_DATA_EXPORT = "cmde" "capacity-manager-data-export" "CapacityManagerDataExportResponse"
        not_found("InvalidCapacityManagerDataExportId.NotFound", "The data export '{}' does not exist", "The data exports '{}' do not exist"),
        malformed("InvalidCapacityManagerDataExportId.Malformed", "Invalid id: \"{}\" (expecting \"cmde-...\")");
    DECLARATIVE_POLICIES_REPORT = "dpr" "declarative-policies-report" "DeclarativePoliciesReport"
        not_found("InvalidDeclarativePoliciesReportId.NotFound", "The report '{}' does not exist", "The reports '{}' do not exist"), None;
    /// Clients are seen to take this code for "there is none"; the text is ours.
    IMPORT_IMAGE_TASK = "import-ami" "import-image-task" "ImportImageTask"
        not_found("InvalidConversionTaskId.Malformed", "The import task ID '{}' was not found", "The import task IDs '{}' were not found"), None;
    IMPORT_SNAPSHOT_TASK = "import-snap" "import-snapshot-task" "ImportSnapshotTask"
        not_found("InvalidConversionTaskId.Malformed", "The import task ID '{}' was not found", "The import task IDs '{}' were not found"), None;
    INSTANCE = "i" "instance" "Instance"
        not_found("InvalidInstanceID.NotFound", "The instance ID '{}' does not exist", "The instance IDs '{}' do not exist"),
        malformed("InvalidInstanceID.Malformed", "Invalid id: \"{}\"");
    INSTANCE_CONNECT_ENDPOINT = "eice" "instance-connect-endpoint" "Ec2InstanceConnectEndpoint"
        not_found(
            "InvalidInstanceConnectEndpointId.NotFound",
            "The instanceConnectEndpoint ID '{}' does not exist",
            "The instanceConnectEndpoint IDs '{}' do not exist"
        ), None;
    INSTANCE_EVENT_WINDOW = "iew" "instance-event-window" "InstanceEventWindow"
        not_found("InvalidInstanceEventWindowId.NotFound", "The instanceEventWindow ID '{}' does not exist", "The instanceEventWindow IDs '{}' do not exist"), None;
    INTERNET_GATEWAY = "igw" "internet-gateway" "InternetGateway"
        not_found("InvalidInternetGatewayID.NotFound", "The internetGateway ID '{}' does not exist", "The internetGateway IDs '{}' do not exist"), None;
    IPAM = "ipam" "ipam" "Ipam"
        not_found("InvalidIpamId.NotFound", "The ipam ID '{}' does not exist", "The ipam IDs '{}' do not exist"), None;
    IPAM_EXTERNAL_RESOURCE_VERIFICATION_TOKEN = "ipam-ext-res-ver-token" "ipam-external-resource-verification-token" "IpamExternalResourceVerificationToken"
        not_found(
            "InvalidIpamExternalResourceVerificationTokenId.NotFound",
            "The ipam-external-resource-verification-token ID '{}' does not exist",
            "The ipam-external-resource-verification-token IDs '{}' do not exist"
        ), None;
    /// How AWS begins these ids is not recorded.
    IPAM_INTERNET_REGISTRY_ASSOCIATION = "ipam-registry-assoc" "ipam-internet-registry-association" "IpamInternetRegistryAssociation"
        not_found(
            "InvalidIpamInternetRegistryAssociationId.NotFound",
            "The ipam-internet-registry-association ID '{}' does not exist",
            "The ipam-internet-registry-association IDs '{}' do not exist"
        ), None;
    IPAM_POLICY = "ipam-policy" "ipam-policy" "IpamPolicy"
        not_found("InvalidIpamPolicyId.NotFound", "The ipam-policy ID '{}' does not exist", "The ipam-policy IDs '{}' do not exist"), None;
    IPAM_POOL = "ipam-pool" "ipam-pool" "IpamPool"
        not_found("InvalidIpamPoolId.NotFound", "The ipam-pool ID '{}' does not exist", "The ipam-pool IDs '{}' do not exist"), None;
    IPAM_POOL_ALLOCATION = "ipam-pool-alloc" "ipam-pool-allocation" "IpamPoolAllocation"
        not_found("InvalidIpamPoolAllocationId.NotFound", "The ipam-pool-allocation ID '{}' does not exist", "The ipam-pool-allocation IDs '{}' do not exist"), None;
    IPAM_PREFIX_LIST_RESOLVER = "ipam-plr" "ipam-prefix-list-resolver" "IpamPrefixListResolver"
        not_found("InvalidIpamPrefixListResolverId.NotFound", "The ipam-prefix-list-resolver ID '{}' does not exist", "The ipam-prefix-list-resolver IDs '{}' do not exist"), None;
    IPAM_PREFIX_LIST_RESOLVER_TARGET = "ipam-plr-target" "ipam-prefix-list-resolver-target" "IpamPrefixListResolverTarget"
        not_found(
            "InvalidIpamPrefixListResolverTargetId.NotFound",
            "The ipam-prefix-list-resolver-target ID '{}' does not exist",
            "The ipam-prefix-list-resolver-target IDs '{}' do not exist"
        ), None;
    IPAM_RESOURCE_DISCOVERY = "ipam-res-disco" "ipam-resource-discovery" "IpamResourceDiscovery"
        not_found("InvalidIpamResourceDiscoveryId.NotFound", "The ipam-resource-discovery ID '{}' does not exist", "The ipam-resource-discovery IDs '{}' do not exist"), None;
    IPAM_RESOURCE_DISCOVERY_ASSOCIATION = "ipam-res-disco-assoc" "ipam-resource-discovery-association" "IpamResourceDiscoveryAssociation"
        not_found("InvalidIpamResourceDiscoveryAssociationId.NotFound", "The ipam-resource-discovery-association ID '{}' does not exist", "The ipam-resource-discovery-association IDs '{}' do not exist"), None;
    IPAM_SCOPE = "ipam-scope" "ipam-scope" "IpamScope"
        not_found("InvalidIpamScopeId.NotFound", "The ipam-scope ID '{}' does not exist", "The ipam-scope IDs '{}' do not exist"), None;
    IPV6_POOL = "ipv6pool-ec2" "ipv6pool-ec2" "Ipv6Pool"
        not_found("InvalidIpv6PoolID.NotFound", "The IPv6 pool ID '{}' does not exist", "The IPv6 pool IDs '{}' do not exist"), None;
    /// ARNs name key pairs by their names, tags by their ids.
    KEY_PAIR = "key" "key-pair" "KeyPairInfo"
        not_found("InvalidKeyPair.NotFound", "The key pair ID '{}' does not exist", "The key pair IDs '{}' do not exist"), None;
    MAC_MODIFICATION_TASK = "macmodification" "mac-modification-task" "MacModificationTask"
        not_found(
            "InvalidMacModificationTaskId.NotFound",
            "The macModificationTask ID '{}' does not exist",
            "The macModificationTask IDs '{}' do not exist"
        ), None;
    /// How their ids begin AWS does not document.
    METRIC_CATEGORY = "mc" "metric-category" "MetricCategory"
        not_found("InvalidMetricCategoryId.NotFound", "The metricCategory ID '{}' does not exist", "The metricCategory IDs '{}' do not exist"), None;
    NAT_GATEWAY = "nat" "natgateway" "NatGateway"
        not_found("NatGatewayNotFound", "NatGateway {} was not found", "NatGateways {} were not found"),
        malformed("NatGatewayMalformed", "Invalid id: \"{}\" (expecting \"nat-...\")");
    LAUNCH_TEMPLATE = "lt" "launch-template" "LaunchTemplate"
        not_found(
            "InvalidLaunchTemplateId.NotFound",
            "The specified launch template, with template ID {}, does not exist.",
            "The specified launch templates, with template IDs {}, do not exist."
        ),
        malformed("InvalidLaunchTemplateId.Malformed", "The launch template ID '{}' is malformed.");
    NETWORK_ACL = "acl" "network-acl" "NetworkAcl"
        not_found("InvalidNetworkAclID.NotFound", "The networkAcl ID '{}' does not exist", "The networkAcl IDs '{}' do not exist"), None;
    NETWORK_INTERFACE = "eni" "network-interface" "NetworkInterface"
        not_found("InvalidNetworkInterfaceID.NotFound", "The networkInterface ID '{}' does not exist", "The networkInterface IDs '{}' do not exist"),
        malformed("InvalidNetworkInterfaceId.Malformed", "Invalid id: \"{}\" (expecting \"eni-...\")");
    ROUTE_SERVER = "rs" "route-server" "RouteServer"
        not_found("InvalidRouteServerId.NotFound", "The routeServer ID '{}' does not exist", "The routeServer IDs '{}' do not exist"), None;
    ROUTE_SERVER_ENDPOINT = "rse" "route-server-endpoint" "RouteServerEndpoint"
        not_found("InvalidRouteServerEndpointId.NotFound", "The routeServerEndpoint ID '{}' does not exist", "The routeServerEndpoint IDs '{}' do not exist"), None;
    ROUTE_SERVER_PEER = "rsp" "route-server-peer" "RouteServerPeer"
        not_found("InvalidRouteServerPeerId.NotFound", "The routeServerPeer ID '{}' does not exist", "The routeServerPeer IDs '{}' do not exist"), None;
    NETWORK_INSIGHTS_ACCESS_SCOPE = "nis" "network-insights-access-scope" "NetworkInsightsAccessScope"
        not_found(
            "InvalidNetworkInsightsAccessScopeId.NotFound",
            "The networkInsightsAccessScope ID '{}' does not exist",
            "The networkInsightsAccessScope IDs '{}' do not exist"
        ), None;
    NETWORK_INSIGHTS_ACCESS_SCOPE_ANALYSIS = "nisa" "network-insights-access-scope-analysis" "NetworkInsightsAccessScopeAnalysis"
        not_found(
            "InvalidNetworkInsightsAccessScopeAnalysisId.NotFound",
            "The networkInsightsAccessScopeAnalysis ID '{}' does not exist",
            "The networkInsightsAccessScopeAnalysis IDs '{}' do not exist"
        ), None;
    NETWORK_INSIGHTS_ANALYSIS = "nia" "network-insights-analysis" "NetworkInsightsAnalysis"
        not_found(
            "InvalidNetworkInsightsAnalysisId.NotFound",
            "The networkInsightsAnalysis ID '{}' does not exist",
            "The networkInsightsAnalysis IDs '{}' do not exist"
        ), None;
    NETWORK_INSIGHTS_PATH = "nip" "network-insights-path" "NetworkInsightsPath"
        not_found("InvalidNetworkInsightsPathId.NotFound", "The networkInsightsPath ID '{}' does not exist", "The networkInsightsPath IDs '{}' do not exist"), None;
    PREFIX_LIST = "pl" "prefix-list" "ManagedPrefixList"
        not_found("InvalidPrefixListID.NotFound", "The prefix list ID '{}' does not exist", "The prefix list IDs '{}' do not exist"), None;
    /// ARNs name placement groups by their names, tags by their ids.
    PLACEMENT_GROUP = "pg" "placement-group" "PlacementGroup"
        not_found("InvalidPlacementGroup.Unknown", "The Placement Group '{}' is unknown.", "The Placement Groups '{}' are unknown."),
        malformed("InvalidPlacementGroupId.Malformed", "The placement group ID '{}' is malformed");
    PUBLIC_IPV4_POOL = "ipv4pool-ec2" "ipv4pool-ec2" "PublicIpv4Pool"
        not_found("InvalidPublicIpv4PoolID.NotFound", "The public IPv4 pool ID '{}' does not exist", "The public IPv4 pool IDs '{}' do not exist"), None;
    REPLACE_ROOT_VOLUME_TASK = "replacevol" "replace-root-volume-task" "ReplaceRootVolumeTask"
        not_found("InvalidReplaceRootVolumeTaskId.NotFound", "The replace root volume task ID '{}' does not exist", "The replace root volume task IDs '{}' do not exist"),
        malformed("InvalidReplaceRootVolumeTaskId.Malformed", "Invalid id: \"{}\" (expecting \"replacevol-...\")");
    ROUTE_TABLE = "rtb" "route-table" "RouteTable"
        not_found("InvalidRouteTableID.NotFound", "The routeTable ID '{}' does not exist", "The routeTable IDs '{}' do not exist"), None;
    SECONDARY_INTERFACE = "si" "secondary-interface" "SecondaryInterface"
        not_found(
            "InvalidSecondaryInterfaceId.NotFound",
            "The secondaryInterface ID '{}' does not exist",
            "The secondaryInterface IDs '{}' do not exist"
        ), None;
    SECONDARY_NETWORK = "sn" "secondary-network" "SecondaryNetwork"
        not_found("InvalidSecondaryNetworkId.NotFound", "The secondaryNetwork ID '{}' does not exist", "The secondaryNetwork IDs '{}' do not exist"), None;
    SECONDARY_SUBNET = "ss" "secondary-subnet" "SecondarySubnet"
        not_found("InvalidSecondarySubnetId.NotFound", "The secondarySubnet ID '{}' does not exist", "The secondarySubnet IDs '{}' do not exist"), None;
    SECURITY_GROUP = "sg" "security-group" "SecurityGroup"
        not_found("InvalidGroup.NotFound", "The security group '{}' does not exist", "The security groups '{}' do not exist"),
        malformed("InvalidGroupId.Malformed", "Invalid id: \"{}\" (expecting \"sg-...\")");
    SECURITY_GROUP_RULE = "sgr" "security-group-rule" "SecurityGroupRule"
        not_found("InvalidSecurityGroupRuleId.NotFound", "The security group rule ID '{}' does not exist", "The security group rule IDs '{}' do not exist"),
        malformed("InvalidSecurityGroupRuleId.Malformed", "The security group rule ID '{}' is malformed");
    /// ARNs of snapshots, like those of images, name no account.
    SNAPSHOT = "snap" "snapshot" "Snapshot"
        not_found("InvalidSnapshot.NotFound", "The snapshot '{}' does not exist.", "The snapshots '{}' do not exist."),
        malformed_but_named("snapshotId", "InvalidSnapshotID.Malformed", "Invalid id: \"{}\" (expecting \"snap-...\")");
    /// `sfr-` and a UUID.
    SPOT_FLEET = "sfr" "spot-fleet-request" "SpotFleetRequestConfig"
        not_found("InvalidSpotFleetRequestId.NotFound", "The spot fleet request ID '{}' does not exist", "The spot fleet request IDs '{}' do not exist"),
        malformed("InvalidSpotFleetRequestId.Malformed", "The spot fleet request ID '{}' is malformed");
    /// `sir-` and eight digits.
    SPOT_REQUEST = "sir" "spot-instances-request" "SpotInstanceRequest"
        not_found("InvalidSpotInstanceRequestID.NotFound", "The spot instance request ID '{}' does not exist", "The spot instance request IDs '{}' do not exist"),
        malformed("InvalidSpotInstanceRequestID.Malformed", "Invalid id: \"{}\" (expecting \"sir-...\")");
    SUBNET = "subnet" "subnet" "Subnet"
        not_found("InvalidSubnetID.NotFound", "The subnet ID '{}' does not exist", "The subnet IDs '{}' do not exist"), None;
    SUBNET_CIDR_RESERVATION = "scr" "subnet-cidr-reservation" "SubnetCidrReservation"
        not_found(
            "InvalidSubnetCidrReservationID.NotFound",
            "The subnet-cidr-reservation ID '{}' does not exist",
            "The subnet-cidr-reservation IDs '{}' do not exist"
        ), None;
    TRAFFIC_MIRROR_FILTER = "tmf" "traffic-mirror-filter" "TrafficMirrorFilter"
        not_found("InvalidTrafficMirrorFilterId.NotFound", "The trafficMirrorFilter ID '{}' does not exist", "The trafficMirrorFilter IDs '{}' do not exist"), None;
    TRAFFIC_MIRROR_FILTER_RULE = "tmfr" "traffic-mirror-filter-rule" "TrafficMirrorFilterRule"
        not_found(
            "InvalidTrafficMirrorFilterRuleId.NotFound",
            "The trafficMirrorFilterRule ID '{}' does not exist",
            "The trafficMirrorFilterRule IDs '{}' do not exist"
        ), None;
    TRAFFIC_MIRROR_SESSION = "tms" "traffic-mirror-session" "TrafficMirrorSession"
        not_found("InvalidTrafficMirrorSessionId.NotFound", "The trafficMirrorSession ID '{}' does not exist", "The trafficMirrorSession IDs '{}' do not exist"), None;
    TRAFFIC_MIRROR_TARGET = "tmt" "traffic-mirror-target" "TrafficMirrorTarget"
        not_found("InvalidTrafficMirrorTargetId.NotFound", "The trafficMirrorTarget ID '{}' does not exist", "The trafficMirrorTarget IDs '{}' do not exist"), None;
    VERIFIED_ACCESS_ENDPOINT = "vae" "verified-access-endpoint" "VerifiedAccessEndpoint"
        not_found(
            "InvalidVerifiedAccessEndpointId.NotFound",
            "The verifiedAccessEndpoint ID '{}' does not exist",
            "The verifiedAccessEndpoint IDs '{}' do not exist"
        ), None;
    VERIFIED_ACCESS_GROUP = "vagr" "verified-access-group" "VerifiedAccessGroup"
        not_found("InvalidVerifiedAccessGroupId.NotFound", "The verifiedAccessGroup ID '{}' does not exist", "The verifiedAccessGroup IDs '{}' do not exist"), None;
    VERIFIED_ACCESS_INSTANCE = "vai" "verified-access-instance" "VerifiedAccessInstance"
        not_found(
            "InvalidVerifiedAccessInstanceId.NotFound",
            "The verifiedAccessInstance ID '{}' does not exist",
            "The verifiedAccessInstance IDs '{}' do not exist"
        ), None;
    VERIFIED_ACCESS_TRUST_PROVIDER = "vatp" "verified-access-trust-provider" "VerifiedAccessTrustProvider"
        not_found(
            "InvalidVerifiedAccessTrustProviderId.NotFound",
            "The verifiedAccessTrustProvider ID '{}' does not exist",
            "The verifiedAccessTrustProvider IDs '{}' do not exist"
        ), None;
    VOLUME = "vol" "volume" "Volume"
        not_found("InvalidVolume.NotFound", "The volume '{}' does not exist.", "The volumes '{}' do not exist."),
        malformed_but_named("volumeId", "InvalidVolumeID.Malformed", "The volume ID '{}' is malformed");
    VPC_BPA_EXCLUSION = "vpcbpa-exclude" "vpc-block-public-access-exclusion" "VpcBlockPublicAccessExclusion"
        not_found(
            "InvalidVpcBlockPublicAccessExclusionId.NotFound",
            "The vpcBlockPublicAccessExclusion ID '{}' does not exist",
            "The vpcBlockPublicAccessExclusion IDs '{}' do not exist"
        ), None;
    VPC = "vpc" "vpc" "Vpc"
        not_found("InvalidVpcID.NotFound", "The vpc ID '{}' does not exist", "The vpc IDs '{}' do not exist"), None;
    VPC_ENCRYPTION_CONTROL = "vpcec" "vpc-encryption-control" "VpcEncryptionControl"
        not_found(
            "InvalidVpcEncryptionControlId.NotFound",
            "The vpcEncryptionControl ID '{}' does not exist",
            "The vpcEncryptionControl IDs '{}' do not exist"
        ), None;
    VPC_ENDPOINT = "vpce" "vpc-endpoint" "VpcEndpoint"
        not_found("InvalidVpcEndpointId.NotFound", "The Vpc Endpoint Id '{}' does not exist", "The Vpc Endpoint Ids '{}' do not exist"),
        malformed("InvalidVpcEndpointId.Malformed", "Invalid Id: '{}' (expecting 'vpce-...')");
    VPC_ENDPOINT_SERVICE = "vpce-svc" "vpc-endpoint-service" "ServiceConfiguration"
        not_found("InvalidVpcEndpointServiceId.NotFound", "The VpcEndpointService Id '{}' does not exist", "The VpcEndpointService Ids '{}' do not exist"), None;
    VPC_PEERING_CONNECTION = "pcx" "vpc-peering-connection" "VpcPeeringConnection"
        not_found("InvalidVpcPeeringConnectionID.NotFound", "The vpcPeeringConnection ID '{}' does not exist", "The vpcPeeringConnection IDs '{}' do not exist"),
        malformed("InvalidVpcPeeringConnectionId.Malformed", "Invalid id: \"{}\" (expecting \"pcx-...\")");
    VPN_CONCENTRATOR = "vcn" "vpn-concentrator" "VpnConcentrator"
        not_found("InvalidVpnConcentratorID.NotFound", "The vpnConcentrator ID '{}' does not exist", "The vpnConcentrator IDs '{}' do not exist"), None;
    VPN_CONNECTION = "vpn" "vpn-connection" "VpnConnection"
        not_found("InvalidVpnConnectionID.NotFound", "The vpnConnection ID '{}' does not exist", "The vpnConnection IDs '{}' do not exist"), None;
    VPN_GATEWAY = "vgw" "vpn-gateway" "VpnGateway"
        not_found("InvalidVpnGatewayID.NotFound", "The vpnGateway ID '{}' does not exist", "The vpnGateway IDs '{}' do not exist"), None;
}

impl Kind {
    /// The text is `PREFIX-` and 8 or 17 hexadecimal digits (of instances other numbers, of fleets a UUID), or the kind's Malformed error. Kinds that have none pass every text on, to be not found.
    pub fn well_formed(&self, id: &str) -> Result<(), ApiError> {
        self.expected_as(self.malformed.as_ref().and_then(|error| error.parameter), id)
    }

    /// The same where the parameter has another name than usual.
    pub fn expected_as(&self, parameter: Option<&str>, id: &str) -> Result<(), ApiError> {
        let begins = id.strip_prefix(self.prefix).is_some_and(|rest| rest.starts_with('-'));
        if let Some(parameter) = parameter.filter(|_| !begins) {
            return Err(self.expected(parameter, id));
        }
        match &self.malformed {
            Some(error) if !self.is_id(id) => Err(ApiError::new(error.code, error.text.replace("{}", id))),
            _ => Ok(()),
        }
    }

    /// The text is an id, or a bad value of that parameter, as some operations say it.
    pub fn must_be(&self, parameter: &str, id: &str) -> Result<(), ApiError> {
        if self.is_id(id) { Ok(()) } else { Err(self.expected(parameter, id)) }
    }

    fn expected(&self, parameter: &str, id: &str) -> ApiError {
        let refused = invalid_value(id, parameter);
        invalid(format!("{} Expected: '{}-...'.", refused.message, self.prefix))
    }

    /// The text is an id, or the instance's id is malformed in the words of some operations.
    pub fn must_be_id(&self, id: &str) -> Result<(), ApiError> {
        match &self.malformed {
            Some(error) if !self.is_id(id) => {
                Err(ApiError::new(error.code, format!("The {} ID '{id}' is malformed", self.resource_type)))
            }
            _ => Ok(()),
        }
    }

    /// Whether the text is an id of this kind.
    pub fn is_id(&self, text: &str) -> bool {
        let digits = text.strip_prefix(self.prefix).and_then(|rest| rest.strip_prefix('-'));
        digits.is_some_and(|digits| {
            if self == &FLEET || self == &SPOT_FLEET {
                return is_uuid(digits);
            }
            if self == &INSTANCE {
                return is_instance_number(digits);
            }
            matches!(digits.len(), 8 | 17) && digits.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'))
        })
    }

    /// The kind's NotFound error for those ids.
    pub fn not_found(&self, ids: &[&str]) -> ApiError {
        let text = if ids.len() == 1 { self.not_found.one } else { self.not_found.many };
        ApiError::new(self.not_found.code, text.replace("{}", &ids.join(", ")))
    }

    /// `arn:aws:ec2:REGION:ACCOUNT:TYPE/ID` in the caller's account and region; those of images and snapshots name no account, those of address managers
    /// with what belongs to them no region, but for allocations.
    pub fn arn(&self, cx: &Cx, id: &str) -> String {
        let account = cx.account();
        let account = if self == &IMAGE || self == &SNAPSHOT { "" } else { account.as_str() };
        let is_of_ipam = self.resource_type.starts_with("ipam") && self != &IPAM_POOL_ALLOCATION;
        let region = if is_of_ipam { "" } else { cx.region_name() };
        service::arn::ec2(cx.partition(), region, account, self.resource_type, id)
    }

    /// The ARN for what is about to be created: `…:TYPE/*`.
    pub fn arn_of_new(&self, cx: &Cx) -> String {
        self.arn(cx, "*")
    }
}

/// All kinds.
pub fn all() -> impl Iterator<Item = &'static Kind> {
    [KINDS, local_gateway::KINDS, transit::KINDS].into_iter().flatten().copied()
}

/// The kind an id is of, by what stands before its last dash.
pub fn of_id(id: &str) -> Option<&'static Kind> {
    all().find(|kind| kind.is_id(id))
}

mod local_gateway;
mod number;
#[cfg(test)]
mod tests;
mod transit;
