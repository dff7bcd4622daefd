//! `do`, `script` and `call`.

use serde_json::{Map, Value};
use stanch_model::{ObservableKind, manifest::EffectClass};
use stanch_yaml::{Yaml, edit::quoted};

use super::{DAY, HOUR, LONGEST, MINUTE, SECOND, on_error};
use crate::{
    ast::{Approve, Arg, Call, Do, Interpreter, Otherwise, Retry, Script, ScriptTarget, Spanned},
    check::codes,
    parse::{
        reader::{Fields, Reader},
        schema, value,
    },
};

/// Tries after the first.
const RETRIES_MAX: u32 = 10;

/// People who have to agree.
const APPROVERS_MAX: u32 = 10;

/// Places that one script may reach.
const NETWORK_MAX: usize = 20;

type Entries = Vec<(Spanned<String>, Arg)>;

pub(super) fn read_do(reader: &mut Reader<'_>, fields: Fields<'_>, yaml: &Yaml) -> Option<Do> {
    let help = "name a capability or an action, as in `edr.isolate_host`";
    let name = reader.text(yaml, "`do`", help);
    let with = read_with(reader, fields);
    let expires =
        fields.get("expires").map(|yaml| reader.duration(yaml, "`expires`", MINUTE, LONGEST));
    let approve = read_approve(reader, fields);
    let retry = read_retry(reader, fields);
    let timeout = fields.get("timeout").map(|yaml| reader.duration(yaml, "`timeout`", SECOND, DAY));
    let default = read_default(reader, fields);
    let on_error = on_error(reader, fields);
    Some(Do {
        name: name?,
        with,
        retry,
        timeout: timeout.flatten(),
        default,
        expires: expires.flatten(),
        approve,
        on_error,
    })
}

fn read_with(reader: &mut Reader<'_>, fields: Fields<'_>) -> Entries {
    let with = fields.get("with").map(|yaml| {
        let with = reader.map(yaml, "`with`", "write `with: { input: value }`");
        with.map(|with| value::entries(reader, with.entries)).unwrap_or_default()
    });
    with.unwrap_or_default()
}

fn read_default(
    reader: &mut Reader<'_>,
    fields: Fields<'_>,
) -> Option<Spanned<Map<String, Value>>> {
    let yaml = fields.get("default")?;
    reader.map(yaml, "`default`", "write `default: { output: value }`")?;
    match value::constant(reader, yaml, "`default`")? {
        Value::Object(value) => Some(Spanned { value, span: yaml.span() }),
        _ => None,
    }
}

fn read_retry(reader: &mut Reader<'_>, fields: Fields<'_>) -> Option<Retry> {
    const HELP: &str = "write `retry: { times: 3, every: 10s }`";
    let fields = reader.map(fields.get("retry")?, "`retry`", HELP)?;
    reader.unknown_keys(fields, "`retry`", &["times", "every"]);
    let times = reader.required(fields, "times", "`retry`", HELP);
    let times = times.and_then(|yaml| reader.number(yaml, "`times`", 1, RETRIES_MAX));
    let every = reader.required(fields, "every", "`retry`", HELP);
    let every = every.and_then(|yaml| reader.duration(yaml, "`every`", SECOND, HOUR));
    Some(Retry { times: times?.value, every: every?.value, span: fields.span })
}

fn read_approve(reader: &mut Reader<'_>, fields: Fields<'_>) -> Option<Approve> {
    let help = "write `approve: { count: 1, within: 15m }`";
    let fields = reader.map(fields.get("approve")?, "`approve`", help)?;
    reader.unknown_keys(fields, "`approve`", &["by", "count", "within", "otherwise"]);
    let by = fields.get("by").map(|yaml| reader.text(yaml, "`by`", "name a group of people"));
    let within =
        fields.get("within").map(|yaml| reader.duration(yaml, "`within`", MINUTE, LONGEST));
    let words = [("deny", Otherwise::Deny), ("escalate", Otherwise::Escalate)];
    let otherwise = fields.get("otherwise").map(|yaml| reader.word(yaml, "`otherwise`", &words));
    let count = match fields.get("count") {
        None => 1,
        Some(yaml) => reader.number(yaml, "`count`", 1, APPROVERS_MAX)?.value,
    };
    Some(Approve {
        by: by.flatten(),
        count,
        within: within.flatten().map(|within| within.value),
        otherwise: otherwise.flatten().unwrap_or_default(),
        span: fields.span,
    })
}

pub(super) fn read_script(
    reader: &mut Reader<'_>,
    fields: Fields<'_>,
    yaml: &Yaml,
) -> Option<Script> {
    const EFFECTS: [(&str, EffectClass); 2] =
        [("read", EffectClass::Read), ("irreversible", EffectClass::Irreversible)];
    let words = Interpreter::ALL.map(|interpreter| (interpreter.word(), interpreter));
    let interpreter = reader.word(yaml, "`script`", &words);
    let help = "add the script: `code: |`, and its lines below, indented";
    let code = reader.required(fields, "code", "this script", help);
    let code = code.and_then(|yaml| reader.text(yaml, "`code`", help));
    let with = read_with(reader, fields);
    let output = fields.get("output").map(|yaml| schema::fields(reader, yaml, "`output`"));
    let effect = fields.get("effect").map(|yaml| reader.word(yaml, "`effect`", &EFFECTS));
    let target = fields.get("target").map(|yaml| read_target(reader, yaml));
    let network = fields.get("network").map(|yaml| read_network(reader, yaml));
    let retry = read_retry(reader, fields);
    let timeout =
        fields.get("timeout").map(|yaml| reader.duration(yaml, "`timeout`", SECOND, HOUR));
    let default = read_default(reader, fields);
    let approve = read_approve(reader, fields);
    let on_error = on_error(reader, fields);
    Some(Script {
        interpreter: Spanned { value: interpreter?, span: yaml.span() },
        code: code?,
        with,
        output: output.flatten().unwrap_or_default(),
        effect: effect.flatten().unwrap_or(EffectClass::Read),
        target: target.flatten(),
        network: network.flatten().unwrap_or_default(),
        retry,
        timeout: timeout.flatten(),
        default,
        approve,
        on_error,
    })
}

/// The kinds of things that a script can act on.
const KINDS: [ObservableKind; 8] = [
    ObservableKind::Ip,
    ObservableKind::Domain,
    ObservableKind::Url,
    ObservableKind::FileHash,
    ObservableKind::EmailAddress,
    ObservableKind::User,
    ObservableKind::Host,
    ObservableKind::Process,
];

fn read_target(reader: &mut Reader<'_>, yaml: &Yaml) -> Option<ScriptTarget> {
    const HELP: &str = "write `target: { kind: host, value: \"${{ … }}\" }`";
    let fields = reader.map(yaml, "`target`", HELP)?;
    reader.unknown_keys(fields, "`target`", &["kind", "value"]);
    let kind = reader.required(fields, "kind", "`target`", HELP);
    let kind = kind.and_then(|yaml| reader.word(yaml, "`kind`", &KINDS.map(|k| (k.word(), k))));
    let value = reader.required(fields, "value", "`target`", HELP);
    let value = value.and_then(|yaml| reader.template(yaml, "`value`"));
    Some(ScriptTarget { kind: kind?, value: value?, span: fields.span })
}

fn read_network(reader: &mut Reader<'_>, yaml: &Yaml) -> Option<Vec<Spanned<String>>> {
    const HELP: &str = "write host and port, as in `network: [\"api.example.test:443\"]`";
    let items = reader.list(yaml, "`network`", HELP)?;
    if items.len() > NETWORK_MAX {
        let message = format!("a script reaches at most {NETWORK_MAX} places");
        reader.error(codes::TOO_LARGE, yaml.span(), message, "split the script");
    }
    let mut places = Vec::new();
    for item in items {
        let Some(place) = reader.text(item, "a place in `network`", HELP) else { continue };
        if is_place(&place.value) {
            places.push(place);
        } else {
            let message = format!("`{}` is no host and port", place.value);
            let made = made_place(&place.value);
            reader.error_with(codes::BAD_NETWORK, place.span, message, HELP, |edit| {
                edit.rewrite(place.span, quoted(&made?))
            });
        }
    }
    Some(places)
}

/// The place that an address or a host without port most likely means.
fn made_place(text: &str) -> Option<String> {
    let (rest, port) = match text.split_once("://") {
        Some(("http", rest)) => (rest, 80),
        Some((_, rest)) => (rest, 443),
        None => (text, 443),
    };
    let host = rest.split('/').next().unwrap_or_default();
    [host.to_owned(), format!("{host}:{port}")].into_iter().find(|place| is_place(place))
}

/// `host:port`, where host is a name, an IPv4 address or an IPv6 address in brackets.
fn is_place(text: &str) -> bool {
    let Some((host, port)) = text.rsplit_once(':') else { return false };
    let digits = port.bytes().all(|b| b.is_ascii_digit()) && !port.starts_with('0');
    let port = digits && port.parse::<u16>().is_ok();
    let host = match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        Some(inner) => inner.parse::<std::net::Ipv6Addr>().is_ok(),
        None => is_host(host),
    };
    port && host
}

fn is_host(host: &str) -> bool {
    let numeric = host.split('.').all(|part| part.bytes().all(|b| b.is_ascii_digit()));
    if numeric {
        return host.parse::<std::net::Ipv4Addr>().is_ok();
    }
    let label = |label: &str| {
        let sign = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
        (1..=63).contains(&label.len())
            && label.bytes().all(sign)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    host.len() <= 253 && host.split('.').all(label)
}

pub(super) fn read_call(reader: &mut Reader<'_>, fields: Fields<'_>, yaml: &Yaml) -> Option<Call> {
    let help = "name a playbook, as in `call: contain-host`";
    let playbook = reader.named(yaml, "`call`", help, "name of a playbook", true);
    let with = read_with(reader, fields);
    let on_error = on_error(reader, fields);
    Some(Call { playbook: playbook?, with, on_error })
}
