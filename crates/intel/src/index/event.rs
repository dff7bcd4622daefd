//! What of an event can be looked up: the fields that sources map, and hashes and mail addresses by the names that
//! fields commonly have.

use serde_json::Value as Json;
use stanch_model::Event;

use super::{Found, Seen};

/// A value of an event that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match<'a> {
    /// The field that it stands in.
    pub field: &'a str,
    /// The value.
    pub seen: Seen<'a>,
    /// What was found.
    pub found: Found<'a>,
}

/// Last words of the names of fields that hold one hash, or several as `SHA1=…,MD5=…` (Sysmon).
const HASHES: [&str; 4] = ["md5", "sha1", "sha256", "hashes"];

/// Last words of the names of fields that hold mail addresses.
const MAILS: [&str; 8] = ["from", "to", "cc", "sender", "recipient", "mailfrom", "rcptto", "email"];

/// Values of one field that are looked at.
const VALUES_MAX: usize = 100;

/// Everything in an event that can be looked up, with the field that it stands in.
pub fn seen_in(event: &Event) -> impl Iterator<Item = (&str, Seen<'_>)> {
    let common = &event.common;
    let texts = [
        ("host", common.host.as_deref().map(Seen::Domain)),
        ("domain", common.domain.as_deref().map(Seen::Domain)),
        ("url", common.url.as_deref().map(Seen::Url)),
        ("file_sha256", common.file_sha256.as_deref().map(Seen::Hash)),
        ("src_ip", common.src_ip.map(Seen::Address)),
        ("dst_ip", common.dst_ip.map(Seen::Address)),
    ];
    let mapped = texts.into_iter().filter_map(|(field, seen)| Some((field, seen?)));
    let own = event.fields.iter().flat_map(|(field, value)| {
        let is_in = |words: &[&str]| {
            let last = field.rsplit(['.', '_']).next().unwrap_or_default();
            words.iter().any(|word| last.eq_ignore_ascii_case(word))
        };
        let (hashes, mails) = (is_in(&HASHES), is_in(&MAILS));
        let texts = (hashes || mails).then(|| texts_of(value)).into_iter().flatten();
        let seen = texts.flat_map(move |text| {
            let hashes = hashes.then(|| hashes_in(text)).into_iter().flatten().map(Seen::Hash);
            let mails = mails.then(|| mails_in(text)).into_iter().flatten();
            hashes.chain(mails.map(Seen::EmailAddress))
        });
        seen.map(move |seen| (field.as_str(), seen)).take(VALUES_MAX)
    });
    mapped.chain(own)
}

/// The texts of a value: itself, or those in a list.
fn texts_of(value: &Json) -> impl Iterator<Item = &str> {
    let list = value.as_array().map(Vec::as_slice).unwrap_or_default();
    value.as_str().into_iter().chain(list.iter().filter_map(Json::as_str))
}

/// `SHA1=…,MD5=…,IMPHASH=…` without those of which indicators say nothing; or the text itself.
fn hashes_in(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').filter_map(|part| match part.split_once('=') {
        Some((name, digits)) => {
            HASHES.iter().any(|known| name.trim().eq_ignore_ascii_case(known)).then_some(digits)
        }
        None => Some(part),
    })
}

/// The addresses in `Name <a@b.test>, c@d.test`.
fn mails_in(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').filter_map(|part| {
        let part = part.rsplit_once('<').map_or(part, |(_, part)| part);
        let mail = part.trim().trim_end_matches('>');
        mail.contains('@').then_some(mail)
    })
}
