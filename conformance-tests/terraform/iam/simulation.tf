data "aws_iam_principal_policy_simulation" "ann" {
  policy_source_arn = aws_iam_user.ann.arn
  action_names      = ["s3:GetObject", "s3:PutObject"]
  resource_arns     = ["arn:aws:s3:::pics/one"]
  context {
    key    = "aws:PrincipalTag/team"
    type   = "string"
    values = [var.team]
  }
  depends_on = [aws_iam_user_policy.ann, aws_iam_user_policy_attachment.ann]
}

output "simulation" {
  value = { for result in data.aws_iam_principal_policy_simulation.ann.results : result.action_name => result.decision }
}
