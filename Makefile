# SPDX-License-Identifier: Apache-2.0
# Thin: every target is one or two commands that can be typed by hand. Meson builds.
.POSIX:
.SUFFIXES:
.PHONY: all run build test bench lint install clean

BENCH = all

all: build

# On a terminal the program gets a process group of its own (sh -m), so that Ctrl-C is for it alone and
# make ends with its status.
RUN = build/tutti run examples/paper.yaml

run: build
	@if [ -t 0 ]; then exec sh -m -c '$(RUN)'; else exec $(RUN); fi

build:
	@tools/bootstrap.sh build
	@test -f build/build.ninja || meson setup build --buildtype=release
	@ninja -C build tutti

test:
	@tools/bootstrap.sh test
	@tools/test.py

bench: build
	@tools/bootstrap.sh bench
	@tools/bench.py $(BENCH)

lint: build
	@tools/bootstrap.sh lint
	@tools/lint.py

# Program, libtutti, headers, pkg-config file, man page, completion for bash; DESTDIR is respected. A library in a
# folder that the system looks in is found once its cache knows it.
install: build
	@ninja -C build library
	@meson install -C build --no-rebuild
	@if [ -z "$$DESTDIR" ] && [ "$$(id -u)" -eq 0 ]; then ldconfig; fi

clean:
	rm -rf build build-asan build-tsan build-fault
