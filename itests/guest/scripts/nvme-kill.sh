#!/bin/bash
# In the guest: the host kills the target with -9 in the middle of I/O and starts it again.
# Everything acknowledged must be there, and the initiator sees a pause, not an error.
#   nvme-kill.sh NQN PORT [ADDRESS]     the namespace has 64 MiB or more, whose data is lost
# Asks the host to "restart": to kill the target and start it again.
# shellcheck source=lib.sh
. /job/lib.sh
nqn=$1 port=$2 address=${3:-10.0.2.2}
mib=1048576 record=4096

# record N: the 4096 bytes of a record, each line of 64 names it.
record() {
  local line
  printf -v line '%-63s' "karst record $1"
  # shellcheck disable=SC2046 # a list of numbers
  printf "$line\n%.0s" $(seq 64)
}

# append: write and flush the next record; only then note it in out/acknowledged.
append() {
  record "$count" | write_at $((count * record)) || fail "write of record $count"
  echo "$count" >>/job/out/acknowledged
  count=$((count + 1))
}

# append_for N: N more records; append_until FILE: until the file exists.
append_for() { local end=$((count + $1)); while [ $count -lt $end ]; do append; done; }
append_until() { until [ -e "$1" ]; do append; done; }

# check_records: every acknowledged record is on the device, whole.
check_records() {
  read_at 0 $((count * record)) >/tmp/records
  expect "records read" "$(stat -c %s /tmp/records)" -eq $((count * record))
  # Lines of 64 characters whatever the bytes are; a whole record's end in $.
  tr '\n' '$' </tmp/records | tr -c 'a-z0-9 $' '.' | fold -b -w 64 | awk '
    NR == FNR { acknowledged[$1]; next }
    { n = int((FNR - 1) / 64) }
    (n in acknowledged) && !(n in lost) && $0 != sprintf("%-63s$", "karst record " n) { lost[n]; print "record " n ": " $0 }
    END { for (n in acknowledged) if (n + 0 >= FNR / 64) print "record " n " is not there" }
  ' /job/out/acknowledged - >/job/out/lost
  [ ! -s /job/out/lost ] || fail "$(wc -l </job/out/lost) acknowledged records lost, the first: $(head -n 1 /job/out/lost)"
  say "$(wc -l </job/out/acknowledged) acknowledged records are there"
}

modprobe nvme-tcp
connect "$nqn" "$port" "$address" --reconnect-delay=1 --ctrl-loss-tmo=600 --keep-alive-tmo=5
# Anything that is not a record: old records of an earlier run must not pass for new ones.
head -c $((16 * mib)) /dev/zero | tr '\0' '\n' | write_at 0
: >/job/out/acknowledged
count=0
say "first records"
append_for 64

say "records under load, until the target was killed and is back"
# Deep random I/O in another part of the device.
start_load $((32 * mib))
(append_until /tmp/enough) &
writer=$!
sleep 2
ask restart
eventually 60 is_live || fail "$ctrl is $(state) 60 s after the restart"
say "connected again"
before=$(wc -l </job/out/acknowledged)
enough() { [ "$(wc -l </job/out/acknowledged)" -ge $((before + 16)) ]; }
eventually 400 enough || fail "I/O does not go on: $(($(wc -l </job/out/acknowledged) - before)) records in 400 s"
touch /tmp/enough
wait $writer || fail "the writer of records failed"
stop_load
count=$(wc -l </job/out/acknowledged)
check_records
dmesg | grep -q 'Successfully reconnected' || fail "the connection never broke: the target was not killed"

disconnect "$nqn"
connect "$nqn" "$port" "$address"
check_records
disconnect "$nqn"
kernel_log_clean outages
say "passed"
