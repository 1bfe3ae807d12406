// Verbs about wires and about the door.
//
// An argument is the one thing that matters, or an object with that under its name and with what may be said beside it:
// "way" (client, server or both) and "for" (how long).
#include <initializer_list>

#include "simbroker/fault/verb.hpp"

namespace simbroker::fault {

namespace {

using Needs = Verb::Needs;

// What is said beside the main thing.
struct Beside {
    std::optional<Toward> way{};
    std::optional<Duration> lasting{};
};

Read<std::optional<Toward>> read_way(const Reading& way) {
    constexpr std::string_view names[] = {"client", "server", "both"};
    const auto choice = way.choice(names);
    if (!choice) return std::unexpected(choice.error());
    if (*choice == 2) return std::optional<Toward>{};
    return std::optional(*choice == 0 ? Toward::client : Toward::server);
}

Read<Beside> read_beside(const Reading& argument, Beside usual) {
    if (!argument.value().is_object()) return usual;
    if (const auto way = argument.find("way")) {
        const auto read = read_way(*way);
        if (!read) return std::unexpected(read.error());
        usual.way = *read;
    }
    const auto lasting = lasting_of(argument);
    if (!lasting) return std::unexpected(lasting.error());
    if (*lasting) usual.lasting = *lasting;
    return usual;
}

Read<Fault> bend(const Reading& argument, LinkParts parts, LinkOptions link, Beside usual = {}) {
    const auto beside = read_beside(argument, usual);
    if (!beside) return std::unexpected(beside.error());
    return ChangeWire{.way = beside->way, .change = wire::Bend{link, parts}, .lasting = beside->lasting};
}

Read<Fault> latency(const Reading& argument, const Trigger*) {
    const auto main = main_thing(argument, "by", {"by", "jitter", "way", "for"});
    if (!main) return std::unexpected(main.error());
    const auto by = main->duration();
    if (!by) return std::unexpected(by.error());
    LinkOptions link{.latency = *by};
    if (const auto jitter = argument.find("jitter")) {
        const auto read = jitter->duration();
        if (!read) return std::unexpected(read.error());
        link.jitter = *read;
    }
    return bend(argument, link_part::latency, link);
}

Read<Fault> bandwidth(const Reading& argument, const Trigger*) {
    const auto main = main_thing(argument, "octets_per_second", {"octets_per_second", "way", "for"});
    if (!main) return std::unexpected(main.error());
    const auto rate = main->integer(1, std::uint64_t{1} << 40);
    if (!rate) return std::unexpected(rate.error());
    return bend(argument, link_part::rate, {.octets_per_second = *rate});
}

constexpr std::uint64_t largest_piece = std::uint64_t{1} << 30;

// On sockets a pause keeps pieces apart.
constexpr std::chrono::microseconds usual_gap{100};

Read<Fault> split(const Reading& argument, const Trigger*) {
    auto main = Read<Reading>(argument);
    auto kind = Segmentation::Kind::fixed;
    if (argument.find("random")) {
        kind = Segmentation::Kind::random;
        main = main_thing(argument, "random", {"random", "way", "for"});
    } else {
        main = main_thing(argument, "size", {"size", "random", "way", "for"});
    }
    if (!main) return std::unexpected(main.error());
    const auto size = main->integer(1, largest_piece);
    if (!size) return std::unexpected(size.error());
    if (*size == 1) kind = Segmentation::Kind::every_octet;
    return bend(
        argument, link_part::segmentation, {.segmentation = {kind, static_cast<std::size_t>(*size)}, .gap = usual_gap}
    );
}

Read<Fault> coalesce(const Reading& argument, const Trigger*) {
    const auto main = main_thing(argument, "within", {"within", "way", "for"});
    if (!main) return std::unexpected(main.error());
    const auto within = main->duration();
    if (!within) return std::unexpected(within.error());
    return bend(argument, link_part::coalesce, {.coalesce = *within});
}

Read<Fault> tls_records(const Reading& argument, const Trigger*) {
    const auto main = main_thing(argument, "size", {"size", "for"});
    if (!main) return std::unexpected(main.error());
    const auto size = main->integer(1, 16384);
    if (!size) return std::unexpected(size.error());
    return bend(
        argument, link_part::tls_record, {.tls_record = static_cast<std::size_t>(*size)}, {.way = Toward::client}
    );
}

Read<Fault> stall(const Reading& argument, const Trigger*) {
    if (argument.value().is_string()) {
        const auto lasting = argument.duration();
        if (!lasting) return std::unexpected(lasting.error());
        return ChangeWire{.way = Toward::server, .change = wire::Stall{}, .lasting = *lasting};
    }
    if (!argument.value().is_null()) {
        if (auto read = argument.object({"way", "for"}); !read) return std::unexpected(read.error());
    }
    const auto beside = read_beside(argument, {.way = Toward::server});
    if (!beside) return std::unexpected(beside.error());
    return ChangeWire{.way = beside->way, .change = wire::Stall{}, .lasting = beside->lasting};
}

Read<Fault> half_open(const Reading& argument, const Trigger*) {
    if (!argument.value().is_null()) {
        if (auto read = argument.object({"way"}); !read) return std::unexpected(read.error());
    }
    const auto beside = read_beside(argument, {});
    if (!beside) return std::unexpected(beside.error());
    return ChangeWire{.way = beside->way, .change = wire::Vanish{}};
}

Read<Fault> end(wire::End::How how, const Reading& argument, const Trigger* trigger) {
    ChangeWire act{.change = wire::End{how}};
    if (argument.value().is_null()) return act;
    if (auto read = argument.object({"at"}); !read) return std::unexpected(read.error());
    const auto at = argument.find("at");
    if (!at) return argument.expected("nothing, or an object with at");
    if (trigger == nullptr) return at->wrong("expected a rule about frames: there is none to end in the middle of");
    const auto octet = at->integer(0, largest_piece);
    if (!octet) return std::unexpected(octet.error());
    act.at = static_cast<std::size_t>(*octet);
    return act;
}

Read<Fault> corrupt(const Reading& argument, const Trigger* trigger) {
    if (auto read = argument.object({"at", "mask", "way"}); !read) return std::unexpected(read.error());
    const auto beside = read_beside(argument, {.way = trigger ? trigger->toward : Toward::client});
    if (!beside) return std::unexpected(beside.error());
    wire::Corrupt change{.offset = 0, .mask = 0xff};
    if (const auto at = argument.find("at")) {
        const auto read = at->integer(0, largest_piece);
        if (!read) return std::unexpected(read.error());
        change.offset = *read;
    }
    if (const auto mask = argument.find("mask")) {
        const auto read = mask->integer(1, UINT8_MAX);
        if (!read) return std::unexpected(read.error());
        change.mask = static_cast<std::uint8_t>(*read);
    }
    return ChangeWire{.way = beside->way, .change = change};
}

// ---- the door

Read<Fault> door_for(const Reading& argument, door::Change change) {
    ChangeDoor act{.change = std::move(change)};
    if (argument.value().is_null()) return act;
    const auto lasting = argument.duration();
    if (!lasting) return std::unexpected(lasting.error());
    act.lasting = *lasting;
    return act;
}

Read<Fault> slow_accept(const Reading& argument, const Trigger*) {
    const auto main = main_thing(argument, "by", {"by", "for"});
    if (!main) return std::unexpected(main.error());
    const auto by = main->duration();
    if (!by) return std::unexpected(by.error());
    const auto beside = read_beside(argument, {});
    if (!beside) return std::unexpected(beside.error());
    return ChangeDoor{.change = door::Delay{*by}, .lasting = beside->lasting};
}

Read<Fault> certificate(const Reading& argument, const Trigger*) {
    const auto main = main_thing(argument, "show", {"show", "for"});
    if (!main) return std::unexpected(main.error());
    const auto name = main->text();
    if (!name) return std::unexpected(name.error());
    const auto beside = read_beside(argument, {});
    if (!beside) return std::unexpected(beside.error());
    return ChangeDoor{.change = door::ShowCertificate{*name}, .lasting = beside->lasting};
}

Read<Fault> move(const Reading& argument, const Trigger*) {
    if (argument.value().is_null()) return ChangeDoor{.change = door::Move{}};
    const auto port = argument.integer(0, UINT16_MAX);
    if (!port) return std::unexpected(port.error());
    return ChangeDoor{.change = door::Move{static_cast<std::uint16_t>(*port)}};
}

constexpr Verb rows[] = {
    {"latency",
     "duration, or by, jitter, way, for",
     "everything comes later; pings and calls take longer",
     Needs::nothing,
     latency},
    {"bandwidth",
     "octets a second, or octets_per_second, way, for",
     "large messages take their time",
     Needs::nothing,
     bandwidth},
    {"split",
     "octets, or size or random, way, for",
     "frames come in pieces of so many octets (1: one by one), or of 1 to so many",
     Needs::nothing,
     split},
    {"coalesce",
     "duration, or within, way, for",
     "frames that were sent within that time come at once",
     Needs::nothing,
     coalesce},
    {"tls_records", "octets, or size, for", "over TLS, records of so many octets at most", Needs::nothing, tls_records},
    {"stall",
     "duration, or way, for",
     "nobody reads: the client's writes block when the buffers are full; to the client: silence",
     Needs::nothing,
     stall},
    {"half_open", "way", "silence for ever, and no end: only a heartbeat or a time-out tells", Needs::nothing, half_open
    },
    {"fin",
     "at",
     "the end of the connection (FIN) without connection.close, after so many octets of the frame",
     Needs::nothing,
     [](const Reading& argument, const Trigger* trigger) { return end(wire::End::How::fin, argument, trigger); }},
    {"reset",
     "at",
     "a reset (RST), after so many octets of the frame",
     Needs::nothing,
     [](const Reading& argument, const Trigger* trigger) { return end(wire::End::How::rst, argument, trigger); }},
    {"corrupt",
     "at, mask, way",
     "an octet with other bits: a frame error, or over TLS a bad record",
     Needs::nothing,
     corrupt},
    {"refuse",
     "duration",
     "connections are refused, for that time or until the rule is removed",
     Needs::nothing,
     [](const Reading& argument, const Trigger*) { return door_for(argument, door::Refuse{}); }},
    {"slow_accept",
     "duration, or by, for",
     "a new connection stays silent for that time, then goes on as usual",
     Needs::nothing,
     slow_accept},
    {"silence",
     "duration",
     "a new connection is accepted, and nothing ever comes",
     Needs::nothing,
     [](const Reading& argument, const Trigger*) { return door_for(argument, door::Silence{}); }},
    {"certificate",
     "name, or show, for",
     "new TLS connections are shown that certificate: expired, wrong_host, unknown_ca",
     Needs::nothing,
     certificate},
    {"move", "port", "the broker listens on another port (0: a free one); the old one refuses", Needs::nothing, move},
};

}  // namespace

std::span<const Verb> wire_verbs() { return rows; }

}  // namespace simbroker::fault
