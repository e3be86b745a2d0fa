//! Rules: added, taken, altered, and refused.

use service::prelude::*;

use super::*;
use crate::tests::with_quotas;

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
        cidr_ipv4: Some("172.16.0.1/12".into()),
        description: Some("names".into()),
        ..Content::default()
    };
    modify::modify(&cx, &mut tx, &change(content.clone())).unwrap();
    let input = DescribeSecurityGroupRules { security_group_rule_ids: list(&[&id]), ..Default::default() };
    let rule = describe_rules::describe(&cx, &tx, &input).unwrap().security_group_rules.remove(0);
    assert_eq!(
        (rule.ip_protocol.as_str(), rule.cidr_ipv4.as_deref(), rule.is_egress),
        ("udp", Some("172.16.0.0/12"), false)
    );
    assert_eq!((rule.cidr_ipv6, rule.description.as_deref()), (None, Some("names")));

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
    update_ingress_descriptions(&cx, &mut tx, &by_rule(permission)).unwrap();
    assert_eq!(described(&tx).as_deref(), Some("office"));
    assert_eq!(
        refusal(update_ingress_descriptions(&cx, &mut tx, &by_rule(tcp(1, 1, "0.0.0.0/0")))).0,
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
    assert_eq!(
        refusal(update_egress_descriptions(&cx, &mut tx, &by_id(Some("x")))).0,
        "InvalidSecurityGroupRuleId.NotFound"
    );
    assert_eq!(refusal(update_ingress_descriptions(&cx, &mut tx, &by_id(Some("<x>")))).0, "InvalidParameterValue");
    update_ingress_descriptions(&cx, &mut tx, &by_id(Some("home"))).unwrap();
    assert_eq!(described(&tx).as_deref(), Some("home"));
    update_ingress_descriptions(&cx, &mut tx, &by_id(None)).unwrap();
    assert_eq!(described(&tx), None);
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
