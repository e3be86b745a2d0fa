use super::*;
use crate::access_key;
use crate::tests::{Stage, stage, texts};

const AUTOSCALING: &str = "autoscaling.amazonaws.com";
const NAME: &str = "AWSServiceRoleForAutoScaling";
const PROTECTED: &str = "UnmodifiableEntity: Cannot perform the operation on the protected role 'AWSServiceRoleForAutoScaling' - this role is only modifiable by AWS";

fn pass(stage: &mut Stage, millis: i64) {
    stage.cx.now = after(stage.cx.now, SignedDuration::from_millis(millis));
    stage.world = stage.world.at(stage.cx.now);
}

fn made() -> Stage {
    let mut stage = stage();
    stage.done("CreateServiceLinkedRole", &[("AWSServiceName", AUTOSCALING)]);
    stage
}

fn deletion(stage: &mut Stage) -> String {
    texts(&stage.done("DeleteServiceLinkedRole", &[("RoleName", NAME)]), "DeletionTaskId")[0].to_owned()
}

fn state(stage: &mut Stage, task: &str) -> String {
    stage.done("GetServiceLinkedRoleDeletionStatus", &[("DeletionTaskId", task)])
}

#[test]
fn a_role_is_made_as_its_service_wants_it() {
    let mut stage = stage();
    let parameters = [("AWSServiceName", AUTOSCALING), ("CustomSuffix", "mine"), ("Description", "for groups")];
    let made = stage.done("CreateServiceLinkedRole", &parameters);
    let got = stage.done("GetRole", &[("RoleName", "AWSServiceRoleForAutoScaling_mine")]);
    for element in [
        "<Path>/aws-service-role/autoscaling.amazonaws.com/</Path>",
        "<RoleName>AWSServiceRoleForAutoScaling_mine</RoleName>",
        "<Arn>arn:aws:iam::123456789012:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling_mine</Arn>",
    ] {
        assert!(made.contains(element) && got.contains(element), "{element}\n{made}\n{got}");
    }
    for element in ["<Description>for groups</Description>", "<MaxSessionDuration>3600</MaxSessionDuration>"] {
        assert!(got.contains(element) && !made.contains(element), "{element}\n{made}\n{got}");
    }
    let trust = |answer: &str| {
        let text = texts(answer, "AssumeRolePolicyDocument")[0].to_owned();
        percent_encoding::percent_decode_str(&text).decode_utf8().unwrap().into_owned()
    };
    assert_eq!(
        trust(&made),
        r#"{"Version":"2012-10-17","Statement":[{"Action":["sts:AssumeRole"],"Effect":"Allow","Principal":{"Service":["autoscaling.amazonaws.com"]}}]}"#
    );
    assert_eq!(
        trust(&got),
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"autoscaling.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#
    );
    let attached = stage.done("ListAttachedRolePolicies", &[("RoleName", "AWSServiceRoleForAutoScaling_mine")]);
    assert_eq!(
        texts(&attached, "PolicyArn"),
        ["arn:aws:iam::aws:policy/aws-service-role/AutoScalingServiceRolePolicy"]
    );
}

#[test]
fn what_cannot_be_made() {
    let mut stage = made();
    let long = "x".repeat(60);
    let cases: [(&[(&str, &str)], &str); 4] = [
        (
            &[("AWSServiceName", "nothing.amazonaws.com")],
            "NoSuchEntity: Service-linked role for service nothing.amazonaws.com cannot be found.",
        ),
        (
            &[("AWSServiceName", "batch.amazonaws.com"), ("CustomSuffix", "x")],
            "InvalidInput: Custom suffix is not allowed for batch.amazonaws.com",
        ),
        (
            &[("AWSServiceName", AUTOSCALING)],
            "InvalidInput: Service role name AWSServiceRoleForAutoScaling has been taken in this account, please try a different suffix.",
        ),
        (
            &[("AWSServiceName", AUTOSCALING), ("CustomSuffix", &long)],
            "InvalidInput: Service role name AWSServiceRoleForAutoScaling_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx is longer than 64 characters.",
        ),
    ];
    for (parameters, expected) in cases {
        assert_eq!(stage.refused("CreateServiceLinkedRole", parameters), expected);
    }
}

#[test]
fn only_the_description_and_the_tags_are_the_accounts() {
    let mut stage = made();
    let policy = "arn:aws:iam::aws:policy/aws-service-role/AutoScalingServiceRolePolicy";
    let document = crate::tests::allowing("s3:*", "*");
    let role = ("RoleName", NAME);
    stage.done("CreateInstanceProfile", &[("InstanceProfileName", "p")]);
    let cases: [(&str, &[(&str, &str)]); 9] = [
        ("AttachRolePolicy", &[role, ("PolicyArn", "arn:aws:iam::aws:policy/ReadOnlyAccess")]),
        ("DetachRolePolicy", &[role, ("PolicyArn", policy)]),
        ("PutRolePolicy", &[role, ("PolicyName", "p"), ("PolicyDocument", &document)]),
        ("DeleteRolePolicy", &[role, ("PolicyName", "p")]),
        ("PutRolePermissionsBoundary", &[role, ("PermissionsBoundary", "arn:aws:iam::aws:policy/ReadOnlyAccess")]),
        ("DeleteRolePermissionsBoundary", &[role]),
        ("UpdateAssumeRolePolicy", &[role, ("PolicyDocument", "{}")]),
        ("DeleteRole", &[role]),
        ("AddRoleToInstanceProfile", &[role, ("InstanceProfileName", "p")]),
    ];
    for (operation, parameters) in cases {
        assert_eq!(stage.refused(operation, parameters), PROTECTED, "{operation}");
    }
    assert_eq!(
        stage.refused("UpdateRole", &[role, ("MaxSessionDuration", "7200"), ("Description", "x")]),
        "UnmodifiableEntity: AWSServiceRoleForAutoScaling is an AWS service linked role, max session duration cannot be changed."
    );
    stage.done("UpdateRole", &[role, ("Description", "one")]);
    assert!(stage.done("GetRole", &[role]).contains("<Description>one</Description>"));
    stage.done("UpdateRoleDescription", &[role, ("Description", "two")]);
    stage.done("TagRole", &[role, ("Tags.member.1.Key", "team"), ("Tags.member.1.Value", "red")]);
    let got = stage.done("GetRole", &[role]);
    assert!(got.contains("<Description>two</Description>") && got.contains("<Value>red</Value>"), "{got}");
}

#[test]
fn a_deletion_takes_its_time() {
    let mut stage = made();
    let task = deletion(&mut stage);
    assert!(
        task.starts_with("task/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling/"),
        "{task}"
    );
    assert_eq!(state(&mut stage, &task), "<Status>NOT_STARTED</Status>");
    assert_eq!(deletion(&mut stage), task, "the same task while it runs");
    pass(&mut stage, 500);
    assert_eq!(state(&mut stage, &task), "<Status>IN_PROGRESS</Status>");
    stage.done("GetRole", &[("RoleName", NAME)]);
    pass(&mut stage, 500);
    assert_eq!(state(&mut stage, &task), "<Status>SUCCEEDED</Status>");
    assert_eq!(
        stage.refused("GetRole", &[("RoleName", NAME)]),
        "NoSuchEntity: The role with name AWSServiceRoleForAutoScaling cannot be found."
    );
    stage.done("CreateServiceLinkedRole", &[("AWSServiceName", AUTOSCALING)]);
    assert_ne!(deletion(&mut stage), task);
}

/// What the role did is forgotten with the task, and what it does until it is gone is not noted any more.
#[test]
fn a_deletion_forgets_what_was_accessed() {
    let mut stage = made();
    let account = stage.cx.account();
    let role = entity::find_role(&stage.world, account, NAME).unwrap().id.clone();
    let access = last_accessed::LastAccessed {
        account,
        entity: role.clone(),
        action: "ec2:RunInstances".to_owned(),
        at: stage.cx.now,
        region: "us-east-1".to_owned(),
    };
    let used = LastUsed { id: role.clone(), at: stage.cx.now, service: "ec2".into(), region: "us-east-1".into() };
    let note = |stage: &mut Stage| {
        let mut tx = Tx::on(stage.world.clone());
        let noted = (last_accessed::note(&mut tx, &access), access_key::note_use(&mut tx, account, used.clone()));
        stage.world = World::clone(&tx);
        noted
    };
    assert_eq!(note(&mut stage), (true, true));
    deletion(&mut stage);
    assert_eq!(last_accessed::of_entity(&stage.world, account, &role).count(), 0);
    assert_eq!(note(&mut stage), (false, false));
}

#[test]
fn a_role_in_use_stays() {
    let mut stage = made();
    let mut tx = Tx::on(stage.world.clone());
    for (region, group) in [("us-west-2", "b"), ("eu-west-1", "a"), ("us-west-2", "c")] {
        let resource = format!("arn:aws:autoscaling:{region}:123456789012:autoScalingGroup:{group}");
        let (account, role) = (stage.cx.account(), NAME.to_lowercase());
        tx.put(LinkedRoleUse { account, role, region: region.into(), resource });
    }
    stage.world = World::clone(&tx);
    let task = deletion(&mut stage);
    pass(&mut stage, 1_000);
    let failed = state(&mut stage, &task);
    assert!(failed.starts_with("<Status>FAILED</Status><Reason><Reason>The role is in use"), "{failed}");
    assert_eq!(texts(&failed, "Region"), ["eu-west-1", "us-west-2"]);
    assert_eq!(failed.matches("autoScalingGroup").count(), 3);
    stage.done("GetRole", &[("RoleName", NAME)]);
    let mut tx = Tx::on(stage.world.clone());
    let uses: Vec<Key> = tx.scan::<LinkedRoleUse>(&[]).map(|used| used.key()).collect();
    for key in uses {
        tx.remove::<LinkedRoleUse>(&key.parts().collect::<Vec<_>>());
    }
    stage.world = World::clone(&tx);
    let again = deletion(&mut stage);
    assert_ne!(again, task);
    pass(&mut stage, 1_000);
    assert_eq!(state(&mut stage, &again), "<Status>SUCCEEDED</Status>");
}

#[test]
fn tasks_that_are_none() {
    let mut stage = made();
    let cases = [
        ("task/aws-service-role/a/b", "InvalidInput: Invalid task id"),
        ("x", "InvalidInput: Invalid task id"),
        ("task/aws-service-role/a/b/c", "NoSuchEntity: Cannot find deletion status for given id."),
    ];
    for (task, expected) in cases {
        assert_eq!(stage.refused("GetServiceLinkedRoleDeletionStatus", &[("DeletionTaskId", task)]), expected);
    }
    stage.done("CreateRole", &[("RoleName", "mine"), ("AssumeRolePolicyDocument", &trust(AUTOSCALING))]);
    assert_eq!(
        stage.refused("DeleteServiceLinkedRole", &[("RoleName", "mine")]),
        "NoSuchEntity: mine exists but is not a service role."
    );
    assert_eq!(
        stage.refused("DeleteServiceLinkedRole", &[("RoleName", "lost")]),
        "NoSuchEntity: The role with name lost cannot be found."
    );
}

/// `iam:AWSServiceName` is the key by which accounts let somebody make roles for some services only.
#[test]
fn permission_by_service() {
    let mut stage = stage();
    stage.done("CreateUser", &[("UserName", "ann")]);
    let document = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:CreateServiceLinkedRole",
        "Resource":"arn:aws:iam::*:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling*",
        "Condition":{"StringLike":{"iam:AWSServiceName":"autoscaling.amazonaws.com"}}}}"#;
    stage.done("PutUserPolicy", &[("UserName", "ann"), ("PolicyName", "p"), ("PolicyDocument", document)]);
    stage.act_as_user("ann");
    stage.done("CreateServiceLinkedRole", &[("AWSServiceName", AUTOSCALING)]);
    assert_eq!(
        stage.refused("CreateServiceLinkedRole", &[("AWSServiceName", "ecs.amazonaws.com")]),
        "AccessDenied: User: arn:aws:iam::123456789012:user/ann is not authorized to perform: iam:CreateServiceLinkedRole on resource: \
         arn:aws:iam::123456789012:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS because no identity-based policy allows \
         the iam:CreateServiceLinkedRole action"
    );
}
