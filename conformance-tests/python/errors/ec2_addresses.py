"""Elastic addresses and network interfaces: what EC2 refuses."""


def before(server):
    server.client("ec2").describe_vpcs()


A, N, I, P = "eipalloc-0123456789abcdef0", "eni-0123456789abcdef0", "i-0123456789abcdef0", "198.51.100.7"
NO_ADDRESS = (400, "InvalidAllocationID.NotFound", f"The allocation ID '{A}' does not exist")
DRY_RUN = (412, "DryRunOperation", "Request would have succeeded, but DryRun flag is set.")
NO_INTERFACE = (400, "InvalidNetworkInterfaceID.NotFound", f"The networkInterface ID '{N}' does not exist")
BAD_INTERFACE = (400, "InvalidNetworkInterfaceId.Malformed", 'Invalid id: "eni-1" (expecting "eni-...")')
INVALID, COMBINED, MISSING = (400, "InvalidParameterValue"), (400, "InvalidParameterCombination"), (400, "MissingParameter")
CASES = [
    ("ec2", "AllocateAddress", {"TagSpecifications": [{"ResourceType": "volume", "Tags": [{"Key": "a", "Value": "b"}]}]}, *INVALID,
     "'volume' is not a valid taggable resource type for this operation."),
    ("ec2", "AllocateAddress", {"TagSpecifications": [{"ResourceType": "elastic-ip", "Tags": [{"Key": "aws:a", "Value": "b"}]}]}, *INVALID,
     "Tag keys starting with 'aws:' are reserved for internal use"),
    ("ec2", "AllocateAddress", {"NetworkBorderGroup": "mars"}, *INVALID, "mars"),
    ("ec2", "AllocateAddress", {"NetworkBorderGroup": "mars", "DryRun": True}, *INVALID, "mars"),
    ("ec2", "AllocateAddress", {"Address": "invalid"}, *INVALID, "Invalid value 'invalid' for address."),
    ("ec2", "AllocateAddress", {"Address": "invalid", "DryRun": True}, *INVALID, "Invalid value 'invalid' for address."),
    ("ec2", "DescribeAddresses", {"PublicIps": ["bad"]}, *INVALID, "Invalid value 'bad' for PublicIp. Not a valid IPv4 address."),
    ("ec2", "ReleaseAddress", {}, *MISSING, "Either public IP or allocation id must be specified"),
    ("ec2", "ReleaseAddress", {"AllocationId": A, "NetworkBorderGroup": "mars"}, *INVALID, "invalid value for parameter network-border-group: mars"),
    ("ec2", "ReleaseAddress", {"AllocationId": A}, *NO_ADDRESS),
    ("ec2", "ReleaseAddress", {"AllocationId": A, "DryRun": True}, *DRY_RUN),
    ("ec2", "ReleaseAddress", {"PublicIp": P}, *INVALID, "You must specify an allocation id when releasing a VPC elastic IP address"),
    ("ec2", "AssociateAddress", {"InstanceId": I}, *MISSING, "Either public IP or allocation id must be specified"),
    ("ec2", "AssociateAddress", {"AllocationId": A, "PublicIp": P, "InstanceId": I}, *COMBINED,
     "You may specify public IP or allocation id, but not both in the same call"),
    ("ec2", "AssociateAddress", {"AllocationId": A, "InstanceId": I}, *NO_ADDRESS),
    ("ec2", "AssociateAddress", {"PublicIp": P, "InstanceId": I}, 400, "InvalidAddress.NotFound", f"Address '{P}' not found."),
    ("ec2", "AssociateAddress", {"PublicIp": P, "NetworkInterfaceId": N}, *COMBINED,
     "You must specify an allocation id when mapping an address to a network interface"),
    ("ec2", "DisassociateAddress", {}, *MISSING, "Either public IP or association id must be specified"),
    ("ec2", "DisassociateAddress", {"AssociationId": "eipassoc-1"}, 400, "InvalidAssociationID.NotFound", "The association ID 'eipassoc-1' does not exist"),
    ("ec2", "DisassociateAddress", {"PublicIp": P}, 400, "InvalidAddress.NotFound", f"Address '{P}' not found."),
    ("ec2", "DescribeAddresses", {"AllocationIds": [A]}, *NO_ADDRESS),
    ("ec2", "DescribeAddresses", {"PublicIps": [P]}, 400, "InvalidAddress.NotFound", f"Address '{P}' not found."),
    ("ec2", "DescribeAddresses", {"Filters": [{"Name": "colour", "Values": ["red"]}]}, *INVALID, "The filter 'colour' is invalid"),
    ("ec2", "CreateNetworkInterface", {"SubnetId": "subnet-1"}, 400, "InvalidSubnetID.NotFound", "The subnet ID 'subnet-1' does not exist"),
    ("ec2", "CreateNetworkInterface", {"SubnetId": "subnet-1", "TagSpecifications": [{"ResourceType": "network-interface"}]}, *INVALID,
     "Tag specification must have at least one tag"),
    ("ec2", "DeleteNetworkInterface", {"NetworkInterfaceId": N}, *NO_INTERFACE),
    ("ec2", "DeleteNetworkInterface", {"NetworkInterfaceId": "eni-1"}, *BAD_INTERFACE),
    ("ec2", "AttachNetworkInterface", {"NetworkInterfaceId": N, "InstanceId": I, "DeviceIndex": 1}, *NO_INTERFACE),
    ("ec2", "AttachNetworkInterface", {"NetworkInterfaceId": "eni-1", "InstanceId": I, "DeviceIndex": 1}, *BAD_INTERFACE),
    ("ec2", "DetachNetworkInterface", {"AttachmentId": "eni-attach-0123456789abcdef0"}, 400, "InvalidAttachmentID.NotFound",
     "The interface attachment 'eni-attach-0123456789abcdef0' does not exist."),
    ("ec2", "DetachNetworkInterface", {"AttachmentId": "x"}, 400, "InvalidNetworkInterfaceAttachmentId.Malformed",
     'Invalid id: "x" (expecting "eni-attach-...")'),
    ("ec2", "ModifyNetworkInterfaceAttribute", {"NetworkInterfaceId": N, "Description": {"Value": "x"}}, *NO_INTERFACE),
    ("ec2", "ModifyNetworkInterfaceAttribute", {"NetworkInterfaceId": "eni-1", "Description": {"Value": "x"}}, *BAD_INTERFACE),
    ("ec2", "DescribeNetworkInterfaceAttribute", {"NetworkInterfaceId": N, "Attribute": "description"}, *NO_INTERFACE),
    ("ec2", "DescribeNetworkInterfaceAttribute", {"NetworkInterfaceId": "eni-1", "Attribute": "description"}, *BAD_INTERFACE),
]
