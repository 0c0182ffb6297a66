#!/bin/bash
# In the guest: the kernel's own NVMe/TCP target, the reference that the other scripts are proven against.
#   kernel-target.sh FAULT [SCRIPT [ARG]...]
# Exports /dev/vdb, or a RAM disk, on port 4420. Then runs SCRIPT, or tells the host "target" and waits for "stop".
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
mkdir "$subsystem" "$subsystem/namespaces/1"
echo 1 >"$subsystem/attr_allow_any_host"
# What a host takes for the identity of the device: the same after a restart.
echo karst-reference >"$subsystem/attr_serial"
echo 6b617273-7400-4000-8000-000000000001 >"$subsystem/namespaces/1/device_uuid"
if [ "$fault" = few-queues ]; then echo 1 >"$subsystem/attr_qid_max"; fi
echo $backing >"$subsystem/namespaces/1/device_path"
echo 1 >"$subsystem/namespaces/1/enable"
mkdir $root/ports/1
for setting in trtype=tcp adrfam=ipv4 traddr=0.0.0.0 trsvcid=4420; do
  echo "${setting#*=}" >"$root/ports/1/addr_${setting%=*}"
done
link=$root/ports/1/subsystems/$nqn
if [ "$fault" = missing ]; then
  mkdir $root/subsystems/nqn.2026-01.dev.karst:other
  link=$root/ports/1/subsystems/nqn.2026-01.dev.karst:other
fi
ln -s "$root/subsystems/${link##*/}" "$link"

case $fault in
  none | missing | few-queues) ;;
  wrong-data) # sectors of the first 16 MiB change behind the target's back
    while sleep 0.02; do
      head -c 512 /dev/urandom | dd of=$backing bs=512 seek=$RANDOM oflag=direct conv=notrunc status=none
    done & ;;
  cut) # every connection breaks once; the initiator connects again and no I/O fails
    { sleep 8 && rm "$link" && sleep 1 && ln -s "$subsystem" "$link"; } & ;;
  kernel-line) # a complaint without any other effect
    echo 'nvme nvme0: I/O 7 QID 1 timeout, reset controller' >/dev/kmsg ;;
  *) fail "no fault $fault" ;;
esac

if [ $# -gt 0 ]; then exec bash "/job/$1" "${@:2}"; fi
step target
wait_for stop 600
