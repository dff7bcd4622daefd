//! A connector that could not work is refused at the start, not in the middle of an incident.

use std::fs;

use super::support::stanch;

#[test]
fn a_connector_that_could_not_work_ends_the_start() {
    for (lines, expect) in [
        (
            "connector: openldap, base_url: \"ldaps://dc.example\"",
            "nobody signs in: add `user: NAME`",
        ),
        (
            "connector: openldap, base_url: \"ldaps://dc.example\", user: \"cn=stanch\"",
            "has no password",
        ),
        (
            "connector: dovecot, base_url: \"https://mail.example\"",
            "base_url must be imaps://HOST[:PORT]",
        ),
        (
            "connector: dovecot, base_url: \"imap://mail.example\", plaintext: true, user: x, credential: \"env:X\"",
            "`plaintext: true` is for servers inside alone",
        ),
        (
            "connector: syslog, base_url: \"syslog://siem.example\"",
            "without TLS only collectors inside",
        ),
        ("connector: lab, base_url: \"http://127.0.0.1:1\", ca_file: /x", "`ca_file` says nothing"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let config = format!("connectors:\n  - {{ name: real, {lines} }}\n");
        fs::write(folder.path().join("stanch.yaml"), config).unwrap();
        let data = folder.path().to_str().unwrap();
        let ended = stanch(&["serve", "--listen", "127.0.0.1:0", "--data", data], &[]);
        assert!(!ended.ok(), "{lines}");
        assert!(ended.stderr.contains("configuration: instance `real`: "), "{ended:?}");
        assert!(ended.stderr.contains(expect), "{lines}: {}", ended.stderr);
    }
}
