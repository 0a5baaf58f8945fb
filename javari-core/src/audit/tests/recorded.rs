//! What apps write of their own: kept whole, bounded, and never like an entry of Javari's.

use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{RngAlgorithm, TestRng, TestRunner},
};
use serde_json::{Value as Json, json};

use super::*;

/// Values of a strategy, the same in each run.
pub(super) fn made<T: std::fmt::Debug>(count: usize, of: impl Strategy<Value = T>) -> Vec<T> {
    let random = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(ProptestConfig::default(), random);
    (0..count).map(|_| of.new_tree(&mut runner).unwrap().current()).collect()
}

fn full() -> RecordEntry {
    RecordEntry::new("app.code.refactored", "split the parser in two: é漢😀")
        .with_reasoning("it had two purposes\nand one name", Some(0.85))
        .with_file("src/parser.rs", Some(FileChange::Modified))
        .with_file("src/words.rs", None)
        .with_detail("tests", 41)
        .with_outcome(Outcome::PartialSuccess)
}

#[tokio::test]
async fn an_entry_of_an_app_is_kept_whole_and_verifies() {
    let (audit, _, scope) = trail().await;
    write_three(&audit, &scope).await;
    let mut entry = full();
    entry.files.push(RecordedFile::Path("docs/parser.md".into()));
    let told = audit.record_of_app(&scope, entry).await.unwrap();
    let listed = audit.list(&scope, ListEntries::default()).await.unwrap().items.remove(0);
    assert_eq!(told, listed);
    assert_eq!((listed.seq, listed.user), (4, scope.user));
    assert_eq!(listed.action, "app.code.refactored");
    assert_eq!(listed.description, "split the parser in two: é漢😀");
    assert_eq!(listed.reasoning.as_deref(), Some("it had two purposes\nand one name"));
    assert_eq!(listed.confidence, Some(0.85));
    let files = json!([
        { "path": "src/parser.rs", "change": "modified" },
        { "path": "src/words.rs" },
        { "path": "docs/parser.md" },
    ]);
    assert_eq!(listed.files, Some(files));
    assert_eq!(listed.details, json!({ "tests": 41 }));
    assert_eq!(listed.outcome, Outcome::PartialSuccess);
    let found = audit.verify(&scope).await.unwrap();
    assert_eq!((found.verified, found.entries), (true, 4), "{found:?}");
}

#[tokio::test]
async fn an_entry_without_the_further_fields_has_the_hash_that_it_always_had() {
    let (audit, database, scope) = trail().await;
    let entry = Entry::new("vault.put", "stored a credential").with("name", "STRIPE");
    audit.record(&scope, entry).await.unwrap();
    let bare = RecordEntry::new("app.looked", "looked around");
    audit.record_of_app(&scope, bare).await.unwrap();
    let rows = "SELECT * FROM javari_work_log ORDER BY seq";
    let rows = database.query(&scope, rows, values![]).await.unwrap();
    for (seq, row, words) in [
        ("1", &rows[0], ["vault.put", "stored a credential", "{\"name\":\"STRIPE\"}"]),
        ("2", &rows[1], ["app.looked", "looked around", "{}"]),
    ] {
        let text = |name: &str| row.get::<String>(name).unwrap();
        let (user, [action, description, details]) = (scope.user.unwrap().to_string(), words);
        let (previous, id, at) = (text("previous_hash"), text("id"), text("timestamp"));
        let fields = [
            "javari.audit.entry.v2",
            &previous,
            &user,
            seq,
            &id,
            &user,
            "",
            action,
            description,
            details,
            "success",
            &at,
            "",
            "",
            "",
        ];
        assert_eq!(text("hash"), audit.keys.entries().hash(&fields).unwrap());
        for column in ["reasoning_log", "confidence_score", "files_modified_json"] {
            let is_null = format!("SELECT 1 AS found FROM javari_work_log WHERE {column} IS NULL");
            let found = database.query(&scope, is_null.leak(), values![]).await.unwrap();
            assert_eq!(found.len(), 2, "{column}");
        }
    }
}

#[tokio::test]
async fn an_altered_field_of_an_apps_entry_is_found() {
    for change in [
        "reasoning_log = 'it had one purpose'",
        "reasoning_log = NULL",
        "confidence_score = 0.86",
        "confidence_score = NULL",
        "files_modified_json = '[{\"path\":\"src/words.rs\"}]'",
        "files_modified_json = NULL",
        "details = '{\"tests\":42}'",
        "outcome = 'success'",
        "action_type = 'vault.reveal'",
        "reasoning_log = NULL, confidence_score = NULL, files_modified_json = NULL",
    ] {
        let (audit, database, scope) = trail().await;
        audit.record_of_app(&scope, full()).await.unwrap();
        assert!(audit.verify(&scope).await.unwrap().verified);
        let statement = format!("UPDATE javari_work_log SET {change} WHERE seq = 1");
        tamper(&database, statement.leak()).await;
        assert_eq!(audit.verify(&scope).await.unwrap().broken_at, Some(1), "{change}");
    }
}

#[tokio::test]
async fn nobody_writes_an_entry_that_looks_like_one_of_javaris_own() {
    let (audit, _, scope) = trail().await;
    let long = format!("app.{}", "a".repeat(97));
    for action in [
        "vault.reveal",
        "users.erase",
        "system.restore",
        "deploy",
        "",
        "app",
        "app.",
        "app..a",
        "app.a.",
        "app.A",
        "app.a b",
        "app.1",
        "app._",
        "app.é",
        "application.a",
        "App.a",
        " app.a",
        "app.a\n",
        "app.a\0",
        &long,
    ] {
        let entry = RecordEntry::new(action, "a forgery");
        let error = audit.record_of_app(&scope, entry).await.unwrap_err();
        assert_eq!(error.fields()[0].path, "/action", "{action:?}");
    }
    assert!(audit.list(&scope, ListEntries::default()).await.unwrap().items.is_empty());
    for action in ["app.a", "app.code.step_2", &long[..100]] {
        audit.record_of_app(&scope, RecordEntry::new(action, "fine")).await.unwrap();
    }
}

#[tokio::test]
async fn each_part_has_its_bound_and_a_refusal_names_it_and_repeats_nothing() {
    let (audit, _, scope) = trail().await;
    let canary = "sk-canary-4731";
    let filled = |count: usize| format!("{canary}{}", "é".repeat(count - canary.len()));
    let nested = |levels: usize| (0..levels).fold(json!(canary), |inner, _| json!({ "a": inner }));
    let fine = || RecordEntry::new("app.tried", "tried");
    let files = |count: usize| vec![RecordedFile::Path(canary.into()); count];
    for (path, entry) in [
        ("/description", RecordEntry::new("app.tried", "")),
        ("/description", RecordEntry::new("app.tried", filled(1_001))),
        ("/description", RecordEntry::new("app.tried", format!("{canary}\0"))),
        ("/reasoning", fine().with_reasoning(filled(8_001), None)),
        ("/reasoning", fine().with_reasoning(format!("{canary}\0"), None)),
        ("/confidence", fine().with_reasoning("a", Some(1.001))),
        ("/confidence", fine().with_reasoning("a", Some(-0.001))),
        ("/confidence", fine().with_reasoning("a", Some(f64::NAN))),
        ("/files", RecordEntry { files: files(201), ..fine() }),
        ("/files/1", fine().with_file("a", None).with_file(filled(501), None)),
        ("/files/0", fine().with_file("", None)),
        ("/files/0", fine().with_file(format!("{canary}\0"), None)),
        ("/details", fine().with_detail("a", filled(16 * 1024))),
        ("/details", fine().with_detail("a", nested(16))),
        ("/details", fine().with_detail("a", json!([format!("{canary}\0")]))),
        ("/details", fine().with_detail(format!("{canary}\0"), 1)),
        ("/details", fine().with_detail("a", json!({ format!("{canary}\0"): 1 }))),
    ] {
        let error = audit.record_of_app(&scope, entry).await.unwrap_err();
        assert_eq!(error.code(), "INVALID_INPUT");
        let named: Vec<&str> = error.fields().iter().map(|fault| fault.path.as_str()).collect();
        assert_eq!(named, [path]);
        assert!(!format!("{error:?}").contains(canary), "{error:?}");
    }
    let most = RecordEntry { files: files(200), ..RecordEntry::new("app.tried", filled(1_000)) }
        .with_reasoning(filled(8_000), Some(1.0))
        .with_detail("a", nested(15));
    audit.record_of_app(&scope, most).await.unwrap();
    assert!(audit.verify(&scope).await.unwrap().verified);
}

/// Any JSON that is kept.
fn any_details() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        any::<f64>().prop_map(Json::from),
        "[^\0]{0,12}".prop_map(Json::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
            prop::collection::btree_map("[^\0]{0,6}", inner, 0..4)
                .prop_map(|fields| Json::Object(fields.into_iter().collect())),
        ]
    })
}

#[tokio::test]
async fn whatever_an_app_writes_is_read_again_and_verifies() {
    let (audit, _, scope) = trail().await;
    let entries = (
        "app(\\.[a-z][a-z0-9_]{0,8}){1,4}",
        "[^\0]{1,40}",
        prop::option::of("[^\0]{0,40}"),
        prop::option::of(prop_oneof![Just(-0.0), Just(0.0), Just(1.0), 0.0..=1.0, 0.0..1e-300]),
        prop::collection::vec("[^\0]{1,12}", 0..4),
        any_details(),
    );
    let entries = made(150, entries);
    for (action, description, reasoning, confidence, files, detail) in &entries {
        let mut entry = RecordEntry::new(action, description).with_detail("it", detail.clone());
        (entry.reasoning, entry.confidence) = (reasoning.clone(), *confidence);
        entry.files = files.iter().cloned().map(RecordedFile::Path).collect();
        audit.record_of_app(&scope, entry).await.unwrap();
    }
    let found = audit.verify(&scope).await.unwrap();
    assert_eq!((found.verified, found.entries), (true, 150), "{found:?}");
    let all = ListEntries { limit: 500, ..ListEntries::default() };
    let listed = audit.list(&scope, all).await.unwrap().items;
    for (shown, (action, description, reasoning, confidence, files, detail)) in
        listed.iter().rev().zip(&entries)
    {
        assert_eq!((&shown.action, &shown.description), (action, description));
        assert_eq!((&shown.reasoning, shown.confidence), (reasoning, *confidence));
        let files: Vec<Json> = files.iter().map(|path| json!({ "path": path })).collect();
        let files = (!files.is_empty()).then_some(Json::Array(files));
        assert_eq!((&shown.files, &shown.details["it"]), (&files, detail));
    }
}
