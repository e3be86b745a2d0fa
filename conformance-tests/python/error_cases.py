"""The error cases of `errors/`, for the tests that send them: those of EC2, and all others."""

import importlib
import pathlib
import sys

from botocore import xform_name
from botocore.config import Config

from conftest import CONFIG, Server, error_of

FOLDER = pathlib.Path(__file__).parent / "errors"
UNCHECKED = CONFIG.merge(Config(parameter_validation=False))
sys.path.insert(0, str(FOLDER))


def areas(of_ec2):
    return sorted(path.stem for path in FOLDER.glob("*.py") if path.stem.startswith("ec2_") == of_ec2)


def module(area):
    return importlib.import_module(area)


def check(area, folder):
    """Sends each case of an area to a server of its own: the request, the HTTP status, the code and the whole text."""
    server = Server(folder).start()
    try:
        keys = {None: ("test", "test"), **(module(area).before(server) or {})}
        wrong = [text for case in module(area).CASES for text in failed(server, keys, *case)]
    finally:
        server.stop()
    assert not wrong, "\n".join(wrong)


def failed(server, keys, service, operation, parameters, status, code, text, caller=None):
    """Nothing if the case is answered as it says, else what is wrong."""
    client = server.client(service, keys[caller], config=UNCHECKED)
    answered = error_of(getattr(client, xform_name(operation)), **parameters)
    expected = (code, text, status)
    return [] if answered == expected else [f"{operation} {parameters}:\n  expected {expected}\n  answered {answered}"]
