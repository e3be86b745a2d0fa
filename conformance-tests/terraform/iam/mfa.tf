resource "aws_iam_virtual_mfa_device" "ann" {
  virtual_mfa_device_name = "ann"
  path                    = "/people/"
  tags                    = { team = var.team }
}

resource "aws_iam_security_token_service_preferences" "this" {
  global_endpoint_token_version = local.changed ? "v1Token" : "v2Token"
}
