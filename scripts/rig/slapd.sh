#!/usr/bin/env bash
# slapd.sh DIR PORT TLS_PORT: OpenLDAP with ppolicy on loopback, in the foreground; whoever starts it ends it.
#
# Three wrong passwords lock an account out for good. Stanch's own account may write two attributes and nothing
# else. DIR/rig.env gets KEY=VALUE lines before the server listens; DIR/audit.ldif gets every change.
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
. "$(dirname "${BASH_SOURCE[0]}")/certificate.sh"

dir=$(realpath -m "$1") port=$2 tls_port=$3
mkdir -p "$dir/db"
make_certificate "$dir"
secret() { openssl rand -hex 12; }
user_password=$(secret) stanch_password=$(secret) admin_password=$(secret)

cat >"$dir/slapd.conf" <<CONFIG
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
pidfile $dir/slapd.pid
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload ppolicy
moduleload auditlog
TLSCACertificateFile $dir/ca.pem
TLSCertificateFile $dir/server.pem
TLSCertificateKeyFile $dir/server.key
database mdb
suffix dc=corp,dc=test
rootdn cn=admin,dc=corp,dc=test
rootpw $admin_password
directory $dir/db
maxsize 67108864
index objectClass,uid eq
overlay ppolicy
ppolicy_default cn=default,ou=policies,dc=corp,dc=test
ppolicy_use_lockout
overlay auditlog
auditlog $dir/audit.ldif
access to attrs=userPassword by self write by anonymous auth by * none
access to attrs=pwdAccountLockedTime,pwdReset by dn.exact=cn=stanch,ou=services,dc=corp,dc=test write by * none
access to * by dn.exact=cn=stanch,ou=services,dc=corp,dc=test read by self read by * none
CONFIG

slapadd -q -f "$dir/slapd.conf" <<LDIF
dn: dc=corp,dc=test
objectClass: dcObject
objectClass: organization
o: Corp
dc: corp

dn: ou=people,dc=corp,dc=test
objectClass: organizationalUnit
ou: people

dn: ou=services,dc=corp,dc=test
objectClass: organizationalUnit
ou: services

dn: ou=policies,dc=corp,dc=test
objectClass: organizationalUnit
ou: policies

dn: cn=default,ou=policies,dc=corp,dc=test
objectClass: device
objectClass: pwdPolicy
cn: default
pwdAttribute: userPassword
pwdLockout: TRUE
pwdMaxFailure: 3
pwdLockoutDuration: 0
pwdMustChange: TRUE
pwdAllowUserChange: TRUE

dn: cn=services,ou=policies,dc=corp,dc=test
objectClass: device
objectClass: pwdPolicy
cn: services
pwdAttribute: userPassword
pwdLockout: FALSE

dn: cn=stanch,ou=services,dc=corp,dc=test
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: stanch
userPassword: $stanch_password
pwdPolicySubentry: cn=services,ou=policies,dc=corp,dc=test

dn: uid=alice,ou=people,dc=corp,dc=test
objectClass: inetOrgPerson
uid: alice
cn: Alice
sn: A
mail: alice@corp.test
userPassword: $user_password

dn: uid=Bob,ou=people,dc=corp,dc=test
objectClass: inetOrgPerson
uid: Bob
cn: Bob
sn: B
userPassword: $user_password
LDIF

cat >"$dir/rig.env" <<ENV
LDAP_URL=ldap://127.0.0.1:$port
LDAPS_URL=ldaps://127.0.0.1:$tls_port
CA_FILE=$dir/ca.pem
PEOPLE=ou=people,dc=corp,dc=test
STANCH_USER=cn=stanch,ou=services,dc=corp,dc=test
STANCH_PASSWORD=$stanch_password
USER_PASSWORD=$user_password
ADMIN_USER=cn=admin,dc=corp,dc=test
ADMIN_PASSWORD=$admin_password
AUDIT=$dir/audit.ldif
ENV
exec slapd -d 0 -f "$dir/slapd.conf" -h "ldap://127.0.0.1:$port ldaps://127.0.0.1:$tls_port"
