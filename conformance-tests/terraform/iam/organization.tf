resource "aws_iam_organizations_features" "this" {
  enabled_features = local.changed ? ["RootCredentialsManagement", "RootSessions"] : ["RootCredentialsManagement"]
}
