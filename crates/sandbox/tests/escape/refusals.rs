//! What is not run at all, and says so.

use std::{fs, os::unix::fs::PermissionsExt as _, path::PathBuf};

use libtest_mimic::Trial;
use stanch_sandbox::{Bubblewrap, Error, Layer, Layers, Sandbox, stop};

use crate::{hosts::Host, run::bash};

/// A check.
type Check = fn(&Sandbox);

pub(crate) fn trials(hosts: &[Host]) -> Vec<Trial> {
    let this = &hosts.last().unwrap().sandbox;
    let checks: [(&str, Check); 5] = [
        ("missing_layers", missing_layers),
        ("landlock_in_part", landlock_in_part),
        ("bubblewrap_without_namespaces", without_namespaces),
        ("programs_that_are_none", no_programs),
        ("what_was_found_is_named", named),
    ];
    let trial = |(name, check): (&str, Check)| {
        let this = this.clone();
        Trial::test(format!("refusal::{name}"), move || {
            check(&this);
            Ok(())
        })
    };
    checks.into_iter().map(trial).collect()
}

#[track_caller]
fn refused(this: &Sandbox, layers: Layers, requires: Vec<Layer>) -> Error {
    let (_handle, signal) = stop().unwrap();
    let mut spec = bash("exit 0");
    spec.requires = requires;
    let error = this.with_layers(layers).run(spec, &signal).unwrap_err();
    assert!(!error.may_have_begun(), "{error}");
    error
}

fn missing_layers(this: &Sandbox) {
    let why = || "switched off".to_owned();
    let base = this.layers();
    let without = |change: fn(&mut Layers, String)| {
        let mut layers = base.clone();
        change(&mut layers, why());
        layers
    };
    for (layer, layers) in [
        (Layer::Landlock, without(|layers, why| layers.landlock = Err(why))),
        (Layer::Seccomp, without(|layers, why| layers.seccomp = Err(why))),
        (Layer::Rlimits, without(|layers, why| layers.rlimits = Err(why))),
    ] {
        let error = refused(this, layers, Vec::new()).to_string();
        assert_eq!(error, format!("{layer} is missing on this host: switched off"));
    }
    let layers = without(|layers, why| layers.bubblewrap = Err(why));
    let error = refused(this, layers.clone(), vec![Layer::Bubblewrap]).to_string();
    assert_eq!(error, "bubblewrap is missing on this host: switched off");
    // The control: without being required it may be missing.
    let (_handle, signal) = stop().unwrap();
    assert!(this.with_layers(layers).run(bash("exit 0"), &signal).is_ok());
    let layers = without(|layers, why| layers.whole = Err(why));
    assert!(matches!(refused(this, layers, Vec::new()), Error::Unusable { .. }));
}

/// A kernel that enforces less than was found at the start.
fn landlock_in_part(this: &Sandbox) {
    let mut layers = this.layers().clone();
    let newest = 10;
    if layers.landlock == Ok(newest) {
        return;
    }
    layers.landlock = Ok(newest);
    let error = refused(this, layers, Vec::new());
    assert!(matches!(error, Error::Refused { .. }), "{error}");
    assert!(error.to_string().contains("Landlock"), "{error}");
}

/// A bubblewrap that does what it is told but for the namespaces.
fn without_namespaces(this: &Sandbox) {
    let folder = tempfile::tempdir_in("/tmp").unwrap();
    let path = folder.path().join("bwrap");
    let exe = std::env::current_exe().unwrap();
    let text = format!(
        "#!/bin/bash\nwhile [ \"$1\" != -- ]; do shift; done\nexec {} \"${{@:3}}\"\n",
        exe.display()
    );
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    let mut layers = this.layers().clone();
    layers.bubblewrap = Ok(Bubblewrap { path, version: "0".to_owned() });
    let error = refused(this, layers, Vec::new()).to_string();
    assert!(error.contains("no new namespace"), "{error}");
}

fn no_programs(this: &Sandbox) {
    for path in ["/nonexistent/python3", "python3", "/etc", "/etc/passwd"] {
        let (_handle, signal) = stop().unwrap();
        let mut spec = bash("exit 0");
        spec.program = PathBuf::from(path);
        let error = this.run(spec, &signal).unwrap_err();
        assert!(matches!(error, Error::Program { .. }), "{path}: {error}");
        assert!(!error.may_have_begun());
    }
}

fn named(this: &Sandbox) {
    let layers = this.layers();
    let text = layers.to_string();
    for layer in Layer::ALL {
        match layers.of(layer) {
            Ok(_) => assert!(text.contains(&layer.to_string()), "{text}"),
            Err(why) => assert!(text.contains(&format!("no {layer} ({why})")), "{text}"),
        }
    }
    assert!(layers.landlock.is_ok(), "these tests need Landlock: {text}");
}
