"""Asks the installed package for every operation, its parameters and every class of error."""

from __future__ import annotations

import inspect
import json
import keyword
from typing import Any

import javari
import pytest
from conftest import CASES

PARITY = json.loads((CASES / "parity.json").read_text("utf-8"))
OPERATIONS = PARITY["operations"]


def named(word: str) -> str:
    return f"{word}_" if keyword.iskeyword(word) else word


def method_of(owner: type, operation: dict[str, Any]) -> Any:
    room = inspect.getattr_static(owner, operation["room"], None)
    assert isinstance(room, property), f"{owner.__name__} has no room {operation['room']}"
    assert room.fget is not None
    kind = vars(inspect.getmodule(room.fget))[room.fget.__annotations__["return"]]
    return getattr(kind, named(operation["verb"]), None)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation["name"])
@pytest.mark.parametrize("face", ["blocking", "asynchronous"])
def test_an_operation_is_a_method(operation: dict[str, Any], face: str) -> None:
    of_host, of_scope = {
        "blocking": (javari.Javari, javari.Scope),
        "asynchronous": (javari.AsyncJavari, javari.AsyncScope),
    }[face]
    owners = [of_scope, of_host] if operation["access"] == "host" else [of_scope]
    for owner in owners:
        method = method_of(owner, operation)
        assert callable(method)
        assert method.__doc__
        names = list(inspect.signature(method).parameters)
        assert names[0] == "self" and names[-1] == "blobs"
        assert sorted(names[1:-1]) == sorted(named(field) for field in operation["fields"])
        is_awaited = face == "asynchronous" and not operation["streams"]
        assert inspect.iscoroutinefunction(method) == is_awaited


def test_no_method_is_without_an_operation() -> None:
    names = {operation["name"] for operation in OPERATIONS}
    for owner in (javari.Scope, javari.AsyncScope):
        for room, attribute in inspect.getmembers_static(
            owner, lambda it: isinstance(it, property)
        ):
            kind = vars(inspect.getmodule(attribute.fget))[attribute.fget.__annotations__["return"]]
            verbs = [
                name for name, _ in inspect.getmembers(kind, inspect.isfunction) if name[0] != "_"
            ]
            assert {f"{room}.{verb.rstrip('_')}" for verb in verbs} <= names


@pytest.mark.parametrize("error", PARITY["errors"], ids=lambda error: error["code"])
def test_an_error_is_a_class(error: dict[str, str]) -> None:
    kind = getattr(javari, f"{error['name']}Error")
    assert kind is getattr(javari.errors, f"{error['name']}Error")
    assert issubclass(kind, javari.JavariError)
    assert kind.code == error["code"]
    assert javari.errors.BY_CODE[error["code"]] is kind
    assert kind.__doc__


def test_no_class_is_without_an_error() -> None:
    assert set(javari.errors.BY_CODE) == {error["code"] for error in PARITY["errors"]}
