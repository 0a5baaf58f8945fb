//! What is believed and what is not, of each scheme.

use proptest::prelude::*;

use super::*;
use crate::{
    secret::Secret,
    types::{CredentialId, ScopeLevel},
    vault::{AcceptedValue, CredentialType, CredentialView},
};

/// 2024-01-01T00:00:00Z.
const NOW: i64 = 1_704_067_200;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_micros(seconds * 1_000_000)
}

fn accepted(values: &[&str]) -> Accepted {
    let value = |(number, value): (usize, &&str)| AcceptedValue {
        version: u32::try_from(values.len() - number).unwrap(),
        grace_until: (number > 0).then(|| at(NOW + 60)),
        value: Secret::new(*value),
    };
    Accepted { credential: view(), values: values.iter().enumerate().map(value).collect() }
}

fn view() -> CredentialView {
    CredentialView {
        id: CredentialId(uuid::Uuid::nil()),
        name: "HOOK".to_owned(),
        credential_type: CredentialType::WebhookSecret,
        description: None,
        level: ScopeLevel::User,
        version: 1,
        is_inherited: true,
        allow_override: true,
        expires_at: None,
        hosts: Vec::new(),
        last_used_at: None,
        use_count: 0,
        last_tested_at: None,
        last_test_outcome: None,
        rotation_interval_days: None,
        next_rotation_at: None,
        created_at: at(0),
        updated_at: at(0),
    }
}

fn reason(error: &Error) -> String {
    assert_eq!(error.kind(), ErrorKind::Unauthorized, "{error}");
    error.context().iter().find(|(name, _)| *name == "reason").unwrap().1.to_string()
}

const BODY: &str = "{\"zen\": \"Keep it logically awesome. é漢😀\"}";
const WHSEC: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// Each scheme's secret and a request that its service would send. The signatures were computed with
/// Python's hmac, and GitHub's and Standard Webhooks' are those of their documents.
fn examples() -> Vec<(&'static str, VerifyWebhook)> {
    let time = NOW.to_string();
    vec![
        (
            "It's a Secret to Everybody",
            VerifyWebhook::new("HOOK", WebhookScheme::Github)
                .with_header(
                    "x-hub-signature-256",
                    "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
                )
                .with_header("X-GitHub-Delivery", "72d3162e-cc78-11e3-81ab-4c9367dc0958")
                .with_body("Hello, World!"),
        ),
        (
            WHSEC,
            VerifyWebhook::new("HOOK", WebhookScheme::Standard)
                .with_header("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek")
                .with_header("webhook-timestamp", "1614265330")
                .with_header(
                    "webhook-signature",
                    "v1a,AAAA v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
                )
                .with_body("{\"test\": 2432232314}"),
        ),
        (
            "whsec_stripes are used as they stand",
            VerifyWebhook::new("HOOK", WebhookScheme::Stripe)
                .with_header(
                    "Stripe-Signature",
                    format!("t={time},v1=00ff,v1={STRIPE},v0=none of ours"),
                )
                .with_body(BODY),
        ),
        (
            "8f742231b10e8888abcd99yyyzzz85a5",
            VerifyWebhook::new("HOOK", WebhookScheme::Slack)
                .with_header("X-Slack-Request-Timestamp", &time)
                .with_header("X-Slack-Signature", format!("v0={SLACK}"))
                .with_body(BODY),
        ),
        (
            "vercel's secret",
            VerifyWebhook::new("HOOK", WebhookScheme::Vercel)
                .with_header("x-vercel-signature", VERCEL)
                .with_body(BODY),
        ),
    ]
}

const STRIPE: &str = "131da21ff0d8374d9f30fe4a85b809d61edca6808140bc6354ae17bf391f8b30";
const SLACK: &str = "5b6729a2373a325346d4ad78866d30f0c0b3437837787cc36c25b1eb6fc56094";
const VERCEL: &str = "32b728da8201384b4845874b14dcdae67741fe0c";

fn time_of(request: &VerifyWebhook) -> Timestamp {
    match request.scheme {
        WebhookScheme::Standard => at(1_614_265_330),
        _ => at(NOW),
    }
}

#[test]
fn what_each_service_signs_is_believed_and_told_from_which_version_it_is() {
    for (secret, request) in examples() {
        let now = time_of(&request);
        let found = verify(&request, &accepted(&[secret]), now).unwrap();
        assert_eq!((found.version, found.grace_until), (1, None), "{request:?}");
        // Its sender still has the value before.
        let found = verify(&request, &accepted(&["a new one", secret]), now).unwrap();
        assert_eq!((found.version, found.grace_until), (1, Some(at(NOW + 60))));
        let tells_time = !matches!(request.scheme, WebhookScheme::Github | WebhookScheme::Vercel);
        assert_eq!(found.sent_at, tells_time.then_some(now));
        let mut encoded = request.clone();
        encoded.body_base64 = encoded.body.take().map(|body| STANDARD.encode(body));
        verify(&encoded, &accepted(&[secret]), now).unwrap();
    }
}

#[test]
fn another_secret_body_id_or_time_is_not_believed() {
    for (secret, request) in examples() {
        let now = time_of(&request);
        let refused = |request: &VerifyWebhook, secret: &str| {
            reason(&verify(request, &accepted(&[secret]), now).unwrap_err())
        };
        for other in ["", "another", &secret[1..], &format!("{secret} ")] {
            assert_eq!(refused(&request, other), "signature", "{other}");
        }
        let body = request.body.clone().unwrap();
        for other in
            ["", &body[1..], &format!("{body}\n"), &body.replace('2', "3").replace('e', "f")]
        {
            assert_eq!(refused(&request.clone().with_body(other), secret), "signature");
        }
        if request.scheme == WebhookScheme::Standard {
            let other = request.clone().with_header("webhook-id", "msg_other");
            assert_eq!(refused(&other, secret), "signature");
        }
        assert_eq!(reason(&verify(&request, &accepted(&[]), now).unwrap_err()), "signature");
    }
}

#[test]
fn a_request_is_believed_to_the_second_of_its_tolerance_and_no_longer() {
    for (secret, mut request) in examples() {
        request.tolerance_seconds = 300;
        let sent = time_of(&request);
        let tells_time = !matches!(request.scheme, WebhookScheme::Github | WebhookScheme::Vercel);
        for distance in [-301_i64, -300, 0, 300, 301] {
            let now = Timestamp::from_micros(sent.as_micros() + distance * 1_000_000);
            match verify(&request, &accepted(&[secret]), now) {
                Ok(_) => assert!(distance.abs() <= 300 || !tells_time, "{request:?}"),
                Err(error) => {
                    assert!(distance.abs() == 301 && tells_time);
                    assert_eq!(reason(&error), "time");
                }
            }
        }
    }
}

#[test]
fn headers_that_are_missing_double_or_malformed_are_named_and_their_values_are_not_repeated() {
    for (secret, request) in examples() {
        let now = time_of(&request);
        let refused = |request: &VerifyWebhook| {
            let error = verify(request, &accepted(&[secret]), now).unwrap_err();
            assert!(!format!("{error:?}").contains("canary"), "{error:?}");
            assert_eq!(reason(&error), "header", "{request:?}");
        };
        let names: Vec<String> = request.headers.keys().cloned().collect();
        for name in names.into_iter().filter(|name| name != "X-GitHub-Delivery") {
            let mut without = request.clone();
            let value = without.headers.remove(&name).unwrap();
            refused(&without);
            let double = request.clone().with_header(name.to_ascii_uppercase(), "canary");
            refused(&double);
            for other in
                ["", "canary", "=", ",", "v1,canary", "sha256=canary", "t=canary", "-1", "1e9"]
            {
                // Any text but none is an id.
                if name != "webhook-id" || other.is_empty() {
                    refused(&request.clone().with_header(&name, other));
                }
            }
            if name == "webhook-id" {
                continue;
            }
            let many = vec![value; 40].join(if name == "webhook-signature" { " " } else { "," });
            refused(&request.clone().with_header(&name, many));
        }
    }
}

#[test]
fn an_id_cannot_hold_a_part_of_what_is_signed_after_it() {
    let request = VerifyWebhook::new("HOOK", WebhookScheme::Standard)
        .with_header("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330")
        .with_header("webhook-timestamp", "1614265330")
        .with_header("webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    let error = verify(&request, &accepted(&[WHSEC]), at(1_614_265_330)).unwrap_err();
    assert_eq!(reason(&error), "header");
}

#[test]
fn a_request_that_does_not_fit_names_each_field() {
    let mut request = VerifyWebhook::new("HOOK", WebhookScheme::Github);
    request.tolerance_seconds = 0;
    request.body_base64 = Some("e30=".to_owned());
    request.headers = (0..300).map(|number| (number.to_string(), String::new())).collect();
    let error = verify(&request, &accepted(&[]), at(NOW)).unwrap_err();
    let fields: Vec<String> = error.fields().iter().map(|field| field.path.clone()).collect();
    assert_eq!(fields, ["/body", "/headers", "/tolerance_seconds"]);
}

proptest! {
    #[test]
    fn no_header_makes_the_reader_panic_or_believe(
        scheme in prop::sample::select(vec![
            WebhookScheme::Standard, WebhookScheme::Github, WebhookScheme::Stripe,
            WebhookScheme::Slack, WebhookScheme::Vercel,
        ]),
        values in prop::collection::vec(".{0,40}|t=[0-9]{1,20},v1=[0-9a-f]{0,64}|v1,[A-Za-z0-9+/=]{0,44}", 6),
        body in ".{0,40}",
    ) {
        let names = ["webhook-id", "webhook-timestamp", "webhook-signature", "Stripe-Signature",
            "X-Slack-Signature", "x-vercel-signature"];
        let request = names.iter().zip(values).fold(
            VerifyWebhook::new("HOOK", scheme).with_body(body),
            |request, (name, value)| request.with_header(*name, value),
        );
        prop_assert!(verify(&request, &accepted(&["a secret"]), at(NOW)).is_err());
    }
}
