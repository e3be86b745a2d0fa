"""Every resource and data source of EC2 in the real provider is in one of the configurations, or in `unshown.txt` with the reason.

Where the reason is an operation, it answers 501; the list may only shrink.
"""

import json
import re

import pytest

from left import built
from test_terraform import HERE, initialised

#: What the provider's names of EC2's things begin with.
OURS = re.compile(
    r"aws_(ami|availability_zone|customer_gateway|default_(network_acl|route_table|security_group|subnet|vpc)|ebs_|ec2_|egress_only|eip|flow_log|instance"
    r"|internet_gateway|key_pair|launch_template|main_route_table|nat_gateway|network_(acl|interface)|placement_group|prefix_list|regions?$|route$|route_table"
    r"|security_group|snapshot_create|spot_|subnet|verifiedaccess|volume_attachment|vpc|vpn_)")
#: Of other services, whatever they are called.
OTHERS = re.compile(r"aws_vpclattice")


def belonging(schema):
    """Names of resources and data sources of EC2."""
    for kind, member in (("resource", "resource_schemas"), ("data", "data_source_schemas")):
        yield from ((kind, name) for name in schema[member] if OURS.match(name) and not OTHERS.match(name))


def shown():
    for path in HERE.glob("*/*.tf"):
        yield from re.findall(r'^(resource|data) "(\w+)"', path.read_text(), re.MULTILINE)


def unshown():
    """`resource NAME: REASON` or `data NAME: REASON` of each line; `#` begins a comment."""
    for line in (HERE / "unshown.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            what, _, reason = line.partition(": ")
            yield tuple(what.split()), reason


@pytest.fixture(scope="module")
def schema(server, tmp_path_factory):
    terraform = initialised(server, tmp_path_factory.mktemp("terraform"))
    return next(iter(json.loads(terraform("providers", "schema", "-json"))["provider_schemas"].values()))


def test_everything_is_shown_or_has_a_reason(schema):
    nowhere = set(belonging(schema)) - set(shown()) - set(dict(unshown()))
    assert not nowhere, f"neither in a configuration nor in unshown.txt: {sorted(nowhere)}"


def test_reasons_hold(server, schema):
    exceptions = dict(unshown())
    stale = set(exceptions) - (set(belonging(schema)) - set(shown()))
    assert not stale, f"shown by now, or unknown; the lines can go: {sorted(stale)}"
    known = built(server, {reason for reason in exceptions.values() if re.fullmatch(r"[A-Z]\w+", reason)})
    no_reason = {" ".join(what): reason for what, reason in exceptions.items() if reason in known}
    assert not no_reason, f"these operations are built: show what needs them, or say in a sentence why not: {no_reason}"
