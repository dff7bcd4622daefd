#!/usr/bin/env bash
# smtpd.sh DIR SMTP_PORT LMTP_PORT: OpenSMTPD on loopback, to which anybody may bring mail for corp.test, and which hands
# it over by LMTP; in the foreground, whoever starts it ends it. Needs root, for a spool and a control socket of its own.
#
# Without TLS: with the OpenSSL of Debian 12 this version begins no TLS session.
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

dir=$(realpath -m "$1") smtp=$2 lmtp=$3
if [ -z "${SMTPD_ALONE:-}" ]; then
    SMTPD_ALONE=yes exec unshare --mount --propagation private bash "$0" "$@"
fi
mkdir -p "$dir"
mount -t tmpfs -o mode=755 tmpfs /var/spool
mount -t tmpfs -o mode=755 tmpfs /run

cat >"$dir/smtpd.conf" <<CONFIG
table people { "alice@corp.test" = "nobody", "bob@corp.test" = "nobody" }
listen on 127.0.0.1 port $smtp hostname mx.corp.test
action people lmtp "127.0.0.1:$lmtp" rcpt-to virtual <people>
match from any for domain "corp.test" action people
CONFIG
printf 'SMTP_PORT=%s\n' "$smtp" >"$dir/rig.env"
exec smtpd -d -f "$dir/smtpd.conf"
