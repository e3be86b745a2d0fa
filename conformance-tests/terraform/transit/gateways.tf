resource "aws_ec2_transit_gateway" "own" {
  description                     = "of ${var.team}"
  amazon_side_asn                 = 64901
  default_route_table_association = "disable"
  default_route_table_propagation = "disable"
  multicast_support               = "enable"
  transit_gateway_cidr_blocks     = ["10.199.0.0/24"]
  tags = {
    team = var.team
  }
}

resource "aws_vpc" "own" {
  cidr_block = "10.120.0.0/16"
}

resource "aws_subnet" "own" {
  vpc_id            = aws_vpc.own.id
  cidr_block        = "10.120.1.0/24"
  availability_zone = "us-east-1a"
}

resource "aws_ec2_transit_gateway_vpc_attachment" "own" {
  transit_gateway_id                              = aws_ec2_transit_gateway.own.id
  vpc_id                                          = aws_vpc.own.id
  subnet_ids                                      = [aws_subnet.own.id]
  dns_support                                     = var.team == "green" ? "disable" : "enable"
  transit_gateway_default_route_table_association = false
  transit_gateway_default_route_table_propagation = false
  tags = {
    team = var.team
  }
}

resource "aws_route" "own" {
  route_table_id         = aws_vpc.own.main_route_table_id
  destination_cidr_block = "10.0.0.0/8"
  transit_gateway_id     = aws_ec2_transit_gateway_vpc_attachment.own.transit_gateway_id
}

resource "aws_ec2_transit_gateway_route_table" "own" {
  transit_gateway_id = aws_ec2_transit_gateway.own.id
  tags = {
    team = var.team
  }
}

resource "aws_ec2_transit_gateway_route_table_association" "own" {
  transit_gateway_attachment_id  = aws_ec2_transit_gateway_vpc_attachment.own.id
  transit_gateway_route_table_id = aws_ec2_transit_gateway_route_table.own.id
}

resource "aws_ec2_transit_gateway_route_table_propagation" "own" {
  transit_gateway_attachment_id  = aws_ec2_transit_gateway_vpc_attachment.own.id
  transit_gateway_route_table_id = aws_ec2_transit_gateway_route_table.own.id
}

resource "aws_ec2_transit_gateway_route" "own" {
  destination_cidr_block         = var.team == "green" ? "10.131.0.0/16" : "10.130.0.0/16"
  transit_gateway_attachment_id  = aws_ec2_transit_gateway_vpc_attachment.own.id
  transit_gateway_route_table_id = aws_ec2_transit_gateway_route_table.own.id
}

resource "aws_ec2_transit_gateway_route" "hole" {
  destination_cidr_block         = "10.130.9.0/24"
  blackhole                      = true
  transit_gateway_route_table_id = aws_ec2_transit_gateway_route_table.own.id
}

resource "aws_ec2_managed_prefix_list" "offices" {
  name           = "offices"
  address_family = "IPv4"
  max_entries    = 1
}

resource "aws_ec2_transit_gateway_prefix_list_reference" "offices" {
  prefix_list_id                 = aws_ec2_managed_prefix_list.offices.id
  transit_gateway_route_table_id = aws_ec2_transit_gateway_route_table.own.id
  blackhole                      = var.team == "green"
  transit_gateway_attachment_id  = var.team == "green" ? null : aws_ec2_transit_gateway_vpc_attachment.own.id
}

resource "aws_ec2_transit_gateway_connect" "own" {
  transit_gateway_id                              = aws_ec2_transit_gateway.own.id
  transport_attachment_id                         = aws_ec2_transit_gateway_vpc_attachment.own.id
  transit_gateway_default_route_table_association = false
  transit_gateway_default_route_table_propagation = false
  tags = {
    team = var.team
  }
}

resource "aws_ec2_transit_gateway_connect_peer" "own" {
  transit_gateway_attachment_id = aws_ec2_transit_gateway_connect.own.id
  peer_address                  = "10.120.1.200"
  inside_cidr_blocks            = ["169.254.100.0/29"]
  tags = {
    team = var.team
  }
}

resource "aws_customer_gateway" "office" {
  bgp_asn    = 65010
  ip_address = "203.0.113.80"
  type       = "ipsec.1"
}

resource "aws_vpn_connection" "office" {
  customer_gateway_id = aws_customer_gateway.office.id
  transit_gateway_id  = aws_ec2_transit_gateway.own.id
  type                = "ipsec.1"
}

resource "aws_ec2_transit_gateway_multicast_domain" "own" {
  transit_gateway_id     = aws_ec2_transit_gateway.own.id
  static_sources_support = "enable"
  tags = {
    team = var.team
  }
}

resource "aws_ec2_transit_gateway_multicast_domain_association" "own" {
  subnet_id                           = aws_subnet.own.id
  transit_gateway_attachment_id       = aws_ec2_transit_gateway_vpc_attachment.own.id
  transit_gateway_multicast_domain_id = aws_ec2_transit_gateway_multicast_domain.own.id
}

resource "aws_network_interface" "own" {
  count     = 2
  subnet_id = aws_subnet.own.id
}

resource "aws_ec2_transit_gateway_multicast_group_source" "own" {
  group_ip_address                    = "224.0.0.1"
  network_interface_id                = aws_network_interface.own[0].id
  transit_gateway_multicast_domain_id = aws_ec2_transit_gateway_multicast_domain_association.own.transit_gateway_multicast_domain_id
}

resource "aws_ec2_transit_gateway_multicast_group_member" "own" {
  group_ip_address                    = "224.0.0.1"
  network_interface_id                = aws_network_interface.own[1].id
  transit_gateway_multicast_domain_id = aws_ec2_transit_gateway_multicast_domain_association.own.transit_gateway_multicast_domain_id
}
