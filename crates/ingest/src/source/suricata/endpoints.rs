//! Which end opened the connection.
//!
//! Suricata's `src_ip` is the sender of the packet that raised the record, which for a rule on
//! a response is the server. Who is blocked depends on this, so the order is: the flow's own
//! ends (`flow.src_ip`, Suricata 7 and later), then `direction` (`to_client` means the packet
//! came from the server), then the ports: a packet from a well-known port to a high one is an
//! answer.

use std::net::IpAddr;

use crate::fields::Fields;

/// The two ends of a connection, seen from the one that opened it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Ends {
    pub(super) src_ip: Option<IpAddr>,
    pub(super) dst_ip: Option<IpAddr>,
    pub(super) dst_port: Option<u16>,
}

/// Records about one packet; all others are written in the direction of their flow.
const PACKET_EVENTS: &[&str] = &["alert", "anomaly", "drop", "fileinfo"];

/// Ports below this are servers' (RFC 6335 §6, system ports).
const SYSTEM_PORTS_END: u16 = 1_024;

pub(super) fn of(fields: &Fields, event_type: &str) -> Ends {
    if let Some(src_ip) = fields.ip_of(&["flow.src_ip"])
        && let Some(dst_ip) = fields.ip_of(&["flow.dest_ip"])
    {
        let dst_port = fields.port_of(&["flow.dest_port"]);
        return Ends { src_ip: Some(src_ip), dst_ip: Some(dst_ip), dst_port };
    }
    let (src_ip, dst_ip) = (fields.ip_of(&["src_ip"]), fields.ip_of(&["dest_ip"]));
    let (src_port, dst_port) = (fields.port_of(&["src_port"]), fields.port_of(&["dest_port"]));
    let is_answer = match fields.text("direction") {
        Some("to_client" | "toclient") => true,
        Some("to_server" | "toserver") => false,
        _ => PACKET_EVENTS.contains(&event_type) && goes_back(src_port, dst_port),
    };
    if is_answer {
        Ends { src_ip: dst_ip, dst_ip: src_ip, dst_port: src_port }
    } else {
        Ends { src_ip, dst_ip, dst_port }
    }
}

fn goes_back(src_port: Option<u16>, dst_port: Option<u16>) -> bool {
    let is_system = |port: Option<u16>| port.map(|port| port < SYSTEM_PORTS_END);
    is_system(src_port) == Some(true) && is_system(dst_port) == Some(false)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[track_caller]
    fn check(event_type: &str, record: &Value, expect: &str) {
        let ends = of(&Fields::of(record.as_object().unwrap().clone()), event_type);
        let ip = |ip: Option<IpAddr>| ip.map_or("-".to_owned(), |ip| ip.to_string());
        let port = ends.dst_port.map_or("-".to_owned(), |port| port.to_string());
        assert_eq!(format!("{} > {}:{port}", ip(ends.src_ip), ip(ends.dst_ip)), expect);
    }

    #[test]
    fn the_opener_is_the_source() {
        let answer = json!({"src_ip": "203.0.113.7", "src_port": 443,
            "dest_ip": "10.0.0.5", "dest_port": 50000});
        let with = |name: &str, value: Value| {
            let mut record = answer.clone();
            record.as_object_mut().unwrap().insert(name.to_owned(), value);
            record
        };
        check("alert", &answer, "10.0.0.5 > 203.0.113.7:443");
        check("flow", &answer, "203.0.113.7 > 10.0.0.5:50000");
        check("alert", &with("direction", json!("to_server")), "203.0.113.7 > 10.0.0.5:50000");
        check("http", &with("direction", json!("to_client")), "10.0.0.5 > 203.0.113.7:443");
        let flow = json!({"src_ip": "10.0.0.5", "dest_ip": "203.0.113.7", "dest_port": 443});
        check("alert", &with("flow", flow), "10.0.0.5 > 203.0.113.7:443");
        check("alert", &with("dest_port", json!(80)), "203.0.113.7 > 10.0.0.5:80");
        let icmp = json!({"src_ip": "::ffff:192.0.2.1", "dest_ip": "10.0.0.5"});
        check("alert", &icmp, "192.0.2.1 > 10.0.0.5:-");
        check("stats", &json!({}), "- > -:-");
    }
}
