resource "aws_verifiedaccess_instance" "door" {
  description = "for ${var.team}"
}

resource "aws_verifiedaccess_trust_provider" "people" {
  policy_reference_name    = "people"
  trust_provider_type      = "user"
  user_trust_provider_type = "iam-identity-center"
}

resource "aws_verifiedaccess_instance_trust_provider_attachment" "people" {
  verifiedaccess_instance_id       = aws_verifiedaccess_instance.door.id
  verifiedaccess_trust_provider_id = aws_verifiedaccess_trust_provider.people.id
}

resource "aws_verifiedaccess_group" "staff" {
  verifiedaccess_instance_id = aws_verifiedaccess_instance_trust_provider_attachment.people.verifiedaccess_instance_id
  description                = "for ${var.team}"
}

resource "aws_verifiedaccess_instance_logging_configuration" "door" {
  verifiedaccess_instance_id = aws_verifiedaccess_instance.door.id

  access_logs {
    include_trust_context = var.team == "green"

    s3 {
      enabled     = true
      bucket_name = "logs-of-${var.team}"
    }
  }
}

resource "aws_network_interface" "application" {
  subnet_id = data.aws_subnet.first.id
}

data "aws_security_group" "default" {
  vpc_id = data.aws_subnet.first.vpc_id
  name   = "default"
}

resource "aws_verifiedaccess_endpoint" "application" {
  description              = "for ${var.team}"
  verified_access_group_id = aws_verifiedaccess_group.staff.id
  attachment_type          = "vpc"
  endpoint_type            = "network-interface"
  endpoint_domain_prefix   = "application"
  application_domain       = "application.example"
  domain_certificate_arn   = "arn:aws:acm:us-east-1:000000000000:certificate/0c2e8f0b-0000-4000-8000-000000000000"
  security_group_ids       = [data.aws_security_group.default.id]

  network_interface_options {
    network_interface_id = aws_network_interface.application.id
    port                 = 443
    protocol             = "https"
  }
}

output "door" {
  value = aws_verifiedaccess_instance.door.id
}
