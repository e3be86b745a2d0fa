use std::collections::HashSet;

use super::*;

#[test]
fn every_policy_has_a_document_that_parses() {
    assert!(all().len() >= 1_594, "{}", all().len());
    assert!(all().is_sorted_by(|a, b| a.name < b.name));
    let lines: Vec<String> = list()
        .blocks
        .iter()
        .flat_map(|block| {
            let text = lines::text(DOCUMENTS, *block).unwrap();
            text.lines().map(str::to_owned).collect::<Vec<_>>()
        })
        .collect();
    assert_eq!(lines.len(), all().len());
    for (policy, line) in all().iter().zip(lines) {
        let line: Line = serde_json::from_str(&line).unwrap();
        assert!(line.versions.contains_key(&policy.default_version), "{}", policy.name);
        policy::Document::parse(&line.document.to_string())
            .unwrap_or_else(|error| panic!("{}: {error:?}", policy.name));
    }
}

#[test]
fn ids_are_unique_and_look_like_ids() {
    let ids: HashSet<String> = all().iter().map(ManagedPolicy::id).collect();
    assert_eq!(ids.len(), all().len());
    assert!(ids.iter().all(|id| id.len() == 21 && id.starts_with("ANPA")));
    assert!(ids.iter().all(|id| id.chars().all(|letter| matches!(letter, 'A'..='Z' | '2'..='7'))));
    // Stored attachments name policies by ARN, but clients remember ids: they must not change with a release.
    assert_eq!(by_arn("AdministratorAccess").unwrap().id(), "ANPAI6WLNEW6EYXVPLIBJ");
}

#[test]
fn found_by_arn_in_any_partition_and_by_name() {
    let billing = by_arn("arn:aws:iam::aws:policy/job-function/Billing").unwrap();
    assert_eq!((billing.name.as_str(), billing.path.as_str()), ("Billing", "/job-function/"));
    assert_eq!(billing.arn("aws-cn"), "arn:aws-cn:iam::aws:policy/job-function/Billing");
    for found in ["Billing", "arn:aws-cn:iam::aws:policy/job-function/Billing"] {
        assert_eq!(by_arn(found).unwrap().name, "Billing");
    }
    for absent in [
        "arn:aws:iam::aws:policy/Billing",
        "arn:aws:iam::123456789012:policy/job-function/Billing",
        "arn:aws:iam::aws:role/job-function/Billing",
        "arn:aws:iam::aws:policy",
        "billing",
        "",
    ] {
        assert!(by_arn(absent).is_none(), "{absent}");
    }
}

#[test]
fn paths_are_the_ones_aws_uses() {
    let paths: HashSet<&str> = all().iter().map(|policy| policy.path.as_str()).collect();
    assert_eq!(paths, HashSet::from(["/", "/service-role/", "/aws-service-role/", "/job-function/", "/root-task/"]));
    for (name, path) in [
        ("AmazonSSMManagedInstanceCore", "/"),
        ("AmazonEC2RoleforSSM", "/service-role/"),
        ("AWSElasticLoadBalancingServiceRolePolicy", "/aws-service-role/"),
    ] {
        assert_eq!(by_arn(name).unwrap().path, path, "{name}");
    }
}

#[test]
fn documents_and_versions() {
    let administrator = by_arn("AdministratorAccess").unwrap();
    let text = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
    assert_eq!(administrator.document().text(), text);
    assert!(administrator.document().document().is_some());
    let power_user = by_arn("PowerUserAccess").unwrap();
    let versions = power_user.versions();
    assert!(versions.len() > 3);
    assert!(versions.is_sorted_by(|a, b| number(&a.id) > number(&b.id)));
    assert_eq!(versions.iter().filter(|version| version.is_default).count(), 1);
    assert_eq!(versions.first().map(|version| version.id.as_str()), Some(power_user.default_version.as_str()));
    assert_eq!(versions.last().map(|version| version.created_at), Some(power_user.created_at));
}
