data "aws_ami" "linux" {
  most_recent = true
  owners      = ["amazon"]
  filter {
    name   = "name"
    values = ["al2023-ami-2023.*-x86_64"]
  }
}

data "aws_subnet" "first" {
  availability_zone = "us-east-1a"
  default_for_az    = true
}

resource "aws_ec2_host" "own" {
  availability_zone = "us-east-1a"
  instance_family   = "m5"
  auto_placement    = var.team == "green" ? "off" : "on"
  host_recovery     = var.team == "green" ? "on" : "off"
  tags = {
    team = var.team
  }
}

resource "aws_instance" "on_it" {
  ami           = data.aws_ami.linux.id
  instance_type = "m5.large"
  subnet_id     = data.aws_subnet.first.id
  tenancy       = "host"
  host_id       = aws_ec2_host.own.id
}

data "aws_ec2_host" "own" {
  host_id = aws_ec2_host.own.id
}

output "host" {
  value = aws_ec2_host.own.id
}

output "instance" {
  value = aws_instance.on_it.id
}

output "placement" {
  value = data.aws_ec2_host.own.auto_placement
}
