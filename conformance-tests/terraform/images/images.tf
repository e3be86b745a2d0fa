data "aws_ami" "al2023" {
  most_recent = true
  owners      = ["amazon"]
  filter {
    name   = "name"
    values = ["al2023-ami-2023.*-x86_64"]
  }
}

data "aws_subnet" "first" {
  availability_zone = "us-east-1a"
  default_for_az    = true
}

resource "aws_instance" "source" {
  ami           = data.aws_ami.al2023.id
  instance_type = "t3.micro"
  subnet_id     = data.aws_subnet.first.id
}

resource "aws_ami_from_instance" "made" {
  name                    = "made"
  description             = "of an instance, for ${var.team}"
  source_instance_id      = aws_instance.source.id
  snapshot_without_reboot = true
  tags = {
    team = var.team
  }
}

resource "aws_ami_launch_permission" "partner" {
  image_id   = aws_ami_from_instance.made.id
  account_id = "222222222222"
}

resource "aws_ami_copy" "copied" {
  name              = "copied"
  description       = "a copy"
  source_ami_id     = aws_ami_from_instance.made.id
  source_ami_region = "us-east-1"
  encrypted         = true
  tags = {
    team = var.team
  }
}

resource "aws_ebs_volume" "data" {
  availability_zone = "us-east-1a"
  size              = 2
  type              = "gp3"
}

resource "aws_ebs_snapshot" "data" {
  volume_id   = aws_ebs_volume.data.id
  description = "data"
  tags = {
    team = var.team
  }
}

resource "aws_ebs_snapshot_copy" "data" {
  source_snapshot_id = aws_ebs_snapshot.data.id
  source_region      = "us-east-1"
  description        = "a copy"
}

resource "aws_snapshot_create_volume_permission" "partner" {
  snapshot_id = aws_ebs_snapshot.data.id
  account_id  = "222222222222"
}

resource "aws_ebs_fast_snapshot_restore" "data" {
  availability_zone = "us-east-1a"
  snapshot_id       = aws_ebs_snapshot.data.id
}

resource "aws_ami" "registered" {
  name                = "registered"
  architecture        = "x86_64"
  virtualization_type = "hvm"
  root_device_name    = "/dev/xvda"
  ena_support         = true
  imds_support        = "v2.0"
  deprecation_time    = "2036-01-01T00:00:00Z"

  ebs_block_device {
    device_name = "/dev/xvda"
    snapshot_id = aws_ebs_snapshot.data.id
    volume_size = 4
    volume_type = "gp3"
  }

  tags = {
    team = var.team
  }
}

resource "aws_instance" "launched" {
  ami           = aws_ami.registered.id
  instance_type = "t3.micro"
  subnet_id     = data.aws_subnet.first.id
  tags = {
    team = var.team
  }
}

data "aws_ami" "own" {
  owners     = ["self"]
  depends_on = [aws_instance.launched]
  filter {
    name   = "image-id"
    values = [aws_ami.registered.id]
  }
}

output "launched" {
  value = aws_instance.launched.ami
}

output "own" {
  value = data.aws_ami.own.name
}
