"""What the tests of the Python door share."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import javari
import pytest

ROOT = Path(__file__).resolve().parents[2]
CASES = ROOT / "tests" / "cases"

HANG = 120
"""Seconds after which a test counts as hung; no test measures time."""


@pytest.fixture
def opened() -> Iterator[javari.Javari]:
    """A fresh Javari."""
    with javari.Javari.open(":memory:", environment=False) as opened:
        yield opened


@pytest.fixture
def scope(opened: javari.Javari) -> javari.Scope:
    """The scope of a user."""
    return opened.scope(user=opened.users.ensure(email="ann@example.com")["id"])


@pytest.fixture
def run_python() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs a program in an interpreter of its own and returns what it said."""

    def run(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-X", "dev", "-W", "ignore::DeprecationWarning", "-c", program]
        return subprocess.run(
            [*command, *arguments], capture_output=True, text=True, timeout=HANG, check=False
        )

    return run
