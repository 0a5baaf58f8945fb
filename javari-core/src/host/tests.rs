//! What doors rely on: no panic, no hang, no use after close.

use std::sync::Arc;

use async_trait::async_trait;
use futures::StreamExt;
use serde_json::{Value as Json, json};

use super::*;
use crate::{
    error::{Error, ErrorKind, Result},
    provider::Provider,
};

fn open() -> Host {
    let settings = json!({ "database": ":memory:", "environment": false });
    block_on(Host::open(settings)).unwrap()
}

fn user(host: &Host) -> Json {
    let made = host.call("users.ensure".into(), Json::Null, json!({ "email": "ann@x" }), vec![]);
    json!({ "user": block_on(made).unwrap()["id"] })
}

#[test]
fn a_panic_becomes_an_error_without_its_words() {
    let error = guarded_sync::<()>(|| panic!("canary")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unexpected);
    assert!(!format!("{error:?}").contains("canary"));
    let error = block_on(guarded::<()>(async { panic!("canary") })).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unexpected);
}

#[test]
fn settings_and_scopes_that_do_not_fit_are_refused_without_repeating_them() {
    let error = block_on(Host::open(json!({ "root_key": 5 }))).err().unwrap();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    let host = open();
    let call = host.call("vault.list".into(), json!({ "user": "canary" }), json!({}), vec![]);
    let error = block_on(call).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(!format!("{error:?}").contains("canary"));
}

#[test]
fn a_call_after_close_says_closed() {
    let host = open();
    let scope = user(&host);
    block_on(host.close()).unwrap();
    block_on(host.close()).unwrap();
    // The version asks no database, and a chat with the local model none either.
    for operation in ["vault.list", "system.version", "provider.models"] {
        let call = host.call(operation.into(), scope.clone(), json!({}), vec![]);
        assert_eq!(block_on(call).unwrap_err().kind(), ErrorKind::Closed, "{operation}");
    }
    let late = host.register("provider", "late", Arc::new(Parrot));
    assert_eq!(late.unwrap_err().kind(), ErrorKind::Closed);
}

#[test]
fn a_blocking_call_inside_asynchronous_work_is_an_error_and_no_panic() {
    let inside = spawn(async { block_on(async { Ok(()) }) }).unwrap();
    let outcome = block_on(async { inside.await.unwrap() });
    assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Unexpected);
}

#[test]
fn work_that_waits_for_nothing_is_done_where_it_was_begun() {
    let here = std::thread::current().id();
    let begun = begin(async move { std::thread::current().id() == here }).unwrap();
    assert!(matches!(begun, Begun::Done(true)));
}

#[test]
fn work_that_waits_goes_on_where_it_is_spawned() {
    let host = open();
    let call = async move {
        host.call("users.ensure".into(), Json::Null, json!({ "email": "ann@x" }), vec![]).await
    };
    let Begun::Waiting(work) = begin(guarded(call)).unwrap() else {
        panic!("the database answered at once")
    };
    let task = spawn(work).unwrap();
    assert_eq!(block_on(async { task.await.unwrap() }).unwrap()["email"], "ann@x");
}

#[test]
fn a_request_is_small_by_all_that_it_holds() {
    assert!(is_small(&Json::Null));
    assert!(is_small(&json!({ "messages": [{ "role": "user", "content": "x".repeat(3_000) }] })));
    for large in [
        json!({ "text": "x".repeat(4_096) }),
        json!({ "x".repeat(4_096): 1 }),
        json!(vec![0; 256]),
        json!([["x".repeat(2_000)], { "more": "x".repeat(2_100) }]),
    ] {
        assert!(!is_small(&large));
    }
}

struct Parrot;

#[async_trait]
impl HostObject for Parrot {
    async fn call(&self, method: &str, _: Json) -> Result<Json> {
        Err(Error::new(ErrorKind::HostFailed, "test", format!("no {method}")))
    }

    async fn stream(&self, _: &str, request: Json) -> Result<HostEvents> {
        let said = request["messages"][0]["content"].clone();
        let finished =
            json!({ "type": "finished", "reason": "stop", "usage": {}, "model": "parrot" });
        let events = vec![
            json!({ "type": "started", "provider": "parrot", "model": "parrot" }),
            json!({ "type": "text", "delta": said }),
            finished,
        ];
        Ok(futures::stream::iter(events).map(Ok).boxed())
    }
}

#[test]
fn a_hosts_provider_answers_under_its_name_and_streams() {
    let host = open();
    let scope = user(&host);
    host.register("provider", "parrot", Arc::new(Parrot)).unwrap();
    let request =
        json!({ "model": "parrot/x", "messages": [{ "role": "user", "content": "Hello" }] });
    let reply = host.call("provider.complete".into(), scope.clone(), request.clone(), vec![]);
    assert_eq!(block_on(reply).unwrap()["text"], "Hello");
    // It is a language model, though `local` is the default: its answers keep their sources.
    assert!(host.javari().rooms().router.capabilities_for(Some("parrot/x")).generates);
    let events = block_on(host.stream("provider.chat".into(), scope, request, vec![])).unwrap();
    let mut seen = Vec::new();
    loop {
        let batch = block_on(events.next_batch(8)).unwrap();
        if batch.is_empty() {
            break;
        }
        seen.extend(batch.into_iter().map(|event| event["type"].as_str().unwrap().to_owned()));
    }
    assert_eq!(seen, ["started", "text", "finished"]);
}

#[test]
fn an_unknown_kind_of_object_is_refused() {
    let error = open().register("parrot", "x", Arc::new(Parrot)).unwrap_err();
    assert_eq!(error.fields()[0].path, "/kind");
}

/// Begins an answer and never ends it.
struct Endless;

#[async_trait]
impl HostObject for Endless {
    async fn call(&self, method: &str, _: Json) -> Result<Json> {
        Err(Error::new(ErrorKind::HostFailed, "test", format!("no {method}")))
    }

    async fn stream(&self, _: &str, _: Json) -> Result<HostEvents> {
        let events = vec![
            json!({ "type": "started", "provider": "endless", "model": "words" }),
            json!({ "type": "text", "delta": "Once upon a time" }),
        ];
        Ok(futures::stream::iter(events).map(Ok).chain(futures::stream::pending()).boxed())
    }
}

#[test]
fn a_stream_that_a_language_lets_go_is_charged() {
    let host = open();
    let scope = user(&host);
    host.register("provider", "endless", Arc::new(Endless)).unwrap();
    let request =
        json!({ "model": "endless/x", "messages": [{ "role": "user", "content": "Hello" }] });
    let events = block_on(host.stream("provider.chat".into(), scope.clone(), request, vec![]));
    let events = events.unwrap();
    for expected in ["started", "text"] {
        assert_eq!(block_on(events.next()).unwrap().unwrap()["type"], expected);
    }
    drop(events);
    // The runtime lets go of the work in its own time.
    for _ in 0..1_000 {
        let report = host.call("cost.report".into(), scope.clone(), json!({}), vec![]);
        let report = block_on(report).unwrap();
        if report["calls"] == 1 {
            assert_eq!(report["by_model"][0]["name"], "words");
            assert_eq!(report["by_model"][0]["output_tokens"], 4);
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    panic!("the stream was never charged");
}

#[test]
fn the_future_of_a_call_fits_many_times_into_a_small_stack() {
    let host = open();
    let call = host.call("users.get".into(), json!(null), json!({}), vec![]);
    let size = std::mem::size_of_val(&call);
    // It is moved from frame to frame before it is polled; musl gives a thread 128 KiB.
    assert!(size <= 4_096, "{size} bytes");
}
