#!/bin/sh
# Builds Turnpike if needed, installs it for this user, then replays a recorded session and shows the trace.
#   ./install.sh [--yes] [--dry-run] [--no-service] [--no-start] [agents...]     as `turnpike install`, which gets all arguments
#   ./install.sh --no-demo ...                                                   without the recorded session at the end
# Needs a JDK 25, Maven and a C compiler to build; to run, the JDK alone. Nothing is installed outside of your home.
set -eu

cd "$(dirname "$0")"
image=target/turnpike

say() {
  printf '%s\n' "$*"
}

give_up() {
  printf 'install.sh: %s\n' "$@" >&2
  exit 1
}

have() {
  command -v "$1" >/dev/null 2>&1
}

# jdk_25: whether there is a JDK (javac, not only java) of 25 or newer where Maven's toolchains and the launcher look.
jdk_25() {
  for home in "${TURNPIKE_JAVA_HOME-}" "${JAVA_HOME-}" /usr/lib/jvm/* \
    /Library/Java/JavaVirtualMachines/*/Contents/Home "${HOME-}"/.sdkman/candidates/java/*; do
    if [ -x "$home/bin/javac" ] && [ -r "$home/release" ]; then
      major=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$home/release")
      if [ "${major:-0}" -ge 25 ]; then
        return 0
      fi
    fi
  done
  return 1
}

c_compiler() {
  [ -n "${CC-}" ] || have cc || have gcc || have clang || have musl-gcc
}

# built: whether the image is there and no source is newer than it.
built() {
  [ -x "$image/bin/turnpike" ] && [ -x "$image/bin/turnpike-hook" ] || return 1
  newer=$(find pom.xml daemon/pom.xml daemon/src/main hook-client/pom.xml hook-client/build.sh hook-client/src/main \
    dist/pom.xml dist/src/bin dist/src/assembly agent-plugins systemd launchd demo LICENSE \
    -type f -newer target/built 2>/dev/null | head -n 1)
  [ -f target/built ] && [ -z "$newer" ]
}

build() {
  jdk_25 || give_up \
    "a JDK 25 (or newer) is needed and none was found." \
    "  Debian, Ubuntu: apt-get install openjdk-25-jdk-headless, or Temurin 25 from https://adoptium.net" \
    "  macOS: brew install --cask temurin@25     anywhere: https://sdkman.io, sdk install java 25-tem" \
    "  If there is one in an unusual place: JAVA_HOME=/path/to/jdk ./install.sh"
  have mvn || give_up \
    "Maven is needed and mvn was not found (it may itself run on Java 17)." \
    "  Debian, Ubuntu: apt-get install maven     macOS: brew install maven     Fedora: dnf install maven"
  c_compiler || give_up \
    "a C compiler is needed for the hook client and none was found." \
    "  Debian, Ubuntu: apt-get install gcc libc6-dev (best: also musl-tools)     Fedora: dnf install gcc glibc-static" \
    "  Alpine: apk add gcc musl-dev     macOS: xcode-select --install"
  say "Building Turnpike (a few minutes the first time, Maven fetches its libraries) ..."
  mkdir -p target
  # before the build: what is changed while it runs is newer
  touch target/building
  mvn -B -q package -DskipTests || give_up "the build failed; what it said stands above"
  mv target/building target/built
}

demo=yes
asked=
for argument in "$@"; do
  shift
  case $argument in
    --no-demo) demo=no ;;
    *)
      case $argument in
        --dry-run | --no-start | --help | -h) demo=no ;;
        --json) demo=no asked=quiet ;;
      esac
      set -- "$@" "$argument"
      ;;
  esac
done

if built; then
  [ -n "$asked" ] || say "The build is up to date: $image"
else
  if [ -n "$asked" ]; then
    build >&2
  else
    build
  fi
fi

"$image/bin/turnpike" install "$@"

if [ "$demo" = yes ]; then
  # nobody answered yes: then there may be no daemon to show anything
  if "$image/bin/turnpike" version | grep -q '^daemon  *[0-9]'; then
    say ""
    "$image/bin/turnpike" demo
    say ""
    say "How things are: turnpike status. What to do if something is wrong: turnpike doctor."
    say "Agents that run already must be started anew to be traced. To take all of it back: turnpike uninstall"
  else
    say "No daemon runs, so there is nothing to show. Start it with: $image/bin/turnpike start"
  fi
fi
