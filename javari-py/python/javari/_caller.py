"""What every room and scope stands on: operations by name, in the scope of somebody."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NoReturn, TypeAlias

from ._javari import Host, Stream

Blob: TypeAlias = bytes | bytearray | memoryview
"""Bytes that a request speaks of; those of `bytes` are not copied."""


def given(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that were not left out."""
    return {name: value for name, value in fields.items() if value is not None}


class _Handle:
    """An opened Javari and the scope of the calls: `None` for the host's own."""

    __slots__ = ("_host", "_key")

    def __init__(self, host: Host, key: Mapping[str, Any] | None) -> None:
        self._host = host
        self._key = key

    def __repr__(self) -> str:
        parts = (f"{name}={str(value)!r}" for name, value in (self._key or {}).items())
        return f"{type(self).__name__}({', '.join(parts)})"

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            f"{type(self).__name__} cannot be pickled or copied: it stands on an open database;"
            " open one in each process"
        )


class Caller(_Handle):
    """Runs operations by name and waits for them. The rooms do the same with types."""

    __slots__ = ()

    def call(
        self,
        operation: str,
        request: Mapping[str, Any] | None = None,
        *,
        blobs: Iterable[Blob] = (),
    ) -> Any:
        """Runs an operation that answers once."""
        return self._host.call(operation, self._key, request or {}, blobs)

    def stream(
        self,
        operation: str,
        request: Mapping[str, Any] | None = None,
        *,
        blobs: Iterable[Blob] = (),
    ) -> Stream[Any]:
        """Begins an operation that answers with events."""
        return self._host.stream(operation, self._key, request or {}, blobs)


class AsyncCaller(_Handle):
    """Runs operations by name under asyncio. The rooms do the same with types."""

    __slots__ = ()

    async def call(
        self,
        operation: str,
        request: Mapping[str, Any] | None = None,
        *,
        blobs: Iterable[Blob] = (),
    ) -> Any:
        """Runs an operation that answers once. Cancelling the task stops it."""
        return await self._host.call_async(operation, self._key, request or {}, blobs)

    def stream(
        self,
        operation: str,
        request: Mapping[str, Any] | None = None,
        *,
        blobs: Iterable[Blob] = (),
    ) -> Stream[Any]:
        """The events of an operation, begun when the first is awaited."""
        return self._host.stream_async(operation, self._key, request or {}, blobs)


class Room:
    """The operations of one room."""

    __slots__ = ("_caller",)

    def __init__(self, caller: Caller) -> None:
        self._caller = caller


class AsyncRoom:
    """The operations of one room under asyncio."""

    __slots__ = ("_caller",)

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller
