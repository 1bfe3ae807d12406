// The name a driver gives a connection. Ids count up and are never used twice in a broker's life.
#pragma once

#include <compare>
#include <cstdint>

namespace simbroker {

struct ConnectionId {
    std::uint32_t value{};
    friend constexpr auto operator<=>(ConnectionId, ConnectionId) = default;
};

}  // namespace simbroker
