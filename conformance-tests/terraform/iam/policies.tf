data "aws_iam_policy_document" "read" {
  statement {
    sid       = "Read"
    actions   = concat(["s3:GetObject", "s3:ListBucket"], local.changed ? ["s3:GetObjectVersion"] : [])
    resources = ["arn:aws:s3:::pics", "arn:aws:s3:::pics/*"]
  }
  statement {
    effect    = "Deny"
    actions   = ["s3:DeleteObject"]
    resources = ["*"]
    condition {
      test     = "StringNotEquals"
      variable = "aws:PrincipalTag/team"
      values   = [var.team]
    }
  }
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = concat(["ec2.amazonaws.com"], local.changed ? ["lambda.amazonaws.com"] : [])
    }
  }
  statement {
    actions = ["sts:AssumeRole", "sts:TagSession"]
    principals {
      type        = "AWS"
      identifiers = [aws_iam_user.ann.arn]
    }
  }
}

resource "aws_iam_policy" "read" {
  name        = "read"
  path        = "/iam/"
  description = "Reads pictures"
  policy      = data.aws_iam_policy_document.read.json
  tags        = { team = var.team }
}

resource "aws_iam_policy" "shared" {
  name_prefix = "shared-"
  policy      = data.aws_iam_policy_document.read.json
}

resource "aws_iam_policy_attachment" "shared" {
  name       = "shared"
  policy_arn = aws_iam_policy.shared.arn
  users      = [aws_iam_user.bob.name]
  roles      = local.changed ? [] : [aws_iam_role.app.name]
  groups     = [aws_iam_group.readers.name]
}
