//! Formats are told apart by what stands in a document.

use super::{origin, values};
use crate::{Format, Meaning};

#[test]
fn documents_say_what_they_are() {
    let check =
        |text: &str, expect: &str| assert_eq!(Format::of(text).unwrap().word(), expect, "{text}");
    check("evil.test\n", "plain");
    check("", "plain");
    check("[::1]\n", "plain");
    check("\u{feff} {\"type\": \"bundle\", \"objects\": []}", "stix");
    check("{\"Event\": {}}", "misp");
    check("[ {\"Event\": {}}]", "misp");
    check("{\"response\": []}", "misp");
    check("{\"title\": \"x\", \"vulnerabilities\": []}", "kev");
    check("{\"name\": \"x\", \"list\": []}", "warninglist");
    let error = Format::of("{\"a\": 1}").unwrap_err().to_string();
    assert!(error.starts_with("not a document of indicators: it has none of `objects`"), "{error}");
    let error = Format::of("{\"a\": 1,\n}").unwrap_err().to_string();
    assert!(error.starts_with("not JSON: line 2, column 1"), "{error}");
}

#[test]
fn each_is_read_by_its_reader() {
    let read = |text: &str| Format::of(text).unwrap().read(&origin(), text).unwrap();
    let plain = read("evil.test # c2\nnothing\n");
    assert_eq!((values(&plain), plain.left_out.count), (vec!["evil.test".to_owned()], 1));
    assert_eq!(plain.claims[0].1.comment.as_deref(), Some("c2"));
    let warnings =
        read("{\"name\": \"top\", \"type\": \"hostname\", \"list\": [\"cdn.test\", \"x y\"]}");
    assert_eq!((warnings.claims[0].1.meaning, warnings.left_out.count), (Meaning::Benign, 1));
    let text = "{\"name\": \"top\", \"type\": \"regex\", \"list\": []}";
    let error = Format::Warninglist.read(&origin(), text).unwrap_err().to_string();
    assert!(error.contains("is of type `regex`"), "{error}");
    let text = "{\"vulnerabilities\": []}";
    assert_eq!(read(text).claims, []);
}
