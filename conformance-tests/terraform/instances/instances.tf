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

# Every option that can be changed while the instance lives.
resource "aws_instance" "web" {
  ami                                  = data.aws_ami.linux.id
  instance_type                        = var.team == "green" ? "t3.small" : "t3.micro"
  subnet_id                            = data.aws_subnet.first.id
  private_ip                           = cidrhost(data.aws_subnet.first.cidr_block, 100)
  monitoring                           = var.team == "green"
  source_dest_check                    = var.team == "blue"
  disable_api_stop                     = false
  disable_api_termination              = false
  instance_initiated_shutdown_behavior = var.team == "green" ? "terminate" : "stop"
  user_data                            = "#!/bin/sh\necho ${var.team}\n"

  credit_specification {
    cpu_credits = var.team == "green" ? "standard" : "unlimited"
  }

  maintenance_options {
    auto_recovery = var.team == "green" ? "disabled" : "default"
  }

  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = var.team == "green" ? "required" : "optional"
    http_put_response_hop_limit = var.team == "green" ? 3 : 1
    http_protocol_ipv6          = "disabled"
    instance_metadata_tags      = var.team == "green" ? "enabled" : "disabled"
  }

  private_dns_name_options {
    enable_resource_name_dns_a_record = var.team == "green"
    hostname_type                     = "ip-name"
  }

  root_block_device {
    volume_size           = 10
    volume_type           = "gp3"
    delete_on_termination = true
    tags = {
      team = var.team
    }
  }

  ebs_block_device {
    device_name = "/dev/sdf"
    volume_size = 3
    encrypted   = true
  }

  tags = {
    team = var.team
  }
}

resource "aws_instance" "cores" {
  ami               = data.aws_ami.linux.id
  instance_type     = "m5.2xlarge"
  availability_zone = "us-east-1a"
  hibernation       = true

  cpu_options {
    core_count       = 2
    threads_per_core = 1
  }

  root_block_device {
    volume_size = 60
    encrypted   = true
  }

  volume_tags = {
    team = var.team
  }
}

resource "aws_instance" "enclave" {
  ami           = data.aws_ami.linux.id
  instance_type = "m5.xlarge"

  enclave_options {
    enabled = true
  }

  network_interface {
    device_index         = 0
    network_interface_id = aws_network_interface.enclave.id
  }
}

resource "aws_network_interface" "enclave" {
  subnet_id         = data.aws_subnet.first.id
  private_ips_count = 1
  tags = {
    team = var.team
  }
}

resource "aws_ec2_instance_state" "cores" {
  instance_id = aws_instance.cores.id
  state       = var.team == "green" ? "stopped" : "running"
}
