//! A delivery: a request whose answer counts by its status alone.

use super::{Client, Request, connection::Connected, exchange::transmit};
use crate::{
    outcome::{Attempt, Verdict, verdict},
    outside,
};

impl Client {
    /// Sends `request` and looks at the status. What the other side says is not read, and no redirect is followed:
    /// the body was meant for this address.
    ///
    /// # Errors
    /// No connection, no answer in time, or a status that is no success.
    pub(crate) async fn deliver(&self, request: &Request) -> Result<(), Attempt> {
        let connected = Connected::default();
        let delivery = async {
            let client = self.connect(&request.url, request.allow_private, &connected).await?;
            let sent = transmit(&client, request).await;
            let response = sent.map_err(|error| {
                let why = outside::chain(&error.without_url());
                Attempt::unreachable(format!("no answer: {why}"))
            })?;
            let status = response.status();
            match verdict(status.as_u16(), &request.accept, true) {
                Verdict::Accepted => Ok(()),
                Verdict::Refused => Err(Attempt::refused(format!("it was answered {status}"))),
                _ if status.is_redirection() => {
                    let why = format!("it was answered {status}: redirects are not followed");
                    Err(Attempt::refused(why))
                }
                Verdict::Later | Verdict::Unclear => {
                    Err(Attempt::unclear(format!("it was answered {status}")))
                }
            }
        };
        let in_time = tokio::time::timeout(request.timeout, delivery).await;
        in_time.unwrap_or_else(|_| {
            let within = stanch_model::duration::format(request.timeout);
            Err(Attempt::unclear(format!("no answer within {within}")))
        })
    }
}
