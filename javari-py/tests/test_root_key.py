"""The root key of a host that keeps it elsewhere, such as in a key management service."""

from __future__ import annotations

import asyncio
from pathlib import Path

import javari
import pytest

FIRST, SECOND = "07" * 32, "08" * 32


class Service:
    """Keeps keys by their ids, and notes what it was asked for."""

    def __init__(self, newest: str) -> None:
        self.newest = newest
        self.by_id: dict[str, str] = {}
        self.asked: list[str | None] = []

    def __call__(self, id: str | None) -> str:
        self.asked.append(id)
        return self.by_id.get(id, self.newest) if id else self.newest

    async def later(self, id: str | None) -> str:
        await asyncio.sleep(0)
        return self(id)


def test_the_source_is_asked_for_the_key_that_the_database_names(tmp_path: Path) -> None:
    service = Service(FIRST)
    with javari.Javari.open(tmp_path / "a.db", root_key_source=service) as opened:
        user = opened.users.ensure(email="ann@example.com")["id"]
        opened.scope(user=user).vault.put(name="KEY", value="x")
    assert service.asked == [None]
    assert not (tmp_path / "a.db.key").exists()
    # The newest key is another one by now.
    service.newest = SECOND
    with pytest.raises(javari.WrongKeyError) as caught:
        javari.Javari.open(tmp_path / "a.db", root_key_source=service)
    id = service.asked[-1]
    assert id is not None and id == caught.value.context["needs_key"]
    service.by_id[id] = FIRST
    with javari.Javari.open(tmp_path / "a.db", root_key_source=service) as opened:
        assert opened.scope(user=user).vault.reveal(name="KEY")["value"] == "x"


def test_with_asyncio_the_source_may_be_a_coroutine_function(tmp_path: Path) -> None:
    service = Service(FIRST)

    async def opened_twice() -> None:
        for source in (service.later, service):
            async with javari.AsyncJavari.open(tmp_path / "a.db", root_key_source=source) as opened:
                await opened.users.ensure(email="ann@example.com")

    asyncio.run(opened_twice())
    assert service.asked[0] is None
    assert service.asked[1] is not None


def test_what_the_source_raises_is_what_the_opening_raises(tmp_path: Path) -> None:
    def refuse(id: str | None) -> str:
        raise PermissionError("the service refuses")

    with pytest.raises(PermissionError):
        javari.Javari.open(tmp_path / "a.db", root_key_source=refuse)
    assert not (tmp_path / "a.db").exists()
    with pytest.raises(TypeError, match="two origins"):
        javari.Javari.open(tmp_path / "a.db", root_key_source=refuse, root_key=FIRST)
