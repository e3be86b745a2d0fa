//! A simulation's request, understood: what is asked, by whom, under which policies. Every rule for the input is here or in the modules of its parts,
//! with AWS's words for who breaks it.

use std::collections::BTreeSet;
use std::sync::Arc;

use policy::{Context, Document};
use service::arn::Arn;
use service::prelude::*;

use super::context::{self, ContextEntry};
use super::source::Source;
use super::{invalid, resource};
use crate::entity;

/// What both operations ask, as it came.
pub struct Question<'a> {
    pub operation: &'static str,
    pub actions: &'a [String],
    pub resources: &'a [String],
    pub resource_policy: Option<&'a str>,
    pub resource_owner: Option<&'a str>,
    pub caller_arn: Option<&'a str>,
    pub context: &'a [ContextEntry],
    pub handling: Option<&'a str>,
    pub policies: &'a [String],
    pub boundaries: &'a [String],
    /// Service control policies by level, root first.
    pub levels: Vec<&'a [String]>,
    /// Whose own policies take part.
    pub source: Option<&'a Source>,
}

/// The same, ready to be decided.
pub struct Case<'a> {
    /// `*` if none was named.
    pub resources: Vec<&'a str>,
    pub identity: Vec<Given>,
    pub boundary: Option<Given>,
    pub scp: Vec<Vec<Arc<Document>>>,
    pub resource_policy: Option<Document>,
    /// The account that owns the resource policy, and what has no account in its ARN.
    pub owner: Option<&'a str>,
    pub caller: Asker<'a>,
    pub context: Context,
    /// The keys that the policies ask for and the request did not set itself.
    pub missing: Vec<String>,
}

impl Case<'_> {
    /// How many statements a decision reads.
    pub fn statements(&self) -> usize {
        let given = self.identity.iter().chain(&self.boundary).map(|given| &given.document);
        let documents = given.chain(self.scp.iter().flatten()).map(|document| &**document);
        documents.chain(&self.resource_policy).map(|document| document.statements.len()).sum()
    }
}

/// A policy under the name that answers call it by.
pub struct Given {
    pub id: String,
    pub document: Arc<Document>,
}

/// In whose name it is asked.
pub struct Asker<'a> {
    pub account: &'a str,
    pub arn: Option<&'a str>,
    pub is_role: bool,
}

/// What AWS's simulator has for `aws:userid` when nobody is named (recorded).
const NOBODY: &str = "STUB_PRINCIPAL_FOR_POLICY_SIMULATOR";

impl<'a> Question<'a> {
    /// Reads and checks all parts.
    pub fn understood(&self, cx: &'a Cx) -> Result<Case<'a>, ApiError> {
        if self.boundaries.len() > 1 {
            return Err(invalid("The list of Permissions Boundary policies cannot exceed 1 items."));
        }
        if let Some(empty) = self.levels.iter().position(|level| level.is_empty()) {
            let at = empty + 1;
            let text = format!("Organization policy at index {at} must contain at least one service control policy");
            return Err(invalid(text));
        }
        resource::check(self)?;
        let given = context::of(self.context)?;
        let identity = self.identity()?;
        let boundary = self.boundary()?;
        let scp = self.scp()?;
        let caller = self.caller(cx)?;
        let owner = self.resource_owner.map(owner).transpose()?;
        let resource_policy = self.resource_policy.map(|text| self.policy_of_resource(text)).transpose()?;
        let resources = match self.resources {
            [] => vec!["*"],
            some => some.iter().map(String::as_str).collect(),
        };
        let context = with_defaults(&given, &caller);
        let asking = identity.iter().chain(&boundary).map(|held| &*held.document).chain(&resource_policy);
        let missing = missing(asking, &given);
        Ok(Case { resources, identity, boundary, scp, resource_policy, owner, caller, context, missing })
    }

    fn identity(&self) -> Result<Vec<Given>, ApiError> {
        let held = self.source.iter().flat_map(|source| &source.identity);
        let held = held.map(|held| Ok(Given { id: held.id.clone(), document: held.document.clone() }));
        let given = self.policies.iter().enumerate().map(|(index, text)| {
            let at = index + 1;
            let document = document(text, &format!("Policy input list item {at} has invalid content"))?;
            Ok(Given { id: format!("PolicyInputList.{at}"), document })
        });
        held.chain(given).collect()
    }

    /// One that is given takes the place of the entity's own.
    fn boundary(&self) -> Result<Option<Given>, ApiError> {
        if let Some(text) = self.boundaries.first() {
            let document = document(text, "Permissions Boundary policy input list item 1 has invalid content")?;
            return Ok(Some(Given { id: "PermissionsBoundaryPolicyInputList.1".to_owned(), document }));
        }
        let own = self.source.and_then(|source| source.boundary.as_ref());
        Ok(own.map(|held| Given { id: held.id.clone(), document: held.document.clone() }))
    }

    fn scp(&self) -> Result<Vec<Vec<Arc<Document>>>, ApiError> {
        if let Some(source) = self.source {
            return Ok(source.scp.clone());
        }
        let level = |(index, texts): (usize, &&[String])| {
            let fault = format!("Organization policy at index {} has invalid content", index + 1);
            texts.iter().map(|text| document(text, &fault)).collect()
        };
        self.levels.iter().enumerate().map(level).collect()
    }

    fn caller(&self, cx: &'a Cx) -> Result<Asker<'a>, ApiError> {
        let Some(arn) = self.caller_arn else {
            return Ok(Asker { account: cx.caller.account.as_str(), arn: None, is_role: false });
        };
        match entity::kind_and_name(arn) {
            Some(found) => Ok(Asker { account: found.account, arn: Some(arn), is_role: found.kind == "role" }),
            None => Err(invalid("Invalid caller - Caller must be an IAM user, role or group in this context.")),
        }
    }

    fn policy_of_resource(&self, text: &str) -> Result<Document, ApiError> {
        if self.caller_arn.is_none() {
            return Err(invalid("Invalid caller - Caller cannot be null or empty."));
        }
        if resource::is_any(self.resources) {
            return Err(invalid("Invalid Entity Arn: * does not clearly define entity type and name."));
        }
        let document = Document::parse(text)
            .map_err(|fault| invalid("Resource policy has invalid content").because(fault.to_string()))?;
        let elements = document.statements.iter().filter_map(|statement| statement.resources.as_ref());
        if elements.flat_map(|element| element.texts()).any(|resource| resource == "*") {
            return Err(invalid("ResourceNames are not in a valid ARN format: *."));
        }
        Ok(document)
    }
}

/// The keys of all policies but those of organisations that the request did not set itself; those of statements about other things, too.
fn missing<'d>(documents: impl Iterator<Item = &'d Document>, given: &Context) -> Vec<String> {
    let given: BTreeSet<String> = given.iter().map(|(key, _)| key.to_ascii_lowercase()).collect();
    let mut seen = BTreeSet::new();
    let keys = documents.flat_map(Document::context_keys).filter(|key| seen.insert(*key));
    keys.filter(|key| !given.contains(&key.to_ascii_lowercase())).map(str::to_owned).collect()
}

/// A policy of an identity, in any version of the language: it has actions and resources and names nobody.
fn document(text: &str, fault: &str) -> Result<Arc<Document>, ApiError> {
    let document = Document::parse(text).map_err(|found| invalid(fault).because(found.to_string()))?;
    let whole = document
        .statements
        .iter()
        .all(|statement| statement.principal.is_none() && statement.actions.is_some() && statement.resources.is_some());
    if whole { Ok(Arc::new(document)) } else { Err(invalid(fault).because("a statement is no identity's")) }
}

/// The account in the ARN of the owner: of a root user, but any ARN of IAM will do.
fn owner(text: &str) -> Result<&str, ApiError> {
    let parts = Arn::parse(text).filter(|arn| arn.service == "iam" && arn.account.parse::<AccountId>().is_ok());
    match parts {
        Some(arn) => Ok(arn.account),
        None => Err(invalid(format!("'{text}' is not a valid as a Resource Owner."))),
    }
}

/// What a caller brings along by itself; keys that were given stand over it.
fn with_defaults(given: &Context, caller: &Asker<'_>) -> Context {
    let mut context = given.clone();
    let mut default = |key: &'static str, value: &str| {
        if given.get(key).is_none() {
            context.push(key, value.to_owned());
        }
    };
    default("aws:PrincipalAccount", caller.account);
    match caller.arn {
        Some(arn) => {
            default("aws:PrincipalArn", arn);
            default("aws:userid", arn);
            if let Some(user) = entity::kind_and_name(arn).filter(|found| found.kind == "user") {
                default("aws:username", user.name);
            }
        }
        None => default("aws:userid", NOBODY),
    }
    context
}
