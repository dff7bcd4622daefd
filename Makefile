# The commands of this repository. Each is a script in scripts/ that says what it does; set-up is done by each for
# itself, and costs seconds when it was done before. What is built or fetched goes to $STANCH_CACHE, by default
# ~/.cache/stanch, not into the checkout (only web/node_modules and web/dist are here, as Node wants it).

.PHONY: run test check bench soak bare setup

run: ; @bash scripts/run.sh
test: ; @bash scripts/test.sh
check: ; @bash scripts/check.sh
bench: ; @bash scripts/bench.sh
soak: ; @bash scripts/soak.sh
bare: ; @bash scripts/bare.sh
setup: ; @bash scripts/setup.sh test
