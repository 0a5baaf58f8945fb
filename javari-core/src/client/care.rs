//! What health, doctor and vacuum say and do, told by breaking what they look at.

use std::{sync::Arc, time::Duration};

use super::{
    drill::{fill, open},
    *,
};
use crate::{
    secret::Secret,
    storage::{Dialect, scratch, values},
    testkit::HandClock,
    types::Timestamp,
    vault::PutCredential,
};

fn status(report: &DoctorReport, id: &str) -> CheckStatus {
    report.checks.iter().find(|check| check.id == id).unwrap().status
}

async fn execute(javari: &Javari, statements: &[&'static str]) {
    let mut transaction = javari.rooms().database.begin_as_owner().await.unwrap();
    for statement in statements {
        transaction.execute(statement, values![]).await.unwrap();
    }
    transaction.commit().await.unwrap();
}

#[tokio::test]
async fn health_tells_the_engine_its_size_its_connections_and_that_it_takes_writes() {
    let javari = open(&scratch().await).await;
    let health = javari.system().health().await.unwrap();
    let dialect = javari.rooms().database.dialect();
    assert_eq!(health.engine, dialect.choose("sqlite", "postgres"));
    let version: u32 = health.engine_version.split('.').next().unwrap().parse().unwrap();
    assert!(version >= dialect.choose(3, 15), "{health:?}");
    assert_eq!(health.schema, health.library_schema);
    assert!(health.writable && health.not_writable_because.is_none());
    assert!(health.bytes > 10_000 && health.pool.most > 0);
    assert_eq!(health.slowest.is_none(), health.slowest_unknown_because.is_some());
}

#[tokio::test]
async fn health_says_why_a_locked_database_takes_no_writes_and_how_large_its_log_is() {
    let folder = tempfile::tempdir().unwrap();
    let mut settings = Settings::for_database(folder.path().join("a.db").display().to_string());
    settings.busy_timeout_ms = 50;
    let javari = Builder::new(settings.clone()).open().await.unwrap();
    let other = Builder::new(settings).open().await.unwrap();
    let held = other.rooms().database.begin(&ScopeKey::HOST).await.unwrap();
    let health = javari.system().health().await.unwrap();
    assert!(!health.writable && health.not_writable_because.is_some());
    assert!(health.write_ahead_bytes.is_some_and(|bytes| bytes > 0), "{health:?}");
    drop(held);
    javari.ensure_user("ann@example.com").await.unwrap();
    assert!(javari.system().health().await.unwrap().writable);
}

#[tokio::test]
async fn the_doctor_finds_nothing_wrong_where_nothing_is() {
    let javari = open(&scratch().await).await;
    fill(&javari, "ann@example.com").await;
    let report = javari.system().doctor().await;
    let ids: Vec<&str> = report.checks.iter().map(|check| check.id.as_str()).collect();
    assert_eq!(
        ids,
        [
            "root_key",
            "private_files",
            "data_keys",
            "row_security",
            "transport",
            "extensions",
            "schema",
            "integrity",
            "free_disk",
            "audit_chain",
            "credentials",
            "clock"
        ]
    );
    for check in &report.checks {
        assert!(check.status <= CheckStatus::Ok, "{check:?}");
        assert!(!check.detail.is_empty() && check.what_to_do.is_none(), "{check:?}");
    }
    assert_eq!(report.status, CheckStatus::Ok);
}

#[tokio::test]
async fn the_doctor_finds_a_trail_that_was_altered_and_rows_that_name_nothing() {
    let javari = open(&scratch().await).await;
    fill(&javari, "ann@example.com").await;
    javari.system().vacuum().await.unwrap();
    let (trail, broken): (&[&str], &[&str]) = javari.rooms().database.dialect().choose(
        (
            &[
                "DROP TRIGGER work_log_no_update",
                "UPDATE javari_work_log SET details = '{}' WHERE chain = 'host'",
            ],
            &[
                "DROP TRIGGER knowledge_base_insert",
                "PRAGMA writable_schema = ON",
                "UPDATE sqlite_schema SET sql = replace(sql, 'REFERENCES users (id)',
                     'REFERENCES projects (id)') WHERE name = 'user_preferences'",
                "PRAGMA writable_schema = RESET",
            ],
        ),
        (
            &[
                "ALTER TABLE javari_work_log DISABLE TRIGGER USER",
                "UPDATE javari_work_log SET details = '{}' WHERE chain = 'host'",
            ],
            &["ALTER TABLE projects ADD CONSTRAINT late CHECK (name <> 'x') NOT VALID"],
        ),
    );
    execute(&javari, trail).await;
    execute(&javari, broken).await;
    let report = javari.system().doctor().await;
    assert_eq!(status(&report, "audit_chain"), CheckStatus::Failed);
    assert_eq!(status(&report, "integrity"), CheckStatus::Failed, "{report:?}");
    assert_eq!(report.status, CheckStatus::Failed);
    assert!(
        report
            .checks
            .iter()
            .all(|check| { (check.status > CheckStatus::Ok) == check.what_to_do.is_some() })
    );
}

#[tokio::test]
async fn the_doctor_finds_a_table_whose_rows_are_not_held_to_their_users() {
    let javari = open(&scratch().await).await;
    if javari.rooms().database.dialect() == Dialect::Sqlite {
        let report = javari.system().doctor().await;
        assert_eq!(status(&report, "row_security"), CheckStatus::NotApplicable);
        return;
    }
    for loosened in [
        "ALTER TABLE javari_alerts NO FORCE ROW LEVEL SECURITY",
        "ALTER TABLE projects DISABLE ROW LEVEL SECURITY",
    ] {
        execute(&javari, &[loosened]).await;
        let report = javari.system().doctor().await;
        assert_eq!(status(&report, "row_security"), CheckStatus::Failed, "{loosened}");
    }
    let report = javari.system().doctor().await;
    let check = report.checks.iter().find(|check| check.id == "row_security").unwrap();
    assert!(check.detail.contains("javari_alerts, projects"), "{}", check.detail);
}

#[tokio::test]
async fn the_doctor_counts_keys_and_credentials_that_are_due_and_names_none() {
    let clock = HandClock::new();
    let mut settings = Settings::for_database(scratch().await);
    settings.root_key = Some(Secret::new("07".repeat(32)));
    let javari = Builder::new(settings).with_clock(clock.clone()).open().await.unwrap();
    let scope = javari.scope(javari.ensure_user("ann@example.com").await.unwrap().id);
    for days in [20, 40, 400] {
        let mut put = PutCredential::new(format!("KEY_{days}"), Secret::new("x"));
        put.expires_at = Some(clock.now().plus(Duration::from_secs(86_400 * days)));
        scope.vault().put(put).await.unwrap();
    }
    let report = javari.system().doctor().await;
    let check = report.checks.iter().find(|check| check.id == "credentials").unwrap();
    assert_eq!(check.detail, "1 end within 30 days and 0 have ended");
    assert_eq!(status(&report, "data_keys"), CheckStatus::Ok);
    clock.forward(Duration::from_secs(86_400 * 390));
    let report = javari.system().doctor().await;
    let check = report.checks.iter().find(|check| check.id == "credentials").unwrap();
    assert_eq!(check.detail, "1 end within 30 days and 2 have ended");
    assert_eq!(status(&report, "data_keys"), CheckStatus::Warning);
    assert!(!format!("{report:?}").contains("KEY_"));
}

struct At(i64);

impl Clock for At {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0)
    }
}

#[tokio::test]
async fn the_doctor_finds_a_clock_that_was_set_back() {
    let clock = Arc::new(At(1_800_000_000_000_000));
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings::for_database(folder.path().join("a.db").display().to_string());
    let javari = Builder::new(settings.clone()).with_clock(clock).open().await.unwrap();
    javari.ensure_user("ann@example.com").await.unwrap();
    javari.close().await;
    for earlier in [1_799_000_000_000_000, 0] {
        let clock = Arc::new(At(earlier));
        let javari = Builder::new(settings.clone()).with_clock(clock).open().await.unwrap();
        let report = javari.system().doctor().await;
        assert_eq!(status(&report, "clock"), CheckStatus::Failed);
        javari.close().await;
    }
}

#[cfg(unix)]
#[tokio::test]
async fn the_doctor_finds_a_key_and_a_database_that_others_can_open() {
    use std::{fs, os::unix::fs::PermissionsExt};
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let settings = Settings::for_database(path("a.db").display().to_string());
    let javari = Builder::new(settings).open().await.unwrap();
    let set = |name: &str, mode| {
        fs::set_permissions(path(name), fs::Permissions::from_mode(mode)).unwrap();
    };
    // As they were made, whatever the umask is.
    for name in ["a.db", "a.db-wal", "a.db-shm", "a.db.key"] {
        assert_eq!(fs::metadata(path(name)).unwrap().permissions().mode() & 0o777, 0o600, "{name}");
    }
    let report = javari.system().doctor().await;
    assert_eq!(status(&report, "private_files"), CheckStatus::Ok, "{report:?}");
    assert_eq!(status(&report, "root_key"), CheckStatus::Warning);
    assert!([CheckStatus::Ok, CheckStatus::Warning].contains(&status(&report, "free_disk")));
    set("a.db", 0o644);
    let report = javari.system().doctor().await;
    assert_eq!(status(&report, "private_files"), CheckStatus::Warning);
    set("a.db.key", 0o640);
    let report = javari.system().doctor().await;
    assert_eq!(status(&report, "private_files"), CheckStatus::Failed);
}

#[tokio::test]
async fn a_vacuum_gives_back_what_was_deleted_down_to_the_words_in_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let mut location = scratch().await;
    let path = folder.path().join("a.db");
    if location == ":memory:" {
        location = path.display().to_string();
    }
    let javari = open(&location).await;
    let scope = javari.scope(javari.ensure_user("ann@example.com").await.unwrap().id);
    let text = format!("# Canary\n\n{}", "The word is quetzalcanary, said often. ".repeat(20_000));
    let request = crate::knowledge::IngestRequest::text("a.md", text);
    let events = scope.knowledge().ingest(request, vec![]);
    crate::knowledge::IngestReport::from_stream(events).await.unwrap();
    let documents = scope.knowledge().list(&Default::default()).await.unwrap();
    scope.knowledge().delete(documents.items[0].id).await.unwrap();
    let freed = javari.system().vacuum().await.unwrap();
    assert!(freed.bytes_after > 0);
    if path.exists() {
        assert!(freed.bytes_after < freed.bytes_before / 2, "{freed:?}");
        for file in std::fs::read_dir(folder.path()).unwrap() {
            let bytes = std::fs::read(file.unwrap().path()).unwrap();
            for word in [b"quetzalcanari".as_slice(), b"quetzalcanary"] {
                assert!(!bytes.windows(word.len()).any(|window| window == word));
            }
        }
    }
    assert!(scope.audit().verify().await.unwrap().verified);
}
