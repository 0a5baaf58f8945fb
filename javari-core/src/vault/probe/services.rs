//! The services that answer over HTTP at a host of their own: one cheap question each, which
//! changes nothing there and costs nothing.

use std::sync::Arc;

use async_trait::async_trait;
use url::Url;

use super::{
    CredentialProbe, LIMIT, OPERATION, ProbeAnswer, ProbeOutcome, ProbeQuestion, Service,
    judge::judge,
    service::{is_reference, supabase_reference},
};
use crate::{
    error::{Error, ErrorKind, Result},
    http::{Http, HttpRequest, Trust},
    secret::Secret,
    types::Clock,
};

/// Asks one service at its own host.
pub(super) struct ServiceProbe {
    service: Service,
    http: Http,
    clock: Arc<dyn Clock>,
    /// Where the host application wants it asked instead.
    address: Option<Url>,
}

/// How the credential is sent.
enum Sent {
    Bearer,
    Header(&'static str),
}

impl ServiceProbe {
    pub(super) fn new(
        service: Service,
        http: Http,
        clock: Arc<dyn Clock>,
        address: Option<Url>,
    ) -> Self {
        Self { service, http, clock, address }
    }

    fn request(&self, credential: &Secret, question: &ProbeQuestion) -> Result<HttpRequest> {
        // Exposed to see how it begins.
        let text = credential.expose();
        let (host, path, sent) = match self.service {
            // A token of an app's installation belongs to no user.
            Service::Github if text.starts_with("ghs_") => {
                ("api.github.com".to_owned(), "/rate_limit", Sent::Bearer)
            }
            Service::Github => ("api.github.com".to_owned(), "/user", Sent::Bearer),
            Service::Vercel => ("api.vercel.com".to_owned(), "/v2/user", Sent::Bearer),
            Service::Openai => ("api.openai.com".to_owned(), "/v1/models", Sent::Bearer),
            Service::Anthropic => {
                ("api.anthropic.com".to_owned(), "/v1/models?limit=1", Sent::Header("x-api-key"))
            }
            Service::Google => (
                "generativelanguage.googleapis.com".to_owned(),
                "/v1beta/models?pageSize=1",
                Sent::Header("x-goog-api-key"),
            ),
            Service::Perplexity => {
                ("api.perplexity.ai".to_owned(), "/async/chat/completions?limit=1", Sent::Bearer)
            }
            Service::Stripe => ("api.stripe.com".to_owned(), "/v1/account", Sent::Bearer),
            Service::Supabase if text.starts_with("sbp_") => {
                ("api.supabase.com".to_owned(), "/v1/projects", Sent::Bearer)
            }
            Service::Supabase => {
                let reference = supabase_project(credential, question)?;
                (format!("{reference}.supabase.co"), "/auth/v1/settings", Sent::Header("apikey"))
            }
            Service::SlackWebhook => return self.slack(credential),
            Service::Postgres | Service::Http => {
                return Err(Error::new(ErrorKind::Unsupported, OPERATION, "it has no fixed host"));
            }
        };
        let base = match &self.address {
            Some(address) => address.as_str().trim_end_matches('/').to_owned(),
            None => format!("https://{host}"),
        };
        let request = HttpRequest::get(&format!("{base}{path}"), Trust::Configured)?
            .with_header("accept", "application/json");
        let request = match self.service {
            Service::Github => request.with_header("x-github-api-version", "2022-11-28"),
            Service::Anthropic => request.with_header("anthropic-version", "2023-06-01"),
            _ => request,
        };
        Ok(match sent {
            Sent::Bearer => request.with_bearer(credential),
            Sent::Header(name) => request.with_secret_header(name, credential),
        })
    }

    /// The credential is the address itself: it must be one of Slack's. What is sent is no message,
    /// so none is posted.
    fn slack(&self, credential: &Secret) -> Result<HttpRequest> {
        let refused = || {
            Error::invalid(OPERATION, "this is no incoming webhook of Slack")
                .with_field("/name", "must hold `https://hooks.slack.com/services/…`")
        };
        // Exposed to be sent to the host it names, which is checked.
        let mut url = Url::parse(credential.expose()).map_err(|_| refused())?;
        let is_slacks = url.scheme() == "https"
            && url.host_str() == Some("hooks.slack.com")
            && url.port().is_none()
            && url.username().is_empty()
            && url.password().is_none()
            // What lies elsewhere on that host are workflows, which run when they are asked.
            && url.path().starts_with("/services/");
        if !is_slacks {
            return Err(refused());
        }
        if let Some(address) = &self.address {
            let mut other = address.clone();
            other.set_path(url.path());
            url = other;
        }
        let request = HttpRequest::new("POST", url, Trust::Configured)?;
        Ok(request.with_body("application/json", "{}"))
    }
}

#[async_trait]
impl CredentialProbe for ServiceProbe {
    async fn probe(&self, credential: &Secret, question: &ProbeQuestion) -> Result<ProbeAnswer> {
        let request = self.request(credential, question)?.with_timeout(LIMIT).without_redirects();
        answered(self.service, self.http.send(request).await, self.clock.as_ref(), credential).await
    }
}

/// The answer of a service, also where there is none.
pub(super) async fn answered(
    service: Service,
    reply: Result<crate::http::HttpReply>,
    clock: &dyn Clock,
    credential: &Secret,
) -> Result<ProbeAnswer> {
    match reply {
        Ok(reply) => Ok(judge(service, reply, clock, credential).await),
        Err(error) => match error.kind() {
            ErrorKind::Network | ErrorKind::Timeout | ErrorKind::TlsFailed => {
                Ok(ProbeAnswer::new(ProbeOutcome::Unreachable).with_detail(error.message()))
            }
            // The credential holds a letter that no header can: no service gave it out like this.
            ErrorKind::InvalidInput => Ok(ProbeAnswer::new(ProbeOutcome::Invalid)
                .with_detail("it holds a letter that cannot be sent, such as a line break")),
            _ => Err(error),
        },
    }
}

fn supabase_project(credential: &Secret, question: &ProbeQuestion) -> Result<String> {
    let named = supabase_reference(credential).or_else(|| question.project_ref.clone());
    named.filter(|reference| is_reference(reference)).ok_or_else(|| {
        Error::invalid(OPERATION, "it cannot be told which project of Supabase the key is for")
            .with_field("/project_ref", "must be the project's reference: 20 letters and digits")
    })
}
