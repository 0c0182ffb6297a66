# shellcheck shell=bash
# For the scripts that use the kernel's iSCSI initiator: they source it from /job behind lib.sh.

set_node() { iscsiadm -m node -T "$iqn" -p "$portal" -o update -n "$1" -v "$2"; }

# discover IQN PORT ADDRESS: starts the initiator, and has it know the target by discovery; sets $iqn and $portal.
discover() {
  iqn=$1 portal=$3:$2
  modprobe -a iscsi_tcp sd_mod sg
  echo "InitiatorName=iqn.2026-11.dev.karst:guest" >/etc/iscsi/initiatorname.iscsi
  iscsid
  say "discover $portal"
  iscsiadm -m discovery -t sendtargets -p "$portal" >/job/out/discovery || fail "cannot discover"
  grep -q " $iqn\$" /job/out/discovery || fail "discovery does not show $iqn: $(cat /job/out/discovery)"
  # The portal that discovery names is the host's loopback; the guest reaches it by another address.
  iscsiadm -m node -o delete >/dev/null 2>&1 || true
  iscsiadm -m node -o new -T "$iqn" -p "$portal" >/dev/null
  set_node node.session.timeo.replacement_timeout 300
  set_node 'node.conn[0].timeo.noop_out_interval' 2
  set_node 'node.conn[0].timeo.noop_out_timeout' 5
}

# find_disk LUN: sets $dev (as /dev/sda) to a LUN of the session; 1 when there is none.
find_disk() {
  local b
  for b in /sys/class/iscsi_session/session*/device/target*/*:0:0:"$1"/block/*; do
    if [ -b "/dev/${b##*/}" ] && [ "$(cat "$b/size")" != 0 ]; then
      dev=/dev/${b##*/}
      return 0
    fi
  done
  return 1
}

login() {
  iscsiadm -m node -T "$iqn" -p "$portal" --login >/dev/null || fail "cannot log in"
  eventually 20 find_disk 0 || fail "logged in, but no disk showed up"
}

logout() {
  iscsiadm -m node -T "$iqn" -p "$portal" --logout >/dev/null || fail "cannot log out"
  if find_disk 0; then fail "$dev is still there after the logout"; fi
}

session_is() { iscsiadm -m session -P 1 | grep -q "iSCSI Session State: $1"; }

# no_io_failed: fails when the kernel said that I/O did, or worse.
no_io_failed() {
  if dmesg | grep -E 'I/O error|Buffer I/O|BUG:|WARNING:|Oops|rejecting I/O'; then fail "the kernel complained"; fi
}
