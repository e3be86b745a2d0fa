//! Which tags of instances come with notifications of scheduled events: a setting of each account in each region. No notification is sent from here.
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/event-notifications.html>

use service::prelude::*;

use crate::refused::missing;
use crate::resource::any;

service::operations! { Ec2;
    DeregisterInstanceEventNotificationAttributes => write(deregister) authorize(any),
    DescribeInstanceEventNotificationAttributes => read(describe) authorize(any),
    RegisterInstanceEventNotificationAttributes => write(register) authorize(any),
}

/// The setting of an account in a region.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventNotification {
    pub account: AccountId,
    pub region: String,
    pub all_tags: bool,
    /// In the order of their letters.
    pub tag_keys: Vec<String>,
}

impl Record for EventNotification {
    const TABLE: TableDef = TableDef::own("ec2_event_notification", &["account", "region"], &[]);

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str(), &self.region])
    }
}

/// `RegisterInstanceEventNotificationAttributesRequest` and the one that takes keys away.
#[derive(Debug, Deserialize, Shaped)]
pub struct Change {
    pub instance_tag_attribute: TagChange,
    pub dry_run: Option<bool>,
}

/// `RegisterInstanceTagAttributeRequest` and `DeregisterInstanceTagAttributeRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct TagChange {
    pub include_all_tags_of_instance: Option<bool>,
    #[serde(default)]
    pub instance_tag_keys: Vec<String>,
}

/// `DescribeInstanceEventNotificationAttributesRequest`.
#[derive(Debug, Deserialize, Shaped)]
pub struct DescribeInstanceEventNotificationAttributes {
    pub dry_run: Option<bool>,
}

/// The answer of all three.
#[derive(Debug, Serialize, Shaped)]
pub struct Setting {
    pub instance_tag_attribute: TagAttribute,
}

/// `InstanceTagNotificationAttribute`.
#[derive(Debug, Serialize, Shaped)]
pub struct TagAttribute {
    pub instance_tag_keys: Vec<String>,
    pub include_all_tags_of_instance: bool,
}

fn held(cx: &Cx, world: &World) -> EventNotification {
    let held = world.get::<EventNotification>(&[cx.account().as_str(), cx.region_name()]);
    held.map_or_else(
        || EventNotification {
            account: cx.account(),
            region: cx.region_name().to_owned(),
            all_tags: false,
            tag_keys: Vec::new(),
        },
        |held| EventNotification::clone(held),
    )
}

fn out(held: &EventNotification) -> Setting {
    let instance_tag_attribute =
        TagAttribute { instance_tag_keys: held.tag_keys.clone(), include_all_tags_of_instance: held.all_tags };
    Setting { instance_tag_attribute }
}

/// Adds keys, or all there are.
pub fn register(cx: &Cx, tx: &mut Tx, input: &Change) -> Result<Setting, ApiError> {
    change(cx, tx, input, |held, wanted| {
        held.all_tags = wanted.include_all_tags_of_instance.unwrap_or(held.all_tags);
        held.tag_keys.extend(wanted.instance_tag_keys.iter().cloned());
        held.tag_keys.sort();
        held.tag_keys.dedup();
    })
}

/// Takes keys away, or the choice of all.
pub fn deregister(cx: &Cx, tx: &mut Tx, input: &Change) -> Result<Setting, ApiError> {
    change(cx, tx, input, |held, wanted| {
        held.all_tags &= wanted.include_all_tags_of_instance != Some(true);
        held.tag_keys.retain(|key| !wanted.instance_tag_keys.contains(key));
    })
}

fn change(
    cx: &Cx,
    tx: &mut Tx,
    input: &Change,
    change: impl FnOnce(&mut EventNotification, &TagChange),
) -> Result<Setting, ApiError> {
    let wanted = &input.instance_tag_attribute;
    if wanted.include_all_tags_of_instance.is_none() && wanted.instance_tag_keys.is_empty() {
        return Err(missing("InstanceTagAttribute"));
    }
    let mut setting = held(cx, tx);
    change(&mut setting, wanted);
    let answer = out(&setting);
    tx.put(setting);
    Ok(answer)
}

/// The keys that are registered.
pub fn describe(cx: &Cx, world: &World, _: &DescribeInstanceEventNotificationAttributes) -> Result<Setting, ApiError> {
    Ok(out(&held(cx, world)))
}
