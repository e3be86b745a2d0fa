"""VPC encryption controls, public host names of interfaces, and scopes of Network Access Analyzer: what is refused. AWS's words for conditions of a scope
that are not valid, for exclusions without enforcement and for sharing outside an organisation are not recorded; those are ours."""

C, V, I = "vpcec-0123456789abcdef0", "vpc-0123456789abcdef0", "eni-0123456789abcdef0"
S, A = "nis-0123456789abcdef0", "nisa-0123456789abcdef0"
NO_CONTROL = ("InvalidVpcEncryptionControlId.NotFound", f"The vpcEncryptionControl ID '{C}' does not exist")
NO_VPC = ("InvalidVpcID.NotFound", f"The vpc ID '{V}' does not exist")
NO_SCOPE = ("InvalidNetworkInsightsAccessScopeId.NotFound", f"The networkInsightsAccessScope ID '{S}' does not exist")
NO_ANALYSIS = ("InvalidNetworkInsightsAccessScopeAnalysisId.NotFound", f"The networkInsightsAccessScopeAnalysis ID '{A}' does not exist")


def before(_):
    return {}


def scope(condition, member="MatchPaths"):
    more = {} if member == "MatchPaths" else {"MatchPaths": [source(ResourceTypes=["AWS::EC2::InternetGateway"])]}
    return {"ClientToken": "one", member: [condition], **more}


def source(**statement):
    return {"Source": {"ResourceStatement": statement}}


def header(**statement):
    return {"Destination": {"PacketHeaderStatement": statement}}


def value(text, member):
    return "InvalidParameterValue", f"Value ({text}) for parameter {member} is invalid."


CREATE = "CreateNetworkInsightsAccessScope"
CASES = [("ec2", operation, parameters, 400, code, text) for operation, parameters, (code, text) in [
    ("CreateVpcEncryptionControl", {"VpcId": V}, NO_VPC),
    ("GetVpcResourcesBlockingEncryptionEnforcement", {"VpcId": V}, NO_VPC),
    ("DescribeVpcEncryptionControls", {"VpcIds": [V]}, NO_VPC),
    ("DescribeVpcEncryptionControls", {"VpcEncryptionControlIds": [C]}, NO_CONTROL),
    ("DescribeVpcEncryptionControls", {"Filters": [{"Name": "colour", "Values": ["red"]}]},
     ("InvalidParameterValue", "The filter 'colour' is invalid")),
    ("DescribeVpcEncryptionControls", {"NextToken": "x"}, ("InvalidNextToken", "The token is invalid or expired.")),
    ("ModifyVpcEncryptionControl", {"VpcEncryptionControlId": C, "Mode": "monitor"}, NO_CONTROL),
    ("DeleteVpcEncryptionControl", {"VpcEncryptionControlId": C}, NO_CONTROL),
    ("ModifyAccountVpcEncryptionControl", {}, ("MissingParameter", "The request must contain the parameter mode")),
    ("CreateVpc", {"CidrBlock": "10.8.0.0/16", "VpcEncryptionControl": {"Mode": "monitor", "LambdaExclusion": "enable"}},
     ("InvalidParameterCombination", "Exclusions can be specified only for a VPC encryption control in enforce mode.")),
    ("ModifyPublicIpDnsNameOptions", {"NetworkInterfaceId": I, "HostnameType": "public-ipv4-dns-name"},
     ("InvalidNetworkInterfaceID.NotFound", f"The networkInterface ID '{I}' does not exist")),
    ("ModifyPublicIpDnsNameOptions", {"NetworkInterfaceId": "eni", "HostnameType": "public-ipv4-dns-name"},
     ("InvalidNetworkInterfaceId.Malformed", 'Invalid id: "eni" (expecting "eni-...")')),
    ("EnableReachabilityAnalyzerOrganizationSharing", {},
     ("OperationNotPermitted", "Organization sharing can be enabled only by the management account of an organization.")),
    (CREATE, {"ClientToken": "one"}, ("MissingParameter", "The request must contain the parameter MatchPaths")),
    (CREATE, scope(source(Resources=["igw-0123456789abcdef0"], ResourceTypes=["AWS::EC2::InternetGateway"])),
     ("InvalidParameterCombination", "Resources and ResourceTypes cannot be specified together.")),
    (CREATE, scope(source(ResourceTypes=["AWS::EC2::Volume"])), value("AWS::EC2::Volume", "ResourceTypes")),
    (CREATE, scope(source(ResourceTypes=["AWS::EC2::Volume"]), "ExcludePaths"), value("AWS::EC2::Volume", "ResourceTypes")),
    (CREATE, scope(source(Resources=["gateway"])), value("gateway", "Resources")),
    (CREATE, scope({"ThroughResources": [{"ResourceStatement": {"Resources": ["nat"]}}]}), value("nat", "Resources")),
    (CREATE, scope({"ThroughResources": [{"ResourceStatement": {"Resources": ["vpc-0123456789abcdef0"]}}]}), value("vpc-0123456789abcdef0", "Resources")),
    (CREATE, scope({"ThroughResources": [{"ResourceStatement": {"ResourceTypes": ["AWS::EC2::InternetGateway"]}}]}), value("AWS::EC2::InternetGateway", "ResourceTypes")),
    (CREATE, scope(header(SourceAddresses=["10.0.0.0/33"])), value("10.0.0.0/33", "SourceAddresses")),
    (CREATE, scope(header(DestinationAddresses=["example.com"])), value("example.com", "DestinationAddresses")),
    (CREATE, scope(header(SourcePorts=["9-8"])), value("9-8", "SourcePorts")),
    (CREATE, scope(header(DestinationPorts=["65536"])), value("65536", "DestinationPorts")),
    (CREATE, scope(header(SourcePrefixLists=["list"])), value("list", "SourcePrefixLists")),
    (CREATE, scope(header(DestinationPrefixLists=["vpc-0123456789abcdef0"])), value("vpc-0123456789abcdef0", "DestinationPrefixLists")),
    ("DescribeNetworkInsightsAccessScopes", {"NetworkInsightsAccessScopeIds": [S]}, NO_SCOPE),
    ("GetNetworkInsightsAccessScopeContent", {"NetworkInsightsAccessScopeId": S}, NO_SCOPE),
    ("DeleteNetworkInsightsAccessScope", {"NetworkInsightsAccessScopeId": S}, NO_SCOPE),
    ("StartNetworkInsightsAccessScopeAnalysis", {"NetworkInsightsAccessScopeId": S, "ClientToken": "one"}, NO_SCOPE),
    ("DescribeNetworkInsightsAccessScopeAnalyses", {"NetworkInsightsAccessScopeAnalysisIds": [A]}, NO_ANALYSIS),
    ("GetNetworkInsightsAccessScopeAnalysisFindings", {"NetworkInsightsAccessScopeAnalysisId": A}, NO_ANALYSIS),
    ("DeleteNetworkInsightsAccessScopeAnalysis", {"NetworkInsightsAccessScopeAnalysisId": A}, NO_ANALYSIS),
]]
