// A duration is refused with a reason, or is neither negative nor longer than a clock can count.
//
//   input = *octet(a text such as 150ms)
#include "simbroker/fault/duration.hpp"

#include "codec/wire/bytes.hpp"
#include "fuzz/target/expect.hpp"

using namespace simbroker::fault;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto duration = duration_from_text(codec::wire::as_text({data, size}));
    if (!duration) {
        fuzz::expect(!duration.error().empty(), "a refusal says why");
        return 0;
    }
    fuzz::expect(duration->count() >= 0, "no duration is negative");
    fuzz::expect(
        simbroker::Instant{} + 2 * *duration > simbroker::Instant{} + *duration || duration->count() == 0,
        "the clock can go on twice as far"
    );
    fuzz::expect(!duration_to_text(*duration).empty(), "a duration can be shown");
    return 0;
}
