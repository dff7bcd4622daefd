#!/usr/bin/env bash
# roundup.sh DIR PORT: a Roundup tracker in DIR (scripts/setup-roundup.sh), served on 127.0.0.1:PORT until it is
# killed. It has an account `stanch` and one ticket. Prints KEY=VALUE lines first, and `READY` when it serves.
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

dir=$1 port=$2
mkdir -p "$dir"
tracker=$dir/tracker
export PYTHONPATH=$CACHE/roundup PYTHONDONTWRITEBYTECODE=1
admin() { python3 -m roundup.scripts.roundup_admin -i "$tracker" "$@"; }
password=$(python3 -c 'import secrets; print(secrets.token_hex(12))')

configure() {
    python3 - "$1" "$port" "$dir/mail.txt" <<'PY'
"""Says where the tracker is, and that nobody gets mail from a test."""
import re, sys

path, port, mail = sys.argv[1:]
wanted = {
    "tracker": {"web": f"http://127.0.0.1:{port}/"},
    "mail": {"domain": "localhost", "host": "127.0.0.1", "debug": mail},
}
section, lines = "", []
for line in open(path):
    if head := re.match(r"\[(\w+)\]", line):
        section = head[1]
    key = re.match(r"#?(\w+) = ", line)
    if key and (value := wanted.get(section, {}).pop(key[1], None)):
        line = f"{key[1]} = {value}\n"
    lines.append(line)
open(path, "w").writelines(lines)
PY
}

if [ ! -e "$tracker/config.ini" ]; then
    admin install classic sqlite >/dev/null
    configure "$tracker/config.ini"
    admin initialise "$password" >/dev/null
    admin create user username=stanch "password=$password" roles=User address=stanch@localhost >/dev/null
    admin create issue title='A ticket that was here before' status=unread >/dev/null
fi
printf 'URL=http://127.0.0.1:%s\nUSER=stanch\nPASSWORD=%s\n' "$port" "$password"
exec python3 - "$tracker" "$port" <<'PY'
"""Serves a tracker by WSGI: Roundup's own server refuses to run as root, as some test machines do."""
import socketserver, sys
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from roundup.cgi.wsgi_handler import RequestDispatcher


class Server(socketserver.ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Handler(WSGIRequestHandler):
    def log_message(self, *_):
        pass


server = make_server("127.0.0.1", int(sys.argv[2]), RequestDispatcher(sys.argv[1]), Server, Handler)
print("READY", flush=True)
server.serve_forever()
PY
