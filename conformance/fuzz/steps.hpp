// Steps without a file.
#pragma once

#include "conformance/catalogue/scenario.hpp"
#include "simbroker/fault/duration.hpp"

namespace conformance::fuzz {

inline catalogue::Step make_step(std::string verb, nlohmann::json argument) {
    return {{}, std::move(verb), std::move(argument), nlohmann::json::object(), {}};
}

inline catalogue::Step expect_anything(simbroker::Duration quiet, bool internal_error_allowed = false) {
    const auto text = simbroker::fault::duration_to_text(quiet);
    if (!internal_error_allowed) return make_step("expect_anything", text);
    return make_step("expect_anything", nlohmann::json{{"for", text}, {"internal_error", "allowed"}});
}

}  // namespace conformance::fuzz
