//! Images across accounts: launch permissions, public images, and what others are told.

use super::*;

const OTHER: u64 = 222_222_222_222;

fn share(cx: &Cx, tx: &mut Tx, id: &str, operation: &str, users: &[&str], groups: &[&str]) -> Result<Done, ApiError> {
    let texts = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect();
    let input = ModifyImageAttribute {
        image_id: id.to_owned(),
        attribute: Some("launchPermission".into()),
        operation_type: Some(operation.into()),
        user_ids: texts(users),
        user_groups: texts(groups),
        ..Default::default()
    };
    attribute::modify(cx, tx, &input)
}

fn permissions(cx: &Cx, tx: &Tx, id: &str) -> usize {
    let input = DescribeImageAttribute { attribute: "launchPermission".into(), image_id: id.into(), dry_run: None };
    attribute::describe(cx, tx, &input).unwrap().launch_permissions.unwrap().len()
}

#[test]
fn an_image_is_shared_and_no_longer() {
    let (cx, mut tx, _, id) = with_image();
    let other = of_account(&cx, OTHER);
    crate::network::settle(&other, &mut tx);
    let absent = refused("InvalidAMIID.NotFound", &format!("The image id '[{id}]' does not exist"));
    assert_eq!(seen(&other, &tx, named(&id)), Vec::<String>::new());
    assert_eq!(
        refusal(crate::instance::run::run(&other, &mut tx, &of_image(&other, &id))),
        refused("AuthFailure", &format!("Not authorized for images: [{id}]"))
    );
    share(&cx, &mut tx, &id, "add", &["222222222222"], &[]).unwrap();
    assert_eq!(permissions(&cx, &tx, &id), 1);
    let for_me = || DescribeImages { executable_users: list(&["self"]), ..Default::default() };
    assert_eq!(seen(&other, &tx, for_me()), std::slice::from_ref(&id));
    assert_eq!(seen(&cx, &tx, for_me()), Vec::<String>::new());
    launch(&other, &mut tx, &of_image(&other, &id));
    let check = check_on(&other, &tx, &id);
    assert!(check.shared && check.owner == Some(cx.account()), "{check:?}");
    for (name, value) in [("ec2:Owner", "123456789012"), ("ec2:Public", "false")] {
        assert!(check.keys.contains(&(name.into(), vec![value.into()])), "{check:?}");
    }
    assert_eq!(
        refusal(deregister::deregister(&other, &mut tx, &unmade(&id, false))),
        refused("AuthFailure", &format!("Not authorized for image:{id}"))
    );
    let copy = CopyImage {
        name: "theirs".into(),
        source_image_id: id.clone(),
        source_region: "us-east-1".into(),
        ..Default::default()
    };
    assert_eq!(
        refusal(copy::copy(&other, &mut tx, &copy)),
        refused("InvalidRequest", "You do not have permission to access the storage of this ami")
    );
    let cancel = CancelImageLaunchPermission { image_id: id.clone(), dry_run: None };
    attribute::cancel(&other, &mut tx, &cancel).unwrap();
    assert_eq!(refusal(attribute::cancel(&other, &mut tx, &cancel)), absent);
    assert_eq!(permissions(&cx, &tx, &id), 0);
}

#[test]
fn images_are_public_only_where_the_account_lets_them() {
    let (cx, mut tx, _, id) = with_image();
    let other = of_account(&cx, OTHER);
    let refusal = refusal(share(&cx, &mut tx, &id, "add", &[], &["all"]));
    assert_eq!(refusal.0, "OperationNotPermitted");
    assert!(refusal.1.starts_with("You can’t publicly share this image because block public access"), "{}", refusal.1);
    disable_image(&cx, &mut tx, &DisableImageBlockPublicAccess::default()).unwrap();
    share(&cx, &mut tx, &id, "add", &[], &["all"]).unwrap();
    let public =
        DescribeImages { owners: list(&["123456789012"]), executable_users: list(&["all"]), ..Default::default() };
    assert_eq!(seen(&other, &tx, public), std::slice::from_ref(&id));
    assert!(look(&other, &tx, &id).public);
    let reset = ResetImageAttribute { attribute: "launchPermission".into(), image_id: id.clone(), dry_run: None };
    attribute::reset(&cx, &mut tx, &reset).unwrap();
    assert!(!look(&cx, &tx, &id).public);
    share(&cx, &mut tx, &id, "add", &["222222222222"], &[]).unwrap();
    lifecycle::disable(&cx, &mut tx, &the_image(&id)).unwrap();
    lifecycle::enable(&cx, &mut tx, &the_image(&id)).unwrap();
    assert_eq!(permissions(&cx, &tx, &id), 0, "whoever had it lost it");
}

#[test]
fn who_can_be_shared_with() {
    let (cx, mut tx, _, id) = with_image();
    let mut ask = |users: &[&str], groups: &[&str]| refusal(share(&cx, &mut tx, &id, "add", users, groups));
    let invalid = |text: &str| refused("InvalidAMIAttributeItemValue", text);
    assert_eq!(ask(&["me"], &[]), invalid("Invalid attribute item value \"me \" for userId item type."));
    assert_eq!(ask(&[], &["everyone"]), invalid("Invalid attribute item value \"everyone \" for group item type."));
    assert_eq!(ask(&[], &[]), refused("MissingParameter", "The request must contain the parameter launchPermission"));
}

#[test]
fn tags_are_the_owners() {
    let (cx, mut tx, _, id) = with_image();
    share(&cx, &mut tx, &id, "add", &["222222222222"], &[]).unwrap();
    resource::update::<AccountImage>(&mut tx, &cx, &id, |it| {
        it.tags = vec![Tag::new("team", "red"), Tag::new("ec2:SharedTag/made", "here")];
    });
    let keys =
        |cx: &Cx| -> Vec<String> { look(cx, &tx, &id).tags.iter().flatten().map(|tag| tag.key.clone()).collect() };
    assert_eq!(keys(&cx), ["team", "ec2:SharedTag/made"]);
    assert_eq!(keys(&of_account(&cx, OTHER)), ["ec2:SharedTag/made"]);
}
