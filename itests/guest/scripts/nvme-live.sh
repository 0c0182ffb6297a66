#!/bin/bash
# In the guest: namespaces are added, resized and removed while another one carries verified I/O.
#   nvme-live.sh NQN PORT [ADDRESS]     namespace 1 has 64 MiB or more, whose data is lost
# Asks the host for "add NSID MIB", "resize NSID MIB" and "remove NSID". The kernel must hear of each by itself.
# shellcheck source=lib.sh
. /job/lib.sh
nqn=$1 port=$2 address=${3:-10.0.2.2}
mib=1048576

# has_size DEVICE MIB; gone NSID
has_size() { [ "$(cat "/sys/block/${1##*/}/size")" -eq $(($2 * mib / 512)) ]; }
gone() { ! (find_device "$nqn" "$1"); }

# add NSID MIB: sets $dev.
add() {
  ask add "$1" "$2"
  eventually "$patience" find_device "$nqn" "$1" || fail "namespace $1 did not show up"
  has_size "$dev" "$2" || fail "namespace $1 has $(cat "/sys/block/${dev##*/}/size") sectors, not $2 MiB"
}
# resize NSID MIB: $dev is the namespace's.
resize() {
  ask resize "$1" "$2"
  eventually "$patience" has_size "$dev" "$2" || fail "the new size of namespace $1 did not show up"
}
remove() {
  ask remove "$1"
  eventually "$patience" gone "$1" || fail "namespace $1 is still there"
}
# last_mib VERB...: the last MiB of $dev can be written and read.
last_mib() { verify "$1" --filename="$dev" --offset=$(($(blockdev --getsize64 "$dev") - mib)) --size=1M --rw=write --bs=64k; }

modprobe nvme-tcp
connect "$nqn" "$port" "$address"
first=$dev
start_load 0
passes_load 1

say "add"
add 2 32
last_mib added
say "resize: larger, then smaller"
resize 2 48
last_mib larger
resize 2 40
last_mib smaller

say "remove under I/O"
fio --name=victim --filename="$dev" --rw=randwrite --bs=4k --iodepth=8 --ioengine=libaio --direct=1 --time_based --runtime=600 \
  --eta=never --output=/job/out/victim.txt &
victim=$!
passes_load 1
remove 2
# Ended by itself, with an error, since its device is gone.
wait $victim && fail "I/O on the removed namespace went on"
passes_load 1

say "several at once"
for nsid in 2 3 4 5; do ask add $nsid $((nsid * 8)); done
for nsid in 2 3 4 5; do
  eventually "$patience" find_device "$nqn" $nsid || fail "namespace $nsid did not show up"
  has_size "$dev" $((nsid * 8)) || fail "namespace $nsid has the size of another"
  last_mib several
done
list=$(nvme list-ns "/dev/$ctrl" | grep -c ':0x')
expect "namespaces in list-ns" "$list" -eq 5
for nsid in 5 3 4 2; do remove $nsid; done

dev=$first
passes_load 1
stop_load
expect "state of $ctrl" "$(state)" = live
disconnect "$nqn"
# What fio still wrote to the namespace that went; some of it the kernel queues again before it sees that the path is gone.
kernel_log_clean "" 'block nvme[0-9]+n2: no usable path - requeuing I/O|(I/O|operation not supported) error, dev nvme[0-9]+(c[0-9]+)?n2,|nvme[0-9]+(c[0-9]+)?n2: I/O Cmd|Buffer I/O error on dev nvme[0-9]+n2,|nvme[0-9]+n[2-5]: detected capacity change|no available path - failing I/O|rescanning namespaces'
say "passed"
