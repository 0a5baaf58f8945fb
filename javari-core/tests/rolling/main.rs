//! A rolling upgrade: processes of the version before and of this one write into one database at once,
//! and an old one still comes while the new one is there.
//!
//! `tests/suites/engines` builds the version before from the commit in `previous` and names its program
//! in `JAVARI_TEST_PREVIOUS`, this version's in `JAVARI_TEST_PRESENT`, and a server.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::{
    collections::BTreeSet,
    io::{BufRead, BufReader},
    process::{Child, ChildStdout, Command, Stdio},
};

use javari_core::{
    client::Builder,
    config::Settings,
    knowledge::SearchRequest,
    secret::Secret,
    storage::{SCHEMA_VERSION, scratch},
    vault::RotateRootKey,
};

/// A process that writes, and all that it told.
struct Writer {
    process: Child,
    lines: BufReader<ChildStdout>,
    told: Vec<String>,
}

impl Writer {
    fn start(version: &str, address: &str, name: &str) -> Self {
        let program = std::env::var(version)
            .unwrap_or_else(|_| panic!("{version} names no program: run tests/run engines"));
        let mut process = Command::new(program)
            .args([address, name])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap());
        Self { process, lines, told: Vec::new() }
    }

    /// Waits until it has told so much more.
    fn work(&mut self, lines: usize) {
        for _ in 0..lines {
            let mut line = String::new();
            assert!(self.lines.read_line(&mut line).unwrap() > 0, "it ended by itself");
            self.told.push(line.trim().to_owned());
        }
    }

    /// Lets it end in order.
    fn stop(mut self) -> Vec<String> {
        drop(self.process.stdin.take());
        self.told.extend(self.lines.lines().map(Result::unwrap));
        assert!(self.process.wait().unwrap().success());
        self.told
    }
}

#[tokio::test]
async fn two_versions_that_write_into_one_file_at_once_lose_nothing() {
    let folder = tempfile::tempdir().unwrap();
    upgrade(&folder.path().join("a.db").display().to_string()).await;
}

#[tokio::test]
async fn two_versions_that_write_through_one_server_at_once_lose_nothing() {
    let address = scratch().await;
    assert!(address.starts_with("postgres://"), "JAVARI_TEST_POSTGRES names no server");
    upgrade(&address).await;
}

async fn upgrade(address: &str) {
    let mut before = Writer::start("JAVARI_TEST_PREVIOUS", address, "before");
    before.work(30);
    let mut present = Writer::start("JAVARI_TEST_PRESENT", address, "present");
    present.work(30);
    // As a server that is restarted with the old program while others run the new one.
    let mut late = Writer::start("JAVARI_TEST_PREVIOUS", address, "late");
    late.work(30);
    before.work(30);
    present.work(30);
    let mut told = before.stop();
    late.work(30);
    told.extend(late.stop());
    present.work(30);
    told.extend(present.stop());
    require_there(address, &told).await;
}

async fn require_there(address: &str, told: &[String]) {
    let mut settings = Settings::for_database(address);
    settings.root_key = Some(Secret::new("07".repeat(32)));
    let javari = Builder::new(settings).open().await.unwrap();
    let health = javari.system().doctor().await;
    let schema = health.checks.iter().find(|check| check.id == "schema").unwrap();
    assert!(schema.detail.contains(&SCHEMA_VERSION.to_string()), "{schema:?}");
    let scope = javari.scope(javari.ensure_user("ann@example.com").await.unwrap().id);
    let mut versions = BTreeSet::new();
    let mut schemas = BTreeSet::new();
    let mut last = (0, "");
    for line in told {
        let (kind, what) = line.split_once(' ').unwrap();
        match kind {
            "credential" => {
                let revealed = scope.vault().reveal(what).await.unwrap();
                assert_eq!(revealed.value.expose(), format!("value of {what}"));
            }
            "schema" => drop(schemas.insert(what.parse().unwrap())),
            "version" => {
                let (version, by) = what.split_once(' ').unwrap();
                let version: u32 = version.parse().unwrap();
                assert!(versions.insert(version), "two made version {version}");
                last = last.max((version, by));
            }
            _ => {
                let mut request = SearchRequest::new("kettles");
                request.prefix = Some(what.to_owned());
                let hits = scope.knowledge().search(request).await.unwrap().hits;
                assert!(hits.iter().any(|hit| hit.path == what), "{what} is not found");
            }
        }
    }
    assert_eq!(schemas, [SCHEMA_VERSION - 1, SCHEMA_VERSION].into());
    let (version, by) = last;
    assert_eq!(versions, (2..=version).collect(), "a version is missing");
    let shared = scope.vault().reveal("SHARED").await.unwrap();
    assert_eq!(shared.credential.version, version);
    assert_eq!(shared.value.expose(), format!("{by} made version {version}"));
    let verification = scope.audit().verify().await.unwrap();
    assert!(verification.verified, "{verification:?}");
    // Whoever still has the root key of before is told so, before it writes anything.
    let to = RotateRootKey { key: Some(Secret::new("08".repeat(32))), ..RotateRootKey::default() };
    javari.rotate_root_key(&to).await.unwrap();
    javari.close().await;
    let program = std::env::var("JAVARI_TEST_PREVIOUS").unwrap();
    let refused = Command::new(program).args([address, "refused"]).output().unwrap();
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(!refused.status.success() && said.contains("WRONG_KEY"), "{said}");
}
