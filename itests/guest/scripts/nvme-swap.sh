#!/bin/bash
# In the guest: what serves the namespaces is replaced while they carry verified I/O. No I/O fails and no connection breaks.
#   nvme-swap.sh NQN PORT WHAT,... [ADDRESS]     namespace 1 has 64 MiB or more, whose data is lost
# Asks the host for "add NSID MIB" and, for each WHAT in turn, "replace WHAT". Prints the longest I/O of each.
# shellcheck source=lib.sh
. /job/lib.sh
nqn=$1 port=$2 address=${4:-10.0.2.2}
IFS=, read -ra what <<<"$3"

modprobe nvme-tcp
connect "$nqn" "$port" "$address"
first=$dev devices=$dev
# Written once, and the same when all is over.
head -c 4M /dev/urandom | tee /tmp/pattern | write_at $((8 << 20))
for nsid in 2 3; do
  ask add $nsid 64
  eventually "$patience" find_device "$nqn" $nsid || fail "namespace $nsid did not show up"
  devices+=:$dev
done

# On all namespaces at once: load at the start of each, and single I/Os behind it that are measured.
dev=$devices
start_load 0
for each in "${what[@]}"; do replace "$devices" "$each"; done
stop_load
dev=$first
read_at $((8 << 20)) $((4 << 20)) | cmp -s - /tmp/pattern || fail "what was written before is not there any more"
find_controller "$nqn"
expect "state of $ctrl" "$(state)" = live
disconnect "$nqn"
kernel_log_clean "" 'rescanning namespaces'
say "passed"
