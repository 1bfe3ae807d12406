#include "simbroker/server091/confirms.hpp"

#include <algorithm>
#include <utility>

namespace simbroker::server091 {
namespace {

void coalesce(
    Confirmation::Kind kind, std::vector<std::uint64_t>& numbers, std::uint64_t cutoff, std::vector<Confirmation>& out
) {
    std::ranges::sort(numbers);
    const auto above = std::ranges::lower_bound(numbers, cutoff);
    if (above != numbers.begin()) out.push_back({kind, *std::prev(above), true});
    for (auto number = above; number != numbers.end(); ++number) out.push_back({kind, *number, false});
}

}  // namespace

void Confirms::disk_synced(const model::Disk& disk) {
    for (; !waiting_.empty() && disk.is_safe(waiting_.front().write); waiting_.pop_front()) {
        acknowledge(waiting_.front().number);
    }
}

std::vector<Confirmation> Confirms::flush() {
    std::vector<Confirmation> out;
    if (acknowledged_.empty() && refused_.empty()) return out;
    auto acknowledged = std::exchange(acknowledged_, {});
    auto refused = std::exchange(refused_, {});
    const auto lowest = [this](const std::vector<std::uint64_t>& numbers) {
        return numbers.empty() ? last_ + 1 : *std::ranges::min_element(numbers);
    };
    const auto first_open = waiting_.empty() ? last_ + 1 : waiting_.front().number;
    const auto first_refused = std::min(lowest(refused), first_open);
    const auto first_acknowledged = std::min(lowest(acknowledged), first_open);
    if (acknowledged.size() == 1) {
        out.push_back({Confirmation::Kind::ack, acknowledged.front(), false});
    } else {
        coalesce(Confirmation::Kind::ack, acknowledged, first_refused, out);
    }
    coalesce(Confirmation::Kind::nack, refused, first_acknowledged, out);
    return out;
}

}  // namespace simbroker::server091
