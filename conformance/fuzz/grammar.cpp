#include "conformance/fuzz/grammar.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "codec/amqp091/json.hpp"

namespace conformance::fuzz {

using namespace codec::amqp091;
using nlohmann::json;

namespace {

constexpr ChannelNumber first_channel{1};

// What clients say most, the more often the more interesting it makes what comes after.
constexpr std::string_view client_methods[] = {
    "queue.declare", "queue.declare",    "queue.declare",  "queue.bind",       "queue.unbind",
    "queue.purge",   "queue.delete",     "basic.publish",  "basic.publish",    "basic.publish",
    "basic.publish", "basic.get",        "basic.get",      "basic.consume",    "basic.consume",
    "basic.cancel",  "basic.qos",        "basic.ack",      "basic.ack",        "basic.nack",
    "basic.reject",  "basic.recover",    "confirm.select", "tx.select",        "tx.commit",
    "tx.rollback",   "exchange.declare", "exchange.bind",  "exchange.unbind",  "exchange.delete",
    "channel.open",  "channel.flow",     "channel.close",  "channel.close-ok", "connection.update-secret",
};

struct Argument {
    const char* name;
    const char* value;  // JSON
};

constexpr Argument arguments[] = {
    {"x-message-ttl", "0"},
    {"x-message-ttl", "1000"},
    {"x-expires", "1000"},
    {"x-max-length", "1"},
    {"x-max-length-bytes", "10"},
    {"x-max-priority", "5"},
    {"x-queue-type", "\"quorum\""},
    {"x-queue-type", "\"stream\""},
    {"x-queue-mode", "\"lazy\""},
    {"x-overflow", "\"reject-publish\""},
    {"x-dead-letter-exchange", "\"\""},
    {"x-single-active-consumer", "true"},
    {"x-priority", "1"},
    {"x-match", "\"any\""},
    {"x-stream-offset", "\"first\""},
    {"x-delivery-limit", "1"},
    {"alternate-exchange", "\"amq.fanout\""},
    {"x-cancel-on-ha-failover", "true"},
};

template <class Array>
const auto& one_of(simbroker::Prng& prng, const Array& choices) {
    return choices[prng.below(std::size(choices))];
}

Bytes frame_of(Octet type, ChannelNumber channel, codec::wire::BytesView payload) {
    Bytes frame;
    append_frame(frame, {type, channel, payload});
    return frame;
}

bool is_name(std::string_view field) {
    return field == "queue" || field == "exchange" || field == "source" || field == "destination";
}

}  // namespace

Grammar::Grammar(simbroker::Prng prng, std::string name)
    : prng_(prng), name_(std::move(name)), generator_([this] { return prng_.next(); }) {}

std::string Grammar::text(std::string_view field) {
    static constexpr std::string_view types[] = {"direct", "fanout", "topic", "headers", "x-random"};
    static constexpr std::string_view exchanges[] = {"", "", "amq.direct", "amq.fanout", "amq.topic", "amq.match"};
    if (field == "type") return std::string(one_of(prng_, types));
    if (field == "consumer_tag") return one_in(4) ? "" : fmt::format("c{}", below(3));
    if (field == "queue") return one_in(4) ? "" : fmt::format("{}.{}", name_, below(3));
    if (is_name(field) && !one_in(3)) return std::string(one_of(prng_, exchanges));
    if (is_name(field)) return fmt::format("{}.x{}", name_, below(2));
    if (field == "routing_key") return one_in(6) ? "a.*.#" : fmt::format("{}.{}", name_, below(3));
    return one_in(3) ? std::string(below(256), 'z') : "text";
}

json Grammar::number(std::uint64_t largest) {
    if (!one_in(8)) return below(4);
    const std::uint64_t edges[] = {0, 1, largest, largest - 1, largest / 2, largest / 2 + 1};
    return one_of(prng_, edges);
}

json Grammar::table() {
    auto made = json::object();
    if (!one_in(3)) return made;
    for (auto left = 1 + below(3); left > 0; --left) {
        const auto& argument = one_of(prng_, arguments);
        made[argument.name] = one_in(6) ? number(UINT32_MAX) : json::parse(argument.value);
    }
    return made;
}

json Grammar::value(const FieldRow& field) {
    switch (field.domain) {
        case Domain::octet: return number(UINT8_MAX);
        case Domain::short_: return number(UINT16_MAX);
        case Domain::long_: return number(UINT32_MAX);
        case Domain::longlong:
        case Domain::timestamp: return number(UINT64_MAX);
        case Domain::shortstr: return text(field.name);
        case Domain::longstr: return one_in(4) ? std::string(below(2000), 'l') : "text";
        case Domain::table: return table();
        // Most flags of a method are off in most conversations; what waits for no answer is rare.
        case Domain::bit: return one_in(field.name == "no_wait" || field.name == "passive" ? 8 : 3);
    }
    return {};
}

Bytes Grammar::method(std::string_view name, ChannelNumber channel) {
    const auto rows = method_rows();
    const auto row = std::ranges::find(rows, name, &MethodRow::name);
    if (one_in(16)) {
        generator_.forget();
        Bytes frame;
        append_method(frame, channel, generator_.method(static_cast<std::size_t>(row - rows.begin())));
        return frame;
    }
    auto fields = json::object();
    for (const auto& field : row->fields) {
        if (!field.reserved) fields[field.name] = value(field);
    }
    return frame_of(frame_type::method, channel, encode_method_from_json(name, fields).value());
}

Bytes Grammar::any_method(ChannelNumber channel, Peer sender) {
    while (true) {
        const auto& row = method_rows()[below(method_rows().size())];
        if (row.sender == sender || row.sender == Peer::both || one_in(8)) return method(row.name, channel);
    }
}

void Grammar::append_content(Frames& to, ChannelNumber channel) {
    generator_.forget();
    const auto properties = one_in(3) ? generator_.properties() : BasicProperties{.delivery_mode = transient_delivery};
    Bytes list;
    encode(properties, list);
    const Bytes body(one_in(3) ? below(300) : below(8), 'b');
    const auto pieces = body.empty() ? 0 : 1 + below(3);
    const ContentHeader header{.body_size = body.size(), .property_octets = list};
    Bytes payload;
    encode(header, payload);
    to.push_back(frame_of(frame_type::header, channel, payload));
    const auto piece = pieces == 0 ? 0 : (body.size() + pieces - 1) / pieces;
    for (std::size_t at = 0; at < body.size(); at += piece) {
        to.push_back(frame_of(
            frame_type::body, channel, codec::wire::BytesView(body).subspan(at, std::min(piece, body.size() - at))
        ));
    }
}

void Grammar::append(Frames& to, std::string_view name, ChannelNumber channel) {
    to.push_back(method(name, channel));
    if (find_method(name)->carries == Carries::content) append_content(to, channel);
}

Frames Grammar::client_story() {
    Frames story;
    story.push_back(method("channel.open", first_channel));
    for (auto left = 2 + below(9); left > 0; --left) {
        const ChannelNumber channel{one_in(6) ? ChannelNumber{2} : first_channel};
        if (one_in(12)) {
            story.push_back(any_method(channel, Peer::client));
        } else if (one_in(16)) {
            story.push_back(frame_of(frame_type::heartbeat, connection_channel, {}));
        } else {
            append(story, one_of(prng_, client_methods), channel);
        }
    }
    return story;
}

}  // namespace conformance::fuzz
