data "aws_ami" "al2023" {
  most_recent = true
  owners      = ["amazon"]
  filter {
    name   = "name"
    values = ["al2023-ami-2023.*-x86_64"]
  }
  filter {
    name   = "architecture"
    values = ["x86_64"]
  }
}

data "aws_vpc" "default" {
  default = true
}

data "aws_subnets" "default" {
  filter {
    name   = "vpc-id"
    values = [data.aws_vpc.default.id]
  }
}

# By zone: not every zone of us-east-1 offers t3.micro, and ids come in no order.
data "aws_subnet" "first" {
  vpc_id            = data.aws_vpc.default.id
  availability_zone = "us-east-1a"
  default_for_az    = true
}

data "aws_availability_zones" "available" {
  state = "available"
}

resource "aws_key_pair" "laptop" {
  key_name   = "laptop"
  public_key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPh2kAP03wkbl45OXxksG+31JHyUdQc/1RwCKxfUT/6x story"
  tags = {
    team = var.team
  }
}

resource "aws_security_group" "web" {
  name        = "web"
  description = "The picture server"
  vpc_id      = data.aws_vpc.default.id

  ingress {
    description = "http"
    from_port   = 80
    to_port     = 80
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }

  ingress {
    description = "each other"
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    self        = true
  }

  egress {
    from_port        = 0
    to_port          = 0
    protocol         = "-1"
    cidr_blocks      = ["0.0.0.0/0"]
    ipv6_cidr_blocks = ["::/0"]
  }

  tags = {
    team = var.team
  }
}

# A second group with its rules as resources of their own, which is another set of calls.
resource "aws_security_group" "admin" {
  name_prefix = "admin-"
  vpc_id      = data.aws_vpc.default.id
}

resource "aws_vpc_security_group_ingress_rule" "ssh" {
  security_group_id = aws_security_group.admin.id
  description       = "ssh"
  ip_protocol       = "tcp"
  from_port         = 22
  to_port           = 22
  cidr_ipv4         = data.aws_vpc.default.cidr_block
  tags = {
    team = var.team
  }
}

resource "aws_vpc_security_group_egress_rule" "web" {
  security_group_id            = aws_security_group.admin.id
  ip_protocol                  = "tcp"
  from_port                    = 80
  to_port                      = 80
  referenced_security_group_id = aws_security_group.web.id
}

resource "aws_instance" "web" {
  ami                    = data.aws_ami.al2023.id
  instance_type          = "t3.micro"
  subnet_id              = data.aws_subnet.first.id
  iam_instance_profile   = aws_iam_instance_profile.pics.name
  key_name               = aws_key_pair.laptop.key_name
  vpc_security_group_ids = [aws_security_group.web.id, aws_security_group.admin.id]
  user_data              = "#!/bin/sh\necho hello\n"

  metadata_options {
    http_tokens                 = "required"
    http_put_response_hop_limit = 2
    instance_metadata_tags      = "enabled"
  }

  root_block_device {
    volume_size = 12
    volume_type = "gp3"
    tags = {
      team = var.team
    }
  }

  tags = {
    Name = "web"
    team = var.team
  }
}
