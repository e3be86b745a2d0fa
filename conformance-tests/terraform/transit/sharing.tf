# A guest on the gateway: the root key of another account, with which the test shares it.
provider "aws" {
  alias      = "partner"
  access_key = "222222222222"
  secret_key = "test"
}

data "aws_subnet" "partner" {
  provider          = aws.partner
  availability_zone = "us-east-1a"
  default_for_az    = true
}

resource "aws_ec2_transit_gateway_vpc_attachment" "partner" {
  provider           = aws.partner
  transit_gateway_id = aws_ec2_transit_gateway.own.id
  vpc_id             = data.aws_subnet.partner.vpc_id
  subnet_ids         = [data.aws_subnet.partner.id]
}

resource "aws_ec2_transit_gateway_vpc_attachment_accepter" "partner" {
  transit_gateway_attachment_id                   = aws_ec2_transit_gateway_vpc_attachment.partner.id
  transit_gateway_default_route_table_association = false
  transit_gateway_default_route_table_propagation = false
  tags = {
    team = var.team
  }
}
