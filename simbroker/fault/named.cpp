#include "simbroker/fault/named.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "codec/amqp091/codec.hpp"
#include "simbroker/fault/template.hpp"

namespace simbroker::fault {

namespace {

using nlohmann::json;
using Kind = Parameter::Kind;

constexpr std::string_view parameter_blank = "!parameter";

constexpr Parameter by_duration[] = {{"by", Kind::duration}};
constexpr Parameter gathering[] = {{"count", Kind::count, "10"}, {"within", Kind::duration, "\"1s\""}};
constexpr Parameter pair_gathering[] = {{"count", Kind::count, "2"}, {"within", Kind::duration, "\"1s\""}};
constexpr Parameter by_thousand[] = {{"by", Kind::number, "1000"}};
constexpr Parameter by_one[] = {{"by", Kind::number, "1"}};
constexpr Parameter close_parameters[] = {
    {"code", Kind::count},
    {"text", Kind::text, "\"\""},
    {"class_id", Kind::number, "0"},
    {"method_id", Kind::number, "0"},
};
constexpr Parameter a_method[] = {{"method", Kind::method}};
constexpr Parameter active[] = {{"active", Kind::boolean}};
constexpr Parameter reason[] = {{"reason", Kind::text, "\"low on memory\""}};
constexpr Parameter tuning[] = {
    {"channel_max", Kind::number, "null"},
    {"frame_max", Kind::number, "null"},
    {"heartbeat", Kind::number, "null"},
};
constexpr Parameter octet[] = {{"octet", Kind::number, "0"}};
constexpr Parameter a_type[] = {{"type", Kind::number, "9"}};
constexpr Parameter a_channel[] = {{"channel", Kind::number, "1"}};
constexpr Parameter extra_octets[] = {{"octets", Kind::octets, R"({"hex": "00"})"}};
constexpr Parameter flooding[] = {{"every", Kind::duration, "\"1ms\""}, {"times", Kind::count, "1000"}};

constexpr NamedFault rows[] = {
    // ---- confirms
    {"late_confirms",
     by_duration,
     R"({"when": {"to": "client", "method": "basic.ack"}, "do": {"delay": {"!parameter": "by"}}})",
     "confirms come that much later"},
    {"unconfirmed", {}, R"({"when": {"to": "client", "method": "basic.ack"}, "do": "drop"})", "no confirm comes"},
    {"nack_instead_of_ack",
     {},
     R"({"when": {"to": "client", "method": "basic.ack"}, "do": {"instead": [{"basic.nack": {
         "delivery_tag": {"!field": "delivery_tag"}, "multiple": {"!field": "multiple"}}}]}})",
     "the broker refuses what it has taken"},
    {"confirms_multiple",
     gathering,
     R"({"when": {"to": "client", "method": "basic.ack"},
         "do": {"confirm": {"as": "multiple", "count": {"!parameter": "count"}, "within": {"!parameter": "within"}}}})",
     "confirms are gathered, and come with multiple set"},
    {"confirms_single",
     {},
     R"({"when": {"to": "client", "method": "basic.ack"}, "do": {"confirm": {"as": "single", "count": 1}}})",
     "a confirm for each publish, none with multiple set"},
    {"confirms_out_of_order",
     pair_gathering,
     R"({"when": {"to": "client", "method": "basic.ack"},
         "do": {"confirm": {"as": "single", "order": "reversed", "count": {"!parameter": "count"},
                            "within": {"!parameter": "within"}}}})",
     "later publishes are confirmed before earlier ones"},
    {"confirmed_twice",
     {},
     R"({"when": {"to": "client", "method": "basic.ack"}, "do": "duplicate"})",
     "each confirm comes twice"},
    {"unknown_confirm",
     by_thousand,
     R"({"when": {"to": "client", "method": "basic.ack"},
         "do": {"after": [{"basic.ack": {"delivery_tag": {"!field": "delivery_tag", "plus": {"!parameter": "by"}}}}]}})",
     "after each confirm comes one for a tag that was never used"},
    // ---- deliveries
    {"wrong_delivery_tag",
     by_thousand,
     R"({"when": {"to": "client", "method": "basic.deliver"},
         "do": {"replace": {"delivery_tag": {"!field": "delivery_tag", "plus": {"!parameter": "by"}}}}})",
     "deliveries carry tags the broker does not know: to settle one ends the channel with 406"},
    {"redelivered",
     {},
     R"({"when": {"to": "server", "method": "basic.ack", "times": 1},
         "do": {"instead": [{"basic.nack": {"delivery_tag": {"!field": "delivery_tag"},
                                            "multiple": {"!field": "multiple"}, "requeue": true}}]}})",
     "the acknowledgement is lost: what was acknowledged comes again, with redelivered set"},
    {"delivered_twice",
     {},
     R"({"when": {"to": "client", "method": "basic.deliver"}, "do": "duplicate"})",
     "each delivery comes twice with one tag: to settle it twice ends the channel with 406"},
    {"deliveries_out_of_order",
     pair_gathering,
     R"({"when": {"to": "client", "method": "basic.deliver"},
         "do": {"reorder": {"count": {"!parameter": "count"}, "within": {"!parameter": "within"}}}})",
     "later deliveries come before earlier ones"},
    {"consumers_out_of_order",
     pair_gathering,
     R"({"when": {"to": "client", "method": "basic.deliver"},
         "do": {"reorder": {"count": {"!parameter": "count"}, "within": {"!parameter": "within"},
                            "order": "by_consumer"}}})",
     "each consumer's deliveries come in order, but those of the consumers change places"},
    {"unknown_consumer",
     {},
     R"({"when": {"to": "client", "method": "basic.deliver"}, "do": {"replace": {"consumer_tag": "nobody"}}})",
     "deliveries are for a consumer there is not"},
    {"wrong_body_size",
     by_one,
     R"({"when": {"to": "client", "method": "basic.deliver"},
         "do": {"replace": {"header": {"body_size": {"!field": "body_size", "plus": {"!parameter": "by"}}}}}})",
     "the header announces so many octets more than the body has; less with a negative number"},
    {"cancel_consumer",
     {},
     R"({"now": {}, "do": {"say": {
         "to_client": [{"basic.cancel": {"consumer_tag": {"!field": "consumer_tag"}, "no_wait": true}}],
         "to_server": [{"basic.cancel": {"consumer_tag": {"!field": "consumer_tag"}, "no_wait": true}}]}}})",
     "basic.cancel for each consumer meant; the broker, too, knows them no more"},
    // ---- channels and connections
    {"close_channel",
     close_parameters,
     R"({"do": {"say": {"where": "instead", "to_client": [{"channel.close": {
         "reply_code": {"!parameter": "code"}, "reply_text": {"!parameter": "text"},
         "class_id": {"!parameter": "class_id"}, "method_id": {"!parameter": "method_id"}}}]}}})",
     "channel.close, in the place of the frame or of its answer"},
    {"close_connection",
     close_parameters,
     R"({"do": {"say": {"where": "instead", "to_client": [{"connection.close": {
         "reply_code": {"!parameter": "code"}, "reply_text": {"!parameter": "text"},
         "class_id": {"!parameter": "class_id"}, "method_id": {"!parameter": "method_id"}}}]}}})",
     "connection.close, in the place of the frame or of its answer"},
    {"never_answer",
     a_method,
     R"({"when": {"to": "server", "method": {"!parameter": "method"}}, "do": "drop"})",
     "the broker never hears of this method, and never answers it"},
    {"flow",
     active,
     R"({"now": {}, "do": {"say": {"to_client": [{"channel.flow": {"active": {"!parameter": "active"}}}]}}})",
     "channel.flow; what the client answers the broker does not hear"},
    {"blocked",
     reason,
     R"({"now": {}, "do": {"say": {"to_client": [{"connection.blocked": {"reason": {"!parameter": "reason"}}}]}}})",
     "connection.blocked, though the broker takes publishes as before"},
    {"unblocked", {}, R"({"now": {}, "do": {"say": {"to_client": ["connection.unblocked"]}}})", "connection.unblocked"},
    {"tune",
     tuning,
     R"({"when": {"to": "client", "method": "connection.tune"}, "do": {"replace": {
         "channel_max": {"!parameter": "channel_max"}, "frame_max": {"!parameter": "frame_max"},
         "heartbeat": {"!parameter": "heartbeat"}}}})",
     "other limits than the broker's own, which may refuse what the client makes of them"},
    // ---- frames
    {"oversize_frame",
     by_one,
     R"({"when": {"to": "client", "frame": "body"}, "do": {"frame": {"beyond_frame_max": {"!parameter": "by"}}}})",
     "a frame so many octets larger than was agreed"},
    {"bad_frame_end",
     octet,
     R"({"when": {"to": "client", "frame": "method"}, "do": {"frame": {"end": {"!parameter": "octet"}}}})",
     "the frame does not end as frames end"},
    {"wrong_channel",
     a_channel,
     R"({"when": {"to": "client", "frame": "method"}, "do": {"frame": {"channel": {"!parameter": "channel"}}}})",
     "the frame is on another channel"},
    {"unknown_frame_type",
     a_type,
     R"({"when": {"to": "client", "frame": "method"}, "do": {"frame": {"type": {"!parameter": "type"}}}})",
     "a frame of a type there is not"},
    {"truncated_arguments",
     by_one,
     R"({"when": {"to": "client", "frame": "method"}, "do": {"frame": {"cut": {"!parameter": "by"}}}})",
     "so many octets are missing at the end of a method's arguments"},
    {"overlong_arguments",
     extra_octets,
     R"({"when": {"to": "client", "frame": "method"}, "do": {"frame": {"append": {"!parameter": "octets"}}}})",
     "octets are left over after a method's arguments"},
    // ---- heartbeats
    {"no_heartbeats", {}, R"({"when": {"to": "client", "frame": "heartbeat"}, "do": "drop"})", "no heartbeat comes"},
    {"heartbeats_on_channel",
     a_channel,
     R"({"when": {"to": "client", "frame": "heartbeat"}, "do": {"frame": {"channel": {"!parameter": "channel"}}}})",
     "heartbeats come on a channel, where none may be"},
    {"heartbeat_flood",
     flooding,
     R"({"now": {"every": {"!parameter": "every"}, "times": {"!parameter": "times"}},
         "do": {"say": {"to_client": [{"frame": {"heartbeat": {}}}]}}})",
     "a heartbeat every so often, so many times"},
};

// ---- parameters

Read<void> check(const Reading& value, Kind kind) {
    constexpr std::uint64_t most = UINT32_MAX;
    switch (kind) {
        case Kind::number:
            if (value.value().is_number_integer()) return {};
            return value.expected("a whole number");
        case Kind::count: {
            const auto number = value.integer(1, most);
            return number ? Read<void>{} : std::unexpected(number.error());
        }
        case Kind::duration: {
            const auto duration = value.duration();
            return duration ? Read<void>{} : std::unexpected(duration.error());
        }
        case Kind::text:
            if (value.value().is_string()) return {};
            return value.expected("text");
        case Kind::boolean:
            if (value.value().is_boolean()) return {};
            return value.expected("true or false");
        case Kind::octets: {
            const auto octets = value.octets();
            return octets ? Read<void>{} : std::unexpected(octets.error());
        }
        case Kind::method:
            if (value.value().is_string() && codec::amqp091::find_method(value.value().get<std::string>())) return {};
            return value.expected("a method of AMQP 0-9-1 such as basic.ack");
    }
    return {};
}

// What was given, and otherwise what the row says. A value alone is the first parameter's.
Read<json> parameters_of(const NamedFault& fault, const Reading& argument) {
    std::vector<std::string_view> names;
    for (const auto& parameter : fault.parameters) names.push_back(parameter.name);
    json given = argument.value();
    // Octets may be written as an object, too.
    const auto is_given = [&](std::string_view name) { return given.contains(std::string(name)); };
    const bool octets = !names.empty() && fault.parameters[0].kind == Kind::octets && !given.empty() &&
                        std::ranges::none_of(names, is_given);
    if (given.is_null()) {
        given = json::object();
    } else if (!names.empty() && (!given.is_object() || octets)) {
        given = json::object({{std::string(names.front()), given}});
    }
    const Reading reading(given, argument.pointer());
    if (names.empty() && !given.empty()) return argument.expected("no parameters");
    if (const auto known = reading.object(names); !known) return std::unexpected(known.error());
    for (const auto& parameter : fault.parameters) {
        const auto value = reading.find(parameter.name);
        if (value) {
            if (const auto good = check(*value, parameter.kind); !good) return std::unexpected(good.error());
        } else if (parameter.otherwise.empty()) {
            return argument.wrong(fmt::format("expected {}: there is no {}", parameters_in_words(fault), parameter.name)
            );
        } else if (parameter.otherwise != "null") {
            given[std::string(parameter.name)] = json::parse(parameter.otherwise);
        }
    }
    return given;
}

// Members whose value is a parameter that is left out are left out.
json without_absent(const json& text, const json& parameters) {
    if (!text.is_structured()) return text;
    json kept = text.is_array() ? json::array() : json::object();
    for (const auto& [name, value] : text.items()) {
        const bool blank = value.is_object() && value.contains(parameter_blank);
        if (blank && !parameters.contains(value.at(parameter_blank).get<std::string>())) continue;
        if (text.is_array()) {
            kept.push_back(without_absent(value, parameters));
        } else {
            kept[name] = without_absent(value, parameters);
        }
    }
    return kept;
}

// When the rule acts: what was written, over what the row says.
void put_occasion(json& full, const json& written) {
    const bool prompted = written.contains("now");
    if (!prompted && !written.contains("when")) return;
    const auto* kind = prompted ? "now" : "when";
    auto merged = full.value(kind, json::object());
    if (written.at(kind).is_object()) {
        if (written.at(kind).contains("frame")) merged.erase("method");
        if (written.at(kind).contains("method")) merged.erase("frame");
        merged.update(written.at(kind));
    } else {
        merged = written.at(kind);
    }
    full.erase("when");
    full.erase("now");
    full[kind] = std::move(merged);
}

}  // namespace

std::span<const NamedFault> named_faults() { return rows; }

std::string parameters_in_words(const NamedFault& fault) {
    std::string text;
    for (const auto& parameter : fault.parameters) {
        text += fmt::format("{}{}", text.empty() ? "" : ", ", parameter.name);
        if (parameter.otherwise == "null") text += "?";
        if (!parameter.otherwise.empty() && parameter.otherwise != "null") {
            text += fmt::format(": {}", parameter.otherwise);
        }
    }
    return text.empty() ? text : "{" + text + "}";
}

Read<std::optional<json>> spelled_out(const Reading& rule) {
    const auto act = rule.find("do");
    if (!act) return std::nullopt;
    const auto& value = act->value();
    const bool alone = value.is_string();
    if (!alone && !(value.is_object() && value.size() == 1)) return std::nullopt;
    const auto name = alone ? value.get<std::string>() : value.begin().key();
    const auto fault = std::ranges::find(rows, name, &NamedFault::name);
    if (fault == std::end(rows)) return std::nullopt;
    static const json nothing;
    const auto parameters = parameters_of(*fault, alone ? Reading(nothing, act->pointer()) : act->at(name));
    if (!parameters) return std::unexpected(parameters.error());
    auto full = filled_in(without_absent(json::parse(fault->rule), *parameters), parameter_blank, *parameters);
    if (!full) return act->wrong(full.error());
    put_occasion(*full, rule.value());
    if (rule.find("id")) (*full)["id"] = rule.value().at("id");
    return std::move(*full);
}

}  // namespace simbroker::fault
