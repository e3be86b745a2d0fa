use super::*;

#[test]
fn counts() {
    for (service, actions_at_least, resources_at_least, keys_at_least) in
        [("iam", 187, 14, 20), ("sts", 16, 5, 57), ("ec2", 800, 110, 140), ("ssm", 150, 15, 15)]
    {
        let facts = facts_of(service).unwrap();
        assert!(facts.actions.len() >= actions_at_least, "{service}: {} actions", facts.actions.len());
        assert!(facts.resources.len() >= resources_at_least, "{service}: {} resources", facts.resources.len());
        assert!(facts.condition_keys.len() >= keys_at_least, "{service}: {} keys", facts.condition_keys.len());
    }
    assert!(facts_of("s3").is_none() && actions("s3").next().is_none());
    assert!(global_keys().count() >= 50);
    assert!(global_keys().is_sorted());
}

#[test]
fn every_resource_of_an_action_is_known() {
    for service in ["iam", "sts", "ec2"] {
        for action in actions(service) {
            for kind in &action.resources {
                // Resources of other services: Elastic Graphics, Resource Groups, License Manager and so on.
                let elsewhere = matches!(kind.name.as_str(), "group" | "license-configuration" | "elastic-inference");
                assert!(
                    elsewhere || resource(service, &kind.name).is_some(),
                    "{service}:{} on {}",
                    action.name,
                    kind.name
                );
            }
        }
    }
}

#[test]
fn every_key_has_a_type() {
    for service in ["iam", "sts", "ec2"] {
        for action in actions(service) {
            for key in action.keys.iter().chain(action.resources.iter().flat_map(|kind| &kind.keys)) {
                assert!(key_type(service, key).is_some(), "{service}:{} has {key}", action.name);
            }
        }
    }
}

#[test]
fn run_instances() {
    let facts = action("ec2", "runinstances").unwrap();
    assert_eq!((facts.name.as_str(), facts.access.as_str()), ("RunInstances", "Write"));
    let mut required: Vec<&str> =
        facts.resources.iter().filter(|kind| kind.required).map(|kind| kind.name.as_str()).collect();
    required.sort_unstable();
    assert_eq!(required, ["image", "instance", "network-interface", "security-group", "subnet"]);
    assert!(facts.dependents.iter().any(|name| name == "iam:PassRole"), "{:?}", facts.dependents);
    assert_eq!(facts.scenarios.len(), 6);
    let of = |name: &str, key: &str| {
        let kind = facts.resources.iter().find(|kind| kind.name == name).unwrap();
        kind.keys.iter().any(|it| it == key)
    };
    assert!(of("instance", "ec2:MetadataHttpTokens") && !of("subnet", "ec2:MetadataHttpTokens"));
}

#[test]
fn wildcard_only() {
    assert!(action("sts", "GetCallerIdentity").unwrap().wildcard_only());
    assert!(!action("iam", "GetRole").unwrap().wildcard_only());
    assert!(action("iam", "GetLunch").is_none());
}

#[test]
fn arns_and_key_types() {
    assert_eq!(
        resource("ec2", "instance").unwrap().arn,
        "arn:${Partition}:ec2:${Region}:${Account}:instance/${InstanceId}"
    );
    assert_eq!(key_type("ec2", "ec2:InstanceType"), Some("String"));
    assert_eq!(key_type("iam", "iam:PassedToService"), Some("String"));
    assert_eq!(key_type("iam", "aws:MultiFactorAuthPresent"), Some("Bool"));
    assert_eq!(key_type("iam", "ec2:InstanceType"), None);
    assert!(has_resource_control_policies("sts") && !has_resource_control_policies("ec2"));
}

#[test]
fn statuses_of_ec2_codes() {
    for (code, status) in [
        ("AuthFailure", Some(401)),
        ("UnauthorizedOperation", Some(403)),
        ("DryRunOperation", Some(412)),
        ("InsufficientInstanceCapacity", Some(500)),
        ("InternalError", Some(500)),
        ("RequestLimitExceeded", Some(503)),
        ("InvalidInstanceID.NotFound", Some(400)),
        ("NoSuchCode", None),
    ] {
        assert_eq!(ec2_error_status(code), status, "{code}");
    }
}

#[test]
fn filters_of_ec2_operations() {
    let names = ec2_filters("DescribeVpcs").unwrap();
    assert!(names.is_sorted());
    for name in ["cidr", "is-default", "state", "tag:<key>", "tag-key", "vpc-id"] {
        assert!(names.iter().any(|known| known == name), "{name}");
    }
    // Values that are listed under a filter are no filters.
    let names = ec2_filters("DescribeCapacityReservations").unwrap();
    assert!(names.iter().any(|name| name == "tenancy") && names.iter().all(|name| name != "dedicated"));
    assert!(ec2_filters("RunInstances").is_none());
}
