data "aws_ec2_transit_gateway" "own" {
  id = aws_ec2_transit_gateway.own.id
}

data "aws_ec2_transit_gateway_attachment" "own" {
  transit_gateway_attachment_id = aws_ec2_transit_gateway_vpc_attachment.own.id
}

data "aws_ec2_transit_gateway_attachments" "own" {
  filter {
    name   = "transit-gateway-id"
    values = [aws_ec2_transit_gateway.own.id]
  }
  depends_on = [
    aws_ec2_transit_gateway_connect.own, aws_ec2_transit_gateway_peering_attachment_accepter.far, aws_vpn_connection.office,
    aws_ec2_transit_gateway_vpc_attachment_accepter.partner,
  ]
}

data "aws_ec2_transit_gateway_vpc_attachment" "own" {
  id = aws_ec2_transit_gateway_vpc_attachment.own.id
}

data "aws_ec2_transit_gateway_vpc_attachments" "own" {
  filter {
    name   = "vpc-id"
    values = [aws_ec2_transit_gateway_vpc_attachment.own.vpc_id]
  }
}

data "aws_ec2_transit_gateway_vpn_attachment" "office" {
  transit_gateway_id = aws_ec2_transit_gateway.own.id
  vpn_connection_id  = aws_vpn_connection.office.id
}

data "aws_ec2_transit_gateway_connect" "own" {
  transit_gateway_connect_id = aws_ec2_transit_gateway_connect.own.id
}

data "aws_ec2_transit_gateway_connect_peer" "own" {
  transit_gateway_connect_peer_id = aws_ec2_transit_gateway_connect_peer.own.id
}

data "aws_ec2_transit_gateway_multicast_domain" "own" {
  transit_gateway_multicast_domain_id = aws_ec2_transit_gateway_multicast_domain.own.id
  depends_on                          = [aws_ec2_transit_gateway_multicast_group_member.own, aws_ec2_transit_gateway_multicast_group_source.own]
}

data "aws_ec2_transit_gateway_peering_attachment" "far" {
  id = aws_ec2_transit_gateway_peering_attachment.far.id
}

data "aws_ec2_transit_gateway_peering_attachments" "own" {
  filter {
    name   = "transit-gateway-id"
    values = [aws_ec2_transit_gateway_peering_attachment.far.transit_gateway_id]
  }
}

data "aws_ec2_transit_gateway_route_table" "own" {
  id = aws_ec2_transit_gateway_route_table.own.id
}

data "aws_ec2_transit_gateway_route_tables" "own" {
  filter {
    name   = "transit-gateway-id"
    values = [aws_ec2_transit_gateway_route_table.own.transit_gateway_id]
  }
}

data "aws_ec2_transit_gateway_route_table_associations" "own" {
  transit_gateway_route_table_id = aws_ec2_transit_gateway_route_table_association.own.transit_gateway_route_table_id
}

data "aws_ec2_transit_gateway_route_table_propagations" "own" {
  transit_gateway_route_table_id = aws_ec2_transit_gateway_route_table_propagation.own.transit_gateway_route_table_id
}

data "aws_ec2_transit_gateway_route_table_routes" "own" {
  transit_gateway_route_table_id = aws_ec2_transit_gateway_route_table.own.id
  filter {
    name   = "type"
    values = ["static"]
  }
  depends_on = [aws_ec2_transit_gateway_route.own, aws_ec2_transit_gateway_route.hole]
}

output "gateway" {
  value = aws_ec2_transit_gateway.own.id
}

output "found" {
  value = {
    description  = data.aws_ec2_transit_gateway.own.description
    type         = data.aws_ec2_transit_gateway_attachment.own.resource_type
    attachments  = length(data.aws_ec2_transit_gateway_attachments.own.ids)
    vpcs         = length(data.aws_ec2_transit_gateway_vpc_attachments.own.ids)
    dns          = data.aws_ec2_transit_gateway_vpc_attachment.own.dns_support
    vpn          = data.aws_ec2_transit_gateway_vpn_attachment.office.id == aws_vpn_connection.office.transit_gateway_attachment_id
    protocol     = data.aws_ec2_transit_gateway_connect.own.protocol
    inside       = data.aws_ec2_transit_gateway_connect_peer.own.inside_cidr_blocks
    members      = length(data.aws_ec2_transit_gateway_multicast_domain.own.members)
    sources      = length(data.aws_ec2_transit_gateway_multicast_domain.own.sources)
    peer         = data.aws_ec2_transit_gateway_peering_attachment.far.peer_region
    peerings     = length(data.aws_ec2_transit_gateway_peering_attachments.own.ids)
    default      = data.aws_ec2_transit_gateway_route_table.own.default_association_route_table
    tables       = length(data.aws_ec2_transit_gateway_route_tables.own.ids)
    associations = length(data.aws_ec2_transit_gateway_route_table_associations.own.ids)
    propagations = length(data.aws_ec2_transit_gateway_route_table_propagations.own.ids)
    routes       = sort([for route in data.aws_ec2_transit_gateway_route_table_routes.own.routes : route.destination_cidr_block])
  }
}
