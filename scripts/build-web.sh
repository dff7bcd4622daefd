#!/usr/bin/env bash
# Builds web/dist, which the binary embeds, if a file that it is made of changed since.
. "$(dirname "$0")/lib.sh"

cd "$ROOT/web"
stamp=node_modules/.stanch-built
made_of() {
    find . \( -path ./node_modules -o -path ./dist -o -path ./test \) -prune -o -type f -print0 |
        LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum
}

want=$(made_of)
if [ -f dist/index.html ] && [ "$(cat $stamp 2>/dev/null)" = "$want" ]; then
    say "web/dist is current"
    exit 0
fi
say "building web/dist …"
npm run --silent build >"$CACHE/build-web.log" 2>&1 || {
    cat "$CACHE/build-web.log" >&2
    die "the web build failed"
}
printf '%s' "$want" >$stamp
say "web/dist built, $SECONDS s"
