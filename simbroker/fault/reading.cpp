#include "simbroker/fault/reading.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "simbroker/fault/duration.hpp"
#include "simbroker/fault/notation.hpp"

namespace simbroker::fault {

using nlohmann::json;

namespace {

constexpr std::size_t longest_shown = 60;

std::string shown(const json& value) {
    auto text = value.dump(-1, ' ', false, json::error_handler_t::replace);
    if (text.size() > longest_shown) text = text.substr(0, longest_shown - 3) + "...";
    return text;
}

// A JSON pointer's token (RFC 6901).
std::string token(std::string_view name) {
    std::string escaped;
    for (const char c : name) escaped += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
    return escaped;
}

}  // namespace

std::string to_string(const RuleError& error) {
    return error.pointer.empty() ? error.text : error.pointer + ": " + error.text;
}

Reading Reading::at(std::string_view name) const {
    return Reading(value_->at(std::string(name)), pointer_ + "/" + token(name));
}

Reading Reading::at(std::size_t index) const {
    return Reading(value_->at(index), fmt::format("{}/{}", pointer_, index));
}

std::optional<Reading> Reading::find(std::string_view name) const {
    if (!value_->is_object() || !value_->contains(std::string(name))) return std::nullopt;
    return at(name);
}

std::unexpected<RuleError> Reading::expected(std::string_view what) const {
    return wrong(fmt::format("expected {}, got {}", what, shown(*value_)));
}

Read<std::uint64_t> Reading::integer(std::uint64_t least, std::uint64_t most) const {
    if (value_->is_number_integer() && (value_->is_number_unsigned() || value_->get<std::int64_t>() >= 0)) {
        const auto number = value_->get<std::uint64_t>();
        if (number >= least && number <= most) return number;
    }
    return expected(fmt::format("a whole number from {} to {}", least, most));
}

Read<Duration> Reading::duration() const {
    const auto duration = duration_from_json(*value_);
    if (!duration) return expected("a duration such as 150ms, 3s, 30m, 2h or 7d");
    return *duration;
}

Read<std::string> Reading::text() const {
    if (!value_->is_string()) return expected("text");
    return value_->get<std::string>();
}

Read<bool> Reading::boolean() const {
    if (!value_->is_boolean()) return expected("true or false");
    return value_->get<bool>();
}

Read<codec::wire::Bytes> Reading::octets() const {
    auto octets = octets_from_json(*value_);
    if (!octets) return wrong(octets.error());
    return std::move(*octets);
}

Read<std::size_t> Reading::choice(std::span<const std::string_view> names) const {
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (*value_ == names[i]) return i;
    }
    return expected(fmt::format("{}", fmt::join(names, ", ")));
}

Read<void> Reading::object(std::span<const std::string_view> names) const {
    if (!value_->is_object()) return expected(fmt::format("an object of {}", fmt::join(names, ", ")));
    for (const auto& [name, member] : value_->items()) {
        if (std::ranges::find(names, name) != names.end()) continue;
        return std::unexpected(RuleError{
            pointer_ + "/" + token(name), fmt::format("expected no such field; there are {}", fmt::join(names, ", "))
        });
    }
    return {};
}

Read<Reading> main_thing(const Reading& argument, std::string_view name, std::initializer_list<std::string_view> all) {
    if (!argument.value().is_object()) return argument;
    if (auto read = argument.object(all); !read) return std::unexpected(read.error());
    const auto found = argument.find(name);
    if (!found) return argument.expected(fmt::format("an object with {}", name));
    return *found;
}

Read<std::optional<Duration>> lasting_of(const Reading& argument) {
    const auto found = argument.find("for");
    if (!found) return std::optional<Duration>{};
    const auto read = found->duration();
    if (!read) return std::unexpected(read.error());
    return std::optional(*read);
}

}  // namespace simbroker::fault
