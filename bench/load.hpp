// One producer, one consumer, transient messages over TCP: the same load for any AMQP broker.
#pragma once

#include <cstdint>
#include <expected>
#include <string>

namespace bench {

struct LoadOptions {
    std::string host = "127.0.0.1";
    std::uint16_t port = 5672;
    std::uint64_t messages = 500'000;
    std::size_t body = 64;      // octets
    std::size_t batch = 65536;  // octets the producer writes at a time, about
};

struct LoadResult {
    double seconds = 0;  // from the first octet published to the last message delivered
    double messages_per_second = 0;
};

// Publishes and, on another connection, consumes without acknowledgements, until every message has arrived.
std::expected<LoadResult, std::string> run_load(const LoadOptions& options);

}  // namespace bench
