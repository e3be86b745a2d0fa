resource "aws_iam_openid_connect_provider" "ci" {
  url             = "https://ci.example.com"
  client_id_list  = local.changed ? ["sts.amazonaws.com", "other"] : ["sts.amazonaws.com"]
  thumbprint_list = [local.changed ? "ffffffffffffffffffffffffffffffffffffffff" : "cf23df2207d99a74fbe169e3eba035e633b65d94"]
  tags            = { team = var.team }
}

resource "aws_iam_saml_provider" "corp" {
  name                   = "corp"
  saml_metadata_document = var.saml_metadata[local.changed ? "two" : "one"]
  tags                   = { team = var.team }
}

data "aws_iam_policy_document" "web_trust" {
  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]
    principals {
      type        = "Federated"
      identifiers = [aws_iam_openid_connect_provider.ci.arn]
    }
    condition {
      test     = "StringEquals"
      variable = "ci.example.com:aud"
      values   = ["sts.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "web" {
  name               = "web"
  assume_role_policy = data.aws_iam_policy_document.web_trust.json
}

data "aws_iam_openid_connect_provider" "ci" {
  arn = aws_iam_openid_connect_provider.ci.arn
}

data "aws_iam_openid_connect_provider" "by_url" {
  url = "https://${aws_iam_openid_connect_provider.ci.url}"
}

data "aws_iam_saml_provider" "corp" {
  arn = aws_iam_saml_provider.corp.arn
}

output "federation" {
  value = {
    clients = data.aws_iam_openid_connect_provider.ci.client_id_list
    by_url  = data.aws_iam_openid_connect_provider.by_url.arn
    saml    = data.aws_iam_saml_provider.corp.name
  }
}
