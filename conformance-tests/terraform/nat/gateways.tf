resource "aws_vpc" "own" {
  cidr_block                       = "10.40.0.0/16"
  assign_generated_ipv6_cidr_block = true
}

resource "aws_subnet" "front" {
  vpc_id            = aws_vpc.own.id
  cidr_block        = "10.40.1.0/24"
  availability_zone = "us-east-1a"
}

resource "aws_subnet" "back" {
  vpc_id            = aws_vpc.own.id
  cidr_block        = "10.40.2.0/24"
  availability_zone = "us-east-1b"
}

resource "aws_internet_gateway" "own" {
  vpc_id = aws_vpc.own.id
}

resource "aws_egress_only_internet_gateway" "own" {
  vpc_id = aws_vpc.own.id
}

resource "aws_ec2_carrier_gateway" "own" {
  vpc_id = aws_vpc.own.id
}

resource "aws_eip" "out" {
  count  = 3
  domain = "vpc"
}

resource "aws_nat_gateway" "public" {
  subnet_id                = aws_subnet.front.id
  allocation_id            = aws_eip.out[0].id
  secondary_allocation_ids = var.team == "green" ? [aws_eip.out[1].id, aws_eip.out[2].id] : [aws_eip.out[1].id]
  depends_on               = [aws_internet_gateway.own]
  tags = {
    team = var.team
  }
}

resource "aws_nat_gateway" "private" {
  subnet_id                      = aws_subnet.back.id
  connectivity_type              = "private"
  private_ip                     = "10.40.2.10"
  secondary_private_ip_addresses = var.team == "green" ? ["10.40.2.12"] : ["10.40.2.11"]
}

resource "aws_route_table" "back" {
  vpc_id = aws_vpc.own.id
  route {
    cidr_block     = "0.0.0.0/0"
    nat_gateway_id = aws_nat_gateway.public.id
  }
  route {
    ipv6_cidr_block        = "::/0"
    egress_only_gateway_id = aws_egress_only_internet_gateway.own.id
  }
  route {
    cidr_block         = "198.51.100.0/24"
    carrier_gateway_id = aws_ec2_carrier_gateway.own.id
  }
}

resource "aws_route_table_association" "back" {
  subnet_id      = aws_subnet.back.id
  route_table_id = aws_route_table.back.id
}

resource "aws_route_table" "private" {
  vpc_id = aws_vpc.own.id
}

resource "aws_route" "private" {
  route_table_id         = aws_route_table.private.id
  destination_cidr_block = "192.0.2.0/24"
  nat_gateway_id         = aws_nat_gateway.private.id
}

data "aws_nat_gateway" "public" {
  id = aws_nat_gateway.public.id
}

data "aws_nat_gateways" "own" {
  vpc_id     = aws_vpc.own.id
  depends_on = [aws_nat_gateway.public, aws_nat_gateway.private]
}

output "public" {
  value = data.aws_nat_gateway.public.id
}

output "found" {
  value = {
    gateways  = length(data.aws_nat_gateways.own.ids)
    address   = data.aws_nat_gateway.public.public_ip == aws_eip.out[0].public_ip
    secondary = length(data.aws_nat_gateway.public.secondary_allocation_ids)
    private   = aws_nat_gateway.private.secondary_private_ip_addresses
  }
}
