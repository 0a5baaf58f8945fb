"""How a program uses javari; the types are checked by `test_types.py`, and it runs."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import assert_type

import javari
from javari import types


class Parrot:
    """A provider of one's own."""

    def stream(self, request: types.ChatRequest) -> Iterator[types.ChatEvent]:
        yield {"type": "started", "provider": "parrot", "model": "parrot"}
        yield {"type": "text", "delta": str(request["messages"][-1]["content"])}
        yield {"type": "finished", "reason": "stop", "usage": {}, "model": "parrot"}


def blocking() -> str:
    with javari.Javari.open(":memory:", environment=False) as opened:
        assert_type(opened, javari.Javari)
        user = opened.users.ensure(email="ann@example.com")
        scope = opened.scope(user=user["id"])
        view = scope.vault.put(name="STRIPE", value="sk-1", type="api_key")
        assert_type(view, types.CredentialView)
        page = scope.vault.list(limit=10)
        assert_type(page["items"][0]["type"], types.CredentialType)
        opened.register("provider", "parrot", Parrot())
        said = ""
        for event in scope.provider.chat(
            model="parrot/x", messages=[{"role": "user", "content": "Hello"}]
        ):
            assert_type(event, types.ChatEvent)
            if event["type"] == "text":
                said += event["delta"]
        try:
            scope.vault.get(name="NONE")
        except javari.NotFoundError as error:
            assert_type(error.retry_after, float | None)
        return said


def of_the_environment() -> javari.Javari:
    return javari.Javari.from_env()


async def asynchronously_of_the_environment() -> javari.AsyncJavari:
    async with javari.AsyncJavari.from_env() as opened:
        assert_type(opened, javari.AsyncJavari)
    return await javari.AsyncJavari.from_env()


async def asynchronous() -> int:
    opened = await javari.AsyncJavari.open(":memory:", environment=False)
    assert_type(opened, javari.AsyncJavari)
    async with javari.AsyncJavari.open(":memory:", environment=False) as opened:
        user = await opened.users.ensure(email="ann@example.com")
        assert_type(user, types.User)
        scope = opened.scope(user=user["id"])
        count = 0
        async for event in scope.provider.chat(messages=[{"role": "user", "content": "Hello"}]):
            assert_type(event, types.ChatEvent)
            count += 1
        return count


if __name__ == "__main__":
    print(blocking(), asyncio.run(asynchronous()) > 2)
