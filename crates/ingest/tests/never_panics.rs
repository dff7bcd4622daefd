//! No input panics, and what comes out is bounded: arbitrary bytes, arbitrary text, arbitrary
//! JSON, and our own samples cut and mended at random.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::{fs, path::Path};

use proptest::{prelude::*, sample::Index};
use serde_json::Value;
use stanch_ingest::{Receipt, SOURCES, limits, parse, split};
use stanch_model::event::Trust;

/// Fields besides the record's own that a source may add: the aliases, and what was dropped.
const ADDED_MAX: usize = 1;

/// Times that names, aliases and decoded forms may repeat a record.
const GROWTH_MAX: usize = 16;

fn receipt() -> Receipt {
    Receipt {
        id: Default::default(),
        tenant: Default::default(),
        source: "test".to_owned(),
        trust: Trust::Low,
        received_at: "2026-11-24T12:00:00Z".parse().unwrap(),
    }
}

/// Reads `text` as every source and as none; gives how many read it.
fn read_as_everything(text: &str) -> usize {
    let formats = SOURCES.iter().map(|source| Some(source.name())).chain([None]);
    let mut read = 0;
    for format in formats {
        match parse(format, text, receipt()) {
            Ok(event) => {
                read += 1;
                assert_eq!(event.raw, text);
                assert!(event.fields.len() <= limits::FIELDS_MAX + ADDED_MAX);
                let bytes = serde_json::to_string(&event.fields).unwrap().len();
                let names = event.fields.len() * limits::NAME_BYTES_MAX;
                assert!(bytes <= names + (text.len() + 64) * GROWTH_MAX, "{bytes} of {text}");
            }
            Err(error) => assert!(error.to_string().len() < 1_500, "{error}"),
        }
    }
    read
}

/// All samples of all sources.
fn samples() -> Vec<Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/source");
    let mut bodies = Vec::new();
    for source in SOURCES {
        for entry in fs::read_dir(root.join(source.name()).join("corpus")).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if !name.ends_with(".expect.json") && name != "SOURCES.md" {
                bodies.push(fs::read(path).unwrap());
            }
        }
    }
    bodies
}

/// Names that mean something to some source, so that arbitrary JSON gets past the door.
fn name() -> impl Strategy<Value = String> {
    const KNOWN: &[&str] = &[
        "Event",
        "System",
        "EventID",
        "EventData",
        "UserData",
        "#attributes",
        "#text",
        "Data",
        "@Name",
        "Channel",
        "winlog",
        "event_id",
        "event_data",
        "event_type",
        "timestamp",
        "alert",
        "signature_id",
        "metadata",
        "mitre_technique_id",
        "flow",
        "src_ip",
        "class_uid",
        "finding_info",
        "title",
        "evidences",
        "file",
        "hashes",
        "algorithm_id",
        "time",
        "Hashes",
        "logsource",
        "version",
        "host",
        "short_message",
        "_EventID",
        "eventVersion",
        "eventTime",
        "eventName",
        "eventSource",
        "requestParameters",
        "detail",
        "detail-type",
        "Records",
        "category",
        "properties",
        "targetResources",
        "DeviceDetail",
        "riskEventType",
        "CreationTime",
        "Operation",
        "Workload",
        "Parameters",
        "hostIdentifier",
        "columns",
        "snapshot",
        "diffResults",
        "__REALTIME_TIMESTAMP",
        "MESSAGE",
        "_TRANSPORT",
        "_path",
        "id.orig_h",
        "",
        "a.b",
    ];
    prop_oneof![proptest::sample::select(KNOWN).prop_map(str::to_owned), ".{0,8}"]
}

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        (0..5000_u64).prop_map(Value::from),
        ".{0,20}".prop_map(Value::from),
        proptest::sample::select(&["alert", "dns", "T1071", "10.0.0.1", "SHA256=AB,MD5"][..])
            .prop_map(Value::from),
    ];
    leaf.prop_recursive(20, 120, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            proptest::collection::vec((name(), inner), 0..6)
                .prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn arbitrary_bytes(body in proptest::collection::vec(any::<u8>(), 0..400)) {
        check_body(&body);
    }

    #[test]
    fn bytes_of_json(body in "[\\[\\]{}\",:\\\\ \nab1\r\t]{0,80}") {
        check_body(body.as_bytes());
    }

    #[test]
    fn arbitrary_text(text in ".{0,200}") {
        read_as_everything(&text);
    }

    #[test]
    fn arbitrary_envelopes(
        head in "(<[0-9]{1,3}>)?(1 )?(Nov 24 10:00:00|2026-11-24T10:00:00Z|-) [a-z-]{0,6} ",
        program in "(sshd|sshd-session|audispd|sudo)(\\[[0-9]{0,5}\\])?:? ",
        message in "(Failed|Accepted|Invalid user|Connection closed by|message repeated 2 times: \\[|type=EXECVE msg=audit\\(1.0:1\\):| |for|from|port|ssh2|192\\.0\\.2\\.1|=|'|\"|[0-9]{1,6}|.){0,20}",
    ) {
        read_as_everything(&format!("{head}{program}{message}"));
    }

    #[test]
    fn arbitrary_devices(
        head in "(<13>)?(Nov 24 10:00:00 fw01 )?(CEF:[01]|LEEF:[12]\\.0)",
        body in "(\\||\\\\|=|\t| |\\^|x5E|src=|dst=|rt=|sev=|cs1Label=|cs1=|[0-9a-z]{1,4}|.){0,40}",
    ) {
        read_as_everything(&format!("{head}|{body}"));
        read_as_everything(&format!("{head}|a|b|1|7|c|9|{body}"));
    }

    #[test]
    fn arbitrary_tables(
        head in "(#separator \\\\x(09|2c|zz)\n)?(#set_separator\t,\n)?(#path\t(dns|http|notice)\n)?",
        fields in "#fields(\t(ts|uid|id\\.orig_h|query|uri|note|[a-z]{1,3})){1,4}\n",
        types in "(#types(\t(time|string|addr|count|bool|set\\[string\\]|vector\\[port\\]|set\\[)){1,4}\n)?",
        rows in "(([0-9.]{1,5}|-|\\(empty\\)|\\\\x[0-9a-f]{0,2}|T|,|.)?(\t|\n|,)){0,30}",
    ) {
        check_body(format!("{head}{fields}{types}{rows}").as_bytes());
    }

    #[test]
    fn arbitrary_markup(
        body in "(<Event>|<Event xmlns='x'>|<System>|<Provider Name=\"Linux-Sysmon\"/>|<EventID>1</EventID>|</System>|<EventData>|<Data Name='Image'>|</Data>|</EventData>|</Event>|<!\\[CDATA\\[|\\]\\]>|<!--|-->|&amp;|&#0;|&x;|<\\?xml|\n|.){0,30}",
    ) {
        check_body(body.as_bytes());
        read_as_everything(&format!("<Event><System><EventID>1</EventID>{body}</System></Event>"));
    }

    #[test]
    fn arbitrary_journals(
        lines in proptest::collection::vec(
            prop_oneof![
                Just(b"__CURSOR=a".to_vec()),
                Just(b"__REALTIME_TIMESTAMP=1795514400000000".to_vec()),
                Just(b"_TRANSPORT=audit".to_vec()),
                Just(b"SYSLOG_IDENTIFIER=sshd".to_vec()),
                Just(Vec::new()),
                (0_u64..40, proptest::collection::vec(any::<u8>(), 0..40)).prop_map(|(size, value)| {
                    [b"MESSAGE\n".as_slice(), &size.to_le_bytes(), &value].concat()
                }),
                "[A-Z_]{1,8}(=.{0,10})?".prop_map(String::into_bytes),
            ],
            0..12,
        ),
    ) {
        check_body(&[b"__CURSOR=0\n".to_vec(), lines.join(&b'\n')].concat());
    }

    #[test]
    fn arbitrary_json(value in json()) {
        read_as_everything(&value.to_string());
    }

    #[test]
    fn samples_cut_and_changed(
        (which, from, to) in any::<(Index, Index, Index)>(),
        (at, byte) in any::<(Index, u8)>(),
    ) {
        let bodies = samples();
        let mut body = which.get(&bodies).clone();
        let (a, b) = (from.index(body.len()), to.index(body.len()));
        body = body[a.min(b)..].to_vec();
        let at = at.index(body.len());
        body[at] = byte;
        check_body(&body);
    }
}

/// Splits and reads a body; every byte that is no separator comes out in some record.
fn check_body(body: &[u8]) {
    let mut last = 1;
    let (mut bytes_out, mut records) = (0, 0);
    for line in split(body) {
        assert!(line.number >= last, "line numbers never go back");
        last = line.number;
        records += 1;
        match line.text {
            Ok(text) => {
                bytes_out += text.len();
                read_as_everything(&text);
            }
            Err(bad) => bytes_out += bad.lossy.len(),
        }
    }
    // U+FFFD has three bytes for one that is no text, and a control character six in JSON; the
    // head of a table and of a result stands before each row.
    assert!(bytes_out <= (6 + records) * body.len());
}

/// The premise of the tests above: what they feed gets past the door of every source.
#[test]
fn the_samples_are_read() {
    let mut read = 0;
    for body in samples() {
        for text in split(&body).filter_map(|line| line.text.ok()) {
            read += read_as_everything(&text);
        }
    }
    assert!(read > 150, "only {read} readings succeeded");
}

/// A record made to grow: long names above many leaves, and depth beyond every cap.
#[test]
fn hostile_shapes_stay_small() {
    let long = "k".repeat(60_000);
    let leaves: Vec<String> = (0..50_000).map(|i| format!("\"{i}\":1")).collect();
    let wide = format!("{{\"{long}\":{{{}}}}}", leaves.join(","));
    assert!(read_as_everything(&wide) > 0);
    let flat = format!("{{{}}}", leaves.join(","));
    assert!(read_as_everything(&flat) > 0);
    let deep = format!("{}1{}", "{\"a\":".repeat(100), "}".repeat(100));
    assert!(read_as_everything(&deep) > 0);
    let deeper = format!("{}1{}", "{\"a\":".repeat(100_000), "}".repeat(100_000));
    assert_eq!(read_as_everything(&deeper), 0);
    let pairs = format!("type=EXECVE msg=audit(1.0:1): {}", "a1[0]=41 ".repeat(100_000));
    assert!(read_as_everything(&pairs) > 0);
    let joined = "{\"a\":1}".repeat(200_000);
    assert_eq!(split(joined.as_bytes()).count(), 200_000);
    let endless = "{\"a\":".repeat(400_000) + "\n";
    assert_eq!(split(endless.repeat(10).as_bytes()).count(), 10);
}
