//! One idea a file, and each says in its first line what it is for.

use std::collections::BTreeSet;

use crate::{files_in, library_sources, root, without_tests};

const LONGEST: usize = 600;

fn is_generated(text: &str) -> bool {
    text.lines().take(3).any(|line| line.contains("Written by `cargo catalog`"))
}

#[test]
fn no_source_file_is_longer_than_600_lines() {
    let mut sources = files_in("javari-core", ".rs");
    for (folder, ending) in [
        ("javari-py", ".rs"),
        ("javari-py", ".py"),
        ("javari-node/src", ".rs"),
        ("javari-node/door", ".cjs"),
        ("javari-ffi", ".rs"),
        ("javari-ffi", ".hpp"),
        ("examples", ".rs"),
        ("tests", ".rs"),
    ] {
        sources.extend(files_in(folder, ending));
    }
    for file in sources.iter().filter(|file| !is_generated(&file.text)) {
        let lines = file.text.lines().count();
        assert!(
            lines <= LONGEST,
            "{} has {lines} lines: look for the two rooms inside it",
            file.path
        );
    }
}

#[test]
fn every_rust_file_begins_by_saying_what_it_is_for() {
    for folder in ["javari-core/src", "javari-py/src", "javari-node/src", "javari-ffi/src", "tests"]
    {
        for file in files_in(folder, ".rs") {
            assert!(file.text.starts_with("//!"), "{} does not begin with `//!`", file.path);
        }
    }
}

#[test]
fn every_room_says_what_it_does_not_do() {
    for file in files_in("javari-core/src", "/mod.rs") {
        let parts = file.path.trim_start_matches("javari-core/src/").matches('/').count();
        if parts == 1 && !file.path.contains("/testkit/") {
            let documentation: String = file
                .text
                .lines()
                .filter(|line| line.starts_with("//!"))
                .collect::<Vec<_>>()
                .join(" ")
                .replace("//!", "");
            let documentation = documentation.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(
                documentation.contains("it deliberately does not do"),
                "{} does not say what it deliberately does not do",
                file.path
            );
        }
    }
}

#[test]
fn only_http_speaks_http_only_config_reads_the_environment_only_host_starts_a_runtime() {
    for (word, rooms) in [
        ("reqwest::", &["javari-core/src/http/"][..]),
        ("env::var", &["javari-core/src/config/"]),
        ("now_utc(", &["javari-core/src/types/clock.rs"]),
        ("Uuid::now_v7", &[]),
        ("SystemTime::now", &[]),
        ("runtime::Builder", &["javari-core/src/host/"]),
        ("Runtime::new", &[]),
    ] {
        for file in library_sources() {
            let allowed = rooms.iter().any(|room| file.path.starts_with(room));
            let code = without_tests(&file.text);
            let used = code
                .lines()
                .any(|line| line.contains(word) && !line.trim_start().starts_with("//"));
            assert!(allowed || !used, "{} uses `{word}`", file.path);
        }
    }
}

#[test]
fn every_room_is_named_in_the_architecture() {
    let page = std::fs::read_to_string(root().join("docs/ARCHITECTURE.md")).unwrap();
    let rooms: BTreeSet<String> = files_in("javari-core/src", "/mod.rs")
        .iter()
        .filter_map(|file| {
            let inside = file.path.strip_prefix("javari-core/src/")?;
            inside.strip_suffix("/mod.rs").filter(|room| !room.contains('/')).map(str::to_owned)
        })
        .collect();
    assert!(rooms.len() > 10);
    for room in rooms {
        assert!(page.contains(&format!("`{room}`")), "docs/ARCHITECTURE.md does not name `{room}`");
    }
}
