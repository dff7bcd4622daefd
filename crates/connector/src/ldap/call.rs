//! A manifest's search or change, filled in and carried out.

use serde_json::{Map, Value, json};
use stanch_model::manifest::{LdapModify, LdapScope, LdapSearch};

use super::{
    attribute::Entry,
    code::{self, NO_SUCH_ATTRIBUTE, NO_SUCH_OBJECT, SIZE_LIMIT, Verdict},
    escape, filter,
    message::{Change, Ended, Search, Verb},
    session::{Session, lost},
};
use crate::{
    instance::Place,
    outcome::Attempt,
    outside,
    render::Context,
    stream::{Line, Sent},
};

/// Most entries in an answer.
const ENTRIES_MAX: u32 = 100;

pub(super) async fn search(
    line: &Line<'_>,
    place: &Place,
    call: &LdapSearch,
    context: &Context,
) -> Attempt {
    let where_ = match Where::fill_in(&call.base, call.scope, &call.filter, context) {
        Ok(where_) => where_,
        Err(why) => return Attempt::refused(why),
    };
    let mut session = match Session::open(line, place).await {
        Ok(session) => session,
        Err(attempt) => return attempt,
    };
    let found = look(&mut session, line, &where_, &names(&call.attributes), ENTRIES_MAX).await;
    session.close().await;
    match found {
        Ok(entries) => {
            let entries: Vec<Value> =
                entries.iter().map(|entry| shown(entry, &call.attributes).into()).collect();
            Attempt::Answered(json!({ "entries": entries }))
        }
        Err(attempt) => attempt,
    }
}

pub(super) async fn modify(
    line: &Line<'_>,
    place: &Place,
    call: &LdapModify,
    context: &Context,
    sent: &Sent,
) -> Attempt {
    let where_ = match Where::fill_in(&call.base, call.scope, &call.filter, context) {
        Ok(where_) => where_,
        Err(why) => return Attempt::refused(why),
    };
    let mut session = match Session::open(line, place).await {
        Ok(session) => session,
        Err(attempt) => return attempt,
    };
    let entry = match the_one(&mut session, line, &where_, call, context).await {
        Ok(entry) => entry,
        Err(attempt) => return attempt,
    };
    let changes = match changes(call, &entry, context) {
        Ok(changes) => changes,
        Err(why) => return Attempt::refused(why),
    };
    if changes.is_empty() {
        session.close().await;
        return Attempt::Answered(json!({ "dn": entry.name, "changed": false }));
    }
    let ended = session.modify(&entry.name, &changes, sent).await;
    session.close().await;
    match ended {
        Ok(how) => judge(call, &entry, &how),
        Err(error) => Attempt::unclear(format!("the connection broke: {}", outside::chain(&error))),
    }
}

fn judge(call: &LdapModify, entry: &Entry, how: &Ended) -> Attempt {
    let why = || format!("the directory did not change {}: {how}", outside::quote(&entry.name));
    let by_bits = !call.set_bits.is_empty() || !call.clear_bits.is_empty();
    match code::verdict(how.code) {
        Verdict::Done => Attempt::Answered(json!({ "dn": entry.name, "changed": true })),
        // The number was changed by somebody else between our reading and our writing.
        Verdict::Refused if by_bits && how.code == NO_SUCH_ATTRIBUTE => Attempt::unreachable(why()),
        Verdict::Refused => Attempt::refused(why()),
        Verdict::Later => Attempt::unreachable(why()),
        Verdict::Unclear => Attempt::unclear(why()),
    }
}

/// Where to look, with everything filled in.
struct Where {
    base: String,
    scope: LdapScope,
    filter: Vec<u8>,
}

impl Where {
    fn fill_in(
        base: &str,
        scope: LdapScope,
        filter: &str,
        context: &Context,
    ) -> Result<Self, String> {
        let base = context.encoded_but_config(base, escape::in_name)?;
        let filter = context.encoded_but_config(filter, escape::in_filter)?;
        Ok(Self { base, scope, filter: filter::compile(&filter)? })
    }
}

/// What is wrong with a filter in a manifest, whatever is filled in.
pub(crate) fn filter_fault(text: &str) -> Option<String> {
    let mut example = String::new();
    for part in crate::render::parts(text).ok()? {
        example.push_str(match part {
            crate::render::Part::Literal(literal) => literal,
            crate::render::Part::Filled(_) => "x",
        });
    }
    filter::compile(&example).err()
}

async fn look(
    session: &mut Session,
    line: &Line<'_>,
    where_: &Where,
    attributes: &[&str],
    size_max: u32,
) -> Result<Vec<Entry>, Attempt> {
    let search = Search {
        base: &where_.base,
        scope: where_.scope,
        filter: where_.filter.clone(),
        attributes: attributes.to_vec(),
        size_max,
        seconds_max: u32::try_from(line.timeout.as_secs().max(1)).unwrap_or(u32::MAX),
    };
    let (entries, how) = session.search(&search).await.map_err(|error| lost(&error))?;
    let found = u32::try_from(entries.len()).unwrap_or(u32::MAX);
    match how.code {
        0 if found <= size_max => Ok(entries),
        // The one entry that is asked for is not there; a base that is missing is something else.
        NO_SUCH_OBJECT if where_.scope == LdapScope::Base => Ok(Vec::new()),
        0 | SIZE_LIMIT => {
            Err(Attempt::refused(format!("the directory has more than {size_max} such entries")))
        }
        code => {
            let base = outside::quote(&where_.base);
            let why = format!("the directory does not search below `{base}`: {how}");
            match code::verdict(code) {
                Verdict::Later | Verdict::Unclear => Err(Attempt::unreachable(why)),
                Verdict::Done | Verdict::Refused => Err(Attempt::refused(why)),
            }
        }
    }
}

/// The entry that is to be changed: there must be one, and it must be the one that was meant.
async fn the_one(
    session: &mut Session,
    line: &Line<'_>,
    where_: &Where,
    call: &LdapModify,
    context: &Context,
) -> Result<Entry, Attempt> {
    let bits = call.set_bits.keys().chain(call.clear_bits.keys());
    let wanted: Vec<&str> = call.attributes.iter().chain(bits).map(String::as_str).collect();
    let mut entries = look(session, line, where_, &wanted, 2).await?;
    let Some(entry) = entries.pop() else {
        return Err(Attempt::refused("the directory has no such entry"));
    };
    if !entries.is_empty() {
        return Err(Attempt::refused("the directory has two such entries: say which is meant"));
    }
    match seeing(context, &entry, call).condition(&call.only_if) {
        Ok(true) => Ok(entry),
        Ok(false) => Err(Attempt::refused(format!(
            "the directory found {}, which is not what was asked for",
            outside::quote(&entry.name)
        ))),
        Err(why) => Err(Attempt::refused(why)),
    }
}

fn names(attributes: &[String]) -> Vec<&str> {
    attributes.iter().map(String::as_str).collect()
}

/// An entry as expressions see it.
fn shown(entry: &Entry, wanted: &[String]) -> Map<String, Value> {
    let mut shown = entry.shown(wanted);
    shown.insert("dn".to_owned(), Value::from(entry.name.as_str()));
    shown
}

/// The variables with the entry among them.
fn seeing(context: &Context, entry: &Entry, call: &LdapModify) -> Context {
    context.clone().with_entry(shown(entry, &call.attributes).into())
}

/// Everything that is to be changed; nothing if it is as it should be.
fn changes(call: &LdapModify, entry: &Entry, context: &Context) -> Result<Vec<Change>, String> {
    let mut changes = value_changes(call, &seeing(context, entry, call))?;
    changes.extend(bit_changes(call, entry)?);
    Ok(changes)
}

/// Taking away comes first: an attribute with one value can then get another.
fn value_changes(call: &LdapModify, context: &Context) -> Result<Vec<Change>, String> {
    let groups =
        [(Verb::Delete, &call.delete), (Verb::Add, &call.add), (Verb::Replace, &call.replace)];
    let mut changes = Vec::new();
    for (verb, (attribute, values)) in
        groups.into_iter().flat_map(|(verb, map)| map.iter().map(move |pair| (verb, pair)))
    {
        let values = texts(attribute, &context.json(values)?)?;
        // Without values a delete would take all that there are by then, not those that were read.
        if verb == Verb::Replace || !values.is_empty() {
            changes.push(Change { verb, attribute: attribute.clone(), values });
        }
    }
    Ok(changes)
}

fn texts(attribute: &str, value: &Value) -> Result<Vec<String>, String> {
    let one = |value: &Value| match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(_) => Ok(value.to_string()),
        Value::Bool(truth) => Ok(if *truth { "TRUE" } else { "FALSE" }.to_owned()),
        Value::Null | Value::Array(_) | Value::Object(_) => {
            Err(format!("a value for {attribute} is no text"))
        }
    };
    match value {
        Value::Array(values) => values.iter().map(one).collect(),
        value => Ok(vec![one(value)?]),
    }
}

/// Setting bits is taking the old number away and adding the new one: should somebody have changed it
/// meanwhile, the old one is not there any more and nothing happens.
fn bit_changes(call: &LdapModify, entry: &Entry) -> Result<Vec<Change>, String> {
    let set = call.set_bits.iter().map(|(name, bits)| (name, *bits, true));
    let clear = call.clear_bits.iter().map(|(name, bits)| (name, *bits, false));
    let mut changes = Vec::new();
    for (attribute, bits, on) in set.chain(clear) {
        let values = entry.texts(attribute);
        let [old] = values.as_slice() else {
            return Err(format!("the entry has no {attribute}, or more than one"));
        };
        let number: i32 = old
            .parse()
            .map_err(|error| format!("{attribute} of the entry is no number: {error}"))?;
        // The directory writes 32 bits with a sign; the bits are what counts.
        let bits = i32::from_be_bytes(bits.to_be_bytes());
        let new = if on { number | bits } else { number & !bits };
        if new != number {
            let change = |verb, value: String| Change {
                verb,
                attribute: attribute.clone(),
                values: vec![value],
            };
            changes.push(change(Verb::Delete, old.clone()));
            changes.push(change(Verb::Add, new.to_string()));
        }
    }
    Ok(changes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(changes: &Value) -> LdapModify {
        let mut call =
            json!({ "base": "b", "filter": "(a=b)", "attributes": [], "only_if": "true" });
        call.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        serde_json::from_value(call).unwrap()
    }

    fn entry(number: &str) -> Entry {
        let attributes = vec![("useraccountcontrol".to_owned(), vec![number.as_bytes().to_vec()])];
        Entry { name: "cn=x".to_owned(), attributes }
    }

    #[test]
    fn only_the_bit_changes_and_only_from_what_was_read() {
        let set = call(&json!({ "set_bits": { "userAccountControl": 2 } }));
        let clear = call(&json!({ "clear_bits": { "userAccountControl": 2 } }));
        for (call, old, new) in [
            (&set, "512", Some("514")),
            (&set, "66048", Some("66050")),
            (&set, "514", None),
            (&clear, "66050", Some("66048")),
            (&clear, "512", None),
            (&set, "-2147483648", Some("-2147483646")),
        ] {
            let changes = bit_changes(call, &entry(old)).unwrap();
            let expect: Vec<(Verb, &str)> =
                new.map_or(Vec::new(), |new| vec![(Verb::Delete, old), (Verb::Add, new)]);
            let found: Vec<(Verb, &str)> =
                changes.iter().map(|change| (change.verb, change.values[0].as_str())).collect();
            assert_eq!(found, expect, "{old}");
        }
        assert!(bit_changes(&set, &entry("x")).is_err());
        let none = Entry { name: "cn=x".to_owned(), attributes: Vec::new() };
        assert!(bit_changes(&set, &none).is_err());
    }
}
