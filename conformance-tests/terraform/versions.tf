terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "5.100.0"
    }
  }
}

# Everything else comes from the environment: AWS_ENDPOINT_URL, keys and region, as `rolecall env` prints them.
provider "aws" {
  default_tags {
    tags = {
      story = "pics"
    }
  }
}

# What a second apply changes.
variable "team" {
  type    = string
  default = "blue"
}
