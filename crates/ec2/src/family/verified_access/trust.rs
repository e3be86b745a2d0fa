//! Trust providers, who say who a user is or what a device is like, and the instances that believe them. A secret that comes with one is kept nowhere.

use serde_json::{Value, json};
use service::Service;
use service::prelude::*;

use super::super::item::{self, Item};
use super::super::{Family, answers};
use super::{INSTANCES, stamp_change, stamp_new};
use crate::kind;

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VerifiedAccessTrustProvider.html>
pub static PROVIDERS: Family = Family {
    filters: &[],
    fill: |cx, _, input, item| {
        check(input)?;
        forget_secrets(item);
        stamp_new(cx, item);
        Ok(())
    },
    ..Family::of(&kind::VERIFIED_ACCESS_TRUST_PROVIDER, "VerifiedAccessTrustProviderId")
};

const ATTACH: &str = "AttachVerifiedAccessTrustProvider";
const DETACH: &str = "DetachVerifiedAccessTrustProvider";
/// The member of an instance, shown nowhere, with the ids of those attached to it.
const ATTACHED: &str = "AttachedTrustProviders";

pub fn operations() -> Vec<Operation> {
    let on_both = |row: service::operation::Row<Document>| {
        row.authorize(|cx, world, input: &Document| {
            [&INSTANCES, &PROVIDERS]
                .map(|family| family.check_on(cx, world, input.text(family.id).unwrap_or_default()))
                .to_vec()
        })
        .honours(|model, operation| answers::honoured(model, operation, &PROVIDERS, &["VerifiedAccessInstanceId"]))
        .build()
    };
    vec![
        PROVIDERS.create("CreateVerifiedAccessTrustProvider", &[]),
        PROVIDERS.describe("DescribeVerifiedAccessTrustProviders"),
        PROVIDERS.modify("ModifyVerifiedAccessTrustProvider", &[], |cx, _, _, item| {
            forget_secrets(item);
            stamp_change(cx, item);
            Ok(())
        }),
        PROVIDERS.delete("DeleteVerifiedAccessTrustProvider"),
        on_both(Operation::write(Service::Ec2, ATTACH, attach)),
        on_both(Operation::write(Service::Ec2, DETACH, detach)),
    ]
}

/// What a kind of provider needs.
fn check(input: &Document) -> Result<(), ApiError> {
    let missing = match input.text("TrustProviderType") {
        Some("user") => match input.text("UserTrustProviderType") {
            None => Some("UserTrustProviderType"),
            Some("oidc") if input.at("OidcOptions").is_none() && input.at("NativeApplicationOidcOptions").is_none() => {
                Some("OidcOptions")
            }
            Some(_) => None,
        },
        _ if input.text("DeviceTrustProviderType").is_none() => Some("DeviceTrustProviderType"),
        _ if input.at("DeviceOptions").is_none() => Some("DeviceOptions"),
        _ => None,
    };
    missing.map_or(Ok(()), |member| Err(crate::refused::missing(member)))
}

fn forget_secrets(item: &mut Item) {
    for options in ["OidcOptions", "NativeApplicationOidcOptions"] {
        if let Some(options) = item.document.0.get_mut(options).and_then(Value::as_object_mut) {
            options.remove("ClientSecret");
        }
    }
}

/// Both things of a request, which must be there.
fn named(cx: &Cx, world: &World, input: &Document) -> Result<(Item, String), ApiError> {
    let instance = input.text(INSTANCES.id).unwrap_or_default();
    let provider = input.text(PROVIDERS.id).unwrap_or_default();
    let instance = item::alive(world, cx, INSTANCES.kind, instance)?;
    let provider = item::alive(world, cx, PROVIDERS.kind, provider)?;
    Ok((Item::clone(&instance), provider.id.clone()))
}

fn attach(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let (mut instance, provider) = named(cx, tx, input)?;
    // What is attached can't be deleted.
    if !instance.within.contains(&provider) {
        instance.within.push(provider.clone());
    }
    changed(cx, tx, ATTACH, input, instance, &provider)
}

fn detach(cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let (mut instance, provider) = named(cx, tx, input)?;
    if !instance.within.contains(&provider) {
        let message = format!("Trust provider {provider} is not attached to instance {}", instance.id);
        return Err(ApiError::new("InvalidParameterValue", message));
    }
    instance.within.retain(|id| *id != provider);
    changed(cx, tx, DETACH, input, instance, &provider)
}

/// Keeps the instance and answers both.
fn changed(
    cx: &Cx,
    tx: &mut Tx,
    operation: &str,
    input: &Document,
    mut instance: Item,
    provider: &str,
) -> Result<Document, ApiError> {
    instance.document.set(ATTACHED, instance.within.clone());
    stamp_change(cx, &mut instance);
    tx.put(instance.clone());
    let mut answer = answers::about(&INSTANCES, operation, cx, tx, input, &instance);
    let provider = item::alive(tx, cx, PROVIDERS.kind, provider)?;
    answer.merge(&answers::about(&PROVIDERS, operation, cx, tx, input, &provider));
    Ok(answer)
}

/// The providers that an instance believes.
pub fn attached(cx: &Cx, world: &World, instance: &Item) -> Vec<Item> {
    let look_up = |id: String| item::look_up(world, cx, &id).map(|it| Item::clone(&it));
    instance.document.texts(ATTACHED).into_iter().filter_map(look_up).collect()
}

/// An instance shows its providers in short.
pub fn show_in_instance(cx: &Cx, world: &World, instance: &Item, shown: &mut Document) {
    let members = ["Description", "TrustProviderType", "UserTrustProviderType", "DeviceTrustProviderType"];
    let short = |id: String| {
        let provider = item::look_up(world, cx, &id)?;
        let mut short = Document::from(json!({"VerifiedAccessTrustProviderId": id}));
        for member in members {
            if let Some(value) = provider.document.at(member) {
                short.set(member, value.clone());
            }
        }
        Some(Value::Object(short.0))
    };
    let attached: Vec<Value> = instance.document.texts(ATTACHED).into_iter().filter_map(short).collect();
    shown.set("VerifiedAccessTrustProviders", attached);
}
