"""RPKI: associations with internet registries, routing policies that are registered through them, and what they say of the routes that are announced."""

import pytest

from conftest import allow, error_of, make_user

ACCOUNT = "000000000000"
TAGS = [{"Key": "team", "Value": "red"}]
CERTIFICATE = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----"


@pytest.fixture(scope="module")
def ec2(server):
    return server.client("ec2")


@pytest.fixture(scope="module")
def ipam(server, ec2):
    made = ec2.create_ipam()["Ipam"]
    server.advance("1m")
    return made


def new_association(server, ec2, ipam, **more):
    made = ec2.create_ipam_internet_registry_association(IpamId=ipam["IpamId"], Rir="ripe", OrganizationHandle="ORG-EX1-RIPE", **more)
    server.advance("1m")
    return {"IpamInternetRegistryAssociationId": made["IpamInternetRegistryAssociation"]["IpamInternetRegistryAssociationId"]}


def enable(server, ec2, named, **more):
    made = ec2.enable_ipam_internet_registry_association(**{
        **named, "RpkiVersion": "1", "ServiceUri": "https://rpki.example.net/up-down", "ChildHandle": "child", "ParentHandle": "parent",
        "ParentBpkiTa": CERTIFICATE, **more})["IpamInternetRegistryAssociation"]
    server.advance("1m")
    return made


@pytest.fixture(scope="module")
def registry(server, ec2, ipam):
    named = new_association(server, ec2, ipam)
    enable(server, ec2, named)
    return named


def announce(server, ec2, block, asn=None):
    proof = lambda subject: {"Message": f"1|aws|{ACCOUNT}|{subject}|20300101|SHA256|RSAPSS", "Signature": "signed"}
    ec2.provision_byoip_cidr(Cidr=block, CidrAuthorizationContext=proof(block))
    server.advance("2h")
    more = {}
    if asn:
        ipam = ec2.describe_ipams()["Ipams"][0]["IpamId"]
        ec2.provision_ipam_byoasn(IpamId=ipam, Asn=asn, AsnAuthorizationContext=proof(asn))
        server.advance("10m")
        ec2.associate_ipam_byoasn(Asn=asn, Cidr=block)
        server.advance("10m")
        more = {"Asn": asn}
    ec2.advertise_byoip_cidr(Cidr=block, **more)
    server.advance("10m")


def finding(ec2, ipam, block):
    found = ec2.get_ipam_route_protection_findings(IpamId=ipam["IpamId"], Filters=[{"Name": "cidr", "Values": [block]}])
    assert found["IpamId"] == ipam["IpamId"]
    return found["RouteProtectionFindings"][0]


def test_an_association(server, ec2, ipam):
    made = ec2.create_ipam_internet_registry_association(
        IpamId=ipam["IpamId"], Rir="arin", OrganizationHandle="EX-1", Description="ours",
        TagSpecifications=[{"ResourceType": "ipam-internet-registry-association", "Tags": TAGS}])["IpamInternetRegistryAssociation"]
    name = made["IpamInternetRegistryAssociationId"]
    assert made == {"IpamInternetRegistryAssociationId": name, "OwnerId": ACCOUNT, "IpamId": ipam["IpamId"], "IpamRegion": "us-east-1", "Rir": "arin",
                    "IpamInternetRegistryAssociationArn": f"arn:aws:ec2::{ACCOUNT}:ipam-internet-registry-association/{name}",
                    "OrganizationHandle": "EX-1", "Description": "ours", "State": "create-in-progress", "Tags": TAGS}
    named = {"IpamInternetRegistryAssociationId": name}
    server.advance("1m")
    asked = [{"Name": "rir", "Values": ["arin"]}, {"Name": "state", "Values": ["pending-enable"]}, {"Name": "tag:team", "Values": ["red"]}]
    [shown] = ec2.describe_ipam_internet_registry_associations(Filters=asked)["IpamInternetRegistryAssociations"]
    assert shown["IpamInternetRegistryAssociationId"] == name
    early = error_of(ec2.create_ipam_routing_policy_registration, **named, Cidr="198.51.100.0/24", Asns=["16509"])
    assert early[:2] == ("IncorrectState", f"The internet registry association {name} is in the state pending-enable; it must be enable-complete.")
    for member, wrong, text in [("RpkiVersion", "2", "Value (2) for parameter RpkiVersion is invalid. The version must be 1."),
                                ("ServiceUri", "rpki", "Value (rpki) for parameter ServiceUri is invalid. It must be an HTTP or HTTPS URI."),
                                ("ParentHandle", "a b", "Value (a b) for parameter ParentHandle is invalid. It is not a handle."),
                                ("ParentBpkiTa", "x", "The value for parameter ParentBpkiTa is invalid. It must be a certificate in PEM format.")]:
        assert error_of(enable, server=server, ec2=ec2, named=named, **{member: wrong})[:2] == ("InvalidParameterValue", text)
    assert enable(server, ec2, named, ClientToken="one")["State"] == "enable-in-progress"
    assert enable(server, ec2, named, ClientToken="one")["State"] == "enable-complete"
    assert error_of(enable, server=server, ec2=ec2, named=named)[0] == "IncorrectState"
    assert error_of(ec2.delete_ipam, IpamId=ipam["IpamId"])[0] == "DependencyViolation"
    assert ec2.delete_ipam_internet_registry_association(**named)["IpamInternetRegistryAssociation"]["State"] == "delete-in-progress"
    server.advance("1m")
    assert error_of(ec2.describe_ipam_internet_registry_associations, IpamInternetRegistryAssociationIds=[name])[0] == (
        "InvalidIpamInternetRegistryAssociationId.NotFound")
    free = ec2.create_ipam(Tier="free")["Ipam"]["IpamId"]
    refused = error_of(ec2.create_ipam_internet_registry_association, IpamId=free, Rir="ripe", OrganizationHandle="x")
    assert refused[:2] == ("UnsupportedOperation", f"The IPAM {free} must be in the Advanced Tier.")


def test_routes_are_judged_by_what_is_published(server, ec2, ipam, registry):
    block = "198.51.100.0/24"
    discovery = {"IpamResourceDiscoveryId": ipam["DefaultResourceDiscoveryId"], "ResourceRegion": "us-east-1"}
    assert ec2.get_ipam_discovered_routes(**discovery)["IpamDiscoveredRoutes"] == []
    announce(server, ec2, block)
    [route] = ec2.get_ipam_discovered_routes(**discovery)["IpamDiscoveredRoutes"]
    [held] = ec2.describe_byoip_cidrs(MaxResults=5)["ByoipCidrs"]
    assert (route["Cidr"], route["Asn"], route["State"], route["PoolId"], route["AdvertisementType"]) == (
        block, "16509", "advertised", held["PoolId"], "regional")
    assert finding(ec2, ipam, block)["RpkiStatus"] == "unknown"
    around = {**registry, "Cidr": "198.51.0.0/16"}
    harm = error_of(ec2.create_ipam_routing_policy_registration, **around, Asns=["64511"])
    assert harm[:2] == ("IncorrectState", f"The change conflicts with the announced route {block} of the ASN 16509. Use Force to make it nevertheless.")
    made = ec2.create_ipam_routing_policy_registration(**around, Asns=["64511"], Description="all of it", Force=True, ClientToken="one")
    delta = made["IpamRoutingPolicyRegistrationDelta"]
    assert delta["State"] == "pending"
    again = ec2.create_ipam_routing_policy_registration(**around, Asns=["64511"], Description="all of it", Force=True, ClientToken="one")
    assert again["IpamRoutingPolicyRegistrationDelta"]["DeltaId"] == delta["DeltaId"]
    [shown] = ec2.get_ipam_routing_policy_registrations(**registry)["IpamRoutingPolicyRegistrations"]
    assert shown == {"Cidr": "198.51.0.0/16", "Asns": ["64511"], "PermitMoreSpecificAnnouncements": False, "MaxLength": 16, "Description": "all of it",
                     "LatestDeltaId": delta["DeltaId"], "State": "create-in-progress"}
    assert ec2.get_ipam_route_origin_authorizations(**registry)["IpamRouteOriginAuthorizations"] == []
    server.advance("2m")
    assert ec2.get_ipam_route_origin_authorizations(**around)["IpamRouteOriginAuthorizations"] == [{"Cidr": "198.51.0.0/16", "Asn": "64511", "MaxLength": 16}]
    assert finding(ec2, ipam, block)["RpkiStatus"] == "invalid"
    for most, permits, code in [(15, True, "InvalidParameterValue"), (33, True, "InvalidParameterValue"), (24, False, "InvalidParameterCombination")]:
        refused = error_of(ec2.modify_ipam_routing_policy_registration, **around, Asns=["16509"], MaxLength=most, PermitMoreSpecificAnnouncements=permits)
        assert refused[0] == code
    changed = ec2.modify_ipam_routing_policy_registration(**around, Asns=["16509", "64511"], MaxLength=24, PermitMoreSpecificAnnouncements=True)
    assert finding(ec2, ipam, block)["RpkiStatus"] == "invalid"
    server.advance("2m")
    judged = finding(ec2, ipam, block)
    assert judged["RpkiStatus"] == "valid" and sorted((roa["Asn"], roa["Match"]) for roa in judged["Roas"]) == [("16509", True), ("64511", False)]
    assert error_of(ec2.delete_ipam_routing_policy_registration, **around)[0] == "IncorrectState"
    assert error_of(ec2.delete_ipam_internet_registry_association, **registry)[0] == "DependencyViolation"
    ec2.withdraw_byoip_cidr(Cidr=block)
    server.advance("10m")
    assert ec2.get_ipam_discovered_routes(**discovery)["IpamDiscoveredRoutes"] == []
    last = ec2.delete_ipam_routing_policy_registration(**around)["IpamRoutingPolicyRegistrationDelta"]["DeltaId"]
    server.advance("2m")
    assert ec2.get_ipam_routing_policy_registrations(**registry)["IpamRoutingPolicyRegistrations"] == []
    order = [delta["DeltaId"], changed["IpamRoutingPolicyRegistrationDelta"]["DeltaId"], last]
    listed = lambda **more: [one["DeltaId"] for one in ec2.get_ipam_routing_policy_registration_deltas(**registry, **more)["IpamRoutingPolicyRegistrationDeltas"]]
    assert (listed(), listed(ChronologicalOrder="reverse"), listed(DeltaId=last)) == (order, order[::-1], [last])
    gone = error_of(ec2.modify_ipam_routing_policy_registration, **around, Asns=["16509"])
    assert gone[:2] == ("InvalidParameterValue", "There is no routing policy registration for the CIDR 198.51.0.0/16.")


def test_a_number_of_ones_own(server, ec2, ipam, registry):
    announce(server, ec2, "203.0.112.0/24", "3333")
    assert finding(ec2, ipam, "203.0.112.0/24")["Asn"] == "3333"
    ec2.create_ipam_routing_policy_registration(**registry, Cidr="203.0.112.0/24", Asns=["3333"])
    server.advance("2m")
    assert finding(ec2, ipam, "203.0.112.0/24")["RpkiStatus"] == "valid"


def test_who_may(server, ec2, ipam, registry):
    iam = server.client("iam")
    tagged = new_association(server, ec2, ipam, TagSpecifications=[{"ResourceType": "ipam-internet-registry-association", "Tags": TAGS}])
    narrow = server.client("ec2", make_user(iam, "ann", allow("ec2:*Ipam*", Condition={"StringEquals": {"aws:ResourceTag/team": "red"}})))
    policy = {"Cidr": "192.0.2.0/24", "Asns": ["16509"]}
    assert error_of(narrow.create_ipam_routing_policy_registration, **registry, **policy)[0] == "UnauthorizedOperation"
    assert error_of(narrow.create_ipam_routing_policy_registration, **tagged, **policy)[0] == "IncorrectState"
    for call in (narrow.get_ipam_routing_policy_registrations, narrow.get_ipam_routing_policy_registration_deltas, narrow.get_ipam_route_origin_authorizations):
        assert error_of(call, **registry)[0] == "UnauthorizedOperation" and call(**tagged)
    assert error_of(narrow.get_ipam_route_protection_findings, IpamId=ipam["IpamId"])[0] == "UnauthorizedOperation"
    by_attribute = server.client("ec2", make_user(iam, "bob", allow(
        "ec2:ModifyIpamRoutingPolicyRegistration", Condition={"ForAllValues:StringEquals": {"ec2:Attribute": ["Cidr", "Asns"]}})))
    assert error_of(by_attribute.modify_ipam_routing_policy_registration, **tagged, **policy, Force=True)[0] == "UnauthorizedOperation"
    assert error_of(by_attribute.modify_ipam_routing_policy_registration, **tagged, **policy)[0] == "IncorrectState"
    other = server.client("ec2", server.account("210987654321"))
    assert error_of(other.get_ipam_routing_policy_registrations, **registry)[0] == "InvalidIpamInternetRegistryAssociationId.NotFound"


def test_what_a_registry_has_in_its_books(server, ec2, registry):
    asns = lambda **more: ec2.get_ipam_internet_registry_association_asns(**registry, **more)["IpamInternetRegistryAssociationAsns"]
    cidrs = lambda **more: ec2.get_ipam_internet_registry_association_cidrs(**registry, **more)["IpamInternetRegistryAssociationCidrs"]
    assert asns() == cidrs() == []
    books = {"region": "us-east-1", "ipamInternetRegistryAssociationId": registry["IpamInternetRegistryAssociationId"],
             "cidrs": ["198.51.100.0/24", "2001:db8::/32"], "asns": [64512, 9]}
    server.admin("PUT", "registry-books", books)
    assert [one["Asn"] for one in asns()] == ["9", "64512"] and all(one["LastObservedAt"] for one in asns() + cidrs())
    assert [one["Cidr"] for one in cidrs(Filters=[{"Name": "cidr", "Values": ["2001:*"]}])] == ["2001:db8::/32"]
    assert server.refused("PUT", "registry-books", {**books, "cidrs": ["198.51.100.0/33"]})[0] == 400
    server.kill()
    server.start()
    assert len(cidrs()) == 2
    server.admin("DELETE", "registry-books", books)
    assert cidrs() == []
