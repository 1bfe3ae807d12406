#include "conformance/runner/identify.hpp"

#include "conformance/step/handshake.hpp"

namespace conformance::runner {

namespace {

// The products of other people are not bound to be text.
std::string text_of(const nlohmann::json& properties, const char* name) {
    const auto found = properties.find(name);
    return found != properties.end() && found->is_string() ? found->get<std::string>() : "unknown";
}

}  // namespace

std::expected<Identity, std::string> identify_broker(step::Stage& stage) {
    step::Conversation conversation(stage, step::Role::broker, step::Variables{});
    const auto patience = step::Conversation::default_patience;
    if (auto done = step::connect(conversation, {{"name", "main"}, {"until", "start"}}, patience); !done) {
        return std::unexpected(done.error().text);
    }
    const auto line = conversation.line();
    if (!line) return std::unexpected(line.error().text);
    const auto& properties = (*line)->server_properties;
    Identity identity{text_of(properties, "product"), text_of(properties, "version")};
    conversation.drop(**line);
    return identity;
}

}  // namespace conformance::runner
