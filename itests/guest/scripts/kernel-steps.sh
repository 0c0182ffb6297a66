#!/bin/bash
# In the guest that is also the reference target (kernel-target.sh): changes the target step by step, for an initiator on the host.
#   kernel-steps.sh STEP...      a step is words for kernel-answer.sh with + between them, as ana+4420+inaccessible
# Asks the host for "serving", and after each step for "did WORD...", which the host answers when it has seen what it does.
# shellcheck source=lib.sh
. /job/lib.sh
target=$ANSWER
unset ANSWER
ask serving
for step; do
  IFS=+ read -ra words <<<"$step"
  bash "$target" "${words[@]}" || fail "the target cannot ${words[*]}"
  ask did "${words[@]}"
done
