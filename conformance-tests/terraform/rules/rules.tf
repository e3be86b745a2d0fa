resource "aws_vpc" "own" {
  cidr_block                       = "10.95.0.0/16"
  assign_generated_ipv6_cidr_block = true
}

resource "aws_subnet" "own" {
  count      = 2
  vpc_id     = aws_vpc.own.id
  cidr_block = "10.95.${count.index}.0/24"
}

resource "aws_network_acl" "own" {
  vpc_id = aws_vpc.own.id
  tags = {
    team = var.team
  }
}

resource "aws_network_acl_association" "own" {
  network_acl_id = aws_network_acl.own.id
  subnet_id      = aws_subnet.own[var.team == "green" ? 1 : 0].id
}

resource "aws_network_acl_rule" "ping" {
  network_acl_id = aws_network_acl.own.id
  rule_number    = 100
  protocol       = "icmp"
  rule_action    = "allow"
  cidr_block     = "0.0.0.0/0"
  icmp_type      = var.team == "green" ? -1 : 8
  icmp_code      = -1
}

resource "aws_network_acl_rule" "ping6" {
  network_acl_id  = aws_network_acl.own.id
  rule_number     = 110
  protocol        = "58"
  rule_action     = "allow"
  ipv6_cidr_block = "::/0"
  icmp_type       = 128
  icmp_code       = 0
}

resource "aws_network_acl_rule" "out" {
  network_acl_id = aws_network_acl.own.id
  egress         = true
  rule_number    = 100
  protocol       = "all"
  rule_action    = var.team == "green" ? "deny" : "allow"
  cidr_block     = "0.0.0.0/0"
}

# Rules within the resource, of each protocol.
resource "aws_network_acl" "whole" {
  vpc_id = aws_vpc.own.id

  ingress {
    rule_no    = 1
    protocol   = "udp"
    action     = var.team == "green" ? "deny" : "allow"
    cidr_block = "10.0.0.0/8"
    from_port  = 53
    to_port    = 53
  }

  ingress {
    rule_no         = 2
    protocol        = "58"
    action          = "allow"
    ipv6_cidr_block = "::/0"
    icmp_type       = 128
    icmp_code       = -1
    from_port       = 0
    to_port         = 0
  }

  egress {
    rule_no    = 1
    protocol   = "47"
    action     = "allow"
    cidr_block = "10.0.0.0/8"
    from_port  = 0
    to_port    = 0
  }
}

resource "aws_security_group" "web" {
  name                   = "web"
  vpc_id                 = aws_vpc.own.id
  revoke_rules_on_delete = true
}

resource "aws_security_group" "inline" {
  name        = "inline"
  description = "rules within"
  vpc_id      = aws_vpc.own.id

  ingress {
    description = "for ${var.team}"
    from_port   = 8
    to_port     = 0
    protocol    = "icmp"
    cidr_blocks = ["10.0.0.0/8", "192.168.0.0/16"]
  }

  ingress {
    from_port       = 5432
    to_port         = 5432
    protocol        = "tcp"
    security_groups = [aws_security_group.web.id]
    self            = true
  }

  dynamic "ingress" {
    for_each = var.team == "green" ? [9000] : [9001]
    content {
      from_port        = ingress.value
      to_port          = ingress.value
      protocol         = "udp"
      ipv6_cidr_blocks = ["2001:db8::/32"]
    }
  }
}

resource "aws_security_group_rule" "all" {
  type              = "ingress"
  security_group_id = aws_security_group.web.id
  cidr_blocks       = ["10.0.0.0/8"]
  ipv6_cidr_blocks  = ["2001:db8::/32"]
  description       = "for ${var.team}"
  protocol          = "tcp"
  from_port         = 0
  to_port           = 65535
}

resource "aws_security_group_rule" "self" {
  type              = "egress"
  security_group_id = aws_security_group.web.id
  self              = true
  protocol          = "-1"
  from_port         = 0
  to_port           = 0
}

resource "aws_vpc_security_group_egress_rule" "ping" {
  security_group_id = aws_security_group.web.id
  cidr_ipv6         = var.team == "green" ? "::/0" : "2001:db8::/32"
  ip_protocol       = "icmpv6"
  from_port         = -1
  to_port           = -1
}

resource "aws_vpc_security_group_ingress_rule" "esp" {
  security_group_id = aws_security_group.web.id
  cidr_ipv4         = "192.0.2.0/24"
  ip_protocol       = "50"
}

# What comes in by the internet gateway goes through an interface.
resource "aws_internet_gateway" "own" {
  vpc_id = aws_vpc.own.id
}

resource "aws_network_interface" "inspector" {
  subnet_id         = aws_subnet.own[0].id
  source_dest_check = false
}

resource "aws_route_table" "edge" {
  vpc_id = aws_vpc.own.id
}

resource "aws_route" "edge" {
  route_table_id         = aws_route_table.edge.id
  destination_cidr_block = aws_subnet.own[1].cidr_block
  network_interface_id   = aws_network_interface.inspector.id
}

resource "aws_route_table_association" "edge" {
  gateway_id     = aws_internet_gateway.own.id
  route_table_id = aws_route_table.edge.id
}

resource "aws_vpc_dhcp_options" "own" {
  domain_name                       = "${var.team}.example"
  domain_name_servers               = ["AmazonProvidedDNS"]
  netbios_name_servers              = ["10.95.0.5"]
  netbios_node_type                 = 2
  ipv6_address_preferred_lease_time = 3600
}

resource "aws_vpc_dhcp_options_association" "own" {
  vpc_id          = aws_vpc.own.id
  dhcp_options_id = aws_vpc_dhcp_options.own.id
}

data "aws_network_acls" "own" {
  vpc_id = aws_vpc.own.id
  filter {
    name   = "association.subnet-id"
    values = [aws_network_acl_association.own.subnet_id]
  }
}

output "acl" {
  value = aws_network_acl.own.id
}

output "acls" {
  value = data.aws_network_acls.own.ids
}

output "group" {
  value = aws_security_group.web.id
}
