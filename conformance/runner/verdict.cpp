#include "conformance/runner/verdict.hpp"

namespace conformance::runner {

std::string_view to_string(Verdict verdict) {
    switch (verdict) {
        case Verdict::pass: return "pass";
        case Verdict::fail: return "fail";
        case Verdict::warning: return "warning";
        case Verdict::unsupported: return "unsupported";
        case Verdict::inconclusive: return "inconclusive";
        case Verdict::expected_failure: return "expected failure";
        case Verdict::unexpected_pass: return "unexpected pass";
    }
    return "";
}

}  // namespace conformance::runner
