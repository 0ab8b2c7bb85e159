#!/bin/sh
# PID 1 of a node: makes a machine of the new namespaces that it is started in, and then only adopts and reaps orphans.
#
#   unshare --mount --pid --net --fork --mount-proc node-init.sh FOLDER ADDRESS/BITS SERVICE_ADDRESS BRIDGE [PATH...]
#
# Nothing of it is seen outside; when this process ends, the kernel ends everything else in here, and mounts and interfaces go too.
# FOLDER is the node's own. PATHs are the programs' folders: they stay visible, as FOLDER does, where others are covered. Prints `up`.
set -eu
folder=$1 address=$2 service=$3 bridge=$4
shift 4

# Kubelet, containerd and CNI plugins write to paths that can't be chosen (/var/log/containers, /run/netns, ...): the node has its
# own /run and /var, empty but for the paths that must stay.
cover() {
  over=$(readlink -f "$1")
  shift
  mkdir -p "$folder/cover"
  mount -t tmpfs -o mode=755 tmpfs "$folder/cover"
  for path in "$@"; do
    path=$(readlink -f "$path")
    case $path in "$over"/*) ;; *) continue ;; esac
    mkdir -p "$folder/cover${path#"$over"}"
    mount --rbind "$path" "$folder/cover${path#"$over"}"
  done
  # --no-mtab: mount's own notes are in the /run that is being covered.
  mount --no-mtab --move "$folder/cover" "$over"
}
cover /run "$folder" "$@"
cover /var "$folder" "$@"
mkdir -p /var/lib /var/log /var/tmp
[ -e /var/run ] || ln -s /run /var/run

# The kubelet sets sysctls of the whole machine where they are not as it wants them. It finds files that say what it wants.
# https://github.com/kubernetes/kubernetes/blob/v1.36.3/pkg/kubelet/cm/container_manager_linux.go (setupKernelTunables)
mkdir /run/sysctl
pretend() {
  file=/run/sysctl/$(echo "$1" | tr / .)
  echo "$2" >"$file"
  mount --bind "$file" "/proc/sys/$1"
}
pretend vm/overcommit_memory 1
pretend vm/panic_on_oom 0
pretend kernel/panic 10
pretend kernel/panic_on_oops 1
pretend kernel/keys/root_maxkeys 1000000
pretend kernel/keys/root_maxbytes 25000000

# Volumes that the kubelet mounts for a pod must show in the mount namespaces of its containers.
mount --make-rshared /

# There is no kube-proxy: the address of the Service `kubernetes` is simply one more of this machine, where the API server listens.
# The bridge is there before the first pod, for its address is the node's.
ip link set lo up
ip addr add "$service/32" dev lo
ip link add "$bridge" type bridge
ip addr add "$address" dev "$bridge"
ip link set "$bridge" up

echo up
exec >/dev/null
# A shell that waits for one child reaps them all, adopted ones too.
while :; do
  sleep 86400 &
  wait $! || true
done
