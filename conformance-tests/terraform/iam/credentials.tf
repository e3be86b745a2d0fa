resource "aws_iam_user_login_profile" "ann" {
  user                    = aws_iam_user.ann.name
  password_length         = 24
  password_reset_required = true
  lifecycle {
    ignore_changes = [password_length, password_reset_required]
  }
}

resource "aws_iam_user_ssh_key" "ann" {
  username   = aws_iam_user.ann.name
  encoding   = "SSH"
  public_key = var.ssh_key
  status     = local.changed ? "Inactive" : "Active"
}

resource "aws_iam_signing_certificate" "ann" {
  user_name        = aws_iam_user.ann.name
  certificate_body = var.certificates["user"].body
  status           = local.changed ? "Inactive" : "Active"
}

resource "aws_iam_service_specific_credential" "ann" {
  user_name    = aws_iam_user.ann.name
  service_name = "codecommit.amazonaws.com"
  status       = local.changed ? "Inactive" : "Active"
}

resource "aws_iam_server_certificate" "site" {
  name             = "site"
  path             = local.changed ? "/cloudfront/two/" : "/cloudfront/"
  certificate_body = var.certificates["site"].body
  private_key      = var.certificates["site"].key
  tags             = { team = var.team }
}

data "aws_iam_server_certificate" "site" {
  name   = aws_iam_server_certificate.site.name
  latest = true
}

data "aws_iam_user_ssh_key" "ann" {
  encoding          = "SSH"
  ssh_public_key_id = aws_iam_user_ssh_key.ann.ssh_public_key_id
  username          = aws_iam_user.ann.name
}

output "credentials" {
  value = {
    certificate = data.aws_iam_server_certificate.site.path
    ssh_key     = data.aws_iam_user_ssh_key.ann.status
  }
}
