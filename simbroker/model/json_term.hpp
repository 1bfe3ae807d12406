// JSON values in Erlang's notation, in which RabbitMQ's refusals of definitions quote them.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace simbroker::model {

// ~p on one line: <<"a">>, 1, #{<<"a">> => 1}.
std::string json_term(const nlohmann::json& value);

// The fields of an object as a property list: [{<<"a">>,1}].
std::string json_properties(const nlohmann::json& object);

}  // namespace simbroker::model
