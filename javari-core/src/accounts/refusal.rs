//! Why nobody is signed in: one kind of error, with a reason that a program can branch on.

use crate::error::{Error, ErrorKind};

macro_rules! refusals {
    ($($name:ident = $reason:literal, $message:literal;)+) => {
        /// Why a token or key is not accepted. The error never holds any part of it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum Refusal { $($name,)+ }

        impl Refusal {
            /// The stable word of `reason` in the error's context.
            pub(super) const fn reason(self) -> &'static str {
                match self { $(Self::$name => $reason,)+ }
            }

            const fn message(self) -> &'static str {
                match self { $(Self::$name => $message,)+ }
            }
        }
    };
}

refusals! {
    Missing = "missing", "the request carries no token and no key: send `Authorization: Bearer …`";
    Scheme = "scheme", "the `Authorization` header is of another scheme than `Bearer`";
    Ambiguous = "ambiguous", "the request carries several identities: send one";
    Cookie = "cookie", "the session's cookie is not one that @supabase/ssr writes: sign in again";
    CookieIncomplete = "cookie_incomplete", "a part of the session's cookie is missing: sign in again";
    NotConfigured = "not_configured", "no issuer of tokens is configured here: set `identity`";
    TooLarge = "too_large", "the token is longer than any that is accepted";
    Malformed = "malformed", "this is no signed token in the compact form";
    Duplicate = "duplicate_member", "a name stands twice in one object of the token";
    Algorithm = "algorithm", "the token is signed in a way that is not accepted from this key";
    Type = "type", "the token is of a type that signs nobody in";
    Critical = "critical_header", "the token asks for an extension that is not understood";
    KeyInHeader = "key_in_header", "the token brings its own key or the address of one";
    UnknownKey = "unknown_key", "the token is signed with a key that is not the issuer's";
    Signature = "signature", "the signature is not that of the token";
    Issuer = "issuer", "the token is of another issuer";
    Audience = "audience", "the token is meant for somebody else";
    Expired = "expired", "the token has expired: sign in again";
    NotYet = "not_yet_valid", "the token is not valid yet: compare the clocks";
    IssuedLater = "issued_in_future", "the token was issued in the future: compare the clocks";
    Claim = "claim", "a claim is missing or not of its form";
    UnknownSubject = "unknown_subject", "no user here belongs to the token";
    EmailUnverified = "email_unverified", "the token proves no e-mail address, so it can make no user";
    EmailTaken = "email_taken", "the address belongs to a user of another identity: the host has to join them";
    ApiKey = "api_key", "this is no key that is accepted here";
    ApiKeyExpired = "api_key_expired", "the key has expired: make a new one";
}

impl Refusal {
    /// The error of this refusal.
    pub(super) fn error(self) -> Error {
        Error::new(ErrorKind::Unauthorized, "users.authenticate", self.message())
            .with("reason", self.reason())
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        refusal.error()
    }
}

/// A claim that is missing or not of its form.
pub(super) fn wrong_claim(name: &'static str) -> Error {
    Refusal::Claim.error().with("claim", name)
}
