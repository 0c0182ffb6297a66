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
devices=$dev
for nsid in 2 3; do
  ask add $nsid 64
  eventually "$patience" find_device "$nqn" $nsid || fail "namespace $nsid did not show up"
  devices+=:$dev
done

# On all namespaces at once: load at the start of each, and single I/Os behind it that are measured.
dev=$devices
start_load 0
for each in "${what[@]}"; do
  fio --name=longest --filename="$devices" --offset=16M --size=48M --rw=randrw --bs=4k --iodepth=1 --ioengine=psync --direct=1 \
    --time_based --runtime=900 --eta=never --output-format=json --output=/job/out/longest.json &
  fio=$!
  passes_load 1
  ask replace "$each"
  passes_load 1
  kill -INT $fio
  # The status of an interrupted fio; whether its I/O failed is in what it writes, behind a line about the signal.
  wait $fio || expect "the status of fio" $? -eq 128
  result=$(sed -n '/^{/,$p' /job/out/longest.json)
  expect "the error of I/O while $each was replaced" "$(jq '.jobs[0].error' <<<"$result")" -eq 0
  say "longest I/O while $each was replaced: $(jq '[.jobs[0][("read", "write")].clat_ns.max] | max / 1e6 | floor' <<<"$result") ms"
done
stop_load
find_controller "$nqn"
expect "state of $ctrl" "$(state)" = live
disconnect "$nqn"
kernel_log_clean "" 'rescanning namespaces'
say "passed"
