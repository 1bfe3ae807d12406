#include "simbroker/drive/asio_server_http.hpp"

#include <fmt/format.h>
#include <openssl/crypto.h>

#include <algorithm>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <deque>
#include <optional>

#include "simbroker/control/event_json.hpp"
#include "simbroker/drive/asio_server.hpp"

namespace simbroker::drive {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::size_t most_sessions = 256;
constexpr std::uint64_t largest_body = 1 << 20;
constexpr std::uint32_t largest_head = 16 << 10;
constexpr std::size_t most_unsent_events = std::size_t{16} << 20;  // octets, to one that does not read
constexpr auto patience = std::chrono::seconds(60);                // with one who connects and says nothing
constexpr auto farewell = std::chrono::seconds(2);  // for a client to stop sending after the last response

bool is_equal(std::string_view a, std::string_view b) {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string in_url(const std::string& host) { return host.find(':') == std::string::npos ? host : "[" + host + "]"; }

}  // namespace

class HttpSession : public std::enable_shared_from_this<HttpSession> {
public:
    HttpSession(tcp::socket socket, HttpServer& server) : stream_(std::move(socket)), server_(&server) {}

    void start() { read(); }
    void close();
    void publish(const TimedEvent& event);

private:
    using Parser = http::request_parser<http::string_body>;

    void read();
    void on_read(const error_code& error);
    std::optional<control::Problem> refused() const;
    void respond(control::Response response);
    void begin_stream(const control::Response& response);
    void wait_for_the_end();
    void say_goodbye();
    void pass_over_the_rest();
    void queue(std::string octets);
    void write_queue();
    void leave();

    beast::tcp_stream stream_;
    HttpServer* server_;  // nothing: it closed
    beast::flat_buffer buffer_;
    std::optional<Parser> parser_;
    http::response<http::string_body> response_;

    std::optional<control::Response::Stream> listens_;
    std::deque<std::string> queue_;  // the first is being written
    std::size_t unsent_ = 0;
};

// ---- one request after the other

void HttpSession::read() {
    parser_.emplace();
    parser_->body_limit(largest_body);
    parser_->header_limit(largest_head);
    stream_.expires_after(patience);
    http::async_read(stream_, buffer_, *parser_, [self = shared_from_this()](const error_code& error, std::size_t) {
        self->on_read(error);
    });
}

void HttpSession::on_read(const error_code& error) {
    if (!server_) return;
    stream_.expires_never();
    if (error == http::error::body_limit || error == http::error::header_limit) {
        const auto status = error == http::error::body_limit ? 413 : 431;
        parser_->get().keep_alive(false);
        return respond(control::to_response({.status = status, .detail = "the request is too large"}));
    }
    if (error && error.category() == http::make_error_code(http::error::bad_method).category() &&
        error != http::error::end_of_stream && error != http::error::partial_message) {
        parser_->get().keep_alive(false);
        return respond(control::to_response({.detail = "expected a request of HTTP/1.1: " + error.message()}));
    }
    if (error) return leave();
    if (const auto problem = refused()) return respond(control::to_response(*problem));
    const auto& message = parser_->get();
    const control::Request request{
        .method = std::string(message.method_string()),
        .target = std::string(message.target()),
        .body = message.body(),
    };
    server_->options().answer(request, [self = shared_from_this()](control::Response response) {
        if (self->server_) self->respond(std::move(response));
    });
}

// A browser names the page that asks (Origin): no page has any business here, unless somebody gave it the token.
std::optional<control::Problem> HttpSession::refused() const {
    const auto& message = parser_->get();
    const auto& token = server_->options().token;
    if (token.empty()) {
        if (message.find(http::field::origin) == message.end()) return std::nullopt;
        return control::Problem{.status = 403, .detail = "a web page asks (Origin), and no token protects this API"};
    }
    if (is_equal(message[http::field::authorization], "Bearer " + token)) return std::nullopt;
    return control::Problem{
        .status = 401,
        .detail = "expected the token of serve --control-token: Authorization: Bearer TOKEN",
        .headers = {{"WWW-Authenticate", "Bearer"}},
    };
}

void HttpSession::respond(control::Response response) {
    const auto& request = parser_->get();
    if (response.stream && request.method() != http::verb::head) return begin_stream(response);
    const bool keep = request.keep_alive();
    response_ = {};
    response_.version(11);
    response_.result(static_cast<unsigned>(response.status));
    if (!response.content_type.empty()) response_.set(http::field::content_type, response.content_type);
    for (const auto& [name, value] : response.headers) response_.set(name, value);
    response_.keep_alive(keep);
    const auto size = response.body.size();
    const bool only_head = request.method() == http::verb::head;
    if (!only_head) response_.body() = std::move(response.body);
    if (response.status != 204) response_.content_length(size);
    stream_.expires_after(patience);
    http::async_write(stream_, response_, [self = shared_from_this(), keep](const error_code& error, std::size_t) {
        if (!self->server_) return;
        if (error) return self->leave();
        keep ? self->read() : self->say_goodbye();
    });
}

// A client that is still sending would be reset, and lose the response: RFC 9112, 9.6.
void HttpSession::say_goodbye() {
    error_code ignored;
    stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
    stream_.expires_after(farewell);
    buffer_.clear();
    pass_over_the_rest();
}

void HttpSession::pass_over_the_rest() {
    const auto room = buffer_.prepare(65536);
    stream_.async_read_some(room, [self = shared_from_this()](const error_code& error, std::size_t) {
        if (!self->server_) return;
        error ? self->leave() : self->pass_over_the_rest();
    });
}

// ---- events, until the client leaves

// The end of the connection is the end of the body (RFC 9112, 6.3).
void HttpSession::begin_stream(const control::Response& response) {
    auto head = fmt::format("HTTP/1.1 200 OK\r\nContent-Type: {}\r\nConnection: close\r\n", response.content_type);
    for (const auto& [name, value] : response.headers) head += fmt::format("{}: {}\r\n", name, value);
    queue(head + "\r\n");
    listens_ = response.stream;
    for (const auto& event : server_->options().events(listens_->since)) publish(event);
    wait_for_the_end();
}

void HttpSession::publish(const TimedEvent& event) {
    if (!listens_ || event.sequence < listens_->since) return;
    const auto kind = to_string(event.event.kind);
    if (!listens_->kinds.empty() && std::ranges::find(listens_->kinds, kind) == listens_->kinds.end()) return;
    listens_->since = event.sequence + 1;
    queue(control::to_stream(event));
}

void HttpSession::wait_for_the_end() {
    stream_.async_read_some(buffer_.prepare(512), [self = shared_from_this()](const error_code& error, std::size_t) {
        if (!self->server_) return;
        error ? self->leave() : self->wait_for_the_end();
    });
}

void HttpSession::queue(std::string octets) {
    unsent_ += octets.size();
    queue_.push_back(std::move(octets));
    if (queue_.size() == 1) write_queue();
}

void HttpSession::write_queue() {
    if (unsent_ > most_unsent_events) return leave();
    const auto& first = queue_.front();
    asio::async_write(stream_, asio::buffer(first), [self = shared_from_this()](const error_code& error, std::size_t) {
        if (!self->server_) return;
        if (error) return self->leave();
        self->unsent_ -= self->queue_.front().size();
        self->queue_.pop_front();
        if (!self->queue_.empty()) self->write_queue();
    });
}

void HttpSession::leave() {
    auto* server = std::exchange(server_, nullptr);
    close();
    if (server) server->forget(shared_from_this());
}

void HttpSession::close() {
    server_ = nullptr;
    listens_.reset();
    error_code ignored;
    stream_.socket().shutdown(tcp::socket::shutdown_both, ignored);
    stream_.close();
}

// ---- the server

HttpServer::HttpServer(asio::io_context& io, Listeners listeners, Options options)
    : io_(io), listeners_(std::move(listeners)), options_(std::move(options)) {
    for (const auto& acceptor : listeners_.acceptors) {
        const auto address = acceptor.local_endpoint().address();
        if (address.is_loopback() || !options_.token.empty()) continue;
        const auto text = fmt::format(
            "control on {}:{}: who is not on this machine needs a token; expected --control-token or "
            "--control-token-file",
            in_url(address.to_string()),
            port()
        );
        throw ServerError(ServerError::Kind::cannot_listen, text);
    }
}

HttpServer::~HttpServer() = default;

void HttpServer::start() {
    for (std::size_t i = 0; i < listeners_.acceptors.size(); ++i) accept(i);
}

void HttpServer::accept(std::size_t listener) {
    listeners_.acceptors[listener].async_accept(io_, [this, listener](const error_code& error, tcp::socket socket) {
        if (error == asio::error::operation_aborted) return;
        if (!error && sessions_.size() < most_sessions) {
            error_code ignored;
            close_on_exec(socket.native_handle());
            socket.set_option(tcp::no_delay(true), ignored);
            const auto session = std::make_shared<HttpSession>(std::move(socket), *this);
            sessions_.insert(session);
            session->start();
        }
        accept(listener);
    });
}

void HttpServer::close() {
    error_code ignored;
    for (auto& acceptor : listeners_.acceptors) acceptor.close(ignored);
    for (const auto& session : std::exchange(sessions_, {})) session->close();
}

void HttpServer::publish(const TimedEvent& event) {
    const auto all = sessions_;  // a copy: one that does not read is dropped
    for (const auto& session : all) session->publish(event);
}

}  // namespace simbroker::drive
