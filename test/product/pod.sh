#!/bin/sh
# Runs COMMAND with what the kubelet puts into a container: the files of a ServiceAccount, and a file for the termination message.
#
#   unshare --mount pod.sh NODE ACCOUNT_FOLDER TERMINATION_LOG VOLUME SIZE COMMAND [ARGUMENT...]
#
# Nothing of it is seen outside of the mount namespace. With a SIZE other than 0, VOLUME is a file system of that size. NODE is found
# at /var/run/node.
set -e
node=$1 account=$2 log=$3 volume=$4 size=$5
shift 5

run=$(readlink -f /var/run)
mount -t tmpfs tmpfs "$run"
mkdir -p "$run/secrets/kubernetes.io/serviceaccount" "$run/dev"
touch "$run/node"
mount --bind "$node" "$run/node"
mount --bind "$account" "$run/secrets/kubernetes.io/serviceaccount"

# A /dev of its own, since nobody may make a file in that of the machine.
mount -t tmpfs tmpfs "$run/dev"
for name in null zero full random urandom; do
  touch "$run/dev/$name"
  mount --bind "/dev/$name" "$run/dev/$name"
done
ln -s /proc/self/fd "$run/dev/fd"
mkdir -m 1777 "$run/dev/shm"
touch "$run/dev/termination-log"
mount --bind "$log" "$run/dev/termination-log"
mount --move "$run/dev" /dev

[ "$size" = 0 ] || mount -t tmpfs -o "size=$size,mode=777" tmpfs "$volume"
exec "$@"
