"""The same servers and clients as in the Python tests."""

import importlib.util
import pathlib
import sys

import provider
import pytest

_spec = importlib.util.spec_from_file_location("clients", pathlib.Path(__file__).parent.parent / "python" / "conftest.py")
clients = sys.modules["clients"] = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(clients)

make_server = clients.make_server
server = clients.server


@pytest.fixture(scope="module", autouse=True)
def providers():
    yield
    provider.stop_all()
