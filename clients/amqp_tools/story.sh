#!/usr/bin/env bash
# The story with Debian's amqp-tools: one program a deed, each with a connection of its own. They have no exchanges to
# declare, no confirms, no mandatory and no properties to read, so the story is shorter.
set -euo pipefail
url=$1
work=$2.work
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

step() { echo "step: $*"; }

expect() {
  [ "$1" = "$2" ] || { echo "expected \"$2\", got \"$1\""; exit 1; }
}

expect "$(amqp-declare-queue -u "$url" -d -q "$work")" "$work"
step declared

for number in $(seq 5); do amqp-publish -u "$url" -r "$work" -p -C text/plain -b "$number"; done
seq 6 10 | amqp-publish -u "$url" -r "$work" -p -l
step "published 10"

# Each message is the standard input of one `sed`, which adds the end of the line where there is none.
amqp-consume -u "$url" -q "$work" -p 3 -c 10 sed '$a\' | grep . >"$folder/consumed"
expect "$(paste -sd ' ' "$folder/consumed")" "1 2 3 4 5 6 7 8 9 10"
step "consumed 10 in order"

status=0
amqp-get -u "$url" -q "$work" >"$folder/empty" || status=$?
expect "$status" 2
amqp-publish -u "$url" -r "$work" -b "got"
expect "$(amqp-get -u "$url" -q "$work")" "got"
step "got 1, then nothing"

# A consumer that has had a message is connected; it ends when the broker does.
mkfifo "$folder/consumer"
amqp-consume -u "$url" -q "$work" tee "$folder/consumer" >"$folder/lost" 2>&1 &
consumer=$!
amqp-publish -u "$url" -r "$work" -b "are you there"
expect "$(cat "$folder/consumer")" "are you there"
echo restart
wait "$consumer" || true
cat "$folder/lost"
# The tools know no recovery: what calls them tries again.
for _ in $(seq 100); do
  amqp-declare-queue -u "$url" -d -q "$work" >"$folder/declared" 2>&1 && break
  sleep 0.05
done
amqp-publish -u "$url" -r "$work" -b after
expect "$(amqp-get -u "$url" -q "$work")" "after"
step "recovered"

expect "$(amqp-delete-queue -u "$url" -q "$work")" 0
step "closed"
