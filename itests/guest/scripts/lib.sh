# shellcheck shell=bash
# For the scripts that run in the guest: they source it from /job, their folder shared with the host.
set -eEuo pipefail
trap 'printf "FAIL: %s line %s: %s\n" "${BASH_SOURCE[0]##*/}" "$LINENO" "$BASH_COMMAND"' ERR

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

# step NAME: tell the host that the script got here.
step() { : >"/job/at-$1"; }

# signalled NAME: whether the host has created go-NAME.
signalled() { [ -e "/job/go-$1" ]; }

# wait_for NAME [SECONDS]: until the host creates go-NAME.
wait_for() {
  local end=$((SECONDS + ${2:-120}))
  until signalled "$1"; do
    [ $SECONDS -lt $end ] || fail "the host did not signal $1 in ${2:-120} s"
    sleep 0.1
  done
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

# find_controller NQN, find_device NQN: set $ctrl (as nvme0) or $dev (as /dev/nvme0n1); 1 when there is none.
find_controller() {
  local c
  for c in /sys/class/nvme/nvme*; do
    if [ "$(cat "$c/subsysnqn" 2>/dev/null)" = "$1" ]; then
      ctrl=${c##*/}
      return 0
    fi
  done
  return 1
}
find_device() {
  local b
  for b in /sys/block/nvme*; do
    # Not the hidden single paths (nvme0c0n1); empty until the kernel has read the capacity.
    if [[ ${b##*/} =~ ^nvme[0-9]+n[0-9]+$ ]] && [ "$(cat "$b/device/subsysnqn" 2>/dev/null)" = "$1" ] &&
      [ "$(cat "$b/size")" != 0 ] && [ -b "/dev/${b##*/}" ]; then
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

disconnect() {
  nvme disconnect -n "$1" >/dev/null
  if find_controller "$1"; then fail "$ctrl is still there after the disconnect"; fi
}

# read_at OFFSET LENGTH, write_at OFFSET: bytes of $dev, past the page cache, to standard output or from standard input.
read_at() { dd if="$dev" bs=128k iflag=direct,skip_bytes,count_bytes skip="$1" count="$2" status=none; }
write_at() { dd of="$dev" bs=128k iflag=fullblock oflag=direct,seek_bytes seek="$1" conv=notrunc,fsync status=none; }

# The kernel's ordinary lines when controllers come and go; every other line about NVMe is a fault.
usual='new ctrl: NQN|creating [0-9]+ I/O queues|mapped [0-9/]+ default/read/poll queues|Removing ctrl: NQN'
usual+='|EXT4-fs \(nvme[0-9n]+\): (mounted|unmounting) filesystem|nvmet(_tcp)?: (adding|creating|Created|enabling)'

# kernel_log_clean [outages]: fail when the kernel reported trouble. With "outages" the connection may break and come
# back, and what is said between is no fault, except an I/O error.
kernel_log_clean() {
  local bad
  bad=$(dmesg | outages=${1:-} usual=$usual awk '
    /I\/O error|I\/O Cmd|giving up|identifiers changed|BUG:|WARNING:|Oops/ { print; next }
    /starting error recovery/ { out = ENVIRON["outages"] != "" }
    /blocked for more/ && !out
    /nvme/ && !out && $0 !~ ENVIRON["usual"]
    /Successfully reconnected/ { out = 0 }')
  [ -z "$bad" ] || fail "the kernel complained:"$'\n'"$bad"
}
