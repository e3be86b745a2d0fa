data "aws_ami" "linux" {
  most_recent = true
  owners      = ["amazon"]
  filter {
    name   = "name"
    values = ["al2023-ami-2023.*-x86_64"]
  }
}

resource "aws_instance" "web" {
  ami                    = data.aws_ami.linux.id
  instance_type          = "t3.micro"
  subnet_id              = aws_subnet.front.id
  vpc_security_group_ids = [aws_security_group.web.id]
  depends_on             = [aws_route_table_association.front]
}

resource "aws_network_interface" "router" {
  subnet_id         = aws_subnet.front.id
  private_ips       = ["10.20.1.50"]
  security_groups   = [aws_security_group.store.id]
  source_dest_check = false
  description       = "For ${var.team}"
  tags = {
    team = var.team
  }
}

resource "aws_network_interface" "spare" {
  subnet_id = aws_subnet.back.id
}

resource "aws_network_interface_permission" "partner" {
  network_interface_id = aws_network_interface.spare.id
  aws_account_id       = "222222222222"
  permission           = "INSTANCE-ATTACH"
}

resource "aws_network_interface_sg_attachment" "spare" {
  security_group_id    = aws_security_group.web.id
  network_interface_id = aws_network_interface.spare.id
}

resource "aws_eip" "web" {
  domain = "vpc"
  tags = {
    team = var.team
  }
}

resource "aws_eip_association" "web" {
  allocation_id        = aws_eip.web.id
  network_interface_id = aws_instance.web.primary_network_interface_id
  depends_on           = [aws_internet_gateway_attachment.own]
}

resource "aws_ebs_volume" "pics" {
  availability_zone = "us-east-1a"
  size              = var.team == "green" ? 12 : 10
  type              = "gp3"
  tags = {
    team = var.team
  }
}

resource "aws_volume_attachment" "pics" {
  device_name = "/dev/sdh"
  volume_id   = aws_ebs_volume.pics.id
  instance_id = aws_instance.web.id
}

resource "aws_ebs_snapshot" "pics" {
  volume_id   = aws_ebs_volume.pics.id
  description = "Pictures"
  tags = {
    team = var.team
  }
}

resource "aws_ebs_snapshot_copy" "pics" {
  source_snapshot_id = aws_ebs_snapshot.pics.id
  source_region      = "us-east-1"
}

resource "aws_snapshot_create_volume_permission" "partner" {
  snapshot_id = aws_ebs_snapshot.pics.id
  account_id  = "222222222222"
}

resource "aws_key_pair" "web" {
  key_name   = "web"
  public_key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFDHaPKVwTMcrkxt1tZlEBlN31c3nsOK0ov1Ll6YpzLq web"
}

# On what Terraform does not manage: it would take the tag for drift elsewhere.
resource "aws_ec2_tag" "acl" {
  resource_id = aws_vpc.other.default_network_acl_id
  key         = "owner"
  value       = var.team
}
