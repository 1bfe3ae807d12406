// connect, open_channel, close, disconnect: connections without writing each handshake out.
#include <fmt/format.h>

#include "conformance/step/handshake.hpp"
#include "conformance/step/modifiers.hpp"

namespace conformance::step {

namespace {

using codec::amqp091::ChannelNumber;
using nlohmann::json;

std::optional<std::string> check_connect(const Step& step, Role) { return connect_options_error(step.argument); }

Outcome run_connect(Conversation& conversation, const Step& step) {
    return connect(conversation, step.argument, within(conversation, step));
}

bool is_channel(const json& value) {
    if (value.is_string()) return !variables_in(value).empty();
    return value.is_number_unsigned() && value.get<std::uint64_t>() <= 65535;
}

std::optional<std::string> check_open_channel(const Step& step, Role) {
    const auto list = step.argument.is_array() ? step.argument : json::array({step.argument});
    for (const auto& channel : list) {
        if (!is_channel(channel)) return "expected a channel number or a list of them, got " + step.argument.dump();
    }
    return {};
}

Outcome run_open_channel(Conversation& conversation, const Step& step) {
    const auto line = line_of(conversation, step);
    if (!line) return std::unexpected(line.error());
    const auto list = step.argument.is_array() ? step.argument : json::array({step.argument});
    for (const auto& channel : list) {
        if (!channel.is_number_unsigned()) return inconclusive("expected a channel number, got " + channel.dump());
        const ChannelNumber number{channel.get<std::uint16_t>()};
        if (auto done = open_channel(conversation, **line, number, within(conversation, step)); !done) return done;
    }
    return {};
}

std::optional<std::string> check_name(const Step& step, Role) {
    if (step.argument.is_string()) return {};
    return "expected the name of a connection, got " + step.argument.dump();
}

Outcome run_close(Conversation& conversation, const Step& step) {
    const auto line = conversation.line(step.argument.get<std::string>());
    if (!line) return std::unexpected(line.error());
    return close(conversation, **line, within(conversation, step));
}

// In role client the line need not be named: the one the client opened last.
std::optional<std::string> check_disconnect(const Step& step, Role role) {
    if (role == Role::client && step.argument.is_null()) return {};
    return check_name(step, role);
}

Outcome run_disconnect(Conversation& conversation, const Step& step) {
    const auto line = conversation.line(step.argument.is_string() ? step.argument.get<std::string>() : std::string());
    if (!line) return std::unexpected(line.error());
    conversation.drop(**line);
    return {};
}

}  // namespace

std::vector<Verb> connect_verbs() {
    return {
        {"connect", Role::broker, {"within"}, check_connect, run_connect},
        {"open_channel", Role::broker, {"on", "within"}, check_open_channel, run_open_channel},
        {"close", Role::broker, {"within"}, check_name, run_close},
        {"disconnect", {}, {}, check_disconnect, run_disconnect},
    };
}

}  // namespace conformance::step
