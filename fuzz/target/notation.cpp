// Frames written as JSON are refused with a reason, or are octets; and of a message they are whole frames.
//
//   input = *octet(JSON: {"basic.publish": {...}, "body": "hello"}, a frame, or a list of them)
#include "simbroker/fault/notation.hpp"

#include "codec/amqp091/frame_splitter.hpp"
#include "codec/wire/bytes.hpp"
#include "fuzz/target/expect.hpp"

using namespace simbroker::fault;

namespace {

void expect_octets_or_reason(const Octets& octets) {
    fuzz::expect(octets.has_value() || !octets.error().empty(), "a refusal says why");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto json = nlohmann::json::parse(codec::wire::as_text({data, size}), nullptr, false);
    if (json.is_discarded()) return 0;
    expect_octets_or_reason(octets_from_json(json));
    expect_octets_or_reason(frame_from_json(json, {}));
    expect_octets_or_reason(script_from_json(json, {}));
    const auto message = message_from_json(json, {});
    expect_octets_or_reason(message);
    if (!message) return 0;
    codec::amqp091::FrameSplitter splitter(message->size());
    splitter.feed(*message);
    while (const auto frame = splitter.next()) fuzz::expect(frame->has_value(), "a message is made of whole frames");
    fuzz::expect(splitter.unread() == 0, "a message is whole");
    return 0;
}
