//! The condition keys of a request: what policies can ask of the caller, the session, the network, the time, the resource and the request.
//!
//! Keys come in four groups, each from what knows it: the caller and its session, the connection, the clock, and the check. A key that has
//! no value is left out (a policy sees it as absent), never set to an empty text. Names follow AWS's global condition context keys page.

use policy::Context;

use crate::caller::{Caller, Principal, Session, SessionKind};
use crate::check::{Check, ResourceTags};
use crate::organization::Organization;
use crate::tags::Tag;
use crate::{Cx, regions};

/// All keys for one check; `principal_tags` are the calling user's or role's own.
pub fn of(cx: &Cx, check: &Check, principal_tags: &[Tag]) -> Context {
    let mut context = Context::new();
    if check.vouched_by.is_none() {
        caller(&mut context, cx, &cx.caller, principal_tags);
    }
    connection(&mut context, cx);
    time(&mut context, cx);
    resource(&mut context, cx, check);
    for (name, values) in &check.keys {
        match values.as_slice() {
            [value] if value.is_empty() && !is_of_a_tag(name) => {}
            [value] if !is_multivalued(name) => context.push(name.clone(), value.clone()),
            values => context.push_many(name.clone(), values.iter().cloned()),
        }
    }
    context
}

/// The keys that tell of organisations, for callers and resources of accounts that are in this one.
pub fn organization(context: &mut Context, cx: &Cx, check: &Check, organization: &Organization) {
    let caller = &cx.caller;
    // Who is vouched for by a provider is in no account yet, whoever signed the request.
    let is_of_account =
        check.vouched_by.is_none() && !matches!(caller.principal, Principal::Service { .. } | Principal::Anonymous);
    if let Some(path) = organization.path(caller.account).filter(|_| is_of_account) {
        context.push("aws:PrincipalOrgID", organization.id.clone());
        context.push_many("aws:PrincipalOrgPaths", [path]);
    }
    if check.resource == "*" {
        return;
    }
    if let Some(path) = organization.path(check.owner.unwrap_or(caller.account)) {
        context.push("aws:ResourceOrgID", organization.id.clone());
        context.push_many("aws:ResourceOrgPaths", [path]);
    }
}

/// Whether a global key is the resource's own, or the request's for it: not the caller's, the connection's or the clock's.
pub fn is_of_resource(key: &str) -> bool {
    const STARTS: [&str; 4] = ["aws:RequestTag/", "aws:ResourceTag/", "aws:TagKeys", "aws:ResourceBeingCreated"];
    STARTS.iter().any(|start| key.starts_with(start))
}

/// Keys of checks that hold a list even when it has one entry: those the reference calls arrays (a test compares).
const MULTIVALUED: &[&str] = &[
    "aws:TagKeys",
    "ec2:FisTargetArns",
    "ec2:IKEVersions",
    "ec2:Phase1DHGroup",
    "ec2:Phase1EncryptionAlgorithms",
    "ec2:Phase1IntegrityAlgorithms",
    "ec2:Phase2DHGroup",
    "ec2:Phase2EncryptionAlgorithms",
    "ec2:Phase2IntegrityAlgorithms",
    "ec2:VpcePrivateDnsSpecifiedDomains",
    "iam:AccountPropertyNamespaces",
    "iam:RequestIdentityProviderIssuers",
    "iam:ResourceIdentityProviderIssuers",
    "saml:cn",
    "saml:eduorghomepageuri",
    "saml:eduorgidentityauthnpolicyuri",
    "saml:eduorglegalname",
    "saml:eduorgsuperioruri",
    "saml:eduorgwhitepagesuri",
    "saml:edupersonaffiliation",
    "saml:edupersonassurance",
    "saml:edupersonentitlement",
    "saml:edupersonnickname",
    "saml:edupersonorgunitdn",
    "saml:edupersonscopedaffiliation",
    "saml:edupersontargetedid",
    "sts:IdentityTokenAudience",
    "sts:IdentityTokenScope",
    "sts:RequestContextProviders",
    "sts:TransitiveTagKeys",
];

fn is_multivalued(name: &str) -> bool {
    MULTIVALUED.iter().any(|many| many.eq_ignore_ascii_case(name))
}

/// A tag may have an empty value; what else is empty has none.
fn is_of_a_tag(name: &str) -> bool {
    name.split_once('/').is_some_and(|(prefix, _)| prefix.ends_with("Tag"))
}

fn caller(context: &mut Context, cx: &Cx, caller: &Caller, principal_tags: &[Tag]) {
    context.push("aws:PrincipalType", caller.principal_type());
    match &caller.principal {
        Principal::Service { name } => {
            context.push("aws:PrincipalIsAWSService", "true");
            context.push("aws:PrincipalServiceName", *name);
            context.push_many("aws:PrincipalServiceNamesList", [*name]);
            return;
        }
        Principal::Anonymous => return,
        Principal::User { name, .. } => context.push("aws:username", name.clone()),
        Principal::Root | Principal::Role { .. } | Principal::Federated { .. } | Principal::Instance { .. } => {}
    }
    context.push("aws:PrincipalArn", caller.principal_arn());
    context.push("aws:PrincipalAccount", caller.account.as_str().to_owned());
    context.push("aws:PrincipalIsAWSService", "false");
    context.push("aws:userid", caller.user_id());
    for tag in principal_tags {
        tag_key(context, "aws:PrincipalTag/", tag);
    }
    if let Some(held) = &caller.session {
        session(context, cx, held);
    }
}

fn session(context: &mut Context, cx: &Cx, session: &Session) {
    // Session tags stand over the role's own tags of the same key.
    for tag in &session.tags {
        tag_key(context, "aws:PrincipalTag/", tag);
    }
    context.push("aws:TokenIssueTime", session.issued_at.to_string());
    if let Some(identity) = &session.source_identity {
        context.push("aws:SourceIdentity", identity.clone());
    }
    // Present for every session, never for long-term keys (a `Bool: false` condition does not see those).
    context.push("aws:MultiFactorAuthPresent", if session.mfa_at.is_some() { "true" } else { "false" });
    if let Some(at) = session.mfa_at {
        context.push("aws:MultiFactorAuthAge", (cx.now.as_second() - at.as_second()).max(0).to_string());
    }
    if let Some(federation) = &session.federation {
        context.push("aws:FederatedProvider", federation.provider.clone());
        for (name, values) in &federation.keys {
            match values.as_slice() {
                [value] => context.push(name.clone(), value.clone()),
                values => context.push_many(name.clone(), values.iter().cloned()),
            }
        }
    }
    for (name, value) in &session.trusted_context {
        context.push(name.clone(), value.clone());
    }
    if session.kind == SessionKind::AssumeRoot {
        context.push("aws:AssumedRoot", "true");
    }
    if let Some(instance) = &session.instance {
        context.push("ec2:SourceInstanceArn", instance.instance_arn.clone());
        context.push("ec2:RoleDelivery", instance.delivery.clone());
        if let Some(vpc) = &instance.vpc_id {
            context.push("aws:Ec2InstanceSourceVpc", vpc.clone());
        }
        if let Some(address) = &instance.private_ipv4 {
            context.push("aws:Ec2InstanceSourcePrivateIPv4", address.clone());
        }
    }
}

fn connection(context: &mut Context, cx: &Cx) {
    if let Some(address) = cx.from.source_ip {
        // On a listener for both, IPv4 callers arrive as `::ffff:192.0.2.1`; conditions are written for `192.0.2.1`.
        context.push("aws:SourceIp", address.to_canonical().to_string());
    }
    if let Some(agent) = &cx.from.user_agent {
        context.push("aws:UserAgent", agent.clone());
    }
    if let Some(referer) = &cx.from.referer {
        context.push("aws:Referer", referer.clone());
    }
    context.push("aws:SecureTransport", if cx.from.secure_transport { "true" } else { "false" });
    context.push("aws:ViaAWSService", "false");
}

fn time(context: &mut Context, cx: &Cx) {
    context.push("aws:CurrentTime", cx.now_seconds().to_string());
    context.push("aws:EpochTime", cx.now.as_second().to_string());
}

fn resource(context: &mut Context, cx: &Cx, check: &Check) {
    let action = check.action.as_str();
    // IAM has one endpoint per partition, and requests to it count as made in that region.
    let region = match action.split_once(':') {
        Some(("iam", _)) => regions::global_region(cx.partition()),
        _ => cx.region_name(),
    };
    context.push("aws:RequestedRegion", region);
    if action.starts_with("ec2:") {
        context.push("ec2:Region", cx.region_name());
    }
    if check.resource != "*" {
        context.push("aws:ResourceAccount", check.owner.unwrap_or(cx.caller.account).as_str().to_owned());
    }
    if check.tags == ResourceTags::NotCreated && action.starts_with("ec2:") {
        // In no list of AWS's, but in its messages, and policies ask for it.
        context.push("aws:ResourceBeingCreated", "true");
    }
    if let ResourceTags::Known(tags) = &check.tags {
        for tag in tags {
            tag_key(context, "aws:ResourceTag/", tag);
            match action.split_once(':') {
                Some(("ec2", _)) => tag_key(context, "ec2:ResourceTag/", tag),
                Some(("iam" | "sts", _)) => tag_key(context, "iam:ResourceTag/", tag),
                _ => {}
            }
        }
    }
}

fn tag_key(context: &mut Context, prefix: &str, tag: &Tag) {
    context.push(format!("{prefix}{}", tag.key), tag.value.clone());
}

#[cfg(test)]
mod tests {
    use policy::Values;

    use super::*;
    use crate::cx::testing;
    use crate::facts;

    fn keys_of(check: Check) -> Vec<(String, Values)> {
        let own = |(key, values): (&str, &Values)| (key.to_owned(), values.clone());
        let beside = of(&testing::root_cx(), &Check::on(&check.resource), &[]);
        let context = of(&testing::root_cx(), &check, &[]);
        context.iter().filter(|(key, _)| beside.get(key).is_none()).map(own).collect()
    }

    #[test]
    fn a_key_without_value_is_left_out_but_for_tags() {
        let check = Check::on("arn:aws:ec2:us-east-1:123456789012:instance/*").not_created();
        let check = check.key("ec2:Attribute/BlockDeviceMapping", "").key("aws:RequestTag/team", "");
        assert_eq!(keys_of(check), [("aws:RequestTag/team".to_owned(), Values::Single("".into()))]);
    }

    #[test]
    fn a_list_of_one_stays_a_list() {
        let tags = [Tag { key: "team".to_owned(), value: "red".to_owned() }];
        let check = Check::on("arn:aws:ec2:us-east-1:123456789012:instance/*").not_created().request_tags(&tags);
        let (request, keys) = (Values::Single("red".into()), Values::Multi(vec!["team".into()]));
        assert_eq!(keys_of(check), [("aws:RequestTag/team".to_owned(), request), ("aws:TagKeys".to_owned(), keys)]);
    }

    #[test]
    fn what_the_reference_calls_an_array_is_multivalued_and_nothing_else() {
        for service in ["iam", "sts", "ec2"] {
            let of_action = |action: &'static facts::ActionFacts| {
                let of_resources = action.resources.iter().flat_map(|resource| &resource.keys);
                action.keys.iter().chain(of_resources)
            };
            for key in facts::actions(service).flat_map(of_action) {
                let is_array = facts::key_type(service, key).is_some_and(|kind| kind.starts_with("ArrayOf"));
                assert_eq!(is_multivalued(key), is_array, "{key}");
            }
        }
    }

    #[test]
    fn a_mapped_address_is_an_ipv4_address() {
        let mapped = "::ffff:192.0.2.1".parse().ok();
        let mut cx = testing::root_cx();
        cx.from = crate::cx::Origin { source_ip: mapped, ..(*cx.from).clone() }.into();
        assert_eq!(of(&cx, &Check::any(), &[]).variable("aws:SourceIp"), Some("192.0.2.1"));
    }
}
