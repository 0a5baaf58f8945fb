//! A trail in a file: whole or not there, and checked again from its lines alone.

use std::{fs, path::Path};

use serde_json::Value as Json;

use super::*;
use crate::types::ProjectId;

/// Checks the lines with nothing but the root key, as docs/guide/audit-and-money.md says; tells the
/// places that are not right.
fn checked(text: &str, root: &RootKey) -> Vec<u64> {
    let key = ChainKey::derive(root).unwrap();
    let mut wrong = Vec::new();
    let mut before: Option<(u64, String)> = None;
    for line in text.lines() {
        let line: Json = serde_json::from_str(line).unwrap();
        let text = |name: &str| line[name].as_str().unwrap_or_default().to_owned();
        let further = |name: &str| line[name].as_str().map(|it| format!("={it}"));
        let seq = line["seq"].as_u64().unwrap();
        let mut fields = vec!["javari.audit.entry.v2".to_owned()];
        fields.extend([text("previous_hash"), text("chain"), seq.to_string()]);
        fields.extend(["id", "user", "project", "action", "description", "details"].map(text));
        fields.extend(["outcome", "at"].map(text));
        fields
            .extend(["reasoning", "confidence", "files"].map(|it| further(it).unwrap_or_default()));
        let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
        // The oldest entries have neither the first field nor the last three.
        let is_own = [&fields[..], &fields[1..12]]
            .iter()
            .any(|fields| key.hash(fields).unwrap() == text("hash"));
        let follows = match &before {
            Some((place, hash)) => seq == place + 1 && text("previous_hash") == *hash,
            None => seq > 1 || text("previous_hash") == chain::GENESIS,
        };
        if !is_own || !follows {
            wrong.push(seq);
        }
        before = Some((seq, text("hash")));
    }
    wrong
}

fn asked(folder: &Path, name: &str) -> ExportTrail {
    ExportTrail::to(folder.join(name).display().to_string())
}

/// A trail with entries of rooms and of an app, in and outside of a project.
async fn mixed() -> (Audit, Database, ScopeKey, ScopeKey) {
    let (audit, database, scope) = trail().await;
    let site = scope.with_project(ProjectId(Uuid::from_u128(8)));
    write_three(&audit, &scope).await;
    for number in 0..3 {
        let entry = RecordEntry::new("app.code.changed", "é漢😀 \"quoted\"\n\u{2028}")
            .with_reasoning("because", Some(0.1 * f64::from(number)))
            .with_file("src/a.rs", Some(FileChange::Created))
            .with_detail("ratio", 1e21)
            .with_detail("number", number);
        audit.record_of_app(&site, entry).await.unwrap();
    }
    (audit, database, scope, site)
}

#[tokio::test]
async fn an_export_is_checked_again_from_its_lines_alone() {
    let folder = tempfile::tempdir().unwrap();
    let (audit, _, scope, _) = mixed().await;
    let request = asked(folder.path(), "trail.jsonl");
    let reply = audit.export(&scope, &request).await.unwrap();
    assert_eq!((reply.entries, reply.first_seq, reply.last_seq), (6, Some(1), Some(6)));
    assert_eq!((reply.verified, &reply.path), (true, &request.path));
    let text = fs::read_to_string(&request.path).unwrap();
    assert_eq!(reply.bytes, text.len() as u64);
    let lines: Vec<Json> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 6);
    assert_eq!(lines[0]["action"], "vault.put");
    assert_eq!(lines[0]["reasoning"], Json::Null);
    assert_eq!(lines[4]["confidence"], "0.1");
    assert_eq!(lines[4]["files"], r#"[{"change":"created","path":"src/a.rs"}]"#);
    let own = RootKey::from_bytes([7; 32]);
    assert!(checked(&text, &own).is_empty());
    assert_eq!(checked(&text, &RootKey::from_bytes([8; 32])).len(), 6);
    // A line that was altered, or is not there.
    assert_eq!(checked(&text.replace("\"because\"", "\"why not\""), &own), [4, 5, 6]);
    let cut: String =
        text.lines().filter(|it| !it.contains("\"seq\":3,")).map(|it| format!("{it}\n")).collect();
    assert_eq!(checked(&cut, &own), [4]);
    // That it was made is the next entry.
    let newest = audit.list(&scope, ListEntries::default()).await.unwrap().items.remove(0);
    assert_eq!((newest.action.as_str(), newest.seq), ("audit.export", 7));
    assert_eq!(newest.details["last_seq"], 6);
    assert!(audit.verify(&scope).await.unwrap().verified);
}

#[tokio::test]
async fn an_export_has_the_entries_of_its_time_and_its_project() {
    let folder = tempfile::tempdir().unwrap();
    let (audit, _, scope, site) = mixed().await;
    let all = audit.list(&scope, ListEntries::default()).await.unwrap().items;
    let at = |seq: u64| all.iter().find(|entry| entry.seq == seq).unwrap().at;
    let own = RootKey::from_bytes([7; 32]);
    let request = ExportTrail {
        since: Some(at(2)),
        until: Some(at(5)),
        ..asked(folder.path(), "middle.jsonl")
    };
    let reply = audit.export(&scope, &request).await.unwrap();
    assert_eq!((reply.entries, reply.first_seq, reply.last_seq), (3, Some(2), Some(4)));
    assert!(checked(&fs::read_to_string(&request.path).unwrap(), &own).is_empty());
    let reply = audit.export(&site, &asked(folder.path(), "site.jsonl")).await.unwrap();
    assert_eq!((reply.entries, reply.first_seq, reply.verified), (3, Some(4), true));
    let none = ExportTrail { until: Some(at(1)), ..asked(folder.path(), "none.jsonl") };
    let reply = audit.export(&scope, &none).await.unwrap();
    assert_eq!((reply.entries, reply.first_seq, reply.last_seq), (0, None, None));
    assert_eq!(fs::read_to_string(&none.path).unwrap(), "");
    let stranger = ScopeKey::user(UserId(Uuid::from_u128(2)));
    let reply = audit.export(&stranger, &asked(folder.path(), "other.jsonl")).await.unwrap();
    assert_eq!((reply.entries, reply.verified), (0, true));
}

#[tokio::test]
async fn a_broken_chain_is_written_to_its_end_and_the_answer_says_where_it_breaks() {
    for (statement, place, lines) in [
        ("UPDATE javari_work_log SET reasoning_log = 'x' WHERE seq = 5", 5, 6),
        ("DELETE FROM javari_work_log WHERE seq = 2", 2, 5),
        ("DELETE FROM javari_work_log WHERE seq = 6", 6, 5),
        ("DELETE FROM javari_work_log_heads", 7, 6),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let (audit, database, scope, _) = mixed().await;
        tamper(&database, statement).await;
        let known = audit.verify(&scope).await.unwrap();
        let request = asked(folder.path(), "trail.jsonl");
        // One that has no end any more takes no further entry: the export is not recorded there.
        let Ok(reply) = audit.export(&scope, &request).await else {
            assert!(statement.ends_with("heads"), "{statement}");
            assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
            continue;
        };
        assert!(!reply.verified, "{statement}");
        assert_eq!((reply.broken_at, reply.entries), (Some(place), lines), "{statement}");
        assert_eq!((reply.broken_at, reply.reason), (known.broken_at, known.reason));
    }
}

#[tokio::test]
async fn the_file_is_its_owners_alone_and_is_there_whole_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let (audit, _, scope) = trail().await;
    for number in 0..150 {
        // More than may wait for the thread that writes.
        let entry = RecordEntry::new("app.thought", "thought")
            .with_reasoning("漢".repeat(2_000), None)
            .with_detail("n", number);
        audit.record_of_app(&scope, entry).await.unwrap();
    }
    let count = || fs::read_dir(folder.path()).unwrap().count();
    let request = asked(folder.path(), "trail.jsonl");
    let reply = audit.export(&scope, &request).await.unwrap();
    assert!(reply.bytes > 900_000, "{}", reply.bytes);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&request.path).unwrap().permissions().mode() & 0o077, 0);
    }
    let before = fs::read(&request.path).unwrap();
    for (name, kind) in [
        ("trail.jsonl", ErrorKind::AlreadyExists),
        ("none/trail.jsonl", ErrorKind::NotFound),
        ("..", ErrorKind::AlreadyExists),
    ] {
        let error = audit.export(&scope, &asked(folder.path(), name)).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{name}: {error}");
    }
    assert_eq!((fs::read(&request.path).unwrap(), count()), (before, 1));
    for polls in [1, 2, 5, 20] {
        let left = asked(folder.path(), "left.jsonl");
        let mut export = Box::pin(audit.export(&scope, &left));
        let mut is_done = false;
        for _ in 0..polls {
            is_done = is_done || futures::poll!(&mut export).is_ready();
            tokio::task::yield_now().await;
        }
        assert!(!is_done || polls > 2, "nobody left in the middle");
        drop(export);
        if is_done {
            fs::remove_file(&left.path).unwrap();
        }
    }
    // The threads that were to write find out by themselves, also those that had not begun.
    let mut calm = 0;
    for _ in 0..60_000 {
        calm = if count() == 1 { calm + 1 } else { 0 };
        if calm == 200 {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
    }
    panic!("an export that was left leaves {} files", count() - 1);
}
