resource "aws_placement_group" "near" {
  name     = "near"
  strategy = "cluster"
  tags = {
    team = var.team
  }
}

resource "aws_placement_group" "apart" {
  name            = "apart"
  strategy        = "partition"
  partition_count = 3
}

resource "aws_placement_group" "spread" {
  name         = "spread"
  strategy     = "spread"
  spread_level = "rack"
}

resource "aws_instance" "apart" {
  ami                        = data.aws_ami.linux.id
  instance_type              = "m5.large"
  subnet_id                  = data.aws_subnet.first.id
  placement_group            = aws_placement_group.apart.name
  placement_partition_number = 2
}

resource "aws_ec2_capacity_reservation" "held" {
  instance_type           = "c5.large"
  instance_platform       = "Linux/UNIX"
  availability_zone       = "us-east-1a"
  instance_count          = var.team == "green" ? 3 : 2
  instance_match_criteria = "targeted"
  tags = {
    team = var.team
  }
}

data "aws_ec2_capacity_block_offering" "training" {
  instance_type           = "p5.48xlarge"
  instance_count          = 1
  capacity_duration_hours = 24
}

resource "aws_vpc_network_performance_metric_subscription" "across" {
  source      = "us-east-1"
  destination = var.team == "green" ? "eu-west-1" : "us-west-2"
}

resource "aws_instance" "reserved" {
  ami           = data.aws_ami.linux.id
  instance_type = "c5.large"
  subnet_id     = data.aws_subnet.first.id
  capacity_reservation_specification {
    capacity_reservation_target {
      capacity_reservation_id = aws_ec2_capacity_reservation.held.id
    }
  }
}

# With terminate_instances the provider sleeps five minutes after the deletion; here the fleet lets its instances go before.
resource "aws_ec2_fleet" "kept" {
  type                                = "maintain"
  terminate_instances                 = false
  excess_capacity_termination_policy  = "termination"
  replace_unhealthy_instances         = false
  terminate_instances_with_expiration = true

  launch_template_config {
    launch_template_specification {
      launch_template_id = aws_launch_template.any.id
      version            = aws_launch_template.any.latest_version
    }
    override {
      instance_type     = "m5.large"
      weighted_capacity = 1
      subnet_id         = data.aws_subnet.first.id
    }
    override {
      instance_type     = "m5.xlarge"
      weighted_capacity = 2
      subnet_id         = data.aws_subnet.first.id
    }
  }

  spot_options {
    allocation_strategy = "diversified"
  }

  target_capacity_specification {
    default_target_capacity_type = "spot"
    total_target_capacity        = var.team == "green" ? 0 : 3
  }

  tags = {
    team = var.team
  }
}

resource "aws_spot_instance_request" "worker" {
  ami                  = data.aws_ami.linux.id
  instance_type        = "m5.large"
  subnet_id            = data.aws_subnet.first.id
  spot_type            = "one-time"
  wait_for_fulfillment = true
  tags = {
    team = var.team
  }
}

resource "aws_spot_datafeed_subscription" "prices" {
  bucket = "prices"
  prefix = var.team
}

data "aws_spot_datafeed_subscription" "prices" {
  depends_on = [aws_spot_datafeed_subscription.prices]
}

data "aws_ec2_spot_price" "now" {
  instance_type     = "m5.large"
  availability_zone = "us-east-1a"
  filter {
    name   = "product-description"
    values = ["Linux/UNIX"]
  }
}

output "fleet" {
  value = aws_ec2_fleet.kept.id
}

output "offered" {
  value = {
    is_block = startswith(data.aws_ec2_capacity_block_offering.training.capacity_block_offering_id, "cb-")
    is_sold  = tonumber(data.aws_ec2_capacity_block_offering.training.upfront_fee) > 0
    tenancy  = data.aws_ec2_capacity_block_offering.training.tenancy
  }
}

output "reservation" {
  value = aws_ec2_capacity_reservation.held.id
}

output "spot" {
  value = {
    feed     = data.aws_spot_datafeed_subscription.prices.prefix
    request  = aws_spot_instance_request.worker.id
    instance = aws_spot_instance_request.worker.spot_instance_id
    state    = aws_spot_instance_request.worker.spot_bid_status
    price    = tonumber(data.aws_ec2_spot_price.now.spot_price) > 0
  }
}
