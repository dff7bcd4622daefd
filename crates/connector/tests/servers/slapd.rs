//! OpenLDAP with ppolicy (scripts/rig/slapd.sh), and its own clients to look behind our back.

use super::{Daemon, free_ports, may_run, run};

/// A directory with alice and Bob in it.
pub struct Slapd {
    daemon: Daemon,
    pub port: u16,
}

impl Slapd {
    /// None where this machine has no slapd.
    pub fn start(test: &str) -> Option<Self> {
        if !may_run(test, &["slapd", "ldapsearch", "openssl"]) {
            return None;
        }
        let [port, tls] = free_ports();
        Some(Self { daemon: Daemon::start("slapd.sh", &[port, tls]), port })
    }

    pub fn get(&self, name: &str) -> &str {
        self.daemon.get(name)
    }

    /// Whether `user` gets in with that password.
    pub fn lets_in(&self, user: &str, password: &str) -> bool {
        let name = format!("uid={user},{}", self.get("PEOPLE"));
        let url = self.get("LDAP_URL");
        run("ldapwhoami", &["-x", "-H", url, "-D", &name, "-w", password]).status.success()
    }

    /// Whether `user` gets in with the right one.
    pub fn lets_in_rightly(&self, user: &str) -> bool {
        self.lets_in(user, self.get("USER_PASSWORD"))
    }

    /// The values of one attribute, as the directory's administrator sees them.
    pub fn values(&self, user: &str, attribute: &str) -> Vec<String> {
        let (url, admin) = (self.get("LDAP_URL"), self.get("ADMIN_USER"));
        let password = self.get("ADMIN_PASSWORD");
        let filter = format!("(uid={user})");
        let base = self.get("PEOPLE");
        let arguments = [
            "-x",
            "-LLL",
            "-o",
            "ldif-wrap=no",
            "-H",
            url,
            "-D",
            admin,
            "-w",
            password,
            "-b",
            base,
            &filter,
            attribute,
        ];
        let output = run("ldapsearch", &arguments);
        assert!(output.status.success(), "{output:?}");
        let text = String::from_utf8(output.stdout).unwrap();
        let prefix = format!("{attribute}: ");
        text.lines().filter_map(|line| line.strip_prefix(&prefix)).map(str::to_owned).collect()
    }

    /// How many times Stanch has changed something, by the directory's own record.
    pub fn acts(&self) -> usize {
        self.audit().iter().filter(|change| change.contains(self.get("STANCH_USER"))).count()
    }

    /// How many of these set an attribute to this value.
    pub fn acts_with(&self, value: &str) -> usize {
        let mine = |change: &&String| change.contains(self.get("STANCH_USER"));
        self.audit().iter().filter(mine).filter(|change| change.contains(value)).count()
    }

    fn audit(&self) -> Vec<String> {
        let text = std::fs::read_to_string(self.get("AUDIT")).unwrap_or_default();
        let changes = text.split("\n\n").filter(|change| change.contains("changetype: modify"));
        changes.map(str::to_owned).collect()
    }
}
