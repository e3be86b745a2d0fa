resource "aws_vpc" "own" {
  cidr_block           = "10.20.0.0/16"
  enable_dns_hostnames = true
  tags = {
    team = var.team
  }
}

resource "aws_vpc_ipv4_cidr_block_association" "more" {
  vpc_id     = aws_vpc.own.id
  cidr_block = "10.21.0.0/16"
}

resource "aws_vpc_dhcp_options" "own" {
  domain_name         = "pics.example"
  domain_name_servers = ["10.20.0.2"]
  ntp_servers         = ["10.20.0.9"]
  tags = {
    team = var.team
  }
}

resource "aws_vpc_dhcp_options_association" "own" {
  vpc_id          = aws_vpc.own.id
  dhcp_options_id = aws_vpc_dhcp_options.own.id
}

resource "aws_subnet" "front" {
  vpc_id                  = aws_vpc.own.id
  cidr_block              = "10.20.1.0/24"
  availability_zone       = "us-east-1a"
  map_public_ip_on_launch = var.team == "green"
  tags = {
    team = var.team
  }
}

resource "aws_subnet" "back" {
  vpc_id            = aws_vpc_ipv4_cidr_block_association.more.vpc_id
  cidr_block        = "10.21.1.0/24"
  availability_zone = "us-east-1b"
}

resource "aws_default_route_table" "own" {
  default_route_table_id = aws_vpc.own.default_route_table_id
  tags = {
    team = var.team
  }
}

resource "aws_default_network_acl" "own" {
  default_network_acl_id = aws_vpc.own.default_network_acl_id
  ingress {
    rule_no    = 100
    action     = "allow"
    protocol   = "-1"
    cidr_block = "10.20.0.0/16"
    from_port  = 0
    to_port    = 0
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

resource "aws_default_security_group" "own" {
  vpc_id = aws_vpc.own.id
  tags = {
    team = var.team
  }
}

resource "aws_network_acl" "back" {
  vpc_id     = aws_vpc.own.id
  subnet_ids = [aws_subnet.back.id]
  tags = {
    team = var.team
  }
}

resource "aws_network_acl_rule" "web" {
  network_acl_id = aws_network_acl.back.id
  rule_number    = 200
  protocol       = "tcp"
  rule_action    = "allow"
  cidr_block     = "10.20.0.0/16"
  from_port      = 443
  to_port        = var.team == "green" ? 444 : 443
}

resource "aws_security_group" "web" {
  name        = "web"
  description = "What reaches the pictures"
  vpc_id      = aws_vpc.own.id
  tags = {
    team = var.team
  }
}

resource "aws_security_group" "store" {
  name_prefix = "store-"
  vpc_id      = aws_vpc.own.id
}

resource "aws_vpc_security_group_ingress_rule" "https" {
  security_group_id = aws_security_group.web.id
  description       = "HTTPS for ${var.team}"
  cidr_ipv4         = "0.0.0.0/0"
  from_port         = 443
  to_port           = 443
  ip_protocol       = "tcp"
  tags = {
    team = var.team
  }
}

resource "aws_vpc_security_group_egress_rule" "store" {
  security_group_id            = aws_security_group.web.id
  referenced_security_group_id = aws_security_group.store.id
  ip_protocol                  = "-1"
}

resource "aws_security_group_rule" "from_web" {
  type                     = "ingress"
  security_group_id        = aws_security_group.store.id
  source_security_group_id = aws_security_group.web.id
  protocol                 = "tcp"
  from_port                = 9000
  to_port                  = 9001
}
