#!/bin/bash
# In the guest: native multipath. Two connections to one subsystem, whose ANA states the host changes under verified I/O.
#   nvme-multipath.sh NQN PORT1 PORT2 [ADDRESS]     the namespace has 64 MiB or more, whose data is lost
# Asks the host for "ana PORT STATE", "unlisten PORT" and "listen PORT".
# shellcheck source=lib.sh
. /job/lib.sh
nqn=$1 port1=$2 port2=$3 address=${4:-10.0.2.2}

# path PORT: the folder of the namespace on that connection.
path() { (find_controller "$nqn" "$1" && echo /sys/class/nvme/"$ctrl"/nvme*c*n1); }
# transfers PORT: reads and writes that the path has carried.
transfers() { awk '{ print $1 + $5 }' "$(path "$1")/stat"; }
# has_state PORT STATE: as the kernel has it, which learns it from an event and the ANA log page.
has_state() { [ "$(cat "$(path "$1")/ana_state" 2>/dev/null)" = "${2/_/-}" ]; }
# controller_is PORT STATE
controller_is() { (find_controller "$nqn" "$1" && [ "$(state)" = "$2" ]); }

# ana PORT STATE: the host changes it, and the kernel notices.
ana() {
  ask ana "$1" "$2"
  eventually "$patience" has_state "$1" "$2" || fail "ana state of path $1 is $(cat "$(path "$1")/ana_state"), not $2"
}

# carries PORT OTHER: I/O goes on by the one path and not by the other.
carries() {
  local busy idle
  passes_load 1 # what was on its way has arrived
  busy=$(transfers "$1") idle=$(transfers "$2")
  passes_load 1
  expect "path $1 carries nothing" "$(transfers "$1")" -gt "$busy"
  # The kernel's own scans may read a few blocks.
  expect "path $2 carries I/O" "$(transfers "$2")" -le $((idle + 16))
  say "I/O by $1"
}

changes() { nvme ana-log "/dev/$ctrl" -o json | jq '."chgcnt" // ."Change Count" // .ana_change_count // .chgcount'; }

modprobe nvme-tcp
settings=(--reconnect-delay=1 --ctrl-loss-tmo=600 --keep-alive-tmo=10)
connect "$nqn" "$port1" "$address" "${settings[@]}"
nvme connect -t tcp -n "$nqn" -s "$port2" -a "$address" "${settings[@]}" || fail "cannot connect by port $port2"
eventually 20 has_state "$port2" optimized || fail "no second path"
has_state "$port1" optimized || fail "path 1 is $(cat "$(path "$port1")/ana_state") at first"
expect "devices of the namespace" "$(find /sys/block -name 'nvme*n*' ! -name '*c*' | wc -l)" -eq 1
expect "id-ctrl: cmic has no ANA" $(($(nvme id-ctrl "/dev/$ctrl" -o json | jq .cmic) & 8)) -eq 8
nvme list-subsys "$dev" >/job/out/list-subsys.txt
nvme ana-log "/dev/$ctrl" -o json >/job/out/ana-log.json
before=$(changes)

start_load 0
say "states of path $port1, then of path $port2"
ana "$port1" non_optimized
carries "$port2" "$port1"
ana "$port1" inaccessible
ana "$port2" non_optimized
carries "$port2" "$port1"
ana "$port1" optimized
carries "$port1" "$port2"
ana "$port2" inaccessible
carries "$port1" "$port2"

say "no path for a while"
ana "$port1" inaccessible
sleep 2
loading
ana "$port2" optimized
carries "$port2" "$port1"
ana "$port1" optimized
expect "change count of the ANA log" "$(changes)" -ge $((before + 1))
if dmesg | grep -q 'starting error recovery'; then fail "a change of state broke a connection"; fi

say "listener $port1 goes and comes back"
ask unlisten "$port1"
eventually "$patience" controller_is "$port1" connecting || fail "the connection to $port1 is still there"
passes_load 2
ask listen "$port1"
eventually "$patience" controller_is "$port1" live || fail "no connection to $port1 again"
eventually "$patience" has_state "$port1" optimized || fail "path $port1 is $(cat "$(path "$port1")/ana_state") after it came back"
ana "$port2" inaccessible
carries "$port1" "$port2"
stop_load

disconnect "$nqn"
kernel_log_clean outages 'no usable path - requeuing I/O'
say "passed"
