// Written by `cargo catalog` from the catalogue; do not edit.
import { JavariError } from "./index.js";

/** The stable code of each kind of error, the same in every language. */
export type ErrorCode =
  | "INVALID_INPUT"
  | "UNAUTHORIZED"
  | "FORBIDDEN"
  | "APPROVAL_REQUIRED"
  | "ADDRESS_REFUSED"
  | "NOT_FOUND"
  | "ALREADY_EXISTS"
  | "CONFLICT"
  | "TOO_LARGE"
  | "UNSUPPORTED"
  | "UNREADABLE"
  | "RATE_LIMITED"
  | "CANCELLED"
  | "CONFIGURATION"
  | "KEY_MISSING"
  | "WRONG_KEY"
  | "CANNOT_UNSEAL"
  | "AUDIT_BROKEN"
  | "SCHEMA_TOO_NEW"
  | "ADOPTION_NEEDED"
  | "STORAGE"
  | "STORAGE_CORRUPT"
  | "STORAGE_BUSY"
  | "STORAGE_FULL"
  | "COMMAND_FAILED"
  | "HOST_FAILED"
  | "NETWORK"
  | "TLS_FAILED"
  | "PROVIDER_FAILED"
  | "PROVIDER_REFUSED"
  | "CREDENTIAL_REFUSED"
  | "QUOTA_EXHAUSTED"
  | "MODEL_NOT_FOUND"
  | "CONTEXT_TOO_LONG"
  | "PROVIDER_OVERLOADED"
  | "BUDGET_EXCEEDED"
  | "CLOSED"
  | "TIMEOUT"
  | "UNEXPECTED";

/** The request does not fit its schema or its rules; `fields` names each fault. */
export declare class InvalidInputError extends JavariError {
  static readonly code: "INVALID_INPUT";
  readonly code: "INVALID_INPUT";
}

/** No valid identity came with the call. */
export declare class UnauthorizedError extends JavariError {
  static readonly code: "UNAUTHORIZED";
  readonly code: "UNAUTHORIZED";
}

/** The identity is known and may not do this. */
export declare class ForbiddenError extends JavariError {
  static readonly code: "FORBIDDEN";
  readonly code: "FORBIDDEN";
}

/** A person has to approve the action first. */
export declare class ApprovalRequiredError extends JavariError {
  static readonly code: "APPROVAL_REQUIRED";
  readonly code: "APPROVAL_REQUIRED";
}

/** The address is private, local or not allowed for a request that a user can steer. */
export declare class AddressRefusedError extends JavariError {
  static readonly code: "ADDRESS_REFUSED";
  readonly code: "ADDRESS_REFUSED";
}

/** Nothing of that name or id exists in this scope. */
export declare class NotFoundError extends JavariError {
  static readonly code: "NOT_FOUND";
  readonly code: "NOT_FOUND";
}

/** Something of that name exists already. */
export declare class AlreadyExistsError extends JavariError {
  static readonly code: "ALREADY_EXISTS";
  readonly code: "ALREADY_EXISTS";
}

/** Somebody else changed it first; read it again. */
export declare class ConflictError extends JavariError {
  static readonly code: "CONFLICT";
  readonly code: "CONFLICT";
}

/** The input is larger than the stated limit. */
export declare class TooLargeError extends JavariError {
  static readonly code: "TOO_LARGE";
  readonly code: "TOO_LARGE";
}

/** The document, media type or feature is not supported here. */
export declare class UnsupportedError extends JavariError {
  static readonly code: "UNSUPPORTED";
  readonly code: "UNSUPPORTED";
}

/** The document is damaged, encrypted or not what its name says. */
export declare class UnreadableError extends JavariError {
  static readonly code: "UNREADABLE";
  readonly code: "UNREADABLE";
}

/** Too many calls; wait as told. */
export declare class RateLimitedError extends JavariError {
  static readonly code: "RATE_LIMITED";
  readonly code: "RATE_LIMITED";
}

/** The caller gave up; work already paid for is recorded. */
export declare class CancelledError extends JavariError {
  static readonly code: "CANCELLED";
  readonly code: "CANCELLED";
}

/** The settings are missing or malformed; the context names each one. */
export declare class ConfigurationError extends JavariError {
  static readonly code: "CONFIGURATION";
  readonly code: "CONFIGURATION";
}

/** No root key is configured where one is needed. */
export declare class KeyMissingError extends JavariError {
  static readonly code: "KEY_MISSING";
  readonly code: "KEY_MISSING";
}

/** The root key is not the one this database was sealed with; nothing was written. */
export declare class WrongKeyError extends JavariError {
  static readonly code: "WRONG_KEY";
  readonly code: "WRONG_KEY";
}

/** The sealed value was altered, moved or made with another key. */
export declare class CannotUnsealError extends JavariError {
  static readonly code: "CANNOT_UNSEAL";
  readonly code: "CANNOT_UNSEAL";
}

/** The audit trail does not verify: an entry was altered, removed or reordered. */
export declare class AuditBrokenError extends JavariError {
  static readonly code: "AUDIT_BROKEN";
  readonly code: "AUDIT_BROKEN";
}

/** The database needs a newer version of the library. */
export declare class SchemaTooNewError extends JavariError {
  static readonly code: "SCHEMA_TOO_NEW";
  readonly code: "SCHEMA_TOO_NEW";
}

/** This is a database of the seed, which has to be adopted first; nothing was changed. */
export declare class AdoptionNeededError extends JavariError {
  static readonly code: "ADOPTION_NEEDED";
  readonly code: "ADOPTION_NEEDED";
}

/** The database answered with a fault that no other kind names. */
export declare class StorageError extends JavariError {
  static readonly code: "STORAGE";
  readonly code: "STORAGE";
}

/** The database file is damaged or is not a database. */
export declare class StorageCorruptError extends JavariError {
  static readonly code: "STORAGE_CORRUPT";
  readonly code: "STORAGE_CORRUPT";
}

/** Another process holds the database; nothing was written. */
export declare class StorageBusyError extends JavariError {
  static readonly code: "STORAGE_BUSY";
  readonly code: "STORAGE_BUSY";
}

/** The disk is full or not writable; nothing was written. */
export declare class StorageFullError extends JavariError {
  static readonly code: "STORAGE_FULL";
  readonly code: "STORAGE_FULL";
}

/** A program that Javari ran, such as git or a build, failed or is missing. */
export declare class CommandFailedError extends JavariError {
  static readonly code: "COMMAND_FAILED";
  readonly code: "COMMAND_FAILED";
}

/** An object that the host registered failed. */
export declare class HostFailedError extends JavariError {
  static readonly code: "HOST_FAILED";
  readonly code: "HOST_FAILED";
}

/** The connection could not be made or broke. */
export declare class NetworkError extends JavariError {
  static readonly code: "NETWORK";
  readonly code: "NETWORK";
}

/** No trusted TLS connection could be made: the certificate is unknown, expired or for another name; nothing was sent. */
export declare class TlsFailedError extends JavariError {
  static readonly code: "TLS_FAILED";
  readonly code: "TLS_FAILED";
}

/** The provider answered with an error or with something that is not its protocol. */
export declare class ProviderFailedError extends JavariError {
  static readonly code: "PROVIDER_FAILED";
  readonly code: "PROVIDER_FAILED";
}

/** The provider refused the request; trying again cannot help. */
export declare class ProviderRefusedError extends JavariError {
  static readonly code: "PROVIDER_REFUSED";
  readonly code: "PROVIDER_REFUSED";
}

/** The provider refused the key: it is wrong, revoked or may not do this. */
export declare class CredentialRefusedError extends JavariError {
  static readonly code: "CREDENTIAL_REFUSED";
  readonly code: "CREDENTIAL_REFUSED";
}

/** The credit or quota of the provider's account is used up; waiting does not help soon. */
export declare class QuotaExhaustedError extends JavariError {
  static readonly code: "QUOTA_EXHAUSTED";
  readonly code: "QUOTA_EXHAUSTED";
}

/** The provider does not have the model, or not for this account. */
export declare class ModelNotFoundError extends JavariError {
  static readonly code: "MODEL_NOT_FOUND";
  readonly code: "MODEL_NOT_FOUND";
}

/** The request is longer than the model reads. */
export declare class ContextTooLongError extends JavariError {
  static readonly code: "CONTEXT_TOO_LONG";
  readonly code: "CONTEXT_TOO_LONG";
}

/** The provider has too much to do; another one may answer. */
export declare class ProviderOverloadedError extends JavariError {
  static readonly code: "PROVIDER_OVERLOADED";
  readonly code: "PROVIDER_OVERLOADED";
}

/** The budget of the user or project does not allow the call; nothing was sent. */
export declare class BudgetExceededError extends JavariError {
  static readonly code: "BUDGET_EXCEEDED";
  readonly code: "BUDGET_EXCEEDED";
}

/** This Javari was closed. */
export declare class ClosedError extends JavariError {
  static readonly code: "CLOSED";
  readonly code: "CLOSED";
}

/** The time limit passed. */
export declare class TimeoutError extends JavariError {
  static readonly code: "TIMEOUT";
  readonly code: "TIMEOUT";
}

/** A fault in Javari itself; please report it. */
export declare class UnexpectedError extends JavariError {
  static readonly code: "UNEXPECTED";
  readonly code: "UNEXPECTED";
}
