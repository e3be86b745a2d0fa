//! EC2 Instance Connect endpoints: doors into a subnet, each with a network interface there. Nobody can connect through one, since there is nothing to
//! connect to; the endpoint, its interface and its states are there.
//!
//! [`change`] makes, modifies and deletes, [`describe`] answers.
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/connect-with-ec2-instance-connect-endpoint.html>

use service::cx::States;
use service::operations;
use service::prelude::*;

use super::state::elapsed;
use crate::kind;
use crate::resource::{any, resource};

pub mod change;
pub mod describe;

operations! { Ec2;
    CreateInstanceConnectEndpoint => write(change::create) authorize(change::to_create),
    DeleteInstanceConnectEndpoint => write(change::delete) authorize(change::to_delete),
    DescribeInstanceConnectEndpoints => read(describe::describe) authorize(any),
    ModifyInstanceConnectEndpoint => write(change::modify) authorize(change::to_modify),
}

/// An endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectEndpoint {
    pub account: AccountId,
    pub region: String,
    /// `eice-…`
    pub id: String,
    pub vpc_id: String,
    pub subnet_id: String,
    pub zone: String,
    pub zone_id: String,
    pub interface_id: String,
    pub groups: Vec<String>,
    pub preserve_client_ip: bool,
    /// What tells its name from others'.
    pub name_part: String,
    pub created_at: Timestamp,
    pub modified_at: Option<Timestamp>,
    pub deletion: Option<Deletion>,
    #[serde(default)]
    pub tags: Vec<Tag>,
}

/// A deletion under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deletion {
    pub at: Timestamp,
    pub until: Timestamp,
}

/// About how many seconds AWS takes to make, change or delete one.
const CHANGING_SECONDS: i64 = 120;

impl ConnectEndpoint {
    /// The state as it is seen at that time.
    pub fn state_at(&self, now: Timestamp, states: States) -> &'static str {
        let under_way = |since: Timestamp| elapsed(since, now) < states.lasting(CHANGING_SECONDS);
        match (self.deletion, self.modified_at) {
            (Some(_), _) => "delete-in-progress",
            (None, Some(at)) if under_way(at) => "update-in-progress",
            (None, Some(_)) => "update-complete",
            (None, None) if under_way(self.created_at) => "create-in-progress",
            (None, None) => "create-complete",
        }
    }
}

impl Record for ConnectEndpoint {
    const TABLE: TableDef = TableDef::own("ec2_instance_connect_endpoint", &["account", "region", "id"], &[]);

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str(), &self.region, &self.id])
    }

    fn gone_at(&self) -> Option<Timestamp> {
        self.deletion.map(|deletion| deletion.until)
    }
}

resource!(ConnectEndpoint, kind::INSTANCE_CONNECT_ENDPOINT, {
    fn keys(&self, _: &Cx, _: &World, check: Check) -> Check {
        check.key("ec2:SubnetID", self.subnet_id.as_str())
    }
});
