//! The drill: fill, back up, write on, destroy, restore elsewhere, and find everything as it was. The
//! page `docs/disaster-recovery.md` tells the same to a person.

mod rows;

use std::{collections::BTreeMap, fs, path::Path, sync::Arc, time::Instant};

use serde_json::Value as Json;

use super::*;
use crate::{
    accounts::{Carrier, CreateApiKey},
    error::ErrorKind,
    knowledge::{IngestReport, IngestRequest, SearchRequest},
    monitor::{CreateMonitorRequest, Target, UptimeTarget},
    provider::{ChatReply, ChatRequest},
    secret::Secret,
    storage::{backup::tests::dump, scratch, values},
    testkit::ScriptedProvider,
    types::PageRequest,
    vault::{MakeSnapshot, PutCredential, RotateCredential, RotateRootKey},
};

fn settings(location: &str, key: &str) -> Settings {
    let mut settings = Settings::for_database(location);
    settings.root_key = Some(Secret::new(key.repeat(32)));
    settings
}

async fn open_with(location: &str, key: &str) -> Javari {
    let provider = Arc::new(ScriptedProvider::new("fake"));
    Builder::new(settings(location, key)).with_provider(provider).open().await.unwrap()
}

pub(super) async fn open(location: &str) -> Javari {
    open_with(location, "07").await
}

/// An empty database of each engine that the run has: a file, memory, and a server where there is one.
async fn locations(folder: &Path) -> Vec<String> {
    let file = format!("{}.db", uuid::Uuid::now_v7().simple());
    let mut locations = vec![folder.join(file).display().to_string(), ":memory:".to_owned()];
    let server = scratch().await;
    if server != ":memory:" {
        locations.push(server);
    }
    locations
}

fn kind(location: &str) -> &'static str {
    match location {
        ":memory:" => "SQLite in memory",
        _ if location.starts_with("postgres://") => "PostgreSQL",
        _ => "a SQLite file",
    }
}

/// What somebody who asks is told: credentials' values, search hits and their order, chains.
#[derive(Debug, PartialEq)]
pub(super) struct Told {
    values: Vec<(String, String)>,
    accepted: usize,
    hits: Vec<(String, String, u64)>,
    cost: Option<String>,
    chains: Vec<u64>,
}

pub(super) const WORDS: &[(&str, &str)] = &[
    ("refunds.md", "# Refunds\n\nRefunds are paid within 30 days, naïve or not: é漢😀."),
    ("shipping.md", "# Shipping\n\n## Abroad\n\nParcels abroad take two weeks to arrive."),
    ("keys.md", "# Keys\n\nA root key is kept apart from every backup of the database."),
];

/// A user with a row in every table that has users' rows.
pub(super) async fn fill(javari: &Javari, email: &str) -> Scope {
    let user = javari.ensure_user(email).await.unwrap();
    let scope = javari.scope(user.id);
    scope.put_preferences(&Default::default()).await.unwrap();
    let project = scope.project(scope.ensure_project("site").await.unwrap().id);
    let part = project.subproject(project.ensure_subproject("web").await.unwrap().id);
    for (number, place) in [&scope, &project, &part].into_iter().enumerate() {
        for name in ["STRIPE", "GITHUB"] {
            let value = Secret::new(format!("{email} {name} {number} é漢😀"));
            let mut put = PutCredential::new(name, value);
            put.allow_override = true;
            place.vault().put(put).await.unwrap();
        }
    }
    let mut rotation = RotateCredential::new("STRIPE", Secret::new(format!("{email} rotated")));
    rotation.grace_seconds = 86_400;
    scope.vault().rotate(rotation).await.unwrap();
    for place in [&scope, &project] {
        for (path, text) in WORDS {
            let request = IngestRequest::text(*path, *text);
            IngestReport::from_stream(place.knowledge().ingest(request, vec![])).await.unwrap();
        }
    }
    let chat = project.chat(ChatRequest::ask("Hello?")).await.unwrap();
    ChatReply::from_stream(chat).await.unwrap();
    let target = Target::Uptime(UptimeTarget::new("http://127.0.0.1:9/"));
    let mut request = CreateMonitorRequest::new("front", target);
    request.alert_threshold = 1;
    let monitor = project.monitor().create(&request).await.unwrap();
    project.monitor().check(monitor.id).await.unwrap();
    let clock = &javari.rooms().clock;
    let mut transaction = javari.rooms().database.begin(scope.key()).await.unwrap();
    for statement in [
        "INSERT INTO javari_alerts (id, monitor_id, user_id, project_id, kind, severity,
             alert_message, acknowledged_by, acknowledged_at, created_at)
         VALUES ($1, $2, $3, $4, 'flapping', 'low', 'it comes and goes', $3, $5, $5)",
        "INSERT INTO javari_healing_events (id, user_id, project_id, alert_id, error_type, stage,
             status, autonomy, folder, base_branch, base_commit, plan, approved_by, created_at,
             updated_at)
         VALUES ($1, $3, $4, (SELECT id FROM javari_alerts WHERE monitor_id = $2 LIMIT 1),
             'missing_module', 'merge', 'merged', 'manual', '/srv/site', 'main', 'c0ffee',
             '{\"z\": 1.10, \"a\": 12345678901234567890}', $3, $5, $5)",
    ] {
        let values =
            values![clock.new_id(), monitor.id, user.id, project.key().project, clock.now()];
        transaction.execute(statement, values).await.unwrap();
    }
    transaction.commit().await.unwrap();
    project.vault().snapshot(&MakeSnapshot::new(clock.new_id())).await.unwrap();
    key(&scope).await;
    rows::write(&project).await;
    part
}

/// A new key of the user.
async fn key(scope: &Scope) -> Secret {
    let request = CreateApiKey {
        name: "ci".to_owned(),
        operations: vec!["knowledge.*".to_owned()],
        expires_at: None,
    };
    scope.api_keys().create(&request).await.unwrap().key
}

pub(super) async fn told(part: &Scope) -> Told {
    let scope = part.javari().scope(part.key().user.unwrap());
    let project = scope.project(part.key().project.unwrap());
    let mut values = Vec::new();
    for place in [&scope, &project, part] {
        for name in ["STRIPE", "GITHUB"] {
            let revealed = place.vault().reveal(name).await.unwrap();
            values.push((name.to_owned(), revealed.value.expose().to_owned()));
        }
    }
    let mut hits = Vec::new();
    for query in ["when are refunds paid", "parcels", "root key backup", "30 days naïve"] {
        let reply = project.knowledge().search(SearchRequest::new(query)).await.unwrap();
        assert!(!reply.hits.is_empty(), "{query}");
        hits.extend(reply.hits.into_iter().map(|hit| (query.to_owned(), hit.text, hit.start)));
    }
    let verified = scope.audit().verify().await.unwrap();
    assert!(verified.verified, "{verified:?}");
    Told {
        values,
        accepted: scope.vault().accepted("STRIPE").await.unwrap().values.len(),
        hits,
        cost: scope.costs().await.unwrap().by_service.first().map(|line| line.name.clone()),
        chains: Vec::new(),
    }
}

/// The rows without the host's chain, to which backup and restore add, and JSON as such: PostgreSQL
/// keeps its meaning, not its spaces.
fn settled(mut rows: BTreeMap<&'static str, Vec<Json>>) -> BTreeMap<&'static str, Vec<Json>> {
    for table in ["javari_work_log", "javari_work_log_heads"] {
        rows.get_mut(table).unwrap().retain(|row| row["chain"] != "host");
    }
    for cell in rows.values_mut().flatten().filter_map(Json::as_object_mut).flatten() {
        let text = cell.1.as_str().unwrap_or_default();
        if text.starts_with(['{', '[']) {
            *cell.1 = serde_json::from_str(text).unwrap();
        }
    }
    rows
}

#[tokio::test]
async fn after_the_loss_of_a_database_everything_up_to_the_backup_is_there_again_on_either_engine()
{
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    for (number, source) in locations(folder.path()).await.into_iter().enumerate() {
        let javari = open_with(&source, "08").await;
        let ann = fill(&javari, "ann@example.com").await;
        // What outlives a root key is restored, too.
        let next = Some(Secret::new("07".repeat(32)));
        let next = RotateRootKey { key: next, ..RotateRootKey::default() };
        javari.rotate_root_key(&next).await.unwrap();
        let bob = fill(&javari, "bob@example.com").await;
        let key = key(&javari.scope(ann.key().user.unwrap())).await;
        let expected = (told(&ann).await, told(&bob).await);
        javari.flush().await;
        let before = settled(dump(&javari.rooms().database).await);
        for (table, rows) in &before {
            assert!(!rows.is_empty(), "{table} is not tried: `fill` writes no row of it");
        }
        let file = path(&format!("{number}.backup"));
        let made = javari.system().backup(&BackupRequest::to(&file)).await.unwrap();
        assert!(made.recorded);
        fill(&javari, "late@example.com").await;
        let lost: usize = dump(&javari.rooms().database).await.values().map(Vec::len).sum();
        let lost = lost - usize::try_from(made.backup.rows).unwrap();
        let (ann, bob) = (*ann.key(), *bob.key());
        javari.close().await;
        if Path::new(&source).exists() {
            fs::remove_file(&source).unwrap();
        }
        for destination in locations(folder.path()).await {
            let start = Instant::now();
            let javari = open(&destination).await;
            let restored = javari.system().restore(&file).await.unwrap();
            let taken = start.elapsed();
            println!(
                "from {} to {}: {} rows restored in {taken:?}; {lost} rows written after the backup are lost",
                kind(&source),
                kind(&destination),
                restored.rows,
            );
            assert_eq!((restored.rows, &restored.seal), (made.backup.rows, &made.backup.seal));
            assert_eq!(settled(dump(&javari.rooms().database).await), before);
            let found = (told(&javari.scope_of(ann)).await, told(&javari.scope_of(bob)).await);
            assert_eq!(found, expected, "{source} to {destination}");
            let caller = javari.rooms().authenticator.key(&key, Carrier::Given).await.unwrap();
            assert_eq!(caller.scope.user, ann.user);
            let host = javari.scope_of(ScopeKey::HOST);
            assert!(host.audit().verify().await.unwrap().verified);
            let entries = host.audit().list(&PageRequest::default()).await.unwrap().items;
            assert_eq!(entries[0].action, "system.restore");
            // Life goes on: new rows of every table, under new numbers and keys.
            let late = fill(&javari, "late@example.com").await;
            told(&late).await;
            javari.close().await;
        }
    }
}

#[tokio::test]
async fn a_cut_altered_or_foreign_backup_is_refused_before_anything_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let (path, broken) = (folder.path().join("a.backup"), folder.path().join("b.backup"));
    let javari = open(&scratch().await).await;
    fill(&javari, "ann@example.com").await;
    let file = path.display().to_string();
    javari.system().backup(&BackupRequest::to(&file)).await.unwrap();
    javari.close().await;
    let whole = fs::read(&path).unwrap();
    let target = open(&scratch().await).await;
    let before = dump(&target.rooms().database).await;
    let mut tried = Vec::new();
    for part in 0..50 {
        tried.push(whole[..whole.len() * part / 50].to_vec());
    }
    for place in 0..400 {
        let mut flipped = whole.clone();
        flipped[place * (whole.len() - 1) / 399] ^= 1 << (place % 8);
        tried.push(flipped);
    }
    tried.push([whole.as_slice(), b"\n"].concat());
    tried.push(b"SQLite format 3\0 or any other file, long enough for a seal at its end".to_vec());
    for bytes in &tried {
        fs::write(&broken, bytes).unwrap();
        let name = broken.display().to_string();
        let error = target.system().restore(&name).await.unwrap_err();
        let is_refused = [ErrorKind::StorageCorrupt, ErrorKind::WrongKey].contains(&error.kind());
        assert!(is_refused, "{error}");
        let report = target.system().verify_backup(&name).await.unwrap();
        assert_eq!((report.whole, report.code.as_deref()), (false, Some(error.code())));
    }
    assert_eq!(dump(&target.rooms().database).await, before);
    let stranger = open_with(&scratch().await, "08").await;
    let error = stranger.system().restore(&file).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WrongKey);
    let report = stranger.system().verify_backup(&file).await.unwrap();
    assert_eq!(report.code.as_deref(), Some("WRONG_KEY"));
    // The very database that refused all of these takes the whole one.
    assert!(target.system().verify_backup(&file).await.unwrap().whole);
    target.system().restore(&file).await.unwrap();
    let error = target.system().restore(&file).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
}

#[tokio::test]
async fn no_value_of_a_credential_stands_in_a_backup() {
    use std::io::Read;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.backup");
    let javari = open(&scratch().await).await;
    let scope = javari.scope(javari.ensure_user("ann@example.com").await.unwrap().id);
    scope.vault().put(PutCredential::new("KEY", Secret::new("canary-of-a-value"))).await.unwrap();
    let file = path.display().to_string();
    javari.system().backup(&BackupRequest::to(&file)).await.unwrap();
    let bytes = fs::read(&path).unwrap();
    let start = bytes.windows(2).position(|pair| pair == [0x1f, 0x8b]).unwrap();
    let mut text = String::new();
    flate2::read::GzDecoder::new(&bytes[start..]).read_to_string(&mut text).unwrap();
    assert!(text.contains("ann@example.com") && text.contains("javari_data_keys"));
    for secret in ["canary-of-a-value", &"07".repeat(32)] {
        assert!(!text.contains(secret));
    }
}

#[tokio::test]
async fn who_had_the_empty_database_open_while_it_was_restored_is_told_to_open_it_again() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.backup").display().to_string();
    let source = open(&scratch().await).await;
    let ann = fill(&source, "ann@example.com").await;
    source.system().backup(&BackupRequest::to(&file)).await.unwrap();
    let mut location = scratch().await;
    if location == ":memory:" {
        location = folder.path().join("b.db").display().to_string();
    }
    let (one, other) = (open(&location).await, open(&location).await);
    one.system().restore(&file).await.unwrap();
    let bob = other.scope(other.ensure_user("bob@example.com").await.unwrap().id);
    let put = || PutCredential::new("KEY", Secret::new("x"));
    let error = bob.vault().put(put()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict, "{error}");
    told(&one.scope_of(*ann.key())).await;
    let again = open(&location).await;
    again.scope_of(*bob.key()).vault().put(put()).await.unwrap();
    told(&again.scope_of(*ann.key())).await;
}

#[tokio::test]
async fn a_backup_never_replaces_the_database_or_its_key() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let javari = Builder::new(Settings::for_database(path("a.db"))).open().await.unwrap();
    for name in ["a.db", "a.db-wal", "a.db-shm", "a.db.key", "./a.db"] {
        let request = BackupRequest { path: path(name), overwrite: true };
        let error = javari.system().backup(&request).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Forbidden, "{name}");
    }
    javari.system().backup(&BackupRequest::to(path("a.backup"))).await.unwrap();
}
