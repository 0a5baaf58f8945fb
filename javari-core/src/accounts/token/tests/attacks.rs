//! Tokens that somebody made up, bent or found.

use std::time::Duration;

use proptest::prelude::*;

use super::{
    super::super::refusal::Refusal,
    super::compact::Compact,
    vectors::{encode, rs256, rsa_jwk},
    *,
};

/// The two keys that the verifier of most tests believes, and itself.
fn house() -> (TokenIssuer, TokenVerifier) {
    let issuer = TokenIssuer::new("ours");
    let keys = json!({ "keys": [issuer.jwk(), rsa_jwk()] }).to_string();
    (issuer, verifier(&keys))
}

/// The same signed text with another signature.
fn resigned(token: &str, signature: &str) -> String {
    format!("{}.{signature}", token.rsplit_once('.').unwrap().0)
}

#[tokio::test]
async fn a_header_that_chooses_how_it_is_checked_is_refused() {
    let (issuer, verifier) = house();
    let body = claims(json!({})).to_string();
    let table = [
        // Nobody signed it.
        (r#"{"alg":"none"}"#, "algorithm"),
        (r#"{"alg":"None","kid":"ours"}"#, "algorithm"),
        (r#"{"alg":""}"#, "algorithm"),
        (r#"{"typ":"JWT"}"#, "algorithm"),
        (r#"{"alg":["ES256"]}"#, "algorithm"),
        (r#"{"alg":null}"#, "algorithm"),
        (r#"{"alg":"es256","kid":"ours"}"#, "algorithm"),
        // Others, and those of the same key in another way.
        (r#"{"alg":"HS384"}"#, "algorithm"),
        (r#"{"alg":"RS512","kid":"rsa"}"#, "algorithm"),
        (r#"{"alg":"PS256","kid":"rsa"}"#, "algorithm"),
        (r#"{"alg":"ES256K","kid":"ours"}"#, "algorithm"),
        (r#"{"alg":"EdDSA"}"#, "algorithm"),
        // The key of that id is for another algorithm.
        (r#"{"alg":"ES256","kid":"rsa"}"#, "algorithm"),
        (r#"{"alg":"RS256","kid":"ours"}"#, "algorithm"),
        // A key id is a name in our own set and nothing else.
        (r#"{"alg":"ES256","kid":"../../../../dev/null"}"#, "unknown_key"),
        (r#"{"alg":"ES256","kid":"https://evil.example/jwks"}"#, "unknown_key"),
        (r#"{"alg":"ES256","kid":"ours' OR '1'='1"}"#, "unknown_key"),
        (r#"{"alg":"ES256","kid":"OURS"}"#, "unknown_key"),
        (r#"{"alg":"ES256","kid":"ours\u0000"}"#, "unknown_key"),
        (r#"{"alg":"ES256","kid":""}"#, "unknown_key"),
        (r#"{"alg":"ES256","kid":7}"#, "malformed"),
        (r#"{"alg":"ES256","kid":{"a":"ours"}}"#, "malformed"),
        (r#"{"alg":"ES256","kid":null}"#, "malformed"),
        // It brings its own key, or says where one is.
        (r#"{"alg":"ES256","kid":"ours","jku":"https://evil.example/"}"#, "key_in_header"),
        (r#"{"alg":"ES256","kid":"ours","x5u":"https://evil.example/"}"#, "key_in_header"),
        (r#"{"alg":"ES256","kid":"ours","jwk":{"kty":"EC"}}"#, "key_in_header"),
        (r#"{"alg":"ES256","kid":"ours","x5c":["MII"]}"#, "key_in_header"),
        // What must be understood and is not.
        (r#"{"alg":"ES256","kid":"ours","crit":["exp"]}"#, "critical_header"),
        (r#"{"alg":"ES256","kid":"ours","crit":["b64"],"b64":false}"#, "critical_header"),
        (r#"{"alg":"ES256","kid":"ours","crit":[]}"#, "critical_header"),
        (r#"{"alg":"ES256","kid":"ours","crit":null}"#, "critical_header"),
        // Tokens that are for something else.
        (r#"{"alg":"ES256","kid":"ours","typ":"logout+jwt"}"#, "type"),
        (r#"{"alg":"ES256","kid":"ours","typ":"dpop+jwt"}"#, "type"),
        (r#"{"alg":"ES256","kid":"ours","typ":7}"#, "type"),
        (r#"{"alg":"ES256","kid":"ours","cty":"JWT"}"#, "type"),
        (r#"{"alg":"dir","enc":"A256GCM"}"#, "type"),
        (r#"{"alg":"ES256","kid":"ours","zip":"DEF"}"#, "type"),
        // Two headers in one.
        (r#"{"alg":"none","alg":"ES256","kid":"ours"}"#, "duplicate_member"),
        (r#"{"alg":"ES256","kid":"ours","\u006bid":"rsa"}"#, "duplicate_member"),
        (r#"["ES256"]"#, "malformed"),
        (r#""ES256""#, "malformed"),
        (r#"{"alg":"ES256","kid":"ours"} "#, ""),
        (r#"{"alg":"ES256","kid":"ours"}x"#, "malformed"),
        (r#"{"alg":"ES256","kid":"ours","typ":"at+JWT"}"#, ""),
        (r#"{"alg":"ES256"}"#, ""),
    ];
    for (header, expected) in table {
        match verify(&verifier, &issuer.sign(header, &body)).await {
            Ok(_) => assert_eq!(expected, "", "{header} was accepted"),
            Err(error) => assert_eq!(reason(&error), expected, "{header}"),
        }
    }
    let long = format!(r#"{{"alg":"ES256","kid":"{}"}}"#, "k".repeat(257));
    let error = verify(&verifier, &issuer.sign(&long, &body)).await.unwrap_err();
    assert_eq!(reason(&error), "malformed");
}

#[tokio::test]
async fn a_public_key_is_never_taken_for_a_shared_secret() {
    let (issuer, verifier) = house();
    let body = claims(json!({})).to_string();
    let jwks = json!({ "keys": [issuer.jwk(), rsa_jwk()] }).to_string();
    let secrets = [
        jwks.as_bytes(),
        include_bytes!("rfc7515_a2.pem"),
        include_str!("rfc7515_a2.pem").trim_end().as_bytes(),
        b"",
        b"secret",
    ];
    for secret in secrets {
        for header in [r#"{"alg":"HS256"}"#, r#"{"alg":"HS256","kid":"rsa"}"#] {
            let token = TokenIssuer::sign_with_secret(secret, header, &body);
            assert_eq!(reason(&verify(&verifier, &token).await.unwrap_err()), "signature");
            // And where no secret is configured at all there is none to be had.
            let settings = IdentitySettings { keys: Some(jwks.clone()), ..settings() };
            let without = TokenVerifier::new(&settings, http(), HandClock::still()).unwrap();
            assert_eq!(reason(&verify(&without, &token).await.unwrap_err()), "algorithm");
        }
    }
}

#[tokio::test]
async fn a_signature_that_is_gone_cut_swapped_or_of_another_form_is_refused() {
    let (issuer, verifier) = house();
    let body = claims(json!({})).to_string();
    let header = r#"{"alg":"ES256","kid":"ours"}"#;
    let token = issuer.sign(header, &body);
    verify(&verifier, &token).await.unwrap();
    let other = issuer.sign(header, &claims(json!({ "sub": "bob" })).to_string());
    let (other_signed, other_signature) = other.rsplit_once('.').unwrap();
    let (_, signature) = token.rsplit_once('.').unwrap();
    let zeros = encode(&[0; 64]);
    let refused = [
        (resigned(&token, ""), "signature"),
        (resigned(&token, other_signature), "signature"),
        (format!("{other_signed}.{signature}"), "signature"),
        // r = s = 0: CVE-2022-21449.
        (resigned(&token, &zeros), "signature"),
        (resigned(&token, &encode(&[0xff; 64])), "signature"),
        (issuer.sign_in_der(header, &body), "signature"),
        (TokenIssuer::new("ours").sign(header, &body), "signature"),
        (rs256(r#"{"alg":"RS256","kid":"rsa"}"#, &body) + "AAAA", "signature"),
    ];
    for (place, (token, expected)) in refused.iter().enumerate() {
        assert_eq!(reason(&verify(&verifier, token).await.unwrap_err()), *expected, "{place}");
    }
}

#[tokio::test]
async fn a_token_has_one_spelling_alone() {
    let (issuer, verifier) = house();
    let token = issuer.token(&claims(json!({})));
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let (header, body) = signed.split_once('.').unwrap();
    let standard = |text: &str| text.replace('-', "+").replace('_', "/");
    // 64 bytes end in a digit with four bits to spare.
    let (start, last) = signature.split_at(signature.len() - 1);
    let spare = match last {
        "A" => "B",
        "Q" => "R",
        "g" => "h",
        _ => "x",
    };
    let refused = [
        String::new(),
        ".".to_owned(),
        "..".to_owned(),
        "...".to_owned(),
        signed.to_owned(),
        header.to_owned(),
        format!("{token}."),
        format!(".{token}"),
        format!("{token}.{signature}"),
        format!("{header}..{signature}"),
        format!(".{body}.{signature}"),
        format!("{token}="),
        format!("{token}=="),
        format!("{token}\n"),
        format!(" {token}"),
        format!("{header} .{body}.{signature}"),
        format!("{header}.{body}\u{200b}.{signature}"),
        format!("{signed}.{start}{spare}"),
        format!("{signed}.{}+/", &signature[..signature.len() - 2]),
        token.replace('.', "%2E"),
        format!("{{\"payload\":\"{body}\"}}"),
    ];
    for token in refused {
        let error = verify(&verifier, &token).await.unwrap_err();
        // Without claims it is a token of nobody, told by its signature.
        assert!(
            ["malformed", "algorithm", "signature"].contains(&reason(&error)),
            "{token}: {error}"
        );
    }
    if standard(&token) != token {
        assert_eq!(reason(&verify(&verifier, &standard(&token)).await.unwrap_err()), "malformed");
    }
}

#[tokio::test]
async fn issuer_audience_and_times_must_be_those_that_are_configured() {
    let (issuer, verifier) = house();
    let table = [
        (json!({ "iss": null }), "issuer"),
        (json!({ "iss": "https://issuer.example/auth/v1/" }), "issuer"),
        (json!({ "iss": "HTTPS://issuer.example/auth/v1" }), "issuer"),
        (json!({ "iss": [ISSUER] }), "issuer"),
        (json!({ "iss": "supabase" }), "issuer"),
        (json!({ "aud": null }), "audience"),
        (json!({ "aud": "anon" }), "audience"),
        (json!({ "aud": "" }), "audience"),
        (json!({ "aud": [] }), "audience"),
        (json!({ "aud": ["other"] }), "audience"),
        (json!({ "aud": ["authenticated", 7] }), "audience"),
        (json!({ "aud": { "authenticated": true } }), "audience"),
        (json!({ "aud": vec!["authenticated"; 33] }), "audience"),
        (json!({ "aud": ["other", "authenticated"] }), ""),
        (json!({ "exp": null }), "claim"),
        (json!({ "exp": "9999999999" }), "claim"),
        (json!({ "exp": -1 }), "claim"),
        (json!({ "exp": 1e300 }), "claim"),
        (json!({ "exp": 18_446_744_073_709_551_615_u64 }), "claim"),
        (json!({ "exp": [NOW + 60] }), "claim"),
        (json!({ "exp": 0 }), "expired"),
        (json!({ "exp": NOW - 30 }), "expired"),
        (json!({ "exp": NOW - 29 }), ""),
        (json!({ "exp": NOW as f64 - 29.5 }), ""),
        (json!({ "exp": NOW as f64 - 30.5 }), "expired"),
        (json!({ "nbf": NOW + 30 }), ""),
        (json!({ "nbf": NOW + 31 }), "not_yet_valid"),
        (json!({ "nbf": "soon" }), "claim"),
        (json!({ "iat": NOW + 30 }), ""),
        (json!({ "iat": NOW + 31 }), "issued_in_future"),
        (json!({ "iat": true }), "claim"),
        (json!({ "iat": null }), ""),
        (json!({ "sub": null }), "claim"),
        (json!({ "sub": "" }), "claim"),
        (json!({ "sub": 7 }), "claim"),
        (json!({ "sub": "a\u{0}b" }), "claim"),
        (json!({ "sub": "s".repeat(256) }), "claim"),
        (json!({ "role": ["service_role"] }), "claim"),
        (json!({ "email": 7 }), "claim"),
    ];
    for (change, expected) in table {
        for token in [issuer.token(&claims(change.clone())), hs256(&claims(change.clone()))] {
            match verify(&verifier, &token).await {
                Ok(_) => assert_eq!(expected, "", "{change} was accepted"),
                Err(error) => assert_eq!(reason(&error), expected, "{change}"),
            }
        }
    }
    for twice in [r#"{"iss":"x","sub":"ann","sub":"bob"}"#, r#"{"a":{"b":1,"b":2}}"#] {
        let token = issuer.sign(r#"{"alg":"ES256","kid":"ours"}"#, twice);
        assert_eq!(reason(&verify(&verifier, &token).await.unwrap_err()), "duplicate_member");
    }
    let token = issuer.sign(r#"{"alg":"ES256","kid":"ours"}"#, "[1]");
    assert_eq!(reason(&verify(&verifier, &token).await.unwrap_err()), "malformed");
}

#[tokio::test]
async fn supabases_own_keys_sign_nobody_in_although_they_are_signed_with_the_same_secret() {
    let (_, verifier) = house();
    for role in ["anon", "service_role"] {
        // As Supabase makes them: no subject, no audience, another issuer, ten years.
        let key = json!({ "iss": "supabase", "ref": "abc", "role": role, "iat": NOW, "exp": NOW + 315_360_000 });
        assert_eq!(reason(&verify(&verifier, &hs256(&key)).await.unwrap_err()), "issuer");
    }
}

#[tokio::test]
async fn a_token_of_more_than_16_kib_is_not_looked_at() {
    let (_, verifier) = house();
    let with_padding = |length: usize| hs256(&claims(json!({ "pad": "p".repeat(length) })));
    let fits = with_padding(11_800);
    assert!(fits.len() <= MOST_BYTES && fits.len() > MOST_BYTES - 1_000);
    verify(&verifier, &fits).await.unwrap();
    for token in [with_padding(12_600), ".".repeat(1 << 24), "a".repeat(MOST_BYTES + 1)] {
        assert_eq!(reason(&verify(&verifier, &token).await.unwrap_err()), "too_large");
    }
}

#[tokio::test]
async fn a_key_that_is_no_point_of_its_curve_verifies_nothing() {
    let issuer = TokenIssuer::new("ours");
    let mut jwk = issuer.jwk();
    jwk["y"] = jwk["x"].clone();
    let verifier = verifier(&json!({ "keys": [jwk] }).to_string());
    let token = issuer.token(&claims(json!({})));
    assert_eq!(reason(&verify(&verifier, &token).await.unwrap_err()), "signature");
}

#[tokio::test]
async fn a_token_without_a_key_id_is_checked_only_where_one_key_can_be_meant() {
    let (one, two) = (TokenIssuer::new("one"), TokenIssuer::new("two"));
    let both = verifier(&json!({ "keys": [one.jwk(), two.jwk()] }).to_string());
    let body = claims(json!({}));
    let token = one.sign(r#"{"alg":"ES256"}"#, &body.to_string());
    assert_eq!(reason(&verify(&both, &token).await.unwrap_err()), "unknown_key");
    verify(&both, &one.token(&body)).await.unwrap();
    verify(&both, &two.token(&body)).await.unwrap();
    // The key of one id under the name of the other.
    let token = one.sign(r#"{"alg":"ES256","kid":"two"}"#, &body.to_string());
    assert_eq!(reason(&verify(&both, &token).await.unwrap_err()), "signature");
    verify(&verifier(&one.jwks()), &one.sign(r#"{"alg":"ES256"}"#, &body.to_string()))
        .await
        .unwrap();
}

#[tokio::test]
async fn an_address_is_verified_where_the_issuer_says_so_and_never_where_the_user_does() {
    let issuer = TokenIssuer::new("ours");
    let told = |verifies| IdentitySettings {
        keys: Some(issuer.jwks()),
        issuer_verifies_email: verifies,
        ..settings()
    };
    let verifier =
        |verifies| TokenVerifier::new(&told(verifies), http(), HandClock::still()).unwrap();
    let own_word = json!({ "user_metadata": { "email_verified": true } });
    let table = [
        (json!({}), false, false),
        (own_word, false, false),
        (json!({ "email_verified": "true" }), false, false),
        (json!({ "email_verified": 1 }), true, false),
        (json!({ "email_verified": true }), false, true),
        (json!({ "email_verified": false }), true, false),
        (json!({ "email_verified": true, "email": null }), true, false),
        (json!({ "email": "" }), true, false),
        (json!({ "is_anonymous": true }), true, false),
        (json!({ "is_anonymous": false }), true, true),
        (json!({}), true, true),
    ];
    for (change, issuer_verifies, expected) in table {
        let token = issuer.token(&claims(change.clone()));
        let claims = verify(&verifier(issuer_verifies), &token).await.unwrap();
        assert_eq!(claims.email_verified, expected, "{change} {issuer_verifies}");
    }
}

#[tokio::test]
async fn the_leeway_is_the_configured_one_at_both_ends() {
    let issuer = TokenIssuer::new("ours");
    let clock = HandClock::still();
    let settings = IdentitySettings { keys: Some(issuer.jwks()), leeway_seconds: 0, ..settings() };
    let verifier = TokenVerifier::new(&settings, http(), clock.clone()).unwrap();
    let token = issuer.token(&claims(json!({ "exp": NOW + 10, "nbf": NOW })));
    verify(&verifier, &token).await.unwrap();
    clock.forward(Duration::from_micros(9_999_999));
    verify(&verifier, &token).await.unwrap();
    clock.forward(Duration::from_micros(1));
    assert_eq!(reason(&verify(&verifier, &token).await.unwrap_err()), "expired");
}

#[test]
fn every_fault_of_the_settings_is_named_at_once_and_no_value_is() {
    let faulty = IdentitySettings {
        issuer: String::new(),
        audience: String::new(),
        shared_secret: Some(Secret::new("canary")),
        keys: Some("canary".to_owned()),
        jwks_url: Some("http://canary.example/".to_owned()),
        cookie: Some("canary cookie".to_owned()),
        leeway_seconds: 301,
        ..IdentitySettings::default()
    };
    let error = TokenVerifier::new(&faulty, http(), HandClock::still()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    let mut named: Vec<&str> = error.fields().iter().map(|fault| fault.path.as_str()).collect();
    named.sort_unstable();
    named.dedup();
    let all =
        ["audience", "cookie", "issuer", "jwks_url", "keys", "leeway_seconds", "shared_secret"];
    assert_eq!(named, all.map(|name| format!("/identity/{name}")));
    assert!(!format!("{error:?}").contains("canary"), "{error:?}");
    assert!(!format!("{faulty:?}").contains("Some(\"canary\")"), "{faulty:?}");
    let none = TokenVerifier::new(&settings(), http(), HandClock::still()).unwrap_err();
    assert_eq!(none.fields()[0].path, "/identity/shared_secret");
    for url in ["https://u:p@issuer.example/", "ftp://issuer.example/", "http://10.0.0.1/", "x"] {
        let settings = IdentitySettings { jwks_url: Some(url.to_owned()), ..settings() };
        assert!(TokenVerifier::new(&settings, http(), HandClock::still()).is_err(), "{url}");
    }
    for url in
        ["https://issuer.example/", "http://127.0.0.1:9/", "http://localhost/", "http://[::1]/"]
    {
        let settings = IdentitySettings { jwks_url: Some(url.to_owned()), ..settings() };
        assert!(TokenVerifier::new(&settings, http(), HandClock::still()).is_ok(), "{url}");
    }
}

proptest! {
    #[test]
    fn no_text_is_too_strange(text in ".{0,300}") {
        let _ = Compact::parse(&text);
    }

    #[test]
    fn no_header_is_too_strange(header in "\\PC{0,80}", claims in "\\PC{0,80}", signature in "[A-Za-z0-9_-]{0,90}") {
        let token = format!("{}.{}.{signature}", encode(header.as_bytes()), encode(claims.as_bytes()));
        if let Ok(parsed) = Compact::parse(&token) {
            let _ = parsed.claims();
        }
    }

    #[test]
    fn no_values_of_claims_are_too_strange(exp in any::<f64>(), nbf in any::<i64>(), text in ".*") {
        let verifier = verifier(&TokenIssuer::new("ours").jwks());
        let body = claims(json!({ "exp": exp, "nbf": nbf, "role": text }));
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let _ = runtime.block_on(verifier.verify(&Secret::new(hs256(&body))));
    }

    #[test]
    fn a_signed_token_with_any_changed_byte_is_refused(place in 0_usize..400, byte in 0_u8..128) {
        let token = hs256(&claims(json!({})));
        let mut bytes = token.clone().into_bytes();
        let place = place % bytes.len();
        prop_assume!(bytes[place] != byte);
        bytes[place] = byte;
        let changed = String::from_utf8(bytes).unwrap();
        let verifier = verifier(&TokenIssuer::new("ours").jwks());
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        prop_assert!(runtime.block_on(verifier.verify(&Secret::new(changed))).is_err());
    }
}

#[test]
fn every_reason_is_a_word_of_its_own() {
    assert_eq!(Refusal::Expired.reason(), "expired");
    assert_ne!(Refusal::Expired.reason(), Refusal::ApiKeyExpired.reason());
}
