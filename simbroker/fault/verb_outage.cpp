// Verbs about transports, and about the broker behind them.
#include "simbroker/fault/verb.hpp"
#include "simbroker/profile/profile.hpp"

namespace simbroker::fault {

namespace {

using Needs = Verb::Needs;

Read<Fault> nothing_given(const Reading& argument, Fault fault) {
    if (!argument.value().is_null()) return argument.expected("nothing");
    return fault;
}

Read<Fault> crash(const Reading& argument, const Trigger*) {
    constexpr std::string_view disks[] = {"as_it_is", "synced"};
    const auto main = main_thing(argument, "for", {"for", "disk"});
    if (!main) return std::unexpected(main.error());
    const auto lasting = main->duration();
    if (!lasting) return std::unexpected(lasting.error());
    Outage outage{.kind = Outage::Kind::crash, .lasting = *lasting};
    const auto disk = argument.find("disk");
    const auto choice = disk ? disk->choice(disks) : Read<std::size_t>(0);
    if (!choice) return std::unexpected(choice.error());
    if (*choice == 1) outage.first = operation::SyncDisk{};
    return outage;
}

Read<Fault> restart(const Reading& argument, const Trigger*) {
    const auto lasting = argument.duration();
    if (!lasting) return std::unexpected(lasting.error());
    return Outage{.kind = Outage::Kind::restart, .lasting = *lasting};
}

Read<Fault> upgrade(const Reading& argument, const Trigger*) {
    const auto to = main_thing(argument, "to", {"to", "for"});
    if (!to) return std::unexpected(to.error());
    std::vector<std::string_view> names;
    for (const auto* profile : profile::all()) names.push_back(profile->name);
    const auto choice = to->choice(names);
    if (!choice) return std::unexpected(choice.error());
    const auto lasting = lasting_of(argument);
    if (!lasting) return std::unexpected(lasting.error());
    return Outage{
        .kind = Outage::Kind::restart,
        .lasting = lasting->value_or(std::chrono::seconds(1)),
        .first = operation::ChangeVersion{std::string(names[*choice])},
    };
}

constexpr Verb rows[] = {
    {"close",
     "",
     "the transport is reset; the frame goes no further",
     Needs::nothing,
     [](const Reading& argument, const Trigger*) { return nothing_given(argument, DropTransport{}); }},
    {"crash",
     "duration, or for, disk",
     "the broker crashes, the frame with it, and is up again after that time; what is not on the disk is lost, unless "
     "disk is synced",
     Needs::nothing,
     crash},
    {"restart",
     "duration",
     "320 to every client; the broker is up again after that time. The frame goes no further",
     Needs::nothing,
     restart},
    {"upgrade",
     "profile, or to, for",
     "320 to every client, and soon a broker of another version with the same messages",
     Needs::nothing,
     upgrade},
};

}  // namespace

std::span<const Verb> outage_verbs() { return rows; }

}  // namespace simbroker::fault
