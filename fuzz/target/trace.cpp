// A trace that is damaged is refused with the offset of the damage; whatever can be read is shown, and runs again
// without harm.
//
//   input = *octet(a trace without its magic number)
#include "simbroker/core/trace.hpp"

#include <sstream>

#include "codec/wire/bytes.hpp"
#include "fuzz/target/expect.hpp"
#include "simbroker/trace/show.hpp"

using namespace simbroker;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto text = "SIMTRACE" + std::string(codec::wire::as_text({data, size}));
    std::istringstream file(text);
    auto reader = TraceReader::open(file);
    if (!reader) {
        fuzz::expect(reader.error().offset <= text.size(), "the damage lies inside the file");
        return 0;
    }
    for (auto record = reader->next(); record && !std::holds_alternative<TraceEnd>(*record); record = reader->next()) {
    }
    std::istringstream again(text);
    std::ostringstream shown;
    const auto done = trace::show(again, shown);
    fuzz::expect(done.has_value() || !to_string(done.error()).empty(), "a trace is shown, or refused with why");
    return 0;
}
