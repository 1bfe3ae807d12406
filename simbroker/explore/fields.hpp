// Reads a JSON object whose every field is known: what is missing keeps its value, what is unknown or of the wrong type
// is an error with its path.
#pragma once

#include <fmt/format.h>

#include <chrono>
#include <concepts>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace simbroker::explore {

class Fields {
public:
    // The first mistake of all that share it goes to `error`.
    Fields(const nlohmann::json& object, std::string path, std::string& error)
        : object_(object), path_(std::move(path)), error_(error) {
        if (!object.is_object()) fail("", "expected an object");
    }

    template <std::unsigned_integral Number>
    void number(const char* name, Number& value, std::uint64_t least = 0) {
        const auto* found = find(name);
        if (!found) return;
        constexpr std::uint64_t most = std::numeric_limits<Number>::max();
        const bool fits =
            found->is_number_unsigned() && found->get<std::uint64_t>() >= least && found->get<std::uint64_t>() <= most;
        if (!fits) return fail(name, fmt::format("expected a whole number from {} to {}", least, most));
        value = static_cast<Number>(found->get<std::uint64_t>());
    }

    void milliseconds(const char* name, std::chrono::milliseconds& value) {
        auto count = static_cast<std::uint64_t>(value.count());
        number(name, count);
        constexpr std::uint64_t century = 3'155'760'000'000;
        if (count > century) return fail(name, "expected less than a hundred years, in milliseconds");
        value = std::chrono::milliseconds(count);
    }

    void text(const char* name, std::string& value) {
        const auto* found = find(name);
        if (!found) return;
        if (!found->is_string()) return fail(name, "expected a text");
        value = found->get<std::string>();
    }

    void texts(const char* name, std::vector<std::string>& value) {
        list(name, [&](const nlohmann::json& element, const std::string& path) {
            if (!element.is_string()) return fail_at(path, "expected a text");
            value.push_back(element.get<std::string>());
        });
    }

    template <class Enum>
    void choice(const char* name, Enum& value, std::span<const std::string_view> names) {
        const auto* found = find(name);
        if (!found) return fail(name, fmt::format("is missing; expected one of {}", fmt::join(names, ", ")));
        for (std::size_t i = 0; i < names.size(); ++i) {
            if (*found != names[i]) continue;
            value = static_cast<Enum>(i);
            return;
        }
        fail(name, fmt::format("is {}; expected one of {}", found->dump(), fmt::join(names, ", ")));
    }

    template <class Action>
    void list(const char* name, Action&& action) {
        const auto* found = find(name);
        if (!found) return;
        if (!found->is_array()) return fail(name, "expected a list");
        for (std::size_t i = 0; i < found->size(); ++i) action((*found)[i], fmt::format("{}[{}]", path_to(name), i));
    }

    template <class Action>
    void object(const char* name, Action&& action) {
        if (const auto* found = find(name)) action(*found, path_to(name));
    }

    // To be called last.
    void no_others() {
        if (!object_.is_object()) return;
        for (const auto& [name, value] : object_.items()) {
            if (!known_.contains(name)) fail(name, fmt::format("is not known; expected {}", fmt::join(known_, ", ")));
        }
    }

    std::string& error() { return error_; }

private:
    const nlohmann::json* find(const char* name) {
        known_.insert(name);
        if (!object_.is_object()) return nullptr;
        const auto found = object_.find(name);
        return found == object_.end() ? nullptr : &*found;
    }

    std::string path_to(const std::string& name) const {
        if (path_.empty() || name.empty()) return path_ + name;
        return path_ + "." + name;
    }
    void fail(const std::string& name, const std::string& why) { fail_at(path_to(name), why); }
    void fail_at(const std::string& path, const std::string& why) {
        if (error_.empty()) error_ = path.empty() ? why : path + ": " + why;
    }

    const nlohmann::json& object_;
    std::string path_;
    std::string& error_;
    std::set<std::string> known_;
};

}  // namespace simbroker::explore
