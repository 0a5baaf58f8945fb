"""Providers written in Python, behind the same router as every other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import javari
import pytest

STARTED = {"type": "started", "provider": "mine", "model": "mine"}
FINISHED = {"type": "finished", "reason": "stop", "usage": {"output": 1}, "model": "mine"}


def ask(words: str = "Hello") -> Any:
    return {"model": "mine/x", "messages": [{"role": "user", "content": words}]}


class Blocking:
    def stream(self, request: Any) -> Iterator[Any]:
        assert request["model"] == "x"
        yield STARTED
        for letter in request["messages"][0]["content"]:
            yield {"type": "text", "delta": letter}
        yield FINISHED

    def models(self) -> list[Any]:
        return [{"id": "x", "context_tokens": 5}]


class Asynchronous:
    async def stream(self, request: Any) -> AsyncIterator[Any]:
        yield STARTED
        for letter in request["messages"][0]["content"]:
            await asyncio.sleep(0)
            yield {"type": "text", "delta": letter}
        yield FINISHED

    async def models(self) -> list[Any]:
        await asyncio.sleep(0)
        return [{"id": "x", "context_tokens": 5}]


class Awaited:
    """What `stream` may be besides a generator: a coroutine that answers with a list."""

    async def stream(self, request: Any) -> list[Any]:
        await asyncio.sleep(0)
        words = request["messages"][0]["content"]
        return [STARTED, {"type": "text", "delta": words}, FINISHED]

    def models(self) -> list[Any]:
        return [{"id": "x", "context_tokens": 5}]


@pytest.mark.parametrize("kind", [Blocking, Asynchronous, Awaited])
def test_a_provider_answers_a_blocking_caller(
    opened: javari.Javari, scope: javari.Scope, kind: type
) -> None:
    opened.register("provider", "mine", kind())
    reply = scope.provider.complete(**ask("漢字 😀"))
    assert (reply["text"], reply["provider"], reply["usage"]["output"]) == ("漢字 😀", "mine", 1)
    types = [event["type"] for event in scope.provider.chat(**ask())]
    assert (types[0], types[1], types[-1]) == ("started", "text", "finished")
    models = {model["id"]: model for model in scope.provider.models()["models"]}
    assert models["mine/x"]["context_tokens"] == 5


@pytest.mark.parametrize("kind", [Blocking, Asynchronous, Awaited])
def test_a_provider_answers_an_asynchronous_caller(kind: type) -> None:
    async def play() -> None:
        async with javari.AsyncJavari.open(":memory:", environment=False) as opened:
            opened.register("provider", "mine", kind())
            user = await opened.users.ensure(email="ann@example.com")
            scope = opened.scope(user=user["id"])
            replies = await asyncio.gather(
                *(scope.provider.complete(**ask(str(number))) for number in range(20))
            )
            assert [reply["text"] for reply in replies] == [str(number) for number in range(20)]
            models = (await scope.provider.models())["models"]
            assert "mine/x" in {model["id"] for model in models}

    asyncio.run(play())


def test_a_provider_may_call_javari_itself(opened: javari.Javari, scope: javari.Scope) -> None:
    scope.vault.put(name="KEY", value="sk-1")

    class WithKey:
        def stream(self, request: Any) -> Iterator[Any]:
            yield STARTED
            yield {"type": "text", "delta": scope.vault.reveal(name="KEY")["value"]}
            yield FINISHED

    opened.register("provider", "mine", WithKey())
    assert scope.provider.complete(**ask())["text"] == "sk-1"


def test_a_provider_without_a_list_of_models_has_none(
    opened: javari.Javari, scope: javari.Scope
) -> None:
    class Plain:
        def stream(self, request: Any) -> list[Any]:
            return [STARTED, FINISHED]

    opened.register("provider", "mine", Plain())
    assert [model["id"] for model in scope.provider.models()["models"]] == ["local/extractive"]


def failing(answer: Any) -> Any:
    """A provider that begins and then raises or yields `answer`."""

    class Failing:
        def stream(self, request: Any) -> Iterator[Any]:
            yield STARTED
            if isinstance(answer, BaseException):
                raise answer
            yield answer

    return Failing()


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (ValueError("my words"), javari.HostFailedError, "ValueError: my words"),
        (SystemExit(3), javari.HostFailedError, "SystemExit: 3"),
        (javari.RateLimitedError("slowly", retry_after=7.5), javari.RateLimitedError, "slowly"),
        (object(), javari.HostFailedError, "no form in JSON"),
        ({"type": "unheard"}, javari.HostFailedError, "no chat event"),
        (None, javari.HostFailedError, "no chat event"),
        ({"type": "text", "delta": float("nan")}, javari.HostFailedError, "no form in JSON"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_provider_that_fails_says_so(
    opened: javari.Javari, scope: javari.Scope, answer: Any, kind: type[Exception], words: str
) -> None:
    opened.register("provider", "mine", failing(answer))
    with pytest.raises(kind) as caught:
        list(scope.provider.chat(**ask()))
    error = caught.value
    assert isinstance(error, javari.JavariError)
    assert words in error.message
    if isinstance(answer, javari.RateLimitedError):
        assert error.retry_after == 7.5


def test_a_provider_that_stops_early_is_no_success(
    opened: javari.Javari, scope: javari.Scope
) -> None:
    class Short:
        def stream(self, request: Any) -> Iterator[Any]:
            yield STARTED

    opened.register("provider", "mine", Short())
    with pytest.raises(javari.ProviderFailedError):
        scope.provider.complete(**ask())


@pytest.mark.parametrize("target", [None, 5, object(), type("NotCallable", (), {"stream": 5})()])
def test_an_object_that_is_no_provider_fails_at_its_call(
    opened: javari.Javari, scope: javari.Scope, target: Any
) -> None:
    opened.register("provider", "mine", target)
    with pytest.raises(javari.HostFailedError):
        scope.provider.complete(**ask())


def test_a_kind_or_name_that_does_not_fit_is_refused(opened: javari.Javari) -> None:
    for kind, name, field in [
        ("parrot", "x", "/kind"),
        ("provider", "", "/name"),
        ("provider", "a/b", "/name"),
        ("provider", "local", "/name"),
    ]:
        with pytest.raises(javari.InvalidInputError) as caught:
            opened.register(kind, name, Blocking())
        assert caught.value.fields[0].path == field


def test_a_provider_whose_loop_is_closed_fails_and_does_not_hang() -> None:
    async def open_one() -> javari.AsyncJavari:
        opened = await javari.AsyncJavari.open(":memory:", environment=False)
        opened.register("provider", "mine", Asynchronous())
        return opened

    opened = asyncio.run(open_one())

    async def use() -> None:
        user = await opened.users.ensure(email="ann@example.com")
        with pytest.raises(javari.HostFailedError, match="closed"):
            await opened.scope(user=user["id"]).provider.complete(**ask())
        await opened.close()

    asyncio.run(use())
