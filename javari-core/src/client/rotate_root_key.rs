//! A new root key: where it comes from, and its file in the place of the old one.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::{Javari, build::beside, root_key::read_file};
use crate::{
    error::{Error, ErrorKind, Result, Retry},
    secret::{KeyOrigin, RootKey, Secret, keep_name, next_file},
    vault::{
        RootKeyRotation, RotateRootKey, is_recovery_copy, make_recovery_copy, open_recovery_copy,
    },
};

const OPERATION: &str = "vault.rotate_root_key";

impl Javari {
    /// Makes another root key the one that everything is sealed with, while others go on reading and
    /// writing. The host's own.
    ///
    /// Where the present key was read from a file, the new one comes to stand there, and the one before
    /// in a file beside it that ends with `.old`; backups of before need it. A key that the host gave
    /// otherwise has to be changed by the host where it is kept. A call that was cut off is gone on with
    /// by the next one. Another process that has the database open goes on with the new key where it
    /// finds it in the key's file, and is told `WRONG_KEY` otherwise, once the rotation has ended and
    /// it needs a key that it has not opened yet: call this in it with the same key, or open it again.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> javari_core::Result<()> {
    /// use javari_core::{Javari, vault::{RotateRootKey, make_key}};
    /// let javari = Javari::open(":memory:").await?;
    /// let request = RotateRootKey { key: Some(make_key()?.key), ..RotateRootKey::default() };
    /// let done = javari.rotate_root_key(&request).await?;
    /// assert!(done.rotated && done.key_id != done.previous_key_id);
    /// # javari.close().await;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `INVALID_INPUT` when the new key is none; `CONFLICT` when a rotation to another key has not
    /// ended or the key file of before the last rotation is in the way; those of the database and the
    /// disk. The old key is in use then.
    pub async fn rotate_root_key(&self, request: &RotateRootKey) -> Result<RootKeyRotation> {
        let rooms = self.rooms();
        rooms.local.root_key().await.map(drop).or_else(|error| match error.kind() {
            // It may be the new key that this process is to learn.
            ErrorKind::WrongKey => Ok(()),
            _ => Err(error),
        })?;
        let own = match rooms.roots.current().origin() {
            KeyOrigin::File(path) | KeyOrigin::NewFile(path) if request.key_file.is_none() => {
                Some(PathBuf::from(path))
            }
            _ => None,
        };
        let mut files = Files { own, made: false };
        let new = files.next(request).await?;
        let (may_give_up, api_keys) = (request.give_up_unfinished, &rooms.api_keys);
        let done = rooms.local.rotate_root_key(&new, may_give_up, &[api_keys]).await;
        let mut done = match done {
            Ok(done) => done,
            Err(error) => {
                if files.made && !rooms.local.leads_to(&new).await.unwrap_or(true) {
                    files.give_up();
                }
                return Err(error);
            }
        };
        if let Some(own) = files.own {
            put_in_place(&own)?;
            done.key_file = Some(own.display().to_string());
            let old = old_file(&own);
            done.previous_key_file = old.exists().then(|| old.display().to_string());
        }
        Ok(done)
    }
}

/// The file of the present key and those beside it.
struct Files {
    own: Option<PathBuf>,
    /// Whether the next key's file was made by this call.
    made: bool,
}

impl Files {
    /// The new root key, written beside the present one's file where that has one.
    async fn next(&mut self, request: &RotateRootKey) -> Result<RootKey> {
        let given = given(request).await?;
        let Some(own) = self.own.clone() else {
            return given.ok_or_else(|| {
                refused(
                    "/key",
                    "must be given: the present root key is not one in a file of its own",
                )
            });
        };
        let next = next_file(&own);
        let passphrase = self.passphrase(&own, request)?;
        let there = match read_file(&next, passphrase).await {
            Ok(key) => Some(key),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(_) if request.give_up_unfinished => None,
            Err(error) => return Err(error),
        };
        let new = match (given, there) {
            (None, Some(there)) if !request.give_up_unfinished => return Ok(there.said_from(&own)),
            (Some(given), Some(there)) if given.id()? == there.id()? => {
                return Ok(given.said_from(&own));
            }
            (_, Some(_)) if !request.give_up_unfinished => {
                return Err(conflict(
                    "another next key lies beside the key's file: call without a key to go on with \
                     it, or say `give_up_unfinished`",
                    &next,
                ));
            }
            (given, _) => match given {
                Some(given) => given,
                None => RootKey::ephemeral()?,
            },
        };
        require_room(&own)?;
        // Exposed to be written into its own file.
        let text = match passphrase {
            Some(passphrase) => Secret::new(make_recovery_copy(&new, passphrase).await?.copy),
            None => new.to_base64(),
        };
        if request.give_up_unfinished {
            remove(&next)?;
        }
        // Exposed to be written into its own file.
        if new.keep(&next, text.expose())?.is_none() {
            return Err(conflict("another call rotates the root key at this moment", &next));
        }
        self.made = true;
        Ok(new.said_from(&own))
    }

    /// The passphrase that the next key's file is written under.
    fn passphrase<'a>(&self, own: &Path, request: &'a RotateRootKey) -> Result<Option<&'a Secret>> {
        // Exposed to see which of the two it is.
        let is_copy = is_recovery_copy(RootKey::read_text(own)?.expose());
        match (is_copy, &request.passphrase) {
            (true, None) => Err(refused(
                "/passphrase",
                "must be given: the present key's file is under one, and the new one will be",
            )),
            (_, passphrase) => Ok(passphrase.as_ref()),
        }
    }

    fn give_up(&self) {
        let Some(own) = &self.own else { return };
        if let Err(error) = remove(&next_file(own)) {
            tracing::warn!(target: "javari", %error, "a root key that is not used was not removed");
        }
    }
}

async fn given(request: &RotateRootKey) -> Result<Option<RootKey>> {
    let (text, field) = match (&request.key, &request.key_file) {
        (Some(_), Some(_)) => return Err(refused("/key_file", "must be left out beside `key`")),
        (None, None) => return Ok(None),
        (Some(text), None) => (text.clone(), "/key"),
        (None, Some(path)) => {
            let text = RootKey::read_text(Path::new(path));
            (text.map_err(|error| refused("/key_file", error.message()))?, "/key_file")
        }
    };
    // Exposed to see which of the two it is, and to be opened.
    let key = match (is_recovery_copy(text.expose()), &request.passphrase) {
        (true, Some(passphrase)) => open_recovery_copy(text.expose(), passphrase).await,
        (true, None) => {
            return Err(refused("/passphrase", "must be given: the key is a recovery copy"));
        }
        (false, _) => RootKey::parse(&text),
    };
    let key = key.map_err(|error| refused(field, error.message()))?;
    Ok(Some(match &request.key_file {
        Some(path) => key.said_from(Path::new(path)),
        None => key,
    }))
}

/// Lets the next key's file, whose key the database is sealed with, take the place of the present one's,
/// which is kept beside it. There is a key file at every moment. Nothing where that was done before.
pub(super) fn put_in_place(own: &Path) -> Result<()> {
    let next = next_file(own);
    if !next.exists() {
        return Ok(());
    }
    match fs::hard_link(own, old_file(own)) {
        Err(fault) if fault.kind() != io::ErrorKind::AlreadyExists => {
            return Err(fault_of("the old key file cannot be kept", own, fault));
        }
        _ => {}
    }
    match fs::rename(&next, own) {
        // Another process did it at the same moment.
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(fault) => Err(fault_of("the new key file cannot be put in its place", &next, fault)),
        Ok(()) => {
            // The key is in use and in its place: what the folder says is no reason to refuse it.
            drop(keep_name(own));
            Ok(())
        }
    }
}

/// Where the key before the last rotation lies.
pub(super) fn old_file(own: &Path) -> PathBuf {
    beside(own, ".old")
}

/// Refuses to lose the key before the last rotation, which backups may need.
fn require_room(own: &Path) -> Result<()> {
    let old = old_file(own);
    let (Ok(before), Ok(present)) = (fs::read(&old), fs::read(own)) else { return Ok(()) };
    if before == present {
        return Ok(());
    }
    let message = "the root key of before the last rotation still lies beside the key's file: \
                   move it to where the keys of your backups are kept, or delete it";
    Err(conflict(message, &old))
}

fn remove(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(fault) if fault.kind() != io::ErrorKind::NotFound => {
            Err(fault_of("a key file cannot be removed", path, fault))
        }
        _ => Ok(()),
    }
}

fn refused(path: &str, message: &str) -> Error {
    Error::invalid(OPERATION, "the root key cannot be changed to this one")
        .with_field(path, message)
}

fn conflict(message: &str, path: &Path) -> Error {
    Error::new(ErrorKind::Conflict, OPERATION, message)
        .with_retry(Retry::Never)
        .with("path", path.display())
}

fn fault_of(message: &str, path: &Path, fault: io::Error) -> Error {
    Error::new(ErrorKind::Configuration, OPERATION, message)
        .with("path", path.display())
        .with_source(fault)
}

#[cfg(test)]
mod tests;
