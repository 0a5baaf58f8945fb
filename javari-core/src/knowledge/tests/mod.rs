//! The suite over the local store, and what only the engine can be asked.

mod answering;
mod audited;
mod hostile;
mod ingesting;
mod recall;
mod searching;

use std::sync::Arc;

use super::{suite::Ground, *};
use crate::{
    accounts::{Accounts, EnsureProject, EnsureUser},
    audit::Audit,
    cost::{Ledger, Prices},
    provider::{HashedEmbedder, LocalProvider},
    router::{Metered, Router},
    secret::RootKey,
    storage::{Database, Dialect, Location, scratch, values},
    types::SystemClock,
};

struct House {
    database: Database,
    store: LocalKnowledge,
    knowledge: Knowledge,
    ledger: Ledger,
    audit: Audit,
    ground: Ground,
}

async fn house() -> House {
    house_at(scratch().await.parse().unwrap()).await
}

async fn house_at(location: Location) -> House {
    let database = Database::open(location, &SystemClock).await.unwrap();
    let clock = Arc::new(SystemClock);
    let audit = Audit::new(database.clone(), clock.clone(), &RootKey::from_bytes([7; 32])).unwrap();
    let accounts = Accounts::new(database.clone(), clock.clone(), audit.clone());
    let mut users = Vec::new();
    for email in ["ann@x", "bob@x"] {
        let request = EnsureUser { email: email.into(), name: None };
        users.push(ScopeKey::user(accounts.ensure_user(&request).await.unwrap().id));
    }
    let mut projects = Vec::new();
    for name in ["site", "shop"] {
        let named = EnsureProject { name: name.into(), description: None, repository_url: None };
        let project = accounts.ensure_project(&users[0], &named).await.unwrap().id;
        projects.push(users[0].with_project(project));
    }
    let ground = Ground {
        user: users[0],
        project: projects[0],
        other_project: projects[1],
        stranger: users[1],
    };
    let ledger = Ledger::new(database.clone(), clock.clone());
    let store = LocalKnowledge::new(database.clone(), clock);
    let router = Arc::new(Router::new(Arc::new(LocalProvider)));
    let chats = Metered::new(router, ledger.clone(), Prices::builtin());
    let knowledge =
        Knowledge::new(Arc::new(store.clone()), Arc::new(HashedEmbedder), Arc::new(chats))
            .with_ledger(ledger.clone())
            .with_audit(audit.clone());
    House { database, store, knowledge, ledger, audit, ground }
}

impl House {
    /// How many rows documents, chunks, the full-text index and vectors have.
    async fn counts(&self) -> [u64; 4] {
        let statement = self.database.dialect().choose(
            "SELECT (SELECT count(*) FROM javari_documents) AS documents,
                    (SELECT count(*) FROM javari_knowledge_base) AS chunks,
                    (SELECT count(*) FROM javari_knowledge_fts_docsize) AS indexed,
                    (SELECT coalesce(sum(count), 0) FROM javari_knowledge_vectors) AS vectors",
            "SELECT (SELECT count(*) FROM javari_documents) AS documents,
                    (SELECT count(*) FROM javari_knowledge_base) AS chunks,
                    (SELECT count(words) FROM javari_knowledge_base) AS indexed,
                    (SELECT coalesce(sum(count), 0) FROM javari_knowledge_vectors) AS vectors",
        );
        let row = self.database.query_one(&ScopeKey::HOST, statement, values![]).await;
        let row = row.unwrap().unwrap();
        ["documents", "chunks", "indexed", "vectors"].map(|name| row.get(name).unwrap())
    }
}

#[tokio::test]
async fn the_local_store_keeps_every_promise_in_memory_and_in_a_file() {
    let house = house().await;
    suite::run(&house.store, house.ground).await;
    let folder = tempfile::tempdir().unwrap();
    let house = house_at(Location::File(folder.path().join("a.db"))).await;
    suite::run(&house.store, house.ground).await;
}

#[tokio::test]
async fn without_room_for_vectors_the_store_keeps_the_same_promises() {
    let house = house().await;
    suite::run(&house.store.clone().with_memory(0), house.ground).await;
}

#[tokio::test]
async fn deleting_a_user_leaves_no_row_behind() {
    let house = house().await;
    for scope in [house.ground.user, house.ground.project] {
        let request = IngestRequest::text("a", "# Heading\n\nSome words to find.");
        house.knowledge.ingest_report(scope, request, None).await.unwrap();
    }
    assert_eq!(house.counts().await, [2, 2, 2, 2]);
    let mut transaction = house.database.begin(&ScopeKey::HOST).await.unwrap();
    transaction.execute("DELETE FROM users", values![]).await.unwrap();
    if transaction.dialect() == Dialect::Sqlite {
        let check =
            "INSERT INTO javari_knowledge_fts (javari_knowledge_fts) VALUES ('integrity-check')";
        transaction.execute(check, values![]).await.unwrap();
    }
    transaction.commit().await.unwrap();
    assert_eq!(house.counts().await, [0, 0, 0, 0]);
}
