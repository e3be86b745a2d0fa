//! Who gets longer ids of which types. <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/resource-ids.html>
//!
//! The switch over is long past at AWS: whatever is made has a long id, here as there. Preferences are still kept and told. They belong to principals;
//! who has none has the root user's, and that is for long ids until root says otherwise.

use std::collections::BTreeMap;

use service::arn::{self, Arn};
use service::paging;
use service::prelude::*;

use super::{Value, get as setting, set};

/// What principals chose: ARN -> type -> whether ids are long.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Preferences(BTreeMap<String, BTreeMap<String, bool>>);

impl Value for Preferences {
    const NAME: &'static str = "id-format";
}

/// Types whose switch over ended with 2016; nobody can choose any more.
const EARLY: [&str; 4] = ["instance", "reservation", "snapshot", "volume"];
/// The types that followed.
const LATE: [&str; 27] = [
    "bundle",
    "conversion-task",
    "customer-gateway",
    "dhcp-options",
    "elastic-ip-allocation",
    "elastic-ip-association",
    "export-task",
    "flow-log",
    "image",
    "import-task",
    "internet-gateway",
    "network-acl",
    "network-acl-association",
    "network-interface",
    "network-interface-attachment",
    "prefix-list",
    "route-table",
    "route-table-association",
    "security-group",
    "subnet",
    "subnet-cidr-block-association",
    "vpc",
    "vpc-cidr-block-association",
    "vpc-endpoint",
    "vpc-peering-connection",
    "vpn-connection",
    "vpn-gateway",
];

/// `DescribeIdFormatRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeIdFormat {
    pub resource: Option<String>,
}

/// `DescribeIdentityIdFormatRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeIdentityIdFormat {
    pub resource: Option<String>,
    pub principal_arn: String,
}

/// `DescribeAggregateIdFormatRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeAggregateIdFormat {
    pub dry_run: Option<bool>,
}

/// `DescribePrincipalIdFormatRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribePrincipalIdFormat {
    pub dry_run: Option<bool>,
    pub resources: Option<Vec<String>>,
    pub max_results: Option<i64>,
    pub next_token: Option<String>,
}

/// `ModifyIdFormatRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct ModifyIdFormat {
    pub resource: String,
    pub use_long_ids: bool,
}

/// `ModifyIdentityIdFormatRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct ModifyIdentityIdFormat {
    pub resource: String,
    pub use_long_ids: bool,
    pub principal_arn: String,
}

/// `DescribeIdFormatResult`, and that of DescribeIdentityIdFormat.
#[derive(Debug, Serialize, Shaped)]
pub struct Formats {
    pub statuses: Vec<FormatOut>,
}

/// `DescribeAggregateIdFormatResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Aggregate {
    pub use_long_ids_aggregated: bool,
    pub statuses: Vec<FormatOut>,
}

/// `DescribePrincipalIdFormatResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Principals {
    pub principals: Vec<PrincipalOut>,
    pub next_token: Option<String>,
}

/// `PrincipalIdFormat`.
#[derive(Debug, Serialize, Shaped)]
pub struct PrincipalOut {
    pub arn: String,
    pub statuses: Vec<FormatOut>,
}

/// `IdFormat`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Shaped)]
pub struct FormatOut {
    pub deadline: Option<Timestamp>,
    pub resource: &'static str,
    pub use_long_ids: bool,
}

impl Preferences {
    fn of(&self, principal: &str, resource: &str) -> Option<bool> {
        self.0.get(principal)?.get(resource).copied()
    }

    /// The principal's own choice, else root's, else AWS's.
    fn holds_for(&self, principal: &str, root: &str, resource: &str) -> bool {
        self.of(principal, resource).or_else(|| self.of(root, resource)).unwrap_or(true)
    }

    fn statuses(&self, principal: &str, root: &str, resources: &[&'static str]) -> Vec<FormatOut> {
        resources.iter().map(|resource| out(resource, self.holds_for(principal, root, resource))).collect()
    }
}

fn out(resource: &'static str, use_long_ids: bool) -> FormatOut {
    let deadline = if EARLY.contains(&resource) { "2016-12-15T00:00:00Z" } else { "2018-08-15T00:00:00Z" };
    FormatOut { deadline: deadline.parse().ok(), resource, use_long_ids }
}

/// The type with that name among those that exist, or among those that can still be chosen.
fn known(resource: &str, choosable: bool) -> Result<&'static str, ApiError> {
    let early = EARLY.iter().filter(|_| !choosable);
    early.chain(&LATE).find(|known| **known == resource).copied().ok_or_else(|| {
        let message = format!("Value ({resource}) for parameter resource is invalid. Invalid resource type.");
        ApiError::new("InvalidParameterValue", message)
    })
}

fn wanted(resource: Option<&str>) -> Result<Vec<&'static str>, ApiError> {
    match resource.filter(|resource| !resource.is_empty()) {
        Some(resource) => known(resource, false).map(|resource| vec![resource]),
        None => Ok(EARLY.iter().chain(&LATE).copied().collect()),
    }
}

fn root(cx: &Cx) -> String {
    arn::root(cx.partition(), cx.account())
}

/// The caller's formats.
pub fn describe(cx: &Cx, world: &World, input: &DescribeIdFormat) -> Result<Formats, ApiError> {
    let resources = wanted(input.resource.as_deref())?;
    let held: Preferences = setting(cx, world);
    Ok(Formats { statuses: held.statuses(&cx.caller.principal_arn(), &root(cx), &resources) })
}

/// Those of another principal.
pub fn describe_identity(cx: &Cx, world: &World, input: &DescribeIdentityIdFormat) -> Result<Formats, ApiError> {
    let resources = wanted(input.resource.as_deref())?;
    must_be_principal(cx, &input.principal_arn)?;
    let held: Preferences = setting(cx, world);
    Ok(Formats { statuses: held.statuses(&input.principal_arn, &root(cx), &resources) })
}

/// Ids of a type are long if nobody chose otherwise.
pub fn describe_aggregate(cx: &Cx, world: &World, _: &DescribeAggregateIdFormat) -> Result<Aggregate, ApiError> {
    let held: Preferences = setting(cx, world);
    let long = |resource: &str| !held.0.values().any(|chosen| chosen.get(resource) == Some(&false));
    let statuses: Vec<_> = wanted(None)?.into_iter().map(|resource| out(resource, long(resource))).collect();
    Ok(Aggregate { use_long_ids_aggregated: statuses.iter().all(|it| it.use_long_ids), statuses })
}

/// Root, and who chose.
pub fn describe_principals(cx: &Cx, world: &World, input: &DescribePrincipalIdFormat) -> Result<Principals, ApiError> {
    let resources = match input.resources.as_deref() {
        Some(names) if !names.is_empty() => {
            names.iter().map(|name| known(name, false)).collect::<Result<Vec<_>, _>>()?
        }
        _ => wanted(None)?,
    };
    let (mut held, root): (Preferences, _) = (setting(cx, world), root(cx));
    held.0.entry(root.clone()).or_default();
    let outs =
        held.0.keys().map(|arn| PrincipalOut { arn: arn.clone(), statuses: held.statuses(arn, &root, &resources) });
    let scope = format!("principal id formats {resources:?}");
    let page = paging::ec2(&scope, input.next_token.as_deref(), input.max_results, outs, |it| it.arn.clone())?;
    Ok(Principals { principals: page.items, next_token: page.next })
}

/// The caller chooses for itself (of a session that is its role); root for everybody who did not.
pub fn modify(cx: &Cx, tx: &mut Tx, input: &ModifyIdFormat) -> Result<Done, ApiError> {
    choose(cx, tx, cx.caller.principal_arn(), &input.resource, input.use_long_ids)
}

/// Somebody chooses for another, or for `all`.
pub fn modify_identity(cx: &Cx, tx: &mut Tx, input: &ModifyIdentityIdFormat) -> Result<Done, ApiError> {
    if input.principal_arn != "all" {
        must_be_principal(cx, &input.principal_arn)?;
        return choose(cx, tx, input.principal_arn.clone(), &input.resource, input.use_long_ids);
    }
    let mut held: Preferences = setting(cx, tx);
    held.0.values_mut().for_each(|chosen| {
        chosen.remove(&input.resource);
    });
    held.0.retain(|_, chosen| !chosen.is_empty());
    set(cx, tx, &held)?;
    choose(cx, tx, root(cx), &input.resource, input.use_long_ids)
}

fn choose(cx: &Cx, tx: &mut Tx, principal: String, resource: &str, long: bool) -> Result<Done, ApiError> {
    let resource = known(resource, true)?;
    let mut held: Preferences = setting(cx, tx);
    held.0.entry(principal).or_default().insert(resource.to_owned(), long);
    set(cx, tx, &held)?;
    Ok(Done {})
}

/// A user, a role or the root of the caller's account.
fn must_be_principal(cx: &Cx, text: &str) -> Result<(), ApiError> {
    let parsed = Arn::parse(text).filter(|arn| arn.service == "iam" && arn.account == cx.account().as_str());
    let kind =
        |arn: Arn<'_>| arn.resource == "root" || ["user/", "role/"].iter().any(|kind| arn.resource.starts_with(kind));
    if parsed.is_some_and(kind) {
        return Ok(());
    }
    let message = format!("Value ({text}) for parameter principalArn is invalid. Invalid principal ARN.");
    Err(ApiError::new("InvalidParameterValue", message))
}
