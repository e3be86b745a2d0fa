data "aws_region" "here" {}

resource "aws_vpc_ipam" "all" {
  description = "for ${var.team}"
  cascade     = true
  operating_regions {
    region_name = data.aws_region.here.name
  }
  tags = {
    team = var.team
  }
}

resource "aws_vpc_ipam_resource_discovery" "more" {
  description = "for ${var.team}"
  operating_regions {
    region_name = data.aws_region.here.name
  }
  tags = {
    team = var.team
  }
}

resource "aws_vpc_ipam_resource_discovery_association" "more" {
  ipam_id                    = aws_vpc_ipam.all.id
  ipam_resource_discovery_id = aws_vpc_ipam_resource_discovery.more.id
  tags = {
    team = var.team
  }
}

resource "aws_vpc_ipam_scope" "lab" {
  ipam_id     = aws_vpc_ipam.all.id
  description = "lab"
}

resource "aws_vpc_ipam_pool" "top" {
  address_family = "ipv4"
  ipam_scope_id  = aws_vpc_ipam.all.private_default_scope_id
  locale         = data.aws_region.here.name
  description    = "for ${var.team}"
}

resource "aws_vpc_ipam_pool_cidr" "top" {
  ipam_pool_id = aws_vpc_ipam_pool.top.id
  cidr         = "10.20.0.0/16"
}

resource "aws_vpc_ipam_pool" "inner" {
  address_family      = "ipv4"
  ipam_scope_id       = aws_vpc_ipam.all.private_default_scope_id
  locale              = data.aws_region.here.name
  source_ipam_pool_id = aws_vpc_ipam_pool.top.id
}

resource "aws_vpc_ipam_pool_cidr" "inner" {
  ipam_pool_id = aws_vpc_ipam_pool.inner.id
  cidr         = "10.20.128.0/17"
  depends_on   = [aws_vpc_ipam_pool_cidr.top]
}

resource "aws_vpc_ipam_pool_cidr_allocation" "office" {
  ipam_pool_id   = aws_vpc_ipam_pool.top.id
  netmask_length = 24
  description    = "office"
  depends_on     = [aws_vpc_ipam_pool_cidr.top]
}

resource "aws_vpc_ipam_preview_next_cidr" "lab" {
  ipam_pool_id   = aws_vpc_ipam_pool_cidr_allocation.office.ipam_pool_id
  netmask_length = 28
}

resource "aws_vpc_ipam_pool" "public" {
  address_family   = "ipv4"
  ipam_scope_id    = aws_vpc_ipam.all.public_default_scope_id
  locale           = data.aws_region.here.name
  public_ip_source = "amazon"
  aws_service      = "ec2"
}

resource "aws_vpc_ipam_pool_cidr" "public" {
  ipam_pool_id   = aws_vpc_ipam_pool.public.id
  netmask_length = 29
}

resource "aws_eip" "from_pool" {
  domain       = "vpc"
  ipam_pool_id = aws_vpc_ipam_pool_cidr.public.ipam_pool_id
  tags = {
    team = var.team
  }
}

resource "aws_vpc" "from_pool" {
  ipv4_ipam_pool_id   = aws_vpc_ipam_pool.inner.id
  ipv4_netmask_length = 20
  depends_on          = [aws_vpc_ipam_pool_cidr.inner]
  tags = {
    team = var.team
  }
}

output "block" {
  value = aws_vpc.from_pool.cidr_block
}

output "pool" {
  value = aws_vpc_ipam_pool.inner.id
}

output "address" {
  value = aws_eip.from_pool.public_ip
}
