//! One operation: its name, its shapes and the code behind it.

use std::{future::Future, pin::Pin};

use bytes::Bytes;
use futures::{Stream, StreamExt, future::BoxFuture};
use schemars::{JsonSchema, Schema, SchemaGenerator, generate::SchemaSettings};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value as Json;

use super::{roles::least_role, validate::Validator};
use crate::{
    accounts::Role,
    client::{Javari, Scope},
    error::{Error, ErrorKind, Result},
};

/// Who may call an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// The host itself; no user is needed.
    Host,
    /// A user; the scope names one.
    User,
    /// A user in a project; the scope names both.
    Project,
}

impl Access {
    /// The word for it in the documentation and in generated code.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Host => "host",
            Self::User => "user",
            Self::Project => "project",
        }
    }
}

/// The events of a streaming operation, as JSON.
pub type Events = Pin<Box<dyn Stream<Item = Result<Json>> + Send>>;

/// A JSON Schema and the name of the Rust type it was made from.
pub struct Shape {
    /// The type's name, such as `CredentialView`.
    pub name: String,
    /// Its JSON Schema (draft 2020-12) with every definition inside.
    pub schema: Schema,
}

impl Shape {
    fn of<T: JsonSchema>() -> Self {
        let generator = SchemaGenerator::new(SchemaSettings::draft2020_12());
        Self { name: T::schema_name().into_owned(), schema: generator.into_root_schema_for::<T>() }
    }
}

/// What an operation's code is given.
pub(super) struct Context {
    pub(super) scope: Scope,
    pub(super) blobs: Vec<Bytes>,
}

impl Context {
    pub(super) fn javari(&self) -> &Javari {
        self.scope.javari()
    }

    /// The same for what concerns every user: a call that acts for one of them does not reach it.
    pub(super) fn host(&self, operation: &'static str) -> Result<&Javari> {
        match self.scope.key().user {
            None => Ok(self.javari()),
            Some(_) => Err(Error::new(
                ErrorKind::Forbidden,
                operation,
                "this concerns all users and is the host's own: call it without a user",
            )),
        }
    }
}

type RunUnary = Box<dyn Fn(Context, Json) -> BoxFuture<'static, Result<Json>> + Send + Sync>;
type RunStream = Box<dyn Fn(Context, Json) -> BoxFuture<'static, Result<Events>> + Send + Sync>;

pub(super) enum Run {
    Unary(RunUnary),
    Stream(RunStream),
}

/// One operation of the catalogue.
pub struct Operation {
    /// Its name in every language, `room.verb`.
    pub name: &'static str,
    /// One line of documentation.
    pub summary: &'static str,
    /// Who may call it.
    pub access: Access,
    /// The least role that may call it in a project of somebody else.
    pub least_role: Role,
    /// The request's shape.
    pub request: Shape,
    /// The reply's shape, or that of each event when it streams.
    pub reply: Shape,
    pub(super) run: Run,
    pub(super) validator: Validator,
}

impl Operation {
    /// Whether it answers with a stream of events.
    pub fn streams(&self) -> bool {
        matches!(self.run, Run::Stream(_))
    }

    /// The room in the name: `vault` of `vault.put`.
    pub fn room(&self) -> &'static str {
        self.name.split_once('.').map_or(self.name, |(room, _)| room)
    }

    /// The verb in the name: `put` of `vault.put`.
    pub fn verb(&self) -> &'static str {
        self.name.split_once('.').map_or("", |(_, verb)| verb)
    }

    pub(super) fn unary<Request, Reply, F, Answer>(
        name: &'static str,
        access: Access,
        summary: &'static str,
        run: F,
    ) -> Self
    where
        Request: DeserializeOwned + JsonSchema + Send + 'static,
        Reply: Serialize + JsonSchema,
        F: Fn(Context, Request) -> Answer + Send + Sync + Clone + 'static,
        Answer: Future<Output = Result<Reply>> + Send + 'static,
    {
        let run = Run::Unary(Box::new(move |context, request| {
            let run = run.clone();
            Box::pin(async move {
                let reply = run(context, read(name, request)?).await?;
                write(name, &reply)
            })
        }));
        Self::new::<Request, Reply>(name, access, summary, run)
    }

    pub(super) fn stream<Request, Event, F, Answer, S>(
        name: &'static str,
        access: Access,
        summary: &'static str,
        run: F,
    ) -> Self
    where
        Request: DeserializeOwned + JsonSchema + Send + 'static,
        Event: Serialize + JsonSchema,
        F: Fn(Context, Request) -> Answer + Send + Sync + Clone + 'static,
        Answer: Future<Output = Result<S>> + Send + 'static,
        S: Stream<Item = Result<Event>> + Send + 'static,
    {
        let run = Run::Stream(Box::new(move |context, request| {
            let run = run.clone();
            Box::pin(async move {
                let events = run(context, read(name, request)?).await?;
                let events = events.map(move |event| event.and_then(|event| write(name, &event)));
                Ok(Box::pin(events) as Events)
            })
        }));
        Self::new::<Request, Event>(name, access, summary, run)
    }

    fn new<Request: JsonSchema, Reply: JsonSchema>(
        name: &'static str,
        access: Access,
        summary: &'static str,
        run: Run,
    ) -> Self {
        let request = Shape::of::<Request>();
        let validator = Validator::new(request.schema.as_value().clone());
        Self {
            name,
            summary,
            access,
            least_role: least_role(name),
            request,
            reply: Shape::of::<Reply>(),
            run,
            validator,
        }
    }
}

fn read<T: DeserializeOwned>(name: &'static str, request: Json) -> Result<T> {
    // serde's words may repeat the value at fault, and the value may be a secret.
    serde_json::from_value(request)
        .map_err(|_| Error::invalid(name, "the request does not fit its schema"))
}

fn write<T: Serialize>(name: &'static str, reply: &T) -> Result<Json> {
    serde_json::to_value(reply).map_err(|fault| {
        Error::new(ErrorKind::Unexpected, name, "the reply cannot be written").with_source(fault)
    })
}
