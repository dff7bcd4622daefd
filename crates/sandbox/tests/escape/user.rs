//! Everything once more as an ordinary user, where the tests run as root.

use std::{fs, os::unix::fs::PermissionsExt as _, process::Command};

use libtest_mimic::Trial;

/// `nobody`.
const USER: &str = "65534";

pub(crate) fn trials() -> Vec<Trial> {
    if !rustix::process::geteuid().is_root() {
        return Vec::new();
    }
    vec![Trial::test("all_of_it_as_an_ordinary_user", || {
        check();
        Ok(())
    })]
}

/// The test program is put where everybody can reach it.
fn check() {
    let folder = tempfile::tempdir_in("/tmp").unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let program = folder.path().join("escape");
    fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    #[expect(clippy::disallowed_methods, reason = "the same tests in a child of another user")]
    let mut command = Command::new("setpriv");
    command.args(["--reuid", USER, "--regid", USER, "--clear-groups"]).arg(&program);
    let output = command.current_dir("/").output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    // Its sum must not be counted a second time.
    let said = said.replace("test result:", "as an ordinary user:");
    assert!(output.status.success(), "{said}");
    assert!(said.contains("as an ordinary user: ok."), "{said}");
}
