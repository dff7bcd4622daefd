# Sourced by rigs that speak TLS: a certificate authority for one test, and one certificate from it.
# shellcheck shell=bash

# make_certificate DIR: DIR/ca.pem, DIR/server.pem and DIR/server.key, good for localhost and 127.0.0.1 (and for
# the names that follow).
make_certificate() {
    local dir=$1 names=DNS:localhost,IP:127.0.0.1 name
    shift
    for name in "$@"; do names=$names,$name; done
    {
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "/CN=authority of one test" \
            -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign \
            -keyout "$dir/ca.key" -out "$dir/ca.pem"
        openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=server of one test" \
            -keyout "$dir/server.key" -out "$dir/server.csr"
        openssl x509 -req -in "$dir/server.csr" -CA "$dir/ca.pem" -CAkey "$dir/ca.key" -set_serial 2 -days 2 \
            -extfile <(printf 'subjectAltName=%s\nextendedKeyUsage=serverAuth\n' "$names") -out "$dir/server.pem"
    } >"$dir/openssl.out" 2>&1 || { cat "$dir/openssl.out" >&2; return 1; }
}
