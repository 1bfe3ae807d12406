#!/bin/bash -eu
exec "$SRC/simbroker/fuzz/oss-fuzz/build.sh"
