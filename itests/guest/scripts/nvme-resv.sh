#!/bin/bash
# In the guest: reservations between two hosts, which are two connections with names of their own.
#   nvme-resv.sh NQN PORT [ADDRESS]     the namespace has 64 MiB or more, whose data is lost
# Asks the host to "restart": to kill the target and start it again.
# shellcheck source=lib.sh
. /job/lib.sh
nqn=$1 port=$2 address=${3:-10.0.2.2}
key_a=0xa1 key_b=0xb2
types=('' 'write exclusive' 'exclusive access' 'write exclusive, registrants only' 'exclusive access, registrants only'
  'write exclusive, all registrants' 'exclusive access, all registrants')

# connect_as LETTER: a host of that name; sets $ctrl and $dev.
connect_as() {
  local id=6b617273-7400-4000-8000-00000000000$1 known c
  known=$(ls /sys/class/nvme 2>/dev/null)
  connect_again "$nqn" "$port" "$address" "$id" ,reconnect_delay=1,ctrl_loss_tmo=600
  for c in /sys/class/nvme/nvme*; do
    if ! grep -qx "${c##*/}" <<<"$known"; then ctrl=${c##*/}; fi
  done
  dev=/dev/${ctrl}n1
  ready() { [ -b "$dev" ] && [ "$(cat "/sys/block/${dev##*/}/size")" != 0 ]; }
  eventually 20 ready || fail "host $1 sees no namespace"
}

# writes DEVICE, reads DEVICE: whether that host may.
writes() { dd if=/dev/zero of="$1" bs=4096 count=1 oflag=direct status=none 2>/dev/null; }
reads() { dd if="$1" of=/dev/null bs=4096 count=1 iflag=direct status=none 2>/dev/null; }
# allowed WHO DEVICE READ WRITE: what is expected of the two, yes or no.
allowed() {
  local now=no
  if reads "$2"; then now=yes; fi
  [ $now = "$3" ] || fail "host $1 reads: $now, expected $3, with reservation ${types[type]}"
  now=no
  if writes "$2"; then now=yes; fi
  [ $now = "$4" ] || fail "host $1 writes: $now, expected $4, with reservation ${types[type]}"
}

# done_by COMMAND...: nvme succeeds; conflicts COMMAND...: it says Reservation Conflict.
done_by() { nvme "$@" >/tmp/said 2>&1 || fail "nvme $*: $(cat /tmp/said)"; }
conflicts() {
  if nvme "$@" >/tmp/said 2>&1; then fail "nvme $* does not conflict"; fi
  grep -qi 'reservation conflict' /tmp/said || fail "nvme $*: $(cat /tmp/said)"
}
register() { done_by resv-register "$1" --nrkey="$2" --rrega=0 --iekey --cptpl="${3:-0}"; }
unregister() { done_by resv-register "$1" --crkey="$2" --rrega=1; }
acquire() { done_by resv-acquire "$1" --crkey="$2" --rtype="$type" --racqa=0; }
release() { done_by resv-release "$1" --crkey="$2" --rtype="$type" --rrela=0; }
clear() { done_by resv-release "$1" --crkey="$2" --rtype=0 --rrela=1; }

# reported FIELD VALUE: of the report, which any host may read.
reported() {
  nvme resv-report "$dev_b" -e -o json >/job/out/report.json || fail "no report"
  expect "report: $1" "$(jq -c ".$1" /job/out/report.json)" = "$2"
}

# Each type, with the other host registered and not.
each_type() {
  for type in 1 2 3 4 5 6; do
    register "$dev_a" $key_a
    register "$dev_b" $key_b
    acquire "$dev_a" $key_a
    reported rtype $type
    reported regctl 2
    allowed A "$dev_a" yes yes
    case $type in
      1) allowed B "$dev_b" yes no ;;
      2) allowed B "$dev_b" no no ;;
      *) allowed B "$dev_b" yes yes ;;
    esac
    conflicts resv-acquire "$dev_b" --crkey=$key_b --rtype=$((type % 6 + 1)) --racqa=0
    unregister "$dev_b" $key_b
    case $type in
      1 | 3 | 5) allowed B "$dev_b" yes no ;;
      *) allowed B "$dev_b" no no ;;
    esac
    conflicts resv-acquire "$dev_b" --crkey=$key_b --rtype=$type --racqa=0
    release "$dev_a" $key_a
    reported rtype 0
    allowed B "$dev_b" yes yes
    unregister "$dev_a" $key_a
    reported regctl 0
    say "  ${types[type]}"
  done
}

keys() {
  type=1
  register "$dev_a" $key_a
  conflicts resv-register "$dev_a" --crkey=0x99 --nrkey=0xa2 --rrega=2
  done_by resv-register "$dev_a" --crkey=$key_a --nrkey=0xa2 --rrega=2
  conflicts resv-acquire "$dev_a" --crkey=$key_a --rtype=1 --racqa=0
  acquire "$dev_a" 0xa2
  conflicts resv-release "$dev_a" --crkey=$key_a --rtype=1 --rrela=0
  clear "$dev_a" 0xa2
  reported regctl 0
}

# preempted ACTION: B takes the reservation and A's registration from it; A learns of that from its log page.
preempted() {
  type=1
  register "$dev_a" $key_a
  register "$dev_b" $key_b
  acquire "$dev_a" $key_a
  done_by resv-acquire "$dev_b" --crkey=$key_b --prkey=$key_a --rtype=1 --racqa="$1"
  reported rtype 1
  reported regctl 1
  allowed B "$dev_b" yes yes
  allowed A "$dev_a" yes no
  conflicts resv-release "$dev_a" --crkey=$key_a --rtype=1 --rrela=0
  nvme resv-notif-log "/dev/$ctrl_a" >"/job/out/notification-$1.txt" || fail "no notification log"
  clear "$dev_b" $key_b
  reported rtype 0
  reported regctl 0
  allowed A "$dev_a" yes yes
}

# restarted PTPL: what the two hosts had after the target was killed: 3 keeps it, 2 does not.
restarted() {
  type=1
  register "$dev_a" $key_a "$1"
  register "$dev_b" $key_b
  acquire "$dev_a" $key_a
  ask restart
  both_live() { [ "$(cat "/sys/class/nvme/$ctrl_a/state" "/sys/class/nvme/$ctrl_b/state" | xargs)" = "live live" ]; }
  eventually 120 both_live || fail "not connected after the restart"
  if [ "$1" = 3 ]; then
    reported rtype 1
    reported regctl 2
    allowed A "$dev_a" yes yes
    allowed B "$dev_b" yes no
    clear "$dev_a" $key_a
  else
    reported rtype 0
    reported regctl 0
    allowed B "$dev_b" yes yes
  fi
}

# planted: the checks above do find a target that forgets, whose commands succeed and do nothing.
planted() {
  local lost
  for lost in resv-acquire resv-release; do
    # shellcheck disable=SC2030,SC2317 # only here
    if (nvme() { [ "$1" = "$lost" ] || command nvme "$@"; }; each_type) >/tmp/planted 2>&1; then fail "a lost $lost is not found"; fi
    grep -q FAIL: /tmp/planted || fail "planted $lost: $(cat /tmp/planted)"
    command nvme resv-register "$dev_a" --crkey=$key_a --rrega=1 >/dev/null 2>&1 || true
    command nvme resv-register "$dev_b" --crkey=$key_b --rrega=1 >/dev/null 2>&1 || true
  done
}

# Each controller has a block device of its own, so that the two hosts are not two paths of one.
modprobe nvme-core multipath=N
modprobe nvme-tcp
type=0
connect_as 1
ctrl_a=$ctrl dev_a=$dev
connect_as 2
ctrl_b=$ctrl dev_b=$dev
expect "id-ctrl: oncs has no reservations" $(($(nvme id-ctrl "/dev/$ctrl_a" -o json | jq .oncs) & 32)) -eq 32
expect "id-ns: rescap lacks a type" $(($(nvme id-ns "$dev_a" -o json | jq .rescap) & 0x7e)) -eq $((0x7e))
say "each type"
each_type
say "keys"
keys
say "preempt, preempt and abort"
preempted 1
preempted 2
say "a restart, with and without persistence through power loss"
restarted 3
restarted 2
say "planted faults"
planted
nvme disconnect -n "$nqn" >/dev/null
kernel_log_clean outages 'I/O Cmd.*sct 0x0 / sc 0x83|reservation conflict error, dev|critical nexus error, dev|Found shared namespace 1, but multipathing not supported|Support for shared namespaces without CONFIG_NVME_MULTIPATH'
say "passed"
