#!/usr/bin/env bash
# A small real network for one test, in network namespaces of its own:
#
#     Stanch (this machine) ──mgmt── firewall ──inside── ws-01   10.20.0.11
#            10.213.N.1    10.213.N.2   │ nft, sshd, Suricata
#                                       └──outside── server     203.0.113.66:80, 198.51.100.23:80
#
#   net.sh up DIR [OWNER_PID]   builds it, prints KEY=VALUE lines (also kept in DIR/rig.env)
#   net.sh down DIR             ends what `up` started, by process id, and removes the namespaces
#   net.sh in DIR ROOM CMD…     runs CMD in `firewall`, `inside` or `outside`
#
# Several rigs can stand at a time: N is the first free one. A rig whose owner (by default the process that
# called `up`) is gone is taken down by the next `up`. Needs root, or sudo without a password.
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

readonly REGISTER=/run/stanch-rig
readonly RIGS_MAX=200
readonly WAIT_S=60
readonly SSH_PORT=2222
readonly INSIDE=10.20.0.11 INSIDE_GATEWAY=10.20.0.1
readonly OUTSIDE=203.0.113.66 OUTSIDE_GATEWAY=203.0.113.1 OUTSIDE_OTHER=198.51.100.23

usage() { die "usage: net.sh up DIR [OWNER_PID] | down DIR | in DIR firewall|inside|outside COMMAND…"; }

become_root() {
    local prefix
    [ "$(id -u)" != 0 ] || return 0
    prefix=$(root_prefix) || die "needs root, or sudo without a password"
    exec $prefix env "PATH=$PATH" "STANCH_CACHE=$CACHE" "RIG_USER=$(id -u)" bash "$0" "$@"
}

# ---- processes -----------------------------------------------------------------------------------

http_pid='' sshd_pid='' suricata_pid='' # set by `start`

# A process id is used again some day; together with its start time it is one process only.
started_at() { sed 's/^.*) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20; }
alive() { [ -n "$2" ] && [ "$(started_at "$1")" = "$2" ]; }

# start NAME COMMAND…: in the background, with its output in DIR/NAME.out, noted for `down`.
start() {
    local name=$1
    shift
    setsid "$@" >"$dir/$name.out" 2>&1 </dev/null &
    printf '%s %s %s\n' "$name" "$!" "$(started_at $!)" >>"$register/processes"
    printf -v "${name}_pid" %s "$!"
}

# wait_for PID WORDS COMMAND…: until COMMAND succeeds, PID ends or the time is out.
wait_for() {
    local pid=$1 what=$2 until=$((SECONDS + WAIT_S))
    shift 2
    until "$@" >/dev/null 2>&1; do
        kill -0 "$pid" 2>/dev/null || die "$what ended before it was ready; see $dir"
        [ $SECONDS -lt $until ] || die "$what was not ready after $WAIT_S s; see $dir"
        sleep 0.05
    done
}

# Asks all of a register's processes to end, then waits; Suricata takes seconds, and has nothing left to say.
end_processes() {
    local pid since until=$((SECONDS + 2))
    each_process signal TERM
    while read -r pid since; do
        while alive "$pid" "$since" && [ $SECONDS -lt $until ]; do sleep 0.05; done
    done < <(cut -d' ' -f2,3 "$register/processes")
    each_process signal KILL
}

each_process() {
    local _ pid since
    while read -r _ pid since; do
        "$@" "$pid" "$since"
    done <"$register/processes"
}

signal() { ! alive "$2" "$3" || kill "-$1" "$2" 2>/dev/null || true; }

# ---- the register of standing rigs ---------------------------------------------------------------

# Takes the first free number; `mkdir` is what makes two callers take different ones. A link without an entry
# belongs to a rig of another root file system that shares this network.
claim() {
    mkdir -p $REGISTER
    for n in $(seq 1 $RIGS_MAX); do
        ! ip link show "srm$n" >/dev/null 2>&1 || continue
        ! mkdir "$REGISTER/$n" 2>/dev/null || { register=$REGISTER/$n && break; }
    done
    [ -n "${register:-}" ] || die "$RIGS_MAX rigs stand already; look at $REGISTER"
    printf '%s\n' "$dir" >"$register/dir"
    printf '%s %s\n' "$owner" "$(started_at "$owner")" >"$register/owner"
    name_parts
}

name_parts() {
    firewall=stanch-fw-$n inside=stanch-in-$n outside=stanch-out-$n
    manager=10.213.$n.1 reachable=10.213.$n.2
}

sweep() {
    local entry pid since
    for entry in "$REGISTER"/*/; do
        [ -f "$entry/owner" ] || continue
        read -r pid since <"$entry/owner"
        alive "$pid" "${since:-}" || take_down "${entry%/}"
    done
}

take_down() {
    local name
    register=$1 n=${1##*/}
    name_parts
    [ ! -f "$register/processes" ] || end_processes
    for name in "$firewall" "$inside" "$outside"; do
        ! ip netns pids "$name" >/dev/null 2>&1 || ip netns del "$name"
    done
    ! ip link show "srm$n" >/dev/null 2>&1 || ip link del "srm$n"
    rm -rf "$register"
}

find_rig() {
    local entry
    for entry in "$REGISTER"/*/; do
        [ "$(cat "$entry/dir" 2>/dev/null)" = "$dir" ] || continue
        register=${entry%/} n=$(basename "$entry")
        name_parts
        return 0
    done
    return 1
}

# ---- the network ---------------------------------------------------------------------------------

# cable FROM TO: a veth pair. Each end is NAMESPACE:NAME:ADDRESS, the namespace empty for this machine's own.
cable() {
    local from to
    IFS=: read -r -a from <<<"$1"
    IFS=: read -r -a to <<<"$2"
    ip link add "${from[1]}" ${from[0]:+netns "${from[0]}"} type veth peer name "${to[1]}" netns "${to[0]}"
    plug "${from[@]}"
    plug "${to[@]}"
}

plug() {
    ip ${1:+-n "$1"} addr add "$3/24" dev "$2"
    ip ${1:+-n "$1"} link set "$2" up
}

build_network() {
    local room
    for room in "$firewall" "$inside" "$outside"; do
        ip netns add "$room"
        ip -n "$room" link set lo up
    done
    cable ":srm$n:$manager" "$firewall:mgmt:$reachable"
    cable "$firewall:inside0:$INSIDE_GATEWAY" "$inside:eth0:$INSIDE"
    cable "$firewall:outside0:$OUTSIDE_GATEWAY" "$outside:eth0:$OUTSIDE"
    ip -n "$inside" route add default via $INSIDE_GATEWAY
    ip -n "$outside" route add default via $OUTSIDE_GATEWAY
    ip -n "$outside" addr add $OUTSIDE_OTHER/32 dev eth0
    ip -n "$firewall" route add $OUTSIDE_OTHER dev outside0
    ip netns exec "$firewall" sh -c 'echo 1 > /proc/sys/net/ipv4/ip_forward'
    ip netns exec "$firewall" nft -f "$ROOT/content/connectors/nftables/stanch.nft"
}

start_outside_server() {
    : >"$dir/http.log"
    start http ip netns exec "$outside" node "$ROOT/scripts/rig/http.mjs" 0.0.0.0 80 "$dir/http.log"
    wait_for "$http_pid" "the outside server" grep -q listening "$dir/http.out"
}

# Two keys for root, as on a real firewall: Stanch's, which can run the forced command of the connector and
# nothing else, and the administrator's, with which tests look behind its back. They live as long as DIR does.
start_sshd() {
    local key pam
    for key in host_key stanch_key admin_key; do ssh-keygen -q -t ed25519 -N '' -C $key -f "$dir/$key"; done
    {
        printf 'restrict,command="sh %s/content/connectors/nftables/stanch-nft" ' "$ROOT"
        cat "$dir/stanch_key.pub" "$dir/admin_key.pub"
    } >"$dir/authorized_keys"
    printf '[%s]:%s %s\n' "$reachable" $SSH_PORT "$(cut -d' ' -f1,2 "$dir/host_key.pub")" >"$dir/known_hosts"
    # A locked root account is let in by key through PAM only.
    case $(getent shadow root | cut -d: -f2) in '!'*) pam=yes ;; *) pam=no ;; esac
    cat >"$dir/sshd_config" <<CONFIG
Port $SSH_PORT
ListenAddress $reachable
HostKey $dir/host_key
PidFile $dir/sshd.pid
AuthorizedKeysFile $dir/authorized_keys
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
StrictModes no
UsePAM $pam
UseDNS no
LogLevel VERBOSE
CONFIG
    mkdir -p /run/sshd
    start sshd ip netns exec "$firewall" "$(command -v sshd)" -D -f "$dir/sshd_config" -E "$dir/sshd.log"
    wait_for "$sshd_pid" sshd grep -q 'Server listening' "$dir/sshd.log"
}

# Suricata listens on the inside cable: there the address of the host that calls is still its own.
start_suricata() {
    mkdir -p "$dir/suricata"
    sed "s|@DIR@|$dir/suricata|; s|@INTERFACE@|inside0|" "$ROOT/scripts/rig/suricata.yaml" >"$dir/suricata.yaml"
    start suricata ip netns exec "$firewall" suricata -c "$dir/suricata.yaml" \
        -S "$ROOT/content/samples/suricata/local.rules" -l "$dir/suricata" --af-packet=inside0 -k none
    wait_for "$suricata_pid" Suricata grep -q 'Engine started' "$dir/suricata.out"
}

describe() {
    cat <<ENV
RIG_DIR=$dir
RIG_NUMBER=$n
MANAGER_IP=$manager
FIREWALL_IP=$reachable
FIREWALL_NS=$firewall
SSH_PORT=$SSH_PORT
SSH_USER=root
SSH_KEY=$dir/stanch_key
ADMIN_KEY=$dir/admin_key
SSH_HOST_KEY=$dir/host_key.pub
SSH_KNOWN_HOSTS=$dir/known_hosts
SSHD_LOG=$dir/sshd.log
SSHD_PID=$sshd_pid
INSIDE_NS=$inside
INSIDE_IP=$INSIDE
OUTSIDE_NS=$outside
OUTSIDE_IP=$OUTSIDE
OUTSIDE_OTHER_IP=$OUTSIDE_OTHER
OUTSIDE_URL=http://$OUTSIDE/gate.php
HTTP_LOG=$dir/http.log
HTTP_PID=$http_pid
SURICATA_EVE=$dir/suricata/eve.json
SURICATA_PID=$suricata_pid
ENV
}

up() {
    sweep
    mkdir -p "$dir"
    ! find_rig || die "a rig stands in $dir already"
    claim
    trap 'take_down "$register"' EXIT
    build_network
    start_outside_server
    start_sshd
    start_suricata
    [ -z "${RIG_USER:-}" ] || chown -R "$RIG_USER" "$dir"
    describe >"$dir/rig.env"
    trap - EXIT
    cat "$dir/rig.env"
}

[ $# -ge 2 ] || usage
owner=$PPID
[ "$1" != up ] || [ $# -lt 3 ] || owner=$3
[ "$1" != up ] || [ "$(id -u)" = 0 ] || set -- up "$2" "$owner"
become_root "$@"
verb=$1
dir=$(realpath -m "$2")
case $verb in
    up) up ;;
    down) ! find_rig || take_down "$register" ;;
    in)
        find_rig || die "no rig stands in $dir"
        case ${3:-} in firewall | inside | outside) ;; *) usage ;; esac
        exec ip netns exec "${!3}" "${@:4}"
        ;;
    *) usage ;;
esac
