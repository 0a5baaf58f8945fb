//! Every wire over a socket: one behaviour suite over each, addresses, keys and streams of their own.

#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use futures::StreamExt;
use javari_core::{
    error::ErrorKind,
    http::{Http, HttpConfig},
    provider::{
        ChatEvent, ChatReply, ChatRequest, EmbedRequest, Embedder, EmbedderConfig, Provider,
        ProviderConfig, ProviderExt, RemoteEmbedder, RemoteProvider,
    },
    secret::{FixedSecrets, Secret},
    testkit::{ProviderServer, Reply, suites},
    types::{FinishReason, ScopeKey, SystemClock},
};
use serde_json::json;

const KEY: &str = "canary-key-4711";

fn http() -> Http {
    Http::new(HttpConfig::default(), Arc::new(SystemClock)).unwrap()
}

fn secrets() -> Arc<FixedSecrets> {
    Arc::new(FixedSecrets::default().with("GOOGLE_API_KEY", Secret::new(KEY)))
}

fn gemini(server: &ProviderServer) -> RemoteProvider {
    let mut config = ProviderConfig::gemini();
    config.base_url = server.base_url();
    RemoteProvider::new(config, http(), secrets()).unwrap()
}

fn gemini_chunk(text: &str, finish: Option<&str>) -> serde_json::Value {
    json!({ "candidates": [{ "content": { "parts": [{ "text": text }] }, "finishReason": finish }],
        "usageMetadata": { "promptTokenCount": 3, "candidatesTokenCount": 2 } })
}

/// Each wire at the loopback service.
fn every_wire(server: &ProviderServer) -> Vec<(&'static str, ProviderConfig)> {
    [
        ("chat completions", ProviderConfig::openai(), "v1"),
        ("responses", ProviderConfig::openai_responses(), "v1"),
        ("messages", ProviderConfig::anthropic(), "v1"),
        ("gemini", ProviderConfig::gemini(), "v1beta"),
        ("agent", ProviderConfig::perplexity(), "v1"),
        ("ollama", ProviderConfig::ollama(), "api"),
    ]
    .into_iter()
    .map(|(name, mut config, path)| {
        config.base_url = server.base_url_at(path);
        config.secret_name = "KEY".to_owned();
        (name, config)
    })
    .collect()
}

fn keyed() -> Arc<FixedSecrets> {
    Arc::new(FixedSecrets::default().with("KEY", Secret::new(KEY)))
}

#[tokio::test]
async fn every_wire_passes_the_suite_of_every_provider() {
    let server = ProviderServer::start().await.unwrap();
    for (name, config) in every_wire(&server) {
        let provider = RemoteProvider::new(config, http(), keyed()).unwrap();
        let failed = suites::run(&provider as &dyn Provider, &suites::provider::checks()).await;
        assert!(failed.is_empty(), "{name}: {failed:#?}");
    }
}

#[tokio::test]
async fn every_wire_tells_the_same_answer_and_the_same_faults() {
    let server = ProviderServer::start().await.unwrap();
    for (name, config) in every_wire(&server) {
        let provider = RemoteProvider::new(config, http(), keyed()).unwrap();
        let ask = || ChatRequest::ask("Which?");
        server.push(Reply::tool_call("c1", "look", &["{\"a\"", ":1}"]));
        let called = ChatReply::from_stream(provider.stream(ask()).await.unwrap()).await.unwrap();
        let call = &called.tool_calls[0];
        let arguments: serde_json::Value = serde_json::from_str(&call.arguments).unwrap();
        assert_eq!((call.name.as_str(), arguments), ("look", json!({ "a": 1 })), "{name}");
        assert_eq!(called.finish, FinishReason::ToolCalls, "{name}");

        for streamed in [true, false] {
            server.push(Reply::text(&["Hel", "lo"]));
            let reply = match streamed {
                true => ChatReply::from_stream(provider.stream(ask()).await.unwrap()).await,
                false => provider.complete(ask()).await,
            };
            let reply = reply.unwrap();
            assert_eq!((reply.text.as_str(), &reply.finish), ("Hello", &FinishReason::Stop));
            assert_eq!((reply.usage.input, reply.usage.output), (11, 2), "{name} {streamed}");
            assert!(!reply.usage.estimated, "{name}");
        }

        let refused = Reply::error(401, "authentication_error", KEY);
        server.push(refused);
        let error = provider.stream(ask()).await.err().unwrap();
        assert_eq!(error.kind(), ErrorKind::CredentialRefused, "{name}");
        assert!(!format!("{error:?}").contains(KEY), "{name}");
        server.push(Reply::error(529, "overloaded_error", "busy").with_header("retry-after", "7"));
        let error = provider.complete(ask()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ProviderOverloaded, "{name}");
        assert_eq!(error.retry_after_seconds(), Some(7.0), "{name}");

        // What breaks off is never a short success.
        server.push(Reply::text(&["Hel", "lo"]).cut_at(150));
        let cut = match provider.stream(ask()).await {
            Ok(stream) => ChatReply::from_stream(stream).await.map(|reply| reply.text),
            Err(error) => Err(error),
        };
        assert!(cut.is_err(), "{name}: {cut:?}");
        server.push(Reply::text(&["Hel"]).then_error(json!({ "message": "overloaded",
            "type": "overloaded_error", "code": 529, "status": "UNAVAILABLE" })));
        let failed = ChatReply::from_stream(provider.stream(ask()).await.unwrap()).await;
        assert!(failed.is_err(), "{name}: {failed:?}");

        server.push(Reply::text(&["nev", "er"]).stalled_after(1));
        let mut stream = provider.stream(ask()).await.unwrap();
        let given_up = server.given_up();
        let waiting = tokio::time::timeout(std::time::Duration::from_millis(50), stream.next());
        drop(waiting.await);
        drop(stream);
        server.wait_for_given_up(given_up + 1).await;
    }
    for sent in server.requests() {
        let keys = ["authorization", "x-api-key", "x-goog-api-key"];
        let held = keys
            .into_iter()
            .filter(|name| sent.header(name).is_some_and(|value| value.contains(KEY)));
        assert_eq!(held.count(), 1, "{}", sent.path);
        assert!(!sent.path.contains(KEY) && !sent.body.to_string().contains(KEY));
    }
}

#[tokio::test]
async fn anthropic_is_asked_by_its_version_with_its_key_in_its_own_header() {
    let server = ProviderServer::start().await.unwrap();
    let mut config = ProviderConfig::anthropic();
    config.base_url = server.base_url();
    config.secret_name = "KEY".to_owned();
    let provider = RemoteProvider::new(config, http(), keyed()).unwrap();
    provider.complete(ChatRequest::ask("Hello?")).await.unwrap();
    provider.models(ScopeKey::HOST).await.unwrap();
    for sent in server.requests() {
        assert_eq!(sent.header("x-api-key"), Some(KEY));
        assert_eq!(sent.header("anthropic-version"), Some("2026-10-21"));
        assert_eq!(sent.header("authorization"), None);
    }
}

#[tokio::test]
async fn gemini_gets_its_key_in_a_header_and_is_read_to_the_end_of_the_connection() {
    let server = ProviderServer::start().await.unwrap();
    let provider = gemini(&server);
    let frame = |text: &str, finish| format!("data: {}\r\n\r\n", gemini_chunk(text, finish)).into();
    server.push(Reply::raw_stream(vec![frame("Hel", Some("STOP")), frame("lo", Some("STOP"))]));
    let stream = provider.stream(ChatRequest::ask("Hello?")).await.unwrap();
    let reply = ChatReply::from_stream(stream).await.unwrap();
    assert_eq!((reply.text.as_str(), reply.finish), ("Hello", FinishReason::Stop));
    assert_eq!((reply.provider.as_str(), reply.model.as_str()), ("gemini", "gemini-3.8-flash"));

    server.push(Reply::raw(
        "application/json",
        vec![gemini_chunk("Hello", Some("STOP")).to_string().into()],
    ));
    let whole = provider.complete(ChatRequest::ask("Hello?")).await.unwrap();
    assert_eq!((whole.text.as_str(), whole.usage.input), ("Hello", 3));

    let models = json!({ "models": [{ "name": "models/gemini-x", "inputTokenLimit": 9 }] });
    server.push(Reply::raw("application/json", vec![models.to_string().into()]));
    let models = provider.models(ScopeKey::HOST).await.unwrap();
    assert_eq!((models[0].id.as_str(), models[0].context_tokens), ("gemini-x", Some(9)));

    let paths: Vec<_> = server
        .requests()
        .into_iter()
        .map(|sent| {
            assert_eq!(sent.header("x-goog-api-key"), Some(KEY));
            assert!(sent.header("authorization").is_none() && !sent.path.contains(KEY));
            sent.path
        })
        .collect();
    assert_eq!(
        paths,
        [
            "/v1/models/gemini-3.8-flash:streamGenerateContent?alt=sse",
            "/v1/models/gemini-3.8-flash:generateContent",
            "/v1/models?pageSize=1000",
        ]
    );
}

#[tokio::test]
async fn a_bare_error_of_gemini_is_told_in_its_words_and_without_the_key() {
    let server = ProviderServer::start().await.unwrap();
    let provider = gemini(&server);
    let error = json!({ "error": { "code": 503, "status": "UNAVAILABLE", "message": KEY } });
    let bare = format!("{error:#}\n");
    let said = format!("data: {}\r\n\r\n", gemini_chunk("Hel", None));
    server.push(Reply::raw_stream(vec![said.into(), bare.into()]));
    let stream = provider.stream(ChatRequest::ask("Hello?")).await.unwrap();
    let items: Vec<_> = stream.collect().await;
    assert!(matches!(&items[1], Ok(ChatEvent::Text { delta }) if delta == "Hel"));
    let error = items[2].as_ref().unwrap_err();
    assert_eq!((items.len(), error.kind()), (3, ErrorKind::ProviderOverloaded));
    assert!(!format!("{error:?}").contains(KEY));
}

#[tokio::test]
async fn ollama_is_asked_without_a_key_and_answers_in_lines() {
    let server = ProviderServer::start().await.unwrap();
    let mut config = ProviderConfig::ollama();
    config.base_url = server.base_url();
    let provider = RemoteProvider::new(config, http(), secrets()).unwrap();
    let line = |text: &str, done: bool| {
        let line = json!({ "model": "qwen3", "message": { "content": text }, "done": done,
            "prompt_eval_count": 3, "eval_count": 2 });
        format!("{line}\n").into()
    };
    server.push(Reply::raw("application/x-ndjson", vec![line("Hel", false), line("lo", true)]));
    let stream = provider.stream(ChatRequest::ask("Hello?")).await.unwrap();
    let reply = ChatReply::from_stream(stream).await.unwrap();
    assert_eq!((reply.text.as_str(), reply.usage.output), ("Hello", 2));
    server.push(Reply::raw("application/x-ndjson", vec![line("Hel", false)]));
    let stream = provider.stream(ChatRequest::ask("Hello?")).await.unwrap();
    let error = ChatReply::from_stream(stream).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ProviderFailed);
    let sent = server.requests();
    assert_eq!((sent[0].path.as_str(), sent[0].header("authorization")), ("/v1/chat", None));
    assert_eq!(sent[0].header("accept"), Some("application/x-ndjson"));
}

#[tokio::test]
async fn vectors_are_asked_for_at_each_service_in_its_own_way() {
    let server = ProviderServer::start().await.unwrap();
    let texts = || EmbedRequest::new(ScopeKey::HOST, vec!["a".to_owned()]).for_query();
    let at = |mut config: EmbedderConfig| {
        config.base_url = server.base_url();
        config.dimensions = Some(2);
        config.keyless = true;
        RemoteEmbedder::new(config, http(), secrets()).unwrap()
    };
    let gemini = at(EmbedderConfig::gemini());
    assert_eq!(gemini.model().id, "gemini-embedding-001@2");
    let reply = json!({ "embeddings": [{ "values": [1, 0.5] }] });
    server.push(Reply::raw("application/json", vec![reply.to_string().into()]));
    let vectors = gemini.embed(texts()).await.unwrap();
    assert_eq!((vectors.vectors, vectors.usage.estimated), (vec![vec![1.0, 0.5]], true));

    let ollama = at(EmbedderConfig::ollama());
    let reply = json!({ "embeddings": [[1, 0.5]], "prompt_eval_count": 4 });
    server.push(Reply::raw("application/json", vec![reply.to_string().into()]));
    let vectors = ollama.embed(texts()).await.unwrap();
    assert_eq!((vectors.vectors, vectors.usage.input), (vec![vec![1.0, 0.5]], 4));

    let perplexity = at(EmbedderConfig::perplexity());
    let reply = json!({ "data": [{ "index": 0, "embedding": "f4E=" }],
        "usage": { "prompt_tokens": 4 } });
    server.push(Reply::raw("application/json", vec![reply.to_string().into()]));
    let vectors = perplexity.embed(texts()).await.unwrap();
    assert_eq!((vectors.vectors, vectors.usage.input), (vec![vec![1.0, -1.0]], 4));

    let sent = server.requests();
    let paths: Vec<_> = sent.iter().map(|sent| sent.path.as_str()).collect();
    assert_eq!(
        paths,
        ["/v1/models/gemini-embedding-001:batchEmbedContents", "/v1/embed", "/v1/embeddings"]
    );
    assert_eq!(sent[0].header("x-goog-api-key"), Some(KEY));
    assert_eq!(sent[0].body["requests"][0]["taskType"], "RETRIEVAL_QUERY");
    assert_eq!(sent[2].body["encoding_format"], "base64_int8");

    let defaults = |config: EmbedderConfig| {
        let model = RemoteEmbedder::new(config, http(), secrets()).unwrap().model();
        (model.dimensions, model.max_tokens, model.max_batch)
    };
    assert_eq!(defaults(EmbedderConfig::gemini()), (3_072, 2_048, 100));
    assert_eq!(defaults(EmbedderConfig::perplexity()), (1_024, 32_768, 512));
    assert_eq!(defaults(EmbedderConfig::ollama()), (1_024, 8_192, 64));
}
