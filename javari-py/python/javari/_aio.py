# Written by `cargo catalog` from the catalogue; do not edit.
"""Every room with methods to be awaited."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
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

    async def backup(
        self,
        *,
        path: str,
        overwrite: bool | None = None,
        blobs: Iterable[Blob] = (),
    ) -> types.BackupReply:
        """Writes one state of the whole database into a file, while others go on.

        Args:
            path: The file to write, on the host's disk; its folder exists.
            overwrite: Whether a file of that name is replaced.
        """
        reply: types.BackupReply = await self._caller.call(
            "system.backup",
            {
                "path": path,
                **given({"overwrite": overwrite}),
            },
            blobs=blobs,
        )
        return reply

    async def restore(
        self,
        *,
        path: str,
        blobs: Iterable[Blob] = (),
    ) -> types.BackupSummary:
        """Puts a backup into a new database, of either engine, whole or not at all.

        Args:
            path: The file.
        """
        reply: types.BackupSummary = await self._caller.call(
            "system.restore",
            {
                "path": path,
            },
            blobs=blobs,
        )
        return reply

    async def verify_backup(
        self,
        *,
        path: str,
        blobs: Iterable[Blob] = (),
    ) -> types.BackupReport:
        """Says whether a file is a whole backup that this root key opens.

        Args:
            path: The file.
        """
        reply: types.BackupReport = await self._caller.call(
            "system.verify_backup",
            {
                "path": path,
            },
            blobs=blobs,
        )
        return reply

    async def health(
        self,
        *,
        blobs: Iterable[Blob] = (),
    ) -> types.Health:
        """Tells how the database is: size, connections, whether it takes writes."""
        reply: types.Health = await self._caller.call(
            "system.health",
            {},
            blobs=blobs,
        )
        return reply

    async def doctor(
        self,
        *,
        blobs: Iterable[Blob] = (),
    ) -> types.DoctorReport:
        """Looks at everything that can go wrong unseen and says what to do."""
        reply: types.DoctorReport = await self._caller.call(
            "system.doctor",
            {},
            blobs=blobs,
        )
        return reply

    async def vacuum(
        self,
        *,
        blobs: Iterable[Blob] = (),
    ) -> types.VacuumReply:
        """Gives back what deleted rows took."""
        reply: types.VacuumReply = await self._caller.call(
            "system.vacuum",
            {},
            blobs=blobs,
        )
        return reply

    async def adopt(
        self,
        *,
        database: str | None = None,
        drop_old: bool | None = None,
        dry_run: bool | None = None,
        emails: Mapping[str, str] | None = None,
        embedding_model: str | None = None,
        leave_behind: bool | None = None,
        ownerless_owner: types.UserId | None = None,
        reseal: bool | None = None,
        blobs: Iterable[Blob] = (),
    ) -> types.AdoptReport:
        """Makes another database, one of the seed, one of Javari in its place, or says what that
        would do.

        Args:
            database: The address of the old database, `postgres://…`. Nothing where the settings
                name it.
            drop_old: Whether the old tables are removed at the end, for good.
            dry_run: Whether everything is undone at the end, so that only the report remains. True
                unless it is said otherwise.
            emails: What becomes of users whose addresses are one but for their case: the id of the
                user that each becomes one with, or another address.
            embedding_model: The model that made the old embeddings.
            leave_behind: Whether rows that have no place in the new tables may stay in the old ones
                alone, and credentials that the root key does not open may all be such.
            ownerless_owner: The user who gets the rows that the seed gave to nobody: crawls,
                patterns, comparisons, agents, and repairs of no project.
            reseal: Whether credentials are sealed anew in Javari's own format.
        """
        reply: types.AdoptReport = await self._caller.call(
            "system.adopt",
            given(
                {
                    "database": database,
                    "drop_old": drop_old,
                    "dry_run": dry_run,
                    "emails": emails,
                    "embedding_model": embedding_model,
                    "leave_behind": leave_behind,
                    "ownerless_owner": ownerless_owner,
                    "reseal": reseal,
                }
            ),
            blobs=blobs,
        )
        return reply

    async def import_seed(
        self,
        *,
        path: str,
        source: types.AdoptRequest,
        blobs: Iterable[Blob] = (),
    ) -> types.ImportSeedReply:
        """Takes a database of the seed into this new one and leaves the old one as it is.

        Args:
            path: The file that the rows go through, in the form of a backup; it stays. Its folder
                exists.
            source: The old database and what is to be known for it. With `dry_run` nothing is
                written here; `reseal` and `drop_old` are for databases that are adopted in their
                place.
        """
        reply: types.ImportSeedReply = await self._caller.call(
            "system.import_seed",
            {
                "path": path,
                "source": source,
            },
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

    async def authenticate(
        self,
        *,
        headers: Sequence[types.Header] | None = None,
        token: str | None = None,
        blobs: Iterable[Blob] = (),
    ) -> types.Authentication:
        """Finds out whose request it is, by its headers or by a token.

        Args:
            headers: The request's headers; those that carry no identity are not looked at.
            token: The token or key itself, in place of headers.
        """
        reply: types.Authentication = await self._caller.call(
            "users.authenticate",
            given({"headers": headers, "token": token}),
            blobs=blobs,
        )
        return reply

    async def list(
        self,
        *,
        cursor: str | None = None,
        limit: int | None = None,
        blobs: Iterable[Blob] = (),
    ) -> types.UserPage:
        """Lists every user, the oldest first.

        Args:
            cursor: Where to go on: `next` of the page before.
            limit: At most this many items, 1 to 500.
        """
        reply: types.UserPage = await self._caller.call(
            "users.list",
            given({"cursor": cursor, "limit": limit}),
            blobs=blobs,
        )
        return reply

    async def erase(
        self,
        *,
        email: str,
        user: types.UserId,
        blobs: Iterable[Blob] = (),
    ) -> types.Erasure:
        """Erases a user with everything that is theirs, for good, and keeps a proof of it.

        Args:
            email: Their e-mail address, so that nobody is erased by a mistaken id.
            user: Whom.
        """
        reply: types.Erasure = await self._caller.call(
            "users.erase",
            {
                "email": email,
                "user": user,
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

    async def update(
        self,
        *,
        avatar_url: str | None = None,
        name: str | None = None,
        blobs: Iterable[Blob] = (),
    ) -> types.User:
        """Changes what is shown of the scope's user; what is left out stays.

        Args:
            avatar_url: Where a picture of them is: an `https` or `http` address.
            name: The name to show.
        """
        reply: types.User = await self._caller.call(
            "users.update",
            given({"avatar_url": avatar_url, "name": name}),
            blobs=blobs,
        )
        return reply

    async def export(
        self,
        *,
        folder: str,
        blobs: Iterable[Blob] = (),
    ) -> types.ExportReply:
        """Writes everything of the scope's user as readable files into a folder.

        Args:
            folder: The folder, on the host's disk: empty, or not there while the one around it is.
        """
        reply: types.ExportReply = await self._caller.call(
            "users.export",
            {
                "folder": folder,
            },
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

    async def get(
        self,
        *,
        blobs: Iterable[Blob] = (),
    ) -> types.Project:
        """Gets the scope's project, with how many subprojects it has."""
        reply: types.Project = await self._caller.call(
            "projects.get",
            {},
            blobs=blobs,
        )
        return reply

    async def update(
        self,
        *,
        description: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        name: str | None = None,
        repository_url: str | None = None,
        blobs: Iterable[Blob] = (),
    ) -> types.Project:
        """Changes the scope's project: name, description, repository; what is left out stays.

        Args:
            description: What it is for.
            metadata: Values that the host keeps beside it, in the place of all that were there.
            name: The name, unique among the owner's projects.
            repository_url: The repository that monitors and repairs work on.
        """
        reply: types.Project = await self._caller.call(
            "projects.update",
            given(
                {
                    "description": description,
                    "metadata": metadata,
                    "name": name,
                    "repository_url": repository_url,
                }
            ),
            blobs=blobs,
        )
        return reply

    async def delete(
        self,
        *,
        name: str,
        blobs: Iterable[Blob] = (),
    ) -> types.ProjectDeletion:
        """Deletes the scope's project with everything that is in it, keys included, for good.

        Args:
            name: Its name, so that nothing is deleted by a mistaken id.
        """
        reply: types.ProjectDeletion = await self._caller.call(
            "projects.delete",
            {
                "name": name,
            },
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

    async def list(
        self,
        *,
        cursor: str | None = None,
        limit: int | None = None,
        blobs: Iterable[Blob] = (),
    ) -> types.SubprojectPage:
        """Lists the subprojects of the scope's project.

        Args:
            cursor: Where to go on: `next` of the page before.
            limit: At most this many items, 1 to 500.
        """
        reply: types.SubprojectPage = await self._caller.call(
            "subprojects.list",
            given({"cursor": cursor, "limit": limit}),
            blobs=blobs,
        )
        return reply

    async def get(
        self,
        *,
        blobs: Iterable[Blob] = (),
    ) -> types.Subproject:
        """Gets the scope's subproject."""
        reply: types.Subproject = await self._caller.call(
            "subprojects.get",
            {},
            blobs=blobs,
        )
        return reply

    async def update(
        self,
        *,
        description: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        name: str | None = None,
        blobs: Iterable[Blob] = (),
    ) -> types.Subproject:
        """Changes the scope's subproject: name and description; what is left out stays.

        Args:
            description: What it is for.
            metadata: Values that the host keeps beside it, in the place of all that were there.
            name: The name, unique among the project's subprojects.
        """
        reply: types.Subproject = await self._caller.call(
            "subprojects.update",
            given({"description": description, "metadata": metadata, "name": name}),
            blobs=blobs,
        )
        return reply

    async def delete(
        self,
        *,
        name: str,
        blobs: Iterable[Blob] = (),
    ) -> types.ProjectDeletion:
        """Deletes the scope's subproject with everything that is in it, keys included, for good.

        Args:
            name: Its name, so that nothing is deleted by a mistaken id.
        """
        reply: types.ProjectDeletion = await self._caller.call(
            "subprojects.delete",
            {
                "name": name,
            },
            blobs=blobs,
        )
        return reply


class AsyncMembers(AsyncRoom):
    """The room `members`."""

    __slots__ = ()

    async def list(
        self,
        *,
        cursor: str | None = None,
        limit: int | None = None,
        blobs: Iterable[Blob] = (),
    ) -> types.MemberViewPage:
        """Lists the project's members and their roles, without the owner.

        Args:
            cursor: Where to go on: `next` of the page before.
            limit: At most this many items, 1 to 500.
        """
        reply: types.MemberViewPage = await self._caller.call(
            "members.list",
            given({"cursor": cursor, "limit": limit}),
            blobs=blobs,
        )
        return reply

    async def put(
        self,
        *,
        role: types.MemberRole,
        email: str | None = None,
        user: types.UserId | None = None,
        blobs: Iterable[Blob] = (),
    ) -> types.MemberView:
        """Makes a user a member of the project, or gives a member another role.

        Args:
            role: The role: `viewer`, `developer` or `admin`.
            email: Whom, by the e-mail address, in place of the id.
            user: Whom, by the id.
        """
        reply: types.MemberView = await self._caller.call(
            "members.put",
            {
                "role": role,
                **given({"email": email, "user": user}),
            },
            blobs=blobs,
        )
        return reply

    async def remove(
        self,
        *,
        user: types.UserId,
        blobs: Iterable[Blob] = (),
    ) -> types.Done:
        """Ends a membership, and the keys that the member made for the project.

        Args:
            user: Whose.
        """
        reply: types.Done = await self._caller.call(
            "members.remove",
            {
                "user": user,
            },
            blobs=blobs,
        )
        return reply

    async def leave(
        self,
        *,
        blobs: Iterable[Blob] = (),
    ) -> types.Done:
        """Ends the membership of the member who acts."""
        reply: types.Done = await self._caller.call(
            "members.leave",
            {},
            blobs=blobs,
        )
        return reply

    async def projects(
        self,
        *,
        cursor: str | None = None,
        limit: int | None = None,
        blobs: Iterable[Blob] = (),
    ) -> types.MembershipViewPage:
        """Lists the projects of others that the user is a member of.

        Args:
            cursor: Where to go on: `next` of the page before.
            limit: At most this many items, 1 to 500.
        """
        reply: types.MembershipViewPage = await self._caller.call(
            "members.projects",
            given({"cursor": cursor, "limit": limit}),
            blobs=blobs,
        )
        return reply


class AsyncHostApiKeys(AsyncRoom):
    """What needs no user in the room `api_keys`."""

    __slots__ = ()

    async def authenticate(
        self,
        *,
        key: str,
        blobs: Iterable[Blob] = (),
    ) -> types.Authentication:
        """Finds out whose key it is.

        Args:
            key: The key itself.
        """
        reply: types.Authentication = await self._caller.call(
            "api_keys.authenticate",
            {
                "key": key,
            },
            blobs=blobs,
        )
        return reply


class AsyncApiKeys(AsyncHostApiKeys):
    """The room `api_keys`."""

    __slots__ = ()

    async def create(
        self,
        *,
        name: str,
        operations: Sequence[str],
        expires_at: types.Timestamp | None = None,
        blobs: Iterable[Blob] = (),
    ) -> types.NewApiKey:
        """Makes a key that calls on the user's behalf; it is shown this once.

        Args:
            name: A name for people, 1 to 200 characters.
            operations: Which operations it may call: `knowledge.search`, `vault.*` or `*`. No key
                manages keys.
            expires_at: When it stops working; never when left out.
        """
        reply: types.NewApiKey = await self._caller.call(
            "api_keys.create",
            {
                "name": name,
                "operations": operations,
                **given({"expires_at": expires_at}),
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
    ) -> types.ApiKeyViewPage:
        """Lists the user's keys, without the keys.

        Args:
            cursor: Where to go on: `next` of the page before.
            limit: At most this many items, 1 to 500.
        """
        reply: types.ApiKeyViewPage = await self._caller.call(
            "api_keys.list",
            given({"cursor": cursor, "limit": limit}),
            blobs=blobs,
        )
        return reply

    async def revoke(
        self,
        *,
        id: types.ApiKeyId,
        blobs: Iterable[Blob] = (),
    ) -> types.ApiKeyView:
        """Ends a key at once and for ever.

        Args:
            id: Its id.
        """
        reply: types.ApiKeyView = await self._caller.call(
            "api_keys.revoke",
            {
                "id": id,
            },
            blobs=blobs,
        )
        return reply


class AsyncApi(AsyncRoom):
    """The room `api`."""

    __slots__ = ()

    async def respond(
        self,
        *,
        operation: str,
        allow: Sequence[str] | None = None,
        headers: Sequence[types.Header] | None = None,
        project: types.ProjectId | None = None,
        request: Any | None = None,
        subproject: types.SubprojectId | None = None,
        token: str | None = None,
        blobs: Iterable[Blob] = (),
    ) -> types.HttpAnswer:
        """Authenticates a request of somebody else, checks what it may call, runs it and answers
        for HTTP.

        Args:
            operation: The operation that is asked for.
            allow: What this server lets its clients reach, as patterns such as `knowledge.*`;
                everything that the sender may call when left out.
            headers: The request's headers; those that carry no identity are not looked at.
            project: The project to act in, one of the sender's or one that they are a member of.
            request: The operation's own request.
            subproject: The subproject to act in, one of the project's.
            token: The token or key itself, in place of headers.
        """
        reply: types.HttpAnswer = await self._caller.call(
            "api.respond",
            {
                "operation": operation,
                **given(
                    {
                        "allow": allow,
                        "headers": headers,
                        "project": project,
                        "request": request,
                        "subproject": subproject,
                        "token": token,
                    }
                ),
            },
            blobs=blobs,
        )
        return reply

    def events(
        self,
        *,
        operation: str,
        allow: Sequence[str] | None = None,
        headers: Sequence[types.Header] | None = None,
        project: types.ProjectId | None = None,
        request: Any | None = None,
        subproject: types.SubprojectId | None = None,
        token: str | None = None,
        blobs: Iterable[Blob] = (),
    ) -> Stream[types.AnyValue]:
        """Authenticates a request of somebody else, checks what it may call and answers event by
        event.

        Args:
            operation: The operation that is asked for.
            allow: What this server lets its clients reach, as patterns such as `knowledge.*`;
                everything that the sender may call when left out.
            headers: The request's headers; those that carry no identity are not looked at.
            project: The project to act in, one of the sender's or one that they are a member of.
            request: The operation's own request.
            subproject: The subproject to act in, one of the project's.
            token: The token or key itself, in place of headers.
        """
        reply: Stream[types.AnyValue] = self._caller.stream(
            "api.events",
            {
                "operation": operation,
                **given(
                    {
                        "allow": allow,
                        "headers": headers,
                        "project": project,
                        "request": request,
                        "subproject": subproject,
                        "token": token,
                    }
                ),
            },
            blobs=blobs,
        )
        return reply


class AsyncHostVault(AsyncRoom):
    """What needs no user in the room `vault`."""

    __slots__ = ()

    async def make_key(
        self,
        *,
        blobs: Iterable[Blob] = (),
    ) -> types.NewKey:
        """Makes a new root key and tells its id; nothing is stored."""
        reply: types.NewKey = await self._caller.call(
            "vault.make_key",
            {},
            blobs=blobs,
        )
        return reply

    async def recovery_copy(
        self,
        *,
        passphrase: str,
        key: str | None = None,
        blobs: Iterable[Blob] = (),
    ) -> types.RecoveryCopy:
        """Makes a copy of the root key that only a passphrase opens, to be printed and kept.

        Args:
            passphrase: What opens the copy: 12 characters at least, 1024 bytes at most. Six words
                or more drawn by chance are a good one.
            key: The root key to copy; the one this vault is sealed with when left out.
        """
        reply: types.RecoveryCopy = await self._caller.call(
            "vault.recovery_copy",
            {
                "passphrase": passphrase,
                **given({"key": key}),
            },
            blobs=blobs,
        )
        return reply

    async def open_recovery_copy(
        self,
        *,
        copy: str,
        passphrase: str,
        blobs: Iterable[Blob] = (),
    ) -> types.NewKey:
        """Opens a recovery copy with its passphrase and returns the root key.

        Args:
            copy: The copy; white space in it does not count.
            passphrase: What it was made with.
        """
        reply: types.NewKey = await self._caller.call(
            "vault.open_recovery_copy",
            {
                "copy": copy,
                "passphrase": passphrase,
            },
            blobs=blobs,
        )
        return reply

    async def rotate_root_key(
        self,
        *,
        give_up_unfinished: bool | None = None,
        key: str | None = None,
        key_file: str | None = None,
        passphrase: str | None = None,
        blobs: Iterable[Blob] = (),
    ) -> types.RootKeyRotation:
        """Makes another root key the one that everything is sealed with, while others read and
        write.

        Args:
            give_up_unfinished: Whether a rotation to another key that has not ended is given up for
                this one.
            key: The new root key: 44 characters of base64, 64 hexadecimal digits, or a recovery
                copy.
            key_file: A file that holds it, in the place of `key`. The present key's own file is
                left as it is then.
            passphrase: What opens the new key where it is a recovery copy, and what one that is
                made here is written under.
        """
        reply: types.RootKeyRotation = await self._caller.call(
            "vault.rotate_root_key",
            given(
                {
                    "give_up_unfinished": give_up_unfinished,
                    "key": key,
                    "key_file": key_file,
                    "passphrase": passphrase,
                }
            ),
            blobs=blobs,
        )
        return reply

    async def reseal(
        self,
        *,
        raise_minimum: bool | None = None,
        seconds: int | None = None,
        blobs: Iterable[Blob] = (),
    ) -> types.ResealReport:
        """Seals what is in the seed's format in the present one, and refuses that format where
        asked to.

        Args:
            raise_minimum: Whether the seed's format is refused from then on. It is once nothing is
                left in it.
            seconds: How many seconds it may take; a later call goes on.
        """
        reply: types.ResealReport = await self._caller.call(
            "vault.reseal",
            given({"raise_minimum": raise_minimum, "seconds": seconds}),
            blobs=blobs,
        )
        return reply

    async def rotate_due(
        self,
        *,
        budget: int | None = None,
        seconds: int | None = None,
        blobs: Iterable[Blob] = (),
    ) -> types.RotatedDue:
        """Carries out the rotations that are due, of every user; for a cron.

        Args:
            budget: At most so many credentials, 1 to 500.
            seconds: No further one is begun after so many seconds, 1 to 600.
        """
        reply: types.RotatedDue = await self._caller.call(
            "vault.rotate_due",
            given({"budget": budget, "seconds": seconds}),
            blobs=blobs,
        )
        return reply


class AsyncVault(AsyncHostVault):
    """The room `vault`."""

    __slots__ = ()

    async def rotate_data_key(
        self,
        *,
        seconds: int | None = None,
        blobs: Iterable[Blob] = (),
    ) -> types.DataKeyRotation:
        """Gives exactly the scope's level another data key and seals what is there with it.

        Args:
            seconds: How many seconds it may take to seal what is there anew; a later call goes on.
        """
        reply: types.DataKeyRotation = await self._caller.call(
            "vault.rotate_data_key",
            given({"seconds": seconds}),
            blobs=blobs,
        )
        return reply

    async def put(
        self,
        *,
        name: str,
        value: str,
        allow_override: bool | None = None,
        description: str | None = None,
        expected_version: int | None = None,
        expires_at: types.Timestamp | None = None,
        hosts: Sequence[str] | None = None,
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
            expected_version: Compare and set: the version that must be there now, 0 for none.
            expires_at: When it stops being given out.
            hosts: Where `{{cred:NAME}}` may send it, at most 16: `api.example.com`, with a port or
                a scheme where it is not `https`. Nowhere when there is none.
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
                        "expected_version": expected_version,
                        "expires_at": expires_at,
                        "hosts": hosts,
                        "is_inherited": is_inherited,
                        "type": type,
                    }
                ),
            },
            blobs=blobs,
        )
        return reply

    async def import_(
        self,
        *,
        text: str,
        dry_run: bool | None = None,
        format: types.ImportFormat | None = None,
        on_existing: types.OnExisting | None = None,
        seed_key: str | None = None,
        type: types.CredentialType | None = None,
        blobs: Iterable[Blob] = (),
    ) -> types.ImportReport:
        """Stores many credentials at the scope's level at once: a .env text, JSON or rows of the
        seed.

        Args:
            text: The text that holds them, at most 1 MiB and 1,000 credentials.
            dry_run: Whether to say what would be done and do nothing.
            format: Its form.
            on_existing: What becomes of names that this level has already.
            seed_key: The root key that sealed the seed's rows, where it is not this vault's own.
            type: What all of them open; guessed from each name and value when left out.
        """
        reply: types.ImportReport = await self._caller.call(
            "vault.import",
            {
                "text": text,
                **given(
                    {
                        "dry_run": dry_run,
                        "format": format,
                        "on_existing": on_existing,
                        "seed_key": seed_key,
                        "type": type,
                    }
                ),
            },
            blobs=blobs,
        )
        return reply

    async def bind(
        self,
        *,
        hosts: Sequence[str],
        name: str,
        expected_version: int | None = None,
        blobs: Iterable[Blob] = (),
    ) -> types.CredentialView:
        """Says to which hosts a credential may be sent where a header names it.

        Args:
            hosts: The hosts that `{{cred:NAME}}` may send it to, at most 16, in the place of those
                before: `api.example.com`, with a port or a scheme where it is not `https`. None
                ends it.
            name: The credential's name.
            expected_version: Compare and set: the version that must be there now.
        """
        reply: types.CredentialView = await self._caller.call(
            "vault.bind",
            {
                "hosts": hosts,
                "name": name,
                **given({"expected_version": expected_version}),
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

    async def rotate(
        self,
        *,
        name: str,
        value: str,
        expected_version: int | None = None,
        expires_at: types.Timestamp | None = None,
        grace_seconds: int | None = None,
        rotation_type: types.RotationType | None = None,
        blobs: Iterable[Blob] = (),
    ) -> types.Rotation:
        """Gives a credential a new value; the one before it is accepted for its time of grace.

        Args:
            name: The credential's name.
            value: The new value, at most 64 KiB.
            expected_version: Compare and set: the version that must be active now.
            expires_at: When the new value stops being given out; never, unless said.
            grace_seconds: For how many seconds the value before it is accepted too, at most 366
                days. With 0 every earlier value stops at once.
            rotation_type: Why.
        """
        reply: types.Rotation = await self._caller.call(
            "vault.rotate",
            {
                "name": name,
                "value": value,
                **given(
                    {
                        "expected_version": expected_version,
                        "expires_at": expires_at,
                        "grace_seconds": grace_seconds,
                        "rotation_type": rotation_type,
                    }
                ),
            },
            blobs=blobs,
        )
        return reply

    async def rollback(
        self,
        *,
        name: str,
        version: int,
        allow_revoked: bool | None = None,
        expected_version: int | None = None,
        grace_seconds: int | None = None,
        blobs: Iterable[Blob] = (),
    ) -> types.Rotation:
        """Makes the value of an earlier version the newest one.

        Args:
            name: The credential's name.
            version: The version whose value is wanted again.
            allow_revoked: Whether the value may be one that was revoked.
            expected_version: Compare and set: the version that must be active now.
            grace_seconds: For how many seconds the value that it replaces is accepted too, at most
                366 days.
        """
        reply: types.Rotation = await self._caller.call(
            "vault.rollback",
            {
                "name": name,
                "version": version,
                **given(
                    {
                        "allow_revoked": allow_revoked,
                        "expected_version": expected_version,
                        "grace_seconds": grace_seconds,
                    }
                ),
            },
            blobs=blobs,
        )
        return reply

    async def versions(
        self,
        *,
        name: str,
        page: types.PageRequest | None = None,
        blobs: Iterable[Blob] = (),
    ) -> types.VersionViewPage:
        """Lists the values a credential has had, newest first, without the values.

        Args:
            name: The credential's name.
            page: Which part of the list.
        """
        reply: types.VersionViewPage = await self._caller.call(
            "vault.versions",
            {
                "name": name,
                **given({"page": page}),
            },
            blobs=blobs,
        )
        return reply

    async def accepted(
        self,
        *,
        name: str,
        blobs: Iterable[Blob] = (),
    ) -> types.Accepted:
        """Returns every value that is accepted under a name now; audited before they are returned.

        Args:
            name: The name.
        """
        reply: types.Accepted = await self._caller.call(
            "vault.accepted",
            {
                "name": name,
            },
            blobs=blobs,
        )
        return reply

    async def verify_webhook(
        self,
        *,
        headers: Mapping[str, str],
        name: str,
        scheme: types.WebhookScheme,
        body: str | None = None,
        body_base64: str | None = None,
        tolerance_seconds: int | None = None,
        blobs: Iterable[Blob] = (),
    ) -> types.VerifiedWebhook:
        """Says whether a request that came in is signed with a credential's value, without giving
        it away.

        Args:
            headers: The headers of the request by name, in any case; others than the scheme's are
                not looked at.
            name: The name of the credential that holds the secret; inherited ones count.
            scheme: How the service signs.
            body: The body, exactly as it came: not parsed and written again. At most 25 MiB.
            body_base64: The body as base64, for one that is not UTF-8. Instead of `body`.
            tolerance_seconds: How old or how far ahead of the clock the request may be where the
                scheme tells its time, 1 to 3600 seconds.
        """
        reply: types.VerifiedWebhook = await self._caller.call(
            "vault.verify_webhook",
            {
                "headers": headers,
                "name": name,
                "scheme": scheme,
                **given(
                    {
                        "body": body,
                        "body_base64": body_base64,
                        "tolerance_seconds": tolerance_seconds,
                    }
                ),
            },
            blobs=blobs,
        )
        return reply

    async def access_token(
        self,
        *,
        name: str,
        lasting_seconds: int | None = None,
        blobs: Iterable[Blob] = (),
    ) -> types.AccessToken:
        """Returns an OAuth client's access token, refreshed where it ends too soon; audited before
        it is returned.

        Args:
            name: The name of the credential that is the OAuth client; inherited ones count.
            lasting_seconds: For how many seconds it has to be good still, at most 3600.
        """
        reply: types.AccessToken = await self._caller.call(
            "vault.access_token",
            {
                "name": name,
                **given({"lasting_seconds": lasting_seconds}),
            },
            blobs=blobs,
        )
        return reply

    async def revoke(
        self,
        *,
        name: str,
        version: int,
        blobs: Iterable[Blob] = (),
    ) -> types.VersionView:
        """Ends the time of grace of a version at once.

        Args:
            name: The credential's name.
            version: Its version.
        """
        reply: types.VersionView = await self._caller.call(
            "vault.revoke",
            {
                "name": name,
                "version": version,
            },
            blobs=blobs,
        )
        return reply

    async def test(
        self,
        *,
        name: str,
        header: str | None = None,
        project_ref: str | None = None,
        service: types.Service | None = None,
        url: str | None = None,
        blobs: Iterable[Blob] = (),
    ) -> types.TestReport:
        """Asks a credential's own service whether it works, and keeps the outcome.

        Args:
            name: The credential's name.
            header: Service `http`: the header that holds the credential; `Authorization: Bearer`
                when left out.
            project_ref: Service `supabase`: the project's reference, 20 letters and digits, where
                the key does not hold it.
            service: Whose credential it is; told from its type and the mark its value begins with
                when left out.
            url: Service `http`: the https address that answers 2xx to a credential that works.
        """
        reply: types.TestReport = await self._caller.call(
            "vault.test",
            {
                "name": name,
                **given(
                    {
                        "header": header,
                        "project_ref": project_ref,
                        "service": service,
                        "url": url,
                    }
                ),
            },
            blobs=blobs,
        )
        return reply

    async def auto_rotate(
        self,
        *,
        name: str,
        expected_version: int | None = None,
        grace_seconds: int | None = None,
        handler: str | None = None,
        blobs: Iterable[Blob] = (),
    ) -> types.AutoRotation:
        """Gives a credential a new value through a rotation handler, once that is seen to work.

        Args:
            name: The credential's name.
            expected_version: Compare and set: the version that must be active now.
            grace_seconds: For how many seconds the value before it is accepted too, at most 366
                days.
            handler: Who makes the value: `random`, or a handler that the host application
                registered. A webhook secret has `random` when it is left out.
        """
        reply: types.AutoRotation = await self._caller.call(
            "vault.auto_rotate",
            {
                "name": name,
                **given(
                    {
                        "expected_version": expected_version,
                        "grace_seconds": grace_seconds,
                        "handler": handler,
                    }
                ),
            },
            blobs=blobs,
        )
        return reply

    async def schedule(
        self,
        *,
        name: str,
        grace_seconds: int | None = None,
        handler: str | None = None,
        interval_days: int | None = None,
        next_at: types.Timestamp | None = None,
        blobs: Iterable[Blob] = (),
    ) -> types.CredentialView:
        """Says every how many days a credential is rotated and by which handler, or that it is not.

        Args:
            name: The credential's name.
            grace_seconds: For how many seconds a value that was replaced is accepted too.
            handler: Who makes the value, as in `vault.auto_rotate`. Where nobody can, `vault.due`
                reminds of it.
            interval_days: Every how many days; never again when left out.
            next_at: When first; after one interval when left out.
        """
        reply: types.CredentialView = await self._caller.call(
            "vault.schedule",
            {
                "name": name,
                **given(
                    {
                        "grace_seconds": grace_seconds,
                        "handler": handler,
                        "interval_days": interval_days,
                        "next_at": next_at,
                    }
                ),
            },
            blobs=blobs,
        )
        return reply

    async def due(
        self,
        *,
        limit: int | None = None,
        within_days: int | None = None,
        blobs: Iterable[Blob] = (),
    ) -> types.Due:
        """Lists what expires or has to be rotated soon, and how old the root key is.

        Args:
            limit: At most so many, 1 to 500.
            within_days: How many days ahead, at most 366.
        """
        reply: types.Due = await self._caller.call(
            "vault.due",
            given({"limit": limit, "within_days": within_days}),
            blobs=blobs,
        )
        return reply

    async def snapshot(
        self,
        *,
        conversation_id: str,
        expires_at: types.Timestamp | None = None,
        with_values: bool | None = None,
        blobs: Iterable[Blob] = (),
    ) -> types.SnapshotView:
        """Keeps which versions the scope sees now, for a conversation; never a value in clear.

        Args:
            conversation_id: The conversation it is for; it can be restored for no other.
            expires_at: When it ends, at most 366 days from now; after 30 days when left out.
            with_values: Whether to keep a sealed copy of each value too, for credentials that are
                deleted meanwhile.
        """
        reply: types.SnapshotView = await self._caller.call(
            "vault.snapshot",
            {
                "conversation_id": conversation_id,
                **given({"expires_at": expires_at, "with_values": with_values}),
            },
            blobs=blobs,
        )
        return reply

    async def restore_snapshot(
        self,
        *,
        conversation_id: str,
        id: types.SnapshotId,
        allow_revoked: bool | None = None,
        grace_seconds: int | None = None,
        blobs: Iterable[Blob] = (),
    ) -> types.RestoreReport:
        """Makes the versions of a snapshot active again, of credentials at exactly the scope's
        level.

        Args:
            conversation_id: The conversation it was made for.
            id: The snapshot.
            allow_revoked: Whether values that were revoked since may become active again.
            grace_seconds: For how many seconds the values that are replaced are accepted too, at
                most 366 days.
        """
        reply: types.RestoreReport = await self._caller.call(
            "vault.restore_snapshot",
            {
                "conversation_id": conversation_id,
                "id": id,
                **given({"allow_revoked": allow_revoked, "grace_seconds": grace_seconds}),
            },
            blobs=blobs,
        )
        return reply

    async def snapshots(
        self,
        *,
        conversation_id: str | None = None,
        page: types.PageRequest | None = None,
        blobs: Iterable[Blob] = (),
    ) -> types.SnapshotViewPage:
        """Lists the snapshots of exactly the scope's level, newest first.

        Args:
            conversation_id: Those of one conversation alone.
            page: Which part of the list.
        """
        reply: types.SnapshotViewPage = await self._caller.call(
            "vault.snapshots",
            given({"conversation_id": conversation_id, "page": page}),
            blobs=blobs,
        )
        return reply

    async def delete_snapshot(
        self,
        *,
        id: types.SnapshotId,
        blobs: Iterable[Blob] = (),
    ) -> types.Done:
        """Deletes a snapshot of exactly the scope's level.

        Args:
            id: The snapshot.
        """
        reply: types.Done = await self._caller.call(
            "vault.delete_snapshot",
            {
                "id": id,
            },
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

    async def record(
        self,
        *,
        action: str,
        description: str,
        confidence: float | None = None,
        details: Mapping[str, Any] | None = None,
        files: Sequence[types.RecordedFile] | None = None,
        outcome: types.Outcome | None = None,
        reasoning: str | None = None,
        blobs: Iterable[Blob] = (),
    ) -> types.EntryView:
        """Writes an entry of the app's own into the audit trail.

        Args:
            action: What was done: `app.`, then words of small letters, digits and `_` with dots
                between them, at most 100 characters. `app.` is the apps' alone; every other action
                is Javari's own.
            description: The same for a person, at most 1,000 characters.
            confidence: How sure who did it was, 0 to 1.
            details: Names, ids and counts: at most 16 KiB as JSON, 16 levels deep.
            files: Which files it changed, at most 200: paths, or objects with `path` and `change`.
            outcome: How it ended.
            reasoning: Why, at most 8,000 characters.
        """
        reply: types.EntryView = await self._caller.call(
            "audit.record",
            {
                "action": action,
                "description": description,
                **given(
                    {
                        "confidence": confidence,
                        "details": details,
                        "files": files,
                        "outcome": outcome,
                        "reasoning": reasoning,
                    }
                ),
            },
            blobs=blobs,
        )
        return reply

    async def list(
        self,
        *,
        action: str | None = None,
        cursor: str | None = None,
        limit: int | None = None,
        outcome: types.Outcome | None = None,
        project: types.ProjectId | None = None,
        since: types.Timestamp | None = None,
        until: types.Timestamp | None = None,
        user: types.UserId | None = None,
        blobs: Iterable[Blob] = (),
    ) -> types.EntryViewPage:
        """Lists what was done, newest first.

        Args:
            action: What was done: an action such as `vault.put`, or with a dot at its end all that
                begins so, such as `vault.` or `app.`.
            cursor: Where to go on: `next` of the page before, with the same filters.
            limit: At most this many items, 1 to 500.
            outcome: How it ended.
            project: In which project. A scope that is narrowed to another one has none of it.
            since: Not before this.
            until: Before this.
            user: Who did it: the owner of the trail, or a member of the project.
        """
        reply: types.EntryViewPage = await self._caller.call(
            "audit.list",
            given(
                {
                    "action": action,
                    "cursor": cursor,
                    "limit": limit,
                    "outcome": outcome,
                    "project": project,
                    "since": since,
                    "until": until,
                    "user": user,
                }
            ),
            blobs=blobs,
        )
        return reply

    async def export(
        self,
        *,
        path: str,
        since: types.Timestamp | None = None,
        until: types.Timestamp | None = None,
        blobs: Iterable[Blob] = (),
    ) -> types.TrailExport:
        """Writes the audit trail into a file as JSON Lines, with all that verifies it.

        Args:
            path: The file to write, on the host's disk: it is not there yet, and its folder is.
            since: Only entries that are not from before this.
            until: Only entries from before this.
        """
        reply: types.TrailExport = await self._caller.call(
            "audit.export",
            {
                "path": path,
                **given({"since": since, "until": until}),
            },
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
        cache_seconds: int | None = None,
        conversation: str | None = None,
        effort: types.Effort | None = None,
        fallback: Sequence[str] | None = None,
        first_token_timeout_ms: int | None = None,
        idle_timeout_ms: int | None = None,
        max_tokens: int | None = None,
        model: str | None = None,
        options: Mapping[str, dict[str, Any]] | None = None,
        passages: Sequence[types.Passage] | None = None,
        prefer: types.Preference | None = None,
        response_schema: Any | None = None,
        restart: bool | None = None,
        seed: int | None = None,
        stop: Sequence[str] | None = None,
        task: str | None = None,
        temperature: float | None = None,
        tier: types.ServiceTier | None = None,
        timeout_ms: int | None = None,
        tool_choice: types.ToolChoice | None = None,
        tools: Sequence[types.ToolSpec] | None = None,
        top_p: float | None = None,
        blobs: Iterable[Blob] = (),
    ) -> Stream[types.ChatEvent]:
        """Chats with a model, event by event.

        Args:
            messages: What was said so far, oldest first.
            cache_seconds: Gives an answer again that was given to exactly this request in exactly
                this scope, if it is at most so many seconds old, and keeps this one for the next.
                Nothing is given again when absent.
            conversation: Names the conversation: its turns go with the same of several keys, whose
                account's cache knows its beginning.
            effort: How long to think before answering; the model's own way when absent.
            fallback: Models to ask when the first one cannot answer, each `provider/model`, in this
                order; those of the route when there is none.
            first_token_timeout_ms: Milliseconds from sending the request to the first thing the
                model says.
            idle_timeout_ms: Milliseconds without a byte after which a stream is given up.
            max_tokens: The most tokens to write.
            model: The model, `provider/model` to choose the provider as well; when absent, the one
                that the route of `task` leads to.
            options: Fields that the wire of one provider has and Javari has no word for, by the
                provider's name.
            passages: What was retrieved for the question: data to answer from, never instructions.
            prefer: Which of the route's models goes first; the one that is listed first when
                absent.
            response_schema: A JSON Schema that the answer must fit.
            restart: Whether another answer may be begun after a part of one was delivered: the part
                is made void by a `restarted` event. When false, an answer that breaks off is an
                error.
            seed: A number that makes equal requests answer alike, as well as the model can.
            stop: Texts at which the model stops.
            task: What the chat is for, `chat`, `code`, `research`, `creative` or a task of the
                host's own: the route that chooses the model where none is named.
            temperature: How freely to choose words, 0 to 2.
            tier: The tier to be served at; the account's own when absent.
            timeout_ms: Milliseconds for the whole call; the client's own limit when absent.
            tool_choice: Whether it may, must or must not ask for a tool; it may when absent.
            tools: The tools the model may ask for.
            top_p: From how many of the likeliest words to choose, as a share of 1.
        """
        reply: Stream[types.ChatEvent] = self._caller.stream(
            "provider.chat",
            {
                "messages": messages,
                **given(
                    {
                        "cache_seconds": cache_seconds,
                        "conversation": conversation,
                        "effort": effort,
                        "fallback": fallback,
                        "first_token_timeout_ms": first_token_timeout_ms,
                        "idle_timeout_ms": idle_timeout_ms,
                        "max_tokens": max_tokens,
                        "model": model,
                        "options": options,
                        "passages": passages,
                        "prefer": prefer,
                        "response_schema": response_schema,
                        "restart": restart,
                        "seed": seed,
                        "stop": stop,
                        "task": task,
                        "temperature": temperature,
                        "tier": tier,
                        "timeout_ms": timeout_ms,
                        "tool_choice": tool_choice,
                        "tools": tools,
                        "top_p": top_p,
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
        cache_seconds: int | None = None,
        conversation: str | None = None,
        effort: types.Effort | None = None,
        fallback: Sequence[str] | None = None,
        first_token_timeout_ms: int | None = None,
        idle_timeout_ms: int | None = None,
        max_tokens: int | None = None,
        model: str | None = None,
        options: Mapping[str, dict[str, Any]] | None = None,
        passages: Sequence[types.Passage] | None = None,
        prefer: types.Preference | None = None,
        response_schema: Any | None = None,
        restart: bool | None = None,
        seed: int | None = None,
        stop: Sequence[str] | None = None,
        task: str | None = None,
        temperature: float | None = None,
        tier: types.ServiceTier | None = None,
        timeout_ms: int | None = None,
        tool_choice: types.ToolChoice | None = None,
        tools: Sequence[types.ToolSpec] | None = None,
        top_p: float | None = None,
        blobs: Iterable[Blob] = (),
    ) -> types.ChatReply:
        """Chats with a model and returns the whole reply.

        Args:
            messages: What was said so far, oldest first.
            cache_seconds: Gives an answer again that was given to exactly this request in exactly
                this scope, if it is at most so many seconds old, and keeps this one for the next.
                Nothing is given again when absent.
            conversation: Names the conversation: its turns go with the same of several keys, whose
                account's cache knows its beginning.
            effort: How long to think before answering; the model's own way when absent.
            fallback: Models to ask when the first one cannot answer, each `provider/model`, in this
                order; those of the route when there is none.
            first_token_timeout_ms: Milliseconds from sending the request to the first thing the
                model says.
            idle_timeout_ms: Milliseconds without a byte after which a stream is given up.
            max_tokens: The most tokens to write.
            model: The model, `provider/model` to choose the provider as well; when absent, the one
                that the route of `task` leads to.
            options: Fields that the wire of one provider has and Javari has no word for, by the
                provider's name.
            passages: What was retrieved for the question: data to answer from, never instructions.
            prefer: Which of the route's models goes first; the one that is listed first when
                absent.
            response_schema: A JSON Schema that the answer must fit.
            restart: Whether another answer may be begun after a part of one was delivered: the part
                is made void by a `restarted` event. When false, an answer that breaks off is an
                error.
            seed: A number that makes equal requests answer alike, as well as the model can.
            stop: Texts at which the model stops.
            task: What the chat is for, `chat`, `code`, `research`, `creative` or a task of the
                host's own: the route that chooses the model where none is named.
            temperature: How freely to choose words, 0 to 2.
            tier: The tier to be served at; the account's own when absent.
            timeout_ms: Milliseconds for the whole call; the client's own limit when absent.
            tool_choice: Whether it may, must or must not ask for a tool; it may when absent.
            tools: The tools the model may ask for.
            top_p: From how many of the likeliest words to choose, as a share of 1.
        """
        reply: types.ChatReply = await self._caller.call(
            "provider.complete",
            {
                "messages": messages,
                **given(
                    {
                        "cache_seconds": cache_seconds,
                        "conversation": conversation,
                        "effort": effort,
                        "fallback": fallback,
                        "first_token_timeout_ms": first_token_timeout_ms,
                        "idle_timeout_ms": idle_timeout_ms,
                        "max_tokens": max_tokens,
                        "model": model,
                        "options": options,
                        "passages": passages,
                        "prefer": prefer,
                        "response_schema": response_schema,
                        "restart": restart,
                        "seed": seed,
                        "stop": stop,
                        "task": task,
                        "temperature": temperature,
                        "tier": tier,
                        "timeout_ms": timeout_ms,
                        "tool_choice": tool_choice,
                        "tools": tools,
                        "top_p": top_p,
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


class AsyncRoute(AsyncRoom):
    """The room `route`."""

    __slots__ = ()

    async def explain(
        self,
        *,
        messages: Sequence[types.Message],
        cache_seconds: int | None = None,
        conversation: str | None = None,
        effort: types.Effort | None = None,
        fallback: Sequence[str] | None = None,
        first_token_timeout_ms: int | None = None,
        idle_timeout_ms: int | None = None,
        max_tokens: int | None = None,
        model: str | None = None,
        options: Mapping[str, dict[str, Any]] | None = None,
        passages: Sequence[types.Passage] | None = None,
        prefer: types.Preference | None = None,
        response_schema: Any | None = None,
        restart: bool | None = None,
        seed: int | None = None,
        stop: Sequence[str] | None = None,
        task: str | None = None,
        temperature: float | None = None,
        tier: types.ServiceTier | None = None,
        timeout_ms: int | None = None,
        tool_choice: types.ToolChoice | None = None,
        tools: Sequence[types.ToolSpec] | None = None,
        top_p: float | None = None,
        blobs: Iterable[Blob] = (),
    ) -> types.Route:
        """Tells where a chat would go now, and why; nothing is asked.

        Args:
            messages: What was said so far, oldest first.
            cache_seconds: Gives an answer again that was given to exactly this request in exactly
                this scope, if it is at most so many seconds old, and keeps this one for the next.
                Nothing is given again when absent.
            conversation: Names the conversation: its turns go with the same of several keys, whose
                account's cache knows its beginning.
            effort: How long to think before answering; the model's own way when absent.
            fallback: Models to ask when the first one cannot answer, each `provider/model`, in this
                order; those of the route when there is none.
            first_token_timeout_ms: Milliseconds from sending the request to the first thing the
                model says.
            idle_timeout_ms: Milliseconds without a byte after which a stream is given up.
            max_tokens: The most tokens to write.
            model: The model, `provider/model` to choose the provider as well; when absent, the one
                that the route of `task` leads to.
            options: Fields that the wire of one provider has and Javari has no word for, by the
                provider's name.
            passages: What was retrieved for the question: data to answer from, never instructions.
            prefer: Which of the route's models goes first; the one that is listed first when
                absent.
            response_schema: A JSON Schema that the answer must fit.
            restart: Whether another answer may be begun after a part of one was delivered: the part
                is made void by a `restarted` event. When false, an answer that breaks off is an
                error.
            seed: A number that makes equal requests answer alike, as well as the model can.
            stop: Texts at which the model stops.
            task: What the chat is for, `chat`, `code`, `research`, `creative` or a task of the
                host's own: the route that chooses the model where none is named.
            temperature: How freely to choose words, 0 to 2.
            tier: The tier to be served at; the account's own when absent.
            timeout_ms: Milliseconds for the whole call; the client's own limit when absent.
            tool_choice: Whether it may, must or must not ask for a tool; it may when absent.
            tools: The tools the model may ask for.
            top_p: From how many of the likeliest words to choose, as a share of 1.
        """
        reply: types.Route = await self._caller.call(
            "route.explain",
            {
                "messages": messages,
                **given(
                    {
                        "cache_seconds": cache_seconds,
                        "conversation": conversation,
                        "effort": effort,
                        "fallback": fallback,
                        "first_token_timeout_ms": first_token_timeout_ms,
                        "idle_timeout_ms": idle_timeout_ms,
                        "max_tokens": max_tokens,
                        "model": model,
                        "options": options,
                        "passages": passages,
                        "prefer": prefer,
                        "response_schema": response_schema,
                        "restart": restart,
                        "seed": seed,
                        "stop": stop,
                        "task": task,
                        "temperature": temperature,
                        "tier": tier,
                        "timeout_ms": timeout_ms,
                        "tool_choice": tool_choice,
                        "tools": tools,
                        "top_p": top_p,
                    }
                ),
            },
            blobs=blobs,
        )
        return reply


class AsyncKnowledge(AsyncRoom):
    """The room `knowledge`."""

    __slots__ = ()

    def ingest(
        self,
        *,
        bytes: types.IngestBytes | None = None,
        exclude: Sequence[str] | None = None,
        file: str | None = None,
        folder: str | None = None,
        include: Sequence[str] | None = None,
        max_file_bytes: int | None = None,
        remove_missing: bool | None = None,
        source_type: types.SourceType | None = None,
        text: types.IngestText | None = None,
        under: str | None = None,
        blobs: Iterable[Blob] = (),
    ) -> Stream[types.IngestEvent]:
        """Reads a folder, a file, a text or bytes into the knowledge base, event by event.

        Args:
            bytes: A document whose content comes beside the request.
            exclude: Of a folder, no file that fits one of these patterns.
            file: One file; the document gets this path. Folders and files must lie in the host's
                `document_roots` where it has named some.
            folder: A folder with all below it. Hidden files, `.git`, `target`, `node_modules`,
                links, what the folder's own `.gitignore` and `.ignore` name and Javari's own
                database and root key are left out. Documents get their path in the folder, parts
                separated by `/`.
            include: Of a folder, only files that fit one of these patterns (as in a `.gitignore`).
            max_file_bytes: Larger files are not read; 64 MiB when absent.
            remove_missing: Whether documents that were read from this folder under the same `under`
                and whose files no longer exist are deleted. A file that is only left out or cannot
                be seen stays stored.
            source_type: How the documents came in.
            text: A text.
            under: Put before every document's path, so that two folders do not share paths.
        """
        reply: Stream[types.IngestEvent] = self._caller.stream(
            "knowledge.ingest",
            given(
                {
                    "bytes": bytes,
                    "exclude": exclude,
                    "file": file,
                    "folder": folder,
                    "include": include,
                    "max_file_bytes": max_file_bytes,
                    "remove_missing": remove_missing,
                    "source_type": source_type,
                    "text": text,
                    "under": under,
                }
            ),
            blobs=blobs,
        )
        return reply

    async def search(
        self,
        *,
        query: str,
        fusion: types.Fusion | None = None,
        limit: int | None = None,
        mode: types.SearchMode | None = None,
        prefix: str | None = None,
        threshold: float | None = None,
        blobs: Iterable[Blob] = (),
    ) -> types.SearchReply:
        """Finds the chunks that fit a query best.

        Args:
            query: What to look for, in plain words; nothing in it is syntax.
            fusion: How a hybrid search joins.
            limit: At most this many hits, 1 to 50.
            mode: How to find.
            prefix: Only documents whose path begins so.
            threshold: Leaves out hits with a lesser score. The score is BM25's in a lexical search,
                the cosine in a vector search, and 0 to 1 relative to the best in a hybrid one.
        """
        reply: types.SearchReply = await self._caller.call(
            "knowledge.search",
            {
                "query": query,
                **given(
                    {
                        "fusion": fusion,
                        "limit": limit,
                        "mode": mode,
                        "prefix": prefix,
                        "threshold": threshold,
                    }
                ),
            },
            blobs=blobs,
        )
        return reply

    def answer(
        self,
        *,
        question: str,
        cache_seconds: int | None = None,
        limit: int | None = None,
        max_tokens: int | None = None,
        model: str | None = None,
        prefix: str | None = None,
        temperature: float | None = None,
        blobs: Iterable[Blob] = (),
    ) -> Stream[types.AnswerEvent]:
        """Answers a question from the documents with citations, event by event.

        Args:
            question: The question.
            cache_seconds: Gives a model's answer again that is at most so many seconds old, where
                the same passages were found for the same question.
            limit: At most this many passages, 1 to 50.
            max_tokens: The most tokens to write.
            model: The model; the provider's own default when absent.
            prefix: Only documents whose path begins so.
            temperature: How freely to choose words, 0 to 2.
        """
        reply: Stream[types.AnswerEvent] = self._caller.stream(
            "knowledge.answer",
            {
                "question": question,
                **given(
                    {
                        "cache_seconds": cache_seconds,
                        "limit": limit,
                        "max_tokens": max_tokens,
                        "model": model,
                        "prefix": prefix,
                        "temperature": temperature,
                    }
                ),
            },
            blobs=blobs,
        )
        return reply

    async def get(
        self,
        *,
        id: types.DocumentId,
        blobs: Iterable[Blob] = (),
    ) -> types.Document:
        """Gets a document with its text.

        Args:
            id: Its id.
        """
        reply: types.Document = await self._caller.call(
            "knowledge.get",
            {
                "id": id,
            },
            blobs=blobs,
        )
        return reply

    async def list(
        self,
        *,
        page: types.PageRequest | None = None,
        prefix: str | None = None,
        blobs: Iterable[Blob] = (),
    ) -> types.DocumentViewPage:
        """Lists the documents of exactly the scope's level, by path.

        Args:
            page: Which part of the list.
            prefix: Only documents whose path begins so.
        """
        reply: types.DocumentViewPage = await self._caller.call(
            "knowledge.list",
            given({"page": page, "prefix": prefix}),
            blobs=blobs,
        )
        return reply

    async def delete(
        self,
        *,
        id: types.DocumentId,
        blobs: Iterable[Blob] = (),
    ) -> types.Done:
        """Deletes a document with its chunks and vectors.

        Args:
            id: Its id.
        """
        reply: types.Done = await self._caller.call(
            "knowledge.delete",
            {
                "id": id,
            },
            blobs=blobs,
        )
        return reply

    async def stats(
        self,
        *,
        blobs: Iterable[Blob] = (),
    ) -> types.KnowledgeStats:
        """Counts the documents and chunks of exactly the scope's level."""
        reply: types.KnowledgeStats = await self._caller.call(
            "knowledge.stats",
            {},
            blobs=blobs,
        )
        return reply


class AsyncCost(AsyncRoom):
    """The room `cost`."""

    __slots__ = ()

    async def report(
        self,
        *,
        blobs: Iterable[Blob] = (),
    ) -> types.CostReport:
        """Adds up what models cost, by service and by model."""
        reply: types.CostReport = await self._caller.call(
            "cost.report",
            {},
            blobs=blobs,
        )
        return reply


class AsyncBudgets(AsyncRoom):
    """The room `budgets`."""

    __slots__ = ()

    async def set(
        self,
        *,
        limit: types.Usd,
        period: types.BudgetPeriod,
        allow_unpriced: bool | None = None,
        blobs: Iterable[Blob] = (),
    ) -> types.BudgetView:
        """Sets what the user or project may spend on models in a period; a call that might pass it
        is refused.

        Args:
            limit: The most to spend in it: 0 to 1000000 dollars.
            period: The period.
            allow_unpriced: Whether models may be asked whose price is not known: what they cost is
                not counted. Such a call is refused otherwise.
        """
        reply: types.BudgetView = await self._caller.call(
            "budgets.set",
            {
                "limit": limit,
                "period": period,
                **given({"allow_unpriced": allow_unpriced}),
            },
            blobs=blobs,
        )
        return reply

    async def list(
        self,
        *,
        blobs: Iterable[Blob] = (),
    ) -> types.BudgetList:
        """Tells how the budgets of exactly the scope's level stand."""
        reply: types.BudgetList = await self._caller.call(
            "budgets.list",
            {},
            blobs=blobs,
        )
        return reply

    async def delete(
        self,
        *,
        period: types.BudgetPeriod,
        blobs: Iterable[Blob] = (),
    ) -> types.Done:
        """Deletes a budget: nothing limits that period any more.

        Args:
            period: Its period.
        """
        reply: types.Done = await self._caller.call(
            "budgets.delete",
            {
                "period": period,
            },
            blobs=blobs,
        )
        return reply


class AsyncMonitor(AsyncRoom):
    """The room `monitor`."""

    __slots__ = ()

    async def create(
        self,
        *,
        name: str,
        target: types.Target,
        alert_threshold: int | None = None,
        auto_fix_enabled: bool | None = None,
        check_frequency: types.CheckFrequency | None = None,
        recovery_threshold: int | None = None,
        severity: types.Severity | None = None,
        blobs: Iterable[Blob] = (),
    ) -> types.MonitorView:
        """Makes a monitor of a build or an address.

        Args:
            name: Its name, unique in the scope, 1 to 200 characters.
            target: What to look at.
            alert_threshold: How many failures in a row open an alert, 1 to 100.
            auto_fix_enabled: Whether a repair may be started when an alert opens. Javari starts
                none by itself: the host reads this and calls `healer.heal` with the alert. Off
                unless a person says so.
            check_frequency: How often.
            recovery_threshold: How many successes in a row resolve it, 1 to 100.
            severity: How bad a failure is.
        """
        reply: types.MonitorView = await self._caller.call(
            "monitor.create",
            {
                "name": name,
                "target": target,
                **given(
                    {
                        "alert_threshold": alert_threshold,
                        "auto_fix_enabled": auto_fix_enabled,
                        "check_frequency": check_frequency,
                        "recovery_threshold": recovery_threshold,
                        "severity": severity,
                    }
                ),
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
    ) -> types.MonitorViewPage:
        """Lists the scope's monitors.

        Args:
            cursor: Where to go on: `next` of the page before.
            limit: At most this many items, 1 to 500.
        """
        reply: types.MonitorViewPage = await self._caller.call(
            "monitor.list",
            given({"cursor": cursor, "limit": limit}),
            blobs=blobs,
        )
        return reply

    async def get(
        self,
        *,
        id: types.MonitorId,
        blobs: Iterable[Blob] = (),
    ) -> types.MonitorView:
        """Gets a monitor.

        Args:
            id: Its id.
        """
        reply: types.MonitorView = await self._caller.call(
            "monitor.get",
            {
                "id": id,
            },
            blobs=blobs,
        )
        return reply

    async def delete(
        self,
        *,
        id: types.MonitorId,
        blobs: Iterable[Blob] = (),
    ) -> types.Done:
        """Deletes a monitor with its observations and alerts.

        Args:
            id: Its id.
        """
        reply: types.Done = await self._caller.call(
            "monitor.delete",
            {
                "id": id,
            },
            blobs=blobs,
        )
        return reply

    async def check(
        self,
        *,
        id: types.MonitorId,
        blobs: Iterable[Blob] = (),
    ) -> types.CheckOutcome:
        """Checks now and stores what was seen.

        Args:
            id: Its id.
        """
        reply: types.CheckOutcome = await self._caller.call(
            "monitor.check",
            {
                "id": id,
            },
            blobs=blobs,
        )
        return reply

    async def observations(
        self,
        *,
        id: types.MonitorId,
        page: types.PageRequest | None = None,
        blobs: Iterable[Blob] = (),
    ) -> types.ObservationViewPage:
        """Lists what a monitor saw, newest first.

        Args:
            id: The monitor's id.
            page: Which part of the list.
        """
        reply: types.ObservationViewPage = await self._caller.call(
            "monitor.observations",
            {
                "id": id,
                **given({"page": page}),
            },
            blobs=blobs,
        )
        return reply

    async def alerts(
        self,
        *,
        cursor: str | None = None,
        limit: int | None = None,
        blobs: Iterable[Blob] = (),
    ) -> types.AlertViewPage:
        """Lists the scope's alerts, newest first.

        Args:
            cursor: Where to go on: `next` of the page before.
            limit: At most this many items, 1 to 500.
        """
        reply: types.AlertViewPage = await self._caller.call(
            "monitor.alerts",
            given({"cursor": cursor, "limit": limit}),
            blobs=blobs,
        )
        return reply

    async def acknowledge(
        self,
        *,
        id: types.AlertId,
        blobs: Iterable[Blob] = (),
    ) -> types.AlertView:
        """Says that a person has seen an alert.

        Args:
            id: Its id.
        """
        reply: types.AlertView = await self._caller.call(
            "monitor.acknowledge",
            {
                "id": id,
            },
            blobs=blobs,
        )
        return reply


class AsyncHealer(AsyncRoom):
    """The room `healer`."""

    __slots__ = ()

    async def diagnose(
        self,
        *,
        folder: str,
        log: str,
        blobs: Iterable[Blob] = (),
    ) -> types.DiagnosisView:
        """Reads a build's log and says what is wrong and what would mend it; changes nothing.

        Args:
            folder: The absolute path of the top of a local git checkout.
            log: What the failed build printed, at most 16 MiB.
        """
        reply: types.DiagnosisView = await self._caller.call(
            "healer.diagnose",
            {
                "folder": folder,
                "log": log,
            },
            blobs=blobs,
        )
        return reply

    def heal(
        self,
        *,
        build: types.BuildTarget,
        alert: types.AlertId | None = None,
        autonomy: types.Autonomy | None = None,
        carry: Sequence[str] | None = None,
        log: str | None = None,
        blobs: Iterable[Blob] = (),
    ) -> Stream[types.HealEvent]:
        """Mends a broken build on a branch under guard, event by event.

        Args:
            build: The project and how it is built.
            alert: The alert that this answers; how the repair ended is noted on it.
            autonomy: How much may be done without asking; the user's preference.
            carry: Folders that git does not know and the build needs, such as `node_modules`: they
                are copied into the workspace. At most 16.
            log: What the failed build printed, at most 16 MiB. Where the build may be run again its
                own log is used instead.
        """
        reply: Stream[types.HealEvent] = self._caller.stream(
            "healer.heal",
            {
                "build": build,
                **given({"alert": alert, "autonomy": autonomy, "carry": carry, "log": log}),
            },
            blobs=blobs,
        )
        return reply

    async def approve(
        self,
        *,
        head_commit: str,
        id: types.HealingId,
        plan_hash: str,
        blobs: Iterable[Blob] = (),
    ) -> types.HealingView:
        """Merges a repair that waits for a person.

        Args:
            head_commit: The commit that the person saw.
            id: The repair.
            plan_hash: The plan that the person saw.
        """
        reply: types.HealingView = await self._caller.call(
            "healer.approve",
            {
                "head_commit": head_commit,
                "id": id,
                "plan_hash": plan_hash,
            },
            blobs=blobs,
        )
        return reply

    async def reject(
        self,
        *,
        id: types.HealingId,
        blobs: Iterable[Blob] = (),
    ) -> types.HealingView:
        """Removes the branch of a repair that waits for a person.

        Args:
            id: Its id.
        """
        reply: types.HealingView = await self._caller.call(
            "healer.reject",
            {
                "id": id,
            },
            blobs=blobs,
        )
        return reply

    async def get(
        self,
        *,
        id: types.HealingId,
        blobs: Iterable[Blob] = (),
    ) -> types.HealingView:
        """Gets a repair.

        Args:
            id: Its id.
        """
        reply: types.HealingView = await self._caller.call(
            "healer.get",
            {
                "id": id,
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
    ) -> types.HealingViewPage:
        """Lists the scope's repairs, newest first.

        Args:
            cursor: Where to go on: `next` of the page before.
            limit: At most this many items, 1 to 500.
        """
        reply: types.HealingViewPage = await self._caller.call(
            "healer.list",
            given({"cursor": cursor, "limit": limit}),
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

    @property
    def api_keys(self) -> AsyncHostApiKeys:
        """The room `api_keys`."""
        return AsyncHostApiKeys(self)

    @property
    def api(self) -> AsyncApi:
        """The room `api`."""
        return AsyncApi(self)

    @property
    def vault(self) -> AsyncHostVault:
        """The room `vault`."""
        return AsyncHostVault(self)


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
    def members(self) -> AsyncMembers:
        """The room `members`."""
        return AsyncMembers(self)

    @property
    def api_keys(self) -> AsyncApiKeys:
        """The room `api_keys`."""
        return AsyncApiKeys(self)

    @property
    def api(self) -> AsyncApi:
        """The room `api`."""
        return AsyncApi(self)

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

    @property
    def route(self) -> AsyncRoute:
        """The room `route`."""
        return AsyncRoute(self)

    @property
    def knowledge(self) -> AsyncKnowledge:
        """The room `knowledge`."""
        return AsyncKnowledge(self)

    @property
    def cost(self) -> AsyncCost:
        """The room `cost`."""
        return AsyncCost(self)

    @property
    def budgets(self) -> AsyncBudgets:
        """The room `budgets`."""
        return AsyncBudgets(self)

    @property
    def monitor(self) -> AsyncMonitor:
        """The room `monitor`."""
        return AsyncMonitor(self)

    @property
    def healer(self) -> AsyncHealer:
        """The room `healer`."""
        return AsyncHealer(self)
