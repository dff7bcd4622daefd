//! `token create --data`: over the control socket, and without a server.

use std::os::unix::net::UnixListener;

use serde_json::json;

use crate::{folder, run, stub::Stub};

#[test]
fn a_running_server_makes_it_and_the_secret_stands_alone() {
    let folder = folder(&[]);
    let socket = folder.path().join("control.sock");
    let answer = json!({ "token": { "name": "n" }, "secret": "stn_abc" }).to_string();
    let stub = Stub::on_socket(&socket, &[("POST /control/tokens", 201, &answer)]);
    let data = folder.path().to_str().unwrap();
    let ran = run(&["token", "create", "--data", data, "--name", "n", "--role", "responder"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, "stn_abc\n"), "{}", ran.err);
    let asked = stub.asked();
    let body = json!({ "name": "n", "scope": { "scope": "api", "role": "responder" } });
    assert_eq!((asked.len(), &asked[0].body), (1, &body));
}

#[test]
fn what_the_server_refuses_is_not_tried_behind_its_back() {
    let folder = folder(&[]);
    let socket = folder.path().join("control.sock");
    let _stub = Stub::on_socket(&socket, &[("POST /control/tokens", 409, r#"{"detail":"taken"}"#)]);
    let data = folder.path().to_str().unwrap();
    let ran = run(&["token", "create", "--data", data, "--name", "n", "--feed"]);
    assert_eq!((ran.code, ran.out.as_str()), (6, ""), "{}", ran.err);
    assert!(!folder.path().join("stanch.db").exists());
}

#[test]
fn a_socket_that_a_killed_server_left_is_no_obstacle() {
    let folder = folder(&[]);
    drop(UnixListener::bind(folder.path().join("control.sock")).unwrap());
    let data = folder.path().to_str().unwrap();
    let ran = run(&["token", "create", "--data", data, "--name", "n", "--role", "viewer"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.starts_with("stn") && ran.out.trim_end().len() > 20, "{}", ran.out);
    assert_eq!(ran.out.lines().count(), 1);
    // It is in the books.
    let ran = run(&["audit", "verify", "--data", data, "--json"]);
    assert_eq!((ran.code, &ran.json()["entries"]), (0, &1.into()));
}

#[test]
fn a_token_is_for_one_thing() {
    for args in [
        &["--role", "viewer", "--feed"][..],
        &["--role", "viewer", "--source", "s"],
        &["--role", "root"],
        &["--feed", "--trust", "high"],
        &[],
    ] {
        let ran = run(&[&["token", "create", "--data", "d", "--name", "n"], args].concat());
        assert_eq!(ran.code, 2, "{args:?} {}", ran.err);
    }
    let ran = run(&["token", "create", "--data", "not there", "--name", "n", "--feed"]);
    assert_eq!(ran.code, 5, "{}", ran.err);
}
