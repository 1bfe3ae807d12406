// headers: the binding's arguments are compared with the message's headers (3.1.3.4). What RabbitMQ adds: x-match
// values all-with-x and any-with-x, and that without them keys beginning with "x-" do not count.

#include <optional>

#include "simbroker/model/router.hpp"

namespace simbroker::model {
namespace {

using codec::amqp091::ByteArray;
using codec::amqp091::FieldTable;
using codec::amqp091::FieldValue;
using codec::amqp091::LongString;
using codec::amqp091::Timestamp;
using codec::amqp091::Void;
using profile::HeaderNumbers;

std::optional<std::int64_t> whole_number(const FieldValue& value) {
    if (const auto* time = value.as<Timestamp>()) return static_cast<std::int64_t>(time->seconds);
    return value.as_integer();
}

std::optional<double> fraction(const FieldValue& value) {
    if (const auto* single = value.as<float>()) return *single;
    if (const auto* number = value.as<double>()) return *number;
    return std::nullopt;
}

std::optional<std::string_view> text(const FieldValue& value) {
    if (const auto* string = value.as<LongString>()) return string->text;
    if (const auto* octets = value.as<ByteArray>()) return codec::wire::as_text(octets->octets);
    return std::nullopt;
}

// By value, across types that hold the same kind of thing.
bool equal(const FieldValue& a, const FieldValue& b, HeaderNumbers numbers) {
    const auto whole_a = whole_number(a);
    const auto whole_b = whole_number(b);
    if (whole_a && whole_b) return *whole_a == *whole_b;
    const auto fraction_a = fraction(a);
    const auto fraction_b = fraction(b);
    if (fraction_a && fraction_b) return *fraction_a == *fraction_b;
    if (numbers == HeaderNumbers::integers_equal_floats) {
        if (whole_a && fraction_b) return static_cast<double>(*whole_a) == *fraction_b;
        if (fraction_a && whole_b) return *fraction_a == static_cast<double>(*whole_b);
    }
    const auto text_a = text(a);
    const auto text_b = text(b);
    if (text_a && text_b) return *text_a == *text_b;
    return a.variant() == b.variant();
}

class HeadersRouter final : public Router {
public:
    explicit HeadersRouter(HeaderNumbers numbers) : numbers_(numbers) {}

    void add(const Binding& binding) override { bindings_.push_back(binding); }
    void remove(const Binding& binding) override { std::erase(bindings_, binding); }

    void route(const Passage& passage, std::vector<const Destination*>& out) override {
        const auto headers = passage.message->headers;
        for (const auto& binding : bindings_) {
            if (headers_match(binding.argument_table(), headers, numbers_)) out.push_back(&binding.destination);
        }
    }

private:
    HeaderNumbers numbers_;
    std::vector<Binding> bindings_;
};

}  // namespace

bool headers_match(FieldTable binding, FieldTable headers, HeaderNumbers numbers) {
    std::string_view mode = "all";
    if (const auto value = binding.find("x-match")) {
        if (const auto* string = value->as<LongString>()) mode = string->text;
    }
    const bool any = mode.starts_with("any");
    const bool with_x = mode.ends_with("-with-x");
    for (const auto& [name, wanted] : binding) {
        if (name == "x-match" || (!with_x && name.starts_with("x-"))) continue;
        const auto found = headers.find(name);
        const bool matched = found && (wanted.as<Void>() || equal(wanted, *found, numbers));
        if (matched == any) return any;
    }
    return !any;
}

std::unique_ptr<Router> make_headers_router(HeaderNumbers numbers) { return std::make_unique<HeadersRouter>(numbers); }

}  // namespace simbroker::model
