//! A client that is killed at a random moment while the server goes on.

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use futures::StreamExt;
use javari_core::{
    knowledge::{IngestEvent, SearchRequest},
    testkit,
};

use super::{
    child::{killed_at_random, part, tell},
    rekeying::{rekey_for_ever, require_values},
    rotating::{require_versions, rotate_for_ever},
    *,
};

const DOCUMENTS: usize = 20;

async fn ann(javari: &Javari) -> Scope {
    javari.scope(javari.ensure_user("ann@example.com").await.unwrap().id)
}

/// Ingests a folder under ever new names and rotates credentials at once, until it is killed.
async fn work(folder: &Path, address: &str) {
    let javari = open(address).await;
    let scope = ann(&javari).await;
    let reading = async {
        for pass in 0_u64.. {
            let mut request = IngestRequest::folder(folder.display().to_string());
            request.under = Some(format!("{}-{pass}", std::process::id()));
            let mut events = scope.knowledge().ingest(request, Vec::new());
            while let Some(event) = events.next().await {
                if let IngestEvent::Added { document } = event.unwrap() {
                    tell(&format!("document {}", document.path));
                }
            }
        }
    };
    tokio::join!(reading, rotate_for_ever(&scope));
}

#[tokio::test]
async fn a_client_killed_at_any_moment_loses_nothing_it_acknowledged_and_leaves_nothing_half_there()
{
    if let Some((folder, address)) = part() {
        return work(&folder, &address).await;
    }
    let test = "killed::a_client_killed_at_any_moment_loses_nothing_it_acknowledged_and_leaves_nothing_half_there";
    let folder = tempfile::tempdir().unwrap();
    for number in 0..DOCUMENTS {
        let text = format!("# Document {number}\n\n## Part\n\nWords of document {number}.\n");
        fs::write(folder.path().join(format!("{number:02}.md")), text).unwrap();
    }
    // All that was told is asked for after every kill, so a database serves for few of them.
    for round in 0..u64::from(testkit::rounds(1)) {
        let address = address().await;
        let mut told = Vec::new();
        for kill in 0..4 {
            let place = (folder.path(), address.as_str());
            told.extend(killed_at_random(test, place, (60, 20_000), round * 4 + kill));
            require_there(&address, &told).await;
        }
    }
}

async fn require_there(address: &str, told: &[String]) {
    let javari = open(address).await;
    let scope = ann(&javari).await;
    require_versions(&scope, told).await;
    for path in told.iter().filter_map(|what| what.strip_prefix("document ")) {
        let number: usize = path[path.len() - 5..path.len() - 3].parse().unwrap();
        let mut request = SearchRequest::new(format!("document {number}"));
        request.prefix = Some(path.to_owned());
        let hits = scope.knowledge().search(request).await.unwrap().hits;
        assert!(hits.iter().any(|hit| hit.path == *path), "{path} is not found");
    }
    javari.close().await;
    let mut connection = PgConnection::connect(address).await.unwrap();
    let half = "SELECT count(*) FROM javari_documents AS document
         WHERE chunk_count <> (SELECT count(*) FROM javari_knowledge_base WHERE document_id = document.id)
            OR chunk_count <> (SELECT coalesce(sum(count), 0) FROM javari_knowledge_vectors
                               WHERE document_id = document.id)";
    let row = sqlx::query(half).fetch_one(&mut connection).await.unwrap();
    assert_eq!(row.get::<i64, _>(0), 0, "documents are half there");
}

#[tokio::test]
async fn a_client_killed_at_any_moment_of_changing_keys_loses_no_value() {
    if let Some((folder, address)) = part() {
        let key_file = folder.join("root.key");
        let javari = open_with(&address, &key_file).await;
        return rekey_for_ever(&javari, &ann(&javari).await, &key_file).await;
    }
    let test = "killed::a_client_killed_at_any_moment_of_changing_keys_loses_no_value";
    for round in 0..u64::from(testkit::rounds(1)) {
        let (address, folder) = (address().await, tempfile::tempdir().unwrap());
        let key_file = folder.path().join("root.key");
        fs::write(&key_file, "07".repeat(32)).unwrap();
        fs::set_permissions(&key_file, PermissionsExt::from_mode(0o600)).unwrap();
        let mut told = Vec::new();
        for kill in 0..4 {
            let place = (folder.path(), address.as_str());
            let seed = round * 4 + kill + 3_000_000;
            told.extend(killed_at_random(test, place, (30, 20_000), seed));
            let javari = open_with(&address, &key_file).await;
            let scope = ann(&javari).await;
            require_values(&javari, &scope, &key_file, &told).await;
            javari.close().await;
        }
    }
}

async fn open_with(address: &str, key_file: &Path) -> Javari {
    let mut settings = Settings::for_database(address);
    settings.root_key_file = Some(key_file.display().to_string());
    Builder::new(settings).open().await.unwrap()
}
