"""The files under docker/, without an engine: they parse, name what exists, and the image's contents run where nothing else is there."""

import os
import pathlib
import re
import shutil
import subprocess

import pytest
import yaml

from conftest import BINARY, clean_environment

ROOT = pathlib.Path(__file__).parent.parent.parent
DOCKERFILE = (ROOT / "docker/Dockerfile").read_text()
COMPOSE = yaml.safe_load((ROOT / "docker/compose.yaml").read_text())


def instructions():
    """Every instruction with its words, continued lines joined."""
    joined = re.sub(r"\\\n\s*", " ", "\n".join(line for line in DOCKERFILE.splitlines() if not line.startswith("#")))
    return [line.split(maxsplit=1) for line in joined.splitlines() if line.strip()]


def stages():
    return [words.split(" AS ")[1] for name, words in instructions() if name == "FROM"]


def test_the_dockerfile():
    assert stages() == ["build", "instance", "rolecall"]
    for name, words in instructions():
        if name == "COPY" and "--from" not in words:
            for source in words.split()[:-1]:
                assert (ROOT / source).exists(), source
    last = DOCKERFILE.split("FROM scratch")[1]
    assert "USER 65532:65532" in last and "HEALTHCHECK" in last
    # The Rust of the build is the one the workspace asks for, at least.
    wanted = re.search(r'rust-version = "(\d+)\.(\d+)', (ROOT / "Cargo.toml").read_text())
    used = re.search(r"FROM rust:(\d+)\.(\d+)", DOCKERFILE)
    if wanted:
        assert tuple(map(int, used.groups())) >= tuple(map(int, wanted.groups()))


def test_what_the_build_reads_is_sent_to_it():
    ignored = (ROOT / "docker/Dockerfile.dockerignore").read_text().splitlines()
    sent = {line[1:] for line in ignored if line.startswith("!")}
    assert all((ROOT / path).exists() for path in sent), sent
    members = re.search(r"members = \[(.*?)\]", (ROOT / "Cargo.toml").read_text(), re.DOTALL).group(1)
    folders = {member.split("/")[0] for member in re.findall(r'"([^"]+)"', members)}
    assert folders | {"Cargo.toml", "Cargo.lock", "data", "migrations"} <= sent


def test_the_environment_is_understood():
    """Every ROLECALL_ variable of the files is one that the program or instance.py reads."""
    known = set(re.findall(r"\[env: (ROLECALL_\w+)", subprocess.run([BINARY, "serve", "--help"], capture_output=True, text=True).stdout))
    script = (ROOT / "docker/instance.py").read_text()
    named = set(re.findall(r"ROLECALL_\w+", DOCKERFILE)) | set(COMPOSE["services"]["rolecall"]["environment"])
    assert named <= known, named - known
    assert all(name in script for name in COMPOSE["services"]["instance"]["environment"] if name.startswith("ROLECALL_"))


def test_the_compose_file():
    services = COMPOSE["services"]
    for name, service in services.items():
        build = service["build"]
        folder = (ROOT / "docker" / build["context"]).resolve()
        assert folder == ROOT.resolve() and (folder / build["dockerfile"]).exists()
        assert build["target"] in stages(), name
    address = services["rolecall"]["networks"]["link-local"]["ipv4_address"]
    assert address == "169.254.169.254"
    assert address in services["instance"]["environment"]["AWS_ENDPOINT_URL"]
    assert services["rolecall"]["ports"] == ["127.0.0.1:4566:4566"]


def test_the_images_contents_run_alone(tmp_path):
    """The program and the libraries it is linked to, in a root folder with nothing else, as the user of the image."""
    if os.geteuid() != 0:
        pytest.skip("changing the root folder needs root")
    image = tmp_path / "image"
    (image / "data").mkdir(parents=True)
    (image / "bin").mkdir()
    shutil.copy(BINARY, image / "bin/rolecall")
    libraries = subprocess.run(["ldd", BINARY], capture_output=True, text=True, check=True).stdout
    for library in re.findall(r"/[^ ]+", libraries):
        target = image / library.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(library, target)
    for path in [image, *image.rglob("*")]:
        os.chown(path, 65532, 65532)
    command = ["chroot", "--userspec=65532:65532", str(image), "/bin/rolecall", "--listen", "127.0.0.1:0", "--imds-port", "0"]
    environment = {**clean_environment(), "ROLECALL_STATE": "/data/rolecall.db"}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    url = None
    for line in process.stdout:
        url = line.split()[-1] if line.strip().startswith("address") else url
        if line.startswith("export AWS_REGION"):
            break
    assert url, process.stderr.read()
    try:
        # As the health check does.
        healthy = subprocess.run(["chroot", "--userspec=65532:65532", str(image), "/bin/rolecall", "clock", "--endpoint", url],
                                 env=clean_environment(), capture_output=True, text=True, timeout=30)
        assert healthy.returncode == 0 and healthy.stdout.startswith("now"), healthy.stderr
    finally:
        process.terminate()
        assert process.wait(timeout=30) == 0
    assert (image / "data/rolecall.db").exists()
