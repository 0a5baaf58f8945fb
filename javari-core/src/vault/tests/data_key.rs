//! Data keys are rotated and the seed's rows sealed anew, under readers, writers and kills.

use super::{
    root_key::{cut, levels, next_key, put, revealed, settled_key},
    *,
};

async fn rotate(vault: &LocalVault, scope: &ScopeKey) -> Result<DataKeyRotation> {
    vault.rotate_data_key(scope, &RotateDataKey::default()).await
}

async fn count(database: &Database, statement: &'static str) -> u64 {
    let row = database.query_one(&ScopeKey::HOST, statement, values![]).await.unwrap();
    row.unwrap().get("count").unwrap()
}

/// A credential with a version in grace, a revoked one and the active one, and a snapshot of it.
async fn filled(house: &House, scope: &ScopeKey) -> MakeSnapshot {
    put(&house.vault, scope, "one").await;
    for (value, grace_seconds) in [("two", 0), ("three", 600)] {
        let turn =
            RotateCredential { grace_seconds, ..RotateCredential::new("KEY", Secret::new(value)) };
        house.vault.rotate(scope, turn).await.unwrap();
    }
    let request = MakeSnapshot { with_values: true, ..MakeSnapshot::new(uuid::Uuid::now_v7()) };
    house.vault.snapshot(scope, &request).await.unwrap();
    request
}

#[tokio::test]
async fn a_new_data_key_seals_everything_of_its_level_and_the_old_one_is_shredded() {
    let house = house().await;
    let [user, project, ..] = levels(&house.ground);
    let snapshot = filled(&house, &user).await;
    put(&house.vault, &project, "elsewhere").await;
    let done = rotate(&house.vault, &user).await.unwrap();
    // The three versions, of which one is the credential itself, and the snapshot.
    assert_eq!((done.version, done.rotated, done.resealed, done.shredded), (2, true, 4, 1));
    assert_eq!((done.damaged, done.more), (0, false));
    let keys = "SELECT count(*) AS count FROM javari_data_keys WHERE project_id IS NULL";
    assert_eq!(count(&house.database, keys).await, 1);
    // In this process and in one that never held the old key.
    for vault in [&house.vault, &open(&house.database, 7).await.unwrap()] {
        assert_eq!(revealed(vault, &user).await.unwrap(), "three");
        assert_eq!(revealed(vault, &project).await.unwrap(), "elsewhere");
        let accepted = vault.accepted(&user, "KEY").await.unwrap().values;
        let accepted: Vec<&str> = accepted.iter().map(|one| one.value.expose()).collect();
        assert_eq!(accepted, ["three", "two"]);
    }
    let same = RotateCredential::new("KEY", Secret::new("three"));
    let error = house.vault.rotate(&user, same).await.unwrap_err();
    assert_eq!(error.fields()[0].path, "/value", "fingerprints go along");
    let listed = house.vault.snapshots(&user, &ListSnapshots::default()).await.unwrap();
    house.vault.delete(&user, "KEY").await.unwrap();
    let restore = RestoreSnapshot::new(listed.items[0].id, snapshot.conversation_id);
    house.vault.restore_snapshot(&user, &restore).await.unwrap();
    assert_eq!(revealed(&house.vault, &user).await.unwrap(), "three");
    assert!(house.audit.verify(&user).await.unwrap().verified);
    let entries = house.audit.list(&user, &PageRequest::default()).await.unwrap().items;
    let named = entries.iter().filter(|entry| entry.action == "vault.rotate_data_key");
    assert_eq!(named.count(), 2);
    assert_eq!(rotate(&house.vault, &user).await.unwrap().version, 3);
}

#[tokio::test]
async fn a_level_without_a_data_key_has_none_to_rotate() {
    let house = house().await;
    let error = rotate(&house.vault, &house.ground.user).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    let error = rotate(&house.vault, &ScopeKey::HOST).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
}

#[tokio::test]
async fn a_data_key_rotation_that_is_cut_off_at_any_point_is_gone_on_with() {
    for waits in 0..400 {
        let house = house().await;
        let user = house.ground.user;
        filled(&house, &user).await;
        let done = cut(rotate(&house.vault, &user), waits).await;
        settled_key(&house.database).await;
        let other = open(&house.database, 7).await.unwrap();
        for vault in [&house.vault, &other] {
            assert_eq!(revealed(vault, &user).await.unwrap(), "three", "after {waits}");
            assert_eq!(vault.accepted(&user, "KEY").await.unwrap().values.len(), 2);
        }
        rotate(&other, &user).await.unwrap();
        for vault in [&house.vault, &other] {
            assert_eq!(revealed(vault, &user).await.unwrap(), "three", "after {waits}");
        }
        let keys = "SELECT count(*) AS count FROM javari_data_keys";
        assert_eq!(count(&house.database, keys).await, 1, "after {waits}");
        if done.is_some() {
            assert!(waits >= 8, "it waited {waits} times only");
            return;
        }
    }
    panic!("it never ended");
}

#[tokio::test]
async fn a_row_that_somebody_altered_keeps_its_data_key_and_is_told() {
    let house = house().await;
    let user = house.ground.user;
    put(&house.vault, &user, "one").await;
    house.vault.put(&user, PutCredential::new("B", Secret::new("two"))).await.unwrap();
    change(&house.database, "UPDATE javari_credentials SET name = 'C' WHERE name = 'KEY'").await;
    let done = rotate(&house.vault, &user).await.unwrap();
    assert_eq!((done.shredded, done.more), (0, false));
    assert!(done.damaged >= 1 && done.resealed >= 1, "{done:?}");
    change(&house.database, "UPDATE javari_credentials SET name = 'KEY' WHERE name = 'C'").await;
    assert_eq!(revealed(&house.vault, &user).await.unwrap(), "one");
    let done = rotate(&house.vault, &user).await.unwrap();
    assert_eq!((done.version, done.rotated, done.shredded, done.damaged), (2, false, 1, 0));
}

#[tokio::test]
async fn of_two_processes_that_rotate_a_data_key_at_once_never_both_make_one() {
    for _ in 0..8 {
        let house = house().await;
        let user = house.ground.user;
        filled(&house, &user).await;
        let other = open(&house.database, 7).await.unwrap();
        let (one, two) = futures::join!(rotate(&house.vault, &user), rotate(&other, &user));
        let made = |done: &Result<DataKeyRotation>| done.as_ref().is_ok_and(|done| done.rotated);
        for done in [&one, &two] {
            let is_refused = done.as_ref().is_err_and(|error| error.kind() == ErrorKind::Conflict);
            assert!(done.is_ok() || is_refused, "{done:?}");
        }
        // One after the other, both do.
        let newest =
            count(&house.database, "SELECT max(version) AS count FROM javari_data_keys").await;
        assert_eq!(newest, 1 + u64::from(made(&one)) + u64::from(made(&two)), "{one:?} {two:?}");
        rotate(&other, &user).await.unwrap();
        assert_eq!(revealed(&house.vault, &user).await.unwrap(), "three");
    }
}

/// As the seed sealed it: AES-256-GCM with 16 bytes of IV under the root key itself.
fn sealed_by_the_seed(value: &str, number: u8) -> [String; 3] {
    use aes_gcm::{
        AesGcm, KeyInit,
        aead::{Aead, consts::U16},
        aes::Aes256,
    };
    use base64::{Engine, engine::general_purpose::STANDARD};
    let iv = [number; 16];
    let cipher = AesGcm::<Aes256, U16>::new(&[7; 32].into());
    let mut sealed = cipher.encrypt(&iv.into(), value.as_bytes()).unwrap();
    let tag = sealed.split_off(sealed.len() - 16);
    [STANDARD.encode(sealed), STANDARD.encode(iv), STANDARD.encode(tag)]
}

/// A vault of the seed: every credential is in its format.
async fn of_the_seed(names: &[&str]) -> House {
    let house = house().await;
    let user = house.ground.user;
    for (number, name) in names.iter().enumerate() {
        house.vault.put(&user, PutCredential::new(*name, Secret::new("x"))).await.unwrap();
        let [value, iv, tag] = sealed_by_the_seed(&format!("of {name}"), number as u8);
        let mut transaction = house.database.begin(&ScopeKey::HOST).await.unwrap();
        let seeds = "UPDATE javari_credentials SET enc_suite = 1, key_id = NULL,
            encrypted_value = $1, encryption_iv = $2, encryption_tag = $3 WHERE name = $4";
        transaction.execute(seeds, values![value, iv, tag, *name]).await.unwrap();
        transaction.commit().await.unwrap();
    }
    change(&house.database, "DELETE FROM javari_credential_versions").await;
    change(&house.database, "DELETE FROM javari_data_keys").await;
    change(&house.database, "DELETE FROM javari_key_registry").await;
    let root = RootKey::from_bytes([7; 32]);
    let (audit, vault) = opened(&house.database, root, Arc::new(SystemClock)).await.unwrap();
    House { audit, vault, ..house }
}

async fn value_of(vault: &LocalVault, scope: &ScopeKey, name: &str) -> String {
    vault.reveal(scope, name).await.unwrap().value.expose().to_owned()
}

#[tokio::test]
async fn rows_of_the_seed_outlive_the_root_key_until_they_are_sealed_anew() {
    let house = of_the_seed(&["A", "B"]).await;
    let user = house.ground.user;
    assert_eq!(house.vault.minimum_suite(), 1);
    house.vault.rotate_root_key(&next_key(), false, &[]).await.unwrap();
    let other = open(&house.database, 8).await.unwrap();
    for vault in [&house.vault, &other] {
        assert_eq!(value_of(vault, &user, "A").await, "of A");
        assert_eq!(value_of(vault, &user, "B").await, "of B");
    }
    let raised = Reseal { raise_minimum: true, ..Reseal::default() };
    let done = other.reseal(&raised).await.unwrap();
    assert_eq!((done.resealed, done.damaged, done.more, done.minimum_suite), (2, 0, false, 2));
    let kept = "SELECT count(*) AS count FROM javari_kept_keys WHERE purpose = 'seed'";
    assert_eq!(count(&house.database, kept).await, 0);
    for vault in [&house.vault, &other, &open(&house.database, 8).await.unwrap()] {
        assert_eq!(value_of(vault, &user, "A").await, "of A");
    }
    // What is put there in the seed's format now is refused.
    let [value, iv, tag] = sealed_by_the_seed("planted", 9);
    let mut transaction = house.database.begin(&ScopeKey::HOST).await.unwrap();
    let planted = "UPDATE javari_credentials SET enc_suite = 1, encrypted_value = $1,
        encryption_iv = $2, encryption_tag = $3 WHERE name = 'A'";
    transaction.execute(planted, values![value, iv, tag]).await.unwrap();
    transaction.commit().await.unwrap();
    let error = other.reveal(&user, "A").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::CannotUnseal);
    assert_eq!(other.reseal(&Reseal::default()).await.unwrap().resealed, 0);
}

#[tokio::test]
async fn sealing_the_seeds_rows_anew_goes_on_after_a_cut_and_is_told_what_is_damaged() {
    let mut ended = false;
    for waits in (0..200).step_by(3) {
        let house = of_the_seed(&["A", "B", "C"]).await;
        let user = house.ground.user;
        change(
            &house.database,
            "UPDATE javari_credentials SET encryption_tag = 'AAAA' WHERE name = 'B'",
        )
        .await;
        let done = cut(house.vault.reseal(&Reseal::default()), waits).await;
        settled_key(&house.database).await;
        for name in ["A", "C"] {
            assert_eq!(value_of(&house.vault, &user, name).await, format!("of {name}"));
        }
        let raised = Reseal { raise_minimum: true, ..Reseal::default() };
        let error = house.vault.reseal(&raised).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Conflict, "B is left");
        house.vault.delete(&user, "B").await.unwrap();
        let report = house.vault.reseal(&raised).await.unwrap();
        assert_eq!((report.resealed, report.damaged, report.minimum_suite), (0, 0, 2));
        for name in ["A", "C"] {
            assert_eq!(value_of(&house.vault, &user, name).await, format!("of {name}"));
        }
        if let Some(done) = done {
            let done = done.unwrap();
            assert_eq!((done.resealed, done.damaged, done.minimum_suite), (2, 1, 1));
            ended = true;
            break;
        }
    }
    assert!(ended);
}
