//! One resource of each of EC2's families, made by its own operation, for requests to name.

use super::stage::Stage;

/// Operations that make one, in order, with what they need: `{Name}` stands for the sample of that name.
const MADE: &str = "
CreateCarrierGateway VpcId={VpcId}
CreateCustomerGateway Type=ipsec.1 IpAddress=203.0.113.7
CreateEgressOnlyInternetGateway VpcId={VpcId}
CreateFlowLogs ResourceType=VPC ResourceId.1={VpcId} TrafficType=ALL LogDestinationType=s3 LogDestination=arn:aws:s3:::logs
DescribeFlowLogs
CreateManagedPrefixList PrefixListName=sample AddressFamily=IPv4 MaxEntries=5
CreateNatGateway SubnetId={SubnetId} ConnectivityType=private
CreateVpc CidrBlock=10.99.0.0/16
CreateVpcEndpoint VpcId={VpcId} ServiceName=com.amazonaws.us-east-1.sqs VpcEndpointType=Interface
CreateVpcEndpointServiceConfiguration NetworkLoadBalancerArn.1=arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/net/web/0123456789abcdef PrivateDnsName=api.example.com
CreateVpcPeeringConnection VpcId={VpcId} PeerVpcId={PeerVpcId}
";

/// Makes them; each is found under the member that holds its id.
pub fn families(stage: &mut Stage) {
    for line in MADE.lines().filter(|line| !line.is_empty()) {
        let (operation, parameters) = line.split_once(' ').unwrap_or((line, ""));
        let parameters: Vec<(String, String)> = parameters.split_whitespace().map(|text| filled(stage, text)).collect();
        let pairs: Vec<(&str, &str)> = parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let made = stage.ec2(operation, &pairs);
        if let Some((_, rest)) = made.split_once("<vpcId>").filter(|_| operation == "CreateVpc") {
            let id = rest.split('<').next().unwrap_or_default();
            stage.name("PeerVpcId", id);
            stage.ec2("CreateTags", &[("ResourceId.1", id), ("Tag.1.Key", "team"), ("Tag.1.Value", "red")]);
        }
        for family in ec2::family::FAMILIES {
            let element = format!("{}{}", family.id[..1].to_lowercase(), &family.id[1..]);
            if let Some((_, rest)) = made.split_once(&format!("<{element}>{}-", family.kind.prefix)) {
                let digits = rest.split('<').next().unwrap_or_default();
                stage.name(family.id, format!("{}-{digits}", family.kind.prefix));
            }
        }
    }
    for family in ec2::family::FAMILIES {
        let id = stage.named(family.id);
        stage.ec2("CreateTags", &[("ResourceId.1", &id), ("Tag.1.Key", "team"), ("Tag.1.Value", "red")]);
    }
}

fn filled(stage: &Stage, text: &str) -> (String, String) {
    let (name, value) = text.split_once('=').unwrap_or_else(|| panic!("`{text}` has no value"));
    let value = match value.strip_prefix('{').and_then(|value| value.strip_suffix('}')) {
        Some(sample) => stage.named(sample),
        None => value.to_owned(),
    };
    (name.to_owned(), value)
}
