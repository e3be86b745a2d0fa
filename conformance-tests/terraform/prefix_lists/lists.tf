# A changed description fails with this version of the provider, here as on AWS: github.com/hashicorp/terraform-provider-aws/pull/43661
resource "aws_ec2_managed_prefix_list" "offices" {
  name           = "offices of ${var.team}"
  address_family = "IPv4"
  max_entries    = var.team == "green" ? 6 : 5

  entry {
    cidr        = "203.0.113.0/25"
    description = "headquarters"
  }

  entry {
    cidr = var.team == "green" ? "198.51.100.0/24" : "192.0.2.0/24"
  }

  tags = {
    team = var.team
  }
}

# Its entries are managed apart.
resource "aws_ec2_managed_prefix_list" "homes" {
  name           = "homes"
  address_family = "IPv6"
  max_entries    = 3
}

resource "aws_ec2_managed_prefix_list_entry" "homes" {
  for_each       = toset(var.team == "green" ? ["2001:db8:1::/48", "2001:db8:3::/48"] : ["2001:db8:1::/48", "2001:db8:2::/48"])
  prefix_list_id = aws_ec2_managed_prefix_list.homes.id
  cidr           = each.value
  description    = "home"
}

resource "aws_vpc" "own" {
  cidr_block                       = "10.70.0.0/16"
  assign_generated_ipv6_cidr_block = true
}

resource "aws_internet_gateway" "own" {
  vpc_id = aws_vpc.own.id
}

resource "aws_route" "offices" {
  route_table_id             = aws_vpc.own.main_route_table_id
  destination_prefix_list_id = aws_ec2_managed_prefix_list.offices.id
  gateway_id                 = aws_internet_gateway.own.id
}

resource "aws_route_table" "own" {
  vpc_id = aws_vpc.own.id
  route {
    destination_prefix_list_id = aws_ec2_managed_prefix_list.offices.id
    gateway_id                 = aws_internet_gateway.own.id
  }
}

resource "aws_security_group" "web" {
  name   = "web"
  vpc_id = aws_vpc.own.id

  ingress {
    from_port       = 443
    to_port         = 443
    protocol        = "tcp"
    prefix_list_ids = [aws_ec2_managed_prefix_list.offices.id]
  }
}

resource "aws_security_group" "ssh" {
  name   = "ssh"
  vpc_id = aws_vpc.own.id
}

resource "aws_vpc_security_group_ingress_rule" "homes" {
  security_group_id = aws_security_group.ssh.id
  prefix_list_id    = aws_ec2_managed_prefix_list.homes.id
  ip_protocol       = "tcp"
  from_port         = 22
  to_port           = 22
}

resource "aws_security_group_rule" "out" {
  type              = "egress"
  security_group_id = aws_security_group.ssh.id
  prefix_list_ids   = [data.aws_ec2_managed_prefix_list.s3.id]
  protocol          = "tcp"
  from_port         = 443
  to_port           = 443
}

data "aws_ec2_managed_prefix_list" "s3" {
  name = "com.amazonaws.us-east-1.s3"
}

data "aws_ec2_managed_prefix_list" "homes" {
  id         = aws_ec2_managed_prefix_list.homes.id
  depends_on = [aws_ec2_managed_prefix_list_entry.homes]
}

data "aws_ec2_managed_prefix_lists" "ours" {
  tags = {
    team = aws_ec2_managed_prefix_list.offices.tags.team
  }
}

data "aws_prefix_list" "dynamodb" {
  name = "com.amazonaws.us-east-1.dynamodb"
}

output "offices" {
  value = aws_ec2_managed_prefix_list.offices.id
}

output "found" {
  value = {
    lists    = tolist(data.aws_ec2_managed_prefix_lists.ours.ids)
    owner    = data.aws_ec2_managed_prefix_list.s3.owner_id
    homes    = sort([for entry in data.aws_ec2_managed_prefix_list.homes.entries : entry.cidr])
    dynamodb = data.aws_prefix_list.dynamodb.id
  }
}
