"""Every resource and data source of EC2 in the real provider is in one of the configurations, or in `unshown.txt` with the reason.

Where the reason is an operation, it answers 501; the list may only shrink.
"""

import importlib.util
import json
import re

import pytest
from botocore.config import Config

from clients import CONFIG
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


def built(server, operations):
    """Those of them that do not answer 501."""
    spec = importlib.util.spec_from_file_location("built", HERE.parent / "python" / "built.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    client = server.client("ec2", config=CONFIG.merge(Config(parameter_validation=False)))
    return {operation for operation in operations if module.is_built(client, operation)}


@pytest.fixture(scope="module")
def schema(server, tmp_path_factory):
    terraform = initialised(server, tmp_path_factory.mktemp("terraform"))
    return next(iter(json.loads(terraform("providers", "schema", "-json"))["provider_schemas"].values()))


def test_everything_is_shown(server, schema):
    wanted, there, exceptions = set(belonging(schema)), set(shown()), dict(unshown())
    missing = wanted - there
    assert missing == set(exceptions), "without a reason: {}; shown or unknown: {}".format(
        sorted(missing - set(exceptions)), sorted(set(exceptions) - missing))
    known = built(server, {reason for reason in exceptions.values() if re.fullmatch(r"[A-Z]\w+", reason)})
    no_reason = [" ".join(what) for what, reason in exceptions.items() if reason in known]
    assert not no_reason, "their operations are built: " + ", ".join(sorted(no_reason))
