// The load: a thread for each side, and frames that nobody looks into further.
#include "bench/load.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <future>
#include <stdexcept>

#include "bench/client.hpp"

namespace bench {

namespace {

using namespace codec::amqp091;

void consume(Client& client, std::uint64_t messages) {
    for (std::uint64_t got = 0; got < messages;) got += client.next_frame().type == frame_type::body;
}

void publish(Client& client, const LoadOptions& options, std::string_view queue) {
    const Bytes body(options.body, 'm');
    Bytes message;
    simbroker::drive::append_publish(message, queue, body);
    const auto in_a_batch = std::max<std::uint64_t>(options.batch / message.size(), 1);
    Bytes batch;
    for (std::uint64_t i = 0; i < in_a_batch; ++i) batch.insert(batch.end(), message.begin(), message.end());
    for (auto left = options.messages; left > 0;) {
        const auto now = std::min(left, in_a_batch);
        client.send(BytesView(batch).first(static_cast<std::size_t>(now) * message.size()));
        left -= now;
    }
}

LoadResult run(const LoadOptions& options) {
    const auto queue = fmt::format("simbroker-bench-{}", ::getpid());
    Client consumer(options.host, options.port);
    consumer.call(queue::Declare{.queue = queue, .exclusive = true}, queue::DeclareOk::id);
    consumer.call(basic::Consume{.queue = queue, .no_ack = true}, basic::ConsumeOk::id);
    Client producer(options.host, options.port);

    const auto start = std::chrono::steady_clock::now();
    auto consumed = std::async(std::launch::async, [&] { consume(consumer, options.messages); });
    publish(producer, options, queue);
    consumed.get();
    const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - start;
    return {passed.count(), static_cast<double>(options.messages) / passed.count()};
}

}  // namespace

std::expected<LoadResult, std::string> run_load(const LoadOptions& options) {
    if (options.messages == 0 || options.body == 0) return std::unexpected("messages and body: expected 1 or more");
    try {
        return run(options);
    } catch (const std::runtime_error& error) {
        return std::unexpected(fmt::format("{}:{}: {}", options.host, options.port, error.what()));
    }
}

}  // namespace bench
