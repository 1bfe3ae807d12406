#include "conformance/step/operator.hpp"

#include <fmt/format.h>

namespace conformance::step {

using nlohmann::json;
using simbroker::SetAlarm;

std::expected<simbroker::Input, std::string> operator_input(const json& written) {
    constexpr auto shape =
        "expected shutdown, crash, start, {{close_connection: text}}, {{set_alarm: {{resource: memory, state: "
        "raised}}}} or an operation, got {}";
    const auto wrong = [&] { return std::unexpected(fmt::format(shape, written.dump())); };
    if (written == "shutdown") return simbroker::Shutdown{};
    if (written == "crash") return simbroker::Crash{};
    if (written == "start") return simbroker::Start{};
    if (!written.is_object() || written.size() != 1) return wrong();
    const auto first = written.begin();
    const auto& key = first.key();
    const auto& value = first.value();
    if (key == "close_connection" && value.is_string()) return simbroker::CloseConnection{{}, value.get<std::string>()};
    if (key != "set_alarm") {
        auto operation = simbroker::operation_from_json(written.dump());
        if (!operation) return std::unexpected(operation.error());
        return simbroker::Operate{std::move(*operation)};
    }
    if (!value.is_object() || value.size() != 2) return wrong();
    const auto resource = value.value("resource", "");
    const auto state = value.value("state", "");
    if ((resource != "memory" && resource != "disk") || (state != "raised" && state != "cleared")) return wrong();
    return SetAlarm{
        resource == "memory" ? SetAlarm::Resource::memory : SetAlarm::Resource::disk,
        state == "raised" ? SetAlarm::State::raised : SetAlarm::State::cleared
    };
}

}  // namespace conformance::step
