# Written by `cargo catalog` from the catalogue; do not edit.
"""The exceptions of Javari: one class per code, all of them a `JavariError`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, NamedTuple


class FieldFault(NamedTuple):
    """One field of a request that does not fit."""

    path: str
    """JSON Pointer (RFC 6901) of the field, empty for the whole request."""

    message: str
    """What is wrong with it."""


class JavariError(Exception):
    """What failed, on what, why, and what to do next. The parent of every error of Javari."""

    code: ClassVar[str] = "UNEXPECTED"
    """The stable code, the same in every language."""

    message: str
    """One sentence for a person."""

    operation: str
    """The operation that failed, `room.verb`."""

    fields: tuple[FieldFault, ...]
    """The wrong fields of a request."""

    context: dict[str, str]
    """Names and ids that tell one failure from another."""

    retry_after: float | None
    """Seconds to wait before trying again; None when trying again cannot help."""

    def __init__(
        self,
        message: str = "",
        *,
        operation: str = "",
        fields: Iterable[FieldFault] = (),
        context: Mapping[str, str] | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.operation = operation
        self.fields = tuple(fields)
        self.context = dict(context or {})
        self.retry_after = retry_after

    def __str__(self) -> str:
        place = f" at {self.operation}" if self.operation else ""
        pairs = [*self.context.items(), *self.fields]
        details = ", ".join(f"{name}={words}" for name, words in pairs)
        return f"{self.code}{place}: {self.message}" + (f" ({details})" if details else "")

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (type(self), self.message, self.__dict__)


def _restore(kind: type[JavariError], message: str, state: dict[str, Any]) -> JavariError:
    error = kind(message)
    error.__dict__.update(state)
    return error


class InvalidInputError(JavariError):
    """The request does not fit its schema or its rules; `fields` names each fault."""

    code = "INVALID_INPUT"


class UnauthorizedError(JavariError):
    """No valid identity came with the call."""

    code = "UNAUTHORIZED"


class ForbiddenError(JavariError):
    """The identity is known and may not do this."""

    code = "FORBIDDEN"


class ApprovalRequiredError(JavariError):
    """A person has to approve the action first."""

    code = "APPROVAL_REQUIRED"


class AddressRefusedError(JavariError):
    """The address is private, local or not allowed for a request that a user can steer."""

    code = "ADDRESS_REFUSED"


class NotFoundError(JavariError):
    """Nothing of that name or id exists in this scope."""

    code = "NOT_FOUND"


class AlreadyExistsError(JavariError):
    """Something of that name exists already."""

    code = "ALREADY_EXISTS"


class ConflictError(JavariError):
    """Somebody else changed it first; read it again."""

    code = "CONFLICT"


class TooLargeError(JavariError):
    """The input is larger than the stated limit."""

    code = "TOO_LARGE"


class UnsupportedError(JavariError):
    """The document, media type or feature is not supported here."""

    code = "UNSUPPORTED"


class UnreadableError(JavariError):
    """The document is damaged, encrypted or not what its name says."""

    code = "UNREADABLE"


class RateLimitedError(JavariError):
    """Too many calls; wait as told."""

    code = "RATE_LIMITED"


class CancelledError(JavariError):
    """The caller gave up; work already paid for is recorded."""

    code = "CANCELLED"


class ConfigurationError(JavariError):
    """The settings are missing or malformed; the context names each one."""

    code = "CONFIGURATION"


class KeyMissingError(JavariError):
    """No root key is configured where one is needed."""

    code = "KEY_MISSING"


class WrongKeyError(JavariError):
    """The root key is not the one this database was sealed with; nothing was written."""

    code = "WRONG_KEY"


class CannotUnsealError(JavariError):
    """The sealed value was altered, moved or made with another key."""

    code = "CANNOT_UNSEAL"


class AuditBrokenError(JavariError):
    """The audit trail does not verify: an entry was altered, removed or reordered."""

    code = "AUDIT_BROKEN"


class SchemaTooNewError(JavariError):
    """The database needs a newer version of the library."""

    code = "SCHEMA_TOO_NEW"


class AdoptionNeededError(JavariError):
    """This is a database of the seed, which has to be adopted first; nothing was changed."""

    code = "ADOPTION_NEEDED"


class StorageError(JavariError):
    """The database answered with a fault that no other kind names."""

    code = "STORAGE"


class StorageCorruptError(JavariError):
    """The database file is damaged or is not a database."""

    code = "STORAGE_CORRUPT"


class StorageBusyError(JavariError):
    """Another process holds the database; nothing was written."""

    code = "STORAGE_BUSY"


class StorageFullError(JavariError):
    """The disk is full or not writable; nothing was written."""

    code = "STORAGE_FULL"


class CommandFailedError(JavariError):
    """A program that Javari ran, such as git or a build, failed or is missing."""

    code = "COMMAND_FAILED"


class HostFailedError(JavariError):
    """An object that the host registered failed."""

    code = "HOST_FAILED"


class NetworkError(JavariError):
    """The connection could not be made or broke."""

    code = "NETWORK"


class TlsFailedError(JavariError):
    """No trusted TLS connection could be made: the certificate is unknown, expired or for another
    name; nothing was sent.
    """

    code = "TLS_FAILED"


class ProviderFailedError(JavariError):
    """The provider answered with an error or with something that is not its protocol."""

    code = "PROVIDER_FAILED"


class ProviderRefusedError(JavariError):
    """The provider refused the request; trying again cannot help."""

    code = "PROVIDER_REFUSED"


class CredentialRefusedError(JavariError):
    """The provider refused the key: it is wrong, revoked or may not do this."""

    code = "CREDENTIAL_REFUSED"


class QuotaExhaustedError(JavariError):
    """The credit or quota of the provider's account is used up; waiting does not help soon."""

    code = "QUOTA_EXHAUSTED"


class ModelNotFoundError(JavariError):
    """The provider does not have the model, or not for this account."""

    code = "MODEL_NOT_FOUND"


class ContextTooLongError(JavariError):
    """The request is longer than the model reads."""

    code = "CONTEXT_TOO_LONG"


class ProviderOverloadedError(JavariError):
    """The provider has too much to do; another one may answer."""

    code = "PROVIDER_OVERLOADED"


class BudgetExceededError(JavariError):
    """The budget of the user or project does not allow the call; nothing was sent."""

    code = "BUDGET_EXCEEDED"


class ClosedError(JavariError):
    """This Javari was closed."""

    code = "CLOSED"


class TimeoutError(JavariError):
    """The time limit passed."""

    code = "TIMEOUT"


class UnexpectedError(JavariError):
    """A fault in Javari itself; please report it."""

    code = "UNEXPECTED"


BY_CODE: dict[str, type[JavariError]] = {
    kind.code: kind
    for kind in (
        InvalidInputError,
        UnauthorizedError,
        ForbiddenError,
        ApprovalRequiredError,
        AddressRefusedError,
        NotFoundError,
        AlreadyExistsError,
        ConflictError,
        TooLargeError,
        UnsupportedError,
        UnreadableError,
        RateLimitedError,
        CancelledError,
        ConfigurationError,
        KeyMissingError,
        WrongKeyError,
        CannotUnsealError,
        AuditBrokenError,
        SchemaTooNewError,
        AdoptionNeededError,
        StorageError,
        StorageCorruptError,
        StorageBusyError,
        StorageFullError,
        CommandFailedError,
        HostFailedError,
        NetworkError,
        TlsFailedError,
        ProviderFailedError,
        ProviderRefusedError,
        CredentialRefusedError,
        QuotaExhaustedError,
        ModelNotFoundError,
        ContextTooLongError,
        ProviderOverloadedError,
        BudgetExceededError,
        ClosedError,
        TimeoutError,
        UnexpectedError,
    )
}
"""The class of each code."""


def from_value(value: Mapping[str, Any]) -> JavariError:
    """The exception for an error as the native half hands it over."""
    details = value["details"]
    return BY_CODE.get(value["code"], UnexpectedError)(
        value["message"],
        operation=value["operation"],
        fields=[FieldFault(fault["path"], fault["message"]) for fault in details["fields"]],
        context=details["context"],
        retry_after=value["retry_after"],
    )


__all__ = [
    "AddressRefusedError",
    "AdoptionNeededError",
    "AlreadyExistsError",
    "ApprovalRequiredError",
    "AuditBrokenError",
    "BudgetExceededError",
    "CancelledError",
    "CannotUnsealError",
    "ClosedError",
    "CommandFailedError",
    "ConfigurationError",
    "ConflictError",
    "ContextTooLongError",
    "CredentialRefusedError",
    "FieldFault",
    "ForbiddenError",
    "HostFailedError",
    "InvalidInputError",
    "JavariError",
    "KeyMissingError",
    "ModelNotFoundError",
    "NetworkError",
    "NotFoundError",
    "ProviderFailedError",
    "ProviderOverloadedError",
    "ProviderRefusedError",
    "QuotaExhaustedError",
    "RateLimitedError",
    "SchemaTooNewError",
    "StorageBusyError",
    "StorageCorruptError",
    "StorageError",
    "StorageFullError",
    "TimeoutError",
    "TlsFailedError",
    "TooLargeError",
    "UnauthorizedError",
    "UnexpectedError",
    "UnreadableError",
    "UnsupportedError",
    "WrongKeyError",
]
