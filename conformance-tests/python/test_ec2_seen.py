"""Runs last: every operation of EC2 that is built was answered with success in this run, with a denial, and with an error of its own.

What is not stands in `ec2_unseen.txt` with a reason; the list may only shrink. EC2's model lists no errors, so any other than a denial will do.
"""

import pytest
from botocore.config import Config

from built import is_built
from conftest import CONFIG, SEEN
from seen import judge, skip_unless_all_run

KINDS = {None: "ok", "UnauthorizedOperation": "denied", "DryRunOperation": "tried"}


@pytest.mark.last
def test_every_operation_was_seen_to_succeed_to_be_denied_and_to_fail(request, server):
    skip_unless_all_run(request, of_ec2=True)
    seen = {(operation, KINDS.get(code, "error")) for service, operation, code in SEEN if service == "ec2"}
    bare = server.client("ec2", config=CONFIG.merge(Config(parameter_validation=False)))
    missing = {(name, kind) for name in bare.meta.service_model.operation_names for kind in ("ok", "denied", "error")} - seen
    built = {name for name in {name for name, _ in missing} if is_built(bare, name)}
    judge({(name, kind) for name, kind in missing if name in built}, "ec2_unseen.txt")
