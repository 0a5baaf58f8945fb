//! One of several processes that write into one database at once: `writer ADDRESS NAME`. The same file is
//! built with this version of the library and with the one before.
//!
//! It tells of everything that is acknowledged, a line each, and ends when its input does.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, missing_docs)]

use std::{
    io::{Read, Write, stdin, stdout},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use futures::StreamExt;
use javari_core::{
    Error, ErrorKind,
    client::Builder,
    config::Settings,
    error::Retry,
    knowledge::{IngestEvent, IngestRequest},
    secret::Secret,
    storage::SCHEMA_VERSION,
    vault::{PutCredential, RotateCredential},
};

fn main() {
    let [address, name] = [1, 2].map(|number| std::env::args().nth(number).unwrap());
    let is_over = Arc::new(AtomicBool::new(false));
    let tells_end = is_over.clone();
    std::thread::spawn(move || {
        let _ = stdin().read_to_end(&mut Vec::new());
        tells_end.store(true, Ordering::Relaxed);
    });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(write(&address, &name, &is_over));
}

async fn write(address: &str, name: &str, is_over: &AtomicBool) {
    let mut settings = Settings::for_database(address);
    settings.root_key = Some(Secret::new("07".repeat(32)));
    // They all write to one file without a pause.
    settings.busy_timeout_ms = 60_000;
    let javari = Builder::new(settings).open().await.unwrap();
    let scope = javari.scope(javari.ensure_user("ann@example.com").await.unwrap().id);
    tell("schema", &SCHEMA_VERSION.to_string());
    for pass in 0.. {
        if is_over.load(Ordering::Relaxed) {
            break;
        }
        let own = format!("{name}_{pass}_");
        loop {
            let put = PutCredential::new(&own, Secret::new(format!("value of {own}")));
            match scope.vault().put(put).await {
                Ok(_) => break tell("credential", &own),
                Err(error) => require_busy(&error),
            }
        }

        let version = match scope.vault().get("SHARED").await {
            Ok(view) => view.version,
            Err(_) => {
                let put = PutCredential::new("SHARED", Secret::new("the first value"));
                let _ = scope.vault().put(put).await;
                continue;
            }
        };
        let value = Secret::new(format!("{own} made version {}", version + 1));
        let mut rotation = RotateCredential::new("SHARED", value);
        rotation.expected_version = Some(version);
        rotation.grace_seconds = 3_600;
        match scope.vault().rotate(rotation).await {
            Ok(done) => {
                assert_eq!(done.credential.version, version + 1);
                tell("version", &format!("{} {own}", version + 1));
            }
            Err(error) if error.kind() == ErrorKind::Conflict => {}
            Err(error) => require_busy(&error),
        }

        let text = format!("The note {own} speaks of kettles.");
        let mut events = scope.knowledge().ingest(IngestRequest::text(&own, text), Vec::new());
        while let Some(event) = events.next().await {
            if let IngestEvent::Added { document } = event.unwrap() {
                tell("document", &document.path);
            }
        }
    }
    javari.close().await;
}

/// Two versions may take locks in another order: the server lets one of the two try again.
fn require_busy(error: &Error) {
    assert!(matches!(error.retry(), Retry::After(_)), "{error:?}");
}

fn tell(kind: &str, what: &str) {
    println!("{kind} {what}");
    stdout().flush().unwrap();
}
