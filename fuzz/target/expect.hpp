// What a fuzz target says when something it was sure of is not so: a sentence, and an end that a fuzzer notices.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace fuzz {

inline void expect(bool so, const char* sentence) {
    if (so) return;
    std::fprintf(stderr, "fuzz: expected that %s\n", sentence);
    std::abort();
}

}  // namespace fuzz
