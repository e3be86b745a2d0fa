//! Instances through their handlers, on a World with the default network of us-east-1. Each test asserts the state after the act.

use jiff::SignedDuration;
use service::cx::{States, testing};
use service::filters::Filter;
use service::keys::InstallationKeys;
use service::prelude::*;
use storage::Schema;

use super::describe::{DescribeInstances, Reservations};
use super::out::InstanceOut;
use super::run::input::RunInstances;
use super::run::{self, Launched};
use super::*;

mod announcements;
mod associations;
mod attributes;
mod authorization;
mod catalogues;
mod descriptions;
mod launches;
mod lifecycles;
mod refusals;
mod sql_servers;

/// A World with the default network, and a context in it.
pub fn start() -> (Cx, Tx) {
    let cx = testing::root_cx();
    let world = World::empty(crate::schema(iam::schema(Schema::new().with::<InstallationKeys>())), cx.now);
    let mut tx = Tx::on(world);
    crate::network::settle(&cx, &mut tx);
    (cx, tx)
}

/// The same request context some time later, with fresh ids.
pub fn later(cx: &Cx, seconds: i64) -> Cx {
    let now = cx.now + SignedDuration::from_secs(seconds);
    let seed = service::ids::Ids::derived(&[&cx.ids.bytes(), &seconds.to_be_bytes()]).bytes();
    Cx { now, wall: now, ids: service::ids::Ids::new(seed), ..cx.clone() }
}

/// What a later request sees of staged changes.
pub fn at(cx: &Cx, tx: &Tx) -> World {
    tx.at(cx.now)
}

pub fn in_states(cx: &Cx, states: States) -> Cx {
    let settings = service::cx::Settings { states, ..(*cx.settings).clone() };
    Cx { settings: settings.into(), ..cx.clone() }
}

/// The id of an image of that architecture whose name begins so.
pub fn image(cx: &Cx, name: &str, architecture: &str) -> String {
    let images = crate::catalogue::images::images(cx.region_name());
    let found = images.iter().find(|it| it.name.starts_with(name) && it.architecture == architecture);
    found.unwrap_or_else(|| panic!("no image {name}")).image_id.clone()
}

/// A launch of one t3.micro with Amazon Linux 2023.
pub fn wish(cx: &Cx) -> RunInstances {
    RunInstances {
        image_id: Some(image(cx, "al2023-ami-2023", "x86_64")),
        instance_type: Some("t3.micro".into()),
        min_count: 1,
        max_count: 1,
        ..RunInstances::default()
    }
}

pub fn launch(cx: &Cx, tx: &mut Tx, input: &RunInstances) -> Launched {
    run::combinations::check(cx, tx, input).unwrap();
    run::run(cx, tx, input).unwrap()
}

/// Launches one and gives its id.
pub fn one(cx: &Cx, tx: &mut Tx) -> String {
    launch(cx, tx, &wish(cx)).instances[0].instance_id.clone()
}

pub fn described(cx: &Cx, tx: &Tx, id: &str) -> InstanceOut {
    let input = DescribeInstances { instance_ids: Some(vec![id.to_owned()]), ..DescribeInstances::default() };
    let mut found = describe::describe(cx, &at(cx, tx), &input).unwrap();
    found.reservations.remove(0).instances.remove(0)
}

pub fn state_name(cx: &Cx, tx: &Tx, id: &str) -> &'static str {
    described(cx, tx, id).state.unwrap().name
}

pub fn filtered(cx: &Cx, tx: &Tx, filters: &[(&str, &str)]) -> Vec<String> {
    let filters =
        filters.iter().map(|(name, value)| Filter { name: Some((*name).into()), values: Some(vec![(*value).into()]) });
    let input = DescribeInstances { filters: Some(filters.collect()), ..DescribeInstances::default() };
    ids(describe::describe(cx, &at(cx, tx), &input).unwrap())
}

pub fn ids(found: Reservations) -> Vec<String> {
    let instances = found.reservations.into_iter().flat_map(|reservation| reservation.instances);
    instances.map(|instance| instance.instance_id).collect()
}

pub fn refusal<T>(result: Result<T, ApiError>) -> (String, String) {
    match result {
        Ok(_) => panic!("was not refused"),
        Err(error) => (error.code.to_string(), error.message.clone()),
    }
}
