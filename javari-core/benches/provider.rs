//! CPU time of one request and of one streamed chunk: our OpenAI provider against a bare `reqwest`
//! call, both in this process, against the same canned server in a process of its own.
//!
//! Both processes stay on one processor. Where they run on two, waking the other one is charged to
//! the thread that writes, which on a virtual machine is far more than the request itself: the same
//! 4 calls of the system took from 15 to 140 microseconds.
//!
//! Linux only: it reads the scheduler's account of this thread. Run it with
//! `cargo bench -p javari-core --bench provider`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, missing_docs)]

use std::{
    env, fs,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    sync::Arc,
    thread,
};

use futures::StreamExt;
use javari_core::{
    http::{Http, HttpConfig},
    provider::{ChatEvent, ChatRequest, Provider, ProviderConfig, ProviderExt, RemoteProvider},
    secret::{FixedSecrets, Secret},
    types::SystemClock,
};
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

const REQUESTS: u32 = 3_000;
const STREAMS: u32 = 40;
const CHUNKS: usize = 2_000;
const ROUNDS: usize = 5;

fn main() {
    if env::args().any(|argument| argument == "--serve") {
        return serve();
    }
    stay_on_one_processor();
    let mut server = start_server();
    let address = {
        let mut line = String::new();
        BufReader::new(server.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        line.trim().to_owned()
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(compare(&address));
    server.kill().unwrap();
    server.wait().unwrap();
}

async fn compare(address: &str) {
    let base = format!("http://{address}/v1");
    let bare = bare_client();
    let http = Http::new(HttpConfig::default(), Arc::new(SystemClock)).unwrap();
    let secrets = FixedSecrets::default().with("OPENAI_API_KEY", Secret::new("sk-test"));
    let ours =
        RemoteProvider::new(ProviderConfig::compatible(&base), http, Arc::new(secrets)).unwrap();
    let mut rounds: [Vec<f64>; 4] = Default::default();
    for _ in 0..ROUNDS {
        rounds[0].push(per_item(REQUESTS, async || bare_request(&bare, &base).await).await);
        rounds[1].push(per_item(REQUESTS, async || our_request(&ours).await).await);
        let chunks = CHUNKS as f64;
        rounds[2].push(per_item(STREAMS, async || bare_stream(&bare, &base).await).await / chunks);
        rounds[3].push(per_item(STREAMS, async || our_stream(&ours).await).await / chunks);
    }
    let medians = rounds.map(|mut round| {
        round.sort_by(f64::total_cmp);
        round[ROUNDS / 2]
    });
    let [bare_unary, our_unary, bare_chunk, our_chunk] = medians;
    println!("CPU microseconds, median of {ROUNDS} interleaved rounds");
    println!(
        "request:        reqwest {bare_unary:.1}  javari {our_unary:.1}  more {:.1}",
        our_unary - bare_unary
    );
    println!(
        "streamed chunk: reqwest {bare_chunk:.2}  javari {our_chunk:.2}  more {:.2}",
        our_chunk - bare_chunk
    );
}

async fn per_item(count: u32, work: impl AsyncFn()) -> f64 {
    work().await;
    let before = cpu_nanoseconds();
    for _ in 0..count {
        work().await;
    }
    (cpu_nanoseconds() - before) as f64 / 1_000.0 / f64::from(count)
}

fn cpu_nanoseconds() -> u64 {
    let account = fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    account.split_whitespace().next().unwrap().parse().unwrap()
}

fn bare_client() -> reqwest::Client {
    let tls = rustls::ClientConfig::builder_with_provider(Arc::new(
        rustls::crypto::ring::default_provider(),
    ))
    .with_safe_default_protocol_versions()
    .unwrap()
    .with_root_certificates(rustls::RootCertStore::empty())
    .with_no_client_auth();
    reqwest::Client::builder().no_proxy().tls_backend_preconfigured(tls).build().unwrap()
}

const BODY: &str =
    r#"{"model":"gpt-6-luna","messages":[{"role":"user","content":"Say something short."}]}"#;

async fn bare_request(client: &reqwest::Client, base: &str) {
    let reply = client
        .post(format!("{base}/chat/completions"))
        .bearer_auth("sk-test")
        .header("content-type", "application/json")
        .body(BODY);
    let body = reply.send().await.unwrap().bytes().await.unwrap();
    assert!(body.len() > 500);
}

async fn our_request(provider: &RemoteProvider) {
    let reply = provider.complete(ChatRequest::ask("Say something short.")).await.unwrap();
    assert!(reply.usage.output > 0);
}

async fn bare_stream(client: &reqwest::Client, base: &str) {
    let body = BODY.replace("\"model\"", "\"stream\":true,\"model\"");
    let reply = client
        .post(format!("{base}/chat/completions"))
        .bearer_auth("sk-test")
        .header("content-type", "application/json")
        .body(body);
    let mut bytes = reply.send().await.unwrap().bytes_stream();
    let mut total = 0;
    while let Some(part) = bytes.next().await {
        total += part.unwrap().len();
    }
    assert!(total > CHUNKS * 100);
}

async fn our_stream(provider: &RemoteProvider) {
    let mut events = provider.stream(ChatRequest::ask("Say something short.")).await.unwrap();
    let mut texts = 0;
    while let Some(event) = events.next().await {
        if let ChatEvent::Text { .. } = event.unwrap() {
            texts += 1;
        }
    }
    assert_eq!(texts, CHUNKS);
}

/// The server inherits it.
fn stay_on_one_processor() {
    let allowed = sched_getaffinity(None).unwrap();
    let last = (0..CpuSet::MAX_CPU).rfind(|&cpu| allowed.is_set(cpu)).unwrap();
    let mut one = CpuSet::new();
    one.set(last);
    sched_setaffinity(None, &one).unwrap();
}

fn start_server() -> Child {
    Command::new(env::current_exe().unwrap()).arg("--serve").stdout(Stdio::piped()).spawn().unwrap()
}

/// Answers every request with the same bytes, one thread a connection.
fn serve() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    println!("{}", listener.local_addr().unwrap());
    for connection in listener.incoming() {
        thread::spawn(move || answer_all(connection.unwrap()));
    }
}

fn answer_all(connection: TcpStream) {
    connection.set_nodelay(true).unwrap();
    let (whole, streamed) = (whole_reply(), streamed_reply());
    let mut reader = BufReader::new(connection.try_clone().unwrap());
    let mut writer = connection;
    loop {
        let mut length = 0;
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).unwrap_or(0) == 0 {
                return;
            }
            if line == "\r\n" {
                break;
            }
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        let asks_for_stream = body.windows(13).any(|part| part == b"\"stream\":true");
        writer.write_all(if asks_for_stream { &streamed } else { &whole }).unwrap();
    }
}

fn whole_reply() -> Vec<u8> {
    let text = "word ".repeat(64);
    let body = format!(
        r#"{{"id":"chatcmpl-1","object":"chat.completion","created":1,"model":"gpt-6-luna","choices":[{{"index":0,"message":{{"role":"assistant","content":"{text}","refusal":null}},"logprobs":null,"finish_reason":"stop"}}],"usage":{{"prompt_tokens":12,"completion_tokens":64,"total_tokens":76,"prompt_tokens_details":{{"cached_tokens":0}},"completion_tokens_details":{{"reasoning_tokens":0}}}},"service_tier":"default","system_fingerprint":null}}"#
    );
    format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nx-request-id: r\r\ncontent-length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

fn streamed_reply() -> Vec<u8> {
    let mut events = String::new();
    for _ in 0..CHUNKS {
        events.push_str(r#"data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"gpt-6-luna","service_tier":"default","system_fingerprint":"fp","choices":[{"index":0,"delta":{"content":"word "},"logprobs":null,"finish_reason":null}],"usage":null,"obfuscation":"abcdef"}"#);
        events.push_str("\n\n");
    }
    events.push_str("data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"gpt-6-luna\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n");
    events.push_str("data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"gpt-6-luna\",\"choices\":[],\"usage\":{\"prompt_tokens\":12,\"completion_tokens\":2000,\"total_tokens\":2012}}\n\ndata: [DONE]\n\n");
    let mut reply =
        b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
            .to_vec();
    for part in events.as_bytes().chunks(8192) {
        reply.extend_from_slice(format!("{:x}\r\n", part.len()).as_bytes());
        reply.extend_from_slice(part);
        reply.extend_from_slice(b"\r\n");
    }
    reply.extend_from_slice(b"0\r\n\r\n");
    reply
}
