#include "simbroker/server091/violation.hpp"

namespace simbroker::server091 {

std::string reply_text(const Violation& violation) {
    using codec::amqp091::ShortString;
    std::string text(name_of(violation.row().code));
    if (!violation.text.empty()) text += " - " + violation.text;
    if (!ShortString::fits(text)) text = text.substr(0, ShortString::max_size - 3) + "...";
    return text;
}

}  // namespace simbroker::server091
