//! A user who leaves: what they take along, what is erased, and what still proves it.

use std::{fs, path::Path};

use serde_json::Value as Json;

use super::{
    drill::{WORDS, fill, open},
    *,
};
use crate::{
    error::ErrorKind,
    knowledge::{IngestReport, IngestRequest},
    storage::{backup::tests::dump, scratch},
    types::PageRequest,
};

async fn erase(javari: &Javari, user: UserId, email: &str) -> Result<Erasure> {
    javari.erase_user(&EraseUser { user, email: email.to_owned() }).await
}

#[tokio::test]
async fn after_an_erasure_no_row_of_any_table_names_the_user_and_nobody_else_lost_one() {
    let javari = open(&scratch().await).await;
    let ann = fill(&javari, "ann@example.com").await;
    let before = dump(&javari.rooms().database).await;
    let bob = fill(&javari, "Bob.Bobson@example.com").await;
    let user = bob.key().user.unwrap();
    let trail = javari.scope(user).audit().verify().await.unwrap();
    let erased = erase(&javari, user, "bob.bobson@EXAMPLE.com").await.unwrap();
    assert_eq!(erased.trail_entries, trail.entries);
    assert_eq!(erased.trail_last_hash.as_ref().map(String::len), Some(64));
    assert_eq!((erased.rows["users"], erased.rows["javari_credentials"]), (1, 6));
    let after = dump(&javari.rooms().database).await;
    for (table, rows) in &after {
        let text = Json::from(rows.clone()).to_string().to_lowercase();
        for word in [user.to_string(), "bob.bobson".to_owned()] {
            assert!(!text.contains(&word), "{table} holds {word}");
        }
        let is_the_hosts = |row: &&Json| row["chain"] == "host";
        let (hosts, others): (Vec<_>, Vec<_>) = rows.iter().partition(is_the_hosts);
        assert!(
            others.into_iter().eq(before[table].iter().filter(|row| !is_the_hosts(row))),
            "{table}"
        );
        assert!(hosts.is_empty() || table.starts_with("javari_work_log"));
    }
    assert!(ann.audit().verify().await.unwrap().verified);
    // The proof: an entry of the host's chain, which holds.
    let host = javari.scope_of(ScopeKey::HOST);
    assert!(host.audit().verify().await.unwrap().verified);
    let entry = host.audit().list(&PageRequest::default()).await.unwrap().items.remove(0);
    assert_eq!(entry.action, "users.erase");
    let details: Json = match &entry.details {
        Json::String(text) => serde_json::from_str(text).unwrap(),
        details => details.clone(),
    };
    assert_eq!(details["subject"], erased.subject.as_str());
    assert_eq!(details["subject"], javari.rooms().audit.subject(user).unwrap().as_str());
    assert_eq!(details["rows"]["javari_work_log"], erased.trail_entries);
    assert_eq!(details["trail_last_hash"], erased.trail_last_hash.unwrap().as_str());
    // Neither is there a second time, nor a key to open anything with.
    let error = erase(&javari, user, "bob.bobson@example.com").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(bob.vault().reveal("STRIPE").await.is_err());
    // The same person may come back as somebody new.
    let again = fill(&javari, "bob.bobson@example.com").await;
    assert_ne!(again.key().user, Some(user));
}

#[tokio::test]
async fn a_user_is_erased_only_by_id_and_address_together() {
    let javari = open(&scratch().await).await;
    let ann = javari.ensure_user("ann@example.com").await.unwrap().id;
    let bob = javari.ensure_user("bob@example.com").await.unwrap().id;
    let before = dump(&javari.rooms().database).await;
    let error = erase(&javari, ann, "bob@example.com").await.unwrap_err();
    assert_eq!(
        (error.kind(), error.fields()[0].path.as_str()),
        (ErrorKind::InvalidInput, "/email")
    );
    assert!(!format!("{error:?}").contains("ann@example.com"));
    let nobody = UserId(uuid::Uuid::from_u128(7));
    let error = erase(&javari, nobody, "bob@example.com").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert_eq!(dump(&javari.rooms().database).await, before);
    erase(&javari, bob, "bob@example.com").await.unwrap();
    assert!(javari.scope(ann).user().await.is_ok());
}

#[tokio::test]
async fn the_trail_is_append_only_again_after_an_erasure_and_whoever_tried_before_it() {
    use crate::storage::values;
    let javari = open(&scratch().await).await;
    let ann = javari.ensure_user("ann@example.com").await.unwrap().id;
    let bob = javari.ensure_user("bob@example.com").await.unwrap().id;
    erase(&javari, bob, "bob@example.com").await.unwrap();
    for scope in [ScopeKey::user(ann), ScopeKey::HOST] {
        for statement in
            ["DELETE FROM javari_work_log", "UPDATE javari_work_log SET details = '{}'"]
        {
            let mut transaction = javari.rooms().database.begin(&scope).await.unwrap();
            let error = transaction.execute(statement, values![]).await.unwrap_err();
            assert!(error.to_string().contains("append-only"), "{error}");
        }
    }
}

#[tokio::test]
async fn after_an_erasure_and_a_vacuum_no_file_of_the_database_holds_the_users_words() {
    let folder = tempfile::tempdir().unwrap();
    let javari = open(&folder.path().join("a.db").display().to_string()).await;
    let scope = javari.scope(javari.ensure_user("bob.bobson@example.com").await.unwrap().id);
    let request = IngestRequest::text("diary.md", "Quetzalcanary flew over the house.");
    IngestReport::from_stream(scope.knowledge().ingest(request, vec![])).await.unwrap();
    erase(&javari, scope.key().user.unwrap(), "bob.bobson@example.com").await.unwrap();
    javari.system().vacuum().await.unwrap();
    for file in fs::read_dir(folder.path()).unwrap() {
        let file = file.unwrap().path();
        let bytes = fs::read(&file).unwrap().to_ascii_lowercase();
        for word in
            [&b"quetzalcanar"[..], b"bob.bobson", scope.key().user.unwrap().to_string().as_bytes()]
        {
            let held = bytes.windows(word.len()).any(|window| window == word);
            assert!(!held, "{} holds {}", file.display(), String::from_utf8_lossy(word));
        }
    }
}

fn files_of(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => found.extend(files_of(&path)),
            false => found.push(path.display().to_string()),
        }
    }
    found.sort();
    found
}

fn asked(folder: &Path) -> ExportRequest {
    ExportRequest { folder: folder.display().to_string() }
}

#[tokio::test]
async fn an_export_has_every_file_readable_and_nothing_of_another_user_and_no_secret() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("export");
    let javari = open(&scratch().await).await;
    let ann = fill(&javari, "ann@example.com").await;
    let bob = fill(&javari, "bob@example.com").await;
    for path in ["../../outside.md", "/etc/passwd", "refunds.md/inside.md", "REFUNDS.md"] {
        let request = IngestRequest::text(path, format!("The text of {path}."));
        IngestReport::from_stream(ann.knowledge().ingest(request, vec![])).await.unwrap();
    }
    let reply = ann.export(&asked(&target)).await.unwrap();
    let names: Vec<&str> = reply.files.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "agents.json",
            "alerts.jsonl",
            "api_keys.json",
            "artifacts.jsonl",
            "audit.jsonl",
            "budgets.json",
            "collaborating_agents.jsonl",
            "collaborations.jsonl",
            "continuations.jsonl",
            "conversations.json",
            "costs.jsonl",
            "crawled_pages.jsonl",
            "crawls.json",
            "credential_rotations.jsonl",
            "credential_snapshots.json",
            "credential_versions.json",
            "credentials.json",
            "credits.jsonl",
            "documents.jsonl",
            "documents/",
            "errors.jsonl",
            "events.jsonl",
            "experiments.json",
            "feature_requests.jsonl",
            "feature_votes.jsonl",
            "fixes.jsonl",
            "forecasts.jsonl",
            "health.jsonl",
            "idempotency.jsonl",
            "identities.json",
            "members.json",
            "messages.jsonl",
            "metrics.jsonl",
            "monitors.json",
            "observations.jsonl",
            "patterns.jsonl",
            "personal_data.jsonl",
            "preferences.json",
            "projects.json",
            "rate_limits.json",
            "repairs.jsonl",
            "reservations.json",
            "schedules.json",
            "security_scans.jsonl",
            "subprojects.json",
            "task_attempts.jsonl",
            "tasks.jsonl",
            "user.json",
        ]
    );
    assert_eq!((reply.files["credentials.json"], reply.files["documents/"]), (6, 10));
    let mut all = String::new();
    for file in files_of(&target) {
        let text = fs::read_to_string(&file).unwrap();
        if file.ends_with(".json") {
            serde_json::from_str::<Json>(&text).unwrap();
        }
        if file.ends_with(".jsonl") {
            text.lines().for_each(|line| drop(serde_json::from_str::<Json>(line).unwrap()));
        }
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o077, 0, "{file}");
        }
        all.push_str(&text);
    }
    for (path, text) in WORDS {
        let written = fs::read_to_string(target.join("documents/own").join(path)).unwrap();
        assert_eq!(&written, text);
    }
    for path in ["../../outside.md", "/etc/passwd", "refunds.md/inside.md", "REFUNDS.md"] {
        assert!(all.contains(&format!("The text of {path}.")), "{path}");
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    assert!(all.contains("ann@example.com") && all.contains("STRIPE"));
    let bob = bob.key();
    for foreign in [bob.user.unwrap().to_string(), bob.project.unwrap().to_string(), "bob@".into()]
    {
        assert!(!all.contains(&foreign));
    }
    for row in dump(&javari.rooms().database).await["javari_credential_versions"].iter() {
        for secret in ["encrypted_value", "fingerprint"] {
            assert!(row[secret].as_str().is_none_or(|secret| !all.contains(secret)));
        }
    }
    assert!(!all.contains("é漢😀\"") && !all.contains("ann@example.com rotated"));
    let entries = javari.scope(ann.key().user.unwrap());
    let entries = entries.audit().list(&PageRequest::default()).await.unwrap().items;
    assert_eq!(entries[0].action, "users.export");
}

#[tokio::test]
async fn an_export_goes_into_an_empty_or_a_new_folder_and_is_there_whole_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let javari = open(&scratch().await).await;
    let ann = fill(&javari, "ann@example.com").await;
    let at = |name: &str| folder.path().join(name);
    fs::create_dir(at("empty")).unwrap();
    fs::create_dir(at("full")).unwrap();
    fs::write(at("full/a"), "a").unwrap();
    fs::write(at("file"), "a").unwrap();
    ann.export(&asked(&at("empty"))).await.unwrap();
    for (name, kind) in [
        ("empty", ErrorKind::AlreadyExists),
        ("full", ErrorKind::AlreadyExists),
        ("file", ErrorKind::AlreadyExists),
        ("none/export", ErrorKind::NotFound),
    ] {
        let error = ann.export(&asked(&at(name))).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{name}: {error}");
    }
    let nobody = javari.scope(UserId(uuid::Uuid::from_u128(7)));
    let error = nobody.export(&asked(&at("new"))).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    for polls in [1, 2, 5, 20] {
        let mut export = Box::pin(async { ann.export(&asked(&at("left"))).await });
        for _ in 0..polls {
            assert!(futures::poll!(&mut export).is_pending());
            tokio::task::yield_now().await;
        }
        drop(export);
        for _ in 0..2_000 {
            if fs::read_dir(folder.path()).unwrap().count() == 3 {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3, "{polls}");
    }
}
