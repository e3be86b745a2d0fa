//! Secondary interfaces, of which there are none: they come with launches alone, and no instance type supports them ([`crate::instance::run::secondary`]).
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSecondaryInterfaces.html>

use super::super::Family;
use crate::kind;

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_SecondaryInterface.html>
pub static INTERFACES: Family = Family {
    owner: Some("OwnerId"),
    arn: Some("SecondaryInterfaceArn"),
    filters: &[
        "attachment.attachment-id=Attachment.AttachmentId",
        "attachment.instance-id=Attachment.InstanceId",
        "attachment.instance-owner-id=Attachment.InstanceOwnerId",
        "attachment.status=Attachment.Status",
        "owner-id",
        "private-ipv4-addresses.private-ip-address=PrivateIpv4Addresses.PrivateIpAddress",
        "secondary-interface-arn",
        "secondary-interface-id",
        "secondary-interface-type",
        "secondary-network-id",
        "secondary-network-type",
        "secondary-subnet-id",
        "status",
    ],
    ..Family::of(&kind::SECONDARY_INTERFACE, "SecondaryInterfaceId")
};
