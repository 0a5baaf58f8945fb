//! CPU time of one call and of one streamed chunk: Javari beside raw `reqwest`, hand-typed serde,
//! async-openai, genai and rig-core, in one process against one canned server in another.
//!
//! Both processes stay on one processor: where they run on two, waking the other one is charged to the
//! thread that writes. `--instructions` counts instructions under valgrind in the place of time.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod async_openai;
mod genai;
mod instructions;
mod javari;
mod raw;
mod rig;
mod server;

use std::env;

use futures::future::BoxFuture;
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

const QUESTION: &str = "Say something short.";
const MODEL: &str = "gpt-6-luna";
const ROUNDS: usize = 7;
const CALLS: u32 = 1_500;
const STREAMS: u32 = 25;

/// One client of the server.
trait Client {
    /// What the table calls it.
    fn name(&self) -> &'static str;
    /// One whole reply, read as far as this client reads it.
    fn call(&self) -> BoxFuture<'_, ()>;
    /// One stream, and how many texts it had; nothing where the client does not look.
    fn stream(&self) -> BoxFuture<'_, Option<usize>>;
}

/// Every client, in the order of the table.
async fn clients(base: &str) -> Vec<Box<dyn Client>> {
    vec![
        Box::new(raw::Bytes::new(base)),
        Box::new(raw::Typed::new(base)),
        Box::new(async_openai::AsyncOpenAi::new(base)),
        Box::new(genai::Genai::new(base)),
        Box::new(rig::Rig::new(base)),
        Box::new(javari::Wire::new(base)),
        Box::new(javari::Routed::new(base)),
        Box::new(javari::Metered::new(base)),
        Box::new(javari::Whole::open(base).await),
    ]
}

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["--serve"] => return server::serve(),
        // Under valgrind: so many calls or streams of one client.
        ["--only", base, name, what, count] => {
            return run(only(base, name, what, count.parse().unwrap()));
        }
        _ => {}
    }
    stay_on_one_processor();
    let server = server::Server::start();
    match words.first() {
        Some(&"--instructions") => instructions::table(&server.base, &names(&server.base)),
        _ => run(time_table(&server.base)),
    }
}

fn run<T>(work: impl Future<Output = T>) -> T {
    rustls::crypto::ring::default_provider().install_default().unwrap();
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_all().build().unwrap().block_on(work)
}

fn names(base: &str) -> Vec<&'static str> {
    run(async { clients(base).await.iter().map(|client| client.name()).collect() })
}

async fn only(base: &str, name: &str, what: &str, count: u32) {
    for client in clients(base).await.iter().filter(|client| client.name() == name) {
        many(client.as_ref(), what, count).await;
    }
}

async fn many(client: &dyn Client, what: &str, count: u32) {
    for _ in 0..count {
        match what {
            "call" => client.call().await,
            _ => {
                let texts = client.stream().await;
                assert!(texts.is_none_or(|texts| texts == server::CHUNKS), "{texts:?} texts");
            }
        }
    }
}

async fn time_table(base: &str) {
    let clients = clients(base).await;
    let mut best = vec![(f64::MAX, f64::MAX); clients.len()];
    for _ in 0..ROUNDS {
        for (client, (call, chunk)) in clients.iter().zip(&mut best) {
            *call = call.min(time(client.as_ref(), "call", CALLS).await);
            let stream = time(client.as_ref(), "stream", STREAMS).await;
            *chunk = chunk.min(stream / server::CHUNKS as f64);
        }
    }
    println!("CPU microseconds of the client's process, the least of {ROUNDS} interleaved rounds");
    println!("{:28} {:>8} {:>8} {:>9} {:>8}", "", "a call", "more", "a chunk", "more");
    let (floor_call, floor_chunk) = best[0];
    for (client, (call, chunk)) in clients.iter().zip(best) {
        let (more_call, more_chunk) = (call - floor_call, chunk - floor_chunk);
        let name = client.name();
        println!("{name:28} {call:8.1} {more_call:8.1} {chunk:9.3} {more_chunk:8.3}");
    }
}

/// Microseconds of this process for one.
async fn time(client: &dyn Client, what: &str, count: u32) -> f64 {
    many(client, what, 1).await;
    let before = cpu_microseconds();
    many(client, what, count).await;
    (cpu_microseconds() - before) / f64::from(count)
}

/// User and system time of every thread of this process.
fn cpu_microseconds() -> f64 {
    let mut usage = std::mem::MaybeUninit::<libc::rusage>::zeroed();
    // SAFETY: the pointer is to a place of that type, which the call fills.
    let usage = unsafe {
        assert_eq!(libc::getrusage(libc::RUSAGE_SELF, usage.as_mut_ptr()), 0);
        usage.assume_init()
    };
    let micros = |time: libc::timeval| time.tv_sec as f64 * 1e6 + time.tv_usec as f64;
    micros(usage.ru_utime) + micros(usage.ru_stime)
}

/// The server inherits it.
fn stay_on_one_processor() {
    let allowed = sched_getaffinity(None).unwrap();
    let last = (0..CpuSet::MAX_CPU).rfind(|&cpu| allowed.is_set(cpu)).unwrap();
    let mut one = CpuSet::new();
    one.set(last);
    sched_setaffinity(None, &one).unwrap();
}
