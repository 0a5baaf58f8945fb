//! A process that is killed at a random moment, as `kill -9` and a power switch do.

use std::{fs, path::PathBuf, time::Duration};

use javari_core::{knowledge::SearchRequest, testkit, types::PageRequest};

use super::{
    child::{Running, killed_at_random, part, random, tell},
    rekeying::{rekey_for_ever, require_values},
    rotating::{require_versions, rotate_for_ever},
    *,
};

const DOCUMENTS: usize = 60;

/// Puts credentials and ingests a folder, telling of each that is acknowledged, until it is killed.
async fn work(folder: &Path, word: &str) {
    let javari = open(&folder.join("a.db")).await.unwrap();
    let scope = ann(&javari).await.unwrap();
    for pass in 0.. {
        for number in 0..5 {
            let name = format!("{word}_{pass}_{number}");
            put(&scope, &name, &format!("value of {name}")).await.unwrap();
            tell(&format!("credential {name}"));
        }
        let mut stream = scope.knowledge().ingest(batch(folder, word, pass), Vec::new());
        while let Some(event) = stream.next().await {
            if let IngestEvent::Added { document } = event.unwrap() {
                tell(&format!("document {}", document.path));
            }
        }
    }
}

/// The same folder under another name, so that every pass has new documents.
fn batch(folder: &Path, word: &str, pass: usize) -> IngestRequest {
    let mut request = IngestRequest::folder(folder.join("documents").display().to_string());
    request.under = Some(format!("{word}-{pass}"));
    request
}

#[tokio::test]
async fn a_process_killed_at_any_moment_loses_nothing_it_acknowledged() {
    if let Some((folder, word)) = part() {
        return work(&folder, &word).await;
    }
    let rounds: Vec<u64> = (0..testkit::rounds(10).into()).collect();
    // All that was told is asked for after every kill, so a database serves for few of them.
    for few in rounds.chunks(10) {
        killed_again_and_again(few).await;
    }
}

async fn killed_again_and_again(rounds: &[u64]) {
    let folder = tempfile::tempdir().unwrap();
    write_documents(&folder.path().join("documents"));
    let path = folder.path().join("a.db");
    let mut told: Vec<String> = Vec::new();
    for round in rounds {
        let test = "killed::a_process_killed_at_any_moment_loses_nothing_it_acknowledged";
        let word = format!("R{round}");
        told.extend(killed_at_random(test, (folder.path(), &word), (120, 20_000), *round));

        let javari = open(&path).await.unwrap();
        let scope = ann(&javari).await.unwrap();
        require_there(&scope, &told).await;
        require_sound(&path, &scope).await;
        // The ingest that was cut off goes on where it stood.
        let request = batch(folder.path(), &format!("R{round}"), 0);
        let report = ingest(&scope, request).await.unwrap();
        assert_eq!(report.failed, []);
        assert_eq!((report.unchanged + report.added) as usize, DOCUMENTS, "{report:?}");
        javari.close().await;
    }
}

fn write_documents(folder: &Path) {
    fs::create_dir(folder).unwrap();
    for number in 0..DOCUMENTS {
        let sections =
            (0..6).map(|section| format!("## Part {section}\n\nWords of part {section}.\n\n"));
        let text = format!("# Document {number}\n\n{}", sections.collect::<String>());
        fs::write(folder.join(format!("{number:02}.md")), text).unwrap();
    }
}

async fn require_there(scope: &Scope, told: &[String]) {
    for what in told {
        match what.split_once(' ').unwrap() {
            ("credential", name) => {
                assert_eq!(reveal(scope, name).await.unwrap(), format!("value of {name}"));
            }
            (_, path) => {
                let number: usize = path[path.len() - 5..path.len() - 3].parse().unwrap();
                let mut request = SearchRequest::new(format!("document {number}"));
                request.prefix = Some(path.to_owned());
                let hits = scope.knowledge().search(request).await.unwrap().hits;
                assert!(hits.iter().any(|hit| hit.path == path), "{path} is not found");
            }
        }
    }
}

#[tokio::test]
async fn a_process_killed_while_it_rotates_leaves_every_value_it_acknowledged_and_one_active() {
    if let Some((folder, _)) = part() {
        let javari = open(&folder.join("a.db")).await.unwrap();
        return rotate_for_ever(&ann(&javari).await.unwrap()).await;
    }
    let test = "killed::a_process_killed_while_it_rotates_leaves_every_value_it_acknowledged_and_one_active";
    kill_again_and_again(test, (60, 5_000), async |path, told| {
        let javari = open(path).await.unwrap();
        let scope = ann(&javari).await.unwrap();
        require_versions(&scope, told).await;
        require_sound(path, &scope).await;
        javari.close().await;
    })
    .await;
}

/// Kills the process that plays the other part of `test` after up to so many words and microseconds, ten
/// times in one folder, and each time looks at what it told so far.
async fn kill_again_and_again(
    test: &str,
    (words, micros): (u64, u64),
    look: impl AsyncFn(&Path, &[String]),
) {
    let rounds: Vec<u64> = (0..testkit::rounds(10).into()).collect();
    for few in rounds.chunks(10) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        let mut told = Vec::new();
        for round in few {
            let place = (folder.path(), "A");
            told.extend(killed_at_random(test, place, (words, micros), round + 3_000_000));
            look(&path, &told).await;
        }
    }
}

#[tokio::test]
async fn a_process_killed_at_any_moment_of_changing_keys_loses_no_value() {
    if let Some((folder, _)) = part() {
        let path = folder.join("a.db");
        let javari = open(&path).await.unwrap();
        return rekey_for_ever(&javari, &ann(&javari).await.unwrap(), &key_file(&path)).await;
    }
    let test = "killed::a_process_killed_at_any_moment_of_changing_keys_loses_no_value";
    kill_again_and_again(test, (30, 10_000), async |path, told| {
        let javari = open(path).await.unwrap();
        let scope = ann(&javari).await.unwrap();
        require_values(&javari, &scope, &key_file(path), told).await;
        javari.close().await;
    })
    .await;
}

fn key_file(path: &Path) -> PathBuf {
    path.with_added_extension("key")
}

#[tokio::test]
async fn a_first_opening_that_is_killed_leaves_nothing_that_stops_the_next() {
    if let Some((folder, word)) = part() {
        let javari = open(&folder.join("a.db")).await.unwrap();
        put(&ann(&javari).await.unwrap(), &word, "x").await.unwrap();
        return tell("all");
    }
    let test = "killed::a_first_opening_that_is_killed_leaves_nothing_that_stops_the_next";
    for round in 0..u64::from(testkit::rounds(10)) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        let child = Running::start(test, folder.path(), "A");
        // The file appears when the opening begins; from there every moment is as good.
        while !path.exists() {
            std::thread::yield_now();
        }
        std::thread::sleep(Duration::from_micros(random(round + 2_000_000) % 60_000));
        child.kill();
        let javari = open(&path).await.unwrap();
        let scope = ann(&javari).await.unwrap();
        put(&scope, "B", "y").await.unwrap();
        assert_eq!(reveal(&scope, "B").await.unwrap(), "y");
        let names = scope.vault().list(&PageRequest::default()).await.unwrap().items;
        assert!((1..=2).contains(&names.len()));
        require_sound(&path, &scope).await;
    }
}
