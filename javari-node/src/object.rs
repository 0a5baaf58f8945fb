//! An object of the host, asked from any thread and answered on the event loop.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use async_trait::async_trait;
use futures::stream;
use javari_core::{
    Error, ErrorKind, Result,
    host::{HostEvents, HostObject},
};
use napi::{
    Status,
    bindgen_prelude::{FnArgs, Function, Promise},
    threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode},
};
use serde_json::{Value as Json, json};

use crate::plain::Plain;

/// What is asked: `call`, `next` or `return`, of which stream, and the method with its argument.
pub(crate) type Question = FnArgs<(String, u32, Plain)>;

/// What is answered: `{ value }`, `{ done }` or `{ error }`.
pub(crate) type Answer = Promise<Plain>;

/// Weak, so that an object that waits to be asked does not keep the process alive.
type Ask = ThreadsafeFunction<Question, Answer, Question, Status, false, true>;

/// An object of the host. Its JavaScript half keeps the iterators; this one names them by number.
pub(crate) struct JsObject {
    name: String,
    ask: Arc<Ask>,
    streams: AtomicU32,
}

impl JsObject {
    pub(crate) fn new(name: &str, ask: &Function<'_, Question, Answer>) -> napi::Result<Self> {
        let ask =
            ask.build_threadsafe_function().callee_handled::<false>().weak::<true>().build()?;
        Ok(Self { name: name.to_owned(), ask: Arc::new(ask), streams: AtomicU32::new(1) })
    }
}

#[async_trait]
impl HostObject for JsObject {
    async fn call(&self, method: &str, argument: Json) -> Result<Json> {
        let question = json!({ "method": method, "argument": argument });
        let answer = ask(&self.ask, &self.name, "call", 0, question).await?;
        Ok(value_of(answer).unwrap_or_default())
    }

    async fn stream(&self, method: &str, argument: Json) -> Result<HostEvents> {
        let pull = Pull {
            name: self.name.clone(),
            ask: self.ask.clone(),
            number: self.streams.fetch_add(1, Ordering::Relaxed),
            question: Some(json!({ "method": method, "argument": argument })),
            begun: false,
        };
        let events = stream::unfold(Some(pull), |pull| async {
            let mut pull = pull?;
            let event = pull.next().await.transpose()?;
            let rest = event.is_ok().then_some(pull);
            Some((event, rest))
        });
        Ok(Box::pin(events))
    }
}

/// One iterator of the host. Dropped before its end, it tells the host to stop.
struct Pull {
    name: String,
    ask: Arc<Ask>,
    number: u32,
    /// What to begin with, at the first pull.
    question: Option<Json>,
    /// Whether the host may have an iterator that waits.
    begun: bool,
}

impl Pull {
    async fn next(&mut self) -> Result<Option<Json>> {
        let question = self.question.take().unwrap_or_default();
        self.begun = true;
        let answer = ask(&self.ask, &self.name, "next", self.number, question).await;
        let event = answer.map(value_of);
        self.begun = !matches!(event, Ok(None));
        event
    }
}

impl Drop for Pull {
    fn drop(&mut self) {
        if self.begun {
            let question = ("return".to_owned(), self.number, Plain(Json::Null)).into();
            // When the environment is gone there is nobody left to tell.
            let _status = self.ask.call(question, ThreadsafeFunctionCallMode::NonBlocking);
        }
    }
}

async fn ask(ask: &Ask, name: &str, verb: &str, number: u32, question: Json) -> Result<Json> {
    let failed = |words: &str| {
        let words: String = words.chars().take(500).collect();
        Error::new(
            ErrorKind::HostFailed,
            "host.object",
            format!("the host's object failed: {words}"),
        )
        .with("name", name)
    };
    let question = (verb.to_owned(), number, Plain(question)).into();
    let promise = ask.call_async_catch(question).await;
    let promise = promise.map_err(|_| failed("its thread has ended"))?;
    let answer =
        promise.await.map_err(|_| failed("it answered with something that is not JSON"))?;
    match answer.0.get("error").and_then(Json::as_str) {
        Some(words) => Err(failed(words)),
        None => Ok(answer.0),
    }
}

/// The value of an answer; nothing when it says that there is no more.
fn value_of(answer: Json) -> Option<Json> {
    match answer {
        Json::Object(mut fields) => fields.remove("value"),
        _ => None,
    }
}
