//! Promises settled from Javari's own runtime.

use std::future::Future;

use javari_core::{Result, host};
use napi::{
    Env,
    bindgen_prelude::{Object, ToNapiValue},
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
