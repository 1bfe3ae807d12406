// The rows of operations as data, for who describes or checks operations without naming them.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace simbroker {

struct OperationField {
    enum class Kind : std::uint8_t { text, whole_number, texts, definition };
    std::string_view name;
    Kind kind{};
    bool required = false;  // by rabbitmqctl
};

struct OperationShape {
    std::string_view name;
    std::vector<OperationField> fields;
};

std::vector<OperationShape> operation_shapes();

}  // namespace simbroker
