// How the wire to a client treats every scenario, whatever the scenario itself does to it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace conformance::runner {

enum class WireMode : std::uint8_t {
    whole,          // what the broker says at once is written at once
    split,          // every octet to the client is a segment of its own
    coalesce,       // answers wait a little, and what has come together is written at once
    cut_each_step,  // the transport is cut after each frame in turn: cut_run.hpp
};

std::string_view to_string(WireMode);  // "cut-each-step"
std::optional<WireMode> wire_mode_from(std::string_view);
const std::vector<std::string>& wire_modes();

}  // namespace conformance::runner
