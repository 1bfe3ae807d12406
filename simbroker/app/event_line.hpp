// Events as one-liners for the log of `simbroker serve`.
#pragma once

#include <string>

#include "simbroker/core/instant.hpp"
#include "simbroker/core/output.hpp"

namespace simbroker::app {

// What --quiet, nothing and --verbose show.
enum class Loudness : std::uint8_t { quiet, normal, verbose };

bool is_worth_a_line(const Event&, Loudness);

//    "  12.345678  connection 3  channel 1  violation  PRECONDITION_FAILED (406): unknown delivery tag 42"
std::string event_line(Instant at, const Event&);

}  // namespace simbroker::app
