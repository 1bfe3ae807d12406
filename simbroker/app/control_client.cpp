#include "simbroker/app/control_client.hpp"

#include <fmt/format.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "simbroker/app/control_address.hpp"
#include "simbroker/app/control_socket.hpp"

namespace simbroker::app {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using nlohmann::json;

constexpr int bad_value = 2;
constexpr int nobody_listens = 69;

using Answer = std::expected<control::Reply, std::string>;

Answer read_reply(unsigned status, const std::string& body) {
    const auto reply = json::parse(body, nullptr, /*allow_exceptions=*/false);
    if (status == 200 && reply.is_object()) {
        return control::Reply{reply.value("status", nobody_listens), reply.value("text", "")};
    }
    return std::unexpected(reply.is_object() ? reply.value("detail", body) : fmt::format("status {}", status));
}

Answer ask_over_http(const HttpAddress& address, const std::string& token, const std::vector<std::string>& words) {
    try {
        asio::io_context io;
        beast::tcp_stream stream(io);
        stream.connect(asio::ip::tcp::resolver(io).resolve(address.host, std::to_string(address.port)));
        http::request<http::string_body> request(http::verb::post, "/commands", 11);
        request.set(http::field::host, address.host);
        request.set(http::field::content_type, "application/json");
        if (!token.empty()) request.set(http::field::authorization, "Bearer " + token);
        request.body() = json(words).dump(-1, ' ', false, json::error_handler_t::replace);
        request.keep_alive(false);
        request.prepare_payload();
        http::write(stream, request);
        beast::flat_buffer buffer;
        http::response<http::string_body> response;
        http::read(stream, buffer, response);
        return read_reply(response.result_int(), response.body());
    } catch (const boost::system::system_error& error) {
        return std::unexpected(error.code().message());
    }
}

}  // namespace

int ctl(const ControlArguments& arguments) {
    const auto failed = [&](int status, std::string_view why) {
        fmt::print(stderr, "simbroker ctl: {}: {}\n", arguments.address, why);
        return status;
    };
    const auto address = parse_control_address(arguments.address);
    if (!address) return failed(bad_value, address.error());
    const auto token = read_token(arguments.token, arguments.token_file);
    if (!token) return failed(bad_value, token.error());
    const auto* socket = std::get_if<UnixPath>(&*address);
    const auto reply = socket ? ask_over_socket(socket->path, arguments.words)
                              : ask_over_http(std::get<HttpAddress>(*address), *token, arguments.words);
    if (!reply) return failed(nobody_listens, reply.error());
    fmt::print(reply->status == 0 ? stdout : stderr, "{}", reply->text);
    return reply->status;
}

}  // namespace simbroker::app
