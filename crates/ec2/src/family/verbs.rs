//! The generic verbs: an operation that creates, describes, modifies or deletes a family's resources is one call here.

use std::sync::Arc;

use serde_json::Value;
use service::Service;
use service::operation::Row;
use service::prelude::*;

use super::item::{self, Item, Stage};
use super::{Family, answers};
use crate::instance::{authorize, client_token};
use crate::resource;
use crate::share;
use crate::tags::{self, TagSpecification, registry};

/// What an input member says to the machinery, not about the resource.
pub const CONTROL: [&str; 3] = ["DryRun", "ClientToken", "TagSpecifications"];

/// A change of a modifying operation: checks the input, changes the item.
pub type Modify = fn(&Cx, &mut Tx, &Document, &mut Item) -> Result<(), ApiError>;

impl Family {
    /// The operation that creates one. `uses` are members of the input that the family's functions honour beyond those its shape has too.
    pub fn create(&'static self, operation: &'static str, uses: &'static [&'static str]) -> Operation {
        let handler = move |cx: &Cx, tx: &mut Tx, input: &Document| create(self, operation, cx, tx, input);
        Operation::write(Service::Ec2, operation, handler)
            .authorize(move |cx, world, input: &Document| self.to_create(operation, cx, world, input))
            .honours(move |model, operation| answers::honoured(model, operation, self, uses))
            .build()
    }

    /// The operation that describes them.
    pub fn describe(&'static self, operation: &'static str) -> Operation {
        let handler = move |cx: &Cx, world: &World, input: &Document| {
            super::describe::describe(self, operation, cx, world, input)
        };
        Operation::read(Service::Ec2, operation, handler)
            .authorize(resource::any::<Document>)
            .honours(move |model, operation| answers::honoured(model, operation, self, answers::DESCRIBING))
            .build()
    }

    /// An operation that changes one: members of the input that the resource has too replace its own, then `change` does the rest.
    pub fn modify(&'static self, operation: &'static str, uses: &'static [&'static str], change: Modify) -> Operation {
        let handler = move |cx: &Cx, tx: &mut Tx, input: &Document| modify(self, operation, change, cx, tx, input);
        Operation::write(Service::Ec2, operation, handler)
            .authorize(move |cx, world, input: &Document| self.to_modify(cx, world, input))
            .honours(move |model, operation| answers::honoured(model, operation, self, uses))
            .build()
    }

    /// The operation's own action on the one that its input names, with what it changes, on what it is moved into, and on what it names besides.
    pub fn to_modify(&self, cx: &Cx, world: &World, input: &Document) -> Vec<Check> {
        let own = self.check_on(cx, world, input.text(self.id).unwrap_or_default());
        let changed = input.0.keys().filter(|name| *name != self.id && !CONTROL.contains(&name.as_str()));
        let values: Vec<(&str, String)> = changed.map(|name| (name.as_str(), input.found(name).join(","))).collect();
        let into = self.checks_within(cx, world, input);
        let others = into.into_iter().chain(self.checks_besides(cx, world, input));
        std::iter::once(authorize::attributes(own, &values)).chain(others).collect()
    }

    /// The operation that deletes one.
    pub fn delete(&'static self, operation: &'static str) -> Operation {
        let handler = move |cx: &Cx, tx: &mut Tx, input: &Document| {
            let id = input.text(self.id).unwrap_or_default();
            let item = remove(self, cx, tx, id)?;
            Ok(answers::about(self, operation, cx, tx, input, &item))
        };
        self.on_one(Operation::write(Service::Ec2, operation, handler), &[])
    }

    /// A row that must be allowed on the one resource that its input names.
    pub fn on_one(&'static self, row: Row<Document>, uses: &'static [&'static str]) -> Operation {
        row.authorize(move |cx, world, input: &Document| {
            let own = self.check_on(cx, world, input.text(self.id).unwrap_or_default());
            std::iter::once(own).chain(self.checks_besides(cx, world, input)).collect()
        })
        .honours(move |model, operation| answers::honoured(model, operation, self, uses))
        .build()
    }

    /// A row that must be allowed on each of the resources that its input lists.
    pub fn on_each(&'static self, row: Row<Document>, uses: &'static [&'static str]) -> Operation {
        row.authorize(move |cx, world, input: &Document| {
            answers::ids(self, input).iter().map(|id| self.check_on(cx, world, id)).collect()
        })
        .honours(move |model, operation| answers::honoured(model, operation, self, uses))
        .build()
    }

    /// The operation's own action on what one is made in, or moved into.
    fn checks_within(&self, cx: &Cx, world: &World, input: &Document) -> Vec<Check> {
        let named = self.within.iter().filter_map(|(member, kind)| Some((input.text(member)?, *kind)));
        named.map(|(id, kind)| registry::check_on(cx, world, kind, id)).collect()
    }

    /// The operation's own action on what requests of the family name besides.
    fn checks_besides(&self, cx: &Cx, world: &World, input: &Document) -> Vec<Check> {
        let named =
            self.besides.iter().flat_map(|(member, kind)| input.found(member).into_iter().map(|id| (id, *kind)));
        named.map(|(id, kind)| registry::check_on(cx, world, kind, &id)).collect()
    }

    /// The operation's own action on a resource of the family: its condition keys and tags.
    pub fn check_on(&self, cx: &Cx, world: &World, id: &str) -> Check {
        let Some(item) = self.look_up(cx, world, id) else { return Check::on(self.kind.arn(cx, id)) };
        let check = match item.account == cx.account() {
            true => Check::on(self.kind.arn(cx, id)),
            false => Check::on(self.kind.arn(&share::cx_of(cx, item.account), id)),
        };
        if self.keys.is_empty() {
            return check.tagged(&item.tags);
        }
        let shown = self.shown(cx, world, &item);
        let keys = self.keys.iter().filter_map(|(key, path)| Some((key, shown.found(path).into_iter().next()?)));
        keys.fold(check.tagged(&item.tags), |check, (key, value)| check.key(*key, value))
    }

    /// The operation's own action on one to come, on what it is made in and what the request names besides, and the tags.
    pub fn to_create(&self, operation: &str, cx: &Cx, world: &World, input: &Document) -> Vec<Check> {
        let specifications = specifications(input);
        let inside = self.checks_within(cx, world, input).into_iter();
        let others: Vec<Check> = inside.chain(self.checks_besides(cx, world, input)).collect();
        let mut checks = resource::checks_on_new(cx, self.kind, Some(&specifications), operation, others);
        if !checks.is_empty() {
            let keys = (self.keys_of_new)(cx, world, input);
            let own = with_keys(checks.remove(0), keys);
            checks.insert(0, own);
        }
        checks
    }

    /// When one that is deleted now has gone through its states.
    pub fn gone_from(&self, cx: &Cx) -> Timestamp {
        cx.settings.states.over_at(cx.now, self.life.map_or(0, |life| life.seconds))
    }

    /// As answers show it.
    pub fn shown(&self, cx: &Cx, world: &World, item: &Item) -> Document {
        let members = item.document.0.iter().filter(|(name, _)| !self.hidden.contains(&name.as_str()));
        let mut shown = Document(members.map(|(name, value)| (name.clone(), value.clone())).collect());
        shown.set(self.id, item.id.as_str());
        if let (Some(life), Some(state)) = (self.life, item.state(cx)) {
            shown.set(life.member, state);
        }
        if !item.tags.is_empty() {
            let tag = |tag: &Tag| serde_json::json!({"Key": tag.key, "Value": tag.value});
            shown.set(self.tags, item.tags.iter().map(tag).collect::<Vec<_>>());
        }
        (self.see)(cx, world, item, &mut shown);
        shown
    }

    /// A new one, not stored yet.
    pub fn draw(&self, operation: &str, cx: &Cx, input: &Document, tags: Vec<Tag>) -> Item {
        let mut document = Document::from((self.defaults)(cx));
        document.merge(&answers::members_of(self.kind, operation, input, &CONTROL));
        self.variety.iter().for_each(|(member, value)| document.set(member, *value));
        let id = cx.ids.ec2(self.kind.prefix);
        for (member, value) in [
            (self.owner, cx.account().to_string()),
            (self.arn, self.kind.arn(cx, &id)),
            (self.created, cx.now.to_string()),
        ] {
            member.iter().for_each(|member| document.set(member, value.as_str()));
        }
        let within = self.within.iter().filter_map(|(member, _)| input.text(member).map(str::to_owned)).collect();
        let begin = |life: super::Life| Stage::begin(cx, life.words[0], life.words[1], life.seconds);
        Item {
            account: cx.account(),
            region: cx.region_name().to_owned(),
            id,
            document,
            within,
            stage: self.life.map(begin),
            created_at: cx.now,
            gone_at: None,
            forgotten_at: None,
            tags,
        }
    }
}

/// A check with more condition keys; a key that comes several times has several values.
fn with_keys(check: Check, keys: Vec<(&'static str, String)>) -> Check {
    let mut grouped: Vec<(&str, Vec<String>)> = Vec::new();
    for (key, value) in keys {
        match grouped.iter_mut().find(|(known, _)| *known == key) {
            Some((_, values)) => values.push(value),
            None => grouped.push((key, vec![value])),
        }
    }
    grouped.into_iter().fold(check, |check, (key, values)| check.keys(key, values))
}

/// Makes one: what [`Family::create`] does.
pub fn create(family: &Family, operation: &str, cx: &Cx, tx: &mut Tx, input: &Document) -> Result<Document, ApiError> {
    let tags = tags::of_new(Some(&specifications(input)), family.kind.resource_type)?;
    let token = input.text("ClientToken");
    let digest = client_token::digest(&(operation, without(input, "ClientToken")));
    let made = client_token::seen(cx, tx, operation, token, &digest)?;
    if let Some(id) = made.as_deref().and_then(<[String]>::first) {
        let item = item::get(tx, cx, family.kind, id)?;
        return Ok(answers::about(family, operation, cx, tx, input, &item));
    }
    for (member, kind) in family.within {
        input.text(member).map_or(Ok(()), |id| registry::must_be_visible(cx, tx, kind, id))?;
    }
    let mut item = family.draw(operation, cx, input, tags);
    (family.fill)(cx, tx, input, &mut item)?;
    if let Some(item) = (family.same)(cx, tx, &item) {
        return Ok(answers::about(family, operation, cx, tx, input, &item));
    }
    client_token::remember(cx, tx, operation, token, digest, vec![item.id.clone()]);
    tx.put(item.clone());
    Ok(answers::about(family, operation, cx, tx, input, &item))
}

/// Changes one: what [`Family::modify`] does.
pub fn modify(
    family: &Family,
    operation: &str,
    change: Modify,
    cx: &Cx,
    tx: &mut Tx,
    input: &Document,
) -> Result<Document, ApiError> {
    let found = family.alive(cx, tx, input.text(family.id).unwrap_or_default())?;
    let mut item = Item::clone(&found);
    let named = without(input, family.id);
    item.document.merge(&answers::members_of(family.kind, operation, &named, &CONTROL));
    change(cx, tx, input, &mut item)?;
    tx.put(item.clone());
    Ok(answers::about(family, operation, cx, tx, input, &item))
}

/// Deletes one that nothing is in.
pub fn remove(family: &Family, cx: &Cx, tx: &mut Tx, id: &str) -> Result<Arc<Item>, ApiError> {
    let found = family.alive(cx, tx, id)?;
    let inside = item::inside(tx, cx, id);
    if !inside.is_empty() {
        return Err((family.blocked)(&found, &inside));
    }
    (family.release)(cx, tx, &found)?;
    item::delete(tx, cx, family, id);
    Ok(item::look_up(tx, cx, id).unwrap_or(found))
}

/// Whether the request's token did this before; from now on it did. For operations that make nothing: "the service ignores the request but does not
/// return an error", as <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyApplicationStatusCheck.html> says.
pub fn is_done(cx: &Cx, tx: &mut Tx, operation: &str, input: &Document) -> Result<bool, ApiError> {
    let digest = client_token::digest(&(operation, without(input, "ClientToken")));
    client_token::is_done(cx, tx, operation, input.text("ClientToken"), digest)
}

/// The tag specifications of an input.
pub fn specifications(input: &Document) -> Vec<TagSpecification> {
    let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    let tag =
        |value: &Value| Tag::new(text(value, "Key").unwrap_or_default(), text(value, "Value").unwrap_or_default());
    let list = |value: Option<&Value>| value.and_then(Value::as_array).cloned().unwrap_or_default();
    let specification = |value: &Value| TagSpecification {
        resource_type: text(value, "ResourceType"),
        tags: list(value.get("Tags")).iter().map(tag).collect(),
    };
    list(input.at("TagSpecifications")).iter().map(specification).collect()
}

/// An input but for one member.
pub fn without(input: &Document, member: &str) -> Document {
    Document(
        input.0.iter().filter(|(name, _)| *name != member).map(|(name, value)| (name.clone(), value.clone())).collect(),
    )
}
