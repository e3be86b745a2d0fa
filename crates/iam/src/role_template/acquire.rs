//! AcquireRole: a role out of a template, with the parameters filled in.
//!
//! AWS's reference has no action of that name: the caller must be allowed to read the template and, on the role to be made, what a role is put
//! together by, with a condition key `iam:RoleTemplateARN`. A role that is there already, as the template makes it, is but read and given again
//! (September 2026).

use std::collections::BTreeMap;

use service::PolicyText;
use service::arn::Arn;
use service::check::Why;

use super::*;
use crate::record::{HeldPolicies, ParameterDefinition, Role, SourceTemplate};
use crate::role::{self, OneRole};
use crate::template::{self, Fault, Values};
use crate::{boundary, document, entity, managed_policy, quota, tagging};

service::operations! { Iam;
    AcquireRole => write(acquire) authorize(to_acquire),
}

/// AcquireRole's input.
#[derive(Debug, Deserialize, Shaped)]
pub struct Acquire {
    template_arn: String,
    template_minor_version: Option<i64>,
    #[serde(default)]
    replacement_values: BTreeMap<String, Replacement>,
}

/// The values of a parameter.
#[derive(Debug, Deserialize, Shaped)]
struct Replacement {
    values: Vec<String>,
}

/// What the role is to be called and where it stands.
struct Plan {
    template: Arc<RoleTemplate>,
    version: RoleTemplateVersion,
    values: Values,
    name: String,
    path: String,
    tags: Vec<Tag>,
}

fn plan(world: &World, input: &Acquire) -> Result<Plan, ApiError> {
    let (template, version) = found(world, &input.template_arn, input.template_minor_version)?;
    if !template.enabled || !version.enabled {
        let text = format!("The role template with ARN {} is disabled.", input.template_arn);
        return Err(ApiError::new("RoleTemplateDisabled", text));
    }
    let values = values(&version.parameters, &input.replacement_values)?;
    let tag = |tag: &Tag| Ok(Tag { key: text(&tag.key, &values)?, value: text(&tag.value, &values)? });
    let tags = version.tags.iter().map(tag).collect::<Result<_, ApiError>>()?;
    let (name, path) = (text(&version.role_name_pattern, &values)?, text(&version.role_path_pattern, &values)?);
    Ok(Plan { template, version, values, name, path, tags })
}

fn text(pattern: &str, values: &Values) -> Result<String, ApiError> {
    template::text(pattern, values).map_err(unfilled)
}

fn unfilled(fault: Fault) -> ApiError {
    match fault {
        Fault::Missing(name) => invalid(format!("Failed to render template: Parameter '{name}' not found.")),
        Fault::Several(text) | Fault::TooMany(text) => invalid(format!("The role template takes one value in {text}.")),
        Fault::NotJson => ApiError::new("MalformedPolicyDocument", "This policy contains invalid Json"),
    }
}

/// The values of all parameters: those given, else the defaults.
fn values(defined: &[ParameterDefinition], given: &BTreeMap<String, Replacement>) -> Result<Values, ApiError> {
    if let Some(unknown) = given.keys().find(|name| !defined.iter().any(|parameter| parameter.name == **name)) {
        return Err(invalid(format!("Failed to render template: Unrecognized parameter: {unknown}")));
    }
    let mut all = Values::new();
    for parameter in defined {
        let name = &parameter.name;
        let values = match (given.get(name), &parameter.default_value) {
            (Some(replacement), _) => replacement.values.clone(),
            (None, Some(default)) => vec![default.clone()],
            (None, None) if parameter.is_required => return Err(unfilled(Fault::Missing(name.clone()))),
            (None, None) => continue,
        };
        if values.len() != 1 && !parameter.kind.ends_with("List") {
            let text = format!("{name} replacement value must contain exactly one value, got {}", values.len());
            return Err(ApiError::validation(text));
        }
        if !fits(&parameter.kind, &values) {
            return Err(invalid(format!("The values of parameter {name} are not of type {}.", parameter.kind)));
        }
        all.insert(name.clone(), values);
    }
    Ok(all)
}

fn fits(kind: &str, values: &[String]) -> bool {
    let each = |value: &String| match kind.strip_suffix("List").unwrap_or(kind) {
        "Number" => value.parse::<f64>().is_ok_and(f64::is_finite),
        "Arn" => Arn::parse(value).is_some(),
        _ => true,
    };
    values.iter().all(each)
}

fn acquire(cx: &Cx, tx: &mut Tx, input: &Acquire) -> Result<OneRole, ApiError> {
    let plan = plan(tx, input)?;
    let there = entity::find_role(tx, cx.account(), &plan.name);
    if let Some(there) = &there {
        check_same(&plan, there)?;
    }
    let made = made(cx, tx, &plan)?;
    let role = match there {
        Some(there) => unmodified(&made, &there)?,
        None => {
            quota::ROLES.check(cx, || tx.count::<Role>(&[cx.account().as_str()]))?;
            tx.put(made.clone());
            Arc::new(made)
        }
    };
    Ok(OneRole { role: role::created(cx, &role, &role::shown_trust(cx.partition(), tx, &role)) })
}

/// The role that the plan makes.
fn made(cx: &Cx, world: &World, plan: &Plan) -> Result<Role, ApiError> {
    let account = cx.account();
    let (version, values) = (&plan.version, &plan.values);
    must_be_role_name(plan)?;
    let tags = tagging::for_new(&plan.tags)?;
    let trust = template::document(&version.assume_role_policy_document_template, values).map_err(unfilled)?;
    let trust = role::validated_trust(cx, world, &trust)?;
    let policies = HeldPolicies { inline: inline(cx, plan)?, attached: attached(cx, world, version)? };
    let boundary = boundary::to_set(cx, world, "role", version.permission_boundary_arn.as_ref())?;
    let description = version.role_description_pattern.as_ref().map(|pattern| text(pattern, values)).transpose()?;
    Ok(Role {
        account,
        id: cx.ids.unique("AROA", account),
        name: plan.name.clone(),
        path: plan.path.clone(),
        description: description.filter(|text| !text.is_empty()),
        created_at: cx.now_seconds(),
        trust: trust.text,
        trusted_ids: trust.ids,
        max_session_duration: version.max_session_duration,
        max_signin_session_duration: None,
        policies,
        boundary,
        tags,
        gone_at: None,
        source: Some(SourceTemplate {
            arn: plan.template.arn.clone(),
            minor_version: version.minor_version,
            values: plan.values.clone(),
        }),
    })
}

/// The model keeps names and paths of other operations in form; these come out of patterns.
fn must_be_role_name(plan: &Plan) -> Result<(), ApiError> {
    let (name, path) = (&plan.name, &plan.path);
    let letter = |letter: char| letter.is_alphanumeric() || "_+=,.@-".contains(letter);
    if name.is_empty() || name.chars().count() > 64 || !name.chars().all(letter) {
        return Err(invalid(format!("The role name {name} is invalid.")));
    }
    let printed = path.chars().all(|letter| ('\u{21}'..='\u{7e}').contains(&letter));
    if !path.starts_with('/') || !path.ends_with('/') || !printed || role::is_reserved_path(path) {
        return Err(invalid(format!("The role path {path} is invalid.")));
    }
    Ok(())
}

/// The role of that name must be out of the same template, with the same parameters.
fn check_same(plan: &Plan, there: &Role) -> Result<(), ApiError> {
    let text = match &there.source {
        Some(source) if source.arn == plan.template.arn && source.values == plan.values => return Ok(()),
        Some(source) if source.arn == plan.template.arn => {
            "A role with this name exists but was created with different parameters. Pass a unique roleName to create a new role."
        }
        _ => {
            "A role with this name already exists in the account but was not created from this template. Choose a different role name, or remove the existing role if it is no longer needed."
        }
    };
    Err(ApiError::new("NameConflict", text))
}

/// The role that is there, if trust, policies, boundary and tags are as the template makes them. Description and session are free.
fn unmodified(made: &Role, there: &Arc<Role>) -> Result<Arc<Role>, ApiError> {
    let of = |role: &Role| {
        let inline = role.policies.inline.iter().map(|(name, policy)| (name.clone(), policy.text().to_owned()));
        let inline: BTreeMap<String, String> = inline.collect();
        let trust = (role.trust.text().to_owned(), role.trusted_ids.clone());
        (trust, inline, role.policies.attached.clone(), role.boundary.clone(), tagging::sorted(&role.tags))
    };
    if of(made) == of(there) {
        return Ok(there.clone());
    }
    let text = format!("Role {} has been modified since it was created and is no longer managed.", there.name);
    Err(ApiError::new("RoleModified", text))
}

fn inline(cx: &Cx, plan: &Plan) -> Result<BTreeMap<String, PolicyText>, ApiError> {
    let mut size = 0;
    let mut inline = BTreeMap::new();
    for policy in &plan.version.inline_policy_templates {
        let text = template::document(&policy.policy_document, &plan.values).map_err(unfilled)?;
        size += policy::without_whitespace_len(&text);
        inline.insert(policy.policy_name.clone(), document::identity(cx, &text)?);
    }
    let most = quota::ROLE_POLICY_SIZE.number(cx);
    if size > most {
        let text = format!("Maximum policy size of {most} bytes exceeded for role {}", plan.name);
        return Err(ApiError::new("LimitExceeded", text));
    }
    Ok(inline)
}

fn attached(
    cx: &Cx,
    world: &World,
    version: &RoleTemplateVersion,
) -> Result<std::collections::BTreeSet<String>, ApiError> {
    let attachable = |arn: &String| match managed_policy::summary(cx, world, arn) {
        Some(policy) if policy.must_be_attachable_to("role").is_ok() => Ok(arn.clone()),
        _ => Err(missing(format!("Policy {arn} does not exist or is not attachable."))),
    };
    version.managed_policy_arns.iter().map(attachable).collect()
}

fn to_acquire(cx: &Cx, world: &World, input: &Acquire) -> Vec<Check> {
    let template = &input.template_arn;
    let of_template = |check: Check| check.key(entity::TEMPLATE_KEY, template);
    let reading = entity::of_its_account(cx, Check::on(template).shown_as(format!("role template {template}")));
    let reading = Check { action: "iam:GetRoleTemplateVersion".into(), ..reading };
    let Ok(plan) = plan(world, input) else {
        let unknown = entity::check_new(cx, "role", None, "*", &[]);
        return vec![reading, of_template(Check { action: "iam:CreateRole".into(), ..unknown })];
    };
    let there = entity::find_role(world, cx.account(), &plan.name);
    if there.is_some_and(|there| check_same(&plan, &there).is_ok()) {
        let again = Check { action: "iam:GetRole".into(), ..entity::check_role(cx, world, &plan.name) };
        return vec![reading, again];
    }
    let version = &plan.version;
    let boundary = version.permission_boundary_arn.as_ref();
    let creation =
        entity::check_new(cx, "role", Some(&plan.path), &plan.name, &plan.tags).key_if(entity::BOUNDARY_KEY, boundary);
    let creation = Check { action: "iam:CreateRole".into(), ..creation };
    let resource = creation.resource.clone();
    let more = |action: &str| {
        let check = Check::dependent(action, &resource).not_created().key_if(entity::BOUNDARY_KEY, boundary);
        Check { why: Why::Dependent, ..check }
    };
    let mut checks = entity::and_tags(creation, "iam:TagRole", &plan.tags);
    checks.extend(version.managed_policy_arns.iter().map(|arn| more("iam:AttachRolePolicy").key("iam:PolicyARN", arn)));
    checks.extend((!version.inline_policy_templates.is_empty()).then(|| more("iam:PutRolePolicy")));
    checks.extend(boundary.map(|_| more("iam:PutRolePermissionsBoundary")));
    std::iter::once(reading).chain(checks.into_iter().map(of_template)).collect()
}
