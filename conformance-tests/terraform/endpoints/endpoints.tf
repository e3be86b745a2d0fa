data "aws_region" "here" {}

resource "aws_vpc" "own" {
  cidr_block           = "10.50.0.0/16"
  enable_dns_hostnames = true
}

resource "aws_subnet" "own" {
  count             = 2
  vpc_id            = aws_vpc.own.id
  cidr_block        = "10.50.${count.index}.0/24"
  availability_zone = ["us-east-1a", "us-east-1b"][count.index]
}

resource "aws_route_table" "own" {
  count  = 2
  vpc_id = aws_vpc.own.id
}

resource "aws_security_group" "own" {
  count  = 2
  name   = "endpoint-${count.index}"
  vpc_id = aws_vpc.own.id
}

data "aws_vpc_endpoint_service" "s3" {
  service      = "s3"
  service_type = "Gateway"
}

data "aws_prefix_list" "s3" {
  prefix_list_id = aws_vpc_endpoint.s3.prefix_list_id
}

resource "aws_vpc_endpoint" "s3" {
  vpc_id          = aws_vpc.own.id
  service_name    = data.aws_vpc_endpoint_service.s3.service_name
  route_table_ids = var.team == "green" ? [] : [aws_route_table.own[0].id]
  tags = {
    team = var.team
  }
}

resource "aws_vpc_endpoint" "dynamodb" {
  vpc_id       = aws_vpc.own.id
  service_name = "com.amazonaws.${data.aws_region.here.name}.dynamodb"
}

resource "aws_vpc_endpoint_route_table_association" "dynamodb" {
  vpc_endpoint_id = aws_vpc_endpoint.dynamodb.id
  route_table_id  = aws_route_table.own[var.team == "green" ? 0 : 1].id
}

resource "aws_vpc_endpoint_policy" "dynamodb" {
  vpc_endpoint_id = aws_vpc_endpoint.dynamodb.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = "*", Action = var.team == "green" ? "dynamodb:*" : "dynamodb:Get*", Resource = "*" }]
  })
}

resource "aws_vpc_endpoint" "sqs" {
  vpc_id              = aws_vpc.own.id
  service_name        = "com.amazonaws.${data.aws_region.here.name}.sqs"
  vpc_endpoint_type   = "Interface"
  private_dns_enabled = var.team == "green"
  subnet_ids          = var.team == "green" ? aws_subnet.own[*].id : [aws_subnet.own[0].id]
  security_group_ids  = [aws_security_group.own[0].id]
}

# What it is in is managed apart.
resource "aws_vpc_endpoint" "sns" {
  vpc_id            = aws_vpc.own.id
  service_name      = "com.amazonaws.${data.aws_region.here.name}.sns"
  vpc_endpoint_type = "Interface"
}

resource "aws_vpc_endpoint_subnet_association" "sns" {
  vpc_endpoint_id = aws_vpc_endpoint.sns.id
  subnet_id       = aws_subnet.own[1].id
}

resource "aws_vpc_endpoint_security_group_association" "sns" {
  vpc_endpoint_id             = aws_vpc_endpoint.sns.id
  security_group_id           = aws_security_group.own[1].id
  replace_default_association = true
}

resource "aws_vpc_endpoint_private_dns" "sns" {
  vpc_endpoint_id     = aws_vpc_endpoint.sns.id
  private_dns_enabled = var.team == "green"
}

data "aws_vpc_endpoint" "sqs" {
  id = aws_vpc_endpoint.sqs.id
}
