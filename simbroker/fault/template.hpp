// JSON with blanks in it, which are filled in when a rule acts: {"!field": "delivery_tag", "plus": 1} is that field of
// the frame that set it off.
#pragma once

#include <cstddef>
#include <expected>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "codec/amqp091/frame.hpp"

namespace simbroker::fault {

// What the blanks of one kind ("!field") stand for. A value that is missing takes the name it is for with it.
using Names = nlohmann::json;  // an object

// The blank that no value is known for, as an error.
std::expected<nlohmann::json, std::string> filled_in(
    const nlohmann::json& text, std::string_view blank, const Names& names
);

constexpr std::string_view field_blank = "!field";

bool has_blank(const nlohmann::json& text, std::string_view blank, std::string_view name);

struct Template {
    nlohmann::json text = nlohmann::json::object();

    std::expected<nlohmann::json, std::string> of(const Names& names) const {
        return filled_in(text, field_blank, names);
    }
};

// Frames as notation.hpp writes them, found right when the rule was made.
struct Script {
    nlohmann::json frames = nlohmann::json::array();

    bool empty() const { return frames.empty(); }
    bool needs_channel() const;  // whether something in it goes to the channel it is about
    std::expected<codec::wire::Bytes, std::string> render(
        codec::amqp091::ChannelNumber channel, std::size_t frame_max, const Names& names
    ) const;
};

}  // namespace simbroker::fault
