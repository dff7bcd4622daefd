//! One command over an open session.

use std::sync::atomic::{AtomicBool, Ordering};

use russh::{ChannelMsg, Disconnect, client::Handle};
use serde_json::{Value, json};

use super::{STDERR_BYTES_MAX, STDOUT_BYTES_MAX, session::Pinned};
use crate::{outcome::Attempt, outside};

/// Raised just before the command goes out.
#[derive(Debug, Default)]
pub(super) struct Sent(AtomicBool);

impl Sent {
    /// Whether the command may have reached the server.
    pub(super) fn is_raised(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

/// What the server has told so far.
#[derive(Debug, Default)]
struct Told {
    stdout: Vec<u8>,
    stderr: Vec<u8>,
    exit: Option<u32>,
    signal: Option<String>,
    refused: bool,
}

/// Runs `command` and closes the session.
pub(super) async fn exec(session: &Handle<Pinned>, command: &str, sent: &Sent) -> Attempt {
    let mut channel = match session.channel_open_session().await {
        Ok(channel) => channel,
        Err(error) => {
            return Attempt::unreachable(format!("no SSH channel: {}", outside::chain(&error)));
        }
    };
    sent.0.store(true, Ordering::SeqCst);
    if let Err(error) = channel.exec(true, command).await {
        return Attempt::unclear(format!("the session broke: {}", outside::chain(&error)));
    }
    let mut told = Told::default();
    while let Some(message) = channel.wait().await {
        if let Err(why) = told.take(message) {
            return Attempt::unclear(why);
        }
    }
    if let Err(error) = session.disconnect(Disconnect::ByApplication, "", "").await {
        tracing::debug!(error = %outside::chain(&error), "the server had closed the session already");
    }
    told.judge()
}

impl Told {
    /// Takes the next message; an error is an output that is too long.
    fn take(&mut self, message: ChannelMsg) -> Result<(), String> {
        match message {
            ChannelMsg::Data { data } => {
                append(&mut self.stdout, &data, STDOUT_BYTES_MAX, "output")
            }
            ChannelMsg::ExtendedData { data, ext: 1 } => {
                append(&mut self.stderr, &data, STDERR_BYTES_MAX, "error output")
            }
            ChannelMsg::ExitStatus { exit_status } => {
                self.exit = Some(exit_status);
                Ok(())
            }
            ChannelMsg::ExitSignal { signal_name, .. } => {
                self.signal = Some(format!("{signal_name:?}"));
                Ok(())
            }
            ChannelMsg::Failure => {
                self.refused = true;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn judge(self) -> Attempt {
        let stdout = String::from_utf8_lossy(&self.stdout);
        let stderr = String::from_utf8_lossy(&self.stderr);
        match self.exit {
            Some(0) => {
                let body: Value = serde_json::from_str(&stdout).unwrap_or_default();
                Attempt::Answered(
                    json!({ "exit": 0, "stdout": stdout, "stderr": stderr, "body": body }),
                )
            }
            Some(exit) => {
                let said = outside::quote(if stderr.trim().is_empty() { &stdout } else { &stderr });
                Attempt::refused(format!("the command ended with exit status {exit}: {said}"))
            }
            None if self.refused => Attempt::refused("the server refuses to run commands"),
            None => match self.signal {
                Some(signal) => Attempt::unclear(format!("the command was killed by SIG{signal}")),
                None => Attempt::unclear("the session was lost before the command ended"),
            },
        }
    }
}

fn append(to: &mut Vec<u8>, data: &[u8], max: usize, what: &str) -> Result<(), String> {
    if to.len().saturating_add(data.len()) > max {
        return Err(format!("the command's {what} is longer than {max} bytes"));
    }
    to.extend_from_slice(data);
    Ok(())
}
