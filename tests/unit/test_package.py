"""The names a notebook uses are there, and importing the package costs nothing."""

from __future__ import annotations

import subprocess
import sys

import pytest

import capsim


@pytest.mark.parametrize("name", capsim.__all__)
def test_every_promised_name_is_there(name):
    assert getattr(capsim, name) is not None
    assert name in dir(capsim)


def test_another_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'Studdy'"):
        capsim.Studdy  # noqa: B018


def test_importing_the_package_imports_nothing_heavy():
    heavy = "numpy pandas scipy matplotlib duckdb simpy hydra holidays jinja2"
    program = f"import sys, capsim; print([m for m in '{heavy}'.split() if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
