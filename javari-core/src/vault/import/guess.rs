//! Guesses what a credential opens, from the marks that services put before their keys.

use crate::vault::credential::CredentialType::{self, *};

/// How values begin.
const PREFIXES: &[(&str, CredentialType)] = &[
    ("ghp_", GithubToken),
    ("gho_", GithubToken),
    ("ghu_", GithubToken),
    ("ghs_", GithubToken),
    ("ghr_", GithubToken),
    ("github_pat_", GithubToken),
    ("vcp_", VercelToken),
    ("postgres://", DatabaseUrl),
    ("postgresql://", DatabaseUrl),
    ("mysql://", DatabaseUrl),
    ("mariadb://", DatabaseUrl),
    ("mongodb://", DatabaseUrl),
    ("mongodb+srv://", DatabaseUrl),
    ("redis://", DatabaseUrl),
    ("rediss://", DatabaseUrl),
    ("whsec_", WebhookSecret),
    ("sk-", ApiKey),
    ("sk_live_", ApiKey),
    ("sk_test_", ApiKey),
    ("rk_live_", ApiKey),
    ("rk_test_", ApiKey),
    ("pplx-", ApiKey),
    ("AIza", ApiKey),
    ("sb_secret_", ApiKey),
    ("sbp_", ApiKey),
];

/// What a name says where the value says nothing.
const NAMES: &[(&str, CredentialType)] = &[
    ("GITHUB_TOKEN", GithubToken),
    ("GH_TOKEN", GithubToken),
    ("VERCEL_TOKEN", VercelToken),
    ("DATABASE_URL", DatabaseUrl),
    ("WEBHOOK_SECRET", WebhookSecret),
    ("CLIENT_SECRET", OauthClient),
    ("API_KEY", ApiKey),
];

/// What a credential of this name and value opens, as far as it can be told; `custom` otherwise.
pub(in crate::vault) fn guess_type(name: &str, value: &str) -> CredentialType {
    let by_value = PREFIXES.iter().find(|(prefix, _)| value.starts_with(prefix));
    let name = name.to_ascii_uppercase();
    let by_name = || NAMES.iter().find(|(ending, _)| name.ends_with(ending));
    by_value.or_else(by_name).map_or(Custom, |(_, kind)| *kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_value_tells_more_than_the_name() {
        for (name, value, kind) in [
            ("X", "ghp_abc", GithubToken),
            ("X", "github_pat_abc", GithubToken),
            ("DATABASE_URL", "postgres://a@b/c", DatabaseUrl),
            ("STRIPE_WEBHOOK_SECRET", "whsec_abc", WebhookSecret),
            ("OPENAI_API_KEY", "sk-abc", ApiKey),
            ("GITHUB_TOKEN", "sk-abc", ApiKey),
            ("github_token", "abc", GithubToken),
            ("VERCEL_TOKEN", "abc", VercelToken),
            ("GOOGLE_CLIENT_SECRET", "abc", OauthClient),
            ("PORT", "8080", Custom),
        ] {
            assert_eq!(guess_type(name, value), kind, "{name}");
        }
    }
}
