//! Whose tokens sign users in.

use std::fmt;

use schemars::JsonSchema;
use serde::Deserialize;
use url::{Host, Url};

use super::settings::read_secret;
use crate::secret::{Secret, shown_address};

/// Whose tokens (JSON Web Tokens, RFC 7519) sign users in, and what becomes of a subject that is not
/// known yet.
///
/// Issuer and audience are required, and at least one of `shared_secret`, `keys` and `jwks_url`.
///
/// ```
/// use javari_core::config::IdentitySettings;
/// let identity = IdentitySettings::supabase("https://abc.supabase.co").unwrap();
/// assert_eq!(identity.issuer, "https://abc.supabase.co/auth/v1");
/// assert_eq!(identity.cookie.as_deref(), Some("sb-abc-auth-token"));
/// ```
#[derive(Clone, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct IdentitySettings {
    /// The `iss` that a token must have, such as `https://abc.supabase.co/auth/v1`.
    pub issuer: String,
    /// The `aud` that a token must have or name, such as `authenticated`.
    pub audience: String,
    /// The secret shared with the issuer (HS256), at least 32 bytes.
    #[serde(deserialize_with = "read_secret")]
    #[schemars(with = "Option<String>")]
    pub shared_secret: Option<Secret>,
    /// The issuer's public keys (RS256, ES256): a JSON Web Key Set or PEM.
    pub keys: Option<String>,
    /// Where the issuer publishes its keys: https, or http on this machine. Not with `keys`.
    pub jwks_url: Option<String>,
    /// The cookie in which @supabase/ssr keeps a session, such as `sb-abc-auth-token`.
    pub cookie: Option<String>,
    /// How many seconds two clocks may differ, at most 300.
    #[schemars(range(max = 300))]
    pub leeway_seconds: u32,
    /// Whether a subject is the id of a user here where it is a UUID, as with Supabase. The issuer
    /// then decides who is which user.
    pub subject_is_user_id: bool,
    /// Whether an unknown subject with a verified e-mail address becomes a user.
    pub make_users: bool,
    /// Whether an unknown subject with a verified e-mail address joins the user of that address,
    /// unless another subject of this issuer did before.
    pub join_by_email: bool,
    /// Whether this issuer signs in nobody whose address it did not verify. Supabase's tokens do not
    /// say of an address whether it is verified: set it where "Confirm email" is switched on. What
    /// stands in `user_metadata` is never believed, for users write it themselves.
    pub issuer_verifies_email: bool,
}

impl Default for IdentitySettings {
    fn default() -> Self {
        Self {
            issuer: String::new(),
            audience: String::new(),
            shared_secret: None,
            keys: None,
            jwks_url: None,
            cookie: None,
            leeway_seconds: 30,
            subject_is_user_id: false,
            make_users: false,
            join_by_email: false,
            issuer_verifies_email: false,
        }
    }
}

impl IdentitySettings {
    /// What holds for a Supabase project at `url`; nothing when that is neither an https address nor
    /// one of this machine.
    pub fn supabase(url: &str) -> Option<Self> {
        let parsed = Url::parse(url.trim()).ok()?;
        let host = parsed.host_str().filter(|_| is_safe(&parsed))?;
        let origin = parsed.origin().ascii_serialization();
        // As supabase-js names it: the first label of the host.
        let project = host.split('.').next().unwrap_or(host);
        Some(Self {
            issuer: format!("{origin}/auth/v1"),
            audience: "authenticated".to_owned(),
            jwks_url: Some(format!("{origin}/auth/v1/.well-known/jwks.json")),
            // An IPv6 address is no part of a cookie's name.
            cookie: (!project.starts_with('[')).then(|| format!("sb-{project}-auth-token")),
            subject_is_user_id: true,
            ..Self::default()
        })
    }
}

/// Whether keys may be fetched from there: over TLS, or from this machine.
pub(crate) fn is_safe(url: &Url) -> bool {
    let is_local = match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => return false,
    };
    let holds_no_password = url.username().is_empty() && url.password().is_none();
    holds_no_password && (url.scheme() == "https" || url.scheme() == "http" && is_local)
}

impl fmt::Debug for IdentitySettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdentitySettings")
            .field("issuer", &shown_address(&self.issuer))
            .field("audience", &self.audience)
            .field("shared_secret", &self.shared_secret)
            // A private key may stand there by mistake.
            .field("keys", &self.keys.as_ref().map(|_| "…"))
            .field("jwks_url", &self.jwks_url.as_deref().map(shown_address))
            .field("cookie", &self.cookie)
            .field("leeway_seconds", &self.leeway_seconds)
            .field("subject_is_user_id", &self.subject_is_user_id)
            .field("make_users", &self.make_users)
            .field("join_by_email", &self.join_by_email)
            .field("issuer_verifies_email", &self.issuer_verifies_email)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Environment, Settings};

    fn identity(url: &str) -> Option<IdentitySettings> {
        let environment = Environment::from_lookup(|name| match name {
            "NEXT_PUBLIC_SUPABASE_URL" => Some(url.to_owned()),
            "SUPABASE_JWT_SECRET" => Some("a secret of more than thirty-two bytes".to_owned()),
            _ => None,
        });
        Settings::for_database(":memory:").completed_by(&environment).identity
    }

    #[test]
    fn the_seeds_environment_names_the_issuer_its_keys_and_its_cookie() {
        let found = identity("https://abcdefgh.supabase.co").unwrap();
        assert_eq!(found.issuer, "https://abcdefgh.supabase.co/auth/v1");
        assert_eq!(found.audience, "authenticated");
        let keys = "https://abcdefgh.supabase.co/auth/v1/.well-known/jwks.json";
        assert_eq!(found.jwks_url.as_deref(), Some(keys));
        assert_eq!(found.cookie.as_deref(), Some("sb-abcdefgh-auth-token"));
        assert!(found.shared_secret.is_some() && found.subject_is_user_id);
        assert!(!found.make_users && !found.join_by_email && !found.issuer_verifies_email);
        let local = identity("http://127.0.0.1:54321/").unwrap();
        assert_eq!(local.issuer, "http://127.0.0.1:54321/auth/v1");
        assert_eq!(local.cookie.as_deref(), Some("sb-127-auth-token"));
        assert!(identity("http://[::1]:54321").unwrap().cookie.is_none());
    }

    #[test]
    fn an_address_that_is_no_supabase_project_names_no_issuer_and_opening_goes_on() {
        for url in ["http://192.168.1.5:54321", "ftp://a.supabase.co", "x", "https://u:p@a.co"] {
            assert!(identity(url).is_none(), "{url}");
        }
    }
}
