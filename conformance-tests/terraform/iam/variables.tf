# PEM files, made for the run: a certificate and its key, of two pairs.
variable "certificates" {
  type = map(object({ body = string, key = string }))
}

# Whether a user's credentials of all kinds can be removed with it.
variable "force_destroy" {
  type = bool
}

variable "ssh_key" {
  type = string
}

variable "saml_metadata" {
  type = map(string)
}

locals {
  changed = var.team != "blue"
}

data "aws_caller_identity" "me" {}
