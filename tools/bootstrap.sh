#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs the packages of Debian 12 that Tutti needs and that are missing.
# Usage: tools/bootstrap.sh [build] [test] [lint] [bench]   (default: build)
# Quick and silent when nothing is missing; uses sudo only when not root.
set -eu

build_packages="gcc libc6-dev meson ninja-build pkg-config python3 libevent-dev libsqlite3-dev
  libfyaml-dev libcurl4-openssl-dev libzstd-dev zlib1g-dev libzip-dev libssl-dev libcmocka-dev"
# The tests also build with a second compiler; its runtime libraries are for fuzzing.
test_packages="clang libclang-rt-14-dev g++"
lint_packages="binutils clang clang-format clang-tidy cppcheck"
# Peers that benchmarks measure beside Tutti; one that is not there is left out.
bench_packages="libck-dev liburcu-dev libzmq3-dev libnng-dev liblmdb-dev libhiredis-dev libnats-dev
  redis-server nats-server"

die() {
    echo "bootstrap: $*" >&2
    exit 1
}

wanted=""
for group in "${@:-build}"; do
    case $group in
    build) wanted="$wanted $build_packages" ;;
    test) wanted="$wanted $build_packages $test_packages" ;;
    lint) wanted="$wanted $build_packages $lint_packages" ;;
    bench) wanted="$wanted $build_packages $bench_packages" ;;
    *) die "unknown group '$group'; known are build, test, lint and bench" ;;
    esac
done

if ! command -v dpkg-query >/dev/null 2>&1; then
    echo "bootstrap: not a Debian system; these must be there already:" $wanted >&2
    exit 0
fi

# shellcheck disable=SC2016,SC2086 # The format is dpkg-query's own; the list is split on purpose.
installed=$(dpkg-query -W -f='${db:Status-Status} ${Package}\n' $wanted 2>/dev/null || true)
missing=""
for package in $wanted; do
    if ! printf '%s\n' "$installed" | grep -qx "installed $package"; then
        case " $missing " in
        *" $package "*) ;;
        *) missing="$missing $package" ;;
        esac
    fi
done
[ -n "$missing" ] || exit 0

run_as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        env DEBIAN_FRONTEND=noninteractive "$@"
    elif command -v sudo >/dev/null 2>&1; then
        sudo env DEBIAN_FRONTEND=noninteractive "$@"
    else
        die "packages are missing and there is no sudo; as root run: apt-get install$missing"
    fi
}

install_missing() {
    # shellcheck disable=SC2086 # The list is split on purpose.
    run_as_root apt-get install -y -q --no-install-recommends $missing
}

lists=${TUTTI_APT_LISTS:-/var/lib/apt/lists}
echo "bootstrap: installing$missing"
updated=no
if ! ls "$lists" 2>/dev/null | grep -q _Packages; then
    run_as_root apt-get update -q
    updated=yes
fi
if install_missing; then
    exit 0
fi
# Old lists name versions that the mirror no longer has.
[ "$updated" = no ] || die "apt-get could not install$missing"
run_as_root apt-get update -q
install_missing || die "apt-get could not install$missing"
