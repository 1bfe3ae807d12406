#include "codec/amqp091/utf8.hpp"

#include "codec/wire/utf8.hpp"

namespace codec::amqp091 {

bool has_malformed_short_string(const Method& method) {
    return std::visit(
        []<class M>(const M& m) {
            const auto malformed = [&]<class F>(const F& row) {
                if constexpr (!is_reserved<F> && std::is_same_v<typename F::type, ShortString>) {
                    return !wire::is_utf8((m.*row.member).text());
                }
                return false;
            };
            return std::apply([&](const auto&... rows) { return (malformed(rows) || ...); }, M::fields);
        },
        method
    );
}

}  // namespace codec::amqp091
