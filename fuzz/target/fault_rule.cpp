// A rule of a fault plan is refused with a reason; or it is taken, and then it meets a whole conversation: what its
// script renders was found right when the rule was made.
//
//   input = *octet(JSON: {"when": {...}, "do": ...})
#include "codec/wire/bytes.hpp"
#include "fuzz/target/expect.hpp"
#include "simbroker/core/broker.hpp"
#include "simbroker/drive/client_octets.hpp"
#include "simbroker/drive/simulation.hpp"
#include "simbroker/fault/interceptor.hpp"

using namespace simbroker;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace std::chrono_literals;
    const auto json = nlohmann::json::parse(codec::wire::as_text({data, size}), nullptr, false);
    if (json.is_discarded()) return 0;
    const auto rule = fault::rule_from_json(json);
    if (!rule) {
        fuzz::expect(!rule.error().text.empty(), "a refusal says why");
        return 0;
    }
    fault::FaultPlan plan;
    plan.add(*rule);
    fault::Interceptor interceptor(std::make_unique<Broker>(BrokerConfig{}, 0), std::move(plan));
    drive::Simulation simulation(interceptor);
    const auto client = simulation.connect();
    auto octets = drive::login_octets();
    drive::append_publish(octets, "nowhere", codec::wire::as_bytes("hello"));
    simulation.send(client, octets);
    // A rule may ask for something every nanosecond, without end: then time passes all the same.
    constexpr std::size_t most_steps = 20'000;
    if (simulation.run_until(Instant(2h), most_steps) == drive::Simulation::RunEnd::reached) return 0;
    const auto before = simulation.now();
    const auto ended = simulation.run_until(Instant(2h), most_steps);
    fuzz::expect(
        ended == drive::Simulation::RunEnd::reached || simulation.now() > before,
        "one rule and one client do not make an endless storm"
    );
    return 0;
}
