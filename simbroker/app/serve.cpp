// `simbroker serve`: runs the broker on sockets until a signal, and cranks a manual clock from standard input.
#include "simbroker/app/serve.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <expected>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>
#include <string_view>

#include "simbroker/app/control_address.hpp"
#include "simbroker/app/control_socket.hpp"
#include "simbroker/app/faults_file.hpp"
#include "simbroker/drive/asio_server.hpp"
#include "simbroker/drive/certificates.hpp"
#include "simbroker/extension/exchange_type.hpp"

namespace simbroker::app {

namespace {

using drive::Server;

constexpr int served = 0;
constexpr int cannot_serve = 1;
constexpr int bad_value = 2;

double seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

// ---- from what was typed to what the server takes

std::expected<Account, std::string> parse_user(const std::string& text) {
    const auto colon = text.find(':');
    if (colon == 0 || colon == std::string::npos) {
        return std::unexpected(fmt::format("--user: expected name:password, got \"{}\"", text));
    }
    return Account{text.substr(0, colon), text.substr(colon + 1), {}};
}

std::expected<profile::Profile, std::string> parse_profile(const std::string& name) {
    if (const auto* found = profile::find(name)) return *found;
    std::string names;
    for (const auto* known : profile::all()) names += fmt::format("{}{}", names.empty() ? "" : ", ", known->name);
    return std::unexpected(fmt::format("--profile: expected one of {}, got \"{}\"", names, name));
}

// Without a file everybody may open every virtual host.
std::expected<BrokerConfig, std::string> read_config(const ServeArguments& arguments) {
    if (arguments.config.empty()) {
        BrokerConfig config;
        config.vhosts.insert(config.vhosts.end(), arguments.vhosts.begin(), arguments.vhosts.end());
        for (auto& account : config.accounts) account.vhosts = config.vhosts;
        return config;
    }
    std::ifstream file(arguments.config, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    if (!file) return std::unexpected(fmt::format("--config: {} cannot be read", arguments.config));
    // The profile on the command line goes before that of the file, and what the file sets beside it goes before both.
    auto written = nlohmann::json::parse(text.str(), nullptr, /*allow_exceptions=*/false);
    if (written.is_object() && !arguments.profile.empty()) written["profile"] = arguments.profile;
    auto config = config_from_json(written.is_object() ? written.dump() : text.str());
    if (!config) return std::unexpected(fmt::format("--config: {}: {}", arguments.config, config.error()));
    config->vhosts.insert(config->vhosts.end(), arguments.vhosts.begin(), arguments.vhosts.end());
    return config;
}

std::expected<std::vector<std::string>, std::string> parse_plugins(const std::vector<std::string>& names) {
    if (names == std::vector<std::string>{"none"}) return std::vector<std::string>{};
    for (const auto& name : names) {
        if (auto refused = extension::refused_plugin(name)) return std::unexpected("--plugin: " + *refused);
    }
    return names;
}

std::expected<BrokerConfig, std::string> parse_config(const ServeArguments& arguments) {
    auto read = read_config(arguments);
    if (!read) return read;
    auto& config = *read;
    if (!arguments.profile.empty() && arguments.config.empty()) {
        auto profile = parse_profile(arguments.profile);
        if (!profile) return std::unexpected(profile.error());
        config.profile = *profile;
    }
    if (!arguments.users.empty()) config.accounts.clear();
    for (const auto& text : arguments.users) {
        auto account = parse_user(text);
        if (!account) return std::unexpected(account.error());
        account->vhosts = config.vhosts;
        config.accounts.push_back(std::move(*account));
    }
    if (arguments.deny_deprecated_features) config.deprecated_features = DeprecatedFeatures::deny;
    if (!arguments.plugins.empty()) {
        auto plugins = parse_plugins(arguments.plugins);
        if (!plugins) return std::unexpected(plugins.error());
        config.plugins = std::move(*plugins);
    }
    if (!arguments.auth_mechanisms.empty()) config.auth_mechanisms = arguments.auth_mechanisms;
    if (const auto login = certificate_login_from(arguments.certificate_login)) config.certificate_login = *login;
    config.observe_messages |= arguments.loudness == Loudness::verbose;
    return config;
}

std::optional<drive::TlsOptions> tls_of(const ServeArguments& arguments) {
    using drive::PeerVerification;
    if (!arguments.tls_port) return std::nullopt;
    const auto& verify = arguments.tls_verify;
    return drive::TlsOptions{
        .port = *arguments.tls_port,
        .shown = {.certificate = arguments.tls_certificate, .key = arguments.tls_key},
        .others = drive::bad_certificates_beside(arguments.tls_certificate),
        .authority = arguments.tls_authority,
        .verification = verify == "required" ? PeerVerification::required
                        : verify == "peer"   ? PeerVerification::peer
                                             : PeerVerification::none,
    };
}

// Only HTTP is the server's own; a Unix socket is this program's.
std::expected<void, std::string> parse_control(const ServeArguments& arguments, drive::ServerOptions& options) {
    const auto token = read_token(arguments.control_token, arguments.control_token_file);
    if (!token) return std::unexpected("--control-token-file: " + token.error());
    if (arguments.control.empty()) return {};
    auto address = parse_control_address(arguments.control);
    if (!address) return std::unexpected("--control: " + address.error());
    auto* http = std::get_if<HttpAddress>(&*address);
    if (!http && !token->empty()) {
        return std::unexpected("--control-token: a Unix socket takes no token; expected --control HOST:PORT");
    }
    if (http) options.control = {.host = std::move(http->host), .port = http->port, .token = *token};
    return {};
}

std::expected<drive::ServerOptions, std::string> parse_options(const ServeArguments& arguments) {
    auto config = parse_config(arguments);
    if (!config) return std::unexpected(config.error());
    const auto clock = drive::ClockChoice::parse(arguments.clock);
    if (!clock) return std::unexpected("--" + clock.error());

    drive::ServerOptions options{
        .host = arguments.host,
        .port = arguments.port,
        .clock = *clock,
        .config = std::move(*config),
        .seed = arguments.seed,
    };
    if (auto opened = parse_control(arguments, options); !opened) return std::unexpected(opened.error());
    if (!options.control) options.most_events = 1;  // they go to the log, nobody asks for them later
    if (arguments.loudness != Loudness::quiet) {
        options.on_waiting = [](const std::string& text) { fmt::print(stderr, "{}\n", text); };
    }
    if (!arguments.faults.empty()) {
        auto faults = read_faults(arguments.faults);
        if (!faults) return std::unexpected("--faults: " + faults.error());
        options.faults = std::move(*faults);
    }
    options.tls = tls_of(arguments);
    if (!arguments.trace.empty()) options.trace = arguments.trace;
    options.on_event = [loudness = arguments.loudness](Instant at, const Event& event) {
        if (is_worth_a_line(event, loudness)) fmt::print(stderr, "{}\n", event_line(at, event));
    };
    return options;
}

// Every connection takes a descriptor, and a program may raise the usual limit of 1024 by itself.
void allow_many_descriptors() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

// ---- signals and standard input, one after the other in one place

class Signals {
public:
    Signals() {
        sigset_t set;
        sigemptyset(&set);
        sigaddset(&set, SIGINT);
        sigaddset(&set, SIGTERM);
        // Before the server's thread exists, so that it inherits the mask and the signals come here.
        pthread_sigmask(SIG_BLOCK, &set, nullptr);
        descriptor_ = signalfd(-1, &set, SFD_CLOEXEC);
        signal(SIGPIPE, SIG_IGN);
    }
    ~Signals() { ::close(descriptor_); }
    Signals(const Signals&) = delete;
    Signals& operator=(const Signals&) = delete;
    int descriptor() const { return descriptor_; }

private:
    int descriptor_ = -1;
};

std::optional<Duration> parse_seconds(std::string_view text) {
    constexpr double most = 9e9;
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool good = error == std::errc{} && end == text.data() + text.size() && value >= 0 && value <= most;
    if (!good) return std::nullopt;
    return Duration(static_cast<Duration::rep>(std::llround(value * 1e9)));
}

std::string crank(Server& server, std::string_view command) {
    constexpr std::string_view advance = "advance ";
    const auto now = [&server] { return seconds(server.now().time_since_epoch()); };
    if (command == "advance-to-next") {
        const auto reached = server.advance_to_next();
        if (!reached) return fmt::format("nothing is due, now {:.9f} s", now());
        const auto what = to_string(reached->deadline);
        return fmt::format("advanced {:.9f} s, now {:.9f} s: {}", seconds(reached->passed), now(), what);
    }
    if (command.starts_with(advance)) {
        if (const auto by = parse_seconds(command.substr(advance.size()))) {
            server.advance(*by);
            return fmt::format("advanced {:.9f} s, now {:.9f} s", seconds(*by), now());
        }
    }
    return fmt::format("standard input: expected \"advance SECONDS\" or \"advance-to-next\", got \"{}\"", command);
}

class Cranks {
public:
    explicit Cranks(Server& server) : server_(server) {}

    // False at the end of standard input.
    bool read_some() {
        std::array<char, 4096> buffer;
        const auto count = ::read(STDIN_FILENO, buffer.data(), buffer.size());
        if (count <= 0) return false;
        rest_.append(buffer.data(), static_cast<std::size_t>(count));
        for (auto end = rest_.find('\n'); end != std::string::npos; end = rest_.find('\n')) {
            obey(rest_.substr(0, end));
            rest_.erase(0, end + 1);
        }
        return true;
    }

private:
    void obey(const std::string& line) {
        if (line.empty()) return;
        try {
            fmt::print(stderr, "{}\n", crank(server_, line));
        } catch (const drive::ServerError& error) {
            fmt::print(stderr, "{}\n", error.what());
        }
    }

    Server& server_;
    std::string rest_;
};

control::Reply run_command(Server& server, std::span<const std::string> words) {
    try {
        const control::Hands hands{
            .ask = [&](const Input& input) { return server.ask(input); },
            .faults = [&] { return server.faults(); },
        };
        return control::run(words, hands);
    } catch (const drive::ServerError& error) {
        return {.status = cannot_serve, .text = fmt::format("Error: {}\n", error.what())};
    }
}

// poll() passes over what has the descriptor -1.
void run_until_signal(Server& server, const Signals& signals, drive::ClockKind clock, ControlSocket* control) {
    Cranks cranks(server);
    const bool cranked = clock == drive::ClockKind::manual;
    std::array<pollfd, 3> watched{{
        {signals.descriptor(), POLLIN, 0},
        {cranked ? STDIN_FILENO : -1, POLLIN, 0},
        {control ? control->descriptor() : -1, POLLIN, 0},
    }};
    for (;;) {
        if (::poll(watched.data(), watched.size(), -1) < 0) continue;  // interrupted
        if (watched[0].revents != 0) return;
        if (watched[1].revents != 0 && !cranks.read_some()) watched[1].fd = -1;
        if (watched[2].revents != 0) control->serve_one([&](auto words) { return run_command(server, words); });
    }
}

}  // namespace

int serve(const ServeArguments& arguments) {
    auto options = parse_options(arguments);
    if (!options) {
        fmt::print(stderr, "simbroker serve: {}\n", options.error());
        return bad_value;
    }
    const auto clock = options->clock.kind;
    const Signals signals;
    allow_many_descriptors();
    std::optional<ControlSocket> control;
    if (!arguments.control.empty() && !options->control) {
        auto listening = ControlSocket::listen(std::get<UnixPath>(*parse_control_address(arguments.control)).path);
        if (!listening) {
            fmt::print(stderr, "simbroker serve: {}\n", listening.error());
            return cannot_serve;
        }
        control.emplace(std::move(*listening));
    }
    try {
        Server server(std::move(*options));
        const bool v6 = server.host().find(':') != std::string::npos;
        fmt::print("ready amqp://{}:{}\n", v6 ? "[" + server.host() + "]" : server.host(), server.port());
        if (server.tls_port())
            fmt::print("ready amqps://{}:{}\n", v6 ? "[" + server.host() + "]" : server.host(), *server.tls_port());
        if (const auto url = server.control_url()) fmt::print("ready {}\n", *url);
        std::fflush(stdout);
        run_until_signal(server, signals, clock, control ? &*control : nullptr);
        server.close();
    } catch (const drive::ServerError& error) {
        fmt::print(stderr, "simbroker serve: {}\n", error.what());
        return cannot_serve;
    }
    return served;
}

}  // namespace simbroker::app
