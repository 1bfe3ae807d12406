// One value of a rule that is being read, and where it stands: what is wrong is told by its JSON pointer.
#pragma once

#include <cstdint>
#include <expected>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "codec/wire/bytes.hpp"
#include "simbroker/core/instant.hpp"

namespace simbroker::fault {

struct RuleError {
    std::string pointer;  // "/when/nth"; empty: the rule itself
    std::string text;     // "expected a whole number from 1 to 10, got 0"
};

// "/when/nth: expected a whole number from 1 to 10, got 0"
std::string to_string(const RuleError&);

template <class T>
using Read = std::expected<T, RuleError>;

class Reading {
public:
    explicit Reading(const nlohmann::json& value, std::string pointer = {})
        : value_(&value), pointer_(std::move(pointer)) {}

    const nlohmann::json& value() const { return *value_; }
    const std::string& pointer() const { return pointer_; }

    // A member of an object, or an element of an array, that is there.
    Reading at(std::string_view name) const;
    Reading at(std::size_t index) const;
    std::optional<Reading> find(std::string_view name) const;

    std::unexpected<RuleError> wrong(std::string text) const {
        return std::unexpected(RuleError{pointer_, std::move(text)});
    }
    // "expected ..., got ..."
    std::unexpected<RuleError> expected(std::string_view what) const;

    Read<std::uint64_t> integer(std::uint64_t least, std::uint64_t most) const;
    Read<Duration> duration() const;
    Read<std::string> text() const;
    Read<bool> boolean() const;
    Read<codec::wire::Bytes> octets() const;
    Read<std::size_t> choice(std::span<const std::string_view> names) const;  // which of them
    // An object without any member but these.
    Read<void> object(std::span<const std::string_view> names) const;
    Read<void> object(std::initializer_list<std::string_view> names) const {
        return object(std::span(names.begin(), names.size()));
    }

private:
    const nlohmann::json* value_;
    std::string pointer_;
};

// An argument that is the one thing that matters, or an object with it under its name and with what may be said beside.
Read<Reading> main_thing(const Reading& argument, std::string_view name, std::initializer_list<std::string_view> all);
// "for", beside the main thing: how long.
Read<std::optional<Duration>> lasting_of(const Reading& argument);

// Reads a member, if it is there, with one of the functions above: optional_member(reading, "nth", to, &Reading::text).
template <class To, class Function>
Read<void> read_member(const Reading& from, std::string_view name, To& to, Function read) {
    const auto member = from.find(name);
    if (!member) return {};
    auto value = read(*member);
    if (!value) return std::unexpected(value.error());
    to = std::move(*value);
    return {};
}

}  // namespace simbroker::fault
