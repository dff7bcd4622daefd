//! Where the database is: a URL without a secret in it.

use std::{
    fmt,
    net::IpAddr,
    path::{Path, PathBuf},
    str::FromStr,
    time::Duration,
};

use tokio_postgres::config::{Config, Host, SslMode};

use crate::Error;

/// How long one attempt to connect may take, unless the URL says.
const CONNECT: Duration = Duration::from_secs(10);

/// After how long without an answer from the network the connection counts as lost, unless the URL says.
const SILENCE: Duration = Duration::from_secs(30);

/// Where a PostgreSQL database is, `postgres://USER@HOST:PORT/DATABASE`.
///
/// The password is a reference (`?password=file:PATH` or `env:NAME`) that the caller resolves and
/// hands in with [`Address::set_password`]. Hosts that are neither loopback nor a folder with a socket
/// are spoken to by TLS only, and their certificates are verified.
#[derive(Clone)]
pub struct Address {
    config: Config,
    authorities: Option<PathBuf>,
    password: Option<String>,
}

impl Address {
    /// The reference to the password, if there is one: `env:NAME` or `file:PATH`.
    #[must_use]
    pub fn password_reference(&self) -> Option<&str> {
        self.password.as_deref()
    }

    /// Hands in what [`Self::password_reference`] stands for.
    pub fn set_password(&mut self, password: &str) {
        self.config.password(password);
    }

    pub(super) fn config(&self) -> &Config {
        &self.config
    }

    /// The authorities to trust instead of the host's own.
    pub(super) fn authorities(&self) -> Option<&Path> {
        self.authorities.as_deref()
    }

    fn default_times(&mut self) {
        let config = &mut self.config;
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT);
        }
        if config.get_tcp_user_timeout().is_none() {
            config.tcp_user_timeout(SILENCE);
        }
        if config.get_application_name().is_none() {
            config.application_name("stanch");
        }
    }

    /// Off the host only by TLS; on it only if asked for, since a server there mostly has a
    /// certificate that nobody signed.
    fn demand_tls(&mut self) -> Result<(), Error> {
        let mode = self.config.get_ssl_mode();
        let away = self.config.get_hosts().iter().any(|host| !is_here(host))
            || self.config.get_hostaddrs().iter().any(|address| !address.is_loopback());
        let mode = match (away, mode) {
            (true, SslMode::Disable) => {
                return Err(Error::Address(
                    "sslmode=disable is for loopback and sockets only: the database is on another \
                     host, so leave it out"
                        .to_owned(),
                ));
            }
            (true, _) => SslMode::Require,
            (false, SslMode::Prefer) if self.authorities.is_none() => SslMode::Disable,
            (false, mode) => mode,
        };
        self.config.ssl_mode(mode);
        Ok(())
    }
}

impl FromStr for Address {
    type Err = Error;

    fn from_str(url: &str) -> Result<Self, Error> {
        if !(url.starts_with("postgres://") || url.starts_with("postgresql://")) {
            return Err(Error::Address(
                "a store's address begins with postgres://, as in postgres://stanch@db.example.org/stanch"
                    .to_owned(),
            ));
        }
        let (url, authorities) = take_parameter(url, "sslrootcert");
        let mut config = Config::from_str(&url).map_err(|error| {
            let why = std::error::Error::source(&error).map(ToString::to_string);
            Error::Address(format!(
                "the store's address cannot be read: {}",
                why.unwrap_or_else(|| error.to_string())
            ))
        })?;
        let password = match config.get_password() {
            None => None,
            Some(text) => Some(reference(text)?),
        };
        // The reference must not go out as if it were the password.
        config.password("");
        let mut address = Self { config, authorities: authorities.map(PathBuf::from), password };
        if address.config.get_hosts().is_empty() && address.config.get_hostaddrs().is_empty() {
            return Err(Error::Address(
                "the store's address names no host: postgres://USER@HOST/DATABASE, or the folder of \
                 a socket as postgres:///DATABASE?host=/run/postgresql"
                    .to_owned(),
            ));
        }
        address.default_times();
        address.demand_tls()?;
        Ok(address)
    }
}

/// Only what is needed to find the database; never a password.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("postgres://")?;
        if let Some(user) = self.config.get_user() {
            write!(f, "{user}@")?;
        }
        for (index, host) in self.config.get_hosts().iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            match host {
                Host::Tcp(name) => write!(f, "{comma}{name}")?,
                Host::Unix(folder) => write!(f, "{comma}{}", folder.display())?,
            }
        }
        if let Some(port) = self.config.get_ports().first() {
            write!(f, ":{port}")?;
        }
        write!(f, "/{}", self.config.get_dbname().unwrap_or_default())
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({self})")
    }
}

fn is_here(host: &Host) -> bool {
    match host {
        Host::Unix(_) => true,
        Host::Tcp(name) => {
            name == "localhost" || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
        }
    }
}

fn reference(text: &[u8]) -> Result<String, Error> {
    std::str::from_utf8(text)
        .ok()
        .filter(|text| text.starts_with("env:") || text.starts_with("file:"))
        .map(str::to_owned)
        .ok_or_else(|| {
            Error::Address(
                "the store's address has a password in it: arguments are seen by everybody on the \
                 host; write ?password=file:PATH or ?password=env:NAME"
                    .to_owned(),
            )
        })
}

/// Takes a parameter out that the driver does not know.
fn take_parameter(url: &str, name: &str) -> (String, Option<String>) {
    let Some((before, query)) = url.split_once('?') else { return (url.to_owned(), None) };
    let mut found = None;
    let kept: Vec<&str> = query
        .split('&')
        .filter(|pair| match pair.split_once('=') {
            Some((key, value)) if key == name => {
                found = Some(value.to_owned());
                false
            }
            _ => true,
        })
        .collect();
    let url =
        if kept.is_empty() { before.to_owned() } else { format!("{before}?{}", kept.join("&")) };
    (url, found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(url: &str) -> Result<Address, String> {
        url.parse::<Address>().map_err(|error| error.to_string())
    }

    #[test]
    fn off_the_host_it_is_tls_or_nothing() {
        let mode = |url: &str| parse(url).map(|address| address.config.get_ssl_mode());
        assert_eq!(mode("postgres://a@db.example.org/a"), Ok(SslMode::Require));
        assert_eq!(mode("postgres://a@db.example.org/a?sslmode=prefer"), Ok(SslMode::Require));
        assert_eq!(mode("postgres://a@localhost,192.0.2.1/a"), Ok(SslMode::Require));
        assert_eq!(mode("postgres://a@localhost/a?hostaddr=192.0.2.1"), Ok(SslMode::Require));
        assert_eq!(mode("postgres://a@127.0.0.1/a"), Ok(SslMode::Disable));
        assert_eq!(mode("postgres://a@[::1]/a"), Ok(SslMode::Disable));
        assert_eq!(mode("postgres:///a?host=/run/postgresql"), Ok(SslMode::Disable));
        assert_eq!(mode("postgres://a@127.0.0.1/a?sslmode=require"), Ok(SslMode::Require));
        assert_eq!(mode("postgres://a@127.0.0.1/a?sslrootcert=/ca.pem"), Ok(SslMode::Prefer));
        let refused = mode("postgres://a@db.example.org/a?sslmode=disable").unwrap_err();
        assert!(refused.contains("loopback"), "{refused}");
    }

    #[test]
    fn a_password_is_a_reference() {
        let of =
            |url: &str| parse(url).map(|address| address.password_reference().map(str::to_owned));
        let file = Ok(Some("file:/run/db".to_owned()));
        assert_eq!(of("postgres://a@localhost/a?password=file:/run/db"), file);
        assert_eq!(of("postgres://a:env%3ADB@localhost/a"), Ok(Some("env:DB".to_owned())));
        assert_eq!(of("postgres://a@localhost/a"), Ok(None));
        for url in ["postgres://a:hunter2@localhost/a", "postgres://a@localhost/a?password=hunter2"]
        {
            let refused = of(url).unwrap_err();
            assert!(refused.contains("file:PATH") && !refused.contains("hunter2"), "{refused}");
        }
        let mut address = parse("postgres://a@localhost/a?password=env:DB").unwrap();
        address.set_password("hunter2");
        let shown = format!("{address} {address:?} {:?}", address.config);
        assert!(!shown.contains("hunter2"), "{shown}");
    }

    #[test]
    fn what_is_no_address_is_refused_with_a_fix() {
        let check = |url: &str, expect: &str| {
            let found = parse(url).unwrap_err();
            assert!(found.contains(expect), "{url}: {found}");
        };
        check("mysql://a@localhost/a", "postgres://");
        check("postgres:///a", "host=/run/postgresql");
        check("postgres://a@localhost/a?colour=red", "colour");
        check("postgres://a@localhost:many/a", "port");
    }
}
