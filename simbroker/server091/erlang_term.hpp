// Octets in the notation of Erlang's io:format, which RabbitMQ's error texts quote them in.
#pragma once

#include <string>

#include "codec/wire/bytes.hpp"

namespace simbroker::server091 {

// ~w: always numbers, <<0,1,113>>.
std::string erlang_octets(codec::wire::BytesView octets);

// ~p: <<"abc">> if every octet is printable Latin-1, else numbers; <<>> if there are none.
std::string erlang_text_or_octets(codec::wire::BytesView octets);

}  // namespace simbroker::server091
