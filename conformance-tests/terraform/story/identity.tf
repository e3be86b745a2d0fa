data "aws_caller_identity" "me" {}

data "aws_partition" "current" {}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["ec2.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "read" {
  statement {
    sid       = "ReadPictures"
    actions   = ["s3:GetObject", "s3:ListBucket"]
    resources = ["arn:${data.aws_partition.current.partition}:s3:::pics", "arn:${data.aws_partition.current.partition}:s3:::pics/*"]
    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["true"]
    }
  }
}

resource "aws_iam_role" "pics" {
  name                 = "Get-pics"
  path                 = "/story/"
  description          = "What the picture server may do"
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  max_session_duration = 7200
  tags = {
    team = var.team
  }
}

resource "aws_iam_policy" "read" {
  name   = "read-pictures"
  policy = data.aws_iam_policy_document.read.json
  tags = {
    team = var.team
  }
}

resource "aws_iam_role_policy_attachment" "read" {
  role       = aws_iam_role.pics.name
  policy_arn = aws_iam_policy.read.arn
}

resource "aws_iam_role_policy_attachment" "managed" {
  role       = aws_iam_role.pics.name
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/AmazonSSMManagedInstanceCore"
}

resource "aws_iam_role_policy" "describe" {
  name   = "describe"
  role   = aws_iam_role.pics.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "ec2:DescribeInstances", Resource = "*" }] })
}

resource "aws_iam_instance_profile" "pics" {
  name = "Get-pics"
  role = aws_iam_role.pics.name
  tags = {
    team = var.team
  }
}
