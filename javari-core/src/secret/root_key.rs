//! The one key from which all others derive, and the places it may come from.

use std::{
    fmt, fs,
    io::{self, Write},
    path::Path,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use super::{Secret, create_private, hidden_neighbour};
use crate::error::{Error, ErrorKind, Result};

/// 32 bytes from which every other key derives. Wiped on drop, never printed.
#[derive(Clone)]
pub struct RootKey {
    bytes: Zeroizing<[u8; 32]>,
    origin: KeyOrigin,
}

/// Where the root key came from, to tell the operator what to keep safe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyOrigin {
    /// The host gave it, or the environment variable `CREDENTIAL_ENCRYPTION_KEY` holds it.
    Configured,
    /// It was read from this file.
    File(String),
    /// It was made just now and written to this file, readable by its owner alone.
    NewFile(String),
    /// It was made for this process and is gone with it.
    Ephemeral,
}

impl RootKey {
    /// Reads 32 bytes from standard base64 (44 characters, as the seed's generator prints) or
    /// from 64 hexadecimal digits.
    ///
    /// # Errors
    /// `CONFIGURATION` when the text is neither; the text itself is not repeated.
    pub fn parse(text: &Secret) -> Result<Self> {
        // Exposed to decode it into key bytes; the decoded copy is wiped.
        let text = text.expose().trim();
        let decoded = match text.len() {
            64 => {
                // In place, so that also what a wrong digit cut off is wiped.
                let mut bytes = Zeroizing::new(vec![0; 32]);
                hex::decode_to_slice(text, bytes.as_mut_slice()).ok().map(|()| bytes)
            }
            _ => STANDARD.decode(text).ok().map(Zeroizing::new),
        };
        let bytes = decoded.and_then(|bytes| <[u8; 32]>::try_from(bytes.as_slice()).ok());
        let bytes = bytes.ok_or_else(|| {
            Error::new(
                ErrorKind::Configuration,
                "secret.root_key",
                "the root key must be 32 bytes: 44 base64 characters or 64 hexadecimal digits",
            )
            .with("characters", text.len())
        })?;
        Ok(Self { bytes: Zeroizing::new(bytes), origin: KeyOrigin::Configured })
    }

    /// Takes 32 bytes that the host holds.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self { bytes: Zeroizing::new(bytes), origin: KeyOrigin::Configured }
    }

    /// A new random key that lives as long as this process.
    ///
    /// # Errors
    /// `UNEXPECTED` when the system gives no random bytes; there is no fallback.
    pub fn ephemeral() -> Result<Self> {
        let mut bytes = Zeroizing::new([0; 32]);
        getrandom::fill(bytes.as_mut()).map_err(|fault| {
            Error::new(ErrorKind::Unexpected, "secret.root_key", "the system gave no random bytes")
                .with("fault", fault)
        })?;
        Ok(Self { bytes, origin: KeyOrigin::Ephemeral })
    }

    /// Reads the key from `path`, or makes one there that only its owner can read.
    ///
    /// Threads and processes that start at once agree: one file comes to stand there whole, and
    /// all others read it.
    ///
    /// # Errors
    /// `CONFIGURATION` when the file is open to others, unreadable or not a key.
    pub fn read_or_create(path: &Path) -> Result<Self> {
        match Self::read(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            result => return result,
        }
        let key = Self::ephemeral()?;
        match key.keep(path, key.to_base64().expose())? {
            Some(key) => Ok(key),
            None => Self::read(path),
        }
    }

    /// Writes `text`, which is this key or a copy of it, to a new file that only its owner can
    /// read. Nothing when somebody else was first.
    ///
    /// # Errors
    /// `CONFIGURATION` when the file cannot be written.
    pub(crate) fn keep(&self, path: &Path, text: &str) -> Result<Option<Self>> {
        let origin = KeyOrigin::NewFile(path.display().to_string());
        match write_private(path, text) {
            Ok(()) => Ok(Some(Self { bytes: self.bytes.clone(), origin })),
            Err(fault) if fault.kind() == io::ErrorKind::AlreadyExists => Ok(None),
            Err(fault) => Err(file_fault(path, "the key file cannot be written", fault)),
        }
    }

    /// Reads the key from a file of 44 base64 characters or 64 hexadecimal digits.
    ///
    /// # Errors
    /// `NOT_FOUND` when there is no file, `CONFIGURATION` when it is open to others or no key.
    pub fn read(path: &Path) -> Result<Self> {
        let text = Self::read_text(path)?;
        let key = Self::parse(&text).map_err(|error| error.with("path", path.display()))?;
        Ok(key.said_from(path))
    }

    /// The same key, said to come from the file at `path`.
    #[must_use]
    pub(crate) fn said_from(self, path: &Path) -> Self {
        Self { origin: KeyOrigin::File(path.display().to_string()), ..self }
    }

    /// The text of a key file, which may hold a recovery copy in the place of the key.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub(crate) fn read_text(path: &Path) -> Result<Secret> {
        if path.to_str().is_some_and(|text| Self::parse(&Secret::new(text)).is_ok()) {
            return Err(Error::new(
                ErrorKind::Configuration,
                "secret.root_key",
                "the key itself stands where its file should: give it as `root_key`",
            ));
        }
        let text = match fs::read_to_string(path) {
            Ok(text) => Secret::new(text),
            Err(fault) if fault.kind() == io::ErrorKind::NotFound => {
                return Err(Error::new(
                    ErrorKind::NotFound,
                    "secret.root_key",
                    "the key file does not exist",
                )
                .with("path", path.display()));
            }
            Err(fault) => return Err(file_fault(path, "the key file cannot be read", fault)),
        };
        refuse_open_file(path)?;
        Ok(text)
    }

    /// Where it came from.
    pub fn origin(&self) -> &KeyOrigin {
        &self.origin
    }

    /// The bytes, for key derivation inside `vault` and `audit`.
    pub fn expose(&self) -> &[u8; 32] {
        &self.bytes
    }

    /// Another key from this one, for the purpose that `label` names (HKDF-SHA-256, RFC 5869).
    ///
    /// # Errors
    /// `UNEXPECTED` when it cannot be derived.
    pub fn derive(&self, label: &[u8]) -> Result<Zeroizing<[u8; 32]>> {
        let mut key = Zeroizing::new([0; 32]);
        Hkdf::<Sha256>::new(None, self.bytes.as_ref()).expand(label, key.as_mut()).map_err(
            |_| Error::new(ErrorKind::Unexpected, "secret.derive", "a key was not derived"),
        )?;
        Ok(key)
    }

    /// Names the key without telling it: 32 hexadecimal digits, as in the key registry.
    ///
    /// # Errors
    /// `UNEXPECTED` when it cannot be derived.
    pub fn id(&self) -> Result<String> {
        let name = self.derive(b"javari/root-id")?;
        Ok(hex::encode(&name[..16]))
    }

    /// The key as text that [`parse`](Self::parse) reads: 44 characters of base64, the seed's form.
    pub(crate) fn to_base64(&self) -> Secret {
        Secret::new(STANDARD.encode(self.bytes.as_ref()))
    }
}

impl fmt::Debug for RootKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RootKey").field("origin", &self.origin).finish_non_exhaustive()
    }
}

/// Writes the key whole to a private neighbour of its own and then links it, so that no reader sees
/// half a key and of several writers one wins: the others get `AlreadyExists`.
fn write_private(path: &Path, text: &str) -> io::Result<()> {
    let Some(neighbour) = hidden_neighbour(path)? else {
        return Err(io::ErrorKind::InvalidInput.into());
    };
    let linked = write_new(&neighbour, text).and_then(|()| fs::hard_link(&neighbour, path));
    // What is left of it would be a key that opens nothing.
    match fs::remove_file(&neighbour) {
        Err(fault) if fault.kind() != io::ErrorKind::NotFound => linked.and(Err(fault)),
        _ => linked,
    }
}

fn write_new(path: &Path, text: &str) -> io::Result<()> {
    let mut file = create_private(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

#[cfg(unix)]
fn refuse_open_file(path: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mode = fs::metadata(path)
        .map_err(|fault| file_fault(path, "the key file cannot be read", fault))?
        .permissions()
        .mode();
    if mode & 0o077 == 0 {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::Configuration,
        "secret.root_key",
        "the key file can be read by others: run `chmod 600` on it",
    )
    .with("path", path.display())
    .with("mode", format!("{:o}", mode & 0o777)))
}

#[cfg(not(unix))]
fn refuse_open_file(_: &Path) -> Result<()> {
    Ok(())
}

fn file_fault(path: &Path, message: &str, fault: io::Error) -> Error {
    Error::new(ErrorKind::Configuration, "secret.root_key", message)
        .with("path", path.display())
        .with_source(fault)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_and_hexadecimal_give_the_same_key() {
        let hexadecimal = "00".repeat(31) + "ff";
        let base64 = STANDARD.encode([[0; 31].as_slice(), &[255]].concat());
        let one = RootKey::parse(&Secret::new(hexadecimal)).unwrap();
        let other = RootKey::parse(&Secret::new(base64)).unwrap();
        assert_eq!(one.expose(), other.expose());
    }

    #[test]
    fn a_key_of_another_length_is_refused_without_repeating_it() {
        // 24 bytes: "[32-byte-base64-string]" read as 32 characters, a mistake the seed invites.
        let text = STANDARD.encode([7; 24]);
        let error = RootKey::parse(&Secret::new(text.clone())).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert!(!format!("{error:?}").contains(&text));
    }

    #[test]
    fn a_created_key_file_is_private_and_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db.key");
        let made = RootKey::read_or_create(&path).unwrap();
        assert!(matches!(made.origin(), KeyOrigin::NewFile(_)));
        let read = RootKey::read_or_create(&path).unwrap();
        assert_eq!(made.expose(), read.expose());
        assert!(matches!(read.origin(), KeyOrigin::File(_)));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
            fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
            assert_eq!(RootKey::read(&path).unwrap_err().kind(), ErrorKind::Configuration);
        }
    }

    #[test]
    fn all_who_open_at_once_for_the_first_time_get_the_one_key_that_is_kept() {
        for _ in 0..20 {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("a.db.key");
            let barrier = std::sync::Barrier::new(16);
            let keys: Vec<RootKey> = std::thread::scope(|scope| {
                let open = || {
                    barrier.wait();
                    RootKey::read_or_create(&path).unwrap()
                };
                let threads: Vec<_> = (0..16).map(|_| scope.spawn(open)).collect();
                threads.into_iter().map(|thread| thread.join().unwrap()).collect()
            });
            let kept = RootKey::read(&path).unwrap();
            assert!(keys.iter().all(|key| key.expose() == kept.expose()));
            assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        }
    }
}
