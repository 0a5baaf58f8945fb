//! The services whose credentials can be tested, and the marks they put before their keys.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::OPERATION;
use crate::{
    error::{Error, Result},
    secret::Secret,
    vault::credential::CredentialType,
};

/// A service whose credentials can be tested.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Service {
    /// GitHub.
    Github,
    /// Vercel.
    Vercel,
    /// OpenAI.
    Openai,
    /// Anthropic.
    Anthropic,
    /// Google's Gemini API.
    Google,
    /// Perplexity.
    Perplexity,
    /// Stripe.
    Stripe,
    /// Supabase: a project's key or a person's access token.
    Supabase,
    /// An incoming webhook of Slack; no message is posted.
    SlackWebhook,
    /// A PostgreSQL database: connects and selects 1.
    Postgres,
    /// Any other, by an https address that the request names.
    Http,
}

impl Service {
    pub(super) const ALL: [Self; 11] = [
        Self::Github,
        Self::Vercel,
        Self::Openai,
        Self::Anthropic,
        Self::Google,
        Self::Perplexity,
        Self::Stripe,
        Self::Supabase,
        Self::SlackWebhook,
        Self::Postgres,
        Self::Http,
    ];

    /// Its name in JSON, in settings and in the audit trail.
    pub fn name(self) -> &'static str {
        match self {
            Self::Github => "github",
            Self::Vercel => "vercel",
            Self::Openai => "openai",
            Self::Anthropic => "anthropic",
            Self::Google => "google",
            Self::Perplexity => "perplexity",
            Self::Stripe => "stripe",
            Self::Supabase => "supabase",
            Self::SlackWebhook => "slack_webhook",
            Self::Postgres => "postgres",
            Self::Http => "http",
        }
    }

    pub(super) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|service| service.name() == name)
    }

    /// Whether its address is one of the service itself, not of the credential or the request.
    pub(super) fn has_fixed_host(self) -> bool {
        !matches!(self, Self::Postgres | Self::Http)
    }

    /// The service to ask about a credential. What is plainly one service's goes to no other.
    ///
    /// # Errors
    /// `INVALID_INPUT` when it cannot be told, or is not the one that was asked for.
    pub(in crate::vault) fn of(
        asked: Option<Self>,
        name: &str,
        kind: CredentialType,
        value: &Secret,
    ) -> Result<Self> {
        let refused = |message: String| {
            Err(Error::invalid(OPERATION, "it cannot be told where to test this credential")
                .with_field("/service", message))
        };
        let marked = Self::marked(value);
        let by_type = match kind {
            CredentialType::GithubToken => Some(Self::Github),
            CredentialType::VercelToken => Some(Self::Vercel),
            _ => None,
        };
        match (asked, marked, by_type) {
            (Some(asked), Some(marked), _) if asked != marked => refused(format!(
                "this is a credential of `{}`, which is sent nowhere else",
                marked.name()
            )),
            (Some(asked), ..) => Ok(asked),
            (None, Some(marked), Some(by_type)) if marked != by_type => refused(format!(
                "its type says `{}` and its value `{}`: name the service",
                by_type.name(),
                marked.name()
            )),
            (None, Some(service), _) | (None, None, Some(service)) => Ok(service),
            // Others begin their keys like this too: the name has to say whose it is.
            (None, None, None)
                if name.to_ascii_uppercase().contains("OPENAI")
                    // Exposed to see how it begins.
                    && value.expose().starts_with("sk-") =>
            {
                Ok(Self::Openai)
            }
            (None, None, None) => {
                refused("must name the service: neither type nor value tell it".to_owned())
            }
        }
    }

    /// The service that puts such a mark before its credentials, and no other does.
    pub(in crate::vault) fn marked(value: &Secret) -> Option<Self> {
        const MARKS: &[(&str, Service)] = &[
            ("ghp_", Service::Github),
            ("gho_", Service::Github),
            ("ghu_", Service::Github),
            ("ghs_", Service::Github),
            ("ghr_", Service::Github),
            ("github_pat_", Service::Github),
            ("vcp_", Service::Vercel),
            ("sk-proj-", Service::Openai),
            ("sk-svcacct-", Service::Openai),
            ("sk-admin-", Service::Openai),
            ("sk-ant-", Service::Anthropic),
            ("AIza", Service::Google),
            ("pplx-", Service::Perplexity),
            ("sk_live_", Service::Stripe),
            ("sk_test_", Service::Stripe),
            ("rk_live_", Service::Stripe),
            ("rk_test_", Service::Stripe),
            ("sb_secret_", Service::Supabase),
            ("sb_publishable_", Service::Supabase),
            ("sbp_", Service::Supabase),
            ("https://hooks.slack.com/", Service::SlackWebhook),
            ("postgres://", Service::Postgres),
            ("postgresql://", Service::Postgres),
        ];
        // Exposed to see how it begins.
        let text = value.expose();
        let marked = MARKS.iter().find(|(mark, _)| text.starts_with(mark));
        marked.map(|(_, service)| *service).or_else(|| {
            // The older keys of Supabase are tokens that name their project.
            supabase_reference(value).map(|_| Self::Supabase)
        })
    }
}

/// The project that a key of Supabase in the form of a JSON Web Token is for.
pub(super) fn supabase_reference(key: &Secret) -> Option<String> {
    // Exposed to read whom it says it is for; nothing is believed of it.
    let claims = key.expose().split('.').nth(1)?;
    let claims: Json = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()?;
    let is_theirs = claims.get("iss")?.as_str()? == "supabase";
    let reference = claims.get("ref")?.as_str()?;
    (is_theirs && is_reference(reference)).then(|| reference.to_owned())
}

/// Whether a text can be a project's reference, which becomes a part of a host's name.
pub(super) fn is_reference(text: &str) -> bool {
    text.len() == 20 && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}
