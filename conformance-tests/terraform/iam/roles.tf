resource "aws_iam_role" "app" {
  name                 = "app"
  path                 = "/iam/"
  description          = "For the ${var.team} app"
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  max_session_duration = local.changed ? 7200 : 3600
  permissions_boundary = local.changed ? null : "arn:aws:iam::aws:policy/PowerUserAccess"
  tags                 = { team = var.team }
}

resource "aws_iam_role_policy" "app" {
  name   = "own"
  role   = aws_iam_role.app.id
  policy = data.aws_iam_policy_document.read.json
}

resource "aws_iam_role_policies_exclusive" "app" {
  role_name    = aws_iam_role.app.name
  policy_names = [aws_iam_role_policy.app.name]
}

resource "aws_iam_role" "managed" {
  name_prefix        = "managed-"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_iam_role_policy_attachment" "managed" {
  role       = aws_iam_role.managed.name
  policy_arn = aws_iam_policy.read.arn
}

resource "aws_iam_role_policy_attachments_exclusive" "managed" {
  role_name   = aws_iam_role.managed.name
  policy_arns = [aws_iam_role_policy_attachment.managed.policy_arn]
}

# The older way, with all in one resource.
resource "aws_iam_role" "whole" {
  name                  = "whole"
  assume_role_policy    = data.aws_iam_policy_document.trust.json
  managed_policy_arns   = ["arn:aws:iam::aws:policy/${local.changed ? "AmazonS3FullAccess" : "ReadOnlyAccess"}"]
  force_detach_policies = true
  inline_policy {
    name   = "inside"
    policy = data.aws_iam_policy_document.read.json
  }
}

resource "aws_iam_instance_profile" "app" {
  name = "app"
  path = "/iam/"
  role = local.changed ? aws_iam_role.managed.name : aws_iam_role.app.name
  tags = { team = var.team }
}

resource "aws_iam_service_linked_role" "autoscaling" {
  aws_service_name = "autoscaling.amazonaws.com"
  custom_suffix    = "tf"
  description      = "For ${var.team} groups"
  tags             = { team = var.team }
}
