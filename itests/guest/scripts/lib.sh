# shellcheck shell=bash
# For the scripts that run in the guest: they source it from /job, their folder shared with the host.
set -eEuo pipefail
trap 'printf "FAIL: %s line %s: %s\n" "${BASH_SOURCE[0]##*/}" "$LINENO" "$BASH_COMMAND"' ERR

# Seconds in which the kernel must notice what the host did.
# shellcheck disable=SC2034 # for the scripts
patience=${PATIENCE:-120}

# Where they leave what their programs say.
out=/job/out

fail() {
  printf 'FAIL: %s\n' "$*" >&2
  trap - ERR
  exit 1
}

# say TEXT: a progress line with the guest's clock.
say() {
  local up
  read -r up _ </proc/uptime
  printf '%7ss  %s\n' "$up" "$*"
}

# ask WORD...: have the host do something to the target; returns when it is done. With $ANSWER, a script, that does it.
ask() {
  say "ask: $*"
  if [ -n "${ANSWER:-}" ]; then
    bash "$ANSWER" "$@" || fail "the reference target: $*"
    return 0
  fi
  rm -f /job/answer
  echo "$*" >/job/ask.new
  mv /job/ask.new /job/ask
  eventually 600 test -e /job/answer || fail "the host did not answer: $*"
  expect "the host's answer to $*" "$(cat /job/answer)" = ok
}

# expect WHAT CONDITION...: fail with WHAT unless the test, as for [ ], holds.
expect() {
  # shellcheck disable=SC2244 # the condition is in the arguments
  if ! [ "${@:2}" ]; then fail "$1 (${*:2})"; fi
}

# eventually SECONDS COMMAND...: repeat it until it succeeds.
eventually() {
  local end=$((SECONDS + $1))
  until "${@:2}"; do
    [ $SECONDS -lt $end ] || return 1
    sleep 0.1
  done
}

# find_controller NQN [PORT]: set $ctrl (as nvme0); 1 when there is none.
find_controller() {
  local c
  for c in /sys/class/nvme/nvme*; do
    if [ "$(cat "$c/subsysnqn" 2>/dev/null)" = "$1" ] && { [ -z "${2:-}" ] || grep -q "trsvcid=$2\b" "$c/address"; }; then
      ctrl=${c##*/}
      return 0
    fi
  done
  return 1
}
# find_device NQN [NSID]: set $dev (as /dev/nvme0n1); 1 when there is none.
find_device() {
  local b
  for b in /sys/block/nvme*; do
    # Not the hidden single paths (nvme0c0n1); empty until the kernel has read the capacity.
    if [[ ${b##*/} =~ ^nvme[0-9]+n[0-9]+$ ]] && [ "$(cat "$b/device/subsysnqn" 2>/dev/null)" = "$1" ] &&
      [ "$(cat "$b/nsid")" = "${2:-1}" ] && [ "$(cat "$b/size")" != 0 ] && [ -b "/dev/${b##*/}" ]; then
      dev=/dev/${b##*/}
      return 0
    fi
  done
  return 1
}
# find_virtio SERIAL: sets $dev (as /dev/vdb); 1 when there is none.
find_virtio() {
  local b
  for b in /sys/block/vd*; do
    if [ "$(cat "$b/serial" 2>/dev/null)" = "$1" ]; then
      dev=/dev/${b##*/}
      return 0
    fi
  done
  return 1
}

state() { cat "/sys/class/nvme/$ctrl/state"; }
is_live() { [ "$(state)" = live ]; }

# connect NQN PORT ADDRESS [connect-option]...: sets $ctrl, $dev and $lba, the size of a logical block.
connect() {
  nvme connect -t tcp -n "$1" -s "$2" -a "$3" "${@:4}" || fail "cannot connect to $1"
  find_controller "$1" || fail "no controller after the connect"
  eventually 20 find_device "$1" || fail "$ctrl is connected, but no namespace showed up"
  # shellcheck disable=SC2034 # for the scripts
  lba=$(cat "/sys/block/${dev##*/}/queue/logical_block_size")
}

# connect_again NQN PORT ADDRESS HOST-ID [,OPTION...]: a further connection to the same port, by the kernel's interface,
# since nvme-cli 2.3 refuses it as "already connected", whatever the host's name and with --duplicate-connect.
connect_again() {
  echo "transport=tcp,nqn=$1,trsvcid=$2,traddr=$3,hostnqn=nqn.2014-08.org.nvmexpress:uuid:$4,hostid=$4,duplicate_connect${5:-}" \
    >/dev/nvme-fabrics || fail "a further connection to $1 is refused"
}

disconnect() {
  nvme disconnect -n "$1" >/dev/null
  if find_controller "$1"; then fail "$ctrl is still there after the disconnect"; fi
}

# read_at OFFSET LENGTH, write_at OFFSET: bytes of $dev, past the page cache, to standard output or from standard input.
read_at() { dd if="$dev" bs=128k iflag=direct,skip_bytes,count_bytes skip="$1" count="$2" status=none; }
write_at() { dd of="$dev" bs=128k iflag=fullblock oflag=direct,seek_bytes seek="$1" conv=notrunc,fsync status=none; }

# verify NAME FIO-OPTION...: random I/O that fio reads back and compares.
verify() {
  fio --name="$1" --verify=crc32c --verify_fatal=1 --verify_state_save=0 --ioengine=libaio --direct=1 --eta=never \
    --output="$out/fio-$1.txt" "${@:2}" || fail "fio $1: $(grep -hE 'verify|error' "$out/fio-$1.txt" | head -n 5)"
}

# filesystem TYPE [NAME]: the files of ext4 or xfs on $dev keep their data, and the check of it finds nothing.
filesystem() {
  local check=(fsck.ext4 -fn)
  case $1 in
    ext4) mkfs.ext4 -q -F -e remount-ro "$dev" ;; # what is broken is not used any further
    xfs) mkfs.xfs -q -f "$dev" && check=(xfs_repair -n) ;;
  esac
  mount -t "$1" "$dev" /mnt
  verify "files-${2:-$1}" --directory=/mnt --size=8M --rw=randwrite --bs=4k --iodepth=8 --fsync=64
  fstrim /mnt
  sync -f /mnt
  umount /mnt
  "${check[@]}" "$dev" >"$out/fsck.txt" 2>&1 || fail "fsck: $(tail -n 5 "$out/fsck.txt")"
}

# start_load OFFSET [SIZE]: verified random I/O on 1 MiB of $dev, or as much as that, in the background, pass after pass, until stop_load.
start_load() {
  rm -f /tmp/stop
  echo 0 >/tmp/passes
  {
    passes=0
    until [ -e /tmp/stop ]; do
      verify load --filename="$dev" --offset="$1" --size="${2:-1M}" --rw=randwrite --bs=4k --iodepth=16 --fsync=32
      passes=$((passes + 1))
      echo $passes >/tmp/passes.new # whoever reads sees a number
      mv /tmp/passes.new /tmp/passes
    done
  } &
  loader=$!
}
# loading: fails when the load has ended.
loading() { kill -0 "$loader" 2>/dev/null || fail "the verified load has ended"; }
reached_load() { loading && [ "$(cat /tmp/passes)" -ge "$1" ]; }
# passes_load N: until N more passes of the load have ended.
passes_load() {
  local end
  end=$(($(cat /tmp/passes) + $1))
  eventually 300 reached_load "$end" || fail "the load does not go on"
}
stop_load() {
  touch /tmp/stop
  wait "$loader" || fail "the verified load failed"
  say "$(cat /tmp/passes) passes of the verified load"
}

# replace DEVICES WHAT: asks the host to, while the load goes on and single I/Os on these devices, from 16 MiB on, are measured: prints the
# longest.
replace() {
  local fio result
  fio --name=longest --filename="$1" --offset=16M --size=48M --rw=randrw --bs=4k --iodepth=1 --ioengine=psync --direct=1 \
    --time_based --runtime=900 --eta=never --output-format=json --output="$out/longest.json" &
  fio=$!
  passes_load 1
  ask replace "$2"
  passes_load 1
  kill -INT $fio
  # The status of an interrupted fio; whether its I/O failed is in what it writes, behind a line about the signal.
  wait $fio || expect "the status of fio" $? -eq 128
  result=$(sed -n '/^{/,$p' "$out/longest.json")
  expect "the error of I/O while $2 was replaced" "$(jq '.jobs[0].error' <<<"$result")" -eq 0
  say "longest I/O while $2 was replaced: $(jq '[.jobs[0][("read", "write")].clat_ns.max] | max / 1e6 | floor' <<<"$result") ms"
}

# The kernel's ordinary lines when controllers come and go, and those of the reference target; every other line about
# NVMe is a fault.
usual='new ctrl: NQN|creating [0-9]+ I/O queues|mapped [0-9/]+ default/read/poll queues|Removing ctrl: NQN'
usual+='|EXT4-fs \(nvme[0-9n]+\): (mounted|unmounting) filesystem|XFS \(nvme[0-9n]+\): (Mounting|Ending clean mount|Unmounting)|nvmet(_tcp)?: (adding|creating|Created|enabling|failed cmd)'

# kernel_log_clean [outages] [PATTERN]: fail when the kernel reported trouble. With "outages" connections may break
# and come back, and what is said of one between is no fault, except an I/O error. Lines that match PATTERN are no fault.
kernel_log_clean() {
  local bad
  bad=$(dmesg | outages=${1:-} usual=$usual allowed=${2:-^$} awk '
    $0 ~ ENVIRON["allowed"] { next }
    /I\/O error|I\/O Cmd|giving up|identifiers changed|BUG:|WARNING:|Oops/ { print; next }
    { who = match($0, /nvme[0-9]+:/) ? substr($0, RSTART, RLENGTH) : "" }
    /Removing ctrl/ { removed[who] }
    /new ctrl/ { delete removed[who] }
    # The keep-alive that was under way when the connection broke, or due when the controller was removed.
    /long keepalive RTT|nvme_keep_alive_end_io/ && (ENVIRON["outages"] != "" || who in removed) { next }
    /starting error recovery/ && ENVIRON["outages"] != "" && !(who in out) { out[who]; outages++ }
    /blocked for more/ && !outages
    /nvme/ && !(who == "" ? outages : who in out) && $0 !~ ENVIRON["usual"]
    /Successfully reconnected/ && who in out { delete out[who]; outages-- }')
  [ -z "$bad" ] || fail "the kernel complained:"$'\n'"$bad"
}
