//! The one list of error kinds: code, HTTP status, Python class and retry advice.

use std::time::Duration;

use super::Retry;

macro_rules! kinds {
    ($($(#[doc = $doc:literal])+ $name:ident = $code:literal, $status:literal, $retry:expr;)+) => {
        /// What went wrong, for a program to branch on.
        ///
        /// The code is stable across releases and the same in every language: `code()` in Rust,
        /// the exception class `<Name>Error` and `.code` in Python, `error.code` in JavaScript,
        /// `JAVARI_CODE_<CODE>` in C.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ErrorKind {
            $($(#[doc = $doc])+ $name,)+
        }

        impl ErrorKind {
            /// Every kind, in the order of the error page.
            pub const ALL: &'static [ErrorKind] = &[$(ErrorKind::$name,)+];

            /// The stable code, such as `INVALID_INPUT`.
            pub const fn code(self) -> &'static str {
                match self { $(ErrorKind::$name => $code,)+ }
            }

            /// The kind's name, such as `InvalidInput`.
            pub const fn name(self) -> &'static str {
                match self { $(ErrorKind::$name => stringify!($name),)+ }
            }

            /// The HTTP status the API answers with.
            pub const fn http_status(self) -> u16 {
                match self { $(ErrorKind::$name => $status,)+ }
            }

            /// What the kind means, as on the error page.
            pub const fn meaning(self) -> &'static str {
                match self { $(ErrorKind::$name => concat!($($doc),+),)+ }
            }

            /// The retry advice an error of this kind starts with.
            pub const fn default_retry(self) -> Retry {
                match self { $(ErrorKind::$name => $retry,)+ }
            }
        }
    };
}

const SHORTLY: Retry = Retry::After(Duration::from_secs(1));

kinds! {
    /// The request does not fit its schema or its rules; `fields` names each fault.
    InvalidInput = "INVALID_INPUT", 400, Retry::Never;
    /// No valid identity came with the call.
    Unauthorized = "UNAUTHORIZED", 401, Retry::Never;
    /// The identity is known and may not do this.
    Forbidden = "FORBIDDEN", 403, Retry::Never;
    /// A person has to approve the action first.
    ApprovalRequired = "APPROVAL_REQUIRED", 403, Retry::Never;
    /// The address is private, local or not allowed for a request that a user can steer.
    AddressRefused = "ADDRESS_REFUSED", 403, Retry::Never;
    /// Nothing of that name or id exists in this scope.
    NotFound = "NOT_FOUND", 404, Retry::Never;
    /// Something of that name exists already.
    AlreadyExists = "ALREADY_EXISTS", 409, Retry::Never;
    /// Somebody else changed it first; read it again.
    Conflict = "CONFLICT", 409, Retry::Now;
    /// The input is larger than the stated limit.
    TooLarge = "TOO_LARGE", 413, Retry::Never;
    /// The document, media type or feature is not supported here.
    Unsupported = "UNSUPPORTED", 415, Retry::Never;
    /// The document is damaged, encrypted or not what its name says.
    Unreadable = "UNREADABLE", 422, Retry::Never;
    /// Too many calls; wait as told.
    RateLimited = "RATE_LIMITED", 429, SHORTLY;
    /// The caller gave up; work already paid for is recorded.
    Cancelled = "CANCELLED", 499, Retry::Never;
    /// The settings are missing or malformed; the context names each one.
    Configuration = "CONFIGURATION", 500, Retry::Never;
    /// No root key is configured where one is needed.
    KeyMissing = "KEY_MISSING", 500, Retry::Never;
    /// The root key is not the one this database was sealed with; nothing was written.
    WrongKey = "WRONG_KEY", 500, Retry::Never;
    /// The sealed value was altered, moved or made with another key.
    CannotUnseal = "CANNOT_UNSEAL", 500, Retry::Never;
    /// The audit trail does not verify: an entry was altered, removed or reordered.
    AuditBroken = "AUDIT_BROKEN", 500, Retry::Never;
    /// The database needs a newer version of the library.
    SchemaTooNew = "SCHEMA_TOO_NEW", 500, Retry::Never;
    /// This is a database of the seed, which has to be adopted first; nothing was changed.
    AdoptionNeeded = "ADOPTION_NEEDED", 409, Retry::Never;
    /// The database answered with a fault that no other kind names.
    Storage = "STORAGE", 500, Retry::Never;
    /// The database file is damaged or is not a database.
    StorageCorrupt = "STORAGE_CORRUPT", 500, Retry::Never;
    /// Another process holds the database; nothing was written.
    StorageBusy = "STORAGE_BUSY", 503, SHORTLY;
    /// The disk is full or not writable; nothing was written.
    StorageFull = "STORAGE_FULL", 507, Retry::Never;
    /// A program that Javari ran, such as git or a build, failed or is missing.
    CommandFailed = "COMMAND_FAILED", 500, Retry::Never;
    /// An object that the host registered failed.
    HostFailed = "HOST_FAILED", 500, Retry::Never;
    /// The connection could not be made or broke.
    Network = "NETWORK", 502, SHORTLY;
    /// No trusted TLS connection could be made: the certificate is unknown, expired or for another
    /// name; nothing was sent.
    TlsFailed = "TLS_FAILED", 502, Retry::Never;
    /// The provider answered with an error or with something that is not its protocol.
    ProviderFailed = "PROVIDER_FAILED", 502, SHORTLY;
    /// The provider refused the request; trying again cannot help.
    ProviderRefused = "PROVIDER_REFUSED", 502, Retry::Never;
    /// The provider refused the key: it is wrong, revoked or may not do this.
    CredentialRefused = "CREDENTIAL_REFUSED", 502, Retry::Never;
    /// The credit or quota of the provider's account is used up; waiting does not help soon.
    QuotaExhausted = "QUOTA_EXHAUSTED", 502, Retry::Never;
    /// The provider does not have the model, or not for this account.
    ModelNotFound = "MODEL_NOT_FOUND", 502, Retry::Never;
    /// The request is longer than the model reads.
    ContextTooLong = "CONTEXT_TOO_LONG", 502, Retry::Never;
    /// The provider has too much to do; another one may answer.
    ProviderOverloaded = "PROVIDER_OVERLOADED", 503, SHORTLY;
    /// The budget of the user or project does not allow the call; nothing was sent.
    BudgetExceeded = "BUDGET_EXCEEDED", 402, Retry::Never;
    /// This Javari was closed.
    Closed = "CLOSED", 503, Retry::Never;
    /// The time limit passed.
    Timeout = "TIMEOUT", 504, SHORTLY;
    /// A fault in Javari itself; please report it.
    Unexpected = "UNEXPECTED", 500, Retry::Never;
}
