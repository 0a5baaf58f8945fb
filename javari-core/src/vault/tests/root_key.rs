//! The root key is rotated under readers, writers, other processes and kills.

use std::{pin::pin, task::Poll};

use super::*;
use crate::storage::take_root_key_id;

/// The key of the next rotation.
pub(super) fn next_key() -> RootKey {
    RootKey::from_bytes([8; 32])
}

/// What came of `future` when it was dropped after it had waited so often; nothing if it had not ended.
pub(super) async fn cut<F: Future>(future: F, waits: usize) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut left = waits;
    std::future::poll_fn(move |context| match future.as_mut().poll(context) {
        Poll::Ready(done) => Poll::Ready(Some(done)),
        Poll::Pending if left == 0 => Poll::Ready(None),
        Poll::Pending => {
            left -= 1;
            Poll::Pending
        }
    })
    .await
}

pub(super) async fn put(vault: &LocalVault, scope: &ScopeKey, value: &str) {
    vault.put(scope, PutCredential::new("KEY", Secret::new(value))).await.unwrap();
}

pub(super) async fn revealed(vault: &LocalVault, scope: &ScopeKey) -> Result<String> {
    vault.reveal(scope, "KEY").await.map(|revealed| revealed.value.expose().to_owned())
}

async fn rotate(vault: &LocalVault, to: &RootKey) -> Result<RootKeyRotation> {
    vault.rotate_root_key(to, false, &[]).await
}

pub(super) fn levels(ground: &Ground) -> [ScopeKey; 4] {
    [ground.user, ground.project, ground.subproject, ground.stranger]
}

#[tokio::test]
async fn after_a_rotation_the_new_root_key_opens_everything_and_the_old_one_nothing() {
    let clock = HandClock::new();
    let house = house_at(clock.clone()).await;
    for scope in levels(&house.ground) {
        put(&house.vault, &scope, "value").await;
    }
    clock.forward(Duration::from_secs(400 * 86_400));
    let request = MakeSnapshot::new(uuid::Uuid::now_v7());
    house.vault.snapshot(&house.ground.user, &request).await.unwrap();
    let due = async |vault: &LocalVault| {
        let request = DueRequest { within_days: 0, limit: 10 };
        vault.due(&house.ground.user, &request).await.unwrap().root_key
    };
    assert!(due(&house.vault).await.is_due);
    let done = rotate(&house.vault, &next_key()).await.unwrap();
    assert!(done.rotated && done.data_keys == 4 && done.audit_chains >= 3, "{done:?}");
    assert_eq!(done.key_id, next_key().id().unwrap());
    assert_ne!(done.previous_key_id, done.key_id);
    // Libraries that know nothing of the keys that were kept are refused from now on.
    let minimum = "SELECT MAX(minimum_version) AS minimum FROM javari_schema";
    let mut owner = house.database.begin_as_owner().await.unwrap();
    let minimum = owner.query_one(minimum, values![]).await.unwrap().unwrap();
    assert_eq!(minimum.get::<u32>("minimum").unwrap(), 17);
    drop(owner);
    // The yearly reminder starts anew.
    let root_key = due(&house.vault).await;
    assert!(!root_key.is_due && root_key.since == done.since && root_key.key_id == done.key_id);
    let (trail, vault) = opened(&house.database, next_key(), clock.clone()).await.unwrap();
    for scope in levels(&house.ground) {
        for vault in [&house.vault, &vault] {
            assert_eq!(revealed(vault, &scope).await.unwrap(), "value");
        }
        assert!(trail.verify(&scope).await.unwrap().verified);
        assert!(house.audit.verify(&scope).await.unwrap().verified);
    }
    let listed = vault.snapshots(&house.ground.user, &ListSnapshots::default()).await.unwrap();
    assert_eq!(listed.items.len(), 1);
    assert!(trail.verify(&ScopeKey::HOST).await.unwrap().verified);
    let entries = trail.list(&ScopeKey::HOST, &PageRequest::default()).await.unwrap().items;
    let named = entries.iter().filter(|entry| entry.action == "vault.rotate_root_key");
    assert_eq!(named.count(), 2, "one where it begins and one where it ends");
    let error = open(&house.database, 7).await.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::WrongKey);
    // And once more, with everything that is kept by now.
    let third = RootKey::from_bytes([9; 32]);
    rotate(&vault, &third).await.unwrap();
    let (trail, vault) = opened(&house.database, third, clock).await.unwrap();
    assert_eq!(revealed(&vault, &house.ground.subproject).await.unwrap(), "value");
    assert!(trail.verify(&ScopeKey::HOST).await.unwrap().verified);
    assert!(trail.verify(&house.ground.user).await.unwrap().verified);
}

/// The root key that the database names once nothing of a caller who left is under way: a commit that was
/// sent is carried out.
pub(super) async fn settled_key(database: &Database) -> String {
    let mut transaction = database.begin(&ScopeKey::HOST).await.unwrap();
    take_root_key_id(&mut transaction).await.unwrap().unwrap()
}

#[tokio::test]
async fn a_rotation_that_is_cut_off_at_any_point_leaves_a_whole_vault_and_is_gone_on_with() {
    let mut ended_in = None;
    for waits in 0..400 {
        let house = house().await;
        for scope in levels(&house.ground) {
            put(&house.vault, &scope, "value").await;
        }
        let rotated = cut(rotate(&house.vault, &next_key()), waits).await;
        let is_done = rotated.is_some();
        // What was cut off leaves nothing in memory: a new process finds what is in the database.
        let needed = settled_key(&house.database).await;
        let key = if needed == next_key().id().unwrap() { 8 } else { 7 };
        assert!(!is_done || key == 8, "cut off after {waits}");
        let other = open(&house.database, 15 - key).await.err().unwrap();
        assert_eq!(other.kind(), ErrorKind::WrongKey);
        let root = RootKey::from_bytes([key; 32]);
        let (trail, vault) = opened(&house.database, root, Arc::new(SystemClock)).await.unwrap();
        for vault in [&house.vault, &vault] {
            for scope in levels(&house.ground) {
                assert_eq!(revealed(vault, &scope).await.unwrap(), "value", "after {waits}");
            }
        }
        // It goes on.
        put(&vault, &house.ground.project, "newer").await;
        let done = rotate(&vault, &next_key()).await.unwrap();
        assert_eq!(done.rotated, key == 7);
        assert_eq!(revealed(&vault, &house.ground.project).await.unwrap(), "newer");
        assert!(!rotate(&house.vault, &next_key()).await.unwrap().rotated);
        assert_eq!(revealed(&house.vault, &house.ground.user).await.unwrap(), "value");
        assert!(trail.verify(&house.ground.user).await.unwrap().verified);
        assert!(trail.verify(&ScopeKey::HOST).await.unwrap().verified);
        if is_done {
            ended_in = Some(waits);
            break;
        }
    }
    assert!(ended_in.is_some_and(|waits| waits >= 10), "{ended_in:?}");
}

#[tokio::test]
async fn a_process_with_the_old_key_reads_until_the_rotation_ends_and_then_says_how_to_go_on() {
    let house = house().await;
    let [user, project, ..] = levels(&house.ground);
    put(&house.vault, &user, "value").await;
    put(&house.vault, &project, "value").await;
    let (_, other) =
        opened(&house.database, RootKey::from_bytes([7; 32]), Arc::new(SystemClock)).await.unwrap();
    assert_eq!(revealed(&other, &user).await.unwrap(), "value");
    // While it runs, every step of it.
    let mut waits = 0;
    while cut(rotate(&house.vault, &next_key()), waits).await.is_none() {
        waits += 1;
        let needed = LocalVault::needed_key(&house.database).await.unwrap().unwrap();
        if needed != next_key().id().unwrap() {
            // A commit that was sent is carried out although its caller left.
            let read = revealed(&other, &user).await;
            let needed = LocalVault::needed_key(&house.database).await.unwrap().unwrap();
            let ended = needed == next_key().id().unwrap();
            assert!(ended || matches!(&read, Ok(value) if value == "value"), "{waits}: {read:?}");
        }
    }
    // A key that is open goes on to serve uses inside.
    let inside = SecretRequest::new(user, "KEY");
    assert_eq!(other.secret(inside).await.unwrap().expose(), "value");
    for scope in [user, project] {
        let error = revealed(&other, &scope).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::WrongKey, "{error:?}");
        assert!(error.message().contains("open it again with the new key"), "{error}");
    }
    let error = other.put(&user, PutCredential::new("NEW", Secret::new("x"))).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WrongKey);
    assert!(house.audit.verify(&user).await.unwrap().verified, "it altered nothing");
    // The same call with the same key is how it learns of it.
    let learnt = rotate(&other, &next_key()).await.unwrap();
    assert!(!learnt.rotated);
    assert_eq!(revealed(&other, &project).await.unwrap(), "value");
}

#[tokio::test]
async fn of_two_processes_that_rotate_to_different_keys_one_wins() {
    for round in 0..8 {
        let house = house().await;
        put(&house.vault, &house.ground.user, "value").await;
        let (_, other) =
            opened(&house.database, RootKey::from_bytes([7; 32]), Arc::new(SystemClock))
                .await
                .unwrap();
        let keys = [8, 9].map(|byte| RootKey::from_bytes([byte; 32]));
        let done = futures::join!(rotate(&house.vault, &keys[0]), rotate(&other, &keys[1]));
        let won = [done.0.is_ok(), done.1.is_ok()];
        assert_eq!(won.iter().filter(|won| **won).count(), 1, "round {round}: {done:?}");
        let (lost, key) = match won[0] {
            true => (done.1.unwrap_err(), 8),
            false => (done.0.unwrap_err(), 9),
        };
        assert!(
            [ErrorKind::Conflict, ErrorKind::WrongKey].contains(&lost.kind()),
            "round {round}: {lost:?}"
        );
        let vault = open(&house.database, key).await.unwrap();
        assert_eq!(revealed(&vault, &house.ground.user).await.unwrap(), "value");
    }
}

#[tokio::test]
async fn a_rotation_that_has_not_ended_gives_way_to_another_key_only_when_asked() {
    let house = house().await;
    put(&house.vault, &house.ground.user, "value").await;
    let mut transaction = house.database.begin(&ScopeKey::HOST).await.unwrap();
    let unfinished = "UPDATE javari_key_registry SET next_root_key_id = $1";
    let values = values![RootKey::from_bytes([9; 32]).id().unwrap()];
    transaction.execute(unfinished, values).await.unwrap();
    transaction.commit().await.unwrap();
    let error = open(&house.database, 9).await.err().unwrap();
    assert!(error.message().contains("has not ended"), "{error}");
    let error = rotate(&house.vault, &next_key()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    assert!(house.vault.rotate_root_key(&next_key(), true, &[]).await.unwrap().rotated);
    assert_eq!(revealed(&house.vault, &house.ground.user).await.unwrap(), "value");
}

#[tokio::test]
async fn who_holds_the_old_root_key_cannot_seal_the_trail_or_open_a_kept_key() {
    let house = house().await;
    let user = house.ground.user;
    put(&house.vault, &user, "value").await;
    let heads = "SELECT authentication FROM javari_work_log_heads WHERE chain = $1";
    let chain = || values![user.user.unwrap().to_string()];
    let old: String = house
        .database
        .query_one(&user, heads, chain())
        .await
        .unwrap()
        .unwrap()
        .get("authentication")
        .unwrap();
    rotate(&house.vault, &next_key()).await.unwrap();
    assert!(house.audit.verify(&user).await.unwrap().verified);
    let mut transaction = house.database.begin(&ScopeKey::HOST).await.unwrap();
    let back = "UPDATE javari_work_log_heads SET authentication = $2 WHERE chain = $1";
    let values = values![user.user.unwrap().to_string(), old];
    transaction.execute(back, values).await.unwrap();
    transaction.commit().await.unwrap();
    let verified = house.audit.verify(&user).await.unwrap();
    assert_eq!(verified.reason.unwrap(), "the end of the chain was altered");
    let kept = "UPDATE javari_kept_keys SET purpose = 'seed' WHERE purpose = 'api_keys'";
    change(&house.database, kept).await;
    let error = open(&house.database, 8).await.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::CannotUnseal);
}
