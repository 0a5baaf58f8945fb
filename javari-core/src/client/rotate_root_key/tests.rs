//! The root key's file through a rotation, and what the whole of a Javari does with the new key.

use super::*;
use crate::{
    accounts::CreateApiKey,
    client::{BackupRequest, Builder, CheckStatus, Scope},
    config::Settings,
    storage::{scratch, values},
    types::ScopeKey,
    vault::{MakeRecoveryCopy, PutCredential, make_key},
};

fn settings(file: &Path) -> Settings {
    Settings::for_database(file.to_string_lossy())
}

async fn opened(file: &Path) -> Javari {
    Builder::new(settings(file)).open().await.unwrap()
}

async fn ann(javari: &Javari) -> Scope {
    javari.scope(javari.ensure_user("ann@example.com").await.unwrap().id)
}

async fn stored(javari: &Javari) -> Scope {
    let scope = ann(javari).await;
    scope.vault().put(PutCredential::new("KEY", Secret::new("value"))).await.unwrap();
    scope
}

async fn revealed(javari: &Javari) -> Result<String> {
    let revealed = ann(javari).await.vault().reveal("KEY").await?;
    Ok(revealed.value.expose().to_owned())
}

fn fresh() -> RotateRootKey {
    RotateRootKey::default()
}

#[tokio::test]
async fn a_key_file_holds_the_new_key_and_the_old_one_lies_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.db");
    let own = beside(&file, ".key");
    let javari = opened(&file).await;
    stored(&javari).await;
    let before = fs::read(&own).unwrap();
    let done = javari.rotate_root_key(&fresh()).await.unwrap();
    assert!(done.rotated);
    assert_eq!(done.key_file.as_deref(), own.to_str());
    assert_eq!(fs::read(done.previous_key_file.unwrap()).unwrap(), before);
    assert_eq!(RootKey::read(&own).unwrap().id().unwrap(), done.key_id);
    assert!(!next_file(&own).exists());
    assert_eq!(revealed(&javari).await.unwrap(), "value");
    let report = javari.system().doctor().await;
    let keys = report.checks.iter().find(|check| check.id == "private_files").unwrap();
    assert_ne!(keys.status, CheckStatus::Failed, "{keys:?}");
    // Neither of the two is read as a document.
    for path in [&own, &old_file(&own)] {
        assert!(javari.rooms().own_files.all().any(|one| one == path), "{path:?}");
    }
    // The key of before stands in the way of the next rotation until somebody looked after it.
    let error = javari.rotate_root_key(&fresh()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    assert!(error.message().contains("your backups"), "{error}");
    fs::remove_file(old_file(&own)).unwrap();
    assert!(javari.rotate_root_key(&fresh()).await.unwrap().rotated);
    javari.close().await;
    assert_eq!(revealed(&opened(&file).await).await.unwrap(), "value");
}

#[tokio::test]
async fn a_kill_between_the_database_and_the_file_is_mended_at_the_next_opening() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.db");
    let own = beside(&file, ".key");
    let javari = opened(&file).await;
    stored(&javari).await;
    javari.close().await;
    for is_linked in [false, true] {
        let javari = opened(&file).await;
        let before = fs::read(&own).unwrap();
        javari.rotate_root_key(&fresh()).await.unwrap();
        javari.close().await;
        // As it is when the process was killed after the commit, or between link and renaming.
        fs::rename(&own, next_file(&own)).unwrap();
        fs::write(&own, &before).unwrap();
        make_private(&own);
        fs::remove_file(old_file(&own)).unwrap();
        if is_linked {
            fs::hard_link(&own, old_file(&own)).unwrap();
        }
        let javari = opened(&file).await;
        assert_eq!(revealed(&javari).await.unwrap(), "value");
        assert_eq!(fs::read(old_file(&own)).unwrap(), before);
        assert!(!next_file(&own).exists());
        javari.close().await;
        fs::remove_file(old_file(&own)).unwrap();
    }
}

#[tokio::test]
async fn a_rotation_that_never_began_goes_on_with_the_key_that_lies_there() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.db");
    let own = beside(&file, ".key");
    let javari = opened(&file).await;
    stored(&javari).await;
    let next = RootKey::read_or_create(&next_file(&own)).unwrap();
    let given = RotateRootKey { key: Some(make_key().unwrap().key), ..fresh() };
    let error = javari.rotate_root_key(&given).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    let done = javari.rotate_root_key(&fresh()).await.unwrap();
    assert_eq!(done.key_id, next.id().unwrap());
    assert_eq!(revealed(&javari).await.unwrap(), "value");
}

#[tokio::test]
async fn a_process_that_reads_the_same_key_file_learns_of_the_new_key_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.db");
    let (javari, other) = (opened(&file).await, opened(&file).await);
    stored(&javari).await;
    javari.rotate_root_key(&fresh()).await.unwrap();
    assert_eq!(revealed(&other).await.unwrap(), "value");
    stored(&other).await;
    assert!(other.rotate_root_key(&fresh()).await.is_err(), "the old key lies in the way");
    let backup = folder.path().join("a.backup").display().to_string();
    other.system().backup(&BackupRequest::to(&backup)).await.unwrap();
    assert!(javari.system().verify_backup(&backup).await.unwrap().whole);
    assert!(ann(&javari).await.audit().verify().await.unwrap().verified);
}

#[tokio::test]
async fn a_key_file_under_a_passphrase_stays_under_one() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.db");
    let passphrase = Some(Secret::new("correct horse battery"));
    let with = Settings { root_key_passphrase: passphrase.clone(), ..settings(&file) };
    let javari = Builder::new(with.clone()).open().await.unwrap();
    stored(&javari).await;
    let error = javari.rotate_root_key(&fresh()).await.unwrap_err();
    assert_eq!(error.fields()[0].path, "/passphrase");
    javari.rotate_root_key(&RotateRootKey { passphrase, ..fresh() }).await.unwrap();
    let text = fs::read_to_string(beside(&file, ".key")).unwrap();
    assert!(is_recovery_copy(&text));
    javari.close().await;
    let javari = Builder::new(with).open().await.unwrap();
    assert_eq!(revealed(&javari).await.unwrap(), "value");
}

#[tokio::test]
async fn a_new_key_comes_as_text_as_a_file_or_as_a_copy_under_a_passphrase() {
    let folder = tempfile::tempdir().unwrap();
    let mut settings = Settings::for_database(scratch().await);
    settings.root_key = Some(Secret::new("07".repeat(32)));
    let javari = Builder::new(settings).open().await.unwrap();
    stored(&javari).await;
    let error = javari.rotate_root_key(&fresh()).await.unwrap_err();
    assert_eq!(error.fields()[0].path, "/key", "a configured key is not Javari's to make");
    let text = RotateRootKey { key: Some(Secret::new("08".repeat(32))), ..fresh() };
    let one = javari.rotate_root_key(&text).await.unwrap();
    assert!(one.rotated && one.key_file.is_none());
    let path = folder.path().join("next.key");
    RootKey::read_or_create(&path).unwrap();
    let read = RotateRootKey { key_file: Some(path.display().to_string()), ..fresh() };
    assert!(javari.rotate_root_key(&read).await.unwrap().rotated);
    let passphrase = Secret::new("correct horse battery");
    let made = make_key().unwrap();
    let request = MakeRecoveryCopy { passphrase: passphrase.clone(), key: Some(made.key) };
    let copy = javari.recovery_copy(&request).await.unwrap().copy;
    let key = Some(Secret::new(copy));
    // The present key lies in a file by now, and the new one goes there.
    let copied = RotateRootKey { key, passphrase: Some(passphrase), ..fresh() };
    let done = javari.rotate_root_key(&copied).await.unwrap();
    assert_eq!((&done.key_id, done.key_file.as_deref()), (&made.key_id, path.to_str()));
    assert_eq!(revealed(&javari).await.unwrap(), "value");
    for (request, field) in [
        (RotateRootKey { key: Some(Secret::new("no key")), ..fresh() }, "/key"),
        (RotateRootKey { key_file: Some("nowhere".into()), ..fresh() }, "/key_file"),
    ] {
        let error = javari.rotate_root_key(&request).await.unwrap_err();
        assert_eq!(error.fields()[0].path, field);
        assert!(!format!("{error:?}").contains("no key"), "{error:?}");
    }
}

#[tokio::test]
async fn api_keys_go_on_and_nobody_makes_one_with_the_root_key_of_before() {
    let folder = tempfile::tempdir().unwrap();
    let location = match scratch().await {
        memory if memory == ":memory:" => folder.path().join("a.db").display().to_string(),
        server => server,
    };
    let mut settings = Settings::for_database(location);
    settings.root_key = Some(Secret::new("07".repeat(32)));
    let javari = Builder::new(settings.clone()).open().await.unwrap();
    let scope = stored(&javari).await;
    let request = CreateApiKey {
        name: "ci".to_owned(),
        operations: vec!["vault.*".to_owned()],
        expires_at: None,
    };
    let made = scope.api_keys().create(&request).await.unwrap();
    let asked = async |key: &Secret| {
        let authenticator = &javari.rooms().authenticator;
        authenticator.key(key, crate::accounts::Carrier::Given).await.map(drop)
    };
    let rooms = javari.rooms();
    let seals = "SELECT seal FROM javari_api_keys WHERE id = $1";
    let id = made.api_key.id;
    let row = rooms.database.query_one(&ScopeKey::HOST, seals, values![id]).await.unwrap();
    let old: String = row.unwrap().get("seal").unwrap();
    asked(&made.key).await.unwrap();
    let to = RotateRootKey { key: Some(Secret::new("08".repeat(32))), ..fresh() };
    javari.rotate_root_key(&to).await.unwrap();
    asked(&made.key).await.unwrap();
    let later = scope.api_keys().create(&request).await.unwrap();
    asked(&later.key).await.unwrap();
    // A digest with a seal of the key before, as somebody who holds that would put it there.
    for seal in [Some(old), None] {
        let mut transaction = rooms.database.begin(&ScopeKey::HOST).await.unwrap();
        let forged = "UPDATE javari_api_keys SET seal = $2 WHERE id = $1";
        transaction.execute(forged, values![id, seal]).await.unwrap();
        transaction.commit().await.unwrap();
        let error = asked(&made.key).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unauthorized);
    }
    // Another process begins with the new key, and knows both.
    settings.root_key = Some(Secret::new("08".repeat(32)));
    let other = Builder::new(settings).open().await.unwrap();
    let keys = &other.rooms().authenticator;
    keys.key(&later.key, crate::accounts::Carrier::Given).await.unwrap();
    assert!(keys.key(&made.key, crate::accounts::Carrier::Given).await.is_err());
    assert_eq!(revealed(&other).await.unwrap(), "value");
}

#[tokio::test]
async fn a_backup_of_a_vault_whose_root_key_was_rotated_restores_with_its_trail() {
    let folder = tempfile::tempdir().unwrap();
    let mut settings = Settings::for_database(scratch().await);
    settings.root_key = Some(Secret::new("07".repeat(32)));
    let javari = Builder::new(settings.clone()).open().await.unwrap();
    stored(&javari).await;
    let to = RotateRootKey { key: Some(Secret::new("08".repeat(32))), ..fresh() };
    javari.rotate_root_key(&to).await.unwrap();
    let file = folder.path().join("a.backup").display().to_string();
    javari.system().backup(&BackupRequest::to(&file)).await.unwrap();
    settings.database = scratch().await;
    settings.root_key = Some(Secret::new("08".repeat(32)));
    let restored = Builder::new(settings).open().await.unwrap();
    restored.system().restore(&file).await.unwrap();
    assert_eq!(revealed(&restored).await.unwrap(), "value");
    assert!(ann(&restored).await.audit().verify().await.unwrap().verified);
    let host = restored.rooms().audit.verify(&ScopeKey::HOST).await.unwrap();
    assert!(host.verified, "{host:?}");
}

#[cfg(unix)]
fn make_private(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

#[cfg(not(unix))]
fn make_private(_: &Path) {}
