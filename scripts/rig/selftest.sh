#!/usr/bin/env bash
# Shows that the rig can tell a blocked address from a free one, before any test relies on it. Prints one line a
# claim and closes with a count.
. "$(dirname "$0")/../lib.sh"

bash "$ROOT/scripts/rig/need.sh" rig-selftest root nft ip sshd ssh ssh-keygen curl suricata node || exit $?
net() { bash "$ROOT/scripts/rig/net.sh" "$@"; }

passed=0 failed=0
claim() {
    local words=$1
    shift
    if "$@" >/dev/null 2>&1; then
        passed=$((passed + 1)) && echo "ok: $words"
    else
        failed=$((failed + 1)) && echo "FAILED: $words"
    fi
}

refuse() { ! "$@"; }
beacon() { net in "$dir" inside curl -sS --fail --connect-timeout 2 --max-time 4 "$OUTSIDE_URL"; }
login() {
    ssh -p "$SSH_PORT" -i "$1" -o IdentitiesOnly=yes -o "UserKnownHostsFile=$SSH_KNOWN_HOSTS" -o StrictHostKeyChecking=yes \
        -o BatchMode=yes "$SSH_USER@$FIREWALL_IP" "${@:2}"
}
on_firewall() { login "$ADMIN_KEY" "$@"; }
seen_within_5s() {
    local until=$((SECONDS + 5))
    until grep "$1" "$2" | grep -q "$3"; do
        [ $SECONDS -lt $until ] || return 1
        sleep 0.05
    done
}
gone() { [ -z "$(ip netns pids "$FIREWALL_NS" 2>/dev/null)" ] && ! ip netns list | grep -qw "$FIREWALL_NS"; }

dir=$(mktemp -d)
trap 'net down "$dir"; net down "$dir/two"; rm -rf "$dir"' EXIT
net up "$dir" $$ >/dev/null
. "$dir/rig.env"

claim "the host reaches the outside server" beacon
claim "the server saw it come" seen_within_5s 'GET /gate.php' "$HTTP_LOG" "$INSIDE_IP"
claim "Suricata wrote an alert with the host's own address" \
    seen_within_5s '"event_type":"alert"' "$SURICATA_EVE" "\"src_ip\":\"$INSIDE_IP\".*\"signature_id\":9000001"
claim "an unknown key does not open the firewall" refuse login "$dir/host_key" true
claim "Stanch's key runs no other command" refuse login "$SSH_KEY" true
claim "Stanch's key lists the set" login "$SSH_KEY" "'nft' '-j' 'list' 'set' 'inet' 'stanch' 'blocked4'"
claim "an address is blocked over SSH" on_firewall nft add element inet stanch blocked4 "'{ $OUTSIDE_IP timeout 60s }'"
claim "the set names it, with an expiry" eval "on_firewall nft -j list set inet stanch blocked4 | grep '$OUTSIDE_IP.*expires'"
claim "the host no longer reaches the server" refuse beacon
claim "the block is undone over SSH" on_firewall nft delete element inet stanch blocked4 "'{ $OUTSIDE_IP }'"
claim "the host reaches the server again" beacon
claim "a second rig stands beside the first" net up "$dir/two" $$
claim "which does not disturb it" beacon
claim "a rig is taken down" net down "$dir"
claim "and leaves neither process nor namespace" gone

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
