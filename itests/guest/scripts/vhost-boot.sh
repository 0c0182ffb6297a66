#!/bin/bash
# In the guest, which a PC's firmware booted from the disk that boot-disk made and Karst serves over vhost-user: it reboots beside verified
# I/O, by the firmware and in the same machine, and what was written is there.
#   vhost-boot.sh
# shellcheck source=lib.sh
. /job/lib.sh
folder=/var/karst
dev=/dev/vda2

expect "the disk of the root" "$(findmnt -no SOURCE /)" = /dev/vda1
expect "the boot loader" "$(grep -c BOOT_IMAGE /proc/cmdline)" -eq 1

if [ ! -e "$folder" ]; then
  mkdir "$folder"
  head -c 4M /dev/urandom >"$folder/kept"
  sha256sum "$folder/kept" >"$folder/kept.sum"
  head -c 1M /dev/urandom | tee "$folder/blocks" | write_at $((8 * 1048576))
  start_load 0 4M
  passes_load 1
  sync
  mount -o remount,ro / || fail "the root cannot be made read-only"
  say "reboot"
  # The load goes on: requests are in flight when the machine is reset.
  busybox reboot -f
  sleep 60
  fail "there is no reboot"
fi

say "what is there after the reboot"
sha256sum --quiet -c "$folder/kept.sum" || fail "the file is another one"
read_at $((8 * 1048576)) 1048576 | cmp -s - "$folder/blocks" || fail "the blocks are others"
verify again --filename="$dev" --size=8M --rw=randrw --bs=4k --iodepth=16
if dmesg | grep -E 'I/O error|EXT4-fs error|Buffer I/O|BUG:|WARNING:|Oops'; then fail "the kernel complained"; fi
say "passed"
