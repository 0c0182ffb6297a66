#!/bin/bash
# In the guest: its root is on a disk that Karst serves over vhost-user. Programs and files are there while a part of the target is replaced
# and while the target is killed and comes back; what was written is there after the next boot.
#   vhost-root.sh first|again      "again" in the boot after "first"
# Asks the host to "replace vhost", and to "restart": to kill the target and start it again.
# shellcheck source=lib.sh
. /job/lib.sh
folder=/var/karst

expect "the disk of the root" "$(findmnt -no SOURCE /)" = /dev/vda
expect "the name of the disk" "$(cat /sys/block/vda/serial)" = disk0

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
