//! Asks your own documents: opens one file, reads a folder, answers with citations.

#![allow(clippy::print_stdout)]

use std::{
    env,
    io::{self, Write},
    time::Instant,
};

use futures::StreamExt;
use javari_core::{
    ErrorKind, Javari, Result, Scope,
    knowledge::{
        AnswerEvent, AnswerReply, AnswerRequest, IngestEvent, IngestReport, IngestRequest,
    },
    secret::Secret,
    vault::PutCredential,
};
use serde_json::json;

const DOCS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs");
const QUESTION: &str = "How is a credential sealed in the vault?";

#[tokio::main]
async fn main() -> Result<()> {
    let started = Instant::now();
    let (flags, words): (Vec<String>, Vec<String>) =
        env::args().skip(1).partition(|word| word.starts_with("--"));
    let folder = words.first().map_or(DOCS, String::as_str);
    let question = words.get(1).map_or(QUESTION, String::as_str);

    let javari = Javari::open("javari.db").await?;
    for notice in javari.notices() {
        println!("note: {notice}");
    }
    let user = javari.ensure_user("you@example.com").await?;
    let project = javari.scope(user.id).ensure_project(&format!("quickstart {folder}")).await?;
    let scope = javari.scope(user.id).project(project.id);

    store_a_credential(&scope).await?;
    let ingested = ingest(&scope, folder).await?;
    let reply = answer(&scope, question).await?;
    let stats = scope.knowledge().stats().await?;
    let verified = scope.audit().verify().await?.verified;
    let cost = reply.cost.unwrap_or_default();

    let provider = reply.provider.as_deref().unwrap_or("none");
    println!("\nprovider {provider}, cost {cost} USD, audit verified: {verified}");
    if flags.iter().any(|flag| flag == "--json") {
        let citations: Vec<_> = reply
            .citations
            .iter()
            .map(|found| json!({ "path": found.path, "start": found.start, "end": found.end, "score": found.score }))
            .collect();
        let summary = json!({
            "answer": reply.answer,
            "provider": reply.provider,
            "citations": citations,
            "documents": stats.documents,
            "chunks_added": ingested.chunks,
            "chunks_total": stats.chunks,
            "cost_usd": cost,
            "audit_verified": verified,
            "elapsed_ms": started.elapsed().as_millis() as u64,
        });
        println!("{summary}");
    }
    javari.close().await;
    Ok(())
}

async fn store_a_credential(scope: &Scope) -> Result<()> {
    match scope.vault().get("EXAMPLE_TOKEN").await {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let credential = PutCredential::new("EXAMPLE_TOKEN", Secret::new("not-a-real-token"));
            scope.vault().put(credential).await.map(drop)
        }
        found => found.map(drop),
    }
}

async fn ingest(scope: &Scope, folder: &str) -> Result<IngestReport> {
    let mut events = scope.knowledge().ingest(IngestRequest::folder(folder), Vec::new());
    let mut total = 0;
    let mut done = 0;
    while let Some(event) = events.next().await {
        match event? {
            IngestEvent::Found { documents } => total = documents,
            IngestEvent::Finished { report } => {
                println!(
                    "{} of {total} documents read, {} chunks added",
                    report.found, report.chunks
                );
                return Ok(report);
            }
            IngestEvent::Failed(fault) => println!("not read: {} ({})", fault.path, fault.reason),
            _ => {
                done += 1;
                print!("\r{done}/{total} ");
                io::stdout().flush().ok();
            }
        }
    }
    Ok(IngestReport::default())
}

async fn answer(scope: &Scope, question: &str) -> Result<AnswerReply> {
    println!("\n{question}\n");
    let mut events = scope.knowledge().answer(AnswerRequest::new(question));
    let mut finished = None;
    while let Some(event) = events.next().await {
        match event? {
            AnswerEvent::Text { delta } => {
                print!("{delta}");
                io::stdout().flush().ok();
            }
            AnswerEvent::Finished { reply } => finished = Some(*reply),
            _ => {}
        }
    }
    println!();
    let reply = finished.ok_or_else(|| {
        javari_core::Error::new(ErrorKind::Unexpected, "quickstart", "the answer did not end")
    })?;
    for citation in &reply.citations {
        println!("[{}] {}:{}-{}", citation.number, citation.path, citation.start, citation.end);
    }
    Ok(reply)
}
