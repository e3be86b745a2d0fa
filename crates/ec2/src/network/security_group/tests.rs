//! Groups and their rules.

use service::check::ResourceTags;
use service::prelude::*;

use super::change::*;
use super::create::*;
use super::describe::*;
use super::describe_rules::*;
use super::modify::*;
use super::permission::*;
use super::*;
use crate::network::interface;
use crate::network::subnet;
use crate::network::vpc::{self, Vpc};
use crate::tags::TagSpecification;
use crate::tests::{filters, knows_filters, later, list, refusal, refused, start, with_quotas};

fn new_group(cx: &Cx, tx: &mut Tx, name: &str) -> String {
    let input = CreateSecurityGroup { group_name: name.into(), description: "for tests".into(), ..Default::default() };
    create(cx, tx, &input).unwrap().group_id
}

/// A second VPC, which is not the default one.
fn other_vpc(cx: &Cx, tx: &mut Tx) -> String {
    let default = vpc::default_of(tx, cx.account(), cx.region_name()).unwrap();
    let other = Vpc { id: "vpc-00000000000000001".into(), is_default: false, ..(*default).clone() };
    tx.put(other);
    "vpc-00000000000000001".into()
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

#[test]
fn rules_that_are_there_already() {
    let (cx, mut tx) = start();
    let group = new_group(&cx, &mut tx, "web");
    let peer = new_group(&later(&cx, 1), &mut tx, "peer");
    let cases = [
        (tcp(22, 22, "0.0.0.0/0"), "peer: 0.0.0.0/0, TCP, from port: 22, to port: 22, ALLOW".to_owned()),
        (
            IpPermission { ip_protocol: Some("-1".into()), ..tcp(0, 0, "10.0.0.0/8") },
            "peer: 10.0.0.0/8, ALL, ALLOW".to_owned(),
        ),
        (
            IpPermission { ip_protocol: Some("50".into()), ..tcp(0, 0, "10.0.0.0/8") },
            "peer: 10.0.0.0/8, protocol: 50, ALLOW".to_owned(),
        ),
        (
            IpPermission {
                ip_ranges: Vec::new(),
                user_id_group_pairs: vec![GroupPair { group_id: Some(peer.clone()), ..GroupPair::default() }],
                ..tcp(80, 81, "")
            },
            format!("peer: {peer}, TCP, from port: 80, to port: 81, ALLOW"),
        ),
    ];
    for (permission, text) in cases {
        allow_in(&cx, &mut tx, &group, vec![permission.clone()]).unwrap();
        let twice = refusal(allow_in(&cx, &mut tx, &group, vec![permission]));
        let message = format!("the specified rule \"{text}\" already exists");
        assert_eq!(twice, refused("InvalidPermission.Duplicate", &message));
    }
    assert_eq!(seen(&cx, &tx, &group).ip_permissions.len(), 4);
}

#[test]
fn rules_are_kept_in_one_form() {
    let (cx, mut tx) = start();
    let group = new_group(&cx, &mut tx, "web");
    let numbered = IpPermission { ip_protocol: Some("6".into()), ..tcp(443, 443, "10.1.2.3/8") };
    let added = allow_in(&cx, &mut tx, &group, vec![numbered]).unwrap().security_group_rules;
    assert_eq!((added[0].ip_protocol.as_str(), added[0].cidr_ipv4.as_deref()), ("tcp", Some("10.0.0.0/8")));
    assert!(added[0].security_group_rule_arn.ends_with(&added[0].security_group_rule_id));
    let twice = allow_in(&cx, &mut tx, &group, vec![tcp(443, 443, "10.0.0.0/8")]);
    assert_eq!(refusal(twice).0, "InvalidPermission.Duplicate");
    let in_one = vec![tcp(80, 80, "10.1.0.0/8"), tcp(80, 80, "10.0.0.0/8")];
    assert_eq!(
        refusal(allow_in(&cx, &mut tx, &group, in_one)),
        refused("InvalidParameterValue", "The same permission must not appear multiple times")
    );
    let ping = IpPermission {
        ip_protocol: Some("icmp".into()),
        from_port: Some(8),
        to_port: Some(-1),
        ..tcp(0, 0, "0.0.0.0/0")
    };
    let added = allow_in(&cx, &mut tx, &group, vec![ping]).unwrap().security_group_rules;
    assert_eq!((added[0].from_port, added[0].to_port), (8, -1));
}

#[test]
fn rules_that_make_no_sense() {
    let (cx, mut tx) = start();
    let group = new_group(&cx, &mut tx, "web");
    let no_ports = IpPermission { from_port: None, to_port: None, ..tcp(0, 0, "0.0.0.0/0") };
    let no_protocol = IpPermission { ip_protocol: None, ..tcp(0, 0, "0.0.0.0/0") };
    let unknown = IpPermission { ip_protocol: Some("smoke".into()), ..tcp(0, 0, "0.0.0.0/0") };
    let list = PrefixList { prefix_list_id: Some("pl-1".into()), description: None };
    let listed = IpPermission { prefix_list_ids: vec![list], ..tcp(1, 1, "0.0.0.0/0") };
    let pair =
        |pair: GroupPair| IpPermission { user_id_group_pairs: vec![pair], ip_ranges: Vec::new(), ..tcp(1, 1, "") };
    let missing = GroupPair { group_id: Some("sg-0123456789abcdef0".into()), ..GroupPair::default() };
    let value = "InvalidParameterValue";
    let cases = [
        (tcp(22, 22, "10.0.0.0/33"), value, "CIDR block 10.0.0.0/33 is malformed"),
        (tcp(22, 22, "10.0.0.1"), value, "CIDR block 10.0.0.1 is malformed"),
        (tcp(90, 80, "0.0.0.0/0"), value, "Invalid TCP/UDP port range (90:80)"),
        (no_ports, value, "Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange."),
        (unknown, value, "Invalid value 'smoke' for IP protocol. Unknown protocol."),
        (no_protocol, "MissingParameter", "The request must contain the parameter ipProtocol"),
        (pair(GroupPair::default()), "MissingParameter", "Source group ID missing."),
        (pair(missing), "InvalidGroup.NotFound", "The security group 'sg-0123456789abcdef0' does not exist"),
        (listed, "InvalidPrefixListID.NotFound", "The prefix list ID 'pl-1' does not exist"),
        (IpPermission::default(), "MissingParameter", "The request must contain the parameter ipProtocol"),
    ];
    for (permission, code, text) in cases {
        assert_eq!(
            refusal(allow_in(&cx, &mut tx, &group, vec![permission.clone()])),
            refused(code, text),
            "{permission:?}"
        );
    }
    assert_eq!(refusal(allow_in(&cx, &mut tx, &group, Vec::new())).0, "MissingParameter");
    assert!(seen(&cx, &tx, &group).ip_permissions.is_empty());
}

#[test]
fn flat_parameters_name_one_rule() {
    let (cx, mut tx) = start();
    let group = new_group(&cx, &mut tx, "web");
    let input = AuthorizeIngress {
        group_name: Some("web".into()),
        ip_protocol: Some("tcp".into()),
        from_port: Some(22),
        to_port: Some(22),
        cidr_ip: Some("10.0.0.0/8".into()),
        ..Default::default()
    };
    authorize_ingress(&later(&cx, 1), &mut tx, &input).unwrap();
    assert_eq!(seen(&cx, &tx, &group).ip_permissions, [tcp(22, 22, "10.0.0.0/8")]);
    let by_source = AuthorizeIngress {
        group_id: Some(group.clone()),
        source_security_group_name: Some("default".into()),
        ..Default::default()
    };
    authorize_ingress(&later(&cx, 2), &mut tx, &by_source).unwrap();
    let protocols: Vec<_> =
        seen(&cx, &tx, &group).ip_permissions.iter().map(|it| it.ip_protocol.clone().unwrap()).collect();
    assert_eq!(protocols, ["icmp", "tcp", "tcp", "udp"]);
}

/// Terraform takes away the rule a group is made with, and then one it never had.
#[test]
fn revoking_as_terraform_does() {
    let (cx, mut tx) = start();
    let vpc_id = other_vpc(&cx, &mut tx);
    let input = CreateSecurityGroup {
        group_name: "web".into(),
        description: "x".into(),
        vpc_id: Some(vpc_id),
        ..Default::default()
    };
    let group = create(&cx, &mut tx, &input).unwrap().group_id;
    let all = |range: Option<&str>, range6: Option<&str>| RevokeEgress {
        group_id: group.clone(),
        ip_permissions: vec![IpPermission {
            ip_protocol: Some("-1".into()),
            from_port: Some(0),
            to_port: Some(0),
            ip_ranges: range
                .map(|cidr| IpRange { cidr_ip: Some(cidr.into()), description: None })
                .into_iter()
                .collect(),
            ipv6_ranges: range6
                .map(|cidr| Ipv6Range { cidr_ipv6: Some(cidr.into()), description: None })
                .into_iter()
                .collect(),
            ..IpPermission::default()
        }],
        ..Default::default()
    };
    let revoked = revoke_egress(&cx, &mut tx, &all(Some("0.0.0.0/0"), None)).unwrap();
    assert_eq!(revoked.revoked_security_group_rules[0].cidr_ipv4.as_deref(), Some("0.0.0.0/0"));
    assert_eq!(revoked.unknown_ip_permissions, None);
    assert!(seen(&cx, &tx, &group).ip_permissions_egress.is_empty());
    let again = revoke_egress(&cx, &mut tx, &all(None, Some("::/0")));
    let text = "The specified rule does not exist in this security group.";
    assert_eq!(refusal(again), refused("InvalidPermission.NotFound", text));
}

#[test]
fn in_the_default_vpc_what_is_unknown_is_told() {
    let (cx, mut tx) = start();
    let group = new_group(&cx, &mut tx, "web");
    allow_in(&cx, &mut tx, &group, vec![tcp(80, 80, "10.0.0.0/8")]).unwrap();
    let input = RevokeIngress {
        group_id: Some(group.clone()),
        ip_permissions: vec![tcp(80, 80, "10.0.0.0/8"), tcp(81, 81, "10.0.0.0/8")],
        ..Default::default()
    };
    let revoked = revoke_ingress(&cx, &mut tx, &input).unwrap();
    assert_eq!(revoked.revoked_security_group_rules.len(), 1);
    assert_eq!(revoked.unknown_ip_permissions, Some(vec![tcp(81, 81, "10.0.0.0/8")]));
    assert!(seen(&cx, &tx, &group).ip_permissions.is_empty());
}

#[test]
fn rules_by_id() {
    let (cx, mut tx) = start();
    let group = new_group(&cx, &mut tx, "web");
    let added = allow_in(&cx, &mut tx, &group, vec![tcp(80, 80, "10.0.0.0/8"), tcp(81, 81, "10.0.0.0/8")]).unwrap();
    let ids: Vec<_> = added.security_group_rules.iter().map(|rule| rule.security_group_rule_id.clone()).collect();
    let input = |ids: &[String]| RevokeIngress {
        group_id: Some(group.clone()),
        security_group_rule_ids: ids.to_vec(),
        ..Default::default()
    };
    let unknown = "sgr-0123456789abcdef0".to_owned();
    let refusal = refusal(revoke_ingress(&cx, &mut tx, &input(&[ids[0].clone(), unknown])));
    let text = "The security group rule ID 'sgr-0123456789abcdef0' does not exist";
    assert_eq!(refusal, refused("InvalidSecurityGroupRuleId.NotFound", text));
    assert_eq!(seen(&cx, &tx, &group).ip_permissions.len(), 2, "nothing is revoked");
    revoke_ingress(&cx, &mut tx, &input(&ids[..1])).unwrap();
    assert_eq!(seen(&cx, &tx, &group).ip_permissions, [tcp(81, 81, "10.0.0.0/8")]);
}

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
fn rules_get_another_content() {
    let (cx, mut tx) = start();
    let group = new_group(&cx, &mut tx, "web");
    let added = allow_in(&cx, &mut tx, &group, vec![tcp(80, 80, "10.0.0.0/8"), tcp(81, 81, "10.0.0.0/8")]).unwrap();
    let id = added.security_group_rules[0].security_group_rule_id.clone();
    let change = |content: Content| ModifySecurityGroupRules {
        group_id: group.clone(),
        security_group_rules: vec![Update { security_group_rule_id: id.clone(), security_group_rule: Some(content) }],
        dry_run: None,
    };
    let content = Content {
        ip_protocol: Some("udp".into()),
        from_port: Some(53),
        to_port: Some(53),
        cidr_ipv6: Some("2001:db8::1/32".into()),
        description: Some("names".into()),
        ..Content::default()
    };
    modify::modify(&cx, &mut tx, &change(content.clone())).unwrap();
    let input = DescribeSecurityGroupRules { security_group_rule_ids: list(&[&id]), ..Default::default() };
    let rule = describe_rules::describe(&cx, &tx, &input).unwrap().security_group_rules.remove(0);
    assert_eq!(
        (rule.ip_protocol.as_str(), rule.cidr_ipv6.as_deref(), rule.is_egress),
        ("udp", Some("2001:db8::/32"), false)
    );
    assert_eq!((rule.cidr_ipv4, rule.description.as_deref()), (None, Some("names")));

    let as_another = Content {
        ip_protocol: Some("tcp".into()),
        from_port: Some(81),
        to_port: Some(81),
        cidr_ipv4: Some("10.0.0.0/8".into()),
        ..Content::default()
    };
    assert_eq!(refusal(modify::modify(&cx, &mut tx, &change(as_another.clone()))).0, "InvalidPermission.Duplicate");
    let two_peers = Content { cidr_ipv6: Some("::/0".into()), ..as_another };
    assert_eq!(refusal(modify::modify(&cx, &mut tx, &change(two_peers))).0, "InvalidParameterCombination");
    let checks = to_modify(&cx, &tx, &change(content));
    let resources: Vec<_> = checks.iter().map(|check| check.resource.rsplit(':').next().unwrap().to_owned()).collect();
    assert_eq!(resources, [format!("security-group/{group}"), format!("security-group-rule/{id}")]);
}

#[test]
fn descriptions_change_by_rule_or_id() {
    let (cx, mut tx) = start();
    let group = new_group(&cx, &mut tx, "web");
    let added = allow_in(&cx, &mut tx, &group, vec![tcp(80, 80, "10.0.0.0/8")]).unwrap();
    let id = added.security_group_rules[0].security_group_rule_id.clone();
    let described = |tx: &Tx| seen(&cx, tx, &group).ip_permissions[0].ip_ranges[0].description.clone();
    let mut permission = tcp(80, 80, "10.0.0.0/8");
    permission.ip_ranges[0].description = Some("office".into());
    let by_rule = |permission| UpdateDescriptions {
        group_id: Some(group.clone()),
        ip_permissions: vec![permission],
        ..Default::default()
    };
    describe_ingress(&cx, &mut tx, &by_rule(permission)).unwrap();
    assert_eq!(described(&tx).as_deref(), Some("office"));
    assert_eq!(
        refusal(describe_ingress(&cx, &mut tx, &by_rule(tcp(1, 1, "0.0.0.0/0")))).0,
        "InvalidPermission.NotFound"
    );

    let by_id = |description: Option<&str>| UpdateDescriptions {
        group_id: Some(group.clone()),
        security_group_rule_descriptions: vec![RuleDescription {
            security_group_rule_id: Some(id.clone()),
            description: description.map(str::to_owned),
        }],
        ..Default::default()
    };
    assert_eq!(refusal(describe_egress(&cx, &mut tx, &by_id(Some("x")))).0, "InvalidSecurityGroupRuleId.NotFound");
    assert_eq!(refusal(describe_ingress(&cx, &mut tx, &by_id(Some("<x>")))).0, "InvalidParameterValue");
    describe_ingress(&cx, &mut tx, &by_id(Some("home"))).unwrap();
    assert_eq!(described(&tx).as_deref(), Some("home"));
    describe_ingress(&cx, &mut tx, &by_id(None)).unwrap();
    assert_eq!(described(&tx), None);
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
        assert_eq!(found(name, value), [group.clone()], "{name}");
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
fn adjustable_quotas_count_on_request_only() {
    let (cx, mut tx) = start();
    let group = new_group(&cx, &mut tx, "web");
    let many: Vec<_> = (1..=60).map(|port| tcp(port, port, "10.0.0.0/8")).collect();
    allow_in(&with_quotas(&cx), &mut tx, &group, many).unwrap();
    let one_more = vec![tcp(61, 61, "10.0.0.0/8")];
    let text = "The maximum number of rules per security group has been reached.";
    let held = refusal(allow_in(&with_quotas(&cx), &mut tx, &group, one_more.clone()));
    assert_eq!(held, refused("RulesPerSecurityGroupLimitExceeded", text));
    allow_in(&cx, &mut tx, &group, one_more).unwrap();
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
