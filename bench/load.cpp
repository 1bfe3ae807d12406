// The load: blocking sockets, a thread for each side, frames cut by our own splitter and not looked into further.
#include "bench/load.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <future>
#include <stdexcept>

#include "codec/amqp091/frame_splitter.hpp"
#include "simbroker/drive/client_octets.hpp"

namespace bench {

namespace {

using namespace codec::amqp091;

constexpr std::size_t frame_max = 131072;
constexpr time_t patience = 20;  // seconds without any progress

[[noreturn]] void fail(const std::string& what) { throw std::runtime_error(what + ": " + std::strerror(errno)); }

class Client {
public:
    explicit Client(const LoadOptions& options) : splitter_(frame_max), buffer_(std::size_t{256} << 10) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(options.port);
        if (::inet_pton(AF_INET, options.host.c_str(), &address.sin_addr) != 1) {
            throw std::runtime_error(fmt::format("host: expected an IPv4 address, got \"{}\"", options.host));
        }
        descriptor_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const timeval limit{patience, 0};
        ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        ::setsockopt(descriptor_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
        const int on = 1;
        ::setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        if (::connect(descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
            fail(fmt::format("connecting to {}:{}", options.host, options.port));
        }
        send(simbroker::drive::login_octets());
        wait_for(channel::OpenOk::id);
    }
    ~Client() { ::close(descriptor_); }
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    void send(BytesView octets) {
        while (!octets.empty()) {
            const auto count = ::send(descriptor_, octets.data(), octets.size(), MSG_NOSIGNAL);
            if (count <= 0) fail("sending");
            octets = octets.subspan(static_cast<std::size_t>(count));
        }
    }

    void call(const Method& method, MethodId answer) {
        Bytes octets;
        append_method(octets, ChannelNumber{1}, method);
        send(octets);
        wait_for(answer);
    }

    Frame next_frame() {
        for (;;) {
            if (const auto frame = splitter_.next()) {
                if (!*frame) throw std::runtime_error("not AMQP: " + to_string(frame->error()));
                return **frame;
            }
            const auto count = ::recv(descriptor_, buffer_.data(), buffer_.size(), 0);
            if (count == 0) throw std::runtime_error("the broker closed the connection");
            if (count < 0) fail("receiving");
            splitter_.feed({buffer_.data(), static_cast<std::size_t>(count)});
        }
    }

private:
    void wait_for(MethodId wanted) {
        for (;;) {
            const auto frame = next_frame();
            if (frame.type != frame_type::method) continue;
            const auto id = peek_method_id(frame.payload);
            if (id == wanted) return;
            if (id == connection::Close::id || id == channel::Close::id) {
                const auto method = decode_method(frame.payload);
                throw std::runtime_error("refused: " + (method ? to_string(*method) : "a malformed close"));
            }
        }
    }

    int descriptor_ = -1;
    FrameSplitter splitter_;
    Bytes buffer_;
};

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
    Client consumer(options);
    consumer.call(queue::Declare{.queue = queue, .exclusive = true}, queue::DeclareOk::id);
    consumer.call(basic::Consume{.queue = queue, .no_ack = true}, basic::ConsumeOk::id);
    Client producer(options);

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
