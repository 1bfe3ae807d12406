#include <fmt/format.h>

#include "codec/wire/hex.hpp"
#include "conformance/fuzz/made_case.hpp"
#include "conformance/fuzz/mutation.hpp"
#include "conformance/fuzz/steps.hpp"

namespace conformance::fuzz {

using namespace codec::amqp091;
using catalogue::Scenario;
using nlohmann::json;

namespace {

constexpr auto name = "amqp-conformance.fuzz";

// What a client says before its first channel; mostly the runner does that, in its right mind.
Frames handshake(Grammar& grammar) {
    Frames frames;
    frames.emplace_back(protocol_header_091.begin(), protocol_header_091.end());
    const std::string response("\0guest\0guest", 12);
    const auto add = [&](const Method& method) { append_method(frames.emplace_back(), connection_channel, method); };
    add(connection::StartOk{.mechanism = "PLAIN", .response = {response}, .locale = "en_US"});
    add(connection::TuneOk{.channel_max = 2047, .frame_max = 131072, .heartbeat = 0});
    add(connection::Open{.virtual_host = "/"});
    if (grammar.one_in(4)) add(connection::Close{.reply_code = 200, .reply_text = "bye"});
    return frames;
}

}  // namespace

Scenario broker_case(const CaseOptions& options) {
    auto prng = simbroker::Prng::fork(options.seed, fmt::format("broker case {}", options.number));
    Grammar grammar(simbroker::Prng(prng.next()), name);
    Mutator mutator(simbroker::Prng(prng.next()), Peer::client);
    const bool from_the_start = prng.below(8) == 0;
    auto frames = from_the_start ? handshake(grammar) : grammar.client_story();
    for (auto left = 1 + prng.below(4); left > 0; --left) mutator.mutate(frames);

    Scenario scenario;
    scenario.id = fmt::format("fuzz.broker.seed-{}.case-{}", options.seed, options.number);
    scenario.under_test = catalogue::Role::broker;
    scenario.level = catalogue::Level::robust;
    scenario.leftovers = catalogue::Leftovers::allowed;
    for (int i = 0; i < 3; ++i) scenario.cleanup.queues.push_back(fmt::format("{}.{}", name, i));
    for (int i = 0; i < 2; ++i) scenario.cleanup.exchanges.push_back(fmt::format("{}.x{}", name, i));
    if (from_the_start) {
        scenario.connection = "none";
        scenario.steps.push_back(make_step("connect", json::object({{"name", "main"}, {"until", "transport"}})));
    }
    for (const auto& frame : frames) {
        auto sending = make_step("send_bytes", json::object({{"hex", codec::wire::to_hex(frame)}}));
        if (prng.below(12) == 0) sending.modifiers["split"] = 1 + prng.below(9);
        scenario.steps.push_back(std::move(sending));
        if (prng.below(8) == 0)
            scenario.steps.push_back(expect_anything(options.quiet, options.internal_error_allowed));
    }
    scenario.steps.push_back(expect_anything(options.quiet, options.internal_error_allowed));
    scenario.steps.push_back(make_step("disconnect", "main"));
    return scenario;
}

}  // namespace conformance::fuzz
