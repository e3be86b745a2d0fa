data "aws_ssm_parameter" "linux" {
  name = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
}

data "aws_subnet" "first" {
  availability_zone = "us-east-1a"
  default_for_az    = true
}

resource "aws_instance" "source" {
  ami           = data.aws_ssm_parameter.linux.value
  instance_type = "t3.micro"
  subnet_id     = data.aws_subnet.first.id
}

resource "aws_launch_template" "by_parameter" {
  name          = "by-parameter"
  image_id      = "resolve:ssm:${data.aws_ssm_parameter.linux.name}"
  instance_type = "t3.micro"
}

resource "aws_network_interface" "sink" {
  subnet_id = data.aws_subnet.first.id
}

resource "aws_ec2_traffic_mirror_filter" "web" {
  description      = "web"
  network_services = ["amazon-dns"]
  tags = {
    team = var.team
  }
}

resource "aws_ec2_traffic_mirror_filter_rule" "https" {
  traffic_mirror_filter_id = aws_ec2_traffic_mirror_filter.web.id
  description              = "for ${var.team}"
  traffic_direction        = "ingress"
  rule_number              = 10
  rule_action              = "accept"
  protocol                 = 6
  source_cidr_block        = "10.0.0.0/8"
  destination_cidr_block   = "0.0.0.0/0"
  destination_port_range {
    from_port = 443
    to_port   = 443
  }
}

resource "aws_ec2_traffic_mirror_target" "sink" {
  network_interface_id = aws_network_interface.sink.id
}

resource "aws_ec2_traffic_mirror_session" "one" {
  description              = "for ${var.team}"
  network_interface_id     = aws_instance.source.primary_network_interface_id
  session_number           = 1
  traffic_mirror_filter_id = aws_ec2_traffic_mirror_filter.web.id
  traffic_mirror_target_id = aws_ec2_traffic_mirror_target.sink.id
  tags = {
    team = var.team
  }
}

resource "aws_ec2_network_insights_path" "ssh" {
  source           = aws_instance.source.primary_network_interface_id
  destination      = aws_network_interface.sink.id
  protocol         = "tcp"
  destination_port = 22
}

data "aws_ec2_network_insights_path" "ssh" {
  network_insights_path_id = aws_ec2_network_insights_path.ssh.id
}

resource "aws_ec2_network_insights_analysis" "ssh" {
  network_insights_path_id = aws_ec2_network_insights_path.ssh.id
  tags = {
    team = var.team
  }
}

data "aws_ec2_network_insights_analysis" "ssh" {
  network_insights_analysis_id = aws_ec2_network_insights_analysis.ssh.id
}

output "reachable" {
  value = data.aws_ec2_network_insights_analysis.ssh.path_found
}

output "image" {
  value = nonsensitive(data.aws_ssm_parameter.linux.value)
}

output "launched" {
  value = nonsensitive(aws_instance.source.ami)
}

output "session" {
  value = aws_ec2_traffic_mirror_session.one.id
}
