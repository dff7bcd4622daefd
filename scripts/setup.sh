#!/usr/bin/env bash
# setup.sh run|check|test: what that command needs on this machine. Done again it only looks, in about a second.
. "$(dirname "$0")/lib.sh"

readonly DENY_VERSION=0.20.2

# npm keeps its packages below web/; they are installed again when the lock file or Node changed.
install_web_packages() {
    local stamp=$ROOT/web/node_modules/.stanch-installed want
    want=$(sha256sum <"$ROOT/web/package-lock.json")$(node --version)
    if [ "$(cat "$stamp" 2>/dev/null)" = "$want" ]; then
        say "npm packages: all there"
        return 0
    fi
    say "npm packages: installing what web/package-lock.json names"
    (cd "$ROOT/web" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error)
    printf '%s' "$want" >"$stamp"
}

# Built once, some three minutes: cargo-deny reads deny.toml.
install_cargo_deny() {
    if [ "$("$CACHE/bin/cargo-deny" --version 2>/dev/null)" = "cargo-deny $DENY_VERSION" ]; then
        say "cargo-deny: there"
        return 0
    fi
    timed "cargo-deny $DENY_VERSION, built from crates.io" cargo install --quiet --locked --root "$CACHE" \
        --target-dir "$CACHE/deny-target" "cargo-deny@$DENY_VERSION"
    rm -rf "$CACHE/deny-target"
}

case ${1:-} in run | check | test) ;; *) die "usage: setup.sh run|check|test" ;; esac
need_rust
bash "$ROOT/scripts/setup-node.sh"
load_node
install_web_packages
[ "$1" != check ] || install_cargo_deny
[ "$1" != test ] || bash "$ROOT/scripts/setup-packages.sh"
[ "$1" != test ] || bash "$ROOT/scripts/setup-roundup.sh"
