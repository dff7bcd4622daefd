//! Suricata's EVE records: flows, names, pages, handshakes, and one alert in a thousand.

use serde_json::{Value, json};

use super::random::Random;

const NAMES: [&str; 6] = [
    "www.example.com",
    "cdn.example.net",
    "mail.corp.test",
    "files.corp.test",
    "update.example.org",
    "api.example.com",
];

const AGENTS: [&str; 3] = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36",
    "Debian APT-HTTP/1.3 (2.6.1)",
];

/// One record in a thousand of all sources is an alert; half of all are Suricata's.
const ALERT_ONE_IN: u64 = 500;

pub(super) fn line(random: &mut Random, time: &str) -> String {
    let is_alert = random.below(ALERT_ONE_IN) == 0;
    let (kind, port, body) = match random.below(20) {
        _ if is_alert => ("alert", 80, alert(random)),
        0..7 => ("flow", 443, flow(random, time)),
        7..13 => ("dns", 53, dns(random)),
        13..16 => ("http", 80, http(random)),
        _ => ("tls", 443, tls(random)),
    };
    let mut record = json!({
        "timestamp": time, "flow_id": random.below(1 << 50), "in_iface": "eth1",
        "event_type": kind, "src_ip": random.inside(), "src_port": random.port(),
        "dest_ip": random.outside(), "dest_port": port,
        "proto": if kind == "dns" { "UDP" } else { "TCP" },
        "pkt_src": "wire/pcap", "community_id": format!("1:{}=", random.hex(27)),
    });
    if let (Some(record), Value::Object(body)) = (record.as_object_mut(), body) {
        record.extend(body);
    }
    record.to_string()
}

fn alert(random: &mut Random) -> Value {
    json!({
        "alert": {
            "action": "allowed", "gid": 1, "signature_id": random.between(9_900_000, 9_900_020),
            "rev": 1, "signature": "Bench: a page that is looked at", "severity": 2,
            "category": "Potentially Bad Traffic",
        },
        "http": page(random), "app_proto": "http", "direction": "to_server",
    })
}

fn flow(random: &mut Random, time: &str) -> Value {
    let (sent, received) = (random.between(4, 90), random.between(4, 400));
    json!({
        "app_proto": "tls",
        "flow": {
            "pkts_toserver": sent, "pkts_toclient": received, "bytes_toserver": sent * 120,
            "bytes_toclient": received * 1_100, "start": time, "end": time,
            "age": random.below(60), "state": "closed", "reason": "timeout", "alerted": false,
        },
        "tcp": {
            "tcp_flags": "1b", "tcp_flags_ts": "1b", "tcp_flags_tc": "1b", "syn": true, "fin": true,
            "psh": true, "ack": true, "state": "closed", "ts_max_regions": 1, "tc_max_regions": 1,
        },
    })
}

fn dns(random: &mut Random) -> Value {
    let name = random.pick(&NAMES);
    json!({ "dns": {
        "version": 3, "type": "answer", "id": random.below(65_536), "flags": "8180", "qr": true,
        "rd": true, "ra": true, "rcode": "NOERROR", "queries": [{ "rrname": name, "rrtype": "A" }],
        "answers": [{ "rrname": name, "rrtype": "A", "ttl": 300, "rdata": random.outside() }],
        "grouped": { "A": [random.outside()] },
    }})
}

fn http(random: &mut Random) -> Value {
    json!({ "tx_id": random.below(8), "http": page(random) })
}

fn page(random: &mut Random) -> Value {
    json!({
        "hostname": random.pick(&NAMES), "url": format!("/page/{}", random.below(100_000)),
        "http_user_agent": random.pick(&AGENTS), "http_content_type": "text/html",
        "http_method": "GET", "protocol": "HTTP/1.1", "status": 200,
        "length": random.between(200, 90_000),
    })
}

fn tls(random: &mut Random) -> Value {
    let name = random.pick(&NAMES);
    json!({ "tls": {
        "subject": format!("CN={name}"), "issuerdn": "C=ZZ, O=Bench, CN=Bench R1", "sni": name,
        "serial": random.hex(32), "fingerprint": random.hex(40).to_lowercase(),
        "version": "TLS 1.3", "ja3": { "hash": random.hex(32).to_lowercase() },
    }})
}
