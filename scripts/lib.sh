# Sourced by every script: where things live, how they speak, how they become root.
# Nothing here writes into the checkout; what is built or fetched goes below $CACHE.
# shellcheck shell=bash
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
CACHE=${STANCH_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/stanch}
export STANCH_CACHE=$CACHE
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$CACHE/target}
export npm_config_cache=${npm_config_cache:-$CACHE/npm}

# Daemons live in sbin, which an ordinary user's PATH may lack.
export PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

# The Node of the cache, where scripts/setup-node.sh found none that was new enough.
load_node() {
    [ ! -f "$CACHE/node/.preferred" ] || PATH=$CACHE/node/bin:$PATH
}
load_node

say() { printf '%s: %s\n' "$(basename "$0")" "$*" >&2; }
die() {
    say "$*"
    exit 1
}

has() { command -v "$1" >/dev/null 2>&1; }

in_ci() { [ "${CI:-}" = true ]; }

# timed WORDS COMMAND…: runs a step, and says how long it took. A failure ends the script, as everywhere.
timed() {
    local what=$1 started=$SECONDS
    shift
    say "$what …"
    "$@"
    say "$what: done, $((SECONDS - started)) s"
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
    for name in "${CHROMIUM:-}" chromium chromium-browser google-chrome google-chrome-stable; do
        [ -z "$name" ] || ! has "$name" || { command -v "$name" && return 0; }
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

# own_mirror SUITE: where this machine takes that Debian release from, as one line: KEYRING (or -), address.
own_mirror() {
    { mirrors_deb822 "$1"; mirrors_one_line "$1"; } | head -n 1
}

# The files that exist, with an empty line after each.
each_file() {
    local file
    for file in "$@"; do
        [ ! -f "$file" ] || { cat "$file" && echo; }
    done
}

mirrors_deb822() {
    each_file /etc/apt/sources.list.d/*.sources | awk -v suite="$1" '
        function flush() { if (found) print (key == "" ? "-" : key), uri; key = ""; found = 0 }
        /^URIs:/ { uri = $2 }
        /^Signed-By:/ { key = $2 }
        /^Suites:/ { for (i = 2; i <= NF; i++) if ($i == suite) found = 1 }
        /^$/ { flush() }
        END { flush() }'
}

mirrors_one_line() {
    each_file /etc/apt/sources.list /etc/apt/sources.list.d/*.list | awk -v suite="$1" '
        /^deb / {
            key = "-"
            if (match($0, /signed-by=[^] ]+/)) key = substr($0, RSTART + 10, RLENGTH - 10)
            sub(/^deb +(\[[^]]*\] +)?/, "")
            if ($2 == suite) print key, $1
        }'
}
