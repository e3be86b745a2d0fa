resource "aws_iam_user" "ann" {
  name                 = "ann"
  path                 = local.changed ? "/people/moved/" : "/people/"
  permissions_boundary = "arn:aws:iam::aws:policy/PowerUserAccess"
  tags                 = { team = var.team }
}

resource "aws_iam_user" "bob" {
  name          = local.changed ? "robert" : "bob"
  force_destroy = var.force_destroy
}

resource "aws_iam_user" "cat" {
  name = "cat"
}

resource "aws_iam_access_key" "ann" {
  user   = aws_iam_user.ann.name
  status = local.changed ? "Inactive" : "Active"
}

resource "aws_iam_user_policy" "ann" {
  name   = "own"
  user   = aws_iam_user.ann.name
  policy = data.aws_iam_policy_document.read.json
}

resource "aws_iam_user_policies_exclusive" "ann" {
  user_name    = aws_iam_user.ann.name
  policy_names = [aws_iam_user_policy.ann.name]
}

resource "aws_iam_user_policy_attachment" "ann" {
  user       = aws_iam_user.ann.name
  policy_arn = aws_iam_policy.read.arn
}

resource "aws_iam_user_policy_attachments_exclusive" "ann" {
  user_name   = aws_iam_user.ann.name
  policy_arns = [aws_iam_user_policy_attachment.ann.policy_arn]
}

resource "aws_iam_group" "readers" {
  name = local.changed ? "all-readers" : "readers"
  path = "/groups/"
}

resource "aws_iam_group" "writers" {
  name = "writers"
}

resource "aws_iam_group_membership" "readers" {
  name  = "readers"
  group = aws_iam_group.readers.name
  users = local.changed ? [aws_iam_user.bob.name, aws_iam_user.cat.name] : [aws_iam_user.bob.name]
}

resource "aws_iam_user_group_membership" "ann" {
  user   = aws_iam_user.ann.name
  groups = [aws_iam_group.writers.name]
}

resource "aws_iam_group_policy" "readers" {
  name_prefix = "own-"
  group       = aws_iam_group.readers.name
  policy      = data.aws_iam_policy_document.read.json
}

resource "aws_iam_group_policies_exclusive" "readers" {
  group_name   = aws_iam_group.readers.name
  policy_names = [aws_iam_group_policy.readers.name]
}

resource "aws_iam_group_policy_attachment" "writers" {
  group      = aws_iam_group.writers.name
  policy_arn = local.changed ? "arn:aws:iam::aws:policy/AmazonS3FullAccess" : "arn:aws:iam::aws:policy/ReadOnlyAccess"
}

resource "aws_iam_group_policy_attachments_exclusive" "writers" {
  group_name  = aws_iam_group.writers.name
  policy_arns = [aws_iam_group_policy_attachment.writers.policy_arn]
}
