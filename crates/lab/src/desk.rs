//! The desk: takes one request to act, knows its key or not, acts, writes it down, answers.

use std::{collections::BTreeMap, io, path::Path, time::Duration};

use axum::http::StatusCode;
use serde_json::Value;
use stanch_model::Time;

use crate::{
    acts::{Act, Outcome},
    answer::Answer,
    edr::{Enrolment, Wanted},
    failures::Mode,
    log::Log,
    order::Order,
    state::{Stamp, World},
};

/// Acts that the lab keeps; a practice target that was asked more often is refused with 503.
const ACTS_MAX: usize = 1_000_000;
/// Longest idempotency key, in bytes.
const KEY_BYTES_MAX: usize = 200;

/// A request to act, as it came in.
pub(crate) struct Request {
    pub(crate) key: Option<String>,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) body: Value,
    /// What it asks for, or why that could not be read.
    pub(crate) order: Result<Order, Answer>,
}

/// State, acts and their files, behind one lock.
pub(crate) struct Desk {
    /// What is true now.
    pub(crate) world: World,
    acts: Vec<Act>,
    /// Key → index of the act that was done under it.
    first: BTreeMap<String, usize>,
    act_log: Option<Log>,
    host_log: Option<Log>,
    /// Set by the first I/O error: nothing is done after it.
    poisoned: bool,
    effect_delay: Duration,
}

impl Desk {
    /// A desk that remembers what `data` holds.
    pub(crate) fn open(
        data: Option<&Path>,
        auto_enrol: bool,
        effect_delay: Duration,
    ) -> io::Result<Self> {
        let mut desk = Self {
            world: World::seeded(),
            acts: Vec::new(),
            first: BTreeMap::new(),
            act_log: None,
            host_log: None,
            poisoned: false,
            effect_delay,
        };
        if let Some(data) = data {
            let (host_log, hosts) = Log::open::<Enrolment>(data, "hosts.ndjson")?;
            let (act_log, acts) = Log::open::<Act>(data, "acts.ndjson")?;
            desk.host_log = Some(host_log);
            desk.act_log = Some(act_log);
            hosts.into_iter().for_each(|host| desk.world.fleet.enrol(host));
            acts.into_iter().try_for_each(|act| desk.replay(act))?;
        }
        desk.world.auto_enrol = auto_enrol;
        Ok(desk)
    }

    /// Everything that was asked for, in order.
    pub(crate) fn acts(&self) -> &[Act] {
        &self.acts
    }

    /// Takes one request to act.
    pub(crate) fn act(&mut self, request: Request, failure: Option<Mode>, now: Time) -> Answer {
        if self.poisoned || self.acts.len() >= ACTS_MAX {
            let error = "the act log cannot be written; restart the lab with a fresh data folder";
            return Answer::refusal(StatusCode::SERVICE_UNAVAILABLE, error);
        }
        let (outcome, answer, effective_at) = self.decide(&request, failure, now);
        let act = Act {
            seq: u64::try_from(self.acts.len()).unwrap_or(u64::MAX).saturating_add(1),
            at: now,
            key: request.key.unwrap_or_default(),
            method: request.method,
            path: request.path,
            body: request.body,
            order: request.order.ok(),
            outcome,
            repeat: outcome == Outcome::Repeated,
            failure,
            status: answer.status.as_u16(),
            answer: answer.body.clone(),
            effective_at,
        };
        match self.write_down(act) {
            Ok(()) => answer,
            Err(error) => {
                self.poisoned = true;
                tracing::error!(%error, "the lab cannot write its act log");
                let error = format!("cannot write the act log: {error}");
                Answer::refusal(StatusCode::INTERNAL_SERVER_ERROR, error)
            }
        }
    }

    fn decide(
        &mut self,
        request: &Request,
        failure: Option<Mode>,
        now: Time,
    ) -> (Outcome, Answer, Option<Time>) {
        let refused = |answer| (Outcome::Refused, answer, None);
        let Some(key) = request.key.as_deref().filter(|key| is_usable(key)) else {
            return refused(Answer::bad_request(format!(
                "send an Idempotency-Key header of 1 to {KEY_BYTES_MAX} visible ASCII characters"
            )));
        };
        if let Some((outcome, answer)) = failure.and_then(Mode::instead_of_acting) {
            return (outcome, answer, None);
        }
        if let Some(first) = self.first.get(key).and_then(|index| self.acts.get(*index)) {
            return match again(first, request) {
                Ok(answer) => (Outcome::Repeated, answer, first.effective_at),
                Err(answer) => refused(answer),
            };
        }
        let order = match &request.order {
            Ok(order) => order,
            Err(answer) => return refused(answer.clone()),
        };
        if let Some(Err(answer)) = order.host().map(|host| self.meet_named(host)) {
            return refused(answer);
        }
        let never = failure == Some(Mode::NeverFinish);
        let delay = if order.is_asynchronous() { self.effect_delay } else { Duration::ZERO };
        let effective_at = (!never).then(|| now.plus(delay));
        match self.world.apply(order, &Stamp { key, at: now, effective_at }) {
            Ok(answer) if never => (Outcome::NeverFinishes, answer, None),
            Ok(answer) => (Outcome::Acted, answer, effective_at),
            Err(answer) => refused(answer),
        }
    }

    fn write_down(&mut self, act: Act) -> io::Result<()> {
        if let Some(log) = &mut self.act_log {
            log.append(&act)?;
        }
        self.keep(act);
        Ok(())
    }

    fn keep(&mut self, act: Act) {
        if act.outcome.is_done() {
            self.first.insert(act.key.clone(), self.acts.len());
        }
        self.acts.push(act);
    }

    fn replay(&mut self, act: Act) -> io::Result<()> {
        if act.outcome.is_done() {
            let stamp = Stamp { key: &act.key, at: act.at, effective_at: act.effective_at };
            let done = act.order.as_ref().map(|order| self.world.apply(order, &stamp));
            if !matches!(done, Some(Ok(_))) {
                let text = format!("act {} cannot be replayed: the log is not this lab's", act.seq);
                return Err(io::Error::new(io::ErrorKind::InvalidData, text));
            }
        }
        self.keep(act);
        Ok(())
    }

    /// Lets the host that is asked for come into being, if the lab may and there is none; keeps
    /// it over a restart.
    pub(crate) fn meet(&mut self, wanted: &Wanted) -> Result<(), Answer> {
        if !self.world.auto_enrol || !self.world.fleet.find(wanted).is_empty() {
            return Ok(());
        }
        let host = self.world.fleet.invent(wanted)?;
        if let Some(log) = &mut self.host_log {
            log.append(&host).map_err(|error| {
                self.poisoned = true;
                let error = format!("cannot write hosts.ndjson: {error}");
                Answer::refusal(StatusCode::INTERNAL_SERVER_ERROR, error)
            })?;
        }
        self.world.fleet.enrol(host);
        Ok(())
    }

    /// Like [`Self::meet`], for a host named in a path: by its name, never by an id.
    pub(crate) fn meet_named(&mut self, id_or_name: &str) -> Result<(), Answer> {
        match Wanted::read(id_or_name, "") {
            Ok(wanted) if !is_host_id(id_or_name) => self.meet(&wanted),
            Ok(_) | Err(_) => Ok(()),
        }
    }
}

/// An id of the EDR's own making: `h-` and 12 hexadecimal digits.
fn is_host_id(text: &str) -> bool {
    let digits = text.strip_prefix("h-");
    digits.is_some_and(|digits| {
        digits.len() == 12 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
    })
}

fn is_usable(key: &str) -> bool {
    (1..=KEY_BYTES_MAX).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic())
}

/// The first answer, if this is the first request once more.
fn again(first: &Act, request: &Request) -> Result<Answer, Answer> {
    let same =
        first.method == request.method && first.path == request.path && first.body == request.body;
    if !same {
        let error = format!(
            "this Idempotency-Key was used for {} {} before; use one key for one request",
            first.method, first.path
        );
        return Err(Answer::refusal(StatusCode::CONFLICT, error));
    }
    let status = StatusCode::from_u16(first.status).unwrap_or(StatusCode::OK);
    Ok(Answer { status, body: first.answer.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_error_of_the_log_ends_all_acting() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("acts.ndjson");
        std::fs::write(&path, "").unwrap();
        let mut desk = Desk::open(None, false, Duration::ZERO).unwrap();
        let request = |key: &str| Request {
            key: Some(key.to_owned()),
            method: "PUT".to_owned(),
            path: "/x".to_owned(),
            body: Value::Null,
            order: Ok(Order::BlockAddress { address: "192.0.2.1".to_owned(), ttl_seconds: 0 }),
        };
        let now = Time::default();
        assert_eq!(desk.act(request("k1"), None, now).status, StatusCode::OK);
        // Opened for reading only.
        desk.act_log = Some(Log::broken(std::fs::File::open(&path).unwrap()));
        assert_eq!(desk.act(request("k2"), None, now).status, StatusCode::INTERNAL_SERVER_ERROR);
        desk.act_log = None;
        for key in ["k1", "k2", "k3"] {
            let answer = desk.act(request(key), None, now);
            assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{key}");
        }
        assert_eq!(desk.acts().len(), 1);
    }
}
