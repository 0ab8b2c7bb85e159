#!/bin/sh
# Runs COMMAND so that it ends with its parent, also when that is killed and can't say goodbye.
#
#   leash.sh COMMAND [ARGUMENT...]     file descriptor 3: a pipe or socket whose other end only the parent holds
#
# The kernel closes the parent's end when the parent ends, however it ends. A watcher in COMMAND's process group waits for that
# and then kills the whole group, itself included. So the caller must start this script as the leader of a new group (setsid).
#
# `exec` lets COMMAND have this script's pid: signals and the exit status pass without a middleman. The watcher is started by a
# subshell that ends at once, so that COMMAND has no child that it does not know of. It holds none of COMMAND's descriptors,
# or who reads COMMAND's output would wait for it.
( ( read -r _ <&3; kill -KILL 0 ) </dev/null >/dev/null 2>&1 & )
exec "$@" 3<&-
