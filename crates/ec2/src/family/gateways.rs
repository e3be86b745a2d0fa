//! Gateways without behaviour of their own: egress-only internet gateways, carrier gateways, customer gateways.

use std::net::IpAddr;

use serde_json::json;
use service::prelude::*;

use super::{Family, Item, Life, item};
use crate::kind;
use crate::network::encryption_control::{Traffic, enforce};
use crate::network::vpc::Vpc;
use crate::refused::{invalid_value, missing};
use crate::resource;

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CarrierGateway.html>
pub static CARRIER_GATEWAYS: Family = Family {
    owner: Some("OwnerId"),
    life: Some(Life {
        member: "State",
        words: ["pending", "available", "deleting", "deleted"],
        seconds: 10,
        shown_for: 3_600,
    }),
    within: &[("VpcId", &kind::VPC)],
    filters: &["carrier-gateway-id", "state", "owner-id", "vpc-id"],
    keys: &[("ec2:Vpc", "VpcArn"), ("ec2:Tenancy", "Tenancy")],
    see: |cx, world, item, shown| {
        let vpc = item.document.text("VpcId").and_then(|id| resource::look_up::<Vpc>(world, cx, id));
        if let Some(vpc) = vpc {
            shown.set("VpcArn", kind::VPC.arn(cx, &vpc.id));
            shown.set("Tenancy", vpc.tenancy.as_str());
        }
    },
    ..Family::of(&kind::CARRIER_GATEWAY, "CarrierGatewayId")
};

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CustomerGateway.html>
pub static CUSTOMER_GATEWAYS: Family = Family {
    life: Some(Life {
        member: "State",
        words: ["pending", "available", "deleting", "deleted"],
        seconds: 10,
        shown_for: 3_600,
    }),
    filters: &["bgp-asn", "customer-gateway-id", "ip-address", "state", "type"],
    fill: fill_customer_gateway,
    blocked: |_, _| ApiError::new("IncorrectState", "The customer gateway is in use."),
    // "Subsequent requests return information about the existing customer gateway": the same page.
    same: |cx, world, new| {
        let mut all = item::all(world, cx, &kind::CUSTOMER_GATEWAY).filter(|it| !it.is_deleted());
        all.find(|it| it.document == new.document).cloned()
    },
    ..Family::of(&kind::CUSTOMER_GATEWAY, "CustomerGatewayId")
};

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_EgressOnlyInternetGateway.html>
pub static EGRESS_ONLY_GATEWAYS: Family = Family {
    within: &[("VpcId", &kind::VPC)],
    filters: &[],
    fill: |cx, tx, input, item| {
        enforce::may_have(cx, tx, input.text("VpcId").unwrap_or_default(), Traffic::EgressOnlyInternetGateway)?;
        item.document.set("Attachments", json!([{"State": "attached", "VpcId": input.text("VpcId")}]));
        Ok(())
    },
    ..Family::of(&kind::EGRESS_ONLY_INTERNET_GATEWAY, "EgressOnlyInternetGatewayId")
};

/// The operations of these gateways.
pub fn operations() -> Vec<Operation> {
    vec![
        CARRIER_GATEWAYS.create("CreateCarrierGateway", &[]),
        CARRIER_GATEWAYS.describe("DescribeCarrierGateways"),
        CARRIER_GATEWAYS.delete("DeleteCarrierGateway"),
        CUSTOMER_GATEWAYS.create("CreateCustomerGateway", &["PublicIp"]),
        CUSTOMER_GATEWAYS.describe("DescribeCustomerGateways"),
        CUSTOMER_GATEWAYS.delete("DeleteCustomerGateway"),
        EGRESS_ONLY_GATEWAYS.create("CreateEgressOnlyInternetGateway", &[]),
        EGRESS_ONLY_GATEWAYS.describe("DescribeEgressOnlyInternetGateways"),
        EGRESS_ONLY_GATEWAYS.delete("DeleteEgressOnlyInternetGateway"),
    ]
}

/// The address comes under either of two names; the AS number is 65000 where none is given, and shown as a text.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateCustomerGateway.html>
fn fill_customer_gateway(_: &Cx, _: &mut Tx, input: &Document, item: &mut Item) -> Result<(), ApiError> {
    let address = input.text("IpAddress").or_else(|| input.text("PublicIp"));
    if address.is_none() && input.text("CertificateArn").is_none() {
        // Named so in <https://github.com/hashicorp/terraform-provider-aws/issues/37553>.
        return Err(missing("ipAddress"));
    }
    if let Some(address) = address {
        if address.parse::<IpAddr>().is_err() {
            return Err(invalid_value(address, "ipAddress"));
        }
        item.document.set("IpAddress", address);
    }
    let extended = input.number("BgpAsnExtended");
    let number = extended.is_none().then(|| input.number("BgpAsn").unwrap_or(65_000));
    item.document.0.remove("BgpAsn");
    if let Some(number) = number {
        item.document.set("BgpAsn", number.to_string());
    }
    if let Some(number) = extended {
        item.document.set("BgpAsnExtended", number.to_string());
    }
    Ok(())
}
