"""IPv6, further addresses, names and transfers of elastic addresses, groups in further VPCs, blocked public access: what EC2 refuses."""

NAMES = {}


def before(server):
    ec2 = server.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
    group = ec2.create_security_group(GroupName="own", Description="d", VpcId=vpc)["GroupId"]
    default = ec2.describe_security_groups(Filters=[{"Name": "vpc-id", "Values": [vpc]}, {"Name": "group-name", "Values": ["default"]}])
    interface = ec2.create_network_interface(SubnetId=subnet, PrivateIpAddress="10.0.0.10")["NetworkInterface"]["NetworkInterfaceId"]
    ec2.create_network_interface(SubnetId=subnet, PrivateIpAddress="10.0.0.11")
    ec2.create_subnet_cidr_reservation(SubnetId=subnet, Cidr="10.0.0.32/28", ReservationType="prefix")
    address = ec2.allocate_address()["AllocationId"]
    elsewhere = ec2.create_vpc(CidrBlock="10.5.0.0/16")["Vpc"]["VpcId"]
    foreign = ec2.create_security_group(GroupName="own", Description="d", VpcId=elsewhere)["GroupId"]
    NAMES.update(foreign=foreign, vpc=vpc, subnet=subnet, group=group, default=default["SecurityGroups"][0]["GroupId"], interface=interface, address=address)
    CASES[:] = [tuple(filled(part) for part in case) for case in CASES]


def filled(part):
    """The names of what was made stand in braces."""
    if isinstance(part, dict):
        return {key: filled(value) for key, value in part.items()}
    if isinstance(part, list):
        return [filled(value) for value in part]
    if isinstance(part, str):
        for name, value in NAMES.items():
            part = part.replace("{" + name + "}", value)
    return part


INVALID, COMBINED, MISSING = (400, "InvalidParameterValue"), (400, "InvalidParameterCombination"), (400, "MissingParameter")
NO_VPC = (400, "InvalidVpcID.NotFound", "The vpc ID 'vpc-1' does not exist")
NO_SUBNET = (400, "InvalidSubnetID.NotFound", "The subnet ID 'subnet-1' does not exist")
N = "eni-0123456789abcdef0"
NO_INTERFACE = (400, "InvalidNetworkInterfaceID.NotFound", f"The networkInterface ID '{N}' does not exist")
A = "eipalloc-0123456789abcdef0"
NO_ADDRESS = (400, "InvalidAllocationID.NotFound", f"The allocation ID '{A}' does not exist")
G = "sg-0123456789abcdef0"
NO_GROUP = (400, "InvalidGroup.NotFound", f"The security group '{G}' does not exist")
X = "vpcbpa-exclude-0123456789abcdef0"
NO_EXCLUSION = (400, "InvalidVpcBlockPublicAccessExclusionId.NotFound", f"The vpcBlockPublicAccessExclusion ID '{X}' does not exist")
NO_IPV6 = "The subnet '{subnet}' does not have an IPv6 CIDR block associated with it."
NEGATIVE = (*INVALID, "Value (-1) for parameter secondaryPrivateIpAddressCount is invalid.")
TOKEN = "t" * 65
BOTH = "IPv6 addresses and IPv6 address count may not be specified on the same request"
CASES = [
    ("ec2", "CreateVpc", {"CidrBlock": "10.0.0.0/16", "AmazonProvidedIpv6CidrBlock": True, "Ipv6CidrBlockNetworkBorderGroup": "mars"}, *INVALID,
     "Value (mars) for parameter networkBorderGroup is invalid."),
    ("ec2", "AssociateVpcCidrBlock", {"VpcId": "{vpc}"}, *MISSING, "Either 'cidrBlock' or 'ipv4IpamPoolId' should be provided."),
    ("ec2", "AssociateVpcCidrBlock", {"VpcId": "vpc-1", "AmazonProvidedIpv6CidrBlock": True}, *NO_VPC),
    ("ec2", "DescribeSubnets", {"SubnetIds": ["subnet-0123456789abcdef0"], "MaxResults": 5}, *COMBINED,
     "The parameter SubnetIds cannot be used with the parameter MaxResults"),
    ("ec2", "DescribeSecurityGroups", {"GroupIds": ["sg-0123456789abcdef0"], "MaxResults": 5}, *COMBINED,
     "The parameter securityGroupIdSet cannot be used with the parameter maxResults"),
    ("ec2", "AssociateVpcCidrBlock", {"VpcId": "{vpc}", "CidrBlock": "10.1.0.0/16", "AmazonProvidedIpv6CidrBlock": True}, *COMBINED,
     "The parameters cidrBlock and amazonProvidedIpv6CidrBlock cannot be used together"),
    ("ec2", "CreateSubnet", {"VpcId": "{vpc}", "CidrBlock": "10.0.1.0/24", "Ipv6CidrBlock": "2600:1f18::/64"}, 400, "InvalidSubnet.Range",
     "The IPv6 CIDR '2600:1f18::/64' is invalid."),
    ("ec2", "CreateSubnet", {"VpcId": "{vpc}", "CidrBlock": "10.0.1.0/24", "Ipv6CidrBlock": "2600:1f18::/62"}, *INVALID,
     "invalid value for parameter ipv6-cidr-block: 2600:1f18::/62"),
    ("ec2", "CreateSubnet", {"VpcId": "{vpc}", "CidrBlock": "10.0.1.0/24", "Ipv6CidrBlock": "six"}, *INVALID,
     "invalid value for parameter ipv6-cidr-block: six"),
    ("ec2", "AssociateSubnetCidrBlock", {"SubnetId": "subnet-1", "Ipv6CidrBlock": "2600:1f18::/64"}, *NO_SUBNET),
    ("ec2", "AssociateSubnetCidrBlock", {"SubnetId": "{subnet}", "Ipv6CidrBlock": "2600:1f18::/64"}, 400, "InvalidSubnet.Range",
     "The IPv6 CIDR '2600:1f18::/64' is invalid."),
    ("ec2", "AssociateSubnetCidrBlock", {"SubnetId": "{subnet}"}, *MISSING, "Either 'ipv6CidrBlock' or 'ipv6IpamPoolId' should be provided."),
    ("ec2", "DisassociateSubnetCidrBlock", {"AssociationId": "subnet-cidr-assoc-1"}, 400, "InvalidSubnetCidrBlockAssociationID.NotFound",
     "The subnet CIDR block with association ID 'subnet-cidr-assoc-1' does not exist"),
    ("ec2", "DisassociateSubnetCidrBlock", {"AssociationId": ""}, 400, "InvalidSubnetCidrBlockAssociationId.Malformed",
     'Invalid id: "" (expecting "subnet-cidr-assoc-...")'),
    ("ec2", "ModifySubnetAttribute", {"SubnetId": "{subnet}", "AssignIpv6AddressOnCreation": {"Value": True}}, *INVALID,
     "Invalid value 'true' for assign-ipv6-address-on-creation. Cannot set assign-ipv6-address-on-creation to true unless the subnet ({subnet}) "
     "has an IPv6 CIDR block associated with it."),
    ("ec2", "ModifySubnetAttribute", {"SubnetId": "{subnet}", "EnableDns64": {"Value": True}}, *INVALID,
     "Invalid value 'true' for enable-dns64. Cannot set enable-dns64 to true unless the subnet ({subnet}) has an IPv6 CIDR block associated with it."),
    ("ec2", "CreateNetworkInterface", {"SubnetId": "{subnet}", "Ipv6AddressCount": 1}, *INVALID, NO_IPV6),
    ("ec2", "CreateNetworkInterface", {"SubnetId": "{subnet}", "Ipv6AddressCount": 1, "Ipv6Addresses": [{"Ipv6Address": "2600:1f18::5"}]},
     *COMBINED, "The parameter ipv6AddressCount cannot be used with the parameter ipv6Addresses"),
    ("ec2", "CreateNetworkInterface", {"SubnetId": "{subnet}", "Ipv6PrefixCount": 1}, *INVALID, NO_IPV6),
    ("ec2", "CreateNetworkInterface", {"SubnetId": "{subnet}", "Ipv4Prefixes": [{"Ipv4Prefix": "10.0.0.0/28"}]}, *INVALID,
     "invalid value for parameter prefix: 10.0.0.0/28"),
    ("ec2", "CreateNetworkInterface", {"SubnetId": "{subnet}", "SecondaryPrivateIpAddressCount": -1}, *NEGATIVE),
    # The addresses: as seen of AWS, September 2026.
    ("ec2", "CreateNetworkInterface", {"SubnetId": "{subnet}", "PrivateIpAddresses": [{"PrivateIpAddress": "10.0.0.20"}],
                                       "SecondaryPrivateIpAddressCount": 2}, *INVALID,
     "You can specify one and only one secondaryPrivateIpAddressCount or secondaryPrivateIpAddressCount or ipv4Prefixes or ipv4PrefixCount."),
    ("ec2", "CreateNetworkInterface", {"SubnetId": "{subnet}", "PrivateIpAddress": "10.0.0.20", "PrivateIpAddresses": [
        {"PrivateIpAddress": "10.0.0.21", "Primary": True}]}, *INVALID, "Only one primary private IP address can be specified."),
    ("ec2", "CreateNetworkInterface", {"SubnetId": "{subnet}", "PrivateIpAddresses": [
        {"PrivateIpAddress": "10.0.0.20", "Primary": True}, {"PrivateIpAddress": "10.0.0.20", "Primary": False}]}, *INVALID,
     "address value can't be both primary and secondary"),
    ("ec2", "RunInstances", {"ImageId": "ami-1", "MinCount": 1, "MaxCount": 1, "NetworkInterfaces": [
        {"DeviceIndex": 0, "SubnetId": "{subnet}", "SecondaryPrivateIpAddressCount": -1}]}, *NEGATIVE),
    # As AWS was recorded in September 2026, and so to the end of UnassignPrivateIpAddresses.
    *[("ec2", "AssignPrivateIpAddresses", {"NetworkInterfaceId": "{interface}", "SecondaryPrivateIpAddressCount": count}, *INVALID,
       f"Value ({count}) for parameter secondaryPrivateIpAddressCount is invalid. Value must be a positive number.") for count in (0, -1)],
    ("ec2", "AssignPrivateIpAddresses", {"NetworkInterfaceId": "{interface}", "PrivateIpAddresses": ["10.0.0.20"],
                                         "SecondaryPrivateIpAddressCount": 1}, *COMBINED,
     "You may specify one and only one of privateIpAddressSet or secondaryPrivateIpAddressCount or ipv4Prefixes or ipv4PrefixCount, but not more "
     "than one of them."),
    ("ec2", "AssignPrivateIpAddresses", {"NetworkInterfaceId": "{interface}", "PrivateIpAddresses": ["10.0.0.11"], "AllowReassignment": True},
     *INVALID, "secondary-addresses"),
    ("ec2", "RunInstances", {"ImageId": "ami-1", "MinCount": 1, "MaxCount": 1, "BlockDeviceMappings": [
        {"DeviceName": "/dev/sdf", "Ebs": {"VolumeSize": 1}}, {"DeviceName": "/dev/sdf", "NoDevice": ""}]}, 400, "InvalidBlockDeviceMapping",
     "The device '/dev/sdf' is used in more than one block-device mapping"),
    ("ec2", "RunInstances", {"ImageId": "ami-1", "MinCount": 1, "MaxCount": 1, "ClientToken": TOKEN}, *INVALID,
     "Client token must be less than or equal to 64 characters"),
    ("ec2", "AssignPrivateIpAddresses", {"NetworkInterfaceId": N, "SecondaryPrivateIpAddressCount": 1}, *NO_INTERFACE),
    ("ec2", "AssignPrivateIpAddresses", {"NetworkInterfaceId": "eni-1", "SecondaryPrivateIpAddressCount": 1}, 400,
     "InvalidNetworkInterfaceId.Malformed", 'Invalid id: "eni-1" (expecting "eni-...")'),
    ("ec2", "AssignPrivateIpAddresses", {"NetworkInterfaceId": "{interface}"}, 400, "InvalidParameter",
     "One of privateIpAddressSet or privateIpAddressCount or ipv4PrefixSet or ipv4PrefixCount must be specified."),
    ("ec2", "AssignPrivateIpAddresses", {"NetworkInterfaceId": "{interface}", "PrivateIpAddresses": ["10.0.0.11"]}, *INVALID,
     "[10.0.0.11] assigned, but move is not allowed."),
    ("ec2", "AssignPrivateIpAddresses", {"NetworkInterfaceId": "{interface}", "PrivateIpAddresses": ["10.9.0.10"]}, *INVALID,
     "Address does not fall within the subnet's address range"),
    ("ec2", "AssignPrivateIpAddresses", {"NetworkInterfaceId": "{interface}", "PrivateIpAddresses": ["10.0.0.2"]}, *INVALID,
     "Address 10.0.0.2 is in subnet's reserved range."),
    ("ec2", "AssignPrivateIpAddresses", {"NetworkInterfaceId": "{interface}", "PrivateIpAddresses": ["ten"]}, *INVALID,
     "invalid value for parameter privateIpAddress: ten"),
    ("ec2", "UnassignPrivateIpAddresses", {"NetworkInterfaceId": "{interface}", "PrivateIpAddresses": ["10.0.0.11"]}, *INVALID,
     "Some of the specified addresses are not assigned to interface {interface}"),
    ("ec2", "UnassignPrivateIpAddresses", {"NetworkInterfaceId": "{interface}", "PrivateIpAddresses": ["10.0.0.10"]}, *INVALID,
     "Value (10.0.0.10) for parameter privateIpAddress is invalid. The primary IP address of an interface cannot be unassigned."),
    ("ec2", "UnassignPrivateIpAddresses", {"NetworkInterfaceId": "{interface}"}, *MISSING,
     "One of privateIpAddresses or ipv4Prefixes must be specified."),
    ("ec2", "AssignIpv6Addresses", {"NetworkInterfaceId": N, "Ipv6AddressCount": 1}, *NO_INTERFACE),
    ("ec2", "AssignIpv6Addresses", {"NetworkInterfaceId": "{interface}", "Ipv6AddressCount": 1}, *INVALID, NO_IPV6),
    ("ec2", "UnassignIpv6Addresses", {"NetworkInterfaceId": "{interface}", "Ipv6Addresses": ["2600:1f18::5"]}, *INVALID,
     "Some of the specified addresses are not assigned to interface {interface}"),
    ("ec2", "ResetNetworkInterfaceAttribute", {"NetworkInterfaceId": "{interface}"}, *COMBINED, "No attributes specified."),
    # Recorded at AWS, September 2026: no value is the right one.
    ("ec2", "ResetNetworkInterfaceAttribute", {"NetworkInterfaceId": "{interface}", "SourceDestCheck": "true"}, 400, "InvalidRequest",
     "The request received was invalid."),
    ("ec2", "DescribeNetworkInterfaceAttribute", {"NetworkInterfaceId": "{interface}", "Attribute": "color"}, *INVALID,
     "Value (color) for parameter attribute is invalid. Unknown attribute."),
    ("ec2", "DescribeNetworkInterfaces", {"NetworkInterfaceIds": ["{interface}"], "MaxResults": 5}, *COMBINED,
     "The parameter NetworkInterfaceIds cannot be used with the parameter MaxResults"),
    ("ec2", "DescribeNetworkInterfaces", {"NextToken": "none"}, *INVALID,
     "Value ( none ) for parameter NextToken is invalid. The token is invalid."),
    ("ec2", "CreateNetworkInterface", {"SubnetId": "{subnet}", "InterfaceType": "lamp"}, *INVALID,
     "invalid value for parameter interface-type: lamp"),
    ("ec2", "CreateNetworkInterface", {"SubnetId": "{subnet}", "PrivateIpAddress": "ten"}, *INVALID,
     "invalid value for parameter address: ten"),
    ("ec2", "CreateNetworkInterface", {"SubnetId": "{subnet}", "Groups": ["{foreign}"]}, *INVALID,
     "Security group {foreign} and subnet {subnet} belong to different networks."),
    ("ec2", "RunInstances", {"ImageId": "ami-1", "MinCount": 0, "MaxCount": 1}, *INVALID, "Minimum instance count must be greater than zero"),
    ("ec2", "RunInstances", {"ImageId": "ami-1", "MinCount": 1, "MaxCount": 0}, *INVALID, "Maximum instance count must be greater than zero"),
    ("ec2", "DescribeImages", {"ImageIds": [""]}, *MISSING, "The request must contain the parameter ImageId"),
    ("ec2", "CreateRouteTable", {"VpcId": "{vpc}", "ClientToken": "\u00e9"}, *INVALID, "Value (\u00e9) for parameter clientToken is invalid"),
    ("ec2", "ModifyNetworkInterfaceAttribute", {"NetworkInterfaceId": "{interface}", "Groups": ["{foreign}"]}, 400, "InvalidGroup.NotFound",
     "You have specified two resources that belong to different networks."),
    ("ec2", "ModifyNetworkInterfaceAttribute", {"NetworkInterfaceId": "{interface}", "Description": {"Value": "x"}, "SourceDestCheck": {"Value": False}},
     *COMBINED, "Fields for multiple attribute types specified: sourceDestCheck, description"),
    ("ec2", "DescribeNetworkInterfaceAttribute", {"NetworkInterfaceId": "eni-0123456789abcdef0"}, *COMBINED, "No attributes specified."),
    ("ec2", "ResetNetworkInterfaceAttribute", {"NetworkInterfaceId": "eni-0123456789abcdef0", "SourceDestCheck": "true"}, 400, "InvalidRequest",
     "The request received was invalid."),
    ("ec2", "ModifyNetworkInterfaceAttribute", {"NetworkInterfaceId": "{interface}", "EnablePrimaryIpv6": True}, *INVALID,
     "The network interface '{interface}' does not have an IPv6 address."),
    ("ec2", "RunInstances", {"ImageId": "ami-1", "MinCount": 1, "MaxCount": 1, "Ipv6AddressCount": 1, "Ipv6Addresses": [{"Ipv6Address": "::1"}]},
     *COMBINED, BOTH),
    ("ec2", "RunInstances", {"ImageId": "ami-1", "MinCount": 1, "MaxCount": 1, "NetworkInterfaces": [
        {"DeviceIndex": 0, "Ipv6AddressCount": 1, "Ipv6Addresses": [{"Ipv6Address": "::1"}]}]}, *COMBINED, BOTH),
    ("ec2", "RunInstances", {"ImageId": "ami-1", "MinCount": 1, "MaxCount": 1, "Ipv6AddressCount": 1, "NetworkInterfaces": [{"DeviceIndex": 0}]},
     *COMBINED, "Network interfaces and an instance-level IPv6 addresses may not be specified on the same request"),
    ("ec2", "CreateSubnetCidrReservation", {"SubnetId": "subnet-1", "Cidr": "10.0.0.0/28", "ReservationType": "prefix"}, *NO_SUBNET),
    ("ec2", "CreateSubnetCidrReservation", {"SubnetId": "{subnet}", "Cidr": "10.9.0.0/28", "ReservationType": "prefix"}, *INVALID,
     "Reservation CIDR should be within subnet CIDR block (10.0.0.0/24)"),
    ("ec2", "CreateSubnetCidrReservation", {"SubnetId": "{subnet}", "Cidr": "10.0.0.32/29", "ReservationType": "explicit"}, *INVALID,
     "Reservation CIDR 10.0.0.32/29 has overlap with existing reserved CIDR block"),
    ("ec2", "DeleteSubnetCidrReservation", {"SubnetCidrReservationId": "scr-1"}, 400, "InvalidSubnetCidrReservationID.NotFound",
     "The subnet-cidr-reservation ID 'scr-1' does not exist"),
    ("ec2", "GetSubnetCidrReservations", {"SubnetId": "subnet-1"}, *NO_SUBNET),
    ("ec2", "ModifyVpcTenancy", {"VpcId": "vpc-1", "InstanceTenancy": "default"}, *NO_VPC),
    ("ec2", "ModifyAddressAttribute", {"AllocationId": A, "DomainName": "a.example.com"}, *NO_ADDRESS),
    ("ec2", "ModifyAddressAttribute", {"AllocationId": "{address}"}, *MISSING, "The request must contain the parameter domainName"),
    ("ec2", "ModifyAddressAttribute", {"AllocationId": "{address}", "DomainName": "no name"}, *INVALID,
     "Value (no name) for parameter domainName is invalid."),
    ("ec2", "ResetAddressAttribute", {"AllocationId": A, "Attribute": "domain-name"}, *NO_ADDRESS),
    ("ec2", "EnableAddressTransfer", {"AllocationId": A, "TransferAccountId": "210987654321"}, *NO_ADDRESS),
    ("ec2", "EnableAddressTransfer", {"AllocationId": "{address}", "TransferAccountId": "me"}, *INVALID,
     "Value (me) for parameter transferAccountId is invalid."),
    ("ec2", "AcceptAddressTransfer", {"Address": "198.51.100.7"}, 400, "InvalidAddress.NotFound", "Address '198.51.100.7' not found."),
    ("ec2", "DescribeAddressTransfers", {"AllocationIds": [A]}, *NO_ADDRESS),
    ("ec2", "DeletePublicIpv4Pool", {"PoolId": "ipv4pool-ec2-1"}, 400, "InvalidPublicIpv4PoolID.NotFound",
     "The public IPv4 pool ID 'ipv4pool-ec2-1' does not exist"),
    ("ec2", "AssociateSecurityGroupVpc", {"GroupId": G, "VpcId": "{vpc}"}, *NO_GROUP),
    ("ec2", "AssociateSecurityGroupVpc", {"GroupId": "{group}", "VpcId": "vpc-1"}, *NO_VPC),
    ("ec2", "AssociateSecurityGroupVpc", {"GroupId": "sg-1", "VpcId": "{vpc}"}, 400, "InvalidGroupId.Malformed",
     'Invalid id: "sg-1" (expecting "sg-...")'),
    ("ec2", "DisassociateSecurityGroupVpc", {"GroupId": G, "VpcId": "{vpc}"}, *NO_GROUP),
    ("ec2", "GetSecurityGroupsForVpc", {"VpcId": "vpc-1"}, *NO_VPC),
    ("ec2", "DescribeStaleSecurityGroups", {"VpcId": "vpc-1"}, *NO_VPC),
    ("ec2", "CreateVpcBlockPublicAccessExclusion", {"VpcId": "vpc-1", "InternetGatewayExclusionMode": "allow-egress"}, *NO_VPC),
    ("ec2", "CreateVpcBlockPublicAccessExclusion", {"SubnetId": "subnet-1", "InternetGatewayExclusionMode": "allow-egress"}, *NO_SUBNET),
    ("ec2", "ModifyVpcBlockPublicAccessExclusion", {"ExclusionId": X, "InternetGatewayExclusionMode": "allow-egress"}, *NO_EXCLUSION),
    ("ec2", "DeleteVpcBlockPublicAccessExclusion", {"ExclusionId": X}, *NO_EXCLUSION),
    ("ec2", "DescribeVpcBlockPublicAccessExclusions", {"ExclusionIds": [X]}, *NO_EXCLUSION),
    ("ec2", "DescribeVpcClassicLink", {}, 400, "UnsupportedOperation", "The functionality you requested is not available in this region."),
]
