//! Roles of an organisation's accounts: service control policies of the caller's account, resource control policies of the role's.

use iam::organization::file;

use super::*;

const ORGANIZATION: &str = r#"{
    "id": "o-a1b2c3d4e5", "managementAccount": "111111111111",
    "policies": [
        {"id": "p-perimeter1", "name": "Perimeter", "type": "RESOURCE_CONTROL_POLICY", "document":
            {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole",
             "Resource": "*", "Condition": {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"},
             "BoolIfExists": {"aws:PrincipalIsAWSService": "false"}}}]}},
        {"id": "p-norolesok", "name": "NoRoles", "type": "SERVICE_CONTROL_POLICY", "document":
            {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "sts:AssumeRole", "Resource": "*"}]}}
    ],
    "root": {"id": "r-ab12", "policies": ["Perimeter"], "accounts": [
        {"id": "111111111111"}, {"id": "123456789012"}, {"id": "222222222222", "policies": ["NoRoles"]}]}
}"#;

/// A role `open` in that account that trusts everybody, the organisation, and a user `ana` in another account acting.
fn ready(role_in: &str, ana_in: &str) -> (Stage, String) {
    let mut stage = stage();
    stage.act_as_root(role_in);
    stage.role("open", &trusting("*"), &[]);
    stage.act_as_root(ana_in);
    stage.user("ana", &["sts:*"]);
    let mut tx = Tx::on(stage.world.clone());
    tx.put(file::read(ORGANIZATION).unwrap());
    stage.world = World::clone(&tx);
    stage.act_as_user("ana");
    (stage, format!("arn:aws:iam::{role_in}:role/open"))
}

#[test]
fn resource_control_policies_are_of_the_roles_account() {
    let (member, management) = (HERE, "111111111111");
    for (role_in, ana_in, allowed) in [
        (member, management, true),
        (member, THERE, false),
        (management, THERE, true),
        (THERE, member, true),
        (member, member, true),
    ] {
        let (mut stage, role) = ready(role_in, ana_in);
        let outcome = stage.assume_outcome(&role, &[]);
        assert_eq!(outcome == "allowed", allowed, "{ana_in} to {role_in}: {outcome}");
    }
    let (mut stage, role) = ready(member, THERE);
    assert_eq!(
        stage.assume_outcome(&role, &[]),
        format!(
            "{} with an explicit deny in a resource control policy: arn:aws:organizations::111111111111:policy/o-a1b2c3d4e5/resource_control_policy/p-perimeter1",
            denied("arn:aws:iam::999999999999:user/ana", "sts:AssumeRole", &role)
        )
    );
}

#[test]
fn service_control_policies_are_of_the_callers_account() {
    let limited = "222222222222";
    for (role_in, ana_in, allowed) in [(HERE, limited, false), (limited, HERE, true)] {
        let (mut stage, role) = ready(role_in, ana_in);
        assert_eq!(stage.assume_outcome(&role, &[]) == "allowed", allowed, "{ana_in} to {role_in}");
    }
}
