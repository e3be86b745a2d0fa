"""Every error case of EC2 in `errors/`."""

import pytest

from error_cases import areas, check


@pytest.mark.parametrize("area", areas(of_ec2=True))
def test_errors(area, tmp_path):
    check(area, tmp_path)
