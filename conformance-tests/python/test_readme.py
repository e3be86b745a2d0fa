"""The README's walk-through, run line by line: what it prints after the arrows is what really comes."""

import os
import pathlib
import re
import subprocess

import pytest

from conftest import BINARY, clean_environment

README = (pathlib.Path(__file__).parent.parent.parent / "README.md").read_text()
CLI = os.environ.get("ROLECALL_AWS_CLI")


def blocks():
    story = README.split("<!-- walk-through -->")[1].split("<!-- /walk-through -->")[0]
    return re.findall(r"```sh\n(.*?)```", story, re.DOTALL)


@pytest.mark.skipif(not CLI, reason="ROLECALL_AWS_CLI names no AWS CLI")
def test_the_walk_through(server, tmp_path):
    """An arrow compares with what was printed since the arrow before it."""
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "rolecall").symlink_to(pathlib.Path(BINARY).resolve())
    (programs / "aws").symlink_to(CLI)
    environment = {**clean_environment(), "AWS_ENDPOINT_URL": server.url, "PATH": f"{programs}:{os.environ['PATH']}", "HOME": str(tmp_path),
                   "AWS_PAGER": "", "AWS_MAX_ATTEMPTS": "1"}
    script, expected = ["exec 2>&1"], []
    for line in "".join(blocks()).splitlines():
        if line.startswith("# → "):
            expected.append(line[4:])
            script.append(f"echo '→ {len(expected)}'")
        else:
            script.append(line)
    assert len(expected) > 10
    done = subprocess.run(["bash", "-c", "\n".join(script)], env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=300)
    printed = re.split(r"^→ \d+\n", done.stdout, flags=re.MULTILINE)
    for pattern, text in zip(expected, printed):
        wanted = ".*".join(re.escape(part) for part in pattern.split("…"))
        assert re.search(wanted, text, re.DOTALL), f"the README has\n{pattern}\nbut this came\n{text}"
    assert len(printed) == len(expected) + 1, done.stdout


def test_links_lead_somewhere():
    root = pathlib.Path(__file__).parent.parent.parent
    for document in [root / "README.md", root / "ARCHITECTURE.md", *(root / "docs").rglob("*.md")]:
        for link in re.findall(r"\]\(([^)#]+)\)", document.read_text()):
            if "://" not in link:
                assert (document.parent / link).exists(), f"{document.name}: {link}"
