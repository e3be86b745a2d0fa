"""NAT gateways, prefix lists, peering, endpoints and flow logs: what EC2 refuses."""


def before(server):
    server.client("ec2").describe_vpcs()


A, N, P, L = "eipalloc-0123456789abcdef0", "nat-0123456789abcdef0", "pcx-0123456789abcdef0", "pl-0123456789abcdef0"
E, S, V, U = "vpce-0123456789abcdef0", "vpce-svc-0123456789abcdef0", "vpc-0123456789abcdef0", "subnet-0123456789abcdef0"
ROLE = "arn:aws:iam::123456789012:role/flows"
NO_NAT = (400, "NatGatewayNotFound", f"NatGateway {N} was not found")
NO_LIST = (400, "InvalidPrefixListID.NotFound", f"The prefix list ID '{L}' does not exist")
NO_PEERING = (400, "InvalidVpcPeeringConnectionID.NotFound", f"The vpcPeeringConnection ID '{P}' does not exist")
NO_ENDPOINT = (400, "InvalidVpcEndpointId.NotFound", f"The Vpc Endpoint Id '{E}' does not exist")
NO_SERVICE = (400, "InvalidVpcEndpointServiceId.NotFound", f"The VpcEndpointService Id '{S}' does not exist")
NO_VPC = (400, "InvalidVpcID.NotFound", f"The vpc ID '{V}' does not exist")
INVALID, VALUE, COMBINED, MISSING = (400, "InvalidParameter"), (400, "InvalidParameterValue"), (400, "InvalidParameterCombination"), (400, "MissingParameter")
LIST = {"PrefixListName": "l", "AddressFamily": "IPv4", "MaxEntries": 1}
FLOW = {"ResourceType": "VPC", "ResourceIds": [V], "TrafficType": "ALL"}
TEMPLATE = {"FlowLogId": "fl-0123456789abcdef0", "ConfigDeliveryS3DestinationArn": "arn:aws:s3:::templates", "IntegrateServices": {"AthenaIntegrations": [
    {"IntegrationResultS3DestinationArn": "arn:aws:s3:::results", "PartitionLoadFrequency": "daily"}]}}
CASES = [
    # A NAT gateway's own error for an address that is not there: hashicorp/terraform-provider-aws#27087.
    ("ec2", "CreateNatGateway", {"SubnetId": U, "AllocationId": A}, 400, "InvalidSubnetID.NotFound", f"The subnet ID '{U}' does not exist"),
    ("ec2", "CreateNatGateway", {"ConnectivityType": "private"}, *MISSING, "The request must contain the parameter SubnetId"),
    ("ec2", "DeleteNatGateway", {"NatGatewayId": N}, *NO_NAT),
    ("ec2", "DeleteNatGateway", {"NatGatewayId": "nat-1"}, 400, "NatGatewayMalformed", 'Invalid id: "nat-1" (expecting "nat-...")'),
    ("ec2", "DescribeNatGateways", {"NatGatewayIds": [N]}, *NO_NAT),
    ("ec2", "DescribeNatGateways", {"Filter": [{"Name": "colour", "Values": ["red"]}]}, *VALUE, "The filter 'colour' is invalid"),
    ("ec2", "AssociateNatGatewayAddress", {"NatGatewayId": N, "AllocationIds": [A]}, *NO_NAT),
    ("ec2", "AssignPrivateNatGatewayAddress", {"NatGatewayId": N, "PrivateIpAddressCount": 1}, *NO_NAT),
    ("ec2", "CreateManagedPrefixList", {**LIST, "AddressFamily": "IPv5"}, *VALUE, "Invalid value 'IPv5' for AddressFamily. Valid values are IPv4 and IPv6."),
    ("ec2", "CreateManagedPrefixList", {**LIST, "PrefixListName": "com.amazonaws.l"}, *VALUE, "The prefix list name cannot start with com.amazonaws"),
    ("ec2", "CreateManagedPrefixList", {**LIST, "Entries": [{"Cidr": "10.0.0.0/8"}, {"Cidr": "172.16.0.0/12"}]}, 400, "PrefixListMaxEntriesExceeded",
     "You have reached the maximum number of entries for the prefix list."),
    ("ec2", "CreateManagedPrefixList", {**LIST, "Entries": [{"Cidr": "all"}]}, *VALUE, "The CIDR 'all' is not a valid IPv4 CIDR block."),
    ("ec2", "ModifyManagedPrefixList", {"PrefixListId": L, "PrefixListName": "l"}, *NO_LIST),
    ("ec2", "GetManagedPrefixListEntries", {"PrefixListId": L}, *NO_LIST),
    ("ec2", "DescribePrefixLists", {"PrefixListIds": [L]}, *NO_LIST),
    ("ec2", "CreateVpcPeeringConnection", {"VpcId": V}, *NO_VPC),
    ("ec2", "AcceptVpcPeeringConnection", {"VpcPeeringConnectionId": P}, *NO_PEERING),
    ("ec2", "DeleteVpcPeeringConnection", {"VpcPeeringConnectionId": "pcx-1"}, 400, "InvalidVpcPeeringConnectionId.Malformed",
     'Invalid id: "pcx-1" (expecting "pcx-...")'),
    ("ec2", "ModifyVpcPeeringConnectionOptions", {"VpcPeeringConnectionId": P}, *NO_PEERING),
    ("ec2", "CreateVpcEndpoint", {"VpcId": V, "ServiceName": "x"}, *NO_VPC),
    ("ec2", "DescribeVpcEndpoints", {"VpcEndpointIds": [E]}, *NO_ENDPOINT),
    ("ec2", "ModifyVpcEndpoint", {"VpcEndpointId": E}, *NO_ENDPOINT),
    ("ec2", "DescribeVpcEndpointServices", {"ServiceNames": ["com.amazonaws.us-east-1.route53"]}, 400, "InvalidServiceName",
     "The Vpc Endpoint Service 'com.amazonaws.us-east-1.route53' does not exist"),
    ("ec2", "CreateVpcEndpointServiceConfiguration", {}, *MISSING, "The request must contain at least one Network Load Balancer or Gateway Load Balancer."),
    ("ec2", "CreateVpcEndpointServiceConfiguration", {"NetworkLoadBalancerArns": ["web"]}, 400, "InvalidNetworkLoadBalancerArn.Malformed",
     "The Network Load Balancer ARN 'web' is malformed"),
    ("ec2", "DescribeVpcEndpointServicePermissions", {"ServiceId": S}, *NO_SERVICE),
    ("ec2", "AcceptVpcEndpointConnections", {"ServiceId": S, "VpcEndpointIds": [E]}, *NO_SERVICE),
    ("ec2", "CreateFlowLogs", FLOW, *INVALID, "LogDestination can't be empty if LogGroupName is not provided."),
    ("ec2", "CreateFlowLogs", {**FLOW, "LogGroupName": "flows"}, *INVALID, "DeliverLogsPermissionArn can't be empty if LogDestinationType is cloud-watch-logs."),
    ("ec2", "CreateFlowLogs", {**FLOW, "LogGroupName": "flows", "DeliverLogsPermissionArn": ROLE, "MaxAggregationInterval": 61}, *INVALID,
     "Invalid Flow Log Max Aggregation Interval"),
    ("ec2", "GetFlowLogsIntegrationTemplate", TEMPLATE, 400, "InvalidFlowLogId.NotFound",
     "These flow log ids in the input list are not found: [TotalCount: 1] fl-0123456789abcdef0"),
    ("ec2", "GetFlowLogsIntegrationTemplate", {**TEMPLATE, "ConfigDeliveryS3DestinationArn": "templates"}, *VALUE,
     "Value (templates) for parameter ConfigDeliveryS3DestinationArn is invalid."),
    ("ec2", "DeleteFlowLogs", {"FlowLogIds": ["fl-0123456789abcdef0"]}, 400, "InvalidFlowLogId.NotFound",
     "These flow log ids in the input list are not found: [TotalCount: 1] fl-0123456789abcdef0"),
]
