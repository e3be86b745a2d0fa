# A hub in each of two regions with what hangs on it: VPCs, an office, an appliance, a peer.

provider "aws" {
  alias  = "there"
  region = "eu-west-1"
}

resource "aws_vpc" "main" {
  count      = 2
  cidr_block = "10.8${count.index}.0.0/16"
}

resource "aws_subnet" "first" {
  vpc_id            = aws_vpc.main[0].id
  cidr_block        = "10.80.${count.index}.0/24"
  availability_zone = "us-east-1${["a", "b"][count.index]}"
  count             = 2
}

resource "aws_subnet" "second" {
  vpc_id            = aws_vpc.main[1].id
  cidr_block        = "10.81.0.0/24"
  availability_zone = "us-east-1a"
}

resource "aws_ec2_transit_gateway" "hub" {
  description                     = "for ${var.team}"
  amazon_side_asn                 = 64600
  multicast_support               = "enable"
  default_route_table_association = "disable"
  default_route_table_propagation = "disable"
  transit_gateway_cidr_blocks     = ["10.99.0.0/24"]
  tags                            = { team = var.team }
}

resource "aws_ec2_transit_gateway" "plain" {
  vpn_ecmp_support = var.team == "blue" ? "enable" : "disable"
}

resource "aws_ec2_transit_gateway" "there" {
  provider = aws.there
}

resource "aws_ec2_transit_gateway_vpc_attachment" "first" {
  transit_gateway_id                              = aws_ec2_transit_gateway.hub.id
  vpc_id                                          = aws_vpc.main[0].id
  subnet_ids                                      = aws_subnet.first[*].id
  transit_gateway_default_route_table_association = false
  transit_gateway_default_route_table_propagation = false
  appliance_mode_support                          = var.team == "blue" ? "disable" : "enable"
  tags                                            = { team = var.team }
}

resource "aws_ec2_transit_gateway_vpc_attachment" "second" {
  transit_gateway_id = aws_ec2_transit_gateway.plain.id
  vpc_id             = aws_vpc.main[1].id
  subnet_ids         = [aws_subnet.second.id]
  depends_on         = [aws_ec2_transit_gateway_default_route_table_propagation.plain]
}

resource "aws_ec2_transit_gateway_route_table" "main" {
  transit_gateway_id = aws_ec2_transit_gateway.hub.id
}

resource "aws_ec2_transit_gateway_route_table" "plain" {
  transit_gateway_id = aws_ec2_transit_gateway.plain.id
}

resource "aws_ec2_transit_gateway_default_route_table_propagation" "plain" {
  transit_gateway_id             = aws_ec2_transit_gateway.plain.id
  transit_gateway_route_table_id = aws_ec2_transit_gateway_route_table.plain.id
}

resource "aws_ec2_transit_gateway_route_table_association" "first" {
  transit_gateway_attachment_id  = aws_ec2_transit_gateway_vpc_attachment.first.id
  transit_gateway_route_table_id = aws_ec2_transit_gateway_route_table.main.id
}

resource "aws_ec2_transit_gateway_route_table_propagation" "first" {
  transit_gateway_attachment_id  = aws_ec2_transit_gateway_vpc_attachment.first.id
  transit_gateway_route_table_id = aws_ec2_transit_gateway_route_table.main.id
}

resource "aws_ec2_transit_gateway_route" "sites" {
  destination_cidr_block         = "192.168.0.0/16"
  transit_gateway_attachment_id  = aws_ec2_transit_gateway_vpc_attachment.first.id
  transit_gateway_route_table_id = aws_ec2_transit_gateway_route_table.main.id
}

resource "aws_ec2_transit_gateway_route" "hole" {
  destination_cidr_block         = "192.168.9.0/24"
  blackhole                      = true
  transit_gateway_route_table_id = aws_ec2_transit_gateway_route_table.main.id
}

resource "aws_ec2_managed_prefix_list" "sites" {
  name           = "sites"
  address_family = "IPv4"
  max_entries    = 2

  entry {
    cidr = "172.16.1.0/24"
  }
}

resource "aws_ec2_transit_gateway_prefix_list_reference" "sites" {
  prefix_list_id                 = aws_ec2_managed_prefix_list.sites.id
  transit_gateway_attachment_id  = aws_ec2_transit_gateway_vpc_attachment.first.id
  transit_gateway_route_table_id = aws_ec2_transit_gateway_route_table.main.id
}

resource "aws_route_table" "first" {
  vpc_id = aws_vpc.main[0].id

  route {
    cidr_block         = "10.0.0.0/8"
    transit_gateway_id = aws_ec2_transit_gateway_vpc_attachment.first.transit_gateway_id
  }
}

resource "aws_customer_gateway" "office" {
  bgp_asn    = 65010
  ip_address = "203.0.113.80"
  type       = "ipsec.1"
}

resource "aws_vpn_connection" "office" {
  customer_gateway_id = aws_customer_gateway.office.id
  transit_gateway_id  = aws_ec2_transit_gateway.hub.id
  type                = "ipsec.1"
}

resource "aws_ec2_transit_gateway_peering_attachment" "there" {
  transit_gateway_id      = aws_ec2_transit_gateway.hub.id
  peer_transit_gateway_id = aws_ec2_transit_gateway.there.id
  peer_region             = "eu-west-1"
}

resource "aws_ec2_transit_gateway_peering_attachment_accepter" "there" {
  provider                      = aws.there
  transit_gateway_attachment_id = aws_ec2_transit_gateway_peering_attachment.there.id
}

resource "aws_ec2_transit_gateway_connect" "appliance" {
  transit_gateway_id                              = aws_ec2_transit_gateway.hub.id
  transport_attachment_id                         = aws_ec2_transit_gateway_vpc_attachment.first.id
  transit_gateway_default_route_table_association = false
  transit_gateway_default_route_table_propagation = false
}

resource "aws_ec2_transit_gateway_connect_peer" "appliance" {
  transit_gateway_attachment_id = aws_ec2_transit_gateway_connect.appliance.id
  peer_address                  = "10.80.0.9"
  bgp_asn                       = "65020"
  inside_cidr_blocks            = ["169.254.100.0/29"]
}

resource "aws_ec2_transit_gateway_policy_table" "main" {
  transit_gateway_id = aws_ec2_transit_gateway.hub.id
}

resource "aws_ec2_transit_gateway_policy_table_association" "there" {
  transit_gateway_attachment_id   = aws_ec2_transit_gateway_peering_attachment_accepter.there.id
  transit_gateway_policy_table_id = aws_ec2_transit_gateway_policy_table.main.id
}

resource "aws_ec2_transit_gateway_multicast_domain" "main" {
  transit_gateway_id     = aws_ec2_transit_gateway.hub.id
  static_sources_support = "enable"
}

resource "aws_ec2_transit_gateway_multicast_domain_association" "first" {
  subnet_id                           = aws_subnet.first[0].id
  transit_gateway_attachment_id       = aws_ec2_transit_gateway_vpc_attachment.first.id
  transit_gateway_multicast_domain_id = aws_ec2_transit_gateway_multicast_domain.main.id
}

resource "aws_network_interface" "sender" {
  subnet_id = aws_ec2_transit_gateway_multicast_domain_association.first.subnet_id
}

resource "aws_ec2_transit_gateway_multicast_group_member" "sender" {
  group_ip_address                    = "224.0.0.9"
  network_interface_id                = aws_network_interface.sender.id
  transit_gateway_multicast_domain_id = aws_ec2_transit_gateway_multicast_domain.main.id
}

resource "aws_ec2_transit_gateway_multicast_group_source" "sender" {
  group_ip_address                    = "224.0.0.9"
  network_interface_id                = aws_network_interface.sender.id
  transit_gateway_multicast_domain_id = aws_ec2_transit_gateway_multicast_domain.main.id
}
