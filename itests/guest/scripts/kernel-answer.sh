#!/bin/bash
# In the guest that is also the reference target (kernel-target.sh): does what a script asks.
#   kernel-answer.sh WORD...       $nqn: the subsystem; $fault: "lost-WORD" when WORD is to be answered with nothing
set -euo pipefail
root=/sys/kernel/config/nvmet nqn=${nqn:?} fault=${fault:?}
subsystem=$root/subsystems/$nqn
[ "$fault" != "lost-$1" ] || exit 0

# namespace NSID: its folder.
namespace() { echo "$subsystem/namespaces/$1"; }

case $1 in
  ana) # PORT STATE
    tr _ - <<<"$3" >"$root/ports/$2/ana_groups/1/ana_state" ;;
  unlisten) # PORT
    rm "$root/ports/$2/subsystems/$nqn" ;;
  listen) # PORT
    ln -s "$subsystem" "$root/ports/$2/subsystems/" ;;
  add) # NSID MIB
    truncate -s "$3M" "/tmp/namespace-$2"
    mkdir "$(namespace "$2")"
    echo 1 >"$(namespace "$2")/buffered_io" # the file is in memory
    echo "/tmp/namespace-$2" >"$(namespace "$2")/device_path"
    echo 1 >"$(namespace "$2")/enable" ;;
  resize) # NSID MIB
    truncate -s "$3M" "/tmp/namespace-$2"
    echo 1 >"$(namespace "$2")/revalidate_size" ;;
  remove) # NSID
    echo 0 >"$(namespace "$2")/enable"
    rmdir "$(namespace "$2")"
    rm "/tmp/namespace-$2" ;;
  stall | release | replace) ;; # there is only one host here, and nothing to replace
  *)
    echo "FAIL: the reference target cannot $1" >&2
    exit 1 ;;
esac
