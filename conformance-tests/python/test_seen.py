"""Runs last: every operation of IAM and STS was answered with success in this run, and with each error that its model lists.

Errors that cannot occur, or that boto3 cannot be made to cause, stand in `unseen.txt` with a reason; the list may only shrink.
"""

import pathlib

import pytest
from botocore.session import Session

from conftest import SEEN

UNSEEN = pathlib.Path(__file__).parent / "unseen.txt"


def listed():
    """`OPERATION ok` or `OPERATION CODE` of each line; `#` begins a comment."""
    lines = (line.partition("#")[0].split() for line in UNSEEN.read_text().splitlines())
    return {tuple(words) for words in lines if words}


def wanted(service):
    model = Session().get_service_model(service)
    for name in model.operation_names:
        operation = model.operation_model(name)
        yield service, name, None
        for shape in operation.error_shapes:
            yield service, name, shape.metadata.get("error", {}).get("code", shape.name)


@pytest.mark.last
def test_everything_was_seen(request):
    # Those of EC2 are run beside the others, and show nothing of IAM and STS that these do not.
    files = {item.path.name for item in request.session.items}
    others = {path.name for path in pathlib.Path(__file__).parent.glob("test_*.py") if not path.name.startswith("test_ec2_")}
    if not files >= others:
        pytest.skip("only a part of the tests is run")
    missing = {(name, code or "ok") for service in ("iam", "sts") for (_, name, code) in wanted(service)
               if (service, name, code) not in SEEN}
    exceptions = listed()
    assert not missing - exceptions, "never answered in this run: " + ", ".join(sorted(" ".join(one) for one in missing - exceptions))
    assert not exceptions - missing, "no longer missing: " + ", ".join(sorted(" ".join(one) for one in exceptions - missing))
