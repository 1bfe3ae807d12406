// A blocking AMQP 0-9-1 client for load programs: it sends octets and cuts what comes into frames.
#pragma once

#include <cstdint>
#include <string>

#include "codec/amqp091/frame_splitter.hpp"
#include "simbroker/drive/client_octets.hpp"

namespace bench {

class Client {
public:
    // Connected, logged in, channel 1 open. This and all others throw std::runtime_error: when the broker refuses,
    // closes, or says nothing for 20 s.
    Client(const std::string& host, std::uint16_t port, const simbroker::drive::Login& login = {});
    ~Client();
    Client(Client&& other) noexcept;
    Client& operator=(Client&&) = delete;

    int descriptor() const { return descriptor_; }

    void send(codec::wire::BytesView octets);
    void call(const codec::amqp091::Method& method, codec::amqp091::MethodId answer);
    codec::amqp091::Frame next_frame();

private:
    void wait_for(codec::amqp091::MethodId wanted);

    int descriptor_ = -1;
    codec::amqp091::FrameSplitter splitter_;
    codec::wire::Bytes buffer_;
};

}  // namespace bench
