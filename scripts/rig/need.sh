#!/usr/bin/env bash
# need.sh TEST PROGRAM…: may TEST run on this machine? Programs are commands, or `root` (to make network
# namespaces), or `chromium` (by any of its names), or a path that begins with `/` or `.`.
#
# Exit 0: everything is there. Exit 77: something is missing; one line about it is appended to
# $STANCH_SKIPPED, so that `make test` counts the test as skipped. Under CI=true: exit 1 instead.
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

there() {
    case $1 in
        root) root_prefix >/dev/null ;;
        chromium) find_chromium >/dev/null ;;
        /* | .*) [ -e "$1" ] ;;
        *) has "$1" ;;
    esac
}

test=$1
shift
missing=
for program in "$@"; do
    there "$program" || missing="$missing $program"
done
[ -n "$missing" ] || exit 0

line="$test: missing:$missing; 'make setup' (as root, or with sudo) brings it"
printf '%s\n' "$line" >&2
! in_ci || exit 1
[ -z "${STANCH_SKIPPED:-}" ] || printf '%s\n' "$line" >>"$STANCH_SKIPPED"
exit 77
