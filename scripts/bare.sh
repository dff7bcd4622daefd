#!/usr/bin/env bash
# Both commands of the README in a Debian root that holds nothing but git, make, a C compiler and the Rust toolchain:
# `make bare`. Root only; takes as long as two cold builds. The root is kept in $CACHE/bare for looking at, and made
# anew each time; STANCH_BARE_SUITE names the release (default: this machine's own, else bookworm).
#
# How this machine reaches its package registries (sources, proxies, certificates, client settings) is carried over.
. "$(dirname "$0")/lib.sh"

readonly HEALTH_WAIT_S=3600
readonly PORT=${STANCH_BARE_PORT:-8429}
root=$CACHE/bare
suite=${STANCH_BARE_SUITE:-$(. /etc/os-release && echo "${VERSION_CODENAME:-bookworm}")}

make_root() {
    local key uri
    read -r key uri < <(own_mirror "$suite")
    [ "$key" != - ] || key=/usr/share/keyrings/debian-archive-keyring.gpg
    rm -rf --one-file-system "$root"
    debootstrap --variant=minbase --keyring="$key" --include=git,make,gcc,libc6-dev,ca-certificates \
        "$suite" "$root" "$uri" >"$CACHE/debootstrap.log" 2>&1 || { tail "$CACHE/debootstrap.log" >&2; die "debootstrap failed"; }
}

# Copies what says how registries are reached, where it exists, to the same place in the root.
carry_over() {
    local path
    rm -f "$root/etc/apt/sources.list"
    for path in /etc/resolv.conf /etc/hosts /etc/ssl/certs /usr/local/share/ca-certificates /usr/share/keyrings \
        /etc/apt/sources.list /etc/apt/sources.list.d /etc/apt/apt.conf.d /etc/apt/auth.conf.d /etc/apt/keyrings /etc/apt/trusted.gpg.d \
        /etc/pip.conf /etc/npmrc /usr/etc/npmrc; do
        [ ! -e "$path" ] || { mkdir -p "$root$(dirname "$path")" && cp -aL "$path" "$root$(dirname "$path")/" 2>/dev/null || true; }
    done
    for path in .npmrc .config/pip .pip .cargo/config.toml .cargo/credentials.toml; do
        [ ! -e "$HOME/$path" ] || { mkdir -p "$root/root/$(dirname "$path")" && cp -aL "$HOME/$path" "$root/root/$(dirname "$path")/"; }
    done
}

# Settings of the registries' clients that live in the environment, as NAME=VALUE lines. Paths that exist only here
# would lead nowhere, so values that name one are left out unless it was carried over.
carried_variables() {
    env | grep -iE '^(https?_proxy|no_proxy|ssl_cert_(file|dir)|curl_ca_bundle|requests_ca_bundle|node_extra_ca_certs|git_ssl_cainfo|pip_[a-z_]+|npm_config_[a-z_]+|cargo_(http|net|registries|source)_[a-z_]+)=' |
        while IFS='=' read -r name value; do
            case $value in /*) [ -e "$root$value" ] || continue ;; esac
            case $name in npm_config_cache) continue ;; esac
            printf '%s=%s\n' "$name" "$value"
        done
}

# inside COMMAND: a shell in the root with mounts and process ids of its own, and an environment made from nothing.
# All that it started ends with it.
inside() {
    local variables
    mapfile -t variables < <(carried_variables)
    unshare --mount --pid --fork --kill-child --propagation private bash -c '
        root=$1 toolchain=$2 && shift 2
        mount --bind "$root" "$root" # `ip netns exec` wants / to be a mount
        mount -t proc proc "$root/proc"
        mount --rbind /sys "$root/sys"
        mount --rbind /dev "$root/dev"
        mount -t tmpfs -o mode=755 run "$root/run"
        mkdir -p "$root/opt/rust"
        mount --bind "$toolchain" "$root/opt/rust"
        mount -o remount,bind,ro "$root/opt/rust"
        exec chroot "$root" env -i "$@"' - "$root" "$(rustc --print sysroot)" \
        HOME=/root LANG=C.UTF-8 PATH=/opt/rust/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
        "STANCH_LISTEN=127.0.0.1:$PORT" "${variables[@]}" bash -c "cd /root/stanch && $1"
}

sees_health() { curl -sf --max-time 2 "http://127.0.0.1:$PORT/api/v1/health"; }

run_and_stop() {
    local child
    ! sees_health >/dev/null || die "something answers on port $PORT already; choose another with STANCH_BARE_PORT"
    set -m # so that the whole of it can be ended
    inside "make run" >"$CACHE/bare-run.log" 2>&1 </dev/null &
    child=$!
    set +m
    until sees_health; do
        kill -0 $child 2>/dev/null || { tail -n 40 "$CACHE/bare-run.log" >&2; die "make run ended before it was healthy"; }
        [ $SECONDS -lt $HEALTH_WAIT_S ] || die "make run was not healthy after $HEALTH_WAIT_S s"
        sleep 1
    done
    echo
    kill -- -$child
    wait $child || true
}

[ "$(id -u)" = 0 ] || die "needs root: sudo make bare"
has debootstrap || die "debootstrap is missing: apt-get install debootstrap"
timed "a bare $suite root" make_root
carry_over
git clone --quiet --no-hardlinks "$ROOT" "$root/root/stanch"
say "commit $(git -C "$root/root/stanch" rev-parse --short HEAD); nothing that is not committed is tested"
timed "make run, until it is healthy" run_and_stop
timed "make test" inside "make test"
