#include "conformance/peer/item.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace conformance::peer {

namespace {

constexpr std::size_t longest_shown = 48;

bool printable(codec::wire::BytesView octets) {
    return std::ranges::all_of(octets, [](auto octet) { return octet >= 0x20 && octet < 0x7f; });
}

std::string describe_content(const Content& content) {
    const auto properties = codec::amqp091::decode_properties(content.property_octets);
    return fmt::format(
        " {} {}",
        properties ? to_string(*properties) : "properties that cannot be read: " + to_string(properties.error()),
        describe_octets(content.body)
    );
}

}  // namespace

bool Item::is(std::string_view method_name) const {
    return method.has_value() && codec::amqp091::name_of(*method) == method_name;
}

std::string describe_octets(codec::wire::BytesView octets) {
    const auto shown = octets.first(std::min(octets.size(), longest_shown));
    const auto more = octets.size() > shown.size() ? fmt::format("... ({} octets)", octets.size()) : std::string();
    if (printable(shown)) return fmt::format("\"{}\"{}", codec::wire::as_text(shown), more);
    return fmt::format("hex {:02x}{}", fmt::join(shown, ""), more);
}

std::string describe(const Item& item) {
    switch (item.kind) {
        case Item::Kind::method:
            return fmt::format(
                "channel {}: {}{}",
                item.channel.value,
                codec::amqp091::to_string(*item.method),
                item.content ? describe_content(*item.content) : std::string()
            );
        case Item::Kind::heartbeat: return "a heartbeat";
        case Item::Kind::protocol_header: return "the protocol header " + describe_octets(*item.payload);
        case Item::Kind::broken: return item.trouble;
        case Item::Kind::end: return "the end of the transport";
    }
    return "";
}

}  // namespace conformance::peer
