#!/usr/bin/env bash
# The system's programs that tests act against: a browser, a firewall, an SSH server, an IDS.
# Installs what is missing where that needs no question (root, or sudo without a password), leaves
# the machine's package sources as they were, and starts and enables no service that a package brings.
. "$(dirname "$0")/lib.sh"

# program, Debian package, what it is for
readonly WANTED='
chromium    chromium        the browser of the UI tests
nft         nftables        the firewall that really blocks
ip          iproute2        network namespaces
sshd        openssh-server  the firewall that is reached over SSH
ssh         openssh-client  checking the rig by hand
ssh-keygen  openssh-client  keys made for one test
curl        curl            traffic that must stop and flow again
suricata    suricata        alerts from real traffic
xz          xz-utils        unpacking the public corpora
ps          procps          the load of a running server
'

missing_packages() {
    local program package _
    while read -r program package _; do
        [ -n "$program" ] || continue
        if [ "$program" = chromium ]; then
            find_chromium >/dev/null || echo "$package"
        else
            has "$program" || echo "$package"
        fi
    done <<<"$WANTED" | sort -u
}

# While packages are unpacked, nothing they bring may start: this file is Debian's own switch for that.
readonly HOLD=/usr/sbin/policy-rc.d
held=
hold_services() {
    [ ! -e $HOLD ] || return 0
    held=yes
    printf '#!/bin/sh\nexit 101\n' | $as_root tee $HOLD >/dev/null
    $as_root chmod 755 $HOLD
}

clean_up() {
    rm -rf "$work"
    [ -z "$held" ] || $as_root rm -f $HOLD
}

# A server that was not here before shall not come up at the next boot either.
leave_disabled() {
    local unit
    [ -d /run/systemd/system ] || return 0
    for unit in "$@"; do
        $as_root systemctl disable --quiet "$unit" 2>/dev/null || true
    done
}

install() { DEBIAN_FRONTEND=noninteractive $as_root apt-get "$@" >"$log" 2>&1 || { tail -n 20 "$log" >&2; return 1; }; }

# Debian 12 has Suricata in its backports only. They are read through a configuration of our own, with
# lists of its own, so that the machine's sources and lists do not know afterwards.
install_from_backports() {
    local code key uri signed lists
    code=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
    read -r key uri < <(own_mirror "$code") ||
        { say "no package source for $code was found below /etc/apt"; return 1; }
    signed=$([ "$key" = - ] || echo "[signed-by=$key] ")
    lists=$work/lists
    mkdir -p "$lists/partial"
    printf 'deb %s%s %s main\n' "$signed" "$uri" "$code" "$signed" "$uri" "$code-backports" >"$work/sources.list"
    chmod -R a+rX "$work"
    set -- -o "Dir::Etc::sourcelist=$work/sources.list" -o Dir::Etc::sourceparts=- \
        -o "Dir::State::Lists=$lists" "$@"
    install "${@:1:6}" update && install "${@:1:6}" install -y --no-install-recommends \
        -t "$code-backports" "${@:7}"
}

candidate() { LC_ALL=C apt-cache policy "$1" 2>/dev/null | awk '/Candidate:/ { exit ($2 == "(none)") } END { if (NR == 0) exit 1 }'; }

missing=$(missing_packages | xargs)
if [ -z "$missing" ]; then
    say "all there"
    exit 0
fi
if ! has apt-get; then
    say "missing, and no apt-get to install it with: $missing"
elif ! as_root=$(root_prefix); then
    say "missing: $missing. The one command that installs it: sudo bash scripts/setup-packages.sh"
else
    say "installing: $missing"
    work=$(mktemp -d)
    log=$work/log
    trap clean_up EXIT
    hold_services
    install update || say "apt-get update failed; trying with the lists that are here"
    for package in $missing; do
        if candidate "$package"; then ordinary="${ordinary:-} $package"; else elsewhere="${elsewhere:-} $package"; fi
    done
    # shellcheck disable=SC2086 # package names, one word each
    [ -z "${ordinary:-}" ] || install install -y --no-install-recommends $ordinary || say "could not install:$ordinary"
    # shellcheck disable=SC2086
    [ -z "${elsewhere:-}" ] || install_from_backports $elsewhere || say "could not install:$elsewhere"
    case " $missing " in *" openssh-server "*) leave_disabled ssh.service ssh.socket ;; esac
    case " $missing " in *" suricata "*) leave_disabled suricata.service ;; esac
    case " $missing " in *" nftables "*) leave_disabled nftables.service ;; esac
fi

missing=$(missing_packages | xargs)
[ -n "$missing" ] || { say "all there, $SECONDS s"; exit 0; }
! in_ci || die "under CI=true nothing may be missing, but this is: $missing"
say "still missing: $missing. Tests that need it are counted as skipped"
