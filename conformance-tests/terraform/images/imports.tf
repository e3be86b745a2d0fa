# Of a file in a bucket, which is there before.
resource "aws_iam_role" "import" {
  name = "vmimport"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "vmie.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "sts:Externalid" = "vmimport" } }
    }]
  })
}

resource "aws_iam_role_policy" "import" {
  role = aws_iam_role.import.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["s3:GetBucketLocation", "s3:GetObject", "s3:ListBucket"]
      Resource = ["arn:aws:s3:::disks", "arn:aws:s3:::disks/*"]
    }]
  })
}

resource "aws_ebs_snapshot_import" "disk" {
  role_name  = aws_iam_role.import.name
  depends_on = [aws_iam_role_policy.import]
  client_data {
    comment = "uploaded before"
  }
  disk_container {
    description = "its disk"
    format      = "VMDK"
    user_bucket {
      s3_bucket = "disks"
      s3_key    = "server.vmdk"
    }
  }
  tags = {
    team = var.team
  }
}

output "imported" {
  value = aws_ebs_snapshot_import.disk.id
}
