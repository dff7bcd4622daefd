//! Bodies and the records that come out of them.

use super::{split, split_after};
use crate::limits::{RECORD_BYTES_MAX, TABLE_HEAD_BYTES_MAX};

/// Each record as `line: text`, each error as `line! reason`.
fn shown(body: &[u8]) -> Vec<String> {
    split(body)
        .map(|line| match line.text {
            Ok(text) => format!("{}: {text}", line.number),
            Err(bad) => format!("{}! {bad}", line.number),
        })
        .collect()
}

#[track_caller]
fn check(body: &str, expect: &[&str]) {
    assert_eq!(shown(body.as_bytes()), expect);
}

#[test]
fn one_record_a_line() {
    check("", &[]);
    check("\n \n\t\r\n", &[]);
    check("a\n\nb\r\n  c", &["1: a", "3: b", "4:   c"]);
    check("{\"a\":1}\n{\"b\":2}\n", &["1: {\"a\":1}", "2: {\"b\":2}"]);
    check("\u{feff}{\"a\":1}", &["1: {\"a\":1}"]);
    check("type=CWD msg=audit(1.0:1): cwd=\"/\"\n", &["1: type=CWD msg=audit(1.0:1): cwd=\"/\""]);
    check("[   12.3] usb 1-1\n{x} y\n<13>z", &["1: [   12.3] usb 1-1", "2: {x} y", "3: <13>z"]);
}

#[test]
fn lists_and_printed_objects() {
    check("[{\"a\":1}, {\"b\":\"]\"}]", &["1: {\"a\":1}", "1: {\"b\":\"]\"}"]);
    check("[\n{\n\"a\": 1\n},\n{\"b\":2}\n]\n", &["2: {\n\"a\": 1\n}", "5: {\"b\":2}"]);
    check("[]", &[]);
    check("[]\n[{\"a\":1}]\nx", &["2: {\"a\":1}", "3: x"]);
    check("{\n  \"a\": {\n    \"b\": 1\n  }\n}", &["1: {\n  \"a\": {\n    \"b\": 1\n  }\n}"]);
    check("{\n  \"a\": 1\n}\n{\n  \"b\": 2\n}\n", &["1: {\n  \"a\": 1\n}", "4: {\n  \"b\": 2\n}"]);
    check("{\"a\":1}{\"b\":2} {}", &["1: {\"a\":1}", "1: {\"b\":2}", "1: {}"]);
    check("[{\"a\":1}, 2, \"x,]\", [3]]", &["1: {\"a\":1}", "1: 2", "1: \"x,]\"", "1: [3]"]);
}

#[test]
fn a_broken_record_costs_itself() {
    check(
        "{\"a\":1,\n{\"b\":2}\n",
        &["1! the JSON value is not closed: send complete JSON, one object a line", "2: {\"b\":2}"],
    );
    check(
        "{\"a\":\nNov 24 plain\n",
        &[
            "1! the JSON value is not closed: send complete JSON, one object a line",
            "2: Nov 24 plain",
        ],
    );
    check(
        "{\"a\":\"cut\nNov 24 plain\n",
        &[
            "1! a line break stands inside a JSON string: send complete JSON, one object a line",
            "2: Nov 24 plain",
        ],
    );
    check(
        "{\n  \"a\": \"cut\n  \"b\": 1\n}\n{\"c\":3}",
        &[
            "1! a line break stands inside a JSON string: send complete JSON, one object a line",
            "5: {\"c\":3}",
        ],
    );
    check(
        "{\"a\":1} tail\n{\"b\":2}",
        &["1! there is text after the JSON object: end the line after it", "2: {\"b\":2}"],
    );
    check(
        "[{\"a\":1},\n",
        &["1: {\"a\":1}", "2! the list opened on line 1 is never closed with `]`"],
    );
    check(
        "[{\"a\":1},\n{\"b\":",
        &[
            "1: {\"a\":1}",
            "2! the JSON value is not closed in the list opened on line 1: send complete JSON",
        ],
    );
}

#[test]
fn bytes_that_are_no_text_are_named_by_line() {
    assert_eq!(split(b"a\n\xff\xfe b\nc\n").filter(|line| line.text.is_ok()).count(), 2);
    let body = b"good\nb\xffd\ngood\n{\"a\":\"\xc3\x28\"}\n";
    assert_eq!(
        shown(body),
        [
            "1: good",
            "2! byte 2 of the record is 0xff, which is no UTF-8: send UTF-8",
            "3: good",
            "4! byte 7 of the record is 0xc3, which is no UTF-8: send UTF-8",
        ]
    );
    let bad = split(body).find_map(|line| line.text.err()).unwrap();
    assert_eq!(bad.lossy, "b\u{fffd}d");
    assert_eq!(shown(b"\xff\xfe{\0}\0"), ["1! this is UTF-16: send UTF-8"]);
}

#[test]
fn rows_come_with_their_head() {
    let head = "#separator \\x09\n#path\tx\n#fields\ta\tb\n";
    let body = format!("{head}#open\t2026\n1\t2\r\n3\n{{\"a\":1}}\n5\t6\n#close\t2026\n7\t8\n");
    check(
        &body,
        &[
            &format!("5: {head}1\t2"),
            "6! the row has 1 columns and its `#fields` name 2: send the lines as they were \
             written, head included",
            "7: {\"a\":1}",
            &format!("8: {head}5\t6"),
            "10: 7\t8",
        ],
    );
    check("#separator ,\n#fields,a,b\n1,2\n", &["3: #separator ,\n#fields,a,b\n1,2"]);
    check("# a comment\n#fieldset\n", &["1: # a comment", "2: #fieldset"]);
    check("#fields\ta\tb\n", &[]);
}

#[test]
fn a_head_is_handed_on_and_not_longer_than_allowed() {
    let mut first = split(b"#fields\ta\tb\n1\t2\n");
    assert_eq!(first.by_ref().count(), 1);
    let next: Vec<_> = split_after(first.head(), b"3\t4\n").map(|line| line.text).collect();
    assert_eq!(next, [Ok("#fields\ta\tb\n3\t4".to_owned())]);
    let body = |bytes: usize| format!("#fields\t{}\nx\n", "n".repeat(bytes - "#fields\t\n".len()));
    assert!(split(body(TABLE_HEAD_BYTES_MAX).as_bytes()).all(|line| line.text.is_ok()));
    assert!(split(body(TABLE_HEAD_BYTES_MAX + 1).as_bytes()).all(|line| line.text.is_err()));
}

#[test]
fn wrapped_records_come_out_by_themselves() {
    check(
        "{\"Records\":[{\"a\":1},\n {\"b\":2}]}\n{\"c\":3}\n",
        &["1: {\"a\":1}", "2: {\"b\":2}", "3: {\"c\":3}"],
    );
    check("{\n \"records\": [\n  {\"a\": 1}\n ]\n}\n", &["3: {\"a\": 1}"]);
    check(
        "{\"@odata.context\":\"x\",\"value\":[{\"a\":1}],\"@odata.nextLink\":\"y\"}",
        &["1: {\"a\":1}"],
    );
    check("{\"node_key\":\"k\",\"log_type\":\"result\",\"data\":[{\"a\":1}]}", &["1: {\"a\":1}"]);
    // Not wrappers: a record that has such a list among other things, an empty one, no objects.
    for record in [
        r#"{"value":[{"a":1}],"user":"x"}"#,
        r#"{"Records":[]}"#,
        r#"{"Records":[1]}"#,
        r#"{"Records":[{"a":1}],"Records":[{"b":1}]}"#,
        r#"{"a":{"Records":[{"a":1}]}}"#,
    ] {
        check(record, &[&format!("1: {record}")]);
    }
}

#[test]
fn rows_of_a_result_come_with_its_head() {
    check(
        r#"{"name":"q","snapshot":[{"a":"1"},{"a":"2"}],"hostIdentifier":"h","action":"snapshot"}"#,
        &[
            r#"1: {"name":"q","hostIdentifier":"h","action":"snapshot","columns":{"a":"1"}}"#,
            r#"1: {"name":"q","hostIdentifier":"h","action":"snapshot","columns":{"a":"2"}}"#,
        ],
    );
    check(
        r#"{"diffResults":{"added":[{"a":"1"}],"removed":[{"a":"2"}]},"name":"q","hostIdentifier":"h"}"#,
        &[
            r#"1: {"name":"q","hostIdentifier":"h","action":"added","columns":{"a":"1"}}"#,
            r#"1: {"name":"q","hostIdentifier":"h","action":"removed","columns":{"a":"2"}}"#,
        ],
    );
    let batch = r#"{"data":[{"name":"q","snapshot":[{"a":"1"}],"hostIdentifier":"h"},{"b":1}],"node_key":"k","log_type":"result"}"#;
    check(batch, &[r#"1: {"name":"q","hostIdentifier":"h","columns":{"a":"1"}}"#, r#"1: {"b":1}"#]);
    let empty = r#"{"name":"q","snapshot":[],"hostIdentifier":"h"}"#;
    check(empty, &[&format!("1: {empty}")]);
}

#[test]
fn rows_that_would_grow_too_much_stay_together() {
    let result = |head: usize, rows: usize| {
        let (name, rows) = ("n".repeat(head), vec!["{}"; rows].join(","));
        format!(r#"{{"name":"{name}","snapshot":[{rows}],"hostIdentifier":"h"}}"#)
    };
    assert_eq!(split(result(100, 5_000).as_bytes()).count(), 5_000);
    assert_eq!(split(result(4_000, 5_000).as_bytes()).count(), 1);
    assert_eq!(split(result(5_000, 10).as_bytes()).count(), 1);
}

#[test]
fn wrappers_in_wrappers_are_opened_twice() {
    let nest = |levels: usize| {
        format!("{}{{\"a\":1}}{}", "{\"Records\":[".repeat(levels), "]}".repeat(levels))
    };
    check(&nest(2), &["1: {\"a\":1}"]);
    check(&nest(3), &["1: {\"Records\":[{\"a\":1}]}"]);
    assert_eq!(split(nest(50_000).as_bytes()).count(), 1);
}

#[test]
fn a_zero_byte_ends_an_object() {
    check("{\"a\":1}\0{\"b\":2}\0", &["1: {\"a\":1}", "1: {\"b\":2}"]);
}

#[test]
fn events_as_xml_may_have_several_lines() {
    check(
        "<?xml version=\"1.0\"?>\n<Events>\n<Event xmlns='x'>\n  <a>1\nb</a>\n</Event>\n\
         <Event><a>2</a></Event><Event><a>3</a></Event></Events>\nplain\n",
        &[
            "3: <Event xmlns='x'>\n  <a>1\nb</a>\n</Event>",
            "7: <Event><a>2</a></Event>",
            "7: <Event><a>3</a></Event>",
            "8: plain",
        ],
    );
    check(
        "<Event><![CDATA[</Event>]]><!-- </Event> --></Event>\nx\n",
        &["1: <Event><![CDATA[</Event>]]><!-- </Event> --></Event>", "2: x"],
    );
    check("<Eventful/>\n", &["1: <Eventful/>"]);
}

#[test]
fn an_event_that_is_cut_costs_itself() {
    let open = "the event is not closed with `</Event>`: send complete events";
    check(
        "<Event><a>\n<Event><a>2</a></Event>\n",
        &[&format!("1! {open}"), "2: <Event><a>2</a></Event>"],
    );
    check(
        "<Event><a>\n <b/>\nNov 24 plain\n{\"a\":1}\n",
        &[&format!("1! {open}"), "3: Nov 24 plain", "4: {\"a\":1}"],
    );
    check("<Event>\n", &[&format!("1! {open}")]);
    check("<Event><![CDATA[ x\n", &[&format!("1! {open}"), "1: <![CDATA[ x"]);
    check("<Event>\n <Event><a/></Event>\n", &[&format!("1! {open}"), "2: <Event><a/></Event>"]);
}

/// `name` with a binary value.
fn sized(name: &str, value: &[u8]) -> Vec<u8> {
    let size = u64::try_from(value.len()).unwrap().to_le_bytes();
    [name.as_bytes(), b"\n", &size, value, b"\n"].concat()
}

#[test]
fn journal_entries_are_records() {
    check(
        "__CURSOR=a\nMESSAGE=x\n_PID=1\n\n__CURSOR=b\nMESSAGE=y\n__CURSOR=c\nMESSAGE=z",
        &[
            "1: __CURSOR=a\nMESSAGE=x\n_PID=1",
            "5: __CURSOR=b\nMESSAGE=y",
            "7: __CURSOR=c\nMESSAGE=z",
        ],
    );
    let lines = "x\n".repeat(100);
    let body = [
        b"__CURSOR=a\n".to_vec(),
        sized("MESSAGE", lines.as_bytes()),
        sized("BLOB", b"\xff\0"),
        b"A=1\nA=2\nA=3\n\nplain\n".to_vec(),
    ]
    .concat();
    let json = format!(
        "{{\"__CURSOR\":\"a\",\"MESSAGE\":\"{}\",\"BLOB\":[255,0],\"A\":[\"1\",\"2\",\"3\"]}}",
        "x\\n".repeat(100)
    );
    let found = shown(&body);
    let [entry, plain] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!(entry, &format!("1: {json}"));
    assert!(plain.ends_with(": plain"));
}

#[test]
fn a_broken_entry_costs_itself() {
    let broken = "a line is neither `NAME=value` nor a name with the length of its value: send \
                  entries as journalctl -o export writes them";
    let mut body = b"__CURSOR=a\nMESSAGE\n\xff\xff\xff\xff\xff\xff\xff\xffx\n".to_vec();
    body.extend(b"__CURSOR=b\nMESSAGE=y\n");
    assert_eq!(shown(&body), [format!("1! {broken}"), "4: __CURSOR=b\nMESSAGE=y".to_owned()]);
    check("__CURSOR=a\nlower=1\n", &[&format!("1! {broken}")]);
    let entry = |bytes: usize| format!("__CURSOR=a\nM={}\n", "m".repeat(bytes - 14));
    assert!(split(entry(RECORD_BYTES_MAX).as_bytes()).all(|line| line.text.is_ok()));
    assert!(split(entry(RECORD_BYTES_MAX + 1).as_bytes()).all(|line| line.text.is_err()));
}

/// What is opened again and again and never closed is read once, not once for each opening.
#[test]
fn hostile_bodies_are_read_once() {
    let check = |piece: &str, records: usize| {
        let body = piece.repeat(20_000);
        assert_eq!(split(body.as_bytes()).count(), records, "{piece:?}");
    };
    check(" <Event>\nx\n", 40_000);
    check("<Event><![CDATA[<!--", 2);
    check(" <Event><![CDATA[\n", 40_000);
    check("__CURSOR=a\nA\n", 20_000);
    check("__CURSOR=a\nb\n\n", 20_000);
    check("#fields\ta\tb\n1\t2\n", 20_000);
    check("{\"Records\":[{}]}\n", 20_000);
}
