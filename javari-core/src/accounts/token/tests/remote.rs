//! Keys that an issuer publishes: fetched once, kept, asked for again, and what may go wrong.

use std::{
    net::SocketAddr,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    sync::Notify,
};

use super::*;

/// How the loopback issuer answers.
#[derive(Clone)]
enum Answer {
    Keys(String),
    Raw(String),
    /// Nothing at all, until it is told otherwise.
    Silence(Arc<Notify>),
}

/// An issuer's address on this machine.
struct Server {
    address: SocketAddr,
    answer: Mutex<Answer>,
    requests: AtomicUsize,
}

impl Server {
    async fn start(answer: Answer) -> Arc<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Arc::new(Self {
            address: listener.local_addr().unwrap(),
            answer: Mutex::new(answer),
            requests: AtomicUsize::new(0),
        });
        let own = server.clone();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let server = own.clone();
                tokio::spawn(async move {
                    let mut head = [0; 2_048];
                    let _ = stream.read(&mut head).await;
                    server.requests.fetch_add(1, Ordering::SeqCst);
                    let answer = server.answer.lock().unwrap().clone();
                    let text = match answer {
                        Answer::Keys(keys) => ok(&keys),
                        Answer::Raw(text) => text,
                        Answer::Silence(until) => {
                            until.notified().await;
                            match server.answer.lock().unwrap().clone() {
                                Answer::Keys(keys) => ok(&keys),
                                _ => return,
                            }
                        }
                    };
                    let _ = stream.write_all(text.as_bytes()).await;
                });
            }
        });
        server
    }

    fn answers(&self, answer: Answer) {
        *self.answer.lock().unwrap() = answer;
    }

    fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

fn ok(body: &str) -> String {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n";
    format!("{head}content-length: {}\r\n\r\n{body}", body.len())
}

fn failing() -> Answer {
    Answer::Raw("HTTP/1.1 500 Oh\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".to_owned())
}

struct House {
    server: Arc<Server>,
    clock: Arc<HandClock>,
    verifier: TokenVerifier,
}

async fn house(answer: Answer) -> House {
    let server = Server::start(answer).await;
    let clock = HandClock::still();
    let settings = IdentitySettings {
        jwks_url: Some(format!("http://{}/auth/v1/.well-known/jwks.json", server.address)),
        ..settings()
    };
    let verifier = TokenVerifier::new(&settings, http(), clock.clone()).unwrap();
    House { server, clock, verifier }
}

impl House {
    /// A token that is valid for years, so that keys alone decide.
    fn token(&self, issuer: &TokenIssuer) -> String {
        issuer.token(&claims(json!({ "exp": NOW + 1_000_000_000 })))
    }

    async fn accepts(&self, issuer: &TokenIssuer) -> Result<(), Error> {
        verify(&self.verifier, &self.token(issuer)).await.map(drop)
    }

    fn forward(&self, seconds: u64) {
        self.clock.forward(Duration::from_secs(seconds));
    }
}

#[tokio::test]
async fn keys_are_fetched_once_and_asked_for_again_when_they_are_ten_minutes_old() {
    let issuer = TokenIssuer::new("one");
    let house = house(Answer::Keys(issuer.jwks())).await;
    assert_eq!(house.server.requests(), 0);
    for _ in 0..5 {
        house.accepts(&issuer).await.unwrap();
    }
    assert_eq!(house.server.requests(), 1);
    house.forward(599);
    house.accepts(&issuer).await.unwrap();
    assert_eq!(house.server.requests(), 1);
    house.forward(1);
    house.accepts(&issuer).await.unwrap();
    assert_eq!(house.server.requests(), 2);
}

#[tokio::test]
async fn a_new_key_is_found_at_once_and_a_withdrawn_one_ends() {
    let (old, new) = (TokenIssuer::new("old"), TokenIssuer::new("new"));
    let house = house(Answer::Keys(old.jwks())).await;
    house.accepts(&old).await.unwrap();
    house.server.answers(Answer::Keys(new.jwks()));
    house.forward(60);
    house.accepts(&new).await.unwrap();
    assert_eq!(house.server.requests(), 2);
    assert_eq!(reason(&house.accepts(&old).await.unwrap_err()), "unknown_key");
}

#[tokio::test]
async fn unknown_key_ids_make_no_more_than_one_request_a_minute() {
    let (issuer, stranger) = (TokenIssuer::new("one"), TokenIssuer::new("stranger"));
    let house = house(Answer::Keys(issuer.jwks())).await;
    house.accepts(&issuer).await.unwrap();
    for minute in 1..=3 {
        house.forward(60);
        for _ in 0..20 {
            assert_eq!(reason(&house.accepts(&stranger).await.unwrap_err()), "unknown_key");
        }
        assert_eq!(house.server.requests(), 1 + minute);
    }
    // What no published key can ever be for makes none at all.
    house.forward(60);
    let token = hs256(&claims(json!({})));
    assert_eq!(reason(&verify(&house.verifier, &token).await.unwrap_err()), "algorithm");
    assert_eq!(house.server.requests(), 4);
}

#[tokio::test]
async fn all_who_come_at_once_wait_for_one_request() {
    let issuer = TokenIssuer::new("one");
    let until = Arc::new(Notify::new());
    let house = house(Answer::Silence(until.clone())).await;
    let calls: Vec<_> = (0..30)
        .map(|_| {
            let (verifier, token) = (house.verifier.clone(), house.token(&issuer));
            tokio::spawn(async move { verify(&verifier, &token).await })
        })
        .collect();
    while house.server.requests() == 0 {
        tokio::task::yield_now().await;
    }
    house.server.answers(Answer::Keys(issuer.jwks()));
    until.notify_waiters();
    until.notify_one();
    for call in calls {
        call.await.unwrap().unwrap();
    }
    assert_eq!(house.server.requests(), 1);
}

#[tokio::test]
async fn a_stranger_who_hangs_up_does_not_keep_new_keys_out() {
    let issuer = TokenIssuer::new("one");
    let until = Arc::new(Notify::new());
    let house = house(Answer::Silence(until.clone())).await;
    let (verifier, token) = (house.verifier.clone(), house.token(&issuer));
    let call = tokio::spawn(async move { verify(&verifier, &token).await });
    while house.server.requests() == 0 {
        tokio::task::yield_now().await;
    }
    call.abort();
    house.server.answers(Answer::Keys(issuer.jwks()));
    until.notify_waiters();
    until.notify_one();
    house.accepts(&issuer).await.unwrap();
    assert_eq!(house.server.requests(), 1);
}

#[tokio::test]
async fn the_last_good_keys_are_believed_for_a_day_while_the_issuer_fails() {
    let issuer = TokenIssuer::new("one");
    let house = house(Answer::Keys(issuer.jwks())).await;
    house.accepts(&issuer).await.unwrap();
    for answer in [
        failing(),
        Answer::Raw(String::new()),
        Answer::Raw(
            "HTTP/1.1 302 Found\r\nlocation: /other\r\ncontent-length: 0\r\n\r\n".to_owned(),
        ),
        Answer::Keys("<html>".to_owned()),
        Answer::Keys("x".repeat(300_000)),
        Answer::Keys(format!(r#"{{"keys":[{}]}}"#, vec!["{}"; 65].join(","))),
    ] {
        house.server.answers(answer);
        house.forward(3_600);
        let before = house.server.requests();
        house.accepts(&issuer).await.unwrap();
        // A failing issuer is not asked by every call.
        house.accepts(&issuer).await.unwrap();
        assert_eq!(house.server.requests(), before + 1);
    }
    house.forward(18 * 3_600);
    let error = house.accepts(&issuer).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Network, "{error}");
    house.server.answers(Answer::Keys(issuer.jwks()));
    house.forward(5);
    house.accepts(&issuer).await.unwrap();
}

#[tokio::test]
async fn an_issuer_that_never_answered_is_a_fault_of_the_network_and_not_of_the_token() {
    let issuer = TokenIssuer::new("one");
    let house = house(failing()).await;
    for _ in 0..3 {
        let error = house.accepts(&issuer).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Network);
        assert_eq!(error.retry_after_seconds(), Some(5.0));
    }
    assert_eq!(house.server.requests(), 1);
    house.server.answers(Answer::Keys(issuer.jwks()));
    house.forward(5);
    house.accepts(&issuer).await.unwrap();
}

#[tokio::test]
async fn a_shared_secret_in_a_published_set_is_no_key() {
    let issuer = TokenIssuer::new("one");
    let set = json!({ "keys": [
        { "kty": "oct", "kid": "s", "alg": "HS256", "k": "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3JldA" },
        issuer.jwk(),
    ] });
    let house = house(Answer::Keys(set.to_string())).await;
    house.accepts(&issuer).await.unwrap();
    let token = TokenIssuer::sign_with_secret(
        b"secret-secret-secret-secret-secret",
        r#"{"alg":"HS256","kid":"s"}"#,
        &claims(json!({})).to_string(),
    );
    assert_eq!(reason(&verify(&house.verifier, &token).await.unwrap_err()), "algorithm");
}

#[tokio::test]
async fn a_clock_that_was_set_back_neither_keeps_old_keys_nor_shuts_new_ones_out() {
    struct Back(Mutex<i64>);
    impl Clock for Back {
        fn now(&self) -> crate::types::Timestamp {
            crate::types::Timestamp::from_micros(*self.0.lock().unwrap() * 1_000_000)
        }
    }
    let (old, new) = (TokenIssuer::new("old"), TokenIssuer::new("new"));
    let house = house(Answer::Keys(old.jwks())).await;
    let clock = Arc::new(Back(Mutex::new(NOW + 100_000)));
    let settings = IdentitySettings {
        jwks_url: Some(format!("http://{}/", house.server.address)),
        ..settings()
    };
    let verifier = TokenVerifier::new(&settings, http(), clock.clone()).unwrap();
    verify(&verifier, &house.token(&old)).await.unwrap();
    house.server.answers(Answer::Keys(new.jwks()));
    *clock.0.lock().unwrap() = NOW;
    verify(&verifier, &house.token(&new)).await.unwrap();
    assert_eq!(reason(&verify(&verifier, &house.token(&old)).await.unwrap_err()), "unknown_key");
}
