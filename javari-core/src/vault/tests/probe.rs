//! Tests of credentials over the services' real wire: a loopback server answers as they do.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use super::*;
use crate::{
    audit::Outcome,
    http::{Http, HttpConfig},
};

/// A service on a loopback port that gives one answer and keeps what it was asked.
pub(super) struct Wire {
    pub(super) address: String,
    asked: Arc<Mutex<Vec<String>>>,
    server: tokio::task::JoinHandle<()>,
}

impl Wire {
    /// Answers with this status line and headers, and with the body.
    pub(super) async fn answering(head: &str, body: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let (kept, head, body) = (asked.clone(), head.to_owned(), body.to_owned());
        let server = tokio::spawn(async move {
            while let Ok((mut socket, _)) = listener.accept().await {
                let (mut request, mut bytes) = (Vec::new(), [0; 4096]);
                while !request.windows(4).any(|four| four == b"\r\n\r\n") {
                    match socket.read(&mut bytes).await {
                        Ok(read) if read > 0 => request.extend_from_slice(&bytes[..read]),
                        _ => break,
                    }
                }
                let request = String::from_utf8_lossy(&request).into_owned();
                kept.lock().unwrap_or_else(PoisonError::into_inner).push(request);
                if head == "silence" {
                    std::future::pending::<()>().await;
                }
                let length = body.len();
                let reply = format!(
                    "HTTP/1.1 {head}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
                );
                let _ = socket.write_all(reply.as_bytes()).await;
                let _ = socket.shutdown().await;
            }
        });
        Self { address, asked, server }
    }

    pub(super) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.server.abort();
    }
}

pub(super) fn http(allow_private: &[&str]) -> Http {
    let allow_private = allow_private.iter().map(|host| (*host).to_owned()).collect();
    let config = HttpConfig { allow_private, ..HttpConfig::default() };
    Http::new(config, Arc::new(SystemClock)).unwrap()
}

/// The house's vault, in which `service` is asked at `wire`.
fn vault(house: &House, service: Service, wire: &Wire) -> LocalVault {
    // The address of these is the credential's or the request's own.
    let is_fixed = !matches!(service, Service::Http | Service::Postgres);
    let addresses = is_fixed.then(|| (service.name().to_owned(), wire.address.clone()));
    let addresses = addresses.into_iter().collect();
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let probes = Probes::new(&http(&["127.0.0.1"]), &clock, &addresses).unwrap();
    house.vault.clone().with_probes(probes)
}

async fn test(house: &House, service: Service, value: &str, wire: &Wire) -> Result<TestReport> {
    let user = house.ground.user;
    house.vault.put(&user, PutCredential::new("TESTED", Secret::new(value))).await.unwrap();
    let request = TestCredential {
        project_ref: Some("abcdefghijklmnopqrst".into()),
        ..TestCredential::new("TESTED")
    };
    vault(house, service, wire).test(&user, request.at(service)).await
}

use ProbeOutcome::{Expired, InsufficientScope, Invalid, RateLimited, Unreachable, Valid};

/// The services' answers as their documentation and their users' reports show them.
const ANSWERS: &[(Service, &str, &str, &str, ProbeOutcome)] = &[
    (
        Service::Github,
        "ghp_1",
        "200 OK\r\nx-oauth-scopes: repo, read:org",
        r#"{"login":"ann","id":1}"#,
        Valid,
    ),
    (
        Service::Github,
        "ghp_1",
        "401 Unauthorized",
        r#"{"message":"Bad credentials","status":"401"}"#,
        Invalid,
    ),
    (
        Service::Github,
        "ghp_1",
        "403 Forbidden",
        r#"{"message":"Resource not accessible by personal access token"}"#,
        InsufficientScope,
    ),
    (
        Service::Github,
        "ghp_1",
        "403 Forbidden\r\nx-ratelimit-remaining: 0\r\nx-ratelimit-reset: 33000000000",
        r#"{"message":"API rate limit exceeded"}"#,
        RateLimited,
    ),
    (
        Service::Github,
        "ghp_1",
        "403 Forbidden\r\nretry-after: 60",
        r#"{"message":"You have exceeded a secondary rate limit."}"#,
        RateLimited,
    ),
    (Service::Github, "ghp_1", "302 Found\r\nlocation: http://127.0.0.1:9/", "", Unreachable),
    (Service::Github, "ghp_1", "503 Service Unavailable", "<html>", Unreachable),
    (Service::Vercel, "tok", "200 OK", r#"{"user":{"username":"ann"}}"#, Valid),
    (
        Service::Vercel,
        "tok",
        "403 Forbidden",
        r#"{"error":{"code":"forbidden","message":"Not authorized","invalidToken":true}}"#,
        Invalid,
    ),
    (
        Service::Vercel,
        "tok",
        "403 Forbidden",
        r#"{"error":{"code":"forbidden","message":"Not authorized"}}"#,
        InsufficientScope,
    ),
    (
        Service::Openai,
        "sk-x",
        "200 OK\r\nopenai-organization: org-ann",
        r#"{"object":"list","data":[]}"#,
        Valid,
    ),
    (
        Service::Openai,
        "sk-x",
        "401 Unauthorized",
        r#"{"error":{"message":"Incorrect API key provided: sk-x.","code":"invalid_api_key"}}"#,
        Invalid,
    ),
    (
        Service::Openai,
        "sk-x",
        "401 Unauthorized",
        r#"{"error":{"message":"You have insufficient permissions for this operation. Missing scopes: api.model.read."}}"#,
        InsufficientScope,
    ),
    (
        Service::Openai,
        "sk-x",
        "429 Too Many Requests\r\nretry-after-ms: 1500",
        r#"{"error":{"code":"rate_limit_exceeded"}}"#,
        RateLimited,
    ),
    (Service::Anthropic, "sk-ant-1", "200 OK", r#"{"data":[]}"#, Valid),
    (
        Service::Anthropic,
        "sk-ant-1",
        "401 Unauthorized",
        r#"{"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key"}}"#,
        Invalid,
    ),
    (
        Service::Anthropic,
        "sk-ant-1",
        "403 Forbidden",
        r#"{"type":"error","error":{"type":"permission_error"}}"#,
        InsufficientScope,
    ),
    (
        Service::Anthropic,
        "sk-ant-1",
        "529 Overloaded",
        r#"{"type":"error","error":{"type":"overloaded_error"}}"#,
        Unreachable,
    ),
    (Service::Google, "AIza1", "200 OK", r#"{"models":[]}"#, Valid),
    (
        Service::Google,
        "AIza1",
        "400 Bad Request",
        r#"{"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT","details":[{"reason":"API_KEY_INVALID","domain":"googleapis.com"}]}}"#,
        Invalid,
    ),
    (
        Service::Google,
        "AIza1",
        "400 Bad Request",
        r#"{"error":{"code":400,"message":"API key expired. Please renew the API key.","status":"INVALID_ARGUMENT","details":[{"reason":"API_KEY_INVALID"}]}}"#,
        Expired,
    ),
    (
        Service::Google,
        "AIza1",
        "403 Forbidden",
        r#"{"error":{"status":"PERMISSION_DENIED"}}"#,
        InsufficientScope,
    ),
    (Service::Perplexity, "pplx-1", "200 OK", r#"{"requests":[]}"#, Valid),
    (Service::Perplexity, "pplx-1", "401 Unauthorized", "<html>", Invalid),
    (Service::Stripe, "sk_test_1", "200 OK", r#"{"id":"acct_1","object":"account"}"#, Valid),
    (
        Service::Stripe,
        "sk_test_1",
        "401 Unauthorized",
        r#"{"error":{"message":"Invalid API Key provided: sk_test_1","type":"invalid_request_error"}}"#,
        Invalid,
    ),
    (
        Service::Stripe,
        "sk_test_1",
        "401 Unauthorized",
        r#"{"error":{"code":"api_key_expired"}}"#,
        Expired,
    ),
    (
        Service::Stripe,
        "rk_test_1",
        "403 Forbidden",
        r#"{"error":{"type":"invalid_request_error"}}"#,
        InsufficientScope,
    ),
    (Service::Supabase, "sb_secret_1", "200 OK", r#"{"external":{}}"#, Valid),
    (
        Service::Supabase,
        "sb_secret_1",
        "401 Unauthorized",
        r#"{"message":"Invalid API key"}"#,
        Invalid,
    ),
    (
        Service::SlackWebhook,
        "https://hooks.slack.com/services/T/B/x",
        "400 Bad Request",
        "no_text",
        Valid,
    ),
    (
        Service::SlackWebhook,
        "https://hooks.slack.com/services/T/B/x",
        "400 Bad Request",
        "invalid_payload",
        Valid,
    ),
    (
        Service::SlackWebhook,
        "https://hooks.slack.com/services/T/B/x",
        "404 Not Found",
        "no_service",
        Invalid,
    ),
    (
        Service::SlackWebhook,
        "https://hooks.slack.com/services/T/B/x",
        "403 Forbidden",
        "invalid_token",
        Invalid,
    ),
    (
        Service::SlackWebhook,
        "https://hooks.slack.com/services/T/B/x",
        "403 Forbidden",
        "action_prohibited",
        InsufficientScope,
    ),
];

#[tokio::test]
async fn every_answer_of_a_service_is_told_kept_and_audited_without_its_body() {
    let house = house().await;
    let user = house.ground.user;
    for (service, value, head, body, outcome) in ANSWERS {
        let told = format!("{service:?} {head} {body}");
        let wire = Wire::answering(head, body).await;
        let report = test(&house, *service, value, &wire).await.unwrap();
        assert_eq!(report.outcome, *outcome, "{told}: {report:?}");
        assert_eq!(report.service, *service);
        // A redirect is not followed, and nobody is asked twice.
        assert_eq!(wire.asked().len(), 1, "{told}");
        let kept = house.vault.get(&user, "TESTED").await.unwrap();
        assert_eq!(kept.last_test_outcome, Some(*outcome), "{told}");
        assert_eq!(kept.last_tested_at, Some(report.tested_at), "{told}");
        let entry = house.audit.list(&user, &PageRequest::default()).await.unwrap().items.remove(0);
        assert_eq!(
            (entry.action.as_str(), &entry.details["outcome"]),
            ("vault.test", &outcome.name().into())
        );
        assert_eq!(entry.outcome == Outcome::Success, *outcome == Valid);
        let shown = format!("{report:?}{entry:?}");
        assert!(!shown.contains(value) && (body.is_empty() || !shown.contains(body)), "{shown}");
    }
}

#[tokio::test]
async fn what_a_service_tells_of_account_scopes_and_waiting_is_passed_on() {
    let house = house().await;
    let head = "200 OK\r\nx-oauth-scopes: repo, read:org\r\n\
                github-authentication-token-expiration: 2030-01-02 03:04:05 UTC";
    let wire = Wire::answering(head, r#"{"login":"ann"}"#).await;
    let report = test(&house, Service::Github, "ghp_1", &wire).await.unwrap();
    assert_eq!(
        (report.account.as_deref(), report.scopes),
        (Some("ann"), vec!["repo".into(), "read:org".into()])
    );
    assert_eq!(report.expires_at, Some("2030-01-02T03:04:05Z".parse().unwrap()));
    assert!(wire.asked()[0].starts_with("GET /user HTTP/1.1"));
    let wire = Wire::answering("429 Too Many\r\nretry-after: 7", "").await;
    let report = test(&house, Service::Anthropic, "sk-ant-1", &wire).await.unwrap();
    assert_eq!(report.retry_after_seconds, Some(7));
    assert!(wire.asked()[0].contains("x-api-key: sk-ant-1"));
    // A service that repeats the key as the account's name.
    let wire = Wire::answering("200 OK\r\nx-oauth-scopes: ghp_1", r#"{"login":"ghp_1"}"#).await;
    let report = test(&house, Service::Github, "ghp_1", &wire).await.unwrap();
    assert!(report.account.is_none() && report.scopes.is_empty());
}

#[tokio::test]
async fn a_new_value_has_not_been_tested() {
    let house = house().await;
    let user = house.ground.user;
    let wire = Wire::answering("200 OK", "{}").await;
    test(&house, Service::Vercel, "one", &wire).await.unwrap();
    let turn = RotateCredential::new("TESTED", Secret::new("two"));
    assert_eq!(house.vault.rotate(&user, turn).await.unwrap().credential.last_test_outcome, None);
    assert_eq!(house.vault.get(&user, "TESTED").await.unwrap().last_tested_at, None);
}

#[tokio::test]
async fn a_slack_webhook_is_asked_with_what_is_no_message() {
    let house = house().await;
    let wire = Wire::answering("400 Bad Request", "no_text").await;
    let value = "https://hooks.slack.com/services/T/B/x";
    test(&house, Service::SlackWebhook, value, &wire).await.unwrap();
    let asked = wire.asked().remove(0);
    assert!(asked.starts_with("POST /services/T/B/x HTTP/1.1"), "{asked}");
    assert!(asked.contains("content-length: 2\r\n"), "{asked}");
    for other in [
        "https://hooks.slack.com/triggers/T/1/x",
        "https://hooks.slack.com.evil.example/services/T/B/x",
        "https://hooks.slack.com:8443/services/T/B/x",
        "https://a:b@hooks.slack.com/services/T/B/x",
        "http://hooks.slack.com/services/T/B/x",
    ] {
        let error = test(&house, Service::SlackWebhook, other, &wire).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{other}");
        assert!(!format!("{error:?}").contains("T/B/x"), "{error:?}");
    }
    assert_eq!(wire.asked().len(), 1);
}

#[tokio::test]
async fn a_credential_goes_to_its_own_service_alone() {
    let house = house().await;
    let user = house.ground.user;
    let wire = Wire::answering("200 OK", "{}").await;
    for (value, service) in [
        ("ghp_canary", Service::Vercel),
        ("sk-ant-canary", Service::Openai),
        ("sk_live_canary", Service::Http),
        ("github_pat_canary", Service::Http),
        ("AIzacanary", Service::Perplexity),
    ] {
        let error = test(&house, service, value, &wire).await.err().unwrap();
        assert_eq!(error.fields()[0].path, "/service", "{value}: {error}");
        assert!(!format!("{error:?}").contains("canary"));
    }
    // Others begin their keys with `sk-` too.
    house.vault.put(&user, PutCredential::new("DEEP", Secret::new("sk-1"))).await.unwrap();
    let vault = vault(&house, Service::Openai, &wire);
    let error = vault.test(&user, TestCredential::new("DEEP")).await.unwrap_err();
    assert_eq!(error.fields()[0].path, "/service");
    assert_eq!(wire.asked().len(), 0);
    house
        .vault
        .put(&user, PutCredential::new("OPENAI_API_KEY", Secret::new("sk-1")))
        .await
        .unwrap();
    let report = vault.test(&user, TestCredential::new("OPENAI_API_KEY")).await.unwrap();
    assert_eq!((report.service, report.outcome), (Service::Openai, Valid));
    assert!(wire.asked()[0].contains("authorization: Bearer sk-1"));
    let error = vault.test(&house.ground.stranger, TestCredential::new("DEEP")).await;
    assert_eq!(error.unwrap_err().kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn an_address_of_a_users_own_is_judged_and_written_down_before_anything_is_sent() {
    let house = house().await;
    let user = house.ground.user;
    house.vault.put(&user, PutCredential::new("OWN", Secret::new("canary"))).await.unwrap();
    let wire = Wire::answering("204 No Content", "").await;
    let vault = vault(&house, Service::Github, &wire);
    let ask = |url: &str, header: Option<&str>| TestCredential {
        url: Some(url.to_owned()),
        header: header.map(str::to_owned),
        ..TestCredential::new("OWN").at(Service::Http)
    };
    for (url, kind) in [
        ("https://10.0.0.1/", ErrorKind::AddressRefused),
        ("https://169.254.169.254/latest", ErrorKind::AddressRefused),
        ("https://localhost/", ErrorKind::AddressRefused),
        ("http://example.com/", ErrorKind::InvalidInput),
        ("no address", ErrorKind::InvalidInput),
    ] {
        let error = vault.test(&user, ask(url, None)).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{url}");
    }
    for header in ["host", "Content-Length", "a b", "x\r\ny", ""] {
        let error = vault.test(&user, ask(&wire.address, Some(header))).await;
        assert_eq!(error.unwrap_err().fields()[0].path, "/header", "{header}");
    }
    let entries = house.audit.list(&user, &PageRequest::default()).await.unwrap().items;
    assert!(entries.iter().any(|entry| entry.details["host"] == "10.0.0.1"));
    // A host that the operator opened by its name and port.
    let opened = wire.address.trim_start_matches("http://");
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let probes = Probes::new(&http(&[opened]), &clock, &BTreeMap::new()).unwrap();
    let vault = house.vault.clone().with_probes(probes);
    let report = vault.test(&user, ask(&wire.address, Some("X-Own-Key"))).await.unwrap();
    assert_eq!(report.outcome, Valid);
    assert!(wire.asked()[0].contains("x-own-key: canary"), "{:?}", wire.asked());
}

#[tokio::test]
async fn a_service_that_is_not_there_or_does_not_answer_is_an_outcome() {
    let house = house().await;
    let wire = Wire::answering("200 OK", "{}").await;
    wire.server.abort();
    // Waits until nobody listens there.
    while tokio::net::TcpStream::connect(wire.address.trim_start_matches("http://")).await.is_ok() {
        tokio::task::yield_now().await;
    }
    let report = test(&house, Service::Vercel, "x", &wire).await.unwrap();
    assert_eq!(report.outcome, Unreachable);
    let wire = Wire::answering("200 OK", "{}").await;
    let report = test(&house, Service::Vercel, "x\ny", &wire).await.unwrap();
    assert_eq!((report.outcome, wire.asked().len()), (Invalid, 0));
}

/// A probe that never answers.
struct Silent;

#[async_trait]
impl CredentialProbe for Silent {
    async fn probe(&self, _: &Secret, _: &ProbeQuestion) -> Result<ProbeAnswer> {
        std::future::pending().await
    }
}

#[tokio::test]
async fn a_probe_that_does_not_answer_in_time_is_given_up() {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let probes = Probes::new(&http(&[]), &clock, &BTreeMap::new()).unwrap();
    let probes =
        probes.with(Service::Github, Arc::new(Silent)).with_limit(Duration::from_millis(20));
    let question = ProbeQuestion::default();
    let answer = probes.ask(Service::Github, &Secret::new("x"), &question).await.unwrap();
    assert_eq!(answer.outcome, Unreachable);
}

#[tokio::test]
async fn a_database_is_asked_only_where_a_user_may_steer_connections_to() {
    let house = house().await;
    let user = house.ground.user;
    let wire = Wire::answering("200 OK", "").await;
    let put = |name: &'static str, value: String| {
        house.vault.put(&user, PutCredential::new(name, Secret::new(value)))
    };
    let port = wire.address.rsplit(':').next().unwrap();
    put("INSIDE", format!("postgres://ann:canary@10.0.0.1:{port}/d")).await.unwrap();
    put("NONE", "postgres://h/d".to_owned()).await.unwrap();
    put("HERE", format!("postgres://ann:canary@127.0.0.1:{port}/d?host=10.0.0.1")).await.unwrap();
    let vault = vault(&house, Service::Github, &wire);
    let kind = async |name: &str| {
        vault.test(&user, TestCredential::new(name)).await.map(|report| report.outcome)
    };
    assert_eq!(kind("INSIDE").await.unwrap_err().kind(), ErrorKind::AddressRefused);
    assert_eq!(kind("NONE").await.unwrap_err().kind(), ErrorKind::InvalidInput);
    // Nobody listens there.
    wire.server.abort();
    assert_eq!(kind("HERE").await.unwrap(), Unreachable);
}

#[tokio::test]
async fn a_postgresql_server_says_whether_the_password_fits() {
    let address = scratch().await;
    if !address.starts_with("postgres://") {
        return;
    }
    let house = house().await;
    let user = house.ground.user;
    let probes = |allow: &[&str]| {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        house
            .vault
            .clone()
            .with_probes(Probes::new(&http(allow), &clock, &BTreeMap::new()).unwrap())
    };
    let (server, options) = address.split_once('?').unwrap_or((&address, ""));
    let missing = format!("{server}_not_there?{options}");
    for (value, outcome) in [(address, Valid), (missing, Invalid)] {
        house.vault.put(&user, PutCredential::new("DB", Secret::new(value))).await.unwrap();
        let report = probes(&["127.0.0.1"]).test(&user, TestCredential::new("DB")).await.unwrap();
        assert_eq!(report.outcome, outcome, "{report:?}");
        let error = probes(&[]).test(&user, TestCredential::new("DB")).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::AddressRefused);
    }
}

#[test]
fn an_address_for_a_service_that_has_none_or_that_is_none_is_a_configuration_error() {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    for (name, address) in [
        ("http", "https://x"),
        ("postgres", "https://x"),
        ("nobody", "https://x"),
        ("github", "ftp://x"),
        ("github", "https://canary@x"),
    ] {
        let addresses = BTreeMap::from([(name.to_owned(), address.to_owned())]);
        let error = Probes::new(&http(&[]), &clock, &addresses).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Configuration, "{name}");
        assert!(!format!("{error:?}").contains("canary"));
    }
}
