//! An Active Directory domain controller (scripts/rig/samba.sh), and OpenLDAP's clients to look behind our back.

use std::net::SocketAddr;

use super::{Daemon, may_run, run};

/// A domain with alice, and with Bob whose flags are unusual.
pub struct Samba {
    daemon: Daemon,
}

impl Samba {
    /// None where this machine has no Samba.
    pub fn start(test: &str) -> Option<Self> {
        let provision = "/usr/share/samba/setup/provision.ldif";
        let modules = "/usr/lib/python3/dist-packages/samba/samdb.py";
        let needed = [
            "root-itself",
            "samba",
            "samba-tool",
            provision,
            modules,
            "ip",
            "ldapsearch",
            "openssl",
        ];
        if !may_run(test, &needed) {
            return None;
        }
        let daemon = Daemon::start_at("samba.sh", &[], |env| {
            let server: std::net::IpAddr = env["SERVER"].parse().unwrap();
            [389, 636].map(|port| SocketAddr::new(server, port)).to_vec()
        });
        Some(Self { daemon })
    }

    pub fn get(&self, name: &str) -> &str {
        self.daemon.get(name)
    }

    pub fn address(&self) -> SocketAddr {
        SocketAddr::new(self.get("SERVER").parse().unwrap(), 389)
    }

    /// None if the domain lets `user` in with that password, else its code: 52e, 533, 773, 775.
    pub fn turns_away(&self, user: &str, password: &str) -> Option<String> {
        let name = format!("{user}@corp.test");
        let url = self.get("LDAP_URL");
        let arguments =
            ["-x", "-H", url, "-D", &name, "-w", password, "-b", "", "-s", "base", "1.1"];
        let output = run("ldapsearch", &arguments);
        if output.status.success() {
            return None;
        }
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let code = said.split("data ").nth(1).and_then(|rest| rest.split(',').next());
        Some(code.unwrap_or_else(|| panic!("{said}")).to_owned())
    }

    /// The same with the right one.
    pub fn turns_away_rightly(&self, user: &str) -> Option<String> {
        self.turns_away(user, self.get("USER_PASSWORD"))
    }

    /// The values of one attribute, as the domain's administrator sees them.
    pub fn values(&self, user: &str, attribute: &str) -> Vec<String> {
        let (url, admin) = (self.get("LDAP_URL"), self.get("ADMIN_USER"));
        let password = self.get("ADMIN_PASSWORD");
        let (base, filter) = (self.get("BASE"), format!("(sAMAccountName={user})"));
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

    /// How often an account's flags were written so far, by the domain's own record for replication, in
    /// which one change of ours counts as [`WRITES_PER_CHANGE`].
    pub fn writes(&self, user: &str) -> u32 {
        let database = self.daemon.path("private/sam.ldb").display().to_string();
        let output = run("/usr/bin/python3", &["-c", WRITES, &database, user]);
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap().trim().parse().unwrap()
    }
}

/// A number taken away, another one added, and what Samba itself makes of both.
pub const WRITES_PER_CHANGE: u32 = 3;

/// Prints the version of userAccountControl (attribute 0x90008).
const WRITES: &str = r#"
import sys
from samba.auth import system_session
from samba.dcerpc import drsblobs
from samba.ndr import ndr_unpack
from samba.param import LoadParm
from samba.samdb import SamDB
db = SamDB(url=sys.argv[1], session_info=system_session(), lp=LoadParm())
found = db.search(db.domain_dn(), expression=f"(sAMAccountName={sys.argv[2]})", attrs=["replPropertyMetaData"])
blob = ndr_unpack(drsblobs.replPropertyMetaDataBlob, found[0]["replPropertyMetaData"][0])
print([entry.version for entry in blob.ctr.array if entry.attid == 0x90008][0])
"#;
