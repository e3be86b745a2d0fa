use std::collections::BTreeMap;

use jiff::SignedDuration;
use service::cx::States;

use crate::tests::{Stage, allowing, stage, texts};

const TRUST: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}}"#;
const READ_ONLY: &str = "arn:aws:iam::aws:policy/ReadOnlyAccess";
const OWN: &str = "arn:aws:iam::123456789012:policy/own";

/// An account with something of everything.
fn ready() -> Stage {
    let mut stage = stage();
    let document = allowing("s3:GetObject", "*");
    let tag = [("Tags.member.1.Key", "team"), ("Tags.member.1.Value", "red")];
    stage.done("CreatePolicy", &[("PolicyName", "own"), ("PolicyDocument", &document), ("Description", "mine")]);
    stage.done("CreatePolicy", &[("PolicyName", "unused"), ("PolicyDocument", &document)]);
    stage.done("CreatePolicyVersion", &[("PolicyArn", OWN), ("PolicyDocument", &document)]);
    stage.done("CreateUser", &[[("UserName", "ana"), ("PermissionsBoundary", OWN)].as_slice(), &tag].concat());
    stage.done("CreateUser", &[("UserName", "Ben")]);
    stage.done("CreateGroup", &[("GroupName", "readers")]);
    stage.done("AddUserToGroup", &[("GroupName", "readers"), ("UserName", "ana")]);
    stage.done("PutUserPolicy", &[("UserName", "ana"), ("PolicyName", "p"), ("PolicyDocument", &document)]);
    stage.done("PutGroupPolicy", &[("GroupName", "readers"), ("PolicyName", "p"), ("PolicyDocument", &document)]);
    stage.done("AttachGroupPolicy", &[("GroupName", "readers"), ("PolicyArn", READ_ONLY)]);
    stage.done("AttachUserPolicy", &[("UserName", "ana"), ("PolicyArn", OWN)]);
    stage.done("CreateRole", &[("RoleName", "web"), ("AssumeRolePolicyDocument", TRUST)]);
    stage.done("CreateInstanceProfile", &[[("InstanceProfileName", "web")].as_slice(), &tag].concat());
    stage.done("AddRoleToInstanceProfile", &[("InstanceProfileName", "web"), ("RoleName", "web")]);
    stage
}

fn summary(stage: &mut Stage) -> BTreeMap<String, i64> {
    let xml = stage.done("GetAccountSummary", &[]);
    let names = texts(&xml, "key").into_iter().map(str::to_owned);
    names.zip(texts(&xml, "value").into_iter().map(|text| text.parse().unwrap())).collect()
}

/// The model knows as many; that they are the same is seen with botocore.
#[test]
fn a_summary_has_every_key() {
    assert_eq!(summary(&mut stage()).len(), 34);
}

#[test]
fn a_summary_counts() {
    let mut stage = ready();
    stage.done("CreateVirtualMFADevice", &[("VirtualMFADeviceName", "phone")]);
    stage.done("CreateAccessKey", &[]);
    let counts = summary(&mut stage);
    let cases = [
        ("Users", 2),
        ("Groups", 1),
        ("Roles", 1),
        ("InstanceProfiles", 1),
        ("Policies", 2),
        // One version each of what is attached or a boundary, AWS's too; not more for more versions.
        ("PolicyVersionsInUse", 2),
        ("MFADevices", 1),
        ("MFADevicesInUse", 0),
        ("AccountMFAEnabled", 0),
        ("AccountAccessKeysPresent", 1),
        ("GlobalEndpointTokenVersion", 1),
        ("UsersQuota", 5_000),
    ];
    for (name, expected) in cases {
        assert_eq!(counts[name], expected, "{name}");
    }
}

/// The names on all pages of that size, as `kind name`.
fn walked(stage: &mut Stage, size: &str, filter: &[&str]) -> Vec<String> {
    let (mut all, mut marker) = (Vec::new(), None::<String>);
    loop {
        let names: Vec<String> = (1..=filter.len()).map(|number| format!("Filter.member.{number}")).collect();
        let mut parameters = vec![("MaxItems", size)];
        parameters.extend(names.iter().map(String::as_str).zip(filter.iter().copied()));
        parameters.extend(marker.as_deref().map(|marker| ("Marker", marker)));
        let xml = stage.done("GetAccountAuthorizationDetails", &parameters);
        let before = all.len();
        for (list, name) in
            [("UserDetailList", "UserName"), ("RoleDetailList", "RoleName"), ("GroupDetailList", "GroupName")]
        {
            // Nested roles have the same element.
            let inside = texts(&xml, list).concat();
            let top =
                inside.split("<InstanceProfileList>").map(|part| part.split("</InstanceProfileList>").last().unwrap());
            all.extend(top.flat_map(|part| texts(part, name)).map(|text| format!("{name} {text}")));
        }
        let policies = xml.split("<Policies>").nth(1).and_then(|rest| rest.split("</Policies>").next()).unwrap_or("");
        all.extend(texts(policies, "PolicyName").iter().map(|text| format!("PolicyName {text}")));
        assert!(all.len() - before <= size.parse().unwrap());
        match texts(&xml, "Marker").first() {
            Some(text) => marker = Some((*text).to_owned()),
            None => return all,
        }
    }
}

#[test]
fn details_page_over_all_kinds() {
    let everything = [
        "UserName ana",
        "UserName Ben",
        "RoleName web",
        "GroupName readers",
        "PolicyName own",
        "PolicyName unused",
        "PolicyName ReadOnlyAccess",
    ];
    for size in ["1", "2", "3", "7", "100"] {
        assert_eq!(walked(&mut ready(), size, &[]), everything, "{size}");
    }
    let cases: &[(&[&str], &[&str])] = &[
        (&["User"], &["UserName ana", "UserName Ben"]),
        (&["Group", "Role"], &["RoleName web", "GroupName readers"]),
        (&["LocalManagedPolicy"], &["PolicyName own", "PolicyName unused"]),
        (&["AWSManagedPolicy"], &["PolicyName ReadOnlyAccess"]),
    ];
    for (filter, expected) in cases {
        assert_eq!(walked(&mut ready(), "1", filter), *expected, "{filter:?}");
    }
}

#[test]
fn a_marker_belongs_to_its_kinds() {
    let mut stage = ready();
    let xml = stage.done("GetAccountAuthorizationDetails", &[("MaxItems", "1")]);
    let marker = ("Marker", texts(&xml, "Marker")[0]);
    let kinds = ["AWSManagedPolicy", "LocalManagedPolicy", "Role", "Group", "User"];
    let all: Vec<(String, &str)> = (1..).map(|number| format!("Filter.member.{number}")).zip(kinds).collect();
    let mut parameters: Vec<(&str, &str)> = all.iter().map(|(name, kind)| (name.as_str(), *kind)).collect();
    parameters.push(marker);
    stage.done("GetAccountAuthorizationDetails", &parameters);
    let other = [("Filter.member.1", "User"), marker];
    assert_eq!(stage.refused("GetAccountAuthorizationDetails", &other), "ValidationError: Invalid Marker.");
    let none = [("Filter.member.1", "User"), ("Marker", "not-a-marker")];
    let refused = stage.refused("GetAccountAuthorizationDetails", &none);
    assert_eq!(refused, "ValidationError: Marker and Filter do not match");
    // The item the marker names may be gone by the next page.
    for (operation, parameters) in [
        ("DeleteUserPolicy", [("UserName", "ana"), ("PolicyName", "p")]),
        ("DetachUserPolicy", [("UserName", "ana"), ("PolicyArn", OWN)]),
        ("RemoveUserFromGroup", [("UserName", "ana"), ("GroupName", "readers")]),
    ] {
        stage.done(operation, &parameters);
    }
    stage.done("DeleteUser", &[("UserName", "ana")]);
    let next = stage.done("GetAccountAuthorizationDetails", &[("MaxItems", "1"), marker]);
    assert_eq!(texts(&next, "UserName"), ["Ben"]);
}

#[test]
fn details_show_what_aws_shows() {
    let mut stage = ready();
    let of = |stage: &mut Stage, kind: &str| stage.done("GetAccountAuthorizationDetails", &[("Filter.member.1", kind)]);
    let users = of(&mut stage, "User");
    assert!(users.contains("<GroupList><member>readers</member></GroupList>"), "{users}");
    assert!(users.contains("<PermissionsBoundaryArn>arn:aws:iam::123456789012:policy/own"), "{users}");
    // Ben has neither policies, which leaves out the element, nor tags, which does not.
    assert_eq!((users.matches("<UserPolicyList>").count(), users.matches("<Tags").count()), (1, 2), "{users}");
    let roles = of(&mut stage, "Role");
    assert!(roles.contains("<InstanceProfileName>web</InstanceProfileName>") && roles.contains("<RoleLastUsed"));
    assert_eq!(roles.matches("<Tags").count(), 1, "{roles}");
    let policies = of(&mut stage, "LocalManagedPolicy");
    assert_eq!(texts(&policies, "VersionId"), ["v2", "v1", "v1"]);
    assert_eq!(texts(&policies, "IsDefaultVersion"), ["false", "true", "true"]);
    assert_eq!(texts(&policies, "PermissionsBoundaryUsageCount"), ["1", "0"]);
    assert!(!policies.contains("Description") && policies.contains("<Document>%7B%22Version"));
}

#[test]
fn the_token_version_shows_in_the_summary() {
    let mut stage = stage();
    stage.done("SetSecurityTokenServicePreferences", &[("GlobalEndpointTokenVersion", "v2Token")]);
    assert_eq!(summary(&mut stage)["GlobalEndpointTokenVersion"], 2);
    stage.done("SetSecurityTokenServicePreferences", &[("GlobalEndpointTokenVersion", "v1Token")]);
    assert_eq!(summary(&mut stage)["GlobalEndpointTokenVersion"], 1);
}

fn put(stage: &mut Stage, entries: &[(&str, &str)]) -> String {
    let names: Vec<String> = (1..=entries.len())
        .flat_map(|number| [format!("Properties.entry.{number}.key"), format!("Properties.entry.{number}.value")])
        .collect();
    let values = entries.iter().flat_map(|(key, value)| [*key, *value]);
    let parameters: Vec<(&str, &str)> = names.iter().map(String::as_str).zip(values).collect();
    match stage.call("PutAccountProperties", &parameters) {
        Ok(_) => "done".to_owned(),
        Err(error) => format!("{}: {}", error.code, error.message),
    }
}

#[test]
fn account_properties() {
    let mut stage = stage();
    let value = |stage: &mut Stage| texts(&stage.done("GetAccountProperties", &[]), "value").concat();
    assert_eq!(value(&mut stage), "false");
    let enabled = "RoleManager/Enabled";
    let cases: &[(&[(&str, &str)], &str)] = &[
        (&[("RoleManager", "true")], "Property key must be in format Namespace/PropertyName: RoleManager"),
        (&[("RoleManager/Other", "true")], "RoleManager namespace requires Enabled property"),
        (&[("Other/Enabled", "true")], "Unsupported namespace: Other"),
        (&[(enabled, "true"), ("Other/Enabled", "true")], "All properties must belong to the same namespace"),
        (&[(enabled, "TRUE")], "Enabled must be 'true' or 'false'"),
    ];
    for (entries, text) in cases {
        assert_eq!(put(&mut stage, entries), format!("InvalidInput: {text}"));
    }
    assert_eq!(put(&mut stage, &[(enabled, "true"), ("RoleManager/Other", "x")]), "done");
    assert_eq!(value(&mut stage), "true");
    let role = stage.done("GetRole", &[("RoleName", "AWSServiceRoleForIAMRoleManager")]);
    assert_eq!(texts(&role, "Path"), ["/aws-service-role/role-manager.iam.amazonaws.com/"]);
    let attached = stage.done("ListAttachedRolePolicies", &[("RoleName", "AWSServiceRoleForIAMRoleManager")]);
    assert_eq!(texts(&attached, "PolicyName"), ["AWSIAMRoleManagerServiceRolePolicy"]);
    let id = texts(&role, "RoleId").concat();
    assert_eq!(put(&mut stage, &[(enabled, "false")]), "done");
    assert_eq!((value(&mut stage), put(&mut stage, &[(enabled, "true")])), ("false".into(), "done".into()));
    let role = stage.done("GetRole", &[("RoleName", "AWSServiceRoleForIAMRoleManager")]);
    assert_eq!(texts(&role, "RoleId"), [id]);
}

/// A role that is about to vanish is none that role manager could rely on.
#[test]
fn role_manager_waits_until_its_old_role_is_gone() {
    let mut stage = stage();
    let enabled = |on| [("RoleManager/Enabled", on)];
    assert_eq!(put(&mut stage, &enabled("true")), "done");
    let role = ("RoleName", "AWSServiceRoleForIAMRoleManager");
    stage.done("DeleteServiceLinkedRole", &[role]);
    assert_eq!(
        put(&mut stage, &enabled("true")),
        "InvalidInput: Service role name AWSServiceRoleForIAMRoleManager has been taken in this account, please try a different suffix."
    );
    pass(&mut stage, 10);
    stage.world = stage.world.at(stage.cx.now);
    assert_eq!(put(&mut stage, &enabled("true")), "done");
    stage.done("GetRole", &[role]);
}

#[test]
fn role_manager_needs_the_right_to_its_role() {
    let mut stage = stage();
    stage.user_allowed("ana", "iam:PutAccountProperties", "*");
    stage.act_as_user("ana");
    let refused = put(&mut stage, &[("RoleManager/Enabled", "true")]);
    let role = "arn:aws:iam::123456789012:role/aws-service-role/role-manager.iam.amazonaws.com/AWSServiceRoleForIAMRoleManager";
    assert!(refused.contains(&format!("iam:CreateServiceLinkedRole on resource: {role} because")), "{refused}");
    assert_eq!(put(&mut stage, &[("RoleManager/Enabled", "false")]), "done");
}

fn pass(stage: &mut Stage, seconds: i64) {
    stage.cx.now = stage.cx.now.checked_add(SignedDuration::from_secs(seconds)).unwrap();
}

fn state(stage: &mut Stage) -> String {
    texts(&stage.done("GenerateCredentialReport", &[]), "State").concat()
}

#[test]
fn the_life_of_a_report() {
    let mut stage = ready();
    stage.cx.settings = service::cx::Settings { states: States::Aws, ..(*stage.cx.settings).clone() }.into();
    assert_eq!(stage.refused("GetCredentialReport", &[]), "ReportNotPresent: ");
    let xml = stage.done("GenerateCredentialReport", &[]);
    assert_eq!(texts(&xml, "Description"), ["No report exists. Starting a new report generation task"]);
    assert_eq!((texts(&xml, "State"), state(&mut stage)), (vec!["STARTED"], "INPROGRESS".to_owned()));
    assert_eq!(stage.refused("GetCredentialReport", &[]), "ReportInProgress: ");
    pass(&mut stage, 2);
    assert_eq!(state(&mut stage), "COMPLETE");
    let report = stage.done("GetCredentialReport", &[]);
    stage.done("CreateUser", &[("UserName", "later")]);
    pass(&mut stage, 4 * 3_600);
    assert_eq!(state(&mut stage), "COMPLETE");
    assert_eq!(stage.done("GetCredentialReport", &[]), report);
    pass(&mut stage, 1);
    assert_eq!(stage.refused("GetCredentialReport", &[]), "ReportExpired: ");
    assert_eq!(state(&mut stage), "STARTED");
    pass(&mut stage, 2);
    assert_ne!(stage.done("GetCredentialReport", &[]), report);
}

/// The rows of a new report, by user; each as `column=value`.
fn rows(stage: &mut Stage) -> Vec<BTreeMap<String, String>> {
    assert_eq!(state(stage), "STARTED");
    pass(stage, 60);
    let xml = stage.done("GetCredentialReport", &[]);
    let content = data_encoding::BASE64.decode(texts(&xml, "Content")[0].as_bytes()).unwrap();
    let content = String::from_utf8(content).unwrap();
    assert!(!content.ends_with('\n') && !content.contains('\r'));
    let mut reader = csv::Reader::from_reader(content.as_bytes());
    let header: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    reader.records().map(|row| header.iter().cloned().zip(row.unwrap().iter().map(str::to_owned)).collect()).collect()
}

#[test]
fn what_a_report_says() {
    let mut stage = ready();
    stage.done("CreateUser", &[("UserName", "a,b")]);
    let key = stage.done("CreateAccessKey", &[("UserName", "ana")]);
    let id = texts(&key, "AccessKeyId").concat();
    stage.done("UpdateAccessKey", &[("UserName", "ana"), ("AccessKeyId", &id), ("Status", "Inactive")]);
    let created = stage.cx.now.to_string();
    let rows = rows(&mut stage);
    let users: Vec<&str> = rows.iter().map(|row| row["user"].as_str()).collect();
    assert_eq!(users, ["<root_account>", "a,b", "ana", "Ben"]);
    let (root, ana, ben) = (&rows[0], &rows[2], &rows[3]);
    assert_eq!(root["arn"], "arn:aws:iam::123456789012:root");
    assert_eq!((root["password_next_rotation"].as_str(), root["mfa_active"].as_str()), ("not_supported", "false"));
    assert_eq!(
        (ana["access_key_1_active"].as_str(), ana["access_key_1_last_rotated"].as_str()),
        ("false", created.as_str())
    );
    assert_eq!((ana["access_key_2_active"].as_str(), ana["access_key_2_last_rotated"].as_str()), ("false", "N/A"));
    assert_eq!((ben["user_creation_time"].as_str(), ben["password_enabled"].as_str()), (created.as_str(), "false"));
    assert_eq!(ben.len(), 22);
}
