"""What is refused of operations that the other modules say nothing of: things that are not there, requests without what they need, unknown words."""


def before(server):
    server.client("ec2").describe_vpcs()


(TABLE, LIST, ATTACHMENT, CLIENT_VPN, VPC, INSTANCE, DOMAIN, INTERFACE, SUBNET, GROUP, RULE, POLICY_TABLE, SERVICE, ENDPOINT, DOOR, PEOPLE, PROFILE,
 POOL, VERIFIED, PROVIDER, ADDRESS, CARRIER, SCOPE, MIRROR_FILTER, MIRROR_SESSION, HUB, PEERING, NAT, IMAGE, TRUNK, NOTIFICATION, EGRESS, OFFERING,
 HOST, IPAM, MIRROR_TARGET, SNAPSHOT, MIRROR_RULE, PEER) = (
    f"{prefix}-0123456789abcdef0" for prefix in (
        "tgw-rtb", "pl", "tgw-attach", "cvpn-endpoint", "vpc", "i", "tgw-mcast-domain", "eni", "subnet", "sg", "sgr", "tgw-ptb", "vpce-svc", "vpce",
        "vae", "vagr", "iip-assoc", "ipam-pool", "vai", "vatp", "eipalloc", "cagw", "ipam-scope", "tmf", "tms", "tgw", "pcx", "nat", "ami",
        "trunk-assoc", "vpce-nfn", "eigw", "hro", "h", "ipam", "tmt", "snap", "tmfr", "tgw-connect-peer"))
COLOUR = {"Filters": [{"Name": "colour", "Values": ["red"]}]}
OF_A_VPC = {"TagSpecifications": [{"ResourceType": "vpc", "Tags": [{"Key": "team", "Value": "red"}]}]}
#: Operations without the parameter that they need, as the wire spells it.
MISSING = [
    ("AllocateIpamPoolCidr", "IpamPoolId"), ("CancelCapacityReservationFleets", "CapacityReservationFleetId"),
    ("CancelSpotFleetRequests", "SpotFleetRequestId"), ("CreateCustomerGateway", "Type"), ("CreateKeyPair", "KeyName"),
    ("CreateSecurityGroup", "GroupDescription"), ("CreateSpotDatafeedSubscription", "Bucket"), ("DeleteFleets", "FleetId"),
    ("DeleteKeyPair", "keyName or keyPairId"), ("DeleteQueuedReservedInstances", "ReservedInstancesId"),
    ("DeleteVpcEndpointConnectionNotifications", "ConnectionNotificationId"), ("DeleteVpcEndpointServiceConfigurations", "ServiceId"),
    ("DeleteVpcEndpoints", "VpcEndpointId"), ("DeregisterInstanceEventNotificationAttributes", "InstanceTagAttribute"),
    ("DescribeByoipCidrs", "MaxResults"), ("EnableAllowedImagesSettings", "AllowedImagesSettingsState"),
    ("EnableImageBlockPublicAccess", "ImageBlockPublicAccessState"),
    ("ModifyEbsDefaultKmsKeyId", "KmsKeyId"), ("ModifyManagedResourceVisibility", "DefaultVisibility"),
    ("ModifyVpcBlockPublicAccessOptions", "InternetGatewayBlockMode"), ("ReleaseHosts", "HostId"), ("RevokeSecurityGroupEgress", "GroupId"),
]
UNFILTERED = [
    "DescribeAwsNetworkPerformanceMetricSubscriptions", "DescribeFastLaunchImages", "DescribeImageUsageReportEntries", "DescribeIpamPoolAllocations",
    "DescribeReservedInstancesListings", "DescribeSecurityGroupVpcAssociations", "DescribeTags", "DescribeVpcEndpointConnectionNotifications", "DescribeVpcEndpointConnections",
]
UNTAGGED = ["CreateInternetGateway", "CreatePublicIpv4Pool", "CreateTrafficMirrorFilter", "CreateVerifiedAccessInstance"]
#: Codes and texts, each with the requests that are answered so.
REFUSED = [
    ("InvalidNextToken", "The token is invalid or expired.", [("GetCapacityManagerMonitoredTagKeys", {"NextToken": "x"})]),
    ("InvalidRouteTableID.NotFound", f"Transit Gateway Route Table {TABLE} was deleted or does not exist.", [
        ("DeleteTransitGatewayPrefixListReference", {"TransitGatewayRouteTableId": TABLE, "PrefixListId": LIST}),
        ("DeleteTransitGatewayRoute", {"TransitGatewayRouteTableId": TABLE, "DestinationCidrBlock": "192.168.0.0/24"}),
        ("DescribeTransitGatewayRouteTables", {"TransitGatewayRouteTableIds": [TABLE]}),
        ("DisableTransitGatewayRouteTablePropagation", {"TransitGatewayRouteTableId": TABLE}),
        ("DisassociateTransitGatewayRouteTable", {"TransitGatewayRouteTableId": TABLE, "TransitGatewayAttachmentId": ATTACHMENT}),
        ("GetTransitGatewayPrefixListReferences", {"TransitGatewayRouteTableId": TABLE}),
        ("GetTransitGatewayRouteTableAssociations", {"TransitGatewayRouteTableId": TABLE}),
        ("GetTransitGatewayRouteTablePropagations", {"TransitGatewayRouteTableId": TABLE}),
        ("ModifyTransitGatewayPrefixListReference", {"TransitGatewayRouteTableId": TABLE, "PrefixListId": LIST}),
        ("ReplaceTransitGatewayRoute", {"DestinationCidrBlock": "192.168.0.0/24", "TransitGatewayRouteTableId": TABLE})]),
    ("InvalidClientVpnEndpointId.NotFound", f"Endpoint {CLIENT_VPN} does not exist", [
        ("ApplySecurityGroupsToClientVpnTargetNetwork", {"ClientVpnEndpointId": CLIENT_VPN, "VpcId": VPC, "SecurityGroupIds": ["x"]}),
        ("DeleteClientVpnRoute", {"ClientVpnEndpointId": CLIENT_VPN, "DestinationCidrBlock": "192.168.0.0/24"}),
        ("DescribeClientVpnAuthorizationRules", {"ClientVpnEndpointId": CLIENT_VPN}),
        ("DescribeClientVpnConnections", {"ClientVpnEndpointId": CLIENT_VPN}),
        ("DescribeClientVpnTargetNetworks", {"ClientVpnEndpointId": CLIENT_VPN}),
        ("DisassociateClientVpnTargetNetwork", {"ClientVpnEndpointId": CLIENT_VPN, "AssociationId": "none"}),
        ("ExportClientVpnClientCertificateRevocationList", {"ClientVpnEndpointId": CLIENT_VPN}),
        ("ModifyClientVpnEndpoint", {"ClientVpnEndpointId": CLIENT_VPN}),
        ("RevokeClientVpnIngress", {"ClientVpnEndpointId": CLIENT_VPN, "TargetNetworkCidr": "192.168.0.0/24"})]),
    ("InvalidInstanceID.NotFound", f"The instance ID '{INSTANCE}' does not exist", [
        ("DescribeInstanceAttribute", {"InstanceId": INSTANCE, "Attribute": "instanceType"}),
        ("DescribeInstanceCreditSpecifications", {"InstanceIds": [INSTANCE]}), ("DescribeInstanceStatus", {"InstanceIds": [INSTANCE]}),
        ("DescribeInstances", {"InstanceIds": [INSTANCE]}), ("MonitorInstances", {"InstanceIds": [INSTANCE]}),
        ("RebootInstances", {"InstanceIds": [INSTANCE]}), ("UnmonitorInstances", {"InstanceIds": [INSTANCE]})]),
    ("InvalidTransitGatewayMulticastDomainId.NotFound", f"Transit Gateway Multicast Domain {DOMAIN} was deleted or does not exist.", [
        ("DeregisterTransitGatewayMulticastGroupMembers", {"TransitGatewayMulticastDomainId": DOMAIN, "GroupIpAddress": "224.0.0.9", "NetworkInterfaceIds": [INTERFACE]}),
        ("DeregisterTransitGatewayMulticastGroupSources", {"TransitGatewayMulticastDomainId": DOMAIN, "GroupIpAddress": "224.0.0.9", "NetworkInterfaceIds": [INTERFACE]}),
        ("DescribeTransitGatewayMulticastDomains", {"TransitGatewayMulticastDomainIds": [DOMAIN]}),
        ("DisassociateTransitGatewayMulticastDomain", {"TransitGatewayMulticastDomainId": DOMAIN, "TransitGatewayAttachmentId": ATTACHMENT, "SubnetIds": [SUBNET]}),
        ("GetTransitGatewayMulticastDomainAssociations", {"TransitGatewayMulticastDomainId": DOMAIN}),
        ("RegisterTransitGatewayMulticastGroupSources", {"TransitGatewayMulticastDomainId": DOMAIN, "NetworkInterfaceIds": [INTERFACE], "GroupIpAddress": "224.0.0.9"}),
        ("SearchTransitGatewayMulticastGroups", {"TransitGatewayMulticastDomainId": DOMAIN})]),
    ("InvalidGroup.NotFound", f"The security group '{GROUP}' does not exist", [
        ("AuthorizeSecurityGroupEgress", {"GroupId": GROUP, "IpPermissions": [{"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}]}),
        ("DescribeSecurityGroups", {"GroupIds": [GROUP]}),
        ("ModifySecurityGroupRules", {"GroupId": GROUP, "SecurityGroupRules": [{"SecurityGroupRuleId": RULE}]}),
        ("RevokeSecurityGroupIngress", {"GroupId": GROUP, "SecurityGroupRuleIds": [RULE]}),
        ("UpdateSecurityGroupRuleDescriptionsEgress", {"GroupId": GROUP, "SecurityGroupRuleDescriptions": [{"SecurityGroupRuleId": RULE}]}),
        ("UpdateSecurityGroupRuleDescriptionsIngress", {"GroupId": GROUP, "SecurityGroupRuleDescriptions": [{"SecurityGroupRuleId": RULE}]}),
        ("ValidateSecurityGroupQuotasForInterface", {"SecurityGroupIds": [GROUP]})]),
    ("InvalidVpcEndpointId.NotFound", f"The Vpc Endpoint Id '{ENDPOINT}' does not exist", [("DescribeVpcEndpointAssociations", {"VpcEndpointIds": [ENDPOINT]})]),
    ("InvalidParameterValue", "Invalid availability zone group: [moon-1-zg-1]", [
        ("ModifyAvailabilityZoneGroup", {"GroupName": "moon-1-zg-1", "OptInStatus": "opted-in"})]),
    ("InvalidOptInStatus", "Opting out of Local Zones is not currently supported. Contact AWS Support for additional assistance.", [
        ("ModifyAvailabilityZoneGroup", {"GroupName": "us-east-1-zg-1", "OptInStatus": "not-opted-in"})]),
    ("InvalidTransitGatewayAttachmentID.NotFound", f"Transit Gateway Attachment {ATTACHMENT} was deleted or does not exist.", [
        ("CreateTransitGatewayConnectPeer", {"TransitGatewayAttachmentId": ATTACHMENT, "PeerAddress": "10.1.0.9", "InsideCidrBlocks": ["169.254.100.0/29"]}),
        ("DeleteTransitGatewayNetworkFunctionAttachment", {"TransitGatewayAttachmentId": ATTACHMENT}),
        ("DeleteTransitGatewayPeeringAttachment", {"TransitGatewayAttachmentId": ATTACHMENT}),
        ("DescribeTransitGatewayNetworkFunctionAttachments", {"TransitGatewayAttachmentIds": [ATTACHMENT]}),
        ("ModifyTransitGatewayNetworkFunctionAttachment", {"TransitGatewayAttachmentId": ATTACHMENT, "AddAvailabilityZones": ["us-east-1a"]}),
        ("DescribeTransitGatewayConnects", {"TransitGatewayAttachmentIds": [ATTACHMENT]}),
        ("DescribeTransitGatewayPeeringAttachments", {"TransitGatewayAttachmentIds": [ATTACHMENT]}),
        ("DescribeTransitGatewayVpcAttachments", {"TransitGatewayAttachmentIds": [ATTACHMENT]}),
        ("RejectTransitGatewayPeeringAttachment", {"TransitGatewayAttachmentId": ATTACHMENT})]),
    ("InvalidTransitGatewayPolicyTableId.NotFound", f"Transit Gateway Policy Table {POLICY_TABLE} was deleted or does not exist.", [
        ("CreateTransitGatewayPolicyTableEntry", {"TransitGatewayPolicyTableId": POLICY_TABLE, "PolicyRuleNumber": "10", "TargetRouteTableId": TABLE}),
        ("DeleteTransitGatewayPolicyTableEntry", {"TransitGatewayPolicyTableId": POLICY_TABLE, "PolicyRuleNumber": "x"}),
        ("DescribeTransitGatewayPolicyTables", {"TransitGatewayPolicyTableIds": [POLICY_TABLE]}),
        ("DisassociateTransitGatewayPolicyTable", {"TransitGatewayPolicyTableId": POLICY_TABLE, "TransitGatewayAttachmentId": ATTACHMENT}),
        ("GetTransitGatewayPolicyTableAssociations", {"TransitGatewayPolicyTableId": POLICY_TABLE}),
        ("GetTransitGatewayPolicyTableEntries", {"TransitGatewayPolicyTableId": POLICY_TABLE})]),
    ("InvalidVpcEndpointServiceId.NotFound", f"The VpcEndpointService Id '{SERVICE}' does not exist", [
        ("CreateVpcEndpointConnectionNotification", {"ConnectionNotificationArn": "arn:aws:sns:us-east-1:000000000000:topic", "ConnectionEvents": ["Accept"], "ServiceId": SERVICE}),
        ("DescribeVpcEndpointServiceConfigurations", {"ServiceIds": [SERVICE]}), ("ModifyVpcEndpointServiceConfiguration", {"ServiceId": SERVICE}),
        ("ModifyVpcEndpointServicePermissions", {"ServiceId": SERVICE}),
        ("RejectVpcEndpointConnections", {"ServiceId": SERVICE, "VpcEndpointIds": [ENDPOINT]})]),
    ("InvalidVerifiedAccessEndpointId.NotFound", f"The verifiedAccessEndpoint ID '{DOOR}' does not exist", [
        ("DeleteVerifiedAccessEndpoint", {"VerifiedAccessEndpointId": DOOR}),
        ("DescribeVerifiedAccessEndpoints", {"VerifiedAccessEndpointIds": [DOOR]}),
        ("GetVerifiedAccessEndpointPolicy", {"VerifiedAccessEndpointId": DOOR}),
        ("ModifyVerifiedAccessEndpointPolicy", {"VerifiedAccessEndpointId": DOOR})]),
    ("InvalidVerifiedAccessGroupId.NotFound", f"The verifiedAccessGroup ID '{PEOPLE}' does not exist", [
        ("CreateVerifiedAccessEndpoint", {"VerifiedAccessGroupId": PEOPLE, "EndpointType": "load-balancer", "AttachmentType": "vpc"}),
        ("DescribeVerifiedAccessGroups", {"VerifiedAccessGroupIds": [PEOPLE]}), ("ModifyVerifiedAccessGroup", {"VerifiedAccessGroupId": PEOPLE}),
        ("ModifyVerifiedAccessGroupPolicy", {"VerifiedAccessGroupId": PEOPLE})]),
    ("InvalidAssociationID.NotFound", f"An invalid association-id of '{PROFILE}' was given", [
        ("DescribeIamInstanceProfileAssociations", {"AssociationIds": [PROFILE]}), ("DisassociateIamInstanceProfile", {"AssociationId": PROFILE}),
        ("ReplaceIamInstanceProfileAssociation", {"AssociationId": PROFILE, "IamInstanceProfile": {"Name": "x"}})]),
    ("InvalidIpamPoolId.NotFound", f"The ipam-pool ID '{POOL}' does not exist", [
        ("DescribeIpamPools", {"IpamPoolIds": [POOL]}), ("GetIpamPoolAllocations", {"IpamPoolId": POOL}), ("ModifyIpamPool", {"IpamPoolId": POOL})]),
    ("InvalidVerifiedAccessInstanceId.NotFound", f"The verifiedAccessInstance ID '{VERIFIED}' does not exist", [
        ("AttachVerifiedAccessTrustProvider", {"VerifiedAccessInstanceId": VERIFIED, "VerifiedAccessTrustProviderId": PROVIDER}),
        ("DescribeVerifiedAccessInstanceLoggingConfigurations", {"VerifiedAccessInstanceIds": [VERIFIED]}),
        ("DescribeVerifiedAccessInstances", {"VerifiedAccessInstanceIds": [VERIFIED]})]),
    ("InvalidVpcID.NotFound", f"The vpc ID '{VPC}' does not exist", [
        ("CreateCarrierGateway", {"VpcId": VPC}), ("DescribeVpcAttribute", {"Attribute": "enableDnsSupport", "VpcId": VPC}),
        ("DescribeVpcs", {"VpcIds": [VPC]})]),
    ("InvalidAllocationID.NotFound", f"The allocation ID '{ADDRESS}' does not exist", [
        ("DescribeAddressesAttribute", {"AllocationIds": [ADDRESS]}), ("DisableAddressTransfer", {"AllocationId": ADDRESS})]),
    ("InvalidCarrierGatewayID.NotFound", f"The carrierGateway ID '{CARRIER}' does not exist", [
        ("DeleteCarrierGateway", {"CarrierGatewayId": CARRIER}), ("DescribeCarrierGateways", {"CarrierGatewayIds": [CARRIER]})]),
    ("InvalidIpamScopeId.NotFound", f"The ipam-scope ID '{SCOPE}' does not exist", [
        ("DescribeIpamScopes", {"IpamScopeIds": [SCOPE]}), ("ModifyIpamScope", {"IpamScopeId": SCOPE})]),
    ("InvalidPrefixListID.NotFound", f"The prefix list ID '{LIST}' does not exist", [
        ("GetManagedPrefixListAssociations", {"PrefixListId": LIST}),
        ("RestoreManagedPrefixListVersion", {"PrefixListId": LIST, "PreviousVersion": 1, "CurrentVersion": 1})]),
    ("InvalidTrafficMirrorFilterId.NotFound", f"The trafficMirrorFilter ID '{MIRROR_FILTER}' does not exist", [
        ("DescribeTrafficMirrorFilters", {"TrafficMirrorFilterIds": [MIRROR_FILTER]}),
        ("ModifyTrafficMirrorFilterNetworkServices", {"TrafficMirrorFilterId": MIRROR_FILTER})]),
    ("InvalidTrafficMirrorSessionId.NotFound", f"The trafficMirrorSession ID '{MIRROR_SESSION}' does not exist", [
        ("DeleteTrafficMirrorSession", {"TrafficMirrorSessionId": MIRROR_SESSION}),
        ("ModifyTrafficMirrorSession", {"TrafficMirrorSessionId": MIRROR_SESSION})]),
    ("InvalidTransitGatewayID.NotFound", f"Transit Gateway {HUB} was deleted or does not exist.", [
        ("CreateTransitGatewayMulticastDomain", {"TransitGatewayId": HUB}), ("CreateTransitGatewayPolicyTable", {"TransitGatewayId": HUB})]),
    ("InvalidVerifiedAccessTrustProviderId.NotFound", f"The verifiedAccessTrustProvider ID '{PROVIDER}' does not exist", [
        ("DescribeVerifiedAccessTrustProviders", {"VerifiedAccessTrustProviderIds": [PROVIDER]}),
        ("ModifyVerifiedAccessTrustProvider", {"VerifiedAccessTrustProviderId": PROVIDER})]),
    ("InvalidVpcPeeringConnectionID.NotFound", f"The vpcPeeringConnection ID '{PEERING}' does not exist", [
        ("DescribeVpcPeeringConnections", {"VpcPeeringConnectionIds": [PEERING]}),
        ("RejectVpcPeeringConnection", {"VpcPeeringConnectionId": PEERING})]),
    ("NatGatewayNotFound", f"NatGateway {NAT} was not found", [
        ("DisassociateNatGatewayAddress", {"NatGatewayId": NAT, "AssociationIds": ["none"]}),
        ("UnassignPrivateNatGatewayAddress", {"NatGatewayId": NAT, "PrivateIpAddresses": ["x"]})]),
    ("InvalidAMIID.NotFound", f"The image id '[{IMAGE}]' does not exist", [("ListImagesInRecycleBin", {"ImageIds": [IMAGE]})]),
    ("InvalidAssociationID.NotFound", f"The association ID '{TRUNK}' does not exist", [("DisassociateTrunkInterface", {"AssociationId": TRUNK})]),
    ("InvalidConnectionNotification", f"The connection notification {NOTIFICATION} does not exist", [
        ("ModifyVpcEndpointConnectionNotification", {"ConnectionNotificationId": NOTIFICATION})]),
    ("InvalidGatewayID.NotFound", f"The egressOnlyInternetGateway ID '{EGRESS}' does not exist", [
        ("DeleteEgressOnlyInternetGateway", {"EgressOnlyInternetGatewayId": EGRESS})]),
    ("InvalidHostReservationOfferingId.NotFound", f"The host reservation offering ID '{OFFERING}' does not exist", [
        ("GetHostReservationPurchasePreview", {"HostIdSet": [HOST], "OfferingId": OFFERING})]),
    ("InvalidID", "The ID 'x' is not valid", [("DeleteTags", {"Resources": ["x"]})]),
    ("InvalidIpamId.NotFound", f"The ipam ID '{IPAM}' does not exist", [("ModifyIpam", {"IpamId": IPAM})]),
    ("InvalidKey.Format", "Key is not in valid OpenSSH public key format", [("ImportKeyPair", {"KeyName": "x", "PublicKeyMaterial": b"x"})]),
    ("InvalidInstanceType", "The following supplied instance types do not exist: [cc1.4xlarge]", [("DescribeInstanceTypes", {"InstanceTypes": ["cc1.4xlarge"]})]),
    ("InvalidNextToken", "The token is invalid or expired.", [("DescribeIpamByoasn", {"NextToken": "x"}), ("GetVpnConnectionDeviceTypes", {"NextToken": "x"})]),
    ("InvalidKeyPair.NotFound", "The key pair 'x' does not exist", [("DescribeKeyPairs", {"KeyNames": ["x"]})]),
    ("InvalidNetworkInterfaceID.NotFound", f"The networkInterface ID '{INTERFACE}' does not exist", [
        ("CreateTrafficMirrorSession", {"NetworkInterfaceId": INTERFACE, "TrafficMirrorTargetId": MIRROR_TARGET, "TrafficMirrorFilterId": MIRROR_FILTER, "SessionNumber": 1})]),
    ("InvalidParameterValue", "Invalid availability zone: [x]", [("DescribeAvailabilityZones", {"ZoneNames": ["x"]})]),
    ("InvalidParameterValue", "Invalid region provided: [nowhere-1]", [("DescribeRegions", {"RegionNames": ["nowhere-1"]})]),
    ("InvalidParameterValue", "Invalid value 'planet' for LocationType.", [("DescribeInstanceTypeOfferings", {"LocationType": "planet"})]),
    ("InvalidParameterValue", "Invalid value 'x' for AccountAttributeName.", [("DescribeAccountAttributes", {"AttributeNames": ["x"]})]),
    ("InvalidParameterValue", "Value (nowhere-1) for parameter operatingRegions is invalid. It is not a region.", [
        ("CreateIpam", {"OperatingRegions": [{"RegionName": "nowhere-1"}]})]),
    ("InvalidParameterValue", "Value (x) for parameter principalArn is invalid. Invalid principal ARN.", [
        ("ModifyIdentityIdFormat", {"Resource": "x", "UseLongIds": True, "PrincipalArn": "x"})]),
    ("InvalidParameterValue", "Value (x) for parameter resource is invalid. Invalid resource type.", [
        ("DescribePrincipalIdFormat", {"Resources": ["x"]})]),
    ("InvalidSecurityGroupRuleId.NotFound", f"The security group rule ID '{RULE}' does not exist", [
        ("DescribeSecurityGroupRules", {"SecurityGroupRuleIds": [RULE]})]),
    ("InvalidSnapshot.NotFound", f"The snapshot '{SNAPSHOT}' does not exist.", [("ListSnapshotsInRecycleBin", {"SnapshotIds": [SNAPSHOT]})]),
    ("InvalidSubnetID.NotFound", f"The subnet ID '{SUBNET}' does not exist", [("DescribeSubnets", {"SubnetIds": [SUBNET]})]),
    ("InvalidTrafficMirrorFilterRuleId.NotFound", f"The trafficMirrorFilterRule ID '{MIRROR_RULE}' does not exist", [
        ("DeleteTrafficMirrorFilterRule", {"TrafficMirrorFilterRuleId": MIRROR_RULE})]),
    ("InvalidTrafficMirrorTargetId.NotFound", f"The trafficMirrorTarget ID '{MIRROR_TARGET}' does not exist", [
        ("DescribeTrafficMirrorTargets", {"TrafficMirrorTargetIds": [MIRROR_TARGET]})]),
    ("InvalidTransitGatewayConnectPeerID.NotFound", f"Transit Gateway Connect Peer {PEER} was deleted or does not exist.", [
        ("DescribeTransitGatewayConnectPeers", {"TransitGatewayConnectPeerIds": [PEER]})]),
]
CASES = [
    *(("ec2", operation, {}, 400, "MissingParameter", f"The request must contain the parameter {name}") for operation, name in MISSING),
    *(("ec2", operation, COLOUR, 400, "InvalidParameterValue", "The filter 'colour' is invalid") for operation in UNFILTERED),
    *(("ec2", operation, OF_A_VPC, 400, "InvalidParameterValue", "'vpc' is not a valid taggable resource type for this operation.") for operation in UNTAGGED),
    *(("ec2", operation, parameters, 400, code, text) for code, text, requests in REFUSED for operation, parameters in requests),
]
