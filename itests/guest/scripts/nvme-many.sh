#!/bin/bash
# In the guest: many connections at once, all of which carry verified I/O; then a neighbour stops to read what it asked for.
#   nvme-many.sh NQN PORT CONNECTIONS [ADDRESS]     the namespace has 64 MiB or more, whose data is lost
# Asks the host to "stall" a connection of its own in the middle of large reads, and to "release" it.
# shellcheck source=lib.sh
. /job/lib.sh
nqn=$1 port=$2 connections=$3 address=${4:-10.0.2.2}

transfers() { awk '{ print $1 + $5 }' "/sys/class/nvme/$1"/nvme*c*n1/stat; }
# carrying SINCE...: whether every path has carried more than it had.
carrying() {
  local n=0 c
  for c in /sys/class/nvme/nvme*; do
    [ "$(transfers "${c##*/}")" -gt "${before[n]}" ] || return 1
    n=$((n + 1))
  done
}
note() {
  local c
  before=()
  for c in /sys/class/nvme/nvme*; do before+=("$(transfers "${c##*/}")"); done
}
all_live() { [ "$(cat /sys/class/nvme/nvme*/state | grep -c '^live$')" -eq "$connections" ]; }

modprobe nvme-tcp
# An emulated guest that is the target as well may have no time for a keep-alive in five seconds.
connect "$nqn" "$port" "$address" --nr-io-queues=1 --keep-alive-tmo=60
for ((i = 1; i < connections; i++)); do
  connect_again "$nqn" "$port" "$address" "$(cat /etc/nvme/hostid)" ,nr_io_queues=1,keep_alive_tmo=60
done
all_live || fail "connections live: $(cat /sys/class/nvme/nvme*/state | sort | uniq -c | xargs)"
paths() { [ "$(find /sys/class/nvme/nvme*/ -maxdepth 1 -name 'nvme*c*n1' | wc -l)" -eq "$connections" ]; }
eventually 60 paths || fail "paths of the namespace: $(find /sys/class/nvme/nvme*/ -maxdepth 1 -name 'nvme*c*n1' | wc -l)"
echo round-robin >"$(echo /sys/class/nvme-subsystem/nvme-subsys*)/iopolicy"

note
start_load 0
eventually 120 carrying || fail "a connection carries nothing"
say "all $connections connections carry I/O"
passes_load 1

ask stall
note
passes_load 2
eventually 120 carrying || fail "a connection carries nothing beside a slow neighbour"
ask release
passes_load 1
stop_load
all_live || fail "connections live: $(cat /sys/class/nvme/nvme*/state | sort | uniq -c | xargs)"
nvme disconnect -n "$nqn" >/dev/null
kernel_log_clean ""
say "passed"
