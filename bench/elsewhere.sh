#!/bin/sh
# Runs bundles on processors that did not train them, each emulated in user mode, and on a small machine:
#   bench/elsewhere.sh BUNDLE.zip [BUNDLE.zip …] > bench/results/elsewhere.json
# Needs root, Debian's qemu-user, and for arm64 packages of that architecture (dpkg --add-architecture arm64; apt-get update).
# An emulator shows whether instructions are understood and what they compute; it says nothing about time.
set -eu
root=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd)
place="$root/.sightline/elsewhere"
mkdir -p "$place/debs" "$place/arm64"
export DOTNET_NOLOGO=1
dotnet build "$root/samples/robot-node" -c Release -v quiet --nologo -clp:NoSummary >&2
x64="$root/samples/robot-node/bin/Release/net10.0/robot-node.dll"
dotnet publish "$root/samples/robot-node" -c Release -r linux-arm64 --self-contained -p:NuGetLockFilePath=obj/packages.arm64.lock.json -o "$place/robot-node" -v quiet --nologo >&2
# The projects' assets name the platform now; the next build wants them without.
dotnet restore "$root/samples/robot-node" -v quiet >&2
if [ ! -e "$place/arm64/lib/ld-linux-aarch64.so.1" ]; then
  (cd "$place/debs" && apt-get download libc6:arm64 libstdc++6:arm64 libgcc-s1:arm64 libssl3:arm64 zlib1g:arm64 >&2)
  for deb in "$place"/debs/*.deb; do dpkg -x "$deb" "$place/arm64"; done
fi
host=$(command -v dotnet); host=$(readlink -f "$host")
try() { # NAME COMMAND…
  name=$1; shift
  for bundle in $bundles; do
    # The emulators themselves end now and then by a segmentation fault; what fails thrice counts.
    for attempt in 1 2 3; do
      line=$("$@" "$bundle" 2>"$place/errors" | tail -n 1) || line=""
      [ -z "$line" ] || break
    done
    [ -n "$line" ] || line=$(printf '{"bundle": "%s", "failed": "%s"}' "$bundle" "$(grep -v warning "$place/errors" | head -n 1 | tr -d '"')")
    [ -z "$first" ] || printf ',\n'
    first=no
    printf '  {"machine": "%s", "seen": %s}' "$name" "$line"
  done
}
small() { # one core, no network, 512 MB where the kernel lets us say so
  group=/sys/fs/cgroup/memory/sightline
  if mkdir -p "$group" 2>/dev/null && echo 536870912 > "$group/memory.limit_in_bytes" 2>/dev/null; then sh -c 'echo $$ > '"$group"'/cgroup.procs; exec "$@"' - unshare -n taskset -c 0 "$host" "$x64" "$1"
  else unshare -n taskset -c 0 "$host" "$x64" "$1"; fi
}
bundles=$*
first=""
printf '[\n'
try "x86-64, this processor" "$host" "$x64"
try "x86-64, one core, 512 MB, no network" small
try "x86-64 with AVX2, without AVX-512 and VNNI (qemu-user, Haswell)" qemu-x86_64 -cpu Haswell "$host" "$x64"
try "x86-64 with SSE4.2 only (qemu-user, Nehalem)" qemu-x86_64 -cpu Nehalem "$host" "$x64"
try "arm64 (qemu-user, max)" qemu-aarch64 -L "$place/arm64" "$place/robot-node/robot-node"
printf '\n]\n'
