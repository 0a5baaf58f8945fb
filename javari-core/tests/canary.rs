//! Planted secrets, looked for in every place where one must not be: logs of every level, errors in
//! every form, panics, the audit trail and the bytes of the database's files.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{
    fmt::{self, Write},
    fs, panic,
    path::Path,
    sync::{Mutex, MutexGuard, Once, PoisonError},
};

use bytes::Bytes;
use javari_core::{
    Error, Javari,
    api::{Operation, catalog, respond},
    client::Builder,
    config::Settings,
    host::Host,
    provider::ProviderConfig,
    testkit::{ProviderServer, Reply, TokenIssuer},
    types::ScopeKey,
};
use serde_json::{Map, Value as Json, json};
use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span,
};

/// Every log line of every library at every level, and every panic's words.
static LOG: Mutex<String> = Mutex::new(String::new());
static PANICS: Mutex<String> = Mutex::new(String::new());

fn lock(text: &Mutex<String>) -> MutexGuard<'_, String> {
    text.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Lines;

struct Values;

impl Visit for Values {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let _ = write!(lock(&LOG), " {}={value:?}", field.name());
    }
}

impl Subscriber for Lines {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, attributes: &span::Attributes<'_>) -> span::Id {
        lock(&LOG).push_str(attributes.metadata().name());
        attributes.record(&mut Values);
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, values: &span::Record<'_>) {
        values.record(&mut Values);
    }

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &Event<'_>) {
        let _ = write!(lock(&LOG), "\n{}", event.metadata().target());
        event.record(&mut Values);
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

impl log::Log for Lines {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        let line = format!("\n{} {}", record.target(), record.args());
        lock(&LOG).push_str(&line);
    }

    fn flush(&self) {}
}

/// Listens to everything from here on.
fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        tracing::subscriber::set_global_default(Lines).unwrap();
        log::set_logger(&Lines).unwrap();
        log::set_max_level(log::LevelFilter::Trace);
        let usual = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            lock(&PANICS).push_str(&info.to_string());
            usual(info);
        }));
        tracing::trace!(heard = "a trace");
        log::trace!("heard a log");
        let heard = lock(&LOG).clone();
        assert!(heard.contains("a trace") && heard.contains("heard a log"), "{heard}");
    });
}

fn require_unlogged(canary: &str) {
    let log = lock(&LOG).clone();
    let line = log.lines().find(|line| line.contains(canary));
    assert!(line.is_none(), "logged: {line:?}");
    assert!(!lock(&PANICS).contains(canary), "a panic told it");
}

/// That no form of an error holds the canary.
fn require_silent(error: &Error, canary: &str, told: &str) {
    let leaks = leaks_of(error, canary);
    assert!(leaks.is_empty(), "{told}: {leaks:?}");
}

/// The forms of an error that hold the canary.
fn leaks_of(error: &Error, canary: &str) -> Vec<String> {
    let fields = serde_json::to_string(error.fields()).unwrap();
    let forms = [error.to_string(), format!("{error:?}"), fields, format!("{:?}", error.context())];
    forms.into_iter().filter(|form| form.contains(canary)).collect()
}

async fn open(settings: Json) -> (Host, Json) {
    listen();
    let host = Host::open(settings).await.unwrap();
    let made = host.call("users.ensure".into(), Json::Null, json!({ "email": "ann@x" }), vec![]);
    let scope = json!({ "user": made.await.unwrap()["id"] });
    (host, scope)
}

/// Runs an operation to its end, whether it answers once or with events.
async fn run(host: &Host, operation: &Operation, scope: &Json, request: Json) -> Result<(), Error> {
    let (name, scope) = (operation.name.to_owned(), scope.clone());
    if !operation.streams() {
        return host.call(name, scope, request, vec![]).await.map(drop);
    }
    let events = host.stream(name, scope, request, vec![]).await?;
    while events.next().await?.is_some() {}
    Ok(())
}

/// Requests that hold the canary where it does not belong.
fn misplaced(operation: &Operation, canary: &str) -> Vec<Json> {
    let schema = operation.request.schema.as_value();
    let required = schema["required"].as_array().cloned().unwrap_or_default();
    let base: Map<String, Json> =
        required.iter().map(|name| (name.as_str().unwrap().to_owned(), json!("x"))).collect();
    let empty = Map::new();
    let fields = schema["properties"].as_object().unwrap_or(&empty);
    let mut requests =
        vec![json!(canary), json!([canary]), json!({ "extra": canary }), json!({ canary: 1 })];
    for (field, shape) in fields {
        let mut forms =
            vec![json!(canary), json!([canary]), json!({ canary: canary }), json!([[canary]])];
        // What lies in the field, each part of it a canary.
        if let Some(parts) = parts_of(schema, shape) {
            let whole: Map<String, Json> =
                parts.iter().map(|part| (part.clone(), json!(canary))).collect();
            forms.push(Json::Object(whole.clone()));
            forms.push(json!([whole]));
        }
        for form in forms {
            for mut request in [Map::new(), base.clone()] {
                request.insert(field.clone(), form.clone());
                requests.push(Json::Object(request.clone()));
                request.insert("extra".to_owned(), json!(canary));
                requests.push(Json::Object(request));
            }
        }
    }
    requests
}

/// The names of the parts of a field that is an object or a list of objects.
fn parts_of(schema: &Json, shape: &Json) -> Option<Vec<String>> {
    let mut open = vec![shape];
    let mut names = Vec::new();
    while let Some(shape) = open.pop() {
        if let Some(target) = shape["$ref"].as_str() {
            open.push(schema.pointer(target.trim_start_matches('#'))?);
        }
        for several in ["anyOf", "oneOf", "allOf"] {
            open.extend(shape[several].as_array().into_iter().flatten());
        }
        open.extend(shape.get("items"));
        names.extend(
            shape["properties"].as_object().into_iter().flatten().map(|(name, _)| name.clone()),
        );
    }
    (!names.is_empty()).then_some(names)
}

/// The bytes of every file of the folder.
fn bytes_of(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    files.map(|path| (path.display().to_string(), fs::read(path).unwrap())).collect()
}

fn require_not_in_files(folder: &Path, canaries: &[String]) {
    let files = bytes_of(folder);
    assert!(files.iter().any(|(name, bytes)| name.ends_with(".db-wal") && !bytes.is_empty()));
    for (name, bytes) in files {
        let text = String::from_utf8_lossy(&bytes);
        for canary in canaries {
            assert!(!text.contains(canary.as_str()), "{canary} is in {name}");
        }
    }
}

async fn require_not_in_trail(host: &Host, scope: &Json, canaries: &[String]) {
    let trail = host.call("audit.list".into(), scope.clone(), json!({ "limit": 500 }), vec![]);
    let trail = trail.await.unwrap().to_string();
    assert!(trail.contains("action"), "{trail}");
    for canary in canaries {
        assert!(!trail.contains(canary.as_str()), "{canary} is in the audit trail: {trail}");
    }
}

#[tokio::test]
async fn no_operation_repeats_a_secret_that_stands_in_a_wrong_field() {
    let folder = tempfile::tempdir().unwrap();
    // What takes a name for a file makes it here.
    let elsewhere = tempfile::tempdir().unwrap();
    std::env::set_current_dir(elsewhere.path()).unwrap();
    let database = folder.path().join("a.db").display().to_string();
    let (host, scope) = open(json!({ "database": database, "environment": false })).await;
    let key: ScopeKey = serde_json::from_value(scope.clone()).unwrap();
    let (mut refused, mut leaks) = (Vec::new(), Vec::new());
    for operation in catalog() {
        let mut count = 0;
        loop {
            let canary = format!("sk-canary-{}-{count:04}-x", operation.name);
            let Some(request) = misplaced(operation, &canary).into_iter().nth(count) else { break };
            count += 1;
            let told = format!("{} {request}", operation.name);
            // What is a name or a text like any other may be kept; a refusal may repeat nothing.
            let Err(error) = run(&host, operation, &scope, request.clone()).await else { continue };
            leaks.extend(leaks_of(&error, &canary).pop().map(|leak| format!("{told}: {leak}")));
            if !operation.streams() {
                let (_, answer) = respond(host.javari(), operation.name, key, request).await;
                if answer["error"].to_string().contains(&canary) {
                    leaks.push(format!("{told}: {answer}"));
                }
            }
            refused.push(canary);
        }
    }
    assert!(leaks.is_empty(), "{} leaks: {}", leaks.len(), leaks.join("\n"));
    assert!(refused.len() > 500, "only {} requests were refused", refused.len());
    for canary in ["sk-canary-name-1", "SK_CANARY_4716"] {
        let call = host.call(canary.to_owned(), scope.clone(), json!({}), vec![]);
        require_silent(&call.await.unwrap_err(), canary, "as an operation");
        let call = host.call("vault.list".into(), json!({ "user": canary }), json!({}), vec![]);
        require_silent(&call.await.unwrap_err(), canary, "as a user");
        let call = host.call("vault.list".into(), json!({ canary: canary }), json!({}), vec![]);
        require_silent(&call.await.unwrap_err(), canary, "as a scope");
        refused.push(canary.to_owned());
    }
    let log = lock(&LOG).clone();
    for canary in &refused {
        assert!(!log.contains(canary.as_str()), "{canary} was logged");
    }
    require_not_in_trail(&host, &scope, &refused).await;
    require_not_in_files(folder.path(), &refused);
    assert_eq!(*lock(&PANICS), "", "something panicked");
}

#[tokio::test]
async fn a_sealed_value_and_a_key_in_use_stand_nowhere_in_clear() {
    const VALUE: &str = "sk-canary-vault-value-4711";
    const NEXT: &str = "sk-canary-next-value-4713";
    const KEY: &str = "sk-canary-api-key-4712";
    let server = ProviderServer::start().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("a.db").display().to_string();
    let (host, scope) = open(json!({
        "database": database, "environment": false, "openai": { "base_url": server.base_url() },
    }))
    .await;
    let call =
        |name: &str, request: Json| host.call(name.to_owned(), scope.clone(), request, vec![]);
    for (name, value) in [("OTHER", VALUE), ("OTHER", VALUE), ("OPENAI_API_KEY", KEY)] {
        call("vault.put", json!({ "name": name, "value": value })).await.unwrap();
    }
    for name in ["vault.get", "vault.resolve"] {
        let shown = call(name, json!({ "name": "OTHER" })).await.unwrap().to_string();
        assert!(!shown.contains(VALUE), "{shown}");
    }
    let revealed = call("vault.reveal", json!({ "name": "OTHER" })).await.unwrap();
    assert_eq!(revealed["value"], VALUE);
    let turn = json!({ "name": "OTHER", "value": NEXT, "grace_seconds": 60 });
    let accepted = json!({ "name": "OTHER" });
    for (name, request) in [("vault.rotate", &turn), ("vault.versions", &accepted)] {
        let shown = call(name, request.clone()).await.unwrap().to_string();
        assert!(!shown.contains(VALUE) && !shown.contains(NEXT), "{shown}");
    }
    let error = call("vault.rotate", turn).await.unwrap_err();
    require_silent(&error, NEXT, "a value that is active already");
    assert_eq!(call("vault.accepted", accepted).await.unwrap()["values"][1]["value"], VALUE);
    let question = json!({ "messages": [{ "role": "user", "content": "Hello?" }] });
    call("provider.complete", question.clone()).await.unwrap();
    let last = server.requests().pop().unwrap();
    assert_eq!(last.header("authorization").unwrap(), format!("Bearer {KEY}"), "the key was used");
    // A server that repeats the key in every way it can.
    let echo = format!("Incorrect API key provided: {KEY}.");
    let raw = |kind: &str, text: String| Reply::raw(kind, vec![Bytes::from(text)]);
    let event = |text: String| Reply::raw_stream(vec![Bytes::from(format!("data: {text}\n\n"))]);
    for reply in [
        Reply::error(401, "invalid_api_key", &echo),
        Reply::error(401, KEY, KEY),
        Reply::error(500, "server_error", &echo),
        Reply::error(429, "rate_limit_exceeded", &echo).with_header("retry-after", KEY),
        Reply::error(400, "x", &echo).with_header("x-request-id", KEY),
        raw("text/html", echo.clone()),
        raw("application/json", format!("{{\"choices\":\"{KEY}\"}}")),
        raw(
            "application/json",
            format!("{{\"error\":{{\"param\":\"{KEY}\",\"type\":\"{KEY}\"}}}}"),
        ),
        raw("application/json", format!("{{\"{KEY}\":")),
        event(format!("{{\"choices\":[{{\"delta\":{{\"content\":[\"{KEY}\"]}}}}]}}")),
        event(format!("{{\"choices\":\"{KEY}\"}}")),
        event(format!("{{\"error\":\"{KEY}\"}}")),
        event(KEY.to_owned()),
        Reply::text(&["Hello"]).then_error(json!({ "message": echo, "code": KEY })),
        Reply::error(302, "moved", "x").with_header("location", &format!("http://{KEY}/{KEY}")),
    ] {
        server.push(reply);
        let error = call("provider.complete", question.clone()).await.unwrap_err();
        require_silent(&error, KEY, "a server's words");
    }
    let canaries = [VALUE.to_owned(), NEXT.to_owned(), KEY.to_owned()];
    canaries.iter().for_each(|canary| require_unlogged(canary));
    require_not_in_trail(&host, &scope, &canaries).await;
    require_not_in_files(folder.path(), &canaries);
}

#[tokio::test]
async fn a_token_a_key_and_a_session_stand_nowhere_in_clear() {
    const SECRET: &str = "sk-canary-shared-secret-of-more-than-32-bytes";
    let issuer = TokenIssuer::new("sk-canary-kid-4720");
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("a.db").display().to_string();
    let (host, scope) = open(json!({
        "database": database, "environment": false,
        "identity": {
            "issuer": "https://issuer.example", "audience": "app", "shared_secret": SECRET,
            "keys": issuer.jwks(), "cookie": "sb-x-auth-token", "make_users": true,
        },
    }))
    .await;
    let call = |name: &str, scope: &Json, request: Json| {
        host.call(name.to_owned(), scope.clone(), request, vec![])
    };
    let claims = json!({
        "iss": "https://issuer.example", "aud": "app", "sub": "s1", "exp": 4_000_000_000_u64,
        "email": "bob@x", "email_verified": true,
    });
    let good = issuer.token(&claims);
    let made = json!({ "name": "k", "operations": ["vault.*"] });
    let key = call("api_keys.create", &scope, made).await.unwrap()["key"].clone();
    let key = key.as_str().unwrap().to_owned();
    let parts = |token: &str| -> Vec<String> {
        token.split(['.', '_']).filter(|part| part.len() > 30).map(str::to_owned).collect()
    };
    let mut canaries = parts(&good);
    canaries.push(key.rsplit('_').next().unwrap().to_owned());
    canaries.push(SECRET.to_owned());
    for token in [&good, &key] {
        let who = call("users.authenticate", &Json::Null, json!({ "token": token })).await.unwrap();
        assert!(canaries.iter().all(|canary| !who.to_string().contains(canary)), "{who}");
    }
    let stranger = TokenIssuer::new("sk-canary-kid-4721");
    let mut wrong = claims.clone();
    wrong["iss"] = json!("sk-canary-issuer-4722");
    wrong["aud"] = json!("sk-canary-audience-4723");
    let expired = json!({ "iss": "https://issuer.example", "aud": "app", "sub": "s", "exp": 1 });
    let refused = [
        stranger.token(&claims),
        issuer.token(&wrong),
        issuer.token(&expired),
        issuer.sign("{\"alg\":\"sk-canary-alg-4724\"}", "{}"),
        issuer.sign("{\"alg\":\"ES256\",\"crit\":[\"sk-canary-crit-4725\"]}", "{}"),
        format!("{good}x"),
        format!("{key}x"),
        key.replace("jv_live_", "jv_live_0"),
        "sk-canary-no-token-4726".to_owned(),
        "a".repeat(20_000),
    ];
    canaries.extend(["sk-canary-", "aaaaaaaaaaaaaaaaaaaa"].map(str::to_owned));
    for token in &refused {
        if token.contains('.') {
            canaries.extend(parts(token));
        }
        let session = json!({ "access_token": token }).to_string();
        let header = |name: &str, value: String| json!([{ "name": name, "value": value }]);
        for request in [
            json!({ "token": token }),
            json!({ "headers": header("Authorization", format!("Bearer {token}")) }),
            json!({ "headers": header("Authorization", format!("Basic {token}")) }),
            json!({ "headers": header("Cookie", format!("sb-x-auth-token={session}")) }),
            json!({ "headers": header("Cookie", format!("sb-x-auth-token.1={token}")) }),
        ] {
            let error = call("users.authenticate", &Json::Null, request.clone()).await.unwrap_err();
            assert_eq!(error.code(), "UNAUTHORIZED", "{error}");
            canaries.iter().for_each(|canary| require_silent(&error, canary, "a refusal"));
            let mut asked = request;
            asked["operation"] = json!("users.get");
            let answer = call("api.respond", &Json::Null, asked).await.unwrap().to_string();
            assert!(canaries.iter().all(|canary| !answer.contains(canary)), "{answer}");
        }
    }
    canaries.retain(|canary| canary != "sk-canary-");
    canaries.iter().for_each(|canary| require_unlogged(canary));
    require_not_in_trail(&host, &scope, &canaries).await;
    require_not_in_files(folder.path(), &canaries);
}

#[tokio::test]
async fn settings_that_hold_a_secret_in_a_wrong_place_are_refused_without_repeating_it() {
    listen();
    const CANARY: &str = "sk-canary-setting-4713";
    const BASE64: &str = "c2stY2FuYXJ5LXJvb3Qta2V5LWFzLWZpbGUtMTIzNDU=";
    let memory = |more: Json| {
        let mut settings = json!({ "database": ":memory:", "environment": false });
        settings.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        settings
    };
    for (canary, settings) in [
        (CANARY, memory(json!({ "root_key": CANARY }))),
        (CANARY, memory(json!({ "root_key": [CANARY] }))),
        (CANARY, memory(json!({ CANARY: CANARY }))),
        (BASE64, memory(json!({ "root_key_file": BASE64 }))),
        (CANARY, memory(json!({ "allow_private": [format!("ann:{CANARY}@example.com")] }))),
        (CANARY, memory(json!({ "root_certificates": [CANARY] }))),
        (
            CANARY,
            memory(
                json!({ "openai": { "base_url": format!("https://ann:{CANARY}@example.com/v1") } }),
            ),
        ),
        (CANARY, memory(json!({ "openai": { "base_url": CANARY } }))),
        (CANARY, memory(json!({ "identity": { "shared_secret": CANARY, "keys": CANARY } }))),
        (CANARY, memory(json!({ "identity": { "issuer": "x", "jwks_url": CANARY } }))),
        (CANARY, memory(json!({ "openai": { "api_key": { CANARY: CANARY } } }))),
        (CANARY, json!({ "database": format!("postgres://ann:{CANARY}@127.0.0.1:1/javari") })),
        (CANARY, json!({ "database": format!("mysql://ann:{CANARY}@db.example.com/javari") })),
    ] {
        let error =
            Host::open(settings.clone()).await.err().unwrap_or_else(|| panic!("{settings}"));
        require_silent(&error, canary, &settings.to_string());
    }
    for canary in [CANARY, BASE64] {
        require_unlogged(canary);
    }
}

#[tokio::test]
async fn settings_are_shown_without_the_secrets_in_them() {
    const CANARY: &str = "sk-canary-shown-4714";
    let settings: Settings = serde_json::from_value(json!({
        "database": ":memory:", "root_key": CANARY,
        "openai": { "api_key": CANARY, "base_url": format!("https://ann:{CANARY}@example.com/v1") },
    }))
    .unwrap();
    assert!(!format!("{settings:?}").contains(CANARY), "{settings:?}");
    let config = ProviderConfig::compatible(format!("https://ann:{CANARY}@example.com/v1"));
    assert!(!format!("{config:?}").contains(CANARY), "{config:?}");
    assert!(format!("{config:?}").contains("example.com"));
}

#[tokio::test]
async fn an_address_with_a_password_is_not_watched_and_not_repeated() {
    listen();
    const CANARY: &str = "sk-canary-watched-4715";
    let javari: Javari = Builder::new(Settings::for_database(":memory:")).open().await.unwrap();
    let user = javari.ensure_user("ann@example.com").await.unwrap();
    let url = format!("https://ann:{CANARY}@example.com/");
    let request = json!({ "name": "site", "target": { "kind": "uptime", "url": url } });
    let scope = ScopeKey::user(user.id);
    let (status, answer) = respond(&javari, "monitor.create", scope, request).await;
    let answer = answer["error"].to_string();
    assert_eq!(status, 400, "{answer}");
    assert!(answer.contains("must not hold a user name or password"), "{answer}");
    assert!(!answer.contains(CANARY), "{answer}");
    require_unlogged(CANARY);
}
