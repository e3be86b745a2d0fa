//! rolecall-ec2
