//! Builds again when a file of `content/` comes or goes: what is embedded is part of the binary.

fn main() {
    println!("cargo::rerun-if-changed=../../content");
}
