# What every account has in a region: taken over, or made again where it was deleted.
resource "aws_default_vpc" "default" {
  enable_dns_hostnames = var.team == "blue"
  tags = {
    team = var.team
  }
}

resource "aws_default_subnet" "kept" {
  availability_zone       = "us-east-1a"
  map_public_ip_on_launch = var.team == "blue"
  tags = {
    team = var.team
  }
}

# The test deletes this one before.
resource "aws_default_subnet" "made" {
  availability_zone = "us-east-1b"
  force_destroy     = true
}

resource "aws_default_vpc_dhcp_options" "default" {
  tags = {
    team = var.team
  }
}

resource "aws_default_route_table" "default" {
  default_route_table_id = aws_default_vpc.default.default_route_table_id
  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = data.aws_internet_gateway.default.id
  }
  tags = {
    team = var.team
  }
}

resource "aws_default_network_acl" "default" {
  default_network_acl_id = aws_default_vpc.default.default_network_acl_id

  dynamic "ingress" {
    for_each = var.team == "green" ? [443] : [80, 443]
    content {
      rule_no    = ingress.value
      action     = "allow"
      protocol   = "tcp"
      cidr_block = "0.0.0.0/0"
      from_port  = ingress.value
      to_port    = ingress.value
    }
  }

  egress {
    rule_no    = 100
    action     = "allow"
    protocol   = "-1"
    cidr_block = "0.0.0.0/0"
    from_port  = 0
    to_port    = 0
  }

  lifecycle {
    ignore_changes = [subnet_ids]
  }
}

resource "aws_default_security_group" "default" {
  vpc_id = aws_default_vpc.default.id

  ingress {
    protocol  = "-1"
    self      = true
    from_port = 0
    to_port   = 0
  }

  dynamic "egress" {
    for_each = var.team == "green" ? ["10.0.0.0/8"] : ["0.0.0.0/0"]
    content {
      from_port   = 0
      to_port     = 0
      protocol    = "-1"
      cidr_blocks = [egress.value]
    }
  }
}

data "aws_internet_gateway" "default" {
  filter {
    name   = "attachment.vpc-id"
    values = [aws_default_vpc.default.id]
  }
}

output "default" {
  value = {
    vpc      = aws_default_vpc.default.id
    existing = [aws_default_vpc.default.existing_default_vpc, aws_default_subnet.kept.existing_default_subnet, aws_default_subnet.made.existing_default_subnet]
    kept     = aws_default_subnet.kept.id
    made     = aws_default_subnet.made.id
  }
}
