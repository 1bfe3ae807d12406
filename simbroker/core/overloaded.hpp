// One handler out of several, for std::visit.
#pragma once

namespace simbroker {

template <class... Handlers>
struct Overloaded : Handlers... {
    using Handlers::operator()...;
};

}  // namespace simbroker
