//! The fleet: seeded hosts, and those that came into being because somebody asked for them.

use std::{
    collections::BTreeMap,
    net::{IpAddr, Ipv4Addr},
};

use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::json;
use stanch_model::{ObservableKind, canonical, observable};

use super::{
    host::{Host, Isolation},
    triage,
};
use crate::{answer::Answer, state::Stamp};

/// Hosts that the fleet can hold.
const HOSTS_MAX: usize = 10_000;
const DEPARTMENTS: [&str; 6] =
    ["finance", "sales", "research", "operations", "human resources", "legal"];

/// Who a host is; one line of `hosts.ndjson`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Enrolment {
    /// Lower case, short or full.
    pub(crate) name: String,
    /// Its address.
    pub(crate) address: IpAddr,
    /// `windows` or `linux`.
    pub(crate) os: String,
    /// The department that owns it.
    pub(crate) department: String,
}

/// All hosts by id.
#[derive(Default)]
pub(crate) struct Fleet {
    hosts: BTreeMap<String, Host>,
}

/// A question for hosts, in canonical form.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub(crate) name: Option<String>,
    pub(crate) address: Option<IpAddr>,
}

impl Wanted {
    /// Reads a name and an address; a name that is an address counts as one.
    pub(crate) fn read(name: &str, address: &str) -> Result<Self, Answer> {
        let mut wanted = Self::default();
        if !address.is_empty() {
            let unreadable = || Answer::unreadable(format!("`{address}` is no IP address"));
            wanted.address = Some(observable::address(address).ok_or_else(unreadable)?);
        }
        if let Some(named) = observable::address(name) {
            wanted.address = wanted.address.or(Some(named));
        } else if !name.is_empty() {
            let unreadable = || Answer::unreadable(format!("`{name}` is no host name"));
            let host = observable::canonical(ObservableKind::Host, name);
            wanted.name = Some(host.ok_or_else(unreadable)?);
        }
        Ok(wanted)
    }
}

impl Fleet {
    /// Workstations and servers in 10.20.0.0/24.
    pub(crate) fn seeded() -> Self {
        let mut fleet = Self::default();
        let servers = [
            ("dc-01", 5, "windows"),
            ("mail-01", 6, "linux"),
            ("srv-file-01", 31, "windows"),
            ("srv-web-01", 32, "linux"),
            ("srv-db-01", 33, "linux"),
            ("backup-01", 34, "linux"),
        ]
        .map(|(name, last, os)| (name.to_owned(), last, os, "operations"));
        let workstations = (1_u8..=12)
            .zip(DEPARTMENTS.iter().cycle())
            .map(|(n, department)| (format!("ws-{n:02}"), 10 + n, "windows", *department));
        for (name, last, os, department) in servers.into_iter().chain(workstations) {
            let address = Ipv4Addr::new(10, 20, 0, last).into();
            let (os, department) = (os.to_owned(), department.to_owned());
            fleet.enrol(Enrolment { name, address, os, department });
        }
        fleet
    }

    /// Takes a host in; one that is there already stays as it is.
    pub(crate) fn enrol(&mut self, enrolment: Enrolment) {
        let hash = canonical::sha256_bytes(enrolment.name.as_bytes());
        let id = format!("h-{}", hash.get(..12).unwrap_or_default());
        self.hosts.entry(id.clone()).or_insert_with(|| Host {
            id,
            enrolment,
            isolation: Isolation::default(),
            packages: Vec::new(),
        });
    }

    /// All hosts, ordered by name.
    pub(crate) fn all(&self) -> Vec<&Host> {
        let mut hosts: Vec<&Host> = self.hosts.values().collect();
        hosts.sort_by(|a, b| a.enrolment.name.cmp(&b.enrolment.name));
        hosts
    }

    /// The id of a host that was named by its id or by its name.
    pub(crate) fn id_of(&self, id_or_name: &str) -> Result<String, Answer> {
        if self.hosts.contains_key(id_or_name) {
            return Ok(id_or_name.to_owned());
        }
        let unknown = || Answer::unknown("host", id_or_name);
        let wanted = Wanted::read(id_or_name, "").ok().ok_or_else(unknown)?;
        match self.find(&wanted).as_slice() {
            [] => Err(unknown()),
            [host] => Ok(host.id.clone()),
            [_, ..] => {
                let error = format!("`{id_or_name}` is the name of several hosts; use the id");
                Err(Answer::refusal(StatusCode::CONFLICT, error))
            }
        }
    }

    /// The host with this id or name.
    pub(crate) fn get(&self, id_or_name: &str) -> Result<&Host, Answer> {
        let id = self.id_of(id_or_name)?;
        self.hosts.get(&id).ok_or_else(|| Answer::unknown("host", id_or_name))
    }

    fn get_mut(&mut self, id_or_name: &str) -> Result<&mut Host, Answer> {
        let id = self.id_of(id_or_name)?;
        self.hosts.get_mut(&id).ok_or_else(|| Answer::unknown("host", id_or_name))
    }

    /// Hosts of that name; if there is none, hosts whose first label it is; if there is none,
    /// hosts of that address. Everything if nothing was asked for.
    pub(crate) fn find(&self, wanted: &Wanted) -> Vec<&Host> {
        let all = self.all();
        let named = |same: &dyn Fn(&str, &str) -> bool| -> Vec<&Host> {
            let Some(name) = &wanted.name else { return Vec::new() };
            all.iter().copied().filter(|host| same(&host.enrolment.name, name)).collect()
        };
        let exact = named(&|host, name| host == name);
        let short = named(&|host, name| {
            (host.contains('.') != name.contains('.')) && first_label(host) == first_label(name)
        });
        let at = |host: &&Host| wanted.address == Some(host.enrolment.address);
        let there: Vec<&Host> = all.iter().copied().filter(at).collect();
        match (exact.is_empty(), short.is_empty()) {
            _ if *wanted == Wanted::default() => all,
            (false, _) => exact,
            (true, false) => short,
            (true, true) => there,
        }
    }

    /// The host that would answer the question: named after it, at an address that follows from
    /// the name unless one was given.
    pub(crate) fn invent(&self, wanted: &Wanted) -> Result<Enrolment, Answer> {
        if self.hosts.len() >= HOSTS_MAX {
            let error = format!("{HOSTS_MAX} hosts are enough; start with a fresh data folder");
            return Err(Answer::refusal(StatusCode::INSUFFICIENT_STORAGE, error));
        }
        let name = match (&wanted.name, wanted.address) {
            (Some(name), _) => name.clone(),
            (None, Some(address)) => {
                format!("host-{}", address.to_string().replace([':', '.'], "-"))
            }
            (None, None) => return Err(Answer::bad_request("say which host: name or address")),
        };
        let hash = canonical::sha256_bytes(name.as_bytes());
        let byte = |at: usize| {
            let pair = hash.get(at..at + 2).unwrap_or_default();
            u8::from_str_radix(pair, 16).unwrap_or_default()
        };
        let department = DEPARTMENTS.get(usize::from(byte(8)) % DEPARTMENTS.len());
        Ok(Enrolment {
            name,
            address: wanted.address.unwrap_or_else(|| self.free_address(byte(0), byte(2))),
            os: "windows".to_owned(),
            department: (*department.unwrap_or(&"operations")).to_owned(),
        })
    }

    /// The first free address in 10.20.64.0–10.20.127.254 from a place that the name decides.
    fn free_address(&self, third: u8, fourth: u8) -> IpAddr {
        let start = u16::from(third % 64) * 254 + u16::from(fourth) % 254;
        let at = |offset: u16| {
            let n = (start + offset) % (64 * 254);
            let (third, fourth) = (u8::try_from(n / 254), u8::try_from(n % 254));
            let (third, fourth) = (third.unwrap_or_default(), fourth.unwrap_or_default());
            IpAddr::V4(Ipv4Addr::new(10, 20, 64 + third, 1 + fourth))
        };
        let taken = |ip: &IpAddr| self.hosts.values().any(|host| host.enrolment.address == *ip);
        (0..64 * 254).map(at).find(|ip| !taken(ip)).unwrap_or_else(|| at(0))
    }

    /// Isolates a host or lets it back.
    pub(crate) fn turn(
        &mut self,
        id: &str,
        isolate: bool,
        stamp: &Stamp<'_>,
    ) -> Result<Answer, Answer> {
        let host = self.get_mut(id)?;
        host.isolation.turn(isolate, stamp);
        let body = json!({ "host": host.id, "state": host.isolation.state(stamp.at) });
        Ok(Answer::new(StatusCode::ACCEPTED, body))
    }

    /// Collects a triage package.
    pub(crate) fn collect(&mut self, id: &str, stamp: &Stamp<'_>) -> Result<Answer, Answer> {
        let host = self.get_mut(id)?;
        let package = triage::collect(&host.id, &host.enrolment.os, stamp.key);
        let body = package.view();
        if stamp.effective_at.is_some() {
            host.packages.push(package);
        }
        Ok(Answer::new(StatusCode::CREATED, body))
    }
}

fn first_label(name: &str) -> &str {
    name.split('.').next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, address: &str, expect: &[&str]) {
        let fleet = Fleet::seeded();
        let found = fleet.find(&Wanted::read(name, address).unwrap());
        let names: Vec<&str> = found.iter().map(|host| host.enrolment.name.as_str()).collect();
        assert_eq!(names, expect, "name={name} address={address}");
    }

    #[test]
    fn hosts_are_found_by_name_then_first_label_then_address() {
        check("ws-03", "", &["ws-03"]);
        check("WS-03.", "", &["ws-03"]);
        check("ws-03.corp.example", "", &["ws-03"]);
        check("", "10.20.0.13", &["ws-03"]);
        check("", "::ffff:10.20.0.13", &["ws-03"]);
        check("10.20.0.5", "", &["dc-01"]);
        check("ws-03", "10.20.0.5", &["ws-03"]);
        check("nobody", "10.20.0.5", &["dc-01"]);
        check("nobody", "", &[]);
        assert_eq!(Fleet::seeded().find(&Wanted::default()).len(), 18);
        assert!(Wanted::read("a b", "").is_err() && Wanted::read("", "nowhere").is_err());
    }

    #[test]
    fn a_host_goes_by_its_id_or_its_name() {
        let mut fleet = Fleet::seeded();
        let id = fleet.id_of("WS-01").unwrap();
        assert!(id.starts_with("h-") && fleet.id_of(&id).unwrap() == id);
        assert_eq!(fleet.id_of("ws-01.corp.example").unwrap(), id);
        assert_eq!(fleet.id_of("10.20.0.11").unwrap(), id);
        assert_eq!(fleet.id_of("nobody").unwrap_err().status, StatusCode::NOT_FOUND);
        assert_eq!(fleet.id_of("").unwrap_err().status, StatusCode::CONFLICT);
        for name in ["pc.a.example", "pc.b.example"] {
            let wanted = Wanted::read(name, "").unwrap();
            fleet.enrol(fleet.invent(&wanted).unwrap());
        }
        assert_eq!(fleet.id_of("pc").unwrap_err().status, StatusCode::CONFLICT);
    }

    #[test]
    fn an_invented_host_follows_from_its_name_and_gets_a_free_address() {
        let mut fleet = Fleet::seeded();
        for n in 0..600 {
            let wanted = Wanted::read(&format!("pc{n}"), "").unwrap();
            let host = fleet.invent(&wanted).unwrap();
            assert_eq!(host, fleet.invent(&wanted).unwrap());
            fleet.enrol(host);
        }
        let mut addresses: Vec<IpAddr> = fleet.all().iter().map(|h| h.enrolment.address).collect();
        addresses.sort();
        addresses.dedup();
        assert_eq!(addresses.len(), 618);
        let named = fleet.invent(&Wanted::read("x", "192.0.2.9").unwrap()).unwrap();
        assert_eq!(named.address.to_string(), "192.0.2.9");
        let bare = fleet.invent(&Wanted::read("", "192.0.2.9").unwrap()).unwrap();
        assert_eq!(bare.name, "host-192-0-2-9");
    }
}
