//! The kit: uniffi objects for Kotlin, Swift, Ruby and Python, with JSON as text.
//!
//! What it deliberately does not do: it has no types of its own for requests and replies, for no
//! two of these languages agree on what a good one is; its rooms, methods and error classes are
//! written from the catalogue.

mod error;
mod provider;
mod rooms;

use std::sync::Arc;

use javari_core::{
    Error,
    host::{self, Host, guarded_sync},
};
use serde_json::{Value as Json, json};

pub use error::JavariError;
pub use provider::{HostAnswer, HostEvents, HostFault, HostProvider};
pub use rooms::*;

/// What a call answers.
pub type Answer<T> = Result<T, JavariError>;

/// The bytes that a request speaks of, in order.
pub type Blobs = Vec<Vec<u8>>;

/// One opened Javari. Cheap to share between threads.
#[derive(uniffi::Object)]
pub struct Javari {
    host: Host,
}

/// The id of the root key that the database of these settings was sealed with, or none where it is new:
/// for a host that keeps its keys by their ids and then opens with `root_key`. Nothing is changed.
#[uniffi::export]
pub async fn needed_key(settings: String) -> Answer<Option<String>> {
    Host::needed_key(read(&settings, "/settings")?).await.map_err(Into::into)
}

#[uniffi::export]
impl Javari {
    /// Opens a Javari as the settings, a JSON object such as `{"database": "javari.db"}`, say.
    #[uniffi::constructor]
    pub async fn open(settings: String) -> Answer<Arc<Self>> {
        let host = Host::open(read(&settings, "/settings")?).await?;
        Ok(Arc::new(Self { host }))
    }

    /// Opens a Javari as the seed's eleven environment variables say. The database is
    /// `JAVARI_DATABASE`, or `javari.db`. A `Configuration` error's `json` names every variable
    /// that is missing or malformed.
    #[uniffi::constructor]
    pub async fn from_env() -> Answer<Arc<Self>> {
        Ok(Arc::new(Self { host: Host::from_env().await? }))
    }

    /// Whose data the calls that follow touch: a user's, and optionally one project's. `member` is who
    /// acts in a project of `user`, where it is not `user`.
    #[uniffi::method(default(project = None, subproject = None, member = None))]
    pub fn scope(
        &self,
        user: String,
        project: Option<String>,
        subproject: Option<String>,
        member: Option<String>,
    ) -> Arc<Scope> {
        let mut scope = json!({ "user": user });
        for (name, id) in [("project", project), ("subproject", subproject), ("member", member)] {
            if let Some(id) = id {
                scope[name] = Json::from(id);
            }
        }
        Arc::new(Scope(Caller { host: self.host.clone(), scope }))
    }

    /// Runs an operation by name; the scope is `null` or an object of ids, as JSON.
    #[uniffi::method(default(blobs = []))]
    pub async fn call(
        &self,
        operation: String,
        scope: String,
        request: String,
        blobs: Blobs,
    ) -> Answer<String> {
        let scope = read(&scope, "/scope")?;
        Caller { host: self.host.clone(), scope }.call(&operation, request, blobs).await
    }

    /// Begins a streaming operation by name; the scope is as in `call`.
    #[uniffi::method(default(blobs = []))]
    pub async fn stream(
        &self,
        operation: String,
        scope: String,
        request: String,
        blobs: Blobs,
    ) -> Answer<Arc<EventStream>> {
        let scope = read(&scope, "/scope")?;
        Caller { host: self.host.clone(), scope }.stream(&operation, request, blobs).await
    }

    /// Registers the host's own object; today the kind is `provider`. From then on a request with
    /// the model `name/anything` is answered by it.
    pub fn register(
        &self,
        kind: String,
        name: String,
        object: Arc<dyn HostProvider>,
    ) -> Answer<()> {
        let object = Arc::new(provider::Registered(object));
        Ok(guarded_sync(|| self.host.register(&kind, &name, object))?)
    }

    /// Closes the database; later calls fail with `Closed`. Closing twice is no fault.
    pub async fn close(&self) -> Answer<()> {
        Ok(self.host.close().await?)
    }
}

impl Javari {
    fn host_scope(&self) -> Caller {
        Caller { host: self.host.clone(), scope: Json::Null }
    }
}

/// Whose data the calls on its rooms touch.
#[derive(uniffi::Object)]
pub struct Scope(Caller);

impl Scope {
    fn caller(&self) -> Caller {
        self.0.clone()
    }
}

/// Events pulled one by one. Dropping it stops the work behind it.
#[derive(uniffi::Object)]
pub struct EventStream(host::EventStream);

#[uniffi::export]
impl EventStream {
    /// Waits for the next event, as JSON; nothing at the end.
    pub async fn next(&self) -> Answer<Option<String>> {
        Ok(self.0.next().await?.map(|event| event.to_string()))
    }

    /// Stops the work; who waits for an event then finds the end.
    pub fn cancel(&self) {
        self.0.cancel();
    }
}

/// Stops Javari's threads, waiting at most two seconds for work that still runs. For the end of a
/// program.
#[uniffi::export]
pub fn shutdown() {
    drop(guarded_sync(|| {
        host::shutdown();
        Ok(())
    }));
}

/// What the rooms call through.
#[derive(Clone)]
struct Caller {
    host: Host,
    scope: Json,
}

impl Caller {
    async fn call(&self, operation: &str, request: String, blobs: Blobs) -> Answer<String> {
        let request = read(&request, "/request")?;
        let blobs = blobs.into_iter().map(Into::into).collect();
        let reply =
            self.host.call(operation.to_owned(), self.scope.clone(), request, blobs).await?;
        Ok(reply.to_string())
    }

    async fn stream(
        &self,
        operation: &str,
        request: String,
        blobs: Blobs,
    ) -> Answer<Arc<EventStream>> {
        let request = read(&request, "/request")?;
        let blobs = blobs.into_iter().map(Into::into).collect();
        let events =
            self.host.stream(operation.to_owned(), self.scope.clone(), request, blobs).await?;
        Ok(Arc::new(EventStream(events)))
    }
}

/// Reads JSON without repeating a value of it in the error.
fn read(text: &str, field: &'static str) -> javari_core::Result<Json> {
    serde_json::from_str(text).map_err(|fault| {
        let place = format!("is not JSON at line {}, column {}", fault.line(), fault.column());
        Error::invalid("host.call", "a text that was passed is not JSON").with_field(field, place)
    })
}
