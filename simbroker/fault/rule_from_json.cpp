// Rules as scenarios write them. Everything that can be wrong with a rule is found here, before it runs.
#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>

#include "codec/amqp091/codec.hpp"
#include "codec/amqp091/json.hpp"
#include "simbroker/fault/duration.hpp"
#include "simbroker/fault/fault_plan.hpp"
#include "simbroker/fault/notation.hpp"

namespace simbroker::fault {

namespace {

using nlohmann::json;

std::unexpected<std::string> wrong(std::string text) { return std::unexpected(std::move(text)); }

constexpr std::pair<std::string_view, FrameKind> frame_kinds[] = {
    {"method", FrameKind::method},
    {"header", FrameKind::header},
    {"body", FrameKind::body},
    {"heartbeat", FrameKind::heartbeat},
    {"protocol_header", FrameKind::protocol_header},
};

std::expected<FrameKind, std::string> frame_kind(const json& value) {
    for (const auto& [name, kind] : frame_kinds) {
        if (value == name) return kind;
    }
    return wrong(fmt::format("frame: expected method, header, body, heartbeat or protocol_header, got {}", value.dump())
    );
}

std::expected<std::uint64_t, std::string> integer(
    std::string_view key, const json& value, std::uint64_t least, std::uint64_t most
) {
    if (value.is_number_unsigned()) {
        const auto number = value.get<std::uint64_t>();
        if (number >= least && number <= most) return number;
    }
    return wrong(fmt::format("{}: {} is not an integer from {} to {}", key, value.dump(), least, most));
}

std::expected<void, std::string> set(Trigger& trigger, std::string_view key, const json& value) {
    if (key == "to") {
        if (value != "client" && value != "server") return wrong("to: expected client or server, got " + value.dump());
        trigger.toward = value == "client" ? Toward::client : Toward::server;
        return {};
    }
    if (key == "method") {
        const auto* row =
            value.is_string() ? codec::amqp091::find_method(value.get_ref<const std::string&>()) : nullptr;
        if (row == nullptr) return wrong(fmt::format("method: {} is no method of AMQP 0-9-1", value.dump()));
        trigger.frame = FrameKind::method;
        trigger.method = row->id;
        return {};
    }
    if (key == "frame") {
        const auto kind = frame_kind(value);
        if (!kind) return wrong(kind.error());
        trigger.frame = *kind;
        return {};
    }
    const bool counts = key == "nth" || key == "times";
    if (!counts && key != "channel" && key != "connection") {
        return wrong(fmt::format("unknown key '{}'; expected to, method, frame, channel, connection, nth, times", key));
    }
    const auto number = integer(key, value, counts ? 1 : 0, key == "channel" ? 65535 : UINT32_MAX);
    if (!number) return wrong(number.error());
    if (key == "nth") trigger.nth = *number;
    if (key == "times") trigger.times = *number;
    if (key == "channel") trigger.channel = codec::amqp091::ChannelNumber{static_cast<std::uint16_t>(*number)};
    if (key == "connection") trigger.connection = ConnectionId{static_cast<std::uint32_t>(*number)};
    return {};
}

std::expected<Trigger, std::string> trigger_from_json(const json& when) {
    if (!when.is_object() || !when.contains("to"))
        return wrong("when: expected a mapping with to: client or to: server");
    Trigger trigger;
    for (const auto& [key, value] : when.items()) {
        if (const auto done = set(trigger, key, value); !done) return wrong("when: " + done.error());
    }
    return trigger;
}

std::expected<Script, std::string> script(const json& frames) {
    if (const auto octets = script_from_json(frames, {}); !octets) return wrong(octets.error());
    return Script{frames};
}

template <class Act>
std::expected<Fault, std::string> scripted(const json& frames, Act act) {
    auto made = script(frames);
    if (!made) return wrong(made.error());
    return act(std::move(*made));
}

std::expected<Fault, std::string> replacing(const json& fields, const Trigger& when) {
    if (!when.method) return wrong("needs a trigger with a method");
    const auto* row = codec::amqp091::find_method(*when.method);
    if (auto octets = codec::amqp091::encode_method_from_json(row->name, fields); !octets) return wrong(octets.error());
    return Replace{fields};
}

constexpr std::string_view known_acts =
    "drop, duplicate, close, or a mapping of one of hold, delay, replace, before, after, instead, answer, bytes, "
    "frame_end, crash, restart";

std::expected<Fault, std::string> act_with_argument(
    const std::string& verb, const json& argument, const Trigger& when
) {
    using Where = Insert::Where;
    const auto insert = [&](Where where) {
        return scripted(argument, [&](Script made) { return Fault(Insert{where, std::move(made)}); });
    };
    if (verb == "before") return insert(Where::before);
    if (verb == "after") return insert(Where::after);
    if (verb == "instead") return insert(Where::instead);
    if (verb == "answer") return scripted(argument, [](Script made) { return Fault(Answer{std::move(made)}); });
    if (verb == "replace") return replacing(argument, when);
    if (verb == "hold" && argument.is_string()) return Hold{argument.get<std::string>()};
    if (verb == "crash" || verb == "restart") {
        const auto duration = duration_from_json(argument);
        if (!duration) return wrong(duration.error());
        return Outage{verb == "crash" ? Outage::Kind::crash : Outage::Kind::restart, *duration};
    }
    if (verb == "delay") {
        const auto duration = duration_from_json(argument);
        if (!duration) return wrong(duration.error());
        return Delay{*duration};
    }
    if (verb == "bytes") {
        auto octets = octets_from_json(argument);
        if (!octets) return wrong(octets.error());
        return Substitute{std::move(*octets)};
    }
    if (verb == "frame_end") {
        const auto octet = integer("octet", argument, 0, 255);
        if (!octet) return wrong(octet.error());
        return FrameEnd{static_cast<codec::amqp091::Octet>(*octet)};
    }
    return wrong(fmt::format("expected {}", known_acts));
}

std::expected<Fault, std::string> fault_from_json(const json& act, const Trigger& when) {
    if (act == "drop") return Drop{};
    if (act == "duplicate") return Duplicate{};
    if (act == "close") return DropTransport{};
    if (!act.is_object() || act.size() != 1)
        return wrong(fmt::format("do: expected {}, got {}", known_acts, act.dump()));
    const auto& verb = act.begin().key();
    auto fault = act_with_argument(verb, act.begin().value(), when);
    if (!fault) return wrong(fmt::format("do: {}: {}", verb, fault.error()));
    return fault;
}

}  // namespace

std::expected<Rule, std::string> rule_from_json(const json& rule) {
    if (!rule.is_object() || rule.size() != 2 || !rule.contains("when") || !rule.contains("do")) {
        return wrong("expected {when: {to: client, method: basic.ack}, do: drop}");
    }
    auto when = trigger_from_json(rule.at("when"));
    if (!when) return wrong(when.error());
    auto act = fault_from_json(rule.at("do"), *when);
    if (!act) return wrong(act.error());
    return Rule{std::move(*when), std::move(*act)};
}

}  // namespace simbroker::fault
