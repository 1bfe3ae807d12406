// What came of a scenario.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "conformance/catalogue/scenario.hpp"
#include "conformance/step/timeline.hpp"

namespace conformance::runner {

enum class Verdict : std::uint8_t {
    pass,
    fail,
    warning,           // a SHOULD or MAY that does not hold: told, and not held against the peer
    unsupported,       // cannot be asked here; says why
    inconclusive,      // the runner's own trouble
    expected_failure,  // a failure that a deviation file foretells
    unexpected_pass,   // a deviation file foretells a failure that did not come
};

std::string_view to_string(Verdict);

// Whether the run may still be called a success.
constexpr bool as_expected(Verdict verdict) {
    return verdict == Verdict::pass || verdict == Verdict::warning || verdict == Verdict::unsupported ||
           verdict == Verdict::expected_failure;
}

struct Result {
    const catalogue::Scenario* scenario = nullptr;
    Verdict verdict{};
    catalogue::Location at{};  // the step that decided, unless it passed
    std::string message{};     // what was expected, what came
    std::string expected{};    // the two apart, where the step can tell them apart
    std::string got{};
    std::vector<std::string> transcript{};  // the last of what was said, unless it passed
    std::string shim_errors{};              // what the shim wrote to stderr, unless it passed
    std::string reason{};                   // of an expected failure
    std::string link{};
    simbroker::Duration took{};  // virtual or real
    std::string repeat_with{};   // options that repeat just what failed
    std::string trace{};         // the file, if there is one
    step::Timeline timeline{};
};

}  // namespace conformance::runner
