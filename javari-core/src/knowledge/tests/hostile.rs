//! Files that are not what they seem: each is reported with its reason and stops nothing.

use std::{fs, path::Path};

use futures::StreamExt;

use super::*;

fn folder_request(folder: &Path) -> IngestRequest {
    IngestRequest::folder(folder.display().to_string())
}

fn fixture(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/documents");
    fs::read(folder.join(name)).unwrap()
}

/// The code and the reason under which the report names the path.
fn told<'a>(list: &'a [NotIngested], path: &str) -> (&'a str, &'a str) {
    let entry =
        list.iter().find(|one| one.path == path).unwrap_or_else(|| panic!("{path}: {list:?}"));
    (entry.code.as_str(), entry.reason.as_str())
}

#[tokio::test]
async fn cut_disguised_and_binary_files_are_each_reported_and_the_good_ones_are_stored() {
    let folder = tempfile::tempdir().unwrap();
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/documents");
    let docx = fs::read_dir(fixtures).unwrap().map(|file| file.unwrap().path());
    let docx = fs::read(
        docx.into_iter().find(|path| path.extension().is_some_and(|e| e == "docx")).unwrap(),
    )
    .unwrap();
    let mut program = b"\x7fELF\x02\x01\x01\0".to_vec();
    program.extend((0..4_000_u32).flat_map(u32::to_le_bytes));
    for (name, bytes) in [
        ("a-good.md", b"The first words.".to_vec()),
        ("cut.docx", docx[..docx.len() / 2].to_vec()),
        ("empty.docx", Vec::new()),
        ("empty.pdf", Vec::new()),
        ("encrypted.pdf", fixture("encrypted.pdf")),
        ("no-zip.docx", b"This is no archive.".to_vec()),
        ("program.md", program),
        ("truncated.pdf", fixture("truncated.pdf")),
        ("z-good.md", b"The last words.".to_vec()),
    ] {
        fs::write(folder.path().join(name), bytes).unwrap();
    }
    let house = house().await;
    let scope = house.ground.user;
    let report =
        house.knowledge.ingest_report(scope, folder_request(folder.path()), None).await.unwrap();
    for path in
        ["cut.docx", "empty.docx", "empty.pdf", "encrypted.pdf", "no-zip.docx", "truncated.pdf"]
    {
        let (code, reason) = told(&report.failed, path);
        assert_eq!(code, "UNREADABLE", "{path}: {reason}");
        assert!(reason.len() > 10, "{path}: {reason}");
    }
    assert!(told(&report.failed, "encrypted.pdf").1.contains("encrypted"), "{report:?}");
    let (code, reason) = told(&report.failed, "program.md");
    assert_eq!((code, reason), ("UNREADABLE", "the document is binary data, not text"));
    assert_eq!((report.found, report.added), (9, 2), "{report:?}");
    let reply = house.knowledge.search(&scope, SearchRequest::new("last words")).await.unwrap();
    assert_eq!(reply.hits[0].path, "z-good.md");
}

#[cfg(unix)]
#[tokio::test]
async fn links_in_a_circle_and_pipes_neither_hang_nor_stop_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::create_dir_all(at("inner/odd")).unwrap();
    fs::write(at("good.md"), "Some words.").unwrap();
    fs::write(at("inner/odd/unseen.md"), "Unseen words.").unwrap();
    std::os::unix::fs::symlink(folder.path(), at("inner/circle")).unwrap();
    std::os::unix::fs::symlink(at("self.md"), at("self.md")).unwrap();
    // One pipe as a document and one as the rules of a folder.
    for pipe in ["pipe.md", "inner/odd/.gitignore"] {
        assert!(std::process::Command::new("mkfifo").arg(at(pipe)).status().unwrap().success());
    }
    let house = house().await;
    let scope = house.ground.user;
    let report =
        house.knowledge.ingest_report(scope, folder_request(folder.path()), None).await.unwrap();
    assert_eq!(report.added, 1, "{report:?}");
    assert_eq!(told(&report.failed, "inner/odd").0, "UNREADABLE");
    let pipe = IngestRequest::file(at("pipe.md").display().to_string());
    let error = house.knowledge.ingest_report(scope, pipe, None).await.unwrap_err();
    assert_eq!(error.fields()[0].path, "/file");
    let odd = folder_request(&at("inner/odd"));
    let error = house.knowledge.ingest_report(scope, odd, None).await.unwrap_err();
    assert_eq!(error.code(), "UNREADABLE");
}

#[cfg(unix)]
#[tokio::test]
async fn files_that_vanish_or_turn_into_something_else_during_the_run_are_reported() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    for name in ["a.md", "folder.md", "gone.md", "grown.md", "pipe.md", "z.md"] {
        fs::write(at(name), format!("The words of {name}.")).unwrap();
    }
    let house = house().await;
    let scope = house.ground.user;
    let mut request = folder_request(folder.path());
    request.max_file_bytes = Some(1_000);
    let mut events = house.knowledge.ingest(scope, request, None);
    assert!(matches!(events.next().await, Some(Ok(IngestEvent::Found { documents: 6 }))));
    for name in ["folder.md", "gone.md", "pipe.md"] {
        fs::remove_file(at(name)).unwrap();
    }
    fs::create_dir(at("folder.md")).unwrap();
    fs::write(at("grown.md"), "words ".repeat(1_000)).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(at("pipe.md")).status().unwrap().success());
    let report = IngestReport::from_stream(events).await.unwrap();
    for path in ["folder.md", "pipe.md"] {
        assert_eq!(told(&report.failed, path).0, "UNREADABLE", "{path}");
    }
    assert_eq!(told(&report.failed, "gone.md").0, "NOT_FOUND");
    assert_eq!(told(&report.failed, "grown.md").0, "TOO_LARGE");
    assert_eq!(report.added, 2, "{report:?}");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_file_that_the_system_does_not_let_read_is_reported_with_the_systems_words() {
    let house = house().await;
    // Opening it works and reading its first page does not, for root neither.
    let request = IngestRequest::file("/proc/self/mem");
    let report = house.knowledge.ingest_report(house.ground.user, request, None).await.unwrap();
    assert_eq!(report.failed[0].code, "UNREADABLE");
    assert!(report.failed[0].reason.contains("cannot be read"), "{report:?}");
}
