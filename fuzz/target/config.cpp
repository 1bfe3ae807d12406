// A configuration is refused with a reason, or is written as one that reads the same; and a broker can be made of it.
//
//   input = *octet(JSON: {"profile": "rabbitmq-4.3", ...})
#include "simbroker/core/config.hpp"

#include "codec/wire/bytes.hpp"
#include "fuzz/target/expect.hpp"
#include "simbroker/core/broker.hpp"

using namespace simbroker;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto config = config_from_json(codec::wire::as_text({data, size}));
    if (!config) {
        fuzz::expect(!config.error().empty(), "a refusal says why");
        return 0;
    }
    const auto again = config_from_json(to_json(*config));
    fuzz::expect(again && *again == *config, "a configuration reads as it is written");
    Broker broker(*config, 0);
    const auto answer = broker.handle({}, Connected{ConnectionId{1}, "peer"});
    fuzz::expect(answer.size() < 100, "a new connection causes little");
    return 0;
}
