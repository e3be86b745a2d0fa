resource "aws_vpc" "own" {
  cidr_block = "10.90.0.0/16"
}

resource "aws_subnet" "own" {
  vpc_id            = aws_vpc.own.id
  cidr_block        = "10.90.1.0/24"
  availability_zone = "us-east-1a"
}

resource "aws_security_group" "own" {
  name   = "connect"
  vpc_id = aws_vpc.own.id
}

resource "aws_ec2_instance_connect_endpoint" "own" {
  subnet_id          = aws_subnet.own.id
  security_group_ids = [aws_security_group.own.id]
  preserve_client_ip = false
  tags = {
    team = var.team
  }
}

data "aws_instance" "web" {
  instance_id   = aws_instance.web.id
  get_user_data = true
}

data "aws_instances" "stopped" {
  instance_state_names = ["stopped"]
  depends_on           = [aws_ec2_instance_state.cores]
}

data "aws_ec2_instance_type" "cores" {
  instance_type = aws_instance.cores.instance_type
}

data "aws_ec2_instance_types" "small" {
  filter {
    name   = "vcpu-info.default-vcpus"
    values = ["2"]
  }
  filter {
    name   = "instance-type"
    values = ["t3.*"]
  }
}

data "aws_ec2_instance_type_offering" "preferred" {
  filter {
    name   = "instance-type"
    values = ["t3.micro", "t3.small"]
  }
  preferred_instance_types = ["t3.small", "t3.micro"]
}

data "aws_ec2_instance_type_offerings" "zones" {
  location_type = "availability-zone"
  filter {
    name   = "instance-type"
    values = ["t3.micro"]
  }
}

data "aws_availability_zone" "first" {
  zone_id = data.aws_availability_zones.ordinary.zone_ids[0]
}

data "aws_availability_zones" "ordinary" {
  state = "available"
  filter {
    name   = "opt-in-status"
    values = ["opt-in-not-required"]
  }
}

data "aws_availability_zones" "local" {
  all_availability_zones = true
}

data "aws_ec2_serial_console_access" "here" {
  depends_on = [aws_ec2_serial_console_access.here]
}

resource "aws_ec2_serial_console_access" "here" {
  enabled = var.team == "green"
}

data "aws_ebs_encryption_by_default" "here" {}

data "aws_ebs_default_kms_key" "here" {}

# A pool is made by the test: the provider has no resource for it.
variable "pool" {
  type = string
}

data "aws_ec2_public_ipv4_pool" "own" {
  pool_id = var.pool
}

data "aws_ec2_public_ipv4_pools" "all" {}

data "aws_ami_ids" "linux" {
  owners         = ["amazon"]
  sort_ascending = true
  filter {
    name   = "name"
    values = ["al2023-ami-2023.*-x86_64"]
  }
}

output "instance" {
  value = aws_instance.web.id
}

output "stopped" {
  value = aws_instance.cores.id
}

output "found" {
  value = {
    user_data = base64decode(data.aws_instance.web.user_data_base64)
    stopped   = length(data.aws_instances.stopped.ids)
    cores     = data.aws_ec2_instance_type.cores.default_cores
    small     = contains(data.aws_ec2_instance_types.small.instance_types, "t3.micro")
    preferred = data.aws_ec2_instance_type_offering.preferred.instance_type
    zones     = length(data.aws_ec2_instance_type_offerings.zones.locations) > 3
    first     = data.aws_availability_zone.first.zone_id == data.aws_availability_zones.ordinary.zone_ids[0]
    all       = length(data.aws_availability_zones.local.names) >= length(data.aws_availability_zones.ordinary.names)
    console   = data.aws_ec2_serial_console_access.here.enabled
    encrypted = data.aws_ebs_encryption_by_default.here.enabled
    key       = data.aws_ebs_default_kms_key.here.key_arn
    pools     = data.aws_ec2_public_ipv4_pools.all.pool_ids
    addresses = data.aws_ec2_public_ipv4_pool.own.total_address_count
    image     = contains(data.aws_ami_ids.linux.ids, data.aws_ami.linux.id)
  }
}
