#!/bin/bash
# In the guest: discovery, three ways of connecting, and I/O of every kind through the kernel's NVMe/TCP initiator.
#   nvme-tcp.sh NQN PORT [ADDRESS]      the subsystem has a namespace of 512 MiB or more, whose data is lost
# For the third way the guest needs two processors (run -c 2).
# shellcheck source=lib.sh
. /job/lib.sh
nqn=$1 port=$2 address=${3:-10.0.2.2}
mib=1048576

# The discovery log names the subsystem, but with the address that the target believes in: that one is not used.
discover() {
  nvme discover -t tcp -a "$address" -s "$port" -o json >/job/out/discover.json || fail "cannot discover"
  jq -e --arg nqn "$nqn" 'any(.records[]; .subnqn == $nqn and .trtype == "tcp" and (.subtype | startswith("nvme")))' \
    /job/out/discover.json >/dev/null || fail "discovery does not show $nqn: $(jq -c . /job/out/discover.json)"
}

# identify IO-QUEUES: what the controller and the namespace say about themselves.
identify() {
  local c n queues
  c=$(nvme id-ctrl "/dev/$ctrl" -o json)
  for field in mn sn fr; do
    expect "id-ctrl: $field is empty" -n "$(jq -r ".$field" <<<"$c" | tr -d ' ')"
  done
  expect "id-ctrl: subnqn" "$(jq -r .subnqn <<<"$c")" = "$nqn"
  expect "id-ctrl: mdts" "$(jq .mdts <<<"$c")" -ge 0
  expect "id-ctrl: sqes" "$(jq .sqes <<<"$c")" -eq $((0x66))
  expect "id-ctrl: cqes" "$(jq .cqes <<<"$c")" -eq $((0x44))
  expect "id-ctrl: ioccsz holds no command" "$(jq .ioccsz <<<"$c")" -ge 4
  expect "id-ctrl: kas, so no keep-alive" "$(jq .kas <<<"$c")" -gt 0
  oncs=$(jq .oncs <<<"$c")

  n=$(nvme id-ns "$dev" -o json)
  expect "id-ns: nsze" "$(jq .nsze <<<"$n")" -eq $(($(blockdev --getsize64 "$dev") / lba))
  expect "id-ns: less than 512 MiB" "$(blockdev --getsize64 "$dev")" -ge $((512 * mib))
  dlfeat=$(jq .dlfeat <<<"$n")
  say "$(jq -r '"  \(.mn | rtrimstr(" ")), firmware \(.fr), mdts \(.mdts), oncs \(.oncs), vwc \(.vwc)"' <<<"$c"), dlfeat $dlfeat"
  nvme ns-descs "$dev" -o json | grep -qE '[1-9a-f]' || fail "ns-descs: no identifier"

  nvme list -o json | jq -e --arg dev "$dev" 'any(.Devices[]; .DevicePath == $dev and .ModelNumber != "")' >/dev/null ||
    fail "nvme list does not show $dev"
  expect "smart-log: critical warning" "$(nvme smart-log "/dev/$ctrl" -o json | jq .critical_warning)" -eq 0
  queues=$(nvme get-feature "/dev/$ctrl" -f 7 | sed -n 's/.*value:\(0x\)\?0*\([0-9a-f]*\)$/0x0\2/p')
  expect "get-feature: submission queues" $(((queues & 0xffff) + 1)) -ge "$1"
  expect "get-feature: completion queues" $(((queues >> 16) + 1)) -ge "$1"
  expect "queues of $ctrl, with the admin queue" "$(cat "/sys/class/nvme/$ctrl/queue_count")" -eq $(($1 + 1))
}

# same OFFSET LENGTH, zero OFFSET LENGTH: what the device holds, against the pattern or zeroes.
same() { read_at $((base + $1)) "$2" | cmp -s - <(tail -c +$(($1 + 1)) /tmp/pattern | head -c "$2") || fail "data changed at $1 + $2: $3"; }
zero() { read_at $((base + $1)) "$2" | cmp -s -n "$2" - /dev/zero || fail "not zero at $1 + $2: $3"; }
# supports BIT NAME: whether the controller has an optional command.
supports() { if (((oncs >> $1 & 1) == 0)); then say "  no $2 on this controller: skipped"; return 1; fi; }

# Discard, write zeroes and deallocate do what they should to their range, and nothing to its neighbours.
ranges() {
  local base=$((32 * mib))
  head -c $((4 * mib)) /dev/urandom >/tmp/pattern
  write_at $base </tmp/pattern
  same 0 $((4 * mib)) "after the write"
  if supports 2 "dataset management"; then
    blkdiscard -o $((base + mib)) -l $mib "$dev"
    if (((dlfeat & 7) == 1)); then zero $mib $mib blkdiscard; fi
    nvme dsm "$dev" --ad -s $(((base + 3 * mib) / lba)) -b $((mib / 2 / lba)) >/dev/null
    if (((dlfeat & 7) == 1)); then zero $((3 * mib)) $((mib / 2)) dsm; fi
  fi
  if supports 3 "write zeroes"; then
    nvme write-zeroes "$dev" -s $(((base + 2 * mib) / lba)) -c $((65536 / lba - 1)) >/dev/null
    zero $((2 * mib)) 65536 "write zeroes"
  fi
  nvme flush "$dev" >/dev/null
  same 0 $mib "before the discarded range"
  same $((2 * mib + 65536)) $((mib - 65536)) "between the ranges"
  same $((3 * mib + mib / 2)) $((mib / 2)) "after the last range"
}

# pass NAME IO-QUEUES FILE-SYSTEM CONNECT-OPTION...
pass() {
  say "$1: connect ${*:4}"
  connect "$nqn" "$port" "$address" "${@:4}"
  identify "$2"
  say "$1: file system $3"
  filesystem "$3" "$1"
  say "$1: raw I/O"
  verify "raw-$1" --filename="$dev" --size=16M --bsrange="$lba-128k" --blockalign="$lba" --rw=randrw --iodepth=16
  ranges
  expect "state of $ctrl" "$(state)" = live
  disconnect "$nqn"
  kernel_log_clean ""
}

modprobe nvme-tcp
say "discover $address:$port"
discover
pass plain 1 ext4 --nr-io-queues=1
pass digests 1 xfs --nr-io-queues=1 --hdr-digest --data-digest
expect "processors, for several queues" "$(nproc)" -ge 2
pass queues 4 ext4 --nr-io-queues=2 --nr-write-queues=2
say "passed"
