resource "aws_iam_account_alias" "this" {
  account_alias = local.changed ? "rolecall-two" : "rolecall-one"
}

resource "aws_iam_account_password_policy" "this" {
  minimum_password_length        = local.changed ? 14 : 10
  require_lowercase_characters   = true
  require_numbers                = true
  require_uppercase_characters   = true
  require_symbols                = local.changed
  allow_users_to_change_password = true
  max_password_age               = 90
  password_reuse_prevention      = 5
}

data "aws_iam_account_alias" "this" {
  depends_on = [aws_iam_account_alias.this]
}

output "account" {
  value = {
    alias = data.aws_iam_account_alias.this.account_alias
  }
}
