data "aws_iam_user" "ann" {
  user_name = aws_iam_user.ann.name
}

data "aws_iam_users" "people" {
  path_prefix = "/people/"
  depends_on  = [aws_iam_user.ann]
}

data "aws_iam_group" "readers" {
  group_name = aws_iam_group.readers.name
  depends_on = [aws_iam_group_membership.readers]
}

data "aws_iam_role" "app" {
  name = aws_iam_role.app.name
}

data "aws_iam_roles" "all" {
  path_prefix = "/iam/"
  depends_on  = [aws_iam_role.app]
}

data "aws_iam_instance_profile" "app" {
  name = aws_iam_instance_profile.app.name
}

data "aws_iam_instance_profiles" "app" {
  role_name  = aws_iam_instance_profile.app.role
  depends_on = [aws_iam_instance_profile.app]
}

data "aws_iam_policy" "read" {
  name       = aws_iam_policy.read.name
  depends_on = [aws_iam_policy.read]
}

data "aws_iam_policy" "aws" {
  arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
}

data "aws_iam_session_context" "me" {
  arn = data.aws_caller_identity.me.arn
}

data "aws_iam_session_context" "role" {
  arn = "arn:aws:sts::${data.aws_caller_identity.me.account_id}:assumed-role/${aws_iam_role.app.name}/session"
}

data "aws_iam_access_keys" "ann" {
  user       = aws_iam_user.ann.name
  depends_on = [aws_iam_access_key.ann]
}

output "told" {
  value = {
    user       = data.aws_iam_user.ann.arn
    people     = data.aws_iam_users.people.names
    readers    = [for user in data.aws_iam_group.readers.users : user.user_name]
    role       = data.aws_iam_role.app.description
    roles      = data.aws_iam_roles.all.names
    profile    = data.aws_iam_instance_profile.app.role_name
    profiles   = data.aws_iam_instance_profiles.app.names
    policy     = data.aws_iam_policy.read.arn
    aws_policy = data.aws_iam_policy.aws.policy_id
    me         = data.aws_iam_session_context.me.issuer_arn
    issuer     = data.aws_iam_session_context.role.issuer_arn
    linked     = aws_iam_service_linked_role.autoscaling.arn
    keys       = [for key in data.aws_iam_access_keys.ann.access_keys : key.status]
  }
}
