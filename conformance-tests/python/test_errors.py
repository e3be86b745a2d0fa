"""Every error case of `errors/`: the request, the HTTP status, the code and the whole text."""

import importlib
import pathlib
import sys

import pytest
from botocore import xform_name
from botocore.config import Config

from conftest import CONFIG, Server, error_of

AREAS = sorted(path.stem for path in (pathlib.Path(__file__).parent / "errors").glob("*.py"))
sys.path.insert(0, str(pathlib.Path(__file__).parent / "errors"))
MODULES = {area: importlib.import_module(area) for area in AREAS}
UNCHECKED = CONFIG.merge(Config(parameter_validation=False))


@pytest.fixture(scope="module", params=AREAS)
def area(request, tmp_path_factory):
    server = Server(tmp_path_factory.mktemp(request.param)).start()
    keys = {None: ("test", "test"), **(MODULES[request.param].before(server) or {})}
    yield request.param, server, keys
    server.stop()


def test_errors(area):
    name, server, keys = area
    wrong = []
    for service, operation, parameters, *expected in MODULES[name].CASES:
        caller = expected.pop() if len(expected) > 3 else None
        client = server.client(service, keys[caller], config=UNCHECKED)
        code, text, status = error_of(getattr(client, xform_name(operation)), **parameters)
        if [status, code, text] != expected:
            wrong.append(f"{operation} {parameters}:\n  expected {expected}\n  answered {[status, code, text]}")
    assert not wrong, "\n".join(wrong)


def test_there_are_many():
    assert sum(len(module.CASES) for module in MODULES.values()) >= 300
