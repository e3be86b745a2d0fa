//! Families against the model, and the generic verbs on a family of each sort.

use serde_json::{Value, json};
use service::Service;
use service::operation::{AnyInput, Run};
use service::prelude::*;
use wire::{Kind as Of, Model, ShapeId};

use super::{FAMILIES, Family, answers, path_of};
use crate::tests::{later, refusal, start};

fn model() -> &'static Model {
    wire::model(Service::Ec2)
}

/// Runs an operation on its JSON input: what would be written as XML.
pub fn ask(cx: &Cx, tx: &mut Tx, name: &str, input: Value) -> Result<String, ApiError> {
    let row = super::operations().into_iter().find(|row| row.name == name).unwrap();
    let input: AnyInput = Box::new(Document::from(input));
    let output = match row.handler(&input) {
        Run::Read(handler) => handler(cx, tx, &input)?,
        Run::Write(handler) => handler(cx, tx, &input)?,
    };
    let written = output.write(model(), model().operation(name).unwrap(), "request").unwrap();
    Ok(String::from_utf8(written).unwrap())
}

/// The text of the first element of that name.
pub fn element<'a>(xml: &'a str, name: &str) -> &'a str {
    let (_, rest) = xml.split_once(&format!("<{name}>")).unwrap_or_else(|| panic!("no {name} in {xml}"));
    rest.split_once("</").unwrap().0
}

/// The shape at a path of members, through lists.
fn shape_at(shape: ShapeId, path: &str) -> Option<ShapeId> {
    match &model().shape(shape).kind {
        Of::List(list) => shape_at(list.member, path),
        Of::Structure(structure) if !path.is_empty() => {
            let (first, rest) = path.split_once('.').unwrap_or((path, ""));
            shape_at(structure.by_name(first)?.1.shape, rest)
        }
        _ => path.is_empty().then_some(shape),
    }
}

fn has(family: &Family, path: &str) -> bool {
    let (first, rest) = path.split_once('.').unwrap_or((path, ""));
    let member = answers::shape(family.kind).and_then(|shape| shape.by_name(first));
    member.is_some_and(|(_, member)| shape_at(member.shape, rest).is_some())
}

#[test]
fn declarations_fit_the_model() {
    let mut wrong = Vec::new();
    for family in FAMILIES {
        let mut paths: Vec<String> = vec![family.id.into(), family.tags.into()];
        paths.extend([family.owner, family.arn, family.created].into_iter().flatten().map(str::to_owned));
        paths.extend(family.life.map(|life| life.member.to_owned()));
        paths.extend(family.filters.iter().map(|filter| {
            let name = filter.split_once('=').map_or(*filter, |(name, _)| name);
            path_of(family.filters, name).unwrap()
        }));
        paths.retain(|path| !path.starts_with('_'));
        let (cx, _) = start();
        paths.extend(Document::from((family.defaults)(&cx)).0.keys().cloned());
        wrong.extend(
            paths.into_iter().filter(|path| !has(family, path)).map(|path| format!("{}.{path}", family.kind.shape)),
        );
    }
    assert!(wrong.is_empty(), "the model has no {wrong:#?}");
}

#[test]
fn members_in_another_form_are_not_copied() {
    let input = Document::from(json!({"SupportedRegions": ["eu-west-1"], "GatewayLoadBalancerArns": ["arn"]}));
    let operation = "CreateVpcEndpointServiceConfiguration";
    let copied = answers::members_of(&crate::kind::VPC_ENDPOINT_SERVICE, operation, &input, &[]);
    assert_eq!(copied, Document::from(json!({"GatewayLoadBalancerArns": ["arn"]})));
}

#[test]
fn all_families_are_shown_in_the_docs() {
    let mut text = String::from(
        "# Families of resources\n\nKinds of EC2 that are told in one declaration each (`crates/ec2/src/family`), and what it comes to. Written by \
         the tests.\n",
    );
    for family in FAMILIES {
        text.push_str(&format!("\n## {}\n\n", family.kind.shape));
        text.push_str(&format!(
            "- ids `{}-…` in `{}`, resource type `{}`\n",
            family.kind.prefix, family.id, family.kind.resource_type
        ));
        if let Some(life) = family.life {
            let [first, then, leaving, gone] = life.words;
            text.push_str(&format!(
                "- `{}`: {first} → {then}, {leaving} → {gone}; {} s as AWS takes\n",
                life.member, life.seconds
            ));
        }
        for (member, kind) in family.within {
            text.push_str(&format!("- in the {} of `{member}`\n", kind.resource_type));
        }
        for filter in family.filters {
            let name = filter.split_once('=').map_or(*filter, |(name, _)| name);
            text.push_str(&format!("- filter `{name}`: `{}`\n", path_of(family.filters, name).unwrap()));
        }
        for (key, path) in family.keys {
            text.push_str(&format!("- condition key `{key}`: `{path}`\n"));
        }
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/families.md");
    if std::env::var_os("UPDATE_LISTS").is_some() {
        std::fs::write(path, &text).unwrap();
    }
    assert_eq!(std::fs::read_to_string(path).unwrap_or_default(), text, "run the tests with UPDATE_LISTS=1");
}

#[test]
fn a_life_in_states() {
    let (cx, mut tx) = start();
    let input = json!({"Type": "ipsec.1", "IpAddress": "203.0.113.7", "BgpAsn": 65010,
        "TagSpecifications": [{"ResourceType": "customer-gateway", "Tags": [{"Key": "Name", "Value": "office"}]}]});
    let made = ask(&cx, &mut tx, "CreateCustomerGateway", input.clone()).unwrap();
    assert_eq!((element(&made, "state"), element(&made, "bgpAsn")), ("pending", "65010"));
    let id = element(&made, "customerGatewayId").to_owned();
    let soon = later(&cx, 2);
    let again = ask(&soon, &mut tx, "CreateCustomerGateway", input).unwrap();
    assert_eq!((element(&again, "customerGatewayId"), element(&again, "state")), (id.as_str(), "available"));

    let by = |filter: &str, value: &str| json!({"Filters": [{"Name": filter, "Values": [value]}]});
    for (filter, value) in
        [("bgp-asn", "65010"), ("ip-address", "203.0.113.*"), ("tag:Name", "office"), ("state", "available")]
    {
        let found = ask(&soon, &mut tx, "DescribeCustomerGateways", by(filter, value)).unwrap();
        assert_eq!(element(&found, "customerGatewayId"), id, "{filter}");
        let none = ask(&soon, &mut tx, "DescribeCustomerGateways", by(filter, "else")).unwrap();
        assert!(!none.contains(&id), "{filter}");
    }
    assert_eq!(
        refusal(ask(&soon, &mut tx, "DescribeCustomerGateways", by("colour", "red"))),
        ("InvalidParameterValue".into(), "The filter 'colour' is invalid".into())
    );

    let gone = ask(&soon, &mut tx, "DeleteCustomerGateway", json!({"CustomerGatewayId": id})).unwrap();
    assert_eq!(element(&gone, "return"), "true");
    let named = json!({"CustomerGatewayIds": [id]});
    let shown = ask(&soon, &mut tx, "DescribeCustomerGateways", named.clone()).unwrap();
    assert_eq!(element(&shown, "state"), "deleting");
    let shown = ask(&later(&soon, 2), &mut tx, "DescribeCustomerGateways", named).unwrap();
    assert_eq!(element(&shown, "state"), "deleted");
    let message = format!("The customerGateway ID '{id}' does not exist");
    let twice = ask(&soon, &mut tx, "DeleteCustomerGateway", json!({"CustomerGatewayId": id}));
    assert_eq!(refusal(twice), ("InvalidCustomerGatewayID.NotFound".into(), message));
}

#[test]
fn what_is_in_a_vpc_keeps_it() {
    let (cx, mut tx) = start();
    let made = crate::network::vpc::create::CreateVpc { cidr_block: Some("10.9.0.0/16".into()), ..Default::default() };
    let vpc = crate::network::vpc::create::create(&cx, &mut tx, &made).unwrap().vpc.vpc_id;
    let made = ask(&cx, &mut tx, "CreateCarrierGateway", json!({"VpcId": vpc, "ClientToken": "once"})).unwrap();
    let again = ask(&cx, &mut tx, "CreateCarrierGateway", json!({"VpcId": vpc, "ClientToken": "once"})).unwrap();
    assert_eq!(made, again);
    let delete = crate::network::vpc::create::DeleteVpc { vpc_id: vpc.clone(), ..Default::default() };
    let refused = refusal(crate::network::vpc::create::delete(&cx, &mut tx, &delete));
    assert_eq!(refused.0, "DependencyViolation");
    let id = element(&made, "carrierGatewayId").to_owned();
    ask(&cx, &mut tx, "DeleteCarrierGateway", json!({"CarrierGatewayId": id})).unwrap();
    crate::network::vpc::create::delete(&cx, &mut tx, &delete).unwrap();
    let nowhere = ask(&cx, &mut tx, "CreateCarrierGateway", json!({"VpcId": "vpc-0123456789abcdef0"}));
    assert_eq!(refusal(nowhere).0, "InvalidVpcID.NotFound");
}
