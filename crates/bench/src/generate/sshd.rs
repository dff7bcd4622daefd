//! sshd's lines as rsyslog writes them: people who log in by key, and guesses from everywhere.

use super::random::Random;

const USERS: [&str; 4] = ["deploy", "backup", "mara", "jon"];

pub(super) fn line(random: &mut Random, time: &str) -> String {
    let (host, pid) = (random.below(40), random.between(1_000, 60_000));
    let message = match random.below(10) {
        0..4 => format!(
            "Accepted publickey for {} from {} port {} ssh2: ED25519 SHA256:{}",
            random.pick(&USERS),
            random.inside(),
            random.port(),
            random.hex(43)
        ),
        4..7 => {
            format!("Connection closed by {} port {} [preauth]", random.outside(), random.port())
        }
        _ => format!(
            "Failed password for invalid user admin from {} port {} ssh2",
            random.outside(),
            random.port()
        ),
    };
    format!("{time} srv-{host:02} sshd[{pid}]: {message}")
}
