# shellcheck shell=bash
# What a machine must have, installed where it can be. Sourced by .ci/run.

have() {
  command -v "$1" >/dev/null 2>&1
}

# install PACKAGE...: of Debian; says what is missing where that cannot be done.
install() {
  if ! have apt-get || [ "$(id -u)" -ne 0 ]; then
    echo "missing: $*. Install it, or run as root on Debian." >&2
    return 1
  fi
  if [ -z "${updated-}" ]; then
    apt-get update -q >/dev/null
    updated=yes
  fi
  DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@" >/dev/null
}

# musl makes the hook client static and small; without it the build falls back to cc.
need_c_compiler() {
  have cc || install gcc libc6-dev
  have musl-gcc || install musl-tools
}

# A JDK 25 is found where the toolchains plugin and the launcher look.
need_jdk_25() {
  if jdk_25_found; then
    return
  fi
  local package
  for package in openjdk-25-jdk-headless temurin-25-jdk; do
    if install "$package" 2>/dev/null && jdk_25_found; then
      return
    fi
  done
  echo "missing: a JDK 25. Neither openjdk-25-jdk-headless nor temurin-25-jdk could be installed; set JAVA_HOME to one." >&2
  return 1
}

jdk_25_found() {
  local home major
  for home in "${JAVA_HOME-}" /usr/lib/jvm/* /Library/Java/JavaVirtualMachines/*/Contents/Home "${HOME-}"/.sdkman/candidates/java/*; do
    if [ -x "$home/bin/javac" ] && [ -r "$home/release" ]; then
      major=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$home/release")
      if [ "${major:-0}" -ge 25 ]; then
        return 0
      fi
    fi
  done
  return 1
}

need_maven() {
  have mvn || install maven
}

# For the suites after verify only: the project itself is built and tested without Node.
need_node() {
  have node || install nodejs npm
}
