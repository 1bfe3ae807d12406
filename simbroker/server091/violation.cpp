#include "simbroker/server091/violation.hpp"

#include <fmt/format.h>

namespace simbroker::server091 {

Violation undecodable_by_reply_code(const codec::wire::DecodeError& error, const codec::amqp091::Frame& frame) {
    const auto id = codec::amqp091::peek_method_id(frame.payload).value_or(no_method);
    if (error.kind == codec::wire::DecodeError::Kind::unknown_method) {
        auto text = fmt::format("there is no method {} of class {}", id.method_id, id.class_id);
        return {ViolationName::method_not_implemented, std::move(text), id};
    }
    return {ViolationName::unreadable_fields, to_string(error), id};
}

std::string reply_text(const Violation& violation) { return reply_text(violation.row().code, violation); }

std::string reply_text(codec::amqp091::ReplyCode code, const Violation& violation) {
    using codec::amqp091::ShortString;
    std::string text(name_of(code));
    if (!violation.text.empty()) text += " - " + violation.text;
    if (!ShortString::fits(text)) text = text.substr(0, ShortString::max_size - 3) + "...";
    return text;
}

}  // namespace simbroker::server091
