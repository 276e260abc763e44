#!/bin/bash
# Installs what the lab needs and the machine lacks. A second when all is there.
set -euo pipefail
cd "$(dirname "$0")/.."

# Emulators, cross compiler for the tiny guest, file system tools; container runtimes, and a compiler for what runs in their containers.
# qemu-system-arm is asked for by version below.
packages=(gcc-aarch64-linux-gnu libc6-dev-arm64-cross gcc libc6-dev runc crun e2fsprogs cpio gzip xz-utils util-linux tar make openssl
  ca-certificates debian-archive-keyring)
qemu_minimum=1:8.2

installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null || true)" = installed ]; }
version() { dpkg-query -W -f '${Version}' "$1" 2>/dev/null || true; }
new_enough() { [ -n "$1" ] && dpkg --compare-versions "$1" ge "$qemu_minimum"; }

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo >/dev/null; then sudo "$@"
  else echo "deps: root is needed to run: $*" >&2; exit 1; fi
}
install() {
  echo "deps: installing $*" >&2
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >&2
}
# Lists once a run, and only where something is missing. A third-party source that does not answer must not stop us.
update() { as_root apt-get update -qq >&2 || echo "deps: apt-get update had errors; going on" >&2; }

add_backports() {
  . /etc/os-release
  [ "${VERSION_ID:-}" = 12 ] || { echo "deps: no qemu-system-arm >= $qemu_minimum for this system" >&2; exit 1; }
  local site
  site=$(apt-get indextargets --format '$(SITE)' | grep -m1 '/debian/*$' || true)
  [ -n "$site" ] || { echo "deps: apt has no Debian archive to take bookworm-backports from; add one to its sources" >&2; exit 1; }
  echo "deps: adding bookworm-backports to apt, for qemu-system-arm" >&2
  echo "deb $site bookworm-backports main" | as_root tee /etc/apt/sources.list.d/bookworm-backports.list >/dev/null
  update
}
newest_qemu() {
  apt-cache madison qemu-system-arm | awk '{print $3}' | while read -r candidate; do
    if new_enough "$candidate"; then echo "$candidate"; break; fi
  done
}
install_qemu() {
  local newest
  newest=$(newest_qemu)
  if [ -z "$newest" ]; then add_backports; newest=$(newest_qemu); fi
  [ -n "$newest" ] || { echo "deps: apt has no qemu-system-arm >= $qemu_minimum" >&2; exit 1; }
  # All of QEMU from one version; ipxe-qemu and firmware are recommendations that the lab does not use.
  install "qemu-system-arm=$newest" "qemu-system-common=$newest" "qemu-system-data=$newest"
}

missing=()
for package in "${packages[@]}"; do installed "$package" || missing+=("$package"); done
need_qemu=no
new_enough "$(version qemu-system-arm)" || need_qemu=yes

if [ ${#missing[@]} -gt 0 ] || [ $need_qemu = yes ]; then update; fi
if [ ${#missing[@]} -gt 0 ]; then install "${missing[@]}"; fi
if [ $need_qemu = yes ]; then install_qemu; fi

for tool in go npm; do
  command -v $tool >/dev/null || { echo "deps: $tool is not there; install Node >= 20 and Go >= 1.21 first" >&2; exit 1; }
done

# npm writes this file last: older than the lock file means out of date.
if [ ! node_modules/.package-lock.json -nt package-lock.json ] || [ ! -x node_modules/.bin/node ]; then
  echo "deps: npm ci" >&2
  npm ci --no-progress --loglevel=error >&2
  touch node_modules/.package-lock.json
fi
