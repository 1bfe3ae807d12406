// JSON of the contract to values of librabbitmq and back.
#pragma once

#include <amqp.h>
#include <amqp_framing.h>

#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>

namespace shim {

using nlohmann::json;

struct Unsupported : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// What a call of the library points to has to live as long as the call.
class Pool {
public:
    Pool() { init_amqp_pool(&pool_, 4096); }
    Pool(const Pool&) = delete;
    Pool& operator=(const Pool&) = delete;
    ~Pool() { empty_amqp_pool(&pool_); }

    amqp_bytes_t bytes(const std::string& text);
    amqp_table_t table(const json& fields);  // null: empty
    amqp_bytes_t body(const json& body);

private:
    amqp_field_value_t value(const json& value);
    amqp_field_value_t tagged(const std::string& tag, const json& value);

    template <typename Item>
    Item* items(std::size_t count) {
        return static_cast<Item*>(amqp_pool_alloc(&pool_, (count == 0 ? 1 : count) * sizeof(Item)));
    }

    amqp_pool_t pool_;
};

inline std::string text_of(amqp_bytes_t bytes) { return {static_cast<const char*>(bytes.bytes), bytes.len}; }

amqp_basic_properties_t properties_from_json(Pool& pool, const json& given);
json content_to_json(const amqp_basic_properties_t& properties, amqp_bytes_t body);
json table_to_json(const amqp_table_t& table);

}  // namespace shim
