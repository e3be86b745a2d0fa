//! What a launch must be allowed: which action on which resource, and what conditions can ask.

use service::check::{ResourceTags, Why};

use super::*;
use crate::instance::run::checks;
use crate::instance::run::input::*;
use crate::tags::TagSpecification;

fn key<'a>(check: &'a Check, name: &str) -> Option<&'a str> {
    check.keys.iter().find(|(known, _)| known == name).map(|(_, values)| values[0].as_str())
}

fn on<'a>(checks: &'a [Check], kind: &str) -> &'a Check {
    let found = checks.iter().find(|check| check.resource.contains(&format!(":{kind}/")));
    found.unwrap_or_else(|| panic!("no check on {kind}: {checks:?}"))
}

#[test]
fn a_plain_launch() {
    let (cx, tx) = start();
    let checks = checks::to_run(&cx, &tx, &wish(&cx));
    let kinds: Vec<_> =
        checks.iter().map(|check| check.resource.rsplit(':').next().unwrap().split('/').next().unwrap()).collect();
    assert_eq!(kinds, ["image", "instance", "network-interface", "security-group", "subnet", "volume"]);
    let ends: Vec<_> = checks.iter().map(|check| check.resource.ends_with("/*")).collect();
    assert_eq!(ends, [false, true, true, false, false, true], "what is to be made has no id yet");
    assert!(checks.iter().all(|check| check.action.is_empty() && check.why == Why::Primary));

    let image = on(&checks, "image");
    assert!(image.resource.starts_with("arn:aws:ec2:us-east-1::image/ami-"), "no account: {}", image.resource);
    assert_eq!((key(image, "ec2:Owner"), key(image, "ec2:Public")), (Some("amazon"), Some("true")));
    let instance = on(&checks, "instance");
    let facts = [
        ("ec2:InstanceType", "t3.micro"),
        ("ec2:Tenancy", "default"),
        ("ec2:RootDeviceType", "ebs"),
        ("ec2:MetadataHttpTokens", "required"),
        ("ec2:MetadataHttpPutResponseHopLimit", "2"),
        ("ec2:MetadataHttpEndpoint", "enabled"),
        ("ec2:EbsOptimized", "false"),
        ("ec2:IsLaunchTemplateResource", "false"),
    ];
    for (name, value) in facts {
        assert_eq!(key(instance, name), Some(value), "{name}");
    }
    assert_eq!(instance.tags, ResourceTags::NotCreated);
    assert_eq!(key(instance, "ec2:InstanceProfile"), None);
    let volume = on(&checks, "volume");
    assert_eq!((key(volume, "ec2:VolumeType"), key(volume, "ec2:Encrypted")), (Some("gp3"), Some("false")));
    assert_eq!(key(on(&checks, "network-interface"), "ec2:AssociatePublicIpAddress"), Some("true"));
}

#[test]
fn tags_and_roles_are_checked_besides() {
    let (cx, mut tx) = start();
    super::associations::profile(&cx, &mut tx, "web", true);
    let specification =
        TagSpecification { resource_type: Some("instance".into()), tags: vec![Tag::new("team", "blue")] };
    let input = RunInstances {
        iam_instance_profile: Some(ProfileSpecification { name: Some("web".into()), arn: None }),
        tag_specifications: vec![specification],
        key_name: Some("mine".into()),
        ..wish(&cx)
    };
    let checks = checks::to_run(&cx, &tx, &input);
    let instance = on(&checks, "instance");
    assert_eq!(key(instance, "aws:RequestTag/team"), Some("blue"));
    assert_eq!(key(instance, "ec2:InstanceProfile"), Some("arn:aws:iam::123456789012:instance-profile/web"));
    assert!(on(&checks, "key-pair").resource.ends_with(":key-pair/mine"));
    let tagging = checks.iter().find(|check| check.action == "ec2:CreateTags").unwrap();
    assert_eq!((key(tagging, "ec2:CreateAction"), tagging.why), (Some("RunInstances"), Why::TagOnCreate));
    assert_eq!(tagging.resource, "arn:aws:ec2:us-east-1:123456789012:instance/*");
    let pass = checks.last().unwrap();
    assert_eq!((pass.action.as_str(), pass.why), ("iam:PassRole", Why::Dependent));
    assert_eq!(pass.resource, "arn:aws:iam::123456789012:role/web");
    assert_eq!(key(pass, "iam:PassedToService"), Some("ec2.amazonaws.com"));
    assert!(pass.keys.iter().any(|(name, values)| {
        name.eq_ignore_ascii_case("iam:AssociatedResourceArn")
            && values[0] == "arn:aws:ec2:us-east-1:123456789012:instance/*"
    }));
}

#[test]
fn what_does_not_exist_is_checked_by_its_name() {
    let (cx, tx) = start();
    let input = RunInstances {
        image_id: Some("ami-0123456789abcdef0".into()),
        subnet_id: Some("subnet-0123456789abcdef0".into()),
        security_group_ids: vec!["sg-0123456789abcdef0".into()],
        ..wish(&cx)
    };
    let checks = checks::to_run(&cx, &tx, &input);
    for (kind, id) in [("image", "ami"), ("subnet", "subnet"), ("security-group", "sg")] {
        let check = on(&checks, kind);
        assert!(check.resource.ends_with(&format!(":{kind}/{id}-0123456789abcdef0")), "{}", check.resource);
        assert_eq!(check.tags, ResourceTags::Unknown);
    }
}

#[test]
fn every_instance_of_a_list_is_checked() {
    let (cx, mut tx) = start();
    let id = one(&cx, &mut tx);
    let ids = vec![id.clone(), "i-0123456789abcdef0".to_owned()];
    let checks = lifecycle::to_stop(&cx, &tx, &lifecycle::StopInstances { instance_ids: ids, ..Default::default() });
    assert_eq!(checks.len(), 2);
    assert_eq!(key(&checks[0], "ec2:InstanceType"), Some("t3.micro"));
    assert_eq!(checks[0].tags, ResourceTags::Known(Vec::new()));
    assert_eq!((checks[1].tags.clone(), key(&checks[1], "ec2:InstanceType")), (ResourceTags::Unknown, None));
    assert_eq!(checks[1].resource, "arn:aws:ec2:us-east-1:123456789012:instance/*");
    assert_eq!(key(&checks[1], "ec2:InstanceID"), None);
}

/// Listed keys that no check here can hold, with the reason.
const NEVER: &[(&str, &str)] = &[
    ("aws:RequestTag/${TagKey}", "present with tags only"),
    ("aws:TagKeys", "present with tags only"),
    ("aws:ResourceTag/${TagKey}", "made of the resource's tags by the service crate"),
    ("ec2:ResourceTag/${TagKey}", "made of the resource's tags by the service crate"),
    ("ec2:Attribute/${AttributeName}", "named after the attribute"),
    ("ec2:AuthorizedService", "no service is authorised for interfaces"),
    ("ec2:CpuOptionsAmdSevSnp", "present when asked for"),
    ("ec2:InstanceProfile", "present with a profile only"),
    ("ec2:KmsKeyId", "present with a key only"),
    ("ec2:LaunchTemplate", "present with a template only"),
    ("ec2:ManagedResourceOperator", "no service manages instances"),
    ("ec2:PlacementGroup", "present in a group only"),
    ("ec2:ProductCode", "no image of the catalogue has one"),
    ("ec2:VolumeInitializationRate", "not honoured"),
];

/// Keys of what has no id before it exists.
const NOT_YET: &[&str] = &["ec2:InstanceID", "ec2:NetworkInterfaceID", "ec2:VolumeID"];

fn holds_all_keys(operation: &str, checks: &[Check]) {
    let facts = service::facts::action("ec2", operation).unwrap();
    for listed in facts
        .resources
        .iter()
        .filter(|listed| listed.required || listed.name == "volume" && operation == "RunInstances")
    {
        let check = on(checks, &listed.name);
        for name in &listed.keys {
            let excused = NEVER.iter().any(|(never, _)| never == name);
            let not_yet = check.tags == ResourceTags::NotCreated && NOT_YET.contains(&name.as_str());
            assert!(excused || not_yet || key(check, name).is_some(), "{operation} on {} lacks {name}", listed.name);
        }
    }
}

#[test]
fn every_listed_key_is_there() {
    let (cx, mut tx) = start();
    super::associations::profile(&cx, &mut tx, "web", true);
    holds_all_keys("RunInstances", &checks::to_run(&cx, &tx, &wish(&cx)));
    let id = one(&cx, &mut tx);
    let list = vec![id.clone()];
    let stop = lifecycle::StopInstances { instance_ids: list, ..Default::default() };
    for operation in ["StartInstances", "StopInstances", "RebootInstances", "TerminateInstances", "MonitorInstances"] {
        holds_all_keys(operation, &lifecycle::to_stop(&cx, &tx, &stop));
    }
    let attribute = attribute::describe::DescribeInstanceAttribute { instance_id: id.clone(), ..Default::default() };
    holds_all_keys("DescribeInstanceAttribute", &attribute::describe::to_describe(&cx, &tx, &attribute));
    let change = attribute::modify::ModifyInstanceAttribute {
        instance_id: id.clone(),
        attribute: Some("ebsOptimized".into()),
        value: Some("true".into()),
        ..Default::default()
    };
    holds_all_keys("ModifyInstanceAttribute", &attribute::modify::to_modify(&cx, &tx, &change));
    let options = metadata_options::ModifyInstanceMetadataOptions {
        instance_id: id.clone(),
        http_tokens: Some("required".into()),
        ..Default::default()
    };
    holds_all_keys("ModifyInstanceMetadataOptions", &metadata_options::to_modify(&cx, &tx, &options));
    let profile = ProfileSpecification { name: Some("web".into()), arn: None };
    let input =
        association::AssociateIamInstanceProfile { iam_instance_profile: profile.clone(), instance_id: id.clone() };
    holds_all_keys("AssociateIamInstanceProfile", &association::to_associate(&cx, &tx, &input));
    let association_id =
        association::associate(&cx, &mut tx, &input).unwrap().iam_instance_profile_association.association_id;
    let input = association::DisassociateIamInstanceProfile { association_id: association_id.clone() };
    holds_all_keys("DisassociateIamInstanceProfile", &association::to_disassociate(&cx, &tx, &input));
    let input = association::ReplaceIamInstanceProfileAssociation { iam_instance_profile: profile, association_id };
    holds_all_keys("ReplaceIamInstanceProfileAssociation", &association::to_replace(&cx, &tx, &input));
}
