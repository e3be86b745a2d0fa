# The root key of another account, in another region.
provider "aws" {
  alias      = "partner"
  region     = "eu-west-1"
  access_key = "222222222222"
  secret_key = "test"
}

resource "aws_vpc" "own" {
  cidr_block           = "10.60.0.0/16"
  enable_dns_hostnames = true
}

resource "aws_vpc" "near" {
  cidr_block           = "10.61.0.0/16"
  enable_dns_hostnames = true
}

resource "aws_vpc" "far" {
  provider             = aws.partner
  cidr_block           = "10.62.0.0/16"
  enable_dns_hostnames = true
}

data "aws_caller_identity" "partner" {
  provider = aws.partner
}

resource "aws_vpc_peering_connection" "near" {
  vpc_id      = aws_vpc.own.id
  peer_vpc_id = aws_vpc.near.id
  auto_accept = true

  requester {
    allow_remote_vpc_dns_resolution = true
  }

  accepter {
    allow_remote_vpc_dns_resolution = var.team == "green"
  }

  tags = {
    team = var.team
  }
}

resource "aws_vpc_peering_connection" "far" {
  vpc_id        = aws_vpc.own.id
  peer_vpc_id   = aws_vpc.far.id
  peer_owner_id = data.aws_caller_identity.partner.account_id
  peer_region   = "eu-west-1"
  auto_accept   = false
  tags = {
    side = "requester"
  }
}

resource "aws_vpc_peering_connection_accepter" "far" {
  provider                  = aws.partner
  vpc_peering_connection_id = aws_vpc_peering_connection.far.id
  auto_accept               = true
  tags = {
    side = "accepter"
    team = var.team
  }
}

resource "aws_vpc_peering_connection_options" "requester" {
  vpc_peering_connection_id = aws_vpc_peering_connection_accepter.far.id
  requester {
    allow_remote_vpc_dns_resolution = true
  }
}

resource "aws_vpc_peering_connection_options" "accepter" {
  provider                  = aws.partner
  vpc_peering_connection_id = aws_vpc_peering_connection_accepter.far.id
  accepter {
    allow_remote_vpc_dns_resolution = var.team == "green"
  }
}

resource "aws_route" "near" {
  route_table_id            = aws_vpc.own.main_route_table_id
  destination_cidr_block    = aws_vpc.near.cidr_block
  vpc_peering_connection_id = aws_vpc_peering_connection.near.id
}

resource "aws_route" "back" {
  provider                  = aws.partner
  route_table_id            = aws_vpc.far.main_route_table_id
  destination_cidr_block    = aws_vpc.own.cidr_block
  vpc_peering_connection_id = aws_vpc_peering_connection_accepter.far.id
}

resource "aws_security_group" "near" {
  name   = "near"
  vpc_id = aws_vpc.near.id
}

# A rule may name a group of the peer.
resource "aws_vpc_security_group_ingress_rule" "peer" {
  security_group_id            = aws_vpc.own.default_security_group_id
  referenced_security_group_id = aws_security_group.near.id
  ip_protocol                  = "-1"
  depends_on                   = [aws_vpc_peering_connection.near]
}

data "aws_vpc_peering_connection" "near" {
  vpc_id          = aws_vpc.own.id
  peer_cidr_block = aws_vpc.near.cidr_block
  status          = "active"
  depends_on      = [aws_vpc_peering_connection.near]
}

data "aws_vpc_peering_connection" "far" {
  provider = aws.partner
  id       = aws_vpc_peering_connection_accepter.far.id
}

data "aws_vpc_peering_connections" "own" {
  filter {
    name   = "requester-vpc-info.vpc-id"
    values = [aws_vpc.own.id]
  }
  depends_on = [aws_vpc_peering_connection.near, aws_vpc_peering_connection_accepter.far]
}

output "far" {
  value = aws_vpc_peering_connection.far.id
}

output "found" {
  value = {
    near        = data.aws_vpc_peering_connection.near.id == aws_vpc_peering_connection.near.id
    far         = data.aws_vpc_peering_connection.far.status
    region      = data.aws_vpc_peering_connection.far.region
    owner       = data.aws_vpc_peering_connection.far.peer_owner_id
    connections = length(data.aws_vpc_peering_connections.own.ids)
  }
}
