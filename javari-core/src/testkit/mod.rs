//! For tests of Javari and of its hosts: behaviour suites, a loopback model service, a scripted
//! provider, an issuer of tokens, a clock that is moved by hand.
//!
//! What it deliberately does not do: it holds no stand-in for anything of Javari's own. The server
//! speaks the real wire over a real socket, and a suite asks the same of every implementation.
//!
//! It is compiled with the feature `testkit` alone and lies outside the floors.

mod clock;
mod fixtures;
mod gate;
mod provider_server;
mod scripted;
mod soak;
pub mod suites;
mod token_issuer;

pub use clock::HandClock;
pub use fixtures::fixtures;
pub use gate::Gate;
pub use provider_server::{
    ProviderServer, RecordedRequest, Reply, ScriptedBytes, ScriptedCall, ScriptedError,
    ScriptedReply,
};
pub use scripted::ScriptedProvider;
pub use soak::rounds;
pub use token_issuer::TokenIssuer;
