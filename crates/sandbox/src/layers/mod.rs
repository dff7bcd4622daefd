//! The layers that keep a program in, and which of them this host enforces.

mod probe;

use std::{fmt, path::PathBuf};

pub(crate) use probe::probe;

/// One way of keeping a program in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Layer {
    /// Which files can be opened.
    Landlock,
    /// Which system calls can be made.
    Seccomp,
    /// How much of the machine can be used.
    Rlimits,
    /// Process, network, mount and other namespaces.
    Bubblewrap,
}

impl Layer {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Landlock, Self::Seccomp, Self::Rlimits, Self::Bubblewrap];

    /// Whether nothing runs without it.
    #[must_use]
    pub const fn is_always_required(self) -> bool {
        match self {
            Self::Landlock | Self::Seccomp | Self::Rlimits => true,
            Self::Bubblewrap => false,
        }
    }
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Landlock => "landlock",
            Self::Seccomp => "seccomp",
            Self::Rlimits => "rlimits",
            Self::Bubblewrap => "bubblewrap",
        })
    }
}

/// What was found when each layer was really enforced in a child; the error is why it is missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layers {
    /// The number of Landlock's ABI.
    pub landlock: Result<i32, String>,
    /// Whether system calls can be filtered.
    pub seccomp: Result<(), String>,
    /// Whether resources can be limited.
    pub rlimits: Result<(), String>,
    /// The program that makes namespaces.
    pub bubblewrap: Result<Bubblewrap, String>,
    /// Whether a program that does nothing came through all of them.
    pub whole: Result<(), String>,
}

/// bubblewrap, as it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bubblewrap {
    /// Where it is.
    pub path: PathBuf,
    /// As it says itself.
    pub version: String,
}

impl Layers {
    /// What was found of one: a detail such as a version, or why it is missing.
    ///
    /// # Errors
    /// Why it is missing.
    pub fn of(&self, layer: Layer) -> Result<String, &str> {
        let plain = |()| String::new();
        let found = match layer {
            Layer::Landlock => self.landlock.as_ref().map(|abi| format!("ABI {abi}")),
            Layer::Seccomp => self.seccomp.as_ref().copied().map(plain),
            Layer::Rlimits => self.rlimits.as_ref().copied().map(plain),
            Layer::Bubblewrap => self.bubblewrap.as_ref().map(|found| found.version.clone()),
        };
        found.map_err(String::as_str)
    }
}

impl fmt::Display for Layers {
    /// `landlock ABI 7, seccomp, rlimits; no bubblewrap (why)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mut there, mut absent) = (Vec::new(), Vec::new());
        for layer in Layer::ALL {
            match self.of(layer) {
                Ok(detail) => there.push(format!("{layer} {detail}").trim_end().to_owned()),
                Err(why) => absent.push(format!("no {layer} ({why})")),
            }
        }
        let there = if there.is_empty() { "nothing".to_owned() } else { there.join(", ") };
        absent.insert(0, there);
        f.write_str(&absent.join("; "))
    }
}
