#!/bin/bash
# In the guest: what serves the LUNs of an iSCSI target is replaced while they carry verified I/O. No I/O fails; where sessions end, the
# kernel's initiator logs in again.
#   iscsi-swap.sh IQN PORT WHAT,... [ADDRESS]     LUN 0 has 64 MiB or more, whose data is lost
# Asks the host for "add LUN MIB", which the session outlives, and, for each WHAT in turn, "replace WHAT". Prints the longest I/O of each.
# shellcheck source=lib.sh
. /job/lib.sh
# shellcheck source=iscsi-lib.sh
. /job/iscsi-lib.sh
IFS=, read -ra what <<<"$3"

discover "$1" "$2" "${4:-10.0.2.2}"
login
devices=$dev
for lun in 1 2; do
  ask add $lun 64
  iscsiadm -m session --rescan >/dev/null
  eventually "$patience" find_disk $lun || fail "LUN $lun did not show up"
  devices+=:$dev
done
if dmesg | grep 'detected conn error'; then fail "a LUN that was added broke the session"; fi

# On all LUNs at once: load at the start of each, and single I/Os behind it that are measured.
dev=$devices
start_load 0 384k
for each in "${what[@]}"; do replace "$devices" "$each"; done
stop_load
session_is LOGGED_IN || fail "the session is not back"
logout
no_io_failed
say "passed"
