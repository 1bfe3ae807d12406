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
    in_order_ |= waiting_.empty();
}

void Confirms::taken(Instant now, const model::Disk& disk) {
    for (; !coming_.empty() && coming_.begin()->first <= now; coming_.erase(coming_.begin())) {
        const auto& come = coming_.begin()->second;
        if (disk.is_safe(come.write)) {
            acknowledge(come.number);
        } else {
            waiting_.insert(std::ranges::upper_bound(waiting_, come.write, {}, &Waiting::write), come);
            in_order_ = false;
        }
    }
}

// The lowest number that is neither acknowledged nor refused.
std::uint64_t Confirms::first_open() const {
    auto first = last_ + 1;
    if (!waiting_.empty()) first = waiting_.front().number;
    if (!in_order_) {
        for (const auto& waiting : waiting_) first = std::min(first, waiting.number);
    }
    for (const auto& [at, coming] : coming_) first = std::min(first, coming.number);
    return first;
}

std::vector<Confirmation> Confirms::flush() {
    std::vector<Confirmation> out;
    if (acknowledged_.empty() && refused_.empty()) return out;
    auto acknowledged = std::exchange(acknowledged_, {});
    auto refused = std::exchange(refused_, {});
    const auto lowest = [this](const std::vector<std::uint64_t>& numbers) {
        return numbers.empty() ? last_ + 1 : *std::ranges::min_element(numbers);
    };
    const auto open = first_open();
    const auto first_refused = std::min(lowest(refused), open);
    const auto first_acknowledged = std::min(lowest(acknowledged), open);
    if (acknowledged.size() == 1) {
        out.push_back({Confirmation::Kind::ack, acknowledged.front(), false});
    } else {
        coalesce(Confirmation::Kind::ack, acknowledged, first_refused, out);
    }
    coalesce(Confirmation::Kind::nack, refused, first_acknowledged, out);
    return out;
}

}  // namespace simbroker::server091
