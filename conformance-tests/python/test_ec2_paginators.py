"""Paginators of EC2: every built one walks more than three pages, gives each thing once and heeds PageSize, also while things come and go.

`KINDS` says for each operation what is walked and how such a thing is made. Lists that come with the product (`BULK`) are compared with one walk
in as few pages as the operation allows.
"""

import datetime
import functools
import itertools

import pytest
from botocore import xform_name
from botocore.config import Config

from built import is_built
from conftest import CONFIG, error_of, image, make_import_role, make_profile, put_disk, register, trust

#: With pages of five, four pages.
COUNT = 17
ZONE = "us-east-1a"
PARTNER = "222222222222"
#: Refused altogether, since EC2-Classic was retired.
REFUSED = ["describe_classic_link_instances", "describe_vpc_classic_link_dns_support"]


class Stage:
    """What things are made in; each part is made when it is first asked for."""

    def __init__(self, server):
        self.server, self.ec2, self.iam = server, server.client("ec2"), server.client("iam")
        self.numbers = itertools.count()

    def name(self):
        return f"paged-{next(self.numbers)}"

    def settle(self):
        self.server.advance("2m")

    def new_vpc(self):
        return self.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]

    @functools.cached_property
    def bare(self):
        """A client that sends whatever it is given."""
        return self.server.client("ec2", config=CONFIG.merge(Config(parameter_validation=False)))

    @functools.cached_property
    def vpc(self):
        return self.new_vpc()

    @functools.cached_property
    def blocks(self):
        return (f"10.0.{number}.0/24" for number in range(200))

    def new_subnet(self):
        return self.ec2.create_subnet(VpcId=self.vpc, CidrBlock=next(self.blocks), AvailabilityZone=ZONE)["Subnet"]["SubnetId"]

    def new_access_scope(self):
        """A scope about ways of which there are none: an analysis looks for all at once."""
        condition = {"Source": {"ResourceStatement": {"ResourceTypes": ["AWS::EC2::VPNGateway"]}}, "Destination": {"ResourceStatement": {"Resources": [self.interface]}}}
        return self.ec2.create_network_insights_access_scope(MatchPaths=[condition])["NetworkInsightsAccessScope"]["NetworkInsightsAccessScopeId"]

    @functools.cached_property
    def access_scope(self):
        return self.new_access_scope()

    @functools.cached_property
    def subnet(self):
        """One with room for all that the tests make, and for what is on its way out."""
        return self.ec2.create_subnet(VpcId=self.vpc, CidrBlock="10.0.208.0/20", AvailabilityZone=ZONE)["Subnet"]["SubnetId"]

    @functools.cached_property
    def image(self):
        return image(self.ec2)

    def launch(self, count=1, **more):
        made = self.ec2.run_instances(MinCount=count, MaxCount=count, **{"ImageId": self.image, "InstanceType": "t3.micro", **more})
        return [one["InstanceId"] for one in made["Instances"]]

    @functools.cached_property
    def instances(self):
        """As many as are walked, running."""
        made = self.launch(COUNT, SubnetId=self.subnet)
        self.settle()
        return made

    def new_volume(self):
        return self.ec2.create_volume(AvailabilityZone=ZONE, Size=1)["VolumeId"]

    @functools.cached_property
    def volume(self):
        made = self.new_volume()
        self.settle()
        return made

    def new_snapshot(self):
        return self.ec2.create_snapshot(VolumeId=self.volume)["SnapshotId"]

    @functools.cached_property
    def snapshot(self):
        made = self.new_snapshot()
        self.settle()
        return made

    def new_group(self, vpc=None):
        return self.ec2.create_security_group(GroupName=self.name(), Description="paged", VpcId=vpc or self.vpc)["GroupId"]

    @functools.cached_property
    def group(self):
        return self.new_group()

    @functools.cached_property
    def template(self):
        return self.ec2.create_launch_template(LaunchTemplateName=self.name(), LaunchTemplateData={
            "ImageId": self.image, "InstanceType": "m5.large"})["LaunchTemplate"]["LaunchTemplateId"]

    def new_service(self):
        owner = self.ec2.describe_vpcs()["Vpcs"][0]["OwnerId"]
        balancer = f"arn:aws:elasticloadbalancing:us-east-1:{owner}:loadbalancer/net/web/0123456789abcdef"
        made = self.ec2.create_vpc_endpoint_service_configuration(NetworkLoadBalancerArns=[balancer], AcceptanceRequired=False)
        return made["ServiceConfiguration"]

    @functools.cached_property
    def service(self):
        made = self.new_service()
        self.settle()
        return made

    def new_list(self, entries=()):
        return self.ec2.create_managed_prefix_list(PrefixListName=self.name(), MaxEntries=20, AddressFamily="IPv4",
                                                   Entries=list(entries))["PrefixList"]["PrefixListId"]

    @functools.cached_property
    def full_list(self):
        made = self.new_list({"Cidr": f"10.9.{number}.0/24"} for number in range(COUNT))
        self.settle()
        return made

    def new_endpoint(self, service, **more):
        made = self.ec2.create_vpc_endpoint(VpcId=self.vpc, VpcEndpointType="Interface", ServiceName=service, SubnetIds=[self.subnet],
                                            PrivateDnsEnabled=False, **more)
        return made["VpcEndpoint"]["VpcEndpointId"]

    @functools.cached_property
    def roomy_subnet(self):
        """One without the many instances of the others."""
        return self.new_subnet()

    def new_interface(self):
        return self.ec2.create_network_interface(SubnetId=self.roomy_subnet)["NetworkInterface"]["NetworkInterfaceId"]

    @functools.cached_property
    def interface(self):
        return self.new_interface()

    @functools.cached_property
    def ipam(self):
        made = self.ec2.create_ipam()["Ipam"]
        self.settle()
        return made

    def new_pool(self, *blocks):
        made = self.ec2.create_ipam_pool(IpamScopeId=self.ipam["PrivateDefaultScopeId"], AddressFamily="ipv4")["IpamPool"]["IpamPoolId"]
        for block in blocks:
            self.ec2.provision_ipam_pool_cidr(IpamPoolId=made, Cidr=block)
        return made

    @functools.cached_property
    def pool(self):
        return self.new_pool()

    @functools.cached_property
    def resolver(self):
        made = self.ec2.create_ipam_prefix_list_resolver(IpamId=self.ipam["IpamId"], AddressFamily="ipv4")
        return made["IpamPrefixListResolver"]["IpamPrefixListResolverId"]

    @functools.cached_property
    def registry(self):
        """An association with a registry that is enabled."""
        made = make_registry(self)
        self.settle()
        certificate = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----"
        self.ec2.enable_ipam_internet_registry_association(
            IpamInternetRegistryAssociationId=made, RpkiVersion="1", ServiceUri="https://rpki.example.net/", ChildHandle="child", ParentHandle="parent",
            ParentBpkiTa=certificate)
        self.settle()
        return made

    @functools.cached_property
    def mirror_filter(self):
        return self.ec2.create_traffic_mirror_filter()["TrafficMirrorFilter"]["TrafficMirrorFilterId"]

    def new_mirror_target(self):
        balancer = f"arn:aws:elasticloadbalancing:us-east-1:000000000000:loadbalancer/net/{self.name()}/0123456789abcdef"
        return self.ec2.create_traffic_mirror_target(NetworkLoadBalancerArn=balancer)["TrafficMirrorTarget"]["TrafficMirrorTargetId"]

    @functools.cached_property
    def mirror_target(self):
        return self.new_mirror_target()

    @functools.cached_property
    def sources(self):
        """Interfaces, each as often as it can be mirrored."""
        return (one for _ in itertools.count() for one in [self.new_interface()] * 3)

    @functools.cached_property
    def pairs(self):
        """Zones, each with each."""
        zones = [one["ZoneId"] for one in self.ec2.describe_availability_zones()["AvailabilityZones"]]
        return itertools.product(zones, zones)

    @functools.cached_property
    def future(self):
        """A capacity reservation for a day to come."""
        start = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=100)
        made = self.ec2.create_capacity_reservation(
            InstanceType="m5.large", InstancePlatform="Linux/UNIX", AvailabilityZone=ZONE, InstanceCount=1, InstanceMatchCriteria="targeted",
            StartDate=start, CommitmentDuration=864_000)["CapacityReservation"]
        self.settle()
        return made

    def new_door(self):
        return self.ec2.create_verified_access_instance()["VerifiedAccessInstance"]["VerifiedAccessInstanceId"]

    @functools.cached_property
    def door(self):
        return self.new_door()

    def new_people(self):
        return self.ec2.create_verified_access_group(VerifiedAccessInstanceId=self.door)["VerifiedAccessGroup"]["VerifiedAccessGroupId"]

    @functools.cached_property
    def people(self):
        return self.new_people()

    @functools.cached_property
    def hub(self):
        """A transit gateway that is done."""
        made = self.ec2.create_transit_gateway(Options={"MulticastSupport": "enable", "TransitGatewayCidrBlocks": ["10.99.0.0/24"]})
        self.settle()
        return made["TransitGateway"]["TransitGatewayId"]

    @functools.cached_property
    def hub_table(self):
        return self.ec2.describe_transit_gateways(TransitGatewayIds=[self.hub])["TransitGateways"][0]["Options"]["AssociationDefaultRouteTableId"]

    @functools.cached_property
    def hive(self):
        """A transit gateway for what there are hundreds of."""
        made = self.ec2.create_transit_gateway()["TransitGateway"]["TransitGatewayId"]
        self.settle()
        return made

    @functools.cached_property
    def metering(self):
        made = self.ec2.create_transit_gateway_metering_policy(TransitGatewayId=self.hub)
        self.settle()
        return made["TransitGatewayMeteringPolicy"]["TransitGatewayMeteringPolicyId"]

    @functools.cached_property
    def dynamic_peering(self):
        """An attachment to a transit gateway elsewhere that takes over what is announced."""
        there = self.server.client("ec2", region="eu-west-1")
        other = there.create_transit_gateway()["TransitGateway"]["TransitGatewayId"]
        hub = self.hub
        self.settle()
        made = self.ec2.create_transit_gateway_peering_attachment(
            TransitGatewayId=hub, PeerTransitGatewayId=other, PeerAccountId="000000000000", PeerRegion="eu-west-1", Options={"DynamicRouting": "enable"})
        name = made["TransitGatewayPeeringAttachment"]["TransitGatewayAttachmentId"]
        there.accept_transit_gateway_peering_attachment(TransitGatewayAttachmentId=name)
        self.settle()
        return name

    @functools.cached_property
    def trunk_subnet(self):
        return self.new_subnet()

    @functools.cached_property
    def trunk(self):
        return self.ec2.create_network_interface(SubnetId=self.trunk_subnet, InterfaceType="trunk")["NetworkInterface"]["NetworkInterfaceId"]

    def attach(self, vpc, subnet):
        made = self.ec2.create_transit_gateway_vpc_attachment(TransitGatewayId=self.hub, VpcId=vpc, SubnetIds=[subnet])
        self.settle()
        return made["TransitGatewayVpcAttachment"]["TransitGatewayAttachmentId"]

    def new_attachment(self):
        vpc = self.new_vpc()
        return self.attach(vpc, self.ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"])

    @functools.cached_property
    def attachment(self):
        return self.attach(self.vpc, self.subnet)

    @functools.cached_property
    def connect(self):
        made = self.ec2.create_transit_gateway_connect(TransportTransitGatewayAttachmentId=self.attachment, Options={"Protocol": "gre"})
        self.settle()
        return made["TransitGatewayConnect"]["TransitGatewayAttachmentId"]

    @functools.cached_property
    def domain(self):
        made = self.ec2.create_transit_gateway_multicast_domain(TransitGatewayId=self.hub)
        self.settle()
        self.ec2.associate_transit_gateway_multicast_domain(
            TransitGatewayMulticastDomainId=made["TransitGatewayMulticastDomain"]["TransitGatewayMulticastDomainId"],
            TransitGatewayAttachmentId=self.attachment, SubnetIds=[self.subnet])
        return made["TransitGatewayMulticastDomain"]["TransitGatewayMulticastDomainId"]

    @functools.cached_property
    def policy_table(self):
        made = self.ec2.create_transit_gateway_policy_table(TransitGatewayId=self.hub)
        self.settle()
        return made["TransitGatewayPolicyTable"]["TransitGatewayPolicyTableId"]

    def new_outpost(self, **more):
        arn = f"arn:aws:outposts:us-east-1:000000000000:outpost/op-{next(self.numbers):017x}"
        return self.server.admin("PUT", "outposts", {"outpostArn": arn, **more})

    @functools.cached_property
    def outpost(self):
        return self.new_outpost(lags=[{}])

    def new_local_table(self):
        made = self.ec2.create_local_gateway_route_table(LocalGatewayId=self.outpost["localGatewayId"], Mode="coip")
        return made["LocalGatewayRouteTable"]["LocalGatewayRouteTableId"]

    def new_local_group(self):
        made = self.ec2.create_local_gateway_virtual_interface_group(LocalGatewayId=self.outpost["localGatewayId"])
        return made["LocalGatewayVirtualInterfaceGroup"]["LocalGatewayVirtualInterfaceGroupId"]

    @functools.cached_property
    def local_table(self):
        return self.new_local_table()

    @functools.cached_property
    def local_group(self):
        return self.new_local_group()

    @functools.cached_property
    def coip_pool(self):
        pool = self.ec2.create_coip_pool(LocalGatewayRouteTableId=self.new_local_table())["CoipPool"]["PoolId"]
        self.ec2.create_coip_cidr(CoipPoolId=pool, Cidr="198.51.100.0/24")
        return pool

    def new_status_check(self):
        return self.ec2.create_application_status_check(Protocol="http", Port=80)["ApplicationStatusCheck"]["ApplicationStatusCheckId"]

    @functools.cached_property
    def status_check(self):
        return self.new_status_check()

    def new_cost_policy(self):
        document = {"ReportingGranularity": ["eni"], "Dimensions": ["data-transfer"]}
        return self.ec2.create_networking_flex_cost_allocation_policy(NetworkResourceType="ec2", InstanceFcaPolicyDocument=document)["FcaPolicyId"]

    @functools.cached_property
    def cost_policy(self):
        return self.new_cost_policy()

    def new_mac_host(self):
        return self.ec2.allocate_hosts(InstanceType="mac1.metal", AvailabilityZone="us-east-1b", Quantity=1)["HostIds"][0]

    @functools.cached_property
    def mac(self):
        """An instance on a Mac."""
        device = {"DeviceName": "/dev/sda1", "Ebs": {"SnapshotId": self.snapshot}}
        image = self.ec2.register_image(Name=self.name(), Architecture="x86_64_mac", RootDeviceName="/dev/sda1", BlockDeviceMappings=[device],
                                        VirtualizationType="hvm", EnaSupport=True)["ImageId"]
        self.settle()
        placement = {"Tenancy": "host", "HostId": self.new_mac_host()}
        made = self.launch(ImageId=image, InstanceType="mac1.metal", Placement=placement)[0]
        self.settle()
        return made

    def new_client_endpoint(self):
        certificate = "arn:aws:acm:us-east-1:000000000000:certificate/0c2e8f0b-0000-4000-8000-000000000000"
        options = [{"Type": "certificate-authentication", "MutualAuthentication": {"ClientRootCertificateChainArn": certificate}}]
        return self.ec2.create_client_vpn_endpoint(ClientCidrBlock="172.20.0.0/16", ServerCertificateArn=certificate, AuthenticationOptions=options,
                                                   ConnectionLogOptions={"Enabled": False})["ClientVpnEndpointId"]

    @functools.cached_property
    def client_endpoint(self):
        made = self.new_client_endpoint()
        self.ec2.associate_client_vpn_target_network(ClientVpnEndpointId=made, SubnetId=self.subnet)
        self.settle()
        return made


@pytest.fixture(scope="module")
def stage(server):
    return Stage(server)


class Kind:
    """An operation, the member that it answers with, what tells its things apart, how one is made and deleted, and the rest of the request."""

    def __init__(self, operation, key, identity, make, delete=None, request=None, size=5, count=COUNT, items=None):
        self.operation, self.key, self.make, self.delete, self.size, self.count = operation, key, make, delete, size, count
        self.identity = (lambda item: item[identity]) if isinstance(identity, str) else identity
        self.request = request or (lambda stage: {})
        self.items = items or (lambda page: page[key])

    def pages(self, stage, size=None):
        return walk(stage.ec2, self.operation, size or self.size, **self.request(stage))

    def names(self, page):
        return [self.identity(item) for item in self.items(page)]


def walk(client, operation, size, **arguments):
    """The pages of boto3's paginator, or the same by hand for operations that page and have none."""
    if client.can_paginate(operation):
        yield from client.get_paginator(operation).paginate(**arguments, PaginationConfig={"PageSize": size})
        return
    token = {}
    while token is not None:
        page = getattr(client, operation)(**arguments, MaxResults=size, **token)
        yield page
        token = {"NextToken": page["NextToken"]} if page.get("NextToken") else None


def filtered(name, value, parameter="Filters"):
    """A request for the things of the stage."""
    return lambda stage: {parameter: [{"Name": name, "Values": [value(stage)]}]}


def of_vpc(stage):
    return stage.vpc


def each(operation, parameter, **more):
    """Deletion by an operation that takes the id."""
    return lambda stage, name: getattr(stage.ec2, operation)(**{parameter: name}, **more)


def many(operation, parameter, **more):
    """Deletion by an operation that takes a list of ids."""
    return lambda stage, name: getattr(stage.ec2, operation)(**{parameter: [name]}, **more)


def made(operation, *path, **arguments):
    """Making by an operation whose answer has the id under that path; arguments that are functions are given the stage."""
    def make(stage):
        filled = {name: value(stage) if callable(value) else value for name, value in arguments.items()}
        return functools.reduce(lambda answer, member: answer[member], path, getattr(stage.ec2, operation)(**filled))
    return make


def instances_of(page):
    return [one for reservation in page["Reservations"] for one in reservation["Instances"]]


def make_tag(stage):
    key = stage.name()
    stage.ec2.create_tags(Resources=[stage.vpc], Tags=[{"Key": key, "Value": "x"}])
    return stage.vpc, key


def delete_tag(stage, name):
    stage.ec2.delete_tags(Resources=[name[0]], Tags=[{"Key": name[1]}])


def make_profiled(stage):
    if not hasattr(stage, "profile"):
        stage.profile = "paged"
        make_profile(stage.iam, stage.profile)
    return stage.launch(IamInstanceProfile={"Name": stage.profile})[0]


def make_modified(stage):
    volume = stage.new_volume()
    stage.settle()
    stage.ec2.modify_volume(VolumeId=volume, Size=2)
    return volume


def make_fast(stage):
    snapshot = stage.new_snapshot()
    stage.settle()
    stage.ec2.enable_fast_snapshot_restores(AvailabilityZones=[ZONE], SourceSnapshotIds=[snapshot])
    return snapshot


def delete_fast(stage, name):
    stage.ec2.disable_fast_snapshot_restores(AvailabilityZones=[ZONE], SourceSnapshotIds=[name])


def make_locked(stage):
    snapshot = stage.new_snapshot()
    stage.ec2.lock_snapshot(SnapshotId=snapshot, LockMode="governance", LockDuration=1)
    return snapshot


def make_flow_log(stage):
    return stage.ec2.create_flow_logs(ResourceType="VPC", ResourceIds=[stage.vpc], TrafficType="ALL", LogDestinationType="s3",
                                      LogDestination=f"arn:aws:s3:::{stage.name()}")["FlowLogIds"][0]


def make_version(stage):
    return stage.ec2.create_launch_template_version(LaunchTemplateId=stage.template, LaunchTemplateData={
        "InstanceType": "m5.xlarge"})["LaunchTemplateVersion"]["VersionNumber"]


def delete_version(stage, name):
    stage.ec2.delete_launch_template_versions(LaunchTemplateId=stage.template, Versions=[str(name)])


def make_notification(stage):
    topic = f"arn:aws:sns:us-east-1:000000000000:{stage.name()}"
    return stage.ec2.create_vpc_endpoint_connection_notification(
        ServiceId=stage.service["ServiceId"], ConnectionNotificationArn=topic,
        ConnectionEvents=["Accept"])["ConnectionNotification"]["ConnectionNotificationId"]


def make_permission(stage):
    principal = f"arn:aws:iam::{300000000000 + next(stage.numbers)}:root"
    stage.ec2.modify_vpc_endpoint_service_permissions(ServiceId=stage.service["ServiceId"], AddAllowedPrincipals=[principal])
    return principal


def delete_permission(stage, name):
    stage.ec2.modify_vpc_endpoint_service_permissions(ServiceId=stage.service["ServiceId"], RemoveAllowedPrincipals=[name])


def make_spot(stage):
    specification = {"ImageId": stage.image, "InstanceType": "t3.micro"}
    return stage.ec2.request_spot_instances(LaunchSpecification=specification)["SpotInstanceRequests"][0]["SpotInstanceRequestId"]


def make_spot_fleet(stage, capacity=0):
    if not hasattr(stage, "fleet_role"):
        stage.fleet_role = stage.iam.create_role(RoleName="paged-fleet", AssumeRolePolicyDocument=trust("spotfleet.amazonaws.com"))["Role"]["Arn"]
    config = {"IamFleetRole": stage.fleet_role, "TargetCapacity": capacity, "LaunchSpecifications": [{"ImageId": stage.image, "InstanceType": "m5.large"}]}
    return stage.ec2.request_spot_fleet(SpotFleetRequestConfig=config)["SpotFleetRequestId"]


def make_lent(stage):
    interface = stage.ec2.create_network_interface(SubnetId=stage.subnet)["NetworkInterface"]["NetworkInterfaceId"]
    made = stage.ec2.create_network_interface_permission(NetworkInterfaceId=interface, AwsAccountId=PARTNER, Permission="INSTANCE-ATTACH")
    return made["InterfacePermission"]["NetworkInterfacePermissionId"]


def make_checked(stage):
    """An association of a check with a tag."""
    tag = {"Key": stage.name(), "Value": "x"}
    stage.ec2.associate_application_status_check(ApplicationStatusCheckId=stage.status_check, TargetTagAssociations=[tag])
    return stage.status_check, tag["Key"]


def delete_checked(stage, name):
    stage.ec2.disassociate_application_status_check(ApplicationStatusCheckId=name[0], TargetTagAssociations=[{"Key": name[1], "Value": "x"}])


def make_cost_association(stage):
    answer = stage.ec2.associate_networking_flex_cost_allocation_policy(FcaPolicyId=stage.cost_policy, NetworkResourceIds=stage.launch())
    return answer["FcaPolicyAssociations"][0]["FcaPolicyAssociationId"]


def make_mac_task(stage):
    made = stage.ec2.create_mac_system_integrity_protection_modification_task(InstanceId=stage.mac, MacSystemIntegrityProtectionStatus="enabled")
    stage.settle()
    return made["MacModificationTask"]["MacModificationTaskId"]


def make_host(stage):
    return stage.ec2.allocate_hosts(InstanceType="m5.large", AvailabilityZone=ZONE, Quantity=1)["HostIds"][0]


def make_fleet(stage, capacity=0):
    configs = [{"LaunchTemplateSpecification": {"LaunchTemplateId": stage.template, "Version": "1"}}]
    return stage.ec2.create_fleet(Type="maintain", LaunchTemplateConfigs=configs, TargetCapacitySpecification={
        "TotalTargetCapacity": capacity, "DefaultTargetCapacityType": "on-demand"})["FleetId"]


def make_rule(stage):
    port = next(stage.numbers) + 1000
    permission = {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}
    answer = stage.ec2.authorize_security_group_ingress(GroupId=stage.group, IpPermissions=[permission])
    return answer["SecurityGroupRules"][0]["SecurityGroupRuleId"]


def delete_rule(stage, name):
    stage.ec2.revoke_security_group_ingress(GroupId=stage.group, SecurityGroupRuleIds=[name])


def make_user_of_list(stage):
    group = stage.new_group()
    permission = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "PrefixListIds": [{"PrefixListId": stage.full_list}]}
    stage.ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[permission])
    return group


def make_entry(stage):
    if not hasattr(stage, "entries"):
        stage.full_list
        stage.entries = iter(f"10.9.{number}.0/24" for number in range(COUNT))
    return next(stage.entries)


def make_named_address(stage):
    allocation = stage.ec2.allocate_address(Domain="vpc")["AllocationId"]
    stage.ec2.modify_address_attribute(AllocationId=allocation, DomainName=f"{stage.name()}.example.com")
    return allocation


def make_transfer(stage):
    allocation = stage.ec2.allocate_address(Domain="vpc")["AllocationId"]
    stage.ec2.enable_address_transfer(AllocationId=allocation, TransferAccountId=PARTNER)
    return allocation


def make_replacement(stage):
    if not hasattr(stage, "roots"):
        stage.roots = iter(stage.instances)
    return stage.ec2.create_replace_root_volume_task(InstanceId=next(stage.roots))["ReplaceRootVolumeTask"]["ReplaceRootVolumeTaskId"]


def make_analysis(stage):
    if not hasattr(stage, "path"):
        ends = [stage.ec2.create_network_interface(SubnetId=stage.subnet)["NetworkInterface"]["NetworkInterfaceId"] for _ in range(2)]
        path = stage.ec2.create_network_insights_path(Source=ends[0], Destination=ends[1], Protocol="tcp")
        stage.path = path["NetworkInsightsPath"]["NetworkInsightsPathId"]
    return stage.ec2.start_network_insights_analysis(NetworkInsightsPathId=stage.path)["NetworkInsightsAnalysis"]["NetworkInsightsAnalysisId"]


def new_route_server(stage):
    return stage.ec2.create_route_server(AmazonSideAsn=65000)["RouteServer"]["RouteServerId"]


def make_route_endpoint(stage):
    if not hasattr(stage, "route_server"):
        stage.route_server = new_route_server(stage)
        stage.settle()
        stage.ec2.associate_route_server(RouteServerId=stage.route_server, VpcId=stage.vpc)
        stage.route_subnet = stage.new_subnet()
    made = stage.ec2.create_route_server_endpoint(RouteServerId=stage.route_server, SubnetId=stage.route_subnet)
    return made["RouteServerEndpoint"]["RouteServerEndpointId"]


def make_route_peer(stage):
    if not hasattr(stage, "route_endpoint"):
        stage.route_endpoint = make_route_endpoint(stage)
        stage.settle()
        stage.neighbours = (f"10.8.{third}.{last}" for third in range(9) for last in range(1, 200))
    made = stage.ec2.create_route_server_peer(RouteServerEndpointId=stage.route_endpoint, PeerAddress=next(stage.neighbours), BgpOptions={"PeerAsn": 65001})
    return made["RouteServerPeer"]["RouteServerPeerId"]


def make_range(stage):
    if not hasattr(stage, "ranges"):
        stage.ranges = itertools.count()
    return stage.ec2.provision_byoip_cidr(Cidr=f"198.51.{next(stage.ranges)}.0/24")["ByoipCidr"]["Cidr"]


def make_image(stage):
    devices = [{"DeviceName": "/dev/xvda", "Ebs": {"SnapshotId": stage.snapshot}}]
    return stage.ec2.register_image(Name=stage.name(), Architecture="x86_64", VirtualizationType="hvm", RootDeviceName="/dev/xvda",
                                    BlockDeviceMappings=devices)["ImageId"]


def make_reserved_host(stage):
    if not hasattr(stage, "host_offering"):
        family = [{"Name": "instance-family", "Values": ["m5"]}]
        stage.host_offering = stage.ec2.describe_host_reservation_offerings(Filter=family)["OfferingSet"][0]["OfferingId"]
    bought = stage.ec2.purchase_host_reservation(HostIdSet=[make_host(stage)], OfferingId=stage.host_offering)
    return bought["Purchase"][0]["HostReservationId"]


def make_capacity_fleet(stage):
    wanted = [{"InstanceType": "m5.large", "InstancePlatform": "Linux/UNIX", "AvailabilityZone": ZONE}]
    return stage.ec2.create_capacity_reservation_fleet(TotalTargetCapacity=1, InstanceTypeSpecifications=wanted)["CapacityReservationFleetId"]


def make_block(stage):
    """A Capacity Block; its id, and its reservation's."""
    wanted = {"InstanceType": "p5.48xlarge", "InstanceCount": 1, "CapacityDurationHours": 24}
    offer = stage.ec2.describe_capacity_block_offerings(**wanted)["CapacityBlockOfferings"][0]["CapacityBlockOfferingId"]
    bought = stage.ec2.purchase_capacity_block(CapacityBlockOfferingId=offer, InstancePlatform="Linux/UNIX")
    return bought["CapacityBlocks"][0]["CapacityBlockId"], bought["CapacityReservation"]["CapacityReservationId"]


def make_extension(stage):
    held = make_block(stage)[1]
    stage.settle()
    wanted = {"CapacityReservationId": held, "CapacityBlockExtensionDurationHours": 24}
    offer = stage.ec2.describe_capacity_block_extension_offerings(**wanted)["CapacityBlockExtensionOfferings"][0]["CapacityBlockExtensionOfferingId"]
    stage.ec2.purchase_capacity_block_extension(CapacityReservationId=held, CapacityBlockExtensionOfferingId=offer)
    return offer


def make_date_change_quote(stage):
    later = stage.future["StartDate"] + datetime.timedelta(days=1)
    made = stage.ec2.create_capacity_reservation_date_change_quote(CapacityReservationId=stage.future["CapacityReservationId"], NewStartDate=later)
    return made["CapacityReservationModificationQuote"]["CapacityReservationModificationQuoteId"]


def make_subscription(stage):
    source, destination = next(stage.pairs)
    stage.ec2.enable_aws_network_performance_metric_subscription(Source=source, Destination=destination)
    return source, destination


def make_tag_key(stage):
    key = stage.name()
    stage.ec2.enable_capacity_manager()
    stage.ec2.update_capacity_manager_monitored_tag_keys(ActivateTagKeys=[key])
    return key


def make_data_export(stage):
    stage.ec2.enable_capacity_manager()
    return stage.ec2.create_capacity_manager_data_export(S3BucketName="capacity", Schedule="hourly", OutputFormat="csv")["CapacityManagerDataExportId"]


def make_billing_request(stage):
    stage.server.admin("PUT", "organization", {"id": "o-a1b2c3d4e5", "managementAccount": "000000000000", "root": {
        "id": "r-ab12", "accounts": [{"id": "000000000000"}, {"id": PARTNER}]}})
    held = RESERVE(stage)
    stage.server.admin("PUT", "resource-shares", {"account": "000000000000", "name": held, "principals": [PARTNER],
                                                  "resourceArns": [f"arn:aws:ec2:us-east-1:000000000000:capacity-reservation/{held}"]})
    stage.ec2.associate_capacity_reservation_billing_owner(CapacityReservationId=held, UnusedReservationBillingOwnerId=PARTNER)
    stage.server.admin("DELETE", "organization")
    return held


def recycled(sort, make, delete):
    """Making of what lies in the Recycle Bin: a rule covers what has a certain tag."""
    def make_recycled(stage):
        stage.server.admin("PUT", "recycle-bin-rules", {
            "region": "us-east-1", "identifier": sort, "resourceType": sort, "retentionDays": 7, "resourceTags": [{"key": "bin"}]})
        name = make(stage)
        stage.ec2.create_tags(Resources=[name], Tags=[{"Key": "bin", "Value": ""}])
        stage.settle()
        delete(stage, name)
        return name
    return make_recycled


def make_fast_launch(stage):
    if not hasattr(stage, "windows"):
        stage.windows = stage.ec2.describe_images(Owners=["amazon"], Filters=[{"Name": "platform", "Values": ["windows"]}])["Images"][0]["ImageId"]
    made = stage.ec2.copy_image(Name=stage.name(), SourceImageId=stage.windows, SourceRegion="us-east-1")["ImageId"]
    stage.settle()
    stage.ec2.enable_fast_launch(ImageId=made, SnapshotConfiguration={"TargetResourceCount": 1})
    return made


def make_stored(stage):
    made = make_image(stage)
    stage.settle()
    stage.ec2.create_store_image_task(ImageId=made, Bucket="paged")
    return made


def make_naming_template(stage):
    return stage.ec2.create_launch_template(LaunchTemplateName=stage.name(), LaunchTemplateData={"ImageId": stage.image})["LaunchTemplate"]["LaunchTemplateId"]


def make_report(stage):
    """Of an image that another account's template names."""
    if not hasattr(stage, "reported"):
        stage.reported = make_image(stage)
        stage.settle()
        stage.ec2.modify_image_attribute(ImageId=stage.reported, LaunchPermission={"Add": [{"UserId": PARTNER}]})
        theirs = stage.server.client("ec2", stage.server.account(PARTNER))
        theirs.create_launch_template(LaunchTemplateName="reported", LaunchTemplateData={"ImageId": stage.reported})
    made = stage.ec2.create_image_usage_report(ImageId=stage.reported, ResourceTypes=[{"ResourceType": "ec2:LaunchTemplate"}])["ReportId"]
    stage.settle()
    return made


def make_import(stage):
    if not hasattr(stage, "imported"):
        make_import_role(stage.iam)
        stage.imported = put_disk(stage.server)
    return stage.ec2.import_snapshot(DiskContainer={"UserBucket": stage.imported})["ImportTaskId"]


def make_export(stage):
    if not hasattr(stage, "exported"):
        make_import(stage)
        stage.exported = register(stage.server, stage.ec2, "exported")
    place = {"S3ExportLocation": {"S3Bucket": "disks"}, "DiskImageFormat": "RAW"}
    return stage.ec2.export_image(ImageId=stage.exported, **place)["ExportImageTaskId"]


def make_image_import(stage):
    make_import(stage)
    return stage.ec2.import_image(DiskContainers=[{"UserBucket": stage.imported}])["ImportTaskId"]


def make_connect_endpoint(stage):
    answer = stage.ec2.create_instance_connect_endpoint(SubnetId=stage.new_subnet())
    return answer["InstanceConnectEndpoint"]["InstanceConnectEndpointId"]


def make_near(stage):
    """An instance of a type whose place in the network is told."""
    if not hasattr(stage, "near"):
        offered = stage.ec2.describe_instance_type_offerings(LocationType="availability-zone", Filters=[
            {"Name": "instance-type", "Values": ["g5.xlarge"]}])["InstanceTypeOfferings"]
        stage.near = iter(stage.launch(COUNT, InstanceType="g5.xlarge", Placement={"AvailabilityZone": offered[0]["Location"]}))
        stage.settle()
    return next(stage.near)


def make_associated(stage):
    """A group that is used in a further VPC."""
    if not hasattr(stage, "further"):
        stage.further = stage.new_vpc()
    group = stage.new_group()
    stage.ec2.associate_security_group_vpc(GroupId=group, VpcId=stage.further)
    return group


def delete_associated(stage, name):
    stage.settle()
    stage.ec2.disassociate_security_group_vpc(GroupId=name, VpcId=stage.further)


def make_long_id_role(stage):
    role = stage.iam.create_role(RoleName=stage.name(), AssumeRolePolicyDocument=trust("ec2.amazonaws.com"))["Role"]["Arn"]
    stage.ec2.modify_identity_id_format(PrincipalArn=role, Resource="vpc", UseLongIds=True)
    return role


def make_peering(stage):
    peer = stage.ec2.create_vpc(CidrBlock="10.77.0.0/16")["Vpc"]["VpcId"]
    return stage.ec2.create_vpc_peering_connection(VpcId=stage.vpc, PeerVpcId=peer)["VpcPeeringConnection"]["VpcPeeringConnectionId"]


def make_exclusion(stage):
    answer = stage.ec2.create_vpc_block_public_access_exclusion(SubnetId=stage.new_subnet(), InternetGatewayExclusionMode="allow-egress")
    return answer["VpcBlockPublicAccessExclusion"]["ExclusionId"]


def any_instance(stage):
    return stage.launch(SubnetId=stage.subnet)[0]


TERMINATE = many("terminate_instances", "InstanceIds")
RESERVE = made("create_capacity_reservation", "CapacityReservation", "CapacityReservationId", InstanceType="m5.large",
               InstancePlatform="Linux/UNIX", AvailabilityZone=ZONE, InstanceCount=1)
DHCP = made("create_dhcp_options", "DhcpOptions", "DhcpOptionsId", DhcpConfigurations=[{"Key": "domain-name", "Values": ["paged.example"]}])
NAT = made("create_nat_gateway", "NatGateway", "NatGatewayId", SubnetId=lambda stage: stage.subnet, ConnectivityType="private")
ENDPOINT = lambda stage: stage.new_endpoint("com.amazonaws.us-east-1.sqs")
CONNECTION = lambda stage: stage.new_endpoint(stage.service["ServiceName"])

def make_policy_association(stage):
    name = stage.new_attachment()
    stage.ec2.associate_transit_gateway_policy_table(TransitGatewayPolicyTableId=stage.policy_table, TransitGatewayAttachmentId=name)
    return name


def make_policy_entry(stage):
    number = str(next(stage.numbers) + 1)
    stage.ec2.create_transit_gateway_policy_table_entry(TransitGatewayPolicyTableId=stage.policy_table, PolicyRuleNumber=number,
                                                        PolicyRule={"Protocol": "6"}, TargetRouteTableId=stage.hub_table)
    return number


def make_function(stage):
    balancer = "arn:aws:elasticloadbalancing:us-east-1:000000000000:loadbalancer/gwy/web/0123456789abcdef"
    service = stage.ec2.create_vpc_endpoint_service_configuration(GatewayLoadBalancerArns=[balancer], AcceptanceRequired=True)["ServiceConfiguration"]
    made = stage.ec2.create_transit_gateway_network_function_attachment(TransitGatewayId=stage.hive, ServiceName=service["ServiceName"], AvailabilityZones=[ZONE])
    return made["TransitGatewayNetworkFunctionAttachment"]["TransitGatewayAttachmentId"]


def make_metering_entry(stage):
    number = next(stage.numbers) + 1
    stage.ec2.create_transit_gateway_metering_policy_entry(TransitGatewayMeteringPolicyId=stage.metering, PolicyRuleNumber=number,
                                                           MeteredAccount="transit-gateway-owner")
    return str(number)


def delete_metering_entry(stage, name):
    stage.ec2.delete_transit_gateway_metering_policy_entry(TransitGatewayMeteringPolicyId=stage.metering, PolicyRuleNumber=int(name))


def make_announcement(stage):
    table = stage.ec2.create_transit_gateway_route_table(TransitGatewayId=stage.hub)["TransitGatewayRouteTable"]["TransitGatewayRouteTableId"]
    stage.settle()
    made = stage.ec2.create_transit_gateway_route_table_announcement(TransitGatewayRouteTableId=table, PeeringAttachmentId=stage.dynamic_peering)
    return made["TransitGatewayRouteTableAnnouncement"]["TransitGatewayRouteTableAnnouncementId"]


def make_encryption_control(stage):
    made = stage.ec2.create_vpc_encryption_control(VpcId=stage.new_vpc())["VpcEncryptionControl"]["VpcEncryptionControlId"]
    stage.settle()
    return made


def make_trunk_association(stage):
    branch = stage.ec2.create_network_interface(SubnetId=stage.trunk_subnet, InterfaceType="branch")["NetworkInterface"]["NetworkInterfaceId"]
    made = stage.ec2.associate_trunk_interface(BranchInterfaceId=branch, TrunkInterfaceId=stage.trunk, GreKey=next(stage.numbers))
    return made["InterfaceAssociation"]["AssociationId"]


def make_propagation(stage):
    made = stage.ec2.create_transit_gateway_route_table(TransitGatewayId=stage.hub)["TransitGatewayRouteTable"]["TransitGatewayRouteTableId"]
    stage.settle()
    stage.ec2.enable_transit_gateway_route_table_propagation(TransitGatewayRouteTableId=made, TransitGatewayAttachmentId=stage.attachment)
    return made


def make_transit_route(stage):
    block = f"192.168.{next(stage.numbers) % 256}.0/24"
    stage.ec2.create_transit_gateway_route(TransitGatewayRouteTableId=stage.hub_table, DestinationCidrBlock=block, Blackhole=True)
    return block


def make_service_link(stage):
    link = {"vlan": 100, "localAddress": "169.254.1.1/30", "peerAddress": "169.254.1.2/30", "peerBgpAsn": 65000}
    return stage.new_outpost(lags=[{"serviceLinkVirtualInterfaces": [link]}])["lags"][0]["serviceLinkVirtualInterfaceIds"][0]


def make_local_interface(stage):
    made = stage.ec2.create_local_gateway_virtual_interface(
        LocalGatewayVirtualInterfaceGroupId=stage.local_group, OutpostLagId=stage.outpost["lags"][0]["outpostLagId"],
        Vlan=next(stage.numbers) + 1, LocalAddress="169.254.2.1/30", PeerAddress="169.254.2.2/30", PeerBgpAsn=65000)
    return made["LocalGatewayVirtualInterface"]["LocalGatewayVirtualInterfaceId"]


def make_local_vpc(stage):
    made = stage.ec2.create_local_gateway_route_table_vpc_association(LocalGatewayRouteTableId=stage.local_table, VpcId=stage.new_vpc())
    return made["LocalGatewayRouteTableVpcAssociation"]["LocalGatewayRouteTableVpcAssociationId"]


def make_local_domain(stage):
    made = stage.ec2.create_local_gateway_route_table_virtual_interface_group_association(
        LocalGatewayRouteTableId=stage.new_local_table(), LocalGatewayVirtualInterfaceGroupId=stage.new_local_group())
    return made["LocalGatewayRouteTableVirtualInterfaceGroupAssociation"]["LocalGatewayRouteTableVirtualInterfaceGroupAssociationId"]


def make_local_route(stage):
    block = f"192.168.{next(stage.numbers) % 256}.0/24"
    stage.ec2.create_local_gateway_route(LocalGatewayRouteTableId=stage.local_table, DestinationCidrBlock=block,
                                         LocalGatewayVirtualInterfaceGroupId=stage.local_group)
    return block


def make_reference(stage):
    name = stage.new_list()
    stage.ec2.create_transit_gateway_prefix_list_reference(TransitGatewayRouteTableId=stage.hub_table, PrefixListId=name, Blackhole=True)
    return name


def make_connect_peer(stage):
    block = f"169.254.{next(stage.numbers) % 200 + 10}.0/29"
    made = stage.ec2.create_transit_gateway_connect_peer(TransitGatewayAttachmentId=stage.connect, PeerAddress="10.0.0.9", InsideCidrBlocks=[block])
    return made["TransitGatewayConnectPeer"]["TransitGatewayConnectPeerId"]


def make_domain_association(stage):
    name = stage.new_subnet()
    stage.ec2.associate_transit_gateway_multicast_domain(TransitGatewayMulticastDomainId=stage.domain, TransitGatewayAttachmentId=stage.attachment,
                                                         SubnetIds=[name])
    return name


def make_group(stage):
    address = f"224.0.1.{next(stage.numbers) % 256}"
    interface = stage.ec2.create_network_interface(SubnetId=stage.subnet)["NetworkInterface"]["NetworkInterfaceId"]
    stage.ec2.register_transit_gateway_multicast_group_members(TransitGatewayMulticastDomainId=stage.domain, GroupIpAddress=address,
                                                               NetworkInterfaceIds=[interface])
    return address


def make_client_route(stage):
    block = f"192.168.{next(stage.numbers) % 256}.0/24"
    stage.ec2.create_client_vpn_route(ClientVpnEndpointId=stage.client_endpoint, DestinationCidrBlock=block, TargetVpcSubnetId=stage.subnet)
    return block


def make_client_rule(stage):
    block = f"192.168.{next(stage.numbers) % 256}.0/24"
    stage.ec2.authorize_client_vpn_ingress(ClientVpnEndpointId=stage.client_endpoint, TargetNetworkCidr=block, AuthorizeAllGroups=True)
    return block


def make_pool_block(stage):
    number = next(stage.numbers)
    block = f"10.{number // 256}.{number % 256}.0/24"
    stage.ec2.provision_ipam_pool_cidr(IpamPoolId=stage.pool, Cidr=block)
    return block


def associate_discovery(stage):
    discovery = stage.ec2.create_ipam_resource_discovery()["IpamResourceDiscovery"]["IpamResourceDiscoveryId"]
    made = stage.ec2.associate_ipam_resource_discovery(IpamId=stage.ipam["IpamId"], IpamResourceDiscoveryId=discovery)
    return made["IpamResourceDiscoveryAssociation"]["IpamResourceDiscoveryAssociationId"]


def make_resolver_target(stage):
    made = stage.ec2.create_managed_prefix_list(PrefixListName=stage.name(), AddressFamily="IPv4", MaxEntries=1)["PrefixList"]["PrefixListId"]
    made = stage.ec2.create_ipam_prefix_list_resolver_target(IpamPrefixListResolverId=stage.resolver, PrefixListId=made, PrefixListRegion="us-east-1",
                                                             TrackLatestVersion=True)
    return made["IpamPrefixListResolverTarget"]["IpamPrefixListResolverTargetId"]


def delete_pool_block(stage, name):
    stage.ec2.deprovision_ipam_pool_cidr(IpamPoolId=stage.pool, Cidr=name)


def make_mirror_rule(stage):
    return stage.ec2.create_traffic_mirror_filter_rule(
        TrafficMirrorFilterId=stage.mirror_filter, TrafficDirection="ingress", RuleNumber=next(stage.numbers) + 1, RuleAction="accept",
        SourceCidrBlock="10.0.0.0/8", DestinationCidrBlock="0.0.0.0/0")["TrafficMirrorFilterRule"]["TrafficMirrorFilterRuleId"]


def make_mirror_session(stage):
    return stage.ec2.create_traffic_mirror_session(
        NetworkInterfaceId=next(stage.sources), TrafficMirrorTargetId=stage.mirror_target, TrafficMirrorFilterId=stage.mirror_filter,
        SessionNumber=next(stage.numbers) + 1)["TrafficMirrorSession"]["TrafficMirrorSessionId"]


def make_entrance(stage):
    options = {"NetworkInterfaceId": stage.new_interface(), "Protocol": "https", "Port": 443}
    return stage.ec2.create_verified_access_endpoint(
        VerifiedAccessGroupId=stage.people, EndpointType="network-interface", AttachmentType="vpc", SecurityGroupIds=[stage.group],
        NetworkInterfaceOptions=options)["VerifiedAccessEndpoint"]["VerifiedAccessEndpointId"]


def make_secondary_network(stage):
    made = stage.ec2.create_secondary_network(Ipv4CidrBlock="10.0.0.0/12", NetworkType="rdma")["SecondaryNetwork"]["SecondaryNetworkId"]
    stage.settle()
    return made


def make_secondary_subnet(stage):
    if not hasattr(stage, "secondary"):
        stage.secondary = make_secondary_network(stage)
    number = next(stage.numbers)
    block = f"10.{number // 256 % 16}.{number % 256}.0/24"
    made = stage.ec2.create_secondary_subnet(SecondaryNetworkId=stage.secondary, Ipv4CidrBlock=block)["SecondarySubnet"]["SecondarySubnetId"]
    stage.settle()
    return made


def make_registry(stage):
    made = stage.ec2.create_ipam_internet_registry_association(IpamId=stage.ipam["IpamId"], Rir="ripe", OrganizationHandle="ORG-EX1-RIPE")
    return made["IpamInternetRegistryAssociation"]["IpamInternetRegistryAssociationId"]


def make_registration(stage):
    """By its delta."""
    number = next(stage.numbers)
    block = f"193.{number // 256}.{number % 256}.0/24"
    made = stage.ec2.create_ipam_routing_policy_registration(IpamInternetRegistryAssociationId=stage.registry, Cidr=block, Asns=["16509"])
    stage.settle()
    return block, made["IpamRoutingPolicyRegistrationDelta"]["DeltaId"]


def make_route(stage):
    if not hasattr(stage, "announced"):
        owner, blocks = stage.ec2.describe_vpcs()["Vpcs"][0]["OwnerId"], [f"193.1.{number}.0/24" for number in range(2 * COUNT)]
        for block in blocks:
            proof = {"Message": f"1|aws|{owner}|{block}|20300101|SHA256|RSAPSS", "Signature": "signed"}
            stage.ec2.provision_byoip_cidr(Cidr=block, CidrAuthorizationContext=proof)
        stage.server.advance("2h")
        for block in blocks:
            stage.ec2.advertise_byoip_cidr(Cidr=block)
        stage.server.advance("10m")
        stage.announced = iter(blocks)
    return next(stage.announced)


def of(parameter, attribute, **more):
    """A request about something of the stage."""
    return lambda stage: {parameter: getattr(stage, attribute), **more}


PEER = dict(PeerTransitGatewayId="tgw-0123456789abcdef0", PeerAccountId=PARTNER, PeerRegion="eu-west-1")
KINDS = [
    Kind("describe_transit_gateways", "TransitGateways", "TransitGatewayId", made("create_transit_gateway", "TransitGateway", "TransitGatewayId")),
    Kind("describe_transit_gateway_route_tables", "TransitGatewayRouteTables", "TransitGatewayRouteTableId",
         made("create_transit_gateway_route_table", "TransitGatewayRouteTable", "TransitGatewayRouteTableId", TransitGatewayId=lambda stage: stage.hub)),
    Kind("describe_transit_gateway_policy_tables", "TransitGatewayPolicyTables", "TransitGatewayPolicyTableId",
         made("create_transit_gateway_policy_table", "TransitGatewayPolicyTable", "TransitGatewayPolicyTableId", TransitGatewayId=lambda stage: stage.hub)),
    Kind("describe_transit_gateway_metering_policies", "TransitGatewayMeteringPolicies", "TransitGatewayMeteringPolicyId",
         made("create_transit_gateway_metering_policy", "TransitGatewayMeteringPolicy", "TransitGatewayMeteringPolicyId", TransitGatewayId=lambda stage: stage.hub),
         each("delete_transit_gateway_metering_policy", "TransitGatewayMeteringPolicyId")),
    Kind("get_transit_gateway_metering_policy_entries", "TransitGatewayMeteringPolicyEntries", "PolicyRuleNumber", make_metering_entry,
         delete_metering_entry, of("TransitGatewayMeteringPolicyId", "metering")),
    Kind("describe_transit_gateway_route_table_announcements", "TransitGatewayRouteTableAnnouncements", "TransitGatewayRouteTableAnnouncementId",
         make_announcement, each("delete_transit_gateway_route_table_announcement", "TransitGatewayRouteTableAnnouncementId")),
    Kind("describe_trunk_interface_associations", "InterfaceAssociations", "AssociationId", make_trunk_association,
         each("disassociate_trunk_interface", "AssociationId")),
    Kind("describe_transit_gateway_multicast_domains", "TransitGatewayMulticastDomains", "TransitGatewayMulticastDomainId",
         made("create_transit_gateway_multicast_domain", "TransitGatewayMulticastDomain", "TransitGatewayMulticastDomainId",
              TransitGatewayId=lambda stage: stage.hub)),
    Kind("describe_transit_gateway_attachments", "TransitGatewayAttachments", "TransitGatewayAttachmentId", Stage.new_attachment),
    Kind("describe_transit_gateway_vpc_attachments", "TransitGatewayVpcAttachments", "TransitGatewayAttachmentId", Stage.new_attachment,
         each("delete_transit_gateway_vpc_attachment", "TransitGatewayAttachmentId")),
    Kind("describe_transit_gateway_peering_attachments", "TransitGatewayPeeringAttachments", "TransitGatewayAttachmentId",
         made("create_transit_gateway_peering_attachment", "TransitGatewayPeeringAttachment", "TransitGatewayAttachmentId",
              TransitGatewayId=lambda stage: stage.hub, **PEER)),
    Kind("describe_transit_gateway_network_function_attachments", "TransitGatewayNetworkFunctionAttachments", "TransitGatewayAttachmentId", make_function,
         each("delete_transit_gateway_network_function_attachment", "TransitGatewayAttachmentId")),
    Kind("describe_transit_gateway_connects", "TransitGatewayConnects", "TransitGatewayAttachmentId",
         made("create_transit_gateway_connect", "TransitGatewayConnect", "TransitGatewayAttachmentId",
              TransportTransitGatewayAttachmentId=lambda stage: stage.attachment, Options={"Protocol": "gre"})),
    Kind("describe_transit_gateway_connect_peers", "TransitGatewayConnectPeers", "TransitGatewayConnectPeerId", make_connect_peer),
    Kind("get_transit_gateway_route_table_associations", "Associations", "TransitGatewayAttachmentId", Stage.new_attachment,
         request=of("TransitGatewayRouteTableId", "hub_table")),
    Kind("get_transit_gateway_route_table_propagations", "TransitGatewayRouteTablePropagations", "TransitGatewayAttachmentId", Stage.new_attachment,
         request=of("TransitGatewayRouteTableId", "hub_table")),
    Kind("get_transit_gateway_attachment_propagations", "TransitGatewayAttachmentPropagations", "TransitGatewayRouteTableId", make_propagation,
         request=of("TransitGatewayAttachmentId", "attachment")),
    Kind("get_transit_gateway_prefix_list_references", "TransitGatewayPrefixListReferences", "PrefixListId", make_reference,
         request=of("TransitGatewayRouteTableId", "hub_table")),
    Kind("search_transit_gateway_routes", "Routes", "DestinationCidrBlock", make_transit_route,
         request=of("TransitGatewayRouteTableId", "hub_table", Filters=[{"Name": "type", "Values": ["static"]}])),
    Kind("get_transit_gateway_policy_table_associations", "Associations", "TransitGatewayAttachmentId", make_policy_association,
         request=of("TransitGatewayPolicyTableId", "policy_table")),
    Kind("get_transit_gateway_policy_table_entries", "TransitGatewayPolicyTableEntries", "PolicyRuleNumber", make_policy_entry,
         request=of("TransitGatewayPolicyTableId", "policy_table")),
    Kind("get_transit_gateway_multicast_domain_associations", "MulticastDomainAssociations", lambda one: one["Subnet"]["SubnetId"],
         make_domain_association, request=of("TransitGatewayMulticastDomainId", "domain")),
    Kind("search_transit_gateway_multicast_groups", "MulticastGroups", "GroupIpAddress", make_group,
         request=of("TransitGatewayMulticastDomainId", "domain")),
    Kind("describe_client_vpn_endpoints", "ClientVpnEndpoints", "ClientVpnEndpointId", Stage.new_client_endpoint,
         each("delete_client_vpn_endpoint", "ClientVpnEndpointId")),
    Kind("describe_client_vpn_routes", "Routes", "DestinationCidr", make_client_route, request=of("ClientVpnEndpointId", "client_endpoint")),
    Kind("describe_client_vpn_authorization_rules", "AuthorizationRules", "DestinationCidr", make_client_rule,
         request=of("ClientVpnEndpointId", "client_endpoint")),
    Kind("describe_address_transfers", "AddressTransfers", "AllocationId", make_transfer, each("disable_address_transfer", "AllocationId")),
    Kind("describe_addresses_attribute", "Addresses", "AllocationId", make_named_address,
         each("reset_address_attribute", "AllocationId", Attribute="domain-name"), lambda stage: {"Attribute": "domain-name"}),
    Kind("describe_aws_network_performance_metric_subscriptions", "Subscriptions", lambda one: (one["Source"], one["Destination"]), make_subscription),
    Kind("describe_capacity_block_extension_history", "CapacityBlockExtensions", "CapacityBlockExtensionOfferingId", make_extension),
    Kind("describe_capacity_block_status", "CapacityBlockStatuses", "CapacityBlockId", lambda stage: make_block(stage)[0]),
    Kind("describe_capacity_blocks", "CapacityBlocks", "CapacityBlockId", lambda stage: make_block(stage)[0]),
    Kind("describe_capacity_reservation_cancellation_quotes", "CapacityReservationCancellationQuotes", "CapacityReservationCancellationQuoteId",
         made("create_capacity_reservation_cancellation_quote", "CapacityReservationCancellationQuote", "CapacityReservationCancellationQuoteId",
              CapacityReservationId=lambda stage: stage.future["CapacityReservationId"])),
    Kind("describe_capacity_reservation_date_change_quotes", "CapacityReservationModificationQuotes", "CapacityReservationModificationQuoteId",
         make_date_change_quote),
    Kind("describe_capacity_reservation_topology", "CapacityReservations", "CapacityReservationId", RESERVE,
         each("cancel_capacity_reservation", "CapacityReservationId")),
    Kind("describe_capacity_manager_data_exports", "CapacityManagerDataExports", "CapacityManagerDataExportId", make_data_export,
         each("delete_capacity_manager_data_export", "CapacityManagerDataExportId")),
    Kind("get_capacity_manager_monitored_tag_keys", "CapacityManagerTagKeys", "TagKey", make_tag_key,
         lambda stage, key: stage.ec2.update_capacity_manager_monitored_tag_keys(DeactivateTagKeys=[key])),
    Kind("describe_capacity_reservations", "CapacityReservations", "CapacityReservationId", RESERVE,
         each("cancel_capacity_reservation", "CapacityReservationId")),
    Kind("describe_capacity_reservation_fleets", "CapacityReservationFleets", "CapacityReservationFleetId", make_capacity_fleet,
         many("cancel_capacity_reservation_fleets", "CapacityReservationFleetIds")),
    Kind("describe_capacity_reservation_billing_requests", "CapacityReservationBillingRequests", "CapacityReservationId", make_billing_request,
         request=lambda stage: {"Role": "odcr-owner"}),
    Kind("describe_host_reservations", "HostReservationSet", "HostReservationId", make_reserved_host),
    Kind("list_images_in_recycle_bin", "Images", "ImageId", recycled("EC2_IMAGE", make_image, each("deregister_image", "ImageId")),
         each("restore_image_from_recycle_bin", "ImageId")),
    Kind("list_snapshots_in_recycle_bin", "Snapshots", "SnapshotId",
         recycled("EBS_SNAPSHOT", Stage.new_snapshot, each("delete_snapshot", "SnapshotId")), each("restore_snapshot_from_recycle_bin", "SnapshotId")),
    Kind("list_volumes_in_recycle_bin", "Volumes", "VolumeId", recycled("EBS_VOLUME", Stage.new_volume, each("delete_volume", "VolumeId")),
         each("restore_volume_from_recycle_bin", "VolumeId")),
    Kind("describe_fast_launch_images", "FastLaunchImages", "ImageId", make_fast_launch, each("disable_fast_launch", "ImageId")),
    Kind("describe_store_image_tasks", "StoreImageTaskResults", "AmiId", make_stored),
    Kind("describe_image_references", "ImageReferences", lambda one: one["Arn"].rpartition("/")[2], make_naming_template,
         each("delete_launch_template", "LaunchTemplateId"), lambda stage: {"ImageIds": [stage.image], "IncludeAllResourceTypes": True}),
    Kind("describe_image_usage_reports", "ImageUsageReports", "ReportId", make_report, each("delete_image_usage_report", "ReportId")),
    Kind("describe_image_usage_report_entries", "ImageUsageReportEntries", "ReportId", make_report, each("delete_image_usage_report", "ReportId")),
    Kind("describe_export_image_tasks", "ExportImageTasks", "ExportImageTaskId", make_export),
    Kind("describe_fpga_images", "FpgaImages", "FpgaImageId",
         lambda stage: stage.ec2.create_fpga_image(InputStorageLocation={"Bucket": "designs", "Key": "design.tar"})["FpgaImageId"],
         each("delete_fpga_image", "FpgaImageId")),
    Kind("describe_import_image_tasks", "ImportImageTasks", "ImportTaskId", make_image_import),
    Kind("describe_import_snapshot_tasks", "ImportSnapshotTasks", "ImportTaskId", make_import),
    Kind("describe_carrier_gateways", "CarrierGateways", "CarrierGatewayId",
         made("create_carrier_gateway", "CarrierGateway", "CarrierGatewayId", VpcId=Stage.new_vpc),
         each("delete_carrier_gateway", "CarrierGatewayId")),
    Kind("describe_dhcp_options", "DhcpOptions", "DhcpOptionsId", DHCP, each("delete_dhcp_options", "DhcpOptionsId")),
    Kind("describe_egress_only_internet_gateways", "EgressOnlyInternetGateways", "EgressOnlyInternetGatewayId",
         made("create_egress_only_internet_gateway", "EgressOnlyInternetGateway", "EgressOnlyInternetGatewayId", VpcId=Stage.new_vpc),
         each("delete_egress_only_internet_gateway", "EgressOnlyInternetGatewayId")),
    Kind("describe_fast_snapshot_restores", "FastSnapshotRestores", "SnapshotId", make_fast, delete_fast),
    Kind("describe_fleets", "Fleets", "FleetId", make_fleet, many("delete_fleets", "FleetIds", TerminateInstances=True)),
    Kind("describe_flow_logs", "FlowLogs", "FlowLogId", make_flow_log, many("delete_flow_logs", "FlowLogIds"),
         filtered("resource-id", of_vpc, "Filter")),
    Kind("describe_iam_instance_profile_associations", "IamInstanceProfileAssociations", "InstanceId", make_profiled, TERMINATE),
    Kind("describe_images", "Images", "ImageId", make_image, each("deregister_image", "ImageId"), lambda stage: {"Owners": ["self"]}),
    Kind("describe_instance_connect_endpoints", "InstanceConnectEndpoints", "InstanceConnectEndpointId", make_connect_endpoint,
         each("delete_instance_connect_endpoint", "InstanceConnectEndpointId")),
    Kind("describe_instance_credit_specifications", "InstanceCreditSpecifications", "InstanceId", any_instance, TERMINATE),
    Kind("describe_instance_event_windows", "InstanceEventWindows", "InstanceEventWindowId",
         made("create_instance_event_window", "InstanceEventWindow", "InstanceEventWindowId", CronExpression="* 0-4 * * *"),
         each("delete_instance_event_window", "InstanceEventWindowId"), size=20, count=61),
    Kind("describe_instance_image_metadata", "InstanceImageMetadata", "InstanceId", any_instance, TERMINATE),
    Kind("describe_instance_status", "InstanceStatuses", "InstanceId", any_instance, TERMINATE, lambda stage: {"IncludeAllInstances": True}),
    Kind("describe_instance_topology", "Instances", "InstanceId", make_near),
    Kind("describe_instances", "Reservations", "InstanceId", any_instance, TERMINATE, filtered("vpc-id", of_vpc), items=instances_of),
    Kind("describe_internet_gateways", "InternetGateways", "InternetGatewayId",
         made("create_internet_gateway", "InternetGateway", "InternetGatewayId"), each("delete_internet_gateway", "InternetGatewayId")),
    Kind("describe_launch_template_versions", "LaunchTemplateVersions", "VersionNumber", make_version, delete_version,
         lambda stage: {"LaunchTemplateId": stage.template}),
    Kind("describe_launch_templates", "LaunchTemplates", "LaunchTemplateId",
         made("create_launch_template", "LaunchTemplate", "LaunchTemplateId", LaunchTemplateName=Stage.name, LaunchTemplateData={"KeyName": "k"}),
         each("delete_launch_template", "LaunchTemplateId")),
    Kind("describe_locked_snapshots", "Snapshots", "SnapshotId", make_locked, each("unlock_snapshot", "SnapshotId")),
    Kind("describe_managed_prefix_lists", "PrefixLists", "PrefixListId", Stage.new_list, each("delete_managed_prefix_list", "PrefixListId")),
    Kind("describe_nat_gateways", "NatGateways", "NatGatewayId", NAT, each("delete_nat_gateway", "NatGatewayId"),
         filtered("vpc-id", of_vpc, "Filter")),
    Kind("describe_network_acls", "NetworkAcls", "NetworkAclId", made("create_network_acl", "NetworkAcl", "NetworkAclId", VpcId=of_vpc),
         each("delete_network_acl", "NetworkAclId"), filtered("vpc-id", of_vpc)),
    Kind("describe_network_insights_analyses", "NetworkInsightsAnalyses", "NetworkInsightsAnalysisId", make_analysis,
         each("delete_network_insights_analysis", "NetworkInsightsAnalysisId")),
    Kind("describe_route_servers", "RouteServers", "RouteServerId", new_route_server, each("delete_route_server", "RouteServerId")),
    Kind("describe_route_server_endpoints", "RouteServerEndpoints", "RouteServerEndpointId", make_route_endpoint,
         each("delete_route_server_endpoint", "RouteServerEndpointId")),
    Kind("describe_route_server_peers", "RouteServerPeers", "RouteServerPeerId", make_route_peer,
         each("delete_route_server_peer", "RouteServerPeerId")),
    Kind("describe_byoip_cidrs", "ByoipCidrs", "Cidr", make_range),
    Kind("describe_hosts", "Hosts", "HostId", make_host, many("release_hosts", "HostIds")),
    Kind("describe_mac_hosts", "MacHosts", "HostId", Stage.new_mac_host, many("release_hosts", "HostIds")),
    Kind("describe_mac_modification_tasks", "MacModificationTasks", "MacModificationTaskId", make_mac_task),
    Kind("describe_application_status", "ApplicationStatuses", "InstanceId", lambda stage: stage.launch()[0],
         many("terminate_instances", "InstanceIds"), items=lambda page: page["ApplicationStatuses"]["Instances"]),
    Kind("describe_application_status_checks", "ApplicationStatusChecks", "ApplicationStatusCheckId", Stage.new_status_check,
         each("delete_application_status_check", "ApplicationStatusCheckId")),
    Kind("describe_application_status_check_associations", "Associations", lambda one: (one["ApplicationStatusCheckId"], one["Key"]), make_checked,
         delete_checked),
    Kind("describe_metric_categories", "MetricCategories", "MetricCategoryId", made(
        "create_metric_category", "MetricCategory", "MetricCategoryId", Metrics=["NetworkIn"]), each("delete_metric_category", "MetricCategoryId")),
    Kind("describe_networking_flex_cost_allocation_policies", "FlexCostAllocationPolicies", "FcaPolicyId", Stage.new_cost_policy,
         many("delete_networking_flex_cost_allocation_policies", "FcaPolicyIds")),
    Kind("describe_networking_flex_cost_allocation_policy_associations", "FcaPolicyAssociations", "FcaPolicyAssociationId", make_cost_association,
         many("disassociate_networking_flex_cost_allocation_policy", "FcaPolicyAssociationIds")),
    Kind("describe_network_interface_permissions", "NetworkInterfacePermissions", "NetworkInterfacePermissionId", make_lent,
         each("delete_network_interface_permission", "NetworkInterfacePermissionId")),
    Kind("describe_spot_fleet_requests", "SpotFleetRequestConfigs", "SpotFleetRequestId", make_spot_fleet,
         many("cancel_spot_fleet_requests", "SpotFleetRequestIds", TerminateInstances=True)),
    Kind("describe_network_interfaces", "NetworkInterfaces", "NetworkInterfaceId",
         made("create_network_interface", "NetworkInterface", "NetworkInterfaceId", SubnetId=lambda stage: stage.subnet),
         each("delete_network_interface", "NetworkInterfaceId"), filtered("vpc-id", of_vpc)),
    Kind("describe_principal_id_format", "Principals", "Arn", make_long_id_role, request=lambda stage: {"Resources": ["vpc"]}),
    Kind("describe_public_ipv4_pools", "PublicIpv4Pools", "PoolId", made("create_public_ipv4_pool", "PoolId"),
         each("delete_public_ipv4_pool", "PoolId")),
    Kind("describe_replace_root_volume_tasks", "ReplaceRootVolumeTasks", "ReplaceRootVolumeTaskId", make_replacement),
    Kind("describe_route_tables", "RouteTables", "RouteTableId", made("create_route_table", "RouteTable", "RouteTableId", VpcId=of_vpc),
         each("delete_route_table", "RouteTableId"), filtered("vpc-id", of_vpc)),
    Kind("describe_security_group_rules", "SecurityGroupRules", "SecurityGroupRuleId", make_rule, delete_rule,
         filtered("group-id", lambda stage: stage.group)),
    Kind("describe_security_group_vpc_associations", "SecurityGroupVpcAssociations", "GroupId", make_associated, delete_associated),
    Kind("describe_security_groups", "SecurityGroups", "GroupId", Stage.new_group, each("delete_security_group", "GroupId"),
         filtered("vpc-id", of_vpc)),
    Kind("describe_snapshot_tier_status", "SnapshotTierStatuses", "SnapshotId", Stage.new_snapshot, each("delete_snapshot", "SnapshotId")),
    Kind("describe_snapshots", "Snapshots", "SnapshotId", Stage.new_snapshot, each("delete_snapshot", "SnapshotId"),
         lambda stage: {"OwnerIds": ["self"]}),
    Kind("describe_spot_instance_requests", "SpotInstanceRequests", "SpotInstanceRequestId", make_spot,
         many("cancel_spot_instance_requests", "SpotInstanceRequestIds")),
    Kind("describe_subnets", "Subnets", "SubnetId", Stage.new_subnet, each("delete_subnet", "SubnetId"), filtered("vpc-id", of_vpc)),
    Kind("describe_tags", "Tags", lambda tag: (tag["ResourceId"], tag["Key"]), make_tag, delete_tag, filtered("resource-id", of_vpc)),
    Kind("describe_volume_status", "VolumeStatuses", "VolumeId", Stage.new_volume, each("delete_volume", "VolumeId")),
    Kind("describe_volumes", "Volumes", "VolumeId", Stage.new_volume, each("delete_volume", "VolumeId")),
    Kind("describe_volumes_modifications", "VolumesModifications", "VolumeId", make_modified),
    Kind("describe_vpc_block_public_access_exclusions", "VpcBlockPublicAccessExclusions", "ExclusionId", make_exclusion,
         each("delete_vpc_block_public_access_exclusion", "ExclusionId")),
    Kind("describe_vpc_endpoint_connection_notifications", "ConnectionNotificationSet", "ConnectionNotificationId", make_notification,
         many("delete_vpc_endpoint_connection_notifications", "ConnectionNotificationIds")),
    Kind("describe_vpc_endpoint_connections", "VpcEndpointConnections", "VpcEndpointId", CONNECTION,
         many("delete_vpc_endpoints", "VpcEndpointIds"), filtered("service-id", lambda stage: stage.service["ServiceId"])),
    Kind("describe_vpc_endpoint_service_configurations", "ServiceConfigurations", "ServiceId", lambda stage: stage.new_service()["ServiceId"],
         many("delete_vpc_endpoint_service_configurations", "ServiceIds")),
    Kind("describe_vpc_endpoint_service_permissions", "AllowedPrincipals", "Principal", make_permission, delete_permission,
         lambda stage: {"ServiceId": stage.service["ServiceId"]}),
    Kind("describe_vpc_endpoints", "VpcEndpoints", "VpcEndpointId", ENDPOINT, many("delete_vpc_endpoints", "VpcEndpointIds"),
         filtered("vpc-id", of_vpc)),
    Kind("describe_vpc_peering_connections", "VpcPeeringConnections", "VpcPeeringConnectionId", make_peering,
         each("delete_vpc_peering_connection", "VpcPeeringConnectionId")),
    Kind("describe_vpcs", "Vpcs", "VpcId", Stage.new_vpc, each("delete_vpc", "VpcId")),
    Kind("describe_ipams", "Ipams", "IpamId", made("create_ipam", "Ipam", "IpamId", Tier="free"), each("delete_ipam", "IpamId")),
    Kind("describe_ipam_scopes", "IpamScopes", "IpamScopeId",
         made("create_ipam_scope", "IpamScope", "IpamScopeId", IpamId=lambda stage: stage.ipam["IpamId"]), each("delete_ipam_scope", "IpamScopeId")),
    Kind("describe_ipam_pools", "IpamPools", "IpamPoolId", Stage.new_pool, each("delete_ipam_pool", "IpamPoolId")),
    Kind("describe_ipam_resource_discoveries", "IpamResourceDiscoveries", "IpamResourceDiscoveryId",
         made("create_ipam_resource_discovery", "IpamResourceDiscovery", "IpamResourceDiscoveryId"),
         each("delete_ipam_resource_discovery", "IpamResourceDiscoveryId")),
    Kind("describe_ipam_resource_discovery_associations", "IpamResourceDiscoveryAssociations", "IpamResourceDiscoveryAssociationId", associate_discovery,
         each("disassociate_ipam_resource_discovery", "IpamResourceDiscoveryAssociationId")),
    Kind("describe_ipam_prefix_list_resolvers", "IpamPrefixListResolvers", "IpamPrefixListResolverId",
         made("create_ipam_prefix_list_resolver", "IpamPrefixListResolver", "IpamPrefixListResolverId", IpamId=lambda stage: stage.ipam["IpamId"],
              AddressFamily="ipv4"),
         each("delete_ipam_prefix_list_resolver", "IpamPrefixListResolverId")),
    Kind("describe_ipam_policies", "IpamPolicies", "IpamPolicyId",
         made("create_ipam_policy", "IpamPolicy", "IpamPolicyId", IpamId=lambda stage: stage.ipam["IpamId"]), each("delete_ipam_policy", "IpamPolicyId")),
    Kind("describe_ipam_external_resource_verification_tokens", "IpamExternalResourceVerificationTokens", "IpamExternalResourceVerificationTokenId",
         made("create_ipam_external_resource_verification_token", "IpamExternalResourceVerificationToken", "IpamExternalResourceVerificationTokenId",
              IpamId=lambda stage: stage.ipam["IpamId"]),
         each("delete_ipam_external_resource_verification_token", "IpamExternalResourceVerificationTokenId")),
    Kind("describe_vpc_encryption_controls", "VpcEncryptionControls", "VpcEncryptionControlId",
         make_encryption_control, each("delete_vpc_encryption_control", "VpcEncryptionControlId")),
    Kind("describe_ipam_prefix_list_resolver_targets", "IpamPrefixListResolverTargets", "IpamPrefixListResolverTargetId", make_resolver_target,
         each("delete_ipam_prefix_list_resolver_target", "IpamPrefixListResolverTargetId")),
    Kind("get_ipam_pool_cidrs", "IpamPoolCidrs", "Cidr", make_pool_block, delete_pool_block, of("IpamPoolId", "pool")),
    Kind("describe_network_insights_access_scopes", "NetworkInsightsAccessScopes", "NetworkInsightsAccessScopeId", Stage.new_access_scope,
         each("delete_network_insights_access_scope", "NetworkInsightsAccessScopeId")),
    Kind("describe_network_insights_access_scope_analyses", "NetworkInsightsAccessScopeAnalyses", "NetworkInsightsAccessScopeAnalysisId",
         made("start_network_insights_access_scope_analysis", "NetworkInsightsAccessScopeAnalysis", "NetworkInsightsAccessScopeAnalysisId",
              NetworkInsightsAccessScopeId=lambda stage: stage.access_scope),
         each("delete_network_insights_access_scope_analysis", "NetworkInsightsAccessScopeAnalysisId")),
    Kind("describe_network_insights_paths", "NetworkInsightsPaths", "NetworkInsightsPathId",
         made("create_network_insights_path", "NetworkInsightsPath", "NetworkInsightsPathId", Source=lambda stage: stage.interface, Protocol="tcp",
              DestinationIp="10.0.0.9"), each("delete_network_insights_path", "NetworkInsightsPathId")),
    Kind("describe_traffic_mirror_filters", "TrafficMirrorFilters", "TrafficMirrorFilterId",
         made("create_traffic_mirror_filter", "TrafficMirrorFilter", "TrafficMirrorFilterId"),
         each("delete_traffic_mirror_filter", "TrafficMirrorFilterId")),
    Kind("describe_traffic_mirror_filter_rules", "TrafficMirrorFilterRules", "TrafficMirrorFilterRuleId", make_mirror_rule,
         each("delete_traffic_mirror_filter_rule", "TrafficMirrorFilterRuleId"), of("TrafficMirrorFilterId", "mirror_filter")),
    Kind("describe_traffic_mirror_targets", "TrafficMirrorTargets", "TrafficMirrorTargetId", Stage.new_mirror_target,
         each("delete_traffic_mirror_target", "TrafficMirrorTargetId")),
    Kind("describe_traffic_mirror_sessions", "TrafficMirrorSessions", "TrafficMirrorSessionId", make_mirror_session,
         each("delete_traffic_mirror_session", "TrafficMirrorSessionId")),
    Kind("describe_verified_access_instances", "VerifiedAccessInstances", "VerifiedAccessInstanceId", Stage.new_door,
         each("delete_verified_access_instance", "VerifiedAccessInstanceId")),
    Kind("describe_verified_access_instance_logging_configurations", "LoggingConfigurations", "VerifiedAccessInstanceId", Stage.new_door,
         each("delete_verified_access_instance", "VerifiedAccessInstanceId")),
    Kind("describe_verified_access_trust_providers", "VerifiedAccessTrustProviders", "VerifiedAccessTrustProviderId",
         made("create_verified_access_trust_provider", "VerifiedAccessTrustProvider", "VerifiedAccessTrustProviderId", TrustProviderType="user",
              UserTrustProviderType="iam-identity-center", PolicyReferenceName="people"),
         each("delete_verified_access_trust_provider", "VerifiedAccessTrustProviderId")),
    Kind("describe_verified_access_groups", "VerifiedAccessGroups", "VerifiedAccessGroupId", Stage.new_people,
         each("delete_verified_access_group", "VerifiedAccessGroupId"), of("VerifiedAccessInstanceId", "door")),
    Kind("describe_verified_access_endpoints", "VerifiedAccessEndpoints", "VerifiedAccessEndpointId", make_entrance,
         each("delete_verified_access_endpoint", "VerifiedAccessEndpointId"), of("VerifiedAccessGroupId", "people")),
    Kind("get_managed_prefix_list_associations", "PrefixListAssociations", "ResourceId", make_user_of_list,
         each("delete_security_group", "GroupId"), lambda stage: {"PrefixListId": stage.full_list}),
    Kind("get_managed_prefix_list_entries", "Entries", "Cidr", make_entry, request=lambda stage: {"PrefixListId": stage.full_list}),
    Kind("get_security_groups_for_vpc", "SecurityGroupForVpcs", "GroupId", Stage.new_group, each("delete_security_group", "GroupId"),
         lambda stage: {"VpcId": stage.vpc}),
    Kind("describe_secondary_networks", "SecondaryNetworks", "SecondaryNetworkId", make_secondary_network,
         each("delete_secondary_network", "SecondaryNetworkId")),
    Kind("describe_secondary_subnets", "SecondarySubnets", "SecondarySubnetId", make_secondary_subnet,
         each("delete_secondary_subnet", "SecondarySubnetId")),
    Kind("describe_ipam_internet_registry_associations", "IpamInternetRegistryAssociations", "IpamInternetRegistryAssociationId", make_registry,
         each("delete_ipam_internet_registry_association", "IpamInternetRegistryAssociationId")),
    Kind("get_ipam_routing_policy_registrations", "IpamRoutingPolicyRegistrations", lambda one: (one["Cidr"], one["LatestDeltaId"]), make_registration,
         lambda stage, name: stage.ec2.delete_ipam_routing_policy_registration(IpamInternetRegistryAssociationId=stage.registry, Cidr=name[0]),
         of("IpamInternetRegistryAssociationId", "registry")),
    Kind("get_ipam_routing_policy_registration_deltas", "IpamRoutingPolicyRegistrationDeltas", "DeltaId", lambda stage: make_registration(stage)[1],
         request=of("IpamInternetRegistryAssociationId", "registry")),
    Kind("get_ipam_route_origin_authorizations", "IpamRouteOriginAuthorizations", "Cidr", lambda stage: make_registration(stage)[0],
         request=of("IpamInternetRegistryAssociationId", "registry")),
    Kind("get_ipam_discovered_routes", "IpamDiscoveredRoutes", "Cidr", make_route,
         request=lambda stage: {"IpamResourceDiscoveryId": stage.ipam["DefaultResourceDiscoveryId"], "ResourceRegion": "us-east-1"}),
    Kind("get_ipam_route_protection_findings", "RouteProtectionFindings", "Cidr", make_route,
         request=lambda stage: {"IpamId": stage.ipam["IpamId"]}),
    # A page has two hundred of them at least; last, since all their attachments are looked at by what lists attachments.
    Kind("describe_local_gateways", "LocalGateways", "LocalGatewayId", lambda stage: stage.new_outpost()["localGatewayId"]),
    Kind("describe_outpost_lags", "OutpostLags", "OutpostLagId", lambda stage: stage.new_outpost(lags=[{}])["lags"][0]["outpostLagId"]),
    Kind("describe_service_link_virtual_interfaces", "ServiceLinkVirtualInterfaces", "ServiceLinkVirtualInterfaceId", make_service_link),
    Kind("describe_local_gateway_route_tables", "LocalGatewayRouteTables", "LocalGatewayRouteTableId", Stage.new_local_table),
    Kind("describe_local_gateway_virtual_interface_groups", "LocalGatewayVirtualInterfaceGroups", "LocalGatewayVirtualInterfaceGroupId",
         Stage.new_local_group),
    Kind("describe_local_gateway_virtual_interfaces", "LocalGatewayVirtualInterfaces", "LocalGatewayVirtualInterfaceId", make_local_interface),
    Kind("describe_local_gateway_route_table_vpc_associations", "LocalGatewayRouteTableVpcAssociations", "LocalGatewayRouteTableVpcAssociationId",
         make_local_vpc),
    Kind("describe_local_gateway_route_table_virtual_interface_group_associations", "LocalGatewayRouteTableVirtualInterfaceGroupAssociations",
         "LocalGatewayRouteTableVirtualInterfaceGroupAssociationId", make_local_domain),
    Kind("search_local_gateway_routes", "Routes", "DestinationCidrBlock", make_local_route, request=of("LocalGatewayRouteTableId", "local_table")),
    Kind("describe_coip_pools", "CoipPools", "PoolId", made("create_coip_pool", "CoipPool", "PoolId", LocalGatewayRouteTableId=lambda stage: stage.local_table),
         each("delete_coip_pool", "CoipPoolId")),
    Kind("get_coip_pool_usage", "CoipAddressUsages", "AllocationId",
         made("allocate_address", "AllocationId", CustomerOwnedIpv4Pool=lambda stage: stage.coip_pool), each("release_address", "AllocationId"),
         of("PoolId", "coip_pool")),
    Kind("describe_vpn_concentrators", "VpnConcentrators", "VpnConcentratorId",
         made("create_vpn_concentrator", "VpnConcentrator", "VpnConcentratorId", Type="ipsec.1", TransitGatewayId=lambda stage: stage.hive),
         size=200, count=610),
]
#: Lists that come with the product: the operation, the member, what tells entries apart, the rest of the request, the sizes of small and large pages.
BULK = [
    ("describe_capacity_block_offerings", "CapacityBlockOfferings", "InstanceType", {
        "InstanceTypePreferences": [{"InstanceType": name} for name in ["p4d.24xlarge", "p4de.24xlarge", "p5.48xlarge", "p5.4xlarge", "p5en.48xlarge",
                                                                        "trn1.32xlarge"]],
        "InstanceCount": 1, "CapacityDurationHours": 24}, 1, 1000),
    ("describe_host_reservation_offerings", "OfferingSet", "OfferingId", {}, 50, 500),
    ("describe_instance_type_offerings", "InstanceTypeOfferings", "InstanceType", {}, 100, 1000),
    ("describe_instance_types", "InstanceTypes", "InstanceType", {}, 50, 100),
    ("describe_reserved_instances_offerings", "ReservedInstancesOfferings", "ReservedInstancesOfferingId", {"InstanceType": "m5.large"}, 50, 100),
    ("describe_spot_price_history", "SpotPriceHistory", lambda one: (one["Timestamp"], one["AvailabilityZone"], one["ProductDescription"]),
     {"InstanceTypes": ["m5.large"], "StartTime": datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=3),
      "EndTime": datetime.datetime.now(datetime.timezone.utc)}, 50, 1000),
    ("describe_vpc_endpoint_services", "ServiceDetails", lambda one: (one["ServiceName"], one["ServiceType"][0]["ServiceType"]), {}, 20, 1000),
    ("get_instance_types_from_instance_requirements", "InstanceTypes", "InstanceType",
     {"ArchitectureTypes": ["x86_64"], "VirtualizationTypes": ["hvm"],
      "InstanceRequirements": {"VCpuCount": {"Min": 1}, "MemoryMiB": {"Min": 1}}}, 50, 1000),
]
#: Walked in tests of their own.
APART = {"get_image_findings", "get_verified_access_endpoint_targets", "get_capacity_manager_metric_data", "get_capacity_manager_metric_dimensions",
         "describe_stale_security_groups", "get_network_insights_access_scope_analysis_findings", "describe_fleet_instances", "describe_fleet_history", "get_subnet_cidr_reservations",
         "get_capacity_reservation_usage", "get_groups_for_capacity_reservation", "describe_vpc_endpoint_associations", "describe_secondary_interfaces",
         "describe_capacity_block_extension_offerings", "get_aws_network_performance_data", "describe_prefix_lists", "describe_client_vpn_target_networks", "describe_client_vpn_connections",
         "describe_spot_fleet_instances", "describe_spot_fleet_request_history", "describe_ipv6_pools", "get_associated_ipv6_pool_cidrs",
         "describe_moving_addresses", "get_route_server_routing_database", "get_ipam_resource_cidrs", "get_ipam_pool_allocations", "describe_ipam_pool_allocations",
         "get_ipam_discovered_accounts", "get_ipam_discovered_resource_cidrs", "get_ipam_prefix_list_resolver_rules",
         "get_ipam_prefix_list_resolver_versions", "get_ipam_prefix_list_resolver_version_entries", "describe_ipam_byoasn",
         "get_ipam_discovered_public_addresses", "get_ipam_address_history", "get_ipam_policy_allocation_rules", "get_ipam_policy_organization_targets",
         "get_vpc_resources_blocking_encryption_enforcement", "describe_elastic_gpus", "describe_instance_sql_ha_states", "describe_instance_sql_ha_history_states",
         "describe_scheduled_instances", "describe_scheduled_instance_availability", "get_ipam_internet_registry_association_cidrs",
         "get_ipam_internet_registry_association_asns", "describe_declarative_policies_reports",
         # Of these there is one page: the size can't be said, or ten places are all.
         "describe_reserved_instances_modifications", "get_spot_placement_scores", "get_vpn_connection_device_types"}


def check_pages(pages, names, size):
    """More than three pages, none beyond the size, nothing twice; what was given."""
    assert len(pages) > 3
    given = [names(page) for page in pages]
    assert all(len(one) <= size for one in given), [len(one) for one in given]
    flat = [name for one in given for name in one]
    assert len(flat) == len(set(flat)), "something came twice"
    return flat


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.operation)
def test_each_thing_comes_once(stage, kind):
    made = [kind.make(stage) for _ in range(kind.count)]
    given = check_pages(list(kind.pages(stage)), kind.names, kind.size)
    assert set(made) <= set(given)
    # In other pages the same things.
    wide = [name for page in kind.pages(stage, kind.size + 2) for name in kind.names(page)]
    assert sorted(map(str, wide)) == sorted(map(str, given))


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.delete], ids=lambda kind: kind.operation)
def test_things_come_and_go_between_pages(stage, kind):
    """Whatever is there all the time comes once, whatever else happens; nothing comes twice, and what is gone before its turn breaks nothing."""
    mine = [kind.make(stage) for _ in range(kind.count)]
    pages = kind.pages(stage)
    given = kind.names(next(pages))
    gone = []
    for page in pages:
        seen = [name for name in mine if name in given and name not in gone]
        unseen = [name for name in mine if name not in given + gone]
        for name in seen[:1] + unseen[-1:]:
            kind.delete(stage, name)
            gone.append(name)
        if len(mine) < kind.count + 3:
            mine.append(kind.make(stage))
        given += kind.names(page)
    assert len(gone) > 3 and len(given) == len(set(given))
    # What was made on the way may have its place before what was walked already.
    assert set(mine[:kind.count]) - set(gone) <= set(given)


@pytest.mark.parametrize("operation, key, identity, request_, small, large", BULK, ids=lambda value: value if isinstance(value, str) else "")
def test_what_comes_with_the_product(stage, operation, key, identity, request_, small, large):
    name = identity if callable(identity) else lambda one: one[identity]
    given = check_pages(list(walk(stage.ec2, operation, small, **request_)), lambda page: [name(one) for one in page[key]], small)
    wide = [name(one) for page in walk(stage.ec2, operation, large, **request_) for one in page[key]]
    assert given == wide


def test_the_names_of_endpoint_services_come_with_them(stage):
    for page in walk(stage.ec2, "describe_vpc_endpoint_services", 20):
        assert {one["ServiceName"] for one in page["ServiceDetails"]} == set(page["ServiceNames"])


def walk_stale(stage, vpc):
    pages = list(walk(stage.ec2, "describe_stale_security_groups", 5, VpcId=vpc))
    return set(check_pages(pages, lambda page: [one["GroupId"] for one in page["StaleSecurityGroupSet"]], 5))


def name_group(stage, group, other):
    """A rule of a group that names the other one."""
    stage.ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[
        {"IpProtocol": "tcp", "FromPort": 1, "ToPort": 1, "UserIdGroupPairs": [{"GroupId": other}]}])


def test_stale_groups(stage):
    """Groups with rules that name a group which was used in their VPC."""
    mine = stage.new_vpc()
    shared, groups = stage.group, [stage.new_group(mine) for _ in range(COUNT)]
    stage.ec2.associate_security_group_vpc(GroupId=shared, VpcId=mine)
    stage.settle()
    for group in groups:
        name_group(stage, group, shared)
    stage.ec2.disassociate_security_group_vpc(GroupId=shared, VpcId=mine)
    stage.settle()
    assert walk_stale(stage, mine) == set(groups)


def test_groups_that_peering_made_stale(stage):
    """https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-security-groups.html"""
    mine, peer = (stage.ec2.create_vpc(CidrBlock=block)["Vpc"]["VpcId"] for block in ("10.81.0.0/16", "10.82.0.0/16"))
    connection = stage.ec2.create_vpc_peering_connection(VpcId=mine, PeerVpcId=peer)["VpcPeeringConnection"]["VpcPeeringConnectionId"]
    stage.settle()
    stage.ec2.accept_vpc_peering_connection(VpcPeeringConnectionId=connection)
    stage.settle()
    theirs, groups = stage.new_group(peer), [stage.new_group(mine) for _ in range(COUNT)]
    for group in groups:
        name_group(stage, group, theirs)
    assert stage.ec2.describe_stale_security_groups(VpcId=mine)["StaleSecurityGroupSet"] == []
    stage.ec2.delete_vpc_peering_connection(VpcPeeringConnectionId=connection)
    stage.settle()
    assert walk_stale(stage, mine) == set(groups)


@pytest.mark.parametrize("make, operation, key", [(make_fleet, "describe_fleet", "FleetId"),
                                                  (make_spot_fleet, "describe_spot_fleet", "SpotFleetRequestId")])
def test_what_a_fleet_has_and_did(stage, make, operation, key):
    fleet = {key: make(stage, COUNT)}
    stage.settle()
    pages = list(walk(stage.ec2, f"{operation}_instances", 5, **fleet))
    given = check_pages(pages, lambda page: [one["InstanceId"] for one in page["ActiveInstances"]], 5)
    assert len(given) == COUNT
    start = datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone.utc)
    history = "describe_fleet_history" if operation == "describe_fleet" else "describe_spot_fleet_request_history"
    pages = list(walk(stage.ec2, history, 5, **fleet, StartTime=start))
    records = [record for page in pages for record in page["HistoryRecords"]]
    assert len(pages) > 3 and all(len(page["HistoryRecords"]) <= 5 for page in pages)
    launched = [one["EventInformation"]["InstanceId"] for one in records if "InstanceId" in one["EventInformation"]]
    assert len(launched) == len(set(launched)) and set(launched) == set(given)


def test_reservations_of_a_subnet(stage):
    subnet = stage.new_subnet()
    block = stage.ec2.describe_subnets(SubnetIds=[subnet])["Subnets"][0]["CidrBlock"].rsplit(".", 1)[0]
    made = {stage.ec2.create_subnet_cidr_reservation(SubnetId=subnet, ReservationType="explicit", Cidr=f"{block}.{number * 8}/29")[
        "SubnetCidrReservation"]["SubnetCidrReservationId"] for number in range(1, COUNT + 1)}
    pages = list(walk(stage.ec2, "get_subnet_cidr_reservations", 5, SubnetId=subnet))
    names = lambda page: [one["SubnetCidrReservationId"] for one in page["SubnetIpv4CidrReservations"]]
    assert set(check_pages(pages, names, 5)) == made


def test_allocations_of_a_pool(stage):
    """A page has a thousand of them at least."""
    pool = stage.new_pool("10.200.0.0/16")
    stage.settle()
    made = {stage.ec2.allocate_ipam_pool_cidr(IpamPoolId=pool, NetmaskLength=32)["IpamPoolAllocation"]["IpamPoolAllocationId"] for _ in range(3001)}
    for operation, request in [("get_ipam_pool_allocations", {"IpamPoolId": pool}), ("describe_ipam_pool_allocations", {})]:
        pages = list(walk(stage.ec2, operation, 1000, **request))
        assert set(check_pages(pages, lambda page: [one["IpamPoolAllocationId"] for one in page["IpamPoolAllocations"]], 1000)) == made


def test_pools_of_ipv6(stage):
    """Of the account's own ranges, and the VPCs with blocks out of one."""
    for number in range(COUNT):
        block = f"2600:9000:{number:x}aa::/48"
        proof = {"Message": f"1|aws|000000000000|{block}|20300101|SHA256|RSAPSS", "Signature": "signed"}
        stage.ec2.provision_byoip_cidr(Cidr=block, CidrAuthorizationContext=proof)
    stage.server.advance("3h")
    pools = check_pages(list(walk(stage.ec2, "describe_ipv6_pools", 5)), lambda page: [one["PoolId"] for one in page["Ipv6Pools"]], 5)
    made = {stage.ec2.create_vpc(CidrBlock="10.0.0.0/16", Ipv6Pool=pools[0])["Vpc"]["VpcId"] for _ in range(COUNT)}
    pages = list(walk(stage.ec2, "get_associated_ipv6_pool_cidrs", 5, PoolId=pools[0]))
    assert set(check_pages(pages, lambda page: [one["AssociatedResource"] for one in page["Ipv6CidrAssociations"]], 5)) == made
    # No address moves any more.
    [page] = walk(stage.ec2, "describe_moving_addresses", 5)
    assert page["MovingAddressStatuses"] == []


def test_routes_of_a_server(stage):
    """It learns none."""
    server = new_route_server(stage)
    [page] = walk(stage.ec2, "get_route_server_routing_database", 5, RouteServerId=server)
    assert page["Routes"] == []


def test_what_a_resolver_selects(stage):
    rules = [{"RuleType": "static-cidr", "StaticCidr": f"198.18.{number}.0/24"} for number in range(20)]
    made = stage.ec2.create_ipam_prefix_list_resolver(IpamId=stage.ipam["IpamId"], AddressFamily="ipv4", Rules=rules)["IpamPrefixListResolver"]
    name = {"IpamPrefixListResolverId": made["IpamPrefixListResolverId"]}
    pages = list(walk(stage.ec2, "get_ipam_prefix_list_resolver_rules", 5, **name))
    blocks = {rule["StaticCidr"] for rule in rules}
    assert set(check_pages(pages, lambda page: [one["StaticCidr"] for one in page["Rules"]], 5)) == blocks
    pages = list(walk(stage.ec2, "get_ipam_prefix_list_resolver_version_entries", 5, IpamPrefixListResolverVersion=1, **name))
    assert set(check_pages(pages, lambda page: [one["Cidr"] for one in page["Entries"]], 5)) == blocks
    for number in range(1, 18):
        stage.ec2.modify_ipam_prefix_list_resolver(Rules=rules[number:], **name)
    pages = list(walk(stage.ec2, "get_ipam_prefix_list_resolver_versions", 5, **name))
    assert check_pages(pages, lambda page: [one["Version"] for one in page["IpamPrefixListResolverVersions"]], 5) == list(range(1, 19))


def test_what_a_discovery_finds(stage):
    units = [{"id": f"ou-ab12-1111111{number}", "name": f"unit{number}", "accounts": [{"id": f"{number + 1}" * 12, "name": "x"}]} for number in range(8)]
    accounts = [{"id": "000000000000", "name": "main"}, *({"id": f"90000000000{number}", "name": "x"} for number in range(10))]
    stage.server.admin("PUT", "organization", {"id": "o-a1b2c3d4e5", "managementAccount": "900000000000",
                                               "delegatedAdministrators": {"ipam.amazonaws.com": ["000000000000"]},
                                               "root": {"id": "r-ab12", "accounts": accounts, "organizationalUnits": units}})
    name = {"IpamResourceDiscoveryId": stage.ipam["DefaultResourceDiscoveryId"]}
    pages = list(walk(stage.ec2, "get_ipam_discovered_accounts", 5, DiscoveryRegion="us-east-1", **name))
    assert len(check_pages(pages, lambda page: [one["AccountId"] for one in page["IpamDiscoveredAccounts"]], 5)) == 19
    policy = {"IpamPolicyId": stage.ec2.create_ipam_policy(IpamId=stage.ipam["IpamId"])["IpamPolicy"]["IpamPolicyId"]}
    targets = [one["id"] for one in [*accounts, *units]]
    for target in targets:
        stage.ec2.enable_ipam_policy(**policy, OrganizationTargetId=target)
    pages = list(walk(stage.ec2, "get_ipam_policy_organization_targets", 5, **policy))
    assert set(check_pages(pages, lambda page: [one["OrganizationTargetId"] for one in page["OrganizationTargets"]], 5)) == set(targets)
    for target in targets:
        stage.ec2.disable_ipam_policy(**policy, OrganizationTargetId=target)
    stage.server.admin("DELETE", "organization")
    made = {stage.ec2.create_vpc(CidrBlock="10.0.0.0/24")["Vpc"]["VpcId"] for _ in range(20)}
    pages = list(walk(stage.ec2, "get_ipam_discovered_resource_cidrs", 5, ResourceRegion="us-east-1", **name))
    found = check_pages(pages, lambda page: [(one["ResourceId"], one["ResourceCidr"]) for one in page["IpamDiscoveredResourceCidrs"]], 5)
    assert {one for one, _ in found} >= made


def test_public_addresses_of_a_discovery(stage):
    made = {stage.ec2.allocate_address()["PublicIp"] for _ in range(COUNT)}
    name = {"IpamResourceDiscoveryId": stage.ipam["DefaultResourceDiscoveryId"], "AddressRegion": "us-east-1"}
    pages = list(walk(stage.ec2, "get_ipam_discovered_public_addresses", 5, **name))
    assert set(check_pages(pages, lambda page: [one["Address"] for one in page["IpamDiscoveredPublicAddresses"]], 5)) >= made


def test_rules_of_a_policy(stage):
    """A document for each region."""
    regions = [one["RegionName"] for one in stage.ec2.describe_regions()["Regions"]][:16]
    ipam = stage.ec2.create_ipam(OperatingRegions=[{"RegionName": region} for region in regions])["Ipam"]
    stage.settle()
    policy = {"IpamPolicyId": stage.ec2.create_ipam_policy(IpamId=ipam["IpamId"])["IpamPolicy"]["IpamPolicyId"]}
    for region in regions:
        pool = stage.ec2.create_ipam_pool(IpamScopeId=ipam["PublicDefaultScopeId"], AddressFamily="ipv4", Locale=region, AwsService="ec2")["IpamPool"]["IpamPoolId"]
        stage.settle()
        stage.ec2.modify_ipam_policy_allocation_rules(**policy, Locale=region, ResourceType="eip", AllocationRules=[{"SourceIpamPoolId": pool}])
    pages = list(walk(stage.ec2, "get_ipam_policy_allocation_rules", 5, **policy))
    assert set(check_pages(pages, lambda page: [one["Locale"] for one in page["IpamPolicyDocuments"]], 5)) == set(regions)


def test_numbers_of_autonomous_systems(stage):
    numbers = [str(number) for number in range(5000, 5000 + COUNT)]
    for number in numbers:
        proof = {"Message": f"000000000000|{number}|20301231|SHA256|RSAPSS", "Signature": "c2lnbmVk"}
        stage.ec2.provision_ipam_byoasn(IpamId=stage.ipam["IpamId"], Asn=number, AsnAuthorizationContext=proof)
    pages = list(walk(stage.ec2, "describe_ipam_byoasn", 5))
    assert set(check_pages(pages, lambda page: [one["Asn"] for one in page["Byoasns"]], 5)) >= set(numbers)


def test_what_is_in_the_way_of_encryption(stage):
    vpc = stage.new_vpc()
    subnet = stage.ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
    made = {stage.ec2.create_nat_gateway(SubnetId=subnet, ConnectivityType="private")["NatGateway"]["NatGatewayId"] for _ in range(COUNT)}
    stage.ec2.create_vpc_encryption_control(VpcId=vpc)
    stage.settle()
    pages = list(walk(stage.ec2, "get_vpc_resources_blocking_encryption_enforcement", 5, VpcId=vpc))
    found = check_pages(pages, lambda page: [one["Id"] for one in page["NonCompliantResources"]], 5)
    assert set(found) >= made


def test_what_is_in_a_scope(stage):
    scope = stage.ipam["PrivateDefaultScopeId"]
    made = {stage.new_vpc() for _ in range(COUNT)}
    pages = list(walk(stage.ec2, "get_ipam_resource_cidrs", 5, IpamScopeId=scope, ResourceType="vpc"))
    assert set(check_pages(pages, lambda page: [one["ResourceId"] for one in page["IpamResourceCidrs"]], 5)) >= made


def test_use_of_a_reservation_by_accounts(stage):
    """One account uses it: a page, and no more."""
    held = RESERVE(stage)
    stage.settle()
    stage.launch(InstanceType="m5.large", Placement={"AvailabilityZone": ZONE},
                 CapacityReservationSpecification={"CapacityReservationTarget": {"CapacityReservationId": held}})
    [page] = walk(stage.ec2, "get_capacity_reservation_usage", 1, CapacityReservationId=held)
    assert [(one["AccountId"], one["UsedInstanceCount"]) for one in page["InstanceUsages"]] == [("000000000000", 1)]


def test_what_there_is_none_of(stage):
    """A page, and no more."""
    held = RESERVE(stage)
    stage.settle()
    for operation, member, named in [("get_groups_for_capacity_reservation", "CapacityReservationGroups", {"CapacityReservationId": held}),
                                     ("describe_vpc_endpoint_associations", "VpcEndpointAssociations", {}),
                                     ("describe_secondary_interfaces", "SecondaryInterfaces", {}),
                                     ("describe_scheduled_instances", "ScheduledInstanceSet", {}),
                                     ("describe_scheduled_instance_availability", "ScheduledInstanceAvailabilitySet", {
                                         "FirstSlotStartTimeRange": {"EarliestTime": "2026-01-01T00:00:00Z", "LatestTime": "2026-01-02T00:00:00Z"}, "Recurrence": {"Frequency": "Daily", "Interval": 1}})]:
        [page] = walk(stage.ec2, operation, 5, **named)
        assert page[member] == []


def test_accelerators_that_are_no_more(stage):
    [page] = walk(stage.ec2, "describe_elastic_gpus", 10)
    assert page["ElasticGpuSet"] == []


def test_what_a_registry_has_in_its_books(stage):
    named = {"IpamInternetRegistryAssociationId": stage.registry}
    cidrs, asns = [f"192.{number}.0.0/24" for number in range(COUNT)], list(range(4000, 4000 + COUNT))
    books = {"region": "us-east-1", "ipamInternetRegistryAssociationId": stage.registry, "cidrs": cidrs, "asns": asns}
    stage.server.admin("PUT", "registry-books", books)
    for operation, member, name, held in [("get_ipam_internet_registry_association_cidrs", "IpamInternetRegistryAssociationCidrs", "Cidr", cidrs),
                                          ("get_ipam_internet_registry_association_asns", "IpamInternetRegistryAssociationAsns", "Asn", asns)]:
        pages = list(walk(stage.ec2, operation, 5, **named))
        assert set(check_pages(pages, lambda page: [one[name] for one in page[member]], 5)) == {str(one) for one in held}


def test_reports_on_what_accounts_have_set(stage):
    organization = {"id": "o-a1b2c3d4e5", "managementAccount": "000000000000", "trustedServices": ["ec2.amazonaws.com"],
                    "root": {"id": "r-ab12", "accounts": [{"id": "000000000000"}]}}
    stage.server.admin("PUT", "organization", organization)
    made = set()
    for _ in range(COUNT):
        id = stage.ec2.start_declarative_policies_report(S3Bucket="reports", TargetId="r-ab12")["ReportId"]
        stage.ec2.cancel_declarative_policies_report(ReportId=id)
        made.add(id)
    stage.server.admin("DELETE", "organization")
    pages = list(walk(stage.ec2, "describe_declarative_policies_reports", 5))
    assert set(check_pages(pages, lambda page: [one["ReportId"] for one in page["Reports"]], 5)) == made


def test_extensions_of_a_block(stage):
    """There is one of a length: a page, and no more."""
    held = make_block(stage)[1]
    stage.settle()
    [page] = walk(stage.ec2, "describe_capacity_block_extension_offerings", 5, CapacityReservationId=held, CapacityBlockExtensionDurationHours=24)
    assert len(page["CapacityBlockExtensionOfferings"]) == 1


def test_figures_of_the_network(stage):
    regions = [one["RegionName"] for one in stage.ec2.describe_regions()["Regions"] if one["RegionName"] != "us-east-1"][:16]
    queries = [{"Id": region, "Source": region, "Destination": "us-east-1"} for region in regions]
    pages = list(walk(stage.ec2, "get_aws_network_performance_data", 5, DataQueries=queries))
    assert check_pages(pages, lambda page: [one["Id"] for one in page["DataResponses"]], 5) == regions


def test_clients_and_networks_of_an_endpoint(stage):
    """A network in each zone at most: a page, and no more; clients there are none."""
    for operation, member, count in [("describe_client_vpn_target_networks", "ClientVpnTargetNetworks", 1), ("describe_client_vpn_connections", "Connections", 0)]:
        [page] = walk(stage.ec2, operation, 5, ClientVpnEndpointId=stage.client_endpoint)
        assert len(page[member]) == count


@pytest.mark.parametrize("operation", REFUSED)
def test_what_is_refused_has_no_pages(stage, operation):
    assert error_of(lambda: list(walk(stage.ec2, operation, 5)))[0] == "UnsupportedOperation"


def test_prefix_lists_of_aws(stage):
    given = [one["PrefixListId"] for page in walk(stage.ec2, "describe_prefix_lists", 5) for one in page["PrefixLists"]]
    assert len(given) == len(set(given)) and "com.amazonaws.us-east-1.s3" in {
        one["PrefixListName"] for one in stage.ec2.describe_prefix_lists(PrefixListIds=given)["PrefixLists"]}


def test_what_was_found_in_an_image(stage):
    id = image(stage.ec2)
    findings = [{"title": f"finding {number}", "severityLabel": "low", "firstObservedAt": "2026-01-01T00:00:00Z", "updatedAt": "2026-01-01T00:00:00Z"}
                for number in range(COUNT)]
    stage.server.admin("PUT", "image-findings", {"region": "us-east-1", "imageId": id, "findings": findings})
    pages = list(walk(stage.ec2, "get_image_findings", 5, ImageId=id))
    assert check_pages(pages, lambda page: [one["Title"] for one in page["ImageFindings"]], 5) == [one["title"] for one in findings]


def test_targets_in_a_block_of_addresses(stage):
    base = next(stage.blocks).rsplit(".", 1)[0]
    subnet = stage.ec2.create_subnet(VpcId=stage.vpc, CidrBlock=f"{base}.0/24", AvailabilityZone=ZONE)["Subnet"]["SubnetId"]
    addresses = [f"{base}.{number}" for number in range(100, 100 + COUNT)]
    for address in addresses:
        stage.ec2.create_network_interface(SubnetId=subnet, PrivateIpAddress=address)
    door = stage.ec2.create_verified_access_instance()["VerifiedAccessInstance"]["VerifiedAccessInstanceId"]
    group = stage.ec2.create_verified_access_group(VerifiedAccessInstanceId=door)["VerifiedAccessGroup"]["VerifiedAccessGroupId"]
    own = stage.ec2.describe_security_groups(Filters=[{"Name": "vpc-id", "Values": [stage.vpc]}])["SecurityGroups"][0]["GroupId"]
    options = {"Protocol": "tcp", "SubnetIds": [subnet], "Cidr": f"{base}.0/24", "PortRanges": [{"FromPort": 22, "ToPort": 22}]}
    made = stage.ec2.create_verified_access_endpoint(VerifiedAccessGroupId=group, EndpointType="cidr", AttachmentType="vpc", SecurityGroupIds=[own], CidrOptions=options)
    pages = list(walk(stage.ec2, "get_verified_access_endpoint_targets", 5, VerifiedAccessEndpointId=made["VerifiedAccessEndpoint"]["VerifiedAccessEndpointId"]))
    given = check_pages(pages, lambda page: [one["VerifiedAccessEndpointTargetIpAddress"] for one in page["VerifiedAccessEndpointTargets"]], 5)
    assert given == addresses


def test_what_capacity_manager_gathers(stage):
    stage.ec2.enable_capacity_manager()
    held = {RESERVE(stage) for _ in range(COUNT)}
    stage.server.advance("2h")
    now = datetime.datetime.fromisoformat(stage.server.admin("GET", "clock")["now"]).replace(minute=0, second=0, microsecond=0)
    span = {"StartTime": now - datetime.timedelta(hours=1), "EndTime": now, "MetricNames": ["reservation-total-count"], "GroupBy": ["reservation-id"]}
    pages = list(walk(stage.ec2, "get_capacity_manager_metric_data", 5, Period=3600, **span))
    assert set(check_pages(pages, lambda page: [one["Dimension"]["ReservationId"] for one in page["MetricDataResults"]], 5)) >= held
    pages = list(walk(stage.ec2, "get_capacity_manager_metric_dimensions", 5, **span))
    assert set(check_pages(pages, lambda page: [one["ReservationId"] for one in page["MetricDimensionResults"]], 5)) >= held


def test_no_built_operation_is_forgotten(stage):
    """Every operation that takes a NextToken is walked above or answers 501."""
    model = stage.ec2.meta.service_model
    walked = {kind.operation for kind in KINDS} | {row[0] for row in BULK} | {*APART, *REFUSED}
    forgotten = []
    for name in model.operation_names:
        shape = model.operation_model(name).input_shape
        if shape and "NextToken" in shape.members and xform_name(name) not in walked and is_built(stage.bare, name):
            forgotten.append(name)
    assert forgotten == [], " ".join(forgotten)
