# A service that others use: no balancer is looked for behind the ARNs.
data "aws_caller_identity" "me" {}

locals {
  balancers = "arn:aws:elasticloadbalancing:us-east-1:${data.aws_caller_identity.me.account_id}:loadbalancer"
}

# The root key of another account.
provider "aws" {
  alias      = "partner"
  access_key = "222222222222"
  secret_key = "test"
}

resource "aws_vpc_endpoint_service" "pics" {
  acceptance_required        = true
  private_dns_name           = "pics.example"
  network_load_balancer_arns = ["${local.balancers}/net/pics/0123456789abcdef"]
  tags = {
    team = var.team
  }
}

resource "aws_vpc_endpoint_service_private_dns_verification" "pics" {
  service_id            = aws_vpc_endpoint_service.pics.id
  wait_for_verification = true
}

resource "aws_vpc_endpoint_service_allowed_principal" "partner" {
  vpc_endpoint_service_id = aws_vpc_endpoint_service.pics.id
  principal_arn           = "arn:aws:iam::222222222222:root"
}

resource "aws_vpc_endpoint_connection_notification" "pics" {
  vpc_endpoint_service_id     = aws_vpc_endpoint_service.pics.id
  connection_notification_arn = "arn:aws:sns:us-east-1:${data.aws_caller_identity.me.account_id}:pics"
  connection_events           = var.team == "green" ? ["Accept", "Reject"] : ["Accept"]
}

data "aws_subnet" "partner" {
  provider          = aws.partner
  availability_zone = "us-east-1a"
  default_for_az    = true
}

resource "aws_vpc_endpoint" "partner" {
  provider          = aws.partner
  vpc_id            = data.aws_subnet.partner.vpc_id
  service_name      = aws_vpc_endpoint_service.pics.service_name
  vpc_endpoint_type = "Interface"
  subnet_ids        = [data.aws_subnet.partner.id]
  depends_on        = [aws_vpc_endpoint_service_allowed_principal.partner]
}

resource "aws_vpc_endpoint_connection_accepter" "partner" {
  vpc_endpoint_service_id = aws_vpc_endpoint_service.pics.id
  vpc_endpoint_id         = aws_vpc_endpoint.partner.id
}

resource "aws_vpc_endpoint_service" "firewall" {
  acceptance_required        = false
  gateway_load_balancer_arns = ["${local.balancers}/gwy/firewall/0123456789abcdef"]
}

resource "aws_vpc_endpoint" "firewall" {
  vpc_id            = aws_vpc.own.id
  service_name      = aws_vpc_endpoint_service.firewall.service_name
  vpc_endpoint_type = aws_vpc_endpoint_service.firewall.service_type
  subnet_ids        = [aws_subnet.own[1].id]
}

resource "aws_route" "through_firewall" {
  route_table_id         = aws_route_table.own[1].id
  destination_cidr_block = "0.0.0.0/0"
  vpc_endpoint_id        = aws_vpc_endpoint.firewall.id
}

data "aws_vpc_endpoint_service" "pics" {
  provider     = aws.partner
  service_name = aws_vpc_endpoint_service.pics.service_name
  depends_on   = [aws_vpc_endpoint_service_allowed_principal.partner]
}

output "partner" {
  value = aws_vpc_endpoint.partner.id
}

output "found" {
  value = {
    s3       = data.aws_prefix_list.s3.name
    blocks   = length(data.aws_prefix_list.s3.cidr_blocks) > 0
    subnets  = length(data.aws_vpc_endpoint.sqs.subnet_ids)
    names    = data.aws_vpc_endpoint.sqs.private_dns_enabled
    accepted = data.aws_vpc_endpoint_service.pics.acceptance_required
    type     = data.aws_vpc_endpoint_service.pics.service_type
  }
}
