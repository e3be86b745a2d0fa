//! What is stored of a setting: its name and whatever value it has.

use serde::de::DeserializeOwned;
use service::prelude::*;

/// Something an account has set for a region.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Setting {
    pub account: AccountId,
    pub region: String,
    /// [`Value::NAME`].
    pub name: String,
    /// The value in the form of its type.
    pub value: serde_json::Value,
}

impl Record for Setting {
    const TABLE: TableDef = TableDef::own("ec2_setting", &["account", "region", "name"], &[]);

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str(), &self.region, &self.name])
    }
}

/// What can be set. The default is what holds in an account that never set it.
pub trait Value: Serialize + DeserializeOwned + Default {
    /// The name of the setting in the state.
    const NAME: &'static str;
}

/// The value in an account and region.
pub fn of<V: Value>(world: &World, account: AccountId, region: &str) -> V {
    let held = world.get::<Setting>(&[account.as_str(), region, V::NAME]);
    held.and_then(|held| V::deserialize(&held.value).ok()).unwrap_or_default()
}

/// The value in the caller's account and region.
pub fn get<V: Value>(cx: &Cx, world: &World) -> V {
    of(world, cx.account(), cx.region_name())
}

/// Sets it in the caller's account and region.
pub fn set<V: Value>(cx: &Cx, tx: &mut Tx, value: &V) -> Result<(), ApiError> {
    let value = serde_json::to_value(value).map_err(|error| ApiError::internal(error.to_string()))?;
    let (account, region) = (cx.account(), cx.region_name().to_owned());
    tx.put(Setting { account, region, name: V::NAME.to_owned(), value });
    Ok(())
}
