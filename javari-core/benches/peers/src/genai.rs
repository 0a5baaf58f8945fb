//! genai.

use ::genai::{
    ModelIden, ServiceTarget,
    adapter::AdapterKind,
    chat::{ChatMessage, ChatOptions, ChatRequest, ChatStreamEvent},
    resolver::{AuthData, Endpoint, ServiceTargetResolver},
};
use futures::{StreamExt, future::BoxFuture};

use crate::{Client, MODEL, QUESTION, raw::reqwest_client};

pub(crate) struct Genai {
    client: ::genai::Client,
    options: ChatOptions,
}

impl Genai {
    pub(crate) fn new(base: &str) -> Self {
        let base = format!("{base}/");
        let resolver = ServiceTargetResolver::from_resolver_fn(
            move |target: ServiceTarget| -> Result<ServiceTarget, ::genai::resolver::Error> {
                let endpoint = Endpoint::from_owned(base.clone());
                let model = ModelIden::new(AdapterKind::OpenAI, target.model.model_name);
                Ok(ServiceTarget { endpoint, auth: AuthData::from_single("sk-test"), model })
            },
        );
        let client = ::genai::Client::builder()
            .with_reqwest(reqwest_client())
            .with_service_target_resolver(resolver)
            .build()
            .unwrap();
        Self { client, options: ChatOptions::default().with_capture_usage(true) }
    }
}

fn request() -> ChatRequest {
    ChatRequest::new(vec![ChatMessage::user(QUESTION)])
}

impl Client for Genai {
    fn name(&self) -> &'static str {
        "genai 0.7.2"
    }

    fn call(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {
            let reply = self.client.exec_chat(MODEL, request(), Some(&self.options)).await.unwrap();
            assert!(!reply.first_text().unwrap().is_empty());
            assert!(reply.usage.completion_tokens.unwrap() > 0);
        })
    }

    fn stream(&self) -> BoxFuture<'_, Option<usize>> {
        Box::pin(async {
            let reply = self.client.exec_chat_stream(MODEL, request(), Some(&self.options)).await;
            let mut events = reply.unwrap().stream;
            let (mut texts, mut written) = (0, 0);
            while let Some(event) = events.next().await {
                match event.unwrap() {
                    ChatStreamEvent::Chunk(chunk) => {
                        texts += usize::from(!chunk.content.is_empty())
                    }
                    ChatStreamEvent::End(end) => {
                        written = end.captured_usage.unwrap().completion_tokens.unwrap();
                    }
                    _ => {}
                }
            }
            assert!(written > 0);
            Some(texts)
        })
    }
}
