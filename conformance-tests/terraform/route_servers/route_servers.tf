resource "aws_vpc" "this" {
  cidr_block = "10.70.0.0/16"
}

resource "aws_subnet" "this" {
  vpc_id     = aws_vpc.this.id
  cidr_block = "10.70.1.0/24"
}

resource "aws_vpc_route_server" "this" {
  amazon_side_asn           = 65000
  persist_routes            = "enable"
  persist_routes_duration   = 2
  sns_notifications_enabled = false
  tags = {
    team = var.team
  }
}

resource "aws_vpc_route_server_vpc_association" "this" {
  route_server_id = aws_vpc_route_server.this.route_server_id
  vpc_id          = aws_vpc.this.id
}

resource "aws_vpc_route_server_endpoint" "this" {
  route_server_id = aws_vpc_route_server.this.route_server_id
  subnet_id       = aws_subnet.this.id
  tags = {
    team = var.team
  }
  depends_on = [aws_vpc_route_server_vpc_association.this]
}

resource "aws_vpc_route_server_peer" "this" {
  route_server_endpoint_id = aws_vpc_route_server_endpoint.this.route_server_endpoint_id
  peer_address             = "10.70.1.250"
  bgp_options {
    peer_asn                = 65200
    peer_liveness_detection = "bgp-keepalive"
  }
  tags = {
    team = var.team
  }
}

resource "aws_vpc_route_server_propagation" "this" {
  route_server_id = aws_vpc_route_server.this.route_server_id
  route_table_id  = aws_vpc.this.main_route_table_id
  depends_on      = [aws_vpc_route_server_vpc_association.this]
}

output "server" {
  value = aws_vpc_route_server.this.route_server_id
}

output "address" {
  value = aws_vpc_route_server_endpoint.this.eni_address
}
