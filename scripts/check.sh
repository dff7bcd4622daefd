#!/usr/bin/env bash
# What must hold before a commit, fast to slow: `make check`. Ends at the first thing that does not hold.
. "$(dirname "$0")/lib.sh"

cd "$ROOT"
bash scripts/setup.sh check
load_node

parse_scripts() {
    local script
    for script in .ci/run scripts/*.sh scripts/*/*.sh; do bash -n "$script"; done
}

web_types() { (cd web && npm run --silent check); }

timed "scripts parse" parse_scripts
timed "format" cargo fmt --all --check
timed "licences, bans and sources of crates" "$CACHE/bin/cargo-deny" --locked --log-level error check --hide-inclusion-graph licenses bans sources
timed "licences of what the browser gets" node scripts/web-licences.mjs
timed "types of the web UI" web_types
timed "lints" cargo clippy --quiet --locked --workspace --all-targets -- -D warnings
