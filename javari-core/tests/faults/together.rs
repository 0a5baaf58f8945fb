//! Two processes on one file at the same time.

use super::{
    child::{Running, part, tell},
    *,
};

const EACH: usize = 40;

/// Two children open a file that does not exist yet and write to it side by side.
#[tokio::test]
async fn two_processes_that_make_and_write_one_file_at_once_lose_nothing() {
    if let Some((folder, word)) = part() {
        return write(&folder.join("a.db"), &word).await;
    }
    let folder = tempfile::tempdir().unwrap();
    let test = "together::two_processes_that_make_and_write_one_file_at_once_lose_nothing";
    let children: Vec<Running> =
        ["LEFT", "RIGHT"].iter().map(|word| Running::start(test, folder.path(), word)).collect();
    for child in children {
        assert_eq!(child.finish().len(), 2 * EACH);
    }
    let path = folder.path().join("a.db");
    let javari = open(&path).await.unwrap();
    let scope = ann(&javari).await.unwrap();
    for word in ["LEFT", "RIGHT"] {
        for number in 0..EACH {
            let name = format!("{word}_{number}");
            assert_eq!(reveal(&scope, &name).await.unwrap(), format!("value of {name}"));
        }
    }
    assert_eq!(scope.vault().get("SHARED").await.unwrap().version as usize, 2 * EACH);
    assert_eq!(scope.knowledge().stats().await.unwrap().documents as usize, 2 * EACH);
    require_sound(&path, &scope).await;
}

async fn write(path: &Path, word: &str) {
    let patient = Settings { busy_timeout_ms: 60_000, ..settings(path) };
    let javari = Builder::new(patient).open().await.unwrap();
    let scope = ann(&javari).await.unwrap();
    for number in 0..EACH {
        let name = format!("{word}_{number}");
        put(&scope, &name, &format!("value of {name}")).await.unwrap();
        put(&scope, "SHARED", &name).await.unwrap();
        tell(&name);
        let request = IngestRequest::text(name.clone(), format!("The words of {name}."));
        assert_eq!(ingest(&scope, request).await.unwrap().added, 1);
        tell(&name);
    }
}

/// The key file and the database are made once, whoever is first.
#[tokio::test]
async fn several_openings_of_a_new_file_at_once_agree_on_one_key() {
    for _ in 0..5 {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        let patient = Settings { busy_timeout_ms: 60_000, ..settings(&path) };
        let openings = (0..6).map(|_| tokio::spawn(Builder::new(patient.clone()).open()));
        for opened in futures::future::join_all(openings).await {
            let javari = opened.unwrap().unwrap();
            let scope = ann(&javari).await.unwrap();
            put(&scope, "A", "x").await.unwrap();
            assert_eq!(reveal(&scope, "A").await.unwrap(), "x");
        }
        let files = std::fs::read_dir(folder.path()).unwrap();
        let keys = files
            .filter(|file| file.as_ref().unwrap().file_name().to_string_lossy().contains(".key"));
        assert_eq!(keys.count(), 1);
    }
}

/// A thousand calls of two processes against a budget for a hundred.
#[tokio::test]
async fn two_processes_that_spend_one_budget_at_once_never_pass_it() {
    if let Some(path) = spending::is_child() {
        return spending::spend(settings(Path::new(&path))).await;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let test = "together::two_processes_that_spend_one_budget_at_once_never_pass_it";
    let word = path.display().to_string();
    spending::require_never_one_over(test, settings(&path), &word).await;
}
