# shellcheck shell=bash disable=SC2154 # the scripts set $dev
# For the scripts with SCSI disks: they source it from /job behind lib.sh.

# scsi_commands: what sg3-utils asks and does on $dev, whose second MiB is lost.
scsi_commands() {
  local page mib=1048576
  sg_turs "$dev" || fail "TEST UNIT READY"
  sg_inq "$dev" >/job/out/inquiry || fail "INQUIRY"
  for page in 0 0x80 0x83 0x85 0x86 0x87 0x88 0xb0 0xb1 0xb2; do
    sg_vpd -p $page "$dev" >"/job/out/vpd-$page" || fail "VPD page $page"
  done
  sg_luns "$dev" >/job/out/luns || fail "REPORT LUNS"
  sg_readcap --16 "$dev" >/job/out/capacity || fail "READ CAPACITY (16)"
  sg_opcodes "$dev" >/job/out/opcodes || fail "REPORT SUPPORTED OPERATION CODES"
  sg_rtpg "$dev" >/job/out/port-groups || fail "REPORT TARGET PORT GROUPS"
  sg_modes -a "$dev" >/job/out/modes || fail "MODE SENSE"
  sg_get_lba_status --lba=0 "$dev" >/job/out/lba-status || fail "GET LBA STATUS"
  sg_sync "$dev" || fail "SYNCHRONIZE CACHE"

  head -c $mib /dev/urandom | tee /tmp/pattern | write_at $mib
  sg_verify --16 --lba=2048 --count=128 "$dev" || fail "VERIFY (16)"
  sg_unmap --force --lba=2048 --num=8 "$dev" || fail "UNMAP"
  read_at $mib 4096 | cmp -s -n 4096 - /dev/zero || fail "unmapped blocks do not read as zeros"
  read_at $((mib + 4096)) $((mib - 4096)) | cmp -s - <(tail -c +4097 /tmp/pattern) || fail "UNMAP changed its neighbours"
  sg_write_same --16 --lba=2064 --num=8 --in=/dev/zero --xferlen=512 "$dev" || fail "WRITE SAME (16)"
  read_at $((mib + 8192)) 4096 | cmp -s -n 4096 - /dev/zero || fail "WRITE SAME did not write zeros"
  { head -c 512 /dev/zero; head -c 512 /tmp/pattern; } >/tmp/both
  sg_compare_and_write --in=/tmp/both --lba=2048 --num=1 --xferlen=1024 "$dev" || fail "COMPARE AND WRITE"
  read_at $mib 512 | cmp -s - <(head -c 512 /tmp/pattern) || fail "COMPARE AND WRITE did not write"
  if sg_compare_and_write --in=/tmp/both --lba=2048 --num=1 --xferlen=1024 "$dev" 2>/dev/null; then
    fail "COMPARE AND WRITE wrote over what is not the same"
  fi

  sg_persist --out --register --param-sark=0x1234 "$dev" >/dev/null || fail "PERSISTENT RESERVE OUT, register"
  sg_persist --out --reserve --param-rk=0x1234 --prout-type=5 "$dev" >/dev/null || fail "PERSISTENT RESERVE OUT, reserve"
  sg_persist --in --read-reservation "$dev" | grep -q 'Key=0x1234' || fail "no reservation to be read"
  sg_persist --out --release --param-rk=0x1234 --prout-type=5 "$dev" >/dev/null || fail "PERSISTENT RESERVE OUT, release"
  sg_persist --out --register --param-rk=0x1234 --param-sark=0 "$dev" >/dev/null || fail "PERSISTENT RESERVE OUT, unregister"
}
