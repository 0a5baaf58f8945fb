//! What only the local vault can be asked about OAuth clients, with a service that gives out tokens
//! as RFC 6749 says and changes the refresh token each time.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use super::{probe::http, *};
use crate::vault::{AccessTokens, GetAccessToken};

#[derive(Default)]
struct Given {
    asked: Vec<(String, String)>,
    /// How the next requests are refused: status line and body.
    refuses: Option<(&'static str, &'static str)>,
}

/// The service.
struct Service {
    address: String,
    given: Arc<Mutex<Given>>,
    server: tokio::task::JoinHandle<()>,
}

impl Service {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/token", listener.local_addr().unwrap());
        let given: Arc<Mutex<Given>> = Arc::default();
        let kept = given.clone();
        let server = tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                tokio::spawn(answer(socket, kept.clone()));
            }
        });
        Self { address, given, server }
    }

    fn host(&self) -> &str {
        self.address.trim_start_matches("http://").trim_end_matches("/token")
    }

    fn asked(&self) -> Vec<(String, String)> {
        self.given.lock().unwrap_or_else(PoisonError::into_inner).asked.clone()
    }

    fn refuse(&self, with: Option<(&'static str, &'static str)>) {
        self.given.lock().unwrap_or_else(PoisonError::into_inner).refuses = with;
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn answer(mut socket: TcpStream, given: Arc<Mutex<Given>>) {
    let mut text = String::new();
    let mut bytes = [0; 4096];
    let (head, body) = loop {
        let read = socket.read(&mut bytes).await.unwrap_or(0);
        if read == 0 {
            return;
        }
        text.push_str(std::str::from_utf8(&bytes[..read]).unwrap());
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        if body.len() == length.unwrap().parse::<usize>().unwrap() {
            break (head.to_owned(), body.to_owned());
        }
    };
    // Long enough for others to ask meanwhile.
    tokio::time::sleep(Duration::from_millis(50)).await;
    let (status, reply) = {
        let mut given = given.lock().unwrap_or_else(PoisonError::into_inner);
        let number = given.asked.len();
        given.asked.push((head, body.clone()));
        let is_current = !body.contains("grant_type=refresh_token")
            || body.contains(&format!("refresh_token=r{number}-canary"));
        match given.refuses {
            Some((status, reply)) => (status, reply.to_owned()),
            None if !is_current => ("400 Bad Request", r#"{"error":"invalid_grant"}"#.to_owned()),
            None => (
                "200 OK",
                format!(
                    r#"{{"access_token":"a{next}-canary","token_type":"bearer","expires_in":"3600","refresh_token":"r{next}-canary"}}"#,
                    next = number + 1
                ),
            ),
        }
    };
    let reply = format!(
        "HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{reply}",
        reply.len()
    );
    let _ = socket.write_all(reply.as_bytes()).await;
}

fn opened(house: &House, clock: &Arc<HandClock>, service: &Service) -> LocalVault {
    let clock: Arc<dyn Clock> = clock.clone();
    let probes = Probes::new(&http(&[]), &clock, &BTreeMap::new()).unwrap();
    let handlers = RotationHandlers::default()
        .with_services(&http(&[service.host()]), &clock, &probes, &BTreeMap::new())
        .unwrap();
    house.vault.clone().with_rotation_handlers(handlers)
}

async fn put(vault: &LocalVault, scope: &ScopeKey, value: serde_json::Value) {
    let put = PutCredential {
        credential_type: CredentialType::OauthClient,
        ..PutCredential::new("DRIVE", Secret::new(value.to_string()))
    };
    vault.put(scope, put).await.unwrap();
}

fn ask() -> GetAccessToken {
    GetAccessToken::new("DRIVE")
}

#[tokio::test]
async fn a_client_signs_in_as_itself_and_asks_anew_only_when_its_token_ends() {
    let clock = HandClock::still();
    let house = house_at(clock.clone()).await;
    let service = Service::start().await;
    let (vault, user) = (opened(&house, &clock, &service), house.ground.user);
    let value = json!({
        "token_url": service.address, "client_id": "a:b c", "client_secret": "s&é",
        "scope": "read write", "audience": "kept",
    });
    put(&vault, &user, value).await;
    let first = vault.access_token(&user, &ask()).await.unwrap();
    assert_eq!((first.token.expose(), first.token_type.as_str()), ("a1-canary", "bearer"));
    assert_eq!(first.expires_at, Some(clock.now().plus(Duration::from_secs(3_600))));
    let (head, body) = &service.asked()[0];
    assert!(head.starts_with("POST /token HTTP/1.1"));
    let expected = STANDARD.encode("a%3Ab+c:s%26%C3%A9");
    assert!(head.contains(&format!("authorization: Basic {expected}")), "{head}");
    assert_eq!(body, "grant_type=client_credentials&scope=read+write");
    // To the second, a minute before its end.
    clock.forward(Duration::from_secs(3_539));
    let again = vault.access_token(&user, &ask()).await.unwrap();
    assert_eq!((again.token.expose(), service.asked().len()), ("a1-canary", 1));
    clock.forward(Duration::from_secs(1));
    let next = vault.access_token(&user, &ask()).await.unwrap();
    assert_eq!((next.token.expose(), next.credential.version), ("a2-canary", 3));
    let kept = vault.reveal(&user, "DRIVE").await.unwrap().value;
    assert!(kept.expose().contains(r#""audience":"kept""#));
    let entries = house.audit.list(&user, &PageRequest::default()).await.unwrap().items;
    assert_eq!(entries.iter().filter(|entry| entry.action == "vault.access_token").count(), 3);
    assert!(!format!("{entries:?}").contains("canary"));
    assert!(house.audit.verify(&user).await.unwrap().verified);
}

#[tokio::test]
async fn of_many_who_ask_at_once_one_refreshes_and_keeps_the_refresh_token_that_was_changed() {
    let clock = HandClock::still();
    let house = house_at(clock.clone()).await;
    let service = Service::start().await;
    let (vault, user) = (opened(&house, &clock, &service), house.ground.user);
    put(
        &vault,
        &user,
        json!({ "token_url": service.address, "client_id": "app", "client_auth": "body",
                "client_secret": "s", "refresh_token": "r0-canary" }),
    )
    .await;
    for round in 1..=3 {
        let asking = (0..16).map(|number| {
            let vault = opened(&house, &clock, &service);
            let scope = if number % 2 == 0 { house.ground.user } else { house.ground.project };
            async move { vault.access_token(&scope, &ask()).await.unwrap() }
        });
        let tokens = futures::future::join_all(asking).await;
        let expected = format!("a{round}-canary");
        assert!(tokens.iter().all(|one| one.token.expose() == expected), "{round}");
        assert_eq!(service.asked().len(), round);
        clock.forward(Duration::from_secs(3_600));
    }
    let (head, body) = &service.asked()[2];
    assert!(!head.to_lowercase().contains("authorization"));
    assert_eq!(
        body,
        "grant_type=refresh_token&refresh_token=r2-canary&client_id=app&client_secret=s"
    );
}

#[tokio::test]
async fn rooms_inside_send_the_access_token_and_other_values_as_they_are() {
    let clock = HandClock::still();
    let house = house_at(clock.clone()).await;
    let service = Service::start().await;
    let (vault, user) = (opened(&house, &clock, &service), house.ground.user);
    put(&vault, &user, json!({ "token_url": service.address, "client_id": "app" })).await;
    let scope = house.ground.project;
    let sent = || vault.secret(SecretRequest::new(scope, "DRIVE"));
    assert_eq!(sent().await.unwrap().expose(), "a1-canary");
    let (_, body) = &service.asked()[0];
    assert_eq!(body, "grant_type=client_credentials&client_id=app");
    put(&vault, &user, json!("an old text of this type")).await;
    assert_eq!(sent().await.unwrap().expose(), "\"an old text of this type\"");
    assert_eq!(service.asked().len(), 1);
}

#[tokio::test]
async fn what_the_service_refuses_is_told_without_its_words_and_can_be_tried_again_at_once() {
    let clock = HandClock::still();
    let house = house_at(clock.clone()).await;
    let service = Service::start().await;
    let (vault, user) = (opened(&house, &clock, &service), house.ground.user);
    let client =
        json!({ "token_url": service.address, "client_id": "app", "refresh_token": "r6-canary" });
    put(&vault, &user, client).await;
    for (refusal, kind, code) in [
        (("400 No", r#"{"error":"invalid_grant"}"#), ErrorKind::ProviderRefused, "invalid_grant"),
        (("401 No", r#"{"error":"invalid_client"}"#), ErrorKind::ProviderRefused, "invalid_client"),
        (("403 No", r#"{"error":"canary"}"#), ErrorKind::ProviderRefused, ""),
        (("429 Slow\r\nretry-after: 9", "canary"), ErrorKind::RateLimited, ""),
        (("500 Oops", "canary"), ErrorKind::ProviderFailed, ""),
        (("200 OK", r#"{"access_token":""}"#), ErrorKind::Unreadable, ""),
    ] {
        service.refuse(Some(refusal));
        let error = vault.access_token(&user, &ask()).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        let told = error.context().iter().find(|(name, _)| *name == "error");
        assert_eq!(told.map_or("", |(_, code)| code.as_str()), code);
        assert!(!format!("{error:?}").contains("canary"), "{error:?}");
    }
    service.refuse(None);
    assert_eq!(vault.access_token(&user, &ask()).await.unwrap().token.expose(), "a7-canary");
}

#[tokio::test]
async fn what_is_no_client_or_would_send_its_secret_astray_is_refused() {
    let clock = HandClock::still();
    let house = house_at(clock.clone()).await;
    let service = Service::start().await;
    let (vault, user) = (opened(&house, &clock, &service), house.ground.user);
    let client =
        |url: &str| json!({ "token_url": url, "client_id": "app", "client_secret": "canary" });
    for (value, kind) in [
        (json!("canary"), ErrorKind::InvalidInput),
        (json!({ "client_id": "canary" }), ErrorKind::InvalidInput),
        (client("canary"), ErrorKind::InvalidInput),
        (client("ftp://example.com/canary"), ErrorKind::InvalidInput),
        (client("http://example.com/canary"), ErrorKind::InvalidInput),
        (client("https://10.0.0.1/token"), ErrorKind::AddressRefused),
        (client("https://[::1]/token"), ErrorKind::AddressRefused),
    ] {
        put(&vault, &user, value).await;
        let error = vault.access_token(&user, &ask()).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert!(!format!("{error:?}").contains("canary"), "{error:?}");
    }
    let error = vault.access_token(&user, &GetAccessToken::new("NONE")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
}
