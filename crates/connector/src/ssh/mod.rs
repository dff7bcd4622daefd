//! SSH: one pinned server, one key, one command an exec request.

mod exec;
mod host_key;
mod quote;
mod session;

use std::time::Duration;

use stanch_model::manifest::Instance;

use crate::{Secret, egress::Resolve, instance, outcome::Attempt};

pub(crate) use host_key::host_key;
pub(crate) use quote::command;

/// Longest standard output, in bytes: a set of about 10,000 blocked addresses as JSON.
pub const STDOUT_BYTES_MAX: usize = 1024 * 1024;

/// Longest standard error, in bytes.
pub const STDERR_BYTES_MAX: usize = 256 * 1024;

/// Runs `argv` at the instance and classifies what came of it. The answer is
/// `{ exit, stdout, stderr, body }`, with `body` where the output is JSON.
pub(crate) async fn run(
    resolver: &dyn Resolve,
    instance: &Instance,
    key: &Secret,
    argv: &[String],
    timeout: Duration,
) -> Attempt {
    let command = match command(argv) {
        Ok(command) => command,
        Err(why) => return Attempt::refused(why),
    };
    let (address, host_key) = match instance::ssh_address(instance)
        .and_then(|address| Ok((address, host_key(instance)?)))
    {
        Ok(read) => read,
        Err(error) => return Attempt::refused(error.to_string()),
    };
    let sent = exec::Sent::default();
    let whole = async {
        let server = session::Server {
            address: &address,
            host_key: &host_key,
            allow_private: instance.allow_private,
        };
        let session = match session::open(resolver, &server, key).await {
            Ok(session) => session,
            Err(attempt) => return attempt,
        };
        exec::exec(&session, &command, &sent).await
    };
    match tokio::time::timeout(timeout, whole).await {
        Ok(attempt) => attempt,
        Err(_) if sent.is_raised() => Attempt::unclear(format!(
            "the command did not end within {}",
            stanch_model::duration::format(timeout)
        )),
        Err(_) => Attempt::unreachable(format!(
            "no SSH session within {}",
            stanch_model::duration::format(timeout)
        )),
    }
}
