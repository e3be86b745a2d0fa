data "aws_ec2_transit_gateway" "hub" {
  id = aws_ec2_transit_gateway.hub.id
}

data "aws_ec2_transit_gateway_vpc_attachment" "first" {
  id = aws_ec2_transit_gateway_vpc_attachment.first.id
}

data "aws_ec2_transit_gateway_vpn_attachment" "office" {
  transit_gateway_id = aws_ec2_transit_gateway.hub.id
  vpn_connection_id  = aws_vpn_connection.office.id
}

data "aws_ec2_transit_gateway_route_table_routes" "static" {
  transit_gateway_route_table_id = aws_ec2_transit_gateway_route_table.main.id

  filter {
    name   = "type"
    values = ["static"]
  }

  depends_on = [
    aws_ec2_transit_gateway_route.sites, aws_ec2_transit_gateway_route.hole, aws_ec2_transit_gateway_prefix_list_reference.sites,
  ]
}

data "aws_ec2_transit_gateway_route_table_associations" "main" {
  transit_gateway_route_table_id = aws_ec2_transit_gateway_route_table_association.first.transit_gateway_route_table_id
}

data "aws_ec2_transit_gateway_connect_peer" "appliance" {
  transit_gateway_connect_peer_id = aws_ec2_transit_gateway_connect_peer.appliance.id
}

output "told" {
  value = {
    hub        = data.aws_ec2_transit_gateway.hub.id
    asn        = data.aws_ec2_transit_gateway.hub.amazon_side_asn
    vpcs       = aws_vpc.main[*].id
    attached   = data.aws_ec2_transit_gateway_vpc_attachment.first.vpc_id
    vpn        = [data.aws_ec2_transit_gateway_vpn_attachment.office.id, aws_vpn_connection.office.transit_gateway_attachment_id]
    static     = [for route in data.aws_ec2_transit_gateway_route_table_routes.static.routes : route.destination_cidr_block]
    associated = data.aws_ec2_transit_gateway_route_table_associations.main.ids
    first      = aws_ec2_transit_gateway_vpc_attachment.first.id
    table      = aws_ec2_transit_gateway_route_table.main.id
    appliance  = data.aws_ec2_transit_gateway_connect_peer.appliance.transit_gateway_address
    domain     = aws_ec2_transit_gateway_multicast_domain.main.id
  }
}
