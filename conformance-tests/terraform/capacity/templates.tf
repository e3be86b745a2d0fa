data "aws_ami" "linux" {
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

resource "aws_security_group" "web" {
  name   = "web"
  vpc_id = data.aws_subnet.first.vpc_id
}

resource "aws_key_pair" "web" {
  key_name   = "web"
  public_key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFDHaPKVwTMcrkxt1tZlEBlN31c3nsOK0ov1Ll6YpzLq web"
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["ec2.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "web" {
  name               = "web"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_iam_instance_profile" "web" {
  name = "web"
  role = aws_iam_role.web.name
}

resource "aws_launch_template" "web" {
  name                                 = "web"
  description                          = "for ${var.team}"
  update_default_version               = true
  image_id                             = data.aws_ami.linux.id
  instance_type                        = var.team == "green" ? "m5.xlarge" : "m5.large"
  key_name                             = aws_key_pair.web.key_name
  ebs_optimized                        = true
  disable_api_stop                     = false
  disable_api_termination              = false
  instance_initiated_shutdown_behavior = "terminate"
  user_data                            = base64encode("#!/bin/sh\necho ${var.team}\n")

  iam_instance_profile {
    name = aws_iam_instance_profile.web.name
  }

  block_device_mappings {
    device_name = "/dev/xvda"
    ebs {
      volume_size           = 12
      volume_type           = "gp3"
      iops                  = 3000
      throughput            = 125
      encrypted             = true
      delete_on_termination = true
    }
  }

  block_device_mappings {
    device_name  = "/dev/sdc"
    virtual_name = "ephemeral0"
  }

  network_interfaces {
    device_index                = 0
    subnet_id                   = data.aws_subnet.first.id
    security_groups             = [aws_security_group.web.id]
    associate_public_ip_address = true
    delete_on_termination       = true
    description                 = "of ${var.team}"
  }

  capacity_reservation_specification {
    capacity_reservation_preference = "open"
  }

  cpu_options {
    core_count       = var.team == "green" ? 2 : 1
    threads_per_core = 2
  }

  maintenance_options {
    auto_recovery = "default"
  }

  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 2
    instance_metadata_tags      = "enabled"
  }

  monitoring {
    enabled = true
  }

  placement {
    tenancy = "default"
  }

  private_dns_name_options {
    hostname_type                     = "resource-name"
    enable_resource_name_dns_a_record = true
  }

  tag_specifications {
    resource_type = "instance"
    tags = {
      Name = "web of ${var.team}"
    }
  }

  tag_specifications {
    resource_type = "volume"
    tags = {
      team = var.team
    }
  }

  tags = {
    team = var.team
  }
}

resource "aws_launch_template" "any" {
  name_prefix = "any-"
  image_id    = data.aws_ami.linux.id

  instance_requirements {
    vcpu_count {
      min = 2
      max = 4
    }
    memory_mib {
      min = 4096
      max = 16384
    }
    cpu_manufacturers     = ["intel"]
    instance_generations  = ["current"]
    burstable_performance = "excluded"
  }

  tag_specifications {
    resource_type = "instance"
    tags = {
      team = var.team
    }
  }
}

data "aws_launch_template" "web" {
  name       = aws_launch_template.web.name
  depends_on = [aws_launch_template.web]
}

resource "aws_instance" "templated" {
  launch_template {
    id      = aws_launch_template.web.id
    version = aws_launch_template.web.latest_version
  }
  tags = {
    Name = "templated"
  }

  # The provider hashes the hash of what a template brings: github.com/hashicorp/terraform-provider-aws/issues/30825
  lifecycle {
    ignore_changes = [user_data]
  }
}

output "templated" {
  value = aws_instance.templated.id
}

output "template" {
  value = {
    default = data.aws_launch_template.web.default_version
    latest  = data.aws_launch_template.web.latest_version
    type    = data.aws_launch_template.web.instance_type
    cores   = data.aws_launch_template.web.cpu_options[0].core_count
  }
}
