//! Prefix list resolvers: rules that select blocks out of what an address manager knows. Each time the selection is another one than before it makes a
//! version, and the targets ([`super::target`]) write a version into managed prefix lists.
//!
//! Nobody tells a resolver that a VPC came or went: before a request in a place where its versions or lists can be seen the selection is made anew
//! ([`is_due`], [`follow`]), as everything else that is due.
//! <https://docs.aws.amazon.com/vpc/latest/ipam/automate-prefix-list-updates.html>

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ipnet::IpNet;
use serde_json::{Value, json};
use service::Service;
use service::paging;
use service::prelude::*;

use super::super::Family;
use super::super::describe::{self, Seen};
use super::super::item::{self, Item};
use super::{LIFE, cidr, monitor, must_not_exceed, pool, target};
use crate::kind;
use crate::refused::{invalid, missing};

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpamPrefixListResolver.html>
pub static RESOLVERS: Family = Family {
    owner: Some("OwnerId"),
    arn: Some("IpamPrefixListResolverArn"),
    life: Some(LIFE),
    within: &[("IpamId", &kind::IPAM)],
    besides: &[("Rules.IpamScopeId", &kind::IPAM_SCOPE)],
    filters: &[
        "owner-id",
        "ipam-prefix-list-resolver-id",
        "ipam-prefix-list-resolver-arn",
        "ipam-arn",
        "ipam-region",
        "address-family",
        "description",
        "state",
        "last-version-creation-status",
    ],
    fill,
    ..Family::of(&kind::IPAM_PREFIX_LIST_RESOLVER, "IpamPrefixListResolverId")
};

/// Members shown nowhere: the address manager, the rules, and the versions, of which the last ones are kept.
const OF_IPAM: &str = "OfIpam";
const RULES: &str = "Rules";
const VERSIONS: &str = "Versions";
const KEPT: usize = 100;

/// The operations.
pub fn operations() -> Vec<Operation> {
    let on = |name, handler: fn(&Cx, &World, &Document) -> Result<Document, ApiError>, uses| {
        RESOLVERS.on_one(Operation::read(Service::Ec2, name, handler), uses)
    };
    vec![
        RESOLVERS.create("CreateIpamPrefixListResolver", &["Rules"]),
        RESOLVERS.describe("DescribeIpamPrefixListResolvers"),
        RESOLVERS.modify("ModifyIpamPrefixListResolver", &["Rules"], change),
        RESOLVERS.delete("DeleteIpamPrefixListResolver"),
        on("GetIpamPrefixListResolverRules", rules, &["Filters", "MaxResults", "NextToken"]),
        on(
            "GetIpamPrefixListResolverVersions",
            versions,
            &["IpamPrefixListResolverVersions", "Filters", "MaxResults", "NextToken"],
        ),
        on(
            "GetIpamPrefixListResolverVersionEntries",
            entries,
            &["IpamPrefixListResolverVersion", "MaxResults", "NextToken"],
        ),
    ]
}

fn fill(cx: &Cx, tx: &mut Tx, input: &Document, item: &mut Item) -> Result<(), ApiError> {
    let ipam = item::alive(tx, cx, &kind::IPAM, input.text("IpamId").unwrap_or_default())?;
    super::must_be_advanced(&ipam)?;
    let is_of = |held: &&Arc<Item>| held.document.text(OF_IPAM) == Some(&ipam.id);
    let count = own(tx, cx.account()).filter(is_of).count() + 1;
    must_not_exceed(count, MOST_RESOLVERS, "prefix list resolvers of an IPAM")?;
    item.document.set(OF_IPAM, ipam.id.as_str());
    item.document.set("IpamArn", kind::IPAM.arn(cx, &ipam.id));
    item.document.set("IpamRegion", cx.region_name());
    set_rules(cx, tx, input, item)?;
    let selected = selected(tx, item, &mut Looked::default());
    add_version(item, &selected);
    Ok(())
}

/// "These rules replace the existing rules entirely."
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyIpamPrefixListResolver.html>
fn change(cx: &Cx, tx: &mut Tx, input: &Document, item: &mut Item) -> Result<(), ApiError> {
    if input.at("Rules").is_some() {
        set_rules(cx, tx, input, item)?;
        let selected = selected(tx, item, &mut Looked::default());
        if !is_newest(item, &selected) {
            add_version(item, &selected);
        }
    }
    super::changes(cx, item);
    Ok(())
}

/// How many rules a resolver has, conditions a rule, and resolvers an address manager: each is looked at before requests. AWS's own numbers are not
/// known.
const MOST_RULES: usize = 50;
const MOST_CONDITIONS: usize = 10;
const MOST_RESOLVERS: usize = 100;

fn set_rules(cx: &Cx, world: &World, input: &Document, item: &mut Item) -> Result<(), ApiError> {
    let rules = input.list("Rules");
    must_not_exceed(rules.len(), MOST_RULES, "rules of a prefix list resolver")?;
    for rule in rules.iter().cloned().map(Document::from) {
        check_rule(cx, world, item, &rule)?;
    }
    item.document.set(RULES, rules);
    Ok(())
}

/// Types of rules, with members that are of other types: "Static CIDR rules cannot have conditions".
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpamPrefixListResolverRuleRequest.html>
const FOREIGN: [(&str, &[&str]); 3] = [
    (STATIC, &["IpamScopeId", "ResourceType", "Conditions"]),
    (OF_POOLS, &["StaticCidr", "ResourceType"]),
    (OF_RESOURCES, &["StaticCidr"]),
];
const STATIC: &str = "static-cidr";
const OF_POOLS: &str = "ipam-pool-cidr";
const OF_RESOURCES: &str = "ipam-resource-cidr";

fn must_be_of_type(rule: &Document, of: &str) -> Result<(), ApiError> {
    let Some((_, foreign)) = FOREIGN.iter().find(|(held, _)| *held == of) else {
        return Err(invalid(format!("Value ({of}) for parameter ruleType is invalid.")));
    };
    let is_there = |member: &&&str| match rule.at(member) {
        Some(Value::Array(items)) => !items.is_empty(),
        other => other.is_some(),
    };
    match foreign.iter().find(is_there) {
        None => Ok(()),
        Some(member) => Err(invalid(format!("Rules of the type {of} cannot have the parameter {member}."))),
    }
}

fn check_rule(cx: &Cx, world: &World, resolver: &Item, rule: &Document) -> Result<(), ApiError> {
    let of = rule.text("RuleType").unwrap_or_default();
    must_be_of_type(rule, of)?;
    if of == STATIC {
        let text = rule.text("StaticCidr").ok_or_else(|| missing("StaticCidr"))?;
        return match text.parse::<IpNet>() {
            Ok(block) if block.trunc() == block && is_of_family(resolver, block) => Ok(()),
            _ => Err(invalid(format!("Value ({text}) for parameter staticCidr is invalid."))),
        };
    }
    let scope =
        item::alive(world, cx, &kind::IPAM_SCOPE, rule.text("IpamScopeId").ok_or_else(|| missing("IpamScopeId"))?)?;
    if scope.document.text(super::OF_IPAM) != resolver.document.text(OF_IPAM) {
        return Err(invalid(format!("The scope {} is of another IPAM.", scope.id)));
    }
    if of == OF_RESOURCES && rule.text("ResourceType").is_none() {
        return Err(missing("ResourceType"));
    }
    let conditions = rule.list("Conditions");
    must_not_exceed(conditions.len(), MOST_CONDITIONS, "conditions of a rule")?;
    conditions.into_iter().map(Document::from).try_for_each(|condition| check_condition(of, &condition))
}

/// What a condition can look at, one a condition, and how resources call it.
const LOOKED_AT: [(&str, &str); 4] = [
    ("IpamPoolId", "IpamPoolId"),
    ("ResourceId", "ResourceId"),
    ("ResourceOwner", "ResourceOwnerId"),
    ("ResourceRegion", "ResourceRegion"),
];

fn check_condition(of: &str, condition: &Document) -> Result<(), ApiError> {
    let members = LOOKED_AT.map(|(member, _)| member).into_iter().chain(["ResourceTag", "Cidr"]);
    if members.filter(|member| condition.at(member).is_some()).count() != 1 {
        return Err(invalid("A condition must have exactly one attribute to compare with."));
    }
    let of_resources = ["ResourceId", "ResourceOwner", "ResourceRegion", "ResourceTag"];
    if let Some(member) = of_resources.iter().find(|member| of == OF_POOLS && condition.at(member).is_some()) {
        return Err(invalid(format!("Conditions of rules of the type {of} cannot have the parameter {member}.")));
    }
    if condition.at("ResourceTag").is_some() && condition.text("ResourceTag.Key").is_none_or(str::is_empty) {
        return Err(missing("ResourceTag.Key"));
    }
    let is_cidr = condition.text("Cidr").map(|text| text.parse::<IpNet>().is_ok());
    match (condition.text("Operation"), is_cidr) {
        (_, Some(false)) => Err(invalid("The CIDR of a condition is not a valid CIDR block.")),
        (Some("subnet-of"), None) => Err(invalid("The operation subnet-of is for conditions on a CIDR only.")),
        _ => Ok(()),
    }
}

fn is_of_family(resolver: &Item, block: IpNet) -> bool {
    block.addr().is_ipv6() == (resolver.document.text("AddressFamily") == Some("ipv6"))
}

/// A block that a rule may select, with what conditions look at: a resource's, or one that is provisioned to a pool.
struct Candidate {
    block: IpNet,
    about: Document,
    tags: Vec<Tag>,
}

/// A condition that compares with nothing holds for nothing.
fn meets(candidate: &Candidate, condition: &Document) -> bool {
    let operation = condition.text("Operation");
    let equals = if let Some(text) = condition.text("Cidr") {
        let wanted = text.parse::<IpNet>().ok();
        if operation == Some("subnet-of") {
            return wanted.is_some_and(|wanted| wanted.contains(&candidate.block));
        }
        wanted.map(|wanted| wanted.trunc() == candidate.block)
    } else if let Some(key) = condition.text("ResourceTag.Key") {
        let value = condition.text("ResourceTag.Value");
        Some(candidate.tags.iter().any(|tag| tag.key == key && value.is_none_or(|value| tag.value == value)))
    } else {
        let mut members = LOOKED_AT.iter().filter_map(|(member, path)| Some((condition.text(member)?, path)));
        members.next().map(|(wanted, path)| candidate.about.text(path) == Some(wanted))
    };
    equals.is_some_and(|equals| equals != (operation == Some("not-equals")))
}

/// What was looked at in one pass, by the type of rule and the scope: each once for all rules and resolvers.
#[derive(Default)]
struct Looked(BTreeMap<(bool, String), Vec<Candidate>>);

impl Looked {
    /// Blocks that a rule, of whichever type but static, chooses from.
    fn candidates(&mut self, world: &World, ipam: &Item, rule: &Document) -> impl Iterator<Item = &Candidate> {
        let scope = rule.text("IpamScopeId").unwrap_or_default();
        let is_of_pools = rule.text("RuleType") == Some(OF_POOLS);
        let all = self.0.entry((is_of_pools, scope.to_owned())).or_insert_with(|| match is_of_pools {
            true => of_pools(world, ipam, scope),
            false => of_resources(world, ipam, scope),
        });
        all.iter().filter(move |one| is_of_pools || one.about.text("ResourceType") == rule.text("ResourceType"))
    }
}

fn of_pools(world: &World, ipam: &Item, scope: &str) -> Vec<Candidate> {
    let keys = [ipam.account.as_str(), &ipam.region, kind::IPAM_POOL.resource_type];
    let pools = world.by::<Item>(Item::BY_KIND, &keys).filter(|it| !it.is_deleted());
    let own = pools.filter(|it| pool::scope_id(it) == Some(scope));
    let of_pool = |pool: &Arc<Item>| {
        let about = Document::from(json!({"IpamPoolId": pool.id, "ResourceOwnerId": pool.account}));
        let block = |block| Candidate { block, about: about.clone(), tags: pool.tags.clone() };
        cidr::claimed(pool).into_iter().map(block).collect::<Vec<_>>()
    };
    own.flat_map(of_pool).collect()
}

fn of_resources(world: &World, ipam: &Item, scope: &str) -> Vec<Candidate> {
    let candidate = |Seen { shown, tags, .. }: Seen| {
        let block = shown.text("ResourceCidr")?.parse().ok()?;
        Some(Candidate { block, about: shown, tags })
    };
    monitor::seen_in(world, ipam, scope).into_iter().filter_map(candidate).collect()
}

/// What the rules select now: blocks that meet all conditions of one of them.
fn selected(world: &World, resolver: &Item, looked: &mut Looked) -> Vec<String> {
    let ipam = resolver.document.text(OF_IPAM).unwrap_or_default();
    let Some(ipam) = world.get::<Item>(&[resolver.account.as_str(), &resolver.region, ipam]) else { return Vec::new() };
    let mut blocks: BTreeSet<IpNet> = BTreeSet::new();
    for rule in resolver.document.list(RULES).into_iter().map(Document::from) {
        if rule.text("RuleType") == Some(STATIC) {
            blocks.extend(rule.text("StaticCidr").and_then(|text| text.parse::<IpNet>().ok()));
            continue;
        }
        let conditions: Vec<Document> = rule.list("Conditions").into_iter().map(Document::from).collect();
        let fit = looked.candidates(world, ipam, &rule).filter(|one| conditions.iter().all(|it| meets(one, it)));
        blocks.extend(fit.map(|one| one.block).filter(|block| is_of_family(resolver, *block)));
    }
    blocks.iter().map(IpNet::to_string).collect()
}

/// The versions that are kept, the oldest first: their numbers and blocks. Nothing is copied: the newest is looked at before requests.
fn versions_of(resolver: &Item) -> impl DoubleEndedIterator<Item = (i64, &[Value])> {
    fn items(list: Option<&Value>) -> &[Value] {
        list.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
    }
    let number = |version: &Value| version.get("Version").and_then(Value::as_i64).unwrap_or_default();
    items(resolver.document.at(VERSIONS)).iter().map(move |version| (number(version), items(version.get("Cidrs"))))
}

/// The number of the newest version.
pub fn latest(resolver: &Item) -> Option<i64> {
    versions_of(resolver).next_back().map(|(number, _)| number)
}

/// Whether the newest version has just these blocks.
fn is_newest(resolver: &Item, blocks: &[String]) -> bool {
    let newest = versions_of(resolver).next_back();
    newest.is_some_and(|(_, held)| held.iter().map(Value::as_str).eq(blocks.iter().map(|block| Some(block.as_str()))))
}

/// The blocks of a version.
pub fn version(resolver: &Item, number: i64) -> Option<Vec<String>> {
    let (_, blocks) = versions_of(resolver).find(|(held, _)| *held == number)?;
    Some(blocks.iter().filter_map(|block| block.as_str().map(str::to_owned)).collect())
}

fn add_version(resolver: &mut Item, blocks: &[String]) {
    let number = latest(resolver).map_or(1, |number| number.saturating_add(1));
    let mut versions = resolver.document.list(VERSIONS);
    versions.push(json!({"Version": number, "Cidrs": blocks}));
    let over = versions.len().saturating_sub(KEPT);
    versions.drain(..over);
    resolver.document.set(VERSIONS, versions);
    resolver.document.set("LastVersionCreationStatus", "success");
}

pub fn no_such_version(number: i64) -> ApiError {
    invalid(format!("The resolver has no version {number}."))
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetIpamPrefixListResolverRules.html>
fn rules(cx: &Cx, world: &World, input: &Document) -> Result<Document, ApiError> {
    let resolver = RESOLVERS.alive(cx, world, input.text(RESOLVERS.id).unwrap_or_default())?;
    let see = |(position, rule): (usize, Value)| Seen {
        id: format!("{position:06}"),
        shown: Document::from(rule),
        tags: Vec::new(),
    };
    let seen = resolver.document.list(RULES).into_iter().enumerate().map(see);
    let filters = &["rule-type", "ipam-scope-id", "resource-type", "static-cidr"];
    let page = describe::choose(&format!("GetIpamPrefixListResolverRules {}", resolver.id), input, filters, seen)?;
    Ok(Document::from(json!({"Rules": page.items, "NextToken": page.next})))
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetIpamPrefixListResolverVersions.html>
fn versions(cx: &Cx, world: &World, input: &Document) -> Result<Document, ApiError> {
    let resolver = RESOLVERS.alive(cx, world, input.text(RESOLVERS.id).unwrap_or_default())?;
    let wanted: Vec<i64> = input.list("IpamPrefixListResolverVersions").iter().filter_map(Value::as_i64).collect();
    if let Some(number) = wanted.iter().find(|number| !versions_of(&resolver).any(|(held, _)| held == **number)) {
        return Err(no_such_version(*number));
    }
    let chosen = versions_of(&resolver).filter(|(number, _)| wanted.is_empty() || wanted.contains(number));
    let see = |(number, _): (i64, &[Value])| Seen {
        id: format!("{number:020}"),
        shown: Document::from(json!({"Version": number})),
        tags: Vec::new(),
    };
    let scope = format!("GetIpamPrefixListResolverVersions {} {wanted:?}", resolver.id);
    let page = describe::choose(&scope, input, &["version"], chosen.map(see))?;
    Ok(Document::from(json!({"IpamPrefixListResolverVersions": page.items, "NextToken": page.next})))
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetIpamPrefixListResolverVersionEntries.html>
fn entries(cx: &Cx, world: &World, input: &Document) -> Result<Document, ApiError> {
    let resolver = RESOLVERS.alive(cx, world, input.text(RESOLVERS.id).unwrap_or_default())?;
    let number = input.number("IpamPrefixListResolverVersion").unwrap_or_default();
    let mut blocks = version(&resolver, number).ok_or_else(|| no_such_version(number))?;
    blocks.sort();
    let scope = format!("GetIpamPrefixListResolverVersionEntries {} {number}", resolver.id);
    let page = paging::ec2(&scope, input.text("NextToken"), input.number("MaxResults"), blocks, Clone::clone)?;
    let shown: Vec<Value> = page.items.iter().map(|cidr| json!({"Cidr": cidr})).collect();
    Ok(Document::from(json!({"Entries": shown, "NextToken": page.next})))
}

/// The resolvers of an account, in whichever region.
fn own(world: &World, account: AccountId) -> impl Iterator<Item = &Arc<Item>> {
    let all = world.by::<Item>(Item::BY_LINK, &[account.as_str(), kind::IPAM_PREFIX_LIST_RESOLVER.resource_type]);
    all.filter(|it| !it.is_deleted())
}

/// The resolvers of an account whose versions, or whose lists, are seen in a region.
fn seen_from<'w>(world: &'w World, account: AccountId, region: &str) -> impl Iterator<Item = &'w Arc<Item>> {
    own(world, account)
        .filter(move |it| it.region == region || target::of(world, it).any(|target| target::is_in(target, region)))
}

/// Whether the selection of a resolver that is seen from there has changed, or a list is behind.
pub fn is_due(world: &World, account: AccountId, region: &str) -> bool {
    let mut looked = Looked::default();
    let is_behind = |resolver: &Arc<Item>| {
        !is_newest(resolver, &selected(world, resolver, &mut looked))
            || target::of(world, resolver).any(|it| target::is_behind(world, resolver, it))
    };
    seen_from(world, account, region).any(is_behind)
}

/// Makes the versions that are due, and brings the lists up to them.
pub fn follow(cx: &Cx, tx: &mut Tx) {
    let resolvers: Vec<Arc<Item>> = seen_from(tx, cx.account(), cx.region_name()).cloned().collect();
    // Versions and lists are nothing that is looked at.
    let mut looked = Looked::default();
    for mut resolver in resolvers {
        let selected = selected(tx, &resolver, &mut looked);
        if !is_newest(&resolver, &selected) {
            add_version(Arc::make_mut(&mut resolver), &selected);
            tx.put(Item::clone(&resolver));
        }
        target::follow(cx, tx, &resolver);
    }
}
