"""Threads, signals, asyncio, forks and the interpreter's end while calls wait."""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import os
import queue
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import javari
import pytest
from conftest import HANG

STARTED = {"type": "started", "provider": "mine", "model": "mine"}
FINISHED = {"type": "finished", "reason": "stop", "usage": {}, "model": "mine"}
ASK: Any = {"model": "mine/x", "messages": [{"role": "user", "content": "?"}]}


class Gate:
    """A blocking provider that begins and then waits until somebody opens it."""

    def __init__(self) -> None:
        self.entered = threading.Event()
        self.opened = threading.Event()
        self.stopped = threading.Event()

    def stream(self, request: Any) -> Iterator[Any]:
        try:
            yield STARTED
            self.entered.set()
            assert self.opened.wait(HANG)
            yield {"type": "text", "delta": "open"}
            yield FINISHED
        finally:
            self.stopped.set()


class Endless:
    """A blocking provider that never ends by itself."""

    def __init__(self) -> None:
        self.stopped = threading.Event()

    def stream(self, request: Any) -> Iterator[Any]:
        try:
            yield STARTED
            while True:
                yield {"type": "text", "delta": "more "}
        finally:
            self.stopped.set()


class AsyncEndless:
    """An asynchronous provider that begins, says one word and then waits for ever."""

    def __init__(self) -> None:
        self.entered = asyncio.Event()
        self.stopped = threading.Event()
        self.thread: int | None = None

    async def stream(self, request: Any) -> AsyncIterator[Any]:
        self.thread = threading.get_ident()
        try:
            yield STARTED
            yield {"type": "text", "delta": "one"}
            self.entered.set()
            await asyncio.Event().wait()
        finally:
            self.stopped.set()


def test_other_threads_run_while_a_call_waits(opened: javari.Javari, scope: javari.Scope) -> None:
    gate = Gate()
    opened.register("provider", "mine", gate)

    def open_it() -> None:
        assert gate.entered.wait(HANG)
        gate.opened.set()

    # If the waiting call held the interpreter, the gate would never open.
    opener = threading.Thread(target=open_it)
    opener.start()
    assert scope.provider.complete(**ASK)["text"] == "open"
    opener.join()


def test_many_threads_share_one_javari(scope: javari.Scope) -> None:
    failures: queue.SimpleQueue[BaseException] = queue.SimpleQueue()

    def work(number: int) -> None:
        try:
            for turn in range(10):
                scope.vault.put(name=f"K{number}", value=str(turn))
                assert scope.vault.reveal(name=f"K{number}")["value"] == str(turn)
        except BaseException as error:
            failures.put(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures.empty(), failures.get()
    assert len(scope.vault.list()["items"]) == 8
    assert scope.audit.verify()["verified"]


@pytest.mark.parametrize("way", ["break", "close", "with", "forget"])
def test_a_stream_that_is_left_stops_the_work(
    opened: javari.Javari, scope: javari.Scope, way: str
) -> None:
    endless = Endless()
    opened.register("provider", "mine", endless)
    if way == "break":
        for event in scope.provider.chat(**ASK):
            if event["type"] == "text":
                break
    elif way == "close":
        stream = scope.provider.chat(**ASK)
        assert next(stream)["type"] == "started"
        stream.close()
        stream.close()
        assert list(stream) == []
        assert "closed" in repr(stream)
    elif way == "with":
        with scope.provider.chat(**ASK) as stream:
            next(stream)
        assert list(stream) == []
    else:
        stream = scope.provider.chat(**ASK)
        next(stream)
        del stream
    assert endless.stopped.wait(HANG)


@pytest.mark.parametrize("way", ["break", "aclosing", "with"])
def test_a_stream_that_is_left_under_asyncio_stops_the_work(way: str) -> None:
    async def leave() -> None:
        async with javari.AsyncJavari.open(":memory:", environment=False) as opened:
            user = await opened.users.ensure(email="ann@example.com")
            scope = opened.scope(user=user["id"])
            endless = AsyncEndless()
            opened.register("provider", "mine", endless)
            stream = scope.provider.chat(**ASK)
            if way == "break":
                async for event in stream:
                    if event["type"] == "text":
                        break
                del stream
            elif way == "aclosing":
                async with contextlib.aclosing(stream):
                    assert (await anext(stream))["type"] == "started"
            else:
                async with stream:
                    await anext(stream)
            await asyncio.to_thread(endless.stopped.wait, HANG)
            assert endless.stopped.is_set()
            assert endless.thread == threading.get_ident(), "it ran on another loop"

    asyncio.run(leave())


def test_a_stream_closed_by_another_thread_ends_the_reader(
    opened: javari.Javari, scope: javari.Scope
) -> None:
    gate = Gate()
    opened.register("provider", "mine", gate)
    stream = scope.provider.chat(**ASK)

    def close() -> None:
        assert gate.entered.wait(HANG)
        stream.close()

    assert next(stream)["type"] == "started"
    closer = threading.Thread(target=close)
    closer.start()
    assert list(stream) == []
    closer.join()
    gate.opened.set()


def test_cancelling_an_awaited_call_stops_the_work() -> None:
    async def cancel() -> None:
        async with javari.AsyncJavari.open(":memory:", environment=False) as opened:
            user = await opened.users.ensure(email="ann@example.com")
            scope = opened.scope(user=user["id"])
            endless = AsyncEndless()
            opened.register("provider", "mine", endless)
            call = asyncio.create_task(scope.provider.complete(**ASK))
            await endless.entered.wait()
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(call, 0.01)
            await asyncio.to_thread(endless.stopped.wait, HANG)
            assert endless.stopped.is_set()
            # The loop and the Javari go on.
            assert (await scope.users.get())["id"] == user["id"]

    asyncio.run(cancel())


def test_an_event_is_not_lost_when_waiting_for_it_is_cancelled(
    opened: javari.Javari, scope: javari.Scope
) -> None:
    gate = Gate()
    opened.register("provider", "mine", gate)

    async def read() -> list[str]:
        stream = scope._host.stream_async("provider.chat", scope._key, ASK, ())
        seen = [(await anext(stream))["type"]]
        for _ in range(3):
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(stream.__anext__(), 0.01)
        gate.opened.set()
        seen.extend([event["type"] async for event in stream])
        return seen

    assert asyncio.run(read()) == ["started", "text", "finished"]


def test_calls_run_side_by_side_under_asyncio() -> None:
    async def gather() -> None:
        async with javari.AsyncJavari.open(":memory:", environment=False) as opened:
            user = await opened.users.ensure(email="ann@example.com")
            scope = opened.scope(user=user["id"])
            await asyncio.gather(
                *(scope.vault.put(name=f"K{number}", value="x") for number in range(50))
            )
            assert len((await scope.vault.list())["items"]) == 50

    asyncio.run(gather())


def test_an_asynchronous_call_without_a_loop_is_an_error(opened: javari.Javari) -> None:
    with pytest.raises(RuntimeError, match="event loop"):
        opened._host.call_async("system.version", None, {}, ())


PRELUDE = """
import asyncio, os, signal, sys, threading
import javari

# A test run in the background was told to ignore it.
signal.signal(signal.SIGINT, signal.default_int_handler)

class Stuck:
    def __init__(self):
        self.entered = threading.Event()
    def stream(self, request):
        yield {"type": "started", "provider": "mine", "model": "mine"}
        self.entered.set()
        threading.Event().wait()

stuck = Stuck()
opened = javari.Javari.open(":memory:", environment=False)
scope = opened.scope(user=opened.users.ensure(email="ann@example.com")["id"])
opened.register("provider", "mine", stuck)
ask = {"model": "mine/x", "messages": [{"role": "user", "content": "?"}]}
"""

INTERRUPTED = """
def interrupt():
    stuck.entered.wait()
    os.kill(os.getpid(), signal.SIGINT)

threading.Thread(target=interrupt, daemon=True).start()
try:
    %s
except KeyboardInterrupt:
    print("interrupted", scope.users.get()["email"])
"""


@pytest.mark.parametrize(
    "call", ["scope.provider.complete(**ask)", "list(scope.provider.chat(**ask))"]
)
def test_ctrl_c_ends_a_long_call(run_python: Callable[..., Any], call: str) -> None:
    done = run_python(PRELUDE + INTERRUPTED % call)
    assert (done.stdout, done.returncode) == ("interrupted ann@example.com\n", 0), done.stderr


IN_FLIGHT = """
def call():
    scope.provider.complete(**ask)

def put():
    while True:
        scope.vault.put(name="A", value="x")

async def wait():
    async with javari.AsyncJavari.open(":memory:", environment=False) as own:
        user = await own.users.ensure(email="ann@example.com")
        while True:
            await own.scope(user=user["id"]).vault.put(name="A", value="x")

for work in (call, put, put, lambda: asyncio.run(wait())):
    threading.Thread(target=work, daemon=True).start()
stuck.entered.wait()
unread = scope.provider.chat(messages=[{"role": "user", "content": "?"}])
next(unread)
print("bye")
"""


@pytest.mark.parametrize("round", range(8))
def test_the_interpreter_ends_cleanly_with_calls_in_flight(
    run_python: Callable[..., Any], round: int
) -> None:
    done = run_python(PRELUDE + IN_FLIGHT)
    assert (done.stdout, done.stderr, done.returncode) == ("bye\n", "", 0)


IN_PYTHON = """
import time

inside = threading.Event()

class Slow(asyncio.SelectorEventLoop):
    def call_soon_threadsafe(self, *arguments, **options):
        inside.set()
        until = time.monotonic() + 0.2
        while time.monotonic() < until:
            pass
        return super().call_soon_threadsafe(*arguments, **options)

async def wait():
    async with javari.AsyncJavari.open(":memory:", environment=False):
        pass

threading.Thread(target=Slow().run_until_complete, args=(wait(),), daemon=True).start()
inside.wait()
print("bye")
"""


def test_the_interpreter_waits_for_a_thread_of_the_runtime_that_runs_python(
    run_python: Callable[..., Any],
) -> None:
    done = run_python(PRELUDE + IN_PYTHON)
    assert (done.stdout, done.stderr, done.returncode) == ("bye\n", "", 0)


def in_child(work: Callable[[], None]) -> None:
    """Runs `work` in a forked process, which ends without the parent's exit handlers."""
    context: Any = multiprocessing.get_context("fork")
    process = context.Process(target=work)
    process.start()
    process.join(HANG)
    assert process.exitcode == 0


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_forked_child_opens_its_own(tmp_path: Path) -> None:
    file = str(tmp_path / "javari.db")
    opened = javari.Javari.open(file, environment=False)
    user = opened.users.ensure(email="ann@example.com")["id"]
    opened.scope(user=user).vault.put(name="A", value="parent")

    def child() -> None:
        with pytest.raises(javari.ClosedError):
            opened.system.version()
        opened.close()
        with javari.Javari.open(file, environment=False) as own:
            scope = own.scope(user=user)
            assert scope.vault.reveal(name="A")["value"] == "parent"
            scope.vault.put(name="A", value="child")

        async def again() -> None:
            async with javari.AsyncJavari.open(file, environment=False) as own:
                reply = await own.scope(user=user).vault.reveal(name="A")
                assert reply["value"] == "child"

        asyncio.run(again())

    in_child(child)
    assert opened.scope(user=user).vault.reveal(name="A")["value"] == "child"
    opened.close()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_forked_child_may_let_the_parents_handles_go(
    opened: javari.Javari, scope: javari.Scope
) -> None:
    endless = Endless()
    opened.register("provider", "mine", endless)
    held: list[Any] = [scope.provider.chat(**ASK)]
    next(held[0])

    def child() -> None:
        held.clear()

    in_child(child)
    assert next(held[0])["type"] == "text"
    held.clear()
    assert endless.stopped.wait(HANG)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_child_forked_before_the_first_call_is_a_process_like_any_other() -> None:
    def child() -> None:
        assert os.getpid() != parent
        with javari.Javari.open(":memory:", environment=False) as own:
            own.system.version()

    parent = os.getpid()
    in_child(child)
