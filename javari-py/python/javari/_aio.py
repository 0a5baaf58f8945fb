# Written by `cargo catalog` from the catalogue; do not edit.
"""Every room with methods to be awaited."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from . import types
from ._caller import AsyncCaller, AsyncRoom, Blob, given
from ._javari import Stream


class AsyncSystem(AsyncRoom):
    """The room `system`."""

    __slots__ = ()

    async def version(
        self,
        *,
        blobs: Iterable[Blob] = (),
    ) -> types.Version:
        """Tells the library's version and the operator's notices."""
        reply: types.Version = await self._caller.call(
            "system.version",
            {},
            blobs=blobs,
        )
        return reply


class AsyncHostUsers(AsyncRoom):
    """What needs no user in the room `users`."""

    __slots__ = ()

    async def ensure(
        self,
        *,
        email: str,
        name: str | None = None,
        blobs: Iterable[Blob] = (),
    ) -> types.User:
        """Finds the user of an e-mail address, or makes one.

        Args:
            email: The address; upper and lower case are the same user.
            name: The name to show, kept from the first time it is given.
        """
        reply: types.User = await self._caller.call(
            "users.ensure",
            {
                "email": email,
                **given({"name": name}),
            },
            blobs=blobs,
        )
        return reply


class AsyncUsers(AsyncHostUsers):
    """The room `users`."""

    __slots__ = ()

    async def get(
        self,
        *,
        blobs: Iterable[Blob] = (),
    ) -> types.User:
        """Gets the scope's user."""
        reply: types.User = await self._caller.call(
            "users.get",
            {},
            blobs=blobs,
        )
        return reply


class AsyncPreferences(AsyncRoom):
    """The room `preferences`."""

    __slots__ = ()

    async def get(
        self,
        *,
        blobs: Iterable[Blob] = (),
    ) -> types.Preferences:
        """Gets what the user prefers."""
        reply: types.Preferences = await self._caller.call(
            "preferences.get",
            {},
            blobs=blobs,
        )
        return reply

    async def put(
        self,
        *,
        autonomy_level: types.Autonomy | None = None,
        default_ai_provider: str | None = None,
        max_tokens: int | None = None,
        notifications_enabled: bool | None = None,
        stream_responses: bool | None = None,
        temperature: float | None = None,
        theme: types.Theme | None = None,
        voice_enabled: bool | None = None,
        blobs: Iterable[Blob] = (),
    ) -> types.Preferences:
        """Replaces what the user prefers.

        Args:
            autonomy_level: How much Javari may do by itself.
            default_ai_provider: The provider to ask when a request names none.
            max_tokens: The longest reply, in tokens.
            notifications_enabled: Whether the user wants to be told of alerts.
            stream_responses: Whether replies are streamed.
            temperature: How freely a model chooses its words, 0 to 2.
            theme: The look of the host's pages; kept for the host.
            voice_enabled: Whether the host may speak; kept for the host.
        """
        reply: types.Preferences = await self._caller.call(
            "preferences.put",
            given(
                {
                    "autonomy_level": autonomy_level,
                    "default_ai_provider": default_ai_provider,
                    "max_tokens": max_tokens,
                    "notifications_enabled": notifications_enabled,
                    "stream_responses": stream_responses,
                    "temperature": temperature,
                    "theme": theme,
                    "voice_enabled": voice_enabled,
                }
            ),
            blobs=blobs,
        )
        return reply


class AsyncProjects(AsyncRoom):
    """The room `projects`."""

    __slots__ = ()

    async def ensure(
        self,
        *,
        name: str,
        description: str | None = None,
        repository_url: str | None = None,
        blobs: Iterable[Blob] = (),
    ) -> types.Project:
        """Finds the user's project of a name, or makes one.

        Args:
            name: The name, unique among its neighbours.
            description: What it is for.
            repository_url: The repository that monitors and repairs work on; of projects only.
        """
        reply: types.Project = await self._caller.call(
            "projects.ensure",
            {
                "name": name,
                **given({"description": description, "repository_url": repository_url}),
            },
            blobs=blobs,
        )
        return reply

    async def list(
        self,
        *,
        cursor: str | None = None,
        limit: int | None = None,
        blobs: Iterable[Blob] = (),
    ) -> types.ProjectPage:
        """Lists the user's projects.

        Args:
            cursor: Where to go on: `next` of the page before.
            limit: At most this many items, 1 to 500.
        """
        reply: types.ProjectPage = await self._caller.call(
            "projects.list",
            given({"cursor": cursor, "limit": limit}),
            blobs=blobs,
        )
        return reply


class AsyncSubprojects(AsyncRoom):
    """The room `subprojects`."""

    __slots__ = ()

    async def ensure(
        self,
        *,
        name: str,
        description: str | None = None,
        repository_url: str | None = None,
        blobs: Iterable[Blob] = (),
    ) -> types.Subproject:
        """Finds the project's subproject of a name, or makes one.

        Args:
            name: The name, unique among its neighbours.
            description: What it is for.
            repository_url: The repository that monitors and repairs work on; of projects only.
        """
        reply: types.Subproject = await self._caller.call(
            "subprojects.ensure",
            {
                "name": name,
                **given({"description": description, "repository_url": repository_url}),
            },
            blobs=blobs,
        )
        return reply


class AsyncVault(AsyncRoom):
    """The room `vault`."""

    __slots__ = ()

    async def put(
        self,
        *,
        name: str,
        value: str,
        allow_override: bool | None = None,
        description: str | None = None,
        expires_at: types.Timestamp | None = None,
        is_inherited: bool | None = None,
        type: types.CredentialType | None = None,
        blobs: Iterable[Blob] = (),
    ) -> types.CredentialView:
        """Stores a credential at the scope's level.

        Args:
            name: The name: a letter or `_`, then letters, digits, `_`, `.`, `-`, at most 128 in
                all.
            value: The value, at most 64 KiB. It is sealed at once and never repeated in an answer.
            allow_override: Whether levels inside this one may have their own of the same name.
            description: A note for people.
            expires_at: When it stops being given out.
            is_inherited: Whether levels inside this one see it.
            type: What it opens.
        """
        reply: types.CredentialView = await self._caller.call(
            "vault.put",
            {
                "name": name,
                "value": value,
                **given(
                    {
                        "allow_override": allow_override,
                        "description": description,
                        "expires_at": expires_at,
                        "is_inherited": is_inherited,
                        "type": type,
                    }
                ),
            },
            blobs=blobs,
        )
        return reply

    async def get(
        self,
        *,
        name: str,
        blobs: Iterable[Blob] = (),
    ) -> types.CredentialView:
        """Gets a credential of exactly the scope's level, without its value.

        Args:
            name: The name.
        """
        reply: types.CredentialView = await self._caller.call(
            "vault.get",
            {
                "name": name,
            },
            blobs=blobs,
        )
        return reply

    async def resolve(
        self,
        *,
        name: str,
        blobs: Iterable[Blob] = (),
    ) -> types.Resolution:
        """Tells which credential the scope sees under a name, and why.

        Args:
            name: The name.
        """
        reply: types.Resolution = await self._caller.call(
            "vault.resolve",
            {
                "name": name,
            },
            blobs=blobs,
        )
        return reply

    async def reveal(
        self,
        *,
        name: str,
        blobs: Iterable[Blob] = (),
    ) -> types.Revealed:
        """Returns a credential's value; audited before it is returned.

        Args:
            name: The name.
        """
        reply: types.Revealed = await self._caller.call(
            "vault.reveal",
            {
                "name": name,
            },
            blobs=blobs,
        )
        return reply

    async def list(
        self,
        *,
        cursor: str | None = None,
        limit: int | None = None,
        blobs: Iterable[Blob] = (),
    ) -> types.CredentialViewPage:
        """Lists the credentials of exactly the scope's level, without values.

        Args:
            cursor: Where to go on: `next` of the page before.
            limit: At most this many items, 1 to 500.
        """
        reply: types.CredentialViewPage = await self._caller.call(
            "vault.list",
            given({"cursor": cursor, "limit": limit}),
            blobs=blobs,
        )
        return reply

    async def delete(
        self,
        *,
        name: str,
        blobs: Iterable[Blob] = (),
    ) -> types.Done:
        """Deletes a credential of exactly the scope's level.

        Args:
            name: The name.
        """
        reply: types.Done = await self._caller.call(
            "vault.delete",
            {
                "name": name,
            },
            blobs=blobs,
        )
        return reply


class AsyncAudit(AsyncRoom):
    """The room `audit`."""

    __slots__ = ()

    async def list(
        self,
        *,
        cursor: str | None = None,
        limit: int | None = None,
        blobs: Iterable[Blob] = (),
    ) -> types.EntryViewPage:
        """Lists what was done, newest first.

        Args:
            cursor: Where to go on: `next` of the page before.
            limit: At most this many items, 1 to 500.
        """
        reply: types.EntryViewPage = await self._caller.call(
            "audit.list",
            given({"cursor": cursor, "limit": limit}),
            blobs=blobs,
        )
        return reply

    async def verify(
        self,
        *,
        blobs: Iterable[Blob] = (),
    ) -> types.Verification:
        """Checks that the audit trail is whole and unaltered."""
        reply: types.Verification = await self._caller.call(
            "audit.verify",
            {},
            blobs=blobs,
        )
        return reply


class AsyncProvider(AsyncRoom):
    """The room `provider`."""

    __slots__ = ()

    def chat(
        self,
        *,
        messages: Sequence[types.Message],
        max_tokens: int | None = None,
        model: str | None = None,
        passages: Sequence[types.Passage] | None = None,
        response_schema: Any | None = None,
        stop: Sequence[str] | None = None,
        temperature: float | None = None,
        timeout_ms: int | None = None,
        tool_choice: types.ToolChoice | None = None,
        tools: Sequence[types.ToolSpec] | None = None,
        blobs: Iterable[Blob] = (),
    ) -> Stream[types.ChatEvent]:
        """Chats with a model, event by event.

        Args:
            messages: What was said so far, oldest first.
            max_tokens: The most tokens to write.
            model: The model; the provider's own default when absent.
            passages: What was retrieved for the question: data to answer from, never instructions.
            response_schema: A JSON Schema that the answer must fit.
            stop: Texts at which the model stops.
            temperature: How freely to choose words, 0 to 2.
            timeout_ms: Milliseconds for the whole call; the client's own limit when absent.
            tool_choice: Whether it may, must or must not ask for a tool; it may when absent.
            tools: The tools the model may ask for.
        """
        reply: Stream[types.ChatEvent] = self._caller.stream(
            "provider.chat",
            {
                "messages": messages,
                **given(
                    {
                        "max_tokens": max_tokens,
                        "model": model,
                        "passages": passages,
                        "response_schema": response_schema,
                        "stop": stop,
                        "temperature": temperature,
                        "timeout_ms": timeout_ms,
                        "tool_choice": tool_choice,
                        "tools": tools,
                    }
                ),
            },
            blobs=blobs,
        )
        return reply

    async def complete(
        self,
        *,
        messages: Sequence[types.Message],
        max_tokens: int | None = None,
        model: str | None = None,
        passages: Sequence[types.Passage] | None = None,
        response_schema: Any | None = None,
        stop: Sequence[str] | None = None,
        temperature: float | None = None,
        timeout_ms: int | None = None,
        tool_choice: types.ToolChoice | None = None,
        tools: Sequence[types.ToolSpec] | None = None,
        blobs: Iterable[Blob] = (),
    ) -> types.ChatReply:
        """Chats with a model and returns the whole reply.

        Args:
            messages: What was said so far, oldest first.
            max_tokens: The most tokens to write.
            model: The model; the provider's own default when absent.
            passages: What was retrieved for the question: data to answer from, never instructions.
            response_schema: A JSON Schema that the answer must fit.
            stop: Texts at which the model stops.
            temperature: How freely to choose words, 0 to 2.
            timeout_ms: Milliseconds for the whole call; the client's own limit when absent.
            tool_choice: Whether it may, must or must not ask for a tool; it may when absent.
            tools: The tools the model may ask for.
        """
        reply: types.ChatReply = await self._caller.call(
            "provider.complete",
            {
                "messages": messages,
                **given(
                    {
                        "max_tokens": max_tokens,
                        "model": model,
                        "passages": passages,
                        "response_schema": response_schema,
                        "stop": stop,
                        "temperature": temperature,
                        "timeout_ms": timeout_ms,
                        "tool_choice": tool_choice,
                        "tools": tools,
                    }
                ),
            },
            blobs=blobs,
        )
        return reply

    async def models(
        self,
        *,
        blobs: Iterable[Blob] = (),
    ) -> types.Models:
        """Lists the models on offer."""
        reply: types.Models = await self._caller.call(
            "provider.models",
            {},
            blobs=blobs,
        )
        return reply


class AsyncHostRooms(AsyncCaller):
    """What needs no user."""

    __slots__ = ()

    @property
    def system(self) -> AsyncSystem:
        """The room `system`."""
        return AsyncSystem(self)

    @property
    def users(self) -> AsyncHostUsers:
        """The room `users`."""
        return AsyncHostUsers(self)


class AsyncScopeRooms(AsyncCaller):
    """Every room."""

    __slots__ = ()

    @property
    def system(self) -> AsyncSystem:
        """The room `system`."""
        return AsyncSystem(self)

    @property
    def users(self) -> AsyncUsers:
        """The room `users`."""
        return AsyncUsers(self)

    @property
    def preferences(self) -> AsyncPreferences:
        """The room `preferences`."""
        return AsyncPreferences(self)

    @property
    def projects(self) -> AsyncProjects:
        """The room `projects`."""
        return AsyncProjects(self)

    @property
    def subprojects(self) -> AsyncSubprojects:
        """The room `subprojects`."""
        return AsyncSubprojects(self)

    @property
    def vault(self) -> AsyncVault:
        """The room `vault`."""
        return AsyncVault(self)

    @property
    def audit(self) -> AsyncAudit:
        """The room `audit`."""
        return AsyncAudit(self)

    @property
    def provider(self) -> AsyncProvider:
        """The room `provider`."""
        return AsyncProvider(self)
