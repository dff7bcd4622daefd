#!/usr/bin/env bash
# The issue tracker that a test opens tickets in: PyPI `roundup`, pure Python, in the cache. Done again it only looks.
. "$(dirname "$0")/lib.sh"

readonly WANTED='roundup==2.6.*'

if [ -e "$CACHE/roundup/roundup/rest.py" ]; then
    say "Roundup: there"
    exit 0
fi
if ! has python3 || ! python3 -m pip --version >/dev/null 2>&1; then
    ! in_ci || die "python3 with pip is missing, which fetches Roundup; run: sudo apt-get install python3-pip"
    say "python3 with pip is missing: the test with Roundup will be skipped"
    exit 0
fi
mkdir -p "$CACHE"
work=$(mktemp -d "$CACHE/roundup.XXXXXX")
trap 'rm -rf "$work"' EXIT
python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --no-compile \
    --target "$work/out" "$WANTED"
rm -rf "$CACHE/roundup"
mv "$work/out" "$CACHE/roundup"
say "Roundup: in the cache"
