"""Every error case of `errors/` but those of EC2, which `test_ec2_errors.py` sends."""

import pytest

from error_cases import areas, check, module


@pytest.mark.parametrize("area", areas(of_ec2=False))
def test_errors(area, tmp_path):
    check(area, tmp_path)


def test_there_are_many():
    assert sum(len(module(area).CASES) for of_ec2 in (False, True) for area in areas(of_ec2)) >= 300
