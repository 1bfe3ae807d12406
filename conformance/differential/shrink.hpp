// From a dialogue two brokers answer differently to the shortest part of it that they still do.
#pragma once

#include <functional>

#include "conformance/dialogue/dialogue.hpp"

namespace conformance::differential {

using StillDiffers = std::function<bool(const dialogue::Dialogue&)>;

// Acts are left out in halves, quarters and so on, then what the remaining ones carry beside the necessary. Connections
// that nothing uses go last. `most_trials` bounds how often `still_differs` is asked.
dialogue::Dialogue shrink(
    dialogue::Dialogue dialogue, const StillDiffers& still_differs, std::size_t most_trials = 400
);

}  // namespace conformance::differential
