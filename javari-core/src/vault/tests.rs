//! The vault's suite over the local vault, and what only the local vault can be asked.

mod bound;
mod data_key;
mod import;
mod oauth;
mod probe;
mod root_key;
mod rotations;
mod snapshots;
mod under_load;

use std::{sync::Arc, time::Duration};

use super::{suite::Ground, *};
use crate::{
    accounts::{Accounts, EnsureProject, EnsureUser},
    audit::Audit,
    error::ErrorKind,
    secret::{RootKey, RootKeys, Secret, SecretRequest, SecretSource},
    storage::{Database, scratch, values},
    testkit::HandClock,
    types::{Clock, SystemClock},
};

struct House {
    database: Database,
    audit: Audit,
    vault: LocalVault,
    ground: Ground,
}

async fn open(database: &Database, key: u8) -> Result<LocalVault> {
    open_at(database, key, Arc::new(SystemClock)).await
}

async fn open_at(database: &Database, key: u8, clock: Arc<dyn Clock>) -> Result<LocalVault> {
    opened(database, RootKey::from_bytes([key; 32]), clock).await.map(|(_, vault)| vault)
}

/// The trail and the vault of a process that has this root key.
async fn opened(
    database: &Database,
    root: RootKey,
    clock: Arc<dyn Clock>,
) -> Result<(Audit, LocalVault)> {
    LocalVault::check_key(database, &root).await?;
    let roots = RootKeys::new(root)?;
    let kept = KeptKeys::of(database, &roots).await?;
    let trail =
        Audit::with_keys(database.clone(), clock.clone(), roots.clone(), kept.audit.clone())?;
    let vault = LocalVault::open_with(database.clone(), clock, trail.clone(), roots, &kept).await?;
    Ok((trail, vault))
}

async fn house() -> House {
    house_at(Arc::new(SystemClock)).await
}

async fn house_at(clock: Arc<dyn Clock>) -> House {
    let database = Database::open(scratch().await.parse().unwrap(), &SystemClock).await.unwrap();
    let root = RootKey::from_bytes([7; 32]);
    let (audit, vault) = opened(&database, root, clock.clone()).await.unwrap();
    let accounts = Accounts::new(database.clone(), clock, audit.clone());
    let named =
        |name: &str| EnsureProject { name: name.into(), description: None, repository_url: None };
    let mut users = Vec::new();
    for email in ["ann@x", "bob@x"] {
        let request = EnsureUser { email: email.into(), name: None };
        users.push(ScopeKey::user(accounts.ensure_user(&request).await.unwrap().id));
    }
    let project = accounts.ensure_project(&users[0], &named("site")).await.unwrap().id;
    let project = users[0].with_project(project);
    let subproject = accounts.ensure_subproject(&project, &named("web")).await.unwrap().id;
    let ground = Ground {
        user: users[0],
        project,
        subproject: project.with_subproject(subproject),
        stranger: users[1],
    };
    House { vault, database, audit, ground }
}

async fn change(database: &Database, statement: &'static str) {
    let mut transaction = database.begin(&ScopeKey::HOST).await.unwrap();
    assert!(transaction.execute(statement, values![]).await.unwrap() > 0, "{statement}");
    transaction.commit().await.unwrap();
}

#[tokio::test]
async fn the_local_vault_keeps_every_promise() {
    let house = house().await;
    suite::run(&house.vault, house.ground).await;
    suite::run_versions(&house.vault, house.ground).await;
    suite::run_import(&house.vault, house.ground).await;
    suite::run_snapshots(&house.vault, house.ground).await;
    suite::run_rotations(&house.vault, house.ground).await;
}

#[tokio::test]
async fn a_time_of_grace_is_kept_to_the_microsecond() {
    let clock = HandClock::still();
    let house = house_at(clock.clone()).await;
    let user = house.ground.user;
    house.vault.put(&user, PutCredential::new("HOOK", Secret::new("old"))).await.unwrap();
    let turn =
        RotateCredential { grace_seconds: 60, ..RotateCredential::new("HOOK", Secret::new("new")) };
    let until = house.vault.rotate(&user, turn).await.unwrap().grace_until.unwrap();
    let accepted = async || house.vault.accepted(&user, "HOOK").await.unwrap().values.len();
    let request = ListVersions { name: "HOOK".into(), page: PageRequest::default() };
    let first = async || house.vault.versions(&user, &request).await.unwrap().items[1].state;
    clock.forward(Duration::from_secs(60) - Duration::from_micros(1));
    assert_eq!((accepted().await, first().await), (2, VersionState::Grace));
    clock.forward(Duration::from_micros(1));
    assert_eq!(clock.now(), until);
    assert_eq!((accepted().await, first().await), (1, VersionState::Revoked));
}

#[tokio::test]
async fn who_writes_to_the_database_cannot_lengthen_a_time_of_grace() {
    for statement in [
        "UPDATE javari_credential_versions SET grace_until = '2999-01-01T00:00:00.000000Z'
         WHERE state = 'grace'",
        "UPDATE javari_credential_versions
         SET grace_until = '2999-01-01T00:00:00.000000Z',
             flags = 'inherit=1;override=1;grace=2999-01-01T00:00:00.000000Z'
         WHERE state = 'grace'",
        "UPDATE javari_credential_versions
         SET state = 'grace', grace_until = '2999-01-01T00:00:00.000000Z' WHERE version = 1",
    ] {
        let house = house().await;
        let user = house.ground.user;
        house.vault.put(&user, PutCredential::new("A", Secret::new("one"))).await.unwrap();
        for (value, grace_seconds) in [("two", 0), ("three", 60)] {
            let turn = RotateCredential {
                grace_seconds,
                ..RotateCredential::new("A", Secret::new(value))
            };
            house.vault.rotate(&user, turn).await.unwrap();
        }
        change(&house.database, statement).await;
        let error = house.vault.accepted(&user, "A").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::CannotUnseal, "{statement}");
    }
}

#[tokio::test]
async fn a_rotation_is_written_down_by_keyed_fingerprints_and_outlives_its_credential() {
    let house = house().await;
    let user = house.ground.user;
    for name in ["A", "B"] {
        house.vault.put(&user, PutCredential::new(name, Secret::new("one"))).await.unwrap();
        house.vault.rotate(&user, RotateCredential::new(name, Secret::new("two"))).await.unwrap();
    }
    house.vault.delete(&user, "A").await.unwrap();
    let statement = "SELECT old_value_hash, new_value_hash FROM javari_credential_rotations";
    let rows = house.database.query(&user, statement, values![]).await.unwrap();
    let hashes: Vec<[String; 2]> = rows
        .iter()
        .map(|row| ["old_value_hash", "new_value_hash"].map(|name| row.get(name).unwrap()))
        .collect();
    // One scope has one key: the same values are seen to be the same.
    assert_eq!(hashes.len(), 2);
    assert_eq!(hashes[0], hashes[1]);
    assert_ne!(hashes[0][0], hashes[0][1]);
    assert!(!format!("{hashes:?}").contains("one"));
}

#[tokio::test]
async fn a_rotation_and_what_it_gave_out_are_in_the_audit_trail_without_the_values() {
    let house = house().await;
    let user = house.ground.user;
    house.vault.put(&user, PutCredential::new("A", Secret::new("canary-1"))).await.unwrap();
    let turn = RotateCredential {
        grace_seconds: 9,
        ..RotateCredential::new("A", Secret::new("canary-2"))
    };
    house.vault.rotate(&user, turn).await.unwrap();
    house.vault.accepted(&user, "A").await.unwrap();
    let entries = house.audit.list(&user, &PageRequest::default()).await.unwrap().items;
    assert_eq!([&entries[0].action, &entries[1].action], ["vault.accepted", "vault.rotate"]);
    assert!(!format!("{entries:?}").contains("canary"));
    assert!(house.audit.verify(&user).await.unwrap().verified);
}

#[tokio::test]
async fn a_wrong_root_key_is_named_before_anything_is_written() {
    let house = house().await;
    house.vault.put(&house.ground.user, PutCredential::new("A", Secret::new("x"))).await.unwrap();
    let error = open(&house.database, 8).await.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::WrongKey);
    assert!(open(&house.database, 7).await.is_ok());
}

#[tokio::test]
async fn who_writes_to_the_database_cannot_move_rename_or_widen_a_credential() {
    for statement in [
        "UPDATE javari_credentials SET name = 'B'",
        "UPDATE javari_credentials SET is_inherited = FALSE",
        "UPDATE javari_credentials SET expires_at = '2999-01-01T00:00:00.000000Z'",
        "UPDATE javari_credentials SET current_version = 2",
        "UPDATE javari_credentials SET credential_type = 'api_key'",
        "UPDATE javari_credentials SET enc_suite = 1",
    ] {
        let house = house().await;
        let user = house.ground.user;
        house.vault.put(&user, PutCredential::new("A", Secret::new("x"))).await.unwrap();
        change(&house.database, statement).await;
        let name = if statement.contains("'B'") { "B" } else { "A" };
        let error = house.vault.reveal(&user, name).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::CannotUnseal, "{statement}");
    }
}

#[tokio::test]
async fn an_altered_registry_is_refused() {
    let house = house().await;
    change(&house.database, "UPDATE javari_key_registry SET minimum_suite = 1").await;
    assert_eq!(open(&house.database, 7).await.err().unwrap().kind(), ErrorKind::CannotUnseal);
}

#[tokio::test]
async fn no_audit_entry_means_no_secret() {
    let house = house().await;
    let user = house.ground.user;
    house.vault.put(&user, PutCredential::new("A", Secret::new("x"))).await.unwrap();
    let mut transaction = house.database.begin_as_owner().await.unwrap();
    let statement = transaction.dialect().choose(
        "CREATE TRIGGER no_entries BEFORE INSERT ON javari_work_log
         BEGIN SELECT RAISE(ABORT, 'no'); END",
        "CREATE TRIGGER no_entries BEFORE INSERT ON javari_work_log
         FOR EACH ROW EXECUTE FUNCTION javari_refuse_change()",
    );
    transaction.execute(statement, values![]).await.unwrap();
    transaction.commit().await.unwrap();
    assert!(house.vault.reveal(&user, "A").await.is_err());
    assert_eq!(house.vault.get(&user, "A").await.unwrap().use_count, 0);
}

#[tokio::test]
async fn reveals_are_in_the_audit_trail_without_the_value() {
    let house = house().await;
    let user = house.ground.user;
    house.vault.put(&user, PutCredential::new("A", Secret::new("canary-value"))).await.unwrap();
    house.vault.reveal(&user, "A").await.unwrap();
    let entries = house.audit.list(&user, &PageRequest::default()).await.unwrap().items;
    assert_eq!(entries[0].action, "vault.reveal");
    assert!(!format!("{entries:?}").contains("canary"));
    assert!(house.audit.verify(&user).await.unwrap().verified);
}

#[tokio::test]
async fn an_expired_credential_is_not_given_out() {
    let house = house().await;
    let user = house.ground.user;
    let expired = PutCredential {
        expires_at: Some("2020-01-01T00:00:00Z".parse().unwrap()),
        ..PutCredential::new("OLD", Secret::new("x"))
    };
    house.vault.put(&user, expired).await.unwrap();
    assert_eq!(house.vault.reveal(&user, "OLD").await.unwrap_err().kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn rooms_inside_get_a_secret_without_a_reveal() {
    let house = house().await;
    house.vault.put(&house.ground.user, PutCredential::new("KEY", Secret::new("x"))).await.unwrap();
    let request = SecretRequest::new(house.ground.subproject, "KEY");
    assert_eq!(house.vault.secret(request).await.unwrap().expose(), "x");
}

#[tokio::test]
async fn a_new_vault_refuses_the_seeds_format_and_one_that_held_it_goes_on_reading_it() {
    let house = house().await;
    let user = house.ground.user;
    let suite = |vault: &LocalVault| vault.minimum_suite();
    assert_eq!(suite(&house.vault), 2);
    house.vault.put(&user, PutCredential::new("A", Secret::new("x"))).await.unwrap();
    change(&house.database, "UPDATE javari_credentials SET enc_suite = 1").await;
    let error = house.vault.reveal(&user, "A").await.unwrap_err();
    assert!(error.message().contains("seed's format"), "{error}");
    // As it is when a database of the seed is opened for the first time.
    change(&house.database, "DELETE FROM javari_key_registry").await;
    assert_eq!(suite(&open(&house.database, 7).await.unwrap()), 1);
}

#[tokio::test]
async fn an_expired_lock_of_an_outer_level_stops_nobody() {
    let house = house().await;
    let locked = PutCredential {
        allow_override: false,
        expires_at: Some("2020-01-01T00:00:00Z".parse().unwrap()),
        ..PutCredential::new("LAW", Secret::new("old"))
    };
    house.vault.put(&house.ground.user, locked).await.unwrap();
    let own = PutCredential::new("LAW", Secret::new("mine"));
    house.vault.put(&house.ground.project, own).await.unwrap();
    let revealed = house.vault.reveal(&house.ground.project, "LAW").await.unwrap();
    assert_eq!(revealed.value.expose(), "mine");
}

#[tokio::test]
async fn uses_inside_are_counted_and_written_with_the_next_write_or_when_asked() {
    let house = house().await;
    let user = house.ground.user;
    let stored = |name: &'static str| {
        let put = PutCredential::new(name, Secret::new("x"));
        house.vault.put(&user, put)
    };
    stored("A").await.unwrap();
    for _ in 0..3 {
        house.vault.secret(SecretRequest::new(house.ground.project, "A")).await.unwrap();
    }
    assert_eq!(house.vault.get(&user, "A").await.unwrap().use_count, 0);
    stored("B").await.unwrap();
    let view = house.vault.get(&user, "A").await.unwrap();
    assert_eq!((view.use_count, view.last_used_at.is_some()), (3, true));
    house.vault.secret(SecretRequest::new(user, "A")).await.unwrap();
    assert_eq!(house.vault.reveal(&user, "A").await.unwrap().credential.use_count, 5);
    house.vault.secret(SecretRequest::new(user, "A")).await.unwrap();
    house.vault.flush().await.unwrap();
    assert_eq!(house.vault.get(&user, "A").await.unwrap().use_count, 6);
}
