#!/bin/bash
# In the guest: the kernel's virtio-blk driver with a disk that Karst serves over vhost-user: its queues, file systems, discard, a disk that
# grows, a part of the target that is replaced, and a target that is killed and comes back.
#   vhost-blk.sh SERIAL QUEUES     the disk of that name has 256 MiB or more, whose data is lost
# Asks the host to "resize MIB" the disk, to "replace vhost", and to "restart": to kill the target and start it again.
# shellcheck source=lib.sh
. /job/lib.sh
mib=1048576

has_size() { [ "$(blockdev --getsize64 "$dev")" -eq $(($1 * mib)) ]; }

find_virtio "$1" || fail "there is no disk $1: $(cat /sys/block/vd*/serial)"
expect "the queues of $dev" "$(find "/sys/block/${dev##*/}/mq" -mindepth 1 -maxdepth 1 | wc -l)" -eq "$2"

say "file systems"
filesystem ext4
filesystem xfs

say "discard and zeroes"
head -c $mib /dev/urandom | tee /tmp/pattern | write_at $mib
blkdiscard -o $mib -l 65536 "$dev"
blkdiscard -z -o $((mib + 65536)) -l 65536 "$dev"
read_at $mib 131072 | cmp -s -n 131072 - /dev/zero || fail "discarded and zeroed blocks do not read as zeros"
read_at $((mib + 131072)) $((mib - 131072)) | cmp -s - <(tail -c +131073 /tmp/pattern) || fail "the neighbours were changed"
verify sizes --filename="$dev" --size=16M --bsrange=512-256k --blockalign=512 --rw=randrw --iodepth=32

say "a disk that grows"
size=$(($(blockdev --getsize64 "$dev") / mib + 64))
ask resize $size
eventually 20 has_size $size || fail "the new size of $size MiB is not seen: $(blockdev --getsize64 "$dev")"

say "a part of the target that is replaced, and a target that is killed"
start_load $((32 * mib)) 4M
passes_load 1
ask replace vhost
passes_load 2
for _ in 1 2; do
  ask restart
  passes_load 2
done
stop_load
if dmesg | grep -E 'I/O error|Buffer I/O|BUG:|WARNING:|Oops'; then fail "the kernel complained"; fi
say "passed"
