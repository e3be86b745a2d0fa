"""Runs last: every operation of IAM and STS was answered with success in this run, and with each error that its model lists.

Errors that cannot occur, or that boto3 cannot be made to cause, stand in `unseen.txt` with a reason; the list may only shrink.
"""

import pytest
from botocore.session import Session

from conftest import SEEN
from seen import judge, skip_unless_all_run


def wanted(service):
    model = Session().get_service_model(service)
    for name in model.operation_names:
        operation = model.operation_model(name)
        yield service, name, None
        for shape in operation.error_shapes:
            yield service, name, shape.metadata.get("error", {}).get("code", shape.name)


@pytest.mark.last
def test_everything_was_seen(request):
    skip_unless_all_run(request, of_ec2=False)
    judge({(name, code or "ok") for service in ("iam", "sts") for (_, name, code) in wanted(service) if (service, name, code) not in SEEN}, "unseen.txt")
