provider "aws" {
  alias  = "ireland"
  region = "eu-west-1"
}

# Its default tables are chosen apart.
resource "aws_ec2_transit_gateway" "far" {
  provider = aws.ireland
}

resource "aws_ec2_transit_gateway_route_table" "far" {
  provider           = aws.ireland
  transit_gateway_id = aws_ec2_transit_gateway.far.id
}

resource "aws_ec2_transit_gateway_default_route_table_association" "far" {
  provider                       = aws.ireland
  transit_gateway_id             = aws_ec2_transit_gateway.far.id
  transit_gateway_route_table_id = aws_ec2_transit_gateway_route_table.far.id
}

resource "aws_ec2_transit_gateway_default_route_table_propagation" "far" {
  provider                       = aws.ireland
  transit_gateway_id             = aws_ec2_transit_gateway.far.id
  transit_gateway_route_table_id = aws_ec2_transit_gateway_route_table.far.id
}

resource "aws_ec2_transit_gateway_peering_attachment" "far" {
  transit_gateway_id      = aws_ec2_transit_gateway.own.id
  peer_transit_gateway_id = aws_ec2_transit_gateway.far.id
  peer_region             = "eu-west-1"
  tags = {
    side = "requester"
    team = var.team
  }
}

resource "aws_ec2_transit_gateway_peering_attachment_accepter" "far" {
  provider                      = aws.ireland
  transit_gateway_attachment_id = aws_ec2_transit_gateway_peering_attachment.far.id
  tags = {
    side = "accepter"
  }
}

resource "aws_ec2_transit_gateway_policy_table" "own" {
  transit_gateway_id = aws_ec2_transit_gateway.own.id
}

resource "aws_ec2_transit_gateway_policy_table_association" "far" {
  transit_gateway_attachment_id   = aws_ec2_transit_gateway_peering_attachment_accepter.far.transit_gateway_attachment_id
  transit_gateway_policy_table_id = aws_ec2_transit_gateway_policy_table.own.id
}
