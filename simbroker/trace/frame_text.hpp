// What stood on the wire, in words: one line for a frame.
#pragma once

#include <string>

#include "simbroker/fault/frame_stream.hpp"

namespace simbroker::trace {

// "queue.declare(queue=orders, durable=true)", "header of 5 octets {\"delivery_mode\":2}", "body of 5 octets: hello",
// "heartbeat". What cannot be read says so and shows its octets.
std::string frame_text(const fault::Unit&);

// Text as it is, anything else in hex; cut after `most` octets.
std::string preview(codec::wire::BytesView octets, std::size_t most = 60);

}  // namespace simbroker::trace
