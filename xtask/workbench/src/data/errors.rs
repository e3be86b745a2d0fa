//! data/ec2/errors.json: EC2's error codes and the HTTP status of each. The model has none for EC2, so the list stands here; its source is
//! the EC2 API reference, "Error codes for the Amazon EC2 API".

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;
use serde_json::json;

use super::Packages;
use super::text::{Part, write};

/// Codes whose status is not 400.
const STATUSES: &[(u16, &[&str])] = &[
    (401, &["AuthFailure", "OptInRequired"]),
    (403, &["UnauthorizedOperation"]),
    (412, &["DryRunOperation"]),
    (
        500,
        &[
            "InsufficientAddressCapacity",
            "InsufficientCapacity",
            "InsufficientCapacityOnHost",
            "InsufficientHostCapacity",
            "InsufficientInstanceCapacity",
            "InsufficientReservedInstanceCapacity",
            "InsufficientVolumeCapacity",
            "InternalError",
            "InternalFailure",
            "ServerInternal",
        ],
    ),
    (501, &["NotImplemented"]),
    (503, &["EC2ThrottledException", "RequestLimitExceeded", "ServiceUnavailable", "Unavailable"]),
];

/// Codes with status 400.
const CLIENT_ERRORS: &str = "
    AddressLimitExceeded AlreadyExists AsnConflict Blocked AttachmentLimitExceeded BundlingInProgress CannotDelete ClientVpnEndpointIdNotFound
    ConcurrentSnapshotLimitExceeded ConcurrentTagAccess CreditSpecificationUpdateInProgress CustomerGatewayLimitExceeded
    DefaultSubnetAlreadyExistsInAvailabilityZone DefaultVpcAlreadyExists DefaultVpcDoesNotExist DependencyViolation
    DisallowedForDedicatedTenancyNetwork DiskImageSizeTooLarge DuplicateSubnetsInSameZone EncryptedVolumesNotSupported
    ExistingVpcEndpointConnections FilterLimitExceeded FlowLogAlreadyExists FlowLogsLimitExceeded Gateway.NotAttached HostAlreadyReleased
    HostLimitExceeded IdempotentInstanceTerminated IdempotentParameterMismatch ImageUsageReportNotFound InaccessibleStorageLocation
    IncorrectInstanceState IncorrectModificationState IncorrectState IncorrectStateException InstanceAlreadyLinked
    InstanceCreditSpecification.NotSupported InstanceLimitExceeded InstanceTpmEkPubNotFound InsufficientFreeAddressesInSubnet
    InterfaceInUseByTrafficMirrorSession InterfaceInUseByTrafficMirrorTarget InternetGatewayLimitExceeded InvalidAMIAttributeItemValue
    InvalidAMIID.Malformed InvalidAMIID.NotFound InvalidAMIID.Unavailable InvalidAMIName.Duplicate InvalidAMIName.Malformed
    InvalidAction InvalidAddress.Locked InvalidAddress.Malformed InvalidAddress.NotFound InvalidAddressID.NotFound InvalidAffinity
    InvalidAllocationID.Malformed InvalidAllocationID.NotFound InvalidAllocationId.Malformed InvalidAssociationID.NotFound
    InvalidAttachment.NotFound InvalidAttachmentID.NotFound InvalidAutoPlacement InvalidAvailabilityZone InvalidBlockDeviceMapping
    InvalidBundleID.NotFound InvalidCapacityReservationId.Malformed InvalidCapacityReservationId.NotFound InvalidCarrierGatewayID.NotFound
    InvalidCharacter InvalidCidr.InUse InvalidClientToken InvalidConversionTaskId InvalidConversionTaskId.Malformed InvalidCustomerGateway.DuplicateIpAddress
    InvalidCustomerGatewayID.NotFound InvalidCustomerGatewayId.Malformed InvalidCustomerGatewayState InvalidDevice.InUse
    InvalidDhcpOptionID.NotFound InvalidDhcpOptionsID.NotFound InvalidDhcpOptionsId.Malformed InvalidEgressOnlyInternetGatewayId.Malformed
    InvalidEgressOnlyInternetGatewayId.NotFound InvalidElasticGpuID.Malformed InvalidElasticGpuID.NotFound InvalidExportTaskID.NotFound
    InvalidFilter InvalidFleetId.Malformed InvalidFlowLogId.NotFound InvalidFormat InvalidFpgaImageID.Malformed InvalidFpgaImageID.NotFound
    InvalidGatewayID.NotFound InvalidGroup.Duplicate InvalidGroup.InUse InvalidGroup.NotFound InvalidGroup.Reserved InvalidGroupId.Malformed
    InvalidHostConfiguration InvalidHostID.Malformed InvalidHostID.NotFound InvalidHostId.Malformed InvalidHostId.NotFound
    InvalidHostReservationId.Malformed InvalidHostReservationOfferingId.Malformed InvalidHostState InvalidIPAddress.InUse
    InvalidIamInstanceProfileArn.Malformed InvalidID InvalidInput InvalidInstanceAttributeValue InvalidInstanceConnectEndpointId.NotFound
    InvalidInstanceCreditSpecification InvalidInstanceCreditSpecification.DuplicateInstanceId InvalidInstanceEventIDNotFound
    InvalidInstanceEventStartTime InvalidInstanceEventWindowId.NotFound InvalidInstanceFamily InvalidInstanceID InvalidInstanceID.Malformed
    InvalidInstanceID.NotFound InvalidInstanceID.NotLinkable InvalidInstanceInfo InvalidInstanceType InvalidInterface.IpAddressLimitExceeded
    InvalidInternetGatewayID.NotFound InvalidInternetGatewayId.Malformed InvalidInternetGatewayId.NotFound InvalidIpamId.NotFound
    InvalidIpamPoolAllocationId.NotFound InvalidIpamPoolId.NotFound InvalidIpamScopeId.NotFound InvalidKernelId.Malformed InvalidKey.Format
    InvalidKeyPair.Duplicate InvalidKeyPair.Format InvalidKeyPair.NotFound InvalidLaunchTemplateId.Malformed InvalidLaunchTemplateId.NotFound
    InvalidLaunchTemplateId.VersionNotFound InvalidLaunchTemplateName.AlreadyExistsException InvalidLaunchTemplateName.MalformedException
    InvalidLaunchTemplateName.NotFoundException InvalidManifest InvalidMaxResults InvalidNatGatewayID.NotFound
    InvalidNetworkAclEntry.NotFound InvalidNetworkAclID.NotFound InvalidNetworkAclId.Malformed InvalidNetworkInterface.InUse
    InvalidNetworkInterface.NotFound InvalidNetworkInterfaceAttachmentId.Malformed InvalidNetworkInterfaceID.Malformed InvalidNetworkInterfaceID.NotFound
    InvalidNetworkInterfaceId.Malformed InvalidNetworkLoadBalancerArn.Malformed InvalidNetworkLoadBalancerArn.NotFound InvalidNextToken
    InvalidOperation.NewPlacementGroupNotSpecified InvalidOption.Conflict InvalidPaginationToken InvalidParameter InvalidParameterCombination
    InvalidParameterDependency InvalidParameterValue InvalidPermission.Duplicate InvalidPermission.Malformed InvalidPermission.NotFound
    InvalidPlacementGroup.Duplicate InvalidPlacementGroup.InUse InvalidPlacementGroup.Unknown InvalidPlacementGroupId.Malformed
    InvalidPolicyDocument InvalidPrefixListID.NotFound InvalidPrefixListId InvalidPrefixListId.Malformed InvalidPrefixListModification
    InvalidProductInfo InvalidPurchaseToken.Expired InvalidPurchaseToken.Malformed InvalidQuantity InvalidRamDiskId.Malformed InvalidRegion
    InvalidRequest InvalidReservationID.Malformed InvalidReservationID.NotFound InvalidReservedInstancesId
    InvalidReservedInstancesOfferingId InvalidResourceConfigurationArn.Malformed InvalidResourceType.Unknown InvalidRoute.InvalidState
    InvalidRoute.Malformed InvalidRoute.NotFound InvalidRouteTableID.NotFound InvalidRouteTableId.Malformed InvalidScheduledInstance
    InvalidSecurity.RequestHasExpired InvalidSecurityGroupID.NotFound InvalidSecurityGroupId.Malformed InvalidSecurityGroupRuleId.Malformed
    InvalidSecurityGroupRuleId.NotFound InvalidServiceName InvalidSnapshot.InUse InvalidSnapshot.NotFound InvalidSnapshotID.Malformed
    InvalidSpotDatafeed.NotFound InvalidSpotFleetRequestConfig InvalidSpotFleetRequestId.Malformed InvalidSpotFleetRequestId.NotFound
    InvalidSpotInstanceRequestID InvalidSpotInstanceRequestID.Malformed InvalidSpotInstanceRequestID.NotFound InvalidState
    InvalidStateTransition InvalidSubnet InvalidSubnet.Conflict InvalidSubnet.Range InvalidSubnetID.Malformed InvalidSubnetID.NotFound
    InvalidTagKey.Malformed InvalidTargetArn.Unknown InvalidTenancy InvalidTime InvalidTrafficMirrorFilterNotFound
    InvalidTrafficMirrorFilterRuleNotFound InvalidTrafficMirrorSessionNotFound InvalidTrafficMirrorTargetNoFound
    InvalidTransitGatewayAttachmentID.NotFound InvalidTransitGatewayID.NotFound InvalidUserID.Malformed InvalidVolume.NotFound
    InvalidVolume.ZoneMismatch InvalidVolumeID.Duplicate InvalidVolumeID.Malformed InvalidVolumeID.ZoneMismatch InvalidVpc.Range
    InvalidVpcEndpointId.Malformed InvalidVpcEndpointId.NotFound InvalidVpcEndpointService.NotFound InvalidVpcEndpointServiceId.NotFound
    InvalidVpcEndpointType InvalidVpcID.Malformed InvalidVpcID.NotFound InvalidVpcPeeringConnectionID.NotFound
    InvalidVpcPeeringConnectionId.Malformed InvalidVpcPeeringConnectionState.DnsHostnamesDisabled InvalidVpcState InvalidVpnConnection.InvalidState
    InvalidVpnConnection.InvalidType InvalidVpnConnectionID InvalidVpnConnectionID.NotFound InvalidVpnGatewayAttachment.NotFound
    InvalidVpnGatewayID.NotFound InvalidVpnGatewayState InvalidZone.NotFound KeyPairLimitExceeded LegacySecurityGroup
    MalformedQueryString MaxConfigLimitExceeded MaxIOPSLimitExceeded MaxScheduledInstanceCapacityExceeded MaxSpotFleetRequestCountExceeded
    MaxSpotInstanceCountExceeded MaxTemplateLimitExceeded MaxTemplateVersionLimitExceeded MissingAction
    MissingInput MissingParameter NatGatewayLimitExceeded NatGatewayMalformed NatGatewayNotFound NetworkAclEntryAlreadyExists
    NetworkAclEntryLimitExceeded NetworkAclLimitExceeded NetworkInterfaceLimitExceeded NetworkInterfaceNotFoundException
    NetworkInterfaceNotSupportedException NetworkLoadBalancerNotFoundException NlbInUseByTrafficMirrorTargetException
    NoSuchVersion NonEBSInstance NotExportable OperationNotPermitted OutstandingVpcPeeringConnectionLimitExceeded PendingSnapshotLimitExceeded PendingVerification
    PendingVpcPeeringConnectionLimitExceeded PlacementGroupLimitExceeded PrefixListMaxEntriesExceeded PrefixListVersionMismatch
    PrivateIpAddressLimitExceeded RequestExpired RequestResourceCountExceeded ReservationCapacityExceeded ReservedInstancesCountExceeded
    ReservedInstancesLimitExceeded ReservedInstancesUnavailable Resource.AlreadyAssigned Resource.AlreadyAssociated
    ResourceAlreadyAssigned ResourceCountExceeded ResourceCountLimitExceeded ResourceLimitExceeded RouteAlreadyExists RouteLimitExceeded
    RouteTableLimitExceeded RulesPerSecurityGroupLimitExceeded ScheduledInstanceLimitExceeded ScheduledInstanceParameterMismatch
    ScheduledInstanceSlotNotOpen ScheduledInstanceSlotUnavailable SecurityGroupLimitExceeded SecurityGroupsPerInstanceLimitExceeded
    SecurityGroupsPerInterfaceLimitExceeded SnapshotCopyUnsupported.InterRegion SnapshotCreationPerVolumeRateExceeded
    SnapshotLimitExceeded SpotMaxPriceTooLow SubnetLimitExceeded TagLimitExceeded TagPolicyViolation TargetCapacityLimitExceeded
    TrafficMirrorFilterInUse TrafficMirrorFilterLimitExceeded TrafficMirrorFilterRuleAlreadyExists TrafficMirrorFilterRuleLimitExceeded
    TrafficMirrorSessionLimitExceeded TrafficMirrorSessionsPerInterfaceLimitExceeded TrafficMirrorTargetInUseException
    TrafficMirrorTargetLimitExceeded TransitGatewayRouteTablePropagation.NotFound UnavailableHostRequirements UnfulfillableCapacity
    UnknownParameter UnknownPrincipalType.Unsupported UnknownVolumeType Unsupported UnsupportedException UnsupportedHibernationConfiguration
    UnsupportedHostConfiguration UnsupportedInstanceAttribute UnsupportedInstanceTypeOnHost UnsupportedOperation UnsupportedProtocol
    UnsupportedTenancy UpdateLimitExceeded VPCIdNotSpecified VPCResourceNotSpecified VcpuLimitExceeded VolumeIOPSLimit VolumeInUse
    VolumeLimitExceeded VolumeModificationSizeLimitExceeded VolumeTypeNotAvailableInZone VpcCidrConflict VpcEndpointLimitExceeded
    VpcLimitExceeded VpcPeeringConnectionAlreadyExists VpcPeeringConnectionsPerVpcLimitExceeded VpnConnectionLimitExceeded
    VpnGatewayAttachmentLimitExceeded VpnGatewayLimitExceeded ZonesMismatched
";

pub fn build(_: &Packages, data: &Path) -> Result<()> {
    let mut codes: BTreeMap<&str, u16> = CLIENT_ERRORS.split_whitespace().map(|code| (code, 400)).collect();
    for (status, names) in STATUSES {
        codes.extend(names.iter().map(|code| (*code, *status)));
    }
    let source = json!([{"document": "Amazon EC2 API reference: error codes"}]);
    write(&data.join("ec2/errors.json"), &[("source", Part::Value(source)), ("statuses", Part::Lines(json!(codes)))])
}
