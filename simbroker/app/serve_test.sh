#!/usr/bin/env bash
# Tests the command line of simbroker: serve_test.sh PATH/TO/simbroker. Says which expectation failed, and exits 1.
set -euo pipefail
simbroker=$1
work=$(mktemp -d)
server=
cleanup() {
  [ -z "$server" ] || kill "$server" 2>/dev/null || true
  rm -rf "$work"
}
trap cleanup EXIT

failures=0
expect() { # expect WHAT EXPECTED GOT: GOT contains EXPECTED
  if [[ "$3" != *"$2"* ]]; then
    printf 'FAILED %s\n  expected  ...%s...\n  got       %s\n' "$1" "$2" "$3"
    failures=$((failures + 1))
  fi
}
equal() { # equal WHAT EXPECTED GOT
  [ "$2" = "$3" ] || { printf 'FAILED %s\n  expected  %s\n  got       %s\n' "$1" "$2" "$3"; failures=$((failures + 1)); }
}

# Starts a server in the background with its standard input open at descriptor 9, and reads its first line.
start() {
  rm -f "$work/in" "$work/out"
  mkfifo "$work/in" "$work/out"
  "$simbroker" serve "$@" <"$work/in" >"$work/out" 2>"$work/err" &
  server=$!
  exec 9>"$work/in" 8<"$work/out"
  read -r -t 20 ready <&8 || { echo "FAILED serve $*: no line came: $(cat "$work/err")"; exit 1; }
  port=${ready##*:}
}
# Waits until the log has a line with the text: the log is what the server did, so nothing is guessed about time.
logged() {
  timeout 20 grep -q -m 1 -- "$1" <(tail -n +1 -f --pid=$$ "$work/err") || true
  expect "the log of $2" "$1" "$(cat "$work/err")"
}
stop() { # stop SIGNAL: the exit status is in $status
  kill -s "$1" "$server"
  status=0
  wait "$server" || status=$?
  server=
  exec 9>&- 8<&-
}

# ---- operating

cat >"$work/config.json" <<'JSON'
{"message_size_max": 1000, "operations": [{"add_vhost": {"vhost": "orders"}}]}
JSON
start --port 0 --config "$work/config.json" --control "$work/control"
ctl() { "$simbroker" ctl --socket "$work/control" "$@"; }
equal "what the configuration has set up" $'/\norders' "$(ctl list_vhosts --no-table-headers)"
ctl set_policy -p orders --apply-to queues short '^tmp' '{"max-length":1}' --priority 7
equal "a policy" $'orders\tshort\t^tmp\tqueues\t{"max-length":1}\t7' \
  "$(ctl -q list_policies -p orders --no-table-headers)"
refused=0
ctl delete_user nobody 2>"$work/refused" || refused=$?
equal "the status of a refusal" 69 "$refused"
expect "what it says" 'User "nobody" does not exist' "$(cat "$work/refused")"
stop TERM
gone=0
ctl list_users 2>"$work/gone" || gone=$?
equal "the status when nobody listens" 69 "$gone"
expect "what it says" "$work/control: " "$(cat "$work/gone")"
bad=0
"$simbroker" serve --config "$work/none" 2>"$work/bad" || bad=$?
equal "the status without the file" 2 "$bad"
expect "what it says" "--config: $work/none cannot be read" "$(cat "$work/bad")"

# ---- operating over HTTP

printf 'secret\n' >"$work/token"
start --port 0 --control 127.0.0.1:0 --control-token-file "$work/token"
read -r -t 20 ready <&8
expect "the second line" "ready http://127.0.0.1:" "$ready"
url=${ready#ready }
over_http() { "$simbroker" ctl --control "$url" "$@"; }
equal "a command over HTTP" $'guest\t[]' "$(over_http --token secret list_users --no-table-headers)"
refused=0
over_http --token-file "$work/token" delete_user nobody 2>"$work/refused" || refused=$?
equal "the status of a refusal" 69 "$refused"
expect "what it says" 'User "nobody" does not exist' "$(cat "$work/refused")"
over_http list_users 2>"$work/refused" || refused=$?
equal "the status without the token" 69 "$refused"
expect "what it says" "expected the token" "$(cat "$work/refused")"
stop TERM
equal "the status after SIGTERM" 0 "$status"
open=0
"$simbroker" serve --port 0 --control 0.0.0.0:0 >"$work/open" 2>&1 </dev/null || open=$?
equal "the status of control for everybody" 1 "$open"
expect "what it says" "needs a token" "$(cat "$work/open")"

# ---- serving

start --port 0 --trace "$work/trace"
equal "the ready line" "ready amqp://127.0.0.1:$port" "$ready"
exec 7<>"/dev/tcp/127.0.0.1/$port"
printf 'AMQP\x00\x00\x09\x01' >&7
kind=$(dd bs=1 count=1 <&7 2>/dev/null | od -An -tx1)
equal "the first octet of connection.start, a method frame" " 01" "$kind"
second=0
"$simbroker" serve --host 127.0.0.1 --port "$port" >"$work/second" 2>&1 || second=$?
equal "the status of a second server on the port" 1 "$second"
expect "what it says" "cannot listen on 127.0.0.1:$port: the port is in use" "$(cat "$work/second")"
exec 7<&-
stop TERM
equal "the status after SIGTERM" 0 "$status"

start --port 0 --host localhost --verbose
expect "the ready line of a named host" "ready amqp://" "$ready"
stop INT
equal "the status after SIGINT" 0 "$status"

# ---- the log

greet_wrongly() {
  exec 7<>"/dev/tcp/127.0.0.1/$port"
  printf 'GET / HTTP/1.1' >&7
  equal "the answer to another protocol" AMQP "$(dd bs=1 count=4 <&7 2>/dev/null)"
  exec 7<&-
}
start --port 0
greet_wrongly
logged "connection 1  closed  " "a client of another protocol"
stop TERM
start --port 0 --quiet
greet_wrongly
stop TERM
equal "the log of a quiet server" "" "$(cat "$work/err")"

# ---- replaying

status=0
replayed=$("$simbroker" replay "$work/trace" --hash) || status=$?
equal "the status of a replay" 0 "$status"
expect "a replay" "identical: " "$replayed"
expect "a replay with --hash" "hash " "$replayed"
head -c -1 "$work/trace" >"$work/cut"
expect "a replay of a cut trace" "the trace ends at offset" "$("$simbroker" replay "$work/cut")"

# The last record but the end is the input Shutdown; another kind of input gives another run or no trace at all.
sed 's/connection.start//; s/product/PRODUCT/' "$work/trace" >"$work/changed"
status=0
changed=$("$simbroker" replay "$work/changed") || status=$?
equal "the status of a replay that differs" 1 "$status"
expect "a replay that differs" "different: input 1 at" "$changed"

status=0
broken=$("$simbroker" replay "$0" 2>&1) || status=$?
equal "the status of a replay of no trace" 2 "$status"
expect "a replay of no trace" "offset 0: expected \"SIMTRACE\"" "$broken"

# ---- cranking

start --port 0 --clock manual
printf 'advance 1800\n' >&9
logged "advanced 1800.000000000 s, now 1800.000000000 s" "advance"
printf 'advance-to-next\nadvance -1\nhurry\n' >&9
logged "nothing is due" "advance-to-next"
logged 'got "advance -1"' "a negative advance"
logged 'got "hurry"' "an unknown command"
stop TERM
equal "the status of a cranked server" 0 "$status"

# ---- faults from the beginning

printf -- '- {id: rude, when: {to: server, frame: protocol_header}, do: close}\n' >"$work/plan.yaml"
start --port 0 --faults "$work/plan.yaml" --trace "$work/faulty"
exec 7<>"/dev/tcp/127.0.0.1/$port"
printf 'AMQP\x00\x00\x09\x01' >&7
equal "what a client gets whose header a fault meets" "" "$(dd bs=1 count=1 <&7 2>/dev/null)"
exec 7<&-
logged 'fault fired  "rude"  close: a protocol header to the server  1' "a fault"
stop TERM
expect "a replay with faults" "identical: " "$("$simbroker" replay "$work/faulty")"
expect "faults on the time line" 'fault_fired rude: close: a protocol header to the server' "$("$simbroker" trace show "$work/faulty")"
expect "rules on the time line" "add_fault" "$("$simbroker" trace show "$work/faulty")"
expect "a capture of it" "packets" "$("$simbroker" trace pcapng "$work/faulty" "$work/faulty.pcapng")"

# ---- bad values

refused() { # refused EXPECTED ARGUMENT...
  local got status=0 expected=$1
  shift
  got=$(timeout 20 "$simbroker" "$@" 2>&1 </dev/null) || status=$?
  equal "the status of simbroker $*" 2 "$status"
  expect "simbroker $*" "$expected" "$got"
}
refused "expected wall, manual or x" serve --clock fast
refused "rabbitmq-4.3" serve --profile rabbitmq-9
refused "expected name:password" serve --user nobody
refused "expected HOST:PORT" serve --control 127.0.0.1:many
refused "cannot be read" serve --control 127.0.0.1:0 --control-token-file "$work/none"
refused "requires --control" serve --control-token secret
refused "requires --control" serve --control-token-file "$work/token"
refused "a Unix socket takes no token" serve --control "$work/socket" --control-token secret
refused "65535" serve --port 65536
printf '{\n"epoch": 1,\n"vhosts": [}\n}\n' >"$work/bad.json"
refused "bad.json: configuration: not JSON; the error is in line 3" serve --config "$work/bad.json"
printf -- '- {when: {to: client, nth: 0}, do: drop}\n' >"$work/bad.yaml"
refused "bad.yaml: /0/when/nth: expected a whole number" serve --faults "$work/bad.yaml"
printf -- '- {do: {late: 2s}}\n' >"$work/bad.yaml"
refused "bad.yaml: /0: expected {when" serve --faults "$work/bad.yaml"
taken=0
timeout 20 "$simbroker" serve --port 0 --control "$work/bad.yaml" 2>"$work/taken" || taken=$?
equal "the status where --control names a file" 1 "$taken"
expect "what it says" "it is there, and is no socket" "$(cat "$work/taken")"
equal "the file that is no socket" '- {do: {late: 2s}}' "$(cat "$work/bad.yaml")"
refused "cannot be read" serve --faults "$work/none"
refused "--seed" serve --seed -1
refused "--sneed" serve --sneed 1
refused "subcommand" --
refused "file" replay
expect "--version" "simbroker 0." "$("$simbroker" --version)"

[ $failures -eq 0 ] && echo "serve_test: all as expected" || { echo "serve_test: $failures failed"; exit 1; }
