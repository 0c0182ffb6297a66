#!/bin/bash
# In the guest: its root is on a disk that Karst serves over vhost-user, and the guest is moved to another QEMU beside verified I/O, which
# comes to the same disk at another socket.
#   vhost-move.sh
# Asks the host to "move" the guest, which it does when the share is not mounted any more, and then lets the disk grow.
if [ "$0" = /job/script ]; then
  # From copies, since QEMU moves no guest that has the share mounted.
  cp /job/script /job/lib.sh /run/
  mkdir /run/out
  cd / && exec bash /run/script "$@"
fi
# shellcheck source=lib.sh
. /run/lib.sh
out=/run/out
folder=/var/karst
disk=/sys/block/vda

# shellcheck disable=SC2317 # the trap calls it
mount_job() { mountpoint -q /job || mount -t 9p -o trans=virtio,version=9p2000.L,msize=262144 job /job; }
# shellcheck disable=SC2317 # eventually calls it
has_grown() { loading && [ "$(cat $disk/size)" -gt "$size" ]; }

expect "the disk of the root" "$(findmnt -no SOURCE /)" = /dev/vda
size=$(cat $disk/size)
mkdir "$folder"
head -c 8M /dev/urandom >"$folder/kept"
sha256sum "$folder/kept" >"$folder/kept.sum"
dev=$folder/load
start_load 0 4M
passes_load 1

say "the guest is moved"
trap mount_job EXIT
echo move >/job/ask.new
mv /job/ask.new /job/ask
umount /job || fail "the share is in use"
eventually 300 has_grown || fail "the disk does not grow, behind the move"
passes_load 2
stop_load

say "what is there"
sync
echo 3 >/proc/sys/vm/drop_caches
sha256sum --quiet -c "$folder/kept.sum" || fail "the file is another one"
head -c 8M /dev/urandom | tee "$folder/more" | sha256sum >"$folder/more.sum"
sync
echo 3 >/proc/sys/vm/drop_caches
expect "the file that was written last" "$(sha256sum <"$folder/more")" = "$(cat "$folder/more.sum")"
if dmesg | grep -E 'I/O error|EXT4-fs error|Buffer I/O|BUG:|WARNING:|Oops|Bad page'; then fail "the kernel complained"; fi
say "passed"
