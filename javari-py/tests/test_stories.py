"""Plays the stories of `tests/cases` through the blocking face and through the asynchronous one."""

from __future__ import annotations

import asyncio
import inspect
import json
from typing import Any

import javari
import pytest
from conftest import CASES

FILES = sorted(path for path in CASES.glob("*.json") if '"steps"' in path.read_text("utf-8"))


def filled(value: Any, saved: dict[str, Any]) -> Any:
    """The value with every `"$name"` replaced."""
    match value:
        case str() if value.startswith("$"):
            return saved[value[1:]]
        case list():
            return [filled(item, saved) for item in value]
        case dict():
            return {key: filled(item, saved) for key, item in value.items()}
    return value


def pointed(value: Any, pointer: str) -> Any:
    """What lies at a JSON Pointer (RFC 6901); nothing where it leads nowhere."""
    for part in pointer.split("/")[1:]:
        part = part.replace("~1", "/").replace("~0", "~")
        if isinstance(value, list):
            value = value[int(part)] if int(part) < len(value) else None
        else:
            value = value.get(part) if isinstance(value, dict) else None
    return value


def begin(opened: Any, step: dict[str, Any], saved: dict[str, Any], typed: bool) -> Any:
    """Makes the step's call: by the room's method where its parameters fit, else by name."""
    name = step.get("call") or step["stream"]
    request = filled(step.get("request", {}), saved)
    key = filled(step.get("scope"), saved)
    caller = opened.scope(**key) if key else opened
    room, verb = name.split(".")
    method = getattr(getattr(caller, room, None), verb, None)
    if typed and method is not None:
        streams = "Stream" in str(inspect.signature(method).return_annotation)
        try:
            inspect.signature(method).bind(**request)
        except TypeError:
            pass
        else:
            if streams == ("stream" in step):
                return method(**request)
    return caller.call(name, request) if "call" in step else caller.stream(name, request)


def check(step: dict[str, Any], outcome: Any, saved: dict[str, Any]) -> None:
    """Compares a step's outcome with what the story expects."""
    if "error" in step or isinstance(outcome, javari.JavariError):
        assert isinstance(outcome, javari.JavariError), f"{step} gave {outcome}"
        assert outcome.code == step.get("error"), f"{step} failed with {outcome}"
        if "fields" in step:
            assert sorted(fault.path for fault in outcome.fields) == step["fields"], outcome
        return
    reply = outcome
    if "stream" in step:
        types = [event["type"] for event in outcome]
        folded = [kind for at, kind in enumerate(types) if at == 0 or types[at - 1] != kind]
        assert folded == step.get("expect_events", folded)
        reply = outcome[-1]
    expected = step.get("expect", {}) | step.get("expect_last", {})
    for pointer, value in expected.items():
        assert pointed(reply, pointer) == filled(value, saved), f"{pointer} of {step}"
    for name, pointer in step.get("save", {}).items():
        saved[name] = pointed(reply, pointer)


@pytest.mark.parametrize("typed", [True, False], ids=["rooms", "names"])
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_story_plays_blocking(path: Any, typed: bool) -> None:
    saved: dict[str, Any] = {}
    with javari.Javari.open(":memory:", environment=False) as opened:
        for step in json.loads(path.read_text("utf-8"))["steps"]:
            outcome: Any
            try:
                outcome = begin(opened, step, saved, typed)
                if "stream" in step:
                    outcome = list(outcome)
            except javari.JavariError as error:
                outcome = error
            check(step, outcome, saved)


@pytest.mark.parametrize("typed", [True, False], ids=["rooms", "names"])
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_story_plays_asynchronously(path: Any, typed: bool) -> None:
    async def play() -> None:
        saved: dict[str, Any] = {}
        async with javari.AsyncJavari.open(":memory:", environment=False) as opened:
            for step in json.loads(path.read_text("utf-8"))["steps"]:
                outcome: Any
                try:
                    begun = begin(opened, step, saved, typed)
                    if "stream" in step:
                        outcome = [event async for event in begun]
                    else:
                        outcome = await begun
                except javari.JavariError as error:
                    outcome = error
                check(step, outcome, saved)

    asyncio.run(play())


def test_there_are_stories() -> None:
    assert {path.stem for path in FILES} >= {"accounts", "errors", "provider", "vault"}
