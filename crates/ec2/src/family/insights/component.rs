//! How an analysis names what a path goes through: by id, ARN and name.

use serde_json::{Value, json};
use service::prelude::*;

use crate::share;
use crate::tags::registry;

/// Where components are looked up.
#[derive(Clone, Copy)]
pub struct Components<'w> {
    pub cx: &'w Cx,
    pub world: &'w World,
    /// Whose networks can be looked into.
    pub accounts: &'w [AccountId],
}

impl Components<'_> {
    /// The context of an account in the analysis's region.
    pub fn cx_of(&self, account: AccountId) -> Cx {
        share::cx_of(self.cx, account)
    }

    /// Whether the resources of an account can be looked into; of others no more than their ids is known.
    pub fn sees(&self, account: AccountId) -> bool {
        self.accounts.contains(&account)
    }

    pub fn arn(&self, resource_type: &str, id: &str, account: AccountId) -> String {
        service::arn::ec2(self.cx.partition(), self.cx.region_name(), account.as_str(), resource_type, id)
    }

    /// `AnalysisComponent`.
    pub fn part(&self, resource_type: &str, id: &str, account: AccountId) -> Value {
        let mut part = Document::from(json!({"Id": id, "Arn": self.arn(resource_type, id, account)}));
        let tagged = registry::of_id(id).filter(|_| self.sees(account));
        let tags = tagged.and_then(|tagged| (tagged.tags)(self.world, &self.cx_of(account), id));
        if let Some(name) = tags.iter().flatten().find(|tag| tag.key == "Name") {
            part.set("Name", name.value.as_str());
        }
        Value::Object(part.0)
    }

    /// A step of a path through that component.
    pub fn own(&self, resource_type: &str, id: &str, account: AccountId) -> Document {
        Document::from(json!({"Component": self.part(resource_type, id, account)}))
    }
}
