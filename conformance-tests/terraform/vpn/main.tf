# An office at the end of a VPN: its gateway and AWS's, two connections, and the routes that they bring.

resource "aws_vpc" "main" {
  cidr_block = "10.50.0.0/16"
}

resource "aws_customer_gateway" "office" {
  bgp_asn    = 65010
  ip_address = "203.0.113.50"
  type       = "ipsec.1"
  tags       = { team = var.team }
}

resource "aws_customer_gateway" "branch" {
  bgp_asn    = 65011
  ip_address = "203.0.113.51"
  type       = "ipsec.1"
}

resource "aws_vpn_gateway" "main" {
  amazon_side_asn = 64600
  tags            = { team = var.team }
}

resource "aws_vpn_gateway_attachment" "main" {
  vpc_id         = aws_vpc.main.id
  vpn_gateway_id = aws_vpn_gateway.main.id
}

resource "aws_vpn_gateway" "spare" {
  vpc_id = aws_vpc.other.id
}

resource "aws_vpc" "other" {
  cidr_block = "10.51.0.0/16"
}

resource "aws_route_table" "main" {
  vpc_id = aws_vpc.main.id

  route {
    cidr_block = "172.16.0.0/12"
    gateway_id = aws_vpn_gateway.main.id
  }

  depends_on = [aws_vpn_gateway_attachment.main]

  lifecycle {
    ignore_changes = [propagating_vgws]
  }
}

resource "aws_vpn_gateway_route_propagation" "main" {
  vpn_gateway_id = aws_vpn_gateway_attachment.main.vpn_gateway_id
  route_table_id = aws_route_table.main.id
}

resource "aws_vpn_connection" "office" {
  customer_gateway_id = aws_customer_gateway.office.id
  vpn_gateway_id      = aws_vpn_gateway.main.id
  type                = "ipsec.1"
  static_routes_only  = true

  tunnel1_inside_cidr             = "169.254.60.0/30"
  tunnel1_preshared_key           = "one_key_of_ours"
  tunnel1_ike_versions            = ["ikev2"]
  tunnel1_phase1_dh_group_numbers = [14, 20]
  tunnel1_dpd_timeout_action      = var.team == "blue" ? "clear" : "restart"

  tags = { team = var.team }
}

resource "aws_vpn_connection_route" "office" {
  destination_cidr_block = "192.168.60.0/24"
  vpn_connection_id      = aws_vpn_connection.office.id
}

resource "aws_vpn_connection" "branch" {
  customer_gateway_id     = aws_customer_gateway.branch.id
  vpn_gateway_id          = aws_vpn_gateway.main.id
  type                    = "ipsec.1"
  local_ipv4_network_cidr = var.team == "blue" ? "0.0.0.0/0" : "192.168.0.0/16"
}

data "aws_vpn_gateway" "attached" {
  attached_vpc_id = aws_vpn_gateway_attachment.main.vpc_id
}

data "aws_customer_gateway" "office" {
  id = aws_customer_gateway.office.id
}

output "told" {
  value = {
    vpc      = aws_vpc.main.id
    table    = aws_route_table.main.id
    gateway  = data.aws_vpn_gateway.attached.id
    own      = aws_vpn_gateway.main.id
    office   = data.aws_customer_gateway.office.bgp_asn
    asn      = aws_vpn_connection.branch.tunnel1_bgp_asn
    inside   = aws_vpn_connection.office.tunnel1_cgw_inside_address
    tunnels  = [aws_vpn_connection.office.tunnel1_address, aws_vpn_connection.office.tunnel2_address]
    networks = aws_vpn_connection.branch.local_ipv4_network_cidr
  }
}
