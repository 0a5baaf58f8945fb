"""What crosses between Python and Javari, and what is refused without a crash."""

from __future__ import annotations

import copy
import datetime
import decimal
import pickle
import threading
import types
import uuid
from pathlib import Path
from typing import Any

import javari
import pytest
from javari import _javari


class Echo:
    """A provider that answers with what it was asked, in an `extra` event."""

    def stream(self, request: Any) -> Any:
        yield {"type": "started", "provider": "echo", "model": "echo"}
        yield {"type": "extra", "name": "request", "value": request}
        yield {"type": "finished", "reason": "stop", "usage": {}, "model": "echo"}


@pytest.fixture
def echo(opened: javari.Javari, scope: javari.Scope) -> Any:
    """Sends a value through Javari into a provider written here and back."""
    opened.register("provider", "echo", Echo())

    def send(value: Any) -> Any:
        reply = scope.provider.complete(
            model="echo/x", messages=[{"role": "user", "content": "?"}], response_schema=value
        )
        return reply["extras"][0]["value"]["response_schema"]

    return send


@pytest.mark.parametrize(
    "value",
    [
        True,
        0,
        -(2**63),
        2**64 - 1,
        0.1,
        -1e-300,
        1e300,
        "",
        "é 漢 😀 \x00 \u2028",
        [],
        {},
        {"": [None, [1, {"a": "b"}]]},
        {"k" * 1000: "v" * 100_000},
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_value_comes_back_as_it_went(echo: Any, value: Any) -> None:
    back = echo(value)
    assert back == value and type(back) is type(value)


def test_what_stands_for_text_and_containers_is_understood(echo: Any) -> None:
    moment = datetime.datetime(2026, 1, 2, tzinfo=datetime.UTC)
    one = uuid.uuid4()
    value = {
        "id": one,
        "money": decimal.Decimal("1.10"),
        "at": moment,
        "path": Path("a/b"),
        "pair": (1, 2),
        "view": types.MappingProxyType({"a": 1}),
    }
    assert echo(value) == {
        "id": str(one),
        "money": "1.10",
        "at": moment.isoformat(),
        "path": "a/b",
        "pair": [1, 2],
        "view": {"a": 1},
    }


def endless() -> list[Any]:
    value: list[Any] = []
    value.append(value)
    return value


class Broken:
    """An object whose every conversion fails."""

    def isoformat(self) -> str:
        raise RuntimeError("broken")


@pytest.mark.parametrize(
    "value",
    [
        float("nan"),
        float("inf"),
        2**64,
        -(2**63) - 1,
        "\ud800",
        b"bytes",
        bytearray(b"bytes"),
        object(),
        object,
        {1: 2},
        {"\ud800": 1},
        {1, 2},
        endless(),
        Broken(),
        lambda: None,
        1j,
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_has_no_form_in_json_is_refused_with_its_place(
    scope: javari.Scope, value: Any
) -> None:
    with pytest.raises(javari.InvalidInputError) as caught:
        scope.call("vault.put", {"name": "A", "value": ["first", value]})
    assert caught.value.operation == "vault.put"
    assert caught.value.fields[0].path.startswith("/value/1")


@pytest.mark.parametrize("value", [None, 5, 1.5, [], {}, True, "\ud800", b"x"])
def test_a_wrong_value_for_a_parameter_is_an_error_of_its_field(
    opened: javari.Javari, value: Any
) -> None:
    with pytest.raises(javari.InvalidInputError) as caught:
        opened.users.ensure(email=value)
    assert [fault.path for fault in caught.value.fields] == ["/email"]


@pytest.mark.parametrize("value", [None, 5, [], "text", b"x", object()])
def test_a_wrong_request_or_scope_is_refused(opened: javari.Javari, value: Any) -> None:
    host = opened._host
    with pytest.raises(javari.InvalidInputError):
        host.call("users.ensure", None, value, ())
    if value is not None:
        with pytest.raises(javari.InvalidInputError):
            host.call("users.get", value, {}, ())


@pytest.mark.parametrize("operation", [None, 5, b"users.get", "\ud800"])
def test_a_wrong_name_is_refused(opened: javari.Javari, operation: Any) -> None:
    with pytest.raises((TypeError, UnicodeError)):
        opened.call(operation)


@pytest.mark.parametrize("blobs", [None, 5, [5], ["text"], [None]])
def test_wrong_blobs_are_refused(opened: javari.Javari, blobs: Any) -> None:
    with pytest.raises((TypeError, BufferError)):
        opened.system.version(blobs=blobs)


def test_bytes_of_every_kind_are_blobs(opened: javari.Javari) -> None:
    blobs = [b"", b"\x00\xff", bytearray(b"x"), memoryview(b"abc")[::2], b"x" * 1_000_000]
    assert opened.system.version(blobs=blobs)["version"] == javari.__version__
    assert opened.system.version(blobs=iter(blobs))["version"] == javari.__version__


def test_a_dictionary_that_changes_meanwhile_is_no_crash(scope: javari.Scope) -> None:
    fields: dict[str, Any] = {"name": "A", "value": "x"}
    stop = threading.Event()

    def change() -> None:
        while not stop.is_set():
            fields["extra"] = 1
            del fields["extra"]

    changing = threading.Thread(target=change)
    changing.start()
    try:
        for _ in range(200):
            try:
                scope.call("vault.put", fields)
            except javari.InvalidInputError as error:
                assert [fault.path for fault in error.fields] == ["/extra"]
    finally:
        stop.set()
        changing.join()


@pytest.mark.parametrize(
    "settings",
    [
        {"environment": 5},
        {"no_such_setting": 1},
        {"root_key": "canary"},
        {"root_key": object()},
        {"database": None},
        {"openai": {"api_key": ["canary"]}},
    ],
    ids=str,
)
def test_wrong_settings_are_refused_without_being_repeated(settings: dict[str, Any]) -> None:
    with pytest.raises(javari.JavariError) as caught:
        javari.Javari.open(**{"database": ":memory:", "environment": False, **settings})
    assert "canary" not in f"{caught.value!r} {caught.value}"


def test_no_representation_shows_a_secret() -> None:
    key = "c2VjcmV0LWNhbmFyeS1zZWNyZXQtY2FuYXJ5LTEyMzQ="
    settings: Any = {"root_key": key, "environment": False, "openai": {"api_key": "sk-canary"}}
    with javari.Javari.open(":memory:", **settings) as opened:
        scope = opened.scope(user=opened.users.ensure(email="ann@example.com")["id"])
        scope.vault.put(name="A", value="sk-canary")
        shown = repr([opened, scope, scope.vault, opened._host, scope.provider.models])
        opening = repr(javari.AsyncJavari.open(":memory:", **settings))
    for secret in (key, "canary"):
        assert secret not in shown + opening


def test_a_handle_is_not_pickled_or_copied(opened: javari.Javari, scope: javari.Scope) -> None:
    stream = scope.provider.chat(messages=[{"role": "user", "content": "?"}])
    for handle in (opened, scope, javari.AsyncScope(opened._host, None), opened._host, stream):
        for copied in (pickle.dumps, copy.copy, copy.deepcopy):
            with pytest.raises(TypeError, match=r"cannot pickle|cannot be pickled"):
                copied(handle)


def test_an_error_survives_pickling(scope: javari.Scope) -> None:
    with pytest.raises(javari.InvalidInputError) as caught:
        scope.call("vault.put", {"name": "9", "value": ""})
    copied = pickle.loads(pickle.dumps(caught.value))
    assert type(copied) is javari.InvalidInputError
    assert str(copied) == str(caught.value)
    assert copied.fields == caught.value.fields


def test_an_error_tells_what_where_and_whether_to_try_again(scope: javari.Scope) -> None:
    with pytest.raises(javari.JavariError) as caught:
        scope.vault.get(name="NONE")
    error = caught.value
    assert (type(error), error.code, error.operation) == (
        javari.NotFoundError,
        "NOT_FOUND",
        "vault.get",
    )
    assert error.context == {"name": "NONE"}
    assert error.retry_after is None
    assert str(error).startswith("NOT_FOUND at vault.get: ")


def test_a_panic_becomes_an_exception_without_its_words(capfd: Any) -> None:
    panic = getattr(_javari, "_panic", None)
    if panic is None:
        pytest.skip("a release build has no way to panic on purpose")
    with pytest.raises(javari.UnexpectedError) as caught:
        panic()
    assert "canary" not in str(caught.value)


def test_a_call_after_close_says_closed(opened: javari.Javari, scope: javari.Scope) -> None:
    opened.close()
    opened.close()
    for call in (scope.vault.list, scope.users.get):
        with pytest.raises(javari.ClosedError):
            call()


def test_two_in_one_process_never_meet(opened: javari.Javari, scope: javari.Scope) -> None:
    scope.vault.put(name="A", value="x")
    with javari.Javari.open(":memory:", environment=False) as other:
        user = other.users.ensure(email="ann@example.com")["id"]
        assert other.scope(user=user).vault.list()["items"] == []
