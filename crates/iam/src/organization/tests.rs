//! An organisation of four accounts: what its file may say, and how its policies decide.

use service::Organization;
use service::organization::ControlKind;
use service::prelude::*;

use super::file;
use crate::record::Role;
use crate::tests::{Stage, allowing, stage};

mod report;

/// Management and a sandbox under the root, the stage's account in a unit within a unit, another beside it.
const TREE: &str = r#"{
    "id": "o-a1b2c3d4e5", "managementAccount": "111111111111", "trustedServices": ["iam.amazonaws.com"],
    "delegatedAdministrators": {"iam.amazonaws.com": ["222222222222"]},
    "policies": [
        {"id": "p-noleaving", "name": "NoKeys", "type": "SERVICE_CONTROL_POLICY", "document":
            {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "iam:CreateAccessKey", "Resource": "*"}]}},
        {"id": "p-onlyusers1", "name": "OnlyUsers", "type": "SERVICE_CONTROL_POLICY", "document":
            {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "iam:*User*", "Resource": "*"}]}}
    ],
    "root": {"id": "r-ab12", "accounts": [{"id": "111111111111", "name": "management"}, {"id": "222222222222"}],
        "organizationalUnits": [{"id": "ou-ab12-11111111", "name": "work", "policies": ["NoKeys"],
            "organizationalUnits": [{"id": "ou-ab12-22222222", "policies": ["p-onlyusers1"], "fullAwsAccess": false,
                "accounts": [{"id": "123456789012", "tags": {"team": "red"}}, {"id": "333333333333"}]}]}]}
}"#;

fn organization() -> Organization {
    file::read(TREE).unwrap()
}

fn member_stage() -> Stage {
    let mut stage = stage();
    put(&mut stage, organization());
    stage
}

fn put(stage: &mut Stage, organization: Organization) {
    let mut tx = Tx::on(stage.world.clone());
    tx.put(organization);
    stage.world = World::clone(&tx);
}

fn account(text: &str) -> AccountId {
    text.parse().unwrap()
}

fn act_as_root_of(stage: &mut Stage, id: &str) {
    let root = Caller { account: account(id), ..(*service::cx::testing::root_cx().caller).clone() };
    stage.act_as(root);
}

#[test]
fn a_file_comes_back_as_it_was_read() {
    let shown = serde_json::to_string(&file::show(&organization())).unwrap();
    assert_eq!(file::read(&shown).unwrap(), organization());
}

#[test]
fn places() {
    let organization = organization();
    let path = |id| organization.path(account(id));
    assert_eq!(path("111111111111").unwrap(), "o-a1b2c3d4e5/r-ab12/");
    assert_eq!(path("123456789012").unwrap(), "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/ou-ab12-22222222/");
    assert_eq!(path("999999999999"), None);
    let entity = |id| organization.entity_path(id);
    assert_eq!(entity("333333333333").unwrap(), "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/ou-ab12-22222222/333333333333");
    assert_eq!(entity("ou-ab12-11111111").unwrap(), "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111");
    assert_eq!(organization.accounts_under("ou-ab12-11111111").count(), 2);
}

#[test]
fn levels_go_from_the_root_down_to_the_account() {
    let organization = organization();
    let names = |id, kind| -> Vec<String> {
        let text = |level: Vec<service::decide::HeldPolicy>| {
            level.iter().map(|held| held.name.rsplit('/').next().unwrap().to_owned()).collect::<Vec<_>>().join(" ")
        };
        organization.levels(account(id), kind).into_iter().map(text).collect()
    };
    assert_eq!(
        names("123456789012", ControlKind::ServiceControlPolicy),
        ["p-FullAWSAccess", "p-FullAWSAccess p-noleaving", "p-onlyusers1", "p-FullAWSAccess"]
    );
    assert_eq!(names("222222222222", ControlKind::ResourceControlPolicy), ["p-RCPFullAWSAccess", "p-RCPFullAWSAccess"]);
    assert!(names("111111111111", ControlKind::ServiceControlPolicy).is_empty(), "the management account is free");
}

#[test]
fn faults_are_named() {
    let cases = [
        ("{", "EOF while parsing an object at line 1 column 1"),
        (r#"{"id": "o-1"}"#, "missing field `managementAccount` at line 1 column 13"),
    ];
    for (text, fault) in cases {
        assert_eq!(file::read(text).unwrap_err(), fault, "{text}");
    }
    let changed = [
        ("o-a1b2c3d4e5", "o-1", "`o-1` is not an organization's id such as `o-a1b2c3d4e5`"),
        ("r-ab12", "root", "`root` is not a root's id such as `r-ab12`"),
        ("ou-ab12-22222222", "ou-1", "`ou-1` is not a unit's id such as `ou-ab12-11111111`"),
        ("p-noleaving", "p-1", "`p-1` is not a policy's id such as `p-examplepolicy1`"),
        ("p-onlyusers1\", \"name\"", "p-noleaving\", \"name\"", "the policy `p-noleaving` (OnlyUsers) is there twice"),
        (
            "[\"NoKeys\"]",
            "[\"Lost\"]",
            "`ou-ab12-11111111` has the policy `Lost` attached, which is not in the list of policies",
        ),
        ("333333333333", "222222222222", "the account `222222222222` is there twice"),
        ("ou-ab12-22222222", "ou-ab12-11111111", "the unit `ou-ab12-11111111` is there twice"),
        (
            "\"managementAccount\": \"111111111111\"",
            "\"managementAccount\": \"444444444444\"",
            "the management account `444444444444` is not in the tree",
        ),
        (
            "[\"222222222222\"]",
            "[\"444444444444\"]",
            "`444444444444`, a delegated administrator of `iam.amazonaws.com`, is not in the tree",
        ),
        (
            "[\"222222222222\"]",
            "[\"111111111111\"]",
            "the management account cannot be a delegated administrator of `iam.amazonaws.com`",
        ),
        (
            "\"Effect\": \"Deny\"",
            "\"Effect\": \"Never\"",
            "the policy `p-noleaving` (NoKeys): The provided policy document does not meet the requirements of the specified policy type. (line 1, column 48: unknown effect)",
        ),
    ];
    for (from, to, fault) in changed {
        assert!(TREE.contains(from), "{from}");
        assert_eq!(file::read(&TREE.replacen(from, to, 1)).unwrap_err(), fault, "{from} -> {to}");
    }
}

#[test]
fn resource_control_policies_name_services_that_they_reach() {
    let named = |action: &str| {
        let policy = format!(
            r#""policies": [{{"id": "p-resources1", "name": "Perimeter", "type": "RESOURCE_CONTROL_POLICY", "document":
            {{"Statement": {{"Effect": "Deny", "Principal": "*", "Action": "{action}", "Resource": "*"}}}}}},"#
        );
        file::read(&TREE.replacen(r#""policies": ["#, &policy, 1)).map(|_| ())
    };
    for action in ["sqs:SendMessage", "SQS:SendMessage", "sqs:NoSuchAction"] {
        assert_eq!(named(action), Ok(()), "{action}");
    }
    for action in ["iam:CreateUser", "nosuch:Read"] {
        let told = "is of a service that resource control policies do not reach";
        assert_eq!(named(action), Err(format!("the policy `p-resources1` (Perimeter): `{action}` {told}")));
    }
}

/// Policies of two kinds may have one name, which then says too little.
#[test]
fn a_name_of_two_policies_is_refused() {
    let other = r#""policies": [{"id": "p-resources1", "name": "NoKeys", "type": "RESOURCE_CONTROL_POLICY", "document":
        {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole", "Resource": "*"}]}},"#;
    let both = TREE.replacen(r#""policies": ["#, other, 1);
    assert_eq!(
        file::read(&both).unwrap_err(),
        "`ou-ab12-11111111` has the policy `NoKeys` attached, which may be `p-noleaving` or `p-resources1`: give its id"
    );
    let by_id = both.replacen(r#"["NoKeys"]"#, r#"["p-noleaving", "p-resources1"]"#, 1);
    let held = &file::read(&by_id).unwrap().entities["ou-ab12-11111111"].policies;
    assert!(held.contains("p-noleaving") && held.contains("p-resources1"), "{held:?}");
}

#[test]
fn every_level_must_allow_and_none_deny() {
    let mut stage = member_stage();
    stage.user_allowed("ann", "*", "*");
    stage.act_as_user("ann");
    let ann = "User: arn:aws:iam::123456789012:user/ann is not authorized to perform:";
    assert_eq!(
        stage.refused("CreateAccessKey", &[("UserName", "ann")]),
        format!(
            "AccessDenied: {ann} iam:CreateAccessKey on resource: user ann with an explicit deny in a service control policy: arn:aws:organizations::111111111111:policy/o-a1b2c3d4e5/service_control_policy/p-noleaving"
        )
    );
    assert_eq!(
        stage.refused("CreateGroup", &[("GroupName", "g")]),
        format!(
            "AccessDenied: {ann} iam:CreateGroup on resource: arn:aws:iam::123456789012:group/g because no service control policy allows the iam:CreateGroup action"
        )
    );
    stage.done("CreateUser", &[("UserName", "ben")]);
}

#[test]
fn a_members_root_user_is_limited_and_the_management_account_is_not() {
    let mut stage = member_stage();
    assert!(stage.refused("CreateGroup", &[("GroupName", "g")]).contains("because no service control policy allows"));
    act_as_root_of(&mut stage, "111111111111");
    stage.done("CreateGroup", &[("GroupName", "g")]);
    act_as_root_of(&mut stage, "999999999999");
    stage.done("CreateGroup", &[("GroupName", "g")]);
}

#[test]
fn service_linked_roles_are_not_limited() {
    let mut stage = stage();
    let trust = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}}"#;
    for name in ["linked", "own"] {
        stage.done("CreateRole", &[("RoleName", name), ("AssumeRolePolicyDocument", trust)]);
        let policy = allowing("iam:CreateGroup", "*");
        stage.done("PutRolePolicy", &[("RoleName", name), ("PolicyName", "p"), ("PolicyDocument", &policy)]);
    }
    let linked = crate::entity::find_role(&stage.world, stage.cx.account(), "linked").unwrap();
    let mut tx = Tx::on(stage.world.clone());
    tx.put(Role { path: "/aws-service-role/ec2.amazonaws.com/".to_owned(), ..Role::clone(&linked) });
    stage.world = World::clone(&tx);
    put(&mut stage, organization());
    for (name, allowed) in [("linked", true), ("own", false)] {
        let role = crate::entity::find_role(&stage.world, stage.cx.account(), name).unwrap();
        let principal = Principal::Role {
            id: role.id.clone(),
            name: name.to_owned(),
            path: role.path.clone(),
            session_name: "session".to_owned(),
        };
        stage.act_as(Caller { principal, ..(*service::cx::testing::root_cx().caller).clone() });
        assert_eq!(stage.call("CreateGroup", &[("GroupName", name)]).is_ok(), allowed, "{name}");
    }
}

#[test]
fn the_keys_of_organisations_are_seen_by_policies() {
    let mut stage = member_stage();
    let condition = |key: &str, value: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"iam:*","Resource":"*","Condition":{{"ForAnyValue:StringLike":{{"{key}":"{value}"}}}}}}}}"#
        )
    };
    act_as_root_of(&mut stage, "222222222222");
    stage.done("CreateUser", &[("UserName", "ann")]);
    for (key, value, allowed) in [
        ("aws:PrincipalOrgPaths", "o-a1b2c3d4e5/r-ab12/*", true),
        ("aws:PrincipalOrgPaths", "o-a1b2c3d4e5/r-ab12/ou-*", false),
        ("aws:PrincipalOrgID", "o-a1b2c3d4e5", true),
        ("aws:ResourceOrgID", "o-a1b2c3d4e5", true),
        ("aws:ResourceOrgID", "o-zzzzzzzzzz", false),
        ("aws:ResourceOrgPaths", "o-a1b2c3d4e5/r-ab12/", true),
    ] {
        act_as_root_of(&mut stage, "222222222222");
        let document = condition(key, value);
        stage.done("PutUserPolicy", &[("UserName", "ann"), ("PolicyName", "p"), ("PolicyDocument", &document)]);
        stage.act_as_user("ann");
        assert_eq!(stage.call("GetUser", &[("UserName", "ann")]).is_ok(), allowed, "{key} {value}");
    }
}

const FEATURES: &str = "<OrganizationId>o-a1b2c3d4e5</OrganizationId>";

#[test]
fn features_are_enabled_by_the_management_account_and_seen_by_administrators() {
    let mut stage = member_stage();
    act_as_root_of(&mut stage, "111111111111");
    let enabled = stage.done("EnableOrganizationsRootSessions", &[]);
    assert_eq!(enabled, format!("{FEATURES}<EnabledFeatures><member>RootSessions</member></EnabledFeatures>"));
    stage.done("EnableOrganizationsRootCredentialsManagement", &[]);
    act_as_root_of(&mut stage, "222222222222");
    assert_eq!(
        stage.done("ListOrganizationsFeatures", &[]),
        format!(
            "{FEATURES}<EnabledFeatures><member>RootSessions</member><member>RootCredentialsManagement</member></EnabledFeatures>"
        )
    );
    stage.done("DisableOrganizationsRootCredentialsManagement", &[]);
    assert_eq!(stage.done("DisableOrganizationsRootSessions", &[]), format!("{FEATURES}<EnabledFeatures/>"));
    assert_eq!(
        stage.refused("EnableOrganizationsRootSessions", &[]),
        "CallerIsNotManagementAccountException: Caller account 222222222222 is not management account of the organization and cannot enable IAM features."
    );
}

#[test]
fn features_want_an_organization_that_trusts_iam() {
    let refusals = |organization: Organization, acting: &str| {
        let mut stage = stage();
        put(&mut stage, organization);
        act_as_root_of(&mut stage, acting);
        stage.call("ListOrganizationsFeatures", &[]).unwrap_err().code.clone()
    };
    let text = |from: &str, to: &str| file::read(&TREE.replacen(from, to, 1)).unwrap();
    assert_eq!(refusals(organization(), "999999999999"), "OrganizationNotFoundException");
    let bill = text("\"trusted", "\"featureSet\": \"CONSOLIDATED_BILLING\", \"trusted");
    assert_eq!(refusals(bill, "111111111111"), "OrganizationNotInAllFeaturesModeException");
    let untrusted = text("[\"iam.amazonaws.com\"]", "[]");
    assert_eq!(refusals(untrusted, "111111111111"), "ServiceAccessNotEnabledException");
    let free = text("\"fullAwsAccess\": false,", "");
    assert_eq!(refusals(free, "333333333333"), "AccountNotManagementOrDelegatedAdministratorException");
}
