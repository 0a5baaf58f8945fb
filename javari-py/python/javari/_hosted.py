"""Objects of the host, run for the native half: one answer at a time, when it is asked for.

Each method call has a thread of its own, so that a blocking method blocks nobody else. What is
asynchronous runs on a loop: the one that ran when the object was registered, or one of ours.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import os
import queue
import threading
from collections.abc import AsyncIterator, Awaitable, Coroutine, Iterator
from inspect import isawaitable
from typing import Any, TypeVar

from ._javari import Reply
from .errors import HostFailedError, JavariError

T = TypeVar("T")


class Hosted:
    """An object of the host as the native half calls it."""

    def __init__(self, target: Any, loop: asyncio.AbstractEventLoop | None = None) -> None:
        self._target = target
        self._loop = loop

    def begin(self, method: str, argument: Any) -> Source:
        """Begins a method; its answers come from the source."""
        return Source(self._target, method, argument, self._loop)


class Source:
    """The answers of one method call, pulled by the native half."""

    def __init__(
        self,
        target: Any,
        method: str,
        argument: Any,
        loop: asyncio.AbstractEventLoop | None,
    ) -> None:
        self._target = target
        self._method = method
        self._argument = argument
        self._loop = loop
        self._wanted: queue.SimpleQueue[Reply | None] = queue.SimpleQueue()
        self._closed = False
        self._lock = threading.Lock()
        self._running: concurrent.futures.Future[Any] | None = None
        threading.Thread(target=self._work, name=f"javari-{method}", daemon=True).start()

    def next(self, reply: Reply) -> None:
        """Asks for the next answer; it comes through the reply."""
        self._wanted.put(reply)

    def close(self) -> None:
        """Tells the method to stop: at its next answer, or at its await if it is asynchronous."""
        with self._lock:
            self._closed = True
            if self._running is not None:
                self._running.cancel()
        self._wanted.put(None)

    def _work(self) -> None:
        answers: Iterator[Any] | AsyncIterator[Any] | None = None
        while (reply := self._wanted.get()) is not None:
            try:
                if answers is None:
                    answers = self._begin()
                if isinstance(answers, AsyncIterator):
                    answer = self._await(_next(answers))
                else:
                    answer = next(answers)
            except (StopIteration, StopAsyncIteration):
                reply.end()
            except BaseException as error:
                _fail(reply, error)
            else:
                reply.send(answer)
                del answer
        self._end(answers)

    def _begin(self) -> Iterator[Any] | AsyncIterator[Any]:
        if self._method == "models":
            return iter([self._models()])
        method = getattr(self._target, self._method)
        answers = self._whole(method(self._argument))
        begun: Iterator[Any] | AsyncIterator[Any]
        begun = aiter(answers) if hasattr(answers, "__aiter__") else iter(answers)
        return begun

    def _models(self) -> Any:
        """An object without a list of models has none to show."""
        method = getattr(self._target, "models", None)
        return [] if method is None else self._whole(method())

    def _whole(self, answer: Any) -> Any:
        return self._await(answer) if isawaitable(answer) else answer

    def _await(self, work: Awaitable[T]) -> T:
        loop = self._loop or _own_loop()
        coroutine = _awaiting(work)
        try:
            with self._lock:
                if self._closed:
                    raise concurrent.futures.CancelledError
                self._running = running = asyncio.run_coroutine_threadsafe(coroutine, loop)
        except BaseException:
            # It never began: nobody is to be warned that it was not awaited.
            for unused in (coroutine, work):
                if isinstance(unused, Coroutine):
                    unused.close()
            raise
        return running.result()

    def _end(self, answers: Any) -> None:
        """Lets a generator run its `finally`; nobody is left to hear of a failure there."""
        close = getattr(answers, "aclose", None) or getattr(answers, "close", None)
        if close is None:
            return
        with self._lock:
            self._closed = False
        with contextlib.suppress(BaseException):
            self._whole(close())


async def _awaiting(work: Awaitable[T]) -> T:
    return await work


async def _next(answers: AsyncIterator[T]) -> T:
    return await anext(answers)


def _fail(reply: Reply, error: BaseException) -> None:
    if isinstance(error, JavariError):
        reply.fail(error.code, error.message, error.retry_after)
    else:
        reply.fail(HostFailedError.code, f"{type(error).__name__}: {error}", None)


_loops: dict[int, asyncio.AbstractEventLoop] = {}
_loops_lock = threading.Lock()


def _own_loop() -> asyncio.AbstractEventLoop:
    """The loop of this process for objects that were registered without one."""
    with _loops_lock:
        loop = _loops.get(os.getpid())
        if loop is None:
            loop = _loops[os.getpid()] = asyncio.new_event_loop()
            threading.Thread(target=loop.run_forever, name="javari-loop", daemon=True).start()
        return loop
