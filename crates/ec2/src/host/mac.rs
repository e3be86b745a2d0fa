//! DescribeMacHosts: the dedicated hosts that are Macs. Which versions of macOS the firmware of one can start nothing here says.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeMacHosts.html>

use service::filters::{Fields, Filter};
use service::prelude::*;

use super::{Host, is_mac};
use crate::resource::{self, Wanted};

/// `DescribeMacHostsRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeMacHosts {
    pub host_ids: Option<Vec<String>>,
    pub filters: Option<Vec<Filter>>,
    pub max_results: Option<i64>,
    pub next_token: Option<String>,
}

/// `DescribeMacHostsResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct MacHosts {
    pub mac_hosts: Vec<MacHostOut>,
    pub next_token: Option<String>,
}

/// `MacHost`.
#[derive(Debug, Serialize, Shaped)]
pub struct MacHostOut {
    pub host_id: String,
}

/// What filters look at.
struct Seen {
    host_id: String,
    zone: String,
    instance_type: Option<String>,
}

static FIELDS: Fields<Seen> = Fields {
    fields: &[
        ("availability-zone", |it, values| values.push(it.zone.as_str())),
        ("instance-type", |it, values| values.push_if(it.instance_type.as_deref())),
    ],
    tags: None,
};

/// Macs that pass the filters, or those named.
pub fn describe(cx: &Cx, world: &World, input: &DescribeMacHosts) -> Result<MacHosts, ApiError> {
    let named = input.host_ids.as_deref().filter(|ids| !ids.is_empty());
    for id in named.unwrap_or_default() {
        let host = resource::get::<Host>(world, cx, id)?;
        if !is_mac(&host.family) {
            return Err(crate::kind::DEDICATED_HOST.not_found(&[id]));
        }
    }
    let wanted = Wanted {
        ids: named,
        filters: input.filters.as_deref(),
        max_results: input.max_results,
        next_token: input.next_token.as_deref(),
    };
    let is_there = |host: &std::sync::Arc<Host>| is_mac(&host.family) && host.released_at.is_none();
    let macs = || -> Box<dyn Iterator<Item = std::sync::Arc<Host>>> {
        Box::new(resource::all::<Host>(cx, world).filter(is_there))
    };
    let see = |host: &Host| Seen {
        host_id: host.id.clone(),
        zone: host.zone.clone(),
        instance_type: host.instance_type.clone(),
    };
    let page = resource::describe(cx, world, &wanted, macs, &FIELDS, see)?;
    let mac_hosts = page.items.into_iter().map(|seen| MacHostOut { host_id: seen.host_id }).collect();
    Ok(MacHosts { mac_hosts, next_token: page.next })
}
