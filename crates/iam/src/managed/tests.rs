use std::collections::HashSet;

use super::*;

#[test]
fn every_policy_has_a_document_that_parses() {
    assert!(all().len() >= 1_594, "{}", all().len());
    assert!(all().is_sorted_by(|a, b| a.name < b.name));
    for policy in all() {
        let versions = policy.versions();
        assert_eq!(versions.first().map(|version| version.id.as_str()), Some(policy.default_version.as_str()));
        assert!(policy.document().document().is_some(), "{}", policy.name);
    }
}

/// The package has 6,194 versions with documents; every one of them stands where its policy and number say.
#[test]
fn every_version_has_a_document_that_parses() {
    let mut versions = 0;
    for (number, stream) in list().streams.iter().enumerate() {
        let lines: Vec<String> = solid::lines(DOCUMENTS, stream.at).collect();
        let (newest, older) = lines.split_at(stream.policies);
        let lines: Vec<Line> = newest.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(older.len(), lines.iter().map(|line| line.versions.len() - 1).sum::<usize>(), "stream {number}");
        versions += lines.iter().map(|line| line.versions.len()).sum::<usize>();
        for text in older {
            policy::Document::parse(text).unwrap_or_else(|error| panic!("stream {number}: {error:?}: {text}"));
        }
    }
    assert_eq!(versions, 6_194);
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
    let number = |version: &Version| version.id.trim_start_matches('v').parse::<u32>().unwrap();
    assert!(versions.is_sorted_by(|a, b| number(a) > number(b)));
    assert_eq!(versions.iter().filter(|version| version.is_default).count(), 1);
    assert_eq!(versions.first().map(|version| version.id.as_str()), Some(power_user.default_version.as_str()));
    let date = |version: Option<&Version>| version.and_then(|version| version.created_at);
    assert_eq!(date(versions.first()), Some(power_user.updated_at));
    assert_eq!(date(versions.last()), Some(power_user.created_at));
    let known: Vec<_> = versions.iter().filter_map(|version| version.created_at).collect();
    assert!(known.is_sorted_by(|newer, older| newer > older), "{versions:?}");
}

#[test]
fn old_versions_keep_their_documents() {
    let policy = by_arn("AmazonEC2ContainerServiceAutoscaleRole").unwrap();
    let ids: Vec<String> = policy.versions().into_iter().map(|version| version.id).collect();
    assert_eq!(ids.last().map(String::as_str), Some("v1"));
    let texts: HashSet<String> = ids.iter().map(|id| policy.document_of(id).unwrap()).collect();
    assert_eq!(texts.len(), ids.len(), "no two versions say the same");
    assert_eq!(policy.document_of("v99"), None);
    let all = policy.documents();
    assert_eq!(all.iter().map(|(version, _)| version.clone()).collect::<Vec<_>>(), policy.versions());
    for (version, text) in all {
        assert_eq!(policy.document_of(&version.id), Some(text), "{}", version.id);
    }
}
