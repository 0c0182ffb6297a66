#!/bin/bash
# In the guest: every identify structure, log page and feature that nvme-cli can ask for, of an I/O and of a discovery
# controller. What a controller must have is there and sane; what it may lack is there or refused with the right status.
#   nvme-pages.sh NQN PORT [ADDRESS]
# Leaves out/pages, one line for each question, and changes nothing on the target.
# shellcheck source=lib.sh
. /job/lib.sh
nqn=$1 port=$2 address=${3:-10.0.2.2}

# NVMe status that says that something does not exist, as nvme-cli prints it: invalid opcode, field, log page.
refusals='0x[46]?0(01|02)\)|0x[46]109\)'
# Linux's own target refuses a feature with data that it does not know for the length of that: Data SGL Length Invalid.
if [ -n "${ANSWER:-}" ]; then refusals+='|0x[46]00f\)'; fi

# question COMMAND...: asks it, with nvme-cli's output in $said.
question() {
  status=0
  said=$(nvme "$@" 2>&1 | tr -d '\0'; exit "${PIPESTATUS[0]}") || status=$?
  printf '%s [%s] %s\n' "$*" "$status" "$(head -c 200 <<<"$said" | tr '\n' '|')" >>/job/out/pages
}
# must COMMAND...: the controller must answer.
must() {
  question "$@"
  [ $status = 0 ] || fail "nvme $*: $said"
}
# may COMMAND...: it answers, or refuses what it does not have.
may() {
  question "$@"
  [ $status = 0 ] || grep -qE "$refusals" <<<"$said" || fail "nvme $*: exit status $status, and no refusal: $said"
}
# owes COMMAND...: a controller of NVMe 2.0 must answer; Linux's own target is not one.
owes() {
  if [ -n "${ANSWER:-}" ]; then may "$@"; else must "$@"; fi
}
# refused COMMAND...: not for this kind of controller.
refused() {
  question "$@"
  [ $status != 0 ] || fail "nvme $* is answered"
  grep -qE "$refusals" <<<"$said" || fail "nvme $*: exit status $status, and no refusal: $said"
}
# shows PATTERN: what was said last has such a line.
shows() { grep -qE "$1" <<<"$said" || fail "no line $1 in: $said"; }

# pages DEVICE: which log pages it says it has, as numbers.
pages() {
  question supported-log-pages "$1"
  [ $status = 0 ] || fail "supported-log-pages: $said"
  supported=" $(sed -n 's/^LID 0x\([0-9a-f]*\) .*/\1/p' <<<"$said" | while read -r n; do echo -n "$((16#$n)) "; done)"
}
# honest DEVICE: a page that is named in page 00h can be read, and no other of those that NVMe 2.0 defines.
honest() {
  local n
  pages "$1"
  for n in {0..32} {112..130}; do
    # Pages that need an identifier of something, or begin a capture: 07h, 08h, 09h, 0Ah, 0Ch (its own), 0Dh, 15h.
    case $n in 7 | 8 | 9 | 10 | 13 | 21) continue ;; esac
    if [[ $supported == *" $n "* ]]; then
      must get-log "$1" --log-id="$n" --log-len=512 --raw-binary
    else
      refused get-log "$1" --log-id="$n" --log-len=512 --raw-binary
    fi
  done
}

identify() {
  must id-ctrl "$c"
  must id-ctrl "$c" -o json
  oncs=$(jq .oncs <<<"$said") cmic=$(jq .cmic <<<"$said")
  must id-ns "$dev"
  must list-ns "$c"
  shows ':0x1$'
  must ns-descs "$dev"
  shows '^uuid +: [0-9a-f-]{36}$'
  if [ -z "${ANSWER:-}" ]; then shows '^csi +: 0$'; fi
  owes id-iocs "$c"
  owes nvm-id-ctrl "$c"
  owes nvm-id-ns "$dev"
  owes cmdset-ind-id-ns "$c" -n 1
  may list-ns "$c" --all
  may list-ctrl "$c"
  may list-ctrl "$c" -n 1
  may id-ns-granularity "$c"
  may id-ns-lba-format "$c" -i 0
  may nvm-id-ns-lba-format "$c" -i 0
  may primary-ctrl-caps "$c"
  may list-secondary "$c"
  may id-nvmset "$c"
  may id-uuid "$c"
  may id-domain "$c"
  may list-endgrp "$c"
  must get-ns-id "$dev"
  must list
  must list-subsys
  shows "$nqn"
}

logs() {
  local page
  must smart-log "$c"
  shows '^critical_warning.*: 0'
  must error-log "$c"
  must fw-log "$c"
  if [ -z "${ANSWER:-}" ]; then shows '^frs1'; fi
  must effects-log "$c"
  owes changed-ns-list-log "$c"
  if (((cmic & 8) != 0)); then must ana-log "$c"; else refused ana-log "$c"; fi
  if (((oncs & 32) != 0)); then must resv-notif-log "$c"; else refused resv-notif-log "$c"; fi
  for page in self-test-log sanitize-log media-unit-stat-log supported-cap-config-log fid-support-effects-log \
    mi-cmd-support-effects-log lba-status-log endurance-log 'predictable-lat-log -i 1' 'pred-lat-event-agg-log -e 8' \
    'endurance-event-agg-log -e 8' 'persistent-event-log -a 0' 'boot-part-log --output-file=/tmp/boot' \
    'telemetry-log --output-file=/tmp/telemetry'; do
    # shellcheck disable=SC2086 # words
    set -- $page
    may "$1" "$c" "${@:2}"
  done
  if [ -z "${ANSWER:-}" ]; then honest "$c"; fi # Linux's own target has no page 00h
}

features() {
  local f
  for f in 0x01 0x02 0x04 0x07 0x0a 0x0b 0x0f; do
    owes get-feature "$c" -f $f
  done
  owes get-feature "$c" -f 5 -n 1
  for ((f = 0x10; f <= 0x20; f++)); do may get-feature "$c" -f $f -n 1; done
  for f in 3 6 8 9 0xc 0xd 0xe 0x78 0x7d 0x7e 0x7f 0x80 0x83 0x84 0x85; do may get-feature "$c" -f $f -n 1; done
  if (((oncs & 32) != 0)); then must get-feature "$c" -f 0x82 -n 1; fi
  # What the controller remembers of a feature that can be changed.
  if [ -z "${ANSWER:-}" ]; then
    must set-feature "$c" -f 4 -v 0x150
    must get-feature "$c" -f 4
    shows '0x0*150$'
    must set-feature "$c" -f 4 -v 0xffff
  fi
  for f in 0 1 2 3; do may get-feature "$c" -f 4 -s $f; done
  # A volatile cache is said in two places.
  if [ "$(nvme id-ctrl "$c" -o json | jq '.vwc % 2')" = 1 ]; then must get-feature "$c" -f 6; else refused get-feature "$c" -f 6; fi
}

# Commands that an I/O controller may lack; none of these changes what is stored.
commands() {
  if (((oncs & 128) != 0)); then must verify "$dev" -s 0 -c 0; else refused verify "$dev" -s 0 -c 0; fi
  if (((oncs & 2) == 0)); then refused write-uncor "$dev" -s 0 -c 0; fi
  if (((oncs & 32) != 0)); then must resv-report "$dev" -e; else refused resv-report "$dev"; fi
  may get-lba-status "$dev" -s 0 -m 4096 -a 0x11
  may device-self-test "$c" -s 1
  may security-recv "$c" -x 256
  may dir-receive "$dev" -D 0 -O 1
  must get-property "$c" --offset=0
  must get-property "$c" --offset=8
  must get-property "$c" --offset=0x14
  must get-property "$c" --offset=0x1c
}

modprobe nvme-tcp
connect "$nqn" "$port" "$address"
c=/dev/$ctrl
say "I/O controller: identify"
identify
say "I/O controller: log pages"
logs
say "I/O controller: features and commands"
features
commands
disconnect "$nqn"

say "discovery controller"
discovery=nqn.2014-08.org.nvmexpress.discovery
nvme connect -t tcp -n $discovery -s "$port" -a "$address" || fail "cannot connect to discovery"
eventually 20 find_controller $discovery || fail "no discovery controller"
c=/dev/$ctrl
must id-ctrl "$c" -o json
expect "id-ctrl: cntrltype" "$(jq .cntrltype <<<"$said")" -eq 2
must get-log "$c" --log-id=0x70 --log-len=1024
for page in error-log smart-log fw-log effects-log changed-ns-list-log ana-log fid-support-effects-log; do may $page "$c"; done
for n in list-ns list-ctrl id-iocs 'id-ns -n 1'; do
  # shellcheck disable=SC2086 # words
  set -- $n
  may "$1" "$c" "${@:2}"
done
for n in 0xb 0xf; do must get-feature "$c" -f $n; done
for n in 1 2 4 7 0x81; do may get-feature "$c" -f $n; done
if [ -z "${ANSWER:-}" ]; then honest "$c"; fi
disconnect $discovery
kernel_log_clean ""
say "passed: $(wc -l </job/out/pages) questions, $(grep -c '\[0\]' /job/out/pages) of them answered"
