//! The root keys that one process knows: the one in use and, while it is rotated, the next one.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
};

use super::{KeyOrigin, RootKey};
use crate::error::{Error, ErrorKind, Result};

/// What the name of a key file ends with while its next key is written and not in use yet.
const NEXT: &str = ".new";

/// The root keys that the rooms of one Javari share. Which of them counts stands in the database: a
/// room names the id that it read there and never tries one key after the other. Cheap to clone.
///
/// ```
/// use javari_core::secret::{RootKey, RootKeys};
/// let keys = RootKeys::new(RootKey::from_bytes([7; 32]))?;
/// let id = keys.current().id()?;
/// assert!(keys.of(&id).is_ok());
/// # Ok::<(), javari_core::Error>(())
/// ```
#[derive(Clone)]
pub struct RootKeys(Arc<RwLock<Known>>);

struct Known {
    current: Named,
    /// The key of a rotation that has not ended as far as this process knows.
    next: Option<Named>,
}

#[derive(Clone)]
struct Named {
    key: RootKey,
    id: String,
}

impl RootKeys {
    /// The keys of a process that was given `key`.
    ///
    /// # Errors
    /// `UNEXPECTED` when its id cannot be derived.
    pub fn new(key: RootKey) -> Result<Self> {
        Ok(Self(Arc::new(RwLock::new(Known { current: Named::of(key)?, next: None }))))
    }

    /// The key that is in use, as far as this process knows.
    pub fn current(&self) -> RootKey {
        self.read(|known| known.current.key.clone())
    }

    /// The id of [`current`](Self::current).
    pub fn current_id(&self) -> String {
        self.read(|known| known.current.id.clone())
    }

    /// The key of that id, which the database names. One that another process rotated to is looked
    /// for in the key's own file, and is in use from then on.
    ///
    /// # Errors
    /// `WRONG_KEY` when this process does not know it: it has to open the database again.
    pub fn of(&self, id: &str) -> Result<RootKey> {
        let known = self.read(|known| {
            let both = [Some(&known.current), known.next.as_ref()];
            both.into_iter().flatten().find(|named| named.id == id).cloned()
        });
        if let Some(named) = known {
            return Ok(named.key);
        }
        let current = self.current();
        let (KeyOrigin::File(path) | KeyOrigin::NewFile(path)) = current.origin() else {
            return Err(self.unknown(id));
        };
        let path = Path::new(path);
        // The next key lies beside until the rotation has ended.
        for file in [path.to_path_buf(), next_file(path)] {
            // A key under a passphrase is not read: nobody keeps the passphrase.
            if let Ok(key) = RootKey::read(&file)
                && key.id()? == id
            {
                self.adopt(key.clone().said_from(path))?;
                return Ok(key);
            }
        }
        Err(self.unknown(id))
    }

    /// Knows the key that a rotation is on its way to.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub(crate) fn prepare(&self, next: RootKey) -> Result<()> {
        let next = Named::of(next)?;
        self.0.write().unwrap_or_else(PoisonError::into_inner).next = Some(next);
        Ok(())
    }

    /// Uses `key` from now on and forgets the one before.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub(crate) fn adopt(&self, key: RootKey) -> Result<()> {
        let current = Named::of(key)?;
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Known { current, next: None };
        Ok(())
    }

    fn read<T>(&self, look: impl FnOnce(&Known) -> T) -> T {
        // A panic while the keys were held cannot leave them half changed.
        look(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn unknown(&self, id: &str) -> Error {
        Error::new(
            ErrorKind::WrongKey,
            "secret.root_key",
            "the root key was rotated since this database was opened: \
             open it again with the new key, or call `vault.rotate_root_key` with it",
        )
        .with("needs_key", id)
        .with("given_key", self.current_id())
    }
}

/// Where the next key of a key file lies while it is not in use yet.
pub(crate) fn next_file(path: &Path) -> PathBuf {
    let mut name = path.to_path_buf().into_os_string();
    name.push(NEXT);
    name.into()
}

impl Named {
    fn of(key: RootKey) -> Result<Self> {
        Ok(Self { id: key.id()?, key })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_found_by_its_id_alone_and_an_unknown_one_is_a_wrong_key() {
        let [one, two] = [7, 8].map(|byte| RootKey::from_bytes([byte; 32]));
        let ids = [one.id().unwrap(), two.id().unwrap()];
        let keys = RootKeys::new(one).unwrap();
        let error = keys.of(&ids[1]).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::WrongKey);
        keys.prepare(two.clone()).unwrap();
        assert_eq!(keys.of(&ids[1]).unwrap().expose(), two.expose());
        assert_eq!(keys.current_id(), ids[0]);
        keys.adopt(two).unwrap();
        assert_eq!(keys.current_id(), ids[1]);
        assert!(keys.of(&ids[0]).is_err());
    }

    #[test]
    fn a_key_that_another_process_put_into_the_file_is_learnt() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db.key");
        let keys = RootKeys::new(RootKey::read_or_create(&path).unwrap()).unwrap();
        let next = RootKey::read_or_create(&next_file(&path)).unwrap();
        let id = next.id().unwrap();
        assert_eq!(keys.of(&id).unwrap().expose(), next.expose());
        assert_eq!(keys.current_id(), id);
        assert_eq!(keys.current().origin(), &KeyOrigin::File(path.display().to_string()));
    }
}
