//! async-openai.

use ::async_openai::{
    config::OpenAIConfig,
    types::chat::{
        ChatCompletionRequestUserMessage, ChatCompletionStreamOptions, CreateChatCompletionRequest,
    },
};
use futures::{StreamExt, future::BoxFuture};

use crate::{Client, MODEL, QUESTION, raw::reqwest_client};

pub(crate) struct AsyncOpenAi(::async_openai::Client<OpenAIConfig>);

impl AsyncOpenAi {
    pub(crate) fn new(base: &str) -> Self {
        let config = OpenAIConfig::new().with_api_base(base).with_api_key("sk-test");
        Self(::async_openai::Client::build(reqwest_client(), config))
    }
}

fn request() -> CreateChatCompletionRequest {
    CreateChatCompletionRequest {
        model: MODEL.to_owned(),
        messages: vec![ChatCompletionRequestUserMessage::from(QUESTION).into()],
        ..CreateChatCompletionRequest::default()
    }
}

impl Client for AsyncOpenAi {
    fn name(&self) -> &'static str {
        "async-openai 0.43.0"
    }

    fn call(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {
            let reply = self.0.chat().create(request()).await.unwrap();
            assert!(!reply.choices[0].message.content.as_deref().unwrap().is_empty());
            assert!(reply.usage.unwrap().completion_tokens > 0);
        })
    }

    fn stream(&self) -> BoxFuture<'_, Option<usize>> {
        Box::pin(async {
            let options = ChatCompletionStreamOptions {
                include_usage: Some(true),
                include_obfuscation: None,
            };
            let request =
                CreateChatCompletionRequest { stream_options: Some(options), ..request() };
            let mut chunks = self.0.chat().create_stream(request).await.unwrap();
            let (mut texts, mut written) = (0, 0);
            while let Some(chunk) = chunks.next().await {
                let chunk = chunk.unwrap();
                let choice = chunk.choices.first();
                let text = choice.and_then(|choice| choice.delta.content.as_deref());
                texts += usize::from(text.is_some_and(|text| !text.is_empty()));
                written += chunk.usage.map_or(0, |usage| usage.completion_tokens);
            }
            assert!(written > 0);
            Some(texts)
        })
    }
}
