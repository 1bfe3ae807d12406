// Verbs about transports, and about the broker behind them.
#include "simbroker/fault/verb.hpp"

namespace simbroker::fault {

namespace {

using Needs = Verb::Needs;

Read<Fault> nothing_given(const Reading& argument, Fault fault) {
    if (!argument.value().is_null()) return argument.expected("nothing");
    return fault;
}

Read<Fault> outage(Outage::Kind kind, const Reading& argument) {
    const auto lasting = argument.duration();
    if (!lasting) return std::unexpected(lasting.error());
    return Outage{kind, *lasting};
}

constexpr Verb rows[] = {
    {"close",
     "",
     "the transport is reset; the frame goes no further",
     Needs::nothing,
     [](const Reading& argument, const Trigger*) { return nothing_given(argument, DropTransport{}); }},
    {"crash",
     "duration",
     "the broker crashes, the frame with it, and is up again after that time",
     Needs::nothing,
     [](const Reading& argument, const Trigger*) { return outage(Outage::Kind::crash, argument); }},
    {"restart",
     "duration",
     "320 to every client; the broker is up again after that time. The frame goes no further",
     Needs::nothing,
     [](const Reading& argument, const Trigger*) { return outage(Outage::Kind::restart, argument); }},
};

}  // namespace

std::span<const Verb> outage_verbs() { return rows; }

}  // namespace simbroker::fault
