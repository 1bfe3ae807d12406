// Makes a scenario small: leaves out steps, then octets of what is sent, as long as it still goes wrong.
#pragma once

#include <functional>

#include "conformance/catalogue/scenario.hpp"

namespace conformance::fuzz {

using GoesWrong = std::function<bool(const catalogue::Scenario&)>;

catalogue::Scenario shrink(catalogue::Scenario scenario, const GoesWrong& goes_wrong, std::size_t most_plays);

}  // namespace conformance::fuzz
