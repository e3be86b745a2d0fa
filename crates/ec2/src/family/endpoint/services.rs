//! What endpoints lead to: services of AWS in the region, and those that accounts offer. Of an account's service only those see anything whom its
//! permissions name. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpcEndpointServices.html>

use std::sync::Arc;

use serde_json::{Value, json};
use service::Service;
use service::ids::Ids;
use service::prelude::*;

use super::{GATEWAY, INTERFACE, Item, configuration, permission};
use crate::family::prefix_list::aws;
use crate::family::{answers, describe};
use crate::resource;

/// Services of AWS that have interface endpoints, as their names end. <https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html>
const OF_AWS: &str = "access-analyzer acm-pca airflow.api airflow.env airflow.ops application-autoscaling apprunner appsync athena autoscaling \
    backup batch bedrock bedrock-runtime cloudformation cloudtrail codeartifact.api codeartifact.repositories codebuild codecommit \
    codedeploy codepipeline cognito-idp config datasync dms ds dynamodb ebs ec2 ec2messages ecr.api ecr.dkr ecs ecs-agent ecs-telemetry eks eks-auth \
    elasticache elasticbeanstalk elasticfilesystem elasticloadbalancing elasticmapreduce events execute-api firehose fis fsx glue \
    guardduty-data imagebuilder inspector2 iot.data kafka kinesis-streams kms lakeformation lambda license-manager logs macie2 monitoring \
    network-firewall organizations polly ram rds rds-data redshift redshift-data rekognition s3 sagemaker.api sagemaker.runtime \
    scheduler secretsmanager securityhub servicecatalog servicediscovery sns sqs ssm ssmmessages states storagegateway sts synthetics \
    textract transcribe transfer translate workspaces xray";
/// A service.
#[derive(Debug, Clone)]
pub struct Found {
    pub name: String,
    pub types: Vec<&'static str>,
    /// `amazon`, or the account.
    pub owner: String,
    /// The name that clients know it by.
    pub private_name: Option<String>,
    pub has_policy: bool,
    pub acceptance_required: bool,
    /// What an account's own was made as.
    pub configuration: Option<Arc<Item>>,
}

/// There is none of that name, or the caller may not know.
pub fn no_such(name: &str) -> ApiError {
    ApiError::new("InvalidServiceName", format!("The Vpc Endpoint Service '{name}' does not exist"))
}

/// The service of that name in the request's region.
pub fn find(cx: &Cx, world: &World, name: &str) -> Option<Found> {
    let rest = name.strip_prefix("com.amazonaws.")?;
    if let Some(rest) = rest.strip_prefix("vpce.") {
        let (region, id) = rest.split_once('.')?;
        let item = world.by::<Item>(Item::BY_SERVICE, &[id]).find(|item| item.id == id)?;
        let usable = region == cx.region_name() && !item.is_deleted() && permission::allows(cx, item);
        return usable.then(|| of_account(item));
    }
    let short = rest.strip_prefix(cx.region_name())?.strip_prefix('.')?;
    OF_AWS.split_whitespace().any(|known| known == short).then(|| of_aws(cx, short))
}

fn of_aws(cx: &Cx, short: &str) -> Found {
    let mut types = vec![INTERFACE];
    if aws::SERVICES.contains(&short) {
        types.insert(0, GATEWAY);
    }
    Found {
        name: format!("com.amazonaws.{}.{short}", cx.region_name()),
        types,
        owner: "amazon".to_owned(),
        private_name: Some(private_name(cx, short)),
        has_policy: true,
        acceptance_required: false,
        configuration: None,
    }
}

/// Most are called as their endpoints are; some put their parts the other way round.
fn private_name(cx: &Cx, short: &str) -> String {
    let suffix = format!("{}.{}", cx.region_name(), cx.region.dns_suffix);
    match short {
        "ecr.dkr" => format!("*.dkr.ecr.{suffix}"),
        "kinesis-streams" => format!("kinesis.{suffix}"),
        "codeartifact.repositories" => format!("*.d.codeartifact.{suffix}"),
        "execute-api" => format!("*.execute-api.{suffix}"),
        "s3" => format!("*.s3.{suffix}"),
        other => {
            let parts: Vec<&str> = other.rsplit('.').collect();
            format!("{}.{suffix}", parts.join("."))
        }
    }
}

fn of_account(item: &Arc<Item>) -> Found {
    let document = &item.document;
    let balancers = !document.texts("GatewayLoadBalancerArns").is_empty();
    Found {
        name: document.text("ServiceName").unwrap_or_default().to_owned(),
        types: vec![if balancers { super::LOAD_BALANCER } else { INTERFACE }],
        owner: item.account.to_string(),
        private_name: document.text("PrivateDnsName").map(str::to_owned),
        has_policy: false,
        acceptance_required: document.truth("AcceptanceRequired").unwrap_or(true),
        configuration: Some(item.clone()),
    }
}

/// The operation that lists them.
pub fn describe_row() -> Operation {
    Operation::read(Service::Ec2, "DescribeVpcEndpointServices", describe)
        .authorize(resource::any::<Document>)
        .honours(|model, operation| {
            answers::honoured(
                model,
                operation,
                &super::ENDPOINTS,
                &["ServiceNames", "ServiceRegions", "Filters", "Filter", "MaxResults", "NextToken"],
            )
        })
        .scan()
        .build()
}

/// All that the caller can see in the region: AWS's, the account's own and those of others that allow it.
fn all(cx: &Cx, world: &World) -> Vec<Found> {
    let aws = OF_AWS.split_whitespace().map(|short| of_aws(cx, short));
    let offered = world.scan::<Item>(&[]).filter(|item| {
        item.id.starts_with("vpce-svc-")
            && item.region == cx.region_name()
            && !item.is_deleted()
            && permission::allows(cx, item)
    });
    aws.chain(offered.map(of_account)).collect()
}

fn describe(cx: &Cx, world: &World, input: &Document) -> Result<Document, ApiError> {
    let wanted = input.texts("ServiceNames");
    let regions = input.texts("ServiceRegions");
    let mut found = all(cx, world);
    if let Some(missing) = wanted.iter().find(|name| found.iter().all(|it| it.name != **name)) {
        return Err(no_such(missing));
    }
    found.retain(|it| wanted.is_empty() || wanted.contains(&it.name));
    found.retain(|_| regions.is_empty() || regions.iter().any(|region| region == cx.region_name()));
    let mut seen: Vec<describe::Seen> = found.iter().flat_map(|it| details(cx, it)).collect();
    seen.sort_by(|a, b| a.id.cmp(&b.id));
    let known = &[
        "owner",
        "service-name",
        "service-region",
        "service-type=ServiceType.ServiceType",
        "supported-ip-address-types",
    ];
    let page = describe::choose("DescribeVpcEndpointServices", input, known, seen.into_iter())?;
    let mut names: Vec<Value> = page.items.iter().filter_map(|detail| detail.get("ServiceName")).cloned().collect();
    names.dedup();
    Ok(Document::from(json!({"ServiceNames": names, "ServiceDetails": page.items, "NextToken": page.next})))
}

/// A service is told once for each type of its endpoints.
fn details(cx: &Cx, found: &Found) -> Vec<describe::Seen> {
    let detail = |endpoint_type: &&'static str| {
        let mut shown = Document::from(json!({
            "ServiceName": found.name,
            "ServiceId": id_of(found, endpoint_type),
            "ServiceType": [{"ServiceType": endpoint_type}],
            "ServiceRegion": cx.region_name(),
            "AvailabilityZones": cx.region.zones.iter().map(|zone| zone.name.as_str()).collect::<Vec<_>>(),
            "AvailabilityZoneIds": cx.region.zones.iter().map(|zone| zone.id.as_str()).collect::<Vec<_>>(),
            "Owner": found.owner,
            "BaseEndpointDnsNames": [base_name(cx, found, endpoint_type)],
            "VpcEndpointPolicySupported": found.has_policy,
            "AcceptanceRequired": found.acceptance_required,
            "ManagesVpcEndpoints": false,
            "SupportedIpAddressTypes": ["ipv4"],
        }));
        if let Some(name) = found.private_name.as_ref().filter(|_| **endpoint_type == *INTERFACE) {
            shown.set("PrivateDnsName", name.as_str());
            shown.set("PrivateDnsNames", json!([{"PrivateDnsName": name}]));
            let proof = found.configuration.as_ref().map(|item| configuration::verification(cx, item));
            shown.set("PrivateDnsNameVerificationState", proof.as_deref().unwrap_or("verified"));
        }
        let payer = found.configuration.as_ref().and_then(|item| item.document.text("PayerResponsibility"));
        payer.into_iter().for_each(|payer| shown.set("PayerResponsibility", payer));
        let tags = found.configuration.as_ref().map(|item| item.tags.clone()).unwrap_or_default();
        let tag = |tag: &Tag| json!({"Key": tag.key, "Value": tag.value});
        shown.set("Tags", tags.iter().map(tag).collect::<Vec<_>>());
        describe::Seen { id: format!("{} {endpoint_type}", found.name), shown, tags }
    };
    found.types.iter().map(detail).collect()
}

fn id_of(found: &Found, endpoint_type: &str) -> String {
    match &found.configuration {
        Some(item) => item.id.clone(),
        None => Ids::derived(&[b"endpoint service", found.name.as_bytes(), endpoint_type.as_bytes()]).ec2("vpce-svc"),
    }
}

fn base_name(cx: &Cx, found: &Found, endpoint_type: &str) -> String {
    let (region, suffix) = (cx.region_name(), &cx.region.dns_suffix);
    let short = found.name.split('.').skip(3).collect::<Vec<_>>().join(".");
    match (&found.configuration, endpoint_type) {
        (Some(item), _) => format!("{}.{region}.vpce.{suffix}", item.id),
        (None, GATEWAY) => format!("{short}.{region}.{suffix}"),
        (None, _) => format!("{short}.{region}.vpce.{suffix}"),
    }
}
