//! What a notice says, and to whom it goes.

use std::{collections::BTreeSet, time::Duration};

use jiff::tz::TimeZone;
use serde_json::Value;
use stanch_model::{
    NoticeId, TenantId, Time,
    audit::AuditEntry,
    duration,
    guard::Approval,
    notice::{Channel, Notice, NoticeEvent, NoticeState},
    plan::PlannedAction,
    proposal::Proposal,
    visible::visible,
};
use stanch_store::{Error, Question, Tx, View};
use uuid::Uuid;

use super::channels::Ways;
use crate::people::votes::able;

/// Longest text from outside in a notice, in characters.
const TEXT_CHARS_MAX: usize = 300;

/// How many acts of a plan are named.
const ACTS_MAX: usize = 20;

/// How many mails one person gets in an hour; what is over it is written down as not sent. Alerts come from
/// outside, and would fill a mailbox until nobody reads it.
const MAILS_PER_HOUR_MAX: u32 = 60;

const HOUR: Duration = Duration::from_secs(3_600);

/// Something that people should know.
#[derive(Debug)]
pub(super) struct News {
    tenant: TenantId,
    event: NoticeEvent,
    subject: String,
    /// The same for the same news; of another it is another.
    once_per: String,
    title: String,
    lines: Vec<String>,
    page: Vec<String>,
    /// Until when there is something to do.
    until: Option<Time>,
    people: BTreeSet<String>,
}

/// Text from outside, as data.
fn shown(text: &str) -> String {
    visible(text, TEXT_CHARS_MAX)
}

/// Login names of those who are asked, and may answer: not the requester, if that is what is asked for.
pub(super) fn asked(
    view: &View<'_>,
    approval: &Approval,
    now: Time,
) -> Result<BTreeSet<String>, Error> {
    let tenant = &approval.tenant;
    let mut people = able(view, tenant)?;
    for group in &approval.terms.groups {
        let group = view.group(tenant, group)?;
        people.retain(|name| group.as_ref().is_some_and(|group| group.has(name)));
    }
    people.extend(approval.escalated_to.iter().cloned());
    for delegation in view.delegations(tenant, now)? {
        if delegation.holds(now) && people.contains(&delegation.from) {
            people.insert(delegation.to);
        }
    }
    if approval.terms.not_requester {
        people.remove(&approval.requested_by);
    }
    Ok(people)
}

impl News {
    fn about(
        approval: &Approval,
        event: NoticeEvent,
        title: &str,
        people: BTreeSet<String>,
    ) -> Self {
        let id = approval.id.to_string();
        let mut lines = vec![format!(
            "Playbook {} wants to do this; {} requested it:",
            shown(&approval.playbook),
            shown(&approval.requested_by)
        )];
        lines.extend(approval.plan.actions.iter().take(ACTS_MAX).map(act));
        let more = approval.plan.actions.len().saturating_sub(ACTS_MAX);
        if more > 0 {
            lines.push(format!("  and {more} more"));
        }
        let terms = &approval.terms;
        let of = match terms.groups.as_slice() {
            [] => String::new(),
            groups => format!(" of {}", shown(&groups.join(" and "))),
        };
        lines.push(format!("It takes {} yes{of}.", terms.count));
        Self {
            tenant: approval.tenant.clone(),
            event,
            subject: id.clone(),
            once_per: format!("{event:?} {id} {}", approval.expires_at.micros()),
            title: format!("{title}: {}", shown(&approval.playbook)),
            lines,
            page: vec!["approvals".to_owned(), id],
            until: Some(approval.expires_at),
            people,
        }
    }

    pub(super) fn asked(approval: &Approval, people: BTreeSet<String>) -> Self {
        Self::about(approval, NoticeEvent::Asked, "a plan waits for your answer", people)
    }

    pub(super) fn escalated(approval: &Approval) -> Self {
        let people = approval.escalated_to.iter().cloned().collect();
        let title = "nobody answered, and now you are asked";
        Self::about(approval, NoticeEvent::Escalated, title, people)
    }

    pub(super) fn lapsing(approval: &Approval, people: BTreeSet<String>) -> Self {
        Self::about(approval, NoticeEvent::Lapsing, "a plan is about to lapse", people)
    }

    pub(super) fn alone(approval: &Approval, people: BTreeSet<String>) -> Self {
        let title = "a plan will be approved by a delay, as nobody else exists";
        let mut news = Self::about(approval, NoticeEvent::Alone, title, people);
        let yes: Vec<&str> = approval.votes.iter().map(|vote| vote.by.as_str()).collect();
        news.lines.push(format!("{} said yes. Say no to stop it.", shown(&yes.join(" and "))));
        news
    }

    fn of_question(
        question: &Question,
        event: NoticeEvent,
        title: &str,
        people: BTreeSet<String>,
    ) -> Self {
        Self {
            tenant: question.tenant.clone(),
            event,
            subject: question.id.clone(),
            once_per: format!("{event:?} {} {}", question.id, question.expires_at.micros()),
            title: format!("{title}: {}", shown(&question.title)),
            lines: vec![
                shown(&question.text),
                format!("Answers: {}", shown(&question.options.join(", "))),
            ],
            page: vec!["approvals".to_owned()],
            until: Some(question.expires_at),
            people,
        }
    }

    pub(super) fn question(question: &Question, people: BTreeSet<String>) -> Self {
        Self::of_question(question, NoticeEvent::Asked, "a playbook asks", people)
    }

    pub(super) fn question_lapsing(question: &Question, people: BTreeSet<String>) -> Self {
        let title = "a question is about to lapse";
        Self::of_question(question, NoticeEvent::Lapsing, title, people)
    }

    /// An act of which nobody knows whether it happened.
    pub(super) fn unknown(entry: &AuditEntry, people: BTreeSet<String>) -> Self {
        let of = |name: &str| match entry.detail.get(name) {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) => shown(text),
            Some(Value::Object(target)) => {
                let value = target.get("value").and_then(Value::as_str).unwrap_or_default();
                shown(value)
            }
            Some(other) => shown(&other.to_string()),
        };
        let practice = entry.detail.get("practice") == Some(&Value::Bool(true));
        let practice = if practice { " (practice target)" } else { "" };
        let (action, target, instance) = (of("action"), of("target"), of("instance"));
        Self {
            tenant: entry.tenant.clone(),
            event: NoticeEvent::Unknown,
            subject: entry.subject.clone(),
            once_per: format!("unknown {}", entry.sequence),
            title: format!("nobody knows whether an act happened: {action}"),
            lines: vec![
                format!("{action} on {target} at {instance}{practice}: {}", of("note")),
                "Look at the target, and say what you found: nothing is repeated until then."
                    .to_owned(),
            ],
            page: vec!["runs".to_owned(), of("run")],
            until: None,
            people,
        }
    }

    pub(super) fn proposed(proposal: &Proposal, people: BTreeSet<String>) -> Self {
        let mut lines = vec![
            format!("{} proposed it: {}", shown(&proposal.proposed_by), shown(&proposal.reason)),
            "It lets the guard through more than now:".to_owned(),
        ];
        lines.extend(proposal.changes.iter().take(ACTS_MAX).map(|c| format!("  - {}", shown(c))));
        lines.push(format!(
            "It takes {} people, and {} from then on. Anybody who may decide can say no.",
            proposal.people,
            duration::format(proposal.delay)
        ));
        Self {
            tenant: proposal.tenant.clone(),
            event: NoticeEvent::Proposed,
            subject: proposal.id.to_string(),
            once_per: format!("proposed {}", proposal.id),
            title: "somebody proposes to loosen what the guard holds to".to_owned(),
            lines,
            page: vec!["proposals".to_owned(), proposal.id.to_string()],
            until: Some(proposal.due_at),
            people,
        }
    }
}

fn act(action: &PlannedAction) -> String {
    let target = action.target.as_ref().map(|target| format!(": {}", shown(&target.to_string())));
    let practice = if action.practice { " (practice target)" } else { "" };
    let undo = action.undo.as_ref().map_or("cannot be undone", |_undo| "can be undone");
    let stays = action.expires.map(|after| format!(", lifted after {}", duration::format(after)));
    let (title, target) = (shown(&action.title), target.unwrap_or_default());
    format!("  - {title}{target}{practice}; {undo}{}", stays.unwrap_or_default())
}

/// Writes news as a notice to each receiver, those who have it already left out.
pub(super) fn write(tx: &Tx<'_>, news: &News, ways: &Ways, now: Time) -> Result<(), Error> {
    for name in ways.hooks(news.event) {
        let channel = Channel::Webhook { name: name.to_owned() };
        tx.add_notice(&notice(news, channel, (ways, &TimeZone::UTC), now))?;
    }
    if !ways.by_mail {
        return Ok(());
    }
    for name in &news.people {
        let Some(user) = tx.person_named(&news.tenant, name)? else { continue };
        let Some(to) = user.email else { continue };
        let zone = user.time_zone.as_deref().map(TimeZone::get);
        let zone = zone.and_then(Result::ok).unwrap_or(TimeZone::UTC);
        let channel = Channel::Mail { person: name.clone(), to };
        let since = now.minus(HOUR);
        let many = tx.notices_to(&news.tenant, &channel.receiver(), since)? >= MAILS_PER_HOUR_MAX;
        let mut notice = notice(news, channel, (ways, &zone), now);
        if many {
            notice.state = NoticeState::Dead;
            notice.error = format!("more than {MAILS_PER_HOUR_MAX} mails in an hour");
        }
        tx.add_notice(&notice)?;
    }
    Ok(())
}

fn notice(news: &News, channel: Channel, (ways, zone): (&Ways, &TimeZone), now: Time) -> Notice {
    let page: Vec<&str> = news.page.iter().map(String::as_str).collect();
    let link = ways.link(&page);
    let key = format!("{}\n{}\n{}", news.tenant, news.once_per, channel.receiver());
    let id = NoticeId::new(Uuid::new_v5(&Uuid::NAMESPACE_OID, key.as_bytes()));
    let mut text = vec![format!("{}.", news.title), String::new()];
    text.extend(news.lines.iter().cloned());
    if let Some(until) = news.until {
        let until = until.timestamp().to_zoned_datetime(zone.clone()).strftime("%Y-%m-%d %H:%M %Z");
        text.extend([String::new(), format!("Until {until}.")]);
    }
    text.extend([
        String::new(),
        link.clone(),
        "Opening the link decides nothing: sign in, look, and answer there.".to_owned(),
        String::new(),
        format!("Notice {id}."),
    ]);
    Notice {
        id,
        tenant: news.tenant.clone(),
        event: news.event,
        subject: news.subject.clone(),
        channel,
        title: news.title.clone(),
        text: text.join("\n"),
        link,
        state: NoticeState::Waiting,
        tries: 0,
        created_at: now,
        due_at: now,
        sent_at: None,
        error: String::new(),
    }
}
