data "aws_iam_policy_document" "fleet" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["spotfleet.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "fleet" {
  name               = "spot-fleet"
  assume_role_policy = data.aws_iam_policy_document.fleet.json
}

resource "aws_iam_role_policy_attachment" "fleet" {
  role       = aws_iam_role.fleet.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AmazonEC2SpotFleetTaggingRole"
}

resource "aws_spot_fleet_request" "workers" {
  iam_fleet_role                      = aws_iam_role.fleet.arn
  target_capacity                     = var.team == "green" ? 3 : 2
  allocation_strategy                 = "diversified"
  terminate_instances_with_expiration = true
  terminate_instances_on_delete       = true
  wait_for_fulfillment                = true

  launch_template_config {
    launch_template_specification {
      id      = aws_launch_template.worker.id
      version = aws_launch_template.worker.latest_version
    }
    overrides {
      instance_type = "m5.large"
      subnet_id     = data.aws_subnet.first.id
    }
    overrides {
      instance_type = "c5.large"
      subnet_id     = data.aws_subnet.first.id
    }
  }

  tags = {
    team = var.team
  }
  depends_on = [aws_iam_role_policy_attachment.fleet]
}

resource "aws_launch_template" "worker" {
  name          = "worker"
  image_id      = data.aws_ami.linux.id
  instance_type = "m5.large"
}

output "spot_fleet" {
  value = aws_spot_fleet_request.workers.id
}
