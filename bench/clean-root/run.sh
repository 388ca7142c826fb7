#!/bin/sh
# Proves that a clone works on a bare system with the .NET SDK and nothing else: makes a minimal root with debootstrap, copies the SDK
# and a clone into it, and types the README's commands there.
#
#   bench/clean-root/run.sh [SUITE] [MIRROR] [-- COMMAND…]
#
# SUITE is a Debian or Ubuntu release that debootstrap knows (default bookworm). The default commands are
# `./sightline doctor`, `./sightline ask 11`, `./sightline demo`, the code of question 11 and `./test`. What each took and how it ended is
# written to bench/results/clean-root-SUITE.json.
# Needs root, debootstrap, and a NuGet client that works outside: the packages it has cached are copied in, so the root itself needs no
# network. The root is left in .sightline/clean-root-SUITE and reused.
set -eu
here=$(CDPATH= cd -- "$(dirname -- "$(readlink -f -- "$0")")/../.." && pwd)
suite=${1:-bookworm}
[ $# -gt 0 ] && shift
mirror=
if [ $# -gt 0 ] && [ "$1" != "--" ]; then mirror=$1; shift; fi
[ "${1:-}" = "--" ] && shift
root="$here/.sightline/clean-root-$suite"
sdk=$(dirname "$(readlink -f "$(command -v dotnet)")")
packages=${NUGET_PACKAGES:-$HOME/.nuget/packages}

if [ ! -x "$root/bin/sh" ]; then
  mkdir -p "$root"
  # No ICU, no compiler, no OpenMP. OpenSSL is one of the SDK's own documented dependencies: restoring over https needs it.
  debootstrap --variant=minbase --include=libssl3,ca-certificates "$suite" "$root" $mirror >"$root.log" 2>&1 || { tail -5 "$root.log" >&2; exit 1; }
fi
mkdir -p "$root/usr/share/dotnet" "$root/root/.nuget/packages"
mountpoint -q "$root/usr/share/dotnet" || mount --bind "$sdk" "$root/usr/share/dotnet"
mountpoint -q "$root/root/.nuget/packages" || mount --bind "$packages" "$root/root/.nuget/packages"
mountpoint -q "$root/proc" || mount -t proc proc "$root/proc"
mountpoint -q "$root/dev" || mount --bind /dev "$root/dev"
trap 'for m in dev proc root/.nuget/packages usr/share/dotnet; do umount -l "$root/$m"; done' EXIT # build servers may still run in there
rm -rf "$root/root/sightline"
git clone -q "$here" "$root/root/sightline"

enter() { # the environment of somebody who installed the SDK and nothing else
  chroot "$root" /usr/bin/env -i HOME=/root PATH=/usr/share/dotnet:/usr/bin:/bin TERM=dumb LANG=C.UTF-8 \
    NUGET_CERT_REVOCATION_MODE=offline sh -c "cd /root/sightline && $1"
}
echo "== $(. "$root/etc/os-release"; echo "$PRETTY_NAME"), libstdc++ $(ls "$root"/usr/lib/*/libstdc++.so.6.* 2>/dev/null | sed 's/.*so\.//' | head -n 1)"
if [ $# -gt 0 ]; then enter "$*"; exit; fi
results= status=0
for command in "./sightline doctor" "./sightline ask 11" "./sightline demo --out /tmp/demo" "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 dotnet run answers/11-resnet.cs -- --epochs 1" "./test"; do
  echo "== $command"
  began=$(date +%s) ended=0
  enter "$command" || ended=$? status=1
  results="$results${results:+,}
    {\"command\": \"$command\", \"exitCode\": $ended, \"seconds\": $(($(date +%s) - began))}"
done
printf '{\n  "command": "bench/clean-root/run.sh %s",\n  "system": "%s",\n  "commit": "%s",\n  "ran": [%s\n  ]\n}\n' "$suite" "$(. "$root/etc/os-release"; echo "$PRETTY_NAME")" \
  "$(git -C "$here" rev-parse --short HEAD)" "$results" > "$here/bench/results/clean-root-$suite.json"
exit $status
