//! Groups: made, found and removed. Their rules are in [`rules`].

use service::check::ResourceTags;
use service::prelude::*;

use super::change::*;
use super::create::*;
use super::describe::*;
use super::describe_rules::*;
use super::modify::*;
use super::permission::*;
use super::quota::ValidateQuotas;
use super::*;
use crate::network::interface;
use crate::network::subnet;
use crate::network::vpc;
use crate::tags::TagSpecification;
use crate::tests::{filters, knows_filters, later, list, refusal, refused, start, with_quotas};

mod rules;

fn new_group(cx: &Cx, tx: &mut Tx, name: &str) -> String {
    let input = CreateSecurityGroup { group_name: name.into(), description: "for tests".into(), ..Default::default() };
    create(cx, tx, &input).unwrap().group_id
}

/// A second VPC, which is not the default one.
fn other_vpc(cx: &Cx, tx: &mut Tx) -> String {
    let input = vpc::create::CreateVpc { cidr_block: Some("10.0.0.0/16".into()), ..Default::default() };
    vpc::create::create(cx, tx, &input).unwrap().vpc.vpc_id
}

fn seen(cx: &Cx, world: &World, id: &str) -> GroupOut {
    let input = DescribeSecurityGroups { group_ids: list(&[id]), ..Default::default() };
    describe::describe(cx, world, &input).unwrap().security_groups.remove(0)
}

fn tcp(from: i64, to: i64, cidr: &str) -> IpPermission {
    IpPermission {
        ip_protocol: Some("tcp".into()),
        from_port: Some(from),
        to_port: Some(to),
        ip_ranges: vec![IpRange { cidr_ip: Some(cidr.into()), description: None }],
        ..IpPermission::default()
    }
}

fn allow_in(cx: &Cx, tx: &mut Tx, id: &str, ip_permissions: Vec<IpPermission>) -> Result<Authorized, ApiError> {
    let input = AuthorizeIngress { group_id: Some(id.into()), ip_permissions, ..Default::default() };
    // As in the store, what a refused request did is dropped.
    let mut attempt = Tx::on(tx.at(cx.now));
    let authorized = authorize_ingress(&later(cx, 1), &mut attempt, &input);
    if authorized.is_ok() {
        *tx = attempt;
    }
    authorized
}

#[test]
fn a_new_group_lets_everything_out() {
    let (cx, mut tx) = start();
    let tags = TagSpecification { resource_type: Some("security-group".into()), tags: vec![Tag::new("Name", "web")] };
    let input = CreateSecurityGroup {
        group_name: "web".into(),
        description: "web servers".into(),
        tag_specifications: Some(vec![tags]),
        ..Default::default()
    };
    let created = create(&cx, &mut tx, &input).unwrap();
    assert_eq!(
        created.security_group_arn,
        format!("arn:aws:ec2:us-east-1:123456789012:security-group/{}", created.group_id)
    );
    let group = seen(&cx, &tx, &created.group_id);
    assert_eq!((group.group_name.as_str(), group.description.as_str()), ("web", "web servers"));
    assert_eq!(group.tags, Some(vec![Tag::new("Name", "web")]));
    assert!(group.ip_permissions.is_empty());
    let [out] = group.ip_permissions_egress.as_slice() else { panic!("{group:?}") };
    assert_eq!((out.ip_protocol.as_deref(), out.from_port, out.to_port), (Some("-1"), None, None));
    assert_eq!(out.ip_ranges[0].cidr_ip.as_deref(), Some("0.0.0.0/0"));
    let twice = refusal(create(&later(&cx, 1), &mut tx, &input));
    let text = format!("The security group 'web' already exists for VPC '{}'", group.vpc_id);
    assert_eq!(twice, refused("InvalidGroup.Duplicate", &text));
    let input = CreateSecurityGroup { group_name: "Web".into(), ..input };
    let text = format!("The security group 'Web' already exists for VPC '{}'", group.vpc_id);
    assert_eq!(refusal(create(&cx, &mut tx, &input)), refused("InvalidGroup.Duplicate", &text));
}

#[test]
fn the_default_group_lets_its_members_in_and_stays() {
    let (cx, mut tx) = start();
    let vpc = vpc::default_of(&tx, cx.account(), cx.region_name()).unwrap();
    let default = default_of_vpc(&tx, &cx, &vpc.id).unwrap();
    let group = seen(&cx, &tx, &default.id);
    assert_eq!(group.description, "default VPC security group");
    assert_eq!(group.ip_permissions[0].user_id_group_pairs[0].group_id.as_deref(), Some(default.id.as_str()));
    assert_eq!(group.ip_permissions[0].user_id_group_pairs[0].user_id.as_deref(), Some("123456789012"));
    let input = DeleteSecurityGroup { group_name: Some("default".into()), ..Default::default() };
    let text = format!("the specified group: \"{}\" name: \"default\" cannot be deleted by a user", default.id);
    assert_eq!(refusal(delete(&cx, &mut tx, &input)), refused("CannotDelete", &text));
}

#[test]
fn names_and_descriptions_that_are_refused() {
    let (cx, mut tx) = start();
    let mut ask = |name: &str, description: &str| {
        let input =
            CreateSecurityGroup { group_name: name.into(), description: description.into(), ..Default::default() };
        refusal(create(&cx, &mut tx, &input))
    };
    let invalid = |text: &str| refused("InvalidParameterValue", text);
    assert_eq!(ask("default", "x"), invalid("Cannot use reserved security group name: default"));
    assert_eq!(
        ask("sg-web", "x"),
        invalid("Value (sg-web) for parameter GroupName is invalid. Group names may not be in the format sg-*.")
    );
    assert_eq!(
        ask("wäb", "x"),
        invalid("Value (wäb) for parameter GroupName is invalid. Character sets beyond ASCII are not supported.")
    );
    assert_eq!(ask("web", "<x>").0, "InvalidParameterValue");
    assert_eq!(ask(&"x".repeat(256), "x").0, "InvalidParameterValue");
    assert_eq!(ask("web", ""), refused("MissingParameter", "The request must contain the parameter GroupDescription"));
    let missing = CreateSecurityGroup {
        group_name: "web".into(),
        description: "x".into(),
        vpc_id: Some("vpc-1".into()),
        ..Default::default()
    };
    assert_eq!(
        refusal(create(&cx, &mut tx, &missing)),
        refused("InvalidVpcID.NotFound", "The vpc ID 'vpc-1' does not exist")
    );
}

/// Terraform takes away the rule a group is made with, and then one it never had.
#[test]
fn a_group_in_use_stays() {
    let (cx, mut tx) = start();
    let group = new_group(&cx, &mut tx, "web");
    let peer = new_group(&later(&cx, 1), &mut tx, "peer");
    let pair = GroupPair { group_id: Some(group.clone()), ..GroupPair::default() };
    let permission = IpPermission { ip_ranges: Vec::new(), user_id_group_pairs: vec![pair], ..tcp(1, 1, "") };
    allow_in(&cx, &mut tx, &peer, vec![permission.clone()]).unwrap();
    // A group that names itself is no hindrance to itself.
    allow_in(&cx, &mut tx, &group, vec![permission]).unwrap();
    let delete_it =
        |tx: &mut Tx| delete(&cx, tx, &DeleteSecurityGroup { group_id: Some(group.clone()), ..Default::default() });
    let held = refused("DependencyViolation", &format!("resource {group} has a dependent object"));
    assert_eq!(refusal(delete_it(&mut tx)), held);
    delete(&cx, &mut tx, &DeleteSecurityGroup { group_id: Some(peer), ..Default::default() }).unwrap();

    let subnet = subnet::default_for(&tx, cx.account(), cx.region_name(), None).unwrap();
    let new = interface::NewInterface {
        subnet,
        groups: vec![group.clone()],
        address: None,
        secondary: Vec::new(),
        secondary_count: 0,
        description: String::new(),
        attachment: None,
        public_address: false,
        tags: Vec::new(),
    };
    let used = interface::create(&cx, &mut tx, new).unwrap();
    assert_eq!(refusal(delete_it(&mut tx)), held);
    interface::delete(&cx, &mut tx, &used.id).unwrap();
    delete_it(&mut tx).unwrap();
    assert!(look_up(&tx, &cx, &group).is_none());
    let rules = tx.scan::<SecurityGroupRule>(&[]).filter(|rule| rule.group_id == group).count();
    assert_eq!(rules, 0, "its rules go with it");
    let gone = refused("InvalidGroup.NotFound", &format!("The security group '{group}' does not exist"));
    assert_eq!(refusal(delete_it(&mut tx)), gone);
}

#[test]
fn groups_by_name_and_filter() {
    let (cx, mut tx) = start();
    let group = new_group(&cx, &mut tx, "web");
    let pair = GroupPair { group_name: Some("default".into()), ..GroupPair::default() };
    let ranges = vec![Ipv6Range { cidr_ipv6: Some("2001:db8::/32".into()), description: None }];
    let permission =
        IpPermission { user_id_group_pairs: vec![pair], ipv6_ranges: ranges, ..tcp(80, 443, "10.0.0.0/8") };
    allow_in(&cx, &mut tx, &group, vec![permission]).unwrap();
    let found = |name: &str, value: &str| -> Vec<String> {
        let input = DescribeSecurityGroups {
            filters: filters(&[(name, &[value]), ("group-name", &["web"])]),
            ..Default::default()
        };
        describe::describe(&cx, &tx, &input).unwrap().security_groups.into_iter().map(|it| it.group_id).collect()
    };
    for (name, value) in [
        ("ip-permission.cidr", "10.0.0.0/8"),
        ("ip-permission.from-port", "80"),
        ("ip-permission.to-port", "443"),
        ("ip-permission.group-name", "default"),
        ("ip-permission.ipv6-cidr", "2001:*"),
        ("ip-permission.protocol", "tcp"),
        ("ip-permission.user-id", "123456789012"),
        ("egress.ip-permission.cidr", "0.0.0.0/0"),
        ("description", "for *"),
    ] {
        assert_eq!(found(name, value), std::slice::from_ref(&group), "{name}");
    }
    assert!(found("ip-permission.cidr", "0.0.0.0/0").is_empty());
    let by_name = DescribeSecurityGroups { group_names: list(&["web", "default"]), ..Default::default() };
    assert_eq!(describe::describe(&cx, &tx, &by_name).unwrap().security_groups.len(), 2);
    let vpc = vpc::default_of(&tx, cx.account(), cx.region_name()).unwrap();
    let unknown = DescribeSecurityGroups { group_names: list(&["db"]), ..Default::default() };
    let text = format!("The security group 'db' does not exist in default VPC '{}'", vpc.id);
    assert_eq!(refusal(describe::describe(&cx, &tx, &unknown)), refused("InvalidGroup.NotFound", &text));
}

#[test]
fn documented_filters_are_known() {
    let (cx, tx) = start();
    knows_filters("DescribeSecurityGroups", |filters| {
        let input = DescribeSecurityGroups { filters, ..Default::default() };
        describe::describe(&cx, &tx, &input).map(|it| it.security_groups.len())
    });
    knows_filters("DescribeSecurityGroupRules", |filters| {
        let input = DescribeSecurityGroupRules { filters, ..Default::default() };
        describe_rules::describe(&cx, &tx, &input).map(|it| it.security_group_rules.len())
    });
}

#[test]
fn an_interface_can_be_in_so_many_groups() {
    let (cx, mut tx) = start();
    let groups: Vec<String> =
        (0..6).map(|number| new_group(&later(&cx, number), &mut tx, &format!("g{number}"))).collect();
    let ask = |cx: &Cx, tx: &Tx, groups: &[String]| {
        let input = ValidateQuotas { security_group_ids: groups.to_vec(), ..Default::default() };
        quota::validate(cx, tx, &input).map(|it| it.valid)
    };
    assert_eq!(ask(&cx, &tx, &groups), Ok(true));
    let limited = with_quotas(&cx);
    assert_eq!(ask(&limited, &tx, &groups[..5]), Ok(true));
    assert_eq!(refusal(ask(&limited, &tx, &groups)).0, "SecurityGroupsPerInterfaceLimitExceeded");
    let ports = (0..61).map(|port| tcp(port, port, "10.0.0.0/8")).collect();
    allow_in(&cx, &mut tx, &groups[0], ports).unwrap();
    assert_eq!(ask(&cx, &tx, &groups), Ok(true));
    assert_eq!(refusal(ask(&limited, &tx, &groups[..1])).0, "RulesPerSecurityGroupLimitExceeded");
    let vpc_id = Some(other_vpc(&cx, &mut tx));
    let elsewhere =
        CreateSecurityGroup { group_name: "far".into(), description: "x".into(), vpc_id, ..Default::default() };
    let far = create(&later(&cx, 9), &mut tx, &elsewhere).unwrap().group_id;
    let message = "You have specified two resources that belong to different networks.";
    assert_eq!(refusal(ask(&cx, &tx, &[groups[1].clone(), far])), refused("InvalidGroup.NotFound", message));
    let message = format!("The security group ID '{}' is specified more than once.", groups[1]);
    let twice = refusal(ask(&cx, &tx, &[groups[1].clone(), groups[1].clone()]));
    assert_eq!(twice, refused("InvalidParameterValue", &message));
}

#[test]
fn checks_at_creation() {
    let (cx, tx) = start();
    let tags = TagSpecification { resource_type: Some("security-group".into()), tags: vec![Tag::new("env", "test")] };
    let input = CreateSecurityGroup {
        group_name: "web".into(),
        description: "x".into(),
        tag_specifications: Some(vec![tags]),
        ..Default::default()
    };
    let checks = to_create(&cx, &tx, &input);
    let vpc = vpc::default_of(&tx, cx.account(), cx.region_name()).unwrap();
    let arn = |resource: &str| format!("arn:aws:ec2:us-east-1:123456789012:{resource}");
    let seen: Vec<_> = checks.iter().map(|check| (check.action.as_str(), check.resource.clone())).collect();
    assert_eq!(
        seen,
        [
            ("", arn("security-group/*")),
            ("", arn(&format!("vpc/{}", vpc.id))),
            ("ec2:CreateTags", arn("security-group/*")),
        ]
    );
    assert_eq!(checks[0].tags, ResourceTags::NotCreated);
    assert!(checks[0].keys.contains(&("aws:RequestTag/env".into(), vec!["test".into()])));
    assert!(checks[1].keys.contains(&("ec2:VpcID".into(), vec![vpc.id.clone()])));
    assert!(checks[2].keys.contains(&("ec2:CreateAction".into(), vec!["CreateSecurityGroup".into()])));
}
