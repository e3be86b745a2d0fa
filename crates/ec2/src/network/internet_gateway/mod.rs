//! Internet gateways: a VPC's way to public addresses.

use service::filters::{Fields, Filter};
use service::prelude::*;

use crate::kind;
use crate::resource::{self, Wanted, resource};

pub mod change;

/// An internet gateway.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct InternetGateway {
    pub account: AccountId,
    pub region: String,
    /// `igw-…`
    pub id: String,
    /// The VPC it is attached to.
    pub vpc_id: Option<String>,
    #[serde(default)]
    pub tags: Vec<Tag>,
}

impl InternetGateway {
    /// (account, region, VPC): a VPC has one at most.
    pub const BY_VPC: usize = 0;
}

impl Record for InternetGateway {
    const TABLE: TableDef = TableDef::own("ec2_internet_gateway", &["account", "region", "id"], &["vpc_id"]);
    const INDEXES: &'static [IndexDef] = &[IndexDef { name: "by_vpc", unique: true }];

    fn key(&self) -> Key {
        Key::new(&[self.account.as_str(), &self.region, &self.id])
    }

    fn columns(&self) -> Vec<Option<String>> {
        vec![self.vpc_id.clone()]
    }

    fn index(&self, entries: &mut IndexEntries) {
        if let Some(vpc) = &self.vpc_id {
            entries.add(Self::BY_VPC, &[self.account.as_str(), &self.region, vpc]);
        }
    }
}

resource!(InternetGateway, kind::INTERNET_GATEWAY, {
    fn keys(&self, _: &Cx, _: &World, check: Check) -> Check {
        check.key("ec2:InternetGatewayID", self.id.as_str())
    }
});

/// `DescribeInternetGatewaysRequest`.
#[derive(Debug, Default, Deserialize, Shaped)]
pub struct DescribeInternetGateways {
    pub internet_gateway_ids: Option<Vec<String>>,
    pub filters: Option<Vec<Filter>>,
    pub max_results: Option<i64>,
    pub next_token: Option<String>,
    pub dry_run: Option<bool>,
}

/// `DescribeInternetGatewaysResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct InternetGateways {
    pub internet_gateways: Vec<InternetGatewayOut>,
    pub next_token: Option<String>,
}

/// `InternetGateway`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct InternetGatewayOut {
    pub internet_gateway_id: String,
    pub owner_id: String,
    pub attachments: Vec<AttachmentOut>,
    pub tags: Vec<Tag>,
}

/// `InternetGatewayAttachment`.
#[derive(Debug, Clone, Serialize, Shaped)]
pub struct AttachmentOut {
    pub vpc_id: String,
    pub state: &'static str,
}

static FIELDS: Fields<InternetGatewayOut> = Fields {
    fields: &[
        ("attachment.state", |it, values| it.attachments.iter().for_each(|one| values.push(one.state))),
        ("attachment.vpc-id", |it, values| it.attachments.iter().for_each(|one| values.push(one.vpc_id.as_str()))),
        ("internet-gateway-id", |it, values| values.push(it.internet_gateway_id.as_str())),
        ("owner-id", |it, values| values.push(it.owner_id.as_str())),
    ],
    tags: Some(|it| &it.tags),
};

/// Gateways that pass the filters, or those named.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInternetGateways.html>
pub fn describe(cx: &Cx, world: &World, input: &DescribeInternetGateways) -> Result<InternetGateways, ApiError> {
    let wanted = Wanted {
        ids: input.internet_gateway_ids.as_deref(),
        filters: input.filters.as_deref(),
        max_results: input.max_results,
        next_token: input.next_token.as_deref(),
    };
    let page = resource::describe(cx, world, &wanted, || resource::all(cx, world), &FIELDS, out)?;
    Ok(InternetGateways { internet_gateways: page.items, next_token: page.next })
}

/// As answers show the gateway.
pub fn out(gateway: &InternetGateway) -> InternetGatewayOut {
    // An attached internet gateway is `available`, a word the model's list of states lacks.
    // <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InternetGatewayAttachment.html>
    let attachment = |vpc_id: &String| AttachmentOut { vpc_id: vpc_id.clone(), state: "available" };
    InternetGatewayOut {
        internet_gateway_id: gateway.id.clone(),
        owner_id: gateway.account.to_string(),
        attachments: gateway.vpc_id.iter().map(attachment).collect(),
        tags: gateway.tags.clone(),
    }
}
