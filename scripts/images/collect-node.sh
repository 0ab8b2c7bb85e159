#!/bin/sh
# Collects Node and all that it needs to run from the image in which this runs:
#
#   collect-node.sh TARGET
#
# Libraries keep their paths, so that the loader finds them without configuration, and symbolic links become what they point to.
set -eu
umask 022
target=$1

copy() {
  mkdir -p "$target${1%/*}"
  cp -L "$1" "$target$1"
}

node=$(command -v node) || { echo "NODE_IMAGE has no node in PATH" >&2; exit 1; }
mkdir -p "$target/usr/local/bin"
cp -L "$node" "$target/usr/local/bin/node"

# As ldd does it: glibc's loader says what it would load (https://man7.org/linux/man-pages/man8/ld.so.8.html). musl's just runs Node.
libraries=$(LD_TRACE_LOADED_OBJECTS=1 "$node" </dev/null | grep -o '/[^ ]*') ||
  { echo "The node of NODE_IMAGE is not linked with glibc; take an image of Debian, not of Alpine" >&2; exit 1; }
for library in $libraries; do copy "$library"; done

# glibc loads them by name when a host is looked up, so the loader doesn't say so: name services, of which glibc before 2.34 has these two in
# files of their own, and libresolv that one of them needs (https://sourceware.org/glibc/wiki/Release/2.34).
for library in $libraries; do
  case $library in */libc.so.6) folder=${library%/*} ;; esac
done
for library in libnss_files.so.2 libnss_dns.so.2 libresolv.so.2; do
  if [ -e "$folder/$library" ]; then copy "$folder/$library"; fi
done

for package in libc6 libgcc-s1 libstdc++6; do
  licence=/usr/share/doc/$package/copyright
  if [ -e "$licence" ]; then copy "$licence"; fi
done
for licence in /usr/local/LICENSE /usr/share/common-licenses/*; do
  if [ -f "$licence" ]; then copy "$licence"; fi
done

mkdir -p "$target/etc"
printf '%s\n' root:x:0:0:root:/:/sbin/nologin nobody:x:65534:65534:nobody:/:/sbin/nologin >"$target/etc/passwd"
printf '%s\n' root:x:0: nobody:x:65534: >"$target/etc/group"
# Without it glibc asks DNS first, and the Pod's hostAliases, which are in /etc/hosts, only when there is no answer.
echo 'hosts: files dns' >"$target/etc/nsswitch.conf"
mkdir -m 1777 "$target/tmp"
