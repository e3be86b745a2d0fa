//! Members that an input declares and that change nothing, each with the reason. Declaring a member says only that it is read: these are read so that a
//! client may send them, and `docs/not-honoured.txt` tells of them beside those that are not declared at all.

/// Reasons, and the members each holds for as `service:Operation Member`.
const WITHOUT_EFFECT: &[(&str, &[&str])] = &[
    (
        "instances have no operating system that goes down or falls asleep",
        &[
            "ec2:CreateImage NoReboot",
            "ec2:StopInstances Force",
            "ec2:StopInstances SkipOsShutdown",
            "ec2:TerminateInstances Force",
            "ec2:TerminateInstances SkipOsShutdown",
            "ec2:GetConsoleScreenshot WakeUp",
        ],
    ),
    ("what is attached is never busy", &["ec2:DetachVolume Force", "ec2:DetachNetworkInterface Force"]),
    ("nothing fails to be cleaned up", &["ec2:DisableFastLaunch Force"]),
    (
        "reports are not kept",
        &[
            "ec2:ReportInstanceStatus Status",
            "ec2:ReportInstanceStatus ReasonCodes",
            "ec2:ReportInstanceStatus Description",
        ],
    ),
    (
        "one process knows all regions, and a copy goes to the region of the request",
        &["ec2:CopySnapshot DestinationRegion", "ec2:CopySnapshot PresignedUrl"],
    ),
    (
        "nothing is managed by another service",
        &[
            "ec2:DescribeInstances IncludeManagedResources",
            "ec2:DescribeInstanceStatus IncludeManagedResources",
            "ec2:DescribeLaunchTemplates IncludeManagedResources",
            "ec2:DescribeLaunchTemplateVersions IncludeManagedResources",
            "ec2:DescribeNetworkInterfaces IncludeManagedResources",
            "ec2:DescribeVolumes IncludeManagedResources",
            "ec2:DescribeVolumeStatus IncludeManagedResources",
            "ec2:DescribeVolumesModifications IncludeManagedResources",
        ],
    ),
    (
        "there are no Local Zones and no Wavelength Zones",
        &[
            "ec2:DescribeAvailabilityZones AllAvailabilityZones",
            "ec2:DescribeCapacityBlockOfferings AllAvailabilityZones",
        ],
    ),
    ("no answer tells of a client's upload", &["ec2:ImportImage ClientData", "ec2:ImportSnapshot ClientData"]),
    ("AWS sells no Scheduled Instances any more", &["ec2:PurchaseScheduledInstances ClientToken"]),
    ("it is for CloudTrail, which is not here", &["sts:GetScopedCredentials ScopedSessionDescription"]),
    ("there is no marketplace", &["ec2:DescribeReservedInstancesOfferings IncludeMarketplace"]),
    (
        "no public parameter is encrypted",
        &[
            "ssm:GetParameter WithDecryption",
            "ssm:GetParameters WithDecryption",
            "ssm:GetParametersByPath WithDecryption",
        ],
    ),
];

/// Each member, as in the list, with its reason.
pub fn all() -> impl Iterator<Item = (&'static str, &'static str)> {
    WITHOUT_EFFECT.iter().flat_map(|(reason, lines)| lines.iter().map(move |line| (*line, *reason)))
}

/// The members of an operation that are declared for nothing, with the reasons.
pub fn of(action: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    all().filter_map(move |(line, reason)| {
        let (operation, member) = line.split_once(' ')?;
        (operation == action).then_some((member, reason))
    })
}
