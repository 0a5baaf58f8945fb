//! The native half of `@javari/node`: five verbs (open, close, call, stream, register) over
//! [`javari_core::host`]. The typed half is JavaScript, in `door/`.
//!
//! A verb is: borrow, convert, call the host, convert. Nothing here blocks the event loop, and no
//! promise or callback keeps a process alive that has nothing left to do.
//!
//! What it deliberately does not do: it holds no rule of the domain and lists no operation.

pub mod events;
mod failure;
pub mod javari;
mod object;
pub mod plain;
mod promise;

use std::sync::atomic::{AtomicUsize, Ordering};

use javari_core::host;
use napi::{Env, bindgen_prelude::Object};
use napi_derive::napi;

/// The Node environments (the main thread and workers) that have this addon loaded.
static ENVIRONMENTS: AtomicUsize = AtomicUsize::new(0);

/// Stops the runtime when the last environment goes, so that no thread of ours outlives it.
#[napi(module_exports)]
pub fn load(_exports: Object, env: Env) -> napi::Result<()> {
    ENVIRONMENTS.fetch_add(1, Ordering::SeqCst);
    env.add_env_cleanup_hook((), |()| {
        if ENVIRONMENTS.fetch_sub(1, Ordering::SeqCst) == 1 {
            host::shutdown();
        }
    })?;
    Ok(())
}
