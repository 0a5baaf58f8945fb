"""Javari as Python programs hold it: opened, closed, and narrowed to somebody's scope."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Generator
from os import PathLike
from types import TracebackType
from typing import Any, Generic, Self, TypeVar, Unpack
from uuid import UUID

from . import types
from ._aio import AsyncHostRooms, AsyncScopeRooms
from ._caller import given
from ._hosted import Hosted
from ._javari import Host
from ._rooms import HostRooms, ScopeRooms

Opened = TypeVar("Opened", bound="AsyncJavari")


class Scope(ScopeRooms):
    """Whose data the calls touch: a user's, and optionally one project's or subproject's."""

    __slots__ = ()


class AsyncScope(AsyncScopeRooms):
    """Whose data the calls touch: a user's, and optionally one project's or subproject's."""

    __slots__ = ()


class Javari(HostRooms):
    """An opened Javari, safe to share between threads. A forked process opens its own.

    A call lets other threads run while it waits and hears Ctrl-C.
    """

    __slots__ = ()

    @classmethod
    def open(
        cls,
        database: str | PathLike[str] = "javari.db",
        *,
        root_key_source: Callable[[str | None], str] | None = None,
        **settings: Unpack[types.Settings],
    ) -> Self:
        """Opens the database, a file, `sqlite:FILE` or `:memory:`, made when there is none.

        `root_key_source` gives the root key from where the host keeps it, such as a key management
        service: it is called with the id of the key that the database was sealed with, or with
        `None` where the database is new.

        Raises:
            ConfigurationError, WrongKeyError, SchemaTooNewError, StorageBusyError,
            StorageCorruptError: It cannot be opened; nothing was written.
        """
        given = _Given(database, settings, root_key_source)
        if root_key_source is not None:
            given.root_key(root_key_source(Host.needed_key(given.settings)))
        return cls(Host.open(given.settings), None)

    @classmethod
    def from_env(cls) -> Self:
        """Opens as the seed's eleven environment variables say, eight of which are required.

        The database is `JAVARI_DATABASE`, or `javari.db`.

        Raises:
            ConfigurationError: Its `fields` name every missing and every malformed variable.
            WrongKeyError, SchemaTooNewError, StorageBusyError, StorageCorruptError: As `open`.
        """
        return cls(Host.from_env(), None)

    def scope(
        self,
        *,
        user: str | UUID,
        project: str | UUID | None = None,
        subproject: str | UUID | None = None,
        member: str | UUID | None = None,
    ) -> Scope:
        """The scope of a user, narrowed to a project and a subproject where they are named.

        `member` is who acts in a project of `user`, where it is not `user`.
        """
        return Scope(self._host, _key(user, project, subproject, member))

    def register(self, kind: str, name: str, object: Any) -> None:
        """Adds an object of yours; today the kind is `provider`.

        A provider has `stream(self, request)`, a generator or an asynchronous one that yields chat
        events, and where it has a list of models, `models(self)`. Requests reach it with
        `model="name/anything"`. Blocking ones run on threads of their own, asynchronous ones on a
        loop of Javari's own.
        """
        self._host.register(kind, name, Hosted(object))

    def close(self) -> None:
        """Closes the database; later calls raise `ClosedError`. Safe to call twice."""
        self._host.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


class AsyncJavari(AsyncHostRooms):
    """An opened Javari for asyncio. A forked process opens its own."""

    __slots__ = ()

    @classmethod
    def open(
        cls,
        database: str | PathLike[str] = "javari.db",
        *,
        root_key_source: Callable[[str | None], str | Awaitable[str]] | None = None,
        **settings: Unpack[types.Settings],
    ) -> Opening[Self]:
        """As `Javari.open`; to be awaited, or entered with `async with`.

        `root_key_source` may be a coroutine function here.
        """
        return Opening(cls, _Given(database, settings, root_key_source))

    @classmethod
    def from_env(cls) -> Opening[Self]:
        """As `Javari.from_env`; to be awaited, or entered with `async with`."""
        return Opening(cls, None)

    def scope(
        self,
        *,
        user: str | UUID,
        project: str | UUID | None = None,
        subproject: str | UUID | None = None,
        member: str | UUID | None = None,
    ) -> AsyncScope:
        """The scope of a user, narrowed to a project and a subproject where they are named.

        `member` is who acts in a project of `user`, where it is not `user`.
        """
        return AsyncScope(self._host, _key(user, project, subproject, member))

    def register(self, kind: str, name: str, object: Any) -> None:
        """As `Javari.register`, but asynchronous methods run on the loop that is running now."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            loop = None
        self._host.register(kind, name, Hosted(object, loop))

    async def close(self) -> None:
        """Closes the database; later calls raise `ClosedError`. Safe to call twice."""
        await self._host.close_async()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()


class Opening(Generic[Opened]):
    """A Javari about to be opened: await it, or enter it with `async with`."""

    __slots__ = ("_given", "_kind", "_opened")

    def __init__(self, kind: type[Opened], given: _Given | None) -> None:
        self._kind = kind
        self._given = given

    def __await__(self) -> Generator[Any, None, Opened]:
        return self._open().__await__()

    async def __aenter__(self) -> Opened:
        self._opened = await self._open()
        return self._opened

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._opened.close()

    async def _open(self) -> Opened:
        given = self._given
        if given is None:
            return self._kind(await Host.from_env_async(), None)
        if given.source is not None:
            key = given.source(await Host.needed_key_async(given.settings))
            given.root_key(await key if isinstance(key, Awaitable) else key)
        return self._kind(await Host.open_async(given.settings), None)


class _Given:
    """What one opening was given."""

    __slots__ = ("settings", "source")

    def __init__(
        self,
        database: str | PathLike[str],
        settings: types.Settings,
        source: Callable[[str | None], str | Awaitable[str]] | None,
    ) -> None:
        named = [key for key in settings if key.startswith("root_key")]
        if source is not None and named:
            raise TypeError(f"the root key has two origins: root_key_source and {named[0]}")
        self.settings: dict[str, Any] = {**settings, "database": database}
        self.source = source

    def root_key(self, key: str) -> None:
        self.settings["root_key"] = key


def _key(
    user: str | UUID,
    project: str | UUID | None,
    subproject: str | UUID | None,
    member: str | UUID | None,
) -> dict[str, Any]:
    return {
        "user": user,
        **given({"project": project, "subproject": subproject, "member": member}),
    }
