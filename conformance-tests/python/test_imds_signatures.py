"""The signatures of the instance identity document, verified as AWS documents it:
https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/verify-signature.html"""

import concurrent.futures
import json
import re
import subprocess

import pytest

from conftest import Metadata, launch

IDENTITY = "/latest/dynamic/instance-identity/"


def openssl(*arguments, folder):
    return subprocess.run(["openssl", *map(str, arguments)], cwd=folder, capture_output=True, timeout=60)


@pytest.fixture(scope="module")
def instance(server):
    return launch(server.client("ec2"))


def certificate(server, form):
    pem = server.admin("GET", "identity-certificates")[form]
    assert pem.startswith("-----BEGIN CERTIFICATE-----\n")
    return pem


def files(folder, server, imds, form):
    """The document, what signs it with the armour the guide adds, and the certificate."""
    (folder / "document").write_text(imds.get(IDENTITY + "document"))
    text = imds.get(IDENTITY + form)
    assert "BEGIN" not in text and max(map(len, text.split("\n"))) <= 76
    (folder / form).write_text(f"-----BEGIN PKCS7-----\n{text}\n-----END PKCS7-----\n")
    (folder / "certificate").write_text(certificate(server, form))


@pytest.mark.parametrize("form", ["pkcs7", "rsa2048"])
def test_signed_data(server, metadata, instance, tmp_path, form):
    files(tmp_path, server, metadata(instance), form)
    verify = ("smime", "-verify", "-in", form, "-inform", "PEM", "-certfile", "certificate", "-noverify")
    done = openssl(*verify, "-content", "document", folder=tmp_path)
    assert done.returncode == 0 and b"successful" in done.stderr, done.stderr
    assert done.stdout == (tmp_path / "document").read_bytes()
    # The document is inside as well.
    assert openssl(*verify, folder=tmp_path).stdout == (tmp_path / "document").read_bytes()
    cms = openssl("cms", "-verify", "-in", form, "-inform", "PEM", "-certfile", "certificate", "-noverify", folder=tmp_path)
    assert cms.returncode == 0 and cms.stdout == (tmp_path / "document").read_bytes(), cms.stderr
    changed = (tmp_path / "document").read_text().replace(instance, "i-00000000000000000")
    (tmp_path / "document").write_text(changed)
    assert openssl(*verify, "-content", "document", folder=tmp_path).returncode != 0


def test_the_bare_signature(server, metadata, instance, tmp_path):
    imds = metadata(instance)
    (tmp_path / "document").write_text(imds.get(IDENTITY + "document"))
    (tmp_path / "base64").write_text(imds.get(IDENTITY + "signature") + "\n")
    (tmp_path / "certificate").write_text(certificate(server, "signature"))
    assert openssl("base64", "-d", "-in", "base64", "-out", "signature", folder=tmp_path).returncode == 0
    assert openssl("x509", "-pubkey", "-noout", "-in", "certificate", "-out", "key", folder=tmp_path).returncode == 0
    verify = ("dgst", "-sha256", "-verify", "key", "-signature", "signature", "document")
    assert openssl(*verify, folder=tmp_path).stdout == b"Verified OK\n"
    (tmp_path / "document").write_text("{}")
    assert openssl(*verify, folder=tmp_path).returncode != 0


def test_what_vault_reads(server, metadata, instance):
    """Its aws auth method checks the document against EC2: region, account, instance, image, and the time of the last start, which only a start changes."""
    imds = metadata(instance)
    document = json.loads(imds.get(IDENTITY + "document"))
    found = server.client("ec2").describe_instances(InstanceIds=[document["instanceId"]])["Reservations"][0]
    assert (document["accountId"], document["region"]) == (found["OwnerId"], "us-east-1")
    assert document["imageId"] == found["Instances"][0]["ImageId"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", document["pendingTime"])
    before = document["pendingTime"]
    server.advance("1h")
    assert json.loads(imds.get(IDENTITY + "document"))["pendingTime"] == before
    server.admin("POST", "clock", {"reset": True})


def test_the_client_prints_the_certificate(server, tmp_path):
    done = server.run("instance", "certificate")
    assert done.returncode == 0 and done.stdout == certificate(server, "rsa2048"), done.stderr
    (tmp_path / "certificate").write_text(done.stdout)
    shown = openssl("x509", "-in", "certificate", "-noout", "-subject", "-issuer", folder=tmp_path).stdout.decode()
    assert shown.count("instance identity") == 2
    assert openssl("verify", "-CAfile", "certificate", "certificate", folder=tmp_path).returncode == 0


def test_listed_and_answered_in_every_version_that_has_them(metadata, instance):
    imds = metadata(instance)
    assert imds.get(IDENTITY).split("\n") == ["document", "pkcs7", "rsa2048", "signature"]
    assert imds.get("/2009-04-04/dynamic/instance-identity/signature") == imds.get(IDENTITY + "signature")


def test_the_keys_are_drawn_once_stay_over_a_restart_and_go_with_a_reset(make_server):
    server = make_server()
    held = launch(server.client("ec2"))
    url = server.metadata_url(held)
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        signatures = set(pool.map(lambda _: Metadata(url).get(IDENTITY + "signature"), range(8)))
    assert len(signatures) == 1
    kept = certificate(server, "rsa2048")
    server.kill()
    server.start()
    assert certificate(server, "rsa2048") == kept
    assert {Metadata(server.metadata_url(held)).get(IDENTITY + "signature")} == signatures
    server.admin("POST", "reset")
    assert certificate(server, "rsa2048") != kept
