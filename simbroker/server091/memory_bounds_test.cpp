// What a client can make the broker keep is bounded, whatever it is: each kind is tried until the broker refuses.
#include <gmock/gmock.h>
#include <malloc.h>

#include <functional>

#include "simbroker/server091/test_broker.hpp"

namespace simbroker::server091 {
namespace {

constexpr std::size_t limit = 4 << 20;
constexpr int most_tries = 200'000;

std::size_t heap_in_use() { return ::mallinfo2().uordblks; }

struct Attack {
    const char* name;
    std::function<std::string(ScriptedPeer& peer, int i)> step;  // what the broker said
    std::function<void(ScriptedPeer& peer)> before = [](ScriptedPeer&) {};
};

std::string name_of(int i) { return "q" + std::to_string(i); }

std::string consume_stream(ScriptedPeer& peer, int i) {
    peer.ask(1, methods::basic::Qos{.prefetch_count = 65535});
    FieldTableBuilder from;
    from.add("x-stream-offset", LongString{"first"});
    return peer.ask(1, methods::basic::Consume{.queue = "s", .consumer_tag = name_of(i), .arguments = from.view()});
}

void declare_stream(ScriptedPeer& peer) {
    FieldTableBuilder arguments;
    arguments.add("x-queue-type", LongString{"stream"});
    peer.ask(1, methods::queue::Declare{.queue = "s", .durable = true, .arguments = arguments.view()});
}

std::string publish_one(ScriptedPeer& peer) {
    peer.publish(1, {.routing_key = "q"}, "");
    std::string said;
    for (const auto& line : peer.take()) said += line;
    return said;
}

std::vector<Attack> attacks() {
    return {
        {"queues", [](ScriptedPeer& peer, int i) { return peer.ask(1, methods::queue::Declare{.queue = name_of(i)}); }},
        {"queues_with_tables",
         [](ScriptedPeer& peer, int i) {
             FieldTableBuilder arguments;
             const std::string text(3000, 'x');
             arguments.add("x-mine", LongString{text});
             return peer.ask(1, methods::queue::Declare{.queue = name_of(i), .arguments = arguments.view()});
         }},
        {"exchanges",
         [](ScriptedPeer& peer, int i) {
             return peer.ask(1, methods::exchange::Declare{.exchange = name_of(i), .type = "topic"});
         }},
        {"bindings",
         [](ScriptedPeer& peer, int i) {
             const auto key = name_of(i) + std::string(150, 'k');
             return peer.ask(1, methods::queue::Bind{.queue = "q", .exchange = "amq.topic", .routing_key = key});
         },
         [](ScriptedPeer& peer) { peer.ask(1, methods::queue::Declare{.queue = "q"}); }},
        {"consumers",
         [](ScriptedPeer& peer, int i) {
             return peer.ask(1, methods::basic::Consume{.queue = "q", .consumer_tag = name_of(i)});
         },
         [](ScriptedPeer& peer) { peer.ask(1, methods::queue::Declare{.queue = "q"}); }},
        {"readers_of_a_stream", consume_stream, declare_stream},
        {"channels",
         [](ScriptedPeer& peer, int i) { return peer.ask(static_cast<std::uint16_t>(i + 2), methods::channel::Open{}); }
        },
        {"empty_messages",
         [](ScriptedPeer& peer, int) { return publish_one(peer); },
         [](ScriptedPeer& peer) { peer.ask(1, methods::queue::Declare{.queue = "q"}); }},
        {"publishes_in_a_transaction",
         [](ScriptedPeer& peer, int) { return publish_one(peer); },
         [](ScriptedPeer& peer) {
             peer.ask(1, methods::queue::Declare{.queue = "q"});
             peer.ask(1, methods::tx::Select{});
         }},
    };
}

class Bounds : public testing::TestWithParam<Attack> {};

// Either the broker refuses with 506, or it stops to read from those who publish: what it keeps stays below the limit.
TEST_P(Bounds, HoldAgainst) {
    BrokerConfig config = TestBroker::config_of(profile::rabbitmq_3_10());
    config.max_memory = limit;
    TestBroker test(config);
    auto other = test.peer();
    auto peer = test.peer();
    GetParam().before(peer);
    test.simulation.take_events();
    const auto before = heap_in_use();
    std::string last;
    const auto is_over = [&] {
        return last.contains("reply_code=506") || last.contains("connection.blocked") || peer.closed();
    };
    for (int i = 0; i < most_tries && !is_over(); ++i) {
        last = GetParam().step(peer, i);
        test.simulation.take_events();
    }
    const auto after = heap_in_use();
    if (after > before) {
        EXPECT_LE(after - before, limit) << "more than the account says";
    }
    EXPECT_THAT(last, testing::AnyOf(HasSubstr("reply_code=506"), HasSubstr("connection.blocked")));
    EXPECT_EQ(other.ask(1, methods::basic::Qos{}), "1 basic.qos-ok()") << "the others are served";
}

INSTANTIATE_TEST_SUITE_P(Kinds, Bounds, testing::ValuesIn(attacks()), [](const auto& info) {
    return std::string(info.param.name);
});

}  // namespace
}  // namespace simbroker::server091
