#!/bin/sh
# Compiles the hook client. Called by Maven; also by hand: hook-client/build.sh 0.1.0
#   build.sh <version>              target/turnpike-hook
#   build.sh <version> sanitized    target/turnpike-hook-asan, for the tests
# CC in the environment overrides the choice of compiler; CFLAGS and LDFLAGS are added.
set -eu

version=$1
kind=${2:-release}
cd "$(dirname "$0")"
source=src/main/c/turnpike-hook.c
mkdir -p target

# All that must hold for every build. shellcheck would like arrays here; plain sh has none.
flags="-std=c11 -Os -Wall -Wextra -Wpedantic -Werror"

have() { command -v "$1" >/dev/null 2>&1; }

# A compiler may be there and still lack a library: only a program that links tells.
links() {
  printf 'int main(void) { return 0; }\n' >target/probe.c
  # shellcheck disable=SC2086
  $1 -o target/probe target/probe.c >/dev/null 2>&1
}

compile() {
  # shellcheck disable=SC2086
  $1 $flags -DTURNPIKE_VERSION="\"$version\"" ${CFLAGS:-} -o "$2.new" "$source" ${LDFLAGS:-}
  mv "$2.new" "$2" # at once, so that a running hook never meets half a program
}

if [ -n "${CC:-}" ]; then
  plain=$CC
elif have cc; then
  plain=cc
elif have gcc; then
  plain=gcc
elif have clang; then
  plain=clang
elif have musl-gcc; then
  plain=musl-gcc
else
  echo "hook-client: no C compiler found. Install one:" >&2
  echo "  Debian, Ubuntu: apt-get install gcc libc6-dev   (best: also musl-tools)" >&2
  echo "  Fedora: dnf install gcc glibc-static            Alpine: apk add gcc musl-dev" >&2
  echo "  macOS: xcode-select --install" >&2
  exit 1
fi

if [ "$kind" = sanitized ]; then
  # musl-gcc has no sanitizer runtime, so this one is always the plain compiler, linked dynamically.
  sanitize="-g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all"
  if links "$plain $sanitize"; then
    compile "$plain $sanitize" target/turnpike-hook-asan
  else
    rm -f target/turnpike-hook-asan
    echo "hook-client: $plain has no address sanitizer: the tests run without it (docs/hook-client.md)" >&2
  fi
elif [ -n "${CC:-}" ]; then
  if links "$CC -static"; then static=-static; else static=; fi
  compile "$CC $static -s" target/turnpike-hook
elif have musl-gcc && links "musl-gcc -static"; then
  compile "musl-gcc -static -s" target/turnpike-hook
elif links "$plain -static"; then
  compile "$plain -static -s" target/turnpike-hook
elif links "$plain"; then
  compile "$plain" target/turnpike-hook # macOS has no static libc
  strip target/turnpike-hook
else
  echo "hook-client: $plain cannot build a program; is the C library's development package there?" >&2
  echo "  Debian, Ubuntu: apt-get install libc6-dev       Fedora: dnf install glibc-devel" >&2
  exit 1
fi
rm -f target/probe target/probe.c
