//! The examples of RFC 7515, appendix A, and keys in every form.

use ring::{
    rand::SystemRandom,
    rsa::{KeyPairComponents, PublicKeyComponents},
    signature::{RSA_PKCS1_SHA256, RsaKeyPair},
};

use super::{super::compact::Compact, super::key::Key, *};

/// Appendix A.1: HS256. Its header has a line break that a re-encoding would lose.
const A1: &str = concat!(
    "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.",
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.",
    "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
);
const A1_KEY: &str =
    "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
/// Appendix A.2: RS256.
const A2: &str = concat!(
    "eyJhbGciOiJSUzI1NiJ9.",
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.",
    "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5",
    "jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb",
    "1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QO",
    "YEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw"
);
const N: &str = concat!(
    "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4",
    "d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5re",
    "xMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxX",
    "FvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"
);
const D: &str = concat!(
    "Eq5xpGnNCivDflJsRQBXHx1hdR1k6Ulwe2JZD50LpXyWPEAeP88vLNO97IjlA7_GQ5sLKMgvfTeXZx9SE-7YwVol2NXO",
    "oAJe46sui395IW_GO-pWJ1O0BkTGoVEn2bKVRUCgu-GjBVaYLU6f3l9kJfFNS3E0QbVdxzubSu3Mkqzjkn439X0M_V51",
    "gfpRLI9JYanrC4D4qAdGcopV_0ZHHzQlBjudU2QvXt4ehNYTCBr6XCLQUShb1juUO1ZdiYoFaFQT5Tw8bGUl_x_jTj3c",
    "cPDVZFD9pIuhLhBOneufuBiB4cS98l2SR_RQyGWSeWjnczT0QU91p1DhOVRuOopznQ"
);
const P: &str = concat!(
    "4BzEEOtIpmVdVEZNCqS7baC4crd0pqnRH_5IB3jw3bcxGn6QLvnEtfdUdiYrqBdss1l58BQ3KhooKeQTa9AB0Hw_Py5P",
    "JdTJNPY8cQn7ouZ2KKDcmnPGBY5t7yLc1QlQ5xHdwW1VhvKn-nXqhJTBgIPgtldC-KDV5z-y2XDwGUc"
);
const Q: &str = concat!(
    "uQPEfgmVtjL0Uyyx88GZFF1fOunH3-7cepKmtH4pxhtCoHqpWmT8YAmZxaewHgHAjLYsp1ZSe7zFYHj7C6ul7TjeLQeZ",
    "D_YwD66t62wDmpe_HlB-TnBA-njbglfIsRLtXlnDzQkv5dTltRJ11BKBBypeeF6689rjcJIDEz9RWdc"
);
const DP: &str = concat!(
    "BwKfV3Akq5_MFZDFZCnW-wzl-CCo83WoZvnLQwCTeDv8uzluRSnm71I3QCLdhrqE2e9YkxvuxdBfpT_PI7Yz-FOKnu1R",
    "6HsJeDCjn12Sk3vmAktV2zb34MCdy7cpdTh_YVr7tss2u6vneTwrA86rZtu5Mbr1C1XsmvkxHQAdYo0"
);
const DQ: &str = concat!(
    "h_96-mK1R_7glhsum81dZxjTnYynPbZpHziZjeeHcXYsXaaMwkOlODsWa7I9xXDoRwbKgB719rrmI2oKr6N3Do9U0aja",
    "HF-NKJnwgjMd2w9cjz3_-kyNlxAr2v4IKhGNpmM5iIgOS1VZnOZ68m6_pbLBSp3nssTdlqvd0tIiTHU"
);
const QI: &str = concat!(
    "IYd7DHOhrWvxkwPQsRM2tOgrjbcrfvtQJipd-DlcxyVuuM9sQLdgjVk2oy26F0EmpScGLq2MowX7fhd_QJQ3ydy5cY7Y",
    "IBi87w93IKLEdfnbJtoOPLUW0ITrJReOgo1cq9SbsxYawBgfp_gh6A5603k2-ZQwVK0JKSHuLFkuQ3U"
);
/// Appendix A.3: ES256.
const A3: &str = concat!(
    "eyJhbGciOiJFUzI1NiJ9.",
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.",
    "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
);
/// Appendix A.5: a token that nobody signed.
const A5: &str = concat!(
    "eyJhbGciOiJub25lIn0.",
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ."
);

pub(super) fn rsa_jwk() -> Json {
    json!({ "kty": "RSA", "kid": "rsa", "n": N, "e": "AQAB" })
}

/// A token signed with RS256 under the key of appendix A.2.
pub(super) fn rs256(header: &str, claims: &str) -> String {
    let number = |text: &str| compact::decode(text).unwrap();
    let (n, e) = (number(N), number("AQAB"));
    let (d, p, q) = (number(D), number(P), number(Q));
    let (dp, dq, qi) = (number(DP), number(DQ), number(QI));
    let key = RsaKeyPair::from_components(&KeyPairComponents {
        public_key: PublicKeyComponents { n: &n, e: &e },
        d: &d,
        p: &p,
        q: &q,
        dP: &dp,
        dQ: &dq,
        qInv: &qi,
    });
    let key = key.unwrap();
    // A token under any secret has the right first two parts.
    let token = TokenIssuer::sign_with_secret(b"", header, claims);
    let (signed, _) = token.rsplit_once('.').unwrap();
    let mut signature = vec![0; key.public().modulus_len()];
    key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature).unwrap();
    format!("{signed}.{}", encode(&signature))
}

pub(super) fn encode(bytes: &[u8]) -> String {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    URL_SAFE_NO_PAD.encode(bytes)
}

fn ec_jwk() -> Json {
    json!({
        "kty": "EC", "crv": "P-256", "kid": "ec",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    })
}

#[test]
fn the_examples_of_rfc_7515_verify_and_no_changed_bit_of_them_does() {
    let secret = compact::decode(A1_KEY).unwrap();
    let read = |jwk: Json| jwks::read_configured(&jwk.to_string()).unwrap().remove(0);
    let keys = [Key::hmac(&secret).unwrap(), read(rsa_jwk()), read(ec_jwk())];
    for (token, own) in [A1, A2, A3].into_iter().zip(&keys) {
        let parsed = Compact::parse(token).unwrap();
        assert_eq!(parsed.algorithm, own.algorithm());
        assert!(own.verifies(parsed.signed, &parsed.signature), "{token}");
        assert_eq!(parsed.claims().unwrap()["http://example.com/is_root"], true);
        for key in &keys {
            assert_eq!(
                key.verifies(parsed.signed, &parsed.signature),
                std::ptr::eq(key, own),
                "a key accepts what another one signed"
            );
        }
        for bit in 0..parsed.signature.len() * 8 {
            let mut signature = parsed.signature.clone();
            signature[bit / 8] ^= 1 << (bit % 8);
            assert!(!own.verifies(parsed.signed, &signature), "bit {bit} of {token}");
        }
        for length in 0..parsed.signature.len() {
            assert!(!own.verifies(parsed.signed, &parsed.signature[..length]));
        }
        let mut signed = parsed.signed.to_vec();
        for place in 0..signed.len() {
            signed[place] ^= 1;
            assert!(!own.verifies(&signed, &parsed.signature), "byte {place} of {token}");
            signed[place] ^= 1;
        }
    }
    assert_eq!(Compact::parse(A5).err(), Some(super::super::super::refusal::Refusal::Algorithm));
}

#[tokio::test]
async fn each_algorithm_signs_in_under_its_own_key() {
    let issuer = TokenIssuer::new("ours");
    let keys = json!({ "keys": [issuer.jwk(), rsa_jwk(), ec_jwk()] }).to_string();
    let verifier = verifier(&keys);
    let body = claims(json!({}));
    let header = r#"{"alg":"RS256","kid":"rsa","typ":"JWT","x5t":"unknown and harmless"}"#;
    for token in [issuer.token(&body), rs256(header, &body.to_string()), hs256(&body)] {
        let claims = verify(&verifier, &token).await.unwrap();
        assert_eq!((claims.subject.as_str(), claims.issuer.as_str()), ("ann", ISSUER));
        assert_eq!(claims.role.as_deref(), Some("authenticated"));
        assert_eq!(claims.session.as_deref(), Some("s1"));
        assert_eq!(claims.expires_at.as_micros(), (NOW + 3_600) * 1_000_000);
    }
}

#[tokio::test]
async fn keys_in_pem_are_those_of_the_key_set() {
    let pair = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap();
    let body = claims(json!({})).to_string();
    let random = SystemRandom::new();
    let key = ring::signature::EcdsaKeyPair::from_pkcs8(
        &ring::signature::ECDSA_P256_SHA256_FIXED_SIGNING,
        &pair.serialize_der(),
        &random,
    )
    .unwrap();
    let token = TokenIssuer::sign_with_secret(b"", r#"{"alg":"ES256"}"#, &body);
    let (signed, _) = token.rsplit_once('.').unwrap();
    let token =
        format!("{signed}.{}", encode(key.sign(&random, signed.as_bytes()).unwrap().as_ref()));
    let rsa = include_str!("rfc7515_a2.pem");
    let verifier = verifier(&format!("{}\n{rsa}", pair.public_key_pem()));
    verify(&verifier, &token).await.unwrap();
    verify(&verifier, &rs256(r#"{"alg":"RS256"}"#, &body)).await.unwrap();
}
