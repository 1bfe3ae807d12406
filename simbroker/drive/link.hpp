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

namespace simbroker::drive {

// In which pieces one write arrives. TCP promises none of them.
struct Segmentation {
    enum class Kind : std::uint8_t {
        whole,        // as it was written
        every_octet,  // one octet a piece
        fixed,        // pieces of `size` octets, the last may be shorter
        random,       // pieces of 1 to `size` octets, evenly
    };
    Kind kind = Kind::whole;
    std::size_t size = 1;

    friend bool operator==(const Segmentation&, const Segmentation&) = default;
};

// Octets in the first piece of `bytes` octets; at least 1, at most `bytes` (which is > 0).
std::size_t next_piece(const Segmentation&, std::size_t bytes, Prng&);

struct LinkOptions {
    Duration latency{};                   // from writing to arriving
    Duration jitter{};                    // up to this much more, evenly; pieces never overtake each other
    std::uint64_t octets_per_second = 0;  // 0: no limit
    Segmentation segmentation{};

    friend bool operator==(const LinkOptions&, const LinkOptions&) = default;
};

class Link {
public:
    struct Arrival {
        Instant at;
        codec::wire::Bytes bytes;
    };

    Link(LinkOptions options, Prng chance) : options_(options), chance_(chance) {}

    // What arrives when `bytes` are written now; nothing while the link is stalled.
    std::vector<Arrival> carry(Instant now, codec::wire::BytesView bytes);

    // When something without octets (a FIN) arrives that is written now: never before what was written earlier.
    Instant carry_end(Instant now);

    // From now on nothing gets through, until resume() gives what was written meanwhile.
    void stall() { stalled_ = true; }
    std::vector<Arrival> resume(Instant now);
    bool stalled() const { return stalled_; }

    // Flips the bits of `mask` in the octet that is `offset` octets after all that were written so far.
    void corrupt(std::uint64_t offset, std::uint8_t mask);

    void set_options(LinkOptions options) { options_ = options; }

private:
    struct Corruption {
        std::uint64_t position;
        std::uint8_t mask;
    };

    void apply_corruptions(codec::wire::Bytes& bytes);
    Instant arrival_of(Instant now, std::size_t octets);

    LinkOptions options_;
    Prng chance_;
    std::uint64_t written_ = 0;  // octets, since the beginning
    Instant wire_free_{};        // when the last octet has left, with octets_per_second
    Instant last_arrival_{};
    bool stalled_ = false;
    codec::wire::Bytes held_;
    std::vector<Corruption> corruptions_;
};

}  // namespace simbroker::drive
