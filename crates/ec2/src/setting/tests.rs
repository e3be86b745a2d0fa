//! Settings through their handlers: what each changes in the work of others.

use service::prelude::*;

use super::allowed_images::{EnableAllowedImagesSettings, GetAllowedImagesSettings, ReplaceImageCriteria};
use super::credit::{GetDefaultCreditSpecification, ModifyDefaultCreditSpecification};
use super::criteria::{CreationDateCondition, Criterion, DeprecationTimeCondition};
use super::encryption::{EnableEbsEncryptionByDefault, GetEbsDefaultKmsKeyId, ModifyEbsDefaultKmsKeyId};
use super::id_format::{DescribeIdFormat, DescribePrincipalIdFormat, ModifyIdFormat, ModifyIdentityIdFormat};
use super::metadata_defaults::ModifyInstanceMetadataDefaults;
use super::*;
use crate::image::describe::DescribeImages;
use crate::image::tests::{of_account, with_image};
use crate::instance::run::input::{CreditWish, MetadataWish, RunInstances};
use crate::instance::tests::{image, launch, one, wish};
use crate::snapshot::Snapshot;
use crate::tests::{in_region, later, list, refusal, refused, start};
use crate::volume::create::CreateVolume;

#[test]
fn everything_new_is_encrypted_by_default() {
    let (cx, mut tx) = start();
    let before = one(&cx, &mut tx);
    encryption::enable(&cx, &mut tx, &EnableEbsEncryptionByDefault::default()).unwrap();
    let key = ModifyEbsDefaultKmsKeyId { kms_key_id: "alias/mine".into(), dry_run: None };
    let key = encryption::modify_key(&cx, &mut tx, &key).unwrap().kms_key_id;
    assert_eq!(key, "arn:aws:kms:us-east-1:123456789012:alias/mine");
    let cx = later(&cx, 60);
    let volumes = |tx: &Tx, id: &str| crate::volume::of_instance(tx, cx.account(), cx.region_name(), id);
    let after = one(&cx, &mut tx);
    assert!(!volumes(&tx, &before)[0].encrypted);
    let encrypted = |tx: &Tx| volumes(tx, &after)[0].clone();
    assert_eq!((encrypted(&tx).encrypted, encrypted(&tx).kms_key_id.as_deref()), (true, Some(key.as_str())));
    let input = CreateVolume {
        availability_zone: Some("us-east-1a".into()),
        size: Some(1),
        encrypted: Some(false),
        ..Default::default()
    };
    let made = crate::volume::create::create(&cx, &mut tx, &input).unwrap();
    assert_eq!((made.encrypted, made.kms_key_id), (true, Some(key)));
    let check = &crate::volume::create::to_create(&cx, &tx, &input)[0];
    assert!(check.keys.contains(&("ec2:Encrypted".into(), vec!["true".into()])), "{check:?}");
    let copy = crate::snapshot::copy::CopySnapshot {
        source_region: "us-east-1".into(),
        source_snapshot_id: volumes(&tx, &before)[0].snapshot_id.clone().unwrap(),
        ..Default::default()
    };
    let copied = crate::snapshot::copy::copy(&cx, &mut tx, &copy).unwrap().snapshot_id;
    assert!(crate::resource::get::<Snapshot>(&tx, &cx, &copied).unwrap().encrypted);
    let elsewhere = in_region(&cx, "eu-west-1");
    let held = encryption::get_key(&elsewhere, &tx, &GetEbsDefaultKmsKeyId::default()).unwrap().kms_key_id;
    assert_eq!(held, "alias/aws/ebs", "each region has its own");
}

#[test]
fn an_account_has_a_key_of_aws_in_each_region() {
    let (cx, mut tx) = start();
    let mut key = |cx: &Cx, second: i64, encrypted: bool| {
        let zone = cx.region.zones[0].name.clone();
        let input = CreateVolume {
            availability_zone: Some(zone),
            size: Some(1),
            encrypted: Some(encrypted),
            ..Default::default()
        };
        crate::volume::create::create(&later(cx, second), &mut tx, &input).unwrap().kms_key_id
    };
    let own = key(&cx, 0, true).unwrap();
    assert!(own.starts_with("arn:aws:kms:us-east-1:123456789012:key/"), "{own}");
    assert_eq!(key(&cx, 1, true), Some(own.clone()));
    assert_eq!(key(&cx, 2, false), None);
    assert_ne!(key(&in_region(&cx, "eu-west-1"), 3, true), Some(own));
}

#[test]
fn instances_start_with_the_accounts_metadata_options() {
    let (cx, mut tx) = start();
    let old = RunInstances { image_id: Some(image(&cx, "amzn2-ami-hvm", "x86_64")), ..wish(&cx) };
    let options = |cx: &Cx, tx: &mut Tx, input: &RunInstances| {
        let id = launch(cx, tx, input).instances[0].instance_id.clone();
        let found = crate::instance::find(cx, tx, &id).unwrap().metadata.clone();
        (found.http_tokens.word(), found.hop_limit, found.instance_metadata_tags)
    };
    assert_eq!(options(&cx, &mut tx, &old), ("optional", 1, false));
    let defaults = ModifyInstanceMetadataDefaults {
        http_tokens: Some("required".into()),
        http_put_response_hop_limit: Some(3),
        instance_metadata_tags: Some("enabled".into()),
        http_tokens_enforced: Some("enabled".into()),
        ..Default::default()
    };
    metadata_defaults::modify(&cx, &mut tx, &defaults).unwrap();
    let cx = later(&cx, 1);
    assert_eq!(options(&cx, &mut tx, &old), ("required", 3, true));
    let optional = MetadataWish { http_tokens: Some("optional".into()), ..Default::default() };
    let input = RunInstances { metadata_options: Some(optional), ..old.clone() };
    let refused = refusal(crate::instance::run::run(&cx, &mut tx, &input));
    assert_eq!(refused.0, "UnsupportedOperation");
    assert!(refused.1.starts_with("You can't launch instances with IMDSv1"), "{}", refused.1);
    let cleared = ModifyInstanceMetadataDefaults {
        http_tokens: Some("no-preference".into()),
        http_put_response_hop_limit: Some(-1),
        http_tokens_enforced: Some("no-preference".into()),
        ..Default::default()
    };
    metadata_defaults::modify(&cx, &mut tx, &cleared).unwrap();
    let cx = later(&cx, 1);
    assert_eq!(options(&cx, &mut tx, &old), ("optional", 1, true), "what was left out stays");
    assert_eq!(options(&later(&cx, 1), &mut tx, &wish(&cx)), ("required", 2, true), "as the image has it");
    let wrong = ModifyInstanceMetadataDefaults { http_put_response_hop_limit: Some(65), ..Default::default() };
    assert_eq!(refusal(metadata_defaults::modify(&cx, &mut tx, &wrong)).0, "InvalidParameterValue");
}

#[test]
fn a_familys_credits_are_chosen() {
    let (cx, mut tx) = start();
    let get = |tx: &Tx, family: &str| {
        let input = GetDefaultCreditSpecification { instance_family: family.into(), dry_run: None };
        credit::get(&cx, tx, &input).unwrap().instance_family_credit_specification.cpu_credits
    };
    assert_eq!((get(&tx, "t2"), get(&tx, "t3")), ("standard".into(), "unlimited".into()));
    let mut choose = |credits: &str| {
        let input = ModifyDefaultCreditSpecification {
            instance_family: "t3".into(),
            cpu_credits: credits.into(),
            dry_run: None,
        };
        credit::modify(&cx, &mut tx, &input).map(|_| ())
    };
    choose("standard").unwrap();
    assert_eq!(refusal(choose("plenty")).0, "InvalidParameterValue");
    assert_eq!(get(&tx, "t3"), "standard");
    let credits = |cx: &Cx, tx: &mut Tx, input: &RunInstances| {
        let id = launch(cx, tx, input).instances[0].instance_id.clone();
        crate::instance::find(cx, tx, &id).unwrap().credits.clone()
    };
    assert_eq!(credits(&cx, &mut tx, &wish(&cx)).as_deref(), Some("standard"));
    let wanted = CreditWish { cpu_credits: "unlimited".into() };
    let input = RunInstances { credit_specification: Some(wanted), ..wish(&cx) };
    assert_eq!(credits(&later(&cx, 1), &mut tx, &input).as_deref(), Some("unlimited"));
}

fn replace(cx: &Cx, tx: &mut Tx, criteria: Vec<Criterion>) -> Result<(), ApiError> {
    allowed_images::replace(cx, tx, &ReplaceImageCriteria { image_criteria: criteria, dry_run: None }).map(|_| ())
}

fn providers(names: &[&str]) -> Criterion {
    Criterion { image_providers: list(names), ..Default::default() }
}

fn enable(cx: &Cx, tx: &mut Tx, state: &str) {
    let input = EnableAllowedImagesSettings { allowed_images_settings_state: state.into(), dry_run: None };
    allowed_images::enable(cx, tx, &input).unwrap();
}

fn owners(cx: &Cx, tx: &Tx) -> Vec<String> {
    let found = crate::image::describe::describe(cx, tx, &DescribeImages::default()).unwrap();
    let mut owners: Vec<String> = found.images.iter().map(|image| image.owner_id.clone()).collect();
    owners.sort();
    owners.dedup();
    owners
}

#[test]
fn images_that_are_not_allowed_are_not_there() {
    let (cx, mut tx, _, own) = with_image();
    replace(&cx, &mut tx, vec![providers(&["099720109477"])]).unwrap();
    let all = owners(&cx, &tx).len();
    assert!(all > 3, "nothing is enabled yet");
    enable(&cx, &mut tx, "audit-mode");
    let amazon = image(&cx, "al2023-ami-2023", "x86_64");
    let told = |tx: &Tx, id: &str| {
        let input = DescribeImages { image_ids: list(&[id]), ..Default::default() };
        crate::image::describe::describe(&cx, tx, &input).map(|it| it.images[0].image_allowed)
    };
    assert_eq!((told(&tx, &amazon), told(&tx, &own)), (Ok(Some(false)), Ok(Some(true))));
    assert_eq!(owners(&cx, &tx).len(), all);
    enable(&cx, &mut tx, "enabled");
    assert_eq!(owners(&cx, &tx), ["099720109477", "123456789012"]);
    let absent = refused("InvalidAMIID.NotFound", &format!("The image id '[{amazon}]' does not exist"));
    assert_eq!(refusal(told(&tx, &amazon)), absent);
    assert_eq!(refusal(crate::instance::run::run(&cx, &mut tx, &wish(&cx))), absent);
    assert!(owners(&of_account(&cx, 3), &tx).len() >= all - 1, "others are not bound by it");
    allowed_images::disable(&cx, &mut tx, &Default::default()).unwrap();
    assert_eq!(owners(&cx, &tx).len(), all);
    let held = allowed_images::get(&cx, &tx, &GetAllowedImagesSettings::default()).unwrap();
    assert_eq!((held.state.as_str(), held.image_criteria.len()), ("disabled", 1));
}

#[test]
fn criteria_ask_for_what_they_name() {
    let (cx, _) = start();
    let images = crate::catalogue::images::images("us-east-1");
    let met = |criterion: &Criterion| images.iter().filter(|image| criterion.is_met_by(&cx, image)).count();
    let days = |created: Option<i64>, deprecated: Option<i64>| Criterion {
        creation_date_condition: created.map(|days| CreationDateCondition { maximum_days_since_created: Some(days) }),
        deprecation_time_condition: deprecated
            .map(|days| DeprecationTimeCondition { maximum_days_since_deprecated: Some(days) }),
        ..Default::default()
    };
    assert_eq!(met(&Criterion::default()), images.len());
    let named = Criterion { image_names: list(&["al2023-ami-2023*"]), ..providers(&["amazon"]) };
    assert!((1..images.len()).contains(&met(&named)));
    assert_eq!(met(&Criterion { image_names: list(&["al2023-ami-2023*"]), ..providers(&["099720109477"]) }), 0);
    assert_eq!(met(&providers(&["none"])), 0);
    assert_eq!(met(&Criterion { marketplace_product_codes: list(&["abc"]), ..Default::default() }), 0);
    // The newest are of after the time of these tests, and so of no age.
    let to_come = images.iter().filter(|image| image.creation_date.parse::<Timestamp>().unwrap() > cx.now).count();
    assert_eq!((met(&days(Some(0), None)), met(&days(Some(100_000), Some(100_000)))), (to_come, images.len()));
    let cases: [(Vec<Criterion>, &str); 4] = [
        (vec![Criterion::default(); 11], "You can specify up to 10 image criteria."),
        (
            vec![providers(&["none", "amazon"])],
            "When none is specified as an image provider, no other values can be specified.",
        ),
        (
            vec![providers(&["nobody"])],
            "Value (nobody) for parameter imageProvider is invalid. Invalid image provider.",
        ),
        (
            vec![Criterion { image_names: list(&["?"]), ..Default::default() }],
            "Value (?) for parameter imageName is invalid. Invalid image name.",
        ),
    ];
    for (criteria, text) in cases {
        assert_eq!(refusal(criteria::check(&criteria)), refused("InvalidParameterValue", text));
    }
}

#[test]
fn public_snapshots_are_hidden_where_all_sharing_is_blocked() {
    let (cx, mut tx, _, own) = with_image();
    let found = crate::image::get(&cx, &tx, &own).unwrap();
    let id = found.block_device_mappings[0].ebs.as_ref().unwrap().snapshot_id.clone().unwrap();
    let share = crate::snapshot::attribute::ModifySnapshotAttribute {
        snapshot_id: id.clone(),
        operation_type: Some("add".into()),
        group_names: vec!["all".into()],
        ..Default::default()
    };
    let block = |cx: &Cx, tx: &mut Tx, state: &str| {
        let input = public_access::EnableSnapshotBlockPublicAccess { state: state.into(), dry_run: None };
        public_access::enable_snapshot(cx, tx, &input).map(|it| it.state)
    };
    block(&cx, &mut tx, "block-new-sharing").unwrap();
    assert_eq!(refusal(crate::snapshot::attribute::modify(&cx, &mut tx, &share)).0, "OperationNotPermitted");
    public_access::disable_snapshot(&cx, &mut tx, &Default::default()).unwrap();
    crate::snapshot::attribute::modify(&cx, &mut tx, &share).unwrap();
    let other = of_account(&cx, 222_222_222_222);
    assert!(crate::snapshot::usable(&tx, &other, &id).is_some());
    block(&cx, &mut tx, "block-all-sharing").unwrap();
    assert!(crate::snapshot::usable(&tx, &other, &id).is_none());
    assert!(crate::snapshot::usable(&tx, &cx, &id).is_some());
    assert_eq!(refusal(block(&cx, &mut tx, "unblocked")).0, "InvalidParameterValue");
}

#[test]
fn id_formats_are_kept_per_principal() {
    let (cx, mut tx) = start();
    let user = "arn:aws:iam::123456789012:user/ann";
    let long = |tx: &Tx, resource: &str| {
        let input = DescribeIdFormat { resource: Some(resource.into()) };
        id_format::describe(&cx, tx, &input).unwrap().statuses[0].use_long_ids
    };
    assert!(long(&tx, "vpc") && long(&tx, "instance"));
    let modify = |resource: &str| ModifyIdFormat { resource: resource.into(), use_long_ids: false };
    id_format::modify(&cx, &mut tx, &modify("vpc")).unwrap();
    assert!(!long(&tx, "vpc"));
    assert_eq!(refusal(id_format::modify(&cx, &mut tx, &modify("instance"))).0, "InvalidParameterValue");
    let of = |principal: &str, use_long_ids| ModifyIdentityIdFormat {
        resource: "vpc".into(),
        use_long_ids,
        principal_arn: principal.into(),
    };
    id_format::modify_identity(&cx, &mut tx, &of(user, true)).unwrap();
    let principals = |tx: &Tx| -> Vec<(String, bool)> {
        let input = DescribePrincipalIdFormat { resources: list(&["vpc"]), ..Default::default() };
        let found = id_format::describe_principals(&cx, tx, &input).unwrap().principals;
        found.into_iter().map(|it| (it.arn, it.statuses[0].use_long_ids)).collect()
    };
    let root = "arn:aws:iam::123456789012:root";
    assert_eq!(principals(&tx), [(root.into(), false), (user.into(), true)]);
    assert!(!id_format::describe_aggregate(&cx, &tx, &Default::default()).unwrap().use_long_ids_aggregated);
    id_format::modify_identity(&cx, &mut tx, &of("all", true)).unwrap();
    assert_eq!(principals(&tx), [(root.into(), true)]);
    assert!(id_format::describe_aggregate(&cx, &tx, &Default::default()).unwrap().use_long_ids_aggregated);
    assert_eq!(refusal(id_format::modify_identity(&cx, &mut tx, &of("ann", true))).0, "InvalidParameterValue");
}
