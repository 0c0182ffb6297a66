#!/bin/bash
# In the guest: its root is on a disk that Karst serves over vhost-user. Programs and files are there while a part of the target is replaced
# and while the target is killed and comes back; what was written is there after the next boot.
#   vhost-root.sh first|again [NAME]      "again" in the boot after "first"; the NAME of the disk is disk0 unless another is given
# Asks the host to "replace vhost", to "restart": to kill the target and start it again, and to "plug disk1" and "unplug disk1": a disk of
# 32 MiB that another controller of Karst's serves.
# shellcheck source=lib.sh
. /job/lib.sh
folder=/var/karst

is_gone() { ! find_virtio "$1"; }

expect "the disk of the root" "$(findmnt -no SOURCE /)" = /dev/vda
expect "the name of the disk" "$(cat /sys/block/vda/serial)" = "${2:-disk0}"

if [ "$1" = first ]; then
  mkdir "$folder"
  say "files while the target is replaced and killed"
  dev=$folder/load
  start_load 0 4M
  passes_load 1
  ask replace vhost
  passes_load 2
  ask restart
  passes_load 2
  stop_load

  say "a disk that comes and goes"
  for _ in 1 2; do
    ask plug disk1
    eventually 60 find_virtio disk1 || fail "the disk that was plugged in does not come"
    verify plugged --filename="$dev" --size=8M --rw=randrw --bs=4k --iodepth=16
    ask unplug disk1
    eventually 20 is_gone disk1 || fail "the disk that was unplugged is still there"
  done

  say "what is there after the next boot"
  head -c 16M /dev/urandom >"$folder/kept"
  sha256sum "$folder/kept" >"$folder/kept.sum"
  # What programs are read from is on the disk, too, once the cache is empty.
  sync
  echo 3 >/proc/sys/vm/drop_caches
  fio --version >/dev/null || fail "a program cannot be read"
fi
sha256sum --quiet -c "$folder/kept.sum" || fail "the file is another one"
if dmesg | grep -E 'I/O error|EXT4-fs error|Buffer I/O|BUG:|WARNING:|Oops'; then fail "the kernel complained"; fi
say "passed"
