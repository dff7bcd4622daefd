//! Outside: starts a program in the sandbox and watches it until it ends.

mod command;
mod door;
mod folder;
mod launcher;
mod owner;
mod pipes;
mod remove;
mod stop;
mod supervise;
mod system;
mod tree;
mod watch;

use std::{
    fs, io,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    sync::Arc,
};

pub use launcher::Launcher;
pub use stop::{StopHandle, StopSignal, stop};

use crate::{
    Error, Layer, Layers, Limits, Network, Outcome, Spec,
    layers::{Bubblewrap, probe},
};
use folder::Folders;
use owner::Owners;

/// What a sandbox needs to know of its host.
#[derive(Clone, Debug)]
pub struct Options {
    /// How `sandbox-exec` is started.
    pub launcher: Launcher,
    /// Where temporary folders are made. Programs of other users must be able to reach it.
    pub scratch: PathBuf,
}

/// Runs programs in the layers that this host has. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Sandbox(Arc<Parts>);

#[derive(Debug)]
struct Parts {
    launcher: Launcher,
    layers: Layers,
    folders: Arc<Folders>,
    owners: Arc<Owners>,
}

impl Sandbox {
    /// Finds out what this host enforces, by enforcing it. Folders that a killed process left behind are
    /// removed. Takes some tens of milliseconds.
    ///
    /// # Errors
    /// No place for temporary folders.
    pub fn open(options: &Options) -> Result<Self, Error> {
        let folders = Folders::open(&options.scratch).map_err(|source| Error::Prepare {
            what: format!("making a folder in {}", options.scratch.display()),
            source,
        })?;
        let parts = Parts {
            launcher: options.launcher.clone(),
            layers: probe(&options.launcher),
            folders: Arc::new(folders),
            owners: Arc::new(Owners::of_this_process()),
        };
        Ok(Self(Arc::new(parts)).proven())
    }

    /// What this host enforces.
    #[must_use]
    pub fn layers(&self) -> &Layers {
        &self.0.layers
    }

    /// The same on a host that has less: for seeing what would be refused there.
    #[must_use]
    pub fn with_layers(&self, layers: Layers) -> Self {
        let Parts { launcher, folders, owners, .. } = &*self.0;
        let (launcher, folders, owners) = (launcher.clone(), folders.clone(), owners.clone());
        Self(Arc::new(Parts { launcher, layers, folders, owners }))
    }

    /// Runs a program until it ends, reaches a limit, or `stop` is raised. Blocks the thread.
    ///
    /// # Errors
    /// See [`Error::may_have_begun`]: a program that was refused has done nothing.
    pub fn run(&self, spec: Spec, stop: &StopSignal) -> Result<Outcome, Error> {
        self.admits(&spec)?;
        command::run(&self.0, spec, stop)
    }

    /// Whether a program would be started at all.
    ///
    /// # Errors
    /// What is missing.
    pub fn admits(&self, spec: &Spec) -> Result<(), Error> {
        let layers = &self.0.layers;
        let always = Layer::ALL.into_iter().filter(|layer| layer.is_always_required());
        for layer in always.chain(spec.requires.iter().copied()) {
            layers.of(layer).map_err(|why| Error::Missing { layer, why: why.to_owned() })?;
        }
        layers.whole.clone().map_err(|why| Error::Unusable { why })?;
        if matches!(spec.network, Network::Door(_)) {
            can_limit_network(layers)?;
        }
        is_program(&spec.program)
    }

    /// Runs a program that does nothing. If it does not come through bubblewrap, that is not used.
    fn proven(self) -> Self {
        let mut layers = self.0.layers.clone();
        let try_it = |layers: &Layers| self.with_layers(layers.clone()).try_nothing();
        if layers.bubblewrap.is_ok()
            && let Err(why) = try_it(&layers)
        {
            layers.bubblewrap = Err(why);
        }
        if layers.bubblewrap.is_err() {
            layers.whole = try_it(&layers);
        }
        self.with_layers(layers)
    }

    fn try_nothing(&self) -> Result<(), String> {
        let (_handle, signal) = stop().map_err(|error| error.to_string())?;
        match self.run(nothing(), &signal) {
            Ok(Outcome { end: crate::End::Exited(0), .. }) => Ok(()),
            Ok(outcome) => Err(format!(
                "a program that does nothing {}: {}",
                outcome.end,
                String::from_utf8_lossy(&outcome.stderr).trim()
            )),
            Err(error) => Err(chain(&error)),
        }
    }
}

/// A program that does nothing.
fn nothing() -> Spec {
    Spec {
        program: PathBuf::from("/bin/sh"),
        arguments: vec!["-c".to_owned(), ":".to_owned()],
        file: None,
        stdin: Vec::new(),
        environment: std::collections::BTreeMap::new(),
        read_only: Vec::new(),
        network: Network::None,
        limits: Limits::default(),
        requires: Vec::new(),
    }
}

/// Landlock's ABI that limits TCP ports.
const TCP_PORTS: i32 = 4;

fn can_limit_network(layers: &Layers) -> Result<(), Error> {
    if let Err(why) = &layers.bubblewrap {
        let why = format!("that needs bubblewrap, which is missing: {why}");
        return Err(Error::Network { why });
    }
    match layers.landlock {
        Ok(abi) if abi >= TCP_PORTS => Ok(()),
        _ => Err(Error::Network {
            why: format!("that needs Landlock ABI {TCP_PORTS}, which came with Linux 6.7"),
        }),
    }
}

fn is_program(path: &Path) -> Result<(), Error> {
    let wrong = |source| Err(Error::Program { path: path.to_owned(), source });
    if !path.is_absolute() {
        return wrong(io::Error::other("its path is not absolute"));
    }
    match fs::metadata(path) {
        Ok(metadata) if !metadata.is_file() => wrong(io::Error::other("it is no file")),
        Ok(metadata) if metadata.permissions().mode() & 0o111 == 0 => {
            wrong(io::Error::other("it may not be executed"))
        }
        Ok(_) => Ok(()),
        Err(source) => wrong(source),
    }
}

/// An error and its causes, in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

impl Parts {
    fn bubblewrap(&self) -> Option<&Bubblewrap> {
        self.layers.bubblewrap.as_ref().ok()
    }
}
