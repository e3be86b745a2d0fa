//! Launch templates through their handlers, and what launches take from them.

use serde_json::json;
use service::prelude::*;

use super::change::{DeleteLaunchTemplateVersions, ModifyLaunchTemplate};
use super::create::{CreateLaunchTemplate, CreateLaunchTemplateVersion};
use super::data::Data;
use super::describe::DescribeLaunchTemplates;
use super::versions::DescribeLaunchTemplateVersions;
use super::*;
use crate::instance::run::input::{LaunchTemplateSpecification, RunInstances};
use crate::instance::tests::{described, image, launch};
use crate::tests::{knows_filters, refusal, refused, start};

fn data(value: serde_json::Value) -> Data {
    serde_json::from_value(value).unwrap()
}

fn template(cx: &Cx, tx: &mut Tx, value: serde_json::Value) -> String {
    let input = CreateLaunchTemplate {
        launch_template_name: "web".into(),
        launch_template_data: data(value),
        ..Default::default()
    };
    create::check(cx, tx, &input).unwrap();
    create::create(cx, tx, &input).unwrap().launch_template.launch_template_id
}

fn by(id: &str) -> RunInstances {
    let launch_template =
        Some(LaunchTemplateSpecification { launch_template_id: Some(id.into()), ..Default::default() });
    RunInstances { min_count: 1, max_count: 1, launch_template, ..RunInstances::default() }
}

/// The names of a request's data stand in the answer's, however deep, so what was stored can be written.
#[test]
fn answers_have_the_members_of_requests() {
    fn compare(model: &wire::Model, asked: wire::ShapeId, told: wire::ShapeId, path: &str) {
        match (&model.shape(asked).kind, &model.shape(told).kind) {
            (wire::Kind::Structure(asked), wire::Kind::Structure(told)) => {
                for member in &asked.members {
                    let path = format!("{path}.{}", member.name);
                    let (_, same) = told.by_name(&member.name).unwrap_or_else(|| panic!("no {path}"));
                    compare(model, member.shape, same.shape, &path);
                }
            }
            (wire::Kind::List(asked), wire::Kind::List(told)) => compare(model, asked.member, told.member, path),
            (asked, told) => {
                assert_eq!(std::mem::discriminant(asked), std::mem::discriminant(told), "{path}");
            }
        }
    }
    let model = wire::model(service::Service::Ec2);
    let shape = |operation: &str, output: bool| {
        let operation = model.operation(operation).unwrap();
        let shape = if output { operation.output } else { operation.input };
        model.structure(shape.unwrap()).unwrap().by_name("LaunchTemplateData").unwrap().1.shape
    };
    compare(model, shape("CreateLaunchTemplate", false), shape("GetLaunchTemplateData", true), "");
}

#[test]
fn a_launch_reads_what_the_template_says() {
    let template = data(json!({
        "ImageId": "ami-1",
        "InstanceType": "t3.micro",
        "Placement": {"AvailabilityZone": "us-east-1a", "Tenancy": "dedicated"},
        "MetadataOptions": {"HttpTokens": "required", "HttpPutResponseHopLimit": 3},
        "PrivateDnsNameOptions": {"EnableResourceNameDnsAAAARecord": true},
        "IamInstanceProfile": {"Arn": "arn:aws:iam::123456789012:instance-profile/web"},
        "BlockDeviceMappings": [{"DeviceName": "/dev/sdf", "Ebs": {"SnapshotId": "snap-1", "VolumeSize": 5}}],
        "SecurityGroupIds": ["sg-1", "sg-2"],
        "TagSpecifications": [{"ResourceType": "instance", "Tags": [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]}],
        "KernelId": "aki-1",
    }));
    let request: RunInstances = serde_json::from_value(json!({
        "min_count": 1, "max_count": 2, "instance_type": "t3.small",
        "placement": {"availability_zone": "us-east-1b"},
        "metadata_options": {"http_tokens": "optional"},
        "iam_instance_profile": {"name": "other"},
        "block_device_mappings": [{"device_name": "/dev/sdf", "ebs": {"iops": 4000}}],
        "security_group_ids": ["sg-3"],
        "tag_specifications": [
            {"resource_type": "instance", "tags": [{"key": "b", "value": "3"}]},
            {"resource_type": "volume", "tags": [{"key": "c", "value": "4"}]},
        ],
    }))
    .unwrap();
    let wish = template.launch(&request).unwrap();
    assert_eq!((wish.image_id.as_deref(), wish.instance_type.as_deref()), (Some("ami-1"), Some("t3.small")));
    assert_eq!((wish.min_count, wish.max_count), (1, 2));
    let placement = wish.placement.unwrap();
    assert_eq!(placement.availability_zone.as_deref(), Some("us-east-1b"));
    assert_eq!(placement.tenancy.as_deref(), Some("dedicated"));
    let metadata = wish.metadata_options.unwrap();
    assert_eq!((metadata.http_tokens.as_deref(), metadata.http_put_response_hop_limit), (Some("optional"), Some(3)));
    assert_eq!(wish.private_dns_name_options.unwrap().enable_resource_name_dns_aaaa_record, Some(true));
    let profile = wish.iam_instance_profile.unwrap();
    assert_eq!((profile.name.as_deref(), profile.arn), (Some("other"), None), "a profile is named in one way");
    assert_eq!(wish.block_device_mappings.len(), 2);
    assert_eq!(wish.security_group_ids, ["sg-3"]);
    let tags = |kind: usize| wish.tag_specifications[kind].tags.clone();
    assert_eq!(tags(0), [Tag::new("a", "1"), Tag::new("b", "3")]);
    assert_eq!(tags(1), [Tag::new("c", "4")]);
}

#[test]
fn instances_say_what_they_were_launched_by() {
    let (cx, mut tx) = start();
    let id = template(
        &cx,
        &mut tx,
        json!({
            "ImageId": image(&cx, "al2023-ami-2023", "x86_64"),
            "InstanceType": "t3.small",
            "DisableApiTermination": true,
            "BlockDeviceMappings": [{"DeviceName": "/dev/sdf", "Ebs": {"VolumeSize": 5, "VolumeType": "gp3"}}],
            "TagSpecifications": [{"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": "web"}]}],
        }),
    );
    let launched = launch(&cx, &mut tx, &by(&id)).instances[0].instance_id.clone();
    let seen = described(&crate::tests::later(&cx, 60), &tx, &launched);
    assert_eq!(seen.instance_type, "t3.small");
    let tags = seen.tags.unwrap();
    let expected = [
        Tag::new("Name", "web"),
        Tag::new("aws:ec2launchtemplate:id", id.as_str()),
        Tag::new("aws:ec2launchtemplate:version", "1"),
    ];
    assert_eq!(tags, expected);
    let size = |device: &str| {
        let volumes = crate::volume::of_instance(&tx, cx.account(), cx.region_name(), &launched);
        volumes.iter().find(|it| it.attachment.as_ref().unwrap().device == device).unwrap().size
    };
    assert_eq!(size("/dev/sdf"), 5);
    let got = of_instance::get(&cx, &tx, &of_instance::GetLaunchTemplateData { instance_id: launched, dry_run: None });
    let got = got.unwrap().launch_template_data;
    assert_eq!(got.text(&["InstanceType"]), Some("t3.small"));
    assert_eq!(got.get(&["DisableApiTermination"]), Some(&json!(true)));
    assert_eq!(got.list("TagSpecifications")[0]["Tags"], json!([{"Key": "Name", "Value": "web"}]));
    let other = RunInstances { min_count: 1, max_count: 1, ..RunInstances::default() };
    let again = got.launch(&other).unwrap();
    assert_eq!(again.block_device_mappings.len(), 2, "what was read is a launch again");
}

#[test]
fn versions() {
    let (cx, mut tx) = start();
    let devices = json!([{"DeviceName": "/dev/sdf", "Ebs": {"SnapshotId": "snap-1", "VolumeSize": 5}}]);
    let first = json!({"InstanceType": "t3.small", "KeyName": "k", "BlockDeviceMappings": devices});
    let id = template(&cx, &mut tx, first);
    let version = |tx: &mut Tx, source: Option<&str>, value: serde_json::Value| {
        let input = CreateLaunchTemplateVersion {
            launch_template_id: Some(id.clone()),
            source_version: source.map(str::to_owned),
            launch_template_data: data(value),
            ..Default::default()
        };
        create::create_version(&cx, tx, &input).map(|it| it.launch_template_version)
    };
    let second = version(&mut tx, Some("1"), json!({"InstanceType": "t3.large"})).unwrap();
    let expected = json!({
        "InstanceType": "t3.large", "KeyName": "k",
        "BlockDeviceMappings": [{"DeviceName": "/dev/sdf", "Ebs": {"SnapshotId": "snap-1", "VolumeSize": 5}}],
    });
    assert_eq!((second.version_number, second.launch_template_data), (2, data(expected)));
    let third = version(&mut tx, None, json!({"ImageId": "ami-1"})).unwrap();
    assert_eq!((third.version_number, third.default_version), (3, false));
    assert_eq!(third.launch_template_data, data(json!({"ImageId": "ami-1"})));
    let missing = format!("Could not find the specified version 9 for the launch template with ID {id}.");
    let expected = refused("InvalidLaunchTemplateId.VersionNotFound", &missing);
    assert_eq!(refusal(version(&mut tx, Some("9"), json!({"ImageId": "ami-1"}))), expected);

    let numbers = |tx: &Tx, input: DescribeLaunchTemplateVersions| {
        let input = DescribeLaunchTemplateVersions { launch_template_id: Some(id.clone()), ..input };
        let found = versions::describe(&cx, tx, &input).unwrap().launch_template_versions;
        found.iter().map(|it| it.version_number).collect::<Vec<_>>()
    };
    let named = |texts: &[&str]| DescribeLaunchTemplateVersions {
        versions: Some(texts.iter().map(|text| (*text).to_owned()).collect()),
        ..Default::default()
    };
    assert_eq!(numbers(&tx, DescribeLaunchTemplateVersions::default()), [3, 2, 1]);
    assert_eq!(numbers(&tx, named(&["$Default", "$Latest", "3"])), [3, 3, 1]);
    let least = DescribeLaunchTemplateVersions { min_version: Some("2".into()), ..Default::default() };
    assert_eq!(numbers(&tx, least), [3, 2]);
    let modify = ModifyLaunchTemplate {
        launch_template_name: Some("web".into()),
        default_version: Some("2".into()),
        ..Default::default()
    };
    assert_eq!(change::modify(&cx, &mut tx, &modify).unwrap().launch_template.default_version_number, 2);
    let delete = DeleteLaunchTemplateVersions {
        launch_template_id: Some(id.clone()),
        versions: vec!["$Latest".into(), "7".into()],
        ..Default::default()
    };
    let with_default = DeleteLaunchTemplateVersions { versions: vec!["3".into(), "2".into()], ..delete.clone() };
    assert_eq!(
        refusal(change::delete_versions(&cx, &mut tx, &with_default)),
        refused(
            "InvalidParameterValue",
            "The default version cannot be deleted. Either specify another version as default or delete the launch template."
        )
    );
    let deleted = change::delete_versions(&cx, &mut tx, &delete).unwrap();
    let gone: Vec<_> =
        deleted.successfully_deleted_launch_template_versions.iter().map(|it| it.version_number).collect();
    assert_eq!(gone, [3]);
    let kept: Vec<_> = deleted
        .unsuccessfully_deleted_launch_template_versions
        .iter()
        .map(|it| (it.version_number, it.response_error.code))
        .collect();
    assert_eq!(kept, [(7, "launchTemplateVersionDoesNotExist")]);
    assert_eq!(numbers(&tx, named(&["$Latest"])), [2]);
    assert_eq!(version(&mut tx, None, json!({"ImageId": "ami-1"})).unwrap().version_number, 4, "no number comes twice");
}

#[test]
fn filters() {
    let (cx, mut tx) = start();
    let id =
        template(&cx, &mut tx, json!({"InstanceType": "t3.small", "NetworkInterfaces": [{"NetworkCardIndex": 1}]}));
    knows_filters("DescribeLaunchTemplates", |filters| {
        describe::describe(&cx, &tx, &DescribeLaunchTemplates { filters, ..Default::default() })
            .map(|it| it.launch_templates.len())
    });
    let versions = |filters| {
        let launch_template_id = Some(id.clone());
        let input = DescribeLaunchTemplateVersions { filters, launch_template_id, ..Default::default() };
        versions::describe(&cx, &tx, &input).map(|it| it.launch_template_versions.len())
    };
    knows_filters("DescribeLaunchTemplateVersions", versions);
    assert_eq!(
        versions(crate::tests::filters(&[("network-card-index", &["1"]), ("is-default-version", &["true"])])),
        Ok(1)
    );
}
