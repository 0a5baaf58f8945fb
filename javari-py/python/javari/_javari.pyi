"""The native half: five verbs, each in a blocking and an asyncio variant."""

from collections.abc import Awaitable, Iterable, Mapping
from types import GenericAlias
from typing import Any, Generic, Protocol, Self, TypeVar, final

_Event = TypeVar("_Event")

__version__: str

class _Hosted(Protocol):
    def begin(self, method: str, argument: Any, /) -> Any: ...

@final
class Host:
    """One opened Javari. The typed classes of `javari` stand in front of it."""

    @staticmethod
    def open(settings: Mapping[str, Any]) -> Host: ...
    @staticmethod
    def open_async(settings: Mapping[str, Any]) -> Awaitable[Host]: ...
    @staticmethod
    def needed_key(settings: Mapping[str, Any]) -> str | None: ...
    @staticmethod
    def needed_key_async(settings: Mapping[str, Any]) -> Awaitable[str | None]: ...
    @staticmethod
    def from_env() -> Host: ...
    @staticmethod
    def from_env_async() -> Awaitable[Host]: ...
    def call(
        self,
        operation: str,
        scope: Mapping[str, Any] | None,
        request: Mapping[str, Any],
        blobs: Iterable[bytes | bytearray | memoryview],
    ) -> Any: ...
    def call_async(
        self,
        operation: str,
        scope: Mapping[str, Any] | None,
        request: Mapping[str, Any],
        blobs: Iterable[bytes | bytearray | memoryview],
    ) -> Awaitable[Any]: ...
    def stream(
        self,
        operation: str,
        scope: Mapping[str, Any] | None,
        request: Mapping[str, Any],
        blobs: Iterable[bytes | bytearray | memoryview],
    ) -> Stream[Any]: ...
    def stream_async(
        self,
        operation: str,
        scope: Mapping[str, Any] | None,
        request: Mapping[str, Any],
        blobs: Iterable[bytes | bytearray | memoryview],
    ) -> Stream[Any]: ...
    def register(self, kind: str, name: str, object: _Hosted) -> None: ...
    def close(self) -> None: ...
    def close_async(self) -> Awaitable[None]: ...

@final
class Stream(Generic[_Event]):
    """The events of an operation, one by one, with `for` or with `async for`.

    Closing it, leaving its `with` block or letting it go stops the work behind it.
    """

    def __iter__(self) -> Self: ...
    def __next__(self) -> _Event: ...
    def __aiter__(self) -> Self: ...
    def __anext__(self) -> Awaitable[_Event]: ...
    def close(self) -> None:
        """Stops the work; what was not read yet is dropped. Safe to call twice."""

    def aclose(self) -> Awaitable[None]:
        """The same, for `contextlib.aclosing`."""

    def __enter__(self) -> Self: ...
    def __exit__(self, *_exception: object) -> None: ...
    def __aenter__(self) -> Awaitable[Self]: ...
    def __aexit__(self, *_exception: object) -> Awaitable[None]: ...
    def __class_getitem__(cls, key: Any) -> GenericAlias: ...

@final
class Reply:
    """Where an object of the host puts its next answer."""

    def send(self, value: Any) -> None: ...
    def end(self) -> None: ...
    def fail(self, code: str, message: str, retry_after: float | None) -> None: ...

def shutdown() -> None:
    """Stops Javari's runtime. Runs by itself when the interpreter exits."""
