//! Which profile an instance has, through the four operations.

use iam::record::{InstanceProfile, Role};

use super::*;
use crate::instance::association::{
    AssociateIamInstanceProfile, AssociationOut, DescribeIamInstanceProfileAssociations,
    DisassociateIamInstanceProfile, ReplaceIamInstanceProfileAssociation,
};
use crate::instance::run::input::ProfileSpecification;

/// A profile of that name, with a role of the same name inside if wanted. Gives its id.
pub fn profile(cx: &Cx, tx: &mut Tx, name: &str, with_role: bool) -> String {
    let role_id = with_role.then(|| cx.ids.unique("AROA", cx.account()));
    if let Some(id) = &role_id {
        let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
        let role = serde_json::json!({
            "account": cx.account(), "id": id, "name": name, "path": "/", "created_at": cx.now, "trust": trust, "max_session_duration": 3600,
        });
        tx.put(serde_json::from_value::<Role>(role).unwrap());
    }
    let id = cx.ids.unique("AIPA", cx.account());
    tx.put(InstanceProfile {
        account: cx.account(),
        id: id.clone(),
        name: name.to_owned(),
        path: "/".to_owned(),
        created_at: cx.now,
        role_id,
        tags: Vec::new(),
    });
    id
}

fn named(name: &str) -> ProfileSpecification {
    ProfileSpecification { name: Some(name.into()), arn: None }
}

fn associate(cx: &Cx, tx: &mut Tx, instance_id: &str, name: &str) -> Result<AssociationOut, ApiError> {
    let input = AssociateIamInstanceProfile { iam_instance_profile: named(name), instance_id: instance_id.to_owned() };
    association::associate(cx, tx, &input).map(|answer| answer.iam_instance_profile_association)
}

fn states(cx: &Cx, tx: &Tx) -> Vec<(String, &'static str)> {
    let found = association::describe(cx, &at(cx, tx), &DescribeIamInstanceProfileAssociations::default()).unwrap();
    found.iam_instance_profile_associations.into_iter().map(|it| (it.association_id, it.state)).collect()
}

#[test]
fn associate_replace_disassociate() {
    let (cx, mut tx) = start();
    let first = profile(&cx, &mut tx, "first", true);
    let second = profile(&cx, &mut tx, "second", true);
    let id = one(&cx, &mut tx);

    let made = associate(&cx, &mut tx, &id, "first").unwrap();
    assert_eq!((made.state, made.iam_instance_profile.id.as_str()), ("associating", first.as_str()));
    assert_eq!(made.iam_instance_profile.arn, "arn:aws:iam::123456789012:instance-profile/first");
    let refused = refusal(associate(&cx, &mut tx, &id, "second"));
    assert_eq!(refused, ("IncorrectState".into(), format!("There is an existing association for instance {id}")));

    let cx = later(&cx, 10);
    assert_eq!(states(&cx, &tx), [(made.association_id.clone(), "associated")]);
    let input = ReplaceIamInstanceProfileAssociation {
        iam_instance_profile: named("second"),
        association_id: made.association_id.clone(),
    };
    let replaced = association::replace(&cx, &mut tx, &input).unwrap().iam_instance_profile_association;
    assert_ne!(replaced.association_id, made.association_id, "a replaced association is a new one");
    assert_eq!(replaced.iam_instance_profile.id, second);
    assert_eq!(described(&cx, &tx, &id).iam_instance_profile.unwrap().id, second);

    let cx = later(&cx, 10);
    let input = DisassociateIamInstanceProfile { association_id: replaced.association_id.clone() };
    let ended = association::disassociate(&cx, &mut tx, &input).unwrap().iam_instance_profile_association;
    assert_eq!(ended.state, "disassociating");
    assert_eq!(described(&cx, &tx, &id).iam_instance_profile, None);
    assert_eq!(states(&cx, &tx), []);
    assert_eq!(association::disassociate(&cx, &mut tx, &input).unwrap().iam_instance_profile_association, ended);
    assert!(associate(&cx, &mut tx, &id, "first").is_ok(), "an ended association does not stand in the way");
    let cx = later(&cx, 10);
    assert_eq!(states(&cx, &tx).len(), 1);
    let refused = refusal(association::disassociate(&cx, &mut tx, &input));
    let text = format!("An invalid association-id of '{}' was given", replaced.association_id);
    assert_eq!(refused, ("InvalidAssociationID.NotFound".into(), text));
}

#[test]
fn the_same_profile_again_is_the_same_association() {
    let (cx, mut tx) = start();
    profile(&cx, &mut tx, "first", true);
    let id = one(&cx, &mut tx);
    let made = associate(&cx, &mut tx, &id, "first").unwrap();
    let cx = later(&cx, 10);
    let (iam_instance_profile, association_id) = (named("first"), made.association_id.clone());
    let input = ReplaceIamInstanceProfileAssociation { iam_instance_profile, association_id };
    let again = association::replace(&cx, &mut tx, &input).unwrap().iam_instance_profile_association;
    assert_eq!(again, AssociationOut { state: "associated", ..made });
}

#[test]
fn an_arn_wins_over_a_name_in_associations() {
    let (cx, mut tx) = start();
    let first = profile(&cx, &mut tx, "first", true);
    profile(&cx, &mut tx, "second", true);
    let id = one(&cx, &mut tx);
    let arn = Some("arn:aws:iam::123456789012:instance-profile/first".to_owned());
    let iam_instance_profile = ProfileSpecification { arn, ..named("second") };
    let input = AssociateIamInstanceProfile { iam_instance_profile, instance_id: id };
    let made = association::associate(&cx, &mut tx, &input).unwrap().iam_instance_profile_association;
    assert_eq!(made.iam_instance_profile.id, first);
}

#[test]
fn ids_and_filters_of_associations() {
    let (cx, tx) = start();
    let ask = |name: &str, values: &[&str]| {
        let values = Some(values.iter().map(|it| (*it).to_owned()).collect());
        let filters = Some(vec![Filter { name: Some(name.to_owned()), values }]);
        let input = DescribeIamInstanceProfileAssociations { filters, ..Default::default() };
        association::describe(&cx, &tx, &input).map(|it| it.iam_instance_profile_associations.len())
    };
    assert_eq!(ask("state", &["associated", "associating", "disassociating"]), Ok(0));
    assert_eq!(ask("instance-id", &["i-12345678"]), Ok(0));
    let cases: [(&str, &[&str], &str); 6] = [
        ("state", &["assoc*"], "A filter for an unknown association state of 'assoc*' was given"),
        (
            "state",
            &["associated", "disassociated"],
            "Only 'associated', 'associating' and 'disassociating' are allowed",
        ),
        ("instance-id", &["i-*"], "A filter with an invalid instance-id of 'i-*' was given"),
        ("association-id", &["iip-assoc-0d55828d11628c9cf"], "An unknown filter 'association-id' was given"),
        ("tag:suite", &["x"], "An unknown filter 'tag:suite' was given"),
        (
            "instance-id",
            &[],
            "Invalid value 'null/empty' for 'filter'. Invalid filter - one of more name/value pair was incomplete",
        ),
    ];
    for (name, values, text) in cases {
        assert_eq!(refusal(ask(name, values)), ("InvalidParameterValue".into(), text.into()));
    }
    let association_ids = Some(vec!["iip-assoc-00000000000000000".to_owned()]);
    let input = DescribeIamInstanceProfileAssociations { association_ids, ..Default::default() };
    let refused = refusal(association::describe(&cx, &tx, &input));
    assert_eq!(refused, ("InvalidParameterValue".into(), "Invalid value for association-id.".into()));
}

#[test]
fn profiles_that_cannot_be_used() {
    let (cx, mut tx) = start();
    profile(&cx, &mut tx, "empty", false);
    let id = one(&cx, &mut tx);
    let invalid = "InvalidParameterValue".to_owned();
    let text = "IAM Instance Profile \"arn:aws:iam::123456789012:instance-profile/empty\" has no associated IAM Roles";
    assert_eq!(refusal(associate(&cx, &mut tx, &id, "empty")), (invalid.clone(), text.into()));
    let text = "Value (none) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name";
    assert_eq!(refusal(associate(&cx, &mut tx, &id, "none")), (invalid.clone(), text.into()));
    let arn = "arn:aws:iam::123456789012:instance-profile/elsewhere/empty";
    let by_arn = ProfileSpecification { arn: Some(arn.into()), name: None };
    let input = AssociateIamInstanceProfile { iam_instance_profile: by_arn, instance_id: id };
    let text =
        format!("Value ({arn}) for parameter iamInstanceProfile.arn is invalid. Invalid IAM Instance Profile ARN");
    assert_eq!(refusal(association::associate(&cx, &mut tx, &input)), (invalid, text));
}

#[test]
fn an_association_outlives_its_profile() {
    let (cx, mut tx) = start();
    let first = profile(&cx, &mut tx, "web", true);
    let id = one(&cx, &mut tx);
    associate(&cx, &mut tx, &id, "web").unwrap();
    tx.remove::<InstanceProfile>(&[cx.account().as_str(), &first]);
    profile(&cx, &mut tx, "web", true);
    assert_eq!(
        described(&cx, &tx, &id).iam_instance_profile.unwrap().id,
        first,
        "a new profile of the same name is another"
    );
}

#[test]
fn associating_passes_the_role() {
    let (cx, mut tx) = start();
    profile(&cx, &mut tx, "web", true);
    let id = one(&cx, &mut tx);
    let input = AssociateIamInstanceProfile { iam_instance_profile: named("web"), instance_id: id.clone() };
    let checks = association::to_associate(&cx, &tx, &input);
    let [instance, pass] = checks.as_slice() else { panic!("{checks:?}") };
    assert_eq!(instance.resource, format!("arn:aws:ec2:us-east-1:123456789012:instance/{id}"));
    let profile = vec!["arn:aws:iam::123456789012:instance-profile/web".to_owned()];
    assert!(instance.keys.contains(&("ec2:NewInstanceProfile".to_owned(), profile)));
    assert_eq!((pass.action.as_str(), pass.resource.as_str()), ("iam:PassRole", "arn:aws:iam::123456789012:role/web"));
}
