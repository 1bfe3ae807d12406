// Why a scenario did not pass. Steps give it back as a value; the runner makes the verdict of it.
#pragma once

#include <expected>
#include <string>

namespace conformance::step {

struct Trouble {
    enum class Kind : std::uint8_t {
        fail,          // the peer under test did not do what was expected
        unsupported,   // the shim, the broker's capabilities or the way of driving lack what the scenario needs
        inconclusive,  // our own trouble: no connection at all, a step that cannot be carried out
    };

    Kind kind{};
    std::string text;
    // Where the one was waited for and the other came; both are in the text, too.
    std::string expected{};
    std::string got{};
};

using Outcome = std::expected<void, Trouble>;

inline std::unexpected<Trouble> fail(std::string text) {
    return std::unexpected(Trouble{Trouble::Kind::fail, std::move(text)});
}
inline std::unexpected<Trouble> fail(std::string text, std::string expected, std::string got) {
    return std::unexpected(Trouble{Trouble::Kind::fail, std::move(text), std::move(expected), std::move(got)});
}
// "expected a heartbeat, got nothing within 5s"
inline std::unexpected<Trouble> unmet(std::string expected, std::string got) {
    auto text = "expected " + expected + ", got " + got;
    return fail(std::move(text), std::move(expected), std::move(got));
}
inline std::unexpected<Trouble> unsupported(std::string text) {
    return std::unexpected(Trouble{Trouble::Kind::unsupported, std::move(text)});
}
inline std::unexpected<Trouble> inconclusive(std::string text) {
    return std::unexpected(Trouble{Trouble::Kind::inconclusive, std::move(text)});
}

}  // namespace conformance::step
