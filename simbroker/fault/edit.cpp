#include "simbroker/fault/edit.hpp"

#include <algorithm>
#include <optional>

#include "codec/amqp091/codec.hpp"
#include "codec/amqp091/json.hpp"
#include "codec/wire/writer.hpp"
#include "simbroker/fault/notation.hpp"

namespace simbroker::fault {

using namespace codec::amqp091;
using codec::wire::Writer;
using nlohmann::json;

Bytes edited(const Unit& frame, const EditFrame& edit, std::size_t frame_max) {
    if (frame.kind != Unit::Kind::frame) return frame.octets;
    const auto view = frame.payload();
    Bytes payload(view.begin(), view.end());
    payload.resize(payload.size() - std::min(edit.cut, payload.size()));
    payload.insert(payload.end(), edit.append.begin(), edit.append.end());
    if (edit.beyond_frame_max) {
        payload.resize(std::max(payload.size(), frame_max + *edit.beyond_frame_max - frame_overhead));
    }
    Bytes octets;
    Writer writer(octets);
    writer.u8(edit.type.value_or(frame.type()));
    writer.u16(edit.channel.value_or(frame.channel()).value);
    writer.u32(edit.size.value_or(static_cast<std::uint32_t>(payload.size())));
    writer.bytes(payload);
    writer.u8(edit.end.value_or(frame.octets.back()));
    return octets;
}

namespace {

// A message on its way, taken apart.
struct Parts {
    const Unit* method = nullptr;
    std::optional<ContentHeader> header{};
    Bytes body{};
    Bytes body_frames{};  // as they came
};

std::optional<Parts> parts_of(const std::vector<Unit>& units) {
    if (units.empty() || kind_of(units.front()) != FrameKind::method) return std::nullopt;
    Parts parts{.method = &units.front()};
    for (const auto& unit : std::span(units).subspan(1)) {
        if (kind_of(unit) == FrameKind::header) {
            const auto header = decode_content_header(unit.payload());
            if (!header) return std::nullopt;
            parts.header = *header;
        } else {
            const auto payload = unit.payload();
            parts.body.insert(parts.body.end(), payload.begin(), payload.end());
            parts.body_frames.insert(parts.body_frames.end(), unit.octets.begin(), unit.octets.end());
        }
    }
    return parts;
}

std::optional<Bytes> changed_properties(const ContentHeader& header, const json& change) {
    const auto properties = decode_properties(header.property_octets);
    if (!properties) return std::nullopt;
    auto all = to_json(*properties);
    all.update(change);
    auto octets = encode_properties_from_json(all);
    if (!octets) return std::nullopt;
    return std::move(*octets);
}

void append_bodies(Bytes& out, ChannelNumber channel, BytesView body, std::size_t frame_max) {
    const auto most = frame_max > frame_overhead ? frame_max - frame_overhead : body.size();
    while (!body.empty()) {
        const auto piece = body.first(std::min(most, body.size()));
        append_frame(out, {frame_type::body, channel, piece});
        body = body.subspan(piece.size());
    }
}

// Header and bodies, with what changes in them.
std::optional<Bytes> changed_content(const Parts& parts, const json& change, std::size_t frame_max) {
    const auto channel = parts.method->channel();
    auto header = *parts.header;
    Bytes properties(header.property_octets.begin(), header.property_octets.end());
    if (const auto wanted = change.find("properties"); wanted != change.end()) {
        auto octets = changed_properties(header, *wanted);
        if (!octets) return std::nullopt;
        properties = std::move(*octets);
    }
    Bytes bodies = parts.body_frames;
    if (const auto body = change.find("body"); body != change.end()) {
        const auto octets = octets_from_json(*body);
        if (!octets) return std::nullopt;
        header.body_size = octets->size();
        bodies.clear();
        append_bodies(bodies, channel, *octets, frame_max);
    }
    const auto said = change.value("header", json::object());
    header.class_id = said.value("class_id", header.class_id);
    header.weight = said.value("weight", header.weight);
    header.body_size = said.value("body_size", header.body_size);
    header.property_octets = properties;
    Bytes payload;
    encode(header, payload);
    Bytes out;
    append_frame(out, {frame_type::header, channel, payload});
    out.insert(out.end(), bodies.begin(), bodies.end());
    return out;
}

std::optional<Bytes> changed(const Bytes& content, const Replace& replace, std::size_t frame_max) {
    const auto units = FrameStream().feed(content);
    const auto parts = parts_of(units);
    const auto method = parts ? decode_method(parts->method->payload()) : std::unexpected(codec::wire::DecodeError{});
    if (!method) return std::nullopt;
    auto fields = fields_to_json(*method);
    auto names = fields;
    names["channel"] = parts->method->channel().value;
    if (parts->header) names["body_size"] = parts->header->body_size;
    auto change = replace.fields.of(names);
    if (!change) return std::nullopt;
    const auto full = *change;
    for (const auto* part : {"properties", "header", "body"}) change->erase(part);
    fields.update(*change);
    const auto payload = encode_method_from_json(name_of(*method), fields);
    if (!payload) return std::nullopt;
    Bytes out;
    append_frame(out, {parts->method->type(), parts->method->channel(), *payload});
    if (!parts->header) return out;
    const auto rest = changed_content(*parts, full, frame_max);
    if (!rest) return std::nullopt;
    out.insert(out.end(), rest->begin(), rest->end());
    return out;
}

}  // namespace

Bytes replaced(const Bytes& content, const Replace& replace, std::size_t frame_max) {
    return changed(content, replace, frame_max).value_or(content);
}

}  // namespace simbroker::fault
