//! Verifies JSON Web Tokens (RFC 7519) as RFC 8725 advises, and nothing else of JOSE.
//!
//! HS256, RS256 and ES256; which of them is for a key is pinned where the key is configured. A token
//! chooses nothing: `kid` is compared with our own keys and used for nothing else, and headers that
//! bring a key or an address are refused. The signature is checked before a claim is read.
//!
//! The form is read by our own strict reader and signatures are checked by `ring`, which rustls
//! brings along. `jsonwebtoken` reads neither duplicate names nor `crit` strictly and would bring a
//! second cryptographic library: aws-lc-rs, or `rsa`, whose RUSTSEC-2023-0071 has no fix.

mod claims;
mod compact;
mod der;
mod json;
mod jwks;
mod key;
mod remote;
#[cfg(test)]
mod tests;
mod verifier;

pub use claims::Claims;
pub(super) use compact::MOST_BYTES;
pub(super) use json::parse as parse_json;
pub use verifier::TokenVerifier;
