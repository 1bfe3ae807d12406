// pcapng blocks (draft-ietf-opsawg-pcapng) of Ethernet frames with IPv4 (RFC 791) and TCP (RFC 9293) in them.
//
//   Section Header | Interface Description (Ethernet, nanoseconds) | Enhanced Packet, Enhanced Packet, ...
//
//   packet = | Ethernet 14 | IPv4 20 | TCP 20, or 28 with the options of a SYN | octets |
#include "simbroker/trace/pcapng.hpp"

#include <algorithm>
#include <istream>
#include <map>
#include <ostream>
#include <string>
#include <utility>

#include "codec/wire/bytes.hpp"

namespace simbroker::trace {

namespace {

using codec::wire::Bytes;
using codec::wire::BytesView;

// pcapng is written in the order of octets its writer likes, and says which; networks have one.
template <class Number>
void put_little(Bytes& out, Number number) {
    for (std::size_t i = 0; i < sizeof(Number); ++i) out.push_back(static_cast<std::uint8_t>(number >> (8 * i)));
}

template <class Number>
void put_big(Bytes& out, Number number) {
    for (std::size_t i = sizeof(Number); i-- > 0;) out.push_back(static_cast<std::uint8_t>(number >> (8 * i)));
}

void set_big(Bytes& out, std::size_t at, std::uint16_t number) {
    out[at] = static_cast<std::uint8_t>(number >> 8);
    out[at + 1] = static_cast<std::uint8_t>(number & 0xff);
}

// The ones' complement sum of RFC 1071.
std::uint16_t checksum(BytesView octets, std::uint32_t sum = 0) {
    for (std::size_t i = 0; i < octets.size(); i += 2) {
        sum += static_cast<std::uint32_t>(octets[i] << 8) | (i + 1 < octets.size() ? octets[i + 1] : 0u);
    }
    while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
    return static_cast<std::uint16_t>(~sum & 0xffff);
}

// ---- one side of a connection

struct Side {
    std::uint32_t address{};
    std::uint16_t port{};
    std::uint32_t next_sequence{};  // of its next octet
    bool finished = false;
};

constexpr std::uint16_t broker_port = 5672;
constexpr std::uint32_t broker_address = 0x0aff0001;  // 10.255.0.1
constexpr std::size_t largest_segment = 1460;
constexpr std::size_t ethernet_size = 14;
constexpr std::size_t ip_size = 20;

namespace flag {
constexpr std::uint8_t fin = 0x01, syn = 0x02, rst = 0x04, psh = 0x08, ack = 0x10;
}

void put_ethernet(Bytes& out, std::uint32_t from, std::uint32_t to) {
    for (const auto address : {to, from}) {
        put_big(out, std::uint16_t{0x0200});  // administered locally: nobody's card
        put_big(out, address);
    }
    put_big(out, std::uint16_t{0x0800});
}

void put_ip(Bytes& out, const Side& from, const Side& to, std::size_t payload) {
    const auto start = out.size();
    put_big(out, std::uint16_t{0x4500});
    put_big(out, static_cast<std::uint16_t>(ip_size + payload));
    put_big(out, std::uint32_t{0x00004000});  // no identification, not to be fragmented
    put_big(out, std::uint32_t{0x40060000});  // time to live 64, TCP, the checksum's room
    put_big(out, from.address);
    put_big(out, to.address);
    set_big(out, start + 10, checksum(BytesView(out).subspan(start)));
}

void put_tcp(Bytes& out, const Side& from, const Side& to, std::uint8_t flags, BytesView octets) {
    const auto start = out.size();
    const bool opens = (flags & flag::syn) != 0;
    put_big(out, from.port);
    put_big(out, to.port);
    put_big(out, from.next_sequence);
    put_big(out, (flags & flag::ack) != 0 ? to.next_sequence : 0u);
    out.push_back(opens ? 0x70 : 0x50);  // 7 or 5 words of header
    out.push_back(flags);
    put_big(out, std::uint16_t{0xffff});
    put_big(out, std::uint32_t{0});  // room for the checksum; nothing urgent
    if (opens) {
        put_big(out, std::uint32_t{0x02040000u | largest_segment});
        put_big(out, std::uint32_t{0x0103030e});  // windows are 2^14 times what they say: nobody ever waits
    }
    out.insert(out.end(), octets.begin(), octets.end());
    const auto size = static_cast<std::uint32_t>(out.size() - start);
    const auto half = [](std::uint32_t address) { return (address >> 16) + (address & 0xffff); };
    const auto pseudo_header = half(from.address) + half(to.address) + 6 + size;
    set_big(out, start + 16, checksum(BytesView(out).subspan(start), pseudo_header));
}

// ---- the file

class Writer {
public:
    Writer(std::ostream& to, std::chrono::seconds epoch) : to_(to), epoch_(epoch) {
        Bytes section;
        put_little(section, std::uint32_t{0x1a2b3c4d});          // the order of octets
        put_little(section, std::uint32_t{1});                   // version 1.0
        put_little(section, std::uint64_t{0xffffffffffffffff});  // of whatever length
        block(0x0a0d0d0a, section);

        Bytes interface;
        put_little(interface, std::uint32_t{1});  // Ethernet
        put_little(interface, std::uint32_t{0});  // packets are whole
        put_little(interface, std::uint16_t{9});  // if_tsresol:
        put_little(interface, std::uint16_t{1});
        put_little(interface, std::uint32_t{9});  // nanoseconds
        put_little(interface, std::uint32_t{0});  // no more options
        block(1, interface);
    }

    void packet(Instant at, const Bytes& octets) {
        const auto time = static_cast<std::uint64_t>((at.time_since_epoch() + epoch_).count());
        const auto size = static_cast<std::uint32_t>(octets.size());
        Bytes body;
        put_little(body, std::uint32_t{0});  // the interface
        put_little(body, static_cast<std::uint32_t>(time >> 32));
        put_little(body, static_cast<std::uint32_t>(time));
        put_little(body, size);
        put_little(body, size);
        body.insert(body.end(), octets.begin(), octets.end());
        block(6, body);
        ++packets_;
    }

    std::uint64_t packets() const { return packets_; }

private:
    void block(std::uint32_t type, Bytes& body) {
        body.resize((body.size() + 3) / 4 * 4);
        Bytes whole;
        const auto size = static_cast<std::uint32_t>(body.size() + 12);
        put_little(whole, type);
        put_little(whole, size);
        whole.insert(whole.end(), body.begin(), body.end());
        put_little(whole, size);
        to_.write(reinterpret_cast<const char*>(whole.data()), static_cast<std::streamsize>(whole.size()));
    }

    std::ostream& to_;
    Duration epoch_;
    std::uint64_t packets_ = 0;
};

// ---- the connections

class Network {
public:
    explicit Network(Writer& writer) : writer_(writer) {}

    void happens(const TracedInput& traced);
    void comes_of_it(const TracedOutput& output);
    std::uint64_t opened() const { return opened_; }

private:
    struct Connection {
        Side client;
        Side broker{.address = broker_address, .port = broker_port};
    };

    void open(ConnectionId);
    void say(Side& from, Side& to, BytesView octets);
    void segment(Side& from, const Side& to, std::uint8_t flags, BytesView octets = {});
    void finish(Side& from, Side& to);
    void close(ConnectionId);

    Writer& writer_;
    std::map<ConnectionId, Connection> connections_;
    Instant now_{};
    bool power_is_gone_ = false;  // by the input at hand
    std::uint64_t opened_ = 0;
};

// Nobody else has both the address and the port, for 14 and 22 bits of the number are in them.
void Network::open(ConnectionId id) {
    auto& [client, broker] = connections_[id];
    client.address = 0x0a000001 + (id.value >> 14) % 0xfe0000;
    client.port = static_cast<std::uint16_t>(49152 + id.value % 16384);
    client.next_sequence = 1'000'000;
    broker.next_sequence = 2'000'000;
    segment(client, broker, flag::syn);
    segment(broker, client, flag::syn | flag::ack);
    segment(client, broker, flag::ack);
    ++opened_;
}

void Network::segment(Side& from, const Side& to, std::uint8_t flags, BytesView octets) {
    Bytes packet;
    packet.reserve(ethernet_size + ip_size + 28 + octets.size());
    put_ethernet(packet, from.address, to.address);
    const auto header = (flags & flag::syn) != 0 ? 28u : 20u;
    put_ip(packet, from, to, header + octets.size());
    put_tcp(packet, from, to, flags, octets);
    writer_.packet(now_, packet);
    from.next_sequence += static_cast<std::uint32_t>(octets.size());
    if ((flags & (flag::syn | flag::fin)) != 0) ++from.next_sequence;
}

void Network::say(Side& from, Side& to, BytesView octets) {
    while (!octets.empty() && !from.finished) {
        const auto piece = octets.first(std::min(octets.size(), largest_segment));
        octets = octets.subspan(piece.size());
        segment(from, to, octets.empty() ? flag::psh | flag::ack : flag::ack, piece);
    }
}

void Network::finish(Side& from, Side& to) {
    if (std::exchange(from.finished, true)) return;
    segment(from, to, flag::fin | flag::ack);
    segment(to, from, flag::ack);
}

void Network::close(ConnectionId id) {
    const auto found = connections_.find(id);
    if (found == connections_.end()) return;
    auto& [client, broker] = found->second;
    if (power_is_gone_) {
        segment(broker, client, flag::rst | flag::ack);
    } else {
        finish(broker, client);
        finish(client, broker);
    }
    connections_.erase(found);
}

void Network::happens(const TracedInput& traced) {
    now_ = traced.at;
    power_is_gone_ = std::holds_alternative<Crash>(traced.input);
    if (const auto* connected = std::get_if<Connected>(&traced.input)) {
        open(connected->connection);
    } else if (const auto* received = std::get_if<Received>(&traced.input)) {
        const auto found = connections_.find(received->connection);
        if (found != connections_.end()) say(found->second.client, found->second.broker, received->bytes);
    } else if (const auto* gone = std::get_if<Disconnected>(&traced.input)) {
        const auto found = connections_.find(gone->connection);
        if (found == connections_.end()) return;
        finish(found->second.client, found->second.broker);
        close(gone->connection);
    }
}

void Network::comes_of_it(const TracedOutput& output) {
    if (const auto* closed = std::get_if<Close>(&output)) return close(closed->connection);
    if (const auto* wire = std::get_if<Wire>(&output)) {
        if (std::holds_alternative<wire::End>(wire->change)) close(wire->connection);
        return;
    }
    const auto* send = std::get_if<Send>(&output);
    const auto found = send ? connections_.find(send->connection) : connections_.end();
    if (found != connections_.end()) say(found->second.broker, found->second.client, send->bytes);
}

}  // namespace

std::expected<Capture, TraceError> write_pcapng(std::istream& trace, std::ostream& to) {
    auto reader = TraceReader::open(trace);
    if (!reader) return std::unexpected(reader.error());
    Writer writer(to, reader->header().config.epoch);
    Network network(writer);
    while (true) {
        const auto record = reader->next();
        if (!record && record.error().kind == TraceError::Kind::malformed) return std::unexpected(record.error());
        if (!record || std::holds_alternative<TraceEnd>(*record)) break;
        if (const auto* input = std::get_if<TracedInput>(&*record)) {
            network.happens(*input);
        } else {
            network.comes_of_it(std::get<TracedOutput>(*record));
        }
    }
    return Capture{.packets = writer.packets(), .connections = network.opened()};
}

}  // namespace simbroker::trace
