"""Network ACLs, rules of groups in every form, DHCP options and routes at the edge: apply, plan without drift, change, plan, destroy, nothing left."""

import pytest

from left import everything
from test_terraform import initialised, outputs, plan_is_clean


@pytest.fixture(scope="module")
def terraform(server, tmp_path_factory):
    return initialised(server, tmp_path_factory.mktemp("terraform"), "rules")


def test_rules(server, terraform):
    ec2 = server.client("ec2")
    before = everything(ec2)
    changed = ("-var", "team=green")

    terraform("apply", "-no-color", "-auto-approve")
    told = outputs(terraform)
    assert told["acls"] == [told["acl"]]
    entry = lambda number, egress: next(one for one in ec2.describe_network_acls(NetworkAclIds=[told["acl"]])["NetworkAcls"][0]["Entries"]
                                        if (one["RuleNumber"], one["Egress"]) == (number, egress))
    assert entry(100, False)["IcmpTypeCode"] == {"Type": 8, "Code": -1} and entry(100, True)["RuleAction"] == "allow"
    rules = lambda: ec2.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [told["group"]]}])["SecurityGroupRules"]
    assert len(rules()) == 5
    plan_is_clean(terraform)

    terraform("apply", "-no-color", "-auto-approve", *changed)
    plan_is_clean(terraform, *changed)
    assert outputs(terraform)["acls"] == [told["acl"]]
    assert entry(100, False)["IcmpTypeCode"]["Type"] == -1 and entry(100, True)["RuleAction"] == "deny"
    assert {one["Description"] for one in rules() if "Description" in one} == {"for green"} and len(rules()) == 5

    terraform("destroy", "-no-color", "-auto-approve", *changed)
    assert everything(ec2) == before
