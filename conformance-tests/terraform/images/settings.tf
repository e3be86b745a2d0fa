# In another region, so that nothing else of the configuration depends on them.
provider "aws" {
  alias  = "ireland"
  region = "eu-west-1"
}

resource "aws_ebs_encryption_by_default" "here" {
  provider = aws.ireland
  enabled  = true
}

resource "aws_ebs_default_kms_key" "here" {
  provider = aws.ireland
  key_arn  = "arn:aws:kms:eu-west-1:000000000000:key/1234abcd-12ab-34cd-56ef-1234567890ab"
}

resource "aws_ec2_image_block_public_access" "here" {
  provider = aws.ireland
  state    = "block-new-sharing"
}

resource "aws_ebs_snapshot_block_public_access" "here" {
  provider = aws.ireland
  state    = "block-all-sharing"
}

resource "aws_ec2_serial_console_access" "here" {
  provider = aws.ireland
  enabled  = true
}

resource "aws_ec2_instance_metadata_defaults" "here" {
  provider                    = aws.ireland
  http_tokens                 = "required"
  http_put_response_hop_limit = var.team == "blue" ? 3 : 4
  instance_metadata_tags      = "enabled"
}

resource "aws_ec2_default_credit_specification" "here" {
  provider        = aws.ireland
  instance_family = "t3"
  cpu_credits     = "standard"
}

resource "aws_ebs_volume" "encrypted" {
  provider          = aws.ireland
  availability_zone = "eu-west-1a"
  size              = 1
  depends_on        = [aws_ebs_encryption_by_default.here]
}

output "encrypted" {
  value = aws_ebs_volume.encrypted.encrypted
}
