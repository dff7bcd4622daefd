//! Mail of our own: an approval that waits, a notice.

use std::time::Duration;

use serde_json::Value;
use stanch_model::manifest::{EffectClass, Instance, Transport};

use super::{Hands, ended, exchange::redacted, failed};
use crate::{Mail, Outcome, outcome::Attempt, secrets::Redactor, smtp};

/// From the look-up of the relay's name to its last word.
const MAIL_TIMEOUT: Duration = Duration::from_secs(30);

impl Hands {
    /// Sends a mail of our own (an approval that waits, a notice), by the instance of that name and from
    /// the address in its `config.from`. The Message-ID comes from `key`: sent twice it is the same mail.
    ///
    /// Accepted is: the relay has taken it over; `message_id` says under which id.
    #[tracing::instrument(name = "connector.mail", skip_all, fields(instance = %instance))]
    pub async fn mail(&self, instance: &str, mail: &Mail, key: &str) -> Outcome {
        let (instance, from) = match self.sender(instance) {
            Ok(found) => found,
            Err(why) => return failed(why),
        };
        let secret = match self.credential(instance).await {
            Ok(secret) => secret,
            Err(attempt) => return ended(EffectClass::Irreversible, attempt),
        };
        let line = self.line(instance, MAIL_TIMEOUT, secret.as_ref());
        let redactor = Redactor::new(secret.iter());
        let sent = Box::pin(smtp::send(line, from, mail, key)).await;
        match redacted(sent, &redactor) {
            Attempt::Answered(output) => Outcome::Accepted { output },
            other => ended(EffectClass::Irreversible, other),
        }
    }

    /// Whether the instance of that name can send mails of our own.
    ///
    /// # Errors
    /// Why not, and what to write.
    pub fn sends_mail(&self, instance: &str) -> Result<(), String> {
        self.sender(instance).map(drop)
    }

    /// The instance that sends mail, and its sender's address.
    fn sender(&self, name: &str) -> Result<(&Instance, &str), String> {
        let Some(instance) = self.catalog.instances.get(name) else {
            return Err(format!("instance `{name}` is not configured"));
        };
        let manifest = self.catalog.manifests.get(&instance.connector);
        if manifest.is_none_or(|manifest| manifest.transport != Transport::Smtp) {
            return Err(format!(
                "instance `{name}` sends no mail: name one of the connector `smtp`"
            ));
        }
        let from = instance.config.get("from").and_then(Value::as_str);
        let help = "add `config: { from: ADDRESS }`";
        let from = from.ok_or_else(|| format!("instance `{name}` has no sender: {help}"))?;
        Ok((instance, from))
    }
}
