//! One resource of each of EC2's families, made by its own operation, for requests to name.

use service::{Tx, World};

use super::stage::Stage;

/// Operations that make one, in order, with what they need: `{Name}` stands for the sample of that name. `later` lets states pass on,
/// `keep` gives a sample another name.
const MADE: &str = "
CreateApplicationStatusCheck Protocol=http Port=80
CreateCarrierGateway VpcId={VpcId}
CreateMetricCategory Metric.1=CPUUtilization
CreateNetworkingFlexCostAllocationPolicy NetworkResourceType=ec2 InstanceFcaPolicyDocument.ReportingGranularity.1=eni InstanceFcaPolicyDocument.Dimensions.1=data-transfer
keep FcaPolicyIds={FcaPolicyId}
keep FcaPolicyAssociationIds=fcapassoc-0123456789abcdef0
CreateCustomerGateway Type=ipsec.1 IpAddress=203.0.113.7
CreateEgressOnlyInternetGateway VpcId={VpcId}
CreateFlowLogs ResourceType=VPC ResourceId.1={VpcId} TrafficType=ALL LogDestinationType=s3 LogDestination=arn:aws:s3:::logs
DescribeFlowLogs
CreateIpam
CreateIpamScope IpamId={IpamId}
CreateIpamPool IpamScopeId={IpamScopeId} AddressFamily=ipv4 Locale=us-east-1
ProvisionIpamPoolCidr IpamPoolId={IpamPoolId} Cidr=10.64.0.0/10
later
AllocateIpamPoolCidr IpamPoolId={IpamPoolId} NetmaskLength=24
CreateIpamResourceDiscovery Description=sample
AssociateIpamResourceDiscovery IpamId={IpamId} IpamResourceDiscoveryId={IpamResourceDiscoveryId}
CreateIpamPolicy IpamId={IpamId}
CreateIpamExternalResourceVerificationToken IpamId={IpamId}
CreateMacSystemIntegrityProtectionModificationTask InstanceId={MacInstanceId} MacSystemIntegrityProtectionStatus=enabled
CreateManagedPrefixList PrefixListName=sample AddressFamily=IPv4 MaxEntries=5
CreateIpamPrefixListResolver IpamId={IpamId} AddressFamily=ipv4
CreateIpamPrefixListResolverTarget IpamPrefixListResolverId={IpamPrefixListResolverId} PrefixListId={PrefixListId} PrefixListRegion=us-east-1 TrackLatestVersion=true
CreateNatGateway SubnetId={SubnetId} ConnectivityType=private
CreateNetworkInsightsPath Source={InstanceId} Destination={InternetGatewayId} Protocol=tcp ClientToken=one
StartNetworkInsightsAnalysis NetworkInsightsPathId={NetworkInsightsPathId} ClientToken=one
CreateNetworkInsightsAccessScope MatchPath.1.Source.ResourceStatement.ResourceType.1=AWS::EC2::InternetGateway ClientToken=one
StartNetworkInsightsAccessScopeAnalysis NetworkInsightsAccessScopeId={NetworkInsightsAccessScopeId} ClientToken=one
ProvisionByoipCidr Cidr=2600:9000:5300::/48 CidrAuthorizationContext.Message=1|aws|123456789012|2600:9000:5300::/48|20300101|SHA256|RSAPSS CidrAuthorizationContext.Signature=signed
DescribeIpv6Pools
CreateRouteServer AmazonSideAsn=65000
later
AssociateRouteServer RouteServerId={RouteServerId} VpcId={VpcId}
CreateRouteServerEndpoint RouteServerId={RouteServerId} SubnetId={SubnetId}
later
CreateRouteServerPeer RouteServerEndpointId={RouteServerEndpointId} PeerAddress=172.31.0.9 BgpOptions.PeerAsn=65001
CreateSecondaryNetwork Ipv4CidrBlock=172.31.0.0/16 NetworkType=rdma
CreateIpamInternetRegistryAssociation IpamId={IpamId} Rir=ripe OrganizationHandle=ORG-EX1-RIPE
later
CreateSecondarySubnet SecondaryNetworkId={SecondaryNetworkId} Ipv4CidrBlock=172.31.0.0/24
CreateTrafficMirrorFilter
CreateTrafficMirrorFilterRule TrafficMirrorFilterId={TrafficMirrorFilterId} TrafficDirection=ingress RuleNumber=1 RuleAction=accept SourceCidrBlock=10.0.0.0/8 DestinationCidrBlock=10.0.0.0/8
CreateTrafficMirrorTarget NetworkLoadBalancerArn=arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/net/web/0123456789abcdef
CreateTrafficMirrorSession NetworkInterfaceId={NetworkInterfaceId} TrafficMirrorTargetId={TrafficMirrorTargetId} TrafficMirrorFilterId={TrafficMirrorFilterId} SessionNumber=1
CreateLocalGatewayRouteTable LocalGatewayId={LocalGatewayId} Mode=coip
CreateLocalGatewayVirtualInterfaceGroup LocalGatewayId={LocalGatewayId} LocalBgpAsn=65024
CreateLocalGatewayVirtualInterface LocalGatewayVirtualInterfaceGroupId={LocalGatewayVirtualInterfaceGroupId} OutpostLagId={OutpostLagId} Vlan=200 LocalAddress=169.254.2.1/30 PeerAddress=169.254.2.2/30 PeerBgpAsn=65000
CreateLocalGatewayRouteTableVirtualInterfaceGroupAssociation LocalGatewayRouteTableId={LocalGatewayRouteTableId} LocalGatewayVirtualInterfaceGroupId={LocalGatewayVirtualInterfaceGroupId}
CreateLocalGatewayRouteTableVpcAssociation LocalGatewayRouteTableId={LocalGatewayRouteTableId} VpcId={VpcId}
CreateCoipPool LocalGatewayRouteTableId={LocalGatewayRouteTableId}
CreateVpc CidrBlock=10.99.0.0/16
CreateVerifiedAccessInstance
CreateVerifiedAccessTrustProvider TrustProviderType=user UserTrustProviderType=iam-identity-center PolicyReferenceName=people
CreateVerifiedAccessGroup VerifiedAccessInstanceId={VerifiedAccessInstanceId}
CreateVerifiedAccessEndpoint VerifiedAccessGroupId={VerifiedAccessGroupId} EndpointType=network-interface AttachmentType=vpc SecurityGroupId.1={GroupId} NetworkInterfaceOptions.NetworkInterfaceId={NetworkInterfaceId}
CreateVpcEndpoint VpcId={VpcId} ServiceName=com.amazonaws.us-east-1.sqs VpcEndpointType=Interface
CreateVpcEndpointServiceConfiguration NetworkLoadBalancerArn.1=arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/net/web/0123456789abcdef PrivateDnsName=api.example.com
CreateVpcPeeringConnection VpcId={VpcId} PeerVpcId={PeerVpcId}
CreateClientVpnEndpoint ClientCidrBlock=10.200.0.0/22 ServerCertificateArn={ServerCertificateArn} Authentication.1.Type=certificate-authentication Authentication.1.MutualAuthentication.ClientRootCertificateChainArn={ServerCertificateArn} Authentication.2.Type=directory-service-authentication Authentication.2.ActiveDirectory.DirectoryId=d-0123456789 Authentication.3.Type=federated-authentication Authentication.3.FederatedAuthentication.SAMLProviderArn=arn:aws:iam::123456789012:saml-provider/office ConnectionLogOptions.Enabled=true ConnectionLogOptions.CloudwatchLogGroup=vpn ConnectionLogOptions.CloudwatchLogStream=clients
CreateTransitGateway Description=hub Options.MulticastSupport=enable Options.TransitGatewayCidrBlocks.1=10.99.0.0/24
DescribeTransitGatewayRouteTables
later
CreateTransitGatewayVpcAttachment TransitGatewayId={TransitGatewayId} VpcId={VpcId} SubnetIds.1={SubnetId}
CreateTransitGatewayPolicyTable TransitGatewayId={TransitGatewayId}
CreateTransitGatewayMulticastDomain TransitGatewayId={TransitGatewayId}
CreateTransitGatewayMeteringPolicy TransitGatewayId={TransitGatewayId}
later
CreateTransitGatewayConnect TransportTransitGatewayAttachmentId={TransitGatewayAttachmentId} Options.Protocol=gre
later
CreateTransitGatewayConnectPeer TransitGatewayAttachmentId={TransitGatewayAttachmentId} PeerAddress=10.1.0.9 InsideCidrBlocks.1=169.254.100.0/29
CreateVpnGateway Type=ipsec.1
AttachVpnGateway VpcId={VpcId} VpnGatewayId={VpnGatewayId}
keep HubId={TransitGatewayId}
keep HubAttachmentId={TransitGatewayAttachmentId}
CreateVpnConcentrator Type=ipsec.1 TransitGatewayId={TransitGatewayId}
CreateTransitGateway Description=peer
keep PeerHubId={TransitGatewayId}
later
CreateTransitGatewayPeeringAttachment TransitGatewayId={HubId} PeerTransitGatewayId={PeerHubId} PeerAccountId=123456789012 PeerRegion=us-east-1 Options.DynamicRouting=enable TagSpecification.1.ResourceType=transit-gateway-attachment TagSpecification.1.Tag.1.Key=team TagSpecification.1.Tag.1.Value=red
keep PeeringAttachmentId={TransitGatewayAttachmentId}
DescribeTransitGatewayPeeringAttachments Filter.1.Name=transit-gateway-id Filter.1.Value.1={PeerHubId}
later
AcceptTransitGatewayPeeringAttachment TransitGatewayAttachmentId={TransitGatewayAttachmentId}
later
CreateTransitGatewayRouteTableAnnouncement TransitGatewayRouteTableId={TransitGatewayRouteTableId} PeeringAttachmentId={PeeringAttachmentId}
keep TransitGatewayId={HubId}
keep TransitGatewayAttachmentId={HubAttachmentId}
CreateVpnConnection Type=ipsec.1 CustomerGatewayId={CustomerGatewayId} VpnGatewayId={VpnGatewayId} Options.StaticRoutesOnly=true
";

/// Of a Client VPN endpoint.
const CERTIFICATE: &str = "arn:aws:acm:us-east-1:123456789012:certificate/0c2e8f0b-0000-4000-8000-000000000000";

/// Makes them; each is found under the member that holds its id.
pub fn families(stage: &mut Stage) {
    stage.name("ServerCertificateArn", CERTIFICATE);
    mac(stage);
    outpost(stage);
    for line in MADE.lines().filter(|line| !line.is_empty()) {
        if line == "later" {
            stage.wait();
            continue;
        }
        if let Some(kept) = line.strip_prefix("keep ") {
            let (name, value) = filled(stage, kept);
            stage.name(&name, value);
            continue;
        }
        let (operation, parameters) = line.split_once(' ').unwrap_or((line, ""));
        let parameters: Vec<(String, String)> = parameters.split_whitespace().map(|text| filled(stage, text)).collect();
        let pairs: Vec<(&str, &str)> = parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let made = stage.ec2(operation, &pairs);
        if operation == "AttachVpnGateway" {
            let ids = [("RouteTableId", stage.named("RouteTableId")), ("GatewayId", stage.named("VpnGatewayId"))];
            let associated = stage.ec2("AssociateRouteTable", &ids.each_ref().map(|(name, id)| (*name, id.as_str())));
            stage.name("VpnGatewayRouteAssociationId", super::stage::text(&associated, "associationId"));
        }
        if let Some((_, rest)) = made.split_once("<vpcId>").filter(|_| operation == "CreateVpc") {
            let id = rest.split('<').next().unwrap_or_default();
            stage.name("PeerVpcId", id);
            stage.ec2("CreateTags", &[("ResourceId.1", id), ("Tag.1.Key", "team"), ("Tag.1.Value", "red")]);
        }
        for family in ec2::family::FAMILIES {
            let element = format!("{}{}", family.id[..1].to_lowercase(), &family.id[1..]);
            if let Some((_, rest)) = made.split_once(&format!("<{element}>{}-", family.kind.prefix)) {
                let digits = rest.split('<').next().unwrap_or_default();
                stage.name(sample(family), format!("{}-{digits}", family.kind.prefix));
            }
        }
    }
    for family in ec2::family::FAMILIES {
        let id = stage.named(sample(family));
        stage.ec2("CreateTags", &[("ResourceId.1", &id), ("Tag.1.Key", "team"), ("Tag.1.Value", "red")]);
    }
}

/// An instance that is made a Mac, of which the catalogue has no image.
fn mac(stage: &mut Stage) {
    let image = stage.named("ImageId");
    let launch = [("ImageId", image.as_str()), ("MinCount", "1"), ("MaxCount", "1"), ("InstanceType", "t3.micro")];
    let id = super::stage::text(&stage.ec2("RunInstances", &launch), "instanceId");
    let mut tx = Tx::on(stage.world.clone());
    let key = [stage.cx.account().to_string(), stage.cx.region_name().to_owned(), id.clone()];
    let key = key.each_ref().map(String::as_str);
    assert!(tx.update::<ec2::instance::Instance>(&key, |instance| instance.instance_type = "mac1.metal".to_owned()));
    stage.world = World::clone(&tx);
    stage.name("MacInstanceId", id);
}

/// What comes with an Outpost.
fn outpost(stage: &mut Stage) {
    let told = serde_json::json!({
        "outpostArn": "arn:aws:outposts:us-east-1:123456789012:outpost/op-0123456789abcdef0",
        "lags": [{"serviceLinkVirtualInterfaces": [
            {"vlan": 100, "localAddress": "169.254.1.1/30", "peerAddress": "169.254.1.2/30", "peerBgpAsn": 65000}]}],
    });
    let mut tx = Tx::on(stage.world.clone());
    let told = serde_json::from_value(told).unwrap();
    let made = ec2::family::local_gateway::outpost::install(&mut tx, &told, &stage.cx.ids, stage.cx.now).unwrap();
    stage.world = World::clone(&tx);
    let ids = [
        ("LocalGatewayId", &made["localGatewayId"]),
        ("OutpostLagId", &made["lags"][0]["outpostLagId"]),
        ("ServiceLinkVirtualInterfaceId", &made["lags"][0]["serviceLinkVirtualInterfaceIds"][0]),
    ];
    ids.into_iter().for_each(|(name, id)| stage.name(name, id.as_str().unwrap()));
}

/// The name of a family's sample. Pools of IPv4 and of IPv6 addresses call their ids the same.
fn sample(family: &ec2::family::Family) -> &'static str {
    match family.kind.prefix {
        "ipv6pool-ec2" => "Ipv6PoolId",
        "ipv4pool-coip" => "CoipPoolId",
        _ => family.id,
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
