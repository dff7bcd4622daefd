#!/usr/bin/env bash
# postgres.sh [tls]: one PostgreSQL of its own, for as long as standard input stays open.
#
# Prints one line when it takes connections, SOCKET_FOLDER PORT PID PROGRAMS, and with `tls` the file of its
# certificate authority behind that; then waits for the end of its input, and takes everything away again.
# User `stanch` is let in over the socket without a password and over TCP (with `tls` only) by
# the password in $STANCH_PASSWORD. Texts sort by an English order, so that a query that relies on bytes shows.
. "$(dirname "$0")/../lib.sh"

bin=$(find_postgres) || die "no PostgreSQL here: make setup brings it"
work=$(mktemp -d)
as=()
if [ "$(id -u)" = 0 ]; then
    user=$(id -u postgres >/dev/null 2>&1 && echo postgres || echo nobody)
    as=(setpriv "--reuid=$user" "--regid=$(id -g "$user")" --clear-groups)
    chown "$user" "$work"
fi
as+=(env -C "$work" LC_ALL=C.UTF-8)
pg() { "${as[@]}" "$bin/$1" "${@:2}"; }

server=
stop() {
    # Immediate shutdown: nobody will want its data.
    [ -z "$server" ] || { kill -QUIT "$server" 2>/dev/null && wait "$server" 2>/dev/null; } || true
    rm -rf "$work"
}
trap stop EXIT
trap 'exit 1' INT TERM

# Authority and server certificate, made for this one run.
certify() {
    "${as[@]}" openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=rig authority" \
        -keyout "$work/ca.key" -out "$work/ca.pem" 2>/dev/null
    "${as[@]}" openssl req -newkey rsa:2048 -nodes -subj /CN=localhost -keyout "$work/server.key" -out "$work/server.csr" 2>/dev/null
    printf 'subjectAltName=DNS:localhost\n' | "${as[@]}" tee "$work/san" >/dev/null
    "${as[@]}" openssl x509 -req -in "$work/server.csr" -CA "$work/ca.pem" -CAkey "$work/ca.key" -CAcreateserial \
        -days 2 -extfile "$work/san" -out "$work/server.pem" 2>/dev/null
}

pg initdb -D "$work/data" -U stanch -E UTF8 --locale=C.UTF-8 --locale-provider=icu --icu-locale=en --no-sync \
    --auth-local=trust --auth-host=scram-sha-256 >"$work/initdb.log" 2>&1 || { cat "$work/initdb.log" >&2; die "initdb failed"; }

# serve PORT: succeeds when it takes connections. What it says later goes to the log.
serve() {
    local line
    mkfifo "$work/said"
    "${as[@]}" "$bin/postgres" -D "$work/data" -k "$work" -p "$1" "${options[@]}" </dev/null >/dev/null 2>"$work/said" &
    server=$!
    exec 3<"$work/said"
    rm "$work/said"
    while IFS= read -r line <&3; do
        echo "$line" >>"$work/log"
        [[ $line != *"ready to accept connections"* ]] || { cat <&3 >>"$work/log" & return 0; }
    done
    server=
    return 1
}

options=(-c shared_buffers=32MB -c max_connections=200 -c wal_level=minimal -c max_wal_senders=0)
ports=5432 authority=
if [ "${1:-}" = tls ]; then
    certify
    authority=$work/ca.pem
    ports="$((20000 + RANDOM % 10000)) $((20000 + RANDOM % 10000)) $((20000 + RANDOM % 10000))"
    options+=(-c listen_addresses=127.0.0.1 -c ssl=on -c "ssl_cert_file=$work/server.pem" -c "ssl_key_file=$work/server.key")
else
    options+=(-c listen_addresses=)
fi
for port in $ports; do
    ! serve "$port" || break
done
[ -n "$server" ] || { cat "$work/log" >&2; die "PostgreSQL did not start"; }
if [ -n "$authority" ]; then
    pg psql -q -h "$work" -p "$port" -U stanch -d postgres \
        -c "ALTER ROLE stanch PASSWORD '${STANCH_PASSWORD:?}'" >/dev/null
fi
echo "$work $port $(head -n 1 "$work/data/postmaster.pid") $bin${authority:+ $authority}"
exec >/dev/null
cat >/dev/null
