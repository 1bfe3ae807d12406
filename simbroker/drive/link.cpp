// One direction of one connection: when pieces of octets arrive.
#include "simbroker/drive/link.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace simbroker::drive {

using codec::wire::Bytes;
using codec::wire::BytesView;

std::size_t next_piece(const Segmentation& segmentation, std::size_t bytes, Prng& chance) {
    assert(bytes > 0);
    const auto size = std::max<std::size_t>(segmentation.size, 1);
    switch (segmentation.kind) {
        case Segmentation::Kind::whole: return bytes;
        case Segmentation::Kind::every_octet: return 1;
        case Segmentation::Kind::fixed: return std::min(size, bytes);
        case Segmentation::Kind::random: return std::min(static_cast<std::size_t>(chance.below(size)) + 1, bytes);
    }
    return bytes;
}

Instant Link::arrival_of(Instant now, std::size_t octets) {
    auto left = std::max(now, wire_free_);
    if (options_.octets_per_second > 0) {
        // In two steps, so that nothing overflows: whole seconds, then the rest of a second.
        const std::uint64_t rate = options_.octets_per_second;
        left += std::chrono::seconds(octets / rate);
        left +=
            Duration(static_cast<Duration::rep>(static_cast<double>(octets % rate) * 1e9 / static_cast<double>(rate)));
        wire_free_ = left;
    }
    auto at = left + options_.latency;
    if (options_.jitter > Duration::zero()) {
        at += Duration(static_cast<Duration::rep>(chance_.below(static_cast<std::uint64_t>(options_.jitter.count()) + 1)
        ));
    }
    last_arrival_ = std::max(at, last_arrival_);
    return last_arrival_;
}

void Link::apply_corruptions(Bytes& bytes) {
    const auto end = written_ + bytes.size();
    for (const auto& [position, mask] : corruptions_) {
        if (position >= written_ && position < end) bytes[static_cast<std::size_t>(position - written_)] ^= mask;
    }
    std::erase_if(corruptions_, [end](const Corruption& corruption) { return corruption.position < end; });
    written_ = end;
}

std::vector<Link::Arrival> Link::carry(Instant now, BytesView bytes) {
    if (bytes.empty()) return {};
    Bytes written(bytes.begin(), bytes.end());
    apply_corruptions(written);
    if (vanishes_) return {};
    const bool gathers = options_.coalesce > Duration::zero();
    if (!stalled_ && !gathers && kept_.empty()) return cut(now, written);
    kept_.insert(kept_.end(), written.begin(), written.end());
    if (stalled_) return {};
    if (!gathers) return flush(now);
    if (!flush_due_) flush_due_ = now + options_.coalesce;
    return {};
}

std::vector<Link::Arrival> Link::cut(Instant now, BytesView bytes) {
    std::vector<Arrival> arrivals;
    while (!bytes.empty()) {
        const auto piece = bytes.first(next_piece(options_.segmentation, bytes.size(), chance_));
        arrivals.push_back({arrival_of(now, piece.size()), Bytes(piece.begin(), piece.end())});
        bytes = bytes.subspan(piece.size());
    }
    return arrivals;
}

std::vector<Link::Arrival> Link::flush(Instant now) {
    flush_due_.reset();
    if (stalled_) return {};
    return cut(now, std::exchange(kept_, {}));
}

Instant Link::carry_end(Instant now) { return arrival_of(now, 0); }

std::vector<Link::Arrival> Link::resume(Instant now) {
    stalled_ = false;
    return flush(now);
}

void Link::vanish() {
    vanishes_ = true;
    flush_due_.reset();
    kept_.clear();
}

void Link::corrupt(std::uint64_t offset, std::uint8_t mask) { corruptions_.push_back({written_ + offset, mask}); }

}  // namespace simbroker::drive
