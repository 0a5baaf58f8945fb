//! What PostgreSQL adds: the server itself keeps users apart, whoever writes the SQL.
//!
//! `tests/suites/engines` starts a server and names it in `JAVARI_TEST_POSTGRES`; without one these
//! tests fail. The behaviour that both engines share is told in the rooms' own tests.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use javari_core::{
    ErrorKind, Javari, Scope,
    accounts::EraseUser,
    client::{BackupRequest, Builder, CheckStatus},
    config::Settings,
    knowledge::{AnswerReply, AnswerRequest, IngestReport, IngestRequest},
    secret::Secret,
    storage::{Database, Location, scratch},
    types::{ScopeKey, SystemClock},
    vault::{MakeSnapshot, PutCredential},
};
use sqlx::{AssertSqlSafe, Connection, PgConnection, Row};

mod adopt;
#[cfg(unix)]
#[path = "../faults/child.rs"]
mod child;
#[cfg(unix)]
mod killed;
mod members;
#[cfg(unix)]
#[path = "../faults/rekeying.rs"]
mod rekeying;
#[cfg(unix)]
#[path = "../faults/rotating.rs"]
mod rotating;
mod schema;
#[path = "../seed/mod.rs"]
mod seed;
mod seed_faults;
#[cfg(unix)]
#[path = "../faults/spending.rs"]
mod spending;
#[cfg(unix)]
mod tls;
#[allow(dead_code)]
#[path = "../isolation/world.rs"]
mod world;

async fn address() -> String {
    let address = scratch().await;
    assert!(address.starts_with("postgres://"), "JAVARI_TEST_POSTGRES names no server");
    address
}

fn settings(address: &str) -> Settings {
    let mut settings = Settings::for_database(address);
    settings.root_key = Some(Secret::new("07".repeat(32)));
    settings
}

async fn open(address: &str) -> Javari {
    Builder::new(settings(address)).open().await.unwrap()
}

/// A user with a project, a credential, a document and what was entered about them.
async fn settled(javari: &Javari, email: &str) -> Scope {
    let user = javari.ensure_user(email).await.unwrap();
    let project = javari.scope(user.id).ensure_project("site").await.unwrap();
    let scope = javari.scope(user.id).project(project.id);
    scope.vault().put(PutCredential::new("TOKEN", Secret::new("a secret"))).await.unwrap();
    scope.vault().snapshot(&MakeSnapshot::new(uuid::Uuid::nil())).await.unwrap();
    let request = IngestRequest::text("guide.md", "# Refunds\n\nRefunds are paid within 30 days.");
    IngestReport::from_stream(scope.knowledge().ingest(request, Vec::new())).await.unwrap();
    let key = serde_json::from_value(serde_json::json!({ "name": "k", "operations": ["*"] }));
    scope.api_keys().create(&key.unwrap()).await.unwrap();
    scope
}

#[tokio::test]
async fn the_main_job_works_and_a_second_opening_finds_it_again() {
    let address = address().await;
    let javari = open(&address).await;
    let scope = settled(&javari, "ann@example.com").await;
    let ask = || AnswerRequest::new("When are refunds paid?");
    let reply = AnswerReply::from_stream(scope.knowledge().answer(ask())).await.unwrap();
    assert_eq!(reply.citations[0].path, "guide.md");
    assert!(reply.answer.contains("30 days"), "{}", reply.answer);
    let key = *scope.key();
    javari.close().await;
    let javari = open(&address).await;
    let scope = javari.scope_of(key);
    let again = AnswerReply::from_stream(scope.knowledge().answer(ask())).await.unwrap();
    assert_eq!(again.answer, reply.answer);
    assert_eq!(scope.vault().reveal("TOKEN").await.unwrap().value.expose(), "a secret");
    assert!(scope.audit().verify().await.unwrap().verified);
}

/// One who leaves is one whose request was cancelled: at any wait of a call, on any connection.
#[tokio::test]
async fn a_caller_who_leaves_leaves_nothing_open_for_the_next_one() {
    let address = address().await;
    let javari = open(&address).await;
    let scope = settled(&javari, "ann@example.com").await;
    let mut server = PgConnection::connect(&address).await.unwrap();
    let open = "SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND state LIKE 'idle in transaction%'";
    for round in 0..10 {
        for waits in 0..12 {
            let vault = scope.vault();
            cut(std::pin::pin!(vault.get("TOKEN")), waits).await;
            let mut left: i64 = 1;
            for _ in 0..200 {
                left = sqlx::query_scalar(open).fetch_one(&mut server).await.unwrap();
                if left == 0 {
                    break;
                }
                tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            }
            assert_eq!(left, 0, "a transaction was left open after {waits} waits, round {round}");
        }
    }
}

/// Polls the future so often at most, and leaves it.
async fn cut<F: Future + Unpin>(mut future: F, waits: usize) {
    for _ in 0..=waits {
        if futures::poll!(&mut future).is_ready() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_micros(200)).await;
    }
}

#[tokio::test]
async fn without_a_root_key_nothing_is_opened_or_made() {
    let address = address().await;
    let error = Builder::new(Settings::for_database(&address)).open().await.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::KeyMissing);
    let mut server = PgConnection::connect(&address).await.unwrap();
    let tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'";
    let count: i64 = sqlx::query_scalar(tables).fetch_one(&mut server).await.unwrap();
    assert_eq!(count, 0);
}

#[tokio::test]
async fn many_that_open_an_empty_database_at_once_make_one_schema() {
    let address = address().await;
    let location: Location = address.parse().unwrap();
    let opened: Vec<_> = (0..6)
        .map(|_| {
            let location = location.clone();
            tokio::spawn(async move { Database::open(location, &SystemClock).await.map(drop) })
        })
        .collect();
    for one in opened {
        one.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn an_address_is_shown_without_its_password() {
    let address = "postgres://app:pw-canary@127.0.0.1:1/app";
    let mut settings = settings(address);
    settings.busy_timeout_ms = 1;
    let error = Builder::new(settings).open().await.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Network, "{error}");
    for shown in [error.to_string(), format!("{error:?}")] {
        assert!(shown.contains("127.0.0.1:1"), "{shown}");
        assert!(!shown.contains("pw-canary"), "{shown}");
    }
}

/// The tables that hold users' rows.
async fn guarded_tables(server: &mut PgConnection) -> Vec<String> {
    let tables = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'
                  AND tablename <> 'javari_schema' ORDER BY tablename";
    sqlx::query_scalar(tables).fetch_all(server).await.unwrap()
}

async fn count_as(server: &mut PgConnection, actor: &str, table: &str) -> i64 {
    let mut transaction = server.begin().await.unwrap();
    let set = format!("SET LOCAL ROLE javari_app; SET LOCAL javari.actor = '{actor}'");
    sqlx::raw_sql(AssertSqlSafe(set)).execute(&mut *transaction).await.unwrap();
    let count = format!("SELECT count(*) FROM {table}");
    sqlx::query(AssertSqlSafe(count)).fetch_one(&mut *transaction).await.unwrap().get(0)
}

#[tokio::test]
async fn every_table_forces_row_level_security_upon_every_role() {
    let address = address().await;
    open(&address).await.close().await;
    let mut server = PgConnection::connect(&address).await.unwrap();
    let bare = "SELECT relname FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
                WHERE nspname = 'public' AND relkind = 'r' AND relname <> 'javari_schema'
                    AND NOT (relrowsecurity AND relforcerowsecurity)";
    let bare: Vec<String> = sqlx::query_scalar(bare).fetch_all(&mut server).await.unwrap();
    assert_eq!(bare, Vec::<String>::new());
    let role = "SELECT rolsuper OR rolbypassrls OR rolcanlogin FROM pg_roles
                WHERE rolname = 'javari_app'";
    assert!(!sqlx::query_scalar::<_, bool>(role).fetch_one(&mut server).await.unwrap());
}

#[tokio::test]
async fn the_server_shows_a_user_no_row_of_another_whatever_is_asked() {
    let address = address().await;
    let javari = open(&address).await;
    let ann = settled(&javari, "ann@example.com").await.key().user.unwrap();
    let bob = javari.ensure_user("bob@example.com").await.unwrap().id;
    let mut server = PgConnection::connect(&address).await.unwrap();
    let mut held = 0;
    for table in guarded_tables(&mut server).await {
        let all = count_as(&mut server, "host", &table).await;
        let hers = count_as(&mut server, &ann.to_string(), &table).await;
        let his = count_as(&mut server, &bob.to_string(), &table).await;
        let nobodys = count_as(&mut server, "", &table).await;
        match table.as_str() {
            // Each sees the own row.
            "users" => assert_eq!((all, hers, his, nobodys), (2, 1, 1, 0), "{table}"),
            // No user's data.
            "javari_key_registry" => assert_eq!((hers, his), (1, 1)),
            // He has the entry that made him; the host's own chain is nobody's.
            "javari_work_log" | "javari_work_log_heads" => {
                assert!(hers >= his && his > 0 && hers + his <= all && nobodys == 0, "{table}");
            }
            _ => assert_eq!((hers, his, nobodys), (all, 0, 0), "{table}"),
        }
        held += i64::from(hers > 0);
    }
    assert!(held >= 11, "only {held} tables had rows of hers");
}

#[tokio::test]
async fn the_server_lets_a_user_write_no_row_for_another() {
    let address = address().await;
    let javari = open(&address).await;
    let ann = javari.ensure_user("ann@example.com").await.unwrap().id;
    let bob = javari.ensure_user("bob@example.com").await.unwrap().id;
    let mut server = PgConnection::connect(&address).await.unwrap();
    let mut transaction = server.begin().await.unwrap();
    let set = format!("SET LOCAL ROLE javari_app; SET LOCAL javari.actor = '{bob}'");
    sqlx::raw_sql(AssertSqlSafe(set)).execute(&mut *transaction).await.unwrap();
    let plant = format!(
        "INSERT INTO projects (id, user_id, name, created_at, updated_at)
         VALUES (gen_random_uuid(), '{ann}', 'planted', now(), now())"
    );
    let error = sqlx::raw_sql(AssertSqlSafe(plant)).execute(&mut *transaction).await.unwrap_err();
    assert!(error.to_string().contains("row-level security"), "{error}");
}

/// A new database whose owner is held to row-level security, as on managed servers.
async fn plain_address() -> String {
    let address = address().await;
    let mut server = PgConnection::connect(&address).await.unwrap();
    let name = address.rsplit_once('/').unwrap().1;
    let make = format!(
        "CREATE ROLE {name} LOGIN NOSUPERUSER NOBYPASSRLS; ALTER DATABASE {name} OWNER TO {name};
         ALTER SCHEMA public OWNER TO {name}"
    );
    sqlx::raw_sql(AssertSqlSafe(make)).execute(&mut server).await.unwrap();
    let (_, host) = address.split_once('@').unwrap();
    format!("postgres://{name}@{host}")
}

#[tokio::test]
async fn an_owner_without_further_rights_backs_up_restores_erases_and_vacuums() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.backup").display().to_string();
    let javari = open(&plain_address().await).await;
    let ann = settled(&javari, "ann@example.com").await;
    let bob = settled(&javari, "bob@example.com").await;
    let report = javari.system().doctor().await;
    assert_eq!(report.status, CheckStatus::Ok, "{report:?}");
    javari.system().backup(&BackupRequest::to(&file)).await.unwrap();
    let request = EraseUser { user: bob.key().user.unwrap(), email: "bob@example.com".to_owned() };
    javari.erase_user(&request).await.unwrap();
    assert!(ann.audit().verify().await.unwrap().verified);
    assert!(javari.system().vacuum().await.unwrap().bytes_after > 0);
    let javari = open(&plain_address().await).await;
    let restored = javari.system().restore(&file).await.unwrap();
    assert_eq!(restored.tables["users"], 2);
    let ann = javari.scope_of(*ann.key());
    assert_eq!(ann.vault().reveal("TOKEN").await.unwrap().value.expose(), "a secret");
    // The numbers go on behind the restored ones.
    settled(&javari, "carl@example.com").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn users_are_erased_while_others_write_and_nobody_waits_for_ever() {
    let javari = open(&address().await).await;
    let mut writing = Vec::new();
    for number in 0..4 {
        let scope = settled(&javari, &format!("stays{number}@example.com")).await;
        writing.push(tokio::spawn(async move {
            for round in 0..25 {
                let secret = Secret::new(format!("value {round}"));
                scope.vault().put(PutCredential::new("ROUND", secret)).await.unwrap();
            }
            assert!(scope.audit().verify().await.unwrap().verified);
        }));
    }
    for number in 0..6 {
        let email = format!("leaves{number}@example.com");
        let user = settled(&javari, &email).await.key().user.unwrap();
        javari.erase_user(&EraseUser { user, email }).await.unwrap();
    }
    for one in writing {
        one.await.unwrap();
    }
    let host = javari.scope_of(ScopeKey::HOST);
    assert_eq!(host.audit().verify().await.unwrap().entries, 6);
}

#[tokio::test]
async fn every_foreign_key_is_found_by_an_index() {
    let address = address().await;
    open(&address).await.close().await;
    let mut server = PgConnection::connect(&address).await.unwrap();
    // Without one, deleting the referenced row reads the whole referring table.
    let unindexed = "SELECT conrelid::regclass || '.' || conname FROM pg_constraint
        WHERE contype = 'f' AND NOT EXISTS (
            SELECT FROM pg_index WHERE indrelid = conrelid AND indpred IS NULL
                AND indkey[0] = conkey[1])";
    let unindexed: Vec<String> =
        sqlx::query_scalar(unindexed).fetch_all(&mut server).await.unwrap();
    assert_eq!(unindexed, Vec::<String>::new());
}

#[cfg(unix)]
#[tokio::test]
async fn two_processes_that_spend_one_budget_at_once_never_pass_it() {
    if let Some(address) = spending::is_child() {
        return spending::spend(settings(&address)).await;
    }
    let address = address().await;
    let test = "two_processes_that_spend_one_budget_at_once_never_pass_it";
    spending::require_never_one_over(test, settings(&address), &address).await;
}
