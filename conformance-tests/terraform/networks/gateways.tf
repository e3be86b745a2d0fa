resource "aws_internet_gateway" "own" {
  tags = {
    team = var.team
  }
}

resource "aws_internet_gateway_attachment" "own" {
  internet_gateway_id = aws_internet_gateway.own.id
  vpc_id              = aws_vpc.own.id
}

resource "aws_egress_only_internet_gateway" "own" {
  vpc_id = aws_vpc.own.id
  tags = {
    team = var.team
  }
}

resource "aws_ec2_carrier_gateway" "own" {
  vpc_id = aws_vpc.own.id
  tags = {
    team = var.team
  }
}

resource "aws_customer_gateway" "office" {
  bgp_asn    = 65010
  ip_address = "203.0.113.7"
  type       = "ipsec.1"
  tags = {
    team = var.team
  }
}

resource "aws_route_table" "front" {
  vpc_id = aws_vpc.own.id
  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway_attachment.own.internet_gateway_id
  }
  tags = {
    team = var.team
  }
}

resource "aws_route_table" "back" {
  vpc_id = aws_vpc.own.id
}

resource "aws_route" "through_interface" {
  route_table_id         = aws_route_table.back.id
  destination_cidr_block = var.team == "green" ? "192.0.2.0/24" : "198.51.100.0/24"
  network_interface_id   = aws_network_interface.router.id
}

resource "aws_route_table_association" "front" {
  subnet_id      = aws_subnet.front.id
  route_table_id = aws_route_table.front.id
}

# A VPC whose main table is replaced; the one above manages the main table that it came with.
resource "aws_vpc" "other" {
  cidr_block = "10.30.0.0/16"
}

resource "aws_route_table" "other" {
  vpc_id = aws_vpc.other.id
}

resource "aws_main_route_table_association" "other" {
  vpc_id         = aws_vpc.other.id
  route_table_id = aws_route_table.other.id
}
