//! Promises settled from Javari's own runtime.

use std::future::Future;

use javari_core::{
    Result,
    host::{self, Begun},
};
use napi::{
    Env,
    bindgen_prelude::{JsValue, Object, PromiseRaw, ToNapiValue},
};

use crate::failure::to_js;

type Settle<T> = Box<dyn FnOnce(Env) -> napi::Result<T>>;

/// Runs `work` on Javari's runtime and settles the returned promise with its outcome. The promise
/// keeps the process alive until then, and no longer.
pub(crate) fn promise<'env, T: ToNapiValue + Send + 'static>(
    env: &'env Env,
    work: impl Future<Output = Result<T>> + Send + 'static,
) -> napi::Result<Object<'env>> {
    let (deferred, promise) = env.create_deferred::<T, Settle<T>>()?;
    let settled = host::spawn(async move {
        match host::guarded(work).await {
            Ok(value) => deferred.resolve(Box::new(move |_| Ok(value))),
            Err(error) => deferred.reject(to_js(&error)),
        }
    });
    settled.map_err(|error| to_js(&error))?;
    Ok(promise)
}

/// The same for work that does little until it first waits: it is begun on this thread, and where
/// it waits for nothing, the promise is settled already.
pub(crate) fn begun<'env, T: ToNapiValue + Send + 'static>(
    env: &'env Env,
    work: impl Future<Output = Result<T>> + Send + 'static,
) -> napi::Result<Object<'env>> {
    match host::begin(host::guarded(work)).map_err(|error| to_js(&error))? {
        Begun::Done(Ok(value)) => PromiseRaw::resolve(env, value)?.coerce_to_object(),
        Begun::Done(Err(error)) => promise::<T>(env, async { Err(error) }),
        Begun::Waiting(work) => promise(env, work),
    }
}
