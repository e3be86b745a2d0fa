//! The policies of groups and endpoints. They are kept beside the members that descriptions show.

use serde_json::json;
use service::Service;
use service::prelude::*;

use super::super::item::{self, Item};
use super::super::{Family, answers};
use super::{ENDPOINTS, GROUPS, stamp_change};
use crate::instance::authorize;

const DOCUMENT: &str = "Policy";

pub fn operations() -> Vec<Operation> {
    vec![
        get(&GROUPS, "GetVerifiedAccessGroupPolicy"),
        modify(&GROUPS, "ModifyVerifiedAccessGroupPolicy"),
        get(&ENDPOINTS, "GetVerifiedAccessEndpointPolicy"),
        modify(&ENDPOINTS, "ModifyVerifiedAccessEndpointPolicy"),
    ]
}

/// Takes the policy of one that is being made; it is in force if there is one.
pub fn take(input: &Document, item: &mut Item) {
    if let Some(document) = input.text("PolicyDocument") {
        item.document.set(DOCUMENT, json!({"PolicyEnabled": true, "PolicyDocument": document}));
    }
}

fn shown(item: &Item) -> Document {
    let mut shown = Document::from(json!({"PolicyEnabled": false}));
    shown.merge(&item.document.at(DOCUMENT).cloned().map(Document::from).unwrap_or_default());
    shown
}

fn get(family: &'static Family, operation: &'static str) -> Operation {
    let handler = move |cx: &Cx, world: &World, input: &Document| {
        let item = item::alive(world, cx, family.kind, input.text(family.id).unwrap_or_default())?;
        Ok(shown(&item))
    };
    family.on_one(Operation::read(Service::Ec2, operation, handler), &[])
}

fn modify(family: &'static Family, operation: &'static str) -> Operation {
    let handler = move |cx: &Cx, tx: &mut Tx, input: &Document| {
        let found = item::alive(tx, cx, family.kind, input.text(family.id).unwrap_or_default())?;
        let mut item = Item::clone(&found);
        let mut policy = shown(&item);
        for member in ["PolicyEnabled", "PolicyDocument"] {
            if let Some(value) = input.at(member) {
                policy.set(member, value.clone());
            }
        }
        if policy.truth("PolicyEnabled") == Some(true) && policy.text("PolicyDocument").is_none() {
            return Err(crate::refused::missing("PolicyDocument"));
        }
        item.document.set(DOCUMENT, serde_json::Value::Object(policy.0.clone()));
        if let Some(encryption) = input.at("SseSpecification") {
            item.document.set("SseSpecification", encryption.clone());
            policy.set("SseSpecification", encryption.clone());
        }
        stamp_change(cx, &mut item);
        tx.put(item);
        Ok(policy)
    };
    Operation::write(Service::Ec2, operation, handler)
        .authorize(move |cx, world, input: &Document| {
            let own = family.check_on(cx, world, input.text(family.id).unwrap_or_default());
            let changed = ["PolicyEnabled", "PolicyDocument", "SseSpecification"];
            let values = changed.iter().filter(|name| input.at(name).is_some());
            let values: Vec<(&str, String)> = values.map(|name| (*name, input.found(name).join(","))).collect();
            vec![authorize::attributes(own, &values)]
        })
        .honours(move |model, operation| {
            answers::honoured(model, operation, family, &["PolicyEnabled", "PolicyDocument", "SseSpecification"])
        })
        .build()
}
