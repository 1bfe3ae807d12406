// What happened, as JSON.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "simbroker/drive/timed_event.hpp"

namespace simbroker::control {

nlohmann::json to_json(const drive::TimedEvent& event);

// One event of an event stream: its id, its kind, its JSON.
std::string to_stream(const drive::TimedEvent& event);

std::vector<std::string> event_kind_names();

}  // namespace simbroker::control
