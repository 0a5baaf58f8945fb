//! Written by `cargo catalog` from the catalogue; do not edit.
//!
//! What every function answers.

use javari_core::ErrorKind;

/// What a function answers: 0, or why it failed. The numbers are those of this version's list.
#[repr(i32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// It was done.
    Ok = 0,
    /// The request does not fit its schema or its rules; `fields` names each fault.
    InvalidInput = 1,
    /// No valid identity came with the call.
    Unauthorized = 2,
    /// The identity is known and may not do this.
    Forbidden = 3,
    /// A person has to approve the action first.
    ApprovalRequired = 4,
    /// The address is private, local or not allowed for a request that a user can steer.
    AddressRefused = 5,
    /// Nothing of that name or id exists in this scope.
    NotFound = 6,
    /// Something of that name exists already.
    AlreadyExists = 7,
    /// Somebody else changed it first; read it again.
    Conflict = 8,
    /// The input is larger than the stated limit.
    TooLarge = 9,
    /// The document, media type or feature is not supported here.
    Unsupported = 10,
    /// The document is damaged, encrypted or not what its name says.
    Unreadable = 11,
    /// Too many calls; wait as told.
    RateLimited = 12,
    /// The caller gave up; work already paid for is recorded.
    Cancelled = 13,
    /// The settings are missing or malformed; the context names each one.
    Configuration = 14,
    /// No root key is configured where one is needed.
    KeyMissing = 15,
    /// The root key is not the one this database was sealed with; nothing was written.
    WrongKey = 16,
    /// The sealed value was altered, moved or made with another key.
    CannotUnseal = 17,
    /// The audit trail does not verify: an entry was altered, removed or reordered.
    AuditBroken = 18,
    /// The database needs a newer version of the library.
    SchemaTooNew = 19,
    /// This is a database of the seed, which has to be adopted first; nothing was changed.
    AdoptionNeeded = 20,
    /// The database answered with a fault that no other kind names.
    Storage = 21,
    /// The database file is damaged or is not a database.
    StorageCorrupt = 22,
    /// Another process holds the database; nothing was written.
    StorageBusy = 23,
    /// The disk is full or not writable; nothing was written.
    StorageFull = 24,
    /// A program that Javari ran, such as git or a build, failed or is missing.
    CommandFailed = 25,
    /// An object that the host registered failed.
    HostFailed = 26,
    /// The connection could not be made or broke.
    Network = 27,
    /// No trusted TLS connection could be made: the certificate is unknown, expired or for another name; nothing was sent.
    TlsFailed = 28,
    /// The provider answered with an error or with something that is not its protocol.
    ProviderFailed = 29,
    /// The provider refused the request; trying again cannot help.
    ProviderRefused = 30,
    /// The provider refused the key: it is wrong, revoked or may not do this.
    CredentialRefused = 31,
    /// The credit or quota of the provider's account is used up; waiting does not help soon.
    QuotaExhausted = 32,
    /// The provider does not have the model, or not for this account.
    ModelNotFound = 33,
    /// The request is longer than the model reads.
    ContextTooLong = 34,
    /// The provider has too much to do; another one may answer.
    ProviderOverloaded = 35,
    /// The budget of the user or project does not allow the call; nothing was sent.
    BudgetExceeded = 36,
    /// This Javari was closed.
    Closed = 37,
    /// The time limit passed.
    Timeout = 38,
    /// A fault in Javari itself; please report it.
    Unexpected = 39,
}

impl Code {
    /// The code of a kind of error.
    pub fn of(kind: ErrorKind) -> Self {
        match kind {
            ErrorKind::InvalidInput => Self::InvalidInput,
            ErrorKind::Unauthorized => Self::Unauthorized,
            ErrorKind::Forbidden => Self::Forbidden,
            ErrorKind::ApprovalRequired => Self::ApprovalRequired,
            ErrorKind::AddressRefused => Self::AddressRefused,
            ErrorKind::NotFound => Self::NotFound,
            ErrorKind::AlreadyExists => Self::AlreadyExists,
            ErrorKind::Conflict => Self::Conflict,
            ErrorKind::TooLarge => Self::TooLarge,
            ErrorKind::Unsupported => Self::Unsupported,
            ErrorKind::Unreadable => Self::Unreadable,
            ErrorKind::RateLimited => Self::RateLimited,
            ErrorKind::Cancelled => Self::Cancelled,
            ErrorKind::Configuration => Self::Configuration,
            ErrorKind::KeyMissing => Self::KeyMissing,
            ErrorKind::WrongKey => Self::WrongKey,
            ErrorKind::CannotUnseal => Self::CannotUnseal,
            ErrorKind::AuditBroken => Self::AuditBroken,
            ErrorKind::SchemaTooNew => Self::SchemaTooNew,
            ErrorKind::AdoptionNeeded => Self::AdoptionNeeded,
            ErrorKind::Storage => Self::Storage,
            ErrorKind::StorageCorrupt => Self::StorageCorrupt,
            ErrorKind::StorageBusy => Self::StorageBusy,
            ErrorKind::StorageFull => Self::StorageFull,
            ErrorKind::CommandFailed => Self::CommandFailed,
            ErrorKind::HostFailed => Self::HostFailed,
            ErrorKind::Network => Self::Network,
            ErrorKind::TlsFailed => Self::TlsFailed,
            ErrorKind::ProviderFailed => Self::ProviderFailed,
            ErrorKind::ProviderRefused => Self::ProviderRefused,
            ErrorKind::CredentialRefused => Self::CredentialRefused,
            ErrorKind::QuotaExhausted => Self::QuotaExhausted,
            ErrorKind::ModelNotFound => Self::ModelNotFound,
            ErrorKind::ContextTooLong => Self::ContextTooLong,
            ErrorKind::ProviderOverloaded => Self::ProviderOverloaded,
            ErrorKind::BudgetExceeded => Self::BudgetExceeded,
            ErrorKind::Closed => Self::Closed,
            ErrorKind::Timeout => Self::Timeout,
            ErrorKind::Unexpected => Self::Unexpected,
            _ => Self::Unexpected,
        }
    }
}
