//! Javari's errors on their way to JavaScript.

use javari_core::{Error, host};
use napi::Status;

/// An error whose message is JSON with every part of `error`: Node-API has no other place for a
/// code of our own. The JavaScript half unpacks it into the class of its kind.
pub(crate) fn to_js(error: &Error) -> napi::Error {
    napi::Error::new(Status::GenericFailure, host::error_value(error).to_string())
}
