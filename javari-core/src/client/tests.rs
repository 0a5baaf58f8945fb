//! What is owed when a caller leaves a stream in the middle.

use std::sync::Arc;

use futures::StreamExt;

use super::*;
use crate::{
    knowledge::{AnswerEvent, AnswerRequest, IngestReport, IngestRequest},
    provider::{ChatEvent, ChatRequest},
    testkit::ScriptedProvider,
};

async fn opened(location: &str) -> (Javari, Scope, Arc<ScriptedProvider>) {
    let provider = Arc::new(ScriptedProvider::new("fake"));
    let builder = Builder::new(Settings::for_database(location)).with_provider(provider.clone());
    let javari = builder.open().await.unwrap();
    let user = javari.ensure_user("ann@x").await.unwrap();
    let scope = javari.scope(user.id);
    (javari, scope, provider)
}

/// Pulls until the first text has come.
async fn pull_one_text(chat: &mut crate::provider::ChatStream) {
    while let Some(event) = chat.next().await {
        if matches!(event.unwrap(), ChatEvent::Text { .. }) {
            return;
        }
    }
    panic!("no text came");
}

#[tokio::test]
async fn a_chat_that_is_dropped_after_its_first_delta_is_charged_by_an_estimate() {
    let (javari, scope, provider) = opened(":memory:").await;
    provider.push_text(&["Four", "score", "and seven years ago"]);
    let mut chat = scope.chat(ChatRequest::ask("Twelve bytes")).await.unwrap();
    pull_one_text(&mut chat).await;
    assert_eq!(scope.costs().await.unwrap().calls, 0);
    drop(chat);
    javari.rooms().ledger.settled().await;
    let report = scope.costs().await.unwrap();
    let line = &report.by_model[0];
    assert_eq!((line.name.as_str(), line.input_tokens, line.output_tokens), ("scripted-1", 3, 1));
    assert_eq!((report.calls, report.by_service[0].name.as_str()), (1, "fake"));
}

#[tokio::test]
async fn an_answer_that_is_dropped_after_its_first_delta_is_charged_by_an_estimate() {
    let (javari, scope, provider) = opened(":memory:").await;
    let request = IngestRequest::text("guide.md", "Refunds are paid within 30 days.");
    IngestReport::from_stream(scope.knowledge().ingest(request, Vec::new())).await.unwrap();
    provider.push_text(&["Thirty ", "days [1]."]);
    let mut answer = scope.knowledge().answer(AnswerRequest::new("When are refunds paid?"));
    while !matches!(answer.next().await.unwrap().unwrap(), AnswerEvent::Text { .. }) {}
    drop(answer);
    javari.rooms().ledger.settled().await;
    let report = scope.costs().await.unwrap();
    let line = &report.by_model[0];
    assert_eq!((report.calls, line.name.as_str(), line.output_tokens), (1, "scripted-1", 2));
    // The question and the passage were sent.
    assert!(line.input_tokens >= 10, "{line:?}");
}

#[tokio::test]
async fn closing_waits_for_what_a_dropped_stream_owes() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.db").to_string_lossy().into_owned();
    let (javari, scope, _) = opened(&file).await;
    let mut chat = scope.chat(ChatRequest::ask("Hello")).await.unwrap();
    pull_one_text(&mut chat).await;
    drop(chat);
    javari.close().await;
    let (_, scope, _) = opened(&file).await;
    assert_eq!(scope.costs().await.unwrap().calls, 1);
}

#[test]
fn a_stream_that_is_dropped_outside_the_runtime_is_charged_on_it() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let (javari, scope, chat) = runtime.block_on(async {
        let (javari, scope, _) = opened(":memory:").await;
        let mut chat = scope.chat(ChatRequest::ask("Hello")).await.unwrap();
        pull_one_text(&mut chat).await;
        (javari, scope, chat)
    });
    drop(chat);
    runtime.block_on(async {
        javari.rooms().ledger.settled().await;
        assert_eq!(scope.costs().await.unwrap().calls, 1);
    });
}

#[tokio::test]
async fn a_project_root_of_one_user_is_open_to_that_user_alone() {
    use crate::monitor::{BuildTarget, CreateMonitorRequest, Target};
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.db").to_string_lossy().into_owned();
    let (javari, ann, _) = opened(&file).await;
    let bob = javari.ensure_user("bob@x").await.unwrap().id;
    javari.close().await;
    let (hers, all) = (folder.path().join("hers"), folder.path().join("all"));
    for root in [&hers, &all] {
        std::fs::create_dir(root).unwrap();
    }
    let builder = Builder::new(Settings::for_database(&file))
        .project_root_for(ann.key().user.unwrap(), &hers)
        .project_root(&all);
    let javari = builder.open().await.unwrap();
    let (ann, bob) = (javari.scope_of(*ann.key()), javari.scope(bob));
    let request = |root: &std::path::Path| {
        let target = BuildTarget::new(root.to_str().unwrap(), ["true"]);
        CreateMonitorRequest::new(root.display().to_string(), Target::Build(target))
    };
    for root in [&hers, &all] {
        ann.monitor().create(&request(root)).await.unwrap();
    }
    bob.monitor().create(&request(&all)).await.unwrap();
    let error = bob.monitor().create(&request(&hers)).await.unwrap_err();
    assert_eq!(error.kind(), crate::error::ErrorKind::Forbidden);
}
