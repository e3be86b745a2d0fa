# Its destruction takes the provider two and a half minutes, here as on AWS: github.com/hashicorp/terraform-provider-aws/issues/45835
resource "aws_network_interface_attachment" "router" {
  instance_id          = aws_instance.web.id
  network_interface_id = aws_network_interface.router.id
  device_index         = 1
}
