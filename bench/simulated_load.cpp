// A producer, and a consumer with a prefetch count that acknowledges every delivery by itself.
#include "bench/simulated_load.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "codec/amqp091/frame_splitter.hpp"
#include "simbroker/core/broker.hpp"
#include "simbroker/drive/client_octets.hpp"
#include "simbroker/drive/simulation.hpp"

namespace bench {

namespace {

using namespace codec::amqp091;
using simbroker::drive::Simulation;

constexpr std::uint16_t prefetch_count = 1000;

class Consumer {
public:
    void hear(Simulation& running, simbroker::ConnectionId self) {
        acknowledgements_.clear();
        const auto octets = running.received(self);
        splitter_.feed(octets);
        while (const auto frame = splitter_.next()) {
            if (!*frame || (*frame)->type != frame_type::method) continue;
            if (peek_method_id((*frame)->payload) != basic::Deliver::id) continue;
            append_method(acknowledgements_, ChannelNumber{1}, basic::Ack{.delivery_tag = ++delivered_});
        }
        if (!acknowledgements_.empty()) running.send(self, acknowledgements_);
    }
    std::uint64_t delivered() const { return delivered_; }

private:
    FrameSplitter splitter_{131072};
    Bytes acknowledgements_;
    std::uint64_t delivered_ = 0;
};

Bytes consumer_octets() {
    auto octets = simbroker::drive::login_octets();
    append_method(octets, ChannelNumber{1}, queue::Declare{.queue = "load"});
    append_method(octets, ChannelNumber{1}, basic::Qos{.prefetch_count = prefetch_count});
    append_method(octets, ChannelNumber{1}, basic::Consume{.queue = "load"});
    return octets;
}

// Once the consumer has gone, what it did not acknowledge is back in the queue: there has to be nothing to purge.
bool nothing_left(Simulation& simulation, simbroker::ConnectionId reader, simbroker::ConnectionId writer) {
    simulation.disconnect(reader);
    simulation.run_until_idle();
    simulation.received(writer);
    Bytes purge;
    append_method(purge, ChannelNumber{1}, queue::Purge{.queue = "load"});
    simulation.send(writer, purge);
    simulation.run_until_idle();
    FrameSplitter splitter(131072);
    const auto answer = simulation.received(writer);
    splitter.feed(answer);
    const auto frame = splitter.next();
    if (!frame || !*frame) return false;
    const auto method = decode_method((*frame)->payload);
    const auto* purged = method ? std::get_if<queue::PurgeOk>(&*method) : nullptr;
    return purged && purged->message_count == 0;
}

}  // namespace

std::expected<double, std::string> run_simulated(const SimulatedLoad& load) {
    simbroker::Broker broker({}, 0);
    Simulation simulation(broker);
    Consumer consumer;
    const auto reader =
        simulation.connect([&](Simulation& running, simbroker::ConnectionId self) { consumer.hear(running, self); });
    simulation.send(reader, consumer_octets());
    const auto writer = simulation.connect();
    simulation.send(writer, simbroker::drive::login_octets());
    simulation.run_until_idle();

    Bytes batch;
    const Bytes body(load.body, 'm');
    const auto start = std::chrono::steady_clock::now();
    for (auto left = load.messages; left > 0;) {
        const auto now = std::min(left, load.batch);
        batch.clear();
        for (std::uint64_t count = 0; count < now; ++count) simbroker::drive::append_publish(batch, "load", body);
        simulation.send(writer, batch);
        simulation.run_until_idle();
        left -= now;
    }
    const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - start;
    if (consumer.delivered() != load.messages || !nothing_left(simulation, reader, writer)) {
        return std::unexpected(
            fmt::format("{} of {} messages were delivered and acknowledged", consumer.delivered(), load.messages)
        );
    }
    return passed.count();
}

}  // namespace bench
