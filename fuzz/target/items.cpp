// What a peer says becomes items, however it is cut: a breach of what every peer must keep is an item, too.
//
//   input = octet(seed of the cuts) octet(frame-max, in units of 64 octets; 0: none) *octet(the stream)
#include <string>
#include <vector>

#include "conformance/peer/item_reader.hpp"
#include "fuzz/target/expect.hpp"

using namespace conformance::peer;
using codec::wire::BytesView;

namespace {

std::string read(BytesView stream, unsigned frame_max, unsigned seed, std::size_t longest) {
    ItemReader reader;
    reader.set_frame_max(frame_max);
    std::string items;
    while (!stream.empty()) {
        seed = seed * 1103515245u + 12345u;
        const auto segment = stream.first(std::min(stream.size(), 1 + (seed >> 16) % longest));
        stream = stream.subspan(segment.size());
        for (const auto& item : reader.feed(segment)) {
            // How much of a breach is shown depends on what has come of it, and what comes after it is nobody's
            // business.
            if (item.kind == Item::Kind::broken) return items + "a breach\n";
            items += describe(item) + "\n";
        }
    }
    return items;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const BytesView stream(data + 2, size - 2);
    const auto whole = read(stream, data[1] * 64u, 0, SIZE_MAX);
    fuzz::expect(whole == read(stream, data[1] * 64u, data[0], 1 + data[0] % 16u), "the cuts change no item");
    return 0;
}
