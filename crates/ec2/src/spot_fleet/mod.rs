//! Spot fleets, the older form of EC2 fleets: their requests are kept as they came, and a fleet ([`crate::fleet`]) does what they ask for.
//!
//! Some of a request is kept and told and has no effect here: load balancers (there are none), limits on what all instances cost together, and how
//! capacity is rebalanced.
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/work-with-spot-fleets.html>

use service::operations;
use service::prelude::*;

use crate::fleet::Fleet;
use crate::kind;
use crate::launch_template::data::Data;
use crate::resource::{any, resource};

pub mod change;
pub mod describe;
pub mod request;
#[cfg(test)]
mod tests;

operations! { Ec2;
    CancelSpotFleetRequests => write(change::cancel) authorize(change::to_cancel),
    DescribeSpotFleetInstances => read(describe::instances) authorize(describe::on_one),
    DescribeSpotFleetRequestHistory => read(describe::history) authorize(describe::on_one_of_history),
    DescribeSpotFleetRequests => read(describe::describe) authorize(any),
    ModifySpotFleetRequest => write(change::modify) authorize(change::to_modify) check(change::check),
    RequestSpotFleet => write(request::request) authorize(request::to_request) check(request::check),
}

/// A Spot fleet request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SpotFleet {
    pub account: AccountId,
    pub region: String,
    /// `sfr-` and a UUID.
    pub id: String,
    /// `SpotFleetRequestConfigData`, as it came.
    pub config: Data,
    /// What it has launched, and how.
    pub fleet: Fleet,
    #[serde(default)]
    pub tags: Vec<Tag>,
}

impl Record for SpotFleet {
    const TABLE: TableDef = TableDef::own("ec2_spot_fleet", &["account", "region", "id"], &[]);
    const INDEXES: &'static [IndexDef] = &[IndexDef { name: "by_moment", unique: false }];

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str(), &self.region, &self.id])
    }

    fn index(&self, entries: &mut IndexEntries) {
        if self.fleet.next_moment().is_some() {
            entries.add(Self::BY_MOMENT, &[self.account.as_str(), &self.region]);
        }
    }

    fn gone_at(&self) -> Option<Timestamp> {
        self.fleet.gone_at()
    }
}

resource!(SpotFleet, kind::SPOT_FLEET);

impl SpotFleet {
    /// (account, region) of those that begin or end by the clock.
    pub const BY_MOMENT: usize = 0;

    /// The state in Spot fleets' words.
    pub fn state(&self, cx: &Cx, world: &World) -> &'static str {
        match self.fleet.state(world, cx.now, cx.settings.states) {
            "deleted" => "cancelled",
            "deleted_terminating" => "cancelled_terminating",
            "deleted_running" => "cancelled_running",
            other => other,
        }
    }
}
