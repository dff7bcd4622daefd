//! Tables.

use super::{left_out, origin, time, values};
use crate::{Columns, Confidence, Import, Meaning, Tlp, csv, import::Error};

fn read(columns: &str, text: &str) -> Result<Import, Error> {
    csv::read(&origin(), &columns.parse::<Columns>().unwrap(), text)
}

#[test]
fn columns_are_found_by_name() {
    let columns = "value=ioc,kind=type,confidence=Sure,tlp=tlp,valid_until=until,first_seen=seen,tags=tags,comment=note,id=id";
    let text = "\u{feff}# from us\n\nIOC,type,sure,tlp,until,seen,tags,note,id\r\n\
                evil[.]test,domain,80,TLP:AMBER,2026-06-01,2026-01-02 03:04:05 UTC,\"apt; c2\",\"says \"\"hi\"\",\nand more\",7\r\n\
                203.0.113.0/24,,,,,1767225600,,,\n";
    let import = read(columns, text).unwrap();
    assert_eq!(values(&import), ["evil.test", "203.0.113.0/24"]);
    let (first, second) = (&import.claims[0].1, &import.claims[1].1);
    assert_eq!((first.confidence, first.tlp), (Confidence::new(80), Some(Tlp::Amber)));
    assert_eq!(first.valid_until, Some(time("2026-06-01T00:00:00Z")));
    assert_eq!(first.first_seen, Some(time("2026-01-02T03:04:05Z")));
    assert_eq!(first.tags.iter().collect::<Vec<_>>(), ["apt", "c2"]);
    assert_eq!(first.comment.as_deref(), Some("says \"hi\",\nand more"));
    assert_eq!((first.id.as_deref(), second.id.as_deref()), (Some("7"), None));
    assert_eq!(second.first_seen, Some(time("2026-01-01T00:00:00Z")));
}

#[test]
fn columns_are_found_by_number_and_delimiters_differ() {
    let import = read("value=2,delimiter=tab", "x\tevil.test\n").unwrap();
    assert_eq!(values(&import), ["evil.test"]);
    let import = read("value=1,meaning=2,delimiter=;", "evil.test;benign").unwrap();
    assert_eq!(import.claims[0].1.meaning, Meaning::Benign);
}

#[test]
fn rows_that_cannot_be_read_are_named_by_their_line() {
    let columns = "value=1,kind=2,confidence=3,tlp=4,meaning=5,valid_from=6";
    let text = "nothing\n,,\n\"a\n.test\"\nevil.test,md5\nevil.test,,101\nevil.test,,,blue\n\
                evil.test,,,,evil\nevil.test,,,,,soon\nfine.test\n";
    let import = read(columns, text).unwrap();
    assert_eq!(values(&import), ["fine.test"]);
    assert_eq!(
        left_out(&import),
        [
            "line 1: `nothing` is no address, domain, URL or hash",
            "line 2: it has no value",
            "line 3: `a\n.test` is no single value; write one address, domain, URL or hash per line",
            "line 5: `evil.test` is a domain, and its row says md5",
            "line 6: confidence `101` is not 0 to 100",
            "line 7: `blue` is no TLP; there are clear, green, amber, amber+strict and red",
            "line 8: meaning `evil` is neither malicious nor benign",
            "line 9: `soon` is no time; write 2026-01-31 or 2026-01-31T12:00:00Z",
        ]
    );
}

#[test]
fn a_table_of_another_shape_is_refused_with_its_line() {
    let check = |columns: &str, text: &str, expect: &str| {
        assert_eq!(read(columns, text).unwrap_err().to_string(), expect);
    };
    check(
        "value=ioc",
        "# c\nvalue,type\nx\n",
        "line 2: there is no column `ioc`; there are value, type",
    );
    check("value=1", "a.test\n\"b.test\nc.test", "line 2: a quote is not closed");
    check("value=1", "\"b.test\"x\n", "line 1: something stands behind a closing quote");
    check("value=1", &"a,".repeat(1_001), "line 1: a row has at most 1000 fields");
    check("value=1", &"a".repeat(70_000), "line 1: a field has at most 65536 bytes");
    assert_eq!(read("value=1", "").unwrap(), Import::default());
}

#[test]
fn a_mapping_that_means_nothing_is_refused() {
    let check = |text: &str, expect: &str| {
        assert_eq!(text.parse::<Columns>().unwrap_err(), expect, "{text}");
    };
    check("", "the column of the values is missing; write value=NAME");
    check("value", "`value` has no `=`; write value=NAME or value=NUMBER");
    check("value=0", "value: the first column is number 1");
    check("value=1,delimiter=xy", "`xy` is no delimiter; write one sign, or tab");
    check(
        "value=1,tpl=2",
        "there is no `tpl`; there are value, kind, confidence, tlp, meaning, valid_from, valid_until, \
         first_seen, last_seen, tags, comment, id, delimiter",
    );
}

proptest::proptest! {
    #[test]
    fn fields_survive_quoting(rows in proptest::collection::vec(proptest::collection::vec("[a\",;\r\n #ü]{0,6}", 1..5), 1..6)) {
        let quoted = |field: &String| format!("\"{}\"", field.replace('"', "\"\""));
        let line = |row: &Vec<String>| row.iter().map(quoted).collect::<Vec<_>>().join(",");
        let text = rows.iter().map(line).collect::<Vec<_>>().join("\r\n");
        let columns: Columns = "value=1,comment=2".parse().unwrap();
        let import = csv::read(&origin(), &columns, &text).unwrap();
        // None of these is a value; every row is named once.
        proptest::prop_assert_eq!(import.left_out.count, rows.len());
    }
}
