// A file of scenarios is refused with the place and what was expected there, or loaded.
//
//   input = *octet(YAML)
#include <sys/mman.h>
#include <unistd.h>

#include "conformance/catalogue/loader.hpp"
#include "fuzz/target/expect.hpp"

using namespace conformance::catalogue;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const Requirements known{{"091/basic.ack.multiple", {.id = "091/basic.ack.multiple"}}};
    std::vector<LoadError> errors;
    // The loader reads files; this one is in memory.
    static const int file = ::memfd_create("scenario", MFD_CLOEXEC);
    const bool written = ::ftruncate(file, 0) == 0 && ::pwrite(file, data, size, 0) == static_cast<ssize_t>(size);
    fuzz::expect(written, "a file in memory can be written");
    const auto scenarios = load_scenarios("/proc/self/fd/" + std::to_string(file), "input", known, errors);
    for (const auto& error : errors) fuzz::expect(!error.text.empty(), "a refusal says why");
    if (!errors.empty()) return 0;
    for (const auto& scenario : scenarios) fuzz::expect(!scenario.steps.empty(), "a scenario that loads has steps");
    return 0;
}
