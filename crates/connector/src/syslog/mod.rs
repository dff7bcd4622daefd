//! Syslog: one line a call, by UDP (RFC 5426), TCP (RFC 6587) or TLS (RFC 5425).
//!
//! Nobody answers in syslog. A line is done when it left this machine; over TCP and TLS that means that the
//! other end has not refused the connection, over UDP it means nothing more. So there is neither verify
//! nor undo, and it is no way to contain anything: it is a note for the books of the SIEM. It carries the
//! idempotency key, by which a line that was sent twice can be told. Without TLS only inside addresses
//! are spoken to.

mod message;

use std::{io, net::SocketAddr};

use serde_json::json;
use stanch_model::{duration, manifest::SyslogCall};
use tokio::net::UdpSocket;

pub(crate) use message::{FACILITIES, SEVERITIES};

use crate::{
    egress,
    http::not_reached,
    instance::{self, Carrier, Collector, Place},
    outcome::Attempt,
    outside,
    render::Context,
    stamp,
    stream::{Line, Security, Sent, open},
};
use message::Message;

/// Longest line over UDP, in bytes: what goes into one packet on ordinary networks (RFC 5426 §3.2).
const UDP_BYTES_MAX: usize = 1_400;

/// Longest line over TCP and TLS, in bytes (RFC 5425 §4.3.1 asks receivers for as much).
const STREAM_BYTES_MAX: usize = 8 * 1024;

/// Sends the line that `call` says.
pub(crate) async fn run(line: Line<'_>, call: &SyslogCall, context: &Context) -> Attempt {
    let collector = match instance::collector(line.instance) {
        Ok(collector) => collector,
        Err(error) => return Attempt::refused(error.to_string()),
    };
    let bytes_max = match collector.carrier {
        Carrier::Udp => UDP_BYTES_MAX,
        Carrier::Tcp | Carrier::Tls => STREAM_BYTES_MAX,
    };
    let text = match filled_in(call, context, bytes_max) {
        Ok(text) => text,
        Err(why) => return Attempt::refused(why),
    };
    let sent = Sent::default();
    let whole = async {
        match collector.carrier {
            Carrier::Udp => datagram(&line, &collector, &text, &sent).await,
            Carrier::Tcp => framed(&line, &collector, Security::Plain, &text, &sent).await,
            Carrier::Tls => framed(&line, &collector, Security::Tls, &text, &sent).await,
        }
    };
    let timeout = duration::format(line.timeout);
    match tokio::time::timeout(line.timeout, whole).await {
        Ok(Ok(())) => Attempt::Answered(json!({ "sent": true })),
        Ok(Err(attempt)) => attempt,
        Err(_) if sent.is_raised() => {
            Attempt::unclear(format!("the line did not leave within {timeout}"))
        }
        Err(_) => Attempt::unreachable(format!("no connection within {timeout}")),
    }
}

fn filled_in(call: &SyslogCall, context: &Context, bytes_max: usize) -> Result<String, String> {
    let text = |template: &str| context.text(template);
    let mut parameters = Vec::new();
    for (name, value) in &call.data {
        parameters.push((name.clone(), text(value)?));
    }
    Message {
        facility: &text(&call.facility)?,
        severity: &text(&call.severity)?,
        at: stamp::now(),
        host: &text(&call.host)?,
        app: &text(&call.app)?,
        kind: &text(&call.kind)?,
        data: (&call.data_id, parameters),
        text: &text(&call.text)?,
    }
    .line(bytes_max)
}

async fn datagram(
    line: &Line<'_>,
    collector: &Collector,
    text: &str,
    sent: &Sent,
) -> Result<(), Attempt> {
    let (host, port) = (&collector.host, collector.port);
    let addresses = egress::pin(line.client.resolver(), host, port, line.instance.allow_private)
        .await
        .map_err(|error| not_reached(&error))?;
    let Some(to) = addresses.iter().find(|to| egress::is_inside(to.ip())) else {
        let why = format!(
            "{host} is outside: everybody on the way could read the line; use syslog+tls://"
        );
        return Err(Attempt::refused(why));
    };
    let any: SocketAddr = match to {
        SocketAddr::V4(_) => ([0, 0, 0, 0], 0).into(),
        SocketAddr::V6(_) => ([0_u16; 8], 0).into(),
    };
    let cannot =
        |error: io::Error| Attempt::unreachable(format!("nothing was sent to {host}: {error}"));
    let socket = UdpSocket::bind(any).await.map_err(cannot)?;
    sent.raise();
    socket.send_to(text.as_bytes(), to).await.map(drop).map_err(cannot)
}

/// With its length in front (RFC 6587 §3.4.1), which no text can pass for.
async fn framed(
    line: &Line<'_>,
    collector: &Collector,
    security: Security,
    text: &str,
    sent: &Sent,
) -> Result<(), Attempt> {
    let place = Place { host: collector.host.clone(), port: collector.port, security };
    let mut stream = open(line, &place).await?;
    sent.raise();
    let broke = |error: io::Error| {
        Attempt::unclear(format!("the connection broke: {}", outside::chain(&error)))
    };
    stream.send(format!("{} {text}", text.len()).as_bytes()).await.map_err(broke)?;
    stream.finish().await.map_err(broke)
}
