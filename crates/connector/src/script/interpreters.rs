//! Interpreters: where they are on this host, and how each is started.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use stanch_model::manifest::Interpreter;
use stanch_sandbox::{File, Limits};

/// Where each is looked for, in this order. No search path: who can write to one could choose.
const fn places(interpreter: Interpreter) -> &'static [&'static str] {
    match interpreter {
        Interpreter::Python => &["/usr/bin/python3", "/usr/local/bin/python3"],
        Interpreter::Bash => &["/bin/bash", "/usr/bin/bash", "/usr/local/bin/bash"],
        Interpreter::Powershell => {
            &["/usr/bin/pwsh", "/usr/local/bin/pwsh", "/opt/microsoft/powershell/7/pwsh"]
        }
    }
}

/// Absolute paths of those that are installed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Interpreters {
    /// Python 3.
    pub python: Option<PathBuf>,
    /// Bash.
    pub bash: Option<PathBuf>,
    /// PowerShell.
    pub powershell: Option<PathBuf>,
}

impl Interpreters {
    /// Looks for them on this host.
    #[must_use]
    pub fn find() -> Self {
        let find = |interpreter| {
            let mut places = places(interpreter).iter().map(Path::new);
            places.find(|path| path.is_file()).map(Path::to_owned)
        };
        Self {
            python: find(Interpreter::Python),
            bash: find(Interpreter::Bash),
            powershell: find(Interpreter::Powershell),
        }
    }

    /// Where one is.
    ///
    /// # Errors
    /// Where it was looked for.
    pub fn of(&self, interpreter: Interpreter) -> Result<&Path, String> {
        let found = match interpreter {
            Interpreter::Python => &self.python,
            Interpreter::Bash => &self.bash,
            Interpreter::Powershell => &self.powershell,
        };
        found.as_deref().ok_or_else(|| {
            let places = places(interpreter).join(", ");
            format!("{} is not installed: there is none of {places}", interpreter.word())
        })
    }
}

/// How a script is started.
pub(super) struct Start {
    pub(super) arguments: Vec<String>,
    pub(super) file: File,
    pub(super) environment: BTreeMap<String, String>,
    /// The interpreter's own folder, where it is not one of the system's.
    pub(super) read_only: Vec<PathBuf>,
}

/// Starts `code` without anybody's profile, start-up files or modules beside it.
pub(super) fn start(
    interpreter: Interpreter,
    program: &Path,
    code: &str,
    limits: &Limits,
) -> Start {
    let (options, name): (&[&str], _) = match interpreter {
        Interpreter::Python => (&["-I", "-B"], "script.py"),
        Interpreter::Bash => (&["--noprofile", "--norc"], "script.sh"),
        Interpreter::Powershell => (&["-NoProfile", "-NonInteractive", "-File"], "script.ps1"),
    };
    let path = format!("../{name}");
    let arguments = options.iter().map(|&word| word.to_owned()).chain([path]).collect();
    let real = fs::canonicalize(program).unwrap_or_else(|_| program.to_owned());
    Start {
        arguments,
        file: File { name: name.to_owned(), bytes: code.as_bytes().to_owned() },
        environment: environment(interpreter, limits),
        read_only: real.parent().map(Path::to_owned).into_iter().collect(),
    }
}

/// .NET reserves more address space than any limit unless it is told how much there is; it has no use for
/// its diagnostic sockets, and cannot map memory twice without a file of memory.
fn environment(interpreter: Interpreter, limits: &Limits) -> BTreeMap<String, String> {
    let heap = format!("{:x}", limits.memory_bytes / 2);
    let pairs: &[(&str, &str)] = match interpreter {
        Interpreter::Python | Interpreter::Bash => &[],
        Interpreter::Powershell => &[
            ("POWERSHELL_TELEMETRY_OPTOUT", "1"),
            ("POWERSHELL_UPDATECHECK", "Off"),
            ("DOTNET_EnableDiagnostics", "0"),
            ("DOTNET_EnableWriteXorExecute", "0"),
            ("DOTNET_GCHeapHardLimit", &heap),
        ],
    };
    pairs.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect()
}
