//! What every operation has, and how a request that does not fit is answered.

use serde_json::json;

use super::*;
use crate::{client::Builder, config::Settings, error::ErrorKind, types::ScopeKey};

async fn javari() -> crate::Javari {
    Builder::new(Settings::for_database(":memory:")).open().await.unwrap()
}

#[test]
fn every_operation_has_a_name_of_two_words_and_a_sentence() {
    let mut seen = std::collections::HashSet::new();
    for operation in catalog() {
        assert!(seen.insert(operation.name), "{} is listed twice", operation.name);
        assert!(!operation.room().is_empty() && !operation.verb().is_empty());
        assert!(operation.summary.ends_with('.'), "{}", operation.name);
    }
}

#[test]
fn every_schema_compiles_and_refuses_unknown_fields() {
    for operation in catalog() {
        let error = operation.validator.check(operation.name, &json!({ "no such field": 1 }));
        let error = error.expect_err(operation.name);
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{}", operation.name);
        assert!(
            error.fields().iter().any(|fault| fault.path == "/no such field"),
            "{}: {error}",
            operation.name
        );
    }
}

#[tokio::test]
async fn every_wrong_field_is_named_and_no_value_is_repeated() {
    let javari = javari().await;
    let user = javari.ensure_user("ann@x").await.unwrap().id;
    let request = json!({ "name": "9canary", "value": 5, "type": "canary", "extra": "canary" });
    let error =
        call(&javari, "vault.put", ScopeKey::user(user), request, vec![]).await.unwrap_err();
    let paths: Vec<&str> = error.fields().iter().map(|fault| fault.path.as_str()).collect();
    assert_eq!(paths, ["/extra", "/name", "/type", "/value"]);
    assert!(!format!("{error:?}").contains("canary"), "{error:?}");
}

#[tokio::test]
async fn a_scope_that_lacks_a_part_is_refused() {
    let javari = javari().await;
    let error = call(&javari, "vault.list", ScopeKey::HOST, json!({}), vec![]).await.unwrap_err();
    assert_eq!(error.fields()[0].path, "/scope/user");
}

#[tokio::test]
async fn the_envelope_is_the_seeds() {
    let javari = javari().await;
    let (status, answer) = respond(&javari, "system.version", ScopeKey::HOST, json!({})).await;
    assert_eq!((status, &answer["success"]), (200, &json!(true)));
    assert!(answer["meta"]["timestamp"].is_string() && answer["meta"]["request_id"].is_string());
    let (status, answer) = respond(&javari, "users.ensure", ScopeKey::HOST, json!({})).await;
    assert_eq!((status, &answer["error"]["code"]), (400, &json!("INVALID_INPUT")));
    assert_eq!(answer["error"]["details"]["fields"][0]["path"], "/email");
}

#[tokio::test]
async fn the_envelope_reads_no_file_of_the_host_unless_folders_are_open_to_documents() {
    let folder = tempfile::tempdir().unwrap();
    let ask = |settings: Settings| async move {
        let javari = Builder::new(settings).open().await.unwrap();
        let scope = ScopeKey::user(javari.ensure_user("ann@x").await.unwrap().id);
        let mut codes = Vec::new();
        for request in [json!({ "file": "/etc/passwd" }), json!({ "folder": "/etc" })] {
            let (_, answer) = respond(&javari, "knowledge.ingest", scope, request).await;
            codes.push(answer["error"]["code"].as_str().unwrap().to_owned());
        }
        codes
    };
    assert_eq!(ask(Settings::for_database(":memory:")).await, ["FORBIDDEN"; 2]);
    let mut settings = Settings::for_database(":memory:");
    settings.document_roots = Some(vec![folder.path().display().to_string()]);
    // Past the gate it is told that this operation streams; the roots then decide in the stream.
    assert_eq!(ask(settings).await, ["INVALID_INPUT"; 2]);
}

#[tokio::test]
async fn the_envelope_runs_nothing_that_works_on_the_hosts_disk() {
    let javari = javari().await;
    let user = javari.ensure_user("ann@x").await.unwrap().id;
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path().join("a").display().to_string();
    for (name, field) in [
        ("system.backup", "path"),
        ("system.restore", "path"),
        ("system.verify_backup", "path"),
        ("users.export", "folder"),
        ("audit.export", "path"),
        ("vault.rotate_root_key", "key_file"),
    ] {
        for scope in [ScopeKey::HOST, ScopeKey::user(user)] {
            let (status, answer) = respond(&javari, name, scope, json!({ field: at })).await;
            assert_eq!((status, &answer["error"]["code"]), (403, &json!("FORBIDDEN")), "{name}");
        }
    }
    for (name, request) in [
        ("system.adopt", json!({ "database": "postgres://127.0.0.1:1/a" })),
        ("system.import_seed", json!({ "path": at, "source": {} })),
    ] {
        let (status, answer) = respond(&javari, name, ScopeKey::HOST, request).await;
        assert_eq!((status, &answer["error"]["code"]), (403, &json!("FORBIDDEN")), "{name}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn what_concerns_all_users_is_not_reached_by_a_call_that_acts_for_one() {
    let javari = javari().await;
    let user = javari.ensure_user("ann@x").await.unwrap().id;
    for (name, request) in [
        ("system.health", json!({})),
        ("system.doctor", json!({})),
        ("system.vacuum", json!({})),
        ("system.adopt", json!({ "database": "postgres://127.0.0.1:1/a" })),
        ("system.import_seed", json!({ "path": "a", "source": {} })),
        ("users.erase", json!({ "user": user, "email": "ann@x" })),
        ("vault.rotate_root_key", json!({ "key": "07".repeat(32) })),
    ] {
        let error = call(&javari, name, ScopeKey::user(user), request, vec![]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Forbidden, "{name}");
    }
}

#[tokio::test]
async fn no_refusal_repeats_the_path_of_a_file_or_folder() {
    let javari = javari().await;
    let user = javari.ensure_user("ann@x").await.unwrap().id;
    for (name, scope, field) in [
        ("system.backup", ScopeKey::HOST, "path"),
        ("system.restore", ScopeKey::HOST, "path"),
        ("system.verify_backup", ScopeKey::HOST, "path"),
        ("users.export", ScopeKey::user(user), "folder"),
        ("audit.export", ScopeKey::user(user), "path"),
        ("vault.rotate_root_key", ScopeKey::HOST, "key_file"),
    ] {
        for path in ["no/sk-canary", "no/sk-canary/", "/dev/null/sk-canary", "sk-canary\0"] {
            let error = call(&javari, name, scope, json!({ field: path }), vec![]).await;
            let Err(error) = error else { panic!("{name} took {path:?}") };
            assert!(!format!("{error:?}").contains("sk-canary"), "{error:?}");
        }
    }
}

#[test]
fn no_room_has_the_name_under_which_apps_write_into_the_trail() {
    assert!(catalog().iter().all(|operation| operation.room() != "app"));
}

#[tokio::test]
async fn an_unknown_operation_is_an_error_of_the_caller() {
    let error = call(&javari().await, "vault.lick", ScopeKey::HOST, json!({}), vec![]).await;
    assert_eq!(error.unwrap_err().kind(), ErrorKind::InvalidInput);
}
