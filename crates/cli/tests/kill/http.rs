//! One request over a socket of its own, so that nothing of the product is on both ends, and a
//! server that dies in the middle of an answer is an error like any other.

use std::{
    io::{self, Read as _, Write as _},
    net::{Ipv4Addr, SocketAddr, TcpStream},
    time::Duration,
};

use serde_json::Value;

/// How long a server may keep a client waiting.
const PATIENCE: Duration = Duration::from_secs(20);

/// Where, and as whom.
#[derive(Clone, Debug)]
pub(crate) struct Peer {
    pub(crate) port: u16,
    pub(crate) token: String,
}

impl Peer {
    pub(crate) fn get(&self, path: &str) -> io::Result<(u16, Value)> {
        self.send("GET", path, b"")
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> io::Result<(u16, Value)> {
        self.send("POST", path, body.to_string().as_bytes())
    }

    /// Sends, and reads the whole answer; an answer that is cut off is an error.
    pub(crate) fn send(&self, method: &str, path: &str, body: &[u8]) -> io::Result<(u16, Value)> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, self.port));
        let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_nodelay(true)?;
        let mut request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\
             Authorization: Bearer {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            self.token,
            body.len()
        )
        .into_bytes();
        request.extend_from_slice(body);
        stream.write_all(&request)?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        read(&answer).ok_or_else(|| io::Error::from(io::ErrorKind::UnexpectedEof))
    }

    /// All items of a list, page after page.
    pub(crate) fn all(&self, path: &str) -> Vec<Value> {
        let mut items = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = format!("{path}?limit=500{cursor}");
            let (status, mut body) = self.get(&page).unwrap();
            assert_eq!(status, 200, "{page}: {body}");
            items.append(body["items"].as_array_mut().unwrap());
            let Some(next) = body["next"].as_str() else { return items };
            cursor = format!("&cursor={next}");
        }
    }
}

/// Status and body, if all of the answer is there.
fn read(answer: &[u8]) -> Option<(u16, Value)> {
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = std::str::from_utf8(answer.get(..end)?).ok()?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let body = answer.get(end + 4..)?;
    Some((status, serde_json::from_slice(body).ok()?))
}
