//! What the room promises, told over real programs, a loopback server and a database.

use std::{
    path::Path,
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicU16, Ordering},
    },
    time::Duration,
};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use uuid::Uuid;

use super::*;
use crate::{
    audit::Audit,
    error::{Error, ErrorKind},
    http::{Http, HttpConfig},
    secret::{FixedSecrets, RootKey},
    storage::{Database, scratch, values},
    testkit::HandClock,
    types::{Clock, PageRequest, ScopeKey, SystemClock, UserId},
};

pub(crate) async fn users(database: &Database) -> (ScopeKey, ScopeKey) {
    let mut transaction = database.begin(&ScopeKey::HOST).await.unwrap();
    let scopes = [1_u128, 2].map(|number| ScopeKey::user(UserId(Uuid::from_u128(number))));
    for scope in &scopes {
        transaction
            .execute(
                "INSERT INTO users (id, email, created_at, updated_at, last_active_at)
                 VALUES ($1, $1, 'now', 'now', 'now')",
                values![scope.user],
            )
            .await
            .unwrap();
    }
    transaction.commit().await.unwrap();
    (scopes[0], scopes[1])
}

/// A loopback server whose answer a test chooses, and a probe that speaks just enough HTTP.
struct LoopbackServer {
    status: Arc<AtomicU16>,
    url: String,
}

async fn server() -> LoopbackServer {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let status = Arc::new(AtomicU16::new(200));
    let answer = status.clone();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = [0; 1_024];
            let _ = stream.read(&mut request).await;
            let line = format!(
                "HTTP/1.1 {} -\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
                answer.load(Ordering::SeqCst)
            );
            let _ = stream.write_all(line.as_bytes()).await;
        }
    });
    LoopbackServer { status, url }
}

struct LoopbackProbe;

#[async_trait]
impl HttpProbe for LoopbackProbe {
    async fn get(&self, request: &ProbeRequest) -> Result<ProbeReply> {
        let url = &request.url;
        let network = |error: std::io::Error| {
            Error::new(ErrorKind::Network, "test.get", "no connection").with_source(error)
        };
        let address = (url.host_str().unwrap(), url.port().unwrap());
        let mut stream = tokio::net::TcpStream::connect(address).await.map_err(network)?;
        stream.write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n").await.map_err(network)?;
        let mut text = String::new();
        stream.read_to_string(&mut text).await.map_err(network)?;
        let status = text.split(' ').nth(1).and_then(|word| word.parse().ok()).unwrap();
        Ok(ProbeReply::new(status, Duration::from_millis(1)))
    }
}

fn run_git(folder: &Path, arguments: &[&str]) {
    let done = Command::new("git")
        .args(["-c", "user.name=t", "-c", "user.email=t@example.com"])
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

fn project() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("build.sh"), "echo built; exit $(cat code)\n").unwrap();
    std::fs::write(folder.path().join("code"), "0").unwrap();
    run_git(folder.path(), &["init", "-q", "-b", "main"]);
    run_git(folder.path(), &["add", "."]);
    run_git(folder.path(), &["commit", "-q", "-m", "begin"]);
    folder
}

fn builder(root: &Path) -> Builder {
    let environment = BuildEnvironment::allowed(std::env::vars());
    Builder::new(environment, ProjectRoots::none().with(root), Arc::new(SystemClock))
}

fn build_target(folder: &Path) -> Target {
    Target::Build(BuildTarget::new(folder.to_str().unwrap(), ["sh", "build.sh"]))
}

struct World {
    monitors: Monitors,
    audit: Audit,
    database: Database,
    clock: Arc<HandClock>,
    alice: ScopeKey,
    bob: ScopeKey,
}

async fn world(monitor: impl Monitor + 'static) -> World {
    let clock = HandClock::new();
    let database = Database::open(scratch().await.parse().unwrap(), clock.as_ref()).await.unwrap();
    let (alice, bob) = users(&database).await;
    let audit = Audit::new(database.clone(), clock.clone(), &RootKey::from_bytes([7; 32])).unwrap();
    let monitors =
        Monitors::new(database.clone(), audit.clone(), clock.clone()).with(Arc::new(monitor));
    World { monitors, audit, database, clock, alice, bob }
}

#[tokio::test]
async fn an_address_that_fails_twice_opens_one_alert_and_two_good_answers_resolve_it() {
    let server = server().await;
    let world = world(UptimeMonitor::new(Arc::new(LoopbackProbe))).await;
    let target = Target::Uptime(UptimeTarget::new(&server.url));
    let request = CreateMonitorRequest::new("site", target);
    let monitor = world.monitors.create(&world.alice, &request).await.unwrap();
    let mut changes = Vec::new();
    for status in [200, 503, 503, 503, 200, 200, 200] {
        server.status.store(status, Ordering::SeqCst);
        let outcome = world.monitors.check_now(&world.alice, monitor.id).await.unwrap();
        assert_eq!(outcome.observation.http_status, Some(status));
        changes.push(outcome.alert.map(|alert| alert.state));
    }
    let (open, resolved) = (Some(AlertState::Open), Some(AlertState::Resolved));
    assert_eq!(changes, [None, None, open, None, None, resolved, None]);
    let alerts = world.monitors.alerts(&world.alice, &PageRequest::default()).await.unwrap();
    assert_eq!(alerts.items.len(), 1);
    assert_eq!(alerts.items[0].occurrences, 2);
    assert_eq!(alerts.items[0].severity, Severity::High);
    assert!(alerts.items[0].resolved_at.is_some());
    let seen = world
        .monitors
        .observations(&world.alice, monitor.id, &PageRequest::default())
        .await
        .unwrap();
    assert_eq!(seen.items.len(), 7);
    let trail = world.audit.list(&world.alice, &PageRequest::default()).await.unwrap();
    let actions: Vec<_> = trail.items.iter().rev().map(|entry| entry.action.as_str()).collect();
    assert_eq!(actions, ["monitor.create", "monitor.alert", "monitor.resolve"]);
}

/// A server that sends `/moved` on to `/here` and promises a body of 100 GiB everywhere else.
async fn moved_and_huge() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = [0; 1_024];
            let length = stream.read(&mut request).await.unwrap_or(0);
            let answer: &[u8] = if request[..length].starts_with(b"GET /moved ") {
                b"HTTP/1.1 301 -\r\nlocation: /here\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
            } else {
                b"HTTP/1.1 200 -\r\ncontent-length: 107374182400\r\n\r\nbegin"
            };
            let _ = stream.write_all(answer).await;
        }
    });
    address.to_string()
}

#[tokio::test]
async fn an_expected_redirect_is_seen_another_is_followed_and_a_body_may_be_of_any_size() {
    let server = moved_and_huge().await;
    let config = HttpConfig { allow_private: vec![server.clone()], ..HttpConfig::default() };
    let http = Http::new(config, Arc::new(SystemClock)).unwrap();
    let none = Arc::new(FixedSecrets::default());
    let monitor = UptimeMonitor::new(Arc::new(GuardedProbe::new(http, none)));
    let scope = ScopeKey::user(UserId(Uuid::from_u128(1)));
    for (path, expected, seen) in [
        ("moved", Some(301), 301),
        ("moved", Some(200), 200),
        ("moved", None, 200),
        ("here", None, 200),
    ] {
        let mut target = UptimeTarget::new(format!("http://{server}/{path}"));
        target.expected_status = expected;
        let spec = CheckSpec::new(scope, Target::Uptime(target));
        let observation = monitor.check(&spec).await.unwrap();
        assert_eq!(observation.status, ObservationStatus::Up, "{path} {expected:?}");
        assert_eq!(observation.http_status, Some(seen), "{path} {expected:?}");
    }
}

#[tokio::test]
async fn an_address_where_nobody_listens_is_down_and_not_an_error() {
    let world = world(UptimeMonitor::new(Arc::new(LoopbackProbe))).await;
    // Bound and closed again, so that nothing listens there.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let target = Target::Uptime(UptimeTarget::new(format!("http://127.0.0.1:{port}/")));
    let request = CreateMonitorRequest::new("gone", target);
    let monitor = world.monitors.create(&world.alice, &request).await.unwrap();
    let outcome = world.monitors.check_now(&world.alice, monitor.id).await.unwrap();
    assert_eq!(outcome.observation.status, ObservationStatus::Down);
}

#[tokio::test]
async fn a_build_is_watched_with_its_log_exit_code_and_commit() {
    let folder = project();
    let world = world(BuildMonitor::new(builder(folder.path()))).await;
    let request = CreateMonitorRequest::new("app", build_target(folder.path()));
    let monitor = world.monitors.create(&world.alice, &request).await.unwrap();
    let green = world.monitors.check_now(&world.alice, monitor.id).await.unwrap().observation;
    assert_eq!((green.status, green.exit_code), (ObservationStatus::Up, Some(0)));
    assert_eq!(green.log.as_deref(), Some("built\n"));
    assert_eq!(green.commit.map(|commit| commit.len()), Some(40));
    std::fs::write(folder.path().join("code"), "7").unwrap();
    let red = world.monitors.check_now(&world.alice, monitor.id).await.unwrap().observation;
    assert_eq!((red.status, red.exit_code), (ObservationStatus::Down, Some(7)));
}

#[tokio::test]
async fn a_folder_that_is_gone_is_unknown_and_twice_of_that_says_the_monitor_is_blind() {
    let folder = project();
    let inner = folder.path().join("inner");
    std::fs::create_dir(&inner).unwrap();
    run_git(&inner, &["init", "-q"]);
    let world = world(BuildMonitor::new(builder(folder.path()))).await;
    let request = CreateMonitorRequest::new("app", build_target(&inner));
    let monitor = world.monitors.create(&world.alice, &request).await.unwrap();
    std::fs::remove_dir_all(&inner).unwrap();
    let first = world.monitors.check_now(&world.alice, monitor.id).await.unwrap();
    assert_eq!(first.observation.status, ObservationStatus::Unknown);
    assert_eq!(first.alert, None);
    let second = world.monitors.check_now(&world.alice, monitor.id).await.unwrap();
    assert_eq!(second.alert.unwrap().kind, AlertKind::Blind);
}

#[tokio::test]
async fn a_folder_that_the_host_did_not_open_cannot_be_watched() {
    let (folder, other) = (project(), tempfile::tempdir().unwrap());
    let world = world(BuildMonitor::new(builder(other.path()))).await;
    let request = CreateMonitorRequest::new("app", build_target(folder.path()));
    let error = world.monitors.create(&world.alice, &request).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Forbidden);
}

#[tokio::test]
async fn a_folder_that_is_open_to_one_user_is_watched_and_built_for_nobody_else() {
    let folder = project();
    // The user whom `world` makes first.
    let alice = UserId(Uuid::from_u128(1));
    let roots = ProjectRoots::none().open_for(alice, folder.path());
    let environment = BuildEnvironment::allowed(std::env::vars());
    let build = BuildMonitor::new(Builder::new(environment, roots, Arc::new(SystemClock)));
    let world = world(build).await;
    let request = CreateMonitorRequest::new("app", build_target(folder.path()));
    assert!(world.monitors.create(&world.alice, &request).await.is_ok());
    let error = world.monitors.create(&world.bob, &request).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Forbidden);
    // Nor when the monitor was stored while the folder was still open to everybody.
    let build = BuildMonitor::new(builder(folder.path()));
    let spec = CheckSpec::new(world.bob, build_target(folder.path()));
    assert!(build.check(&spec).await.is_ok());
    let roots = ProjectRoots::none().open_for(alice, folder.path());
    let environment = BuildEnvironment::allowed(std::env::vars());
    let build = BuildMonitor::new(Builder::new(environment, roots, Arc::new(SystemClock)));
    assert_eq!(build.check(&spec).await.unwrap_err().kind(), ErrorKind::Forbidden);
}

#[tokio::test]
async fn nobody_sees_or_touches_the_monitors_and_alerts_of_another_user() {
    let folder = project();
    std::fs::write(folder.path().join("code"), "1").unwrap();
    let world = world(BuildMonitor::new(builder(folder.path()))).await;
    let mut request = CreateMonitorRequest::new("app", build_target(folder.path()));
    request.alert_threshold = 1;
    let monitor = world.monitors.create(&world.alice, &request).await.unwrap();
    let alert = world.monitors.check_now(&world.alice, monitor.id).await.unwrap().alert.unwrap();
    let (monitors, bob, page) = (&world.monitors, &world.bob, PageRequest::default());
    for error in [
        monitors.get(bob, monitor.id).await.unwrap_err(),
        monitors.check_now(bob, monitor.id).await.unwrap_err(),
        monitors.delete(bob, monitor.id).await.unwrap_err(),
        monitors.observations(bob, monitor.id, &page).await.unwrap_err(),
        monitors.acknowledge(bob, alert.id).await.unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
    }
    assert!(monitors.list(bob, &page).await.unwrap().items.is_empty());
    assert!(monitors.alerts(bob, &page).await.unwrap().items.is_empty());
    assert!(monitors.due(bob, world.clock.now()).await.unwrap().is_empty());
    let known = monitors.acknowledge(&world.alice, alert.id).await.unwrap();
    assert_eq!(known.acknowledged_by, world.alice.user);
    assert_eq!(monitors.acknowledge(&world.alice, alert.id).await.unwrap(), known);
    let error = monitors.list(&ScopeKey::HOST, &page).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
}

#[tokio::test]
async fn a_monitor_is_due_at_once_and_again_after_its_frequency() {
    let folder = project();
    let world = world(BuildMonitor::new(builder(folder.path()))).await;
    let mut request = CreateMonitorRequest::new("app", build_target(folder.path()));
    request.check_frequency = CheckFrequency::FiveMinutes;
    let monitor = world.monitors.create(&world.alice, &request).await.unwrap();
    let due = async || world.monitors.due(&world.alice, world.clock.now()).await.unwrap().len();
    assert_eq!(due().await, 1);
    world.monitors.check_now(&world.alice, monitor.id).await.unwrap();
    assert_eq!(due().await, 0);
    world.clock.forward(Duration::from_secs(5 * 60));
    assert_eq!(due().await, 1);
}

#[tokio::test]
async fn one_monitor_is_never_checked_twice_at_once_and_a_dropped_check_gives_it_back() {
    struct Endless;
    #[async_trait]
    impl Monitor for Endless {
        fn kind(&self) -> &str {
            "endless"
        }
        async fn check(&self, _: &CheckSpec) -> Result<Observation> {
            futures::future::pending().await
        }
    }
    let world = world(Endless).await;
    let target = Target::Custom { name: "endless".into(), settings: serde_json::json!({}) };
    let request = CreateMonitorRequest::new("e", target);
    let id = world.monitors.create(&world.alice, &request).await.unwrap().id;
    let check = || {
        let (monitors, alice) = (world.monitors.clone(), world.alice);
        tokio::spawn(async move { monitors.check_now(&alice, id).await })
    };
    let until_due = async |expected: bool| {
        while world.monitors.due(&world.alice, world.clock.now()).await.unwrap().is_empty()
            == expected
        {
            tokio::task::yield_now().await;
        }
    };
    let checking = check();
    until_due(false).await;
    let second = world.monitors.check_now(&world.alice, id).await;
    assert_eq!(second.unwrap_err().kind(), ErrorKind::Conflict);
    checking.abort();
    until_due(true).await;
    let again = check();
    until_due(false).await;
    assert!(!again.is_finished(), "it is being checked again, without an end");
    again.abort();
}

#[tokio::test]
async fn a_check_that_somebody_took_over_keeps_nothing() {
    /// Takes longer than its lease the first time, while another check of the same monitor runs.
    struct Slow {
        clock: Arc<HandClock>,
        others: Arc<std::sync::OnceLock<Monitors>>,
        calls: AtomicU16,
    }
    #[async_trait]
    impl Monitor for Slow {
        fn kind(&self) -> &str {
            "slow"
        }
        async fn check(&self, spec: &CheckSpec) -> Result<Observation> {
            if self.calls.fetch_add(1, Ordering::SeqCst) > 0 {
                return Ok(Observation::new(ObservationStatus::Up, "the second"));
            }
            self.clock.forward(Duration::from_secs(3_600));
            let others = self.others.get().unwrap();
            others.check_now(&spec.scope, spec.monitor.unwrap()).await?;
            Ok(Observation::new(ObservationStatus::Down, "the first"))
        }
    }
    let clock = HandClock::new();
    let database = Database::open(scratch().await.parse().unwrap(), clock.as_ref()).await.unwrap();
    let (alice, _) = users(&database).await;
    let audit = Audit::new(database.clone(), clock.clone(), &RootKey::from_bytes([7; 32])).unwrap();
    let others = Arc::new(std::sync::OnceLock::new());
    let slow = Slow { clock: clock.clone(), others: others.clone(), calls: AtomicU16::new(0) };
    let monitors = Monitors::new(database, audit, clock).with(Arc::new(slow));
    assert!(others.set(monitors.clone()).is_ok());
    let target = Target::Custom { name: "slow".into(), settings: serde_json::json!({}) };
    let request = CreateMonitorRequest::new("s", target);
    let id = monitors.create(&alice, &request).await.unwrap().id;
    let error = monitors.check_now(&alice, id).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    let seen = monitors.observations(&alice, id, &PageRequest::default()).await.unwrap().items;
    let summaries: Vec<_> = seen.iter().map(|seen| seen.summary.as_str()).collect();
    assert_eq!(summaries, ["the second"]);
}

#[tokio::test]
async fn what_a_hosts_monitor_says_is_cleaned_before_it_is_kept() {
    struct Talkative;
    #[async_trait]
    impl Monitor for Talkative {
        fn kind(&self) -> &str {
            "talkative"
        }
        async fn check(&self, _: &CheckSpec) -> Result<Observation> {
            let mut seen = Observation::new(ObservationStatus::Down, "\u{1b}[31mred\u{1b}[0m");
            seen.log = Some(format!("TOKEN=planted-canary\n{}", "x".repeat(1_000_000)));
            Ok(seen)
        }
    }
    let world = world(Talkative).await;
    let target = Target::Custom { name: "talkative".into(), settings: serde_json::json!(1) };
    let request = CreateMonitorRequest::new("t", target);
    let id = world.monitors.create(&world.alice, &request).await.unwrap().id;
    let seen = world.monitors.check_now(&world.alice, id).await.unwrap().observation;
    assert_eq!(seen.summary, "red");
    let log = seen.log.unwrap();
    assert!(log.len() < 70_000 && !log.contains("canary"));
}

#[tokio::test]
async fn deleting_a_monitor_takes_its_observations_and_alerts_along() {
    let folder = project();
    std::fs::write(folder.path().join("code"), "1").unwrap();
    let world = world(BuildMonitor::new(builder(folder.path()))).await;
    let mut request = CreateMonitorRequest::new("app", build_target(folder.path()));
    request.alert_threshold = 1;
    let monitor = world.monitors.create(&world.alice, &request).await.unwrap();
    world.monitors.check_now(&world.alice, monitor.id).await.unwrap();
    world.monitors.delete(&world.alice, monitor.id).await.unwrap();
    let left = world
        .database
        .query_one(
            &world.alice,
            "SELECT (SELECT count(*) FROM javari_alerts)
                 + (SELECT count(*) FROM javari_monitor_observations) AS rows_left",
            values![],
        )
        .await
        .unwrap()
        .unwrap();
    assert_eq!(left.get::<i64>("rows_left").unwrap(), 0);
}

#[tokio::test]
async fn requests_that_do_not_fit_are_refused_field_by_field() {
    let world = world(UptimeMonitor::new(Arc::new(LoopbackProbe))).await;
    for (url, field) in [
        ("ftp://example.com/", "/url"),
        ("http://user:planted@example.com/", "/url"),
        ("nothing", "/url"),
        ("file:///etc/passwd", "/url"),
    ] {
        let request = CreateMonitorRequest::new("a", Target::Uptime(UptimeTarget::new(url)));
        let error = world.monitors.create(&world.alice, &request).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert_eq!(error.fields()[0].path, field);
        assert!(!error.to_string().contains("planted"));
    }
    let unknown = Target::Custom { name: "nothing".into(), settings: serde_json::json!(1) };
    let request = CreateMonitorRequest::new("a", unknown);
    let error = world.monitors.create(&world.alice, &request).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    let text = r#"{"name":"a","target":{"kind":"uptime","url":"http://a","surprise":1}}"#;
    assert!(serde_json::from_str::<CreateMonitorRequest>(text).is_err());
}

#[tokio::test]
async fn our_monitors_pass_the_suite_of_every_monitor() {
    let scope = ScopeKey::user(UserId(Uuid::from_u128(1)));
    let (good, bad) = (project(), project());
    std::fs::write(bad.path().join("code"), "1").unwrap();
    let roots = ProjectRoots::none().with(good.path()).with(bad.path());
    let environment = BuildEnvironment::allowed(std::env::vars());
    let build = BuildMonitor::new(Builder::new(environment, roots, Arc::new(SystemClock)));
    let (up, down) = (server().await, server().await);
    down.status.store(500, Ordering::SeqCst);
    let address = |url: &str| CheckSpec::new(scope, Target::Uptime(UptimeTarget::new(url)));
    let builds = |folder: &Path| CheckSpec::new(scope, build_target(folder));
    let samples = suite::Samples {
        up: builds(good.path()),
        down: builds(bad.path()),
        foreign: address(&up.url),
    };
    assert_eq!(suite::run(&build, &samples).await, Ok(()));
    let samples = suite::Samples {
        up: address(&up.url),
        down: address(&down.url),
        foreign: builds(good.path()),
    };
    assert_eq!(suite::run(&UptimeMonitor::new(Arc::new(LoopbackProbe)), &samples).await, Ok(()));
}
