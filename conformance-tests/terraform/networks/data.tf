data "aws_vpc" "own" {
  id = aws_vpc.own.id
}

data "aws_vpcs" "ours" {
  tags = {
    team = aws_vpc.own.tags.team
  }
}

data "aws_subnets" "own" {
  filter {
    name   = "vpc-id"
    values = [aws_subnet.front.vpc_id, aws_subnet.back.vpc_id]
  }
}

data "aws_subnet" "front" {
  vpc_id     = aws_vpc.own.id
  cidr_block = aws_subnet.front.cidr_block
}

data "aws_route_table" "front" {
  subnet_id = aws_route_table_association.front.subnet_id
}

data "aws_route_tables" "own" {
  vpc_id     = aws_vpc.own.id
  depends_on = [aws_route_table.front, aws_route_table.back]
}

data "aws_route" "out" {
  route_table_id         = aws_route_table.front.id
  destination_cidr_block = "0.0.0.0/0"
}

data "aws_internet_gateway" "own" {
  internet_gateway_id = aws_internet_gateway_attachment.own.internet_gateway_id
}

data "aws_customer_gateway" "office" {
  id = aws_customer_gateway.office.id
}

data "aws_vpc_dhcp_options" "own" {
  dhcp_options_id = aws_vpc_dhcp_options.own.id
}

data "aws_network_acls" "own" {
  vpc_id     = aws_vpc.own.id
  depends_on = [aws_network_acl.back]
}

data "aws_security_group" "web" {
  name   = aws_security_group.web.name
  vpc_id = aws_vpc.own.id
}

data "aws_security_groups" "own" {
  filter {
    name   = "vpc-id"
    values = [aws_vpc.own.id]
  }
  depends_on = [aws_security_group.web, aws_security_group.store]
}

data "aws_vpc_security_group_rule" "https" {
  security_group_rule_id = aws_vpc_security_group_ingress_rule.https.id
}

data "aws_vpc_security_group_rules" "web" {
  filter {
    name   = "group-id"
    values = [aws_security_group.web.id]
  }
  depends_on = [aws_vpc_security_group_ingress_rule.https, aws_vpc_security_group_egress_rule.store]
}

data "aws_network_interface" "router" {
  id = aws_network_interface.router.id
}

data "aws_network_interfaces" "front" {
  filter {
    name   = "subnet-id"
    values = [aws_subnet.front.id]
  }
  depends_on = [aws_network_interface.router, aws_instance.web]
}

data "aws_eip" "web" {
  id         = aws_eip.web.id
  depends_on = [aws_eip_association.web]
}

data "aws_eips" "ours" {
  tags = {
    team = aws_eip.web.tags.team
  }
}

data "aws_instance" "web" {
  instance_id = aws_instance.web.id
  depends_on  = [aws_eip_association.web]
}

data "aws_instances" "front" {
  filter {
    name   = "subnet-id"
    values = [aws_instance.web.subnet_id]
  }
}

data "aws_ebs_volume" "pics" {
  filter {
    name   = "volume-id"
    values = [aws_ebs_volume.pics.id]
  }
}

data "aws_ebs_volumes" "ours" {
  tags = {
    team = aws_ebs_volume.pics.tags.team
  }
}

data "aws_ebs_snapshot" "pics" {
  snapshot_ids = [aws_ebs_snapshot.pics.id]
}

data "aws_ebs_snapshot_ids" "own" {
  owners     = ["self"]
  depends_on = [aws_ebs_snapshot.pics, aws_ebs_snapshot_copy.pics]
}

data "aws_key_pair" "web" {
  key_name = aws_key_pair.web.key_name
}

data "aws_ami_ids" "linux" {
  owners = ["amazon"]
  filter {
    name   = "name"
    values = ["al2023-ami-2023.*-x86_64"]
  }
}

data "aws_ec2_instance_type" "micro" {
  instance_type = "t3.micro"
}

data "aws_ec2_instance_types" "bare" {
  filter {
    name   = "bare-metal"
    values = ["true"]
  }
}

data "aws_ec2_instance_type_offering" "micro" {
  filter {
    name   = "instance-type"
    values = ["t3.micro"]
  }
}

data "aws_ec2_instance_type_offerings" "here" {}

data "aws_availability_zone" "first" {
  name = "us-east-1a"
}

data "aws_availability_zones" "all" {}

data "aws_region" "here" {}

data "aws_regions" "all" {}

output "vpc" {
  value = data.aws_vpc.own.id
}

output "instance" {
  value = data.aws_instance.web.id
}

output "found" {
  value = {
    vpcs       = data.aws_vpcs.ours.ids
    subnets    = length(data.aws_subnets.own.ids)
    tables     = length(data.aws_route_tables.own.ids)
    groups     = length(data.aws_security_groups.own.ids)
    rules      = length(data.aws_vpc_security_group_rules.web.ids)
    interfaces = length(data.aws_network_interfaces.front.ids)
    snapshots  = length(data.aws_ebs_snapshot_ids.own.ids)
    out        = data.aws_route.out.gateway_id
    gateway    = data.aws_internet_gateway.own.id
    address    = data.aws_eip.web.public_ip
    attached   = data.aws_instance.web.public_ip
    office     = data.aws_customer_gateway.office.bgp_asn
    domain     = data.aws_vpc_dhcp_options.own.domain_name
    memory     = data.aws_ec2_instance_type.micro.memory_size
  }
}
