//! A server on a loopback port that speaks the wires of the model services: scripted, recorded, faulty
//! at will.

mod reply;
mod script;
mod wires;

use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::watch,
    task::JoinHandle,
};

use self::wires::Spoken;
pub use self::{
    reply::Reply,
    script::{ScriptedBytes, ScriptedCall, ScriptedError, ScriptedReply},
};
use crate::{
    error::{Error, ErrorKind, Result},
    provider::HashedEmbedder,
};

/// The largest request that is read.
const REQUEST_LIMIT: usize = 16 * 1024 * 1024;

/// A model service on a loopback port, stopped when it is dropped.
///
/// It answers over the wire that it is asked in, told by the path: OpenAI's chat completions and
/// responses (Perplexity's Agent API too) and embeddings below `/v1`, Anthropic's messages below `/v1`,
/// Gemini's below `/v1beta`, Ollama's below `/api`.
///
/// Replies are given in the order they were pushed. Without one it answers by itself: chats by
/// repeating the question, embeddings by hashing, models by naming one.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> javari_core::Result<()> {
/// use javari_core::testkit::{ProviderServer, Reply};
/// let server = ProviderServer::start().await?;
/// server.push(Reply::error(429, "rate_limit_exceeded", "slow down").with_header("retry-after", "7"));
/// server.push(Reply::text(&["Hel", "lo"]));
/// assert!(server.base_url().starts_with("http://127.0.0.1:"));
/// # Ok(())
/// # }
/// ```
pub struct ProviderServer {
    address: SocketAddr,
    state: Arc<State>,
    accepting: JoinHandle<()>,
}

/// A request as the server received it.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordedRequest {
    /// `GET` or `POST`.
    pub method: String,
    /// The path, such as `/v1/chat/completions`.
    pub path: String,
    /// The headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body, null when it is no JSON.
    pub body: Value,
}

#[derive(Debug)]
struct State {
    replies: Mutex<VecDeque<Reply>>,
    requests: Mutex<Vec<RecordedRequest>>,
    /// Connections that the client closed before its reply was complete.
    given_up: watch::Sender<usize>,
    connections: watch::Sender<usize>,
}

impl ProviderServer {
    /// Starts a server on a free port of 127.0.0.1, on the runtime of the caller.
    ///
    /// # Errors
    /// `NETWORK` when no port can be opened.
    pub async fn start() -> Result<Self> {
        let fault = |fault: std::io::Error| {
            Error::new(ErrorKind::Network, "testkit.start", "no loopback port can be opened")
                .with_source(fault)
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(fault)?;
        let address = listener.local_addr().map_err(fault)?;
        let state = Arc::new(State {
            replies: Mutex::default(),
            requests: Mutex::default(),
            given_up: watch::Sender::new(0),
            connections: watch::Sender::new(0),
        });
        let shared = Arc::clone(&state);
        let accepting = tokio::spawn(async move {
            let mut connections = tokio::task::JoinSet::new();
            while let Ok((socket, _)) = listener.accept().await {
                shared.connections.send_modify(|count| *count += 1);
                connections.spawn(Connection::serve(socket, Arc::clone(&shared)));
            }
        });
        Ok(Self { address, state, accepting })
    }

    /// The address to configure for OpenAI's wires and Anthropic's, ending in `/v1`.
    pub fn base_url(&self) -> String {
        self.base_url_at("v1")
    }

    /// The address to configure for a wire below another path: `v1beta` for Gemini's, `api` for
    /// Ollama's.
    pub fn base_url_at(&self, path: &str) -> String {
        format!("http://{}/{path}", self.address)
    }

    /// Appends a reply to the script.
    pub fn push(&self, reply: Reply) {
        lock(&self.state.replies).push_back(reply);
    }

    /// Every request so far, in order.
    pub fn requests(&self) -> Vec<RecordedRequest> {
        lock(&self.state.requests).clone()
    }

    /// Forgets the requests so far: a host that makes very many need not keep them.
    pub fn forget_requests(&self) {
        lock(&self.state.requests).clear();
    }

    /// How many connections were made so far.
    pub fn connections(&self) -> usize {
        *self.state.connections.borrow()
    }

    /// How many connections clients closed before their reply was complete.
    pub fn given_up(&self) -> usize {
        *self.state.given_up.borrow()
    }

    /// Waits until clients have closed `count` connections before their reply was complete.
    pub async fn wait_for_given_up(&self, count: usize) {
        let mut given_up = self.state.given_up.subscribe();
        // The sender lives as long as `self`, so waiting cannot fail.
        let _ = given_up.wait_for(|current| *current >= count).await;
    }
}

impl Drop for ProviderServer {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl RecordedRequest {
    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Connection {
    reader: OwnedReadHalf,
    writer: OwnedWriteHalf,
    received: Vec<u8>,
    state: Arc<State>,
}

/// How a reply ended.
#[derive(PartialEq, Eq)]
enum Sent {
    Whole,
    Cut,
    GivenUp,
}

impl Connection {
    async fn serve(socket: TcpStream, state: Arc<State>) {
        // A piece is sent when it is written, so that a gate means what it says.
        if socket.set_nodelay(true).is_err() {
            return;
        }
        let (reader, writer) = socket.into_split();
        let mut connection = Self { reader, writer, received: Vec::new(), state };
        while let Some(request) = connection.read_request().await {
            let reply = connection.reply_to(&request);
            let (content_type, parts) = reply.render(&Spoken::of(&request.path, &request.body));
            lock(&connection.state.requests).push(request);
            match connection.send(&reply, &content_type, parts).await {
                Sent::Whole => {}
                Sent::Cut => return,
                Sent::GivenUp => {
                    connection.state.given_up.send_modify(|count| *count += 1);
                    return;
                }
            }
        }
    }

    async fn read_request(&mut self) -> Option<RecordedRequest> {
        loop {
            if let Some((request, length)) = parse_request(&self.received) {
                self.received.drain(..length);
                return Some(request);
            }
            if self.received.len() > REQUEST_LIMIT {
                return None;
            }
            match self.reader.read_buf(&mut self.received).await {
                Ok(0) | Err(_) => return None,
                Ok(_) => {}
            }
        }
    }

    fn reply_to(&self, request: &RecordedRequest) -> Reply {
        // A list of models is nobody's turn in the script, unless its address says which part.
        let models = request.method == "GET" && request.path.rsplit('/').next() == Some("models");
        let scripted = if models { None } else { lock(&self.state.replies).pop_front() };
        if let Some(reply) = scripted {
            return reply;
        }
        if request.method == "GET" {
            let models = json!({
                "object": "list",
                "data": [{ "id": "loopback-1", "object": "model", "owned_by": "testkit",
                    "max_model_len": 8192 }],
                "models": [{ "name": "models/loopback-1", "inputTokenLimit": 8192 }],
            });
            return Reply::raw("application/json", vec![models.to_string().into()]);
        }
        match request.path.rsplit('/').next() {
            Some("embeddings") => embeddings(&request.body),
            _ if Spoken::is_known(&request.path) => echo(&request.body),
            _ => Reply::error(404, "not_found", "no such endpoint"),
        }
    }

    async fn send(&mut self, reply: &Reply, content_type: &str, parts: Vec<Bytes>) -> Sent {
        if reply.silent {
            self.wait_for_close().await;
            return Sent::GivenUp;
        }
        let mut head = format!(
            "HTTP/1.1 {} Loopback\r\ncontent-type: {content_type}\r\nx-request-id: req_loopback\r\n\
             transfer-encoding: chunked\r\n",
            reply.status
        );
        for (name, value) in &reply.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
        if self.writer.write_all(head.as_bytes()).await.is_err() {
            return Sent::GivenUp;
        }
        let mut room = reply.cut.unwrap_or(usize::MAX);
        for (place, part) in parts.iter().enumerate() {
            if reply.stall == Some(place) {
                self.wait_for_close().await;
                return Sent::GivenUp;
            }
            if let Some(gate) = &reply.gate {
                let gate = gate.clone();
                tokio::select! {
                    () = gate.pass() => {}
                    () = self.wait_for_close() => return Sent::GivenUp,
                }
            }
            let part = part.get(..room).unwrap_or(part);
            room -= part.len();
            if !part.is_empty() {
                let framed = [format!("{:x}\r\n", part.len()).as_bytes(), part, b"\r\n"].concat();
                if self.writer.write_all(&framed).await.is_err() {
                    return Sent::GivenUp;
                }
            }
            if room == 0 {
                return Sent::Cut;
            }
        }
        match self.writer.write_all(b"0\r\n\r\n").await {
            Ok(()) => Sent::Whole,
            Err(_) => Sent::GivenUp,
        }
    }

    /// Returns when the client has closed the connection.
    async fn wait_for_close(&mut self) {
        while let Ok(1..) = self.reader.read_buf(&mut self.received).await {}
    }
}

/// The first request of the bytes and how many of them it takes; nothing while it is incomplete.
fn parse_request(received: &[u8]) -> Option<(RecordedRequest, usize)> {
    let head_length = memchr::memmem::find(received, b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(received.get(..head_length)?).into_owned();
    let mut lines = head.split("\r\n");
    let mut first = lines.next().unwrap_or_default().split(' ');
    let (method, path) = (first.next().unwrap_or_default(), first.next().unwrap_or_default());
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length: usize = length.and_then(|(_, value)| value.parse().ok()).unwrap_or(0);
    let start = head_length + 4;
    let end = start.checked_add(length)?;
    let body = serde_json::from_slice(received.get(start..end)?).unwrap_or(Value::Null);
    let (method, path) = (method.to_owned(), path.to_owned());
    Some((RecordedRequest { method, path, headers, body }, end))
}

/// Repeats the last question word by word.
fn echo(body: &Value) -> Reply {
    let said = format!("You said: {}", wires::last_text(body).unwrap_or("something"));
    let words: Vec<&str> = said.split_inclusive(' ').collect();
    Reply::text(&words)
}

/// Vectors that hang on the texts alone, in the length asked for.
fn embeddings(body: &Value) -> Reply {
    let texts: Vec<&str> = match body.get("input") {
        Some(Value::String(text)) => vec![text],
        Some(Value::Array(texts)) => texts.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let dimensions = body.get("dimensions").and_then(Value::as_u64).unwrap_or(1_536);
    let as_base64 = body.get("encoding_format").and_then(Value::as_str) == Some("base64");
    let data: Vec<Value> = texts
        .iter()
        .enumerate()
        .map(|(index, text)| {
            let hashed = HashedEmbedder.vector(text);
            let vector: Vec<f32> = hashed.into_iter().cycle().take(dimensions as usize).collect();
            let embedding =
                if as_base64 {
                    json!(STANDARD.encode(
                        vector.iter().copied().flat_map(f32::to_le_bytes).collect::<Vec<u8>>()
                    ))
                } else {
                    json!(vector)
                };
            json!({ "object": "embedding", "index": index, "embedding": embedding })
        })
        .collect();
    let tokens: usize = texts.iter().map(|text| text.split_whitespace().count()).sum();
    let reply = json!({ "object": "list", "model": body.get("model"), "data": data,
        "usage": { "prompt_tokens": tokens, "total_tokens": tokens } });
    Reply::raw("application/json", vec![reply.to_string().into()])
}
