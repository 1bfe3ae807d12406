// Frames and contents that say something else than they did. What cannot be read stays as it was.
#pragma once

#include <cstddef>

#include "simbroker/fault/fault.hpp"

namespace simbroker::fault {

codec::wire::Bytes edited(const Unit& frame, const EditFrame&, std::size_t frame_max);

// `content` is a method frame with all that belongs to it.
codec::wire::Bytes replaced(const codec::wire::Bytes& content, const Replace&, std::size_t frame_max);

}  // namespace simbroker::fault
