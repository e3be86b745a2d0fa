# A way into a VPC for people at home.

locals {
  certificate = "arn:aws:acm:us-east-1:000000000000:certificate/0c2e8f0b-0000-4000-8000-000000000000"
}

resource "aws_vpc" "main" {
  cidr_block = "10.70.0.0/16"
}

resource "aws_subnet" "main" {
  count             = 2
  vpc_id            = aws_vpc.main.id
  cidr_block        = "10.70.${count.index}.0/24"
  availability_zone = "us-east-1${["a", "b"][count.index]}"
}

resource "aws_security_group" "clients" {
  name   = "clients"
  vpc_id = aws_vpc.main.id
}

resource "aws_ec2_client_vpn_endpoint" "home" {
  description            = "for ${var.team}"
  client_cidr_block      = "10.200.0.0/22"
  server_certificate_arn = local.certificate
  split_tunnel           = true
  vpc_id                 = aws_vpc.main.id
  security_group_ids     = [aws_security_group.clients.id]
  dns_servers            = var.team == "blue" ? ["10.70.0.2"] : []
  session_timeout_hours  = 12

  authentication_options {
    type                       = "certificate-authentication"
    root_certificate_chain_arn = local.certificate
  }

  connection_log_options {
    enabled = false
  }

  client_login_banner_options {
    enabled     = true
    banner_text = "hello ${var.team}"
  }

  tags = { team = var.team }
}

resource "aws_ec2_client_vpn_authorization_rule" "all" {
  client_vpn_endpoint_id = aws_ec2_client_vpn_endpoint.home.id
  target_network_cidr    = aws_vpc.main.cidr_block
  authorize_all_groups   = true
}

resource "aws_ec2_client_vpn_authorization_rule" "staff" {
  client_vpn_endpoint_id = aws_ec2_client_vpn_endpoint.home.id
  target_network_cidr    = "192.168.0.0/16"
  access_group_id        = var.team
  description            = "staff"
}

data "aws_ec2_client_vpn_endpoint" "home" {
  client_vpn_endpoint_id = aws_ec2_client_vpn_endpoint.home.id
}

output "told" {
  value = {
    endpoint = aws_ec2_client_vpn_endpoint.home.id
    banner   = aws_ec2_client_vpn_endpoint.home.client_login_banner_options[0].banner_text
    found    = data.aws_ec2_client_vpn_endpoint.home.description
    port     = data.aws_ec2_client_vpn_endpoint.home.vpn_port
  }
}
