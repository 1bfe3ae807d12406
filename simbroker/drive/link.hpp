// What a wire does to octets: how long they travel, in which pieces they arrive, and what is lost on the way.
// One Link is one direction of one connection. It knows no frames: faults of what a peer says live in fault/.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "codec/wire/bytes.hpp"
#include "simbroker/core/instant.hpp"
#include "simbroker/core/prng.hpp"
#include "simbroker/core/wire.hpp"

namespace simbroker::drive {

// Octets in the first piece of `bytes` octets; at least 1, at most `bytes` (which is > 0).
std::size_t next_piece(const Segmentation&, std::size_t bytes, Prng&);

class Link {
public:
    struct Arrival {
        Instant at;
        codec::wire::Bytes bytes;
    };

    Link(LinkOptions options, Prng chance) : options_(options), chance_(chance) {}

    // What arrives when `bytes` are written now; nothing while the link is stalled, or gathers.
    std::vector<Arrival> carry(Instant now, codec::wire::BytesView bytes);

    // With LinkOptions::coalesce: when what was gathered has to leave, and what arrives of it then.
    std::optional<Instant> flush_due() const { return flush_due_; }
    std::vector<Arrival> flush(Instant now);

    // When something without octets (a FIN) arrives that is written now: never before what was written earlier.
    Instant carry_end(Instant now);

    // From now on nothing gets through, until resume() gives what was written meanwhile.
    void stall() { stalled_ = true; }
    std::vector<Arrival> resume(Instant now);
    bool stalled() const { return stalled_; }

    // From now on everything gets lost.
    void vanish();
    bool vanishes() const { return vanishes_; }

    std::size_t kept() const { return kept_.size(); }  // octets that wait for resume() or flush()

    // Flips the bits of `mask` in the octet that is `offset` octets after all that were written so far.
    void corrupt(std::uint64_t offset, std::uint8_t mask);

    void set_options(LinkOptions options) { options_ = options; }
    const LinkOptions& options() const { return options_; }

private:
    struct Corruption {
        std::uint64_t position;
        std::uint8_t mask;
    };

    void apply_corruptions(codec::wire::Bytes& bytes);
    std::vector<Arrival> cut(Instant now, codec::wire::BytesView bytes);
    Instant arrival_of(Instant now, std::size_t octets);

    LinkOptions options_;
    Prng chance_;
    std::uint64_t written_ = 0;  // octets, since the beginning
    Instant wire_free_{};        // when the last octet has left, with octets_per_second
    Instant last_arrival_{};
    bool stalled_ = false;
    bool vanishes_ = false;
    std::optional<Instant> flush_due_;
    codec::wire::Bytes kept_;
    std::vector<Corruption> corruptions_;
};

}  // namespace simbroker::drive
