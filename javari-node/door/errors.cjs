// Written by `cargo catalog` from the catalogue; do not edit.
'use strict';

const { JavariError } = require('./error.cjs');

class InvalidInputError extends JavariError {
  static code = 'INVALID_INPUT';
}

class UnauthorizedError extends JavariError {
  static code = 'UNAUTHORIZED';
}

class ForbiddenError extends JavariError {
  static code = 'FORBIDDEN';
}

class ApprovalRequiredError extends JavariError {
  static code = 'APPROVAL_REQUIRED';
}

class AddressRefusedError extends JavariError {
  static code = 'ADDRESS_REFUSED';
}

class NotFoundError extends JavariError {
  static code = 'NOT_FOUND';
}

class AlreadyExistsError extends JavariError {
  static code = 'ALREADY_EXISTS';
}

class ConflictError extends JavariError {
  static code = 'CONFLICT';
}

class TooLargeError extends JavariError {
  static code = 'TOO_LARGE';
}

class UnsupportedError extends JavariError {
  static code = 'UNSUPPORTED';
}

class UnreadableError extends JavariError {
  static code = 'UNREADABLE';
}

class RateLimitedError extends JavariError {
  static code = 'RATE_LIMITED';
}

class CancelledError extends JavariError {
  static code = 'CANCELLED';
}

class ConfigurationError extends JavariError {
  static code = 'CONFIGURATION';
}

class KeyMissingError extends JavariError {
  static code = 'KEY_MISSING';
}

class WrongKeyError extends JavariError {
  static code = 'WRONG_KEY';
}

class CannotUnsealError extends JavariError {
  static code = 'CANNOT_UNSEAL';
}

class AuditBrokenError extends JavariError {
  static code = 'AUDIT_BROKEN';
}

class SchemaTooNewError extends JavariError {
  static code = 'SCHEMA_TOO_NEW';
}

class AdoptionNeededError extends JavariError {
  static code = 'ADOPTION_NEEDED';
}

class StorageError extends JavariError {
  static code = 'STORAGE';
}

class StorageCorruptError extends JavariError {
  static code = 'STORAGE_CORRUPT';
}

class StorageBusyError extends JavariError {
  static code = 'STORAGE_BUSY';
}

class StorageFullError extends JavariError {
  static code = 'STORAGE_FULL';
}

class CommandFailedError extends JavariError {
  static code = 'COMMAND_FAILED';
}

class HostFailedError extends JavariError {
  static code = 'HOST_FAILED';
}

class NetworkError extends JavariError {
  static code = 'NETWORK';
}

class TlsFailedError extends JavariError {
  static code = 'TLS_FAILED';
}

class ProviderFailedError extends JavariError {
  static code = 'PROVIDER_FAILED';
}

class ProviderRefusedError extends JavariError {
  static code = 'PROVIDER_REFUSED';
}

class CredentialRefusedError extends JavariError {
  static code = 'CREDENTIAL_REFUSED';
}

class QuotaExhaustedError extends JavariError {
  static code = 'QUOTA_EXHAUSTED';
}

class ModelNotFoundError extends JavariError {
  static code = 'MODEL_NOT_FOUND';
}

class ContextTooLongError extends JavariError {
  static code = 'CONTEXT_TOO_LONG';
}

class ProviderOverloadedError extends JavariError {
  static code = 'PROVIDER_OVERLOADED';
}

class BudgetExceededError extends JavariError {
  static code = 'BUDGET_EXCEEDED';
}

class ClosedError extends JavariError {
  static code = 'CLOSED';
}

class TimeoutError extends JavariError {
  static code = 'TIMEOUT';
}

class UnexpectedError extends JavariError {
  static code = 'UNEXPECTED';
}

module.exports = {
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
};
