data "aws_vpc_ipam" "all" {
  id = aws_vpc_ipam.all.id
}

data "aws_vpc_ipams" "all" {
  depends_on = [aws_vpc_ipam.all]
}

data "aws_vpc_ipam_pool" "top" {
  ipam_pool_id = aws_vpc_ipam_pool.top.id
}

data "aws_vpc_ipam_pools" "all" {
  filter {
    name   = "description"
    values = [aws_vpc_ipam_pool.top.description]
  }
}

data "aws_vpc_ipam_pool_cidrs" "top" {
  ipam_pool_id = aws_vpc_ipam_pool_cidr.top.ipam_pool_id
}

data "aws_vpc_ipam_preview_next_cidr" "top" {
  ipam_pool_id   = aws_vpc_ipam_pool_cidr.top.ipam_pool_id
  netmask_length = 28
}
