//! A request of somebody else, as a server in any language passes it on.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::{Caller, Events, envelope::enveloped};
use crate::{
    accounts::{AuthenticateRequest, Header},
    client::Javari,
    error::Result,
    secret::Secret,
    types::{ProjectId, SubprojectId},
};

/// A request of somebody else: who sends it, and what is asked.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ForeignRequest {
    /// The request's headers; those that carry no identity are not looked at.
    #[serde(default)]
    #[schemars(length(max = 500))]
    pub headers: Vec<Header>,
    /// The token or key itself, in place of headers.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub token: Option<Token>,
    /// The operation that is asked for.
    pub operation: String,
    /// The operation's own request.
    #[serde(default = "nothing")]
    pub request: Json,
    /// The project to act in, one of the sender's or one that they are a member of.
    #[serde(default)]
    pub project: Option<ProjectId>,
    /// The subproject to act in, one of the project's.
    #[serde(default)]
    pub subproject: Option<SubprojectId>,
    /// What this server lets its clients reach, as patterns such as `knowledge.*`; everything that the
    /// sender may call when left out.
    #[serde(default)]
    pub allow: Option<Vec<String>>,
}

/// A token, read into keeping.
#[derive(Debug)]
pub(super) struct Token(Secret);

impl<'de> Deserialize<'de> for Token {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self(Secret::new(text)))
    }
}

/// An answer for HTTP.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct HttpAnswer {
    /// The status to send.
    pub status: u16,
    /// The body to send as JSON: the seed's envelope.
    pub body: Json,
}

/// Authenticates, runs and answers. An error is an answer too.
pub(super) async fn answer(javari: &Javari, request: ForeignRequest) -> HttpAnswer {
    let work = async {
        let (caller, name, inner) = enter(javari, request).await?;
        caller.call(&name, inner, Vec::new()).await
    };
    let (status, body) = enveloped(javari, work).await;
    HttpAnswer { status, body }
}

/// Authenticates and runs an operation that answers with events.
pub(super) async fn events(javari: &Javari, request: ForeignRequest) -> Result<Events> {
    let (caller, name, inner) = enter(javari, request).await?;
    caller.stream(&name, inner, Vec::new()).await
}

async fn enter(javari: &Javari, request: ForeignRequest) -> Result<(Caller, String, Json)> {
    let token = request.token.map(|Token(token)| token);
    let identity = AuthenticateRequest { headers: request.headers, token };
    let authentication = javari.rooms().authenticator.request(&identity).await?;
    let mut caller = Caller::new(javari.clone(), authentication);
    if let Some(patterns) = &request.allow {
        caller = caller.limited_to(patterns)?;
    }
    if let Some(project) = request.project {
        caller = caller.within(project, request.subproject).await?;
    }
    Ok((caller, request.operation, request.request))
}

fn nothing() -> Json {
    Json::Object(serde_json::Map::new())
}
