#include "simbroker/trace/pcapng.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <vector>

#include "codec/wire/bytes.hpp"
#include "simbroker/trace/recorded_run.hpp"

namespace simbroker::trace {
namespace {

using codec::wire::as_bytes;
using codec::wire::Bytes;
using codec::wire::BytesView;

std::uint32_t big(BytesView octets, std::size_t at) {
    std::uint32_t number = 0;
    for (const auto octet : octets.subspan(at, 4)) number = number << 8 | octet;
    return number;
}

std::uint32_t little(BytesView octets, std::size_t at) {
    const Bytes turned(
        octets.rend() - static_cast<std::ptrdiff_t>(at + 4), octets.rend() - static_cast<std::ptrdiff_t>(at)
    );
    return big(turned, 0);
}

// The packets of a capture, from the Ethernet header on.
std::vector<Bytes> packets_of(const std::string& file) {
    std::vector<Bytes> packets;
    const auto octets = as_bytes(file);
    for (std::size_t at = 0; at + 12 <= octets.size();) {
        const auto size = little(octets, at + 4);
        EXPECT_EQ(little(octets, at + size - 4), size) << "a block says its size at both ends";
        if (little(octets, at) == 6) {
            const auto packet = octets.subspan(at + 28, little(octets, at + 20));
            packets.emplace_back(packet.begin(), packet.end());
        }
        at += size;
    }
    return packets;
}

std::uint32_t sum_of(BytesView octets, std::uint32_t sum = 0) {
    for (std::size_t i = 0; i < octets.size(); ++i) sum += std::uint32_t{octets[i]} << (i % 2 == 0 ? 8 : 0);
    while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
    return sum;
}

std::string exported(const std::string& trace, Capture& capture) {
    std::istringstream in(trace);
    std::ostringstream out;
    const auto written = write_pcapng(in, out);
    EXPECT_TRUE(written.has_value());
    if (written) capture = *written;
    return out.str();
}

TEST(Pcapng, gives_every_octet_a_sequence_number_without_gap_or_overlap) {
    Capture capture;
    const std::string large(5000, 'x');
    const auto packets = packets_of(exported(recorded_run({.body = large}), capture));
    EXPECT_EQ(capture.packets, packets.size());
    EXPECT_EQ(capture.connections, 2u);

    std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint32_t> next;  // by source address and ports
    std::size_t octets = 0;
    for (const auto& packet : packets) {
        const BytesView ip = BytesView(packet).subspan(14);
        const BytesView tcp = ip.subspan(20);
        const auto side = std::pair{big(ip, 12), big(tcp, 0)};
        const std::uint8_t flags = tcp[13];
        const auto payload = static_cast<std::uint32_t>(tcp.size() - static_cast<std::size_t>(tcp[12] >> 4) * 4);
        EXPECT_LE(payload, 1460u);
        if (next.contains(side)) {
            EXPECT_EQ(big(tcp, 4), next[side]);
        } else {
            EXPECT_NE(flags & 0x02, 0) << "a side begins with SYN";
        }
        next[side] = big(tcp, 4) + payload + ((flags & 0x03) != 0 ? 1 : 0);
        octets += payload;
        EXPECT_EQ(sum_of(ip.first(20)), 0xffffu) << "the checksum of the IP header";
        EXPECT_EQ(sum_of(tcp, sum_of(ip.subspan(12, 8), 6 + static_cast<std::uint32_t>(tcp.size()))), 0xffffu);
    }
    EXPECT_EQ(next.size(), 4u);
    EXPECT_GT(octets, large.size());
}

TEST(Pcapng, ends_with_fin_in_order_and_with_rst_in_a_crash) {
    Capture capture;
    const auto flags_of_last = [](const std::vector<Bytes>& packets) { return packets.back()[14 + 20 + 13]; };
    EXPECT_EQ(flags_of_last(packets_of(exported(recorded_run(), capture))), 0x10);
    EXPECT_EQ(flags_of_last(packets_of(exported(recorded_run({.crashes = true}), capture))), 0x14);
}

TEST(Pcapng, needs_a_trace) {
    std::istringstream in("no trace");
    std::ostringstream out;
    EXPECT_FALSE(write_pcapng(in, out).has_value());
}

}  // namespace
}  // namespace simbroker::trace
