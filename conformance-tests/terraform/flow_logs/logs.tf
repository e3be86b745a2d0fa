resource "aws_vpc" "own" {
  cidr_block = "10.80.0.0/16"
}

resource "aws_subnet" "own" {
  vpc_id     = aws_vpc.own.id
  cidr_block = "10.80.1.0/24"
}

resource "aws_network_interface" "own" {
  subnet_id = aws_subnet.own.id
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["vpc-flow-logs.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "logs" {
  name               = "flow-logs"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_flow_log" "vpc" {
  vpc_id                   = aws_vpc.own.id
  traffic_type             = "ALL"
  log_destination_type     = "s3"
  log_destination          = "arn:aws:s3:::flow-logs/pics"
  max_aggregation_interval = var.team == "green" ? 60 : 600
  log_format               = "$${version} $${vpc-id} $${srcaddr} $${dstaddr} $${action}"

  destination_options {
    file_format                = "parquet"
    hive_compatible_partitions = true
    per_hour_partition         = true
  }

  tags = {
    team = var.team
  }
}

resource "aws_flow_log" "subnet" {
  subnet_id       = aws_subnet.own.id
  traffic_type    = "REJECT"
  iam_role_arn    = aws_iam_role.logs.arn
  log_destination = "arn:aws:logs:us-east-1:000000000000:log-group:pics"
  tags = {
    team = var.team
  }
}

resource "aws_flow_log" "interface" {
  eni_id               = aws_network_interface.own.id
  traffic_type         = var.team == "green" ? "REJECT" : "ACCEPT"
  log_destination_type = "kinesis-data-firehose"
  log_destination      = "arn:aws:firehose:us-east-1:000000000000:deliverystream/pics"
}

output "logs" {
  value = [aws_flow_log.vpc.id, aws_flow_log.subnet.id, aws_flow_log.interface.id]
}

output "subnet" {
  value = aws_flow_log.subnet.id
}
