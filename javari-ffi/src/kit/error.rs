//! Written by `cargo catalog` from the catalogue; do not edit.
//!
//! One error class for every kind.

use javari_core::{Error, ErrorKind, host::error_value};

/// Why a call failed: its stable code, one sentence, and all of it as JSON.
#[derive(Debug, thiserror::Error, uniffi::Error)]
pub enum JavariError {
    /// The request does not fit its schema or its rules; `fields` names each fault.
    #[error("{code}: {detail}")]
    InvalidInput {
        /// The stable code.
        code: String,
        /// One sentence for a person.
        detail: String,
        /// The whole error: code, message, operation, retry_after and details.
        json: String,
    },
    /// No valid identity came with the call.
    #[error("{code}: {detail}")]
    Unauthorized {
        /// The stable code.
        code: String,
        /// One sentence for a person.
        detail: String,
        /// The whole error: code, message, operation, retry_after and details.
        json: String,
    },
    /// The identity is known and may not do this.
    #[error("{code}: {detail}")]
    Forbidden {
        /// The stable code.
        code: String,
        /// One sentence for a person.
        detail: String,
        /// The whole error: code, message, operation, retry_after and details.
        json: String,
    },
    /// A person has to approve the action first.
    #[error("{code}: {detail}")]
    ApprovalRequired {
        /// The stable code.
        code: String,
        /// One sentence for a person.
        detail: String,
        /// The whole error: code, message, operation, retry_after and details.
        json: String,
    },
    /// The address is private, local or not allowed for a request that a user can steer.
    #[error("{code}: {detail}")]
    AddressRefused {
        /// The stable code.
        code: String,
        /// One sentence for a person.
        detail: String,
        /// The whole error: code, message, operation, retry_after and details.
        json: String,
    },
    /// Nothing of that name or id exists in this scope.
    #[error("{code}: {detail}")]
    NotFound {
        /// The stable code.
        code: String,
        /// One sentence for a person.
        detail: String,
        /// The whole error: code, message, operation, retry_after and details.
        json: String,
    },
    /// Something of that name exists already.
    #[error("{code}: {detail}")]
    AlreadyExists {
        /// The stable code.
        code: String,
        /// One sentence for a person.
        detail: String,
        /// The whole error: code, message, operation, retry_after and details.
        json: String,
    },
    /// Somebody else changed it first; read it again.
    #[error("{code}: {detail}")]
    Conflict {
        /// The stable code.
        code: String,
        /// One sentence for a person.
        detail: String,
        /// The whole error: code, message, operation, retry_after and details.
        json: String,
    },
    /// The input is larger than the stated limit.
    #[error("{code}: {detail}")]
    TooLarge {
        /// The stable code.
        code: String,
        /// One sentence for a person.
        detail: String,
        /// The whole error: code, message, operation, retry_after and details.
        json: String,
    },
    /// The document, media type or feature is not supported here.
    #[error("{code}: {detail}")]
    Unsupported {
        /// The stable code.
        code: String,
        /// One sentence for a person.
        detail: String,
        /// The whole error: code, message, operation, retry_after and details.
        json: String,
    },
    /// The document is damaged, encrypted or not what its name says.
    #[error("{code}: {detail}")]
    Unreadable {
        /// The stable code.
        code: String,
        /// One sentence for a person.
        detail: String,
        /// The whole error: code, message, operation, retry_after and details.
        json: String,
    },
    /// Too many calls; wait as told.
    #[error("{code}: {detail}")]
    RateLimited {
        /// The stable code.
        code: String,
        /// One sentence for a person.
        detail: String,
        /// The whole error: code, message, operation, retry_after and details.
        json: String,
    },
    /// The caller gave up; work already paid for is recorded.
    #[error("{code}: {detail}")]
    Cancelled {
        /// The stable code.
        code: String,
        /// One sentence for a person.
        detail: String,
        /// The whole error: code, message, operation, retry_after and details.
        json: String,
    },
    /// The settings are missing or malformed; the context names each one.
    #[error("{code}: {detail}")]
    Configuration {
        /// The stable code.
        code: String,
        /// One sentence for a person.
        detail: String,
        /// The whole error: code, message, operation, retry_after and details.
        json: String,
    },
    /// No root key is configured where one is needed.
    #[error("{code}: {detail}")]
    KeyMissing {
        /// The stable code.
        code: String,
        /// One sentence for a person.
        detail: String,
        /// The whole error: code, message, operation, retry_after and details.
        json: String,
    },
    /// The root key is not the one this database was sealed with; nothing was written.
    #[error("{code}: {detail}")]
    WrongKey {
        /// The stable code.
        code: String,
        /// One sentence for a person.
        detail: String,
        /// The whole error: code, message, operation, retry_after and details.
        json: String,
    },
    /// The sealed value was altered, moved or made with another key.
    #[error("{code}: {detail}")]
    CannotUnseal {
        /// The stable code.
        code: String,
        /// One sentence for a person.
        detail: String,
        /// The whole error: code, message, operation, retry_after and details.
        json: String,
    },
    /// The audit trail does not verify: an entry was altered, removed or reordered.
    #[error("{code}: {detail}")]
    AuditBroken {
        /// The stable code.
        code: String,
        /// One sentence for a person.
        detail: String,
        /// The whole error: code, message, operation, retry_after and details.
        json: String,
    },
    /// The database needs a newer version of the library.
    #[error("{code}: {detail}")]
    SchemaTooNew {
        /// The stable code.
        code: String,
        /// One sentence for a person.
        detail: String,
        /// The whole error: code, message, operation, retry_after and details.
        json: String,
    },
    /// This is a database of the seed, which has to be adopted first; nothing was changed.
    #[error("{code}: {detail}")]
    AdoptionNeeded {
        /// The stable code.
        code: String,
        /// One sentence for a person.
        detail: String,
        /// The whole error: code, message, operation, retry_after and details.
        json: String,
    },
    /// The database answered with a fault that no other kind names.
    #[error("{code}: {detail}")]
    Storage {
        /// The stable code.
        code: String,
        /// One sentence for a person.
        detail: String,
        /// The whole error: code, message, operation, retry_after and details.
        json: String,
    },
    /// The database file is damaged or is not a database.
    #[error("{code}: {detail}")]
    StorageCorrupt {
        /// The stable code.
        code: String,
        /// One sentence for a person.
        detail: String,
        /// The whole error: code, message, operation, retry_after and details.
        json: String,
    },
    /// Another process holds the database; nothing was written.
    #[error("{code}: {detail}")]
    StorageBusy {
        /// The stable code.
        code: String,
        /// One sentence for a person.
        detail: String,
        /// The whole error: code, message, operation, retry_after and details.
        json: String,
    },
    /// The disk is full or not writable; nothing was written.
    #[error("{code}: {detail}")]
    StorageFull {
        /// The stable code.
        code: String,
        /// One sentence for a person.
        detail: String,
        /// The whole error: code, message, operation, retry_after and details.
        json: String,
    },
    /// A program that Javari ran, such as git or a build, failed or is missing.
    #[error("{code}: {detail}")]
    CommandFailed {
        /// The stable code.
        code: String,
        /// One sentence for a person.
        detail: String,
        /// The whole error: code, message, operation, retry_after and details.
        json: String,
    },
    /// An object that the host registered failed.
    #[error("{code}: {detail}")]
    HostFailed {
        /// The stable code.
        code: String,
        /// One sentence for a person.
        detail: String,
        /// The whole error: code, message, operation, retry_after and details.
        json: String,
    },
    /// The connection could not be made or broke.
    #[error("{code}: {detail}")]
    Network {
        /// The stable code.
        code: String,
        /// One sentence for a person.
        detail: String,
        /// The whole error: code, message, operation, retry_after and details.
        json: String,
    },
    /// No trusted TLS connection could be made: the certificate is unknown, expired or for another name; nothing was sent.
    #[error("{code}: {detail}")]
    TlsFailed {
        /// The stable code.
        code: String,
        /// One sentence for a person.
        detail: String,
        /// The whole error: code, message, operation, retry_after and details.
        json: String,
    },
    /// The provider answered with an error or with something that is not its protocol.
    #[error("{code}: {detail}")]
    ProviderFailed {
        /// The stable code.
        code: String,
        /// One sentence for a person.
        detail: String,
        /// The whole error: code, message, operation, retry_after and details.
        json: String,
    },
    /// The provider refused the request; trying again cannot help.
    #[error("{code}: {detail}")]
    ProviderRefused {
        /// The stable code.
        code: String,
        /// One sentence for a person.
        detail: String,
        /// The whole error: code, message, operation, retry_after and details.
        json: String,
    },
    /// The provider refused the key: it is wrong, revoked or may not do this.
    #[error("{code}: {detail}")]
    CredentialRefused {
        /// The stable code.
        code: String,
        /// One sentence for a person.
        detail: String,
        /// The whole error: code, message, operation, retry_after and details.
        json: String,
    },
    /// The credit or quota of the provider's account is used up; waiting does not help soon.
    #[error("{code}: {detail}")]
    QuotaExhausted {
        /// The stable code.
        code: String,
        /// One sentence for a person.
        detail: String,
        /// The whole error: code, message, operation, retry_after and details.
        json: String,
    },
    /// The provider does not have the model, or not for this account.
    #[error("{code}: {detail}")]
    ModelNotFound {
        /// The stable code.
        code: String,
        /// One sentence for a person.
        detail: String,
        /// The whole error: code, message, operation, retry_after and details.
        json: String,
    },
    /// The request is longer than the model reads.
    #[error("{code}: {detail}")]
    ContextTooLong {
        /// The stable code.
        code: String,
        /// One sentence for a person.
        detail: String,
        /// The whole error: code, message, operation, retry_after and details.
        json: String,
    },
    /// The provider has too much to do; another one may answer.
    #[error("{code}: {detail}")]
    ProviderOverloaded {
        /// The stable code.
        code: String,
        /// One sentence for a person.
        detail: String,
        /// The whole error: code, message, operation, retry_after and details.
        json: String,
    },
    /// The budget of the user or project does not allow the call; nothing was sent.
    #[error("{code}: {detail}")]
    BudgetExceeded {
        /// The stable code.
        code: String,
        /// One sentence for a person.
        detail: String,
        /// The whole error: code, message, operation, retry_after and details.
        json: String,
    },
    /// This Javari was closed.
    #[error("{code}: {detail}")]
    Closed {
        /// The stable code.
        code: String,
        /// One sentence for a person.
        detail: String,
        /// The whole error: code, message, operation, retry_after and details.
        json: String,
    },
    /// The time limit passed.
    #[error("{code}: {detail}")]
    Timeout {
        /// The stable code.
        code: String,
        /// One sentence for a person.
        detail: String,
        /// The whole error: code, message, operation, retry_after and details.
        json: String,
    },
    /// A fault in Javari itself; please report it.
    #[error("{code}: {detail}")]
    Unexpected {
        /// The stable code.
        code: String,
        /// One sentence for a person.
        detail: String,
        /// The whole error: code, message, operation, retry_after and details.
        json: String,
    },
}

impl From<Error> for JavariError {
    fn from(error: Error) -> Self {
        let code = error.code().to_owned();
        let detail = error.message().to_owned();
        let json = error_value(&error).to_string();
        match error.kind() {
            ErrorKind::InvalidInput => Self::InvalidInput { code, detail, json },
            ErrorKind::Unauthorized => Self::Unauthorized { code, detail, json },
            ErrorKind::Forbidden => Self::Forbidden { code, detail, json },
            ErrorKind::ApprovalRequired => Self::ApprovalRequired { code, detail, json },
            ErrorKind::AddressRefused => Self::AddressRefused { code, detail, json },
            ErrorKind::NotFound => Self::NotFound { code, detail, json },
            ErrorKind::AlreadyExists => Self::AlreadyExists { code, detail, json },
            ErrorKind::Conflict => Self::Conflict { code, detail, json },
            ErrorKind::TooLarge => Self::TooLarge { code, detail, json },
            ErrorKind::Unsupported => Self::Unsupported { code, detail, json },
            ErrorKind::Unreadable => Self::Unreadable { code, detail, json },
            ErrorKind::RateLimited => Self::RateLimited { code, detail, json },
            ErrorKind::Cancelled => Self::Cancelled { code, detail, json },
            ErrorKind::Configuration => Self::Configuration { code, detail, json },
            ErrorKind::KeyMissing => Self::KeyMissing { code, detail, json },
            ErrorKind::WrongKey => Self::WrongKey { code, detail, json },
            ErrorKind::CannotUnseal => Self::CannotUnseal { code, detail, json },
            ErrorKind::AuditBroken => Self::AuditBroken { code, detail, json },
            ErrorKind::SchemaTooNew => Self::SchemaTooNew { code, detail, json },
            ErrorKind::AdoptionNeeded => Self::AdoptionNeeded { code, detail, json },
            ErrorKind::Storage => Self::Storage { code, detail, json },
            ErrorKind::StorageCorrupt => Self::StorageCorrupt { code, detail, json },
            ErrorKind::StorageBusy => Self::StorageBusy { code, detail, json },
            ErrorKind::StorageFull => Self::StorageFull { code, detail, json },
            ErrorKind::CommandFailed => Self::CommandFailed { code, detail, json },
            ErrorKind::HostFailed => Self::HostFailed { code, detail, json },
            ErrorKind::Network => Self::Network { code, detail, json },
            ErrorKind::TlsFailed => Self::TlsFailed { code, detail, json },
            ErrorKind::ProviderFailed => Self::ProviderFailed { code, detail, json },
            ErrorKind::ProviderRefused => Self::ProviderRefused { code, detail, json },
            ErrorKind::CredentialRefused => Self::CredentialRefused { code, detail, json },
            ErrorKind::QuotaExhausted => Self::QuotaExhausted { code, detail, json },
            ErrorKind::ModelNotFound => Self::ModelNotFound { code, detail, json },
            ErrorKind::ContextTooLong => Self::ContextTooLong { code, detail, json },
            ErrorKind::ProviderOverloaded => Self::ProviderOverloaded { code, detail, json },
            ErrorKind::BudgetExceeded => Self::BudgetExceeded { code, detail, json },
            ErrorKind::Closed => Self::Closed { code, detail, json },
            ErrorKind::Timeout => Self::Timeout { code, detail, json },
            _ => Self::Unexpected { code, detail, json },
        }
    }
}
