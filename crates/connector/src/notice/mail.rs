//! Mails over a relay: plain text, one recipient each, and nothing in a header that came from outside.
//!
//! The relay's name is resolved and held against the egress rules here; lettre connects to the address that came of
//! it, and checks the certificate against the name.

use std::{net::SocketAddr, time::Duration};

use lettre::{
    Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{
        Mailbox,
        header::{ContentType, Header, HeaderName, HeaderValue},
    },
    transport::smtp::{
        authentication::Credentials,
        client::{Tls, TlsParameters},
        extension::ClientId,
    },
};
use url::Url;

use super::NoticeError;
use crate::{
    Secrets,
    egress::{self, Resolve},
    http::not_reached,
};

/// How long a mail may take to be handed over.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Longest subject, in characters.
const SUBJECT_CHARS_MAX: usize = 200;

/// The relay that takes our mails.
#[derive(Clone, Debug)]
pub struct Relay {
    /// `smtps://HOST[:465]`, or `smtp://HOST[:25]`, which goes over to TLS: always outside, and inside where the
    /// relay offers it.
    pub server: Url,
    /// As whom they are sent.
    pub from: Address,
    /// Who signs in; nobody if empty.
    pub user: String,
    /// Reference to the password.
    pub credential: Option<String>,
    /// Whether addresses inside may be reached.
    pub allow_private: bool,
}

/// One mail.
#[derive(Clone, Debug)]
pub struct Mail {
    /// The same for each repetition: it becomes the Message-ID.
    pub id: String,
    /// One address.
    pub to: String,
    /// One line.
    pub subject: String,
    /// Plain text.
    pub text: String,
}

/// Says that no person wrote it, so that nobody's absence notice answers (RFC 3834 §5).
#[derive(Clone, Debug)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

impl Relay {
    /// A relay as somebody wrote it.
    ///
    /// # Errors
    /// What is no address of a relay or a mailbox.
    pub fn new(server: &str, from: &str) -> Result<Self, String> {
        let url = Url::parse(server).map_err(|error| format!("`{server}` is no URL: {error}"))?;
        let bare = matches!(url.path(), "" | "/") && url.query().is_none();
        let named = url.username().is_empty() && url.password().is_none();
        let is_relay = matches!(url.scheme(), "smtp" | "smtps") && url.host_str().is_some();
        if !(is_relay && bare && named) {
            return Err(format!("`{server}`: write smtps://HOST[:PORT] or smtp://HOST[:PORT]"));
        }
        let from =
            from.parse().map_err(|error| format!("`{from}` is no e-mail address: {error}"))?;
        let (user, credential) = (String::new(), None);
        Ok(Self { server: url, from, user, credential, allow_private: false })
    }

    /// Hands a mail over.
    ///
    /// # Errors
    /// An address that is none; no relay; a relay that does not take it.
    pub async fn send(
        &self,
        resolver: &dyn Resolve,
        secrets: &Secrets,
        mail: &Mail,
    ) -> Result<(), NoticeError> {
        let message = self.compose(mail).map_err(NoticeError::refused)?;
        let handing = async {
            let transport = self.connect(resolver, secrets).await?;
            let sent = transport.send(message).await;
            sent.map(drop).map_err(|error| NoticeError {
                why: format!("the relay does not take it: {}", crate::outside::chain(&error)),
                retry: !error.is_permanent(),
            })
        };
        let in_time = tokio::time::timeout(TIMEOUT, handing).await;
        in_time.unwrap_or_else(|_| Err(NoticeError::later("no answer from the relay in time")))
    }

    fn compose(&self, mail: &Mail) -> Result<Message, String> {
        let to: Address = mail
            .to
            .parse()
            .map_err(|error| format!("the recipient is no e-mail address: {error}"))?;
        let subject = one_line(&mail.subject);
        let id = mail.id.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
        let id = format!("<{}@{}>", id.collect::<String>(), self.from.domain());
        Message::builder()
            .from(Mailbox::new(Some("Stanch".to_owned()), self.from.clone()))
            .to(Mailbox::new(None, to))
            .subject(subject)
            .message_id(Some(id))
            .header(AutoSubmitted)
            .header(ContentType::TEXT_PLAIN)
            .body(mail.text.clone())
            .map_err(|error| format!("the mail cannot be put together: {error}"))
    }

    async fn connect(
        &self,
        resolver: &dyn Resolve,
        secrets: &Secrets,
    ) -> Result<AsyncSmtpTransport<Tokio1Executor>, NoticeError> {
        let host = self.server.host_str().unwrap_or_default();
        let is_wrapped = self.server.scheme() == "smtps";
        let port = self.server.port().unwrap_or(if is_wrapped { 465 } else { 25 });
        let addresses = egress::pin(resolver, host, port, self.allow_private)
            .await
            .map_err(|error| NoticeError::from(not_reached(&error)))?;
        let Some(address) = addresses.first() else {
            return Err(NoticeError::later(format!("{host} has no address")));
        };
        let mut builder =
            AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(address.ip().to_string())
                .port(port)
                .hello_name(ClientId::Domain(self.from.domain().to_owned()))
                .timeout(Some(TIMEOUT))
                .tls(tls(host, is_wrapped, &addresses)?);
        if !self.user.is_empty() {
            let reference = self.credential.as_deref().unwrap_or_default();
            let password = secrets.resolve(reference).await;
            let password = password.map_err(|error| NoticeError::later(error.to_string()))?;
            let password = password.expose().to_owned();
            builder = builder.credentials(Credentials::new(self.user.clone(), password));
        }
        Ok(builder.build())
    }
}

fn tls(host: &str, is_wrapped: bool, addresses: &[SocketAddr]) -> Result<Tls, NoticeError> {
    let parameters = TlsParameters::new(host.to_owned())
        .map_err(|error| NoticeError::later(format!("TLS cannot be set up: {error}")))?;
    let inside = addresses.iter().all(|address| egress::is_inside(address.ip()));
    Ok(match (is_wrapped, inside) {
        (true, _) => Tls::Wrapper(parameters),
        (false, true) => Tls::Opportunistic(parameters),
        (false, false) => Tls::Required(parameters),
    })
}

/// A header is one line, whatever stands in it.
fn one_line(text: &str) -> String {
    let line = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    line.take(SUBJECT_CHARS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(mail: &Mail) -> Result<String, String> {
        let relay = Relay::new("smtp://127.0.0.1:25", "stanch@corp.example").unwrap();
        Ok(String::from_utf8(relay.compose(mail)?.formatted()).unwrap())
    }

    fn mail(to: &str, subject: &str, text: &str) -> Mail {
        let id = "ntc_00000000000000000000000000000001".to_owned();
        Mail { id, to: to.to_owned(), subject: subject.to_owned(), text: text.to_owned() }
    }

    #[test]
    fn nothing_from_outside_becomes_a_header() {
        let hostile = "a\r\nBcc: eve@evil.example\r\n\r\n<script>\u{202e}\u{0}\u{85}\u{2028}X-Y: z";
        let mail_text = raw(&mail("ann@corp.example", hostile, hostile)).unwrap();
        let (head, body) = mail_text.split_once("\r\n\r\n").unwrap();
        let lines = head.lines().filter(|line| !line.starts_with([' ', '\t']));
        let mut names: Vec<&str> = lines.map(|line| line.split_once(": ").unwrap().0).collect();
        names.sort_unstable();
        let expect = [
            "Auto-Submitted",
            "Content-Transfer-Encoding",
            "Content-Type",
            "Date",
            "From",
            "Message-ID",
            "Subject",
            "To",
        ];
        assert_eq!(names, expect, "{head}");
        assert!(head.contains("<ntc_00000000000000000000000000000001@corp.example>"), "{head}");
        assert!(!body.contains("\r\n.\r\n"), "{body}");
        for to in
            ["eve@evil.example, ann@corp.example", "ann@corp.example\r\nBcc: e@evil.example", ""]
        {
            assert!(raw(&mail(to, "s", "t")).is_err(), "{to}");
        }
    }

    #[test]
    fn a_relay_has_an_address_and_no_password_in_it() {
        for (server, from, fits) in [
            ("smtps://relay.corp.example", "stanch@corp.example", true),
            ("smtp://127.0.0.1:11025", "stanch@corp.example", true),
            ("smtp://user:secret@relay.corp.example", "stanch@corp.example", false),
            ("https://relay.corp.example", "stanch@corp.example", false),
            ("relay.corp.example", "stanch@corp.example", false),
            ("smtp://relay.corp.example/path", "stanch@corp.example", false),
            ("smtp://relay.corp.example", "stanch", false),
            ("smtp://relay.corp.example", "stanch@corp.example\r\nX: y", false),
        ] {
            assert_eq!(Relay::new(server, from).is_ok(), fits, "{server} {from}");
        }
    }
}
