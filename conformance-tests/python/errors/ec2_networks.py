"""VPCs and what is in them: subnets, gateways, route tables, ACLs, DHCP options."""

NAMES = {}


def before(server):
    ec2 = server.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    other = ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    spare = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    tables = {table["VpcId"]: table for table in ec2.describe_route_tables()["RouteTables"]}
    custom = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    foreign = ec2.create_route_table(VpcId=other)["RouteTable"]["RouteTableId"]
    ec2.associate_route_table(RouteTableId=custom, SubnetId=subnet)
    options = ec2.create_dhcp_options(DhcpConfigurations=[{"Key": "domain-name", "Values": ["example.com"]}])["DhcpOptions"]["DhcpOptionsId"]
    ec2.associate_dhcp_options(DhcpOptionsId=options, VpcId=vpc)
    [acl] = ec2.describe_network_acls(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["NetworkAcls"]
    foreign_acl = ec2.create_network_acl(VpcId=other)["NetworkAcl"]["NetworkAclId"]
    block = ec2.describe_vpcs(VpcIds=[vpc])["Vpcs"][0]["CidrBlockAssociationSet"][0]["AssociationId"]
    default = ec2.describe_subnets(Filters=[{"Name": "availability-zone", "Values": ["us-east-1a"]}, {"Name": "default-for-az", "Values": ["true"]}])
    interface = ec2.create_network_interface(SubnetId=subnet)["NetworkInterface"]["NetworkInterfaceId"]
    egress = ec2.create_egress_only_internet_gateway(VpcId=vpc)["EgressOnlyInternetGateway"]["EgressOnlyInternetGatewayId"]
    NAMES.update(interface=interface, egress=egress)
    NAMES.update(vpc=vpc, other=other, subnet=subnet, gateway=gateway, spare=spare, main=tables[vpc]["RouteTableId"], custom=custom,
                 foreign=foreign, options=options, acl=acl["NetworkAclId"], foreign_acl=foreign_acl, block=block,
                 main_association=tables[vpc]["Associations"][0]["RouteTableAssociationId"],
                 acl_association=acl["Associations"][0]["NetworkAclAssociationId"], default=default["Subnets"][0]["SubnetId"])
    CASES[:] = [tuple(filled(part) for part in case) for case in CASES]


def filled(part):
    """The part of a case with ids in the place of `{name}`."""
    if isinstance(part, str):
        for name, value in NAMES.items():
            part = part.replace("{" + name + "}", value)
        return part
    if isinstance(part, dict):
        return {key: filled(value) for key, value in part.items()}
    return [filled(one) for one in part] if isinstance(part, list) else part


def bad(operation, code, text, **parameters):
    return ("ec2", operation, parameters, 400, code, text)


def lost(operation, **parameters):
    """Each of these operations says alike that what it is about is not there."""
    code, text = LOST[next(iter(parameters))]
    return bad(operation, code, text, **parameters)


LOST = {
    "VpcId": ("InvalidVpcID.NotFound", "The vpc ID 'lost' does not exist"),
    "SubnetId": ("InvalidSubnetID.NotFound", "The subnet ID 'lost' does not exist"),
    "InternetGatewayId": ("InvalidInternetGatewayID.NotFound", "The internetGateway ID 'lost' does not exist"),
    "RouteTableId": ("InvalidRouteTableID.NotFound", "The routeTable ID 'lost' does not exist"),
    "DhcpOptionsId": ("InvalidDhcpOptionsId.Malformed", 'Invalid id: "lost" (expecting "dopt-...")'),
    "NetworkAclId": ("InvalidNetworkAclID.NotFound", "The networkAcl ID 'lost' does not exist"),
    "AssociationId": ("InvalidAssociationID.NotFound", "The association ID 'lost' does not exist"),
}
NO_BLOCK = "Value (all) for parameter cidrBlock is invalid. This is not a valid CIDR block."
ZONES = ", ".join(f"us-east-1{letter}" for letter in "abcdef")
ENTRY = {"RuleNumber": 100, "Protocol": "-1", "RuleAction": "allow", "Egress": True, "CidrBlock": "0.0.0.0/0"}

ONE_DESTINATION = "The request must contain exactly one of: destinationCidrBlock, destinationIpv6CidrBlock, destinationPrefixListId"
ONE_TARGET = (
    "The request must contain exactly one of gatewayId, localGatewayId, carrierGatewayId, natGatewayId, networkInterfaceId, "
    "vpcPeeringConnectionId, egressOnlyInternetGatewayId, transitGatewayId, vpcEndpointId, coreNetworkArn or instanceId")
OR_LOCAL = ", or must have localTarget set to true"

CASES = [
    bad("CreateVpc", "MissingParameter", "Either 'cidrBlock' or 'ipv4IpamPoolId' should be provided."),
    bad("CreateVpc", "InvalidParameterValue", NO_BLOCK, CidrBlock="all"),
    bad("CreateVpc", "InvalidVpc.Range", "The CIDR '10.0.0.0/8' is invalid.", CidrBlock="10.0.0.0/8"),
    bad("CreateVpc", "InvalidVpc.Range", "The CIDR '10.0.0.0/29' is invalid.", CidrBlock="10.0.0.0/29"),
    bad("CreateVpc", "InvalidVpc.Range", "The CIDR '169.254.0.0/20' is invalid.", CidrBlock="169.254.0.0/20"),
    bad("CreateVpc", "UnsupportedTenancy", "The tenancy value host is not supported.", CidrBlock="10.0.0.0/16", InstanceTenancy="host"),
    bad("CreateVpc", "InvalidParameter", "'subnet' is not a valid taggable resource type for this operation.", CidrBlock="10.0.0.0/16",
        TagSpecifications=[{"ResourceType": "subnet", "Tags": [{"Key": "a", "Value": "b"}]}]),
    lost("DeleteVpc", VpcId="lost"),
    bad("DeleteVpc", "DependencyViolation", "The vpc '{vpc}' has dependencies and cannot be deleted.", VpcId="{vpc}"),
    lost("ModifyVpcAttribute", VpcId="lost", EnableDnsSupport={"Value": True}),
    bad("ModifyVpcAttribute", "InvalidParameterCombination", "Fields for multiple attribute types specified: enableDnsHostnames, enableDnsSupport", VpcId="{vpc}",
        EnableDnsSupport={"Value": True}, EnableDnsHostnames={"Value": True}),
    bad("CreateDefaultVpc", "DefaultVpcAlreadyExists", "A Default VPC already exists for this account in this region."),
    lost("AssociateVpcCidrBlock", VpcId="lost", CidrBlock="10.2.0.0/16"),
    bad("AssociateVpcCidrBlock", "InvalidVpc.Range", "The CIDR '172.16.0.0/16' is restricted. Use a CIDR from the same private address range as "
        "the current VPC CIDR, or use a publicly-routable CIDR. For additional restrictions, see "
        "https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Subnets.html", VpcId="{vpc}", CidrBlock="172.16.0.0/16"),
    bad("AssociateVpcCidrBlock", "InvalidVpc.Range", "The CIDR '169.254.0.0/20' is invalid.", VpcId="{vpc}", CidrBlock="169.254.0.0/20"),
    bad("AssociateVpcCidrBlock", "CidrConflict", "The CIDR '10.0.128.0/17' conflicts with another CIDR block in the VPC", VpcId="{vpc}",
        CidrBlock="10.0.128.0/17"),
    bad("DisassociateVpcCidrBlock", "InvalidVpcCidrBlockAssociationID.NotFound",
        "The vpc CIDR block association ID 'lost' does not exist", AssociationId="lost"),
    bad("DisassociateVpcCidrBlock", "OperationNotPermitted", "The vpc CIDR block with association ID {block} may not be disassociated. "
        "It is the primary IPv4 CIDR block of the VPC", AssociationId="{block}"),
    lost("CreateSubnet", VpcId="lost", CidrBlock="10.0.0.0/24"),
    bad("CreateSubnet", "InvalidSubnet.Range", "The CIDR '192.168.0.0/24' is invalid.", VpcId="{vpc}", CidrBlock="192.168.0.0/24"),
    bad("CreateSubnet", "InvalidSubnet.Conflict", "The CIDR '10.0.0.128/25' conflicts with another subnet", VpcId="{vpc}",
        CidrBlock="10.0.0.128/25"),
    bad("CreateSubnet", "InvalidParameterValue", NO_BLOCK, VpcId="{vpc}", CidrBlock="all"),
    bad("CreateSubnet", "InvalidParameterValue", "Value (us-east-1z) for parameter availabilityZone is invalid. Subnets can currently only be "
        f"created in the following availability zones: {ZONES}.", VpcId="{vpc}", CidrBlock="10.0.9.0/24", AvailabilityZone="us-east-1z"),
    lost("DeleteSubnet", SubnetId="lost"),
    lost("ModifySubnetAttribute", SubnetId="lost", MapPublicIpOnLaunch={"Value": True}),
    bad("CreateDefaultSubnet", "DefaultSubnetAlreadyExistsInAvailabilityZone", "'{default}' is already the default subnet in us-east-1a.",
        AvailabilityZone="us-east-1a"),
    lost("AttachInternetGateway", InternetGatewayId="lost", VpcId="{vpc}"),
    bad("AttachInternetGateway", "InvalidVpcID.NotFound", "The vpc ID 'lost' does not exist", InternetGatewayId="{spare}", VpcId="lost"),
    bad("AttachInternetGateway", "Resource.AlreadyAssociated", "resource {gateway} is already attached to network {vpc}",
        InternetGatewayId="{gateway}", VpcId="{other}"),
    bad("AttachInternetGateway", "InvalidParameterValue", "Network {vpc} already has an internet gateway attached", InternetGatewayId="{spare}",
        VpcId="{vpc}"),
    bad("DetachInternetGateway", "Gateway.NotAttached", "resource {gateway} is not attached to network {other}", InternetGatewayId="{gateway}",
        VpcId="{other}"),
    lost("DeleteInternetGateway", InternetGatewayId="lost"),
    bad("DeleteInternetGateway", "DependencyViolation", "The internetGateway '{gateway}' has dependencies and cannot be deleted.",
        InternetGatewayId="{gateway}"),
    lost("CreateRouteTable", VpcId="lost"),
    lost("DeleteRouteTable", RouteTableId="lost"),
    bad("DeleteRouteTable", "DependencyViolation", "The routeTable '{main}' has dependencies and cannot be deleted.", RouteTableId="{main}"),
    bad("DeleteRouteTable", "DependencyViolation", "The routeTable '{custom}' has dependencies and cannot be deleted.", RouteTableId="{custom}"),
    lost("AssociateRouteTable", RouteTableId="lost", SubnetId="{subnet}"),
    bad("AssociateRouteTable", "Resource.AlreadyAssociated", "the specified association for route table {main} conflicts with an existing "
        "association", RouteTableId="{main}", SubnetId="{subnet}"),
    bad("AssociateRouteTable", "InvalidParameterValue", "route table {foreign} and subnet {subnet} belong to different networks",
        RouteTableId="{foreign}", SubnetId="{subnet}"),
    lost("DisassociateRouteTable", AssociationId="lost"),
    bad("DisassociateRouteTable", "InvalidParameterValue", "cannot disassociate the main route table association {main_association}",
        AssociationId="{main_association}"),
    lost("ReplaceRouteTableAssociation", AssociationId="lost", RouteTableId="{custom}"),
    lost("CreateRoute", RouteTableId="lost", DestinationCidrBlock="0.0.0.0/0", GatewayId="{gateway}"),
    bad("CreateRoute", "InvalidGatewayID.NotFound", "The gateway ID 'igw-12345678' does not exist", RouteTableId="{custom}",
        DestinationCidrBlock="0.0.0.0/0", GatewayId="igw-12345678"),
    bad("CreateRoute", "InvalidNatGatewayID.NotFound", "The natGateway ID 'nat-1' does not exist", RouteTableId="{custom}",
        DestinationCidrBlock="0.0.0.0/0", NatGatewayId="nat-1"),
    bad("CreateRoute", "InvalidParameterValue", "route table {foreign} and network gateway {gateway} belong to different networks",
        RouteTableId="{foreign}", DestinationCidrBlock="0.0.0.0/0", GatewayId="{gateway}"),
    bad("CreateRoute", "RouteAlreadyExists", "The route identified by 10.0.0.0/16 already exists.", RouteTableId="{custom}",
        DestinationCidrBlock="10.0.0.0/16", GatewayId="{gateway}"),
    bad("CreateRoute", "InvalidParameterValue", "The destination CIDR block 10.0.1.0/24 is equal to or more specific than one of this VPC's CIDR "
        "blocks. This route can target only an interface or an instance.", RouteTableId="{custom}", DestinationCidrBlock="10.0.1.0/24",
        GatewayId="{gateway}"),
    # AWS's, quoted by those who met it through Terraform.
    bad("CreateRoute", "InvalidParameterValue", "Route destination doesn't match any subnet CIDR blocks.", RouteTableId="{custom}",
        DestinationCidrBlock="10.0.7.0/25", NetworkInterfaceId="{interface}"),
    # The text is ours.
    bad("CreateRoute", "InvalidParameterValue", "The destination 0.0.0.0/0 is of IPv4; an egress-only internet gateway takes IPv6 only.",
        RouteTableId="{custom}", DestinationCidrBlock="0.0.0.0/0", EgressOnlyInternetGatewayId="{egress}"),
    bad("CreateRoute", "InvalidParameterValue", "Value (all) for parameter destinationCidrBlock is invalid. This is not a valid CIDR block.",
        RouteTableId="{custom}", DestinationCidrBlock="all", GatewayId="{gateway}"),
    bad("ReplaceRoute", "InvalidParameterValue", "There is no route defined for '192.0.2.0/24' in the route table. Use CreateRoute instead.",
        RouteTableId="{custom}", DestinationCidrBlock="192.0.2.0/24", GatewayId="{gateway}"),
    bad("DeleteRoute", "InvalidRoute.NotFound", "no route with destination-cidr-block 192.0.2.0/24 in route table {custom}",
        RouteTableId="{custom}", DestinationCidrBlock="192.0.2.0/24"),
    bad("DeleteRoute", "InvalidParameterValue", "cannot remove local route 10.0.0.0/16 in route table {custom}", RouteTableId="{custom}",
        DestinationCidrBlock="10.0.0.0/16"),
    # As seen of AWS, September 2026.
    *[bad(operation, "MissingParameter", ONE_DESTINATION, RouteTableId="{custom}") for operation in ("ReplaceRoute", "DeleteRoute")],
    bad("DeleteRoute", "InvalidParameterCombination", ONE_DESTINATION, RouteTableId="{custom}", DestinationCidrBlock="192.0.2.0/24",
        DestinationIpv6CidrBlock="2001:db8::/64"),
    bad("CreateRoute", "MissingParameter", ONE_TARGET, RouteTableId="{custom}", DestinationCidrBlock="192.0.2.0/24"),
    bad("CreateRoute", "InvalidParameterCombination", ONE_TARGET, RouteTableId="{custom}", DestinationCidrBlock="192.0.2.0/24",
        GatewayId="{gateway}", NetworkInterfaceId="invalid"),
    bad("CreateRoute", "InvalidGatewayID.NotFound", "The gateway ID 'local' does not exist", RouteTableId="{custom}",
        DestinationCidrBlock="192.0.2.0/24", GatewayId="local"),
    bad("ReplaceRoute", "InvalidGatewayID.NotFound", "The gateway ID 'local' does not exist", RouteTableId="{custom}",
        DestinationCidrBlock="10.0.0.0/16", GatewayId="local"),
    bad("ReplaceRoute", "MissingParameter", ONE_TARGET + OR_LOCAL, RouteTableId="{custom}", DestinationCidrBlock="10.0.0.0/16", LocalTarget=False),
    bad("ReplaceRoute", "InvalidParameterCombination", ONE_TARGET + OR_LOCAL, RouteTableId="{custom}", DestinationCidrBlock="10.0.0.0/16",
        LocalTarget=True, GatewayId="{gateway}"),
    bad("CreateDhcpOptions", "MissingParameter", "The request must contain the parameter dhcpConfigurations", DhcpConfigurations=[]),
    *(bad("CreateDhcpOptions", "InvalidParameterValue", f"Value ({told}) for parameter value is invalid. Invalid DHCP option value.",
          DhcpConfigurations=[{"Key": key, "Values": values[:1]}, {"Key": key, "Values": values[1:]}])
      for key, values, told in (
          ("domain-name", [], "empty string for 'domain-name' is not allowed"),
          ("domain-name-servers", ["10.0.0.1,10.0.0.2,10.0.0.3", "10.0.0.4,10.0.0.5"], "10.0.0.1,10.0.0.2,10.0.0.3,10.0.0.4,10.0.0.5"),
          ("domain-name-servers", ["invalid"], "invalid"),
          ("netbios-name-servers", ["fd00::1"], "fd00::1"),
          ("netbios-node-type", ["1", "2"], "1,2"),
          ("netbios-node-type", ["128"], "128"),
          ("ipv6-address-preferred-lease-time", ["139"], "'139' for 'ipv6-address-preferred-lease-time' is out of bounds"),
          ("ipv6-address-preferred-lease-time", ["10m"], "'10m' for 'ipv6-address-preferred-lease-time' is not allowed"))),
    bad("DeleteDhcpOptions", "InvalidDhcpOptionsId.Malformed", "The dhcp-options ID 'lost' is malformed", DhcpOptionsId="lost"),
    bad("DeleteDhcpOptions", "InvalidDhcpOptionsID.NotFound", "The dhcpOptions ID 'dopt-0123456789abcdef0' does not exist",
        DhcpOptionsId="dopt-0123456789abcdef0"),
    bad("DescribeDhcpOptions", "InvalidDhcpOptionID.NotFound", "The dhcpOption ID 'dopt-0123456789abcdef0' does not exist",
        DhcpOptionsIds=["dopt-0123456789abcdef0"]),
    bad("CreateRouteTable", "InvalidParameterValue", "Value () for parameter clientToken is invalid", VpcId="{vpc}", ClientToken=""),
    bad("DeleteDhcpOptions", "DependencyViolation", "The dhcpOptions '{options}' has dependencies and cannot be deleted.",
        DhcpOptionsId="{options}"),
    lost("AssociateDhcpOptions", DhcpOptionsId="lost", VpcId="{vpc}"),
    lost("CreateNetworkAcl", VpcId="lost"),
    lost("DeleteNetworkAcl", NetworkAclId="lost"),
    bad("DeleteNetworkAcl", "InvalidParameterValue", "cannot delete default network ACL {acl}", NetworkAclId="{acl}"),
    lost("CreateNetworkAclEntry", NetworkAclId="lost", **ENTRY),
    bad("CreateNetworkAclEntry", "NetworkAclEntryAlreadyExists", "The network acl entry identified by 100 already exists.",
        NetworkAclId="{acl}", **{**ENTRY, "RuleAction": "deny"}),
    bad("CreateNetworkAclEntry", "InvalidParameterValue", "Invalid value 'ether' for IP protocol. Unknown protocol.", NetworkAclId="{acl}",
        **{**ENTRY, "Protocol": "ether"}),
    bad("CreateNetworkAclEntry", "MissingParameter", "The request must contain the parameter portRange", NetworkAclId="{acl}",
        **{**ENTRY, "RuleNumber": 7, "Protocol": "6"}),
    bad("ReplaceNetworkAclEntry", "InvalidNetworkAclEntry.NotFound", "no egress entry with number 7 in network ACL {acl}", NetworkAclId="{acl}",
        **{**ENTRY, "RuleNumber": 7}),
    bad("DeleteNetworkAclEntry", "InvalidNetworkAclEntry.NotFound", "no ingress entry with number 120 in network ACL {acl}",
        NetworkAclId="{acl}", RuleNumber=120, Egress=False),
    lost("ReplaceNetworkAclAssociation", AssociationId="lost", NetworkAclId="{acl}"),
    bad("ReplaceNetworkAclAssociation", "InvalidParameterValue", "network ACL {foreign_acl} and subnet {subnet} belong to different networks",
        AssociationId="{acl_association}", NetworkAclId="{foreign_acl}"),
]
