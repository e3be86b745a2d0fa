"""Managed prefix lists with their versions, and routes and rules that name them: apply, plan without drift, change, plan, destroy, nothing left."""

import pytest

from left import everything
from test_terraform import initialised, outputs, plan_is_clean


@pytest.fixture(scope="module")
def terraform(server, tmp_path_factory):
    return initialised(server, tmp_path_factory.mktemp("terraform"), "prefix_lists")


def test_prefix_lists(server, terraform):
    ec2 = server.client("ec2")
    before = everything(ec2)
    changed = ("-var", "team=green")

    terraform("apply", "-no-color", "-auto-approve")
    told = outputs(terraform)
    offices, found = told["offices"], told["found"]
    assert (found["lists"], found["owner"], found["homes"]) == ([offices], "AWS", ["2001:db8:1::/48", "2001:db8:2::/48"])
    entries = lambda: {one["Cidr"]: one.get("Description") for one in ec2.get_managed_prefix_list_entries(PrefixListId=offices)["Entries"]}
    assert entries() == {"203.0.113.0/25": "headquarters", "192.0.2.0/24": None}
    users = ec2.get_managed_prefix_list_associations(PrefixListId=offices)["PrefixListAssociations"]
    assert len(users) == 3, "two route tables and a group"
    plan_is_clean(terraform)

    terraform("apply", "-no-color", "-auto-approve", *changed)
    plan_is_clean(terraform, *changed)
    assert outputs(terraform) == {**told, "found": {**found, "homes": ["2001:db8:1::/48", "2001:db8:3::/48"]}}
    assert entries() == {"203.0.113.0/25": "headquarters", "198.51.100.0/24": None}
    changed_list = ec2.describe_managed_prefix_lists(PrefixListIds=[offices])["PrefixLists"][0]
    assert (changed_list["PrefixListName"], changed_list["MaxEntries"]) == ("offices of green", 6)
    assert changed_list["Version"] > 1 and {"Key": "team", "Value": "green"} in changed_list["Tags"]

    terraform("destroy", "-no-color", "-auto-approve", *changed)
    server.advance("1m")
    assert everything(ec2) == before
