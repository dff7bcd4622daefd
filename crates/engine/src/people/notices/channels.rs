//! The ways that notices go, as the configuration says.

use std::collections::BTreeMap;

use serde_json::json;
use stanch_connector::{
    Hands, Mail, Secrets,
    http::Client,
    notice::{
        NoticeError,
        webhook::{Delivery, Webhook},
    },
};
use stanch_model::{
    Time,
    notice::{Channel, Notice, NoticeEvent},
};
use url::Url;

use crate::{
    Error,
    config::{NoticesConfig, WebhookConfig},
};

/// The ways that notices go.
#[derive(Debug)]
pub(super) struct Channels {
    base: Option<Url>,
    /// The instance that mails go through.
    mailer: Option<String>,
    hands: Hands,
    webhooks: BTreeMap<String, (Webhook, Vec<NoticeEvent>)>,
    client: Client,
    secrets: Secrets,
}

/// Where notices can go; what is written needs no more than that.
#[derive(Clone, Debug)]
pub(super) struct Ways {
    base: Option<Url>,
    /// Whether mails are sent.
    pub(super) by_mail: bool,
    hooks: Vec<(String, Vec<NoticeEvent>)>,
}

impl Ways {
    /// The webhooks that want to hear of such a thing.
    pub(super) fn hooks(&self, event: NoticeEvent) -> impl Iterator<Item = &str> {
        let wants = move |events: &Vec<NoticeEvent>| events.is_empty() || events.contains(&event);
        self.hooks.iter().filter(move |(_, events)| wants(events)).map(|(name, _)| name.as_str())
    }

    /// The address of a page.
    pub(super) fn link(&self, path: &[&str]) -> String {
        let Some(mut url) = self.base.clone() else { return String::new() };
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        url.into()
    }
}

impl Channels {
    /// Those of the configuration.
    ///
    /// # Errors
    /// What could never work, by key.
    pub(super) fn new(
        config: &NoticesConfig,
        hands: Hands,
        secrets: Secrets,
    ) -> Result<Self, Error> {
        let wrong = |why: String| Error::Content(format!("configuration: notices: {why}"));
        let base = config.base_url.as_deref().map(base).transpose().map_err(wrong)?;
        if base.is_none() && (config.mail.is_some() || !config.webhooks.is_empty()) {
            let why = "`base_url` is missing: write where people open Stanch, as in https://stanch.example";
            return Err(wrong(why.to_owned()));
        }
        let mut webhooks = BTreeMap::new();
        for hook in &config.webhooks {
            let made = webhook(hook).map_err(wrong)?;
            if webhooks.insert(hook.name.clone(), (made, hook.events.clone())).is_some() {
                return Err(wrong(format!("two webhooks are named `{}`", hook.name)));
            }
        }
        let mailer = config.mail.as_ref().map(|mail| mail.instance.clone());
        if let Some(instance) = &mailer {
            hands.sends_mail(instance).map_err(|why| wrong(format!("mail: {why}")))?;
        }
        Ok(Self { base, mailer, hands, webhooks, client: Client::default(), secrets })
    }

    pub(super) fn are_none(&self) -> bool {
        self.mailer.is_none() && self.webhooks.is_empty()
    }

    pub(super) fn ways(&self) -> Ways {
        let hooks = self.webhooks.iter();
        let hooks = hooks.map(|(name, (_, events))| (name.clone(), events.clone())).collect();
        Ways { base: self.base.clone(), by_mail: self.mailer.is_some(), hooks }
    }

    /// Sends a notice.
    ///
    /// # Errors
    /// It did not go out, or may not have.
    pub(super) async fn send(&self, notice: &Notice, now: Time) -> Result<(), NoticeError> {
        let gone = |what: &str| NoticeError {
            why: format!("{what} is not in the configuration any more"),
            retry: false,
        };
        match &notice.channel {
            Channel::Mail { to, .. } => {
                let mailer = self.mailer.as_ref().ok_or_else(|| gone("the relay"))?;
                let mail = Mail {
                    to: vec![to.clone()],
                    subject: format!("Stanch: {}", notice.title),
                    text: notice.text.clone(),
                };
                let sent = self.hands.mail(mailer, &mail, &notice.id.to_string()).await;
                NoticeError::of_mail(sent).map_or(Ok(()), Err)
            }
            Channel::Webhook { name } => {
                let (hook, _) = self.webhooks.get(name).ok_or_else(|| gone("the webhook"))?;
                let body = json!({
                    "id": notice.id, "event": notice.event, "subject": notice.subject,
                    "title": notice.title, "text": notice.text, "link": notice.link,
                    "tenant": notice.tenant, "created_at": notice.created_at,
                });
                let (id, body) = (notice.id.to_string(), body.to_string());
                let at_s = now.micros().div_euclid(1_000_000);
                let delivery = Delivery { id: &id, at_s, body: body.as_bytes() };
                hook.post(&self.client, &self.secrets, delivery).await
            }
        }
    }
}

/// Where people open Stanch. It comes from here alone: what a request says its host is may be anybody's word.
fn base(text: &str) -> Result<Url, String> {
    let url = Webhook::address(text)?;
    if url.query().is_some() || url.fragment().is_some() {
        return Err("`base_url` ends with its path: drop `?…` and `#…`".to_owned());
    }
    Ok(url)
}

fn webhook(config: &WebhookConfig) -> Result<Webhook, String> {
    let url =
        Webhook::address(&config.url).map_err(|why| format!("webhook `{}`: {why}", config.name))?;
    if !["env:", "file:"].iter().any(|prefix| config.secret.starts_with(prefix)) {
        let name = &config.name;
        return Err(format!("webhook `{name}`: `secret` is a reference: env:NAME or file:PATH"));
    }
    Ok(Webhook { url, secret: config.secret.clone(), allow_private: config.allow_private })
}
