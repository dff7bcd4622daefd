//! The door: the one connection that a program can make, if it was granted.

use std::{
    io::{Read as _, Write as _},
    net::TcpListener,
    thread,
};

use libtest_mimic::Trial;
use stanch_sandbox::{DOOR_PORT, Door, Error, Network, Outcome, stop};

use crate::{hosts::Host, run::python, world::World};

pub(crate) fn trials(host: &Host) -> Vec<Trial> {
    let host = host.clone();
    let check = if host.sandbox.layers().bubblewrap.is_ok() { is_the_only_way } else { is_refused };
    vec![Trial::test(format!("{}::door", host.name), move || {
        check(&host);
        Ok(())
    })]
}

/// Says what each way out comes to.
const CODE: &str = r#"
import socket
def through():
    with socket.create_connection(("127.0.0.1", d["door"])) as s:
        s.sendall(b"knock")
        return s.recv(100)
attempt(through)
attempt(lambda: socket.create_connection(("127.0.0.1", d["tcp"])))
attempt(lambda: socket.create_connection(("192.0.2.1", 443)))
attempt(lambda: socket.create_connection(("::1", d["door"])))
attempt(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", d["udp"])))
attempt(lambda: socket.socket(socket.AF_UNIX).connect(d["stream"]))
attempt(lambda: socket.create_server(("127.0.0.1", 0)))
"#;

fn run(host: &Host, door: Door) -> Result<Outcome, Error> {
    let world = World::new();
    let mut told = world.told();
    told["door"] = DOOR_PORT.into();
    let mut spec = python(CODE);
    spec.stdin = told.to_string().into_bytes();
    spec.network = Network::Door(door);
    let (_handle, signal) = stop().unwrap();
    host.sandbox.run(spec, &signal)
}

fn is_the_only_way(host: &Host) {
    let door = Door::new(|listener: TcpListener| {
        thread::spawn(move || {
            let (mut stream, from) = listener.accept().unwrap();
            assert!(from.ip().is_loopback());
            let mut heard = [0; 5];
            stream.read_exact(&mut heard).unwrap();
            stream.write_all(&heard).unwrap();
        });
    });
    let outcome = run(host, door).unwrap();
    let said = String::from_utf8(outcome.stdout).unwrap();
    let mut lines = said.lines();
    assert_eq!(lines.next(), Some("ESCAPED b'knock'"), "{said}");
    let others: Vec<&str> = lines.collect();
    assert_eq!(others.len(), 6, "{said} {}", String::from_utf8_lossy(&outcome.stderr));
    for line in others {
        let reasons = ["EACCES", "EPERM", "ENETUNREACH"];
        assert!(reasons.iter().any(|reason| line == format!("held: {reason}")), "{said}");
    }
}

fn is_refused(host: &Host) {
    let error = run(host, Door::new(|_| panic!("nothing was begun"))).unwrap_err();
    assert!(matches!(error, Error::Network { .. }), "{error}");
    assert!(!error.may_have_begun());
}
