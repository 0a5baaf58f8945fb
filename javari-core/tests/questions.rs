//! The project's own documents are worth asking: ten questions, each cited from the right page.

#![allow(clippy::unwrap_used)]

use std::{fs, path::Path};

use futures::StreamExt;
use javari_core::{
    client::Builder,
    config::Settings,
    knowledge::{AnswerEvent, AnswerRequest, IngestRequest},
};
use serde_json::Value as Json;

#[tokio::test]
async fn every_question_about_the_documents_is_cited_from_the_right_page() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let list = fs::read_to_string(root.join("tests/cases/questions/docs.json")).unwrap();
    let list: Json = serde_json::from_str(&list).unwrap();
    let javari = Builder::new(Settings::for_database(":memory:")).open().await.unwrap();
    let user = javari.ensure_user("ann@example.com").await.unwrap();
    let project = javari.scope(user.id).ensure_project("docs").await.unwrap();
    let scope = javari.scope(user.id).project(project.id);
    let folder = root.join("docs").display().to_string();
    let mut events = scope.knowledge().ingest(IngestRequest::folder(folder), Vec::new());
    while let Some(event) = events.next().await {
        event.unwrap();
    }
    let questions = list["questions"].as_array().unwrap();
    assert_eq!(questions.len(), 10);
    let mut wrong = Vec::new();
    for case in questions {
        let question = case["question"].as_str().unwrap();
        let mut answer = scope.knowledge().answer(AnswerRequest::new(question));
        let mut cited = Vec::new();
        while let Some(event) = answer.next().await {
            if let AnswerEvent::Finished { reply } = event.unwrap() {
                cited = reply.citations.into_iter().map(|citation| citation.path).collect();
            }
        }
        if !cited.iter().any(|path: &String| Some(path.as_str()) == case["path"].as_str()) {
            wrong.push(format!("{question}: {cited:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
