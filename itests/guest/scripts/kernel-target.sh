#!/bin/bash
# In the guest: the kernel's own NVMe/TCP target, the reference that the other scripts are proven against.
#   kernel-target.sh FAULT [SCRIPT [ARG]...]
# Exports /dev/vdb and what disks there are behind it, or a RAM disk, on the ports 4420 and 4421. Then runs SCRIPT, whose
# "ask" is answered by kernel-answer.sh, or asks the host to have it "serving", which the host never answers.
# FAULT is "none" or what to plant: see below.
# shellcheck source=lib.sh
. /job/lib.sh
fault=$1 nqn=nqn.2026-01.dev.karst:reference root=/sys/kernel/config/nvmet backing=/dev/vdb
shift
modprobe -a nvmet nvmet-tcp
mountpoint -q /sys/kernel/config || mount -t configfs configfs /sys/kernel/config
if [ ! -b $backing ]; then
  modprobe brd rd_nr=1 rd_size=65536
  backing=/dev/ram0
fi

subsystem=$root/subsystems/$nqn
mkdir "$subsystem"
echo 1 >"$subsystem/attr_allow_any_host"
# What a host takes for the identity of the device: the same after a restart, and in another guest with the same disk.
echo karst-reference >"$subsystem/attr_serial"
if [ "$fault" = few-queues ]; then echo 1 >"$subsystem/attr_qid_max"; fi
nsid=0
for disk in $backing /dev/vd[c-z]; do
  [ -b "$disk" ] || continue
  nsid=$((nsid + 1))
  mkdir "$subsystem/namespaces/$nsid"
  printf '6b617273-7400-4000-8000-%012d\n' $nsid >"$subsystem/namespaces/$nsid/device_uuid"
  echo "$disk" >"$subsystem/namespaces/$nsid/device_path"
  echo 1 >"$subsystem/namespaces/$nsid/enable"
done
exported=$nqn
if [ "$fault" = missing ]; then
  exported=nqn.2026-01.dev.karst:other
  mkdir "$root/subsystems/$exported"
fi
for port in 4420 4421; do
  mkdir $root/ports/$port
  for setting in trtype=tcp adrfam=ipv4 traddr=0.0.0.0 trsvcid=$port; do
    echo "${setting#*=}" >"$root/ports/$port/addr_${setting%=*}"
  done
  ln -s "$root/subsystems/$exported" $root/ports/$port/subsystems/
done

case $fault in
  none | missing | few-queues | lost-*) ;; # what is lost is the answer to that: see kernel-answer.sh
  wrong-data) # sectors of the first 16 MiB, every other of the first MiB, change behind the target's back
    while sleep 0.02; do
      head -c 512 /dev/urandom | dd of=$backing bs=512 seek=$((RANDOM % (RANDOM % 2 ? 2048 : 32768))) oflag=direct conv=notrunc status=none
    done & ;;
  wrong-load) # the first MiB, where a load is verified, changes again and again: whatever is read back is another
    while sleep 0.02; do
      dd if=/dev/urandom of=$backing bs=1M count=1 iflag=fullblock oflag=direct conv=notrunc status=none
    done & ;;
  cut) # every connection breaks once, while there is I/O; the initiator connects again and no I/O fails
    link=$root/ports/4420/subsystems/$nqn
    wrote() { cat /sys/block/nvme*n*/stat 2>/dev/null | awk '{ writes += $5 } END { exit writes < 20 }'; }
    {
      until wrote; do sleep 0.1; done
      rm "$link"
      sleep 1
      ln -s "$subsystem" "$link"
    } & ;;
  kernel-line) # a complaint without any other effect
    echo 'nvme nvme0: I/O 7 QID 1 timeout, reset controller' >/dev/kmsg ;;
  no-page) # one page cannot be read
    cat >/usr/local/sbin/nvme <<'NVME'
#!/bin/bash
[ "$1" != smart-log ] || { echo "NVMe status: Invalid Log Page: The log page indicated is invalid(0x4109)" >&2; exit 9; }
exec /usr/sbin/nvme "$@"
NVME
    chmod 755 /usr/local/sbin/nvme ;;
  *) fail "no fault $fault" ;;
esac

if [ $# -gt 0 ]; then
  export ANSWER=/job/kernel-answer.sh
  if [[ $fault = lost-* ]]; then export PATIENCE=10; fi # what never comes is not worth waiting for
  exec env fault="$fault" nqn="$nqn" bash "/job/$1" "${@:2}"
fi
ask serving
