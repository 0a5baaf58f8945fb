//! What the trail promises, told by breaking it.

use std::sync::Arc;

use uuid::Uuid;

use super::*;
use crate::{
    storage::{Location, values},
    types::SystemClock,
};

async fn trail() -> (Audit, Database, ScopeKey) {
    let database = Database::open(Location::Memory, &SystemClock).await.unwrap();
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
    let mut transaction = database.begin(&ScopeKey::HOST).await.unwrap();
    transaction.execute("DROP TRIGGER work_log_no_update", values![]).await.unwrap();
    transaction.execute("DROP TRIGGER work_log_no_delete", values![]).await.unwrap();
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
