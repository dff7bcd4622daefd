//! Linux audit records, one line each: `type=EXECVE msg=audit(1795514400.123:456): argc=2 …`.
//!
//! Fields have the record's own names (`exe`, `comm`, `key`, `a0`, …). Text that the kernel wrote
//! in hexadecimal because it holds odd characters is decoded (`decode.rs`). Plain decimal values
//! are numbers, except `a0`…`aN`, which are text in EXECVE and hexadecimal in SYSCALL. Beside
//! them an event has `audit_id` (the serial that the records of one happening share), `message`
//! (the text after the header), and where they follow from the record:
//!
//! | field | meaning |
//! |---|---|
//! | `SYSCALL` | the name of the system call, from enriched logs or by number on x86-64 and aarch64 |
//! | `CommandLine` | EXECVE and PROCTITLE: the arguments, joined by spaces |
//! | `Image` | SYSCALL of `execve` and `execveat`: the program, unless the call failed |
//! | `saddr_ip`, `saddr_port` | SOCKADDR: the address; who connected is in another record |
//!
//! The service is `auditd`; records about a new program are `process_creation` as well. Records
//! are not joined: a rule over several records of one serial is a correlation by `audit_id`.
//! Lines that came through syslog (`audispd: type=…`) are read as well.
//!
//! Spec: <https://github.com/linux-audit/audit-documentation/wiki>; auditd.conf(5), ausearch(8).

mod decode;
mod pairs;
mod syscall;

use stanch_model::{Time, event::Common};

use super::contract::{Draft, Source, log_source};
use crate::{
    error::{Error, quote},
    fields::{Fields, bare_account},
    moment,
    record::Record,
    syslog_line::Envelope,
};

/// The audit daemon.
pub(super) struct Auditd;

const NAME: &str = "auditd";

/// Programs that write audit records to syslog.
const RELAYS: &[&str] = &["audispd", "audisp-syslog", "auditd", "audit"];

impl Source for Auditd {
    fn name(&self) -> &'static str {
        NAME
    }

    fn title(&self) -> &'static str {
        "Linux audit log"
    }

    fn spec(&self) -> &'static str {
        "https://github.com/linux-audit/audit-documentation/wiki"
    }

    fn recognises(&self, record: &Record<'_>) -> bool {
        !record.looks_like_json()
            && record.text().contains("msg=audit(")
            && (is_audit(record.text()) || relayed(record.text(), Time::default()).is_some())
    }

    fn parse(&self, record: Record<'_>, received_at: Time) -> Result<Draft, Error> {
        if !is_audit(record.text())
            && let Some(envelope) = relayed(record.text(), received_at)
        {
            let mut draft = read(&envelope.message)?;
            draft.common.host = draft.common.host.or(envelope.hostname);
            return Ok(draft);
        }
        read(record.text())
    }
}

fn is_audit(line: &str) -> bool {
    line.starts_with("type=") || line.starts_with("node=")
}

fn relayed(line: &str, received_at: Time) -> Option<Envelope> {
    let envelope = Envelope::open(line, received_at)?;
    let is_relay = envelope.appname.as_deref().is_some_and(|name| RELAYS.contains(&name));
    (is_relay && is_audit(&envelope.message)).then_some(envelope)
}

/// One record.
pub(super) fn read(line: &str) -> Result<Draft, Error> {
    let header = Header::of(line).ok_or_else(|| Error::Malformed {
        format: NAME,
        expected: "`type=TYPE msg=audit(SECONDS.MILLIS:SERIAL): …`",
        found: quote(line),
        fix: "send the lines of audit.log as auditd writes them (log_format = RAW or ENRICHED)",
    })?;
    let mut fields = Fields::default();
    fields.set("type", header.kind);
    fields.set_some("node", header.node);
    fields.set("audit_id", header.serial);
    for (name, value) in pairs::of(header.body) {
        decode::add(&mut fields, header.kind, name, value);
    }
    fields.set("message", header.body);
    decode::join_arguments(&mut fields, header.kind);
    syscall::name(&mut fields, header.kind);
    let is_start = header.kind == "EXECVE" || syscall::starts_program(&fields, header.kind);
    if header.kind == "SYSCALL" && is_start {
        fields.alias("exe", "Image");
    }
    let categories: &[&str] = if is_start { &["process_creation"] } else { &[] };
    Ok(Draft {
        occurred_at: Some(header.time),
        log_source: log_source("linux", Some(NAME), categories),
        common: common(&fields),
        product_alert: None,
        fields: fields.finish(),
    })
}

/// What stands before the fields.
struct Header<'a> {
    node: Option<&'a str>,
    kind: &'a str,
    time: Time,
    serial: u64,
    body: &'a str,
}

impl<'a> Header<'a> {
    fn of(line: &'a str) -> Option<Self> {
        let (node, rest) = match line.strip_prefix("node=") {
            Some(rest) => rest.split_once(' ').map(|(node, rest)| (Some(node), rest))?,
            None => (None, line),
        };
        let (kind, rest) = rest.strip_prefix("type=")?.split_once(' ')?;
        let (stamp, body) = rest.trim_start().strip_prefix("msg=audit(")?.split_once(')')?;
        let (time, serial) = stamp.rsplit_once(':')?;
        Some(Self {
            node,
            kind,
            time: moment::of_text(time)?,
            serial: serial.parse().ok()?,
            body: body.strip_prefix(':')?.trim_start(),
        })
    }
}

fn common(fields: &Fields) -> Common {
    let acted = ["acct", "AUID", "UID"]
        .iter()
        .find_map(|name| fields.text(name).filter(|user| *user != "unset").and_then(bare_account));
    Common {
        host: fields.text("node").map(str::to_owned),
        user: acted,
        src_ip: fields.ip_of(&["addr"]),
        process: fields.text("exe").map(str::to_owned),
        ..Common::default()
    }
}
