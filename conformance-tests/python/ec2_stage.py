"""A server with one of everything that permissions of EC2 are about, each tagged `team=red`, and requests that name it.

What an operation requires is filled in from its model by the members' names, with what was made or else a value that fits; what more it needs stands
in `REQUESTS`. `{VpcId}` is the VPC that was made, and so on.
"""

import datetime

from botocore import xform_name

from built import text
from conftest import image, make_import_role, make_profile, put_disk, register, trust
from ec2_requests import REQUESTS

ACCOUNT, PARTNER, ZONE = "000000000000", "222222222222", "us-east-1a"
TAG = {"Key": "team", "Value": "red"}
CERTIFICATE = f"arn:aws:acm:us-east-1:{ACCOUNT}:certificate/0c2e8f0b-0000-4000-8000-000000000000"
BALANCER = f"arn:aws:elasticloadbalancing:us-east-1:{ACCOUNT}:loadbalancer/net/web/0123456789abcdef"
PROOF = {"Message": f"1|aws|{ACCOUNT}|2600:9000:5300::/48|20300101|SHA256|RSAPSS", "Signature": "signed"}
#: What members hold that name nothing.
PLAIN = {
    "AvailabilityZone": ZONE, "AwsAccountId": PARTNER, "CidrBlock": "10.9.0.0/16", "Cidr": "10.9.0.0/28", "Key": "team", "Value": "red", "MinCount": 1, "MaxCount": 1,
    "PublicKeyMaterial": b"sample", "ServerCertificateArn": CERTIFICATE, "SourceRegion": "us-east-1", "UnusedReservationBillingOwnerId": PARTNER,
    "InstanceEventId": "instance-event-0123456789abcdef0", "TransferAccountId": PARTNER, "PeerAccountId": PARTNER, "Size": 1, "DeviceIndex": 1,
    "DestinationCidrBlock": "192.168.0.0/24", "SourceCidrBlock": "192.168.0.0/24", "TargetNetworkCidr": "192.168.0.0/24", "PeerAddress": "10.1.0.9",
    "InsideCidrBlocks": "169.254.100.8/29", "PrefixListRegion": "us-east-1", "PeerRegion": "us-east-1", "DiscoveryRegion": "us-east-1",
    "AddressRegion": "us-east-1", "ResourceRegion": "us-east-1", "Locale": "us-east-1", "DelegatedAdminAccountId": PARTNER, "Asn": "65000",
}


class Stage:
    """What was made, by the names that members of requests have."""

    def __init__(self, server):
        self.server, self.ec2, self.iam = server, server.client("ec2"), server.client("iam")
        self.model = self.ec2.meta.service_model
        self.names = dict(PLAIN)
        for part in (network, addresses, instance, images, capacity, launches, gateways, addresses_of_ipam, ways, mirrors, doors, hubs, tunnels, checks, outposts):
            part(self)

    def call(self, operation, **parameters):
        return getattr(self.ec2, xform_name(operation))(**self.filled(operation, parameters))

    def make(self, operation, member, name=None, **parameters):
        """Calls it, keeps the first value of that member in the answer under its name or another, and tags it."""
        made = found(self.call(operation, **parameters), member)
        self.name(name or member, made)
        self.ec2.create_tags(Resources=[made], Tags=[TAG])
        return made

    def name(self, name, value):
        self.names[name] = value

    def later(self):
        self.server.advance("5m")

    def request(self, operation, tagged=None):
        """A request that the operation takes, with a tag for what it makes if a kind of resource is given."""
        known = self.model.operation_model(operation).input_shape.members if tagged else {}
        tags = {"TagSpecifications": [{"ResourceType": tagged, "Tags": [TAG]}]} if "TagSpecifications" in known else {}
        return {**tags, **self.filled(operation, REQUESTS.get(operation, {}))}

    def filled(self, operation, parameters):
        shape = self.model.operation_model(operation).input_shape
        return {**(self.least(shape, "") if shape else {}), **self.put_in(parameters)}

    def put_in(self, value):
        """The value with what `{Name}` stands for."""
        if isinstance(value, dict):
            return {key: self.put_in(one) for key, one in value.items()}
        if isinstance(value, list):
            return [self.put_in(one) for one in value]
        return value.format_map(self.names) if isinstance(value, str) else value

    def known(self, name):
        """What has that name, or for a list the name of one of it."""
        return self.names.get(name, self.names.get(name.removesuffix("s")))

    def least(self, shape, name):
        """What the model requires of that shape, for the member of that name."""
        if shape.type_name == "structure":
            first = sorted(shape.members, key=lambda member: self.known(member) is None)[:1] if name else []
            return {member: self.least(shape.members[member], member) for member in shape.required_members or first}
        if shape.type_name == "list":
            return [self.least(shape.member, name)]
        if self.known(name) is not None:
            return self.known(name)
        if shape.type_name == "string":
            return text(shape)
        plain = {"boolean": True, "timestamp": datetime.datetime(2026, 1, 1), "blob": b"sample", "double": 1.0, "float": 1.0}
        return plain.get(shape.type_name, shape.metadata.get("min", 1))


def found(answer, member):
    """The first value of that member anywhere in an answer."""
    if isinstance(answer, dict) and member in answer:
        value = answer[member]
        return value[0] if isinstance(value, list) else value
    inside = answer.values() if isinstance(answer, dict) else answer if isinstance(answer, list) else []
    return next((value for one in inside if (value := found(one, member)) is not None), None)


def network(stage):
    vpc = stage.make("CreateVpc", "VpcId", CidrBlock="10.9.0.0/16")
    stage.name("VpcCidrAssociationId", found(stage.ec2.describe_vpcs(VpcIds=[vpc]), "AssociationId"))
    stage.make("CreateSubnet", "SubnetId", CidrBlock="10.9.0.0/24", AvailabilityZone=ZONE)
    stage.make("CreateVpc", "VpcId", "PeerVpcId", CidrBlock="10.10.0.0/16")
    for operation, member in [("CreateRouteTable", "RouteTableId"), ("CreateNetworkAcl", "NetworkAclId"), ("CreateInternetGateway", "InternetGatewayId")]:
        stage.make(operation, member)
    stage.make("CreateDhcpOptions", "DhcpOptionsId", DhcpConfigurations=[{"Key": "domain-name", "Values": ["sample.example"]}])
    stage.call("AttachInternetGateway")
    stage.name("SubnetRouteAssociationId", found(stage.call("AssociateRouteTable", SubnetId="{SubnetId}"), "AssociationId"))
    stage.name("GatewayRouteAssociationId", found(stage.call("AssociateRouteTable", GatewayId="{InternetGatewayId}"), "AssociationId"))
    acls = stage.ec2.describe_network_acls(Filters=[{"Name": "association.subnet-id", "Values": [stage.names["SubnetId"]]}])
    stage.name("NetworkAclAssociationId", found(acls, "NetworkAclAssociationId"))
    stage.make("CreateSecurityGroup", "GroupId", GroupName="sample-group", Description="sample", VpcId="{VpcId}")
    rule = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "192.0.2.0/24"}]}
    stage.name("SecurityGroupId", stage.names["GroupId"])
    stage.make("AuthorizeSecurityGroupIngress", "SecurityGroupRuleId", GroupId="{GroupId}", IpPermissions=[rule])
    stage.call("AssociateVpcCidrBlock", AmazonProvidedIpv6CidrBlock=True)
    stage.later()
    block = found(stage.ec2.describe_vpcs(VpcIds=[vpc]), "Ipv6CidrBlock")
    held = stage.call("AssociateSubnetCidrBlock", Ipv6CidrBlock=block.replace("/56", "/64"))
    stage.name("SubnetCidrAssociationId", found(held, "AssociationId"))
    stage.make("CreateSubnetCidrReservation", "SubnetCidrReservationId", Cidr="10.9.0.128/28", ReservationType="prefix")
    stage.make("CreateVpcBlockPublicAccessExclusion", "ExclusionId", VpcId="{VpcId}", InternetGatewayExclusionMode="allow-egress")
    stage.make("CreateVpcEncryptionControl", "VpcEncryptionControlId", VpcId="{PeerVpcId}")


def addresses(stage):
    stage.make("CreatePublicIpv4Pool", "PoolId")
    allocation = stage.make("AllocateAddress", "AllocationId")
    stage.name("PublicIp", found(stage.ec2.describe_addresses(AllocationIds=[allocation]), "PublicIp"))
    partner = stage.server.client("ec2", stage.server.account(PARTNER))
    offered = partner.allocate_address()
    partner.enable_address_transfer(AllocationId=offered["AllocationId"], TransferAccountId=ACCOUNT)
    stage.name("OfferedAddress", offered["PublicIp"])
    stage.name("OfferedAllocationId", offered["AllocationId"])


def instance(stage):
    make_profile(stage.iam, "sample")
    stage.name("Name", "sample")
    stage.name("Arn", f"arn:aws:iam::{ACCOUNT}:instance-profile/sample")
    stage.name("PrincipalArn", f"arn:aws:iam::{ACCOUNT}:role/sample")
    stage.make("CreateKeyPair", "KeyPairId", KeyName="sample-key", KeyType="ed25519")
    stage.make("CreatePlacementGroup", "GroupId", "PlacementGroupId", GroupName="sample-group", Strategy="spread")
    stage.name("KeyName", "sample-key")
    stage.name("GroupName", "sample-group")
    stage.name("ImageId", image(stage.ec2))
    made = stage.make("RunInstances", "InstanceId", ImageId="{ImageId}", InstanceType="m6a.large", KeyName="sample-key", SubnetId="{SubnetId}",
                      SecurityGroupIds=["{GroupId}"], IamInstanceProfile={"Name": "sample"}, Placement={"GroupName": "sample-group"},
                      CpuOptions={"AmdSevSnp": "enabled"})
    stage.later()
    stage.name("Resources", made)
    stage.make("DescribeNetworkInterfaces", "NetworkInterfaceId", Filters=[{"Name": "attachment.instance-id", "Values": [made]}])
    stage.make("DescribeVolumes", "VolumeId", Filters=[{"Name": "attachment.instance-id", "Values": [made]}])
    interfaces = stage.call("DescribeNetworkInterfaces", NetworkInterfaceIds=["{NetworkInterfaceId}"])
    stage.name("AttachmentId", found(interfaces, "AttachmentId"))
    lent = stage.call("CreateNetworkInterfacePermission", AwsAccountId=PARTNER, Permission="INSTANCE-ATTACH")
    stage.name("NetworkInterfacePermissionId", found(lent, "NetworkInterfacePermissionId"))
    associated = stage.call("AssociateAddress", AllocationId="{AllocationId}", NetworkInterfaceId="{NetworkInterfaceId}")
    stage.name("AddressAssociationId", associated["AssociationId"])
    stage.name("AssociationId", found(stage.ec2.describe_iam_instance_profile_associations(), "AssociationId"))
    stage.make("CreateInstanceEventWindow", "InstanceEventWindowId", CronExpression="* 0-4 * * *")
    stage.make("CreateInstanceConnectEndpoint", "InstanceConnectEndpointId")
    for kind, name in [("trunk", "TrunkInterfaceId"), ("branch", "BranchInterfaceId")]:
        stage.make("CreateNetworkInterface", "NetworkInterfaceId", name, InterfaceType=kind)
    stage.name("TrunkAssociationId", found(stage.call("AssociateTrunkInterface", GreKey=1), "AssociationId"))


def images(stage):
    stage.name("SourceVolumeId", stage.names["VolumeId"])
    held = stage.make("CreateSnapshot", "SnapshotId")
    stage.name("SnapshotTime", f"{found(stage.ec2.describe_snapshots(SnapshotIds=[held]), 'StartTime'):%Y-%m-%dT%H:%M:%SZ}")
    stage.name("SourceSnapshotId", stage.names["SnapshotId"])
    stage.name("OwnImageId", register(stage.server, stage.ec2, "sample-image"))
    stage.ec2.create_tags(Resources=[stage.names["OwnImageId"]], Tags=[TAG])
    stage.name("SourceImageId", stage.names["OwnImageId"])
    stage.make("CreateReplaceRootVolumeTask", "ReplaceRootVolumeTaskId")
    stage.make("CreateImageUsageReport", "ReportId", ImageId="{OwnImageId}", ResourceTypes=[{"ResourceType": "ec2:Instance"}])
    make_import_role(stage.server.client("iam"))
    stage.make("CreateFpgaImage", "FpgaImageId", InputStorageLocation={"Bucket": "disks", "Key": "server.raw"})
    export = {"DiskImageFormat": "VMDK", "S3ExportLocation": {"S3Bucket": "disks"}}
    stage.make("ExportImage", "ExportImageTaskId", "ExportTaskId", ImageId="{OwnImageId}", **export)
    stage.make("ImportSnapshot", "ImportTaskId", DiskContainer={"UserBucket": put_disk(stage.server)})
    volume = {"AvailabilityZone": ZONE, "Size": 1}
    for kind, operation, member, more in [("EBS_VOLUME", "CreateVolume", "VolumeId", volume), ("EBS_SNAPSHOT", "CreateSnapshot", "SnapshotId", {})]:
        stage.server.admin("PUT", "recycle-bin-rules", {"region": "us-east-1", "identifier": kind, "resourceType": kind, "retentionDays": 7,
                                                        "resourceTags": [{"key": "bin"}]})
        made = stage.make(operation, member, f"Recycled{member}", **more)
        stage.ec2.create_tags(Resources=[made], Tags=[{"Key": "bin", "Value": ""}])
        stage.later()
        stage.call(operation.replace("Create", "Delete"), **{member: made})


def capacity(stage):
    of_type = {"InstanceType": "m5.large", "InstancePlatform": "Linux/UNIX", "AvailabilityZone": ZONE}
    held = stage.make("CreateCapacityReservation", "CapacityReservationId", InstanceCount=2, **of_type)
    told = stage.ec2.describe_capacity_reservations(CapacityReservationIds=[held])
    stage.name("CapacityReservationTime", f"{found(told, 'CreateDate'):%Y-%m-%dT%H:%M:%SZ}")
    for name in ("SourceCapacityReservationId", "DestinationCapacityReservationId"):
        stage.make("CreateCapacityReservation", "CapacityReservationId", name, InstanceCount=2, **of_type)
    fleet = stage.make("CreateCapacityReservationFleet", "CapacityReservationFleetId", TotalTargetCapacity=1, InstanceTypeSpecifications=[of_type])
    told = stage.ec2.describe_capacity_reservation_fleets(CapacityReservationFleetIds=[fleet])
    stage.name("FleetReservationId", found(told, "CapacityReservationId"))
    stage.ec2.enable_capacity_manager()
    stage.make("CreateCapacityManagerDataExport", "CapacityManagerDataExportId", S3BucketName="capacity", Schedule="hourly", OutputFormat="csv")
    stage.make("AllocateHosts", "HostIds", "HostId", InstanceType="m5.large", AvailabilityZone=ZONE, Quantity=1)
    stage.name("HostIdSet", stage.names["HostId"])
    stage.name("OfferingId", found(stage.ec2.describe_host_reservation_offerings(Filter=[{"Name": "instance-family", "Values": ["m5"]}]), "OfferingId"))
    stage.make("PurchaseHostReservation", "HostReservationId")
    offers = stage.ec2.describe_reserved_instances_offerings(InstanceType="m5.large", AvailabilityZone=ZONE)
    stage.name("ReservedInstancesOfferingId", found(offers, "ReservedInstancesOfferingId"))
    bought = stage.call("PurchaseReservedInstancesOffering", InstanceCount=1)["ReservedInstancesId"]
    stage.name("ReservedInstancesId", bought)
    stage.name("ReservedInstanceId", bought)


def launches(stage):
    stage.make("CreateLaunchTemplate", "LaunchTemplateId", LaunchTemplateName="sample-template", LaunchTemplateData={
        "ImageId": "{ImageId}", "InstanceType": "m5.large"})
    stage.make("RequestSpotInstances", "SpotInstanceRequestId", LaunchSpecification={"ImageId": "{ImageId}", "InstanceType": "m5.large"})
    stage.make("CreateFleet", "FleetId", TargetCapacitySpecification={"TotalTargetCapacity": 0, "DefaultTargetCapacityType": "on-demand"}, LaunchTemplateConfigs=[
        {"LaunchTemplateSpecification": {"LaunchTemplateId": "{LaunchTemplateId}", "Version": "1"}}])
    role = stage.iam.create_role(RoleName="sample-fleet", AssumeRolePolicyDocument=trust("spotfleet.amazonaws.com"))["Role"]["Arn"]
    stage.name("IamFleetRole", role)
    stage.make("RequestSpotFleet", "SpotFleetRequestId", SpotFleetRequestConfig={"IamFleetRole": role, "TargetCapacity": 0, "LaunchSpecifications": [
        {"ImageId": "{ImageId}", "InstanceType": "m5.large"}]})


def gateways(stage):
    stage.make("CreateCarrierGateway", "CarrierGatewayId")
    stage.make("CreateCustomerGateway", "CustomerGatewayId", Type="ipsec.1", IpAddress="203.0.113.7")
    stage.make("CreateEgressOnlyInternetGateway", "EgressOnlyInternetGatewayId")
    stage.make("CreateNatGateway", "NatGatewayId", SubnetId="{SubnetId}", ConnectivityType="private")
    logs = {"ResourceType": "VPC", "ResourceIds": ["{VpcId}"], "TrafficType": "ALL", "LogDestinationType": "s3", "LogDestination": "arn:aws:s3:::logs"}
    stage.make("CreateFlowLogs", "FlowLogIds", "FlowLogId", **logs)
    stage.make("CreateVpcEndpoint", "VpcEndpointId", ServiceName="com.amazonaws.us-east-1.sqs", VpcEndpointType="Interface", PrivateDnsEnabled=False)
    stage.make("CreateVpcEndpointServiceConfiguration", "ServiceId", NetworkLoadBalancerArns=[BALANCER], PrivateDnsName="api.example.com")
    note = stage.call("CreateVpcEndpointConnectionNotification", ServiceId="{ServiceId}", ConnectionEvents=["Accept"],
                      ConnectionNotificationArn=f"arn:aws:sns:us-east-1:{ACCOUNT}:sample")
    stage.name("ConnectionNotificationId", found(note, "ConnectionNotificationId"))
    stage.make("CreateVpcPeeringConnection", "VpcPeeringConnectionId", PeerVpcId="{PeerVpcId}")
    stage.make("CreateManagedPrefixList", "PrefixListId", PrefixListName="sample", AddressFamily="IPv4", MaxEntries=5)


def addresses_of_ipam(stage):
    stage.make("CreateIpam", "IpamId")
    stage.make("CreateIpamScope", "IpamScopeId")
    stage.name("CurrentIpamScopeId", stage.names["IpamScopeId"])
    stage.name("ResourceId", stage.names["VpcId"])
    stage.make("CreateIpamPool", "IpamPoolId", AddressFamily="ipv4", Locale="us-east-1")
    stage.call("ProvisionIpamPoolCidr", Cidr="10.64.0.0/10")
    stage.later()
    stage.make("AllocateIpamPoolCidr", "IpamPoolAllocationId", NetmaskLength=24)
    stage.make("CreateIpamResourceDiscovery", "IpamResourceDiscoveryId")
    stage.make("AssociateIpamResourceDiscovery", "IpamResourceDiscoveryAssociationId")
    stage.make("CreateIpamPolicy", "IpamPolicyId")
    stage.make("CreateIpamExternalResourceVerificationToken", "IpamExternalResourceVerificationTokenId")
    stage.make("CreateIpamPrefixListResolver", "IpamPrefixListResolverId", AddressFamily="ipv4")
    stage.make("CreateIpamPrefixListResolverTarget", "IpamPrefixListResolverTargetId", PrefixListRegion="us-east-1", TrackLatestVersion=True)
    stage.make("CreateIpamInternetRegistryAssociation", "IpamInternetRegistryAssociationId", Rir="ripe", OrganizationHandle="ORG-EX1-RIPE")
    stage.call("ProvisionByoipCidr", Cidr="2600:9000:5300::/48", CidrAuthorizationContext=PROOF)
    stage.server.advance("3h")
    stage.make("DescribeIpv6Pools", "PoolId", "Ipv6PoolId")


def ways(stage):
    stage.make("CreateNetworkInsightsPath", "NetworkInsightsPathId", Source="{InstanceId}", Destination="{InternetGatewayId}", Protocol="tcp")
    stage.make("StartNetworkInsightsAnalysis", "NetworkInsightsAnalysisId")
    stage.make("CreateNetworkInsightsAccessScope", "NetworkInsightsAccessScopeId", MatchPaths=[
        {"Source": {"ResourceStatement": {"ResourceTypes": ["AWS::EC2::InternetGateway"]}}}])
    stage.make("StartNetworkInsightsAccessScopeAnalysis", "NetworkInsightsAccessScopeAnalysisId")
    stage.make("CreateRouteServer", "RouteServerId", AmazonSideAsn=65000)
    stage.make("CreateSecondaryNetwork", "SecondaryNetworkId", Ipv4CidrBlock="10.80.0.0/16", NetworkType="rdma")
    stage.later()
    stage.make("CreateSecondarySubnet", "SecondarySubnetId", Ipv4CidrBlock="10.80.0.0/24")
    stage.call("AssociateRouteServer")
    stage.make("CreateRouteServerEndpoint", "RouteServerEndpointId")
    stage.later()
    stage.make("CreateRouteServerPeer", "RouteServerPeerId", PeerAddress="10.9.0.9", BgpOptions={"PeerAsn": 65001})


def mirrors(stage):
    stage.make("CreateTrafficMirrorFilter", "TrafficMirrorFilterId")
    stage.make("CreateTrafficMirrorFilterRule", "TrafficMirrorFilterRuleId", TrafficDirection="ingress", RuleNumber=1, RuleAction="accept",
               SourceCidrBlock="10.0.0.0/8", DestinationCidrBlock="10.0.0.0/8")
    stage.make("CreateTrafficMirrorTarget", "TrafficMirrorTargetId", NetworkLoadBalancerArn=BALANCER)
    stage.make("CreateTrafficMirrorSession", "TrafficMirrorSessionId", SessionNumber=1)


def doors(stage):
    stage.make("CreateVerifiedAccessInstance", "VerifiedAccessInstanceId")
    stage.make("CreateVerifiedAccessTrustProvider", "VerifiedAccessTrustProviderId", TrustProviderType="user",
               UserTrustProviderType="iam-identity-center", PolicyReferenceName="people")
    stage.make("CreateVerifiedAccessGroup", "VerifiedAccessGroupId")
    stage.make("CreateVerifiedAccessEndpoint", "VerifiedAccessEndpointId", EndpointType="network-interface", AttachmentType="vpc", SecurityGroupIds=["{GroupId}"],
               NetworkInterfaceOptions={"NetworkInterfaceId": "{NetworkInterfaceId}", "Protocol": "https", "Port": 443})


def hubs(stage):
    """Transit gateways; the first one is the sample, and is peered with a second one."""
    other = stage.make("CreateTransitGateway", "TransitGatewayId", "PeerTransitGatewayId")
    hub = stage.make("CreateTransitGateway", "TransitGatewayId", Options={"MulticastSupport": "enable", "TransitGatewayCidrBlocks": ["10.99.0.0/24"]})
    stage.later()
    tables = {"Filters": [{"Name": "transit-gateway-id", "Values": [hub]}]}
    stage.make("DescribeTransitGatewayRouteTables", "TransitGatewayRouteTableId", **tables)
    peering = stage.make("CreateTransitGatewayPeeringAttachment", "TransitGatewayAttachmentId", "PeeringAttachmentId", PeerTransitGatewayId=other,
                         PeerAccountId=ACCOUNT, PeerRegion="us-east-1", Options={"DynamicRouting": "enable"})
    stage.make("CreateTransitGatewayVpcAttachment", "TransitGatewayAttachmentId", SubnetIds=["{SubnetId}"])
    for kind in ("PolicyTable", "MulticastDomain", "MeteringPolicy"):
        stage.make(f"CreateTransitGateway{kind}", f"TransitGateway{kind}Id", TransitGatewayId=hub)
    stage.later()
    attachment = stage.names["TransitGatewayAttachmentId"]
    stage.name("TransportTransitGatewayAttachmentId", attachment)
    theirs = stage.ec2.describe_transit_gateway_peering_attachments(Filters=[{"Name": "transit-gateway-id", "Values": [other]}])
    stage.ec2.accept_transit_gateway_peering_attachment(TransitGatewayAttachmentId=found(theirs, "TransitGatewayAttachmentId") or peering)
    connect = stage.make("CreateTransitGatewayConnect", "TransitGatewayAttachmentId", "ConnectAttachmentId", Options={"Protocol": "gre"})
    stage.later()
    stage.make("CreateTransitGatewayConnectPeer", "TransitGatewayConnectPeerId", TransitGatewayAttachmentId=connect, PeerAddress="10.1.0.9",
               InsideCidrBlocks=["169.254.100.0/29"])
    stage.make("CreateTransitGatewayRouteTableAnnouncement", "TransitGatewayRouteTableAnnouncementId")


def tunnels(stage):
    gateway = stage.make("CreateVpnGateway", "VpnGatewayId", Type="ipsec.1")
    stage.call("AttachVpnGateway")
    stage.later()
    stage.make("CreateVpnConnection", "VpnConnectionId", Type="ipsec.1", VpnGatewayId=gateway, Options={"StaticRoutesOnly": True})
    stage.make("CreateVpnConcentrator", "VpnConcentratorId", Type="ipsec.1", TransitGatewayId="{TransitGatewayId}")
    stage.make("CreateClientVpnEndpoint", "ClientVpnEndpointId", ClientCidrBlock="10.200.0.0/22", ConnectionLogOptions={"Enabled": False}, AuthenticationOptions=[
        {"Type": "certificate-authentication", "MutualAuthentication": {"ClientRootCertificateChainArn": CERTIFICATE}}])


def checks(stage):
    stage.make("CreateApplicationStatusCheck", "ApplicationStatusCheckId")
    stage.make("CreateMetricCategory", "MetricCategoryId")
    stage.make("CreateNetworkingFlexCostAllocationPolicy", "FcaPolicyId", NetworkResourceType="ec2", InstanceFcaPolicyDocument={
        "ReportingGranularity": ["eni"], "Dimensions": ["data-transfer"]})
    associated = stage.call("AssociateNetworkingFlexCostAllocationPolicy", NetworkResourceIds=["{InstanceId}"])
    stage.name("FcaPolicyAssociationId", found(associated, "FcaPolicyAssociationId"))


def outposts(stage):
    arn = f"arn:aws:outposts:us-east-1:{ACCOUNT}:outpost/op-0123456789abcdef0"
    told = stage.server.admin("PUT", "outposts", {"outpostArn": arn, "lags": [{}]})
    stage.name("LocalGatewayId", told["localGatewayId"])
    stage.name("OutpostLagId", told["lags"][0]["outpostLagId"])
    stage.ec2.create_tags(Resources=[told["localGatewayId"], told["lags"][0]["outpostLagId"]], Tags=[TAG])
    for kind, more in [("RouteTable", {"Mode": "coip"}), ("VirtualInterfaceGroup", {"LocalBgpAsn": 65024}), ("RouteTableVpcAssociation", {}),
                       ("RouteTableVirtualInterfaceGroupAssociation", {}),
                       ("VirtualInterface", {"Vlan": 200, "LocalAddress": "169.254.2.1/30", "PeerAddress": "169.254.2.2/30", "PeerBgpAsn": 65000})]:
        stage.make(f"CreateLocalGateway{kind}", f"LocalGateway{kind}Id", **more)
    stage.make("CreateCoipPool", "PoolId", "CoipPoolId")
