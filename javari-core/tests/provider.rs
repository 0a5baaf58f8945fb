//! The providers as a host sees them: one behaviour suite over each, and OpenAI's wire over a real
//! socket with every fault a server can show.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::{sync::Arc, time::Duration};

use futures::{FutureExt, StreamExt};
use javari_core::{
    Error, ErrorKind, Retry,
    http::{Http, HttpConfig},
    provider::{
        ChatEvent, ChatReply, ChatRequest, ChatStream, EmbedRequest, Embedder, EmbedderConfig,
        HashedEmbedder, LocalProvider, Passage, Provider, ProviderConfig, ProviderExt,
        RemoteEmbedder, RemoteProvider,
    },
    secret::{FixedSecrets, Secret},
    testkit::{Gate, ProviderServer, Reply, ScriptedProvider, suites},
    types::{ContentPart, FinishReason, Message, ScopeKey, SystemClock, Usage, Usd},
};
use serde_json::{Value, json};

const KEY: &str = "sk-canary-4711";

fn http(config: HttpConfig) -> Http {
    Http::new(config, Arc::new(SystemClock)).unwrap()
}

fn secrets() -> Arc<FixedSecrets> {
    Arc::new(FixedSecrets::default().with("OPENAI_API_KEY", Secret::new(KEY)))
}

fn provider_at(server: &ProviderServer) -> RemoteProvider {
    let config = ProviderConfig::compatible(server.base_url());
    RemoteProvider::new(config, http(HttpConfig::default()), secrets()).unwrap()
}

async fn open() -> (ProviderServer, RemoteProvider) {
    let server = ProviderServer::start().await.unwrap();
    let provider = provider_at(&server);
    (server, provider)
}

fn ask() -> ChatRequest {
    ChatRequest::ask("Hello?")
}

async fn streamed(provider: &dyn Provider) -> Result<ChatReply, Error> {
    ChatReply::from_stream(provider.stream(ask()).await?).await
}

/// Every item of a stream.
async fn items(mut stream: ChatStream) -> (Vec<ChatEvent>, Option<Error>) {
    let mut events = Vec::new();
    while let Some(item) = stream.next().await {
        match item {
            Ok(event) => events.push(event),
            Err(error) => {
                assert!(stream.next().await.is_none(), "something came after the error");
                return (events, Some(error));
            }
        }
    }
    (events, None)
}

fn texts(events: &[ChatEvent]) -> String {
    let text = |event: &ChatEvent| match event {
        ChatEvent::Text { delta } => Some(delta.clone()),
        _ => None,
    };
    events.iter().filter_map(text).collect()
}

#[tokio::test]
async fn every_provider_passes_the_same_suite() {
    let (_server, openai) = open().await;
    let providers: [(&str, &dyn Provider); 3] = [
        ("openai", &openai),
        ("local", &LocalProvider),
        ("scripted", &ScriptedProvider::new("scripted")),
    ];
    for (name, provider) in providers {
        let failed = suites::run(provider, &suites::provider::checks()).await;
        assert!(failed.is_empty(), "{name}: {failed:#?}");
    }
}

#[tokio::test]
async fn the_suite_finds_a_provider_that_misbehaves() {
    let provider = ScriptedProvider::new("two words");
    for _ in 0..40 {
        provider.push_events(vec![Ok(ChatEvent::Text { delta: String::new() })]);
    }
    let failed = suites::run(&provider as &dyn Provider, &suites::provider::checks()).await;
    assert!(failed.len() >= 5, "{failed:#?}");
}

#[tokio::test]
async fn the_first_token_arrives_before_the_last_is_sent() {
    let (server, provider) = open().await;
    // The role and the first text pass; the rest waits for the test.
    let gate = Gate::after(2);
    server.push(Reply::text(&["Hel", "lo", "!"]).gated(&gate));
    let mut stream = provider.stream(ask()).await.unwrap();
    assert!(matches!(stream.next().await, Some(Ok(ChatEvent::Started { .. }))));
    let first = ChatEvent::Text { delta: "Hel".to_owned() };
    assert_eq!(stream.next().await.unwrap().unwrap(), first);
    assert!(stream.next().now_or_never().is_none(), "a token came that was not sent");
    gate.open(1);
    let second = ChatEvent::Text { delta: "lo".to_owned() };
    assert_eq!(stream.next().await.unwrap().unwrap(), second);
    gate.open(99);
    let (rest, error) = items(stream).await;
    assert!(error.is_none() && texts(&rest) == "!");
    assert!(matches!(rest.last(), Some(ChatEvent::Finished { .. })));
}

#[tokio::test]
async fn dropping_a_stream_or_a_waiting_call_closes_the_connection() {
    let (server, provider) = open().await;
    server.push(Reply::text(&["Hel", "lo"]).gated(&Gate::after(2)));
    let mut stream = provider.stream(ask()).await.unwrap();
    stream.next().await.unwrap().unwrap();
    drop(stream);
    server.wait_for_given_up(1).await;
    // Before the first byte of the answer.
    server.push(Reply::text(&["Hello"]).gated(&Gate::after(0)));
    drop(provider.stream(ask()).await.unwrap());
    server.wait_for_given_up(2).await;
    // A whole reply that is being waited for.
    let gate = Gate::after(0);
    server.push(Reply::text(&["Hello"]).gated(&gate));
    let call = tokio::time::timeout(Duration::from_millis(50), provider.complete(ask())).await;
    assert!(call.is_err(), "the gate was open");
    server.wait_for_given_up(3).await;
}

#[tokio::test]
async fn a_finished_stream_gives_its_connection_back() {
    let (server, provider) = open().await;
    for _ in 0..5 {
        streamed(&provider).await.unwrap();
        provider.complete(ask()).await.unwrap();
    }
    assert!(server.connections() <= 2, "{} connections", server.connections());
}

#[tokio::test]
async fn usage_is_counted_as_told_and_estimated_when_it_is_not() {
    let (server, provider) = open().await;
    let told = json!({ "prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120,
        "prompt_tokens_details": { "cached_tokens": 64 },
        "completion_tokens_details": { "reasoning_tokens": 7 }, "cost": 3.9e-6 });
    let counted = Usage { input: 100, output: 20, cached: 64, reasoning: 7, ..Usage::default() };
    let cost: Option<Usd> = Some("0.0000039".parse().unwrap());
    for whole in [false, true] {
        server.push(Reply::text(&["Hello"]).with_usage(Some(told.clone())));
        server.push(Reply::text(&["Hello there, you"]).with_usage(None));
        let call = || async {
            if whole { provider.complete(ask()).await } else { streamed(&provider).await }
        };
        let reply = call().await.unwrap();
        assert_eq!((reply.usage, reply.cost), (counted, cost));
        let Usage { input, output, estimated, .. } = call().await.unwrap().usage;
        assert!(estimated && output == 4 && input > 10, "{input} {output}");
    }
    // Of an image sent along nobody knows the tokens, and its bytes say nothing of them.
    let image = ContentPart::Image { media_type: "image/png".into(), data: "A".repeat(40_000) };
    server.push(Reply::text(&["A cat."]).with_usage(None));
    let seen = ChatRequest::new(vec![Message::user(vec![image])]);
    let Usage { input, .. } = provider.complete(seen).await.unwrap().usage;
    assert!(input < 100, "{input}");
    // Reasoning that a server counts in the total alone is output.
    let hidden = json!({ "prompt_tokens": 35, "completion_tokens": 12, "total_tokens": 109 });
    server.push(Reply::text(&["Hello"]).with_usage(Some(hidden)));
    let usage = streamed(&provider).await.unwrap().usage;
    assert_eq!((usage.output, usage.reasoning), (74, 62));
}

#[tokio::test]
async fn the_stream_and_the_whole_reply_are_twins() {
    let (server, provider) = open().await;
    for reply in [
        Reply::text(&["Hel", "lo, ", "wörld 🦀"]),
        Reply::tool_call("call_9", "weather", &["{\"city\"", ":\"Paris\"}"]),
    ] {
        server.push(reply.clone());
        server.push(reply.clone());
        server.push(reply.in_pieces_of(1));
        let one = streamed(&provider).await.unwrap();
        assert_eq!(one, provider.complete(ask()).await.unwrap());
        assert_eq!(one, streamed(&provider).await.unwrap());
        assert_eq!(one.request_id.as_deref(), Some("req_loopback"));
        if let [call] = one.tool_calls.as_slice() {
            assert_eq!(call.arguments, "{\"city\":\"Paris\"}");
            assert_eq!((one.finish, call.id.as_str()), (FinishReason::ToolCalls, "call_9"));
        } else {
            assert_eq!(one.text, "Hello, wörld 🦀");
        }
    }
    let asked: Vec<Value> = server.requests().into_iter().map(|request| request.body).collect();
    assert_eq!((&asked[0]["stream"], &asked[1]["stream"]), (&json!(true), &json!(false)));
}

#[tokio::test]
async fn the_key_and_the_question_reach_the_server_as_openai_wants_them() {
    let (server, provider) = open().await;
    let passages = vec![Passage::new(1, "guide.md", "Refunds take five days.")];
    let request = ChatRequest::ask("How long?").with_passages(passages);
    provider.complete(request).await.unwrap();
    let sent = server.requests().remove(0);
    assert_eq!(sent.path, "/v1/chat/completions");
    assert_eq!(sent.header("authorization"), Some("Bearer sk-canary-4711"));
    assert_eq!(sent.body["model"], "gpt-6-luna");
    let question = sent.body["messages"][1]["content"].as_str().unwrap();
    assert!(question.contains("Refunds take five days.") && question.ends_with("How long?"));
    // A server that is not OpenAI may have no key at all.
    let config = ProviderConfig::compatible(format!("{}/", server.base_url()));
    let none = Arc::new(FixedSecrets::default());
    let keyless = RemoteProvider::new(config, http(HttpConfig::default()), none.clone()).unwrap();
    keyless.complete(ask()).await.unwrap();
    let sent = server.requests().remove(1);
    assert_eq!((sent.path.as_str(), sent.header("authorization")), ("/v1/chat/completions", None));
    let openai =
        RemoteProvider::new(ProviderConfig::openai(), http(HttpConfig::default()), none).unwrap();
    assert_eq!(openai.complete(ask()).await.unwrap_err().kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn each_refusal_becomes_its_kind_with_the_providers_words_and_advice() {
    let (server, provider) = open().await;
    let seconds = |seconds: f64| Retry::After(Duration::from_secs_f64(seconds));
    let limited = |name: &str, value: &str| {
        Reply::error(429, "rate_limit_exceeded", "slow").with_header(name, value)
    };
    let soon = ErrorKind::RateLimited.default_retry();
    for (reply, kind, retry) in [
        (Reply::error(401, "invalid_api_key", "no"), ErrorKind::CredentialRefused, Retry::Never),
        (Reply::error(403, "forbidden", "no"), ErrorKind::CredentialRefused, Retry::Never),
        (Reply::error(404, "model_not_found", "no"), ErrorKind::ModelNotFound, Retry::Never),
        (Reply::error(400, "unsupported", "no"), ErrorKind::ProviderRefused, Retry::Never),
        (Reply::error(429, "insufficient_quota", "no"), ErrorKind::QuotaExhausted, Retry::Never),
        (Reply::error(429, "rate_limit_exceeded", "no"), ErrorKind::RateLimited, soon),
        (limited("retry-after", "107"), ErrorKind::RateLimited, seconds(107.0)),
        (limited("retry-after", "1.5"), ErrorKind::RateLimited, seconds(1.5)),
        (limited("retry-after-ms", "250"), ErrorKind::RateLimited, seconds(0.25)),
        (
            limited("retry-after", "Sun, 06 Nov 1994 08:49:37 GMT"),
            ErrorKind::RateLimited,
            seconds(0.0),
        ),
        (limited("x-should-retry", "false"), ErrorKind::RateLimited, Retry::Never),
        (Reply::error(500, "server_error", "no"), ErrorKind::ProviderFailed, soon),
        (
            Reply::error(529, "overloaded", "no").with_header("retry-after", "3"),
            ErrorKind::ProviderOverloaded,
            seconds(3.0),
        ),
    ] {
        let status = reply.clone();
        server.push(reply);
        let error = provider.stream(ask()).await.err().unwrap();
        assert_eq!((error.kind(), error.retry()), (kind, retry), "{status:?}\n{error:?}");
        let context = error.to_string();
        for part in ["status=", "provider=compatible", "request_id=req_loopback", "words="] {
            assert!(context.contains(part), "{context}");
        }
    }
    // A wait on a success means nothing.
    server.push(Reply::text(&["Hello"]).with_header("retry-after", "34"));
    assert_eq!(streamed(&provider).await.unwrap().text, "Hello");
    // A page of a proxy in front of the server.
    let mut page = Reply::raw("text/html", vec!["<h1>Bad gateway</h1>".into()]);
    page = page.with_header("x-proxy", "1");
    server.push(page);
    let error = provider.complete(ask()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ProviderFailed);
}

#[tokio::test]
async fn the_key_is_in_no_error_even_when_the_server_repeats_it() {
    let (server, provider) = open().await;
    let words = format!("Incorrect API key provided: {KEY}. Bearer {KEY}");
    let error = json!({ "message": words, "code": 401 });
    server.push(Reply::error(401, KEY, &words));
    server.push(Reply::raw("text/plain", vec![words.clone().into()]));
    server.push(Reply::text(&[]).then_error(error.clone()));
    server.push(Reply::text(&["Hello"]).then_error(error));
    server.push(Reply::raw_stream(vec![format!("data: {{\"choices\": \"{KEY}\"}}\n\n").into()]));
    for _ in 0..5 {
        let error = streamed(&provider).await.unwrap_err();
        let mut shown = format!("{error} {error:?}");
        let mut cause = std::error::Error::source(&error);
        while let Some(source) = cause {
            shown.push_str(&format!("{source} {source:?}"));
            cause = source.source();
        }
        assert!(!shown.contains("canary"), "{shown}");
    }
}

#[tokio::test]
async fn an_error_inside_a_success_is_an_error_and_after_output_nobody_is_told_to_try_again() {
    let (server, provider) = open().await;
    let overloaded = json!({ "code": 429, "message": "upstream" });
    server.push(Reply::text(&[]).then_error(overloaded.clone()));
    let (events, error) = items(provider.stream(ask()).await.unwrap()).await;
    let error = error.unwrap();
    assert!(events.is_empty(), "a router can still ask another provider: {events:?}");
    assert_eq!(
        (error.kind(), error.retry()),
        (ErrorKind::RateLimited, Retry::After(Duration::from_secs(1)))
    );
    server.push(Reply::text(&["Hel", "lo"]).then_error(overloaded.clone()));
    let (events, error) = items(provider.stream(ask()).await.unwrap()).await;
    let error = error.unwrap();
    assert_eq!(texts(&events), "Hello");
    assert_eq!((error.kind(), error.retry()), (ErrorKind::RateLimited, Retry::Never));
    assert!(!events.iter().any(|event| matches!(event, ChatEvent::Finished { .. })));
    server.push(Reply::text(&["Hello"]).then_error(overloaded));
    assert_eq!(provider.complete(ask()).await.unwrap_err().kind(), ErrorKind::RateLimited);
}

#[tokio::test]
async fn a_stream_cut_at_any_byte_is_an_error_and_never_a_success() {
    let (server, provider) = open().await;
    let stream = "data: {\"choices\":[{\"delta\":{\"content\":\"Hé\"}}]}\n\n\
                  data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";
    let whole = Reply::raw_stream(vec![stream.to_owned().into()]);
    let done = stream.find("[DONE]").unwrap() + 6;
    for cut in 0..done {
        server.push(whole.clone().cut_at(cut));
        let (events, error) = match provider.stream(ask()).await {
            Ok(stream) => items(stream).await,
            Err(error) => (Vec::new(), Some(error)),
        };
        let error = error.unwrap_or_else(|| panic!("cut at {cut}: {events:?}"));
        assert!(
            matches!(error.kind(), ErrorKind::ProviderFailed | ErrorKind::Network),
            "cut at {cut}: {error}"
        );
        // Ended in order, as a proxy does whose own connection was cut.
        let part = stream.as_bytes()[..cut].to_vec().into();
        server.push(Reply::raw_stream(vec![part]));
        let (_, error) = items(provider.stream(ask()).await.unwrap()).await;
        assert_eq!(error.unwrap().kind(), ErrorKind::ProviderFailed, "ended at {cut}");
    }
    server.push(whole);
    assert_eq!(streamed(&provider).await.unwrap().text, "Hé");
}

#[tokio::test]
async fn a_server_without_done_marker_ends_by_its_finish_reason_where_configured() {
    let (server, strict) = open().await;
    let mut config = ProviderConfig::compatible(server.base_url());
    config.done_marker = false;
    let lax = RemoteProvider::new(config, http(HttpConfig::default()), secrets()).unwrap();
    server.push(Reply::text(&["Hello"]).without_done());
    assert_eq!(streamed(&strict).await.unwrap_err().kind(), ErrorKind::ProviderFailed);
    server.push(Reply::text(&["Hello"]).without_done());
    assert_eq!(streamed(&lax).await.unwrap().text, "Hello");
    server.push(Reply::raw_stream(vec![
        "data: {\"choices\":[{\"delta\":{\"content\":\"Hel\"}}]}\n\n".into(),
    ]));
    assert_eq!(streamed(&lax).await.unwrap_err().kind(), ErrorKind::ProviderFailed);
}

#[tokio::test]
async fn stalls_huge_lines_bad_text_and_a_server_that_cannot_stream() {
    let server = ProviderServer::start().await.unwrap();
    let mut config = HttpConfig::default();
    config.idle_timeout_ms = 50;
    let provider =
        RemoteProvider::new(ProviderConfig::compatible(server.base_url()), http(config), secrets())
            .unwrap();
    server.push(Reply::text(&["Hel", "lo"]).stalled_after(2));
    let (events, error) = items(provider.stream(ask()).await.unwrap()).await;
    assert_eq!((texts(&events).as_str(), error.unwrap().kind()), ("Hel", ErrorKind::Timeout));
    server.wait_for_given_up(1).await;
    let mut hurried = ask();
    hurried.timeout_ms = Some(40);
    server.push(Reply::text(&["Hello"]).stalled_after(0));
    assert_eq!(provider.complete(hurried).await.unwrap_err().kind(), ErrorKind::Timeout);

    let (server, provider) = open().await;
    let huge = vec![b'x'; 5 * 1024 * 1024].into();
    server.push(Reply::raw_stream(vec!["data: ".into(), huge]));
    assert_eq!(streamed(&provider).await.unwrap_err().kind(), ErrorKind::TooLarge);
    let bad = b"data: {\"choices\":[{\"delta\":{\"content\":\"\xff\xfe\"}}]}\n\n".as_slice();
    server.push(Reply::raw_stream(vec![bad.into()]));
    assert_eq!(streamed(&provider).await.unwrap_err().kind(), ErrorKind::ProviderFailed);
    let completion = json!({ "model": "m", "choices": [{ "message": { "content": "Hello" },
        "finish_reason": "length" }], "usage": { "prompt_tokens": 1, "completion_tokens": 2 } });
    server.push(Reply::raw("application/json", vec![completion.to_string().into()]));
    let reply = streamed(&provider).await.unwrap();
    assert_eq!((reply.text.as_str(), reply.finish), ("Hello", FinishReason::Length));
    for body in ["", "{}", "[]", "null", "{\"choices\":[]}", "<html>"] {
        server.push(Reply::raw("application/json", vec![body.to_owned().into()]));
        let error = provider.complete(ask()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ProviderFailed, "{body}");
    }
}

#[tokio::test]
async fn embeddings_are_asked_for_in_batches_and_as_base64() {
    let server = ProviderServer::start().await.unwrap();
    let mut config = EmbedderConfig::compatible(server.base_url());
    config.dimensions = Some(384);
    config.batch = 2;
    let embedder =
        RemoteEmbedder::new(config.clone(), http(HttpConfig::default()), secrets()).unwrap();
    assert_eq!(embedder.model().id, "text-embedding-3-small@384");
    let texts: Vec<String> = ["one text", "two", "three words here"].map(String::from).to_vec();
    let reply = embedder.embed(EmbedRequest::new(ScopeKey::HOST, texts.clone())).await.unwrap();
    let expected: Vec<_> = texts.iter().map(|text| HashedEmbedder.vector(text)).collect();
    assert_eq!((reply.vectors, reply.usage.input), (expected, 6));
    let sent = server.requests();
    assert_eq!(sent.len(), 2);
    assert_eq!(sent[0].path, "/v1/embeddings");
    assert_eq!(
        (&sent[0].body["encoding_format"], &sent[0].body["dimensions"]),
        (&json!("base64"), &json!(384))
    );

    let empty = EmbedRequest::new(ScopeKey::HOST, vec!["a".to_owned(), " ".to_owned()]);
    let error = embedder.embed(empty).await.unwrap_err();
    assert_eq!(error.fields()[0].path, "/texts/1");
    server.push(Reply::error(401, "invalid_api_key", KEY));
    let error = embedder.embed(EmbedRequest::new(ScopeKey::HOST, texts.clone())).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::CredentialRefused);
    assert!(!format!("{error:?}").contains("canary"));
    let short = json!({ "data": [{ "index": 0, "embedding": [1.0, 2.0] }] });
    server.push(Reply::raw("application/json", vec![short.to_string().into()]));
    let one = EmbedRequest::new(ScopeKey::HOST, vec!["a".to_owned()]);
    assert_eq!(embedder.embed(one).await.unwrap_err().kind(), ErrorKind::ProviderFailed);

    config.model = "nomic-embed-text".to_owned();
    config.dimensions = None;
    let error = RemoteEmbedder::new(config, http(HttpConfig::default()), secrets()).err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Configuration);
}

#[tokio::test]
async fn models_are_listed_and_a_base_address_that_is_none_is_refused() {
    let (_server, provider) = open().await;
    let models = provider.models(ScopeKey::HOST).await.unwrap();
    assert_eq!((models[0].id.as_str(), models[0].context_tokens), ("loopback-1", Some(8_192)));
    for base in ["", "api.openai.com/v1", "ftp://a/", "http://key@host/v1"] {
        let http = http(HttpConfig::default());
        let error =
            RemoteProvider::new(ProviderConfig::compatible(base), http, secrets()).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Configuration, "{base}");
        assert!(!format!("{error:?}").contains("key@"));
    }
}

#[tokio::test]
async fn a_turn_with_a_tool_goes_back_to_the_server_whole() {
    let (server, provider) = open().await;
    server.push(Reply::tool_call("call_1", "weather", &["{}"]));
    let reply = provider.complete(ask()).await.unwrap();
    let next = ChatRequest::new(vec![
        Message::user("Hello?"),
        reply.to_message(),
        Message::tool("call_1", "sunny"),
    ]);
    provider.complete(next).await.unwrap();
    let sent = server.requests().remove(1).body;
    assert_eq!(sent["messages"][1]["tool_calls"][0]["id"], "call_1");
    assert_eq!(sent["messages"][2]["tool_call_id"], "call_1");
}
