//! A target that answers from a recording, keeps the one effect that the recording is about, and fails
//! on command in the ways of real targets.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use serde_json::{Value, json};
use stanch_connector::contract::{Exchange, Part, Recording};
use stanch_model::manifest::Idempotency;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

/// How it fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Not at all.
    Well,
    /// Acts, then answers 500.
    ErrorAfterSuccess,
    /// Answers 500 and does not act.
    Error,
    /// Answers 503 without saying when, and does not act.
    Unavailable,
    /// Acts, then begins an answer that never ends.
    SlowDrip,
    /// Answers 429 with `Retry-After: 1` and does not act.
    RateLimit,
    /// Acts, then resets the connection without an answer.
    Reset,
    /// Resets the connection and does not act.
    ResetBefore,
    /// Accepts; the effect never comes.
    NeverFinish,
    /// Acts, then answers 200 with a body that is no JSON.
    WrongJson,
    /// Acts, then answers 200 with nothing that was asked for.
    Empty,
    /// Answers with a redirect to somebody else, and does not act.
    Elsewhere,
}

impl Mode {
    pub(crate) const ALL: [Self; 12] = [
        Self::Well,
        Self::ErrorAfterSuccess,
        Self::Error,
        Self::Unavailable,
        Self::SlowDrip,
        Self::RateLimit,
        Self::Reset,
        Self::ResetBefore,
        Self::NeverFinish,
        Self::WrongJson,
        Self::Empty,
        Self::Elsewhere,
    ];

    const fn acts(self) -> bool {
        !matches!(
            self,
            Self::Error
                | Self::Unavailable
                | Self::RateLimit
                | Self::ResetBefore
                | Self::NeverFinish
                | Self::Elsewhere
        )
    }
}

/// What happened at it.
#[derive(Debug, Default)]
pub(crate) struct State {
    /// Whether the effect is there.
    pub(crate) present: bool,
    /// How often it came into being.
    pub(crate) effects: usize,
    /// How often it was taken back.
    pub(crate) undone: usize,
    /// Requests that change something, as they came.
    pub(crate) changes: usize,
    /// How often still the next such request fails, and how.
    pub(crate) failures: Vec<Mode>,
    /// Keys that were seen, with whether they were for the undo.
    keys: BTreeSet<(String, bool)>,
}

#[derive(Clone)]
pub(crate) struct Target {
    pub(crate) address: SocketAddr,
    pub(crate) state: Arc<Mutex<State>>,
}

impl Target {
    /// A target for `recording`, whose next requests that change something fail as said.
    pub(crate) async fn start(
        recording: &Recording,
        idempotency: Idempotency,
        failures: &[Mode],
    ) -> Self {
        let state = State { failures: failures.to_vec(), ..State::default() };
        let state = Arc::new(Mutex::new(state));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let script = Arc::new(Script { exchanges: recording.exchanges.clone(), idempotency });
        let held = Arc::clone(&state);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (script, state) = (Arc::clone(&script), Arc::clone(&held));
                tokio::spawn(async move { script.serve(stream, &state).await });
            }
        });
        Self { address, state }
    }
}

struct Script {
    exchanges: Vec<Exchange>,
    idempotency: Idempotency,
}

/// What came in.
struct Request {
    method: String,
    path: String,
    headers: BTreeMap<String, String>,
    body: Value,
}

impl Script {
    async fn serve(&self, mut stream: TcpStream, state: &Mutex<State>) {
        let Some(request) = read(&mut stream).await else { return };
        let (mode, answer) = {
            let mut state = state.lock().unwrap();
            self.answer(&request, &mut state)
        };
        // Whoever asked may have gone.
        drop(write(&mut stream, mode, &answer).await);
    }

    fn answer(&self, request: &Request, state: &mut State) -> (Mode, Value) {
        let of = |part: Part| {
            self.exchanges
                .iter()
                .find(move |exchange| exchange.part == part && is_same(&exchange.request, request))
        };
        // An undo is looked for first: some targets take both at one address, told apart by the body.
        let changing =
            [Part::Undo, Part::Call].into_iter().find_map(|part| Some((part, of(part)?)));
        match changing {
            Some((part, exchange)) if !self.is_read() => {
                let answer = exchange.response.clone();
                (self.change(part, request, state), answer)
            }
            Some((_, exchange)) => {
                let mode = state.failures.pop().unwrap_or(Mode::Well);
                (mode, exchange.response.clone())
            }
            None => (Mode::Well, self.asked(request, state.present)),
        }
    }

    /// Whether the recording is of a read, which has nothing beside its call.
    fn is_read(&self) -> bool {
        self.exchanges.iter().all(|exchange| exchange.part == Part::Call)
    }

    fn change(&self, part: Part, request: &Request, state: &mut State) -> Mode {
        state.changes += 1;
        let mode = state.failures.pop().unwrap_or(Mode::Well);
        if !mode.acts() {
            return mode;
        }
        let key = request.headers.get("idempotency-key").cloned();
        let is_undo = part == Part::Undo;
        let is_known = key.is_some_and(|key| !state.keys.insert((key, is_undo)));
        if is_known && self.idempotency == Idempotency::Key {
            return mode;
        }
        if is_undo {
            state.undone += usize::from(state.present);
            state.present = false;
        } else {
            // What is there already comes into being again only where twice is two.
            let is_again = state.present && self.idempotency == Idempotency::Natural;
            state.effects += usize::from(!is_again);
            state.present = true;
        }
        mode
    }

    /// The answer to a question: the recorded one that fits the state.
    fn asked(&self, request: &Request, present: bool) -> Value {
        // What a check was answered in this state, else what a change was answered in it.
        let fits = |exchange: &Exchange| match exchange.part {
            Part::Probe | Part::Verify => exchange.done == Some(present),
            Part::UndoVerify => exchange.done == Some(!present),
            Part::Call => !present,
            Part::Undo => present,
        };
        let checks = self.exchanges.iter().filter(|exchange| exchange.part.is_check());
        let asked = checks.filter(|exchange| is_same(&exchange.request, request));
        let asked = asked.map(|exchange| (exchange, &exchange.response));
        let firsts = self.exchanges.iter().flat_map(|exchange| {
            let same = exchange.first.iter().filter(|first| is_same(&first.request, request));
            same.map(move |first| (exchange, &first.response))
        });
        let known: Vec<(&Exchange, &Value)> = asked.chain(firsts).collect();
        let found = known.iter().find(|(exchange, _)| fits(exchange)).or_else(|| known.first());
        found.map_or_else(
            || json!({ "status": 404, "body": { "error": "nobody recorded that" } }),
            |(_, response)| (*response).clone(),
        )
    }
}

fn is_same(recorded: &Value, request: &Request) -> bool {
    recorded["method"] == request.method.as_str()
        && recorded["path"] == request.path.as_str()
        && recorded.get("body").unwrap_or(&Value::Null) == &request.body
}

async fn read(stream: &mut TcpStream) -> Option<Request> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    let end = loop {
        let read = stream.read(&mut buffer).await.ok().filter(|read| *read > 0)?;
        bytes.extend_from_slice(&buffer[..read]);
        if let Some(at) = bytes.windows(4).position(|part| part == b"\r\n\r\n") {
            break at + 4;
        }
    };
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let mut lines = head.lines();
    let mut first = lines.next()?.split(' ');
    let (method, path) = (first.next()?.to_owned(), first.next()?.to_owned());
    let headers: BTreeMap<String, String> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let length: usize = headers.get("content-length").map_or(0, |text| text.parse().unwrap());
    while bytes.len() < end + length {
        let read = stream.read(&mut buffer).await.ok().filter(|read| *read > 0)?;
        bytes.extend_from_slice(&buffer[..read]);
    }
    let body = serde_json::from_slice(&bytes[end..end + length]).unwrap_or_default();
    Some(Request { method, path, headers, body })
}

async fn write(stream: &mut TcpStream, mode: Mode, answer: &Value) -> std::io::Result<()> {
    let status = answer["status"].as_u64().unwrap();
    let body = answer.get("body").filter(|body| !body.is_null());
    let body = body.map_or_else(String::new, Value::to_string);
    let header = |name: &str, key: &str| {
        let value = answer.get(key).and_then(Value::as_str).filter(|value| !value.is_empty());
        value.map_or_else(String::new, |value| format!("{name}: {value}\r\n"))
    };
    let headers = header("ETag", "etag") + &header("Location", "location");
    let (line, headers, body) = match mode {
        Mode::Well | Mode::NeverFinish => (format!("{status} X"), headers, body),
        Mode::ErrorAfterSuccess | Mode::Error => {
            ("500 Internal Server Error".to_owned(), String::new(), "{\"error\":\"x\"}".to_owned())
        }
        Mode::Unavailable => ("503 Service Unavailable".to_owned(), String::new(), String::new()),
        Mode::RateLimit => {
            ("429 Too Many Requests".to_owned(), "Retry-After: 1\r\n".to_owned(), String::new())
        }
        Mode::WrongJson => (format!("{status} X"), headers, "{\"state\": don".to_owned()),
        Mode::Empty => ("200 OK".to_owned(), headers, "[]".to_owned()),
        Mode::Elsewhere => {
            let location = "Location: https://198.51.100.1/elsewhere\r\n".to_owned();
            ("307 Temporary Redirect".to_owned(), location, String::new())
        }
        Mode::SlowDrip => {
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{").await?;
            return std::future::pending().await;
        }
        Mode::Reset | Mode::ResetBefore => return stream.set_zero_linger(),
    };
    let text = format!(
        "HTTP/1.1 {line}\r\n{headers}Content-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(text.as_bytes()).await
}
