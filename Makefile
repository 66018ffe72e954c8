# What each command does is said in README.md. All of them begin by making .venv and the front end, if they are not there.

PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11 python3.14; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && command -v $$python && break; done)

SET_UP = @test -n "$(PYTHON)" || { echo "Peermentor needs Python 3.11 or newer, and none is in PATH. Say where it is: make $@ PYTHON=/path/to/python3"; exit 1; }; \
	exec "$(PYTHON)" tools/setup.py

# A process for each core. Few tests at a time, so that all end together; TESTS="-n 0 …" runs them in one.
PARALLEL = -n auto --maxschedchunk 6
TESTS ?=
TABLE ?=

.PHONY: run test test-slow check bench lock
.DEFAULT_GOAL := run

run:
	$(SET_UP) laptop -- -m tools.supervisor

test:
	$(SET_UP) develop -- -m tools.services -- python -m pytest $(PARALLEL) -m "not slow" $(TESTS)

test-slow:
	$(SET_UP) develop -- -m tools.services -- python -m pytest $(PARALLEL) $(TESTS)

check:
	$(SET_UP) develop -- -m tools.services -- python -m tools.check

bench:
	$(SET_UP) develop -- -m tools.services -- python -m bench $(TABLE)

lock:
	$(SET_UP) develop -- -m tools.lock
