"""What boto3 was answered in a run, held against what a list of exceptions says that it is never answered."""

import pathlib

import pytest

HERE = pathlib.Path(__file__).parent


def skip_unless_all_run(request, of_ec2):
    """A run is judged if it has all test files of EC2, or all others: these are run beside each other."""
    files = {item.path.name for item in request.session.items}
    if not files >= {path.name for path in HERE.glob("test_*.py") if path.name.startswith("test_ec2_") == of_ec2}:
        pytest.skip("only a part of the tests is run")


def judge(missing, file):
    """Both ways: what is missing is listed as `OPERATION WHAT`, and what is listed is missing; `#` begins a comment."""
    lines = (line.partition("#")[0].split() for line in (HERE / file).read_text().splitlines())
    listed = {tuple(words) for words in lines if words}
    new, gone = (", ".join(sorted(" ".join(one) for one in some)) for some in (missing - listed, listed - missing))
    assert not new, f"never answered in this run: {new}"
    assert not gone, f"no longer missing in {file}: {gone}"
