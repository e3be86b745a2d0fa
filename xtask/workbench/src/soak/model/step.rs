//! One step of a sequence: an operation with its parameters, and how the next one is drawn.

use super::super::writer::Random;
use super::rules::{Kind, Rules};

/// The id of a resource, as the server told it.
pub type Id = String;

/// All sequences play in one zone, so that volumes and instances meet.
pub const ZONE: &str = "us-east-1a";

/// Something to ask for. What it names may be gone, or never have been.
#[derive(Debug, Clone)]
pub enum Step {
    CreateVpc,
    DeleteVpc(Id),
    CreateSubnet { vpc: Id, block: u64 },
    DeleteSubnet(Id),
    CreateGroup { vpc: Id, name: u64 },
    DeleteGroup(Id),
    Allow { group: Id, from: Id },
    Revoke { group: Id, from: Id },
    CreateGateway,
    AttachGateway { gateway: Id, vpc: Id },
    DetachGateway { gateway: Id, vpc: Id },
    DeleteGateway(Id),
    CreateTable(Id),
    DeleteTable(Id),
    AssociateTable { table: Id, subnet: Id },
    DisassociateTable(Id),
    CreateRoute { table: Id, gateway: Id },
    DeleteRoute(Id),
    CreateInterface { subnet: Id, group: Id, address: Option<String> },
    DeleteInterface(Id),
    AttachInterface { interface: Id, instance: Id },
    DetachInterface(Id),
    AllocateAddress,
    AssociateAddress { address: Id, interface: Id },
    DisassociateAddress(Id),
    ReleaseAddress(Id),
    Launch { subnet: Id, group: Id, count: u64 },
    Stop(Id),
    Start(Id),
    Terminate(Id),
    CreateVolume,
    AttachVolume { volume: Id, instance: Id },
    DetachVolume(Id),
    DeleteVolume(Id),
}

/// A /28 of each VPC's 10.0.0.0/16: eleven addresses, so that they run out.
pub fn block(number: u64) -> String {
    format!("10.0.{number}.0/28")
}

impl Step {
    /// The next step. Steps that make something come more often while there is little.
    pub fn draw(random: &mut Random, rules: &Rules) -> Step {
        let one = |random: &mut Random, kind| rules.pick(random, kind);
        match random.below(100) {
            0..5 if rules.count(Kind::Vpc) < 3 => Step::CreateVpc,
            0..5 => Step::DeleteVpc(one(random, Kind::Vpc)),
            5..12 => Step::CreateSubnet { vpc: one(random, Kind::Vpc), block: random.below(4) },
            12..15 => Step::DeleteSubnet(one(random, Kind::Subnet)),
            15..19 => Step::CreateGroup { vpc: one(random, Kind::Vpc), name: random.below(3) },
            19..22 => Step::DeleteGroup(one(random, Kind::Group)),
            22..26 => Step::Allow { group: one(random, Kind::Group), from: one(random, Kind::Group) },
            26..28 => Step::Revoke { group: one(random, Kind::Group), from: one(random, Kind::Group) },
            28..31 => Step::CreateGateway,
            31..36 => Step::AttachGateway { gateway: one(random, Kind::Gateway), vpc: one(random, Kind::Vpc) },
            36..39 => Step::DetachGateway { gateway: one(random, Kind::Gateway), vpc: one(random, Kind::Vpc) },
            39..40 => Step::DeleteGateway(one(random, Kind::Gateway)),
            40..43 => Step::CreateTable(one(random, Kind::Vpc)),
            43..45 => Step::DeleteTable(one(random, Kind::Table)),
            45..49 => Step::AssociateTable { table: one(random, Kind::Table), subnet: one(random, Kind::Subnet) },
            49..51 => Step::DisassociateTable(rules.pick_table_association(random)),
            51..54 => Step::CreateRoute { table: one(random, Kind::Table), gateway: one(random, Kind::Gateway) },
            54..56 => Step::DeleteRoute(one(random, Kind::Table)),
            56..62 => {
                let subnet = one(random, Kind::Subnet);
                let host = 4 + random.below(4);
                let address = (random.below(2) == 0).then(|| rules.address_in(&subnet, host));
                Step::CreateInterface { subnet, group: one(random, Kind::Group), address }
            }
            62..64 => Step::DeleteInterface(one(random, Kind::Interface)),
            64..67 => {
                Step::AttachInterface { interface: one(random, Kind::Interface), instance: one(random, Kind::Instance) }
            }
            67..69 => Step::DetachInterface(rules.pick_attachment(random)),
            69..72 => Step::AllocateAddress,
            72..76 => {
                Step::AssociateAddress { address: one(random, Kind::Address), interface: one(random, Kind::Interface) }
            }
            76..78 => Step::DisassociateAddress(rules.pick_address_association(random)),
            78..79 => Step::ReleaseAddress(one(random, Kind::Address)),
            79..86 => Step::Launch {
                subnet: one(random, Kind::Subnet),
                group: one(random, Kind::Group),
                count: 1 + random.below(5),
            },
            86..88 => Step::Stop(one(random, Kind::Instance)),
            88..90 => Step::Start(one(random, Kind::Instance)),
            90..92 => Step::Terminate(one(random, Kind::Instance)),
            92..94 => Step::CreateVolume,
            94..97 => Step::AttachVolume { volume: one(random, Kind::Volume), instance: one(random, Kind::Instance) },
            97..98 => Step::DetachVolume(one(random, Kind::Volume)),
            _ => Step::DeleteVolume(one(random, Kind::Volume)),
        }
    }

    /// The operation and its parameters. `image` is what instances are launched of.
    pub fn parameters(&self, image: &str) -> (&'static str, Vec<(&'static str, String)>) {
        let text = |id: &Id| id.clone();
        match self {
            Step::CreateVpc => ("CreateVpc", vec![("CidrBlock", "10.0.0.0/16".into())]),
            Step::DeleteVpc(vpc) => ("DeleteVpc", vec![("VpcId", text(vpc))]),
            Step::CreateSubnet { vpc, block: number } => (
                "CreateSubnet",
                vec![("VpcId", text(vpc)), ("CidrBlock", block(*number)), ("AvailabilityZone", ZONE.into())],
            ),
            Step::DeleteSubnet(subnet) => ("DeleteSubnet", vec![("SubnetId", text(subnet))]),
            Step::CreateGroup { vpc, name } => (
                "CreateSecurityGroup",
                vec![("VpcId", text(vpc)), ("GroupName", format!("g{name}")), ("GroupDescription", "model".into())],
            ),
            Step::DeleteGroup(group) => ("DeleteSecurityGroup", vec![("GroupId", text(group))]),
            Step::Allow { group, from } => ("AuthorizeSecurityGroupIngress", permission(group, from)),
            Step::Revoke { group, from } => ("RevokeSecurityGroupIngress", permission(group, from)),
            Step::CreateGateway => ("CreateInternetGateway", vec![]),
            Step::AttachGateway { gateway, vpc } => {
                ("AttachInternetGateway", vec![("InternetGatewayId", text(gateway)), ("VpcId", text(vpc))])
            }
            Step::DetachGateway { gateway, vpc } => {
                ("DetachInternetGateway", vec![("InternetGatewayId", text(gateway)), ("VpcId", text(vpc))])
            }
            Step::DeleteGateway(gateway) => ("DeleteInternetGateway", vec![("InternetGatewayId", text(gateway))]),
            Step::CreateTable(vpc) => ("CreateRouteTable", vec![("VpcId", text(vpc))]),
            Step::DeleteTable(table) => ("DeleteRouteTable", vec![("RouteTableId", text(table))]),
            Step::AssociateTable { table, subnet } => {
                ("AssociateRouteTable", vec![("RouteTableId", text(table)), ("SubnetId", text(subnet))])
            }
            Step::DisassociateTable(id) => ("DisassociateRouteTable", vec![("AssociationId", text(id))]),
            Step::CreateRoute { table, gateway } => {
                ("CreateRoute", [everywhere(table), vec![("GatewayId", text(gateway))]].concat())
            }
            Step::DeleteRoute(table) => ("DeleteRoute", everywhere(table)),
            Step::CreateInterface { subnet, group, address } => {
                let mut parameters = vec![("SubnetId", text(subnet)), ("SecurityGroupId.1", text(group))];
                parameters.extend(address.clone().map(|address| ("PrivateIpAddress", address)));
                ("CreateNetworkInterface", parameters)
            }
            Step::DeleteInterface(interface) => {
                ("DeleteNetworkInterface", vec![("NetworkInterfaceId", text(interface))])
            }
            Step::AttachInterface { interface, instance } => (
                "AttachNetworkInterface",
                vec![
                    ("NetworkInterfaceId", text(interface)),
                    ("InstanceId", text(instance)),
                    ("DeviceIndex", "1".into()),
                ],
            ),
            Step::DetachInterface(attachment) => ("DetachNetworkInterface", vec![("AttachmentId", text(attachment))]),
            Step::AllocateAddress => ("AllocateAddress", vec![("Domain", "vpc".into())]),
            Step::AssociateAddress { address, interface } => (
                "AssociateAddress",
                vec![
                    ("AllocationId", text(address)),
                    ("NetworkInterfaceId", text(interface)),
                    ("AllowReassociation", "false".into()),
                ],
            ),
            Step::DisassociateAddress(id) => ("DisassociateAddress", vec![("AssociationId", text(id))]),
            Step::ReleaseAddress(address) => ("ReleaseAddress", vec![("AllocationId", text(address))]),
            Step::Launch { subnet, group, count } => (
                "RunInstances",
                vec![
                    ("ImageId", image.to_owned()),
                    ("InstanceType", "t3.micro".into()),
                    ("MinCount", count.to_string()),
                    ("MaxCount", count.to_string()),
                    ("SubnetId", text(subnet)),
                    ("SecurityGroupId.1", text(group)),
                ],
            ),
            Step::Stop(instance) => ("StopInstances", vec![("InstanceId.1", text(instance))]),
            Step::Start(instance) => ("StartInstances", vec![("InstanceId.1", text(instance))]),
            Step::Terminate(instance) => ("TerminateInstances", vec![("InstanceId.1", text(instance))]),
            Step::CreateVolume => ("CreateVolume", vec![("AvailabilityZone", ZONE.into()), ("Size", "1".into())]),
            Step::AttachVolume { volume, instance } => (
                "AttachVolume",
                vec![("VolumeId", text(volume)), ("InstanceId", text(instance)), ("Device", "/dev/sdf".into())],
            ),
            Step::DetachVolume(volume) => ("DetachVolume", vec![("VolumeId", text(volume))]),
            Step::DeleteVolume(volume) => ("DeleteVolume", vec![("VolumeId", text(volume))]),
        }
    }
}

/// Port 80 from a group.
fn permission(group: &Id, from: &Id) -> Vec<(&'static str, String)> {
    vec![
        ("GroupId", group.clone()),
        ("IpPermissions.1.IpProtocol", "tcp".into()),
        ("IpPermissions.1.FromPort", "80".into()),
        ("IpPermissions.1.ToPort", "80".into()),
        ("IpPermissions.1.Groups.1.GroupId", from.clone()),
    ]
}

fn everywhere(table: &Id) -> Vec<(&'static str, String)> {
    vec![("RouteTableId", table.clone()), ("DestinationCidrBlock", "0.0.0.0/0".into())]
}
