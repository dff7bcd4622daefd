#!/usr/bin/env bash
# samba.sh DIR: an Active Directory domain controller (Samba) in a network namespace of its own, in the foreground;
# whoever starts it ends it, and the namespace goes with it. Needs root. A new domain takes some 15 s.
#
# Three wrong passwords lock an account out. Stanch's own account may write three attributes of people and nothing
# else. DIR/rig.env gets KEY=VALUE lines before the server listens; its ports are the standard ones.
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
. "$(dirname "${BASH_SOURCE[0]}")/certificate.sh"

dir=$(realpath -m "$1")

# ---- inside the namespace: wait for the domain, become the server ---------------------------------
if [ "${2:-}" = inside ]; then
    until [ -e "$dir/rig.env.new" ]; do sleep 0.05; done
    ip link set lo up
    exec samba --interactive --model=single --configfile="$dir/etc/smb.conf" --debug-stdout \
        --option="server services=ldap" --option="ldap server require strong auth=no"
fi

mkdir -p "$dir"
secret() { echo "Aa1-$(openssl rand -hex 12)"; }
user_password=$(secret) stanch_password=$(secret) admin_password=$(secret)

# The first free number; `ip link add` is what makes two callers take different ones.
server=
unshare_pid=
connect() {
    local n
    for n in $(seq 1 250); do
        ip link add "sdc$n" type veth peer name eth0 netns "$unshare_pid" 2>/dev/null || continue
        ip addr add "10.214.$n.1/24" dev "sdc$n"
        ip link set "sdc$n" up
        server=10.214.$n.2
        nsenter --net="/proc/$unshare_pid/ns/net" ip addr add "$server/24" dev eth0
        nsenter --net="/proc/$unshare_pid/ns/net" ip link set eth0 up
        return 0
    done
    die "no free network for a domain controller"
}

make_domain() {
    samba-tool domain provision --realm=CORP.TEST --domain=CORP --server-role=dc --dns-backend=NONE \
        --host-name=dc1 --host-ip=127.0.0.1 --adminpass="$admin_password" --targetdir="$dir" \
        --option="tls cafile=$dir/ca.pem" --option="tls certfile=$dir/server.pem" --option="tls keyfile=$dir/server.key"
}

# In one process: each samba-tool takes a second. The modules are those of the system's own Python.
make_people() {
    USER_PASSWORD=$user_password STANCH_PASSWORD=$stanch_password CONFIG=$dir/etc/smb.conf /usr/bin/python3 - <<'PYTHON'
import os
from samba.auth import system_session
from samba.param import LoadParm
from samba.samdb import SamDB
from samba.sd_utils import SDUtils

lp = LoadParm()
lp.load(os.environ["CONFIG"])
db = SamDB(url=lp.samdb_url(), session_info=system_session(), lp=lp)
people = "OU=people," + db.domain_dn()

# Locked out until an administrator says otherwise; no rules for passwords.
db.modify_ldif(f"""dn: {db.domain_dn()}
changetype: modify
replace: lockoutThreshold
lockoutThreshold: 3
-
replace: lockoutDuration
lockoutDuration: -9223372036854775808
-
replace: pwdProperties
pwdProperties: 0
-
replace: minPwdAge
minPwdAge: 0
""")
db.create_ou(people)
password = os.environ["USER_PASSWORD"]
db.newuser("alice", password, userou="OU=people", givenname="Alice", surname="A", mailaddress="alice@corp.test")
db.newuser("Bob", password, userou="OU=people")
# Not the usual flags: a password that never runs out (0x10000), and no need of one (0x20).
bob = "CN=Bob," + people
db.modify_ldif(f"dn: {bob}\nchangetype: modify\nreplace: userAccountControl\nuserAccountControl: 66080\n")
db.newuser("stanch", os.environ["STANCH_PASSWORD"])

# What `delegate control` does: write rights on userAccountControl, lockoutTime and pwdLastSet of the users below.
found = db.search(db.domain_dn(), expression="(sAMAccountName=stanch)", attrs=["objectSid"])
sid = db.schema_format_value("objectSid", found[0]["objectSid"][0]).decode()
for attribute in ["bf967a68-0de6-11d0-a285-00aa003049e2", "28630ebf-41d5-11d1-a9c1-0000f80367c1",
                  "bf967a0a-0de6-11d0-a285-00aa003049e2"]:
    SDUtils(db).dacl_add_ace(people, f"(OA;CIIO;RPWP;{attribute};bf967aba-0de6-11d0-a285-00aa003049e2;{sid})")
PYTHON
}

setpriv --pdeathsig KILL unshare --net bash "$0" "$dir" inside &
unshare_pid=$!
trap 'kill "$unshare_pid" 2>/dev/null || true' EXIT
trap 'exit 0' TERM INT
until [ "$(readlink "/proc/$unshare_pid/ns/net")" != "$(readlink /proc/self/ns/net)" ]; do sleep 0.05; done
connect
make_certificate "$dir" DNS:dc1.corp.test "IP:$server"
chmod 600 "$dir/server.key"
{ make_domain && make_people; } >"$dir/provision.out" 2>&1 || { tail -n 20 "$dir/provision.out" >&2; exit 1; }
cat >"$dir/rig.env.new" <<ENV
SERVER=$server
LDAP_URL=ldap://$server
LDAPS_URL=ldaps://$server
CA_FILE=$dir/ca.pem
BASE=DC=corp,DC=test
STANCH_USER=stanch@corp.test
STANCH_PASSWORD=$stanch_password
USER_PASSWORD=$user_password
ADMIN_USER=Administrator@corp.test
ADMIN_PASSWORD=$admin_password
ENV
cp "$dir/rig.env.new" "$dir/rig.env"
wait "$unshare_pid"
