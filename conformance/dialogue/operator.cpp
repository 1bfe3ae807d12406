#include "conformance/dialogue/operator.hpp"

#include <fmt/format.h>

namespace conformance::dialogue {

using nlohmann::json;
using simbroker::SetAlarm;

std::expected<simbroker::Input, std::string> operation_from(const json& written, simbroker::ConnectionId line) {
    constexpr auto shape =
        "operate: expected shutdown, {{close_connection: text}} or {{set_alarm: {{resource: memory, state: raised}}}}, "
        "got {}";
    const auto wrong = [&] { return std::unexpected(fmt::format(shape, written.dump())); };
    if (written == "shutdown") return simbroker::Shutdown{};
    if (!written.is_object() || written.size() != 1) return wrong();
    const auto first = written.begin();
    const auto& value = first.value();
    if (first.key() == "close_connection" && value.is_string()) {
        return simbroker::CloseConnection{line, value.get<std::string>()};
    }
    if (first.key() != "set_alarm" || !value.is_object()) return wrong();
    const auto resource = value.value("resource", "");
    const auto state = value.value("state", "");
    if ((resource != "memory" && resource != "disk") || (state != "raised" && state != "cleared")) return wrong();
    return SetAlarm{
        resource == "memory" ? SetAlarm::Resource::memory : SetAlarm::Resource::disk,
        state == "raised" ? SetAlarm::State::raised : SetAlarm::State::cleared
    };
}

}  // namespace conformance::dialogue
