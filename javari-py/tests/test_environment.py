"""Opens as the environment says, and names everything that is wrong with it."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import javari
import pytest
from conftest import CASES

CASE = json.loads((CASES / "environment.json").read_text("utf-8"))
REQUIRED: dict[str, str] = CASE["required"]
ALL: dict[str, str] = {**REQUIRED, **CASE["optional"]}


@pytest.fixture
def database(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A complete environment that names a database in a folder of its own."""
    path = tmp_path / "from-env.db"
    for name, value in {**ALL, "JAVARI_DATABASE": str(path)}.items():
        monkeypatch.setenv(name, value)
    return path


def test_it_opens_the_database_that_the_environment_names(database: Path) -> None:
    with javari.Javari.from_env() as opened:
        assert type(opened) is javari.Javari
        assert opened.system.version()["notices"] == []
        opened.users.ensure(email="ann@example.com")
    assert database.is_file()


async def open_twice() -> None:
    async with javari.AsyncJavari.from_env() as opened:
        await opened.users.ensure(email="ann@example.com")
    opened = await javari.AsyncJavari.from_env()
    await opened.close()


def test_it_opens_for_asyncio_as_well(database: Path) -> None:
    asyncio.run(open_twice())
    assert database.is_file()


def test_every_missing_and_malformed_variable_is_named_at_once(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in REQUIRED:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GOOGLE_API_KEY", "canary with spaces")
    with pytest.raises(javari.ConfigurationError) as caught:
        javari.Javari.from_env()
    named = [fault.path for fault in caught.value.fields]
    assert sorted(named) == sorted([*REQUIRED, "GOOGLE_API_KEY"])
    assert "canary" not in f"{caught.value!r} {caught.value}"
    assert not database.exists()
