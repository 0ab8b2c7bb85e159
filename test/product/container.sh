#!/bin/sh
# Runs COMMAND with a root of its own, as a container has it: the programs of this machine, /etc/hosts as the kubelet writes it, and
# what is mounted.
#
#   unshare --mount container.sh ROOT [PATH=TARGET...] -- COMMAND [ARGUMENT...]
#
# ROOT is an empty folder. PATH, a folder or a file of this machine, is found at TARGET; one with ":ro" behind it can't be written to.
# Nothing of it is seen outside of the mount namespace.
set -e
root=$1
shift
mount -t tmpfs -o mode=755 tmpfs "$root"

# The programs are links into /usr on some machines, and folders on others.
for name in bin lib lib32 lib64 libx32 sbin usr; do
  if [ -L "/$name" ]; then
    cp -P "/$name" "$root/$name"
  elif [ -d "/$name" ]; then
    mkdir "$root/$name"
    mount --rbind "/$name" "$root/$name"
    mount -o remount,bind,ro "$root/$name"
  fi
done
mkdir -p "$root/dev" "$root/etc" "$root/proc" "$root/run" "$root/var"
ln -s /run "$root/var/run"
mount --rbind /dev "$root/dev"
mount --rbind /proc "$root/proc"
printf '127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n' >"$root/etc/hosts"

while [ "$1" != -- ]; do
  path=${1%%=*} target=$root${1#*=}
  shift
  mode=rw
  case $target in *:ro) mode=ro target=${target%:ro} ;; esac
  if [ -d "$path" ]; then mkdir -p "$target"; else mkdir -p "${target%/*}" && touch "$target"; fi
  mount --bind "$path" "$target"
  mount -o "remount,bind,$mode" "$target"
done
shift
exec chroot "$root" "$@"
