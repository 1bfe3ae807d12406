#!/usr/bin/env bash
# simbroker explore and simbroker shrink from outside: what they print, and how they end.
#   explore_test.sh SIMBROKER
set -euo pipefail

simbroker=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
  echo "explore_test: $1" >&2
  cat "$work/out" "$work/err" >&2
  exit 1
}

# expect STATUS ARGUMENT...
expect() {
  local wanted=$1 status=0
  shift
  "$simbroker" "$@" >"$work/out" 2>"$work/err" || status=$?
  [ "$status" -eq "$wanted" ] || fail "simbroker $*: status $status, expected $wanted"
}

cat >"$work/small.yaml" <<'END'
seconds: 10
clients: 5
END

expect 0 explore --seeds 1..6 --workload "$work/small.yaml" --check-determinism --print-hashes --jobs 2
[ "$(grep -cE '^[1-6] [0-9a-f]{16}$' "$work/out")" -eq 6 ] || fail "expected six hashes"
grep -q '^6 seeds, 0 failed; ' "$work/err" || fail "expected a summary"
grep -q $'\r' "$work/err" && fail "progress is for terminals"
cp "$work/out" "$work/hashes"
expect 0 explore --seeds 1..6 --workload "$work/small.yaml" --print-hashes --jobs 1
diff "$work/hashes" "$work/out" || fail "the number of threads makes a difference"

expect 0 shrink 1 --workload "$work/small.yaml" --out "$work"
grep -q 'seed 1 breaks no invariant' "$work/out" || fail "expected nothing to shrink"

expect 2 explore --seeds 9..1
grep -q 'expected A..B' "$work/err" || fail "expected what a range looks like"
expect 2 explore --profile qpid
expect 2 explore --workload "$work/none"
expect 2 explore --clients 0
echo 'clients: {}' >"$work/bad.yaml"
expect 2 explore --workload "$work/bad.yaml"
grep -q 'bad.yaml: clients: expected a whole number' "$work/err" || fail "expected the path of the mistake"
echo '{"queues": [{"name": "q", "use": "play"}]}' >"$work/bad.json"
expect 2 explore --plan "$work/bad.json"
grep -q 'queues\[0\].use' "$work/err" || fail "expected the path of the mistake"
echo '{"seed": 1, "profile": "rabbitmq-4.0", "length": 1000, "calm": 2000}' >"$work/plan.json"
expect 0 explore --plan "$work/plan.json"
grep -q '"finding":null' "$work/out" || fail "expected an outcome"
echo "explore_test: passed"
