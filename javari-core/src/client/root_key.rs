//! Where the root key of an opening comes from.

use std::path::{Path, PathBuf};

use super::{
    build::{beside, storage},
    rotate_root_key::put_in_place,
};
use crate::{
    config::Settings,
    error::{Error, ErrorKind, Result},
    secret::{KeyOrigin, RootKey, RootKeySource, Secret, next_file},
    storage::{Database, Location},
    vault::{LocalVault, is_recovery_copy, make_recovery_copy, open_recovery_copy},
};

/// The root key that the host gave.
pub(super) async fn given_key(settings: &Settings) -> Result<Option<RootKey>> {
    let passphrase = settings.root_key_passphrase.as_ref();
    match (&settings.root_key, &settings.root_key_file) {
        (Some(text), _) => read(text, passphrase).await.map(Some),
        (None, Some(path)) => read_file(Path::new(path), passphrase).await.map(Some),
        (None, None) => Ok(None),
    }
}

/// The root key that the host's source gives.
pub(super) async fn key_from(source: &dyn RootKeySource, needed: Option<&str>) -> Result<RootKey> {
    RootKey::parse(&source.root_key(needed).await?)
}

/// The id of the root key that the database of these settings was sealed with; nothing where there is
/// none yet. Nothing is made and nothing changed.
pub(crate) async fn needed_key(settings: &Settings) -> Result<Option<String>> {
    let location: Location = settings.database.parse()?;
    match &location {
        Location::Memory => return Ok(None),
        Location::File(path) if !path.exists() => return Ok(None),
        Location::File(_) | Location::Postgres(_) => {}
    }
    let database = Database::connect(location, storage(settings)).await?;
    let needed = LocalVault::needed_key(&database).await;
    database.close().await;
    needed
}

/// The root key in the file beside the database, made with it. A vault that is there already was
/// sealed with a key that a new one could not stand for.
pub(super) async fn own_key(
    location: &Location,
    passphrase: Option<&Secret>,
    is_sealed: bool,
) -> Result<RootKey> {
    let path = match location {
        Location::Memory => return RootKey::ephemeral(),
        Location::File(path) => path,
        Location::Postgres(_) => {
            return Err(Error::new(
                ErrorKind::KeyMissing,
                "client.open",
                "a database on a server needs a root key of yours: set \
                 CREDENTIAL_ENCRYPTION_KEY or give `root_key` or `root_key_file`; nothing was written",
            ));
        }
    };
    let name = beside(path, ".key");
    if !is_sealed {
        return made_key(&name, passphrase).await;
    }
    read_file(&name, passphrase).await.map_err(|error| match error.kind() {
        ErrorKind::NotFound => Error::new(
            ErrorKind::KeyMissing,
            "client.open",
            "this database was sealed with a root key that is not there; nothing was written: put the key file back or give the key",
        )
        .with("path", name.display()),
        _ => error,
    })
}

/// The root key `read` from a file, or the next one beside it where the database is sealed with that
/// one already: its rotation was cut off at the very end, and is ended here.
pub(super) async fn ended_rotation(
    read: RootKey,
    needed: Option<&str>,
    passphrase: Option<&Secret>,
) -> Result<RootKey> {
    let Some(needed) = needed.filter(|needed| read.id().is_ok_and(|id| id != *needed)) else {
        return Ok(read);
    };
    let KeyOrigin::File(path) = read.origin() else { return Ok(read) };
    let path = PathBuf::from(path);
    match read_file(&next_file(&path), passphrase).await {
        Ok(next) if next.id()? == needed => {
            put_in_place(&path)?;
            Ok(next.said_from(&path))
        }
        _ => Ok(read),
    }
}

async fn made_key(name: &Path, passphrase: Option<&Secret>) -> Result<RootKey> {
    let Some(passphrase) = passphrase else { return RootKey::read_or_create(name) };
    match read_file(name, Some(passphrase)).await {
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        result => return result,
    }
    let root = RootKey::ephemeral()?;
    let copy = make_recovery_copy(&root, passphrase).await.map_err(|error| {
        Error::new(ErrorKind::Configuration, "client.open", "the root key's passphrase is too weak")
            .with("setting", "root_key_passphrase")
            .with_source(error)
    })?;
    match root.keep(name, &copy.copy)? {
        Some(root) => Ok(root),
        None => read_file(name, Some(passphrase)).await,
    }
}

pub(super) async fn read_file(path: &Path, passphrase: Option<&Secret>) -> Result<RootKey> {
    let text = RootKey::read_text(path)?;
    let root = read(&text, passphrase).await.map_err(|error| error.with("path", path.display()))?;
    Ok(root.said_from(path))
}

/// A key as it stands, or the copy of one that the passphrase opens.
async fn read(text: &Secret, passphrase: Option<&Secret>) -> Result<RootKey> {
    let refused = |message| Err(Error::new(ErrorKind::Configuration, "client.open", message));
    // Exposed to see which of the two it is.
    match (is_recovery_copy(text.expose()), passphrase) {
        (false, None) => RootKey::parse(text),
        // Exposed to be opened.
        (true, Some(passphrase)) => {
            open_recovery_copy(text.expose(), passphrase).await.map_err(|error| {
                match error.kind() {
                    ErrorKind::CannotUnseal => Error::new(
                        ErrorKind::WrongKey,
                        "client.open",
                        "`root_key_passphrase` is not the passphrase of this root key",
                    ),
                    _ => Error::new(
                        ErrorKind::Configuration,
                        "client.open",
                        "the root key's recovery copy cannot be read",
                    )
                    .with_source(error),
                }
            })
        }
        (true, None) => refused("the root key is a recovery copy: give `root_key_passphrase` too"),
        (false, Some(_)) => refused(
            "`root_key_passphrase` opens a recovery copy, and the root key is none: \
             make one with `vault.recovery_copy`, or leave the passphrase out",
        ),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::{client::Builder, vault::PutCredential};

    fn settings(file: &Path, passphrase: Option<&str>) -> Settings {
        let mut settings = Settings::for_database(file.to_string_lossy());
        settings.root_key_passphrase = passphrase.map(Secret::new);
        settings
    }

    async fn kind_of(settings: Settings) -> ErrorKind {
        Builder::new(settings).open().await.err().unwrap().kind()
    }

    #[tokio::test]
    async fn a_key_file_under_a_passphrase_opens_with_it_alone_and_holds_no_key() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.db");
        let open = || Builder::new(settings(&file, Some("correct horse battery"))).open();
        let javari = open().await.unwrap();
        let scope = javari.scope(javari.ensure_user("ann@x").await.unwrap().id);
        scope.vault().put(PutCredential::new("KEY", Secret::new("x"))).await.unwrap();
        let key = *scope.key();
        javari.close().await;
        let text = fs::read_to_string(beside(&file, ".key")).unwrap();
        assert!(is_recovery_copy(&text), "{text}");
        let javari = open().await.unwrap();
        let revealed = javari.scope_of(key).vault().reveal("KEY").await.unwrap();
        assert_eq!(revealed.value.expose(), "x");
        javari.close().await;
        for (passphrase, kind) in
            [(Some("another horse battery"), ErrorKind::WrongKey), (None, ErrorKind::Configuration)]
        {
            assert_eq!(kind_of(settings(&file, passphrase)).await, kind);
        }
    }

    /// Keeps keys by their ids, as a key management service does, and notes what it was asked for.
    #[derive(Default)]
    struct Service {
        keys: Vec<RootKey>,
        asked: std::sync::Mutex<Vec<Option<String>>>,
    }

    #[async_trait::async_trait]
    impl RootKeySource for Service {
        async fn root_key(&self, id: Option<&str>) -> Result<Secret> {
            self.asked.lock().unwrap().push(id.map(str::to_owned));
            let newest = self.keys.last().unwrap();
            let of = |id| self.keys.iter().find(|key| key.id().unwrap() == id).unwrap_or(newest);
            Ok(id.map_or(newest, of).to_base64())
        }
    }

    #[tokio::test]
    async fn a_source_of_the_host_is_asked_for_the_key_that_the_database_names() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.db");
        let [first, second] = [7, 8].map(|byte| RootKey::from_bytes([byte; 32]));
        let open = async |keys: &[&RootKey]| {
            let keys = keys.iter().map(|key| (*key).clone()).collect();
            let source = std::sync::Arc::new(Service { keys, ..Service::default() });
            let builder = Builder::new(settings(&file, None)).with_root_key_source(source.clone());
            let opened = builder.open().await;
            let asked = source.asked.lock().unwrap().clone();
            (opened, asked)
        };
        assert_eq!(needed_key(&settings(&file, None)).await.unwrap(), None);
        assert!(!file.exists());
        let (javari, asked) = open(&[&first]).await;
        assert_eq!(asked, [None]);
        javari.unwrap().close().await;
        assert!(!beside(&file, ".key").exists());
        // The newest key is not the one that this database was sealed with.
        let id = Some(first.id().unwrap());
        assert_eq!(needed_key(&settings(&file, None)).await.unwrap(), id);
        let (javari, asked) = open(&[&first, &second]).await;
        assert_eq!(asked, std::slice::from_ref(&id));
        javari.unwrap().close().await;
        let (refused, asked) = open(&[&second]).await;
        assert_eq!((refused.err().unwrap().kind(), asked), (ErrorKind::WrongKey, vec![id]));
    }

    #[tokio::test]
    async fn a_source_beside_a_key_in_the_settings_is_a_configuration_error() {
        let mut settings = Settings::for_database(":memory:");
        settings.root_key = Some(Secret::new("07".repeat(32)));
        let source = std::sync::Arc::new(Service::default());
        let error = Builder::new(settings).with_root_key_source(source.clone()).open().await;
        assert_eq!(error.err().unwrap().kind(), ErrorKind::Configuration);
        assert!(source.asked.lock().unwrap().is_empty());
    }

    #[tokio::test]
    async fn a_passphrase_for_a_key_that_has_none_or_that_is_weak_is_a_configuration_error() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.db");
        assert_eq!(kind_of(settings(&file, Some("weak"))).await, ErrorKind::Configuration);
        Builder::new(settings(&file, None)).open().await.unwrap().close().await;
        let refused = settings(&file, Some("correct horse battery"));
        assert_eq!(kind_of(refused).await, ErrorKind::Configuration);
    }
}
