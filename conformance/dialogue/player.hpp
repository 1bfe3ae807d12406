// Plays a dialogue on a stage and writes down what came back.
#pragma once

#include "conformance/dialogue/client.hpp"
#include "conformance/dialogue/dialogue.hpp"

namespace conformance::dialogue {

struct PlayOptions {
    // RabbitMQ as of 4.3 may refuse transient queues that are not exclusive. To ask it everything else nevertheless,
    // named queues become durable unless the act says durable, exclusive or passive itself.
    enum class NamedQueues : std::uint8_t { as_written, durable };

    NamedQueues named_queues = NamedQueues::as_written;
};

// How an answer ends when a connection could not be opened.
inline constexpr std::string_view no_connection = "no connection in good order";

// The answer in one line: what each act heard, separated by " | ". A dialogue that cannot go on says so at its end. The
// error is our own trouble: no connection at all, an act that cannot be sent.
std::expected<std::string, std::string> play(
    step::Stage& stage, const Dialogue& dialogue, const PlayOptions& options = {}
);

// Deletes the queues and exchanges the dialogue may have declared. For a broker that others use, too.
void clean_up(step::Stage& stage, const Dialogue& dialogue);

}  // namespace conformance::dialogue
