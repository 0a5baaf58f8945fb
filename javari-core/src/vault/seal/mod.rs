//! The two sealed formats: suite 2, which Javari writes, and suite 1, the seed's, which it reads.
//!
//! Pure functions over bytes: no storage, no clock. `docs/vault-format.md` describes suite 2 so that
//! another program can read it; the vectors in `tests/fixtures/vault` fix it for ever.

mod encoding;
mod suite1;
mod suite2;

pub(crate) use encoding::Sealed;
pub(crate) use suite1::unseal as unseal_suite1;
pub(crate) use suite2::{Binding, DataKey, seal, unseal};

use crate::error::{Error, ErrorKind};

/// Every failure to unseal is this one error, so that nothing tells an attacker which step failed.
fn cannot_unseal() -> Error {
    Error::new(
        ErrorKind::CannotUnseal,
        "vault.unseal",
        "the sealed value was altered, moved from another row or made with another key",
    )
}

#[cfg(test)]
mod published;
