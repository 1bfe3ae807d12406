#include "simbroker/fault/gathering.hpp"

#include <algorithm>
#include <utility>

#include "codec/amqp091/codec.hpp"

namespace simbroker::fault {

using namespace codec::amqp091;

void ConfirmLedger::note(std::uint64_t tag, bool multiple) {
    if (multiple) {
        all_up_to_ = std::max(all_up_to_, tag);
        beyond_.erase(beyond_.begin(), beyond_.upper_bound(all_up_to_));
    } else if (tag > all_up_to_) {
        beyond_.insert(tag);
    }
    while (beyond_.erase(all_up_to_ + 1) > 0) ++all_up_to_;
}

std::vector<std::uint64_t> ConfirmLedger::answered_by(std::uint64_t tag, bool multiple) const {
    if (!multiple) return {tag};
    std::vector<std::uint64_t> fresh;
    for (auto each = all_up_to_ + 1; each <= tag; ++each) {
        if (!beyond_.contains(each)) fresh.push_back(each);
    }
    return fresh;
}

namespace {

Gathered ack(ChannelNumber channel, std::uint64_t tag, bool multiple) {
    Gathered made{.channel = channel};
    append_method(made.octets, channel, basic::Ack{.delivery_tag = tag, .multiple = multiple});
    return made;
}

std::vector<Gathered> one_by_one(const std::vector<Gathered>& frames) {
    std::vector<Gathered> single;
    for (const auto& frame : frames) {
        for (const auto tag : frame.confirmed) single.push_back(ack(frame.channel, tag, false));
    }
    return single;
}

// Everything up to `all_up_to` is told with one, for nothing below it is still to be answered.
std::vector<Gathered> as_few_as_can_be(const std::vector<Gathered>& frames, std::uint64_t all_up_to) {
    std::uint64_t last = 0;
    std::vector<std::uint64_t> later;
    for (const auto& frame : frames) {
        for (const auto tag : frame.confirmed) {
            if (tag > all_up_to) {
                later.push_back(tag);
            } else {
                last = std::max(last, tag);
            }
        }
    }
    const auto channel = frames.front().channel;
    std::vector<Gathered> few;
    if (last > 0) few.push_back(ack(channel, last, true));
    for (const auto tag : later) few.push_back(ack(channel, tag, false));
    return few;
}

void shuffle(std::vector<Gathered>& frames, Prng& chance) {
    for (auto left = frames.size(); left > 1; --left) std::swap(frames[left - 1], frames[chance.below(left)]);
}

// The consumer that was the last to get something is now the first; each keeps its own order.
void put_by_consumer(std::vector<Gathered>& frames) {
    std::vector<nlohmann::json> order;
    for (const auto& frame : frames) {
        if (std::ranges::find(order, frame.consumer) == order.end()) order.push_back(frame.consumer);
    }
    std::ranges::stable_sort(frames, std::ranges::greater{}, [&](const Gathered& frame) {
        return std::ranges::find(order, frame.consumer) - order.begin();
    });
}

}  // namespace

std::vector<Gathered> arranged(Gathering gathering, std::uint64_t all_up_to, Prng& chance) {
    auto frames = std::move(gathering.frames);
    switch (gathering.how.confirms) {
        case Reorder::Confirms::as_they_are: break;
        case Reorder::Confirms::single: frames = one_by_one(frames); break;
        case Reorder::Confirms::multiple: frames = as_few_as_can_be(frames, all_up_to); break;
    }
    switch (gathering.how.order) {
        case Reorder::Order::kept: break;
        case Reorder::Order::reversed: std::ranges::reverse(frames); break;
        case Reorder::Order::shuffled: shuffle(frames, chance); break;
        case Reorder::Order::by_consumer: put_by_consumer(frames); break;
    }
    return frames;
}

}  // namespace simbroker::fault
