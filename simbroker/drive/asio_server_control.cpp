#include "simbroker/drive/asio_server_control.hpp"

#include <fmt/format.h>

namespace simbroker::drive {

control::Condition ServedLoop::condition() const {
    if (loop_.is_restarting()) return control::Condition::restarting;
    return loop_.is_down() ? control::Condition::down : control::Condition::up;
}

std::optional<Deadline> ServedLoop::advance_to_next() {
    auto reached = loop_.advance_to_next();
    if (!reached) return std::nullopt;
    return std::move(reached->deadline);
}

std::expected<std::optional<std::string>, std::string> ServedLoop::reset() {
    try {
        return hooks_.reset();
    } catch (const ServerError& error) {
        return std::unexpected(error.what());
    }
}

std::expected<std::string, std::string> ServedLoop::trace() {
    try {
        return hooks_.trace();
    } catch (const ServerError& error) {
        return std::unexpected(error.what());
    }
}

// ---- over HTTP

ControlServer::ControlServer(
    boost::asio::io_context& io,
    const ControlOptions& options,
    ServerLoop& loop,
    TimeSource& clock,
    ServedLoop::Hooks hooks
)
    : loop_(loop),
      served_(loop, clock, std::move(hooks)),
      http_(
          io,
          listen(io, options.host, options.port),
          HttpServer::Options{
              .token = options.token,
              .answer = [this](const auto& request, const auto& respond) { answer(request, respond); },
              .events = [this](std::uint64_t since) { return served_.events(since); },
          }
      ) {
    http_.start();
}

// The broker goes on where a request could not be carried out, such as a start on a port that somebody took meanwhile.
control::Response ControlServer::try_to_answer(const control::Request& request) {
    try {
        return api_.answer(request, served_);
    } catch (const ServerError& error) {
        return control::to_response({.status = 500, .detail = error.what()});
    }
}

void ControlServer::answer(const control::Request& request, const std::function<void(control::Response)>& respond) {
    const auto response = std::make_shared<control::Response>(try_to_answer(request));
    loop_.when_settled([response, respond] {
        if (response->late_body) response->body = response->late_body();
        respond(std::move(*response));
    });
}

std::string ControlServer::url() const {
    const auto& host = http_.host();
    const bool v6 = host.find(':') != std::string::npos;
    return fmt::format("http://{}:{}", v6 ? "[" + host + "]" : host, http_.port());
}

}  // namespace simbroker::drive
