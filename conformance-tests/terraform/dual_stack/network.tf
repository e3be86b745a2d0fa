resource "aws_vpc" "main" {
  cidr_block                       = "10.0.0.0/16"
  assign_generated_ipv6_cidr_block = true
  enable_dns_hostnames             = true
  tags                             = { team = var.team }
}

resource "aws_vpc_ipv4_cidr_block_association" "further" {
  vpc_id     = aws_vpc.main.id
  cidr_block = "10.1.0.0/16"
}

resource "aws_vpc_ipv6_cidr_block_association" "further" {
  vpc_id                           = aws_vpc.main.id
  assign_generated_ipv6_cidr_block = true
}

resource "aws_subnet" "public" {
  vpc_id                          = aws_vpc.main.id
  cidr_block                      = "10.0.0.0/24"
  ipv6_cidr_block                 = cidrsubnet(aws_vpc.main.ipv6_cidr_block, 8, 0)
  assign_ipv6_address_on_creation = var.team == "blue"
  availability_zone               = "us-east-1a"
}

resource "aws_subnet" "private" {
  vpc_id                                         = aws_vpc.main.id
  cidr_block                                     = "10.0.1.0/24"
  ipv6_cidr_block                                = cidrsubnet(aws_vpc.main.ipv6_cidr_block, 8, 1)
  enable_dns64                                   = true
  enable_resource_name_dns_aaaa_record_on_launch = true
  private_dns_hostname_type_on_launch            = "resource-name"
  availability_zone                              = "us-east-1a"
}

resource "aws_ec2_subnet_cidr_reservation" "prefixes" {
  subnet_id        = aws_subnet.private.id
  cidr_block       = "10.0.1.32/28"
  reservation_type = "prefix"
  description      = "for prefixes"
}

resource "aws_internet_gateway" "main" {
  vpc_id = aws_vpc.main.id
}

resource "aws_route_table" "public" {
  vpc_id = aws_vpc.main.id

  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.main.id
  }

  route {
    ipv6_cidr_block = "::/0"
    gateway_id      = aws_internet_gateway.main.id
  }
}

resource "aws_route_table_association" "public" {
  subnet_id      = aws_subnet.public.id
  route_table_id = aws_route_table.public.id
}

resource "aws_network_acl" "public" {
  vpc_id     = aws_vpc.main.id
  subnet_ids = [aws_subnet.public.id]

  ingress {
    rule_no         = 100
    protocol        = "tcp"
    action          = "allow"
    ipv6_cidr_block = "::/0"
    from_port       = 443
    to_port         = 443
  }

  egress {
    rule_no         = 100
    protocol        = "-1"
    action          = "allow"
    ipv6_cidr_block = "::/0"
    from_port       = 0
    to_port         = 0
  }
}

resource "aws_security_group" "web" {
  name        = "web"
  description = "both kinds of addresses"
  vpc_id      = aws_vpc.main.id

  ingress {
    from_port        = 443
    to_port          = 443
    protocol         = "tcp"
    cidr_blocks      = ["0.0.0.0/0"]
    ipv6_cidr_blocks = ["::/0"]
  }

  egress {
    from_port        = 0
    to_port          = 0
    protocol         = "-1"
    ipv6_cidr_blocks = ["::/0"]
  }
}

resource "aws_vpc" "other" {
  cidr_block = "10.9.0.0/16"
}

resource "aws_vpc_security_group_vpc_association" "web" {
  security_group_id = aws_security_group.web.id
  vpc_id            = aws_vpc.other.id
}

resource "aws_network_interface" "main" {
  subnet_id          = aws_subnet.public.id
  security_groups    = [aws_security_group.web.id]
  ipv6_address_count = var.team == "blue" ? 1 : 2
  private_ips_count  = var.team == "blue" ? 1 : 2
}

resource "aws_network_interface" "prefixed" {
  subnet_id         = aws_subnet.private.id
  ipv4_prefix_count = 1
  ipv6_prefix_count = 1
  depends_on        = [aws_ec2_subnet_cidr_reservation.prefixes]
}

data "aws_ami" "linux" {
  owners      = ["amazon"]
  most_recent = true

  filter {
    name   = "name"
    values = ["al2023-ami-2023*-x86_64"]
  }
}

resource "aws_instance" "web" {
  ami                = data.aws_ami.linux.id
  instance_type      = "t3.micro"
  subnet_id          = aws_subnet.private.id
  ipv6_address_count = 1
}

resource "aws_eip" "mail" {
  domain = "vpc"
}

resource "aws_eip_domain_name" "mail" {
  allocation_id = aws_eip.mail.allocation_id
  domain_name   = "${var.team}.example.com"
}

resource "aws_vpc_block_public_access_options" "main" {
  internet_gateway_block_mode = var.team == "blue" ? "block-ingress" : "block-bidirectional"
}

resource "aws_vpc_block_public_access_exclusion" "public" {
  subnet_id                       = aws_subnet.public.id
  internet_gateway_exclusion_mode = var.team == "blue" ? "allow-bidirectional" : "allow-egress"
  tags                            = { team = var.team }
}

output "vpc" {
  value = aws_vpc.main.id
}

output "block" {
  value = aws_subnet.public.ipv6_cidr_block
}

output "interface" {
  value = aws_network_interface.main.id
}

output "prefixes" {
  value = aws_network_interface.prefixed.ipv4_prefixes
}
