#!/bin/bash -eu
# Builds every libFuzzer target for OSS-Fuzz and ClusterFuzzLite, which set CC, CXX, CXXFLAGS (the sanitizer and the coverage
# among them), LIB_FUZZING_ENGINE, SRC and OUT. $OUT gets for each target: the program, its seeds and its dictionary;
# and once the libraries that the image it runs in does not have.
source=$SRC/simbroker
build=${WORK:-$SRC}/build-fuzz

# The distribution's libraries are made with libstdc++.
flags=${CXXFLAGS//-stdlib=libc++/}

cmake -G Ninja -S "$source" -B "$build" \
  -DCMAKE_BUILD_TYPE=RelWithDebInfo -DCMAKE_C_COMPILER="$CC" -DCMAKE_CXX_COMPILER="$CXX" -DCMAKE_CXX_FLAGS="$flags" \
  -DCMAKE_BUILD_RPATH="\$ORIGIN/lib" \
  -DSIMBROKER_FUZZ=ON -DSIMBROKER_FUZZ_FLAGS= -DSIMBROKER_FUZZ_ENGINE="$LIB_FUZZING_ENGINE" \
  -DSIMBROKER_TESTS=OFF -DSIMBROKER_PYTHON=OFF -DSIMBROKER_APPS=OFF
cmake --build "$build" --target fuzz_all

seeds=$(mktemp -d)
trap 'rm -rf "$seeds"' EXIT
mkdir -p "$OUT/lib"
for corpus in "$source"/fuzz/corpus/*.txt; do
  target=$(basename "$corpus" .txt)
  [ "$target" != canary ] || continue # it is there to crash
  cp "$build/bin/fuzz_$target" "$OUT/"
  ldd "$OUT/fuzz_$target" | awk '/lib(fmt|yaml-cpp|ssl|crypto|stdc\+\+)/ { print $3 }' | xargs -r cp -n -t "$OUT/lib"
  "$build/bin/fuzz_dictionary" >"$OUT/fuzz_$target.dict"
  mkdir "$seeds/$target"
  "$build/bin/corpus_$target" --expand "$seeds/$target" "$corpus"
  (cd "$seeds/$target" && zip -q "$OUT/fuzz_${target}_seed_corpus.zip" ./*)
done
