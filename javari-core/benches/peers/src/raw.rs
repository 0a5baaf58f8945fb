//! The floor and the ideal: `reqwest` alone, and `reqwest` with types written for this one reply.

use std::borrow::Cow;

use futures::{StreamExt, future::BoxFuture};
use serde::Deserialize;

use crate::{Client, MODEL, QUESTION};

/// Sends a body that is there already and reads bytes.
pub(crate) struct Bytes(Http);

/// Writes the request and reads only what is used, borrowed from the bytes.
pub(crate) struct Typed(Http);

struct Http {
    client: reqwest::Client,
    url: String,
}

pub(crate) fn reqwest_client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().unwrap()
}

impl Http {
    fn new(base: &str) -> Self {
        Self { client: reqwest_client(), url: format!("{base}/chat/completions") }
    }

    async fn send(&self, body: String) -> reqwest::Response {
        let request = self.client.post(&self.url).bearer_auth("sk-test");
        request.header("content-type", "application/json").body(body).send().await.unwrap()
    }
}

impl Bytes {
    pub(crate) fn new(base: &str) -> Self {
        Self(Http::new(base))
    }
}

const BODY: &str =
    r#"{"model":"gpt-6-luna","messages":[{"role":"user","content":"Say something short."}]}"#;
const STREAM_BODY: &str = r#"{"model":"gpt-6-luna","stream":true,"stream_options":{"include_usage":true},"messages":[{"role":"user","content":"Say something short."}]}"#;

impl Client for Bytes {
    fn name(&self) -> &'static str {
        "reqwest, bytes"
    }

    fn call(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {
            let reply = self.0.send(BODY.to_owned()).await;
            assert!(reply.bytes().await.unwrap().len() > 300);
        })
    }

    fn stream(&self) -> BoxFuture<'_, Option<usize>> {
        Box::pin(async {
            let mut bytes = self.0.send(STREAM_BODY.to_owned()).await.bytes_stream();
            let mut total = 0;
            while let Some(part) = bytes.next().await {
                total += part.unwrap().len();
            }
            assert!(total > 500_000);
            None
        })
    }
}

impl Typed {
    pub(crate) fn new(base: &str) -> Self {
        Self(Http::new(base))
    }
}

#[derive(Deserialize)]
struct Reply<'a> {
    #[serde(borrow)]
    choices: Vec<Choice<'a>>,
    usage: Option<Usage>,
}

#[derive(Deserialize)]
struct Choice<'a> {
    #[serde(borrow, alias = "delta")]
    message: Message<'a>,
}

#[derive(Deserialize)]
struct Message<'a> {
    #[serde(borrow)]
    content: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct Usage {
    completion_tokens: u64,
}

fn body(stream: bool) -> String {
    let messages = serde_json::json!([{ "role": "user", "content": QUESTION }]);
    serde_json::json!({ "model": MODEL, "stream": stream, "messages": messages }).to_string()
}

impl Client for Typed {
    fn name(&self) -> &'static str {
        "reqwest, hand-typed serde"
    }

    fn call(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {
            let bytes = self.0.send(body(false)).await.bytes().await.unwrap();
            let reply: Reply<'_> = serde_json::from_slice(&bytes).unwrap();
            assert!(!reply.choices[0].message.content.as_deref().unwrap().is_empty());
            assert!(reply.usage.unwrap().completion_tokens > 0);
        })
    }

    fn stream(&self) -> BoxFuture<'_, Option<usize>> {
        Box::pin(async {
            let mut bytes = self.0.send(body(true)).await.bytes_stream();
            let (mut buffer, mut texts, mut written) = (Vec::new(), 0, 0);
            while let Some(part) = bytes.next().await {
                buffer.extend_from_slice(&part.unwrap());
                let mut start = 0;
                while let Some(end) = memchr::memmem::find(&buffer[start..], b"\n\n") {
                    let data = &buffer[start + 6..start + end];
                    start += end + 2;
                    if data == b"[DONE]" {
                        continue;
                    }
                    let chunk: Reply<'_> = serde_json::from_slice(data).unwrap();
                    let choice = chunk.choices.first();
                    if let Some(text) = choice.and_then(|choice| choice.message.content.as_ref()) {
                        // A consumer gets a text of its own, as from every other client.
                        texts += usize::from(!text.clone().into_owned().is_empty());
                    }
                    written += chunk.usage.map_or(0, |usage| usage.completion_tokens);
                }
                buffer.drain(..start);
            }
            assert!(written > 0);
            Some(texts)
        })
    }
}
