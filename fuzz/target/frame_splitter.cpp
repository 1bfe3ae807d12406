// However a stream is cut, the splitter sees the same frames and the same mistake in it.
//
//   input = octet(seed of the cuts) octet(largest payload) *octet(the stream)
#include "codec/amqp091/frame_splitter.hpp"

#include <memory>
#include <string>
#include <vector>

#include "fuzz/target/expect.hpp"

using namespace codec::amqp091;

namespace {

struct Seen {
    std::vector<std::string> frames;
    std::string mistake;
    std::uint64_t consumed = 0;

    friend bool operator==(const Seen&, const Seen&) = default;
};

// Feeds segments of 1 to `longest` octets, each from memory of its own that is gone before the next.
Seen split(BytesView stream, std::size_t max_payload, unsigned seed, std::size_t longest) {
    FrameSplitter splitter(max_payload);
    Seen seen;
    while (!stream.empty() && seen.mistake.empty()) {
        seed = seed * 1103515245u + 12345u;
        const auto size = std::min(stream.size(), 1 + (seed >> 16) % longest);
        const auto segment =
            std::make_unique<Bytes>(stream.begin(), stream.begin() + static_cast<std::ptrdiff_t>(size));
        stream = stream.subspan(size);
        splitter.feed(*segment);
        while (const auto frame = splitter.next()) {
            if (!*frame) {
                seen.mistake = to_string(frame->error());
                break;
            }
            Bytes octets;
            append_frame(octets, **frame);
            seen.frames.emplace_back(codec::wire::as_text(octets));
        }
        fuzz::expect(splitter.unread() < max_payload + frame_overhead || !seen.mistake.empty(), "little is kept");
    }
    seen.consumed = seen.mistake.empty() ? splitter.consumed() : 0;
    return seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const BytesView stream(data + 2, size - 2);
    const auto whole = split(stream, data[1], 0, SIZE_MAX);
    const auto pieces = split(stream, data[1], data[0], 1 + data[0] % 16u);
    fuzz::expect(whole == pieces, "any segmentation gives the same frames");
    std::string joined;
    for (const auto& frame : whole.frames) joined += frame;
    fuzz::expect(codec::wire::as_text(stream).starts_with(joined), "frames are the octets they came from");
    return 0;
}
