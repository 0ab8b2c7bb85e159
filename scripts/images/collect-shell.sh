#!/bin/sh
# Collects what SCRIPT runs in: busybox, which is a shell and some hundred commands in one static file, and tini, the init that reaps
# what a script leaves behind. Node does not reap.
#
#   collect-shell.sh TARGET
#
# Taken from the image in which this runs; where there is apt-get, they are installed there first.
set -eu
umask 022
target=$1

if command -v apt-get >/dev/null; then
  export DEBIAN_FRONTEND=noninteractive
  apt-get update
  # Not `busybox`, which an image may have already: that one needs libraries.
  apt-get install --yes --no-install-recommends busybox-static tini
fi
for command in busybox tini-static; do
  which "$command" >/dev/null || { echo "NODE_IMAGE has neither apt-get nor $command" >&2; exit 1; }
done

mkdir -p "$target/bin" "$target/sbin"
cp -L "$(which busybox)" "$target/bin/busybox"
cp -L "$(which tini-static)" "$target/sbin/tini"
for applet in $(busybox --list-full | grep / | grep -v '^bin/busybox$'); do
  mkdir -p "$target/${applet%/*}"
  ln -s /bin/busybox "$target/$applet"
done

for package in busybox-static tini; do
  licence=/usr/share/doc/$package/copyright
  if [ -e "$licence" ]; then
    mkdir -p "$target${licence%/*}"
    cp -L "$licence" "$target$licence"
  fi
done
