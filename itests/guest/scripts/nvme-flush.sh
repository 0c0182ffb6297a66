#!/bin/bash
# In the guest: FLUSH commands that fail are told by fsync, once and without another try, and all that was flushed is there.
#   nvme-flush.sh NQN PORT [ADDRESS]     the namespaces 1 and 2 are of one store, of 16 MiB or more, and their data is lost
# Asks the host to "fail" each flush of the device below from now on, to have it "work" again until the store is as it was, to "change"
# something in the store just as one flush fails, until that is over too, and to "reload" the store, while nobody is connected.
# shellcheck source=lib.sh
. /job/lib.sh
nqn=$1 port=$2 address=${3:-10.0.2.2}
mib=1048576 told=0

# What Linux makes of a write fault: ENODATA, or EIO by way of a file system's journal.
told_as='No data available|Input/output error'

# An fsync, in seconds: longer only if somebody waits or tries again and again.
limit=10

# flushes FILE, loses FILE: an fsync that goes well; one that must say that what was written is lost.
flushes() { timeout $limit sync "$1" || fail "fsync of $1 failed: what was lost before had been told"; }
loses() {
  local status=0
  timeout $limit sync "$1" >/tmp/said 2>&1 || status=$?
  expect "fsync of $1 when a FLUSH failed: $(cat /tmp/said)" $status -eq 1
  grep -qE "$told_as" /tmp/said || fail "fsync of $1: $(cat /tmp/said)"
  told=$((told + 1))
}
# fresh NAME MIB-OFFSET: writes 2 MiB of chance there, past the page cache, and not yet flushed.
fresh() {
  head -c $((2 * mib)) /dev/urandom >"/tmp/$1"
  dd if="/tmp/$1" of="$raw" bs=128k oflag=direct,seek_bytes seek=$(($2 * mib)) conv=notrunc status=none
}
# there NAME MIB-OFFSET: it is what the device holds.
there() { dev=$raw read_at $(($2 * mib)) $((2 * mib)) | cmp -s - "/tmp/$1" || fail "what was flushed is not there: $1 at $2 MiB"; }
# file NAME: a new file of 2 MiB, not yet flushed.
file() { head -c $((2 * mib)) /dev/urandom >"/mnt/$1"; }
# kept NAME...: notes the sums of files that were flushed.
kept() { (cd /mnt && sha256sum "$@") >>/tmp/sums; }

attach() {
  connect "$nqn" "$port" "$address"
  raw=$dev
  eventually 20 find_device "$nqn" 2 || fail "namespace 2 did not show up"
  files=$dev
}
check_files() {
  local status=0
  fsck.ext4 -fy "$files" >"$out/fsck.txt" 2>&1 || status=$?
  expect "fsck: $(tail -n 5 "$out/fsck.txt")" $status -le 1
  mount "$files" /mnt
  (cd /mnt && sha256sum --quiet -c /tmp/sums) >"$out/sums.txt" 2>&1 ||
    fail "files that were flushed are others: $(head -n 3 "$out/sums.txt")"
}

modprobe nvme-tcp
attach
# All of it now, so that the kernel writes and flushes nothing of itself.
mkfs.ext4 -q -F -e remount-ro -E lazy_itable_init=0,lazy_journal_init=0 "$files"
mount "$files" /mnt
file first
flushes /mnt/first
kept first
umount /mnt
fresh flushed 0
fresh doubtful 2
flushes "$raw"

say "a device whose flushes fail"
ask fail
fresh doubtful 2
loses "$raw"
loses "$raw"
there flushed 0
ask work
say "each namespace is told once, and goes on"
loses "$raw"
flushes "$raw"
loses "$files"
flushes "$files"
fresh again 2
fresh later 8
flushes "$raw"

say "a flush that fails, and none of ours"
fresh doubtful 4
ask change
loses "$raw"
flushes "$raw"
loses "$files"
flushes "$files"
fresh last 4
flushes "$raw"
# One line for each: the initiator tried none again.
failed='I/O Cmd\(0x0\) .*\(sct 0x2 / sc 0x80\) DNR'
dmesg | grep -E "$failed" >"$out/failed.txt" || true
expect "FLUSH commands that failed: $(cat "$out/failed.txt")" "$(wc -l <"$out/failed.txt")" -eq $told
kernel_log_clean "" "$failed|critical medium error"

say "a file system, which ends its journal and is whole after a check"
check_files
file second
flushes /mnt/second
kept second
ask fail
file doubtful
loses /mnt/doubtful
umount /mnt
timeout $limit sync "$files" 2>/dev/null || true # what the kernel remembers of blocks that it could not write
ask work
loses "$files"
loses "$raw"
check_files
umount /mnt

find_controller "$nqn"
expect "state of $ctrl" "$(state)" = live
disconnect "$nqn"
say "what was flushed, after the store was loaded again"
ask reload
attach
there flushed 0
there again 2
there last 4
there later 8
check_files
umount /mnt
disconnect "$nqn"
if dmesg | grep -E 'nvme[0-9]+:.*(timeout|reset|recovery|[Rr]econnect)'; then fail "the connection had trouble"; fi
say "passed"
