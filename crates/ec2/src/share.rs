//! What accounts share with others. On AWS that is Resource Access Manager's business, another service; here the admin API says which resources of an
//! account which accounts, units or organisations may use. [`owners`] is what operations ask: who shares a resource with the caller.
//! <https://docs.aws.amazon.com/ram/latest/userguide/shareable.html#shareable-ec2>

use std::sync::Arc;

use service::arn::Arn;
use service::organization::Organization;
use service::prelude::*;

/// A share: resources of one account, and who may use them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResourceShare {
    /// Whose resources they are.
    pub account: AccountId,
    pub name: String,
    /// ARNs.
    pub resources: Vec<String>,
    /// Account ids, and ARNs of an organisation or of its units.
    pub principals: Vec<String>,
}

impl ResourceShare {
    /// (id of a resource).
    pub const BY_RESOURCE: usize = 0;
    /// (resource type).
    pub const BY_TYPE: usize = 1;

    /// A share that is well-formed, or what is wrong in one line.
    pub fn new(
        account: AccountId,
        name: String,
        resources: Vec<String>,
        principals: Vec<String>,
    ) -> Result<Self, String> {
        if name.is_empty() || name.len() > 255 {
            return Err("`name` has 1 to 255 bytes".to_owned());
        }
        if resources.is_empty() || principals.is_empty() {
            return Err("a share has resources and principals".to_owned());
        }
        for text in &resources {
            let fits = |arn: &Arn<'_>| arn.service == "ec2" && arn.account == account.as_str();
            if Arn::parse(text).filter(fits).and_then(|arn| arn.typed_resource()).is_none() {
                return Err(format!("`{text}` is not the ARN of an EC2 resource of the account {account}"));
            }
        }
        for text in &principals {
            let is_account = text.parse::<AccountId>().is_ok();
            let is_part = Arn::parse(text).is_some_and(|arn| arn.service == "organizations" && entity(text).is_some());
            if !is_account && !is_part {
                return Err(format!("`{text}` is neither an account's id nor the ARN of an organization or a unit"));
            }
        }
        Ok(ResourceShare { account, name, resources, principals })
    }

    /// Whether an account may use what is shared.
    fn includes(&self, world: &World, account: AccountId) -> bool {
        let path = || Organization::of(world).and_then(|held| held.path(account));
        self.principals.iter().any(|principal| match entity(principal) {
            Some(id) => path().is_some_and(|path| path.split('/').any(|part| part == id)),
            None => principal == account.as_str(),
        })
    }

    /// Types and ids of the resources.
    fn parts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.resources.iter().filter_map(|text| Arn::parse(text).and_then(|arn| arn.typed_resource()))
    }
}

/// The id of an organisation or a unit, of its ARN: `…:organization/o-…`, `…:ou/o-…/ou-…`.
fn entity(principal: &str) -> Option<&str> {
    principal
        .rsplit('/')
        .next()
        .filter(|id| principal.starts_with("arn:") && (id.starts_with("o-") || id.starts_with("ou-")))
}

impl Record for ResourceShare {
    const TABLE: TableDef = TableDef::own("ec2_resource_share", &["account", "name"], &[]);
    const INDEXES: &'static [IndexDef] =
        &[IndexDef { name: "by_resource", unique: false }, IndexDef { name: "by_type", unique: false }];

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str(), &self.name])
    }

    fn index(&self, entries: &mut IndexEntries) {
        let mut types: Vec<&str> = Vec::new();
        for (resource_type, id) in self.parts() {
            entries.add(Self::BY_RESOURCE, &[id]);
            types.push(resource_type);
        }
        types.sort_unstable();
        types.dedup();
        types.iter().for_each(|resource_type| entries.add(Self::BY_TYPE, &[resource_type]));
    }
}

/// The accounts that share a resource of that id with the caller, of which one at most has it: a share may name what is not there. Nobody shares with
/// themselves.
pub fn owners<'w>(world: &'w World, cx: &Cx, id: &str) -> impl Iterator<Item = AccountId> + use<'w> {
    owners_for(world, cx.account(), id)
}

/// The same for an account that does not call.
pub fn owners_for<'w>(world: &'w World, caller: AccountId, id: &str) -> impl Iterator<Item = AccountId> + use<'w> {
    let shares = world.by::<ResourceShare>(ResourceShare::BY_RESOURCE, &[id]);
    let others = shares.filter(move |share| share.account != caller && share.includes(world, caller));
    others.map(|share| share.account)
}

/// All resources of a type that are shared with the caller: their owners and ids.
pub fn all(world: &World, cx: &Cx, resource_type: &str) -> Vec<(AccountId, String)> {
    let shares = world.by::<ResourceShare>(ResourceShare::BY_TYPE, &[resource_type]);
    let with_caller = shares.filter(|share| share.account != cx.account() && share.includes(world, cx.account()));
    let of_type = |share: &Arc<ResourceShare>| {
        let parts = share.parts().filter(|(held, _)| *held == resource_type);
        parts.map(|(_, id)| (share.account, id.to_owned())).collect::<Vec<_>>()
    };
    let mut found: Vec<(AccountId, String)> = with_caller.flat_map(of_type).collect();
    found.sort();
    found.dedup();
    found
}

/// The context of another account: what is done there on behalf of the caller.
pub fn cx_of(cx: &Cx, account: AccountId) -> Cx {
    let caller = service::Caller { account, ..(*cx.caller).clone() };
    Cx { caller: caller.into(), ..cx.apart() }
}
