//! Keeps a value that must not be shown, and says where a secret may come from.
//!
//! What it deliberately does not do: it does not encrypt or store (the `vault` does) and it does
//! not lock memory pages; a value is wiped when it is dropped.

mod origin;
mod private_file;
mod root_key;
mod root_keys;
mod source;

use std::fmt;

pub use origin::Origin;
pub(crate) use private_file::{PendingFile, create_private, hidden_neighbour, keep_name};
pub use root_key::{KeyOrigin, RootKey};
pub use root_keys::RootKeys;
pub(crate) use root_keys::next_file;
pub use source::{FirstOf, FixedSecrets, RootKeySource, SecretRequest, SecretSource};
use zeroize::Zeroizing;

/// A text that is never printed: no `Display`, no `Serialize`, redacted `Debug`, wiped on drop.
///
/// ```
/// use javari_core::secret::Secret;
/// let key = Secret::new("sk-123");
/// assert_eq!(format!("{key:?}"), "Secret([redacted])");
/// // Shown here to compare it in a test.
/// assert_eq!(key.expose(), "sk-123");
/// ```
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes a value into keeping.
    pub fn new(value: impl Into<String>) -> Self {
        Self(Zeroizing::new(value.into()))
    }

    /// The value itself. Every caller states in a comment why it may see it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether the value is the empty text.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret([redacted])")
    }
}

/// An address as it may be shown: without user name, password, query and fragment.
///
/// ```
/// use javari_core::secret::shown_address;
/// assert_eq!(shown_address("https://ann:pw@example.com/v1?key=x"), "https://example.com/v1");
/// ```
pub fn shown_address(address: &str) -> String {
    let (scheme, rest) = match address.split_once("://") {
        Some((scheme, rest)) => (format!("{scheme}://"), rest),
        None => (String::new(), address),
    };
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    let (authority, path) = match rest.split_once('/') {
        Some((authority, path)) => (authority, format!("/{path}")),
        None => (rest, String::new()),
    };
    let host = authority.rsplit('@').next().unwrap_or_default();
    format!("{scheme}{host}{path}")
}

impl From<String> for Secret {
    fn from(value: String) -> Self {
        Self::new(value)
    }
}
