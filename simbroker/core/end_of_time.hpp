// Where broker time ends: at half of what its clock can count. A deadline may be as far off again, and still be
// counted.
#pragma once

#include "simbroker/core/instant.hpp"

namespace simbroker {

inline constexpr Instant end_of_time{Duration::max() / 2};  // 146 years

}  // namespace simbroker
