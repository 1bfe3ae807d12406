#include "conformance/runner/wire_mode.hpp"

#include <algorithm>

namespace conformance::runner {

const std::vector<std::string>& wire_modes() {
    static const std::vector<std::string> names{"whole", "split", "coalesce", "cut-each-step"};
    return names;
}

std::string_view to_string(WireMode mode) { return wire_modes().at(static_cast<std::size_t>(mode)); }

std::optional<WireMode> wire_mode_from(std::string_view text) {
    const auto found = std::ranges::find(wire_modes(), text);
    if (found == wire_modes().end()) return {};
    return static_cast<WireMode>(found - wire_modes().begin());
}

}  // namespace conformance::runner
