//! That memory stays flat over many calls and many streamed chunks although no cost can be written.
//!
//! It has a program of its own, whose allocator counts; the model service is another process.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, missing_docs)]

use std::{
    alloc::{GlobalAlloc, Layout, System},
    env, fs,
    io::{BufRead, BufReader, Lines, Read},
    process::{Child, ChildStdout, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicIsize, Ordering},
    },
    time::Duration,
};

use futures::StreamExt;
use javari_core::{
    Javari, Scope,
    client::Builder,
    config::Settings,
    http::{Http, HttpConfig},
    provider::{
        ChatEvent, ChatReply, ChatRequest, ChatStream, Delivery, ProviderConfig, RemoteProvider,
    },
    secret::{FixedSecrets, Secret},
    testkit::{self, ProviderServer},
    types::SystemClock,
};
use sqlx::{Connection, SqliteConnection, sqlite::SqliteConnectOptions};

/// Counts the bytes that live in the allocator.
struct Counting;

static LIVE: AtomicIsize = AtomicIsize::new(0);

#[global_allocator]
static ALLOCATOR: Counting = Counting;

// SAFETY: every call goes to the system's allocator as it came; counting allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout, 1);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count(layout, -1);
        unsafe { System.dealloc(pointer, layout) }
    }
}

fn count(layout: Layout, sign: isize) {
    LIVE.fetch_add(sign * layout.size().cast_signed(), Ordering::Relaxed);
}

const WORDS: usize = 1_999;
/// Said before the question by the service that repeats it: "You said: ".
const CHUNKS: usize = WORDS + 2;
/// What the allocator may hold more after as many calls again: a task that ends a moment later, a
/// table that grew. A leak of 100 bytes a call is six times as much in the shortest run.
const SLACK: isize = 16 * 1024;
/// Memory that is no Rust allocation, such as SQLite's, is seen in what is resident alone, which moves
/// by pages and arenas.
const RESIDENT_SLACK: i64 = 4 * 1024 * 1024;

/// `JAVARI_SOAK=1` makes it 100,000 calls and 1,000,000 chunks.
#[test]
fn memory_is_flat_over_many_calls_and_chunks_although_no_cost_can_be_written() {
    if env::var_os(SERVE).is_some() {
        return serve();
    }
    let server = Server::start();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db").display().to_string();
        let javari = open(&path, &server.base).await;
        let scope = javari.scope(javari.ensure_user("ann@example.com").await.unwrap().id);
        whole(&scope).await;
        assert_eq!(scope.costs().await.unwrap().calls, 1, "a cost that can be written is written");
        refuse_costs(&path).await;

        let (calls, streams) = (testkit::rounds(1_000), testkit::rounds(5));
        ask(&scope, calls / 5, streams).await;
        let before = live().await;
        ask(&scope, calls, streams).await;
        let once = live().await;
        let resident = resident_bytes();
        ask(&scope, calls, streams).await;
        let twice = live().await;
        let more_resident = resident_bytes() - resident;
        println!("{calls} calls and {streams} streams, twice: {before}, {once}, {twice} bytes");
        println!("{more_resident} bytes more resident after the second half");
        for (more, than) in [(once, before), (twice, once), (twice, before)] {
            assert!(more - than < SLACK, "{before}, then {once}, then {twice} bytes live");
        }
        assert!(more_resident < RESIDENT_SLACK, "{more_resident} bytes more are resident");
        assert_eq!(scope.costs().await.unwrap().calls, 1, "a cost was written all the same");
        javari.close().await;
    });
}

/// Whole answers, streams that their reader leaves, and long streams read to their end.
async fn ask(scope: &Scope, calls: u32, streams: u32) {
    for call in 0..calls {
        if call % 10 == 0 { left(scope).await } else { whole(scope).await }
    }
    let question = "word ".repeat(WORDS);
    for _ in 0..streams {
        let mut events = chat(scope, ChatRequest::ask(question.trim_end())).await;
        let mut chunks = 0;
        while let Some(event) = events.next().await {
            chunks += usize::from(matches!(event.unwrap(), ChatEvent::Text { .. }));
        }
        assert_eq!(chunks, CHUNKS);
    }
}

async fn whole(scope: &Scope) {
    let mut request = ChatRequest::ask("Why?");
    request.delivery = Delivery::Whole;
    let reply = ChatReply::from_stream(chat(scope, request).await).await.unwrap();
    assert_eq!(reply.text, "You said: Why?");
}

/// Its cost is estimated and charged by a task of its own.
async fn left(scope: &Scope) {
    let mut events = chat(scope, ChatRequest::ask("Why should I stay?")).await;
    while !matches!(events.next().await.unwrap().unwrap(), ChatEvent::Text { .. }) {}
}

async fn chat(scope: &Scope, request: ChatRequest) -> ChatStream {
    scope.chat(request).await.unwrap()
}

/// The bytes that live when nothing runs any more.
async fn live() -> isize {
    let mut least = isize::MAX;
    for _ in 0..40 {
        tokio::time::sleep(Duration::from_millis(25)).await;
        least = least.min(LIVE.load(Ordering::Relaxed));
    }
    least
}

/// Nothing where the system does not tell.
fn resident_bytes() -> i64 {
    let told = fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = told.split_whitespace().nth(1).and_then(|pages| pages.parse::<i64>().ok());
    pages.unwrap_or(0) * 4_096
}

async fn open(path: &str, base: &str) -> Javari {
    let http = Http::new(HttpConfig::default(), Arc::new(SystemClock)).unwrap();
    let secrets = FixedSecrets::default().with("OPENAI_API_KEY", Secret::new("sk-test"));
    let provider = RemoteProvider::new(ProviderConfig::compatible(base), http, Arc::new(secrets));
    let builder = Builder::new(Settings::for_database(path));
    builder.with_provider(Arc::new(provider.unwrap())).open().await.unwrap()
}

/// From now on every row of a cost is refused by the database itself.
async fn refuse_costs(path: &str) {
    let options = SqliteConnectOptions::new().filename(path);
    let mut beside = SqliteConnection::connect_with(&options).await.unwrap();
    let trigger = "CREATE TRIGGER refuse_costs BEFORE INSERT ON javari_cost_tracking
                   BEGIN SELECT RAISE(ABORT, 'refused'); END";
    sqlx::raw_sql(trigger).execute(&mut beside).await.unwrap();
    beside.close().await.unwrap();
}

const SERVE: &str = "JAVARI_TEST_SERVE";
const TEST: &str = "memory_is_flat_over_many_calls_and_chunks_although_no_cost_can_be_written";

/// The loopback service in a process of its own, which ends with this one.
struct Server {
    child: Child,
    base: String,
    /// Held open: the other test program writes a line when it has run for long.
    _told: Lines<BufReader<ChildStdout>>,
}

impl Server {
    fn start() -> Self {
        let mut child = Command::new(env::current_exe().unwrap())
            .args([TEST, "--exact", "--nocapture"])
            .env(SERVE, "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut told = BufReader::new(child.stdout.take().unwrap()).lines();
        let base = told.find_map(|line| line.ok().filter(|line| line.starts_with("http://")));
        Self { child, base: base.unwrap(), _told: told }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn serve() {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    let runtime = runtime.unwrap();
    let server = Arc::new(runtime.block_on(ProviderServer::start()).unwrap());
    println!("\n{}", server.base_url());
    let served = Arc::clone(&server);
    runtime.spawn(async move {
        loop {
            tokio::time::sleep(Duration::from_millis(100)).await;
            served.forget_requests();
        }
    });
    // Until the parent is gone.
    let _ = std::io::stdin().read(&mut [0]);
}
