#!/usr/bin/env bash
# dovecot.sh DIR IMAP_PORT IMAPS_PORT LMTP_PORT SUBMISSION_PORT SUBMISSIONS_PORT RELAY_PORT: mailboxes of alice and bob
# on loopback, and a way to send mail, which it hands to the relay; in the foreground, whoever starts it ends it. Needs
# root.
#
# Stanch signs in to mailboxes as a master user, and to send as itself. The folder Quarantine is one that the mailbox's owner neither sees nor opens.
# DIR/rig.env gets KEY=VALUE lines before the server listens; DIR/dovecot.log gets every message that is moved.
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
. "$(dirname "${BASH_SOURCE[0]}")/certificate.sh"

dir=$(realpath -m "$1") imap=$2 imaps=$3 lmtp=$4 submission=$5 submissions=$6 relay=$7
mkdir -p "$dir/run" "$dir/state" "$dir/mail"
make_certificate "$dir"
secret() { openssl rand -hex 12; }
user_password=$(secret) stanch_password=$(secret)
chmod 755 "$dir"
chown nobody:nogroup "$dir/mail"
person() { printf '%s:{PLAIN}%s:%s:%s::%s/mail/%s::\n' "$1" "$2" "$(id -u nobody)" "$(id -g nobody)" "$dir" "$1"; }
{
    person alice@corp.test "$user_password"
    person bob@corp.test "$user_password"
    person stanch@corp.test "$stanch_password"
} >"$dir/users"
printf 'stanch:{PLAIN}%s\n' "$stanch_password" >"$dir/masters"
cat >"$dir/acls" <<'ACLS'
* owner lrwstipekxa
* user=stanch lrwstipekxa
Quarantine -owner lrwstipekxa
ACLS

cat >"$dir/dovecot.conf" <<CONFIG
base_dir = $dir/run
state_dir = $dir/state
log_path = $dir/dovecot.log
protocols = imap lmtp submission
hostname = mail.corp.test
submission_relay_host = 127.0.0.1
submission_relay_port = $relay
listen = 127.0.0.1
ssl = yes
ssl_cert = <$dir/server.pem
ssl_key = <$dir/server.key
disable_plaintext_auth = no
auth_failure_delay = 0
mail_location = maildir:$dir/mail/%u/Maildir
mail_uid = nobody
mail_gid = nogroup
first_valid_uid = 1
first_valid_gid = 1
mail_plugins = acl notify mail_log
passdb {
  driver = passwd-file
  master = yes
  pass = yes
  args = $dir/masters
}
passdb {
  driver = passwd-file
  args = $dir/users
}
userdb {
  driver = passwd-file
  args = $dir/users
}
namespace inbox {
  inbox = yes
  separator = /
}
service imap-login {
  inet_listener imap {
    port = $imap
  }
  inet_listener imaps {
    port = $imaps
  }
}
service submission-login {
  inet_listener submission {
    port = $submission
  }
  inet_listener submissions {
    port = $submissions
    ssl = yes
  }
}
service lmtp {
  inet_listener lmtp {
    port = $lmtp
  }
}
# A test that is turned away shall not be made to wait.
service anvil {
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
plugin {
  acl = vfile:$dir/acls
  mail_log_events = copy expunge save mailbox_create
  mail_log_fields = uid box msgid
}
CONFIG

cat >"$dir/rig.env" <<ENV
IMAP_URL=imap://127.0.0.1:$imap
IMAPS_URL=imaps://127.0.0.1:$imaps
LMTP_PORT=$lmtp
CA_FILE=$dir/ca.pem
SMTP_URL=smtp://127.0.0.1:$submission
SMTPS_URL=smtps://127.0.0.1:$submissions
MASTER_USER=stanch
SENDER=stanch@corp.test
STANCH_PASSWORD=$stanch_password
USER_PASSWORD=$user_password
LOG=$dir/dovecot.log
ENV
exec dovecot -F -c "$dir/dovecot.conf"
