// send, send_frame, send_bytes: octets to the peer under test, right or wrong on purpose.
#include <fmt/format.h>

#include "conformance/step/modifiers.hpp"
#include "simbroker/fault/notation.hpp"

namespace conformance::step {

namespace {

using nlohmann::json;
using simbroker::fault::NotationDefaults;
using simbroker::fault::Octets;

std::optional<std::string> split_error(const Step& step) {
    if (!step.modifiers.contains("split")) return {};
    const auto& split = step.modifiers.at("split");
    if (split == "every" || (split.is_number_unsigned() && split.get<std::uint64_t>() > 0)) return {};
    return "split: expected every or a number of octets, got " + split.dump();
}

std::optional<std::string> error_of(const Step& step, const Octets& octets) {
    if (!octets) return octets.error();
    return split_error(step);
}

std::optional<std::string> check_send(const Step& step, Role) {
    return error_of(step, simbroker::fault::message_from_json(without_variables(step.argument), {}));
}

std::optional<std::string> check_frame(const Step& step, Role) {
    return error_of(step, simbroker::fault::frame_from_json(without_variables(step.argument), {}));
}

std::optional<std::string> check_bytes(const Step& step, Role) {
    if (!variables_in(step.argument).empty()) return split_error(step);
    return error_of(step, simbroker::fault::octets_from_json(step.argument));
}

void send_split(Conversation& conversation, Line& line, codec::wire::BytesView octets, const json* split) {
    const auto size = split == nullptr ? octets.size() : *split == "every" ? 1 : split->get<std::size_t>();
    while (!octets.empty()) {
        const auto piece = octets.first(std::min(octets.size(), size));
        conversation.send(line, piece);
        octets = octets.subspan(piece.size());
    }
}

Outcome send_octets(Conversation& conversation, Line& line, const Step& step, const Octets& octets) {
    if (!octets) return inconclusive(octets.error());
    const auto split = step.modifiers.find("split");
    send_split(conversation, line, *octets, split == step.modifiers.end() ? nullptr : &*split);
    return {};
}

NotationDefaults defaults(Conversation& conversation, const Line& line, const Step& step) {
    return {.channel = channel_of(conversation, line, step), .frame_max = line.frame_max};
}

Outcome run_send(Conversation& conversation, const Step& step) {
    const auto line = line_of(conversation, step);
    if (!line) return std::unexpected(line.error());
    auto message = step.argument;
    if (names_channel(step) && message.is_string()) message = json{{message.get<std::string>(), json::object()}};
    if (names_channel(step) && !message.contains("channel")) message["channel"] = step.modifiers.at("channel");
    return send_octets(
        conversation, **line, step, simbroker::fault::message_from_json(message, defaults(conversation, **line, step))
    );
}

Outcome run_frame(Conversation& conversation, const Step& step) {
    const auto line = line_of(conversation, step);
    if (!line) return std::unexpected(line.error());
    auto frame = step.argument;
    if (names_channel(step) && !frame.contains("channel")) frame["channel"] = step.modifiers.at("channel");
    return send_octets(
        conversation, **line, step, simbroker::fault::frame_from_json(frame, defaults(conversation, **line, step))
    );
}

Outcome run_bytes(Conversation& conversation, const Step& step) {
    const auto line = line_of(conversation, step);
    if (!line) return std::unexpected(line.error());
    return send_octets(conversation, **line, step, simbroker::fault::octets_from_json(step.argument));
}

}  // namespace

std::vector<Verb> send_verbs() {
    return {
        {"send", {}, {"on", "channel", "split"}, check_send, run_send},
        {"send_frame", {}, {"on", "channel", "split"}, check_frame, run_frame},
        {"send_bytes", {}, {"on", "split"}, check_bytes, run_bytes},
    };
}

}  // namespace conformance::step
