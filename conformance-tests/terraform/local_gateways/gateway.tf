variable "gateway" {
  description = "The local gateway, which comes with an Outpost."
}

variable "table" {
  description = "A route table of it, which this version of the provider does not make."
}

data "aws_ec2_local_gateways" "all" {}

data "aws_ec2_local_gateway" "office" {
  id = var.gateway
}

data "aws_ec2_local_gateway_route_tables" "all" {}

data "aws_ec2_local_gateway_route_table" "office" {
  local_gateway_route_table_id = var.table
}

data "aws_ec2_local_gateway_virtual_interface_groups" "all" {}

data "aws_ec2_local_gateway_virtual_interface_group" "office" {
  local_gateway_id = data.aws_ec2_local_gateway.office.id
}

data "aws_ec2_local_gateway_virtual_interface" "office" {
  for_each = data.aws_ec2_local_gateway_virtual_interface_group.office.local_gateway_virtual_interface_ids
  id       = each.value
}

data "aws_ec2_coip_pools" "all" {}

data "aws_ec2_coip_pool" "office" {
  local_gateway_route_table_id = var.table
}

resource "aws_vpc" "own" {
  cidr_block = "10.80.0.0/16"
}

resource "aws_ec2_local_gateway_route_table_vpc_association" "own" {
  local_gateway_route_table_id = data.aws_ec2_local_gateway_route_table.office.id
  vpc_id                       = aws_vpc.own.id

  tags = {
    team = var.team
  }
}

resource "aws_ec2_local_gateway_route" "office" {
  destination_cidr_block                   = var.team == "green" ? "192.168.0.0/17" : "192.168.0.0/16"
  local_gateway_route_table_id             = data.aws_ec2_local_gateway_route_table.office.id
  local_gateway_virtual_interface_group_id = data.aws_ec2_local_gateway_virtual_interface_group.office.id
}

resource "aws_route_table" "own" {
  vpc_id = aws_vpc.own.id
}

resource "aws_route" "office" {
  route_table_id         = aws_route_table.own.id
  destination_cidr_block = "192.168.0.0/16"
  local_gateway_id       = data.aws_ec2_local_gateway.office.id
  depends_on             = [aws_ec2_local_gateway_route_table_vpc_association.own]
}

resource "aws_eip" "office" {
  customer_owned_ipv4_pool = data.aws_ec2_coip_pool.office.pool_id

  tags = {
    team = var.team
  }
}

output "found" {
  value = {
    gateways   = data.aws_ec2_local_gateways.all.ids
    outpost    = data.aws_ec2_local_gateway.office.outpost_arn
    tables     = data.aws_ec2_local_gateway_route_tables.all.ids
    groups     = data.aws_ec2_local_gateway_virtual_interface_groups.all.ids
    interfaces = [for one in data.aws_ec2_local_gateway_virtual_interface.office : "${one.vlan} ${one.local_address} ${one.peer_bgp_asn}"]
    pools      = data.aws_ec2_coip_pools.all.pool_ids
    blocks     = data.aws_ec2_coip_pool.office.pool_cidrs
  }
}

output "address" {
  value = aws_eip.office.customer_owned_ip
}
