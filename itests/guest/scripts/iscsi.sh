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

# commands: what sg3-utils asks and does.
commands() {
  local page
  sg_turs "$dev" || fail "TEST UNIT READY"
  sg_inq "$dev" >/job/out/inquiry || fail "INQUIRY"
  for page in 0 0x80 0x83 0x85 0x86 0x87 0x88 0xb0 0xb1 0xb2; do
    sg_vpd -p $page "$dev" >"/job/out/vpd-$page" || fail "VPD page $page"
  done
  sg_luns "$dev" >/job/out/luns || fail "REPORT LUNS"
  sg_readcap --16 "$dev" >/job/out/capacity || fail "READ CAPACITY (16)"
  sg_opcodes "$dev" >/job/out/opcodes || fail "REPORT SUPPORTED OPERATION CODES"
  sg_rtpg "$dev" >/job/out/port-groups || fail "REPORT TARGET PORT GROUPS"
  sg_modes -a "$dev" >/job/out/modes || fail "MODE SENSE"
  sg_get_lba_status --lba=0 "$dev" >/job/out/lba-status || fail "GET LBA STATUS"
  sg_sync "$dev" || fail "SYNCHRONIZE CACHE"

  head -c $mib /dev/urandom | tee /tmp/pattern | write_at $mib
  sg_verify --16 --lba=2048 --count=128 "$dev" || fail "VERIFY (16)"
  sg_unmap --force --lba=2048 --num=8 "$dev" || fail "UNMAP"
  read_at $mib 4096 | cmp -s -n 4096 - /dev/zero || fail "unmapped blocks do not read as zeros"
  read_at $((mib + 4096)) $((mib - 4096)) | cmp -s - <(tail -c +4097 /tmp/pattern) || fail "UNMAP changed its neighbours"
  sg_write_same --16 --lba=2064 --num=8 --in=/dev/zero --xferlen=512 "$dev" || fail "WRITE SAME (16)"
  read_at $((mib + 8192)) 4096 | cmp -s -n 4096 - /dev/zero || fail "WRITE SAME did not write zeros"
  { head -c 512 /dev/zero; head -c 512 /tmp/pattern; } >/tmp/both
  sg_compare_and_write --in=/tmp/both --lba=2048 --num=1 --xferlen=1024 "$dev" || fail "COMPARE AND WRITE"
  read_at $mib 512 | cmp -s - <(head -c 512 /tmp/pattern) || fail "COMPARE AND WRITE did not write"
  if sg_compare_and_write --in=/tmp/both --lba=2048 --num=1 --xferlen=1024 "$dev" 2>/dev/null; then
    fail "COMPARE AND WRITE wrote over what is not the same"
  fi

  sg_persist --out --register --param-sark=0x1234 "$dev" >/dev/null || fail "PERSISTENT RESERVE OUT, register"
  sg_persist --out --reserve --param-rk=0x1234 --prout-type=5 "$dev" >/dev/null || fail "PERSISTENT RESERVE OUT, reserve"
  sg_persist --in --read-reservation "$dev" | grep -q 'Key=0x1234' || fail "no reservation to be read"
  sg_persist --out --release --param-rk=0x1234 --prout-type=5 "$dev" >/dev/null || fail "PERSISTENT RESERVE OUT, release"
  sg_persist --out --register --param-rk=0x1234 --param-sark=0 "$dev" >/dev/null || fail "PERSISTENT RESERVE OUT, unregister"
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
commands
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
