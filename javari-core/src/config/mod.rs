//! Turns maps and the environment into settings, and names every fault at once.
//!
//! The only room that reads the environment. What it deliberately does not do: it opens nothing
//! and holds secrets only as [`Secret`].

mod environment;
mod identity;
mod providers;
mod settings;

pub use environment::Environment;
pub use identity::IdentitySettings;
pub(crate) use identity::is_safe;
pub use providers::{ProviderSettings, ServiceName};
pub use settings::{LimitSettings, OpenAiSettings, Settings};
