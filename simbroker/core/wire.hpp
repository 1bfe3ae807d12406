// What becomes of octets on their way, and of clients at the door, as values. A machine says so as an output, so that
// it stands in the trace and comes again in every run; only a driver knows how it is done.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "simbroker/core/connection_id.hpp"
#include "simbroker/core/instant.hpp"

namespace simbroker {

// Which way something travels.
enum class Toward : std::uint8_t { client, server };

constexpr Toward opposite(Toward toward) { return toward == Toward::client ? Toward::server : Toward::client; }
constexpr std::string_view to_string(Toward toward) { return toward == Toward::client ? "client" : "server"; }

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

// One direction of one connection.
struct LinkOptions {
    Duration latency{};                   // from writing to arriving
    Duration jitter{};                    // up to this much more, evenly; pieces never overtake each other
    std::uint64_t octets_per_second = 0;  // 0: no limit
    Segmentation segmentation{};
    Duration coalesce{};         // what is written within so long of the first octet leaves as one
    std::size_t tls_record = 0;  // to the client, over TLS: octets in a record at most; 0: as many as TLS takes
    // Real time between two pieces on sockets, for a client to read them apart. In a simulation they are apart anyway.
    std::chrono::microseconds gap{};

    friend bool operator==(const LinkOptions&, const LinkOptions&) = default;
};

// Some of what a link does, as a set.
using LinkParts = std::uint8_t;
namespace link_part {
constexpr LinkParts latency = 1;  // and jitter
constexpr LinkParts rate = 2;
constexpr LinkParts segmentation = 4;  // and the gap between pieces
constexpr LinkParts coalesce = 8;
constexpr LinkParts tls_record = 16;
constexpr LinkParts all = 31;
}  // namespace link_part

// `link`, but for these parts, which are those of `other`.
LinkOptions with_parts(LinkOptions link, LinkParts parts, const LinkOptions& other);

namespace wire {

// From now on octets travel like this, in these respects.
struct Bend {
    LinkOptions link{};
    LinkParts parts = link_part::all;
    friend bool operator==(const Bend&, const Bend&) = default;
};

// Nobody takes octets any more: what is written waits, and its writer has to wait when the buffers are full.
struct Stall {
    friend bool operator==(const Stall&, const Stall&) = default;
};

// The end of a stall.
struct Resume {
    friend bool operator==(const Resume&, const Resume&) = default;
};

// From now on octets vanish, and so does the end of the connection: half of it is gone, and nobody is told.
struct Vanish {
    friend bool operator==(const Vanish&, const Vanish&) = default;
};

// The bits of `mask` are flipped in the octet `offset` octets after all that were written so far, below TLS.
struct Corrupt {
    std::uint64_t offset = 0;
    std::uint8_t mask = 0;
    friend bool operator==(const Corrupt&, const Corrupt&) = default;
};

// The connection ends after what was written so far, for both sides.
struct End {
    enum class How : std::uint8_t { fin, rst };
    How how{};
    friend bool operator==(const End&, const End&) = default;
};

// In these respects they travel as the driver was made to have them.
struct Unbend {
    LinkParts parts = link_part::all;
    friend bool operator==(const Unbend&, const Unbend&) = default;
};

using Change = std::variant<Bend, Stall, Resume, Vanish, Corrupt, End, Unbend>;

}  // namespace wire

struct Wire {
    ConnectionId connection{};  // 0: every one; how octets travel holds for those to come, too
    Toward toward{};            // End is about both ways
    wire::Change change{};

    friend bool operator==(const Wire&, const Wire&) = default;
};

namespace door {

// Clients are taken as ever.
struct Open {
    friend bool operator==(const Open&, const Open&) = default;
};

// Nobody listens.
struct Refuse {
    friend bool operator==(const Refuse&, const Refuse&) = default;
};

// A client is connected at once, but nobody looks after it for so long.
struct Delay {
    Duration by{};
    friend bool operator==(const Delay&, const Delay&) = default;
};

// A client is connected, and never hears anything; the broker does not hear of it.
struct Silence {
    friend bool operator==(const Silence&, const Silence&) = default;
};

// Which certificate clients are shown from now on, by its name; empty: the usual one.
struct ShowCertificate {
    std::string name;
    friend bool operator==(const ShowCertificate&, const ShowCertificate&) = default;
};

// The broker listens somewhere else: the old port refuses. Connections stay.
struct Move {
    std::uint16_t port = 0;  // 0: a free one
    friend bool operator==(const Move&, const Move&) = default;
};

using Change = std::variant<Open, Refuse, Delay, Silence, ShowCertificate, Move>;

}  // namespace door

// What becomes of clients that come from now on.
struct Door {
    door::Change change{};

    friend bool operator==(const Door&, const Door&) = default;
};

std::string to_string(const Wire&);  // "the way to client: latency 0.2 s, pieces of 5 octets"
std::string to_string(const Door&);  // "the door: nobody listens"

}  // namespace simbroker
