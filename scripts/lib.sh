# Sourced by every script: where things live, how they speak, how they become root.
# Nothing here writes into the checkout; what is built or fetched goes below $CACHE.
# shellcheck shell=bash
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
CACHE=${STANCH_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/stanch}
export STANCH_CACHE=$CACHE
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$CACHE/target}
export npm_config_cache=${npm_config_cache:-$CACHE/npm}

# Daemons live in sbin, which an ordinary user's PATH may lack. The Node of the cache comes last,
# so that one which is there and new enough is preferred (scripts/setup-node.sh decides).
export PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
[ ! -f "$CACHE/node/.preferred" ] || PATH=$CACHE/node/bin:$PATH

say() { printf '%s: %s\n' "$(basename "$0")" "$*" >&2; }
die() {
    say "$*"
    exit 1
}

has() { command -v "$1" >/dev/null 2>&1; }

in_ci() { [ "${CI:-}" = true ]; }

# timed WORDS -- COMMAND…: runs a step, and says how long it took.
timed() {
    local what=$1 started=$SECONDS status=0
    shift 2
    say "$what …"
    "$@" || status=$?
    say "$what: $([ $status = 0 ] && echo done || echo "failed ($status)"), $((SECONDS - started)) s"
    return $status
}

# The prefix that makes a command root without asking: empty for root itself, sudo where no password
# is wanted. Fails where neither is so.
root_prefix() {
    if [ "$(id -u)" = 0 ]; then
        echo ""
    elif has sudo && sudo -n true 2>/dev/null; then
        echo "sudo -n"
    else
        return 1
    fi
}

# Chromium goes by several names.
find_chromium() {
    local name
    for name in "${STANCH_CHROMIUM:-}" chromium chromium-browser google-chrome google-chrome-stable; do
        [ -z "$name" ] || ! has "$name" || { command -v "$name"; return 0; }
    done
    return 1
}

need_rust() {
    local want have
    has cargo || die "cargo was not found; install a Rust toolchain, for instance with rustup from rust-lang.org"
    want=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' "$ROOT/Cargo.toml")
    have=$(rustc --version | cut -d' ' -f2)
    [ "$(printf '%s\n' "$want" "$have" | sort -V | head -n 1)" = "$want" ] ||
        die "rustc $have is older than $want, which the workspace needs; run: rustup update stable"
}
