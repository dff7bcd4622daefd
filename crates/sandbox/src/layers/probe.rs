//! Finding out what a host enforces: in children that enforce it on themselves and try to get out.

use std::{
    path::Path,
    process::{Command, Stdio},
};

use super::Bubblewrap;
use crate::{
    Launcher, Layers,
    confinement::{Checked, Task},
};

/// Where bubblewrap is looked for.
const BUBBLEWRAP: [&str; 2] = ["/usr/bin/bwrap", "/usr/local/bin/bwrap"];

/// Tries each layer by itself. That they work together is [`Layers::whole`], tried by who runs programs.
pub(crate) fn probe(launcher: &Launcher) -> Layers {
    let number = |text: String| {
        text.trim()
            .parse::<i32>()
            .map_err(|error| format!("the child answered `{}`: {error}", text.trim()))
    };
    Layers {
        landlock: check(launcher, Checked::Landlock).and_then(number),
        seccomp: check(launcher, Checked::Seccomp).map(drop),
        rlimits: check(launcher, Checked::Rlimits).map(drop),
        bubblewrap: bubblewrap(),
        whole: Ok(()),
    }
}

fn check(launcher: &Launcher, layer: Checked) -> Result<String, String> {
    let task = serde_json::to_string(&Task::Check(layer)).map_err(|error| error.to_string())?;
    let mut command = launcher.command();
    command.arg(task).env_clear();
    said(&mut command)
}

/// That it is there and starts. Whether it may make namespaces shows when a program is run in it.
fn bubblewrap() -> Result<Bubblewrap, String> {
    let path = BUBBLEWRAP.iter().map(Path::new).find(|path| path.is_file());
    let path = path.ok_or_else(|| format!("there is no {}", BUBBLEWRAP.join(" and no ")))?;
    #[expect(clippy::disallowed_methods, reason = "this is the crate that starts child processes")]
    let mut command = Command::new(path);
    command.arg("--version").env_clear();
    let said = said(&mut command)?;
    let version = said.split_whitespace().last().unwrap_or_default().to_owned();
    Ok(Bubblewrap { path: path.to_owned(), version })
}

/// What a child wrote, or why it did not end well.
fn said(command: &mut Command) -> Result<String, String> {
    let output = command.stdin(Stdio::null()).output().map_err(|error| error.to_string())?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let stderr = String::from_utf8_lossy(&output.stderr);
    let line = stderr.lines().map(str::trim).find(|line| !line.is_empty());
    Err(line.map_or_else(|| format!("{}", output.status), str::to_owned))
}
