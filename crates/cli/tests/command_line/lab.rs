//! `lab`: it says where it is, and that it is no real thing.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    process::Stdio,
};

use crate::{run, stanch};

#[test]
fn it_serves_where_it_says() {
    let mut child = stanch(&["lab", "--listen", "127.0.0.1:0", "--token-env", "LAB_TOKEN_OF_TEST"])
        .env("LAB_TOKEN_OF_TEST", "t0ken")
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stderr.take().unwrap()).read_line(&mut line).unwrap();
    let address =
        line.strip_prefix("lab: http://").and_then(|rest| rest.split(' ').next()).unwrap();
    let answer = |extra: &str| {
        let mut stream = TcpStream::connect(address).unwrap();
        write!(
            stream,
            "GET /edr/v1/hosts HTTP/1.1\r\nHost: lab\r\n{extra}Connection: close\r\n\r\n"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    };
    let (refused, served) = (answer(""), answer("Authorization: Bearer t0ken\r\n"));
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(line.contains("practice target"), "{line}");
    assert!(refused.starts_with("HTTP/1.1 401"), "{refused}");
    assert!(served.starts_with("HTTP/1.1 200"), "{served}");
}

#[test]
fn a_token_that_is_not_set_is_not_no_token() {
    let ran = run(&["lab", "--listen", "127.0.0.1:0", "--token-env", "NOT_SET_ANYWHERE"]);
    assert_eq!(ran.code, 2, "{}", ran.err);
}
