//! The five verbs.

use std::sync::Arc;

use bytes::Bytes;
use javari_core::{
    Error, ErrorKind,
    host::{Host, is_small},
};
use napi::{
    Env,
    bindgen_prelude::{Function, Object, Uint8ArraySlice},
};
use napi_derive::napi;
use tokio_util::sync::CancellationToken;

use crate::{
    events::Events,
    failure::to_js,
    object::{Answer, JsObject, Question},
    plain::Plain,
    promise::{begun, promise},
};

/// An opened Javari.
#[napi]
pub struct Native {
    host: Host,
}

/// Stops the call that it was given to.
#[napi]
pub struct Stop {
    token: CancellationToken,
}

#[napi]
impl Stop {
    /// One that stops nothing yet.
    #[napi(constructor, catch_unwind)]
    #[allow(clippy::new_without_default)]
    pub fn new() -> Self {
        Self { token: CancellationToken::new() }
    }

    /// Stops it.
    #[napi(catch_unwind)]
    pub fn stop(&self) {
        self.token.cancel();
    }
}

#[napi]
impl Native {
    /// Opens as the settings say.
    #[napi(catch_unwind)]
    pub fn open(env: &Env, settings: Plain) -> napi::Result<Object<'_>> {
        promise(env, async move { Ok(Self { host: Host::open(settings.0).await? }) })
    }

    /// The id of the root key that the database of the settings was sealed with, or null.
    #[napi(catch_unwind)]
    pub fn needed_key(env: &Env, settings: Plain) -> napi::Result<Object<'_>> {
        promise(env, Host::needed_key(settings.0))
    }

    /// Opens as the seed's environment variables say.
    #[napi(catch_unwind)]
    pub fn from_env(env: &Env) -> napi::Result<Object<'_>> {
        promise(env, async move { Ok(Self { host: Host::from_env().await? }) })
    }

    /// Closes the database.
    #[napi(catch_unwind)]
    pub fn close<'env>(&self, env: &'env Env) -> napi::Result<Object<'env>> {
        let host = self.host.clone();
        promise(env, async move { host.close().await })
    }

    /// Runs an operation that answers once; `stop` gives it up.
    #[napi(catch_unwind)]
    pub fn call<'env>(
        &self,
        env: &'env Env,
        operation: String,
        scope: Plain,
        request: Plain,
        blobs: Vec<Uint8ArraySlice>,
        stop: Option<&Stop>,
    ) -> napi::Result<Object<'env>> {
        let host = self.host.clone();
        let blobs = copied(&blobs);
        let token = stop.map(|stop| stop.token.clone()).unwrap_or_default();
        let is_quick = blobs.is_empty() && is_small(&request.0);
        let call = async move {
            tokio::select! {
                biased;
                () = token.cancelled() => Err(stopped()),
                reply = host.call(operation, scope.0, request.0, blobs) => reply.map(Plain),
            }
        };
        if is_quick { begun(env, call) } else { promise(env, call) }
    }

    /// Prepares an operation that answers with events; it begins at the first pull.
    #[napi(catch_unwind)]
    pub fn stream(
        &self,
        operation: String,
        scope: Plain,
        request: Plain,
        blobs: Vec<Uint8ArraySlice>,
    ) -> Events {
        Events::new(self.host.clone(), operation, scope.0, request.0, copied(&blobs))
    }

    /// Adds an object of the host, which `ask` speaks to.
    #[napi(catch_unwind)]
    pub fn register(
        &self,
        kind: String,
        name: String,
        ask: Function<'_, Question, Answer>,
    ) -> napi::Result<()> {
        let object = JsObject::new(&name, &ask)?;
        self.host.register(&kind, &name, Arc::new(object)).map_err(|error| to_js(&error))
    }
}

/// The bytes as they are now: JavaScript may change its own while the work runs.
fn copied(blobs: &[Uint8ArraySlice]) -> Vec<Bytes> {
    blobs.iter().map(|blob| Bytes::copy_from_slice(blob)).collect()
}

fn stopped() -> Error {
    Error::new(ErrorKind::Cancelled, "host.call", "the call was stopped before it ended")
}

/// Panics on purpose, for the test that a panic becomes an error; not in a release.
#[cfg(debug_assertions)]
#[napi(catch_unwind)]
pub fn panics(env: &Env) -> napi::Result<Object<'_>> {
    promise(env, async {
        #[allow(clippy::panic)]
        {
            panic!("on purpose");
        }
        #[allow(unreachable_code)]
        Ok(())
    })
}
