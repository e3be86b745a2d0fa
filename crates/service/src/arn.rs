//! Amazon Resource Names: building ours and taking apart those of a request.

use crate::AccountId;

/// The six parts of an ARN, borrowed. The resource keeps its colons and slashes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arn<'a> {
    pub partition: &'a str,
    pub service: &'a str,
    pub region: &'a str,
    pub account: &'a str,
    pub resource: &'a str,
}

impl<'a> Arn<'a> {
    /// Splits `arn:partition:service:region:account:resource`; `None` when a part is missing or partition, service or resource is empty.
    pub fn parse(text: &'a str) -> Option<Arn<'a>> {
        let mut parts = text.splitn(6, ':');
        if parts.next()? != "arn" {
            return None;
        }
        let arn = Arn {
            partition: parts.next()?,
            service: parts.next()?,
            region: parts.next()?,
            account: parts.next()?,
            resource: parts.next()?,
        };
        let complete = !arn.partition.is_empty() && !arn.service.is_empty() && !arn.resource.is_empty();
        complete.then_some(arn)
    }

    /// For a resource `type/path/name`: its type and the rest after the first slash.
    pub fn typed_resource(&self) -> Option<(&'a str, &'a str)> {
        self.resource.split_once('/')
    }
}

/// The name at the end of a resource with a path: `role/a/b/Name` gives `Name`.
pub fn last_name(resource: &str) -> &str {
    resource.rsplit('/').next().unwrap_or(resource)
}

/// `arn:aws:iam::ACCOUNT:KIND/PATHname`; the path begins and ends with a slash.
pub fn iam(partition: &str, account: AccountId, kind: &str, path: &str, name: &str) -> String {
    format!("arn:{partition}:iam::{account}:{kind}{path}{name}")
}

/// The account's root: `arn:aws:iam::ACCOUNT:root`.
pub fn root(partition: &str, account: AccountId) -> String {
    format!("arn:{partition}:iam::{account}:root")
}

/// A role session: `arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION`. The role's path is not part of it.
pub fn assumed_role(partition: &str, account: AccountId, role_name: &str, session_name: &str) -> String {
    format!("arn:{partition}:sts::{account}:assumed-role/{role_name}/{session_name}")
}

/// A regional EC2 resource: `arn:aws:ec2:REGION:ACCOUNT:kind/id`. Images and snapshots take an empty account.
pub fn ec2(partition: &str, region: &str, account: &str, kind: &str, id: &str) -> String {
    format!("arn:{partition}:ec2:{region}:{account}:{kind}/{id}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts() {
        let arn = Arn::parse("arn:aws:iam::123456789012:role/a/b/Name").unwrap();
        assert_eq!((arn.partition, arn.service, arn.region, arn.account), ("aws", "iam", "", "123456789012"));
        assert_eq!(arn.typed_resource(), Some(("role", "a/b/Name")));
        assert_eq!(last_name(arn.resource), "Name");
        for bad in
            ["", "arn", "arn:aws:iam::1", "arn::iam::1:x", "arn:aws:::1:x", "arn:aws:iam::1:", "ARN:aws:iam::1:x"]
        {
            assert_eq!(Arn::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn building() {
        let account = "123456789012".parse().unwrap();
        assert_eq!(iam("aws", account, "role", "/x/", "R"), "arn:aws:iam::123456789012:role/x/R");
        assert_eq!(assumed_role("aws", account, "R", "s"), "arn:aws:sts::123456789012:assumed-role/R/s");
        assert_eq!(ec2("aws", "eu-west-1", "", "image", "ami-1"), "arn:aws:ec2:eu-west-1::image/ami-1");
    }
}
