// What an option that counts may be: CLI11 takes -1 for the largest number there is.
#pragma once

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string>

namespace simbroker::app {

inline CLI::Validator whole_number(std::uint64_t least) {
    const auto refusal = [least](const std::string& text) -> std::string {
        std::uint64_t number = 0;
        const auto* end = text.data() + text.size();
        const auto [stop, error] = std::from_chars(text.data(), end, number);
        if (error == std::errc() && stop == end && number >= least) return {};
        return fmt::format("expected a whole number, {} to {}, got {}", least, UINT64_MAX, text);
    };
    return {refusal, "", "whole number"};
}

}  // namespace simbroker::app
