#!/bin/bash
# In the guest: a Java program drives QEMU's NVMe controllers, and is held against Linux's own driver and nvme-cli.
#   nvme-vfio.sh WAY       vfio-pci, on a machine with an IOMMU, or none, on one without
# The classes come in /job/lib, the JDK in /opt/jdk. Controllers, by their addresses: 10 with all kinds of namespaces, 11 and 12 behind
# ports of their own, 13 with a memory buffer. Asks the host to "unplug" the one at 12, and to "plug" it in.
# shellcheck source=lib.sh
. /job/lib.sh
way=$1
out=/job/out
# Six programs begin: reading classes through the share each time takes as long as all else.
cp -r /job/lib /tmp/lib
# shellcheck disable=SC2054 # commas belong to the JVM's options
java=(/opt/jdk/bin/java -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xmx192m --enable-native-access=ALL-UNNAMED
  -Dkarst.mem.checked=true -cp '/tmp/lib/classes:/tmp/lib/*')

# drive ADDRESS STEP...
drive() {
  say "drive $*"
  "${java[@]}" dev.karst.itests.nvme.NvmeGuest "$way" "$1" "$out/$1" "${@:2}" || fail "NvmeGuest $*"
}

# controller ADDRESS: set $ctrl (as nvme0), the kernel's name of it; 1 when the kernel does not drive it.
controller() {
  local c
  for c in /sys/bus/pci/devices/"$1"/nvme/nvme*; do
    if [ -e "$c" ]; then
      ctrl=${c##*/}
      return 0
    fi
  done
  return 1
}

# block ADDRESS: set $dev, the device of the controller's first namespace; 1 when there is none.
block() {
  local b
  for b in /sys/bus/pci/devices/"$1"/nvme/nvme*/nvme*n*; do
    if [ "$(cat "$b/nsid" 2>/dev/null)" = 1 ] && [ -b "/dev/${b##*/}" ]; then
      dev=/dev/${b##*/}
      return 0
    fi
  done
  return 1
}

# A block device of the controller's own, also where the controller is of a subsystem.
modprobe nvme_core multipath=N
modprobe nvme
if [ "$way" = none ]; then
  echo 64 >/proc/sys/vm/nr_hugepages
  say "$(grep HugePages_Free /proc/meminfo)"
else
  modprobe vfio-pci
fi

all=0000:00:10.0 behind=0000:01:00.0 hot=0000:02:00.0 buffer=0000:00:13.0
for device in $all $behind $hot $buffer; do
  mkdir -p "$out/$device"
  eventually 20 controller "$device" || fail "the kernel has no controller at $device"
  nvme id-ctrl "/dev/$ctrl" -b >"$out/$device/id-ctrl"
  for nsid in $(nvme list-ns "/dev/$ctrl" --all | sed -n 's/.*:\(0x[0-9a-f]*\)$/\1/p'); do
    nvme id-ns "/dev/$ctrl" -n "$nsid" -b >"$out/$device/id-ns-$((nsid))"
  done
done
say "$(find "$out/$all" -type f -printf '%f ')"

eventually 20 block $all || fail "no block device of $all"
mkfs.ext4 -q "$dev"
mkdir /tmp/mount
mount "$dev" /tmp/mount
drive $all refuse-mounted
umount /tmp/mount

drive $all registers identify load load-prp load-polled reset errors zoned pattern give-back

eventually 20 block $all || fail "the kernel did not get $all back"
say "the kernel has $dev"
read_at 0 32768 | cmp - $out/$all/pattern || fail "the kernel reads something else than was written"

drive $behind remove
[ ! -e /sys/bus/pci/devices/$behind ] || fail "$behind is still there"
echo 1 >/sys/bus/pci/rescan
eventually 20 controller $behind || fail "the kernel did not find $behind again"
# The power of the slot: bit 10 of the slot's control register off is 1, with the light's bits for off.
cat >$out/$behind/pull <<'PULL'
setpci -s 00:11.0 CAP_EXP+18.W=0700:0700
PULL
# Beside all that follows: the kernel looks for a minute whether the device comes back.
drive $behind surprise &
surprise=$!

drive $buffer buffer load give-back

say "a block device on $hot"
"${java[@]}" dev.karst.itests.nvme.BdevGuest "$way" $hot || fail "BdevGuest"
wait $surprise
say "done"
