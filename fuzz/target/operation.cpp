// What an operator may ask for: an operation is refused with a reason, or is written as JSON and as a command that both
// read as the same; and a broker performs it, or says why not.
//
//   input = *octet(JSON: {"add_user": {...}})
#include "simbroker/core/operation.hpp"

#include "codec/wire/bytes.hpp"
#include "fuzz/target/expect.hpp"
#include "simbroker/core/broker.hpp"

using namespace simbroker;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto operation = operation_from_json(codec::wire::as_text({data, size}));
    if (!operation) {
        fuzz::expect(!operation.error().empty(), "a refusal says why");
        return 0;
    }
    const auto again = operation_from_json(to_json(*operation));
    fuzz::expect(again && *again == *operation, "an operation reads as it is written");
    const auto from_command = operation_from_command(command_of(*operation));
    fuzz::expect(from_command.has_value() || !from_command.error().empty(), "a command is read, or refused with why");

    Broker broker({}, 0);
    std::size_t answers = 0;
    for (const auto& output : broker.handle({}, Operate{*operation})) {
        const auto* event = std::get_if<Event>(&output);
        if (event == nullptr) continue;
        answers += event->kind == Event::Kind::operated || event->kind == Event::Kind::operation_refused;
    }
    fuzz::expect(answers == 1, "an operation is answered once");
    return 0;
}
