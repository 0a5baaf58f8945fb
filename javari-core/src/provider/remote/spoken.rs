//! Services over a real socket, reached as their settings say.

use std::sync::Arc;

use futures::StreamExt;

use super::{ProviderConfig, RemoteProvider, WireName};
use crate::{
    http::{Http, HttpConfig},
    provider::{ChatEvent, ChatReply, ChatRequest, Provider, ProviderExt},
    secret::{FixedSecrets, Secret},
    testkit::{ProviderServer, Reply},
    types::SystemClock,
};

const RESPONSE: &[u8] =
    include_bytes!("../../../tests/fixtures/providers/shape__responses_text.sse");
const AGENT: &[u8] =
    include_bytes!("../../../tests/fixtures/providers/shape__perplexity_agent.sse");
const WHOLE: &[u8] =
    include_bytes!("../../../tests/fixtures/providers/shape__perplexity_agent_unary.json");

const KEY: &str = "PERPLEXITY_API_KEY";

fn at(server: &ProviderServer, config: ProviderConfig) -> RemoteProvider {
    let key = Secret::new("canary-4711");
    let secrets = FixedSecrets::default().with(&config.secret_name, key);
    let config = ProviderConfig { base_url: server.base_url(), ..config };
    let http = Http::new(HttpConfig::default(), Arc::new(SystemClock)).unwrap();
    RemoteProvider::new(config, http, Arc::new(secrets)).unwrap()
}

async fn streamed(provider: &RemoteProvider) -> ChatReply {
    let stream = provider.stream(ChatRequest::ask("Why?")).await.unwrap();
    ChatReply::from_stream(stream).await.unwrap()
}

#[tokio::test]
async fn responses_are_asked_for_and_read_at_the_address_of_the_settings() {
    let server = ProviderServer::start().await.unwrap();
    let provider = at(&server, ProviderConfig::openai_responses());
    server.push(Reply::raw_stream(vec![RESPONSE.into()]).in_pieces_of(7));
    let reply = streamed(&provider).await;
    assert_eq!((reply.text.as_str(), reply.provider.as_str()), ("Café 日本 🦀\n", "compatible"));
    let sent = server.requests().remove(0);
    assert_eq!(sent.path, "/v1/responses");
    assert_eq!(sent.header("authorization"), Some("Bearer canary-4711"));
    assert_eq!(sent.body["model"], "gpt-6-luna");
    assert!(sent.body.get("store").is_none(), "this server is not OpenAI");
}

#[tokio::test]
async fn perplexity_is_asked_with_its_key_and_names_its_sources_and_cost() {
    let server = ProviderServer::start().await.unwrap();
    let config = ProviderConfig::perplexity();
    assert_eq!((config.wire, config.secret_name.as_str()), (WireName::PerplexityAgent, KEY));
    let provider = at(&server, config);
    server.push(Reply::raw_stream(vec![AGENT.into()]));
    server.push(Reply::raw("application/json", vec![WHOLE.into()]));
    let reply = streamed(&provider).await;
    assert_eq!((reply.sources.len(), reply.provider.as_str()), (3, "perplexity"));
    assert_eq!(reply.cost.unwrap().to_string(), "0.0058625");
    let whole = provider.complete(ChatRequest::ask("Why?")).await.unwrap();
    assert_eq!((whole.cost, whole.text), (reply.cost, reply.text));
    let sent = server.requests().remove(0);
    assert_eq!(sent.path, "/v1/responses");
    assert_eq!(sent.header("authorization"), Some("Bearer canary-4711"));
    assert_eq!(sent.body["tools"][0]["type"], "web_search");
}

#[tokio::test]
async fn a_response_that_breaks_off_is_an_error_after_what_was_said() {
    let server = ProviderServer::start().await.unwrap();
    let provider = at(&server, ProviderConfig::openai_responses());
    let cut = RESPONSE.trim_ascii_end().len() - 1;
    server.push(Reply::raw_stream(vec![RESPONSE.into()]).cut_at(cut));
    let mut stream = provider.stream(ChatRequest::ask("Why?")).await.unwrap();
    let mut said = String::new();
    let fault = loop {
        match stream.next().await.unwrap() {
            Ok(ChatEvent::Text { delta }) => said.push_str(&delta),
            Ok(ChatEvent::Finished { .. }) => panic!("a cut answer passed for whole"),
            Ok(_) => {}
            Err(error) => break error,
        }
    };
    assert_eq!(said, "Café 日本 🦀\n");
    assert!(fault.to_string().starts_with("PROVIDER_FAILED"), "{fault}");
}
