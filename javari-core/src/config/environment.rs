//! The seed's eleven environment variables, and a few of our own.

use std::{collections::BTreeMap, env};

use url::Url;

use crate::{
    error::{Error, ErrorKind, Result},
    secret::{RootKey, Secret},
};

/// What the environment says. A variable that is empty counts as not set.
#[derive(Debug, Clone, Default)]
pub struct Environment {
    /// `NEXT_PUBLIC_SUPABASE_URL`.
    pub supabase_url: Option<String>,
    /// `NEXT_PUBLIC_SUPABASE_ANON_KEY`.
    pub supabase_anon_key: Option<Secret>,
    /// `SUPABASE_SERVICE_ROLE_KEY`.
    pub supabase_service_role_key: Option<Secret>,
    /// `OPENAI_API_KEY`.
    pub openai_api_key: Option<Secret>,
    /// `CREDENTIAL_ENCRYPTION_KEY`: the root key.
    pub credential_encryption_key: Option<Secret>,
    /// `VERCEL_TOKEN`.
    pub vercel_token: Option<Secret>,
    /// `VERCEL_TEAM_ID`.
    pub vercel_team_id: Option<String>,
    /// `GITHUB_TOKEN`.
    pub github_token: Option<Secret>,
    /// `ANTHROPIC_API_KEY`, optional.
    pub anthropic_api_key: Option<Secret>,
    /// `GOOGLE_API_KEY`, optional.
    pub google_api_key: Option<Secret>,
    /// `PERPLEXITY_API_KEY`, optional.
    pub perplexity_api_key: Option<Secret>,
    /// `SUPABASE_JWT_SECRET`, Supabase's own name: the secret of tokens signed with HS256.
    pub supabase_jwt_secret: Option<Secret>,
    /// `OPENAI_BASE_URL`, ours: an OpenAI-compatible service.
    pub openai_base_url: Option<String>,
    /// `OPENAI_MODEL`, ours: the model to chat with.
    pub openai_model: Option<String>,
    /// `OPENAI_EMBEDDING_MODEL`, ours: the model to embed with.
    pub openai_embedding_model: Option<String>,
    /// `JAVARI_DATABASE`, ours: where the database lies.
    pub database: Option<String>,
    /// `PATH`, `HOME`, `LANG` and `TMPDIR`, for builds.
    pub build: BTreeMap<String, String>,
}

impl Environment {
    /// Reads the process's environment.
    pub fn read() -> Self {
        Self::from_lookup(|name| env::var(name).ok())
    }

    /// Reads from any table of variables.
    pub fn from_lookup(lookup: impl Fn(&str) -> Option<String>) -> Self {
        let text = |name: &str| lookup(name).filter(|value| !value.trim().is_empty());
        let secret = |name: &str| text(name).map(Secret::new);
        Self {
            supabase_url: text("NEXT_PUBLIC_SUPABASE_URL"),
            supabase_anon_key: secret("NEXT_PUBLIC_SUPABASE_ANON_KEY"),
            supabase_service_role_key: secret("SUPABASE_SERVICE_ROLE_KEY"),
            openai_api_key: secret("OPENAI_API_KEY"),
            credential_encryption_key: secret("CREDENTIAL_ENCRYPTION_KEY"),
            vercel_token: secret("VERCEL_TOKEN"),
            vercel_team_id: text("VERCEL_TEAM_ID"),
            github_token: secret("GITHUB_TOKEN"),
            anthropic_api_key: secret("ANTHROPIC_API_KEY"),
            google_api_key: secret("GOOGLE_API_KEY"),
            perplexity_api_key: secret("PERPLEXITY_API_KEY"),
            supabase_jwt_secret: secret("SUPABASE_JWT_SECRET"),
            openai_base_url: text("OPENAI_BASE_URL"),
            openai_model: text("OPENAI_MODEL"),
            openai_embedding_model: text("OPENAI_EMBEDDING_MODEL"),
            database: text("JAVARI_DATABASE"),
            build: ["PATH", "HOME", "LANG", "TMPDIR"]
                .into_iter()
                .filter_map(|name| Some((name.to_owned(), text(name)?)))
                .collect(),
        }
    }

    /// Checks that the seed's eight required variables are set and all eleven are well formed.
    ///
    /// # Errors
    /// `CONFIGURATION` naming every missing and every malformed variable at once, never a value.
    pub fn require_complete(&self) -> Result<()> {
        let required = [
            ("NEXT_PUBLIC_SUPABASE_URL", self.supabase_url.is_some()),
            ("NEXT_PUBLIC_SUPABASE_ANON_KEY", self.supabase_anon_key.is_some()),
            ("SUPABASE_SERVICE_ROLE_KEY", self.supabase_service_role_key.is_some()),
            ("OPENAI_API_KEY", self.openai_api_key.is_some()),
            ("CREDENTIAL_ENCRYPTION_KEY", self.credential_encryption_key.is_some()),
            ("VERCEL_TOKEN", self.vercel_token.is_some()),
            ("VERCEL_TEAM_ID", self.vercel_team_id.is_some()),
            ("GITHUB_TOKEN", self.github_token.is_some()),
        ];
        let missing =
            required.into_iter().filter(|(_, set)| !set).map(|(name, _)| (name, "is not set"));
        let faults: Vec<(&str, &str)> = missing.chain(self.malformed()).collect();
        if faults.is_empty() {
            return Ok(());
        }
        let error = Error::new(
            ErrorKind::Configuration,
            "config.environment",
            "environment variables are missing or malformed",
        );
        Err(faults.into_iter().fold(error, |error, (name, fault)| error.with_field(name, fault)))
    }

    fn malformed(&self) -> Vec<(&'static str, &'static str)> {
        let mut faults = Vec::new();
        let is_https = |text: &str| {
            Url::parse(text).is_ok_and(|url| url.scheme() == "https" && url.host().is_some())
        };
        if self.supabase_url.as_deref().is_some_and(|text| !is_https(text)) {
            faults.push(("NEXT_PUBLIC_SUPABASE_URL", "must be an https address"));
        }
        if self.credential_encryption_key.as_ref().is_some_and(|key| RootKey::parse(key).is_err()) {
            faults.push((
                "CREDENTIAL_ENCRYPTION_KEY",
                "must be 32 bytes: 44 base64 characters or 64 hexadecimal digits",
            ));
        }
        // Exposed to be measured.
        if self.supabase_jwt_secret.as_ref().is_some_and(|secret| secret.expose().len() < 32) {
            faults.push(("SUPABASE_JWT_SECRET", "must have at least 32 bytes"));
        }
        let keys = [
            ("NEXT_PUBLIC_SUPABASE_ANON_KEY", &self.supabase_anon_key),
            ("SUPABASE_SERVICE_ROLE_KEY", &self.supabase_service_role_key),
            ("OPENAI_API_KEY", &self.openai_api_key),
            ("VERCEL_TOKEN", &self.vercel_token),
            ("GITHUB_TOKEN", &self.github_token),
            ("ANTHROPIC_API_KEY", &self.anthropic_api_key),
            ("GOOGLE_API_KEY", &self.google_api_key),
            ("PERPLEXITY_API_KEY", &self.perplexity_api_key),
        ];
        for (name, key) in keys {
            // Exposed to see whether it can stand in a header.
            let fits = |key: &Secret| key.expose().bytes().all(|byte| byte.is_ascii_graphic());
            if key.as_ref().is_some_and(|key| !fits(key)) {
                faults.push((name, "must be printable ASCII without spaces"));
            }
        }
        faults
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_missing_and_malformed_variable_is_named_at_once_and_no_value_is() {
        let environment = Environment::from_lookup(|name| match name {
            "NEXT_PUBLIC_SUPABASE_URL" => Some("ftp://canary".into()),
            "CREDENTIAL_ENCRYPTION_KEY" => Some("canary".into()),
            "ANTHROPIC_API_KEY" => Some("canary with space".into()),
            "VERCEL_TOKEN" => Some("  ".into()),
            "GITHUB_TOKEN" => Some("ghs_x".into()),
            _ => None,
        });
        let error = environment.require_complete().unwrap_err();
        let mut named: Vec<&str> = error.fields().iter().map(|fault| fault.path.as_str()).collect();
        named.sort_unstable();
        assert_eq!(
            named,
            [
                "ANTHROPIC_API_KEY",
                "CREDENTIAL_ENCRYPTION_KEY",
                "NEXT_PUBLIC_SUPABASE_ANON_KEY",
                "NEXT_PUBLIC_SUPABASE_URL",
                "OPENAI_API_KEY",
                "SUPABASE_SERVICE_ROLE_KEY",
                "VERCEL_TEAM_ID",
                "VERCEL_TOKEN",
            ]
        );
        assert!(
            !format!("{error:?} {environment:?}").replace("ftp://canary", "").contains("canary")
        );
    }
}
