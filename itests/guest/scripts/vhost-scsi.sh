#!/bin/bash
# In the guest: the kernel's virtio_scsi driver with disks that Karst serves over vhost-user: its queues, file systems, discard, what sg3-utils
# asks, resets, a target that comes and goes, a disk that grows.
#   vhost-scsi.sh QUEUES     target 0 is a disk of 256 MiB or more, whose data is lost
# Asks the host to "resize MIB" the disk, to "add 1" and "remove 1": a target of 64 MiB.
# shellcheck source=lib.sh
. /job/lib.sh
# shellcheck source=scsi-lib.sh
. /job/scsi-lib.sh
mib=1048576

# find_target NUMBER: sets $dev (as /dev/sda); 1 when there is none.
find_target() {
  local b
  for b in /sys/bus/pci/drivers/virtio-pci/*/virtio*/host*/target*:0:"$1"/*/block/*; do
    if [ -b "/dev/${b##*/}" ] && [ "$(cat "$b/size")" != 0 ]; then
      dev=/dev/${b##*/}
      return 0
    fi
  done
  return 1
}
# shellcheck disable=SC2317 # for eventually
no_target() { ! find_target "$1"; }
has_size() { [ "$(blockdev --getsize64 "$dev")" -eq $(($1 * mib)) ]; }

modprobe -a virtio_scsi sd_mod sg
eventually $patience find_target 0 || fail "there is no target 0"
expect "the queues of $dev" "$(find "/sys/block/${dev##*/}/mq" -mindepth 1 -maxdepth 1 | wc -l)" -eq "$1"
disk=$dev

say "file systems"
filesystem ext4
filesystem xfs

say "discard and zeroes"
head -c $mib /dev/urandom | tee /tmp/pattern | write_at $mib
blkdiscard -o $mib -l 65536 "$dev"
blkdiscard -z -o $((mib + 65536)) -l 65536 "$dev"
read_at $mib 131072 | cmp -s -n 131072 - /dev/zero || fail "discarded and zeroed blocks do not read as zeros"
read_at $((mib + 131072)) $((mib - 131072)) | cmp -s - <(tail -c +131073 /tmp/pattern) || fail "the neighbours were changed"
verify sizes --filename="$dev" --size=16M --bsrange=512-1024k --blockalign=512 --rw=randrw --iodepth=32

say "commands"
scsi_commands

say "a disk that grows"
size=$(($(blockdev --getsize64 "$dev") / mib + 64))
ask resize $size
# Nobody asks for it: the kernel looks because an event says so.
eventually 20 has_size $size || fail "the new size of $size MiB is not seen: $(blockdev --getsize64 "$dev")"

say "resets, and a target that comes and goes, beside a verified load"
start_load $((32 * mib)) 4M
passes_load 1
sg_reset --device "$disk" || fail "LOGICAL UNIT RESET"
for _ in 1 2; do
  ask add 1
  eventually $patience find_target 1 || fail "the target that was added is not seen"
  expect "the size of $dev" "$(blockdev --getsize64 "$dev")" -eq $((64 * mib))
  verify added --filename="$dev" --size=8M --bs=64k --rw=randwrite --iodepth=8
  ask remove 1
  eventually $patience no_target 1 || fail "the target that was removed is still there"
done
dev=$disk
passes_load 1
stop_load
if dmesg | grep -E 'I/O error|Buffer I/O|BUG:|WARNING:|Oops'; then fail "the kernel complained"; fi
say "passed"
