#!/usr/bin/env bash
# Sets up, builds, and starts Stanch with the lab and the samples: `make run`.
# STANCH_DATA is where its store goes (default ./data), STANCH_LISTEN its address (default 127.0.0.1:8420).
. "$(dirname "$0")/lib.sh"

cd "$ROOT"
bash scripts/setup.sh run
load_node
bash scripts/build-web.sh
timed "building stanch (minutes the first time)" cargo build --release --locked --quiet -p stanch-cli
exec "$CARGO_TARGET_DIR/release/stanch" serve --demo \
    --data "${STANCH_DATA:-./data}" --listen "${STANCH_LISTEN:-127.0.0.1:8420}"
