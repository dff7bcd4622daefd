//! LDAP: one connection a call, TLS before the password, one request that changes something.
//!
//! A change is one modify request, which a directory does as a whole or not at all (RFC 4511 §4.6). It is
//! sent once. A connection that breaks after it was sent, or a time that runs out then, is an outcome that
//! nobody knows; the probe looks. Everything before it (connecting, signing in, looking for the entry)
//! certainly changed nothing. Sent twice, a modify that sets values gives what the first one gave; one that
//! takes values away is refused the second time. Taking back names the value that was ours, so that what
//! somebody else set meanwhile stays.
//!
//! The client is our own. `ldap3` was weighed: its reader recurses as deep as the bytes say, before TLS as
//! well, and ends by panic on answers that it does not know; it limits no size and takes no stream of ours.
//! Two requests and a handful of tags are less than what a guard around it would be.

mod attribute;
mod ber;
mod call;
mod code;
mod escape;
mod filter;
mod message;
mod session;

use stanch_model::{duration, manifest::LdapCall};

use crate::{
    instance,
    outcome::Attempt,
    render::Context,
    stream::{Line, Sent},
};

pub(crate) use attribute::is_name;
pub(crate) use call::filter_fault;

/// Makes `call` at the instance and classifies what came of it.
///
/// The answer to a search is `{ entries: [{ dn, ATTRIBUTE: [text], … }] }`, to a change
/// `{ dn, changed }`.
pub(crate) async fn run(line: Line<'_>, call: &LdapCall, context: &Context) -> Attempt {
    let place = match instance::place(line.instance, &instance::LDAP) {
        Ok(place) => place,
        Err(error) => return Attempt::refused(error.to_string()),
    };
    let sent = Sent::default();
    let whole = async {
        match call {
            LdapCall::Search(search) => call::search(&line, &place, search, context).await,
            LdapCall::Modify(modify) => call::modify(&line, &place, modify, context, &sent).await,
        }
    };
    let timeout = duration::format(line.timeout);
    match tokio::time::timeout(line.timeout, whole).await {
        Ok(attempt) => attempt,
        Err(_) if sent.is_raised() => {
            Attempt::unclear(format!("the directory did not answer within {timeout}"))
        }
        Err(_) => Attempt::unreachable(format!("no answer from the directory within {timeout}")),
    }
}
