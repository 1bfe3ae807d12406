// Frames in words, by way of the codec.
#include "simbroker/trace/frame_text.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "codec/amqp091/codec.hpp"
#include "codec/amqp091/json.hpp"
#include "codec/wire/hex.hpp"

namespace simbroker::trace {

namespace {

using codec::wire::BytesView;
namespace frame_type = codec::amqp091::frame_type;

std::string method_text(BytesView payload) {
    const auto method = codec::amqp091::decode_method(payload);
    if (method) return codec::amqp091::to_string(*method);
    return fmt::format(
        "malformed method: {}: {}",
        to_string(method.error()),
        codec::wire::to_hex(payload.first(std::min<std::size_t>(payload.size(), 60)))
    );
}

std::string header_text(BytesView payload) {
    const auto header = codec::amqp091::decode_content_header(payload);
    if (!header) return fmt::format("malformed header: {}", to_string(header.error()));
    const auto properties = codec::amqp091::decode_properties(header->property_octets);
    if (!properties) {
        return fmt::format(
            "header of {} octets, malformed properties: {}", header->body_size, to_string(properties.error())
        );
    }
    const auto json = codec::amqp091::to_json(*properties, codec::amqp091::JsonForm::readable);
    if (json.empty()) return fmt::format("header of {} octets", header->body_size);
    constexpr auto replace = nlohmann::json::error_handler_t::replace;
    return fmt::format("header of {} octets {}", header->body_size, json.dump(-1, ' ', false, replace));
}

bool is_text(BytesView octets) {
    return std::ranges::all_of(octets, [](auto octet) { return octet >= 0x20 && octet < 0x7f; });
}

}  // namespace

std::string preview(BytesView octets, std::size_t most) {
    const auto shown = octets.first(std::min(octets.size(), most));
    auto text = is_text(shown) ? std::string(codec::wire::as_text(shown)) : codec::wire::to_hex(shown);
    if (shown.size() < octets.size()) text += "...";
    return text;
}

std::string frame_text(const fault::Unit& unit) {
    if (unit.kind == fault::Unit::Kind::protocol_header) {
        const auto& o = unit.octets;
        return fmt::format(
            "protocol header {}", o.size() == 8 ? fmt::format("AMQP {} {} {} {}", o[4], o[5], o[6], o[7]) : preview(o)
        );
    }
    if (unit.kind == fault::Unit::Kind::opaque) {
        return fmt::format("no frame, {} octets: {}", unit.octets.size(), preview(unit.octets));
    }
    std::string text;
    switch (unit.type()) {
        case frame_type::method: text = method_text(unit.payload()); break;
        case frame_type::header: text = header_text(unit.payload()); break;
        case frame_type::body:
            text = fmt::format("body of {} octets: {}", unit.payload().size(), preview(unit.payload()));
            break;
        case frame_type::heartbeat: text = "heartbeat"; break;
        default: text = fmt::format("frame of type {}: {}", unit.type(), preview(unit.payload()));
    }
    if (unit.octets.back() != codec::amqp091::frame_end)
        text += fmt::format(" [frame end {:#04x}]", unit.octets.back());
    return text;
}

}  // namespace simbroker::trace
