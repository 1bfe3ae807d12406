// What plans are drawn from: how many clients of which kind, which queues, which mishaps and how many.
#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "simbroker/explore/plan.hpp"
#include "simbroker/profile/profile.hpp"

namespace simbroker::explore {

struct Workload {
    std::string profile = "rabbitmq-4.3";
    std::uint32_t clients = 8;
    std::uint32_t queues = 4;
    Milliseconds length{60'000};
    Milliseconds calm{60'000};
    std::uint32_t steps_per_minute = 60;                       // of each client
    std::uint32_t mishaps_per_minute = 6;                      // on average, with all that a seed drew at full strength
    std::uint32_t body = 64;                                   // octets of a message, at most
    std::vector<std::uint32_t> disk_delays{0, 0, 5, 50, 400};  // milliseconds, one of which a seed draws

    // How often each is drawn, beside the others; in the order of the enumerators.
    std::array<std::uint32_t, 7> roles{5, 5, 1, 1, 1, 1, 1};
    std::array<std::uint32_t, 7> uses{3, 2, 2, 2, 2, 2, 0};  // requests: one queue, where there are requesters
    std::array<std::uint32_t, 18> mishaps{3, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 2, 1, 1, 1, 1, 1, 1};
};

// The profiles virtual clients can live with: those that offer confirms and basic.nack.
std::vector<const profile::Profile*> explorable_profiles();
// Why this is none of them, or nothing.
std::optional<std::string> refused_profile(std::string_view name);

// Of JSON or YAML. What is missing keeps its value; what is unknown is an error that names it.
std::expected<Workload, std::string> workload_from_text(std::string_view text);
std::expected<Workload, std::string> workload_from_file(const std::filesystem::path& file);

// Everything of a run, by the seed alone. Each seed draws which mishaps can happen to it, and how often.
Plan draw(const Workload& workload, Seed seed);

}  // namespace simbroker::explore
