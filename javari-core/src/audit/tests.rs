//! What the trail promises, told by breaking it.

mod exported;
mod listed;
mod recorded;

use std::sync::Arc;

use uuid::Uuid;

use super::*;
use crate::{
    storage::{Location, scratch, values},
    types::{PageRequest, SystemClock, UserId},
};

async fn trail() -> (Audit, Database, ScopeKey) {
    let database = Database::open(scratch().await.parse().unwrap(), &SystemClock).await.unwrap();
    let audit =
        Audit::new(database.clone(), Arc::new(SystemClock), &RootKey::from_bytes([7; 32])).unwrap();
    (audit, database, ScopeKey::user(UserId(Uuid::from_u128(1))))
}

async fn write_three(audit: &Audit, scope: &ScopeKey) {
    for number in 1..=3 {
        let entry =
            Entry::new("vault.put", format!("stored credential {number}")).with("n", number);
        audit.record(scope, entry).await.unwrap();
    }
}

async fn tamper(database: &Database, statement: &'static str) {
    let mut transaction = database.begin_as_owner().await.unwrap();
    let unguarded: &[&str] = transaction.dialect().choose(
        &["DROP TRIGGER work_log_no_update", "DROP TRIGGER work_log_no_delete"],
        &["ALTER TABLE javari_work_log DISABLE TRIGGER USER"],
    );
    for statement in unguarded {
        transaction.execute(statement, values![]).await.unwrap();
    }
    transaction.execute(statement, values![]).await.unwrap();
    transaction.commit().await.unwrap();
}

#[tokio::test]
async fn a_whole_chain_verifies_and_lists_newest_first() {
    let (audit, _, scope) = trail().await;
    write_three(&audit, &scope).await;
    let found = audit.verify(&scope).await.unwrap();
    assert_eq!((found.verified, found.entries), (true, 3));
    let page = audit.list(&scope, &PageRequest { limit: 2, cursor: None }).await.unwrap();
    assert_eq!(page.items.iter().map(|entry| entry.seq).collect::<Vec<_>>(), [3, 2]);
    let rest = audit.list(&scope, &PageRequest { limit: 2, cursor: page.next }).await.unwrap();
    assert_eq!(rest.items.len(), 1);
    assert_eq!(rest.next, None);
}

#[tokio::test]
async fn an_altered_removed_or_cut_off_entry_is_found() {
    for (statement, place) in [
        ("UPDATE javari_work_log SET action_description = 'nothing' WHERE seq = 2", 2),
        ("UPDATE javari_work_log SET details = '{\"n\":9}' WHERE seq = 3", 3),
        ("DELETE FROM javari_work_log WHERE seq = 2", 2),
        ("DELETE FROM javari_work_log WHERE seq = 3", 3),
        ("UPDATE javari_work_log SET reasoning_log = 'because' WHERE seq = 2", 2),
        ("UPDATE javari_work_log SET confidence_score = 0.5 WHERE seq = 1", 1),
        ("UPDATE javari_work_log SET files_modified_json = '[]' WHERE seq = 3", 3),
        ("DELETE FROM javari_work_log_heads", 4),
    ] {
        let (audit, database, scope) = trail().await;
        write_three(&audit, &scope).await;
        tamper(&database, statement).await;
        let found = audit.verify(&scope).await.unwrap();
        assert_eq!(found.broken_at, Some(place), "{statement}");
        assert!(!found.verified);
    }
}

#[tokio::test]
async fn the_database_itself_refuses_to_rewrite_the_trail() {
    let (audit, database, scope) = trail().await;
    write_three(&audit, &scope).await;
    let mut transaction = database.begin(&scope).await.unwrap();
    assert!(transaction.execute("DELETE FROM javari_work_log", values![]).await.is_err());
}

#[tokio::test]
async fn users_do_not_see_each_others_entries() {
    let (audit, _, scope) = trail().await;
    write_three(&audit, &scope).await;
    let other = ScopeKey::user(UserId(Uuid::from_u128(2)));
    assert!(audit.list(&other, &PageRequest::default()).await.unwrap().items.is_empty());
}

#[tokio::test]
async fn another_root_key_does_not_verify_the_chain() {
    let (audit, database, scope) = trail().await;
    write_three(&audit, &scope).await;
    let stranger =
        Audit::new(database, Arc::new(SystemClock), &RootKey::from_bytes([8; 32])).unwrap();
    assert_eq!(stranger.verify(&scope).await.unwrap().broken_at, Some(1));
}

/// Cuts the last entry off and moves the head back to the one before it.
async fn cut(database: &Database, head: &'static str) {
    tamper(database, "DELETE FROM javari_work_log WHERE seq = 3").await;
    let mut transaction = database.begin(&ScopeKey::HOST).await.unwrap();
    transaction.execute(head, values![]).await.unwrap();
    transaction.commit().await.unwrap();
}

#[tokio::test]
async fn entries_cut_off_together_with_their_head_are_missed_also_after_the_next_entry() {
    for head in [
        "UPDATE javari_work_log_heads SET seq = 2,
             hash = (SELECT hash FROM javari_work_log WHERE seq = 2)",
        "UPDATE javari_work_log_heads SET seq = 2, authentication = NULL,
             hash = (SELECT hash FROM javari_work_log WHERE seq = 2)",
    ] {
        let (audit, database, scope) = trail().await;
        write_three(&audit, &scope).await;
        cut(&database, head).await;
        assert_eq!(audit.verify(&scope).await.unwrap().broken_at, Some(3), "{head}");
        audit.record(&scope, Entry::new("vault.put", "stored another")).await.unwrap();
        assert!(!audit.verify(&scope).await.unwrap().verified, "{head}");
    }
}

#[tokio::test]
async fn a_head_from_before_heads_were_sealed_is_good_and_sealed_at_the_next_entry() {
    let (audit, database, scope) = trail().await;
    let (chain, previous) = (scope.user.unwrap().to_string(), chain::GENESIS);
    let (id, at) = (SystemClock.new_id(), SystemClock.now());
    let (id_text, at_text) = (id.to_string(), at.to_string());
    let fields = [
        previous,
        &chain,
        "1",
        &id_text,
        &chain,
        "",
        "vault.put",
        "stored one",
        "{}",
        "success",
        &at_text,
    ];
    let hash = audit.keys.entries().hash(&fields).unwrap();
    let mut transaction = database.begin(&scope).await.unwrap();
    transaction
        .execute(
            "INSERT INTO javari_work_log (id, chain, seq, user_id, action_type,
                 action_description, details, outcome, timestamp, previous_hash, hash)
             VALUES ($1, $2, 1, $6, 'vault.put', 'stored one', '{}', 'success', $3, $4, $5)",
            values![id, &chain, at, previous, &hash, scope.user],
        )
        .await
        .unwrap();
    transaction
        .execute(
            "INSERT INTO javari_work_log_heads (chain, seq, hash) VALUES ($1, 1, $2)",
            values![&chain, &hash],
        )
        .await
        .unwrap();
    transaction.commit().await.unwrap();
    assert_eq!(audit.verify(&scope).await.unwrap().reason, None);
    audit.record(&scope, Entry::new("vault.put", "stored another")).await.unwrap();
    assert_eq!(audit.verify(&scope).await.unwrap().entries, 2);
    let sealed = "SELECT 1 AS found FROM javari_work_log_heads WHERE length(authentication) = 64";
    assert!(database.query_one(&scope, sealed, values![]).await.unwrap().is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_trail_that_grows_while_it_is_read_verifies() {
    let folder = tempfile::tempdir().unwrap();
    let mut location: Location = scratch().await.parse().unwrap();
    if location == Location::Memory {
        location = Location::File(folder.path().join("a.db"));
    }
    let database = Database::open(location, &SystemClock).await.unwrap();
    let audit = Audit::new(database, Arc::new(SystemClock), &RootKey::from_bytes([7; 32])).unwrap();
    let scope = ScopeKey::user(UserId(Uuid::from_u128(1)));
    let writer = audit.clone();
    let writing = tokio::spawn(async move {
        for number in 0..200 {
            let entry = Entry::new("vault.put", "stored a credential").with("n", number);
            writer.record(&scope, entry).await.unwrap();
        }
    });
    while !writing.is_finished() {
        let found = audit.verify(&scope).await.unwrap();
        assert!(found.verified, "{found:?}");
    }
    writing.await.unwrap();
    assert_eq!(audit.verify(&scope).await.unwrap().entries, 200);
}
