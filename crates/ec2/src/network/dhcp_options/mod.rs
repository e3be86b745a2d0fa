//! Sets of DHCP options: what instances of a VPC learn about domain names and servers.

use service::filters::{Fields, Filter};
use service::prelude::*;

use crate::kind;
use crate::resource::{self, Wanted, resource};

pub mod create;

pub use create::default_of;

/// A set of DHCP options.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DhcpOptions {
    pub account: AccountId,
    pub region: String,
    /// `dopt-…`
    pub id: String,
    /// Options and their values: `domain-name-servers`, `AmazonProvidedDNS`.
    pub configurations: Vec<(String, Vec<String>)>,
    #[serde(default)]
    pub tags: Vec<Tag>,
}

impl Record for DhcpOptions {
    const TABLE: TableDef = TableDef::own("ec2_dhcp_options", &["account", "region", "id"], &[]);

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str(), &self.region, &self.id])
    }
}

resource!(DhcpOptions, kind::DHCP_OPTIONS, {
    fn keys(&self, _: &Cx, _: &World, check: Check) -> Check {
        check.key("ec2:DhcpOptionsID", self.id.as_str())
    }
});

/// `DescribeDhcpOptionsRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeDhcpOptions {
    pub dhcp_options_ids: Option<Vec<String>>,
    pub filters: Option<Vec<Filter>>,
    pub max_results: Option<i64>,
    pub next_token: Option<String>,
    pub dry_run: Option<bool>,
}

/// `DescribeDhcpOptionsResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct DhcpOptionsSets {
    pub dhcp_options: Vec<DhcpOptionsOut>,
    pub next_token: Option<String>,
}

/// `DhcpOptions`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct DhcpOptionsOut {
    pub dhcp_options_id: String,
    pub owner_id: String,
    pub dhcp_configurations: Vec<ConfigurationOut>,
    pub tags: Vec<Tag>,
}

/// `DhcpConfiguration`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct ConfigurationOut {
    pub key: String,
    pub values: Vec<ValueOut>,
}

/// `AttributeValue`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct ValueOut {
    pub value: String,
}

static FIELDS: Fields<DhcpOptionsOut> = Fields {
    fields: &[
        ("dhcp-options-id", |it, values| values.push(it.dhcp_options_id.as_str())),
        ("key", |it, values| it.dhcp_configurations.iter().for_each(|one| values.push(one.key.as_str()))),
        ("owner-id", |it, values| values.push(it.owner_id.as_str())),
        ("value", |it, values| {
            it.dhcp_configurations.iter().flat_map(|one| &one.values).for_each(|one| values.push(one.value.as_str()));
        }),
    ],
    tags: Some(|it| &it.tags),
};

/// Sets that pass the filters, or those named. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeDhcpOptions.html>
pub fn describe(cx: &Cx, world: &World, input: &DescribeDhcpOptions) -> Result<DhcpOptionsSets, ApiError> {
    let wanted = Wanted {
        ids: input.dhcp_options_ids.as_deref(),
        filters: input.filters.as_deref(),
        max_results: input.max_results,
        next_token: input.next_token.as_deref(),
    };
    let page = resource::describe(cx, world, &wanted, || resource::all(cx, world), &FIELDS, out)?;
    Ok(DhcpOptionsSets { dhcp_options: page.items, next_token: page.next })
}

/// As answers show the set.
pub fn out(options: &DhcpOptions) -> DhcpOptionsOut {
    let configuration = |(key, values): &(String, Vec<String>)| ConfigurationOut {
        key: key.clone(),
        values: values.iter().map(|value| ValueOut { value: value.clone() }).collect(),
    };
    DhcpOptionsOut {
        dhcp_options_id: options.id.clone(),
        owner_id: options.account.to_string(),
        dhcp_configurations: options.configurations.iter().map(configuration).collect(),
        tags: options.tags.clone(),
    }
}
