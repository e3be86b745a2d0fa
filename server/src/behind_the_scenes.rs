//! What on AWS happens where no client sees it, for test suites, by the admin API: a service that uses its service-linked role, templates
//! that partners and services register, instances of IAM Identity Center, the notification by which a partner gets its exchange token, retention rules of the
//! Recycle Bin, what internet registries have in their books, and what Amazon Inspector found in images.

use std::sync::Arc;

use ec2::family::ipam::rpki::books::{Block, RegistryBooks};
use ec2::image::finding::{Finding, ImageFindings, SEVERITIES};
use ec2::recycle_bin::{RetentionRule, RuleTag, Sort};
use hyper::{Method, StatusCode};
use iam::delegation::{self, trade_in};
use iam::record::{DelegationRequest, IdentityCenterInstance, LinkedRoleUse, PolicyTemplate, RoleTemplate, folded};
use jiff::Timestamp;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use service::AccountId;
use storage::{Key, Record, Tx, WriteError};

use crate::admin::{Refusal, Reply, bad, not_stored};
use crate::server::Server;

/// Answers one of the paths of this module; `None` for any other.
pub async fn reply(server: &Server, method: &Method, steps: &[&str], body: &[u8]) -> Option<Reply> {
    Some(match steps {
        ["service-linked-role-uses"] => {
            put_or_remove(server, method, body, |given: RoleUse| given.record(server)).await
        }
        ["policy-templates"] => put_or_remove(server, method, body, |given: Template| given.record(server)).await,
        ["role-templates"] => put_or_remove(server, method, body, role_template).await,
        ["identity-center-instances"] => {
            put_or_remove(server, method, body, |given: IdentityCenter| given.record(server)).await
        }
        ["registry-books"] => put_or_remove(server, method, body, |given: Books| given.record(server)).await,
        ["image-findings"] => put_or_remove(server, method, body, Findings::record).await,
        ["recycle-bin-rules"] => put_or_remove(server, method, body, |given: Rule| given.record(server)).await,
        ["delegation-requests", id] => delegation_request(server, method, id).await,
        _ => return None,
    })
}

/// A resource that a service keeps with its service-linked role, so that its deletion fails.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RoleUse {
    /// Absent: the default account.
    account: Option<AccountId>,
    role_name: String,
    region: String,
    resource: String,
}

impl RoleUse {
    fn record(self, server: &Server) -> Result<LinkedRoleUse, Refusal> {
        known_region(&self.region)?;
        Ok(LinkedRoleUse {
            account: self.account.unwrap_or(server.settings.default_account),
            role: folded(&self.role_name),
            region: self.region,
            resource: self.resource,
        })
    }
}

/// An instance of IAM Identity Center, with which identity providers can be associated.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct IdentityCenter {
    instance_arn: String,
    /// Whose it is. Absent: the default account.
    account: Option<AccountId>,
    identity_store_id: String,
}

impl IdentityCenter {
    fn record(self, server: &Server) -> Result<IdentityCenterInstance, Refusal> {
        must_be_arn(&self.instance_arn)?;
        Ok(IdentityCenterInstance {
            arn: self.instance_arn,
            account: self.account.unwrap_or(server.settings.default_account),
            identity_store_id: self.identity_store_id,
        })
    }
}

/// A policy with parameters, registered for the account that makes delegation requests of it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Template {
    arn: String,
    /// Absent: the default account.
    account: Option<AccountId>,
    requestor_name: String,
    document: Value,
}

impl Template {
    fn record(self, server: &Server) -> Result<PolicyTemplate, Refusal> {
        must_be_arn(&self.arn)?;
        if !self.document.is_object() {
            return Err(bad("`document` is a policy, a JSON object"));
        }
        Ok(PolicyTemplate {
            arn: self.arn,
            requestor: self.account.unwrap_or(server.settings.default_account),
            requestor_name: self.requestor_name,
            document: self.document.to_string(),
        })
    }
}

fn role_template(given: RoleTemplate) -> Result<RoleTemplate, Refusal> {
    must_be_arn(&given.arn)?;
    if !given.versions.iter().any(|version| version.minor_version == given.default_minor_version) {
        return Err(bad("`defaultMinorVersion` is none of the `versions`"));
    }
    Ok(given)
}

fn must_be_arn(text: &str) -> Result<(), Refusal> {
    if service::arn::Arn::parse(text).is_some() { Ok(()) } else { Err(bad(format!("`{text}` is no ARN"))) }
}

fn known_region(name: &str) -> Result<(), Refusal> {
    if service::regions::region(name).is_some() { Ok(()) } else { Err(bad(format!("`{name}` is no region"))) }
}

/// A retention rule of the service Recycle Bin: what is deleted and covered by it can be restored for so many days. What the members mean is documented at
/// <https://docs.aws.amazon.com/recyclebin/latest/APIReference/API_CreateRule.html>.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Rule {
    /// Absent: the default account.
    account: Option<AccountId>,
    region: String,
    identifier: String,
    /// `EC2_IMAGE`, `EBS_SNAPSHOT` or `EBS_VOLUME`
    resource_type: Sort,
    /// 1 to 365; volumes stay 7 at most.
    retention_days: i64,
    /// Absent: everything in the region.
    #[serde(default)]
    resource_tags: Vec<RuleTag>,
    #[serde(default)]
    exclude_resource_tags: Vec<RuleTag>,
}

impl Rule {
    fn record(self, server: &Server) -> Result<RetentionRule, Refusal> {
        let most = if self.resource_type == Sort::Volume { 7 } else { 365 };
        if !(1..=most).contains(&self.retention_days) {
            return Err(bad(format!("`retentionDays` is 1 to {most}")));
        }
        known_region(&self.region)?;
        if !self.resource_tags.is_empty() && !self.exclude_resource_tags.is_empty() {
            return Err(bad("a rule has `resourceTags` or `excludeResourceTags`, not both"));
        }
        Ok(RetentionRule {
            account: self.account.unwrap_or(server.settings.default_account),
            region: self.region,
            id: self.identifier,
            sort: self.resource_type,
            days: self.retention_days,
            tags: self.resource_tags,
            except: self.exclude_resource_tags,
        })
    }
}

/// What an internet registry has in its books for an association of an IPAM with it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Books {
    /// Absent: the default account.
    account: Option<AccountId>,
    region: String,
    ipam_internet_registry_association_id: String,
    #[serde(default)]
    cidrs: Vec<Block>,
    #[serde(default)]
    asns: Vec<u32>,
}

impl Books {
    fn record(self, server: &Server) -> Result<RegistryBooks, Refusal> {
        known_region(&self.region)?;
        Ok(RegistryBooks {
            account: self.account.unwrap_or(server.settings.default_account),
            region: self.region,
            association: self.ipam_internet_registry_association_id,
            cidrs: self.cidrs,
            asns: self.asns,
            observed_at: server.clock.read().now,
        })
    }
}

/// What Amazon Inspector found in an image; the members of a finding are documented at
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ImageFinding.html>.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Findings {
    region: String,
    image_id: String,
    #[serde(default)]
    findings: Vec<GivenFinding>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct GivenFinding {
    title: String,
    severity_label: String,
    score: Option<f64>,
    fix_available: Option<bool>,
    first_observed_at: Timestamp,
    updated_at: Timestamp,
    #[serde(default)]
    paths: Vec<String>,
    snapshot_id: Option<String>,
}

impl Findings {
    fn record(self) -> Result<ImageFindings, Refusal> {
        known_region(&self.region)?;
        let findings = self.findings.into_iter().map(GivenFinding::finding).collect::<Result<_, _>>()?;
        Ok(ImageFindings { region: self.region, image_id: self.image_id, findings })
    }
}

impl GivenFinding {
    fn finding(self) -> Result<Finding, Refusal> {
        if !SEVERITIES.contains(&self.severity_label.as_str()) {
            return Err(bad(format!("`severityLabel` is one of {}", SEVERITIES.join(", "))));
        }
        Ok(Finding {
            title: self.title,
            severity_label: self.severity_label,
            score: self.score,
            fix_available: self.fix_available,
            first_observed_at: self.first_observed_at,
            updated_at: self.updated_at,
            paths: self.paths,
            snapshot_id: self.snapshot_id,
        })
    }
}

/// `PUT` stores the record that the body describes, `DELETE` with the same body removes it.
async fn put_or_remove<B, R>(
    server: &Server,
    method: &Method,
    body: &[u8],
    record: impl Fn(B) -> Result<R, Refusal>,
) -> Reply
where
    B: DeserializeOwned,
    R: Record + Clone,
{
    let put = match *method {
        Method::PUT => true,
        Method::DELETE => false,
        _ => return Err(wrong_method()),
    };
    let record = record(serde_json::from_slice(body).map_err(|error| bad(error.to_string()))?)?;
    let key = record.key();
    let written = server.store.write(server.clock.read().now, move |tx: &mut Tx| {
        if put {
            tx.put(record.clone());
            return Ok(());
        }
        match remove::<R>(tx, &key) {
            Some(_) => Ok(()),
            None => Err(Refusal(StatusCode::NOT_FOUND, format!("`{key}` is not there"))),
        }
    });
    written.await.map_err(|error| match error {
        WriteError::Refused(refusal) => refusal,
        WriteError::Failed(_) | WriteError::Panicked => not_stored("it"),
    })?;
    Ok(json!({ "stored": put }))
}

fn remove<R: Record>(tx: &mut Tx, key: &Key) -> Option<Arc<R>> {
    tx.remove::<R>(&key.parts().collect::<Vec<_>>())
}

/// What the requestor's SNS topic is told: how the request stands, and once it is finalized the exchange token.
async fn delegation_request(server: &Server, method: &Method, id: &str) -> Reply {
    if *method != Method::GET {
        return Err(wrong_method());
    }
    let now = server.clock.read().now;
    let world = server.store.snapshot(now).await;
    let Some(request) = world.get::<DelegationRequest>(&[id]) else {
        return Err(Refusal(StatusCode::NOT_FOUND, format!("there is no delegation request `{id}`")));
    };
    Ok(json!({
        "delegationRequestId": request.id,
        "workflowId": request.workflow_id,
        "notificationChannel": request.notification_channel,
        "state": delegation::state_at(request, now),
        "exchangeToken": trade_in::token(&world, request),
    }))
}

fn wrong_method() -> Refusal {
    Refusal(StatusCode::METHOD_NOT_ALLOWED, "that method is not for this path".into())
}
