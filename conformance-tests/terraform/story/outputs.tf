output "account" {
  value = data.aws_caller_identity.me.account_id
}

output "caller" {
  value = data.aws_caller_identity.me.arn
}

output "role" {
  value = aws_iam_role.pics.arn
}

output "instance" {
  value = aws_instance.web.id
}

output "address" {
  value = aws_instance.web.private_ip
}

output "zones" {
  value = data.aws_availability_zones.available.names
}

output "subnets" {
  value = data.aws_subnets.default.ids
}
