# The provider waits four minutes for an association before it looks.

resource "aws_ec2_client_vpn_network_association" "main" {
  count                  = 2
  client_vpn_endpoint_id = aws_ec2_client_vpn_endpoint.home.id
  subnet_id              = aws_subnet.main[count.index].id
}

resource "aws_ec2_client_vpn_route" "out" {
  client_vpn_endpoint_id = aws_ec2_client_vpn_endpoint.home.id
  destination_cidr_block = "0.0.0.0/0"
  target_vpc_subnet_id   = aws_ec2_client_vpn_network_association.main[0].subnet_id
}
