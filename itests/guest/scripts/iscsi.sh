#!/bin/bash
# In the guest: the kernel's iSCSI initiator (open-iscsi) with every way of sending data, file systems, the commands of sg3-utils, a disk
# that grows, and a target that is killed and comes back.
#   iscsi.sh IQN PORT [ADDRESS]     LUN 0 has 256 MiB or more, whose data is lost
# Asks the host to "resize MIB" the disk, to "replace PART" (iscsi, scsi) of the target, and to "restart": to kill the target and start it
# again.
# shellcheck source=lib.sh
. /job/lib.sh
# shellcheck source=iscsi-lib.sh
. /job/iscsi-lib.sh
# shellcheck source=scsi-lib.sh
. /job/scsi-lib.sh
mib=1048576

# negotiated NAME VALUE: what the session uses.
negotiated() {
  local got
  got=$(iscsiadm -m session -P 2 | awk -v name="$1:" '$1 == name { print $2; exit }')
  expect "$1 of the session" "$got" = "$2"
}

# way IMMEDIATE INITIAL-R2T HEADER-DIGEST DATA-DIGEST FIRST-BURST MAX-BURST: one of the ways of sending data, with a bit of I/O each.
way() {
  set_node node.session.iscsi.ImmediateData "$1"
  set_node node.session.iscsi.InitialR2T "$2"
  set_node 'node.conn[0].iscsi.HeaderDigest' "$3"
  set_node 'node.conn[0].iscsi.DataDigest' "$4"
  set_node node.session.iscsi.FirstBurstLength "$5"
  set_node node.session.iscsi.MaxBurstLength "$6"
  login
  negotiated HeaderDigest "$3"
  negotiated DataDigest "$4"
  negotiated ImmediateData "$1"
  negotiated InitialR2T "$2"
  verify "way" --filename="$dev" --size=2M --bsrange=512-128k --blockalign=512 --rw=randrw --iodepth=16
  logout
}

has_size() { [ "$(blockdev --getsize64 "$dev")" -eq $(($1 * mib)) ]; }

discover "$1" "$2" "${3:-10.0.2.2}"

say "24 ways of sending data"
for immediate in Yes No; do
  for r2t in Yes No; do
    for digests in "None None" "CRC32C None" "CRC32C CRC32C"; do
      # shellcheck disable=SC2086 # two words
      for bursts in "8192 16384" "65536 262144"; do way $immediate $r2t $digests $bursts; done
    done
  done
done

login
say "file systems"
filesystem ext4
filesystem xfs
say "commands"
scsi_commands
say "a disk that grows"
size=$(($(blockdev --getsize64 "$dev") / mib + 64))
ask resize $size
# What the disk says of itself at the next command makes the kernel's log; a rescan makes the size.
sg_turs "$dev" >/dev/null 2>&1 || true
iscsiadm -m session --rescan >/dev/null
eventually 20 has_size $size || fail "the new size of $size MiB is not seen: $(blockdev --getsize64 "$dev")"
kernel_log_clean ""

say "parts of the target that are replaced, and a target that is killed"
start_load $((32 * mib))
passes_load 1
for part in iscsi scsi; do
  ask replace "$part"
  passes_load 1
done
ask restart
passes_load 2
stop_load
session_is LOGGED_IN || fail "the session is not back"
logout
no_io_failed
say "passed"
