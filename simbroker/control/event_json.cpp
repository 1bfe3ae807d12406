#include "simbroker/control/event_json.hpp"

#include <fmt/format.h>

namespace simbroker::control {

using nlohmann::json;

json to_json(const drive::TimedEvent& event) {
    const auto& what = event.event;
    json value{
        {"sequence", event.sequence},
        {"at", std::chrono::duration<double>(event.at.time_since_epoch()).count()},
        {"kind", to_string(what.kind)},
        {"subject", what.subject},
        {"detail", what.detail},
        {"number", what.number},
    };
    if (what.connection.value != 0) value["connection"] = what.connection.value;
    if (what.channel != 0) value["channel"] = what.channel;
    return value;
}

std::string to_stream(const drive::TimedEvent& event) {
    const auto data = to_json(event).dump(-1, ' ', false, json::error_handler_t::replace);
    return fmt::format("id: {}\nevent: {}\ndata: {}\n\n", event.sequence, to_string(event.event.kind), data);
}

// The kinds are numbered from 0 without a gap.
std::vector<std::string> event_kind_names() {
    std::vector<std::string> names;
    for (std::uint8_t kind = 0;; ++kind) {
        const auto name = to_string(static_cast<Event::Kind>(kind));
        if (name.empty()) return names;
        names.emplace_back(name);
    }
}

}  // namespace simbroker::control
